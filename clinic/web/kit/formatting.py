"""How pages write things: dates in words, clock times, money, initials, names of statuses.

Reads the language of the request and nothing else. Days and times are the clinic's; moments are turned into clinic time.
"""

from __future__ import annotations

from calendar import MONDAY
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import assert_never

from babel import Locale
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale, gettext, ngettext, npgettext
from wtforms import Field, Form

from clinic import accounts, clock, scheduling
from clinic.accounts import AgeUnit
from clinic.contact import tel, words_in
from clinic.i18n import N_, known_language
from clinic.policy import Role
from clinic.scheduling import AppointmentPatient, AppointmentRow, AppointmentStatus, FreeDay, Slot, SlotStatus
from clinic.text import emails, phones
from clinic.text.formats import written_date, written_money
from clinic.web.kit.initials import TITLES, initials

STATUS_LABELS = {
    "booked": N_("Waiting for confirmation"),
    "confirmed": N_("Confirmed"),
    "completed": N_("Completed"),
    "cancelled": N_("Cancelled"),
}

#: A Monday sooner after the first day, in days, is found beside it.
_WEEKS_APART = 3


def language() -> str:
    """Return the language of this answer, one of ``LANGUAGES``."""
    locale = get_locale()
    return known_language(locale.language if locale is not None else None)


def _written(on: date, pattern: str) -> str:
    return written_date(on, language(), pattern)


def day_long(on: date) -> str:
    """Return e.g. "Tuesday 24 November 2026"."""
    return _written(on, "long")


def day_short(on: date) -> str:
    """Return e.g. "Tue 24 Nov"; the year where it isn't this one."""
    short = _written(on, "short")
    return short if on.year == clock.today().year else f"{short} {on.year}"


def day_plain(on: date) -> str:
    """Return e.g. "24 November 2026"."""
    return _written(on, "day")


def day_brief(on: date) -> str:
    """Return e.g. "24 Nov 2026", for tables."""
    return _written(on, "brief")


def day_month(on: date) -> str:
    """Return e.g. "24 Nov", to stand beside its year."""
    return _written(on, "day_month")


def day_of_week(on: date) -> str:
    """Return e.g. "Tue 24 Nov", to stand beside its year."""
    return _written(on, "short")


def day_near(on: date) -> str:
    """Return "Today", "Tomorrow" or the short day."""
    return _near(on) or day_short(on)


def weekday_near(on: date) -> str:
    """Return "Today", "Tomorrow" or the short weekday."""
    return _near(on) or weekday(on)


def _near(on: date) -> str:
    return {0: gettext("Today"), 1: gettext("Tomorrow")}.get((on - clock.today()).days, "")


def days_ahead(on: date) -> str:
    """Return how far a day is ahead, as it stands beside the date: "today", "tomorrow", "in 9 days"; "" for a past one."""
    days = (on - clock.today()).days
    if days < 0:
        return ""
    near = {0: gettext("today"), 1: gettext("tomorrow")}.get(days)
    return near or ngettext("in %(num)d day", "in %(num)d days", days)


def month(on: date) -> str:
    """Return e.g. "November 2026"."""
    return _written(on, "month")


def weekday(on: date) -> str:
    """Return the weekday in two or three letters."""
    return _written(on, "weekday")


def month_short(on: date) -> str:
    """Return e.g. "Dec"."""
    return _written(on, "month_short")


def month_name(on: date) -> str:
    """Return e.g. "December"."""
    return _written(on, "month_name")


def month_span(first: date, last: date) -> str:
    """Return the months from ``first`` to ``last``, e.g. "November – December 2026"."""
    if (first.year, first.month) == (last.year, last.month):
        return month(first)
    if first.year == last.year:
        return f"{_written(first, 'month_name')} – {month(last)}"
    return f"{month(first)} – {month(last)}"


def week_starts(days: Sequence[FreeDay]) -> list[FreeDay]:
    """Return the first of some days in a row and each Monday after it, but for one that is hardly later."""
    return [
        day for index, day in enumerate(days) if index == 0 or (day.date.weekday() == MONDAY and index >= _WEEKS_APART)
    ]


