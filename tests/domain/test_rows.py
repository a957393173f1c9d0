"""What the front doors hand out is what their signatures declare, key by key, on both databases.

mypy holds the keys that the domain writes; what a select puts into them only a database can tell.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any, TypedDict, get_args, get_type_hints, is_typeddict

import pytest
from sqlalchemy import select

from clinic import accounts, clock, directory, mail, records, scheduling
from clinic.accounts.account_letters import PASSWORD_CHANGED, PasswordChangeFacts
from clinic.accounts.models import User
from clinic.accounts.notices import notify
from clinic.accounts.sign_in_models import KnownDevice
from clinic.db import ReadModel, rolled_back, session, transaction
from clinic.mail.watching import Sightings
from clinic.policy import Actor
from clinic.scheduling import Choice, EntryKind, Way
from tests import factories
from tests.declared import faults
from tests.mailed import answer_link, link_to
from tests.passkey_device import give_passkey, passkey_id_of
from tests.people import ANA, Cast

DOORS = (accounts, directory, scheduling, records, mail)
#: Words for the search that finds of everything something: a name, and a symptom.
CHEN, SYMPTOM = "Chen", "chest pain"


@dataclass(frozen=True)
class Story:
    """What has happened before anything is read."""

    ana: Actor
    chen: Actor
    esther: Actor
    cast: Cast
    today: date
    #: A visit that was booked, edited, moved, confirmed, completed with a service and a record, and reopened.
    past: int
    earlier: int
    coming: int
    cancelled: int
    record: int
    failed_mail: int
    #: The link by which Ana answers to a visit that was handed over.
    answer: dict[str, str]


@pytest.fixture
def story(app_context: None, cast: Cast, clock_at: Callable[[str], None]) -> Story:
    clock_at("2026-03-02 08:00")
    ana, chen, esther = (cast.actor(name) for name in ("ana", "chen", "esther"))
    today = clock.today()

    def book(on: date, at: str) -> int:
        row = scheduling.book(
            ana, doctor_id=cast.chen, department_id=cast.cardiology, on=on, at=time.fromisoformat(at), reason="Check-up"
        )
        return row["id"]

    earlier = factories.appointment(cast.ana, cast.chen, today - timedelta(days=30), "09:00", status="completed")
    factories.record(earlier, cast.chen, follow_up_date=today)
    past = book(today, "10:00")
    scheduling.edit_appointment(esther, past, {"room_id": cast.heart_room, "notes": "Fasting"})
    scheduling.reschedule(ana, past, on=today, at=time(9), reason="Work")
    scheduling.confirm(chen, past)
    scheduling.assign_service(chen, past, cast.ecg)
    signs = {"blood_pressure": "120/80", "weight": 70.5, "own": {"any": [1, None]}}
    row, _new = records.write_record(chen, past, diagnosis="Well", vital_signs=signs)
    records.write_record(chen, past, notes="Well indeed")
    scheduling.complete(chen, past)
    scheduling.reopen(esther, past, "By mistake")
    cancelled = book(today + timedelta(days=3), "09:00")
    scheduling.cancel(ana, cancelled, "Ill")
    scheduling.take_leave(chen, first_day=today + timedelta(days=9), from_time=time(9), to_time=time(10), reason="Talk")
    scheduling.take_leave(chen, first_day=today + timedelta(days=10))
    directory.save_department(esther, {"name": "Dermatology", "health_examination_fee": Decimal(1)})
    coming = book(today + timedelta(days=4), "09:00")
    answer_link(cast, book(today + timedelta(days=6), "09:00"))
    Sightings(trouble="The mail server refused").say()
    with transaction() as current:
        current.add(KnownDevice(user_id=cast.ana, digest="0" * 64, device="Firefox on Linux", address="203.0.113.7"))
        notify(current.get_one(User, cast.ana), PASSWORD_CHANGED, PasswordChangeFacts("Ana", clock.now()), key="1")
    give_passkey(cast.ana)
    clock_at("2026-03-02 12:00")
    return Story(
        *(ana, chen, esther, cast, today, past, earlier, coming, cancelled, row["id"]),
        factories.given_up_mail(),
        link_to(ANA, "visit_handed_over"),
    )


def with_waiting(story: Story) -> bool:
    """Let a visit wait to be settled."""
    return bool(factories.visit_to_settle(story.coming))


def with_settled(story: Story) -> bool:
    """Settle it."""
    return bool(scheduling.settle(story.esther, [Choice(story.coming, Way.KEEP)]).settled)


def with_calendar(story: Story) -> bool:
    """Give the clinic hours, Dr Chen his own and extra ones, and close a day."""
    later = story.today + timedelta(days=40)
    factories.extra_hours(story.cast.chen, later)
    factories.closure(later)
    at = {"weekday": 1, "from_time": time(8), "to_time": time(12)}
    week: list[Any] = [at]
    of_doctor: list[Any] = [at | {"room_id": None, "valid_from": None, "valid_until": None}]
    scheduling.set_opening_hours(story.esther, week)
    scheduling.set_doctor_hours(story.esther, story.cast.chen, of_doctor)
    return True


#: By front door and function: how it is asked, once for each shape that its answer can have.
READS: dict[tuple[ModuleType, str], Callable[[Story], list[object]]] = {
    (accounts, "my_known_devices"): lambda s: [accounts.my_known_devices(s.ana)],
    (accounts, "my_notices"): lambda s: [accounts.my_notices(s.ana)],
    (accounts, "my_passkey"): lambda s: [accounts.my_passkey(s.ana, passkey_id_of(s.cast.ana))],
    (accounts, "my_second_factor"): lambda s: [accounts.my_second_factor(s.ana)],
    (accounts, "my_sessions"): lambda s: [accounts.my_sessions(s.ana)],
    (accounts, "open_account"): lambda s: [accounts.open_account(s.esther, each) for each in (s.cast.ana, s.cast.chen)],
    (accounts, "people"): lambda s: [accounts.people(s.esther)],
    (accounts, "person"): lambda s: [accounts.person(s.esther, s.cast.ana)],
    (directory, "all_departments"): lambda s: [directory.all_departments(s.esther)],
    (directory, "all_doctors"): lambda s: [directory.all_doctors(s.esther)],
    (directory, "all_rooms"): lambda s: [directory.all_rooms(s.esther)],
    (directory, "all_services"): lambda s: [directory.all_services(s.esther)],
    (directory, "department"): lambda s: [directory.department(s.cast.cardiology, lang="vi")],
    (directory, "departments"): lambda _s: [directory.departments(lang="vi")],
    (directory, "doctor"): lambda s: [directory.doctor(s.cast.chen, lang="vi")],
    (directory, "doctors"): lambda _s: [directory.doctors(lang="vi")],
    (directory, "doctors_of"): lambda s: [directory.doctors_of(s.ana, s.cast.cardiology)],
    (directory, "find_doctors"): lambda _s: [directory.find_doctors(CHEN, lang="en")],
    (directory, "me"): lambda s: [directory.me(each) for each in (s.ana, s.chen, s.esther)],
    (directory, "one_department"): lambda s: [directory.one_department(s.esther, s.cast.cardiology)],
    (directory, "one_doctor"): lambda s: [
        directory.one_doctor(s.esther, each) for each in (s.cast.chen, s.cast.diallo)
    ],
    (directory, "one_room"): lambda s: [directory.one_room(s.esther, s.cast.chens_room)],
    (directory, "one_service"): lambda s: [directory.one_service(s.esther, s.cast.ecg)],
    (directory, "room_of"): lambda s: [directory.room_of(each) for each in (s.cast.chen, s.cast.diallo)],
    (directory, "rooms"): lambda s: [directory.rooms(s.ana)],
    (directory, "search"): lambda _s: [
        directory.search(text, lang="vi") for text in (CHEN, SYMPTOM, "ECG", "Cardiology")
    ],
    (directory, "service"): lambda s: [directory.service(s.cast.ecg, lang="vi")],
    (directory, "services"): lambda _s: [directory.services(lang="vi")],
    (directory, "suggest_department"): lambda _s: [directory.suggest_department(SYMPTOM, lang="vi")],
    (directory, "update_me"): lambda s: [directory.update_me(s.ana, {"patient_profile": {"address": "Hà Nội"}})],
    (scheduling, "appointment"): lambda s: [
        scheduling.appointment(s.ana, each) for each in (s.past, s.earlier, s.coming, s.cancelled)
    ],
    (scheduling, "appointments"): lambda s: [scheduling.appointments(s.esther)],
    (scheduling, "appointments_by_id"): lambda s: [scheduling.appointments_by_id(s.esther, [s.past, s.coming])],
    (scheduling, "appointments_of_patients"): lambda s: [scheduling.appointments_of_patients(s.chen, [s.cast.ana])],
    (scheduling, "appointments_with"): lambda s: [scheduling.appointments_with(s.chen, s.cast.ana, page=None)],
    (scheduling, "background"): lambda s: [scheduling.background(s.chen, s.coming)],
    (scheduling, "between"): lambda s: [scheduling.between(s.chen, s.today, s.today + timedelta(days=9))],
    (scheduling, "day_of"): lambda s: [scheduling.day_of(s.esther, s.today)],
    (scheduling, "day_slots"): lambda s: [
        scheduling.day_slots(doctor_id=s.cast.chen, on=s.today, department_id=each)
        for each in (s.cast.cardiology, None)
    ],
    (scheduling, "dependents"): lambda s: [scheduling.dependents(s.esther, EntryKind.DEPARTMENT, s.cast.cardiology)],
    (scheduling, "dependents_of_doctor"): lambda s: [scheduling.dependents_of_doctor(s.esther, s.cast.chen)],
    (scheduling, "fee_breakdown"): lambda s: [scheduling.fee_breakdown(scheduling.appointment(s.chen, s.past))],
    (scheduling, "find"): lambda s: [scheduling.find(s.esther, each) for each in ("Ana", CHEN, f"#{s.past}")],
    (scheduling, "history"): lambda s: [scheduling.history(s.ana, each) for each in (s.past, s.cancelled)],
    (scheduling, "closures"): lambda s: [with_calendar(s) and scheduling.closures(lang="vi")],
    (scheduling, "doctor_hours"): lambda s: [with_calendar(s) and scheduling.doctor_hours(s.cast.chen)],
    (scheduling, "extra_hours"): lambda s: [with_calendar(s) and scheduling.extra_hours(s.chen, s.cast.chen)],
    (scheduling, "opening_hours"): lambda s: [with_calendar(s) and scheduling.opening_hours()],
    (scheduling, "published_hours"): lambda s: [with_calendar(s) and scheduling.published_hours()],
    (scheduling, "published_doctor_hours"): lambda s: [
        with_calendar(s) and scheduling.published_doctor_hours(s.cast.chen, s.today)
    ],
    (scheduling, "leaves"): lambda s: [scheduling.leaves(s.chen)],
    (scheduling, "next_appointment"): lambda s: [scheduling.next_appointment(s.ana)],
    (scheduling, "offered_services"): lambda s: [
        scheduling.offered_services(s.chen, scheduling.appointment(s.chen, s.past))
    ],
    (scheduling, "own_patient"): lambda s: [scheduling.own_patient(s.chen, s.cast.ana)],
    (scheduling, "own_patients"): lambda s: [scheduling.own_patients(s.chen)],
    (scheduling, "visits_to_settle"): lambda s: [with_waiting(s) and scheduling.visits_to_settle(s.chen)],
    (scheduling, "settled_visits"): lambda s: [
        with_waiting(s) and with_settled(s) and scheduling.settled_visits(s.chen)
    ],
    (scheduling, "settle"): lambda s: [with_waiting(s) and scheduling.settle(s.esther, [Choice(s.coming, Way.KEEP)])],
    (scheduling, "week"): lambda s: [with_calendar(s) and scheduling.week(s.chen, s.today)],
    (scheduling, "month"): lambda s: [with_calendar(s) and scheduling.month(s.chen, s.today)],
    (scheduling, "book"): lambda s: [
        scheduling.book(
            s.esther,
            doctor_id=s.cast.diallo,
            department_id=s.cast.neurology,
            on=s.today + timedelta(days=1),
            at=time(9),
            patient_id=s.cast.boris,
        )
    ],
    (scheduling, "edit_appointment"): lambda s: [scheduling.edit_appointment(s.ana, s.coming, {"symptoms": "Cough"})],
    (scheduling, "confirm"): lambda s: [scheduling.confirm(s.chen, s.coming)],
    (scheduling, "assign_service"): lambda s: [scheduling.assign_service(s.chen, s.past, s.cast.ecg)],
    (scheduling, "complete"): lambda s: [scheduling.complete(s.chen, s.past)],
    (scheduling, "reopen"): lambda s: [scheduling.reopen(s.esther, s.earlier, "By mistake")],
    (scheduling, "reschedule"): lambda s: [
        scheduling.reschedule(s.ana, s.coming, on=s.today + timedelta(days=5), at=time(9))
    ],
    (scheduling, "cancel"): lambda s: [scheduling.cancel(s.ana, s.coming)],
    (scheduling, "offer_by"): lambda s: [scheduling.offer_by(**s.answer, language="vi")],
    (scheduling, "hand_over"): lambda s: [scheduling.hand_over(s.esther, s.coming, doctor_id=s.cast.diallo)],
    (scheduling, "propose_doctor"): lambda s: [scheduling.propose_doctor(s.chen, s.coming, reason="On call")],
    (scheduling, "slots_of_doctors"): lambda s: [scheduling.slots_of_doctors([s.cast.chen], lang="vi")],
    (scheduling, "next_free_of_department"): lambda s: [
        scheduling.next_free_of_department(s.cast.cardiology, lang="vi")
    ],
    (scheduling, "update_status"): lambda s: [scheduling.update_status(s.ana, s.coming, "cancelled")],
    (records, "doctors_of_records"): lambda s: [records.doctors_of_records(s.ana)],
    (records, "my_patients"): lambda s: [records.my_patients(s.chen)],
    (records, "my_records"): lambda s: [records.my_records(s.ana)],
    (records, "record"): lambda s: [records.record(s.ana, s.record)],
    (records, "record_of"): lambda s: [records.record_of(s.ana, s.past)],
    (records, "records_before"): lambda s: [records.records_before(s.chen, s.past)],
    (records, "records_for"): lambda s: [records.records_for(s.chen, [s.past, s.earlier])],
    (mail, "workers"): lambda _s: [mail.workers()],
    (records, "revisions"): lambda s: [records.revisions(s.chen, s.past)],
    (records, "audit_trail"): lambda s: [records.audit_trail(s.esther)],
    (records, "own_access_log"): lambda s: [records.own_access_log(s.ana)],
    (records, "write_record"): lambda s: [records.write_record(s.chen, s.past, treatment_plan="Rest")],
    (mail, "all_mail"): lambda _s: [mail.all_mail()],
    (mail, "in_outbox"): lambda s: [mail.in_outbox(s.esther)],
    (mail, "one_mail"): lambda s: [mail.one_mail(s.esther, s.failed_mail)],
    (mail, "given_up"): lambda s: [mail.given_up(s.esther, s.failed_mail)],
}
#: Reads that may find nothing: those of the test's story do.
MAY_BE_EMPTY = {(directory, "room_of"), (directory, "search"), (scheduling, "find")}


def holds_rows(declared: Any) -> bool:
    """Tell whether a row stands somewhere in a declared type."""
    if is_typeddict(declared) or any(map(holds_rows, get_args(declared))):
        return True
    return is_dataclass(declared) and any(map(holds_rows, get_type_hints(declared).values()))


def names(door: ModuleType) -> list[str]:
    """Return what a front door offers."""
    return [name for name in getattr(door, "__all__", vars(door)) if not name.startswith("_")]


def hands_out_rows(door: ModuleType, name: str) -> bool:
    function = getattr(door, name)
    ours = inspect.isfunction(function) and function.__module__.startswith(door.__name__)
    return ours and holds_rows(get_type_hints(function).get("return"))


def test_every_read_is_asked():
    """A new one needs its line in ``READS``."""
    assert {(door, name) for door in DOORS for name in names(door) if hands_out_rows(door, name)} == set(READS)


def test_what_is_handed_out_is_what_is_declared(story: Story):
    """Each read and command after the same story; what a command does is taken back."""
    for (door, name), ask in READS.items():
        with rolled_back():
            answers = ask(story)
        declared = get_type_hints(getattr(door, name))["return"]
        assert [fault for answer in answers for fault in faults(answer, declared, name)] == []
        assert (door, name) in MAY_BE_EMPTY or all(answer is not None and answer != [] for answer in answers), name


class Named(TypedDict):
    """A row for the tests below."""

    id: int
    full_name: str


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"id": 1, "full_name": "Ana"}, None),
        ({"id": 1}, ".full_name: missing"),
        ({"id": 1, "full_name": "Ana", "age": 3}, ".age: not declared"),
        ({"id": "1", "full_name": "Ana"}, ".id: str in place of <class 'int'>"),
        ({"id": True, "full_name": "Ana"}, ".id: bool in place of <class 'int'>"),
        ({"id": 1, "full_name": None}, ".full_name: NoneType in place of <class 'str'>"),
    ],
)
def test_a_row_that_is_not_as_declared_is_seen(row: Mapping[str, object], fault: str | None):
    assert list(faults(row, Named)) == ([fault] if fault else [])


@pytest.mark.parametrize("columns", [(User.id,), (User.id, User.full_name, User.email), (User.id, User.email)])
def test_a_select_that_is_not_as_its_row_is_declared_is_refused(columns: Any):
    with pytest.raises(TypeError, match="Named"):
        ReadModel(Named, select(*columns))


def test_a_row_keeps_the_values_of_its_columns(cast: Cast, app_context: None):
    model = ReadModel(Named, select(User.id, User.full_name))
    row = session().execute(model.select.where(User.id == cast.ana)).one()
    assert model.shape(row) == {"id": cast.ana, "full_name": "Ana Nguyễn"}
