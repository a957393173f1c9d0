"""Lists by pages: cut by number for programs, from a row on for people. Knows no domain.

A page by number is counted and skipped to, as the API wants. A page by keyset starts beside a row, whose
sort key its cursor tells: as cheap at the end of a million rows as at the start, and what is inserted meanwhile neither
repeats nor hides a row. Either takes two statements: the keys of the page's rows by an index, then these rows.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement

from clinic.db import MAX_ID, AnyRow, AnySelect, Order, built_once, session
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.id_lists import among, id_list, place_in
from clinic.paging import cursors
from clinic.paging.count_cache import CACHED_OVER, cache_count, cache_place, cached_count, cached_place
from clinic.paging.positions import NO_VALUES, PageStatements, Position, Positions, Segment

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
    """The ``size`` rows ``after`` or ``before`` a cursor, the first ones without either; counted up to ``most_counted``."""

    size: int
    after: str | None = None
    before: str | None = None
    most_counted: int = MOST_COUNTED


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


class Listing:
    """A list that is cut into pages by statements that are built once, for one that is asked for often.

    ``where`` and ``within`` then hold parameters in the place of values; ``page`` is told these by their names. Everything is
    as for ``paginate``.
    """

    def __init__(
        self,
        rows: AnySelect,
        order: Order,
        *,
        where: Sequence[ColumnElement[bool]] = (),
        within: AnySelect | None = None,
        segments: Sequence[Segment] = (),
        kept: bool = True,
        along: bool = False,
    ) -> None:
        self._rows, self._order, self._where = rows, order, where
        self._within = rows if within is None else within
        self._segments = segments or [Segment(order)]
        self._kept, self._along = kept, along

    def page(
        self,
        requested: PageRequest | Keyset | None,
        shape: Callable[[AnyRow], Item],
        values: Mapping[str, object] = NO_VALUES,
    ) -> Page[Item]:
        """Return what is ``requested``, each row shaped; all of them for None. ``values`` are those of the parameters."""
        if requested is None:
            everything = session().execute(self._everything, values).all()
            return Page([shape(row) for row in everything], len(everything))
        if isinstance(requested, Keyset):
            found = _by_keyset(Positions(self._walked, values, self._along), requested)
        else:
            found = _by_number(Positions(self._numbered, values), requested)
        if not found.results:
            return found.with_results([])
        ids = [position[-1] for position in found.results]
        shown = session().execute(_rows_of(self._rows, self._numbered.keys[-1].column), {"ids": ids})
        return found.with_results([shape(row) for row in shown])

    @cached_property
    def _everything(self) -> AnySelect:
        return self._rows.where(*self._where).order_by(*self._order)

    @cached_property
    def _numbered(self) -> PageStatements:
        return PageStatements(self._within, self._where, [Segment(self._order)], kept=self._kept)

    @cached_property
    def _walked(self) -> PageStatements:
        return PageStatements(self._within, self._where, self._segments, kept=self._kept)


def paginate(
    rows: AnySelect,
    order: Order,
    requested: PageRequest | Keyset | None,
    shape: Callable[[AnyRow], Item],
    *,
    where: Sequence[ColumnElement[bool]] = (),
    within: AnySelect | None = None,
    segments: Sequence[Segment] = (),
    along: bool = False,
) -> Page[Item]:
    """Return what is ``requested`` of the ``rows`` that fulfil ``where``, each shaped; all of them for None.

    ``order`` is what the list is ordered by: columns, plain or ``.desc()``, never empty ones, the id that tells rows apart last.
    ``within`` selects from no more tables than order and conditions need, where that is less than ``rows``.
    ``segments``: how people read the list (``Keyset``) where that differs from ``order``: one segment after the other,
    which share the order's columns and hold each row once between them.
    ``along``: whether the first page's walk goes on to count, as it does where all rows are sorted first, or hardly any that are
    looked at belong to the list; a count of its own would look at them again.
    ``NotFound`` ``invalid_page`` for a page past the end and for what is no cursor of this order.
    """
    listing = Listing(rows, order, where=where, within=within, segments=segments, kept=False, along=along)
    return listing.page(requested, shape)


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


# --- by number, and from a row on --------------------------------------------------------------------------------------


def _by_number(positions: Positions, requested: PageRequest) -> Page[Position]:
    """Return the page of this number with the positions of its rows."""
    start = (requested.number - 1) * requested.size
    if start > MAX_ID:
        raise _no_page()
    found, count = _skipped_to(positions, start, requested.size)
    if requested.number > 1 and not found:
        raise _no_page()
    return Page(
        list(found),
        count,
        next=str(requested.number + 1) if start + requested.size < count else None,
        previous=str(requested.number - 1) if requested.number > 1 else None,
    )


def _skipped_to(positions: Positions, start: int, size: int) -> tuple[list[Position], int]:
    """Return ``size`` rows behind the first ``start`` ones, and how many there are.

    A page far behind and one of a list whose count is cached is skipped to from where the way is shortest: the start of the list,
    its end, or a page before it that was shown. All pages tile by that count; the first one begins where the list does at present.
    """
    key = positions.key()
    count = cached_count(key)
    if count is None and start >= CACHED_OVER:
        count = positions.count()
        cache_count(key, positions.tables, count)
    if count is None:
        found, count = positions.find(0, limit=size, offset=start, most=None)
        cache_count(key, positions.tables, count)
    elif start >= count:
        return [], count
    else:
        found = _nearest(positions, key, start, size, count)
    if found:
        # Without the number of the segment: there is one.
        cache_place(key, start, found[0][1:])
        cache_place(key, start + len(found) - 1, found[-1][1:])
    return found, count


def _nearest(positions: Positions, list_key: Hashable | None, start: int, size: int, count: int) -> list[Position]:
    """Return ``size`` rows behind the first ``start`` of ``count`` by the shortest way."""
    size = min(size, count - start)
    # Whoever comes back to the first page wants what is new, whoever wrote it.
    offset, edge = (cached_place(list_key, start) if start else None) or (0, None)
    behind = count - start - size
    if behind < start - offset:
        return positions.skip(behind, back=True, limit=size)[::-1]
    return positions.skip(start - offset, start=edge, limit=size)


def _by_keyset(positions: Positions, requested: Keyset) -> Page[Position]:
    """Return the page beside a cursor with the positions of its rows."""
    back = requested.before is not None
    cursor = requested.before if back else requested.after
    if back and requested.after is not None:
        raise _no_page()
    edge = None if cursor is None else _edge(cursor, positions)
    limit, most = requested.size + 1, requested.most_counted + 1
    found, count = positions.walk(edge, back=back, limit=limit, most=most)
    if edge is not None and not found:
        # All rows beyond the edge have gone since it was shown: the page at that end of the list is shown.
        edge, back = None, not back
        found, count = positions.walk(None, back=back, limit=limit, most=most)
    more, found = len(found) > requested.size, found[: requested.size]
    ahead, behind = (edge is not None, more) if back else (more, edge is not None)
    ordered = found[::-1] if back else found
    row_cursors = tuple(map(positions.cursor, ordered))
    return Page(
        list(ordered),
        min(count, requested.most_counted),
        next=row_cursors[-1] if ahead else None,
        previous=row_cursors[0] if behind else None,
        capped=count > requested.most_counted,
        cursors=row_cursors,
    )


def _edge(cursor: str, positions: Positions) -> Position:
    """Return the position that a cursor tells; ``NotFound`` for anything that ``Positions.cursor`` doesn't write."""
    try:
        written = cursors.parts_of(cursor)
        number, *key = written if len(positions.segments) > 1 else [0, *written]
        if type(number) is not int or number not in range(len(positions.segments)):
            raise ValueError
        keys = positions.statements.keys
        position = (
            number,
            *(cursors.read(each.column.type.python_type, value) for each, value in zip(keys, key, strict=True)),
        )
        if positions.cursor(position) != cursor:
            raise ValueError
    except (ValueError, TypeError, RecursionError) as error:
        raise _no_page() from error
    return position
