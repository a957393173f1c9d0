"""What patients answer, by the link in a letter, to a visit that was moved or handed over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from clinic import mail, scheduling
from clinic.accounts.models import User
from clinic.db import session, transaction
from clinic.errors import InvalidInput
from clinic.i18n import LANGUAGES
from clinic.scheduling.calendar_models import SettlingCause, VisitToSettle
from tests.factories import appointment
from tests.mailed import letters, link_to
from tests.people import ANA, BORIS, Cast

pytestmark = pytest.mark.usefixtures("app_context")

MONDAY = date(2026, 3, 2)
TUESDAY, FRIDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=4)
HANDED_OVER, MOVED = "visit_handed_over", "visit_rescheduled"


@pytest.fixture
def anas(cast, clock_at) -> int:
    """Ana's confirmed visit to Dr Chen on Friday at nine; it is Monday noon."""
    clock_at("2026-03-02 12:00")
    return appointment(cast.ana, cast.chen, FRIDAY, "09:00", status="confirmed")


@pytest.fixture
def link(cast, anas) -> dict[str, str]:
    """The link of the letter about the hand-over to Dr Diallo."""
    scheduling.hand_over(cast.actor("esther"), anas, doctor_id=cast.diallo, reason="Ill")
    return link_to(ANA, HANDED_OVER)


def is_good(link: dict[str, str]) -> bool:
    return scheduling.offer_by(**link, language="en") is not None


def waiting(number: int) -> list[tuple[str, str | None]]:
    rows = session().scalars(
        select(VisitToSettle).where(VisitToSettle.appointment_id == number).order_by(VisitToSettle.id)
    )
    return [(str(row.cause), row.outcome and str(row.outcome)) for row in rows]


def stands(cast: Cast, number: int) -> tuple[int, date, time, str]:
    row = scheduling.appointment(cast.actor("esther"), number)
    return row["doctor"]["id"], row["appointment_date"], row["appointment_time"], row["status"]


def test_the_link_tells_what_the_letter_told_and_looking_changes_nothing(cast, anas, link):
    for _ in range(2):
        offer = scheduling.offer_by(**link, language="vi")
        assert offer is not None
        assert (offer.appointment["id"], offer.appointment["doctor"]["id"]) == (anas, cast.diallo)
        assert (offer.before["doctor"], offer.before["time"]) == ("Dr Chen", "09:00")
        assert (offer.patient.user_id, offer.patient.language) == (cast.ana, "vi")
    assert offer.appointment["service"] is None
    assert waiting(anas) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_letter_about_another_time_or_doctor_has_a_link_that_the_outbox_doesnt_keep(cast, anas, language):
    with transaction() as current:
        current.execute(update(User).where(User.id == cast.ana).values(language=language))
    scheduling.reschedule(cast.actor("esther"), anas, on=FRIDAY, at=time(10))
    scheduling.hand_over(cast.actor("esther"), anas, doctor_id=cast.diallo)
    assert [link_to(ANA, kind)["uid"] for kind in (MOVED, HANDED_OVER)] == ["MQ"] * 2
    for row in mail.all_mail(masked=True):
        assert f"/visits/answer/MQ/{'…'}" in row["body"] or mail.TOKEN_PLACE in row["body"]
        assert "\n\n\n" not in row["body"]


def test_what_the_patient_does_themselves_needs_no_answer(cast, anas):
    scheduling.reschedule(cast.actor("ana"), anas, on=FRIDAY, at=time(10))
    ((_to, text),) = letters(MOVED)
    assert "/visits/answer/" not in text
    assert "\n\n\n" not in text


def test_whoever_says_yes_is_asked_once(cast, anas, link):
    before = stands(cast, anas)
    scheduling.keep_offer(**link)
    assert stands(cast, anas) == before
    assert not is_good(link)
    for answer in (scheduling.keep_offer, scheduling.decline_offer):
        with pytest.raises(InvalidInput) as refusal:
            answer(**link)
        assert list(refusal.value.errors) == ["token"]
    assert waiting(anas) == []


def test_whoever_declines_is_called_and_the_visit_stands_until_then(cast, anas, link):
    before = stands(cast, anas)
    scheduling.decline_offer(**link)
    assert stands(cast, anas) == before
    assert waiting(anas) == [("handing_over", "declined"), ("handing_over", None)]
    [visit] = scheduling.visits_to_settle(cast.actor("esther"))
    assert (visit.id, str(visit.to_call)) == (anas, "declined")


def test_declined_the_visit_is_back_in_the_list_it_came_from(cast, anas):
    with transaction() as current:
        current.add(VisitToSettle(appointment_id=anas, cause=SettlingCause.LEAVE, cause_id=7, reason="Ill"))
    scheduling.hand_over(cast.actor("esther"), anas, doctor_id=cast.diallo)
    row = session().scalars(select(VisitToSettle)).one()
    assert row.link_id is not None
    assert row.told_at is not None
    scheduling.decline_offer(**link_to(ANA, HANDED_OVER))
    assert waiting(anas) == [("leave", "declined"), ("leave", None)]
    again = session().scalars(select(VisitToSettle).where(VisitToSettle.settled_at.is_(None))).one()
    assert (again.cause_id, again.reason) == (7, "Ill")


def _elsewhere(cast: Cast, number: int) -> None:
    scheduling.reschedule(cast.actor("ana"), number, on=FRIDAY, at=time(11))


def _with_another(cast: Cast, number: int) -> None:
    scheduling.hand_over(cast.actor("esther"), number, doctor_id=cast.chen)


def _cancelled(cast: Cast, number: int) -> None:
    scheduling.cancel(cast.actor("esther"), number)


def _switched_off(_cast: Cast, _number: int) -> None:
    scheduling.switch_account(ANA, active=False)


@pytest.mark.parametrize("change", [_elsewhere, _with_another, _cancelled, _switched_off])
def test_the_link_is_dead_once_what_it_tells_isnt_so(cast, anas, link, change):
    change(cast, anas)
    assert not is_good(link)
    with pytest.raises(InvalidInput):
        scheduling.decline_offer(**link)


def test_a_confirmation_doesnt_end_it_and_the_start_does(cast, anas, clock_at: Callable[[str], Any]):
    scheduling.reschedule(cast.actor("esther"), anas, on=FRIDAY, at=time(10))
    link = link_to(ANA, MOVED)
    scheduling.confirm(cast.actor("chen"), anas)
    clock_at("2026-03-06 09:59")
    assert is_good(link)
    clock_at("2026-03-06 10:00")
    assert not is_good(link)


def test_a_link_opens_its_own_visit_alone(cast, anas, link):
    boris = appointment(cast.boris, cast.chen, FRIDAY, "11:00")
    scheduling.hand_over(cast.actor("esther"), boris, doctor_id=cast.diallo)
    other = link_to(BORIS, HANDED_OVER)
    assert not is_good({"uid": other["uid"], "token": link["token"]})
    for nonsense in ("", "x", "é", "MQ", "\ud800"):
        assert not is_good({"uid": nonsense, "token": nonsense})
    second = appointment(cast.ana, cast.chen, FRIDAY, "14:00")
    scheduling.hand_over(cast.actor("esther"), second, doctor_id=cast.diallo)
    offers = [scheduling.offer_by(**each, language="en") for each in (link, link_to(ANA, HANDED_OVER))]
    assert [offer and offer.appointment["id"] for offer in offers] == [anas, second]
