"""Rows of the demo clinic's visits, each as the commands would have written it: visits, history, records, audit.

Visits are numbered in the order of their booking; history, records and versions in the order in which things happened.
"""

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, assert_never

from clinic.audit import AuditAction, Subject
from clinic.policy import Role
from clinic.scheduling.calendar import SLOT_MINUTES
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.models import EventType
from clinic.seed.audit_rows import entry
from clinic.seed.everyday import CASES
from clinic.seed.layout import Placed
from clinic.seed.numbering import (
    ADMIN_ID,
    DEPARTMENT_IDS,
    DOCTOR,
    DOCTOR_IDS,
    DOCTORS,
    PATIENT,
    PATIENT_IDS,
    ROOM_IDS,
    SERVICE_IDS,
    SERVICES,
    department_of,
)
from clinic.seed.shapes import Vitals

Row = dict[str, Any]
_OWNED = {plan.room for plan in DOCTORS}
_SEED = 1407
#: How long after its start a visit gets its service.
_ASSIGNED = timedelta(minutes=SLOT_MINUTES) * 2 / 5


def appointment_rows(appointments: list[Placed]) -> dict[str, list[Row]]:
    """Return appointments, their events, and the records with their revisions and audit events."""
    return {
        "appointments": _appointments(appointments),
        "appointment_events": _events(appointments),
        "note_revisions": _note_revisions(appointments),
        "staff_note_revisions": _staff_notes(appointments),
        **_records(appointments),
    }


def _price(appointment: Placed) -> Decimal | None:
    """Return the price of the visit's service, None without one."""
    prices = {service.key: service.price for service in department_of(DOCTOR[appointment.plan.doctor]).services}
    return Decimal(prices[key]) if (key := appointment.service()) else None


def _examination_fee(appointment: Placed) -> Decimal:
    return Decimal(department_of(DOCTOR[appointment.plan.doctor]).fee)


def _fee(appointment: Placed) -> Decimal:
    """Return the examination fee of the visit's department, plus its service's price."""
    return _examination_fee(appointment) + (_price(appointment) or 0)


def _service_id(appointment: Placed) -> int | None:
    key = appointment.service()
    return SERVICE_IDS[DOCTOR[appointment.plan.doctor].department, key] if key else None


def _room_chooser() -> Callable[[Placed], int | None]:
    """Return what chooses rooms as a booking does: the doctor's own, then the department's, those of nobody first."""
    taken: set[tuple[str, date, time]] = set()

    def choose(appointment: Placed) -> int | None:
        doctor = DOCTOR[appointment.plan.doctor]
        rooms = sorted(
            department_of(doctor).rooms,
            key=lambda number: (number != doctor.room, number in _OWNED, number[0], number),
        )
        number = next((each for each in rooms if (each, appointment.on, appointment.at) not in taken), "")
        if appointment.status is not AppointmentStatus.CANCELLED:
            taken.add((number, appointment.on, appointment.at))
        return ROOM_IDS.get(number)

    return choose


def _appointments(appointments: list[Placed]) -> list[Row]:
    room_of = _room_chooser()
    rows = []
    for row_id, appointment in enumerate(appointments, 1):
        plan, last = appointment.plan, appointment.steps[-1]
        noted = _note_versions(appointment)
        edits = [step for step in appointment.steps if step.what in (EventType.RESCHEDULED, EventType.EDITED)]
        cancelled = last if appointment.status is AppointmentStatus.CANCELLED else None
        moved = next((step for step in appointment.steps if step.what is EventType.RESCHEDULED), None)
        rows.append(
            {
                "id": row_id,
                "patient_id": PATIENT_IDS[plan.patient],
                "doctor_id": DOCTOR_IDS[plan.doctor],
                "department_id": DEPARTMENT_IDS[DOCTOR[plan.doctor].department],
                "service_id": _service_id(appointment),
                "room_id": room_of(appointment),
                "appointment_date": appointment.on,
                "appointment_time": appointment.at,
                "status": appointment.status,
                "symptoms": appointment.words("symptoms") or None,
                "reason": appointment.words("reason") or None,
                "notes": noted[-1]["text"] if noted else None,
                "examination_fee": _examination_fee(appointment),
                "estimated_fee": _fee(appointment),
                "service_fee": _price(appointment),
                "cancellation_reason": cancelled.details["reason"] if cancelled else None,
                "cancelled_at": cancelled.at if cancelled else None,
                "rescheduled_from": moved.details["from"] if moved else None,
                "version": 1 + len(edits),
                "created_at": appointment.booked_at,
                "updated_at": last.at,
            }
        )
    return rows


