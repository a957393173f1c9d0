"""Pages by keyset: walking there and back shows each row once in order, whatever is written meanwhile; what is no cursor
of the list is no page. On real tables, with ties in every column but the last.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import String, bindparam, func, insert, select, update

from clinic import mail, records, scheduling
from clinic.db import db, rolled_back, session, transaction
from clinic.errors import NotFound
from clinic.mail import OutboxMail
from clinic.paging import CURSOR_MAX, MOST_COUNTED, Keyset, Listing, Page, PageRequest, Segment, paginate
from clinic.scheduling.models import Appointment
from tests import factories
from tests.factories import appointments
from tests.people import Cast
from tests.statements import count_statements

pytestmark = pytest.mark.usefixtures("app_context")
# Each example leaves the tables as it found them.
with_tables = settings(
    max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LATER = date(2026, 3, 4)
#: A column of each type that a list may be in order of, with few values, so that many rows tie.
VALUES: dict[str, list[Any]] = {
    "appointment_date": [date(2026, 3, 3), LATER],
    "appointment_time": [time(8), time(9, 30)],
    "estimated_fee": [Decimal("0.00"), Decimal("200000.00"), Decimal("200000.50")],
    "created_at": [MORNING, MORNING + timedelta(microseconds=1)],
    "reason": ["a", "b", 'c "\\ é'],
}
rows = st.lists(st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()}), max_size=25)
#: Columns with "falls": in any number, order and direction, the id last.
orders = st.tuples(
    st.lists(st.tuples(st.sampled_from(sorted(VALUES)), st.booleans()), unique_by=lambda part: part[0], max_size=4),
    st.booleans(),
).map(lambda told: [*told[0], ("id", told[1])])
sizes = st.integers(1, 6)


class Walk:
    """A list of cancelled visits (many may share a slot) in some order."""

    def __init__(self, cast: Cast, order: list[tuple[str, bool]], size: int) -> None:
        self.cast, self.size, self.told = cast, size, order
        columns = [(getattr(Appointment, name), falls) for name, falls in order]
        self.order = [column.desc() if falls else column for column, falls in columns]

    def write(self, new: list[dict[str, Any]]) -> None:
        """Add rows to the present transaction."""
        common = {
            "patient_id": self.cast.ana, "doctor_id": self.cast.chen, "department_id": self.cast.cardiology,
            "status": "cancelled",
        }  # fmt: skip
        if new:
            session().execute(insert(Appointment), [common | row for row in new])

    def page(self, **where: Any) -> Page:
        """One page of the list."""
        return paginate(
            select(Appointment.id),
            self.order,
            Keyset(self.size, **where),
            lambda row: {"id": row.id},
            where=[Appointment.notes.is_(None)],
            segments=self.segments(),
            along=isinstance(self, WalkAlong),
        )

    def segments(self) -> list[Segment]:
        """None: the list is read in one order."""
        return []

    def take_out(self, numbers: list[int]) -> None:
        """Let rows fall out of the list."""
        session().execute(update(Appointment).where(Appointment.id.in_(numbers)).values(notes="-"))

    def in_order(self) -> list[int]:
        """The ids of all rows as Python would put them."""
        found = list(session().execute(select(Appointment)).scalars())
        for name, falls in reversed(self.told):
            found.sort(key=attrgetter(name), reverse=falls)
        return [row.id for row in found]


class WalkOfTwo(Walk):
    """A list that people read in two segments: some rows in the order, then the others in the opposite one."""

    def segments(self) -> list[Segment]:
        """The rows of the later day, and those of the earlier."""
        later = Appointment.appointment_date == LATER
        opposite = [
            getattr(Appointment, name) if falls else getattr(Appointment, name).desc() for name, falls in self.told
        ]
        return [Segment(self.order, [later]), Segment(opposite, [~later])]

    def in_order(self) -> list[int]:
        """The ids of all rows as Python would put them."""
        numbers = super().in_order()
        later = set(session().scalars(select(Appointment.id).where(Appointment.appointment_date == LATER)))
        return [each for each in numbers if each in later] + [each for each in numbers[::-1] if each not in later]


class WalkKept(WalkOfTwo):
    """Such a list with statements that are built once, and a value that each page is told."""

    def __init__(self, cast: Cast, order: list[tuple[str, bool]], size: int) -> None:
        super().__init__(cast, order, size)
        self.list = Listing(
            select(Appointment.id),
            self.order,
            where=[func.coalesce(Appointment.notes, "") == bindparam("note", type_=String)],
            segments=self.segments(),
        )

    def page(self, **where: Any) -> Page:
        """One page of the list."""
        return self.list.page(Keyset(self.size, **where), lambda row: {"id": row.id}, {"note": ""})


class WalkAlong(Walk):
    """Such a list whose first page is counted by going on."""


walks = st.sampled_from([Walk, WalkOfTwo, WalkKept, WalkAlong])


@contextmanager
def taken_back() -> Iterator[None]:
    """Let nothing stay of what an example writes."""
    with rolled_back(), transaction():
        yield


def ids(page: Page) -> list[int]:
    """The ids on a page."""
    return [row["id"] for row in page.results]


@with_tables
@given(kind=walks, rows=rows, order=orders, size=sizes)
@taken_back()
def test_there_and_back_each_row_is_shown_once_in_order(
    cast: Cast, kind: type[Walk], rows: Any, order: Any, size: int
) -> None:
    walk = kind(cast, order, size)
    walk.write(rows)
    wanted = walk.in_order()
    page = walk.page()
    seen = ids(page)
    assert page.previous is None
    while page.next:
        assert len(page.results) == size
        page = walk.page(after=page.next)
        seen += ids(page)
        assert page.count == len(wanted)
    assert seen == wanted

    back = ids(page)
    while page.previous:
        page = walk.page(before=page.previous)
        back = ids(page) + back
    assert back == wanted


@with_tables
@given(kind=walks, rows=rows, more=rows, order=orders, size=sizes, turn=st.integers(0, 3))
@taken_back()
def test_what_is_written_between_two_presses_neither_repeats_nor_hides_a_row(
    cast: Cast, kind: type[Walk], rows: Any, more: Any, order: Any, size: int, turn: int
) -> None:
    walk = kind(cast, order, size)
    walk.write(rows)
    stood = walk.in_order()
    page, seen, presses = walk.page(), [], 0
    while True:
        seen += ids(page)
        if presses == turn:
            walk.write(more)
        if page.next is None:
            break
        page, presses = walk.page(after=page.next), presses + 1

    assert len(seen) == len(set(seen))
    assert [number for number in seen if number in stood] == stood


@with_tables
@given(kind=walks, rows=rows.filter(lambda rows: len(rows) > 4), order=orders)
@taken_back()
def test_where_all_rows_beyond_have_gone_the_end_of_the_list_is_shown(
    cast: Cast, kind: type[Walk], rows: Any, order: Any
) -> None:
    walk = kind(cast, order, 2)
    walk.write(rows)
    everything = walk.in_order()
    second = walk.page(after=walk.page().next)
    walk.take_out(everything[4:])
    end = walk.page(after=second.next)
    assert (ids(end), end.next) == (everything[2:4], None)
    walk.take_out(everything[:2])
    start = walk.page(before=second.previous)
    assert (ids(start), start.previous) == (everything[2:4], None)
    walk.take_out(everything)
    assert walk.page(after=second.next) == walk.page(before=second.previous) == walk.page() == Page([], 0)


def test_a_page_can_be_cut_to_its_first_rows(cast: Cast) -> None:
    numbers = appointments(5, cast.ana, cast.chen, first_day=date(2026, 3, 3))[::-1]
    esther = cast.actor("esther")
    page = scheduling.appointments(esther, page=Keyset(4))
    cut = page.first(2)
    assert [row["id"] for row in cut.results] == numbers[:2]
    assert [row["id"] for row in scheduling.appointments(esther, page=Keyset(9, after=cut.next)).results] == numbers[2:]
    assert page.first(4) is page


# --- counting -------------------------------------------------------------------------------------------------------


def letters(number: int) -> None:
    """Write so many mails."""
    letter = {"to": "ana@example.com", "kind": "visit_booked", "language": "en", "subject": "-", "body": "-"}
    with transaction() as write:
        write.execute(insert(OutboxMail), [letter] * number)


def test_pages_for_people_are_counted_up_to_a_thousand_rows(cast: Cast) -> None:
    letters(MOST_COUNTED)
    exact = mail.in_outbox(cast.actor("esther"), page=Keyset(5))
    assert (exact.count, exact.capped) == (1_000, False)
    letters(1)
    more = mail.in_outbox(cast.actor("esther"), page=Keyset(5))
    assert (more.count, more.capped) == (1_000, True)
    assert mail.in_outbox(cast.actor("esther"), page=PageRequest(201, 5)).count == 1_001


def test_who_needs_no_thousand_counts_less_far(cast: Cast) -> None:
    letters(4)
    found = [mail.in_outbox(cast.actor("esther"), page=Keyset(2, most_counted=most)) for most in (3, 4)]
    assert [(page.count, page.capped, len(page.results)) for page in found] == [(3, True, 2), (4, False, 2)]


@pytest.mark.parametrize(
    ("asked", "status", "count"),
    [(PageRequest(2, 3), None, 2), (Keyset(3), "past", 2), (Keyset(3), None, 3)],
    ids=["by number", "of one segment", "over the edge of a segment"],
)
def test_a_page_takes_a_statement_for_its_rows_and_one_for_each_segment_that_it_touches(
    cast: Cast, asked: Any, status: str | None, count: int
) -> None:
    appointments(12, cast.ana, cast.chen, first_day=date(2026, 3, 3))
    chen = cast.actor("chen")
    session().rollback()
    with count_statements(db.engine) as statements:
        scheduling.appointments(chen, page=asked, status=status)
    reading = [statement for statement in statements if not statement.startswith("INSERT INTO audit_events")]
    assert len(reading) == count
    assert len(statements) == count + 1, "who read it is written down once"
    assert "JOIN" not in statements[0], "the keys are found by one table alone"


# --- cursors --------------------------------------------------------------------------------------------------------


def packed(told: Any) -> str:
    """A cursor that tells anything."""
    text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")


GOOD = ["2026-03-03", "08:00:00", 1]
NO_CURSORS = {
    "nothing": "",
    "no base64": "é%00",
    "a length that no base64 has": "abcde",
    "another alphabet": packed('["?~?~?~"]').replace("_", "/").replace("-", "+"),
    "with padding": packed(GOOD) + "=",
    "other spaces": packed('["2026-03-03", "08:00:00", 1]'),
    "escapes": packed('["2026-03-03","08:00:00",1]'.replace("-", "\\u002d")),
    "no JSON": packed("[1,"),
    "half a letter": base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    "very deep": packed("[" * 2900),
    "too long": packed([*GOOD, "x" * CURSOR_MAX]),
    "no list": packed({"date": "2026-03-03"}),
    "a number": packed(7),
    "null": packed(None),
    "too few": packed(GOOD[1:]),
    "too many": packed([*GOOD, 1]),
    "no day": packed(["2026-02-30", *GOOD[1:]]),
    "another way to write a day": packed(["20260303", *GOOD[1:]]),
    "a day that is a number": packed([20260303, *GOOD[1:]]),
    "no time": packed([GOOD[0], "25:00", 1]),
    "another way to write a time": packed([GOOD[0], "08:00", 1]),
    "a time of a zone": packed([GOOD[0], "08:00:00+00:00", 1]),
    "an id that is a text": packed([*GOOD[:2], "1"]),
    "an id that is true": packed([*GOOD[:2], True]),
    "an id with a point": packed([*GOOD[:2], 1.0]),
    "no number": packed('["2026-03-03","08:00:00",NaN]'),
    "an id past all": packed([*GOOD[:2], 2**31]),
    "an id past SQLite": packed([*GOOD[:2], -(2**70)]),
    "an id of five thousand digits": packed('["2026-03-03","08:00:00",' + "9" * 2900 + "]"),
}


def refusal_of(ask: Callable[..., Page], **where: str) -> str | None:
    """How a page is refused, None where it isn't."""
    try:
        ask(**where)
    except NotFound as refusal:
        return refusal.code
    return None


