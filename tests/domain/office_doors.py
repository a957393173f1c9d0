"""The front doors that the office alone goes through, each with one call."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from clinic import accounts, configuration, directory, mail, records, scheduling
from clinic.directory.rows import DoctorValues
from clinic.operations import system
from clinic.policy import Action, Actor
from clinic.scheduling import EntryKind
from tests.authenticator import set_up
from tests.domain.door import Call, Door, among, ids, truly
from tests.domain.world import World


def _doctor(world: World) -> DoctorValues:
    return {
        "department_id": world.cast.cardiology,
        "license_number": "L-9",
        "experience_years": 1,
        "consultation_fee": Decimal(1),
    }


def _invites_doctor(world: World, actor: Actor) -> None:
    values = _doctor(world)
    directory.invite_doctor(actor, email="n@clinic.example", full_name="N", phone_num="0912345678", values=values)


def _resets(world: World, actor: Actor) -> None:
    set_up(world.cast.ana)
    accounts.reset_second_factor(actor, world.cast.ana)


def _admits(_world: World, actor: Actor) -> None:
    born = date(1980, 1, 1)
    accounts.admit_patient(actor, full_name="Nobody", phone_num="0987654321", date_of_birth=born, gender="female")


def _people(call: Call) -> Door:
    return Door(Action.SEE_PEOPLE, call)


def _of_patients(call: Call) -> Door:
    return Door(Action.EDIT_PATIENTS, call)


def _of_colleagues(call: Call) -> Door:
    return Door(Action.MANAGE_ACCOUNTS, call)


def _directory(call: Call) -> Door:
    return Door(Action.MANAGE_DIRECTORY, call)


def _settings(call: Call) -> Door:
    return Door(Action.MANAGE_SETTINGS, call)


def _hours(call: Call) -> Door:
    return Door(Action.MANAGE_HOURS, call)


def _listed(call: Call) -> Door:
    return Door(Action.SEE_DIRECTORY_LISTS, call)


OFFICE_DOORS: dict[str, Door] = {
    "records.chain_state": Door(Action.SEE_AUDIT_TRAIL, lambda _w, a: truly(records.chain_state(a))),
    "records.unusual_readings": Door(
        Action.SEE_AUDIT_TRAIL, lambda _w, a: truly(isinstance(records.unusual_readings(a), list))
    ),
    "records.audit_trail": Door(Action.SEE_AUDIT_TRAIL, lambda _w, a: truly(records.audit_trail(a).results)),
    "scheduling.statistics": Door(Action.SEE_STATISTICS, lambda w, a: scheduling.statistics(a, first=w.on, last=w.on)),
    "operations.system_state": Door(Action.SEE_SYSTEM, lambda _w, a: system.system_state(a)),
    "mail.in_outbox": Door(Action.SEE_OUTBOX, lambda _w, a: truly(mail.in_outbox(a).results)),
    "mail.one_mail": Door(Action.SEE_OUTBOX, lambda w, a: mail.one_mail(a, w.mail)),
    "mail.given_up": Door(Action.SEND_MAIL_AGAIN, lambda w, a: mail.given_up(a, w.mail)),
    "mail.send_again": Door(Action.SEND_MAIL_AGAIN, lambda w, a: mail.send_again(a, w.mail)),
    "accounts.people": _people(lambda w, a: among(w.cast.ana, ids(accounts.people(a).results))),
    "accounts.person": _people(lambda w, a: accounts.person(a, w.cast.ana)),
    "accounts.note_identity": _of_patients(lambda w, a: accounts.note_identity(a, w.cast.ana, seen=True)),
    "accounts.open_account": _people(lambda w, a: accounts.open_account(a, w.cast.ana)),
    "accounts.edit_person": _of_patients(lambda w, a: accounts.edit_person(a, w.cast.ana, {"full_name": "Ana"})),
    "accounts.edit_person: a colleague": _of_colleagues(
        lambda w, a: accounts.edit_person(a, w.cast.chen, {"full_name": "Dr Chen"})
    ),
    "accounts.look_alikes": _people(
        lambda _w, a: truly(accounts.look_alikes(a, full_name="Ana Nguyễn", phone_num="0901234567", date_of_birth=None))
    ),
    "accounts.admit_patient": _of_patients(_admits),
    "accounts.invite_admin": _of_colleagues(
        lambda _w, a: accounts.invite_admin(a, email="new@clinic.example", full_name="N", phone_num="0912345678")
    ),
    "accounts.change_duties": _of_colleagues(
        lambda w, a: accounts.change_duties(a, w.invited, ["reception", "records"])
    ),
    "accounts.reset_second_factor": _of_colleagues(_resets),
    "accounts.invite_again": _of_colleagues(lambda w, a: accounts.invite_again(a, w.invited)),
    "accounts.invite_again: a patient": _of_patients(lambda w, a: accounts.invite_again(a, w.invited_patient)),
    "directory.all_departments": _listed(lambda _w, a: truly(directory.all_departments(a).results)),
    "directory.all_services": _listed(lambda _w, a: truly(directory.all_services(a).results)),
    "directory.all_rooms": _listed(lambda _w, a: truly(directory.all_rooms(a).results)),
    "directory.all_doctors": _listed(lambda _w, a: truly(directory.all_doctors(a).results)),
    "directory.one_department": _listed(lambda w, a: directory.one_department(a, w.cast.cardiology)),
    "directory.one_service": _listed(lambda w, a: directory.one_service(a, w.cast.ecg)),
    "directory.one_room": _listed(lambda w, a: directory.one_room(a, w.cast.heart_room)),
    "directory.one_doctor": _listed(lambda w, a: directory.one_doctor(a, w.cast.chen)),
    "directory.save_department": _directory(
        lambda _w, a: directory.save_department(a, {"name": "Eyes", "health_examination_fee": Decimal(1)})
    ),
    "directory.save_service": _directory(
        lambda w, a: directory.save_service(
            a, {"name": "Test", "price": Decimal(1), "department_id": w.cast.cardiology}
        )
    ),
    "configuration.details": _settings(lambda _w, a: configuration.details(a)),
    "configuration.history": _settings(lambda _w, a: configuration.history(a)),
    "configuration.save": _settings(lambda _w, a: configuration.save(a, {"notice_hours": 12})),
    "directory.save_room": _directory(lambda _w, a: directory.save_room(a, {"room_number": "999", "floor": 9})),
    "directory.invite_doctor": Door(Action.MANAGE_DIRECTORY, _invites_doctor, also=(Action.MANAGE_ACCOUNTS,)),
    "directory.invite_doctor: the account": Door(
        Action.MANAGE_ACCOUNTS, _invites_doctor, also=(Action.MANAGE_DIRECTORY,)
    ),
    "scheduling.find": _people(lambda w, a: among(w.cast.ana, ids(scheduling.find(a, "Ana").patients.results))),
    "scheduling.dependents": _of_colleagues(
        lambda w, a: truly(scheduling.dependents(a, EntryKind.ACCOUNT, w.cast.chen).appointment_count)
    ),
    "scheduling.dependents: of a room": _directory(
        lambda w, a: scheduling.dependents(a, EntryKind.ROOM, w.cast.heart_room)
    ),
    "scheduling.dependents_of_doctor": _directory(
        lambda w, a: truly(scheduling.dependents_of_doctor(a, w.cast.chen).appointment_count)
    ),
    "scheduling.switch": _directory(lambda w, a: scheduling.switch(a, EntryKind.ROOM, w.cast.heart_room, active=False)),
    "scheduling.switch: an account": _of_colleagues(
        lambda w, a: scheduling.switch(a, EntryKind.ACCOUNT, w.cast.boris, active=False)
    ),
    "scheduling.set_opening_hours": _hours(lambda _w, a: scheduling.set_opening_hours(a, [])),
    "scheduling.set_doctor_hours": _hours(lambda w, a: scheduling.set_doctor_hours(a, w.cast.chen, [])),
    "scheduling.add_closure": _hours(lambda w, a: scheduling.add_closure(a, first_day=w.on, name="Holiday")),
    "scheduling.take_over_holidays": _hours(
        lambda _w, a: scheduling.take_over_holidays(a, "VN", 2027, [scheduling.public_holidays("VN", 2027)[0].key])
    ),
    "scheduling.remove_closure": _hours(lambda w, a: scheduling.remove_closure(a, w.closure)),
    "scheduling.edit_doctor": _directory(lambda w, a: scheduling.edit_doctor(a, w.cast.chen, _doctor(w))),
}
