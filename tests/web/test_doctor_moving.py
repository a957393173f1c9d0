"""Moving a visit, by its doctor and by its patient: days and times as links, and what is refused keeps all that was typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urljoin

import pytest
from flask import Flask

from clinic import scheduling
from clinic.db import db
from tests import factories
from tests.people import Cast
from tests.statements import count_statements
from tests.web.conftest import LATER, TODAY, TOMORROW
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]

WHO = {"chen": "/doctor/appointments/{}", "ana": "/patient/appointments/{}"}
WHY = "Dr Chen operates that morning\nSorry for the trouble"
MOST_STATEMENTS = 12

both = pytest.mark.parametrize("name", list(WHO))


def seen(app: Flask, cast: Cast, number: int) -> dict[str, object]:
    """A visit as the office sees it."""
    with app.app_context():
        return dict(scheduling.appointment(cast.actor("esther"), number))


def moving(name: str, number: int, **query: object) -> str:
    """The address of the page."""
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    return WHO[name].format(number) + "/reschedule" + (f"?{asked}" if asked else "")


@both
def test_from_the_visit_by_links_to_another_time(app: Flask, as_: As, cast: Cast, appointment: Make, name: str) -> None:
    number = appointment(status="confirmed", notes="Bring the ECG")
    page = as_(name).get(WHO[name].format(number)).click("Move" if name == "chen" else "Move the visit")
    assert page.main.one("span", class_="off").text == "09:00 this visit"

    day = page.main.one("a", id=f"d{TOMORROW:%m%d}").attrs["href"]
    page = as_(name).get(urljoin(page.path, day).partition("#")[0])
    page = as_(name).get(urljoin(page.path, page.main.one("a", id="t1430").attrs["href"]).partition("#")[0])
    assert "14:30 Tuesday 3 March 2026" in page.main.one(class_="slip-top").text
    answer = page.press("Move the visit", reason=WHY)

    assert (answer.status, answer.goes_to) == (303, WHO[name].format(number))
    assert "The visit has been moved to Tuesday 3 March 2026, 14:30." in answer.follow().tree.one(id="flash").text
    moved = seen(app, cast, number)
    assert (moved["appointment_date"], f"{moved['appointment_time']:%H:%M}") == (TOMORROW, "14:30")
    assert moved["status"] == "booked"
    assert moved["notes"] == f"Bring the ECG\nRescheduled: {WHY}"
    assert "You moved the visit from Wed 4 Mar, 09:00 to Tue 3 Mar, 14:30." in answer.follow().main.text


def test_from_the_day_and_back_to_the_day(as_: As, appointment: Make) -> None:
    number = appointment()
    page = as_("chen").get(f"/doctor/?day={LATER}").click("Move")
    page = as_("chen").get(urljoin(page.path, page.main.one("a", id="t1000").attrs["href"]).partition("#")[0])
    answer = page.press("Move the visit")

    assert answer.goes_to == f"/doctor/?day={LATER}&visit={number}"
    assert "desk=1" in page.path


@both
def test_a_time_that_was_taken_meanwhile_offers_others_with_one_press(
    app: Flask, as_: As, cast: Cast, appointment: Make, name: str
) -> None:
    number = appointment()
    page = as_(name).get(moving(name, number, day=TOMORROW, time="10:00"))
    appointment(TOMORROW, "10:00", patient_id=cast.boris)
    answer = page.press("Move the visit", reason=WHY)

    assert answer.status == 409
    assert "This time has just been taken." in answer.main.one(role="alert").text
    offers = [button.text for button in answer.main.all("button", name="instead")]
    assert offers == ["Tomorrow, 09:00", "Tomorrow, 09:30", "Tomorrow, 10:30"]
    assert answer.values(offers[2])["reason"] == WHY
    assert answer.press(offers[2]).status == 303
    moved = seen(app, cast, number)
    assert (moved["appointment_date"], f"{moved['appointment_time']:%H:%M}") == (TOMORROW, "10:30")
    assert WHY in str(moved["notes"])


@both
def test_what_was_moved_meanwhile_is_not_moved_unseen(
    app: Flask, as_: As, cast: Cast, appointment: Make, name: str
) -> None:
    number = appointment()
    page = as_(name).get(moving(name, number, day=TOMORROW, time="10:00"))
    with app.app_context():
        scheduling.reschedule(cast.actor("esther"), number, on=LATER, at=scheduling.SLOT_TIMES[8])
    refused = page.press("Move the visit", reason=WHY)

    assert refused.status == 409
    assert "This visit has changed since you opened the page. Here's how it is now." in refused.main.text
    assert "Wed 4 Mar, 12:00" in refused.main.one(class_="facts").text
    assert "10:00 Tuesday 3 March 2026" in refused.main.one(class_="slip-top").text
    assert (seen(app, cast, number)["appointment_date"], refused.values("Move the visit")["reason"]) == (LATER, WHY)
    assert refused.press("Move the visit").status == 303
    assert seen(app, cast, number)["appointment_date"] == TOMORROW


def test_a_doctor_learns_that_the_patient_is_busy_then(as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment()
    appointment(TOMORROW, "10:00", doctor_id=cast.diallo)
    answer = as_("chen").get(moving("chen", number, day=TOMORROW, time="10:00")).press("Move the visit", reason=WHY)

    assert answer.status == 409
    assert "The patient has a visit at the time you chose." in answer.main.text
    assert all("10:00" not in button.text for button in answer.main.all("button", name="instead"))
    assert answer.values("Tomorrow, 10:30")["reason"] == WHY


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "You have a visit at the time you chose. Please choose another."),
        ("vi", "Bạn đã có buổi khám vào giờ này. Vui lòng chọn giờ khác."),
    ],
)
def test_a_patient_who_became_busy_then_is_addressed_herself(
    as_: As, cast: Cast, appointment: Make, language: str, says: str
) -> None:
    number = appointment()
    path = moving("ana", number, day=TOMORROW, time="10:00")
    as_("ana").client.set_cookie("lang", language)
    as_("ana").get(path)
    appointment(TOMORROW, "10:00", doctor_id=cast.diallo)
    answer = as_("ana").command(path, reason=WHY)

    assert answer.status == 409
    assert answer.main.one(role="alert").one("h2").text == says


@both
def test_a_reason_that_cant_be_saved_is_marked_and_the_time_stays_chosen(as_: As, appointment: Make, name: str) -> None:
    page = as_(name).get(moving(name, appointment(), day=TOMORROW, time="10:00"))
    answer = page.press("Move the visit", reason="gone\x07")

    assert answer.status == 422
    field = answer.main.one("textarea")
    assert field.attrs["aria-invalid"] == "true"
    assert "This text has characters that we can't save." in answer.main.one(id="reason-err").text
    assert "10:00 Tuesday 3 March 2026" in answer.main.one(class_="slip-top").text
    assert not answer.main.all("button", name="instead")


def test_a_patients_own_visit_stands_in_the_way(as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment()
    appointment(TOMORROW, "10:00", doctor_id=cast.diallo)
    page = as_("ana").get(moving("ana", number, day=TOMORROW, time="10:00"))

    assert "You have a visit at the time you chose." in page.main.text
    assert not page.main.all("form")


@both
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"day": "2026-02-30"}, "This day can't be booked."),
        ({"day": "2025-01-01"}, "This day can't be booked."),
        ({"day": TOMORROW, "time": "10:10"}, "There's no such time."),
        ({"day": TOMORROW, "time": "x"}, "There's no such time."),
        ({"day": TODAY, "time": "08:00"}, "The time you chose has passed."),
        ({"day": LATER, "time": "09:00"}, "The visit is already at this time."),
    ],
)
def test_a_wrong_choice_is_said_at_its_place(
    as_: As, appointment: Make, name: str, query: dict[str, object], says: str
) -> None:
    page = as_(name).get(moving(name, appointment(), **query))

    assert page.status == 200
    assert says in page.main.one(role="alert").text


@both
def test_bad_input_keeps_what_was_typed(app: Flask, as_: As, cast: Cast, appointment: Make, name: str) -> None:
    number = appointment()
    typed = "x" * (scheduling.REASON_MAX + 1)
    page = as_(name).get(moving(name, number, day=TOMORROW, time="10:00"))
    long = page.press("Move the visit", reason=typed)
    assert long.status == 422
    assert long.values("Move the visit")["reason"] == typed
    assert "Please use at most 500 characters." in long.main.text

    for query in ({}, {"day": TOMORROW}, {"day": TOMORROW, "time": "10:10"}, {"day": "2025-01-01", "time": "10:00"}):
        answer = as_(name).command(moving(name, number, **query), reason=WHY)
        assert answer.status == 422, query
        assert WHY in answer.main.one("textarea").children[0], query
    assert seen(app, cast, number)["appointment_date"] == LATER


@both
@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_what_cant_be_moved_says_why_and_keeps_the_words(as_: As, appointment: Make, name: str, status: str) -> None:
    number = appointment(status=status)
    page = as_(name).get(moving(name, number))
    assert f"This visit {'is already completed' if status == 'completed' else 'was cancelled'}." in page.main.text
    assert not page.main.all("form")

    answer = as_(name).command(moving(name, number, day=TOMORROW, time="10:00"), reason=WHY)
    assert answer.status == 409
    assert " ".join(WHY.split()) in answer.main.text


@both
def test_a_visit_that_has_begun_stays(as_: As, appointment: Make, name: str) -> None:
    page = as_(name).get(moving(name, appointment(TODAY, "08:00")))

    assert "This visit has already started." in page.main.text


@both
def test_pressing_twice_moves_once(app: Flask, as_: As, cast: Cast, appointment: Make, name: str) -> None:
    number = appointment()
    answers = [as_(name).command(moving(name, number, day=TOMORROW, time="10:00")) for _ in range(2)]

    assert [answer.status for answer in answers] == [303, 303]
    with app.app_context():
        told = [event["what"] for event in scheduling.history(cast.actor("esther"), number)]
    assert told == ["created", "rescheduled"]


@pytest.mark.parametrize(("name", "status"), [("boris", 404), ("chen", 403), ("esther", 403)])
def test_nobody_else_moves_a_patients_visit(
    app: Flask, as_: As, cast: Cast, appointment: Make, name: str, status: int
) -> None:
    number = appointment()
    path = moving("ana", number, day=TOMORROW, time="10:00")

    assert as_(name).get(path).status == status
    assert as_(name).command(path).status == status
    assert seen(app, cast, number)["appointment_date"] == LATER


def test_missing_visits_and_guests(as_: As, guest: Visitor, appointment: Make) -> None:
    for number in (0, 999999, 99999999999):
        assert as_("ana").get(moving("ana", number)).status == 404
        assert as_("ana").command(moving("ana", number)).status == 404
    path = moving("ana", appointment())
    assert guest.get(path).goes_to == f"/login?next={path}"
    assert guest.command(path).goes_to.startswith("/login")


@both
def test_another_language_before_a_time_is_chosen_finds_nothing_wrong(as_: As, appointment: Make, name: str) -> None:
    page = as_(name).get(moving(name, appointment(), day=TOMORROW))
    shown = as_(name).command(page.path, reason="Typed", set_language="vi")

    assert shown.status == 200
    assert "Vui lòng chọn ngày và giờ." not in shown.main.text
    assert shown.main.one("textarea", id="reason").text == "Typed"
    sent = as_(name).command(page.path, reason="Typed")
    assert sent.status == 422


@both
def test_a_boosted_choice_is_the_page_itself(as_: As, appointment: Make, name: str) -> None:
    path = moving(name, appointment(), day=TOMORROW, time="10:00")
    whole, swapped = as_(name).get(path), as_(name).boosted(path, "booking")

    assert swapped.tree.one(id="booking").written() == whole.tree.one(id="booking").written()


def test_the_patients_page_states_the_policy(as_: As, appointment: Make) -> None:
    page = as_("ana").get(WHO["ana"].format(appointment()))

    assert page.main.one(id="rule").text == (
        "You can move this visit until it starts, or cancel it until Tuesday 3 March at 09:00."
    )
    begun = as_("ana").get(WHO["ana"].format(appointment(TODAY, "08:00")))
    assert "Move the visit" not in begun.main.text


@both
def test_the_page_asks_no_more_as_visits_grow(app: Flask, as_: As, cast: Cast, appointment: Make, name: str) -> None:
    path = moving(name, appointment(LATER, "16:30"), day=LATER)
    as_(name).get(path)
    counted = []
    for more in (10, 100):
        with app.app_context():
            factories.appointments(more, cast.boris, cast.chen, first_day=TODAY + timedelta(days=3 + more // 10))
            engine = db.engine
        with count_statements(engine) as asked:
            assert as_(name).get(path).status == 200
        counted.append(len(asked))

    assert counted[0] == counted[1] <= MOST_STATEMENTS
