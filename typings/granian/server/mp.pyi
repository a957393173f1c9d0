import socket
import threading
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketHolder

class WorkerProcess:
    inner: BaseProcess
    birth: float
    interrupt_by_parent: bool
    def start(self) -> None: ...
    def is_alive(self) -> bool: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...
    def join(self, timeout: float | None = None) -> None: ...

class _Metrics:
    def incr_spawn(self, count: int) -> None: ...

class MPServer:
    bind_addr: str
    bind_port: int
    backlog: int
    workers_kill_timeout: int | None
    wrks: list[WorkerProcess]
    interrupt_signal: bool
    reload_signal: bool
    main_loop_interrupt: threading.Event
    interrupt_children: list[int]
    _metrics: _Metrics
    _shd: SocketHolder | None
    _sfd: int | None
    _ssp: object
    _sso: socket.socket | None
    def __init__(
        self,
        target: str,
        *,
        address: str,
        port: int,
        interface: Interfaces,
        http: HTTPModes,
        workers: int,
        blocking_threads: int,
        backlog: int,
        http1_settings: HTTP1Settings,
        log_level: LogLevels,
        log_dictconfig: dict[str, Any],
        respawn_failed_workers: bool,
        workers_kill_timeout: int,
    ) -> None: ...
    def _init_shared_socket(self) -> None: ...
    def _spawn_worker(self, idx: int, target: Any, callback_loader: Callable[..., Any]) -> WorkerProcess: ...
    def _reload(self, spawn_target: Any, target_loader: Any) -> None: ...
    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None: ...
    def _respawn_workers(self, workers: list[int], spawn_target: Any, target_loader: Any, delay: float = 0) -> None: ...
    def shutdown(self, exit_code: int = 0) -> None: ...
    def serve(self) -> None: ...
