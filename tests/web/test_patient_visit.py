"""One visit of a patient: what its page says and offers, and cancelling it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from clinic import records, scheduling
from clinic.audit import AuditAction
from tests.people import CHEN, Cast
from tests.web.conftest import LATER, TODAY
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
Appointment = Callable[..., int]


# --- one visit --------------------------------------------------------------------------------------------------------


def test_a_visit_tells_where_when_and_what_was_said(as_: As, cast: Cast, appointment: Appointment) -> None:
    number = appointment(room_id=cast.chens_room, symptoms="Cough <i>at night</i>", notes="First\nsecond line")
    page = as_("ana").get(f"/patient/appointments/{number}")

    assert page.h1 == "Visit on Wednesday 4 March 2026"
    assert page.tree.one("title").text.startswith("Visit on 4 March 2026 with Dr Chen")
    assert "in 2 days" in page.main.one(class_="slip").text
    for words in ("Wednesday 4 March 2026", "Floor 2, room 201", "200,000 ₫", "Cough <i>at night</i>", "Check-up"):
        assert words in page.text
    assert "You booked this visit." in page.text
    assert "or cancel it until Tuesday 3 March at 09:00." in page.text
    assert len(page.main.one(class_="slip").all(id="rule")) == 1, "one note, not two"


def test_a_day_and_its_month_stand_on_one_line(as_: As, appointment: Appointment) -> None:
    html = as_("ana").get(f"/patient/appointments/{appointment()}").html

    assert "4\N{NO-BREAK SPACE}March 2026" in html
    assert "4\N{NO-BREAK SPACE}Mar<" in html


@pytest.mark.parametrize("status", ["cancelled", "completed"])
def test_a_visit_that_is_over_is_booked_again_in_three_presses(as_: As, appointment: Appointment, status: str) -> None:
    page = as_("ana").get(f"/patient/appointments/{appointment(TODAY, '08:00', status=status)}")
    booked = page.click("Book again with Dr Chen").follow().choose("t0930").press("Confirm my visit").follow()

    assert booked.h1 == "Your visit is booked"
    assert "09:30" in booked.main.one(class_="slip").text


def test_a_doctor_who_takes_no_bookings_is_not_booked_again(
    as_: As, app: Flask, cast: Cast, appointment: Appointment
) -> None:
    number = appointment(status="cancelled")
    with app.app_context():
        scheduling.switch_account(CHEN, active=False)

    for path in (f"/patient/appointments/{number}", "/patient/appointments?status=past"):
        assert "Book again" not in as_("ana").get(path).main.text


def test_the_slip_of_a_cancelled_visit_is_void(as_: As, appointment: Appointment) -> None:
    page = as_("ana").get(f"/patient/appointments/{appointment(status='cancelled')}")
    slip = page.main.one(class_="slip")

    assert "void" in slip.attrs["class"].split()
    assert slip.one("s").text == "09:00"
    for gone in ("Print the slip", "Add to my calendar", "Move the visit", "in 2 days"):
        assert gone not in slip.text


def test_a_visit_without_room_and_words(as_: As, appointment: Appointment) -> None:
    number = appointment(symptoms=None, reason=None)
    page = as_("ana").get(f"/patient/appointments/{number}")

    assert "Reception will show you the way." in page.text
    assert "You haven't told the doctor anything in advance." in page.text


def test_the_history_is_told_in_sentences(as_: As, app: Flask, cast: Cast, appointment: Appointment) -> None:
    number = appointment(LATER, "09:00")
    with app.app_context():
        scheduling.confirm(cast.actor("chen"), number)
        scheduling.reschedule(cast.actor("chen"), number, on=date(2026, 3, 5), at=scheduling.SLOT_TIMES[4])
        scheduling.confirm(cast.actor("esther"), number)
        scheduling.assign_service(cast.actor("chen"), number, cast.ecg)
        scheduling.complete(cast.actor("chen"), number)
    page = as_("ana").get(f"/patient/appointments/{number}")
    told = [" ".join(str(node.children[0]).split()) for node in page.main.one(class_="history").all("li")]

    assert told == [
        "You booked this visit.",
        "Dr Chen confirmed the visit.",
        "Dr Chen moved the visit from Wed 4 Mar, 09:00 to Thu 5 Mar, 10:00.",
        "Esther Office confirmed the visit.",
        "Dr Chen added a service: ECG.",
        "Dr Chen completed the visit.",
    ]
    assert "350,000 ₫" in page.text


@pytest.mark.parametrize(
    ("status", "cancel_link"), [("booked", True), ("confirmed", True), ("completed", False), ("cancelled", False)]
)
def test_only_what_is_possible_is_offered(as_: As, appointment: Appointment, status: str, cancel_link: bool) -> None:
    page = as_("ana").get(f"/patient/appointments/{appointment(status=status)}")
    assert ("Cancel the visit" in [node.text for node in page.main.all("a")]) is cancel_link


@pytest.mark.parametrize("status", ["confirmed", "completed"])
def test_what_the_doctor_wrote_is_offered_once_it_is_written_and_not_read_for_that(
    app: Flask, as_: As, cast: Cast, appointment: Appointment, record: Callable[..., int], status: str
) -> None:
    number = appointment(status=status)
    path = f"/patient/appointments/{number}"
    assert "What the doctor wrote" not in as_("ana").get(path).main.text
    record(number)
    assert as_("ana").get(path).link("What the doctor wrote") == f"{path}/record"
    with app.app_context():
        assert records.audit_trail(cast.actor("esther"), action=AuditAction.RECORD_READ).count == 0


def test_only_a_fresh_booking_is_celebrated(as_: As, appointment: Appointment) -> None:
    assert as_("ana").get(f"/patient/appointments/{appointment()}?booked=1").h1 == "Your visit is booked"
    cancelled = appointment(LATER, "10:00", status="cancelled")
    assert as_("ana").get(f"/patient/appointments/{cancelled}?booked=1").h1 == "Visit on Wednesday 4 March 2026"


# --- cancelling -------------------------------------------------------------------------------------------------------


def test_cancelling_is_asked_first_then_done(as_: As, appointment: Appointment) -> None:
    page = as_("ana").get(f"/patient/appointments/{appointment()}")
    question = page.click("Cancel the visit")
    assert "You can cancel until Tuesday 3 March at 09:00." in question.text
    assert question.click("Move it instead").h1 == "Move the visit"
    assert "Waiting for confirmation" in as_("ana").get(page.path).text, "asking changes nothing"

    answer = question.press("Cancel the visit", reason="I am well again")

    assert answer.goes_to == page.path
    after = answer.follow()
    for words in ("Your visit is cancelled.", "Cancelled", "I am well again", "You cancelled the visit."):
        assert words in after.text
    assert "Your visit is cancelled." not in as_("ana").get(page.path).text, "said once"


def test_a_cancelled_time_is_free_again(as_: As, cast: Cast, appointment: Appointment) -> None:
    as_("ana").get(f"/patient/appointments/{appointment()}/cancel").press("Cancel the visit")
    page = as_("boris").get(f"/book?department={cast.cardiology}&doctor={cast.chen}&day={LATER}")

    assert page.tree.one(id="t0900").tag == "a"


def test_cancelling_twice_is_harmless(as_: As, appointment: Appointment) -> None:
    question = as_("ana").get(f"/patient/appointments/{appointment()}/cancel")
    first, second = (question.press("Cancel the visit") for _ in range(2))

    assert first.goes_to == second.goes_to
    assert second.follow().text.count("You cancelled the visit.") == 1


def test_less_than_24_hours_before_the_clinic_has_to_be_called(
    as_: As, appointment: Appointment, clock_at: Callable[[str], object]
) -> None:
    number = appointment(LATER, "09:00")
    question = as_("ana").get(f"/patient/appointments/{number}/cancel")
    clock_at("2026-03-03 09:01")
    refused = question.press("Cancel the visit", reason="Ill")

    assert refused.status == 409
    assert "until 24 hours before it starts" in refused.main.one(role="alert").text
    assert "Reception can still cancel it." in refused.main.text
    assert refused.main.one("p", class_="prose").text == "Ill", "what was written isn't lost"
    page = as_("ana").get(f"/patient/appointments/{number}")
    assert "You can't cancel this visit online, as it starts in less than 24 hours." in page.text
    assert "Cancel the visit" not in [link.text for link in page.main.all("a")]
    again = as_("ana").get(f"/patient/appointments/{number}/cancel")
    assert again.status == 200
    assert not again.main.all("form")


def test_a_completed_visit_is_not_cancelled(as_: As, appointment: Appointment) -> None:
    number = appointment(status="completed")
    answer = as_("ana").command(f"/patient/appointments/{number}/cancel")

    assert answer.status == 409
    assert "already completed" in answer.text


def test_a_reason_that_is_too_long_is_kept(as_: As, appointment: Appointment) -> None:
    answer = as_("ana").get(f"/patient/appointments/{appointment()}/cancel").press("Cancel the visit", reason="r" * 501)

    assert answer.status == 422
    assert answer.values("Cancel the visit")["reason"] == "r" * 501
