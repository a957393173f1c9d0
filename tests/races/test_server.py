"""The server as a process: it ends when it is told to, whatever goes on, and what comes in meanwhile isn't lost."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import time
import urllib.request
from contextlib import AbstractContextManager, ExitStack, suppress
from pathlib import Path

import httpx
import psutil
import pytest

from clinic.operations.metrics_folder import MetricsFolder
from clinic.operations.readiness import why_unfit
from clinic.version import VERSION
from tests.load import load
from tests.people import ANA, PASSWORD, Cast
from tests.races.server_process import Process, Start
from tests.servers import ROOT, free_port
from tests.settings import PATIENCE, PRODUCTION

#: Seconds after which a server that is about to give up has done so.
SETTLED = 15
HALF_SENT = b"POST /api/v1/auth/login/ HTTP/1.1\r\nHost: clinic.example\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
FORM = b" /doctors HTTP/1.1\r\nHost: clinic.example\r\nContent-Type: application/x-www-form-urlencoded\r\n"
#: People who read on meanwhile.
READERS = 3
#: Clients with half a body: ten times as many as a small server has threads.
HALVES = 40
#: Half of a body that nobody needs, by method and by how its length is told.
HALF_SENT_FOR_NOTHING = [
    method + FORM + length
    for method in (b"GET", b"HEAD", b"OPTIONS")
    for length in (b"Content-Length: 100\r\n\r\nl", b"Transfer-Encoding: chunked\r\n\r\n64\r\nl")
]
GOOD = (ROOT / "wsgi.py").read_text()
#: Beginnings of a new wsgi.py that doesn't come up: one that says why, and one that breaks.
BROKEN = ["raise SystemExit('a setting is missing')", "import no_such_module"]


@pytest.fixture(params=["sqlite"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """SQLite: how processes begin and end doesn't depend on the database."""
    engine: str = request.param
    return engine


def readers(server: Process, count: int = READERS) -> AbstractContextManager[list[object]]:
    """Let people read on; what they were answered, or what went wrong."""
    return load(lambda: server.fetch("/departments"), clients=count)


def closed_unread(answers: list[object]) -> list[object]:
    """Connections that were taken as a process was told to go, and closed before it read what was asked: programs and proxies
    may ask again (RFC 9110, 9.2.2). For each process that goes one of each reader's is the most."""
    return [each for each in answers if isinstance(each, http.client.RemoteDisconnected)]


@pytest.mark.parametrize("after", [0.2, 1.0, 2.5])
def test_a_stop_while_the_portal_loads_ends_it(start: Start, after: float) -> None:
    server = start()
    time.sleep(after)
    server.end()
    assert not server.answers()


def test_it_ends_although_somebody_has_sent_half_a_form(start: Start) -> None:
    server = start()
    server.wait(server.answers)
    with socket.create_connection(("127.0.0.1", server.port)) as half:
        half.sendall(HALF_SENT)
        time.sleep(0.5)
        server.end()
    assert not server.answers()


def test_a_reload_loses_nobody(start: Start) -> None:
    server = start()
    server.wait(server.answers)
    before = set(server.workers())
    with readers(server) as answers:
        server.process.send_signal(signal.SIGHUP)
        server.wait(lambda: not before & set(server.workers()) and len(server.workers()) == len(before))
    assert {each for each in answers if each not in closed_unread(answers)} == {200}
    assert len(closed_unread(answers)) <= READERS * len(before)
    assert server.end() == 0


@pytest.mark.parametrize("broken", BROKEN)
def test_a_reload_that_fails_changes_nothing(start: Start, tmp_path: Path, broken: str) -> None:
    wsgi = tmp_path / "wsgi.py"
    wsgi.write_text(GOOD)
    server = start(folder=tmp_path)
    server.wait(server.answers)
    before = server.workers()
    wsgi.write_text(f"{broken}\n{GOOD}")
    with readers(server, count=1) as answers:
        server.process.send_signal(signal.SIGHUP)
        server.wait(lambda: "did not come up" in server.log.read_text())
        time.sleep(SETTLED)
    assert set(answers) == {200}
    assert set(server.workers()) == set(before)
    assert server.log.read_text().count("did not come up") == 1, "the next one would fare no better"

    os.kill(before[0], signal.SIGKILL)
    server.wait(lambda: "nobody is in its place" in server.log.read_text())
    time.sleep(SETTLED)
    assert server.answers(), "the other one goes on"
    wsgi.write_text(GOOD)
    server.wait(lambda: len(set(server.workers()) - {before[0]}) == len(before))

    server.wait(server.answers)
    server.process.send_signal(signal.SIGHUP)
    server.wait(lambda: before[1] not in server.workers() and len(server.workers()) == len(before))
    assert server.answers()
    assert server.end() == 0


