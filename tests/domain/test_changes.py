"""Confirm, complete, cancel, assign a service: who may, when, and what is written of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from clinic import clock, mail, records, scheduling
from clinic.db import MAX_ID, transaction
from clinic.directory.models import Department, Service
from clinic.errors import Conflict, Forbidden, InvalidInput, NotFound, Stale, Unauthenticated
from clinic.policy import Actor
from clinic.scheduling.lifecycle import AppointmentStatus
from tests import factories
from tests.factories import appointment

pytestmark = pytest.mark.usefixtures("app_context")

SECOND = timedelta(seconds=1)


@pytest.fixture
def today(clock_at):
    """The clinic's Monday, at noon; the clock stands."""
    return clock_at("2026-03-02 12:00").date()


@pytest.fixture
def anas(cast, today) -> Callable[..., int]:
    """A visit of Ana to Dr Chen in five days, in whatever status: `anas("confirmed")`."""
    return lambda status="booked", ahead=5, at="09:00": appointment(
        cast.ana, cast.chen, today + timedelta(days=ahead), at, status=status
    )


#: Every change with what it needs besides the visit.
CHANGES: dict[str, Callable[..., scheduling.AppointmentRow]] = {
    "confirm": scheduling.confirm,
    "complete": scheduling.complete,
    "cancel": scheduling.cancel,
    "reschedule": lambda actor, appointment_id, **more: scheduling.reschedule(
        actor, appointment_id, on=clock.today() + timedelta(days=6), at=scheduling.SLOT_TIMES[9], **more
    ),
    "assign_service": lambda actor, appointment_id: scheduling.assign_service(actor, appointment_id, 1),
    "reopen": lambda actor, appointment_id, **more: scheduling.reopen(actor, appointment_id, "Mistake", **more),
}
#: change: (who may with their own, who may with anybody's)
MAY = {
    "confirm": ({"chen"}, {"esther"}),
    "complete": ({"chen"}, {"esther"}),
    "cancel": ({"ana", "chen"}, {"esther"}),
    "reschedule": ({"ana", "chen"}, {"esther"}),
    "assign_service": ({"chen"}, set()),
    "reopen": (set(), {"esther"}),
}
STATUSES = {
    "confirm": {"booked"},
    "complete": {"confirmed"},
    "cancel": {"booked", "confirmed"},
    "reschedule": {"booked", "confirmed"},
    "hand_over": {"booked", "confirmed"},
    "assign_service": {"confirmed", "completed"},
    "reopen": {"completed"},
}
PEOPLE = ("ana", "boris", "chen", "diallo", "esther")
ROLE = {"ana": "patient", "boris": "patient", "chen": "doctor", "diallo": "doctor", "esther": "admin"}


def may(change: str, who: str) -> str:
    """What the API answers a person who wants to change Ana's visit to Dr Chen."""
    own, anybodys = MAY[change]
    if who in own | anybodys:
        return "may"
    roles = {ROLE[name] for name in own | anybodys}
    return "NotFound" if ROLE[who] in roles else "Forbidden"


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("change", CHANGES)
def test_each_change_is_for_its_people(cast, anas, change, who):
    status = min(STATUSES[change])
    appointment_id = anas(status)
    answer = may(change, who)
    if answer == "may":
        assert CHANGES[change](cast.actor(who), appointment_id)["id"] == appointment_id
        return
    with pytest.raises({"NotFound": NotFound, "Forbidden": Forbidden}[answer]):
        CHANGES[change](cast.actor(who), appointment_id)
    assert scheduling.appointment(cast.actor("esther"), appointment_id)["status"] == status


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("change", CHANGES)
def test_a_missing_visit_answers_like_somebody_elses(cast, today, change, who):
    wrong_role = may(change, who) == "Forbidden"
    actor = cast.actor(who)
    for unknown in (0, -1, 424242, MAX_ID + 1):
        with pytest.raises(Forbidden if wrong_role else NotFound):
            CHANGES[change](actor, unknown)


@pytest.mark.parametrize("change", CHANGES)
def test_nobody_changes_nothing(anas, change):
    with pytest.raises(Unauthenticated):
        CHANGES[change](None, anas())


