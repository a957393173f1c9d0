"""Days, or hours of a day, on which the whole clinic is closed, each with a name that people are told."""

from datetime import date, time

from sqlalchemy import Date, bindparam, select

from clinic import audit, clock
from clinic.audit import AuditAction, Subject
from clinic.db import ReadModel, atomic, built_once, row_id, session
from clinic.directory.for_domains import remembered
from clinic.directory.models import VIETNAMESE
from clinic.errors import NotFound
from clinic.i18n import N_, localized
from clinic.policy import Action, Actor, require
from clinic.scheduling.calendar_changes import CalendarChange, change_calendar, refuse_surprise
from clinic.scheduling.calendar_models import CLOSURE_NAME_MAX, HOLIDAY_MAX, Closure, SettlingCause
from clinic.scheduling.rows import ClosureRow
from clinic.scheduling.spans import Span, check_span
from clinic.text.validation import ValidationErrors

_CLOSURES = ReadModel(
    ClosureRow,
    select(
        Closure.id,
        Closure.first_day,
        Closure.last_day,
        Closure.from_time,
        Closure.to_time,
        Closure.name,
        Closure.translations,
        Closure.holiday,
    ).order_by(Closure.first_day, Closure.from_time, Closure.id),
)


@remembered
def _closures_from(first: date) -> list[ClosureRow]:
    return [_CLOSURES.shape(row) for row in session().execute(_CLOSURES.select.where(Closure.last_day >= first))]


def closures(*, lang: str = "en") -> list[ClosureRow]:
    """Return the present and coming closures, soonest first, each by its name in ``lang``."""
    return [_named(row, lang) for row in _closures_from(clock.today())]


_BETWEEN = built_once(
    _CLOSURES.select.where(
        Closure.last_day >= bindparam("first", type_=Date), Closure.first_day <= bindparam("last", type_=Date)
    )
)


def closures_between(first: date, last: date, *, lang: str) -> list[ClosureRow]:
    """Return the closures of these days, soonest first, each by its name in ``lang``."""
    rows = session().execute(_BETWEEN, {"first": first, "last": last})
    return [_named(_CLOSURES.shape(row), lang) for row in rows]


def _named(row: ClosureRow, lang: str) -> ClosureRow:
    return {**row, "name": localized(row["name"], row["translations"], "name", lang)}


@atomic
def add_closure(
    actor: Actor | None,
    *,
    first_day: date,
    last_day: date | None = None,
    from_time: time | None = None,
    to_time: time | None = None,
    name: str = "",
    name_vi: str = "",
    holiday: str | None = None,
    expected_count: int | None = None,
) -> CalendarChange:
    """Close the clinic, at once: whole days, or hours of one day on the slots' grid.

    What is entered already (the same times and name, or the same public ``holiday``) is not entered twice: its id is
    returned. ``InvalidInput`` on the fields; ``Conflict`` ``visits_booked`` as ``change_calendar`` has it.
    """
    actor = require(actor, Action.MANAGE_HOURS)
    row = _checked(Span(first_day, last_day or first_day, from_time, to_time), name, name_vi, holiday)
    row.created_by_id = actor.user_id
    is_new = True

    def write() -> int:
        nonlocal is_new
        if (same := _same(row)) is not None:
            is_new = False
            return same
        session().add(row)
        session().flush()
        return row.id

    change = change_calendar(actor, SettlingCause.CLOSURE, write)
    if is_new:
        refuse_surprise(change.appointments, expected_count)
        _write_down(actor, AuditAction.CLOSURE_ENTERED, row, change)
    return change


def _checked(entry: Span, name: str, name_vi: str, holiday: str | None) -> Closure:
    """Return what was entered as a row that isn't stored; ``InvalidInput`` on all that is wrong."""
    errors = ValidationErrors()
    check_span(errors, entry)
    english = errors.text("name", name, most=CLOSURE_NAME_MAX, required=True, line=True)
    vietnamese = errors.text("name_vi", name_vi, most=CLOSURE_NAME_MAX, line=True)
    key = errors.text("holiday", holiday, most=HOLIDAY_MAX) or None
    errors.raise_if_any()
    return Closure(
        first_day=entry.first_day,
        last_day=entry.last_day,
        from_time=entry.from_time,
        to_time=entry.to_time,
        name=english,
        translations={VIETNAMESE: {"name": vietnamese}} if vietnamese else {},
        holiday=key,
    )


def _same(entry: Closure) -> int | None:
    """Return the closure that is this one, None if there is none; the doctors' rows are locked, so nobody enters it now."""
    of_first_day = select(Closure).where(Closure.first_day == entry.first_day)
    for row in session().scalars(of_first_day):
        if entry.holiday is not None and row.holiday == entry.holiday:
            return row.id
        if row.name == entry.name and _span(row) == _span(entry):
            return row.id
    return None


def _span(row: Closure) -> Span:
    return Span(row.first_day, row.last_day, row.from_time, row.to_time)


@atomic
def remove_closure(actor: Actor | None, closure_id: int) -> CalendarChange:
    """Take a closure back; its times are open again at once, and visits that still stand there are kept.

    ``NotFound`` if there is no such closure.
    """
    actor = require(actor, Action.MANAGE_HOURS)
    removed: list[Closure] = []

    def write() -> int:
        row = session().get(Closure, row_id(closure_id), populate_existing=True, with_for_update=True)
        if row is None:
            raise NotFound(N_("We can't find this closure."))
        removed.append(row)
        session().delete(row)
        return row.id

    change = change_calendar(actor, SettlingCause.CLOSURE, write)
    _write_down(actor, AuditAction.CLOSURE_ENDED, removed[0], change)
    return change


def _write_down(actor: Actor, action: AuditAction, row: Closure, change: CalendarChange) -> None:
    audit.record(
        actor,
        action,
        [Subject(change.id)],
        name=row.name,
        first_day=row.first_day.isoformat(),
        last_day=row.last_day.isoformat(),
        appointment_count=len(change.appointments),
    )
