"""A server as a process that a test can end, reload and look into."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tests.load import wait_until
from tests.servers import KEPT, ROOT, free_port
from tests.settings import PATIENCE, as_environment

#: Seconds that the server gives itself in these tests.
STOP_WITHIN = 2
Start = Callable[..., "Process"]


class Process:
    """A server of two workers and where it answers."""

    def __init__(self, log: Path, listening: socket.socket | None = None, folder: Path = ROOT, **settings: Any) -> None:
        self.port, self.log = listening.getsockname()[1] if listening else free_port(), log
        self.metrics_port: int | None = settings.get("metrics_port")
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= as_environment({"port": self.port, "workers": 2, "stop_within": STOP_WITHIN, **settings})
        # Where wsgi.py is another one, all else is still the project's.
        self.environment = environment | {"PYTHONPATH": str(ROOT)}
        command, handed_on = [sys.executable, "-m", "clinic.server"], []
        if listening:
            # As systemd does: the socket as descriptor 3, and for whom it is.
            handed_on = [listening.fileno()]
            code = f"import os, sys; os.dup2({handed_on[0]}, 3); os.environ |= {{'LISTEN_PID': str(os.getpid()), 'LISTEN_FDS': '1'}}"
            command = [sys.executable, "-c", f"{code}; os.execv(sys.argv[1], sys.argv[1:])", *command]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=folder, env=self.environment, stdout=output, stderr=output, pass_fds=handed_on
            )

    def fetch(self, path: str = "/healthz", body: bytes | None = None) -> int:
        """The status of a page, over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("GET" if body is None else "POST", path, body, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def answers(self) -> bool:
        """Whether somebody is served."""
        try:
            return self.fetch() == http.HTTPStatus.OK
        except OSError:
            return False

    def wait(self, what: Callable[[], bool]) -> None:
        """Wait until something is so."""
        wait_until(what, PATIENCE, self.log.read_text)

    def workers(self) -> list[int]:
        """The numbers of the worker processes."""
        return [each.pid for each in psutil.Process(self.process.pid).children()]

    def end(self, number: int = signal.SIGTERM) -> int:
        """Tell the server to stop; its status. A server that goes on fails the test."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)
