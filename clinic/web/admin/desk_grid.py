"""How the office's day is shown: the columns and cells of its table, in words. What stands where is the domain's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import NamedTuple, assert_never

from flask_babel import gettext, ngettext

from clinic import accounts, clock
from clinic.accounts import AgeUnit
from clinic.scheduling import (
    HOURS,
    SLOT_TIMES,
    AppointmentStatus,
    DayDesk,
    DeskAppointment,
    DeskBlock,
    DeskDoctor,
    SlotStatus,
)
from clinic.web.kit import formatting

#: When an afternoon begins.
NOON = time(12)


class Column(NamedTuple):
    """A doctor's head: the afternoon in words, and the first free time of it, None where there is none."""

    id: int
    name: str
    room: str
    free: int
    next_free: time | None
    afternoon: str
    is_first: bool
    is_shown: bool


class GridCell(NamedTuple):
    """A cell of a row: of a visit, a free time (``words`` say whose), or times at which nobody is seen."""

    kind: str
    css: str
    doctor_id: int
    words: str = ""
    visit: DeskAppointment | None = None
    age: str = ""
    state: str = ""
    rows: int = 1
    columns: int = 1


class Row(NamedTuple):
    """The cells of a time; ``moment`` is "past", "now" or ""."""

    at: time
    moment: str
    cells: list[GridCell]


@dataclass(frozen=True)
class Grid:
    """The table of a day: departments with how many columns each has, the columns, and the rows."""

    departments: list[tuple[str, int]]
    columns: list[Column]
    rows: list[Row]
    shown: int

    @property
    def before(self) -> Column | None:
        """The column before the one that a phone shows."""
        return self.columns[self.shown - 1] if self.shown else None

    @property
    def after(self) -> Column | None:
        """The column after the one that a phone shows."""
        return self.columns[self.shown + 1] if self.shown + 1 < len(self.columns) else None


def grid_of(desk: DayDesk, doctor_id: int | None) -> Grid:
    """Return the table of a day; ``doctor_id`` is whom a phone shows, else the first one."""
    shown = next((place for place, each in enumerate(desk.doctors) if each.id == doctor_id), 0)
    afternoon = _afternoon_begins(desk.on)
    columns = [
        _column(each, afternoon, is_first=_begins(desk.doctors, place), is_shown=place == shown)
        for place, each in enumerate(desk.doctors)
    ]
    departments: list[tuple[str, int]] = []
    for each, column in zip(desk.doctors, columns, strict=True):
        if column.is_first:
            departments.append((each.department, 0))
        departments[-1] = (each.department, departments[-1][1] + 1)
    words = {status: _state(status) for status in AppointmentStatus}
    rows = [Row(at, _moment(desk.on, at), list(_cells(desk, columns, at, words))) for at in SLOT_TIMES]
    return Grid(departments, columns, rows, shown)


def _begins(doctors: Sequence[DeskDoctor], place: int) -> bool:
    return not place or doctors[place].department_id != doctors[place - 1].department_id


def _moment(on: date, at: time) -> str:
    now = clock.local(clock.now())
    if on != now.date():
        return "past" if on < now.date() else ""
    begun = [each for each in SLOT_TIMES if each <= now.time()]
    if begun and at == begun[-1] and now.time() < HOURS[-1]:
        return "now"
    return "past" if at in begun else ""


# --- heads ------------------------------------------------------------------------------------------------------------


def _afternoon_begins(on: date) -> time:
    now = clock.local(clock.now())
    return max(NOON, now.time()) if on == now.date() else NOON


def _column(doctor: DeskDoctor, afternoon: time, *, is_first: bool, is_shown: bool) -> Column:
    free = doctor.free_from(afternoon)
    room = gettext("Room %(number)s", number=doctor.room) if doctor.room else ""
    return Column(
        doctor.id,
        formatting.doctor_name(doctor.full_name),
        room,
        len(free),
        free[0] if free else None,
        "" if free else _no_afternoon(doctor, afternoon),
        is_first,
        is_shown,
    )


def _no_afternoon(doctor: DeskDoctor, afternoon: time) -> str:
    """Return in words why nobody can be booked from a time on.

    Whoever is away or closed isn't full, though visits that wait to be settled still stand there.
    """
    reasons = {reason for at, reason in doctor.reasons.items() if at >= afternoon}
    if not reasons or reasons == {SlotStatus.PAST}:
        return "–"
    staying = {reason for at, reason in doctor.reasons.items() if at >= afternoon and not _waits(doctor, at)}
    if SlotStatus.TAKEN in staying:
        return gettext("Full")
    if SlotStatus.AWAY in reasons:
        return gettext("On leave")
    if SlotStatus.CLOSED in reasons:
        return gettext("Closed")
    return gettext("Full") if SlotStatus.TAKEN in reasons else gettext("Not here")


