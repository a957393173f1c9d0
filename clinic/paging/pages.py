"""Lists by pages: cut by number for programs, from a row on for people. Knows no domain.

A page by number is counted and skipped to, as the API wants. A page by keyset starts beside a row, whose
sort key its cursor tells: as cheap at the end of a million rows as at the start, and what is inserted meanwhile neither
repeats nor hides a row. Either takes two statements: the keys of the page's rows by an index, then these rows.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, UnaryExpression, func, literal_column, select
from sqlalchemy.sql.operators import desc_op

from clinic.db import MAX_ID, AnyRow, AnySelect, Order, built_once, session
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.id_lists import among, id_list, place_in
from clinic.paging import cursors
from clinic.paging.count_cache import cache_count, cache_place, cached_count, cached_place

#: Pages for people count no further: counting a million rows costs more than all the rest of a page.
MOST_COUNTED = 1_000
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)

Item = TypeVar("Item")
Other = TypeVar("Other")


@dataclass(frozen=True)
class PageRequest:
    """The page ``number`` (from 1) of ``size`` rows, counted exactly; of a long list as it was a moment ago (``count_cache``)."""

    number: int = 1
    size: int = 10


@dataclass(frozen=True)
class Keyset:
    """The ``size`` rows ``after`` or ``before`` a cursor, the first ones without either; counted up to MOST_COUNTED."""

    size: int
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list.

    ``next`` and ``previous`` lead to the pages beside it, None where there is none: page numbers where one was asked
    for by number, else the cursors to be ``after`` and ``before``. There are more than ``count`` rows if it is
    ``capped``. ``cursors`` are those of each row.
    """

    results: list[Item]
    count: int
    next: str | None = None
    previous: str | None = None
    capped: bool = False
    cursors: tuple[str, ...] = ()

    def with_results(self, results: list[Other]) -> "Page[Other]":
        """Return this page with ``results`` in the place of its rows, one for each."""
        return Page(results, self.count, self.next, self.previous, self.capped, self.cursors)

    def first(self, most: int) -> "Page[Item]":
        """Return the page of the first ``most`` rows of this one."""
        if len(self.results) <= most:
            return self
        return replace(self, results=self.results[:most], cursors=self.cursors[:most], next=self.cursors[most - 1])


@dataclass(frozen=True)
class Segment:
    """One part of a list that people read: the rows that fulfil ``where``, in an ``order`` of their own."""

    order: Order
    where: Sequence[ColumnElement[bool]] = ()


def paginate(
    rows: AnySelect,
    order: Order,
    requested: PageRequest | Keyset | None,
    shape: Callable[[AnyRow], Item],
    *,
    where: Sequence[ColumnElement[bool]] = (),
    within: AnySelect | None = None,
    segments: Sequence[Segment] = (),
) -> Page[Item]:
    """Return what is ``requested`` of the ``rows`` that fulfil ``where``, each shaped; all of them for None.

    ``order`` is as for ``order_by``: columns, plain or ``.desc()``, never empty ones, the id that tells rows apart last.
    ``within`` selects from no more tables than order and conditions need, where that is less than ``rows``.
    ``segments``: how people read the list (``Keyset``) where that differs from ``order``: one segment after the other,
    which share the order's columns and hold each row once between them.
    ``NotFound`` ``invalid_page`` for a page past the end and for what is no cursor of this order.
    """
    if requested is None:
        everything = session().execute(rows.where(*where).order_by(*order)).all()
        return Page([shape(row) for row in everything], len(everything))
    walked = segments if segments and isinstance(requested, Keyset) else (Segment(order),)
    listing = _Listing(rows if within is None else within, where, [_Segment.of(each) for each in walked])
    found = _by_keyset(listing, requested) if isinstance(requested, Keyset) else _by_number(listing, requested)
    if not found.results:
        return found.with_results([])
    ids = [position[-1] for position in found.results]
    number = listing.segments[0].keys[-1].column
    shown = session().execute(_rows_of(rows, number), {"ids": ids})
    return found.with_results([shape(row) for row in shown])


@lru_cache(maxsize=64)
def _rows_of(rows: AnySelect, number: Any) -> AnySelect:
    """Return the rows of a list of ``ids`` in its order; ``rows`` is best built once itself."""
    return built_once(rows.where(among(number, id_list("ids"))).order_by(place_in(number, id_list("ids"))))


