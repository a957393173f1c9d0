"""How often somebody may try, on real servers: in memory, in Redis for many processes, and with Redis away."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable

import httpx
import pytest

from clinic.limits import SIGN_INS_BY_ADDRESS
from tests.api.caller import PREFIX, SHAPE
from tests.people import ANA, BORIS, PASSWORD, plant
from tests.servers import LiveServer, free_port
from tests.settings import PATIENCE

Start = Callable[..., LiveServer]
ORIGIN = "http://localhost:8000"
DEEP = b'{"email": "ana@example.com", "more": ' + b"[" * 50_000


@pytest.fixture(params=["sqlite"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Limits know no database: one is enough."""
    return str(request.param)


def client_of(server: LiveServer) -> httpx.Client:
    """A client of a server."""
    return httpx.Client(base_url=server.url + PREFIX, timeout=PATIENCE, headers={"Origin": ORIGIN})


def sign_in(client: httpx.Client, email: str, password: str = "wrong", path: str = "token/") -> httpx.Response:
    """Try to sign in."""
    return client.post(path, json={"email": email, "password": password})


def check_refusal(answer: httpx.Response) -> None:
    """Hold a 429 against the API's promise."""
    assert answer.status_code == 429
    assert set(answer.json()) == SHAPE
    assert answer.json()["code"] == "too_many_requests"
    assert 0 <= int(answer.headers["Retry-After"]) <= 3600
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


def ten_wrong_ones_of_one_account(client: httpx.Client, other: httpx.Client) -> None:
    """Try an account at two servers, by both paths and however its e-mail is written, until it has to wait."""
    forms = [ANA, ANA.upper(), f" {ANA} ", ANA.title()]
    statuses = [
        sign_in(server, forms[number % 4], path=("token/", "auth/login/")[number % 2]).status_code
        for number, server in enumerate([client, other] * 5)
    ]
    assert statuses == [401] * 10
    for server in (client, other):
        check_refusal(sign_in(server, ANA))
        check_refusal(sign_in(server, ANA.upper(), PASSWORD, "auth/login/"))
        assert sign_in(server, BORIS, PASSWORD).status_code == 200, "another account may go on"


def test_in_memory(start_server: Start) -> None:
    server = start_server(ratelimit_enabled=True)
    with server.app.app_context():
        plant()
    with client_of(server) as client:
        assert [sign_in(client, BORIS, PASSWORD).status_code for _ in range(12)] == [200] * 12, "successes are free"
        ten_wrong_ones_of_one_account(client, client)
        deep = client.post("token/", content=DEEP, headers={"Content-Type": "application/json"})
        assert deep.json()["code"] == "malformed_json"

        mails = [client.post("auth/forgot-password/", json={"email": ANA}) for _ in range(6)]
        assert [answer.status_code for answer in mails] == [200] * 5 + [429]
        check_refusal(mails[-1])
        others = [client.post("auth/forgot-password/", json={"email": f"x{n}@y.example"}) for n in range(16)]
        assert {answer.status_code for answer in others[:14]} == {400}
        check_refusal(others[-1])

        registrations = [client.post("auth/register/", json={}) for _ in range(31)]
        assert {answer.status_code for answer in registrations[:30]} == {400}
        check_refusal(registrations[-1])
        assert client.get("departments/").status_code == 200


def test_where_unknown_emails_are_hidden_they_are_counted_as_known_ones(start_server: Start) -> None:
    server = start_server(ratelimit_enabled=True, hide_unknown_emails=True)
    with server.app.app_context():
        plant()
    with client_of(server) as client:
        for email in (ANA, "nobody@example.com"):
            answers = [client.post("auth/forgot-password/", json={"email": email}) for _ in range(6)]
            assert [answer.status_code for answer in answers] == [200] * 5 + [429]
            check_refusal(answers[-1])


def test_one_address_may_not_try_account_after_account(start_server: Start) -> None:
    with client_of(start_server(ratelimit_enabled=True)) as client:
        answers = [sign_in(client, f"x{n}@y.example") for n in range(51)]
    assert {answer.status_code for answer in answers[:50]} == {401}
    check_refusal(answers[-1])


