"""The web server: granian, made to be stopped, reloaded and left alone.

    python -m clinic.server          (HOST, PORT, WORKERS, THREADS, STOP_WITHIN, DRAIN_SECONDS)

The first process listens and holds the socket, its worker processes take connections from it: while one of them is
exchanged, or has died, what comes in waits for another. SIGTERM (Ctrl-C) ends in-flight requests first, and ends in
STOP_WITHIN seconds whatever happens. SIGHUP reads the code and the settings anew, one worker after the other, each of
which goes only when the next one is ready. A worker that dies is replaced.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event
from typing import Any

from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketSpec
from granian.server.common import logger
from granian.server.mp import MPServer, WorkerProcess

from clinic.config import ConfigError, Settings, load
from clinic.operations import draining

#: Connections that may wait until a worker takes them.
BACKLOG = 1024
#: Seconds that a new worker may take to load the portal, before the old one is kept instead.
READY_WITHIN = 120
#: Milliseconds that a client may take to send the head of a request.
HEAD_WITHIN = 10_000
#: What tells a worker that the server is about to stop.
DRAIN = signal.SIGUSR1


class Server(MPServer):
    """Granian with one socket for all workers, and workers that say when they are ready."""

    def __init__(self, settings: Settings) -> None:
        self._drain_seconds = settings.drain_seconds
        self._ready: dict[int, Event] = {}
        super().__init__(
            "wsgi:app",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=settings.workers,
            blocking_threads=settings.threads,
            backlog=BACKLOG,
            http1_settings=HTTP1Settings(header_read_timeout=HEAD_WITHIN),
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
            workers_kill_timeout=settings.stop_within,
        )

    def _init_shared_socket(self) -> None:
        # Granian gives each worker a socket of its own on Linux; what waits in it is lost when the worker goes.
        self._shd = SocketSpec(self.bind_addr, self.bind_port, self.backlog).build()
        self._sfd = self._shd.get_fd()
        self._ssp = None
        self._sso = socket.socket(fileno=self._sfd)
        self._sso.set_inheritable(True)

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Callable[..., Any]) -> WorkerProcess:
        ready = self._ready[idx] = multiprocessing.Event()

        def load_portal() -> Any:
            # The parent's handlers came along with the fork: a stop while the portal loads would be swallowed.
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(DRAIN, draining.begin)
            portal = callback_loader()
            ready.set()
            return portal

        return super()._spawn_worker(idx, target, load_portal)

    def _respawn_workers(self, workers: list[int], spawn_target: Any, target_loader: Any, delay: float = 0) -> None:
        """Exchange workers, one after the other; an old one goes when its follower is ready, and stays if that dies."""
        for idx in workers:
            old = self.wrks[idx]
            new = self._spawn_worker(idx, spawn_target, target_loader)
            new.start()
            self.respawned_wrks[idx] = time.monotonic()
            if not self._becomes_ready(idx, new) and old.is_alive():
                if self.interrupt_signal:
                    new.kill()
                    return
                logger.error(f"The new worker-{idx + 1} did not come up: the old one goes on")
                new.kill()
                continue
            self.wrks[idx] = new
            old.terminate()
            old.join(self.workers_kill_timeout)
            if old.is_alive():
                old.kill()
                old.join()
        self._metrics.incr_spawn(len(workers))

    def _becomes_ready(self, idx: int, worker: WorkerProcess) -> bool:
        deadline = time.monotonic() + READY_WITHIN
        while worker.is_alive() and time.monotonic() < deadline and not self.interrupt_signal:
            if self._ready[idx].wait(0.05):
                return True
        return False

    def shutdown(self, exit_code: int = 0) -> None:
        """Say on /readyz that the server is about to stop, wait until who asks there has seen it, and stop."""
        if self._drain_seconds:
            for worker in self.wrks:
                if worker.is_alive() and worker.inner.pid is not None:
                    os.kill(worker.inner.pid, DRAIN)
            time.sleep(self._drain_seconds)
        super().shutdown(exit_code)


def is_free(host: str, port: int) -> bool:
    """Return whether nobody listens at an address yet: several servers could share it, each with half of the requests."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def main() -> None:
    """Serve until told to stop; one sentence and status 1 where that can't be."""
    try:
        settings = load()
    except ConfigError as error:
        sys.exit(str(error))
    if not is_free(settings.host, settings.port):
        sys.exit(
            f"The server can't start: {settings.host}:{settings.port} is in use, or isn't an address of this machine."
        )
    Server(settings).serve()


if __name__ == "__main__":
    main()
