"""The pages that the link in a letter about another time or doctor leads to, for whoever isn't signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic import scheduling
from tests.mailed import answer_link
from tests.people import Cast
from tests.web.conftest import LATER
from tests.web.visitor import Sheet, Visitor

Make = Callable[..., int]


@pytest.fixture
def number(appointment: Make) -> int:
    """A visit of Ana's to Dr Chen."""
    return appointment(LATER, "09:00", status="confirmed")


@pytest.fixture
def page(app: Flask, guest: Visitor, cast: Cast, number: int) -> Sheet:
    """What the link leads to after the visit was handed over to Dr Diallo."""
    with app.app_context():
        path = answer_link(cast, number)
    led = guest.get(path)
    assert path.rpartition("/")[2] not in led.goes_to, "the token doesn't stay in the address"
    return led.follow()


def stands(app: Flask, cast: Cast, number: int) -> tuple[int, str, str]:
    with app.app_context():
        row = scheduling.appointment(cast.actor("esther"), number)
    return row["doctor"]["id"], f"{row['appointment_time']:%H:%M}", row["status"]


def to_settle(app: Flask, cast: Cast) -> list[int]:
    with app.app_context():
        return [each.id for each in scheduling.visits_to_settle(cast.actor("esther"))]


def test_it_shows_old_and_new_and_no_more_than_the_letter(page: Sheet) -> None:
    assert page.h1 == "Does this suit you?"
    assert [node.text for node in page.main.all("s")] == ["Dr Chen"]
    assert "Dr Diallo" in page.main.text
    for secret in ("Ana", "ECG", "090"):
        assert secret not in page.main.text


def test_looking_changes_nothing_and_yes_is_said_once(
    app: Flask, guest: Visitor, cast: Cast, number: int, page: Sheet
) -> None:
    assert guest.get(page.path).status == 200
    before = stands(app, cast, number)
    done = page.press("Yes, I'll come")
    assert "Thank you. We look forward to seeing you." in done.follow().text
    assert (stands(app, cast, number), to_settle(app, cast)) == (before, [])
    again = page.press("Yes, I'll come")
    assert again.status == 410
    assert "This link has expired" in again.main.text


def test_declining_cancels_nothing_and_the_office_calls(app: Flask, cast: Cast, number: int, page: Sheet) -> None:
    before = stands(app, cast, number)
    done = page.press("I can't come. Please call me").follow()
    assert "We'll call you to find another time. Until then your visit isn't cancelled." in done.text
    assert (stands(app, cast, number), to_settle(app, cast)) == (before, [number])


def test_another_time_is_chosen_signed_out(app: Flask, cast: Cast, number: int, page: Sheet) -> None:
    choosing = page.click("Choose another time")
    assert choosing.status == 200
    form = choosing.choose("t1030")
    done = form.press("Move the visit", reason="Work")
    assert done.status == 303
    assert "The visit has been moved to" in done.follow().text
    assert stands(app, cast, number) == (cast.diallo, "10:30", "booked")
    assert page.visitor.get(page.path).status == 410, "the visit isn't any more what the letter told"


def test_without_an_answer_or_the_link_nothing_is_done(
    app: Flask, guest: Visitor, cast: Cast, number: int, page: Sheet
) -> None:
    before = stands(app, cast, number)
    for answer in ("", "cancel"):
        assert guest.command(page.path, answer=answer).status == 422
    for path in ("/visits/answer/now", "/visits/answer/another-time"):
        assert guest.command(f"{path}?link=x", answer="decline").status == 400
    assert guest.get("/visits/answer/MQ/nonsense").status == 410
    assert (stands(app, cast, number), to_settle(app, cast)) == (before, [])


def test_where_no_time_is_to_be_had_it_says_whom_to_call(app: Flask, cast: Cast, number: int, page: Sheet) -> None:
    with app.app_context():
        scheduling.switch_account("diallo@clinic.example", active=False)
    shown = page.click("Choose another time")
    assert "isn't seeing patients at the moment" in shown.main.text
