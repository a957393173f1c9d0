"""Every status of appointments on every page that shows one: a page that a new status would break is found here."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from icalendar import Calendar

from clinic.scheduling import AppointmentStatus, Transition
from clinic.web.doctor.appointment_view import ACTIONS
from clinic.web.kit.status_looks import STATUS_LABELS, status_look
from tests.monday import TODAY, YESTERDAY
from tests.people import Cast
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
STATIC = Path(__file__).resolve().parent.parent.parent / "static"
#: Who sees the appointment where, each with whether it is shown in every status.
PAGES = (
    ("ana", "/patient/", False),
    ("ana", "/patient/appointments", False),
    ("ana", "/patient/appointments?status=past", False),
    ("ana", "/patient/appointments/{id}", True),
    ("chen", "/doctor/", True),
    ("chen", "/doctor/week", False),
    ("esther", "/admin/doctors/{chen}/week", False),
    ("chen", "/doctor/appointments", True),
    ("chen", "/doctor/appointments/{id}", True),
    ("chen", "/doctor/patients/{ana}", True),
    ("esther", "/admin/", False),
    ("esther", "/admin/?visit={id}", True),
    ("esther", "/admin/appointments", True),
    ("esther", "/admin/appointments/{id}", True),
    ("esther", "/admin/numbers", True),
)


@pytest.mark.parametrize("status", AppointmentStatus)
def test_each_page_shows_an_appointment_of_each_status(
    as_: As, cast: Cast, appointment: Make, status: AppointmentStatus
) -> None:
    number = appointment(TODAY, "10:00", status=status)
    # She has been seen before, so that she is one of the doctor's patients whatever becomes of this one.
    appointment(YESTERDAY, "10:00", status="completed")
    words = {STATUS_LABELS[status], "To confirm"} if status is AppointmentStatus.BOOKED else {STATUS_LABELS[status]}
    for who, path, always in PAGES:
        shown = as_(who).get(path.format(id=number, ana=cast.ana, chen=cast.chen))
        assert shown.status == 200, (path, status)
        assert not always or any(each in shown.text for each in words), (path, status)


@pytest.mark.parametrize("status", AppointmentStatus)
def test_a_calendar_takes_an_appointment_of_each_status(as_: As, appointment: Make, status: AppointmentStatus) -> None:
    number = appointment(TODAY, "10:00", status=status)
    (entry,) = Calendar.from_ical(as_("ana").get(f"/patient/appointments/{number}/visit.ics").html).walk("VEVENT")
    # The words that RFC 5545 has for events.
    assert entry["STATUS"] in {"TENTATIVE", "CONFIRMED", "CANCELLED"}


def test_each_status_has_the_styles_that_it_names() -> None:
    css = {name: (STATIC / "css" / f"{name}.css").read_text(encoding="utf-8") for name in ("clinic", "workspace")}
    icons = (STATIC / "img" / "icons.svg").read_text(encoding="utf-8")
    for look in map(status_look, AppointmentStatus):
        assert not look.dot or re.search(rf"\.dot\.{look.dot}\b", css["workspace"]), f".dot.{look.dot} in workspace.css"
        for kind in (look.tag, look.card_tag):
            assert not kind or re.search(rf"\.tagx\.{kind}\b", css["clinic"]), f".tagx.{kind} in clinic.css"
        assert f'id="{look.symbol}"' in icons, f"python -m tools.icons {look.symbol}"
    dots = [status_look(status).dot for status in AppointmentStatus]
    assert len(set(dots)) == len(dots), "a mark stands alone in the week: each status has one of its own"


def test_a_doctors_page_has_a_word_for_each_change_that_a_doctor_may_make() -> None:
    # Only the office reopens a visit, and gives it to another doctor.
    assert set(ACTIONS) == set(Transition) - {Transition.REOPEN, Transition.HAND_OVER}
