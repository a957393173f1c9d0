"""Where the rows of a page stand in a list: found by their sort keys alone, by one statement a segment. Knows no domain.

A statement depends on the list, the direction and on whether it begins beside a row, never on a value: ``PageStatements`` builds each
once.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, UnaryExpression, bindparam, func, literal_column, select
from sqlalchemy.sql.operators import desc_op

from clinic.db import AnySelect, Order, built_once, session
from clinic.paging import cursors
from clinic.paging.count_cache import SelectKey, key_of, tables_of

#: Of a list whose statements hold no parameters of its own.
NO_VALUES: Mapping[str, object] = MappingProxyType({})
#: The parameters of every page, behind a prefix that no list's own have.
_LIMIT, _OFFSET, _MOST = (
    bindparam(f"page_{name}", type_=Integer, required=True) for name in ("limit", "offset", "most")
)

#: Where a row stands: the number of its segment, then its sort key.
Position = tuple[Any, ...]


@dataclass(frozen=True)
class Segment:
    """One part of a list that people read: the rows that fulfil ``where``, in an ``order`` of their own."""

    order: Order
    where: Sequence[ColumnElement[bool]] = ()


@dataclass(frozen=True)
class _Key:
    """One column of an order, and the parameter for a value of it."""

    column: Any
    descending: bool
    edge: Any

    @classmethod
    def of(cls, place: int, part: Any) -> "_Key":
        falls = isinstance(part, UnaryExpression) and part.modifier is desc_op
        column = part.element if falls else part
        return cls(column, falls, bindparam(_edge_name(place), type_=column.type, required=True))

    def ordered(self, back: bool) -> Any:
        return self.column.desc() if self.descending != back else self.column.asc()

    def beyond(self, back: bool) -> Any:
        return self.column < self.edge if self.descending != back else self.column > self.edge

    def not_before(self, back: bool) -> Any:
        return self.column <= self.edge if self.descending != back else self.column >= self.edge


def _edge_name(place: int) -> str:
    return f"page_edge_{place}"


class _Way(NamedTuple):
    """How a page is found, but for all values: what tells its statement from the list's others."""

    segment: int
    back: bool
    #: Beside a row, which is on the page if ``with_edge``; else from an end of the segment.
    from_edge: bool
    with_edge: bool
    skips: bool
    #: Whether the list is counted too, and no further than to a limit.
    counts: bool
    capped: bool
    #: Whether it is counted by going on behind the page, up to that limit.
    along: bool


class PageStatements:
    """The statements that find the positions of a list's rows, each built the first time that it is asked for.

    ``kept``: for more than one page, so that it pays to build them without the ORM.
    """

    def __init__(
        self, within: AnySelect, where: Sequence[ColumnElement[bool]], segments: Sequence[Segment], *, kept: bool
    ) -> None:
        self._within, self._where, self.segments, self._kept = within, where, segments, kept
        self._keys = [[_Key.of(place, part) for place, part in enumerate(each.order)] for each in segments]
        self._built: dict[_Way, AnySelect] = {}

    @property
    def keys(self) -> Sequence[_Key]:
        """The columns of the first segment's order; those of the others are the same."""
        return self._keys[0]

    @cached_property
    def ones(self) -> AnySelect:
        """The select of a 1 for each row of the list: what is counted."""
        return self._select(literal_column("1")).where(*self._where)

    @cached_property
    def count(self) -> AnySelect:
        """The select of how many rows the list has."""
        return self._finished(select(func.count()).select_from(self.ones.subquery("counted")))

    @cached_property
    def key(self) -> SelectKey | None:
        """What tells the list from all others, also from one of the same rows in another order, values aside; None where nothing
        does."""
        return key_of(self.ones.order_by(*(key.ordered(False) for key in self.keys)))

    def of(self, way: _Way) -> AnySelect:
        """Return the statement that goes this way."""
        found = self._built.get(way)
        if found is None:
            self._built[way] = found = self._finished(self._page(way))
        return found

    def _finished(self, statement: AnySelect) -> AnySelect:
        return built_once(statement) if self._kept else statement

    def _page(self, way: _Way) -> AnySelect:
        segment, keys = self.segments[way.segment], self._keys[way.segment]
        if way.along:
            return self._counted_along(segment, keys, way.back)
        page = (
            self._select(*(key.column for key in keys))
            # The edge comes first: SQLite starts at the first bound that it reads, and none is narrower.
            .where(*(_bounds(keys, way) if way.from_edge else ()), *segment.where, *self._where)
            .order_by(*(key.ordered(way.back) for key in keys))
            .limit(_LIMIT)
            .offset(_OFFSET if way.skips else None)
        )
        if not way.counts:
            return page
        ones = self.ones.limit(_MOST) if way.capped else self.ones
        return page.add_columns(select(func.count()).select_from(ones.subquery("counted")).scalar_subquery())

    def _counted_along(self, segment: Segment, keys: Sequence[_Key], back: bool) -> AnySelect:
        """Return the select of the first rows of a segment that is all of the list, found in one walk with those that are counted."""
        walked = (
            self._select(*(key.column.label(f"key_{place}") for place, key in enumerate(keys)))
            .where(*segment.where, *self._where)
            .order_by(*(key.ordered(back) for key in keys))
            .limit(_MOST)
            .cte("walked")
        )
        ordered = (
            column.desc() if key.descending != back else column.asc()
            for key, column in zip(keys, walked.c, strict=True)
        )
        count = select(func.count()).select_from(walked).scalar_subquery()
        return select(*walked.c, count).order_by(*ordered).limit(_LIMIT)

    def _select(self, *columns: Any) -> AnySelect:
        return self._within.with_only_columns(*columns, maintain_column_froms=True)