def _note_versions(appointment: Placed) -> list[Row]:
    """Return how the notes of a visit came to read as they do: the patient's, the line of a move, the doctor's."""
    text, version, rows = "", 1, []
    for step in appointment.steps:
        added = ""
        if step.what is EventType.CREATED:
            added = appointment.plan.notes
        elif step.what is EventType.RESCHEDULED:
            version += 1
            added = f"Rescheduled: {appointment.plan.move_reason}" if appointment.plan.move_reason else ""
        elif step.what is EventType.EDITED:
            version += 1
            added = appointment.plan.clinic_notes
        if added:
            text = "\n".join(filter(None, [text, added]))
            is_move = step.what is EventType.RESCHEDULED
            rows.append(
                {
                    "version": version,
                    "at": step.at,
                    "by_user_id": _person(appointment, step.by),
                    "by_role": str(step.by),
                    "is_move": is_move,
                    "text": text,
                }
            )
    return rows


def _person(appointment: Placed, role: Role) -> int:
    """Return the id of the person of this role who acts on a visit."""
    match role:
        case Role.PATIENT:
            return PATIENT_IDS[appointment.plan.patient]
        case Role.DOCTOR:
            return DOCTOR_IDS[appointment.plan.doctor]
        case Role.ADMIN:
            return ADMIN_ID
        case other:
            assert_never(other)


def _note_revisions(appointments: list[Placed]) -> list[Row]:
    rows = [
        {"appointment_id": row_id, **row}
        for row_id, appointment in enumerate(appointments, 1)
        for row in _note_versions(appointment)
    ]
    rows.sort(key=lambda row: (row["at"], row["appointment_id"]))
    return [{"id": number, **row} for number, row in enumerate(rows, 1)]


def _staff_notes(appointments: list[Placed]) -> list[Row]:
    """Return what doctors wrote for their colleagues, in the order of time."""
    rows = [
        {
            "appointment_id": row_id,
            "version": 1,
            "at": appointment.staff_noted_at,
            "by_user_id": DOCTOR_IDS[appointment.plan.doctor],
            "by_role": str(Role.DOCTOR),
            "text": appointment.plan.staff_notes,
        }
        for row_id, appointment in enumerate(appointments, 1)
        if appointment.staff_noted_at
    ]
    rows.sort(key=lambda row: (row["at"], row["appointment_id"]))
    return [{"id": number, **row} for number, row in enumerate(rows, 1)]


def _events(appointments: list[Placed]) -> list[Row]:
    """Return the history of all visits, in the order of time."""
    rows = []
    for row_id, appointment in enumerate(appointments, 1):
        rows += [
            {
                "appointment_id": row_id,
                "at": step.at,
                "by_user_id": _person(appointment, step.by),
                "by_role": str(step.by),
                "what": step.what,
                "from_status": str(step.before) if step.before else None,
                "to_status": str(step.after),
                "details": step.details,
            }
            for step in appointment.steps
        ]
        if service_id := _service_id(appointment):
            rows.append(_assignment(row_id, appointment, service_id))
    rows.sort(key=lambda row: (row["at"], row["appointment_id"]))
    return [{"id": number, **row} for number, row in enumerate(rows, 1)]


def _assignment(row_id: int, appointment: Placed, service_id: int) -> Row:
    """Return the event of the service that the doctor assigned during the visit, while it was confirmed."""
    return {
        "appointment_id": row_id,
        "at": appointment.starts_at + _ASSIGNED,
        "by_user_id": DOCTOR_IDS[appointment.plan.doctor],
        "by_role": str(Role.DOCTOR),
        "what": EventType.SERVICE_ASSIGNED,
        "from_status": str(AppointmentStatus.CONFIRMED),
        "to_status": str(AppointmentStatus.CONFIRMED),
        "details": {
            "service": SERVICES[service_id - 1][1].name.en,
            "service_id": service_id,
            "fee": f"{_fee(appointment):.2f}",
        },
    }


