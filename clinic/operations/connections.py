"""The TCP connections of this process, as Linux knows them, to end those that a WSGI server can't be told to end.

A request says the client's address, not the connection that it came by; what the kernel counts for each connection says
which of them wait.
"""

from __future__ import annotations

import resource
import socket
import struct
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

#: Whether this system tells what was sent when.
KNOWN = sys.platform == "linux"
#: So many descriptors are tried one by one where the system doesn't list them.
DESCRIPTORS_MOST = 65_536
#: Where ``tcpi_last_data_sent`` stands in Linux's ``struct tcp_info``: milliseconds since the last byte was sent, or
#: since the connection was made.
_LAST_DATA_SENT = struct.Struct("=44xI")


def close_silent(addresses: Collection[str], port: int, seconds: float) -> int:
    """Close the connections from these addresses to our ``port`` on which nothing was sent for so long; return how many
    there were."""
    closed = 0
    for each in _own_connections():
        try:
            is_served = each.getsockname()[1] == port and each.getpeername()[0] in addresses
            if is_served and _silent_for(each) >= seconds:
                each.shutdown(socket.SHUT_RDWR)
                closed += 1
        except OSError:
            # It has ended by itself.
            continue
    return closed


def _own_connections() -> Iterator[socket.socket]:
    """Yield each TCP socket of this process, looked at where it is and let go of without closing.

    No descriptor is copied: to close any copy of a file's descriptor drops all locks that the process holds on the file,
    SQLite's among them, and what it writes then is lost.
    """
    for descriptor in _descriptors():
        try:
            found = socket.socket(fileno=descriptor)
        except OSError:
            # It is no socket, or it is closed.
            continue
        try:
            if found.family in {socket.AF_INET, socket.AF_INET6} and found.type == socket.SOCK_STREAM:
                yield found
        finally:
            found.detach()


def _descriptors() -> Iterable[int]:
    """Return the descriptors that may be open; all there can be where none is left to look into the folder by."""
    try:
        return [int(each.name) for each in Path("/proc/self/fd").iterdir()]
    except OSError:
        most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return range(min(most, DESCRIPTORS_MOST))


def _silent_for(connection: socket.socket) -> float:
    """Return the seconds since something was sent on a connection."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_DATA_SENT.size)
    milliseconds: int = _LAST_DATA_SENT.unpack(info)[0]
    return milliseconds / 1000