def cut(rows: Sequence[Item], requested: Keyset) -> Page[Item]:
    """Return what is ``requested`` of rows that stand in an order which no database knows; a cursor says how many go before."""
    edge = requested.after if requested.before is None else requested.before
    if (requested.after is not None and requested.before is not None) or (
        edge is not None and not _WHOLE.fullmatch(edge)
    ):
        raise _no_page()
    # Where rows have gone since, the last ones are shown.
    at = min(int(edge or 0), max(len(rows) - 1, 0))
    start = at if requested.before is None else max(at - requested.size, 0)
    end = start + requested.size
    return Page(
        list(rows[start:end]),
        len(rows),
        next=str(end) if end < len(rows) else None,
        previous=str(start) if start else None,
    )


def _no_page() -> NotFound:
    return NotFound(N_("This page doesn't exist."), code="invalid_page")


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
class _Segment:
    """A segment with its order taken apart."""

    keys: Sequence[_Key]
    where: Sequence[ColumnElement[bool]]

    @classmethod
    def of(cls, segment: Segment) -> "_Segment":
        return cls([_Key.of(part) for part in segment.order], segment.where)

    def beyond(self, edge: Sequence[Any], back: bool, *, with_edge: bool = False) -> list[Any]:
        """Return the conditions for the rows beyond the edge, the row there among them or not; the first one is where an
        index can start.

        Rows can't be compared as tuples, as the columns' directions differ.
        """
        *outer, (last, value) = zip(self.keys, edge, strict=True)
        condition = last.not_before(value, back) if with_edge else last.beyond(value, back)
        for key, value in reversed(outer):
            condition = key.beyond(value, back) | ((key.column == value) & condition)
        return [self.keys[0].not_before(edge[0], back), condition] if outer else [condition]


#: Where a row stands: the number of its segment, then its sort key.
_Position = tuple[Any, ...]


@dataclass(frozen=True)
class _Listing:
    """All rows of a list: the tables that tell which they are, the conditions, the segments in their order."""

    within: AnySelect
    where: Sequence[ColumnElement[bool]]
    segments: Sequence[_Segment]

    def walk(self, edge: _Position | None, *, back: bool, limit: int, most: int) -> tuple[list[_Position], int]:
        """Return the first rows beyond the ``edge``, from segment to segment, and how many rows the list has, as ``find`` does."""
        places = range(len(self.segments))
        start = edge[0] if edge is not None else places[-1] if back else 0
        found: list[_Position] = []
        count = 0
        for number in places[start::-1] if back else places[start:]:
            key = edge[1:] if edge is not None and edge[0] == number else None
            more, counted = self.find(number, key, back=back, limit=limit - len(found), most=most)
            found, count = found + more, counted or count
            if len(found) == limit:
                break
        return found, count

    def find(
        self,
        number: int,
        edge: Sequence[Any] | None = None,
        *,
        back: bool = False,
        limit: int,
        offset: int = 0,
        most: int | None,
    ) -> tuple[list[_Position], int]:
        """Return the rows of a segment beyond the ``edge``, and how many rows the whole list has (0 where none is found).

        Without an edge from the start; ``back`` turns the order round. No more than ``most`` are counted.
        """
        counted = select(func.count()).select_from(self.ones(most).subquery("counted")).scalar_subquery()
        page = self._page(number, edge, back=back, limit=limit, offset=offset).add_columns(counted)
        found = session().execute(page).all()
        return [(number, *row[:-1]) for row in found], found[0][-1] if found else 0

    def skip(
        self, offset: int, *, limit: int, back: bool = False, start: Sequence[Any] | None = None
    ) -> list[_Position]:
        """Return the rows behind the first ``offset`` ones of the first segment, uncounted: of all, of those from the end on if
        ``back``, or of those from the row with the sort key ``start`` on."""
        page = self._page(0, start, back=back, limit=limit, offset=offset, with_edge=True)
        found = session().execute(page)
        return [(0, *row) for row in found]

    def ones(self, most: int | None = None) -> AnySelect:
        """Return the select of a 1 for each row of the list, no more than ``most``: what is counted."""
        return self._select(literal_column("1")).where(*self.where).limit(most)

    def in_order(self) -> AnySelect:
        """Return what tells the list from others, also from one of the same rows in another order."""
        return self.ones().order_by(*(key.ordered(False) for key in self.segments[0].keys))

    def _page(
        self,
        number: int,
        edge: Sequence[Any] | None,
        *,
        back: bool,
        limit: int,
        offset: int,
        with_edge: bool = False,
    ) -> AnySelect:
        segment = self.segments[number]
        # The edge comes first: SQLite starts at the first bound that it reads, and none is narrower.
        bounds = [] if edge is None else segment.beyond(edge, back, with_edge=with_edge)
        return (
            self._select(*(key.column for key in segment.keys))
            .where(*bounds, *segment.where, *self.where)
            .order_by(*(key.ordered(back) for key in segment.keys))
            .limit(limit)
            .offset(offset or None)
        )

    def _select(self, *columns: Any) -> AnySelect:
        return self.within.with_only_columns(*columns, maintain_column_froms=True)

    def cursor(self, position: _Position) -> str:
        """Return a row's position as a text for an address; of several segments it names the number."""
        return cursors.written(position if len(self.segments) > 1 else position[1:])


