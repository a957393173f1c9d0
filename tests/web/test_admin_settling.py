"""The work list on pages: what a doctor's leave leaves to be settled, proposed and done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from clinic import scheduling
from tests import factories
from tests.mailed import link_to
from tests.people import ANA, BORIS, Cast
from tests.web.conftest import LATER, TOMORROW
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
ENTER, LIST = "Add this leave", "/admin/settling"


@pytest.fixture
def colleague(app: Flask, cast: Cast) -> int:
    with app.app_context():
        return factories.doctor("Dr Tran", department_id=cast.cardiology)


@pytest.fixture
def away(app: Flask, as_: As, cast: Cast, appointment: Make, colleague: int) -> dict[str, Any]:
    """Dr Chen is away tomorrow: Ana's and Boris's visits, and one of Lan, who has no e-mail."""
    with app.app_context():
        lan = factories.patient_without_email("Lan Phạm")
    ids = {
        "ana": appointment(TOMORROW, "09:00", status="confirmed"),
        "boris": appointment(TOMORROW, "09:30", patient_id=cast.boris),
        "lan": appointment(TOMORROW, "10:00", patient_id=lan),
    }
    leave = as_("esther").get(f"/admin/doctors/{cast.chen}/leave")
    return {**ids, "page": leave.press(ENTER, first_day=str(TOMORROW)).follow()}


def state(app: Flask, cast: Cast, number: int) -> tuple[str, int, str]:
    with app.app_context():
        row = scheduling.appointment(cast.actor("esther"), number)
    return row["status"], row["doctor"]["id"], f"{row['appointment_date']} {row['appointment_time']:%H:%M}"


def radios(page: Sheet, number: int) -> list[tuple[str, bool]]:
    """The values that can be chosen for a visit, and whether each is."""
    found = page.main.all("input", name=f"way-{number}")
    return [(each.attrs["value"], "checked" in each.attrs) for each in found]


def test_leave_leads_to_the_list_and_one_press_settles_it(
    app: Flask, as_: As, cast: Cast, colleague: int, away: dict[str, Any]
) -> None:
    page: Sheet = away["page"]
    assert page.h1 == "Dr Chen is away"
    everything = page.visitor.get(LIST).main.text
    assert "These visits can't stay as they are, or their doctor asks for another." in everything
    assert "0 of 3 settled" in page.main.text
    assert radios(page, away["ana"])[0] == (f"{colleague} {TOMORROW} 09:00", True)
    assert "Dr Tran, same time" in page.main.text
    done = page.press("Settle the chosen visits and tell the patients", reason="Dr Chen is ill").follow()
    assert "2 visits are settled." in done.text
    assert "2 of 3 settled" in done.main.text
    assert state(app, cast, away["ana"]) == ("confirmed", colleague, f"{TOMORROW} 09:00")
    assert state(app, cast, away["boris"]) == ("booked", colleague, f"{TOMORROW} 09:30")
    assert state(app, cast, away["lan"]) == ("booked", cast.chen, f"{TOMORROW} 10:00")
    assert "No e-mail: please phone." in done.main.text
    again = page.press("Settle the chosen visits and tell the patients").follow()
    assert "2 visits had been settled already." in again.text


def test_whoever_is_to_be_called_is_settled_alone(app: Flask, cast: Cast, colleague: int, away: dict[str, Any]) -> None:
    done = away["page"].press("Told by phone : Lan Phạm").follow()
    assert "1 visit is settled." in done.text
    assert state(app, cast, away["lan"]) == ("booked", colleague, f"{TOMORROW} 10:00")
    assert state(app, cast, away["ana"])[1] == cast.chen


def test_each_can_be_chosen_otherwise(app: Flask, cast: Cast, away: dict[str, Any]) -> None:
    choices = {f"way-{away['ana']}": "cancel", f"way-{away['boris']}": "later"}
    done = away["page"].press("Settle the chosen visits and tell the patients", **choices).follow()
    assert "1 visit is settled." in done.text
    assert state(app, cast, away["ana"])[0] == "cancelled"
    assert state(app, cast, away["boris"])[0] == "booked"
    nothing = done.press("Settle the chosen visits and tell the patients", **{f"way-{away['boris']}": "later"}).follow()
    assert "Nothing was chosen, so nothing has changed." in nothing.text


def test_what_was_taken_meanwhile_is_to_be_chosen_again(
    app: Flask, cast: Cast, colleague: int, appointment: Make, away: dict[str, Any]
) -> None:
    appointment(TOMORROW, "14:00", doctor_id=colleague, patient_id=cast.boris)
    taken = {f"way-{away['ana']}": f"{colleague} {TOMORROW} 14:00"}
    page = away["page"]
    answer = page.visitor.command(
        page.path, **{**page.values("Settle the chosen visits and tell the patients"), **taken}
    )
    done = answer.follow()
    assert "Ana Nguyễn, Tomorrow 09:00: This time has just been taken." in done.text
    assert "1 visit is settled." in done.text


def test_a_reason_that_is_too_long_keeps_what_was_chosen(away: dict[str, Any]) -> None:
    chosen = {f"way-{away['ana']}": "cancel"}
    refused = away["page"].press("Settle the chosen visits and tell the patients", reason="x" * 501, **chosen)
    assert refused.status == 422
    assert ("cancel", True) in radios(refused, away["ana"])


@pytest.mark.parametrize(
    "sent", ["", "x", "1", "1 2026-13-01 09:00", "99999999999999 2026-03-03 09:00", "0 2026-03-03 9"]
)
def test_a_choice_that_nobody_can_read_settles_nothing(as_: As, away: dict[str, Any], sent: str) -> None:
    answer = as_("esther").command(LIST, **{f"way-{away['ana']}": sent, "way-x": "cancel", "way-99999": "cancel"})
    assert answer.status == 303
    assert "0 of 3 settled" in away["page"].visitor.get(away["page"].path).main.text


def test_the_list_is_reached_from_today_the_doctor_and_the_menu(as_: As, cast: Cast, away: dict[str, Any]) -> None:
    esther = as_("esther")
    assert esther.get("/admin/").click("3 visits to settle").h1 == "Visits to settle"
    of_chen = esther.get(f"/admin/doctors/{cast.chen}").click("3 visits to settle")
    assert "The doctor is away" in of_chen.main.text
    leave = esther.get(f"/admin/doctors/{cast.chen}/leave").click("Settle 3 visits")
    assert leave.h1 == "Visits to settle"
    of_diallo = esther.get(f"{LIST}?doctor={cast.diallo}")
    assert "Nothing is waiting to be settled" in of_diallo.main.text


def test_the_doctor_sees_their_own_and_moves_them(as_: As, away: dict[str, Any]) -> None:
    assert "Visits to settle" in as_("chen").get("/doctor/leave").main.text
    assert as_("chen").get(LIST).status == 403
    assert as_("ana").get(LIST).status == 403
    assert as_("diallo").get("/doctor/leave").main.text.count("Visits to settle") == 0


def test_leave_taken_back_empties_the_list(as_: As, cast: Cast, away: dict[str, Any]) -> None:
    end = as_("esther").get(f"/admin/doctors/{cast.chen}/leave").click("Remove : Tue 3 Mar")
    end.press("Remove the leave")
    assert "Nothing is waiting to be settled" in as_("esther").get(LIST).main.text


def test_an_address_that_asks_for_nonsense_shows_what_it_can(as_: As, cast: Cast, away: dict[str, Any]) -> None:
    assert as_("esther").get(f"{LIST}?cause=x&of=y&doctor=z").status == 200
    assert as_("esther").get(f"{LIST}?cause=leave&of=999").status == 200
    assert as_("esther").get(f"{LIST}?doctor={cast.ana}").status == 404
    assert as_("esther").get(f"{LIST}?day={LATER}").status == 200


def test_what_patients_answer_is_counted_in_words(app: Flask, cast: Cast, away: dict[str, Any]) -> None:
    done = away["page"].press("Settle the chosen visits and tell the patients").follow()
    assert done.main.text.count("No answer yet") == 2
    assert "2 haven't answered" in done.main.text
    with app.app_context():
        scheduling.keep_offer(**link_to(ANA, "visit_handed_over"))
    page = done.visitor.get(done.path)
    for words in ("2 of 3 settled", "1 to call", "1 said yes", "1 hasn't answered", "Said yes", "No answer yet"):
        assert words in page.main.text
    with app.app_context():
        scheduling.decline_offer(**link_to(BORIS, "visit_handed_over"))
    page = done.visitor.get(done.path)
    for words in ("1 of 3 settled", "2 to call", "1 said yes", "Declined what we offered: please phone."):
        assert words in page.main.text
    assert "answered" not in page.main.text
