"""Handing an appointment over: the office chooses the doctor and hands it over, the appointment's doctor proposes one.

Who is free at the same time comes first, then who is at another. One form, one press: it needs no script.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, RadioField, SelectField, TextAreaField, ValidationError

from clinic import directory, scheduling
from clinic.directory import DoctorRow
from clinic.policy import Actor, not_allowed
from clinic.scheduling import AppointmentRow, Moment
from clinic.web.appointments.transitions import in_words
from clinic.web.kit import date_formatting, formatting
from clinic.web.kit.forms import PortalForm, at_most, required, whole
from clinic.web.kit.page import page, see_other
from clinic.web.kit.preferences import chosen_language
from clinic.web.kit.submitting import submitted

#: What the domain calls that stands in one choice of the form.
_CHOICE = {"doctor_id": "choice", "new_date": "choice", "new_time": "choice"}


class Choice(NamedTuple):
    """A doctor, and when the appointment would be with them."""

    doctor_id: int
    moment: Moment

    def __str__(self) -> str:
        return f"{self.doctor_id}@{self.moment.date.isoformat()}T{self.moment.time:%H:%M}"


def _read(text: str | None) -> Choice | None:
    """Return the choice that a form's text is, None if it is none."""
    doctor, _, moment = (text or "").partition("@")
    doctor_id = whole(doctor)
    try:
        at = dt.datetime.fromisoformat(moment)
    except ValueError:
        return None
    return None if doctor_id is None else Choice(doctor_id, Moment(at.date(), at.time()))


class HandOverForm(PortalForm):
    """To which doctor, why, and where the appointment stood on the page."""

    state = HiddenField()
    choice = RadioField(
        lazy_gettext("Doctor"), [required(lazy_gettext("Please choose a doctor."))], validate_choice=False
    )
    reason = TextAreaField(lazy_gettext("Why does another doctor see the patient?"), [at_most(scheduling.REASON_MAX)])

    def validate_choice(self, field: RadioField) -> None:
        """Refuse what the page didn't offer."""
        if _read(field.data) is None:
            raise ValidationError(gettext("Please choose a doctor."))


class ProposalForm(PortalForm):
    """Which doctor is proposed, if any, and why."""

    doctor_id = SelectField(lazy_gettext("Doctor"), choices=(), validate_choice=False)
    reason = TextAreaField(lazy_gettext("Why should another doctor see the patient?"), [at_most(scheduling.REASON_MAX)])


@dataclass(frozen=True)
class Candidate:
    """A doctor who could take an appointment over, and the times at which they could."""

    doctor: DoctorRow
    choices: list[Choice]


@dataclass(frozen=True)
class Candidates:
    """The doctors of an appointment's department who are free at its time, those who are at another one, and those of other
    departments, who is free at its time first."""

    same_time: list[Candidate]
    colleagues: list[Candidate]
    others: list[Candidate]

    @property
    def anybody(self) -> bool:
        """Whether there is any choice."""
        return bool(self.same_time or self.colleagues or self.others)


def _doctors(appointment: AppointmentRow) -> list[DoctorRow]:
    """Return every other doctor who can be booked, those of the appointment's department first."""
    found = directory.doctors(lang=chosen_language()).results
    department_id = appointment["department"]["id"]
    others = [row for row in found if row["id"] != appointment["doctor"]["id"]]
    return sorted(others, key=lambda row: row["department_id"] != department_id)


def _candidates(actor: Actor, appointment: AppointmentRow) -> Candidates:
    doctors = _doctors(appointment)
    free = scheduling.free_colleagues(actor, appointment, [row["id"] for row in doctors])
    present, department_id = _present(appointment), appointment["department"]["id"]
    every = [Candidate(row, [Choice(row["id"], moment) for moment in free[row["id"]]]) for row in doctors]
    able = [each for each in every if each.choices]
    here = [each for each in able if each.doctor["department_id"] == department_id]
    at_once = [each for each in here if each.choices[0].moment == present]
    return Candidates(
        at_once,
        [each for each in here if each not in at_once],
        sorted((each for each in able if each not in here), key=lambda each: each.choices[0].moment != present),
    )