def clock_time(at: time | datetime) -> str:
    """Return e.g. "09:30"; a moment in clinic time."""
    return (clock.local(at) if isinstance(at, datetime) else at).strftime("%H:%M")


def moment(when: datetime) -> str:
    """Return a moment in clinic time, e.g. "24 November 2026, 09:30"."""
    here = clock.local(when)
    return f"{day_plain(here.date())}, {clock_time(here.timetz())}"


def moment_soon(when: datetime) -> str:
    """Return a moment of these weeks in clinic time, e.g. "Sunday 6 December at 13:30"."""
    here = clock.local(when)
    return gettext("%(day)s at %(time)s", day=_written(here.date(), "weekday_day"), time=clock_time(here.timetz()))


def notification_note(appointment: AppointmentRow) -> str:
    """Return how the patient learns of a change of an appointment: by mail, by whoever made it, or not at all once it
    is past."""
    if scheduling.is_mailed(appointment):
        return gettext("We'll e-mail the patient.")
    if scheduling.has_begun(appointment):
        return gettext("As this visit's time has passed, we won't e-mail the patient.")
    return call_patient_note(appointment["patient"])


def call_patient_note(patient: AppointmentPatient) -> str:
    """Return that a patient without an e-mail has to be called, with the number."""
    return gettext("The patient has no e-mail. Please call them on %(phone)s.", phone=phone(patient["phone_num"]))


def age(born: date) -> str:
    """Return how old somebody is today: "35 years", "18 months", "3 weeks"."""
    old = accounts.age_in_words(born, clock.today())
    words = {
        AgeUnit.DAYS: npgettext("age", "%(num)d day", "%(num)d days", old.count),
        AgeUnit.WEEKS: npgettext("age", "%(num)d week", "%(num)d weeks", old.count),
        AgeUnit.MONTHS: npgettext("age", "%(num)d month", "%(num)d months", old.count),
        AgeUnit.YEARS: npgettext("age", "%(num)d year", "%(num)d years", old.count),
    }
    return words[old.unit]


def phone(number: str | None) -> str:
    """Return a kept phone number in groups, "" for none."""
    return phones.shown(number or "")


def money(amount: Decimal | int | None) -> str:
    """Return an amount of Vietnamese dong: "350,000 ₫" in English, "350.000 ₫" in Vietnamese."""
    if amount is None:
        return "–"
    return written_money(amount, language())


def number(value: object, decimals: int | None = None) -> str:
    """Return a number as the reader's language writes it, with ``decimals`` places if given."""
    if not isinstance(value, int | float | Decimal):
        return str(value)
    pattern = None if decimals is None else f"0.{'0' * decimals}"
    try:
        return format_decimal(value, format=pattern, locale=language())
    except ArithmeticError:
        # Larger than Babel can round; what a program once stored is shown as it is.
        return str(value)


def spoken(codes: Iterable[str]) -> str:
    """Return languages by name in the reader's: "Vietnamese, English"."""
    names = Locale.parse(language()).languages
    return ", ".join(names[code] for code in codes)


def rating(value: Decimal | float) -> str:
    """Return a rating with one decimal as the reader's language writes it."""
    return format_decimal(value, format="0.0", locale=language())


def halves(slots: list[Slot]) -> list[tuple[str, str, str, list[Slot]]]:
    """Return the slots of a morning and of an afternoon, each with its style, icon and title."""
    noon = time(12)
    return [
        ("am", "sun", gettext("Morning"), [slot for slot in slots if slot.time < noon]),
        ("pm", "sunset", gettext("Afternoon"), [slot for slot in slots if slot.time >= noon]),
    ]


def doctor_name(name: str) -> str:
    """Return a doctor's name as it is said in the reader's language: "Dr Mai Lan", "BS. Mai Lan".

    The clinic may have written "Dr" before the name already; any other title there stays as it is.
    """
    first, _, rest = name.partition(" ")
    if first.casefold() in ("dr", "dr.") and rest:
        name = rest
    elif first.casefold() in TITLES:
        return name
    return gettext("Dr %(name)s", name=name)