def _waits(doctor: DeskDoctor, at: time) -> bool:
    cell = doctor.cells.get(at)
    return isinstance(cell, DeskAppointment) and cell.to_settle


# --- cells ------------------------------------------------------------------------------------------------------------


def _state(status: AppointmentStatus) -> tuple[str, str]:
    """Return the class of a status and its words."""
    match status:
        case AppointmentStatus.BOOKED:
            return "b", gettext("To confirm")
        case AppointmentStatus.CONFIRMED:
            return "c", gettext("Confirmed")
        case AppointmentStatus.COMPLETED:
            return "d", gettext("Completed")
        case AppointmentStatus.CANCELLED:
            return "x", gettext("Cancelled")
        case other:
            assert_never(other)


def states() -> list[tuple[str, str]]:
    """Return the states that the desk shows, each with its class: the legend."""
    shown = (AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED, AppointmentStatus.COMPLETED)
    return [*map(_state, shown), ("s", gettext("To settle"))]


def state_words(visit: DeskAppointment) -> tuple[str, str]:
    """Return how an appointment stands: its class and words."""
    return ("s", gettext("To settle")) if visit.to_settle else _state(visit.status)


def short_age(born: date, on: date) -> str:
    """Return how old somebody is on a day: a number of years, of small children in words."""
    old = accounts.age_in_words(born, on)
    return str(old.count) if old.unit is AgeUnit.YEARS else formatting.age(born)


def _cells(
    desk: DayDesk, columns: Sequence[Column], at: time, words: dict[AppointmentStatus, tuple[str, str]]
) -> Iterator[GridCell]:
    place = 0
    while place < len(columns):
        doctor, column = desk.doctors[place], columns[place]
        if at not in doctor.cells:  # of the block above it
            place += 1
            continue
        cell = doctor.cells[at]
        css = ("first " if column.is_first else "") + ("on" if column.is_shown else "")
        if isinstance(cell, DeskBlock):
            merged = _same_beside(desk.doctors, place, cell)
            on = any(each.is_shown for each in columns[place : place + merged])
            css = ("first " if column.is_first else "") + ("on" if on else "")
            yield GridCell("shut", css, doctor.id, _block_words(cell), rows=cell.slots, columns=merged)
            place += merged
            continue
        place += 1
        if isinstance(cell, DeskAppointment):
            state, word = state_words(cell) if cell.to_settle else words[cell.status]
            yield GridCell("visit", css, doctor.id, word, cell, short_age(cell.born, desk.on), state)
        elif cell is None:
            yield GridCell("free", css, doctor.id, column.name)
        else:
            held = gettext("Held for a patient") if cell is SlotStatus.TAKEN else ""
            yield GridCell("gone", css, doctor.id, held)


def _same_beside(doctors: Sequence[DeskDoctor], place: int, block: DeskBlock) -> int:
    """Return over how many doctors of one department, from a place on, stands the same block."""
    last = place + 1
    while (
        last < len(doctors)
        and doctors[last].department_id == doctors[place].department_id
        and doctors[last].cells.get(block.start) == block
    ):
        last += 1
    return last - place


def _block_words(block: DeskBlock) -> str:
    match block.reason:
        case SlotStatus.AWAY:
            return gettext("On leave")
        case SlotStatus.CLOSED:
            if block.closure:
                return gettext("Closed: %(name)s", name=block.closure)
            return gettext("Not taking bookings")
        case SlotStatus.OFF_HOURS:
            return _off_hours_words(block)
        case SlotStatus.PAST | SlotStatus.TAKEN | SlotStatus.YOURS | SlotStatus.TOO_SOON | SlotStatus.TOO_FAR:
            return ""
        case other:
            assert_never(other)


def _off_hours_words(block: DeskBlock) -> str:
    starts, ends = block.start == HOURS[0], block.end == HOURS[-1]
    if starts and ends:
        return gettext("Not here")
    if ends:
        return gettext("Not here from %(time)s", time=f"{block.start:%H:%M}")
    if starts:
        return gettext("Here from %(time)s", time=f"{block.end:%H:%M}")
    return gettext("Break until %(time)s", time=f"{block.end:%H:%M}")


def afternoon_words(column: Column) -> str:
    """Return what a doctor has free in the afternoon: "5 free, next 13:30", or why nothing."""
    if column.next_free is None:
        return column.afternoon
    return ngettext(
        "%(num)d free, next %(time)s", "%(num)d free, next %(time)s", column.free, time=f"{column.next_free:%H:%M}"
    )