def _records(appointments: list[Placed]) -> dict[str, list[Row]]:
    """Return the records of the visits that were seen, with all their versions and the entries of the audit."""
    random = Random(_SEED)
    seen = sorted(
        (
            (appointment.recorded_at[0], row_id, appointment)
            for row_id, appointment in enumerate(appointments, 1)
            if appointment.recorded_at
        ),
        key=lambda item: item[:2],
    )
    records, versions = [], []
    for record_id, (_at, row_id, appointment) in enumerate(seen, 1):
        content = _content(appointment, random)
        versions += _versions(record_id, appointment, content)
        records.append(
            {
                "id": record_id,
                "appointment_id": row_id,
                **content,
                "version": len(appointment.recorded_at),
                "created_by_id": DOCTOR_IDS[appointment.plan.doctor],
                "created_at": appointment.recorded_at[0],
                "updated_at": appointment.recorded_at[-1],
            }
        )
    versions.sort(key=lambda row: (row["at"], row["record_id"]))
    revisions = [
        {"id": number, **{key: value for key, value in row.items() if key != "patient_id"}}
        for number, row in enumerate(versions, 1)
    ]
    audit = _written(versions) + _staff_notes_written(appointments)
    return {"medical_records": records, "record_revisions": revisions, "audit_events": audit}


def _versions(record_id: int, appointment: Placed, content: Row) -> list[Row]:
    """Return every version of a record: but for the diagnosis, all say what the last one says."""
    doctor = DOCTOR[appointment.plan.doctor]
    return [
        {
            "record_id": record_id,
            "version": version,
            "at": at,
            "by_user_id": DOCTOR_IDS[doctor.key],
            "by_name": doctor.name,
            **content,
            "diagnosis": content["diagnosis"]
            if version == len(appointment.recorded_at)
            else appointment.plan.first_diagnosis,
            "patient_id": PATIENT_IDS[appointment.plan.patient],
        }
        for version, at in enumerate(appointment.recorded_at, 1)
    ]


def _written(versions: list[Row]) -> list[Row]:
    """Return the audit entries of the records that were written, without ids."""
    return [
        entry(
            version["at"],
            (version["by_user_id"], Role.DOCTOR),
            AuditAction.RECORD_CREATED if version["version"] == 1 else AuditAction.RECORD_CHANGED,
            Subject(version["record_id"], version["patient_id"]),
            version=version["version"],
        )
        for version in versions
    ]


def _staff_notes_written(appointments: list[Placed]) -> list[Row]:
    """Return the audit entries of the notes for colleagues that were written, without ids."""
    return [
        entry(
            note["at"],
            (note["by_user_id"], Role.DOCTOR),
            AuditAction.STAFF_NOTES_WRITTEN,
            Subject(note["appointment_id"], PATIENT_IDS[appointments[note["appointment_id"] - 1].plan.patient]),
            version=note["version"],
        )
        for note in _staff_notes(appointments)
    ]


def _content(appointment: Placed, random: Random) -> Row:
    return {
        "diagnosis": appointment.words("diagnosis"),
        "prescription": appointment.words("prescription") or None,
        "treatment_plan": appointment.words("plan") or None,
        "notes": appointment.plan.findings or None,
        "follow_up_date": appointment.follow_up,
        "vital_signs": _vital_signs(appointment, random),
    }


def _vital_signs(appointment: Placed, random: Random) -> Row | None:
    """Return what was measured: the visit's own values, or the case's with the small differences of real people."""
    patient = PATIENT[appointment.plan.patient]
    vitals = appointment.plan.vitals
    if vitals is None:
        typical = CASES[appointment.plan.case].vitals if appointment.plan.case else None
        if typical is None:
            return None
        vitals = _varied(typical, random)
    weight = vitals.weight or round(patient.weight * random.uniform(0.99, 1.01), 1)
    return {
        "blood_pressure": f"{vitals.systolic}/{vitals.diastolic}",
        "heart_rate": vitals.pulse,
        "temperature": vitals.temperature,
        "respiratory_rate": vitals.breaths,
        "oxygen_saturation": vitals.saturation,
        "weight": weight,
        "height": patient.height,
    }


def _varied(typical: Vitals, random: Random) -> Vitals:
    return typical._replace(
        systolic=typical.systolic + random.randint(-5, 5),
        diastolic=typical.diastolic + random.randint(-3, 3),
        pulse=typical.pulse + random.randint(-5, 5),
        temperature=round(typical.temperature + random.uniform(-0.2, 0.2), 1),
    )