def test_a_reload_that_takes_too_long_is_given_up(start: Start, tmp_path: Path) -> None:
    wsgi = tmp_path / "wsgi.py"
    wsgi.write_text(GOOD)
    server = start(folder=tmp_path, ready_within=1)
    server.wait(server.answers)
    before = server.workers()
    wsgi.write_text(f"import time\ntime.sleep({PATIENCE})\n{GOOD}")
    server.process.send_signal(signal.SIGHUP)
    server.wait(lambda: "The new worker-1 did not come up: the old ones go on" in server.log.read_text())
    server.wait(lambda: server.workers() == before)
    assert server.answers()
    assert server.end() == 0


def test_a_server_whose_workers_all_break_ends(start: Start, tmp_path: Path) -> None:
    (tmp_path / "wsgi.py").write_text("import no_such_module")
    server = start(folder=tmp_path)
    assert server.process.wait(PATIENCE) == 1
    assert "No worker is left" in server.log.read_text()


def test_the_developers_own_stop_ends_all_workers(start: Start) -> None:
    """Ctrl-C reaches the workers too, as they are in the terminal's foreground."""
    server = start()
    server.wait(server.answers)
    workers = server.workers()
    for number in (server.process.pid, *workers):
        os.kill(number, signal.SIGINT)
    server.process.wait(PATIENCE)
    assert not [number for number in workers if psutil.pid_exists(number)]


def test_a_stop_overtakes_a_reload(start: Start) -> None:
    server = start()
    server.wait(server.answers)
    server.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    server.end()
    assert not server.answers()


def test_what_comes_in_while_servers_are_exchanged_waits_where_systemd_listens(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        first = start(listening=listening)
        first.wait(first.answers)
        with readers(first) as answers:
            assert first.end() == 0
            told = len(answers)
            second = start(listening=listening)
            second.wait(lambda: answers[told:].count(200) > 10)
        assert len(closed_unread(answers)) <= READERS
        assert {each for each in answers if each not in closed_unread(answers)} == {200}
        assert second.end() == 0


def test_bodies_that_nobody_needs_are_not_waited_for(start: Start) -> None:
    server = start(workers=1, threads=4)
    server.wait(server.answers)
    with ExitStack() as stack:
        for half in HALF_SENT_FOR_NOTHING * 2:
            line = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE))
            line.sendall(half)
            assert line.recv(12) == b"HTTP/1.1 200", half
        assert server.answers()


def test_half_sent_bodies_leave_reading_alone(start: Start) -> None:
    """Ten times as many as there are threads, with no proxy before the server."""
    server = start(workers=1, threads=4)
    server.wait(server.answers)
    with ExitStack() as stack:
        for _ in range(HALVES):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port))).sendall(HALF_SENT)
        assert {server.fetch() for _ in range(3)} == {200}
    server.wait(lambda: server.fetch("/api/v1/auth/login/", b"{}") == 400)


def test_who_sends_half_a_body_is_hung_up_on(start: Start) -> None:
    """Standing still or byte after byte: after its time, and reading goes on meanwhile."""
    server = start(workers=1, threads=4, body_within=1)
    server.wait(server.answers)
    with ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port))) for _ in range(HALVES)]
        for line in lines:
            line.sendall(HALF_SENT)
        deadline = time.monotonic() + PATIENCE
        while not all(_is_over(line) for line in lines):
            assert time.monotonic() < deadline
            assert server.fetch() == 200
            for line in lines[::2]:
                with suppress(OSError):
                    line.sendall(b" ")
            time.sleep(0.2)
        assert server.fetch("/api/v1/auth/login/", b"{}") == 400, "though nobody of them has gone"


def test_who_sends_nothing_or_half_a_head_is_hung_up_on(start: Start) -> None:
    server = start(workers=1)
    server.wait(server.answers)
    with ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port))) for _ in range(2)]
        lines[1].sendall(HALF_SENT[:30])
        server.wait(lambda: all(_is_over(line) for line in lines))


def _is_over(line: socket.socket) -> bool:
    """Whether the server has ended a connection, whatever it said before."""
    line.setblocking(False)
    try:
        while line.recv(4096):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        line.setblocking(True)
    return True


def test_a_worker_that_dies_is_replaced_while_the_other_serves(start: Start) -> None:
    server = start()
    server.wait(server.answers)
    gone = set()
    stays, dies = server.workers()
    for _ in range(3):
        os.kill(dies, signal.SIGKILL)
        gone.add(dies)
        assert server.fetch() == 200
        server.wait(lambda: len(set(server.workers()) - gone) == 2)
        (dies,) = set(server.workers()) - gone - {stays}
    assert server.answers()
    assert server.end() == 0


def test_whoever_asks_is_told_that_it_is_about_to_stop(start: Start) -> None:
    server = start(drain_seconds=60)
    server.wait(server.answers)
    assert server.fetch("/readyz") == 200
    server.process.send_signal(signal.SIGTERM)
    server.wait(lambda: server.fetch("/readyz") == 503)
    assert server.fetch("/departments") == 200


