"""What psycopg is told, beyond what SQLAlchemy tells it: how a connection is asked for life, sends numbers and describes columns.

Imported where the database is PostgreSQL, and not where it is SQLite (``clinic.engine``).
"""

import select
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, overload

import psycopg
from psycopg import Column
from psycopg.types.numeric import Int8Dumper

#: How many statements a connection keeps prepared: more than the portal has.
PREPARED_MAX = 400


def ping_with(ask: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return how to tell whether a pooled connection is alive: asked only where something came while nobody used it.

    A server that ends a connection says so or closes it, and either can be seen at the socket without a statement. Of one
    that fell silent a question would learn no sooner than the statement that follows.
    """

    def ping(connection: psycopg.Connection[Any]) -> bool:
        return not (connection.closed or _has_something_to_read(connection)) or ask(connection)

    return ping


def _has_something_to_read(connection: psycopg.Connection[Any]) -> bool:
    sockets = select.poll()
    sockets.register(connection.fileno(), select.POLLIN)
    return bool(sockets.poll(0))


class _Columns(Sequence[Column]):
    """The columns of what a statement found, described once somebody looks at them."""

    def __init__(self, describe: Callable[[], list[Column] | None]) -> None:
        self._describe = describe

    @cached_property
    def _described(self) -> list[Column]:
        return self._describe() or []

    @overload
    def __getitem__(self, place: int) -> Column: ...
    @overload
    def __getitem__(self, place: slice) -> list[Column]: ...
    def __getitem__(self, place: int | slice) -> Column | list[Column]:
        return self._described[place]

    def __len__(self) -> int:
        return len(self._described)

    def __iter__(self) -> Iterator[Column]:
        return iter(self._described)


class _Cursor(psycopg.Cursor[Any]):
    """A cursor that describes no columns unasked.

    SQLAlchemy wants to know at each statement whether it found rows, and reads at the first one only what they are made of. To
    describe forty columns takes longer than to fetch ten rows of them.
    """

    @property
    def description(self) -> _Columns | None:  # type: ignore[override] # a sequence is all that the standard wants
        found = self.pgresult
        return _Columns(lambda: super(_Cursor, self).description) if found and found.nfields else None


def prepare(connection: psycopg.Connection[Any], _record: object) -> None:
    """Let whole numbers be sent as one type, whatever their size: a statement is prepared for the types it was sent with."""
    connection.adapters.register_dumper(int, Int8Dumper)
    connection.prepared_max = PREPARED_MAX
    connection.cursor_factory = _Cursor
