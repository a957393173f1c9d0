"""What a patient tells the doctor in advance, changed after the booking."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clinic import scheduling
from tests.web.conftest import LATER, TODAY
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
APPOINTMENT = "/patient/appointments/{}"


def test_from_the_visit_to_other_words(as_: As, appointment: Make) -> None:
    number = appointment(LATER)
    ana = as_("ana")
    page = ana.get(APPOINTMENT.format(number)).click("Change it : What you told us")
    assert page.values("Save")["symptoms"] == "Palpitations"
    done = page.press("Save", symptoms="Palpitations,\r\nat night", reason="")
    assert (done.status, done.goes_to) == (303, APPOINTMENT.format(number))
    after = done.follow()
    assert "We've saved what you wrote." in after.text
    assert "at night" in after.main.text
    assert "Check-up" not in after.main.text
    assert "at night" in as_("chen").get(f"/doctor/appointments/{number}").main.text


def test_a_text_that_is_too_long_is_kept(as_: As, appointment: Make) -> None:
    page = as_("ana").get(f"{APPOINTMENT.format(appointment(LATER))}/edit")
    long = "x" * (scheduling.SYMPTOMS_MAX + 1)
    refused = page.press("Save", symptoms=long)
    assert refused.status == 422
    assert refused.values("Save")["symptoms"] == long
    assert "Please use at most" in refused.main.text


@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_what_is_over_stays_as_it_was_told(as_: As, appointment: Make, status: str) -> None:
    number = appointment(TODAY, "08:00", status=status)
    ana = as_("ana")
    assert "Change it" not in ana.get(APPOINTMENT.format(number)).main.text
    shown = ana.get(f"{APPOINTMENT.format(number)}/edit")
    assert (shown.status, shown.main.all("textarea")) == (200, [])
    refused = ana.command(f"{APPOINTMENT.format(number)}/edit", symptoms="Something else", reason="")
    assert refused.status == 409
    assert "This visit can no longer be changed." in refused.main.text
    assert "Something else" in refused.main.text, "what was typed is still there to be copied"
    assert "Palpitations" in ana.get(APPOINTMENT.format(number)).main.text
