"""PgBouncer before a PostgreSQL server of a benchmark's own, sharing few connections by transaction."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from tests.servers import free_port

#: Fewer than the portal's threads: each is handed from one request to the next.
CONNECTIONS = 5
READY_WITHIN = 10.0


@contextmanager
def pgbouncer(url: str, binary: str) -> Iterator[str]:
    """Run PgBouncer before the database of ``url``; the URL by which the portal reaches it."""
    target, port = make_url(url), free_port()
    host = target.query.get("host", target.host or "127.0.0.1")
    folder = Path(tempfile.mkdtemp(prefix="clinic-bench-"))
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n{target.database} = host={host} port={target.port or 5432} user={target.username}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = {CONNECTIONS}\nmax_client_conn = 500\nlog_stats = 0\n"
    )
    for path in (folder, settings):
        path.chmod(0o755)
    # It refuses to run as root, and has to reach the server's socket: it runs as whom that belongs to.
    owner = ("--user", Path(str(host)).owner()) if os.geteuid() == 0 and Path(str(host)).is_dir() else ()
    command = [binary, "--quiet", *owner, str(settings)]
    process = subprocess.Popen(command)
    try:
        reached = f"postgresql://{target.username}@127.0.0.1:{port}/{target.database}"
        _wait_for(reached)
        yield reached
    finally:
        process.terminate()
        process.wait(READY_WITHIN)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
