"""What a process keeps in its memory of what would cost more to make again: no more bytes than were granted.

Knows nothing of what is kept: whoever keeps something names it by a key under which it can never be wrong.
"""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

#: What a key and its place take, roughly; so that many small values are bounded too.
_BYTES_OF_A_KEY = 300


class ByteCache:
    """Values by their keys, up to ``most`` bytes; what was used least recently goes first. Threads may share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._values: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> bytes | None:
        """Return what is kept under ``key``, None if nothing is."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: Hashable, value: bytes) -> None:
        """Keep ``value`` under ``key``, unless it alone is too much."""
        size = len(value) + _BYTES_OF_A_KEY
        if size > self._most:
            return
        with self._lock:
            self._drop(key)
            while self._size + size > self._most:
                self._drop(next(iter(self._values)))
            self._values[key] = value
            self._size += size

    def _drop(self, key: Hashable) -> None:
        value = self._values.pop(key, None)
        if value is not None:
            self._size -= len(value) + _BYTES_OF_A_KEY
