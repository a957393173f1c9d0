"""Who may call the portal, by which name and from where; what browsers keep of it and what its cookies hold."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from typing import cast as typed

import pytest
from flask import Flask, flash
from itsdangerous import URLSafeTimedSerializer
from structlog.testing import capture_logs

from clinic.operations import trusted_hosts
from clinic.web.kit.sealing import seal, unseal
from clinic.web.kit.session_cookie import SessionInterface
from tests.people import ANA, PASSWORD, Cast
from tests.settings import PRODUCTION, SETTINGS
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
Build = Callable[..., Flask]
EVIL = "evil.example"


@pytest.fixture
def clinic(make_app: Build, app: Flask) -> Build:
    """An application with other settings on the present database."""
    return lambda **more: make_app(database_url=app.config["SQLALCHEMY_DATABASE_URI"], **more)


def serializer_of(app: Flask) -> URLSafeTimedSerializer:
    """What writes and reads the cookie of an application."""
    found = typed(SessionInterface, app.session_interface).get_signing_serializer(app)
    assert found is not None
    return found


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/api/v1/departments/", "/nowhere", "/healthz/more"])
def test_by_a_name_that_is_not_ours_nothing_is_answered(clinic: Build, path: str) -> None:
    client = clinic(trusted_hosts="clinic.example").test_client()
    refused = client.get(path, headers={"Host": EVIL})
    assert refused.status_code == 400
    assert EVIL not in refused.get_data(as_text=True)
    reason = "The portal isn't reached by this name. Please use the clinic's own address."
    assert reason in html.unescape(refused.get_data(as_text=True))
    if path.startswith("/api/"):
        assert (refused.get_json()["code"], refused.get_json()["message"]) == ("bad_request", reason)
    for host in ("clinic.example", "CLINIC.example:8443", "localhost:8000", "127.0.0.1", "[::1]:8000"):
        assert client.get(path, headers={"Host": host}).status_code == (
            404 if "/nowhere" in path or "/more" in path else 200
        ), host


@pytest.mark.parametrize("host", ["web:8000", "10.1.2.3:8000", "clinic-7f9c", "[::2]", EVIL, "["])
def test_programs_that_watch_the_portal_call_it_by_any_name(clinic: Build, host: str) -> None:
    token = "a-token-of-the-monitoring"
    client = clinic(**PRODUCTION, metrics_token=token).test_client()
    for path in ("/healthz", "/readyz", "/metrics"):
        answer = client.get(path, headers={"Host": host, "Authorization": f"Bearer {token}"})
        assert answer.status_code == 200, path
    assert client.get("/metrics", headers={"Host": host}).status_code == 401
    assert client.get("/", headers={"Host": host}).status_code == 400


def test_a_client_at_an_address_of_its_own_calls_the_api_at_another(clinic: Build, cast: Cast) -> None:
    """The single page client is at FRONTEND_URL; where the portal answers is PUBLIC_URL."""
    apart = {"frontend_url": "https://app.example", "public_url": "https://api.example"}
    client = clinic(**PRODUCTION | apart, trusted_proxies=1).test_client()
    headers = {"Host": "api.example", "Origin": "https://app.example", "X-Forwarded-Proto": "https"}
    listed = client.get("/api/v1/departments/?page_size=1", headers=headers)
    assert listed.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert listed.get_json()["next"].startswith("https://api.example/api/v1/departments/")
    preflight = client.options("/api/v1/auth/login/", headers=headers | {"Access-Control-Request-Method": "POST"})
    assert preflight.status_code < 300
    assert client.get("/api/v1/departments/", headers={"Host": "app.example"}).status_code == 400


def refused_names(lines: list[Any]) -> list[tuple[str, bool, str]]:
    """What the log says of names: each, whether it was refused, and what the operator is told to do."""
    return [(line["host"], line["refused"], line["hint"]) for line in lines if line["event"] == "untrusted host"]


def test_the_operator_learns_of_a_name_that_was_refused(clinic: Build) -> None:
    client = clinic(trusted_hosts="clinic.example").test_client()
    with capture_logs() as lines:
        for _ in range(3):
            client.get("/", headers={"Host": "old-name.example:8443"})
            client.get("/", headers={"Host": "inside", "X-Forwarded-Host": "clinic.example"})
            client.get("/", headers={"Host": "127.0.0.1:8000", "X-Forwarded-Host": "clinic.example"})
            client.get("/", headers={"Host": "127.0.0.1:8000", "X-Forwarded-Host": "127.0.0.1:8000"})
            client.get("/", headers={"Host": "clinic.example", "X-Forwarded-Host": "clinic.example"})
    assert refused_names(lines) == [
        ("old-name.example", True, trusted_hosts.ALLOW),
        ("inside", True, trusted_hosts.PASS_ON),
        ("127.0.0.1", False, trusted_hosts.PASS_ON),
    ]


def test_who_makes_up_names_does_not_fill_the_log(clinic: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    client, times = clinic(trusted_hosts="clinic.example").test_client(), [1000.0]
    monkeypatch.setattr(trusted_hosts, "monotonic", lambda: times[0])
    with capture_logs() as lines:
        for number in range(30):
            client.get("/", headers={"Host": f"n{number}.example"})
    assert len(refused_names(lines)) == trusted_hosts.NAMES_MOST
    times[0] += trusted_hosts.LOG_EVERY
    with capture_logs() as lines:
        client.get("/", headers={"Host": "n1.example"})
    assert len(refused_names(lines)) == 1


def test_a_name_with_other_letters_is_the_one_that_browsers_write(clinic: Build) -> None:
    client = clinic(trusted_hosts="phòngkhám.example").test_client()
    host = "phòngkhám.example".encode("idna").decode()
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_no_name_of_a_client_reaches_addresses_in_answers(clinic: Build, cast: Cast) -> None:
    """Whoever reads an answer that another one asked for is led to the clinic."""
    client = clinic(public_url="https://clinic.example", trusted_proxies=1).test_client()
    headers = {"Host": EVIL, "X-Forwarded-Host": EVIL, "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    listed = client.get("/api/v1/departments/?page_size=1", headers=headers).get_json()
    assert listed["next"] == "https://clinic.example/api/v1/departments/?page_size=1&page=2"
    links = client.get("/api/v1/", headers=headers).get_json()["links"]
    assert all(link.startswith("https://clinic.example/api/") for link in links.values())


def test_a_proxy_does_not_say_by_which_name_the_portal_was_called(clinic: Build) -> None:
    client = clinic(trusted_proxies=1).test_client()
    headers = {"X-Forwarded-Host": EVIL, "X-Forwarded-For": "203.0.113.9"}
    assert EVIL not in client.get("/api/v1/", headers=headers).get_data(as_text=True)


def test_without_such_a_setting_addresses_are_of_the_host_that_was_called(app: Flask) -> None:
    links = app.test_client().get("/api/v1/", headers={"Host": "here.example:8000"}).get_json()["links"]
    assert all(link.startswith("http://here.example:8000/api/") for link in links.values())


# --- other sites ------------------------------------------------------------------------------------------------------


def test_what_another_site_sends_is_refused_before_its_token_is_read(as_: As) -> None:
    ana = as_("ana")
    form = ana.get("/account/devices/all/end").values("Sign out everywhere")
    sent = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert ana.post("/account/devices/all/end", form, headers=sent).status == 400
    assert ana.get("/patient/").status == 200, "still signed in"
    assert ana.get("/patient/", headers=sent).status == 200, "a link of another site may be followed"


@pytest.mark.parametrize("site", ["same-origin", "same-site", "none"])
def test_what_our_own_pages_send_is_taken(as_: As, site: str) -> None:
    ana = as_("ana")
    form = ana.get("/account/devices/others/end").values("Sign out the others")
    assert ana.post("/account/devices/others/end", form, headers={"Sec-Fetch-Site": site}).status == 303


def test_programs_of_other_origins_call_the_api(app: Flask, cast: Cast) -> None:
    signed = app.test_client().post(
        "/api/v1/auth/login/", json={"email": ANA, "password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert signed.status_code == 200
    assert "Cross-Origin-Resource-Policy" not in signed.headers


def test_no_other_site_may_load_our_pages(guest: Visitor) -> None:
    assert guest.get("/").headers["Cross-Origin-Resource-Policy"] == "same-origin"


# --- what browsers keep -----------------------------------------------------------------------------------------------


def test_who_signs_out_leaves_nothing_in_the_browser(as_: As) -> None:
    chen = as_("chen")
    assert "Clear-Site-Data" not in chen.get("/doctor/").headers
    assert chen.command("/logout").headers["Clear-Site-Data"] == '"cache", "storage"'
    ana = as_("ana")
    everywhere = ana.get("/account/devices/all/end").press("Sign out everywhere")
    assert everywhere.headers["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.parametrize("overrides", [{}, {"frontend_url": "http://localhost:8000"}])
def test_cookies_of_production_are_for_this_host_over_https_alone(clinic: Build, overrides: dict[str, str]) -> None:
    client = clinic(**PRODUCTION | overrides).test_client()
    cookies = client.get("/login", base_url="https://localhost").headers.getlist("Set-Cookie")
    (ours,) = [cookie for cookie in cookies if cookie.startswith("__Host-clinic_session=")]
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(ours.split("; "))
    assert "Domain" not in ours


def test_cookies_of_a_portal_to_try_come_over_http(app: Flask) -> None:
    (cookie,) = app.test_client().get("/login").headers.getlist("Set-Cookie")
    assert cookie.startswith("clinic_session=")
    assert "Secure" not in cookie


def test_a_message_that_names_somebody_cannot_be_read_in_the_cookie(app: Flask) -> None:
    with app.test_request_context():
        from flask import session  # noqa: PLC0415 - of this request

        flash("Nguyễn Thị Hoa was moved to Room 2.", "success")
        cookie = serializer_of(app).dumps(dict(session))
    payload, _, _ = cookie.rpartition(".")[0].rpartition(".")
    plain = URLSafeTimedSerializer("any key").load_payload(payload.encode())
    assert plain["_flashes"]
    assert "Hoa" not in str(plain)
    with app.app_context():
        held = serializer_of(app).loads(cookie)
    assert held["_flashes"] == [("success", "Nguyễn Thị Hoa was moved to Room 2.")]


def test_a_cookie_with_a_shorter_signature_is_none(app: Flask) -> None:
    """SHA-1 signed them once."""
    old = URLSafeTimedSerializer(
        app.config["SECRET_KEY"], salt="cookie-session", signer_kwargs={"key_derivation": "hmac"}
    ).dumps({"a": 1})
    with app.app_context(), pytest.raises(Exception, match="does not match"):
        serializer_of(app).loads(old)


# --- what is said to strangers ----------------------------------------------------------------------------------------


def test_a_name_that_was_searched_for_stays_out_of_the_entrance(guest: Visitor) -> None:
    for path in (
        "/admin/patients?search=Nguy%E1%BB%85n+Hoa",
        "/admin/appointments?whose=Hoa&page=2",
        "/admin/users?q=Hoa",
    ):
        assert guest.get(path).goes_to == f"/login?next={path.partition('?')[0]}"
    assert guest.get("/patient/appointments?page=2").goes_to == "/login?next=/patient/appointments?page%3D2"


@pytest.mark.parametrize(
    ("headers", "address", "reads"),
    [
        ({}, "127.0.0.1", True),
        ({}, "203.0.113.9", False),
        ({"X-Forwarded-For": "203.0.113.9"}, "127.0.0.1", False),
        ({"Authorization": "Bearer a-token-of-the-monitoring"}, "203.0.113.9", True),
        ({"Authorization": "Bearer another-token"}, "203.0.113.9", False),
    ],
)
def test_why_the_portal_is_not_ready_is_for_its_operator(
    make_app: Build, tmp_path: Any, headers: dict[str, str], address: str, reads: bool
) -> None:
    client = make_app(
        database_url=f"sqlite:///{tmp_path}/empty.db", metrics_token="a-token-of-the-monitoring"
    ).test_client()
    answer = client.get("/readyz", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert (answer.status_code, answer.get_json()["status"]) == (503, "unavailable")
    assert ("problem" in answer.get_json()) is reads


def fields_of(text: str) -> dict[str, str]:
    """The lines of a security.txt (RFC 9116)."""
    return dict(line.split(": ", 1) for line in text.splitlines())


def test_who_found_a_hole_learns_whom_to_tell(clinic: Build, clock_at: Callable[[str], datetime]) -> None:
    now = clock_at("2026-03-02 12:00")
    client = clinic(**PRODUCTION, security_contact="security@clinic.example").test_client()
    answer = client.get("/.well-known/security.txt", base_url="https://clinic.example")
    assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
    assert not answer.headers.getlist("Set-Cookie"), "it is the same for everybody"
    told = fields_of(answer.get_data(as_text=True))
    assert told["Contact"] == "mailto:security@clinic.example"
    assert told["Canonical"] == "https://clinic.example/.well-known/security.txt"
    assert timedelta(days=300) < datetime.fromisoformat(told["Expires"]) - now < timedelta(days=365)


def test_without_an_address_of_its_own_the_clinics_is_told(clinic: Build) -> None:
    client = clinic(clinic_file=None, clinic_email="desk@clinic.example").test_client()
    assert fields_of(client.get("/.well-known/security.txt").get_data(as_text=True))["Contact"] == (
        "mailto:desk@clinic.example"
    )
    assert clinic(clinic_file=None).test_client().get("/.well-known/security.txt").status_code == 404


# --- another secret ---------------------------------------------------------------------------------------------------

NEW_SECRET = "1c9d0a7be5f2438690d7e1b3c5a4f28617e0b9d3c8a5f64217d09be3a6c5f812"


def test_after_a_rotation_browsers_forms_and_what_waits_go_on_while_the_old_secret_is_named(
    clinic: Build, app: Flask, as_: As
) -> None:
    ana = as_("ana")
    page = ana.get("/account/devices/others/end")
    (token,) = {node.attrs["value"] for node in page.main.all("input") if node.get("name") == "csrf_token"}
    with app.app_context():
        sealed = seal(b"typed")
    cookie = ana.client.get_cookie("clinic_session")
    assert cookie is not None

    def tried(rotated: Flask) -> tuple[int, int, bytes | None]:
        client = rotated.test_client()
        client.set_cookie("clinic_session", cookie.value)
        read = client.get("/patient/").status_code
        sent = client.post("/account/devices/others/end", data={"csrf_token": token}).status_code
        with rotated.app_context():
            return read, sent, unseal(sealed, within=timedelta(hours=1))

    assert tried(clinic(secret_key=NEW_SECRET)) == (303, 400, None)
    assert tried(clinic(secret_key=NEW_SECRET, secret_key_fallbacks=SETTINGS["secret_key"])) == (200, 303, b"typed")