@pytest.mark.parametrize(
    ("change", "status"),
    [(change, status) for change in CHANGES for status in AppointmentStatus if status not in STATUSES[change]],
)
def test_each_change_is_refused_from_the_wrong_status_and_writes_nothing(cast, anas, change, status):
    appointment_id = anas(status)
    actor = cast.actor("esther" if change == "reopen" else "chen")
    before = scheduling.appointment(actor, appointment_id)
    with pytest.raises(Conflict) as refusal:
        CHANGES[change](actor, appointment_id)
    assert refusal.value.code == "invalid_transition"
    assert scheduling.appointment(actor, appointment_id) == before
    assert len(scheduling.history(actor, appointment_id)) == 1
    assert mail.all_mail() == []


def last_of(actor: Actor, appointment_id: int) -> scheduling.EventRow:
    """The last line of a visit's history."""
    return scheduling.history(actor, appointment_id)[-1]


# --- confirm and complete ---------------------------------------------------------------------------------------------


def test_confirming_is_told_to_the_patient_and_to_the_history(cast, anas):
    chen = cast.actor("chen")
    row = scheduling.confirm(chen, appointment_id := anas())
    assert row["status"] == "confirmed"
    told = last_of(chen, appointment_id)
    assert (told["what"], told["by_name"], told["by_role"], told["from_status"], told["to_status"]) == (
        "confirmed", "Dr Chen", "doctor", "booked", "confirmed",
    )  # fmt: skip
    assert [letter["to"] for letter in mail.all_mail()] == ["ana@example.com"]


@pytest.mark.parametrize("ahead", [-30, 0, 5])
def test_completing_doesnt_look_at_the_clock_and_keeps_the_slot(cast, anas, book, ahead, today):
    chen = cast.actor("chen")
    row = scheduling.complete(chen, appointment_id := anas("confirmed", ahead, "16:30"))
    assert row["status"] == "completed"
    assert (last_of(chen, appointment_id)["what"], mail.all_mail()) == ("completed", [])
    if ahead >= 0:
        with pytest.raises(Conflict):
            book("boris", on=today + timedelta(days=ahead), at="16:30")


# --- reopen ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", [-30, 0, 5])
def test_the_office_reopens_what_was_completed_and_the_history_tells_who_and_why(cast, anas, ahead):
    appointment_id = anas("completed", ahead)
    factories.record(appointment_id, cast.chen)
    esther = cast.actor("esther")
    row = scheduling.reopen(esther, appointment_id, "  Pressed by mistake ")
    assert row["status"] == "confirmed"
    told = last_of(esther, appointment_id)
    assert (told["what"], told["by_name"], told["by_role"], told["from_status"], told["to_status"], told["details"]) == (
        "reopened", "Esther Office", "admin", "completed", "confirmed", {"reason": "Pressed by mistake"},
    )  # fmt: skip
    [noted] = records.audit_trail(esther, action="appointment.reopened").results
    assert (noted["actor_id"], noted["patient_id"], noted["subject_id"]) == (cast.esther, cast.ana, appointment_id)
    assert records.record_of(cast.actor("chen"), appointment_id)["diagnosis"] == "Stage 1 hypertension"
    assert mail.all_mail() == []
    assert scheduling.complete(cast.actor("chen"), appointment_id)["status"] == "completed"


@pytest.mark.parametrize("reason", ["", "  ", None, "x" * 501])
def test_reopening_needs_a_reason(cast, anas, reason):
    with pytest.raises(InvalidInput) as refusal:
        scheduling.reopen(cast.actor("esther"), appointment_id := anas("completed"), reason)
    assert list(refusal.value.errors) == ["reason"]
    assert last_of(cast.actor("esther"), appointment_id)["what"] == "created"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("booked", "This visit isn't completed."),
        ("confirmed", "This visit isn't completed."),
        ("cancelled", "This visit was cancelled."),
    ],
)
def test_only_what_is_completed_is_reopened(cast, anas, status, words):
    with pytest.raises(Conflict) as refusal:
        scheduling.reopen(cast.actor("esther"), anas(status), "Mistake")
    assert (refusal.value.code, refusal.value.message) == ("invalid_transition", words)


# --- what a page showed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("confirm", "booked"),
        ("complete", "confirmed"),
        ("reopen", "completed"),
        ("cancel", "booked"),
        ("reschedule", "confirmed"),
    ],
)
def test_who_decided_by_what_a_page_showed_is_refused_once_that_has_changed(cast, anas, name, status):
    """As it stood then, as it stands for nobody, and at another time than was shown."""
    esther = cast.actor("esther")
    command = CHANGES[name]
    shown = scheduling.state_of(scheduling.appointment(esther, appointment_id := anas(status)))
    other = scheduling.state_of(scheduling.appointment(esther, anas(status, at="10:00")))
    for state in (other, shown.replace(status, "cancelled"), "", "confirmed", "x" * 500):
        with pytest.raises(Stale):
            command(esther, appointment_id, expected_state=state)
    done = command(esther, appointment_id, expected_state=shown)
    assert scheduling.state_of(done) != shown