def _by_number(listing: _Listing, requested: PageRequest) -> Page[_Position]:
    """Return the page of this number with the positions of its rows."""
    start = (requested.number - 1) * requested.size
    if start > MAX_ID:
        raise _no_page()
    found, count = _skipped_to(listing, start, requested.size)
    if requested.number > 1 and not found:
        raise _no_page()
    return Page(
        list(found),
        count,
        next=str(requested.number + 1) if start + requested.size < count else None,
        previous=str(requested.number - 1) if requested.number > 1 else None,
    )


def _skipped_to(listing: _Listing, start: int, size: int) -> tuple[list[_Position], int]:
    """Return ``size`` rows behind the first ``start`` ones, and how many there are.

    A page of a list whose count is cached is skipped to from where the way is shortest: its start, its end, or a page before it
    that was shown. All pages tile by that count; the first one begins where the list does at present.
    """
    ones = listing.in_order()
    count = cached_count(ones)
    if count is None:
        found, count = listing.find(0, limit=size, offset=start, most=None)
        cache_count(ones, count)
    elif start >= count:
        return [], count
    else:
        found = _nearest(listing, ones, start, size, count)
    if found:
        # Without the number of the segment: there is one.
        cache_place(ones, start, found[0][1:])
        cache_place(ones, start + len(found) - 1, found[-1][1:])
    return found, count


def _nearest(listing: _Listing, ones: AnySelect, start: int, size: int, count: int) -> list[_Position]:
    """Return ``size`` rows behind the first ``start`` of ``count`` by the shortest way."""
    size = min(size, count - start)
    # Whoever comes back to the first page wants what is new, whoever wrote it.
    offset, key = (cached_place(ones, start) if start else None) or (0, None)
    behind = count - start - size
    if behind < start - offset:
        return listing.skip(behind, back=True, limit=size)[::-1]
    return listing.skip(start - offset, start=key, limit=size)


def _by_keyset(listing: _Listing, requested: Keyset) -> Page[_Position]:
    """Return the page beside a cursor with the positions of its rows."""
    back = requested.before is not None
    cursor = requested.before if back else requested.after
    if back and requested.after is not None:
        raise _no_page()
    edge = None if cursor is None else _edge(cursor, listing)
    limit, most = requested.size + 1, MOST_COUNTED + 1
    found, count = listing.walk(edge, back=back, limit=limit, most=most)
    if edge is not None and not found:
        # All rows beyond the edge have gone since it was shown: the page at that end of the list is shown.
        edge, back = None, not back
        found, count = listing.walk(None, back=back, limit=limit, most=most)
    more, found = len(found) > requested.size, found[: requested.size]
    ahead, behind = (edge is not None, more) if back else (more, edge is not None)
    ordered = found[::-1] if back else found
    row_cursors = tuple(map(listing.cursor, ordered))
    return Page(
        list(ordered),
        min(count, MOST_COUNTED),
        next=row_cursors[-1] if ahead else None,
        previous=row_cursors[0] if behind else None,
        capped=count > MOST_COUNTED,
        cursors=row_cursors,
    )


def _edge(cursor: str, listing: _Listing) -> _Position:
    """Return the position that a cursor tells; ``NotFound`` for anything that ``_Listing.cursor`` doesn't write."""
    try:
        written = cursors.parts_of(cursor)
        number, *key = written if len(listing.segments) > 1 else [0, *written]
        if type(number) is not int or number not in range(len(listing.segments)):
            raise ValueError
        keys = listing.segments[number].keys
        position = (
            number,
            *(cursors.read(each.column.type.python_type, value) for each, value in zip(keys, key, strict=True)),
        )
        if listing.cursor(position) != cursor:
            raise ValueError
    except (ValueError, TypeError, RecursionError) as error:
        raise _no_page() from error
    return position
