"""Handing a visit over to another doctor: what stays, what follows the doctor, who is told, and who reads the record then."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from clinic import mail, records, scheduling
from clinic.accounts.models import User
from clinic.db import db, session, transaction
from clinic.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, Stale
from clinic.scheduling.calendar_models import SettlingCause, SettlingOutcome, VisitToSettle
from tests import factories
from tests.domain.post import stored
from tests.factories import appointment
from tests.people import Cast
from tests.statements import count_statements

pytestmark = pytest.mark.usefixtures("app_context")

MONDAY = date(2026, 3, 2)
TUESDAY = MONDAY + timedelta(days=1)
FRIDAY = MONDAY + timedelta(days=4)
NINE = time(9)
WHO = "doctor_id"


@pytest.fixture
def anas(cast, clock_at) -> int:
    """Ana's confirmed visit to Dr Chen on Tuesday at nine; it is Monday noon and the clock stands."""
    clock_at("2026-03-02 12:00")
    return appointment(
        cast.ana, cast.chen, TUESDAY, "09:00", status="confirmed", room_id=cast.chens_room, notes="By bus"
    )


@pytest.fixture
def colleague(cast) -> int:
    """Dr Eda of cardiology, who has no room of her own."""
    return factories.doctor("Dr Eda", "eda@clinic.example", department_id=cast.cardiology)


def give(cast: Cast, number: int, doctor_id: int | None = None, **more: Any) -> Any:
    """Esther hands a visit over, to Dr Diallo as far as a test doesn't tell otherwise."""
    return scheduling.hand_over(cast.actor("esther"), number, doctor_id=doctor_id or cast.diallo, **more)


def refused(field: str, code: str, kind: type[DomainError], *given: Any, **more: Any) -> None:
    with pytest.raises(kind) as refusal:
        give(*given, **more)
    assert (refusal.value.code, list(refusal.value.errors)) == (code, [field])


def settled(number: int) -> list[tuple[str, str | None]]:
    """What a visit waited for: the cause, and what became of it."""
    rows = session().scalars(select(VisitToSettle).where(VisitToSettle.appointment_id == number))
    return [(str(row.cause), row.outcome and str(row.outcome)) for row in rows]


# --- what stays, what follows the doctor ------------------------------------------------------------------------------


def test_at_the_same_time_all_stays_but_the_doctor_and_what_is_the_doctors(cast, anas):
    row = give(cast, anas, reason=" Ill ")
    assert (row["doctor"]["id"], row["department"]["id"]) == (cast.diallo, cast.neurology)
    assert (row["appointment_date"], row["appointment_time"], row["status"]) == (TUESDAY, NINE, "confirmed")
    assert (row["rescheduled_from"], row["notes"]) == (None, "By bus")
    assert row["room"]["room_number"] == "301"
    told = scheduling.history(cast.actor("esther"), anas)[-1]
    slot = {"date": "2026-03-03", "time": "09:00"}
    assert (told["what"], told["from_status"], told["to_status"], told["details"]) == (
        "handed_over",
        "confirmed",
        "confirmed",
        {
            "from": {**slot, "doctor_id": cast.chen, "doctor": "Dr Chen"},
            "to": {**slot, "doctor_id": cast.diallo, "doctor": "Dr Diallo"},
            "reason": "Ill",
        },
    )
    [noted] = records.audit_trail(cast.actor("esther"), action="appointment.handed_over").results
    assert (noted["subject_id"], noted["patient_id"]) == (anas, cast.ana)
    assert noted["details"] == {"doctors": [cast.chen, cast.diallo]}


def test_at_another_time_it_waits_for_confirmation_and_tells_where_it_came_from(cast, anas):
    row = give(cast, anas, on=FRIDAY, at=time(10, 30))
    assert (row["appointment_date"], row["appointment_time"], row["status"]) == (FRIDAY, time(10, 30), "booked")
    assert row["rescheduled_from"] == {"date": "2026-03-03", "time": "09:00"}
    assert give(cast, anas, cast.chen, on=MONDAY + timedelta(days=7))["appointment_time"] == time(10, 30)