def test_two_presses_on_one_place_do_not_confirm_and_complete(cast, anas):
    """The second press says what the page showed before the first one."""
    chen = cast.actor("chen")
    shown = scheduling.state_of(scheduling.appointment(chen, appointment_id := anas("booked")))
    scheduling.confirm(chen, appointment_id, expected_state=shown)
    with pytest.raises(Stale):
        scheduling.complete(chen, appointment_id, expected_state=shown)
    assert scheduling.appointment(chen, appointment_id)["status"] == "confirmed"


# --- cancel -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ana", "chen", "esther"])
@pytest.mark.parametrize("status", ["booked", "confirmed"])
def test_a_cancelled_visit_keeps_why_when_and_who(cast, anas, who, status):
    actor = cast.actor(who)
    row = scheduling.cancel(actor, appointment_id := anas(status), " Away  on that day ")
    assert (row["status"], row["cancellation_reason"], row["cancelled_at"]) == (
        "cancelled", "Away  on that day", clock.now(),
    )  # fmt: skip
    told = last_of(actor, appointment_id)
    assert (told["what"], told["by_name"], told["from_status"], told["details"]) == (
        "cancelled", actor.full_name, status, {"reason": "Away  on that day"},
    )  # fmt: skip
    [letter] = mail.all_mail()
    assert actor.full_name in letter["body"]
    assert "Away  on that day" in letter["body"]


def test_a_reason_is_optional(cast, anas):
    row = scheduling.cancel(cast.actor("ana"), anas())
    assert row["cancellation_reason"] is None


def test_a_reason_has_an_end(cast, anas):
    with pytest.raises(InvalidInput) as refusal:
        scheduling.cancel(cast.actor("ana"), anas(), "x" * 501)
    assert list(refusal.value.errors) == ["reason"]


@pytest.mark.parametrize("who", ["ana", "chen"])
@pytest.mark.parametrize(("early", "in_time"), [(SECOND, True), (0 * SECOND, True), (-SECOND, False)])
def test_patient_and_doctor_cancel_until_24_hours_before_to_the_second(cast, anas, clock_at, who, early, in_time):
    appointment_id = anas("confirmed")
    actor = cast.actor(who)
    row = scheduling.appointment(actor, appointment_id)
    deadline = scheduling.change_deadline(row)
    assert deadline == row["starts_at"] - timedelta(hours=24)
    clock_at(deadline - early)
    if in_time:
        assert scheduling.cancel(actor, appointment_id)["status"] == "cancelled"
        return
    with pytest.raises(Conflict) as refusal:
        scheduling.cancel(actor, appointment_id)
    assert refusal.value.code == "too_late"


@pytest.mark.parametrize("ahead", [-400, 0, 1])
def test_the_office_cancels_at_any_time(cast, anas, ahead):
    assert scheduling.cancel(cast.actor("esther"), anas("booked", ahead))["status"] == "cancelled"


# --- assign a service -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["confirmed", "completed"])
def test_a_service_adds_its_price_to_the_examination_fee(cast, anas, status):
    chen = cast.actor("chen", "vi")
    row = scheduling.assign_service(chen, appointment_id := anas(status), cast.ecg)
    assert (row["service"]["id"], row["service"]["name"], row["status"]) == (cast.ecg, "Điện tâm đồ", status)
    assert row["estimated_fee"] == Decimal("350000.00")
    assert scheduling.fee_breakdown(row) == {
        "health_examination_fee": Decimal("200000.00"),
        "service_fee": Decimal("150000.00"),
        "total_fee": Decimal("350000.00"),
    }
    assert last_of(chen, appointment_id)["details"] == {"service": "ECG", "service_id": cast.ecg, "fee": "350000.00"}
    assert mail.all_mail() == []


