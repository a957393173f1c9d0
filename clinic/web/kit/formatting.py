"""How pages write things: names, money, numbers; dates and times are written by ``date_formatting``, and how statuses look
is in ``status_looks``.

Reads the language of the request and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import assert_never

from babel import Locale
from flask import Flask
from flask_babel import gettext, npgettext
from wtforms import Field, FieldList, Form

from clinic import accounts, clock, scheduling
from clinic.accounts import AgeUnit
from clinic.contact import tel, words_in
from clinic.policy import Role
from clinic.scheduling import AppointmentPatient, AppointmentRow, AppointmentStatus, ClosureRow, Gap, Slot, SlotStatus
from clinic.text import emails, phones
from clinic.text.formats import written_money, written_number
from clinic.text.titles import name_after_dr
from clinic.web.kit import date_formatting, status_looks
from clinic.web.kit.date_formatting import language
from clinic.web.kit.initials import initials
from clinic.web.kit.weekly_hours import opening_hours, week_lines


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
        return written_number(value, language(), pattern)
    except ArithmeticError:
        # Larger than Babel can round; what a program once stored is shown as it is.
        return str(value)


def spoken(codes: Iterable[str]) -> str:
    """Return languages by name in the reader's: "Vietnamese, English"."""
    names = Locale.parse(language()).languages
    return ", ".join(names[code] for code in codes)


def rating(value: Decimal | float) -> str:
    """Return a rating with one decimal as the reader's language writes it."""
    return written_number(value, language(), "0.0")


def halves(slots: list[Slot]) -> list[tuple[str, str, str, list[Slot]]]:
    """Return the slots of a morning and of an afternoon, each with its style, icon and title."""
    noon = time(12)
    return [
        ("am", "sun", gettext("Morning"), [slot for slot in slots if slot.time < noon]),
        ("pm", "sunset", gettext("Afternoon"), [slot for slot in slots if slot.time >= noon]),
    ]


def doctor_name(name: str) -> str:
    """Return a doctor's name as it is said in the reader's language: "Dr Mai Lan", "BS. Mai Lan"."""
    return _doctor_name(name, language())


@lru_cache(maxsize=2048)
def _doctor_name(name: str, _language: str) -> str:
    bare = name_after_dr(name)
    return name if bare is None else gettext("Dr %(name)s", name=bare)


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
            return gettext("%(name)s (office)", name=name)
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
        case SlotStatus.OFF_HOURS:
            return gettext("outside hours")
        case SlotStatus.TOO_SOON:
            return gettext("too soon")
        case SlotStatus.TOO_FAR:
            return gettext("too far ahead")
        case other:
            assert_never(other)


def nobody_seen(reason: SlotStatus, until: time | None = None) -> str:
    """Return in a few words why a doctor sees nobody, all day or ``until`` a time."""
    end = "" if until is None else date_formatting.clock_time(until)
    match reason:
        case SlotStatus.AWAY:
            return gettext("on leave until %(time)s", time=end) if end else gettext("on leave")
        case SlotStatus.CLOSED:
            return gettext("closed until %(time)s", time=end) if end else gettext("closed")
        case SlotStatus.OFF_HOURS:
            return gettext("outside hours until %(time)s", time=end) if end else gettext("outside hours")
        case SlotStatus.PAST | SlotStatus.TAKEN | SlotStatus.YOURS | SlotStatus.TOO_SOON | SlotStatus.TOO_FAR:
            return why_not(reason)
        case other:
            assert_never(other)


def gap_words(gap: Gap) -> str:
    """Return what a line of the day says where there is no appointment: until when the doctor is free, or why not."""
    if gap.closed_by is None:
        return gettext("Free until %(time)s", time=date_formatting.clock_time(gap.end))
    words = nobody_seen(gap.closed_by, gap.end)
    return words[:1].upper() + words[1:]


def closure_words(closure: ClosureRow) -> str:
    """Return in a sentence when and why the clinic is closed."""
    first, last = date_formatting.day_short(closure["first_day"]), date_formatting.day_short(closure["last_day"])
    words = {"name": closure["name"], "first": first, "last": last}
    if closure["from_time"] is not None and closure["to_time"] is not None:
        start, end = date_formatting.clock_time(closure["from_time"]), date_formatting.clock_time(closure["to_time"])
        return gettext("Closed on %(first)s from %(start)s to %(end)s: %(name)s", **words, start=start, end=end)
    if first == last:
        return gettext("Closed on %(first)s: %(name)s", **words)
    return gettext("Closed from %(first)s to %(last)s: %(name)s", **words)


def closed_until(closure: ClosureRow) -> str:
    """Return in a sentence why the clinic is closed on a day, and until when if that is another one."""
    if closure["first_day"] == closure["last_day"]:
        return gettext("Closed for %(name)s.", name=closure["name"])
    last = date_formatting.day_short(closure["last_day"])
    return gettext("Closed for %(name)s until %(last)s.", name=closure["name"], last=last)


def in_language(words: Mapping[str, str] | None) -> str:
    """Return a text of the clinic's own, such as its address, in the reader's language; "" where it has none."""
    return words_in(language(), words)


def faulty_fields(form: Form) -> list[Field]:
    """Return the visible fields of ``form`` that are wrong, in the order of the page, those of its rows among them."""
    return [
        field
        for each in form
        for field in (_of_rows(each) if isinstance(each, FieldList) else [each])
        if field.errors and field.widget.__class__.__name__ != "HiddenInput"
    ]


def _of_rows(rows: FieldList) -> Iterator[Field]:
    for row in rows:
        yield from row.form


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
    date_formatting.install(app)
    status_looks.install(app)
    app.jinja_env.globals.update(opening_hours=opening_hours)
    app.jinja_env.filters.update(
        age=age,
        doctor_name=doctor_name,
        name_by_role=name_by_role,
        closure_words=closure_words,
        email=emails.shown,
        gap_words=gap_words,
        faulty_fields=faulty_fields,
        halves=halves,
        notification_note=notification_note,
        in_language=in_language,
        initials=initials,
        money=money,
        nobody_seen=nobody_seen,
        number=number,
        phone=phone,
        rating=rating,
        spoken=spoken,
        tel=tel,
        titled_name=titled_name,
        week_lines=week_lines,
        call_patient_note=call_patient_note,
        why_not=why_not,
    )
