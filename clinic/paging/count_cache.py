"""Exact counts of long lists, cached for some seconds: to count a million rows costs more than the rest of a call. And where
pages of them began, so that the database doesn't read the rows before each page anew for whoever walks such a list.

In the memory of this process. A short list is counted each time. What this process writes drops the counts of the tables
that it wrote to; what others write is counted when the count has run out. As in any list by numbers, what others delete
meanwhile moves the rows behind it, and a page after that may begin some rows too late.
"""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import Table, UpdateBase, event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction
from sqlalchemy.sql import visitors
from sqlalchemy.sql.cache_key import CacheKey

from clinic import clock
from clinic.db import AnySelect, db

#: Only longer lists have their count cached, for so long.
CACHED_OVER = 10_000
CACHED_FOR = timedelta(seconds=10)
#: How many lists, that is how many combinations of filters, are remembered at most.
_MOST_LISTS = 200
#: How many places of a list are remembered at most.
_MOST_PLACES = 1_000
#: Where a session notes the tables that it has written to.
_WRITTEN = "count_cache_tables"


@dataclass(frozen=True)
class _Count:
    """How many rows a list had, and of which tables."""

    rows: int
    tables: frozenset[str]
    at: datetime = field(default_factory=clock.now)
    #: Sort keys of rows, by how many rows go before.
    places: dict[int, Sequence[Any]] = field(default_factory=dict)

    @property
    def is_old(self) -> bool:
        # Younger than nothing where the machine's clock was put back.
        return not timedelta(0) <= clock.now() - self.at <= CACHED_FOR


_counts: dict[Hashable, _Count] = {}
_lock = Lock()


@dataclass(frozen=True)
class SelectKey:
    """What tells a select from all others, as SQLAlchemy's own cache of statements has it."""

    statement: CacheKey

    def with_values(self, given: Mapping[str, object]) -> Hashable:
        """Return what tells the rows of the select by its own values and those ``given`` to its parameters."""
        values = (given.get(each.key, each.effective_value) for each in self.statement.bindparams)
        # What an IN looks among is a list.
        return (
            db.engine,
            self.statement.key,
            tuple(tuple(value) if isinstance(value, list) else value for value in values),
        )


def key_of(rows: AnySelect) -> SelectKey | None:
    """Return what tells ``rows`` from all others, None where nothing does."""
    found = rows._generate_cache_key()
    return None if found is None else SelectKey(found)


def tables_of(rows: AnySelect) -> frozenset[str]:
    """Return the names of the tables that a select reads."""
    return frozenset(part.name for part in visitors.iterate(rows) if isinstance(part, Table))


def cached_count(key: Hashable | None) -> int | None:
    """Return how many rows a list had a moment ago, None where that isn't known."""
    found = _counts.get(key)
    return None if found is None or found.is_old else found.rows


def cache_count(key: Hashable | None, tables: Callable[[], frozenset[str]], count: int) -> None:
    """Remember how many rows a list has, if they are many, until one of its tables is written to."""
    if count <= CACHED_OVER or key is None:
        return
    with _lock:
        for old in [each for each, found in _counts.items() if found.is_old]:
            del _counts[old]
        if len(_counts) >= _MOST_LISTS:
            _counts.clear()
        _counts[key] = _Count(count, tables())


def cache_place(key: Hashable | None, offset: int, row: Sequence[Any]) -> None:
    """Remember which row of a list stands behind ``offset`` others, if the list's count is cached."""
    found = _counts.get(key)
    if found is not None:
        with _lock:
            # Where the list begins with another row, the other places belong to how it was.
            if len(found.places) >= _MOST_PLACES or (offset == 0 and found.places.get(0) != row):
                found.places.clear()
            found.places[offset] = row


def cached_place(key: Hashable | None, offset: int) -> tuple[int, Sequence[Any]] | None:
    """Return the last place at ``offset`` or before it that is remembered, and the sort key of the row there."""
    found = _counts.get(key)
    if found is None:
        return None
    with _lock:
        offsets = sorted(found.places)
        index = bisect_right(offsets, offset)
        return (offsets[index - 1], found.places[offsets[index - 1]]) if index else None


@event.listens_for(Session, "after_flush")
def _note_flushed(session: Session, _context: UOWTransaction) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        _note(session, row.__table__.name)


@event.listens_for(Session, "do_orm_execute")
def _note_executed(state: ORMExecuteState) -> None:
    # Of a mapped class and of a bare table alike.
    if isinstance(state.statement, UpdateBase) and isinstance(state.statement.table, Table):
        _note(state.session, state.statement.table.name)


def _note(session: Session, table: str) -> None:
    session.info.setdefault(_WRITTEN, set()).add(table)


@event.listens_for(Session, "after_commit")
def _drop_written(session: Session) -> None:
    written = session.info.pop(_WRITTEN, None)
    if written:
        with _lock:
            for key in [key for key, count in _counts.items() if count.tables & written]:
                del _counts[key]


@event.listens_for(Session, "after_rollback")
def _forget_written(session: Session) -> None:
    session.info.pop(_WRITTEN, None)