def test_another_service_takes_the_place_of_the_first(cast, anas):
    chen = cast.actor("chen")
    ultrasound = factories.service("Ultrasound", department_id=cast.cardiology, price="99000.50")
    appointment_id = anas("confirmed")
    for service_id, fee in ((cast.ecg, "350000.00"), (ultrasound, "299000.50"), (cast.ecg, "350000.00")):
        row = scheduling.assign_service(chen, appointment_id, service_id)
        assert (row["service"]["id"], row["estimated_fee"]) == (service_id, Decimal(fee))
    assert [line["what"] for line in scheduling.history(chen, appointment_id)] == ["created"] + ["service_assigned"] * 3


@pytest.mark.parametrize("service", ["eeg", "closed", 0, 424242, MAX_ID + 1])
def test_only_an_active_service_of_the_visits_department(cast, anas, service):
    closed = factories.service("Closed", department_id=cast.cardiology, is_active=False)
    service_id = {"eeg": cast.eeg, "closed": closed}.get(service, service)
    with pytest.raises(InvalidInput) as refusal:
        scheduling.assign_service(cast.actor("chen"), anas("confirmed"), service_id)
    assert list(refusal.value.errors) == ["service_id"]


def test_the_examination_fee_that_was_agreed_is_kept(cast, book):
    """Booked at 200,000; the department asks for 999,000 by the time a service is added."""
    appointment = book()
    with transaction() as session:
        session.get_one(Department, cast.cardiology).health_examination_fee = Decimal(999000)
    chen = cast.actor("chen")
    scheduling.confirm(chen, appointment["id"])
    [offered] = scheduling.offered_services(chen, scheduling.appointment(chen, appointment["id"]))
    assert (offered["health_examination_fee"], offered["total_fee"]) == (Decimal(200000), Decimal(350000))
    for _ in range(2):
        row = scheduling.assign_service(chen, appointment["id"], cast.ecg)
        assert row["estimated_fee"] == Decimal(350000)
    assert scheduling.fee_breakdown(row) == {
        "health_examination_fee": Decimal(200000),
        "service_fee": Decimal(150000),
        "total_fee": Decimal(350000),
    }
    assert book("boris", at="10:00")["estimated_fee"] == Decimal(999000)


def test_without_a_service_the_fee_is_the_examination(cast, anas):
    row = scheduling.appointment(cast.actor("ana"), anas())
    assert scheduling.fee_breakdown(row) == {
        "health_examination_fee": Decimal("200000.00"),
        "service_fee": Decimal(0),
        "total_fee": Decimal("200000.00"),
    }


def test_a_price_that_changes_later_leaves_the_fee_as_it_was(cast, anas):
    chen = cast.actor("chen")
    scheduling.assign_service(chen, appointment_id := anas("confirmed"), cast.ecg)
    with transaction() as session:
        session.get_one(Service, cast.ecg).price = Decimal(1)
    assert scheduling.appointment(chen, appointment_id)["estimated_fee"] == Decimal("350000.00")


def test_each_status_that_a_program_may_name_is_where_its_command_leads(cast, anas):
    before = {"confirmed": "booked", "completed": "confirmed", "cancelled": "booked"}
    assert set(before) == set(scheduling.STATUS_CHANGES)
    for number, (status, change) in enumerate(scheduling.STATUS_CHANGES.items()):
        row = change.command(cast.actor("chen"), anas(before[status], at=f"{9 + number:02}:00"))
        assert row["status"] == status


# --- what is possible -------------------------------------------------------------------------------------------------

POSSIBLE = {
    "ana": {"cancel", "reschedule"},
    "boris": set(),
    "chen": {"confirm", "complete", "cancel", "reschedule", "assign_service", "write_record"},
    "diallo": set(),
    "esther": {"confirm", "complete", "cancel", "reopen", "reschedule", "hand_over"},
}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("status", list(AppointmentStatus))
def test_possible_names_what_the_person_may_and_tells_the_truth(cast, anas, who, status):
    row = scheduling.appointment(cast.actor("esther"), anas(status))
    actor = cast.actor(who)
    told = scheduling.possible(actor, row)
    assert set(told) == POSSIBLE[who]
    for change, refusal in told.items():
        statuses = STATUSES.get(change, {"confirmed", "completed"})
        assert (refusal is None) is (status in statuses), change


@pytest.mark.parametrize(("who", "code"), [("ana", "too_late"), ("chen", "too_late"), ("esther", None)])
def test_possible_knows_the_24_hours(cast, anas, who, code):
    row = scheduling.appointment(cast.actor("esther"), anas("booked", 1))
    refusal = scheduling.possible(cast.actor(who), row)["cancel"]
    assert (refusal.code if refusal else None) == code