def test_a_second_server_at_the_same_address_says_so(start: Start) -> None:
    first = start()
    first.wait(first.answers)
    second = start(port=first.port)
    assert second.process.wait(PATIENCE) == 1
    assert f"127.0.0.1:{first.port} is in use" in second.log.read_text()
    assert first.answers()


def test_a_wrong_setting_is_said_once(start: Start) -> None:
    server = start(workers=0)
    assert server.process.wait(PATIENCE) == 1
    assert server.log.read_text().count("WORKERS") == 1


def scrape(server: Process) -> dict[str, float]:
    """What the server's second address tells, by name and labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.metrics_port}/metrics", timeout=PATIENCE) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def departments(told: dict[str, float]) -> float:
    """How often the departments were answered."""
    return told.get('clinic_requests_total{endpoint="public.departments",method="GET",status="200"}', 0)


def in_progress(told: dict[str, float]) -> set[str]:
    """The processes that are told of."""
    return {name for name in told if name.startswith("clinic_requests_in_progress{")}


def test_each_worker_tells_what_all_of_them_have_counted(start: Start) -> None:
    server = start(metrics_port=free_port())
    server.wait(server.answers)
    server.wait(lambda: len(in_progress(scrape(server))) == 2)
    with readers(server) as answers:
        server.wait(lambda: len(answers) >= 40)
    assert set(answers) == {200}
    server.wait(lambda: departments(scrape(server)) == len(answers))
    assert {departments(scrape(server)) for _ in range(10)} == {len(answers)}, "whichever of them is asked"
    dead = server.workers()[0]
    os.kill(dead, signal.SIGKILL)
    name_of_dead = f'clinic_requests_in_progress{{pid="{dead}"}}'
    server.wait(lambda: len(in_progress(scrape(server)) - {name_of_dead}) == 2)
    server.wait(lambda: name_of_dead not in scrape(server))
    assert departments(scrape(server)) == len(answers), "what was counted by a worker that died stays counted"


def test_what_was_counted_is_gone_with_the_server(start: Start, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    server = start(metrics_port=free_port())
    server.wait(server.answers)
    assert departments(scrape(server)) == 0
    assert len(list(tmp_path.glob("clinic-metrics-*"))) == 1
    assert server.end() == 0
    assert list(tmp_path.glob("clinic-metrics-*")) == []


def test_an_operators_own_folder_for_counts_is_emptied(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    (tmp_path / "counter_1.db").write_bytes(b"of another server")
    folder = MetricsFolder.make()
    assert folder == MetricsFolder.present()
    assert list(tmp_path.iterdir()) == []


def test_why_it_can_not_serve_is_said_once_for_all_workers(start: Start, tmp_path: Path) -> None:
    server = start(**PRODUCTION, database_url=f"sqlite:///{tmp_path}/empty.db")
    assert server.process.wait(PATIENCE) == 1
    assert server.log.read_text().splitlines() == [why_unfit(None)]


def test_its_first_line_says_what_serves_and_all_its_lines_are_json(start: Start) -> None:
    server = start(**PRODUCTION, workers=2)
    server.wait(lambda: '"serving"' in server.log.read_text())
    os.kill(server.workers()[0], signal.SIGKILL)
    server.wait(lambda: "Unexpected exit" in server.log.read_text())
    server.end()
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    began = [line for line in lines if line["event"] == "serving"]
    assert (began[0]["version"], began[0]["database"][:7]) == (VERSION, "SQLite ")
    assert began[0]["revision"] >= "0018"
    assert {line["level"] for line in lines if "Unexpected exit" in line["event"]} == {"error"}


def test_a_line_says_whose_request_it_was_and_from_where_and_nothing_else_of_them(start: Start, cast: Cast) -> None:
    server = start(**PRODUCTION)
    server.wait(server.answers)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=PATIENCE) as client:
        signed_in = client.post("/api/v1/auth/login/", json={"email": ANA, "password": PASSWORD}).json()
        bearer = {"Authorization": f"Bearer {signed_in['tokens']['access']}"}
        assert client.get("/api/v1/user/me/?note=typed-word", headers=bearer).status_code == 200
        assert client.get("/reset-password/MQ/typed-word").status_code == 410
    server.end()
    text = server.log.read_text()
    assert not [each for each in ("typed-word", ANA, PASSWORD, bearer["Authorization"]) if each in text]
    lines = {line["path"]: line for line in map(json.loads, text.splitlines()) if line["event"] == "request"}
    own = lines["/api/v1/user/me/"]
    assert (own["user_id"], own["role"], own["address"]) == (cast.ana, "patient", "127.0.0.1")
    assert {line["level"] for line in lines.values()} == {"info"}
    assert "user_id" not in lines["/reset-password/<uid>/<token>"]
