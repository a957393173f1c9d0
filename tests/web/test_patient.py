"""A patient's own pages: the next visit, all visits, one visit, cancelling it, the records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask

from clinic import accounts, records, scheduling
from clinic.audit import AuditAction
from tests import factories
from tests.people import CHEN, Cast
from tests.web.conftest import LATER, TODAY, TOMORROW
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Appointment = Callable[..., int]


def lines(sheet: Sheet) -> list[str]:
    """When the visits of a list are, one line each."""
    return [node.one(class_="when").text for node in sheet.main.all(class_="vis")]


# --- home -------------------------------------------------------------------------------------------------------------


def test_home_without_visits_leads_to_booking(as_: As) -> None:
    page = as_("ana").get("/patient/")

    assert page.h1 == "Hello, Ana Nguyễn"
    assert "No visits booked" in page.text
    assert page.click("Book a visit").h1 == "Book a visit"


def test_home_shows_the_next_visit_as_a_slip_and_the_later_ones(as_: As, cast: Cast, appointment: Appointment) -> None:
    appointment(LATER, "11:00", doctor_id=cast.diallo)
    first = appointment(TODAY, "15:00", room_id=cast.heart_room)
    appointment(TODAY, "08:00")
    appointment(TODAY - timedelta(days=1))
    appointment(TOMORROW, status="cancelled")
    appointment(LATER, "12:00", patient_id=cast.boris)
    page = as_("ana").get("/patient/")

    slip = page.main.all(class_="slip")[0].text
    for words in ("Your next visit is today", "15:00", "Monday 2 March 2026", "Dr Chen", "Floor 2, room 202"):
        assert words in slip
    assert page.main.one("section", aria_labelledby="now").one(class_="hour").text == "08:00"
    later = page.main.one("section", aria_labelledby="later")
    assert [node.text for node in later.all(class_="when")] == ["Wed 4 Mar 2026 11:00 , in 2 days"]
    assert page.link("Open the visit") == f"/patient/appointments/{first}"


@pytest.mark.parametrize(
    ("days", "told"), [(0, "is today"), (1, "is tomorrow"), (2, "is in 2 days"), (30, "is in 30 days")]
)
def test_home_says_how_far_ahead_the_next_visit_is(as_: As, appointment: Appointment, days: int, told: str) -> None:
    appointment(TODAY + timedelta(days=days), "16:00")

    assert as_("ana").get("/patient/").main.one(id="next").text == f"Your next visit {told}"


def test_home_comes_in_the_order_of_what_matters(as_: As, appointment: Appointment, record: Callable[..., int]) -> None:
    """Read aloud or on a phone: the next visit, what has to be done, later visits, news, then results and medicines."""
    appointment(LATER, "11:00")
    appointment(LATER, "14:00")
    record(appointment(TODAY - timedelta(days=20), status="completed"), follow_up_date=TODAY - timedelta(days=5))
    html = as_("ana").get("/patient/").html
    places = [html.index(words) for words in ('id="next"', ">Later<", ">Updates<", ">Recent results<", ">Your last pr")]

    assert places == sorted(places)


def test_home_leads_to_what_can_be_done_with_the_next_visit(as_: As, appointment: Appointment) -> None:
    number = appointment(LATER, "11:00", reason="Palpitations at night")
    page = as_("ana").get("/patient/")
    slip = page.main.all(class_="slip")[0]

    assert "Palpitations at night" in slip.text
    assert "You can cancel until Tuesday 3 March at 11:00." in slip.text
    addresses = [link.attrs["href"].removeprefix(f"/patient/appointments/{number}") for link in slip.all("a")]
    assert addresses.pop(2).startswith("https://"), "directions"
    assert addresses == ["/reschedule", "/visit.ics", "", "/cancel"]


def test_home_says_when_it_is_too_late_to_cancel(as_: As, appointment: Appointment) -> None:
    appointment(TODAY, "15:00")
    slip = as_("ana").get("/patient/").main.all(class_="slip")[0].text

    assert "It's now too late to cancel online. Can't come? Please move your visit." in slip
    assert "Cancel the visit" not in slip


def test_home_says_who_has_still_to_confirm(as_: As, cast: Cast, appointment: Appointment) -> None:
    appointment(LATER, "11:00", status="confirmed")
    appointment(LATER, "14:00", doctor_id=cast.diallo)
    page = as_("ana").get("/patient/").main.text

    assert "We'll e-mail you as soon as Dr Diallo confirms." in page
    assert "as soon as Dr Chen confirms" not in page


def test_home_tells_of_check_ups_that_are_to_be_booked(
    as_: As, cast: Cast, appointment: Appointment, record: Callable[..., int]
) -> None:
    record(appointment(TODAY - timedelta(days=30), status="completed"), follow_up_date=TODAY + timedelta(days=5))
    page = as_("ana").get("/patient/")
    due = page.main.one(class_="due")
    assert "Check-up due Dr Chen asked to see you again by Saturday 7 March 2026." in due.text
    address = f"/book?department={cast.cardiology}&doctor={cast.chen}&day=2026-03-07#next"
    assert due.one("a").attrs["href"] == address
    appointment(TODAY + timedelta(days=5))

    assert not as_("ana").get("/patient/").main.all(class_="due")


def test_home_shows_what_the_doctor_noted_on_the_next_visit(
    app: Flask, as_: As, cast: Cast, appointment: Appointment
) -> None:
    number = appointment(LATER, notes="Mornings suit me best.")
    with app.app_context():
        scheduling.edit_appointment(cast.actor("chen"), number, {"notes": "Bring the cuff."}, clinics_notes_only=True)
    news = as_("ana").get("/patient/").main.one("section", aria_labelledby="news").text

    assert "Note on your next visit Bring the cuff. Dr Chen, 2 March 2026, 09:00" in news
    assert "Mornings suit me best." not in news


def test_home_shows_the_newest_of_the_records(as_: As, appointment: Appointment, record: Callable[..., int]) -> None:
    numbers = {days: appointment(TODAY - timedelta(days=days), status="completed") for days in (40, 10)}
    for days, weight in ((40, 64), (10, 62.5)):
        record(
            numbers[days], vital_signs={"weight": weight}, prescription=f"Amlodipine, {days} days", diagnosis=f"D{days}"
        )
    page = as_("ana").get("/patient/")

    results = page.main.one("section", aria_labelledby="results").text
    assert "Weight 62.5 kg 20 February 2026. Down from 64 on 21 January 2026." in results
    prescribed = page.main.one("section", aria_labelledby="prescribed").text
    assert "Amlodipine, 10 days" in prescribed
    assert "From your visit on 20 February 2026 with Dr Chen." in prescribed
    news = page.main.one("section", aria_labelledby="news")
    assert news.one("a").attrs["href"] == f"/patient/appointments/{numbers[10]}/record"


def test_home_after_the_last_visit_of_today_has_begun(as_: As, appointment: Appointment) -> None:
    appointment(TODAY, "08:00")
    page = as_("ana").get("/patient/")

    assert "No visits booked" in page.text
    assert lines(page) == ["Mon 2 Mar 2026 08:00 , today"]


# --- the list ---------------------------------------------------------------------------------------------------------


def test_what_is_coming_stands_soonest_first_and_what_is_past_latest_first(
    as_: As, cast: Cast, appointment: Appointment
) -> None:
    for on, at, status in (
        (TODAY - timedelta(days=30), "09:00", "completed"),
        (TODAY - timedelta(days=2), "09:00", "confirmed"),
        (LATER, "10:00", "booked"),
        (TODAY, "14:00", "confirmed"),
        (LATER, "09:00", "cancelled"),
    ):
        appointment(on, at, status=status)
    appointment(LATER, "14:00", patient_id=cast.boris)
    coming = as_("ana").get("/patient/appointments")
    past = coming.click("Past (3)")

    assert lines(coming) == ["Mon 2 Mar 2026 14:00 , today", "Wed 4 Mar 2026 10:00 , in 2 days"]
    assert lines(past) == ["Wed 4 Mar 2026 09:00", "Sat 28 Feb 2026 09:00", "Sat 31 Jan 2026 09:00"]
    for page, tab in ((coming, "Upcoming (2)"), (past, "Past (3)")):
        assert [link.text for link in page.main.one("nav").all("a", aria_current="page")] == [tab]


def test_a_visit_of_the_list_leads_to_what_can_be_done_with_it(
    as_: As, cast: Cast, appointment: Appointment, record: Callable[..., int]
) -> None:
    def leads_to(path: str) -> list[list[str]]:
        page = as_("ana").get(path)
        return [
            [str(link.children[0]) for link in each.one(class_="do").all("a")] for each in page.main.all(class_="vis")
        ]

    record(appointment(TODAY - timedelta(days=9), status="completed"), diagnosis="Palpitations, harmless")
    appointment(TODAY - timedelta(days=8), status="cancelled", cancellation_reason="Well again")
    appointment(LATER)
    appointment(TODAY, "15:00")

    assert leads_to("/patient/appointments") == [["Move"], ["Move", "Cancel"]]
    assert leads_to("/patient/appointments?status=past") == [["Book again"], ["Record", "Book again"]]
    past = as_("ana").get("/patient/appointments?status=past").main
    assert "Found: Palpitations, harmless" in past.text
    assert "Reason for cancelling: Well again" in past.text
    assert past.with_text("a", "Book again : 22 February 2026").attrs["href"] == (
        f"/book?doctor={cast.chen}&day={TODAY}#next"
    )


def test_past_visits_are_found_by_status_and_days(as_: As, appointment: Appointment) -> None:
    for days in (2, 3, 4, 5):
        appointment(TODAY - timedelta(days=days), status="cancelled" if days == 5 else "completed")
    page = as_("ana").get("/patient/appointments?status=past")
    between = page.press("Show", date_from="2026-02-26", date_to="2026-02-27")

    assert "2 visits" in between.text
    assert between.values("Show")["date_from"] == "2026-02-26"
    assert len(lines(page.press("Show", date_from="2026-02-26"))) == 3
    assert len(lines(page.press("Show", status="cancelled"))) == 1
    nothing = page.press("Show", date_to="2026-01-01")
    assert "No visits match" in nothing.text
    assert len(lines(nothing.click("Show all"))) == 4


@pytest.mark.parametrize("typed", ["31/13/2026", "2026-02-30", "soon", "20260303", "2026-W10-2", "<b>", "9" * 60])
def test_what_is_no_day_is_said_and_kept(as_: As, appointment: Appointment, typed: str) -> None:
    appointment(TODAY - timedelta(days=2), status="completed")
    page = as_("ana").get("/patient/appointments", query={"date_from": typed, "status": "past"})

    assert page.status == 200
    assert "isn't a date" in page.main.one(id="date_from-err").text
    assert page.values("Show")["date_from"] == typed
    assert len(lines(page)) == 1


@pytest.mark.parametrize("status", ["dreamt", "upcoming", ""])
def test_an_unknown_filter_shows_what_is_coming(as_: As, appointment: Appointment, status: str) -> None:
    appointment()

    assert len(lines(as_("ana").get(f"/patient/appointments?status={status}"))) == 1


def test_the_list_comes_in_pages_that_keep_the_filter(as_: As, app: Flask, cast: Cast) -> None:
    with app.app_context():
        factories.appointments(23, cast.ana, cast.chen, first_day=date(2026, 1, 5), status="completed")
    first = as_("ana").get("/patient/appointments?status=completed")
    second = first.click("Next")

    assert "23 visits" in first.text
    assert "status=completed" in second.path
    assert len(lines(second.click("Next"))) == 3
    assert second.click("First page").path == first.path


@pytest.mark.parametrize("query", ["", "?status=past", "?status=completed", "?status=past&date_from=2026-02-05"])
def test_a_filter_swaps_what_a_reload_shows(as_: As, appointment: Appointment, query: str) -> None:
    appointment()
    appointment(LATER, "10:00", status="cancelled")
    path = f"/patient/appointments{query}"
    swapped, full = as_("ana").swap(path, "visit-list"), as_("ana").get(path)

    assert "<html" not in swapped.html
    assert swapped.tree.one(id="visit-list").written() == full.tree.one(id="visit-list").written()


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
        accounts.set_active(CHEN, False)

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


# --- records ----------------------------------------------------------------------------------------------------------


def test_a_record_with_its_units_and_the_next_visit(
    as_: As, appointment: Appointment, record: Callable[..., int], cast: Cast
) -> None:
    number = appointment(status="completed")
    vitals = {"blood_pressure": "148/92", "heart_rate": 81, "weight": "62.4", "height": "158", "mood": "fine"}
    record(number, vital_signs=vitals, notes="Line one\nline <two>", follow_up_date=date(2026, 3, 20))
    page = as_("ana").get(f"/patient/appointments/{number}").click("What the doctor wrote")

    for words in ("148/92 mmHg", "81 bpm", "62.4 kg", "158 cm", "25.0 kg/m²", "Amlodipine 5 mg", "line <two>"):
        assert words in page.text
    assert "Please come again by Friday 20 March 2026." in page.text
    assert page.link("Book a visit with Dr Chen").endswith(f"doctor={cast.chen}&day=2026-03-20#next")
    assert "Written by Dr Chen" in page.text


def test_a_record_says_what_was_found_and_what_to_do_before_all_measurements(
    as_: As, appointment: Appointment, record: Callable[..., int]
) -> None:
    number = appointment(status="completed")
    record(number, notes="Lying 134/85", follow_up_date=date(2026, 3, 20))
    page = as_("ana").get(f"/patient/appointments/{number}/record")

    assert [node.text for node in page.main.all("h2")] == [
        "What was found",
        "What to do",
        "Measurements",
        "The doctor's notes",
    ]
    to_do = page.main.one("section", aria_labelledby="to-do").text
    for words in ("Amlodipine 5 mg", "Less salt", "Please come again by Friday 20 March 2026."):
        assert words in to_do


def test_a_record_that_is_not_written_yet(as_: As, appointment: Appointment) -> None:
    page = as_("ana").get(f"/patient/appointments/{appointment(status='confirmed')}/record")

    assert page.status == 200
    assert "Nothing written yet" in page.text


def test_a_record_with_a_diagnosis_only(as_: As, appointment: Appointment, record: Callable[..., int]) -> None:
    number = appointment(status="completed")
    record(number, vital_signs=None, prescription=None, treatment_plan=None)
    page = as_("ana").get(f"/patient/appointments/{number}/record")

    assert "Stage 1 hypertension" in page.text
    assert [node.text for node in page.main.all("h2")] == ["What was found"]


def test_the_records_newest_visit_first(
    as_: As, appointment: Appointment, record: Callable[..., int], cast: Cast
) -> None:
    for days, diagnosis in ((40, "Older"), (10, "Newer")):
        record(appointment(TODAY - timedelta(days=days), status="completed"), diagnosis=diagnosis)
    record(appointment(TODAY, patient_id=cast.boris, status="completed"), diagnosis="Somebody else's")
    page = as_("ana").get("/patient/records")

    assert [node.one("a").text for node in page.main.all(class_="rec")] == ["Newer", "Older"]
    assert "Older" in page.click("Older").text


def test_the_records_say_what_became_of_a_follow_up(
    as_: As, appointment: Appointment, record: Callable[..., int]
) -> None:
    record(appointment(TODAY - timedelta(days=40), status="completed"), follow_up_date=TODAY - timedelta(days=10))
    record(appointment(TODAY - timedelta(days=9), status="completed"), follow_up_date=TODAY + timedelta(days=9))
    newest, older = as_("ana").get("/patient/records").main.all(class_="rec")

    assert "Please come again by Wednesday 11 March 2026." in newest.text
    assert "You came back on 21 February 2026." in older.text


def test_no_records_yet(as_: As) -> None:
    assert "No records yet" in as_("ana").get("/patient/records").text
