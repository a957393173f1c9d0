"""A patient's own pages: the next visit, all visits, one visit, cancelling it, the records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask

from clinic import accounts, records, scheduling
from clinic.audit import Deed
from tests import factories
from tests.people import CHEN, Cast
from tests.web.conftest import LATER, TODAY, TOMORROW
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Visit = Callable[..., int]


def lines(sheet: Sheet) -> list[str]:
    """The visits of a list, one line each."""
    return [node.text for node in sheet.main.all(class_="visit")]


# --- home -------------------------------------------------------------------------------------------------------------


def test_home_without_visits_leads_to_booking(as_: As) -> None:
    page = as_("ana").get("/patient/")

    assert page.h1 == "Hello, Ana Nguyễn"
    assert "No visit is booked" in page.text
    assert page.click("Book a visit").h1 == "Book a visit"


def test_home_shows_the_next_visit_as_a_slip_and_the_ones_after_it(as_: As, cast: Cast, visit: Visit) -> None:
    visit(LATER, "11:00", doctor_id=cast.diallo)
    first = visit(TODAY, "15:00", room_id=cast.heart_room)
    visit(TODAY, "08:00")
    visit(TODAY - timedelta(days=1))
    visit(TOMORROW, status="cancelled")
    visit(LATER, "12:00", patient_id=cast.boris)
    page = as_("ana").get("/patient/")

    slip = page.main.all(class_="slip")[0].text
    for words in ("15:00", "Monday 2 March 2026", "Dr Chen", "Floor 2, room 202"):
        assert words in slip
    assert [line.split()[0] for line in lines(page)] == ["08:00", "11:00"]
    assert page.link("Open the visit") == f"/patient/appointments/{first}"


def test_home_says_what_was_told_and_until_when_it_can_be_cancelled(as_: As, visit: Visit) -> None:
    visit(LATER, "11:00", reason="Palpitations at night")
    slip = as_("ana").get("/patient/").main.all(class_="slip")[0].text

    assert "What you told us Palpitations at night" in slip
    assert "Free to cancel until 3 March 2026, 11:00." in slip


def test_home_says_why_a_visit_can_no_longer_be_cancelled(as_: As, visit: Visit) -> None:
    visit(TODAY, "15:00")

    assert "until 24 hours before it starts" in as_("ana").get("/patient/").main.all(class_="slip")[0].text


def test_home_shows_the_latest_visits_that_are_over(as_: As, cast: Cast, visit: Visit) -> None:
    for days in range(1, 6):
        visit(TODAY - timedelta(days=days), status="completed", doctor_id=cast.diallo)
    page = as_("ana").get("/patient/")

    section = page.main.one("section", aria_labelledby="lately")
    assert [node.text.split()[2:4] for node in section.all(class_="visit")] == [
        ["1", "Mar"],
        ["28", "Feb"],
        ["27", "Feb"],
    ]


def test_home_after_the_last_visit_of_today_has_begun(as_: As, visit: Visit) -> None:
    visit(TODAY, "08:00")
    page = as_("ana").get("/patient/")

    assert "No visit is booked" in page.text
    assert len(lines(page)) == 1


# --- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_is_filtered_what_is_coming_soonest_first_then_what_is_past(as_: As, cast: Cast, visit: Visit) -> None:
    visit(TODAY - timedelta(days=30), status="completed")
    visit(LATER, "10:00")
    visit(LATER, "09:00", status="cancelled")
    visit(LATER, "14:00", patient_id=cast.boris)
    page = as_("ana").get("/patient/appointments")

    assert "3 visits" in page.text
    assert [line.split()[0] for line in lines(page)] == ["09:00", "10:00", "09:00"]
    assert ["Cancelled" in line for line in lines(page)] == [True, False, False]
    for status, expected in (("upcoming", 1), ("past", 2), ("completed", 1), ("cancelled", 1), ("booked", 1), ("", 3)):
        found = page.press("Show", status=status)
        assert len(lines(found)) == expected, status
        assert found.values("Show")["status"] == status


def test_the_list_between_two_days(as_: As, visit: Visit) -> None:
    for days in (0, 1, 2, 3):
        visit(TODAY + timedelta(days=days))
    page = as_("ana").get("/patient/appointments")
    between = page.press("Show", date_from="2026-03-03", date_to="2026-03-04")

    assert len(lines(between)) == 2
    assert between.values("Show")["date_from"] == "2026-03-03"
    assert len(lines(page.press("Show", date_from="2026-03-03"))) == 3
    nothing = page.press("Show", date_to="2026-03-01")
    assert "No visit is here" in nothing.text
    assert "4 visits" in nothing.click("Show all").text


@pytest.mark.parametrize("typed", ["31/3/2026", "2026-02-30", "soon", "20260303", "2026-W10-2", "<b>", "9" * 60])
def test_what_is_no_day_is_said_and_kept(as_: As, visit: Visit, typed: str) -> None:
    visit()
    page = as_("ana").get("/patient/appointments", query={"date_from": typed, "status": "upcoming"})

    assert page.status == 200
    assert "is no day" in page.main.one(id="date_from-err").text
    assert page.values("Show")["date_from"] == typed
    assert len(lines(page)) == 1


def test_an_unknown_filter_shows_all(as_: As, visit: Visit) -> None:
    visit()

    assert "1 visit" in as_("ana").get("/patient/appointments?status=dreamt").text


def test_the_list_comes_in_pages_that_keep_the_filter(as_: As, app: Flask, cast: Cast) -> None:
    with app.app_context():
        factories.visits(23, cast.ana, cast.chen, first_day=date(2026, 1, 5), status="completed")
    first = as_("ana").get("/patient/appointments?status=completed")
    second = first.click("Next")

    assert "23 visits" in first.text
    assert "status=completed" in second.path
    assert len(lines(second.click("Next"))) == 3
    assert second.click("First page").path == first.path


@pytest.mark.parametrize("query", ["", "?status=upcoming", "?status=completed", "?date_from=2026-03-05", "?date_to=x"])
def test_a_filter_swaps_what_a_reload_shows(as_: As, visit: Visit, query: str) -> None:
    visit()
    visit(LATER, "10:00", status="cancelled")
    path = f"/patient/appointments{query}"
    swapped, full = as_("ana").swap(path, "visit-list"), as_("ana").get(path)

    assert "<html" not in swapped.html
    assert swapped.tree.one(id="visit-list").written() == full.tree.one(id="visit-list").written()


# --- one visit --------------------------------------------------------------------------------------------------------


def test_a_visit_tells_where_when_and_what_was_said(as_: As, cast: Cast, visit: Visit) -> None:
    number = visit(room_id=cast.chens_room, symptoms="Cough <i>at night</i>", notes="First\nsecond line")
    page = as_("ana").get(f"/patient/appointments/{number}")

    assert page.h1 == "Visit on Wednesday 4 March 2026"
    assert page.tree.one("title").text.startswith("Visit on 4 March 2026 with Dr Chen")
    assert "in 2 days" in page.main.one(class_="slip").text
    for words in ("Wednesday 4 March 2026", "Floor 2, room 201", "200,000 ₫", "Cough <i>at night</i>", "Check-up"):
        assert words in page.text
    assert "You booked this visit." in page.text
    assert "or cancel it until Tuesday 3 March at 09:00." in page.text
    assert len(page.main.one(class_="slip").all(id="rule")) == 1, "one note, not two"


def test_a_day_and_its_month_stand_on_one_line(as_: As, visit: Visit) -> None:
    html = as_("ana").get(f"/patient/appointments/{visit()}").html

    assert "4\N{NO-BREAK SPACE}March 2026" in html
    assert "4\N{NO-BREAK SPACE}Mar<" in html


@pytest.mark.parametrize("status", ["cancelled", "completed"])
def test_a_visit_that_is_over_is_booked_again_in_three_presses(as_: As, visit: Visit, status: str) -> None:
    page = as_("ana").get(f"/patient/appointments/{visit(TODAY, '08:00', status=status)}")
    booked = page.click("Book again with Dr Chen").choose("t0930").press("Confirm my visit").follow()

    assert booked.h1 == "Your visit is booked"
    assert "09:30" in booked.main.one(class_="slip").text


def test_a_doctor_who_takes_no_bookings_is_not_booked_again(as_: As, app: Flask, cast: Cast, visit: Visit) -> None:
    number = visit(status="cancelled")
    with app.app_context():
        accounts.set_active(CHEN, False)

    assert "Book again" not in as_("ana").get(f"/patient/appointments/{number}").main.text


def test_the_slip_of_a_cancelled_visit_is_void(as_: As, visit: Visit) -> None:
    page = as_("ana").get(f"/patient/appointments/{visit(status='cancelled')}")
    slip = page.main.one(class_="slip")

    assert "void" in slip.attrs["class"].split()
    assert slip.one("s").text == "09:00"
    for gone in ("Print the slip", "Add to my calendar", "Move the visit", "in 2 days"):
        assert gone not in slip.text


def test_a_visit_without_room_and_words(as_: As, visit: Visit) -> None:
    number = visit(symptoms=None, reason=None)
    page = as_("ana").get(f"/patient/appointments/{number}")

    assert "Reception will show you the way." in page.text
    assert "You left nothing for the doctor to read in advance." in page.text


def test_the_history_is_told_in_sentences(as_: As, app: Flask, cast: Cast, visit: Visit) -> None:
    number = visit(LATER, "09:00")
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
def test_only_what_is_possible_is_offered(as_: As, visit: Visit, status: str, cancel_link: bool) -> None:
    page = as_("ana").get(f"/patient/appointments/{visit(status=status)}")
    assert ("Cancel the visit" in [node.text for node in page.main.all("a")]) is cancel_link


@pytest.mark.parametrize("status", ["confirmed", "completed"])
def test_what_the_doctor_wrote_is_offered_once_it_is_written_and_not_read_for_that(
    app: Flask, as_: As, cast: Cast, visit: Visit, record: Callable[..., int], status: str
) -> None:
    number = visit(status=status)
    path = f"/patient/appointments/{number}"
    assert "What the doctor wrote" not in as_("ana").get(path).main.text
    record(number)
    assert as_("ana").get(path).link("What the doctor wrote") == f"{path}/record"
    with app.app_context():
        assert records.trail(cast.actor("esther"), deed=Deed.RECORD_READ).count == 0


def test_only_a_fresh_booking_is_celebrated(as_: As, visit: Visit) -> None:
    assert as_("ana").get(f"/patient/appointments/{visit()}?booked=1").h1 == "Your visit is booked"
    cancelled = visit(LATER, "10:00", status="cancelled")
    assert as_("ana").get(f"/patient/appointments/{cancelled}?booked=1").h1 == "Visit on Wednesday 4 March 2026"


# --- cancelling -------------------------------------------------------------------------------------------------------


def test_cancelling_is_asked_first_then_done(as_: As, visit: Visit) -> None:
    page = as_("ana").get(f"/patient/appointments/{visit()}")
    question = page.click("Cancel the visit")
    assert "You can cancel until Tuesday 3 March at 09:00." in question.text
    assert question.click("Move it instead").h1 == "Move the visit"
    assert "Waiting for confirmation" in as_("ana").get(page.path).text, "asking changes nothing"

    answer = question.press("Cancel the visit", reason="I am well again")

    assert answer.goes_to == page.path
    after = answer.follow()
    for words in ("The visit is cancelled.", "Cancelled", "I am well again", "You cancelled the visit."):
        assert words in after.text
    assert "The visit is cancelled." not in as_("ana").get(page.path).text, "said once"


def test_a_cancelled_time_is_free_again(as_: As, cast: Cast, visit: Visit) -> None:
    as_("ana").get(f"/patient/appointments/{visit()}/cancel").press("Cancel the visit")
    page = as_("boris").get(f"/book?department={cast.cardiology}&doctor={cast.chen}&day={LATER}")

    assert page.tree.one(id="t0900").tag == "a"


def test_cancelling_twice_is_harmless(as_: As, visit: Visit) -> None:
    question = as_("ana").get(f"/patient/appointments/{visit()}/cancel")
    first, second = (question.press("Cancel the visit") for _ in range(2))

    assert first.goes_to == second.goes_to
    assert second.follow().text.count("You cancelled the visit.") == 1


def test_less_than_24_hours_before_the_clinic_has_to_be_called(
    as_: As, visit: Visit, clock_at: Callable[[str], object]
) -> None:
    number = visit(LATER, "09:00")
    question = as_("ana").get(f"/patient/appointments/{number}/cancel")
    clock_at("2026-03-03 09:01")
    refused = question.press("Cancel the visit", reason="Ill")

    assert refused.status == 409
    assert "until 24 hours before it starts" in refused.main.one(role="alert").text
    assert refused.main.one("p", class_="prose").text == "Ill", "what was written isn't lost"
    page = as_("ana").get(f"/patient/appointments/{number}")
    assert "You can't cancel this visit online, as it starts in less than 24 hours." in page.text
    assert "Cancel the visit" not in [link.text for link in page.main.all("a")]
    again = as_("ana").get(f"/patient/appointments/{number}/cancel")
    assert again.status == 200
    assert not again.main.all("form")


def test_a_completed_visit_is_not_cancelled(as_: As, visit: Visit) -> None:
    number = visit(status="completed")
    answer = as_("ana").command(f"/patient/appointments/{number}/cancel")

    assert answer.status == 409
    assert "completed already" in answer.text


def test_a_reason_that_is_too_long_is_kept(as_: As, visit: Visit) -> None:
    answer = as_("ana").get(f"/patient/appointments/{visit()}/cancel").press("Cancel the visit", reason="r" * 501)

    assert answer.status == 422
    assert answer.values("Cancel the visit")["reason"] == "r" * 501


# --- records ----------------------------------------------------------------------------------------------------------


def test_a_record_with_its_units_and_the_next_visit(
    as_: As, visit: Visit, record: Callable[..., int], cast: Cast
) -> None:
    number = visit(status="completed")
    vitals = {"blood_pressure": "148/92", "heart_rate": 81, "weight": "62.4", "height": "158", "mood": "fine"}
    record(number, vital_signs=vitals, notes="Line one\nline <two>", follow_up_date=date(2026, 3, 20))
    page = as_("ana").get(f"/patient/appointments/{number}").click("What the doctor wrote")

    for words in ("148/92 mmHg", "81 bpm", "62.4 kg", "158 cm", "25.0 kg/m²", "Amlodipine 5 mg", "line <two>"):
        assert words in page.text
    assert "Please come again by Friday 20 March 2026." in page.text
    assert page.link("Book a visit with Dr Chen").endswith(f"doctor={cast.chen}&day=2026-03-20#next")
    assert "Written by Dr Chen" in page.text


def test_a_record_that_is_not_written_yet(as_: As, visit: Visit) -> None:
    page = as_("ana").get(f"/patient/appointments/{visit(status='confirmed')}/record")

    assert page.status == 200
    assert "Nothing is written yet" in page.text


def test_a_record_with_a_diagnosis_only(as_: As, visit: Visit, record: Callable[..., int]) -> None:
    number = visit(status="completed")
    record(number, vital_signs=None, prescription=None, treatment_plan=None)
    page = as_("ana").get(f"/patient/appointments/{number}/record")

    assert "Stage 1 hypertension" in page.text
    assert "Vital signs" not in page.text


def test_the_records_newest_visit_first(as_: As, visit: Visit, record: Callable[..., int], cast: Cast) -> None:
    for days, diagnosis in ((40, "Older"), (10, "Newer")):
        record(visit(TODAY - timedelta(days=days), status="completed"), diagnosis=diagnosis)
    record(visit(TODAY, patient_id=cast.boris, status="completed"), diagnosis="Somebody else's")
    page = as_("ana").get("/patient/records")

    assert [node.text for node in page.main.one(class_="visits").all("a")] == ["Newer", "Older"]
    assert "Older" in page.click("Older").text


def test_no_records_yet(as_: As) -> None:
    assert "No record yet" in as_("ana").get("/patient/records").text
