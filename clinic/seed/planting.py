"""Writes the demo clinic into the database, once and in one transaction; refuses a clinic that has data of its own."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, func, insert, select

from clinic import clock
from clinic.accounts.models import Patient, User
from clinic.accounts.passwords import hash_password
from clinic.db import Base, session, transaction
from clinic.directory.models import Department, Doctor, Room, Service
from clinic.errors import Conflict
from clinic.i18n import N_
from clinic.records.models import MedicalRecord
from clinic.scheduling.models import Appointment
from clinic.seed import settling_rows
from clinic.seed.appointment_rows import appointment_rows
from clinic.seed.audit_rows import numbered, readings
from clinic.seed.directory_rows import directory_rows, people_rows
from clinic.seed.hours_rows import hours_rows
from clinic.seed.layout import lay_out
from clinic.seed.leave_rows import leave_rows
from clinic.seed.numbering import DOCTORS, licence
from clinic.seed.patients import ADMIN_EMAIL, RECEPTION_EMAIL

#: The password of every account of the demo.
DEMO_PASSWORD = "Clinic-demo-2026"  # noqa: S105 - meant to be known

#: Any number that no other advisory lock of the portal has.
_LOCK = 20_410_122
#: Rows go in in an order that foreign keys allow.
_ORDER = (
    "users",
    "patients",
    "departments",
    "services",
    "rooms",
    "doctors",
    "doctor_leave",
    "opening_hours",
    "doctor_hours",
    "extra_hours",
    "closures",
    "appointments",
    "visits_to_settle",
    "appointment_events",
    "note_revisions",
    "staff_note_revisions",
    "medical_records",
    "record_revisions",
    "audit_events",
)


@dataclass(frozen=True)
class Summary:
    """What the clinic holds now, and whether it was planted by this call (False: it was there already)."""

    planted: bool
    departments: int
    services: int
    rooms: int
    doctors: int
    patients: int
    appointments: int
    records: int

    def __str__(self) -> str:
        first = "Planted the demo clinic" if self.planted else "The demo clinic is there already, nothing was changed"
        return (
            f"{first}: {self.departments} departments, {self.doctors} doctors, {self.patients} patients, "
            f"{self.appointments} visits, {self.records} records.\n"
            f"Sign in as patient@clinic.example, doctor@clinic.example, {RECEPTION_EMAIL} or {ADMIN_EMAIL}; "
            f"the password is {DEMO_PASSWORD}"
        )


def plant(reference: datetime | None = None) -> Summary:
    """Plant the demo clinic around ``reference`` (aware; now, if not given) and return what there is.

    A clinic where it was planted before, on whatever day, stays as it is. ``Conflict`` ``clinic_not_empty`` where
    there is other data: nothing is changed then.
    """
    moment = reference or clock.now()
    # Hashed once for all and outside the transaction, which would keep other writers waiting.
    password_hash = None if _is_planted() else hash_password(DEMO_PASSWORD)
    with transaction():
        _one_at_a_time()
        planted = not _is_planted()
        if planted:
            _refuse_if_in_use()
            _write(moment, password_hash or hash_password(DEMO_PASSWORD))
        return _summary(planted)


def _one_at_a_time() -> None:
    """Let a second planting wait for the first; SQLite has one writer anyway."""
    if session().get_bind().dialect.name == "postgresql":
        session().execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _is_planted() -> bool:
    known = select(Doctor.user_id).where(Doctor.license_number == licence(DOCTORS[0]))
    return session().execute(known).first() is not None


def _refuse_if_in_use() -> None:
    for model in (User, Department, Room):
        if session().execute(select(model.id).limit(1)).first() is not None:
            raise Conflict(
                N_("This clinic already has its own data. The demo can only be added to an empty database."),
                code="clinic_not_empty",
            )


def _write(moment: datetime, password_hash: str) -> None:
    today = clock.local(moment).date()
    appointments = lay_out(moment)
    happened, leave, hours = (
        appointment_rows(appointments),
        leave_rows(today, appointments),
        hours_rows(today, appointments),
    )
    trail = [
        *happened["audit_events"],
        *leave["audit_events"],
        *hours["audit_events"],
        *readings(appointments, happened["medical_records"], moment),
    ]
    rows = people_rows(today, password_hash) | directory_rows(today) | happened | leave | hours
    rows["audit_events"] = numbered(trail)
    rows["visits_to_settle"] = list(settling_rows.numbered([*hours["visits_to_settle"], *leave["visits_to_settle"]]))
    for name in _ORDER:
        table = Base.metadata.tables[name]
        session().execute(insert(table), rows[name])
        _count_on(table)


def _count_on(table: Table) -> None:
    """Let the next row get an id after those that were written; SQLite does so by itself."""
    if "id" not in table.columns or session().get_bind().dialect.name != "postgresql":
        return
    highest = select(func.max(table.c.id)).scalar_subquery()
    # A role that serves may take numbers, and not set where they stand.
    taken = func.nextval(func.pg_get_serial_sequence(table.name, "id"))
    session().execute(select(func.max(taken)).select_from(func.generate_series(1, highest)))


def _summary(planted: bool) -> Summary:
    def count(model: type[Base]) -> int:
        return session().scalar(select(func.count()).select_from(model)) or 0

    return Summary(
        planted=planted,
        departments=count(Department),
        services=count(Service),
        rooms=count(Room),
        doctors=count(Doctor),
        patients=count(Patient),
        appointments=count(Appointment),
        records=count(MedicalRecord),
    )
