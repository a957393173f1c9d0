"""What deep pages cost: the middle and the end of long lists against their first page, by keyset and by number.

Two hundred thousand visits with what they leave behind (records, readings, mail), or as many as are asked for. It takes
minutes, most of them to write the rows.

python -m bench.deep [DATABASE_URL of an empty PostgreSQL database] [VISITS]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text

from bench.clinic import demo_clinic, table
from bench.lists import medians
from clinic import accounts, clock, mail, records, scheduling
from clinic.accounts.models import Patient, SessionKind, User
from clinic.accounts.sessions import Origin, start_session
from clinic.api.auth import tokens_of
from clinic.app import create_app
from clinic.audit import AuditEvent
from clinic.db import db, transaction
from clinic.directory.models import Doctor
from clinic.mail import MailStatus, OutboxMail
from clinic.paging import Keyset, Page, PageRequest
from clinic.policy import Actor
from clinic.records.models import MedicalRecord
from clinic.scheduling.calendar import SLOT_TIMES
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.models import Appointment

APPOINTMENTS = 200_000
#: Visits of a patient.
APPOINTMENTS_EACH = 10
BATCH = 10_000
ROUNDS = 15

Row = dict[str, Any]
Listing = Callable[..., Page]
#: By address: how long the list is, and what fetches its first page, one in the middle, and the last rows.
Deeds = dict[str, tuple[int, list[Callable[[], None]]]]


# --- many rows --------------------------------------------------------------------------------------------------------


def write(model: Any, rows: Iterable[Row]) -> None:
    """Write many rows, each batch in one statement."""
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        with transaction() as session:
            session.execute(insert(model), batch)


def people(number: int) -> Iterator[Row]:
    """Users who are patients, their names in no order."""
    for each in range(number):
        name = f"patient {each * 7919 % number:06d}"
        yield {
            "email": f"many{each}@example.com", "full_name": name.title(), "name_key": name, "phone_num": "0901234567",
            "role": "patient", "password_hash": "-",
        }  # fmt: skip


def appointments(number: int, doctors: list[tuple[int, int]], patients: list[int]) -> Iterator[Row]:
    """Completed visits of the past: at each slot every doctor sees another patient."""
    for each in range(number):
        slot, doctor = divmod(each, len(doctors))
        yield {
            "patient_id": patients[each % len(patients)], "doctor_id": doctors[doctor][0],
            "department_id": doctors[doctor][1], "status": AppointmentStatus.COMPLETED, "examination_fee": Decimal(200_000), "estimated_fee": Decimal(200_000),
            "appointment_date": date(2025, 1, 1) - timedelta(days=slot // len(SLOT_TIMES)),
            "appointment_time": SLOT_TIMES[slot % len(SLOT_TIMES)],
        }  # fmt: skip


def grow(number: int) -> None:
    """Let the clinic have worked for years."""
    seeded = db.session.scalars(select(User.id)).all()
    write(User, people(number // APPOINTMENTS_EACH))
    patients = list(db.session.scalars(select(User.id).where(User.id.not_in(seeded))))
    write(Patient, ({"user_id": each, "date_of_birth": date(1990, 5, 17), "gender": "other"} for each in patients))
    doctors = [(row[0], row[1]) for row in db.session.execute(select(Doctor.user_id, Doctor.department_id))]
    write(Appointment, appointments(number, doctors, patients))
    held = db.session.execute(
        select(Appointment.id, Appointment.doctor_id, Appointment.patient_id).where(
            Appointment.id.not_in(select(MedicalRecord.appointment_id)),
            Appointment.status == AppointmentStatus.COMPLETED,
        )
    ).all()
    write(MedicalRecord, ({"appointment_id": row[0], "created_by_id": row[1], "diagnosis": "Well"} for row in held))
    began = clock.now() - timedelta(seconds=len(held))
    write(
        AuditEvent,
        (
            {
                "at": began + timedelta(seconds=each), "actor_id": row[1], "actor_role": "doctor", "session_id": 1,
                "action": "record.read", "patient_id": row[2], "subject_id": row[0], "details": {},
            }
            for each, row in enumerate(held)
        ),
    )  # fmt: skip
    letter = {"kind": "visit_booked", "language": "en", "subject": "Your visit", "body": "-", "status": MailStatus.SENT}
    write(OutboxMail, ({**letter, "to": f"many{each % len(patients)}@example.com"} for each in range(number)))
    with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE" if db.engine.dialect.name == "sqlite" else "VACUUM ANALYZE"))


# --- readers ----------------------------------------------------------------------------------------------------------


class Reader:
    """Somebody signed in, in a browser and over the API."""

    def __init__(self, app: Flask, user_id: int) -> None:
        self.browser, self.program = app.test_client(), app.test_client()
        with transaction() as session:
            user = session.get_one(User, user_id)
            secret = start_session(user, SessionKind.BROWSER, Origin()).secret
            entered = start_session(user, SessionKind.API, Origin())
        self.actor: Actor = entered.actor
        self._bearer = {"Authorization": f"Bearer {tokens_of(entered)['access']}"}
        with self.browser.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = secret, True

    def page(self, address: str) -> None:
        """Fetch a page."""
        self._fetch(self.browser, address)

    def api(self, address: str) -> None:
        """Fetch a list over the API."""
        self._fetch(self.program, f"/api/v1/{address}", headers=self._bearer)

    def _fetch(self, client: FlaskClient, address: str, **more: Any) -> None:
        answer = client.get(address, **more)
        assert answer.status_code == 200, (address, answer.status_code)


def cursor_at(listing: Listing, row: int) -> str:
    """Return the cursor of the row with this number of a list."""
    cursor = None
    while row:
        step = min(row, BATCH)
        cursor = listing(page=Keyset(step, after=cursor)).cursors[-1]
        row -= step
    assert cursor is not None
    return cursor


def main() -> None:
    """Measure and print."""
    given = [each for each in sys.argv[1:] if not each.isdecimal()]
    number = next((int(each) for each in sys.argv[1:] if each.isdecimal()), APPOINTMENTS)
    with demo_clinic(given[0] if given else None) as environment:
        app = create_app(
            {
                "database_url": environment["DATABASE_URL"], "secret_key": environment["SECRET_KEY"],
                "env": "testing", "ratelimit_enabled": False,
            }
        )  # fmt: skip
        with app.app_context():
            grow(number)
            pages, lists = deeds_of(app)
        # Out of the context, as in life: each request has one of its own.
        show("Pages, by keyset", pages)
        show("API, by number", lists)


def deeds_of(app: Flask) -> tuple[Deeds, Deeds]:
    """Return what is measured: the pages of a doctor and of the office, and the lists of the API."""
    admin = db.session.scalars(select(User.id).where(User.role == "admin").limit(1)).one()
    office = Reader(app, admin)
    doctor = Reader(app, db.session.scalars(select(Doctor.user_id).limit(1)).one())
    pages: dict[str, tuple[Reader, Listing]] = {
        "/admin/appointments": (office, partial(scheduling.appointments, office.actor)),
        "/admin/trail": (office, partial(records.audit_trail, office.actor)),
        "/admin/outbox": (office, mail.in_outbox),
        "/admin/users": (office, partial(accounts.people, office.actor)),
        "/doctor/appointments": (doctor, partial(scheduling.appointments, doctor.actor)),
        "/doctor/patients": (doctor, partial(scheduling.own_patients, doctor.actor)),
    }
    lists = {
        "appointments/": (office, pages["/admin/appointments"][1]),
        "medical-records/": (office, partial(records.my_records, office.actor)),
        "doctor/appointments/": (doctor, pages["/doctor/appointments"][1]),
    }
    return (
        {path: by_keyset(path, *listing) for path, listing in pages.items()},
        {path: by_number(path, *listing) for path, listing in lists.items()},
    )


def rows_of(listing: Listing) -> int:
    """Return how many rows a list has."""
    return listing(page=PageRequest(1, 1)).count


def by_keyset(path: str, reader: Reader, listing: Listing) -> tuple[int, list[Callable[[], None]]]:
    """Return how long a page's list is, and what fetches its first page, one in the middle, and the last rows."""
    count = rows_of(listing)
    middle, end = (cursor_at(listing, row) for row in (count // 2, count - 20))
    addresses = (path, f"{path}?after={middle}", f"{path}?after={end}")
    return count, [partial(reader.page, address) for address in addresses]


def by_number(path: str, reader: Reader, listing: Listing) -> tuple[int, list[Callable[[], None]]]:
    """Return the same for a list of the API."""
    count = rows_of(listing)
    numbers = (1, count // 20, -(-count // 10))
    return count, [partial(reader.api, f"{path}?page={number}") for number in numbers]


def show(title: str, lists: Deeds) -> None:
    """Print the first page's milliseconds, and the others as its multiples."""
    rows = []
    for path, (count, deeds) in lists.items():
        found = medians({str(place): deed for place, deed in enumerate(deeds)}, ROUNDS)
        first = found["0"]
        rows.append([path, f"{count:,}", f"{first:.1f}", f"{found['1'] / first:.2f}", f"{found['2'] / first:.2f}"])
    table(title, ["list", "rows", "first page, p50 ms", "middle / first", "end / first"], rows)


if __name__ == "__main__":
    main()