def test_what_is_no_cursor_is_no_page(cast: Cast) -> None:
    walk = Walk(cast, [("appointment_date", True), ("appointment_time", False), ("id", False)], 3)
    assert refusal_of(walk.page, after=packed(GOOD)) is None
    for where in ("after", "before"):
        taken = [name for name, cursor in NO_CURSORS.items() if refusal_of(walk.page, **{where: cursor}) is None]
        assert not taken
    assert refusal_of(walk.page, after=packed(GOOD), before=packed(GOOD)) == "invalid_page"


def test_a_cursor_of_a_list_of_segments_names_one_of_them(cast: Cast) -> None:
    walk = WalkOfTwo(cast, [("appointment_date", True), ("appointment_time", False), ("id", False)], 3)
    assert [refusal_of(walk.page, after=packed([number, *GOOD])) for number in (0, 1)] == [None, None]
    for told in ([2, *GOOD], [-1, *GOOD], [True, *GOOD], ["0", *GOOD], [0.0, *GOOD], [7], [], GOOD, [0, 0, *GOOD]):
        assert refusal_of(walk.page, after=packed(told)) == "invalid_page", told


NO_VALUES: dict[str, list[Any]] = {
    "reason": ["\0", "a\0b", "\ud800", 1, None],
    "estimated_fee": ["NaN", "Infinity", "1E+5", "1E-999999", "-1", " 1", "٣", "9" * 13, "0." + "0" * 5, 1],
    "created_at": ["2026-03-02T02:00:00", "2026-03-02T09:00:00+07:00", "0001-01-01T00:00:00+14:00", "2026-03-02", 1],
}


