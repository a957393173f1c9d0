"""The front doors of the domain that ask who is there, each with one call: what stands behind it is Ana's visit to Dr Chen.

A door is let through (``YES``), closed to a role whatever the id (``NO``), or it shows nothing of what isn't one's own
(``HIDDEN``), be it by ``NotFound`` or by a list without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time, timedelta
from typing import Any, Literal

from clinic import directory, records, scheduling
from clinic.policy import Action, Actor, Role
from clinic.scheduling import Choice, EntryKind, Way
from tests.domain.account_doors import ACCOUNT_DOORS
from tests.domain.door import HIDDEN, NO, YES, Call, Door, among, ids, truly
from tests.domain.office_doors import OFFICE_DOORS
from tests.domain.world import World

NINE, SLOTS = time(9), len(scheduling.SLOT_TIMES)


def _busy(slots: Iterable[Any], at: time = NINE) -> None:
    truly([slot for slot in slots if slot.time == at and slot.reason is scheduling.SlotStatus.YOURS])


def _books(world: World, actor: Actor) -> None:
    row = scheduling.book(
        actor,
        doctor_id=world.cast.diallo,
        department_id=world.cast.neurology,
        on=world.on,
        at=time(15),
        patient_id=world.cast.ana,
    )
    among(world.cast.ana, [row["patient"]["id"]])


def _week(world: World, actor: Actor) -> None:
    plans = scheduling.week(actor, world.on, doctor_id=world.cast.chen)
    among(world.appointment, ids(row for plan in plans for row in plan.appointments.values()))


def _month(world: World, actor: Actor) -> None:
    weeks = scheduling.month(actor, world.on, doctor_id=world.cast.chen)
    truly(sum(day.appointment_count for days in weeks for day in days))


def _own_patients(world: World, actor: Actor, part: Literal["", "appointments", "medical_records"] = "") -> None:
    rows = records.my_patients(actor).results
    among(world.cast.ana, ids(rows))
    if part:
        truly([row for row in rows if row["id"] == world.cast.ana and row[part]])


def _offered(world: World, actor: Actor) -> None:
    row = scheduling.appointment(world.actors["esther"], world.appointment)
    truly(scheduling.offered_services(actor, row))


def _confirms_each(world: World, actor: Actor) -> None:
    # The booked one waits to be settled, and isn't confirmed before.
    row = scheduling.appointment(world.actors["esther"], world.settled)
    found = scheduling.confirm_each(actor, {world.settled: scheduling.state_of(row)})
    among(None, found.values())


def _seen(call: Call) -> Door:
    return Door(Action.SEE_APPOINTMENT, call)


def _read(call: Call) -> Door:
    return Door(Action.READ_RECORD, call)


#: Only what a patient's own visits hide of the calendar, and only from whom they may be hidden: nobody is refused.
BUSY = (YES, HIDDEN, HIDDEN, HIDDEN, YES, YES)
OWN_BUSY = (YES, HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN)
PATIENT, DOCTOR, ADMIN = Role
DOCTORS_OWN = (NO, NO, YES, HIDDEN, NO, NO)
#: Others have nothing of their own there.
OFFICE_ALONE = (HIDDEN, HIDDEN, HIDDEN, HIDDEN, YES, YES)
STAFFS = (NO, NO, YES, HIDDEN, YES, YES)
DOCTORS = (NO, NO, YES, YES, NO, NO)
#: Whoever doesn't see the visit at all is hidden it; Ana sees it without the reason.
REASONS = (HIDDEN, HIDDEN, YES, HIDDEN, YES, YES)


#: By the name of the front door; what follows a colon tells of a part of its answer.
DOORS: dict[str, Door] = {
    **ACCOUNT_DOORS,
    # --- booking ---
    "scheduling.book": Door(Action.BOOK, _books, (YES, HIDDEN, NO, NO, YES, YES)),
    "scheduling.board": Door(
        Action.BOOK,
        lambda w, a: _busy(
            scheduling.board([w.cast.diallo], doctor_id=w.cast.diallo, on=w.on, actor=a, patient_id=w.cast.ana).slots
        ),
        BUSY,
        (PATIENT, ADMIN),
    ),
    "scheduling.day_slots": Door(
        Action.BOOK,
        lambda w, a: _busy(scheduling.day_slots(doctor_id=w.cast.diallo, on=w.on, actor=a).slots),
        OWN_BUSY,
        (PATIENT,),
        only_own=True,
    ),
    "scheduling.free_days": Door(
        Action.BOOK,
        lambda w, a: truly(
            [day for day in scheduling.free_days(w.cast.diallo, actor=a) if day.date == w.on and day.free < SLOTS]
        ),
        OWN_BUSY,
        (PATIENT,),
        only_own=True,
    ),
    "scheduling.nearest_free": Door(
        Action.BOOK,
        lambda w, a: truly(
            scheduling.Moment(w.on, NINE)
            not in scheduling.nearest_free(
                doctor_id=w.cast.diallo, on=w.on, at=NINE, actor=a, patient_id=w.cast.ana, count=3
            )
        ),
        BUSY,
        (PATIENT, ADMIN),
    ),
    # --- seeing visits ---
    "scheduling.appointment": _seen(lambda w, a: scheduling.appointment(a, w.appointment)),
    "scheduling.history": _seen(lambda w, a: scheduling.history(a, w.appointment)),
    "scheduling.notes_of": _seen(lambda w, a: truly(scheduling.notes_of(a, w.appointment).whole)),
    "scheduling.background": _seen(lambda w, a: scheduling.background(a, w.appointment)),
    "scheduling.calendar_file": _seen(lambda w, a: scheduling.calendar_file(a, w.appointment)),
    "scheduling.appointments": _seen(lambda w, a: among(w.appointment, ids(scheduling.appointments(a).results))),
    "scheduling.appointments_with": _seen(
        lambda w, a: among(w.appointment, ids(scheduling.appointments_with(a, w.cast.ana, page=None).results))
    ),
    "scheduling.appointments_of_patients": _seen(
        lambda w, a: among(w.appointment, ids(scheduling.appointments_of_patients(a, [w.cast.ana])))
    ),
    "scheduling.appointments_by_id": _seen(
        lambda w, a: among(w.appointment, ids(scheduling.appointments_by_id(a, [w.appointment])))
    ),
    "scheduling.between": _seen(lambda w, a: among(w.appointment, ids(scheduling.between(a, w.on, w.on)))),
    "scheduling.day_of": _seen(lambda w, a: among(w.appointment, ids(scheduling.day_of(a, w.on)))),
    "scheduling.day_desk": Door(
        Action.SEE_APPOINTMENT,
        lambda w, a: among(w.appointment, [each.id for each in scheduling.day_desk(a, w.on).appointments]),
        OFFICE_ALONE,
    ),
    "scheduling.desk_appointment": Door(
        Action.SEE_APPOINTMENT, lambda w, a: scheduling.desk_appointment(a, w.appointment), OFFICE_ALONE
    ),
    "scheduling.day_desk_revision": Door(
        Action.SEE_APPOINTMENT, lambda w, a: scheduling.day_desk_revision(a, w.on), OFFICE_ALONE
    ),
    "scheduling.next_appointment": _seen(lambda _w, a: truly(scheduling.next_appointment(a))),
    "scheduling.next_appointments": _seen(lambda w, a: truly(scheduling.next_appointments(a, [w.cast.ana]))),
    "scheduling.count_still_open": _seen(lambda _w, a: truly(scheduling.count_still_open(a))),
    "scheduling.week": Door(Action.SEE_APPOINTMENT, _week, STAFFS, (DOCTOR, ADMIN)),
    "scheduling.own_day_revision": Door(
        Action.SEE_APPOINTMENT, lambda w, a: scheduling.own_day_revision(a, w.on), DOCTORS, (DOCTOR,), only_own=True
    ),
    "scheduling.month": Door(Action.SEE_APPOINTMENT, _month, STAFFS, (DOCTOR, ADMIN)),
    "scheduling.find: visits": Door(
        Action.SEE_APPOINTMENT,
        lambda w, a: among(w.appointment, ids(scheduling.find(a, f"#{w.appointment}").appointments.results)),
        (NO, NO, NO, NO, YES, YES),
        (ADMIN,),
        also=(Action.SEE_PEOPLE,),
    ),
    "scheduling.dependents: visits": Door(
        Action.SEE_APPOINTMENT,
        lambda w, a: among(w.appointment, ids(scheduling.dependents(a, EntryKind.ACCOUNT, w.cast.chen).appointments)),
        (NO, NO, NO, NO, YES, YES),
        (ADMIN,),
        also=(Action.MANAGE_ACCOUNTS,),
    ),
    "records.my_patients: visits": Door(
        Action.SEE_APPOINTMENT, lambda w, a: _own_patients(w, a, "appointments"), DOCTORS_OWN, (DOCTOR,), only_own=True
    ),
    # --- changing visits ---
    "scheduling.cancel": Door(Action.CANCEL, lambda w, a: scheduling.cancel(a, w.appointment)),
    "scheduling.update_status": Door(
        Action.CANCEL, lambda w, a: scheduling.update_status(a, w.appointment, "cancelled")
    ),
    "scheduling.cancel: late": Door(
        Action.CANCEL_LATE,
        lambda w, a: scheduling.cancel(a, w.soon),
        ("too_late", HIDDEN, "too_late", HIDDEN, YES, YES),
        also=(Action.CANCEL,),
    ),
    "scheduling.possible: late": Door(
        Action.CANCEL_LATE,
        lambda w, a: truly(
            scheduling.possible(a, scheduling.appointment(w.actors["esther"], w.soon)).get("cancel", 1) is None
        ),
        (HIDDEN, HIDDEN, HIDDEN, HIDDEN, YES, YES),
        also=(Action.CANCEL,),
    ),
    "scheduling.reschedule": Door(
        Action.RESCHEDULE, lambda w, a: scheduling.reschedule(a, w.appointment, on=w.on, at=time(14))
    ),
    "scheduling.hand_over": Door(
        Action.HAND_OVER, lambda w, a: scheduling.hand_over(a, w.appointment, doctor_id=w.cast.diallo)
    ),
    "scheduling.free_colleagues": Door(
        Action.HAND_OVER,
        lambda w, a: scheduling.free_colleagues(
            a, scheduling.appointment(w.actors["esther"], w.appointment), [w.cast.diallo]
        ),
    ),
    "scheduling.propose_doctor": Door(
        Action.PROPOSE_DOCTOR, lambda w, a: scheduling.propose_doctor(a, w.appointment, reason="On call")
    ),
    "scheduling.edit_appointment": Door(Action.EDIT, lambda w, a: scheduling.edit_appointment(a, w.appointment, {})),
    "scheduling.confirm": Door(Action.CONFIRM, lambda w, a: scheduling.confirm(a, w.booked)),
    "scheduling.confirm_each": Door(Action.CONFIRM, _confirms_each),
    "scheduling.update_status: confirmed": Door(
        Action.CONFIRM, lambda w, a: scheduling.update_status(a, w.booked, "confirmed")
    ),
    "scheduling.complete": Door(Action.COMPLETE, lambda w, a: scheduling.complete(a, w.appointment)),
    "scheduling.update_status: completed": Door(
        Action.COMPLETE, lambda w, a: scheduling.update_status(a, w.appointment, "completed")
    ),
    "scheduling.reopen": Door(Action.REOPEN, lambda w, a: scheduling.reopen(a, w.completed, "A mistake")),
    "scheduling.history: why reopened": Door(
        Action.READ_REOPENING_REASON,
        lambda w, a: truly([line for line in scheduling.history(a, w.reopened) if line["details"].get("reason")]),
        REASONS,
        only_own=True,
        also=(Action.SEE_APPOINTMENT,),
    ),
    "scheduling.assign_service": Door(
        Action.ASSIGN_SERVICE, lambda w, a: scheduling.assign_service(a, w.appointment, w.cast.ecg)
    ),
    "scheduling.offered_services": Door(Action.ASSIGN_SERVICE, _offered),
    "scheduling.staff_notes": Door(
        Action.READ_STAFF_NOTES, lambda w, a: truly(scheduling.staff_notes(a, w.appointment))
    ),
    "scheduling.write_staff_notes": Door(
        Action.WRITE_STAFF_NOTES, lambda w, a: scheduling.write_staff_notes(a, w.appointment, "Deaf")
    ),
    # --- records ---
    "records.record_of": _read(lambda w, a: records.record_of(a, w.appointment)),
    "records.record": _read(lambda w, a: records.record(a, w.record)),
    "records.appointment_of": _read(lambda w, a: records.appointment_of(a, Action.READ_RECORD, w.record)),
    "records.my_records": _read(
        lambda w, a: among(w.appointment, [row["appointment_id"] for row in records.my_records(a).results])
    ),
    "records.doctors_of_records": _read(lambda w, a: among(w.cast.chen, ids(records.doctors_of_records(a)))),
    "records.records_before": _read(lambda w, a: truly(records.records_before(a, w.appointment))),
    "records.records_for": _read(lambda w, a: truly(records.records_for(a, [w.appointment]))),
    "records.is_written": _read(lambda w, a: truly(records.is_written(a, w.appointment))),
    "records.follow_ups_of": Door(
        Action.READ_RECORD,
        lambda w, a: truly(records.follow_ups_of(a, appointment_ids=[w.past])),
        also=(Action.SEE_APPOINTMENT,),
    ),
    "records.my_patients: records": Door(
        Action.READ_RECORD, lambda w, a: _own_patients(w, a, "medical_records"), DOCTORS_OWN, (DOCTOR,), only_own=True
    ),
    "records.write_record": Door(
        Action.WRITE_RECORD, lambda w, a: records.write_record(a, w.soon, diagnosis="Hypertension")
    ),
    "records.appointment_of: to write": Door(
        Action.WRITE_RECORD, lambda w, a: records.appointment_of(a, Action.WRITE_RECORD, w.record)
    ),
    "records.revisions": Door(Action.READ_REVISIONS, lambda w, a: records.revisions(a, w.appointment)),
    # --- leave and own patients ---
    "scheduling.leaves": Door(
        Action.TAKE_LEAVE, lambda w, a: among(w.leave, ids(scheduling.leaves(a, doctor_id=w.cast.chen)))
    ),
    "scheduling.take_leave": Door(
        Action.TAKE_LEAVE,
        lambda w, a: scheduling.take_leave(a, first_day=w.on + timedelta(days=9), doctor_id=w.cast.chen),
    ),
    "scheduling.end_leave": Door(Action.TAKE_LEAVE, lambda w, a: scheduling.end_leave(a, w.leave)),
    "scheduling.visits_to_settle": Door(
        Action.SEE_VISITS_TO_SETTLE, lambda w, a: among(w.booked, [each.id for each in scheduling.visits_to_settle(a)])
    ),
    "scheduling.settled_visits": Door(
        Action.SEE_VISITS_TO_SETTLE,
        lambda w, a: among(w.settled, [each.appointment["id"] for each in scheduling.settled_visits(a).latest]),
    ),
    "scheduling.proposals": Door(
        Action.SETTLE,
        lambda w, a: scheduling.proposals(a, scheduling.visits_to_settle(w.actors["esther"])),
    ),
    "scheduling.settle": Door(
        Action.SETTLE, lambda w, a: truly(scheduling.settle(a, [Choice(w.booked, Way.KEEP)]).settled)
    ),
    "scheduling.count_to_settle": Door(Action.SEE_VISITS_TO_SETTLE, lambda _, a: truly(scheduling.count_to_settle(a))),
    "scheduling.extra_hours": Door(
        Action.OPEN_EXTRA_HOURS, lambda w, a: among(w.extra_hours, ids(scheduling.extra_hours(a, w.cast.chen)))
    ),
    "scheduling.add_extra_hours": Door(
        Action.OPEN_EXTRA_HOURS,
        lambda w, a: scheduling.add_extra_hours(a, w.cast.chen, day=w.on, from_time=time(8), to_time=time(9)),
    ),
    "scheduling.remove_extra_hours": Door(
        Action.OPEN_EXTRA_HOURS, lambda w, a: scheduling.remove_extra_hours(a, w.extra_hours)
    ),
    "scheduling.own_patients": Door(
        Action.SEE_PATIENTS, lambda w, a: among(w.cast.ana, ids(scheduling.own_patients(a).results))
    ),
    "scheduling.own_patient": Door(Action.SEE_PATIENTS, lambda w, a: scheduling.own_patient(a, w.cast.ana)),
    "scheduling.appointments_to_others": Door(
        Action.SEE_PATIENTS, lambda w, a: scheduling.appointments_to_others(a, w.cast.ana)
    ),
    "records.my_patients": Door(Action.SEE_PATIENTS, _own_patients),
    # --- what belongs to the clinic ---
    "directory.rooms": Door(Action.SEE_ROOMS, lambda _w, a: truly(directory.rooms(a).results)),
    "directory.doctors_of": Door(
        Action.SEE_DOCTORS_OF_DEPARTMENT, lambda w, a: truly(directory.doctors_of(a, w.cast.cardiology)["doctors"])
    ),
    "records.own_access_log": Door(
        Action.SEE_OWN_ACCESS_LOG,
        lambda w, a: among(w.cast.ana, [row["patient_id"] for row in records.own_access_log(a).results]),
        (YES, HIDDEN, NO, NO, NO, NO),
    ),
    **OFFICE_DOORS,
}