def test_the_agreed_fee_stays_and_the_service_goes_with_another_department(cast, anas):
    scheduling.assign_service(cast.actor("chen"), anas, cast.ecg)
    row = give(cast, anas)
    assert (row["examination_fee"], row["service"], row["service_fee"], row["estimated_fee"]) == (
        Decimal(200000),
        None,
        None,
        Decimal(200000),
    ), "neurology's examination costs more, which wasn't agreed"
    told = scheduling.history(cast.actor("ana"), anas)[-1]["details"]
    assert told["dropped_service"] == "ECG"
    assert "The service that was planned isn't part of this visit any more." in mail.all_mail()[-1]["body"]


def test_within_the_department_the_service_and_its_price_stay(cast, anas, colleague):
    scheduling.assign_service(cast.actor("chen"), anas, cast.ecg)
    row = give(cast, anas, colleague)
    assert (row["service"]["id"], row["estimated_fee"]) == (cast.ecg, Decimal(350000))
    assert "dropped_service" not in scheduling.history(cast.actor("esther"), anas)[-1]["details"]


def test_the_only_room_of_the_department_stays_the_visits(cast, anas, colleague):
    appointment(cast.boris, cast.diallo, TUESDAY, "09:00", room_id=cast.heart_room)
    assert give(cast, anas, colleague)["room"]["room_number"] == "201"


def test_the_former_doctor_is_free_then_and_the_new_one_isnt(cast, anas, book):
    give(cast, anas)
    assert book("boris", on=TUESDAY, at="09:00")["doctor"]["id"] == cast.chen
    with pytest.raises(Conflict) as refusal:
        book("boris", "diallo", on=TUESDAY, at="09:00")
    assert refusal.value.code == "slot_taken"


# --- what is refused --------------------------------------------------------------------------------------------------


def test_whoever_sees_nobody_then_is_refused_by_name_and_nothing_changes(cast, anas):
    before = scheduling.appointment(cast.actor("esther"), anas)
    refused(WHO, "validation_error", InvalidInput, cast, anas, cast.chen)
    refused(WHO, "validation_error", InvalidInput, cast, anas, 10**9)
    taken = appointment(cast.boris, cast.diallo, TUESDAY, "09:00")
    refused(WHO, "slot_taken", Conflict, cast, anas)
    scheduling.cancel(cast.actor("esther"), taken)
    leave = factories.leave(cast.diallo, TUESDAY, TUESDAY)
    refused(WHO, "slot_taken", Conflict, cast, anas)
    scheduling.end_leave(cast.actor("esther"), leave)
    factories.closure(TUESDAY)
    refused(WHO, "closed", Conflict, cast, anas)
    with transaction() as current:
        current.execute(update(User).where(User.id == cast.diallo).values(is_active=False))
    refused(WHO, "validation_error", InvalidInput, cast, anas)
    assert scheduling.appointment(cast.actor("esther"), anas) == before
    assert [line["what"] for line in scheduling.history(cast.actor("esther"), anas)] == ["created"]


@pytest.mark.parametrize(
    ("on", "at", "field", "code"),
    [
        (MONDAY, NINE, "new_time", "validation_error"),  # past
        (FRIDAY, time(9, 10), "new_time", "validation_error"),
        (MONDAY + timedelta(days=31), NINE, "new_date", "validation_error"),
        (FRIDAY, time(14), "new_time", "slot_taken"),
        (FRIDAY, time(15), "new_time", "patient_busy"),
    ],
)
def test_another_time_obeys_the_rules_of_a_booking(cast, anas, on, at, field, code):
    appointment(cast.boris, cast.diallo, FRIDAY, "14:00")
    appointment(cast.ana, cast.chen, FRIDAY, "15:00")
    kind = InvalidInput if code == "validation_error" else Conflict
    refused(field, code, kind, cast, anas, on=on, at=at)