def test_a_flood_of_sign_ins_ends_before_the_database_on_pages_too(start_server: Start) -> None:
    server, most = start_server(ratelimit_enabled=True), int(SIGN_INS_BY_ADDRESS.split()[0])
    paths = ("token/", "auth/login/", "auth/second-factor/")
    with client_of(server) as client:
        answers = [client.post(paths[number % 3], json={}) for number in range(most + 1)]
        for path in paths:
            check_refusal(client.post(path, json={}))
    assert {answer.status_code for answer in answers[:most]} == {400}
    check_refusal(answers[-1])
    with httpx.Client(base_url=server.url, timeout=PATIENCE, headers={"Origin": server.url}) as browser:
        shown = browser.get("/login")
        assert shown.status_code == 200, "the form is still shown"
        form = {"csrf_token": re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', shown.text)[0]}
        pages = [browser.post(path, data=form) for path in ("/login", "/login/second-factor", "/login/set-up-factor")]
    assert [page.status_code for page in pages] == [429] * 3


@pytest.mark.parametrize(
    "forwarded",
    ["198.51.100.77:{port}", "[2001:db8::{part:x}]:{port}", "::ffff:198.51.100.77", "nonsense {port}"],
)
def test_behind_a_proxy_a_person_is_one_whatever_it_writes(start_server: Start, forwarded: str) -> None:
    """Some proxies write the port, which is another for each connection; a device changes its IPv6 address at will."""
    with client_of(start_server(ratelimit_enabled=True, trusted_proxies=1)) as client:
        sent = [{"X-Forwarded-For": forwarded.format(port=40_000 + part, part=part)} for part in range(51)]
        guess = {"password": "wrong"}
        answers = [
            client.post("token/", json={"email": f"x{n}@y.example", **guess}, headers=sent[n]) for n in range(51)
        ]
        away = {"X-Forwarded-For": "203.0.113.9:1"}
        elsewhere = client.post("token/", json={"email": "x@y.example", **guess}, headers=away)
    assert {answer.status_code for answer in answers[:50]} == {401}
    check_refusal(answers[-1])
    assert elsewhere.status_code == 401, "somebody else may go on"


def test_a_large_network_may_ten_times_as_much_as_a_household(start_server: Start) -> None:
    with client_of(start_server(ratelimit_enabled=True, trusted_proxies=1)) as client:

        def register(address: str) -> httpx.Response:
            return client.post("auth/register/", json={}, headers={"X-Forwarded-For": address})

        answers = [register(f"2001:db8:1:{number:x}::1") for number in range(301)]
        elsewhere = register("2001:db8:2::1")
    assert {answer.status_code for answer in answers[:300]} == {400}
    check_refusal(answers[-1])
    assert elsewhere.status_code == 400


def test_in_redis_for_many_processes(start_server: Start, redis_url: str) -> None:
    first = start_server(ratelimit_enabled=True, redis_url=redis_url)
    second = start_server(ratelimit_enabled=True, redis_url=redis_url)
    for server in (first, second):
        with server.app.app_context():
            plant()
    with client_of(first) as client, client_of(second) as other:
        deep = client.post("token/", content=DEEP, headers={"Content-Type": "application/json"})
        assert deep.status_code == 400, "what can't be read doesn't pass for a Redis that is away"
        mails = [each.post("auth/forgot-password/", json={"email": ANA}) for each in [client, other] * 3]
    assert [answer.status_code for answer in mails] == [200] * 5 + [429]
    check_refusal(mails[-1])


def test_with_redis_away_each_process_counts_for_itself(start_server: Start) -> None:
    server = start_server(ratelimit_enabled=True, redis_url=f"redis://127.0.0.1:{free_port()}/0")
    with server.app.app_context():
        plant()
    with client_of(server) as client:
        ten_wrong_ones_of_one_account(client, client)


def test_a_redis_that_hangs_holds_nobody(start_server: Start) -> None:
    """It takes connections and never answers, as when its machine is paused."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = start_server(ratelimit_enabled=True, redis_url=f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        with server.app.app_context():
            plant()
        with client_of(server) as client:
            ten_wrong_ones_of_one_account(client, client)