def _bounds(keys: Sequence[_Key], way: _Way) -> list[Any]:
    """Return the conditions for the rows beyond the edge; the first one is where an index can start.

    Rows can't be compared as tuples, as the columns' directions differ.
    """
    *outer, last = keys
    condition = last.not_before(way.back) if way.with_edge else last.beyond(way.back)
    for key in reversed(outer):
        condition = key.beyond(way.back) | ((key.column == key.edge) & condition)
    return [keys[0].not_before(way.back), condition] if outer else [condition]


@dataclass(frozen=True)
class Positions:
    """The rows of a list by where they stand; ``values`` are those of the list's own parameters."""

    statements: PageStatements
    values: Mapping[str, object]
    #: Whether the first page's list is counted by going on behind the page (see ``Listing``).
    along: bool = False

    @property
    def segments(self) -> Sequence[Segment]:
        """The list's segments in their order."""
        return self.statements.segments

    def tables(self) -> frozenset[str]:
        """Return the names of the tables that tell which rows the list has."""
        return tables_of(self.statements.ones)

    def key(self) -> Hashable | None:
        """Return what tells the list from all others, its values included; None where nothing does."""
        key = self.statements.key
        return None if key is None else key.with_values(self.values)

    def walk(self, edge: Position | None, *, back: bool, limit: int, most: int) -> tuple[list[Position], int]:
        """Return the first rows beyond the ``edge``, from segment to segment, and how many rows the list has, as ``find`` does."""
        places = range(len(self.segments))
        start = edge[0] if edge is not None else places[-1] if back else 0
        found: list[Position] = []
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
    ) -> tuple[list[Position], int]:
        """Return the rows of a segment beyond the ``edge``, and how many rows the whole list has (0 where none is found).

        Without an edge from the start; ``back`` turns the order round. No more than ``most`` are counted.
        """
        along = self.along and most is not None and edge is None and len(self.segments) == 1
        way = _Way(number, back, edge is not None, False, offset > 0, counts=True, capped=most is not None, along=along)
        found = self._fetch(way, edge, limit, offset, most)
        return [(number, *row[:-1]) for row in found], found[0][-1] if found else 0

    def count(self) -> int:
        """Return how many rows the list has."""
        return int(session().execute(self.statements.count, self.values).scalar_one())

    def skip(
        self, offset: int, *, limit: int, back: bool = False, start: Sequence[Any] | None = None
    ) -> list[Position]:
        """Return the rows behind the first ``offset`` ones of the first segment, uncounted: of all, of those from the end on if
        ``back``, or of those from the row with the sort key ``start`` on."""
        way = _Way(0, back, start is not None, True, offset > 0, counts=False, capped=False, along=False)
        return [(0, *row) for row in self._fetch(way, start, limit, offset, None)]

    def _fetch(self, way: _Way, edge: Sequence[Any] | None, limit: int, offset: int, most: int | None) -> Sequence[Any]:
        values: dict[str, object] = {**self.values, _LIMIT.key: limit, _OFFSET.key: offset, _MOST.key: most}
        for place, value in enumerate(edge or ()):
            values[_edge_name(place)] = value
        return session().execute(self.statements.of(way), values).all()

    def cursor(self, position: Position) -> str:
        """Return a row's position as a text for an address; of several segments it names the number."""
        return cursors.written(position if len(self.segments) > 1 else position[1:])