def test_only_an_open_visit_that_hasnt_begun_is_handed_over(cast, anas, clock_at):
    done = appointment(cast.ana, cast.chen, TUESDAY, "11:00", status="completed")
    with pytest.raises(Conflict) as refusal:
        give(cast, done)
    assert refusal.value.code == "invalid_transition"
    clock_at("2026-03-03 09:00")
    with pytest.raises(Conflict) as refusal:
        give(cast, anas, at=time(11))
    assert refusal.value.code == "too_late"


def test_a_page_that_shows_the_former_doctor_changes_nothing_any_more(cast, anas, colleague):
    esther = cast.actor("esther")
    shown = scheduling.state_of(scheduling.appointment(esther, anas))
    give(cast, anas, expected_state=shown)
    for change in (
        lambda: give(cast, anas, colleague, expected_state=shown),
        lambda: scheduling.cancel(esther, anas, expected_state=shown),
    ):
        with pytest.raises(Stale):
            change()


@pytest.mark.parametrize("who", ["ana", "boris", "chen", "diallo"])
def test_only_the_office_hands_over(cast, anas, who):
    with pytest.raises(Forbidden):
        scheduling.hand_over(cast.actor(who), anas, doctor_id=cast.diallo)


def test_the_statements_are_few(cast, anas):
    esther = cast.actor("esther")
    session().rollback()
    with count_statements(db.engine) as statements:
        scheduling.hand_over(esther, anas, doctor_id=cast.diallo)
    assert len(statements) <= 15, statements


# --- letters ----------------------------------------------------------------------------------------------------------


def test_the_patient_is_told_who_and_why_in_their_language(cast, anas):
    with transaction() as current:
        current.execute(update(User).where(User.id == cast.ana).values(language="vi"))
    give(cast, anas, reason="Bác sĩ bị ốm")
    [letter] = mail.all_mail()
    assert letter["to"] == "ana@example.com"
    assert "BS. Diallo" in letter["subject"]
    assert "bác sĩ khác" in letter["subject"]
    assert "BS. Chen" in letter["body"]
    assert "Bác sĩ bị ốm" in letter["body"]


def test_no_letter_of_the_former_doctors_leaves_any_more(cast, anas, letterbox, transport, clock_at):
    other = appointment(cast.ana, cast.chen, FRIDAY, "10:00")
    scheduling.confirm(cast.actor("chen"), other)
    give(cast, other, reason="Ill")
    assert mail.deliver(transport) == 1
    assert letterbox.subjects() == ["Another doctor for your visit: Friday 6 March 2026, 10:00, Dr Diallo"]
    said = letterbox.arrived[-1].get_body(("plain",)).get_content()
    assert "Esther Office has given your visit to another doctor. The day and the time stay the same." in said
    assert "Doctor: Dr Diallo, Neurology" in said
    assert "Before: Dr Chen" in said


def test_a_later_letter_names_the_doctor_whom_the_patient_knows(cast, anas, letterbox, transport, colleague):
    """The letters of the two hand-overs never left: the move tells of the first doctor."""
    give(cast, anas)
    give(cast, anas, colleague)
    scheduling.reschedule(cast.actor("esther"), anas, on=FRIDAY, at=NINE)
    assert mail.deliver(transport) == 1
    said = letterbox.arrived[-1].get_body(("plain",)).get_content()
    assert said.index("Doctor: Dr Eda") < said.index("Before: Dr Chen")


def test_back_with_the_doctor_whom_the_patient_knows_nothing_is_said_of_another(cast, anas, letterbox, transport):
    give(cast, anas)
    give(cast, anas, cast.chen)
    assert mail.deliver(transport) == 1
    said = letterbox.arrived[-1].get_body(("plain",)).get_content()
    assert "Before: Dr" not in said
    assert "another doctor" not in said
    assert letterbox.subjects() == ["Your visit: Tuesday 3 March 2026, 09:00, Dr Chen"]


