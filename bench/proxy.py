"""What the reverse proxies of deploy/ do for the portal, tried on real ones: ``python -m bench.proxy caddy`` or ``nginx``.

Starts the portal on a SQLite database of its own, the proxy with the file that is shipped, and asks. ``--binary`` names
a proxy that isn't in the path. Nothing outside a temporary folder is touched, and nothing listens beyond this machine.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import shutil
import signal
import ssl
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from bench.proxies import HOST, PATIENCE, Portal, Proxy
from clinic.app import BODY_MOST
from tests.load import load, wait_until

#: Clients with half a body: more than twice as many as the portal has threads.
HALF_SENT = 40
#: Seconds that a proxy is watched for giving up a body that stands still.
GIVEN_UP_WITHIN = 35

LOGIN = (
    b"POST /api/v1/auth/login/ HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
)


def people(proxy: Proxy) -> AbstractContextManager[list[object]]:
    """Let people read and sign in meanwhile; what each was answered, or what went wrong."""
    wrong = json.dumps({"email": "nobody@clinic.example", "password": "wrong"}).encode()
    return load(
        lambda: proxy.fetch("/departments")[0],
        lambda: proxy.fetch("/api/v1/auth/login/", "POST", wrong, Content_Type="application/json")[0],
        clients=4,
    )


Trial = Callable[[Proxy, Portal], "tuple[bool, str]"]


def plain_http_leads_to_https(proxy: Proxy, _portal: Portal) -> tuple[bool, str]:
    """Ask without TLS."""
    connection = http.client.HTTPConnection("127.0.0.1", proxy.http, timeout=PATIENCE)
    connection.request("GET", "/departments", headers={"Host": HOST})
    answer = connection.getresponse()
    where = answer.headers["Location"]
    return answer.status in {301, 308} and where.startswith(f"https://{HOST}"), f"{answer.status} {where}"


def portal_s_headers_and_compression_pass(proxy: Proxy, _portal: Portal) -> tuple[bool, str]:
    """Ask for a page and a file of its own."""
    headers = proxy.fetch("/")[1]
    policies = headers.get_all("Content-Security-Policy") or []
    style = re.search(rb"/static/css/[\w./-]+\.css[^\"'> ]*", proxy.fetch("/")[2])
    assert style, headers.as_string()
    encoding = proxy.fetch(style[0].decode(), Accept_Encoding="br")[1]["Content-Encoding"]
    hsts = headers.get_all("Strict-Transport-Security") or []
    return len(policies) == len(
        hsts
    ) == 1 and encoding == "br", f"{len(policies)} policy, HSTS {hsts}, styles {encoding}"


def metrics_are_not_shown(proxy: Proxy, _portal: Portal) -> tuple[bool, str]:
    """Ask for them."""
    status = proxy.fetch("/metrics")[0]
    return status == http.HTTPStatus.NOT_FOUND, str(status)


def addresses_that_clients_claim_are_dropped(proxy: Proxy, portal: Portal) -> tuple[bool, str]:
    """Claim one, and read the log."""
    log = portal.log
    began = log.stat().st_size
    proxy.fetch("/contact", X_Forwarded_For="203.0.113.9", X_Forwarded_Host="evil.example", X_Forwarded_Proto="http")
    time.sleep(0.2)
    lines = [line for line in log.read_bytes()[began:].decode().splitlines() if '"path": "/contact"' in line]
    return bool(lines) and all(
        '"127.0.0.1"' in line and "203.0.113.9" not in line for line in lines
    ), f"{len(lines)} lines"


def too_long_bodies_are_refused(proxy: Proxy, _portal: Portal) -> tuple[bool, str]:
    """Send one of the portal's limit, and one that is longer."""
    kind = "application/x-www-form-urlencoded"
    most = proxy.fetch("/login", "POST", b"a=" + b"x" * (BODY_MOST - 2), Content_Type=kind)[0]
    try:
        more = str(proxy.fetch("/login", "POST", b"a=" + b"x" * (2 * BODY_MOST), Content_Type=kind)[0])
    except OSError as error:
        more = type(error).__name__
    return most < 500 and most != 413 and more in {
        "413",
        "BrokenPipeError",
        "ConnectionResetError",
        "SSLEOFError",
    }, f"{most}, {more}"


