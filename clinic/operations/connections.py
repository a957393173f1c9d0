"""The TCP connections of this process, as Linux knows them, to end those that a WSGI server can't be told to end.

A request says the client's address, not the connection that it came by; what the kernel counts for each connection says
which of them wait.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

#: Whether this system tells what was sent when.
KNOWN = sys.platform == "linux"
#: Where ``tcpi_last_data_sent`` stands in Linux's ``struct tcp_info``: milliseconds since the last byte was sent, or
#: since the connection was made.
_LAST_DATA_SENT = struct.Struct("=44xI")


def close_silent(addresses: Collection[str], seconds: float) -> int:
    """Close the connections with these addresses on which nothing was sent for so long; return how many there were."""
    closed = 0
    for each in _own_connections():
        try:
            if each.getpeername()[0] in addresses and _silent_for(each) >= seconds:
                each.shutdown(socket.SHUT_RDWR)
                closed += 1
        except OSError:
            # It has ended by itself.
            continue
    return closed


def _own_connections() -> Iterator[socket.socket]:
    """Yield a copy of each TCP socket of this process: whoever owns it may close it at any moment."""
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            copy = os.dup(int(descriptor.name))
        except OSError:
            continue
        try:
            found = socket.socket(fileno=copy)
        except OSError:
            os.close(copy)
            continue
        with found:
            if found.family in {socket.AF_INET, socket.AF_INET6} and found.type == socket.SOCK_STREAM:
                yield found


def _silent_for(connection: socket.socket) -> float:
    """Return the seconds since something was sent on a connection."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_DATA_SENT.size)
    milliseconds: int = _LAST_DATA_SENT.unpack(info)[0]
    return milliseconds / 1000