@pytest.mark.parametrize("name", NO_VALUES)
def test_a_value_that_a_database_could_stumble_over_is_no_page(cast: Cast, name: str) -> None:
    walk = Walk(cast, [(name, False), ("id", False)], 3)
    for value in NO_VALUES[name]:
        assert refusal_of(walk.page, after=packed([value, 1])) == "invalid_page", value


@with_tables
@given(told=st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists), raw=st.text())
@taken_back()
def test_any_text_is_a_page_or_none(cast: Cast, told: Any, raw: str) -> None:
    letter = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    for order in ([("reason", False), ("id", True)], [("estimated_fee", True), ("created_at", False), ("id", False)]):
        for cursor in (raw, packed(letter)):
            assert refusal_of(Walk(cast, order, 3).page, after=cursor) in (None, "invalid_page")


def test_a_cursor_is_a_position_and_opens_nothing(cast: Cast) -> None:
    """Those of the office's list, at any row of anybody, show a patient and a doctor their own rows alone."""
    appointments(3, cast.boris, cast.diallo, first_day=date(2026, 3, 3))
    own = appointments(3, cast.ana, cast.chen, first_day=date(2026, 3, 2))
    appointments(3, cast.boris, cast.diallo, first_day=date(2026, 3, 1))
    cursors = scheduling.appointments(cast.actor("esther"), page=Keyset(20)).cursors
    assert len(cursors) == 9
    for name in ("ana", "chen"):
        for cursor in cursors:
            for asked in (Keyset(20, after=cursor), Keyset(20, before=cursor)):
                page = scheduling.appointments(cast.actor(name), page=asked)
                assert {row["id"] for row in page.results} <= set(own)
                assert page.count == 3


def test_the_trail_of_a_day_goes_on_within_the_day(cast: Cast, clock_at: Callable[[str], datetime]) -> None:
    """A cursor stands beside conditions on the same column."""
    appointment = factories.appointment(cast.ana, cast.chen, date(2026, 2, 2), status="completed")
    factories.record(appointment, cast.chen)
    for day in (2, 3, 4):
        clock_at(f"2026-03-0{day} 09:00")
        for _ in range(3):
            records.record_of(cast.actor("chen"), appointment)
    of_the_day = partial(
        records.audit_trail, cast.actor("esther"), date_from=date(2026, 3, 3), date_to=date(2026, 3, 3)
    )
    first = of_the_day(page=Keyset(2))
    last = of_the_day(page=Keyset(2, after=first.next))
    assert (len(first.results), len(last.results), last.next, last.count) == (2, 1, None, 3)