def half_sent_bodies_stop_nobody(proxy: Proxy, _portal: Portal) -> tuple[bool, str]:
    """Hold forty of them, and look at /healthz."""
    with ExitStack() as stack:
        halves = [stack.enter_context(proxy.connect()) for _ in range(HALF_SENT)]
        for half in halves:
            half.sendall(LOGIN % HOST.encode())
        time.sleep(1)
        times = []
        for _ in range(10):
            began = time.monotonic()
            assert proxy.answers()
            times.append(time.monotonic() - began)
        given_up = _given_up(halves[0])
    slowest = max(times)
    return slowest < 1, f"/healthz in {slowest:.2f} s at most; {given_up}"


def _given_up(half: ssl.SSLSocket) -> str:
    """Say when a proxy gives up a body that stands still."""
    began = time.monotonic()
    half.settimeout(GIVEN_UP_WITHIN)
    try:
        half.recv(1)
    except OSError:
        return f"not given up within {GIVEN_UP_WITHIN} s"
    return f"given up after {time.monotonic() - began:.0f} s"


def a_reload_of_the_proxy_loses_nothing(proxy: Proxy, _portal: Portal) -> tuple[bool, str]:
    """Reload it under load."""
    with people(proxy) as answers:
        time.sleep(1)
        proxy.reload()
        time.sleep(3)
    return _nothing_lost(answers)


def a_reload_of_the_portal_loses_nothing(proxy: Proxy, portal: Portal) -> tuple[bool, str]:
    """Reload it under load."""
    with people(proxy) as answers:
        time.sleep(1)
        portal.process.send_signal(signal.SIGHUP)
        time.sleep(12)
    return _nothing_lost(answers)


def a_restart_of_the_portal(proxy: Proxy, portal: Portal) -> tuple[bool, str]:
    """Stop and start it under load: nothing lost with Caddy, which waits; nginx answers 503 and says so."""
    with people(proxy) as answers:
        time.sleep(1)
        portal.stop()
        began = time.monotonic()
        portal.start()
        wait_until(proxy.answers, PATIENCE)
        away = time.monotonic() - began
        time.sleep(1)
    well, told = _nothing_lost(answers, 503 if proxy.kind == "nginx" else 200)
    return well, f"away {away:.1f} s; {told}"


def _nothing_lost(answers: list[object], allowed: int = 200) -> tuple[bool, str]:
    counted = Counter(str(each) if isinstance(each, int) else type(each).__name__ for each in answers)
    told = ", ".join(f"{count} x {name}" for name, count in sorted(counted.items()))
    return set(counted) <= {"200", "401", str(allowed)}, told


def a_portal_that_is_away_is_said_so(proxy: Proxy, portal: Portal) -> tuple[bool, str]:
    """Ask while it is stopped, in both forms."""
    portal.stop()
    page, program = proxy.fetch("/departments"), proxy.fetch("/api/v1/departments/")
    code = json.loads(program[2])["code"]
    portal.start()
    wait_until(proxy.answers, PATIENCE)
    well = page[0] == program[0] == 503 and b'lang="vi"' in page[2] and page[1]["Retry-After"] == "5"
    return well and code == "unavailable", f"{page[0]} {page[1]['Content-Type']}, {program[0]} {code}"


TRIALS: tuple[Trial, ...] = (
    plain_http_leads_to_https,
    portal_s_headers_and_compression_pass,
    metrics_are_not_shown,
    addresses_that_clients_claim_are_dropped,
    too_long_bodies_are_refused,
    half_sent_bodies_stop_nobody,
    a_reload_of_the_proxy_loses_nothing,
    a_reload_of_the_portal_loses_nothing,
    a_restart_of_the_portal,
    a_portal_that_is_away_is_said_so,
)


def main() -> int:
    """Run all trials and print what each found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("proxy", choices=["caddy", "nginx"])
    parser.add_argument("--binary", help="where it is, if not in the path")
    given = parser.parse_args()
    binary = given.binary or shutil.which(given.proxy)
    if binary is None:
        parser.error(f"{given.proxy} isn't here; name it by --binary")
    failed = 0
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        # The proxy's own processes may be another user's.
        folder.chmod(0o711)
        portal = Portal(folder)
        stack.callback(portal.stop)
        proxy = Proxy(given.proxy, binary, folder, portal.port)
        if wrong := proxy.check():
            print(wrong)
            return 1
        proxy.start()
        stack.callback(proxy.process.wait)
        stack.callback(proxy.process.terminate)
        try:
            wait_until(proxy.answers, PATIENCE)
        except TimeoutError:
            print(portal.log.read_text(), (folder / "proxy.log").read_text())
            raise
        for trial in TRIALS:
            well, told = trial(proxy, portal)
            failed += not well
            print(f"{'ok    ' if well else 'FAILED'} {trial.__name__.replace('_', ' ')}: {told}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
