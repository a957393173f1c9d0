"""Lists by pages: cut by number for programs, from a row on for people. Knows no domain.

A page by number is counted and skipped to, as the contract wants ("Lists"). A page by keyset starts beside a row, whose
sort key its cursor tells: as cheap at the end of a million rows as at the start, and what is inserted meanwhile neither
repeats nor hides a row. Either takes two statements: the keys of the page's rows by an index, then these rows.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, UnaryExpression, func, literal_column, select
from sqlalchemy.sql.operators import desc_op

from clinic.db import MAX_ID, AnySelect, session
from clinic.errors import NotFound
from clinic.i18n import N_

#: Pages for people count no further: counting a million rows costs more than all the rest of a page.
MOST_COUNTED = 10_000
#: No cursor is longer: two names of the greatest length, each character of four bytes.
CURSOR_MAX = 4_000
_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,4})?", re.ASCII)


@dataclass(frozen=True)
class PageRequest:
    """The page ``number`` (from 1) of ``size`` rows, counted exactly."""

    number: int = 1
    size: int = 10


@dataclass(frozen=True)
class Keyset:
    """The ``size`` rows ``after`` or ``before`` a cursor, the first ones without either; counted up to MOST_COUNTED."""

    size: int
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True)
class Page:
    """One page of a list.

    ``next`` and ``previous`` lead to the pages beside it, None where there is none: page numbers where one was asked
    for by number, else the cursors to be ``after`` and ``before``. There are more than ``count`` rows if it is
    ``capped``. ``cursors`` are those of each row.
    """

    results: list[Any]
    count: int
    next: str | None = None
    previous: str | None = None
    capped: bool = False
    cursors: tuple[str, ...] = ()

    def first(self, most: int) -> "Page":
        """Return the page of the first ``most`` rows of this one."""
        if len(self.results) <= most:
            return self
        return replace(self, results=self.results[:most], cursors=self.cursors[:most], next=self.cursors[most - 1])


def paginate(
    rows: AnySelect,
    order: Sequence[Any],
    asked: PageRequest | Keyset | None,
    shape: Callable[[Row[Any]], Mapping[str, Any]],
    *,
    where: Sequence[ColumnElement[bool]] = (),
    within: AnySelect | None = None,
) -> Page:
    """Return what is ``asked`` of the ``rows`` that fulfil ``where``, each shaped; all of them for None.

    ``order`` is as for ``order_by``: columns, plain or ``.desc()``, never empty ones, the id that tells rows apart last.
    ``within`` selects from no more tables than order and conditions need, where that is less than ``rows``.
    ``NotFound`` ``invalid_page`` for a page past the end and for what is no cursor of this order.
    """
    if asked is None:
        everything = session().execute(rows.where(*where).order_by(*order)).all()
        return Page([shape(row) for row in everything], len(everything))
    listing = _Listing(rows if within is None else within, where, [_Key.of(part) for part in order])
    found = _by_keyset(listing, asked) if isinstance(asked, Keyset) else _by_number(listing, asked)
    if not found.results:
        return found
    ids = [key[-1] for key in found.results]
    shown = session().execute(rows.where(listing.keys[-1].column.in_(ids)).order_by(*order))
    return replace(found, results=[shape(row) for row in shown])


def _no_page() -> NotFound:
    return NotFound(N_("This page does not exist."), code="invalid_page")


# --- the keys of a page ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Key:
    """One column of an order."""

    column: Any
    descending: bool

    @classmethod
    def of(cls, part: Any) -> "_Key":
        if isinstance(part, UnaryExpression) and part.modifier is desc_op:
            return cls(part.element, True)
        return cls(part, False)

    def ordered(self, back: bool) -> Any:
        return self.column.desc() if self.descending != back else self.column.asc()

    def beyond(self, value: Any, back: bool) -> Any:
        return self.column < value if self.descending != back else self.column > value

    def not_before(self, value: Any, back: bool) -> Any:
        return self.column <= value if self.descending != back else self.column >= value


@dataclass(frozen=True)
class _Listing:
    """All rows of a list: the tables that tell which they are, the conditions, the order."""

    within: AnySelect
    where: Sequence[ColumnElement[bool]]
    keys: Sequence[_Key]

    def find(
        self, edge: Sequence[Any] | None = None, *, back: bool = False, limit: int, offset: int = 0, most: int | None
    ) -> tuple[list[tuple[Any, ...]], int]:
        """Return the keys of the rows beyond the ``edge``, and how many rows the list has (0 where none is found).

        Without an edge from the start; ``back`` turns the order round. No more than ``most`` are counted.
        """
        # The edge comes first: SQLite starts at the first bound that it reads, and none is narrower.
        bounds = [] if edge is None else self._beyond(edge, back)
        ones = self._select(literal_column("1")).where(*self.where).limit(most).subquery("counted")
        page = (
            self._select(*(key.column for key in self.keys))
            .where(*bounds, *self.where)
            .order_by(*(key.ordered(back) for key in self.keys))
            .limit(limit)
            .offset(offset or None)
            .add_columns(select(func.count()).select_from(ones).scalar_subquery())
        )
        found = session().execute(page).all()
        return [tuple(row[:-1]) for row in found], found[0][-1] if found else 0

    def _select(self, *columns: Any) -> AnySelect:
        return self.within.with_only_columns(*columns, maintain_column_froms=True)

    def _beyond(self, edge: Sequence[Any], back: bool) -> list[Any]:
        """Return the conditions for the rows beyond the edge; the first one is where an index can start.

        Rows can't be compared as tuples, as the columns' directions differ.
        """
        *outer, (last, value) = zip(self.keys, edge, strict=True)
        condition = last.beyond(value, back)
        for key, value in reversed(outer):
            condition = key.beyond(value, back) | ((key.column == value) & condition)
        return [self.keys[0].not_before(edge[0], back), condition] if outer else [condition]


def _by_number(listing: _Listing, asked: PageRequest) -> Page:
    """Return the page of this number with the keys of its rows."""
    start = (asked.number - 1) * asked.size
    if start > MAX_ID:
        raise _no_page()
    found, count = listing.find(limit=asked.size, offset=start, most=None)
    if asked.number > 1 and not found:
        raise _no_page()
    return Page(
        list(found),
        count,
        next=str(asked.number + 1) if start + asked.size < count else None,
        previous=str(asked.number - 1) if asked.number > 1 else None,
    )


def _by_keyset(listing: _Listing, asked: Keyset) -> Page:
    """Return the page beside a cursor with the keys of its rows."""
    back = asked.before is not None
    cursor = asked.before if back else asked.after
    if back and asked.after is not None:
        raise _no_page()
    edge = None if cursor is None else _edge(cursor, listing.keys)
    limit, most = asked.size + 1, MOST_COUNTED + 1
    found, count = listing.find(edge, back=back, limit=limit, most=most)
    if edge is not None and not found:
        # All rows beyond the edge have gone since it was shown: the page at that end of the list is shown.
        edge, back = None, not back
        found, count = listing.find(back=back, limit=limit, most=most)
    more, found = len(found) > asked.size, found[: asked.size]
    ahead, behind = (edge is not None, more) if back else (more, edge is not None)
    cursors = tuple(_cursor(key) for key in (found[::-1] if back else found))
    return Page(
        list(found),
        min(count, MOST_COUNTED),
        next=cursors[-1] if ahead else None,
        previous=cursors[0] if behind else None,
        capped=count > MOST_COUNTED,
        cursors=cursors,
    )


# --- cursors --------------------------------------------------------------------------------------------------------


def _cursor(values: Sequence[Any]) -> str:
    """Return a row's sort key as a text for an address. It is a position and nothing else: it opens no door."""
    told = [value if isinstance(value, int) else _written(value) for value in values]
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _edge(cursor: str, keys: Sequence[_Key]) -> tuple[Any, ...]:
    """Return the sort key that a cursor tells; ``NotFound`` for anything that ``_cursor`` doesn't write."""
    try:
        if len(cursor) > CURSOR_MAX:
            raise ValueError
        told = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
        if not isinstance(told, list):
            raise TypeError
        values = tuple(_read(key.column.type.python_type, each) for key, each in zip(keys, told, strict=True))
        if _cursor(values) != cursor:
            raise ValueError
    except (ValueError, TypeError, RecursionError) as error:
        raise _no_page() from error
    return values


def _read(kind: type, told: Any) -> Any:
    """Return what ``_cursor`` wrote, if it is of ``kind`` and a value that both databases can compare."""
    if kind is int:
        if type(told) is not int or abs(told) > MAX_ID:
            raise ValueError
        return told
    if not isinstance(told, str) or "\0" in told:
        raise ValueError
    return _READ[kind](told)


def _amount(text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise ValueError
    return Decimal(text)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() != timedelta(0):
        raise ValueError
    return moment


def _time(text: str) -> time:
    at = time.fromisoformat(text)
    if at.tzinfo is not None:
        raise ValueError
    return at


_READ: Mapping[type, Callable[[str], Any]] = {
    str: str,
    date: date.fromisoformat,
    datetime: _moment,
    time: _time,
    Decimal: _amount,
}