def titled_name(name: str, role: str) -> str:
    """Return a person's name as their role has it written: a doctor's with the title."""
    known = Role(role)
    match known:
        case Role.DOCTOR:
            return doctor_name(name)
        case Role.PATIENT | Role.ADMIN:
            return name
        case other:
            assert_never(other)


def name_by_role(name: str, role: str) -> str:
    """Return the same for patients to read: the office's people with where they work."""
    known = Role(role)
    match known:
        case Role.PATIENT | Role.DOCTOR:
            return titled_name(name, role)
        case Role.ADMIN:
            return gettext("%(name)s (reception)", name=name)
        case other:
            assert_never(other)


def why_not(reason: SlotStatus, for_other: bool = False) -> str:
    """Return in one or two words why a time can't be booked; ``for_other`` if it would be for another person."""
    match reason:
        case SlotStatus.PAST:
            return gettext("past")
        case SlotStatus.TAKEN:
            return gettext("taken")
        case SlotStatus.YOURS:
            return gettext("the patient's visit") if for_other else gettext("your visit")
        case SlotStatus.AWAY:
            return gettext("away")
        case SlotStatus.CLOSED:
            return gettext("closed")
        case other:
            assert_never(other)


def status_label(status: str) -> str:
    """Return an appointment's status in a patient's words."""
    return gettext(STATUS_LABELS[status])


def in_language(words: Mapping[str, str] | None) -> str:
    """Return a text of the clinic's own, such as its address, in the reader's language; "" where it has none."""
    return words_in(str(get_locale()), words)


def hours_by_day(hours: Mapping[str, str] | None) -> list[tuple[str, str]]:
    """Return opening hours line by line as the days and their hours: "Sunday: closed" is ("Sunday", "closed")."""
    lines = [line.partition(": ") for line in in_language(hours).splitlines()]
    return [(days, times) if colon else ("", days) for days, colon, times in lines]


def faulty_fields(form: Form) -> list[Field]:
    """Return the visible fields of ``form`` that are wrong, in the order of the page."""
    return [field for field in form if field.errors and field.widget.__class__.__name__ != "HiddenInput"]


def _status_is(known: AppointmentStatus) -> Callable[[str], bool]:
    return lambda status: status == known


def install(app: Flask) -> None:
    """Make the filters known to the templates, and what they may ask of an appointment's status."""
    app.jinja_env.tests.update(
        open=scheduling.is_open,
        recordable=scheduling.is_recordable,
        waiting=_status_is(AppointmentStatus.BOOKED),
        confirmed=_status_is(AppointmentStatus.CONFIRMED),
        completed=_status_is(AppointmentStatus.COMPLETED),
        cancelled=_status_is(AppointmentStatus.CANCELLED),
    )
    app.jinja_env.filters.update(
        age=age,
        clock=clock_time,
        day_brief=day_brief,
        day_long=day_long,
        day_month=day_month,
        day_near=day_near,
        day_of_week=day_of_week,
        day_plain=day_plain,
        day_short=day_short,
        days_ahead=days_ahead,
        doctor_name=doctor_name,
        name_by_role=name_by_role,
        email=emails.shown,
        faulty_fields=faulty_fields,
        halves=halves,
        hours_by_day=hours_by_day,
        notification_note=notification_note,
        in_language=in_language,
        initials=initials,
        moment=moment,
        moment_soon=moment_soon,
        money=money,
        month=month,
        month_name=month_name,
        month_short=month_short,
        month_span=month_span,
        number=number,
        phone=phone,
        rating=rating,
        spoken=spoken,
        status_label=status_label,
        tel=tel,
        titled_name=titled_name,
        call_patient_note=call_patient_note,
        week_starts=week_starts,
        weekday=weekday,
        weekday_near=weekday_near,
        why_not=why_not,
    )