def test_that_a_planned_service_fell_is_told_by_whichever_letter_leaves(cast, letterbox, transport, clock_at):
    clock_at("2026-03-02 12:00")
    visit = appointment(cast.ana, cast.chen, TUESDAY, "09:00", status="confirmed", service_id=cast.ecg)
    give(cast, visit)
    give(cast, visit, cast.chen)
    scheduling.reschedule(cast.actor("esther"), visit, on=FRIDAY, at=NINE)
    assert mail.deliver(transport) == 1
    said = letterbox.arrived[-1].get_body(("plain",)).get_content()
    assert "The service that was planned isn't part of this visit any more." in said


def test_a_doctor_of_the_same_name_is_another_doctor(cast, anas, letterbox, transport):
    give(cast, anas)
    give(cast, anas, factories.doctor("Dr Chen", "other.chen@clinic.example", department_id=cast.cardiology))
    assert mail.deliver(transport) == 1
    assert "Before: Dr Chen" in letterbox.arrived[-1].get_body(("plain",)).get_content()


def test_a_letter_that_was_queued_by_the_version_before_still_leaves(cast, anas, transport, book):
    number = book(on=FRIDAY, at="11:00")["id"]
    with transaction() as current:
        for row in current.scalars(select(mail.OutboxMail)):
            known = {name: value for name, value in row.facts["appointment"].items() if name != "doctor_id"}
            row.facts = {**row.facts, "appointment": known}
    assert mail.deliver(transport) == 1, number
    assert [str(row.status) for row in stored()] == ["sent"]


# --- what waits to be settled -----------------------------------------------------------------------------------------


def test_a_visit_that_waited_is_settled_whatever_for(cast, anas):
    with transaction() as current:
        current.add(VisitToSettle(appointment_id=anas, cause=SettlingCause.LEAVE, cause_id=1))
    give(cast, anas)
    assert settled(anas) == [("leave", SettlingOutcome.HANDED_OVER)]


def test_a_doctor_proposes_and_the_office_settles(cast, anas):
    chen = cast.actor("chen")
    before = scheduling.appointment(chen, anas)
    assert scheduling.propose_doctor(chen, anas, doctor_id=cast.diallo, reason="His field") == before
    scheduling.propose_doctor(chen, anas)
    assert settled(anas) == [("handing_over", None)], "a second proposal is none"
    waiting = session().scalars(select(VisitToSettle)).one()
    assert (waiting.cause_id, waiting.reason, waiting.opened_by_id) == (cast.diallo, "His field", cast.chen)
    give(cast, anas)
    assert settled(anas) == [("handing_over", "handed_over")]


def test_proposals_are_a_doctors_own_and_make_sense(cast, anas):
    for who in (cast.chen, 10**9):
        with pytest.raises(InvalidInput) as refusal:
            scheduling.propose_doctor(cast.actor("chen"), anas, doctor_id=who)
        assert list(refusal.value.errors) == [WHO]
    with pytest.raises(NotFound):
        scheduling.propose_doctor(cast.actor("diallo"), anas)
    with pytest.raises(Forbidden):
        scheduling.propose_doctor(cast.actor("esther"), anas)


# --- records ----------------------------------------------------------------------------------------------------------


def test_the_record_goes_with_the_visit_and_names_who_wrote_it(cast, anas):
    chen, diallo = cast.actor("chen"), cast.actor("diallo")
    past = appointment(cast.ana, cast.chen, MONDAY - timedelta(days=30), status="completed")
    factories.record(past, cast.chen)
    records.write_record(chen, anas, diagnosis="Angina?")
    with pytest.raises(NotFound):
        records.record_of(diallo, anas)
    give(cast, anas)
    kept = records.record_of(diallo, anas)
    assert kept is not None
    assert (kept["diagnosis"], kept["created_by_name"]) == ("Angina?", "Dr Chen")
    records.write_record(diallo, anas, diagnosis="Migraine")
    assert [each["by_name"] for each in records.revisions(diallo, anas)] == ["Dr Diallo", "Dr Chen"]
    for reading in (records.record_of, scheduling.appointment, scheduling.history):
        with pytest.raises(NotFound):
            reading(chen, anas)
    assert records.record_of(chen, past) is not None, "what was the former doctor's own stays"
