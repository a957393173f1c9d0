"""The web server: granian, made to be stopped, reloaded and left alone.

    python -m clinic.server          (HOST, PORT, WORKERS, THREADS, BODY_WITHIN, READY_WITHIN, STOP_WITHIN, DRAIN_SECONDS)

The first process listens and holds the socket, its worker processes take connections from it: while one of them is
exchanged, or has died, what comes in waits for another. It opens a portal that an upgrade has closed, once all of them are
of the version that fits (docs/decisions/0026). SIGTERM (Ctrl-C) ends in-flight requests first, and ends in
STOP_WITHIN seconds whatever happens. SIGHUP reads the settings and the portal's code anew, one worker after the other, each
of which goes only when the next one is ready; what the first process has loaded itself stays. A worker that dies is
replaced; the server ends by itself only where none is left. Where systemd holds the socket, it outlives the server too: what
comes in while one is exchanged for another waits.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketHolder, SocketSpec
from granian.server.common import logger
from granian.server.mp import MPServer, WorkerProcess

from clinic.config import ConfigError, Env, Settings, load
from clinic.operations import draining, log_format, maintenance, memory
from clinic.operations.metrics_folder import MetricsFolder

#: Connections that may wait until a worker takes them.
BACKLOG = 1024
#: Seconds between two looks at whether all workers live.
LOOK_EVERY = 1.0
#: Seconds between two starts of a worker that dies again and again.
START_EVERY = 5.0
#: Seconds that a client may take to send the head of a request, from the last answer on where it keeps its connection.
HEAD_WITHIN = 10
#: How granian begins to say that a worker ended by itself, and that it has more threads than there are cores: they wait
#: for the database most of the time.
UNEXPECTED, THREADS = "Unexpected exit", "Configuration allows spawning"
#: What tells a worker that the server is about to stop.
DRAIN = signal.SIGUSR1
#: The most bytes of a revision's name.
REVISION_MOST = 32
#: The first socket that systemd hands on (sd_listen_fds(3)).
FIRST_SOCKET = 3


class Server(MPServer):
    """Granian with one socket for all workers, and workers that say when they are ready."""

    def __init__(self, settings: Settings, *, inherited: int | None = None) -> None:
        self._settings = settings
        self._inherited = inherited
        self._ready: dict[int, Event] = {}
        #: The revision that each worker and the database were both at when it came up, b"" where they didn't fit.
        self._revisions: dict[int, Any] = {}
        #: Whether workers came since it was last looked whether they may open the portal.
        self._has_new_workers = True
        #: Whether a worker has said why it can't serve; it is said once, however many find it out.
        self._refused = multiprocessing.Event()
        self._refusing = multiprocessing.Lock()
        self._metrics_folder = MetricsFolder.make() if settings.counts_metrics else None
        self._metrics_socket: socket.socket | None = None
        super().__init__(
            "wsgi:app",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=settings.workers,
            blocking_threads=settings.threads,
            backlog=BACKLOG,
            # While it finds out which version a client speaks, granian waits for ever.
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=HEAD_WITHIN * 1000),
            log_level=LogLevels.warning,
            log_dictconfig=log_format.handlers(json=settings.env is Env.PRODUCTION, formatters=("generic", "access"))
            | {"loggers": {"_granian": {"handlers": ["console"], "propagate": False}}},
            respawn_failed_workers=True,
            workers_kill_timeout=settings.stop_within,
        )
        logger.addFilter(self._is_news)

    def _is_news(self, line: logging.LogRecord) -> bool:
        """Return whether a line of granian's own tells more than was said already, or set on purpose."""
        text = line.getMessage()
        return not (text.startswith(THREADS) or (text.startswith(UNEXPECTED) and self._refused.is_set()))

    def _init_shared_socket(self) -> None:
        # Granian gives each worker a socket of its own on Linux; what waits in it is lost when the worker goes.
        if self._inherited is not None:
            self._shd = SocketHolder(self._inherited, False, self.backlog)
        else:
            self._shd = SocketSpec(self.bind_addr, self.bind_port, self.backlog).build()
        self._sfd = self._shd.get_fd()
        self._ssp = None
        self._sso = socket.socket(fileno=self._sfd)
        self._sso.set_inheritable(True)
        if self._settings.metrics_port is not None:
            address = (self._settings.metrics_host, self._settings.metrics_port)
            self._metrics_socket = socket.create_server(address, family=_family(address[0]))
            # All workers wait at it, and one of them takes the connection.
            self._metrics_socket.setblocking(False)

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Callable[..., Any]) -> WorkerProcess:
        ready = self._ready[idx] = multiprocessing.Event()
        revision: Any = multiprocessing.Array("c", REVISION_MOST)
        self._revisions[idx] = revision

        def load_portal() -> Any:
            # The parent's handlers came along with the fork: a stop while the portal loads would be swallowed.
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(DRAIN, draining.begin)
            portal = self._load(callback_loader)
            revision.value = self._begin(portal, idx).encode()
            ready.set()
            return self._with_whole_bodies(portal)

        return super()._spawn_worker(idx, target, load_portal)

    def _begin(self, portal: Any, idx: int) -> str:
        """Say once what serves now, let each worker answer who asks for metrics, and return the revision that it serves."""
        # Loaded with the portal: the first process does without both.
        from clinic.operations import system  # noqa: PLC0415 - see above

        if idx == 0:
            system.log_start(portal)
        if self._metrics_socket is not None:
            from clinic.operations import metrics  # noqa: PLC0415 - see above

            metrics.serve(portal, self._metrics_socket)
        return system.serving_revision(portal)

    def _with_whole_bodies(self, portal: Any) -> Any:
        """Return the portal behind what reads bodies for it, within a time and in half of the threads."""
        # Loaded with the portal: the first process does without.
        from clinic.operations.bodies import WholeBodies  # noqa: PLC0415 - see above

        front = WholeBodies(
            portal,
            threads=self._settings.threads,
            longest=portal.config["MAX_CONTENT_LENGTH"],
            within=self._settings.body_within,
        )
        front.hang_up_on_slow(_port_of(self._sso), idle=HEAD_WITHIN)
        return front

    def _load(self, callback_loader: Callable[..., Any]) -> Any:
        """Return the portal; where it says that it can't serve, the first worker to find out repeats it."""
        try:
            with memory.loading():
                return callback_loader()
        except SystemExit as refusal:
            with self._refusing:
                if not self._refused.is_set():
                    self._refused.set()
                    print(refusal.code, file=sys.stderr, flush=True)  # noqa: T201 - the operator reads it, as a command's
            raise SystemExit(1) from None

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        """Replace workers that die, and all of them on SIGHUP, until told to stop, or until no worker is left.

        Granian's own loop would end the server when one worker dies again and again, with all that are well.
        """
        while not self.interrupt_signal:
            self.main_loop_interrupt.wait(LOOK_EVERY)
            self.main_loop_interrupt.clear()
            # Who is dead is seen from the workers themselves.
            self.interrupt_children.clear()
            if self.reload_signal:
                self._reload(spawn_target, target_loader)
            if self.interrupt_signal:
                return
            dead = [idx for idx, worker in enumerate(self.wrks) if not worker.is_alive()]
            now = time.monotonic()
            # Where none has come up yet, the rest say first whether they do.
            came_up = any(ready.is_set() for ready in self._ready.values())
            due = [idx for idx in dead if came_up and now - self.wrks[idx].birth >= START_EVERY]
            if due:
                self._respawn_workers(due, spawn_target, target_loader)
            elif len(dead) == len(self.wrks):
                self._give_up(dead)
                return
            if self._has_new_workers:
                self._open_after_upgrade()

    def _open_after_upgrade(self) -> None:
        """Open the portal that an upgrade has closed, where every worker that lives is of the version that it waits for."""
        living = [idx for idx, worker in enumerate(self.wrks) if worker.is_alive()]
        if not all(self._ready[idx].is_set() for idx in living):
            return
        self._has_new_workers = False
        file, serving = self._settings.maintenance_file, {self._revisions[idx].value.decode() for idx in living}
        try:
            if maintenance.end_after_upgrade(file, serving):
                logger.warning(f"The portal is open again, at revision {', '.join(serving)}")
        except OSError as error:
            logger.error(f"The portal stays closed: {file} can't be removed ({error.strerror})")

    def _give_up(self, dead: list[int]) -> None:
        """Let the server end with status 1, for whoever started it to see."""
        if not self._refused.is_set():
            logger.error("No worker is left, and none stays up: the server ends")
        self.interrupt_children.extend(dead)

    def _respawn_workers(self, workers: list[int], spawn_target: Any, target_loader: Any, delay: float = 0) -> None:
        """Exchange workers, one after the other; an old one goes when its follower is ready.

        Where that dies, or isn't ready in time, it stays, and so do all that come after it.
        """
        self._refused.clear()
        self._has_new_workers = True
        for idx in workers:
            old, olds_ready, olds_revision = self.wrks[idx], self._ready[idx], self._revisions[idx]
            new = self._spawn_worker(idx, spawn_target, target_loader)
            # Until it is ready its end is no news to granian, but told here.
            new.interrupt_by_parent = True
            new.start()
            ready = self._becomes_ready(idx, new)
            if self.interrupt_signal:
                self._end(new)
                return
            if not ready and old.is_alive():
                logger.error(f"The new worker-{idx + 1} did not come up: the old ones go on")
                self._end(new)
                self._ready[idx], self._revisions[idx] = olds_ready, olds_revision
                # The others would fare no better, and each would be waited for.
                break
            if not new.is_alive():
                # From now on, however long it took: a start that fails takes its time, too.
                new.birth = time.monotonic()
                logger.error(f"The new worker-{idx + 1} did not come up: nobody is in its place")
            new.interrupt_by_parent = False
            self.wrks[idx] = new
            old.terminate()
            old.join(self.workers_kill_timeout)
            self._end(old)
        if any(worker.is_alive() for worker in self.wrks):
            # Said; what happens to those that serve is news again.
            self._refused.clear()
        self._metrics.incr_spawn(len(workers))

    def _end(self, worker: WorkerProcess) -> None:
        """End a worker at once, and forget what it counted as being done."""
        if worker.is_alive():
            worker.kill()
            worker.join()
        self._forget(worker)

    def _forget(self, worker: WorkerProcess) -> None:
        """Let nobody be told any more of what a worker that is gone was doing."""
        if self._metrics_folder is not None and worker.inner.pid is not None:
            self._metrics_folder.forget(worker.inner.pid)

    def _becomes_ready(self, idx: int, worker: WorkerProcess) -> bool:
        deadline = time.monotonic() + self._settings.ready_within
        while worker.is_alive() and time.monotonic() < deadline and not self.interrupt_signal:
            if self._ready[idx].wait(0.05):
                return True
        return False

    def shutdown(self, exit_code: int = 0) -> None:
        """Say on /readyz that the server is about to stop, wait until who asks there has seen it, and stop."""
        serving = [worker.inner.pid for worker in self.wrks if worker.is_alive() and worker.inner.pid is not None]
        if self._settings.drain_seconds and serving:
            for process in serving:
                os.kill(process, DRAIN)
            time.sleep(self._settings.drain_seconds)
        try:
            super().shutdown(exit_code)
        finally:
            if self._metrics_folder is not None:
                self._metrics_folder.remove()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def is_free(host: str, port: int) -> bool:
    """Return whether nobody listens at an address yet: several servers could share it, each with half of the requests."""
    with socket.socket(_family(host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _port_of(listening: socket.socket | None) -> int:
    """Return the port of the workers' socket, 0 where it has none: systemd may listen at a file."""
    if listening is None or listening.family not in {socket.AF_INET, socket.AF_INET6}:
        return 0
    port: int = listening.getsockname()[1]
    return port


def inherited_socket() -> int | None:
    """Return the descriptor of the socket that systemd listens at for this process; None where it doesn't."""
    of_whom, how_many = os.environ.pop("LISTEN_PID", None), os.environ.pop("LISTEN_FDS", None)
    os.environ.pop("LISTEN_FDNAMES", None)
    return FIRST_SOCKET if of_whom == str(os.getpid()) and how_many == "1" else None


def main() -> None:
    """Serve until told to stop; one sentence and status 1 where that can't be."""
    try:
        settings = load()
    except ConfigError as error:
        sys.exit(str(error))
    inherited = inherited_socket()
    own = settings.port if inherited is None else None
    for host, port in ((settings.host, own), (settings.metrics_host, settings.metrics_port)):
        if port is not None and not is_free(host, port):
            sys.exit(f"The server can't start: {host}:{port} is in use, or isn't an address of this machine.")
    Server(settings, inherited=inherited).serve()


if __name__ == "__main__":
    main()