def _present(appointment: AppointmentRow) -> Moment:
    return Moment(appointment["appointment_date"], appointment["appointment_time"])


def hand_over_appointment(
    actor: Actor, appointment_id: int, *, template: str, back: Callable[[AppointmentRow], str]
) -> ResponseReturnValue:
    """Show who could take an appointment over; hand it over on POST. A second press finds it done."""
    appointment, form = scheduling.appointment(actor, appointment_id), HandOverForm()
    chosen = _read(form.choice.data)
    if form.is_submitted() and chosen == Choice(appointment["doctor"]["id"], _present(appointment)):
        return see_other(back(appointment))
    command = partial(_hand_over, actor, appointment_id, form, chosen)
    outcome = submitted(form, command, names=_CHOICE)
    if outcome.done:
        flash(_handed_over(outcome.result), "success")
        return see_other(back(outcome.result))
    if outcome.refused:
        appointment = scheduling.appointment(actor, appointment_id)
    return page(
        template,
        status=outcome.status,
        appointment=appointment,
        form=form,
        candidates=_candidates(actor, appointment),
        no_change=_why_not(actor, appointment),
        back=back(appointment),
    )


def _hand_over(actor: Actor, appointment_id: int, form: HandOverForm, chosen: Choice | None) -> AppointmentRow:
    # Without a choice the form is refused, and this is only a rehearsal of the rest: nobody has this id.
    doctor_id, moment = chosen or (0, None)
    return scheduling.hand_over(
        actor,
        appointment_id,
        doctor_id=doctor_id,
        on=moment and moment.date,
        at=moment and moment.time,
        reason=form.reason.data or "",
        expected_state=form.state.data or None,
    )


def _handed_over(appointment: AppointmentRow) -> str:
    day, at = _present(appointment)
    words = gettext(
        "%(doctor)s now has this visit on %(day)s at %(time)s.",
        doctor=formatting.doctor_name(appointment["doctor"]["full_name"]),
        day=date_formatting.day_long(day),
        time=date_formatting.clock_time(at),
    )
    return f"{words} {formatting.notification_note(appointment)}"


def _why_not(actor: Actor, appointment: AppointmentRow) -> str | None:
    refusal = scheduling.possible(actor, appointment).get("hand_over", not_allowed())
    return in_words(refusal, appointment) if refusal else None


def propose_doctor(
    actor: Actor,
    appointment_id: int,
    *,
    template: str,
    back: Callable[[AppointmentRow], str],
    extra: Mapping[str, Any] | None = None,
) -> ResponseReturnValue:
    """Ask a doctor whom they propose for an appointment of theirs, and why; let the office know on POST."""
    appointment, form = scheduling.appointment(actor, appointment_id), ProposalForm()
    form.doctor_id.choices = _offered(_doctors(appointment))
    outcome = submitted(
        form,
        lambda: scheduling.propose_doctor(
            actor, appointment_id, doctor_id=whole(form.doctor_id.data), reason=form.reason.data or ""
        ),
    )
    if outcome.done:
        flash(gettext("Reception now looks for another doctor. The visit stays with you for now."), "success")
        return see_other(back(appointment))
    return page(
        template,
        status=outcome.status,
        appointment=appointment,
        form=form,
        back=back(appointment),
        **(extra or {}),
    )


def _offered(doctors: Sequence[DoctorRow]) -> list[tuple[str, str]]:
    """Return the doctors as choices; the first one leaves it to the office."""
    names = (
        (str(row["id"]), f"{formatting.doctor_name(row['full_name'])}, {row['department_name']}") for row in doctors
    )
    return [("", gettext("Reception chooses")), *names]
