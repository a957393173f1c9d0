"""What the layers cost: slots and visits through the domain and the API, against one SQL statement made into dicts.

Each is measured in turn with the others, so that all meet the same minute of the machine.

python -m bench.lists [DATABASE_URL of an empty PostgreSQL database]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import text

from bench.clinic import demo_clinic, table
from clinic import clock, directory, scheduling
from clinic.accounts.models import SessionKind, User
from clinic.accounts.sessions import Origin, start_session
from clinic.api.auth import tokens_of
from clinic.app import create_app
from clinic.db import db, transaction
from clinic.paging import PageRequest

ROUNDS = 150

SLOTS = text(
    "SELECT appointment_date, appointment_time, patient_id, room_id FROM appointments"
    " WHERE doctor_id = :doctor AND appointment_date = :day AND status <> 'cancelled'"
)
APPOINTMENTS = text(
    "SELECT a.*, p.full_name AS patient_name, p.email AS patient_email, p.phone_num AS patient_phone,"
    " d.full_name AS doctor_name, o.title, o.specialization, o.rating, n.name AS department_name, n.icon,"
    " n.health_examination_fee, s.name AS service_name, s.price, r.room_number, r.floor"
    " FROM appointments a JOIN users p ON p.id = a.patient_id JOIN users d ON d.id = a.doctor_id"
    " JOIN doctors o ON o.user_id = a.doctor_id JOIN departments n ON n.id = a.department_id"
    " LEFT JOIN services s ON s.id = a.service_id LEFT JOIN rooms r ON r.id = a.room_id"
    " ORDER BY a.appointment_date DESC, a.appointment_time, a.id LIMIT :size"
)


def medians(deeds: dict[str, Callable[[], Any]], rounds: int = ROUNDS) -> dict[str, float]:
    """The median milliseconds of each deed, all measured in turn."""
    times: dict[str, list[float]] = {name: [] for name in deeds}
    for round_ in range(rounds + 10):
        for name, deed in deeds.items():
            began = time.perf_counter()
            deed()
            if round_ >= 10:
                times[name].append((time.perf_counter() - began) * 1000)
    return {name: statistics.median(each) for name, each in times.items()}


def main() -> None:
    """Measure and print."""
    with demo_clinic(sys.argv[1] if len(sys.argv) > 1 else None) as environment:
        app = create_app(
            {
                "database_url": environment["DATABASE_URL"], "secret_key": environment["SECRET_KEY"],
                "env": "testing", "ratelimit_enabled": False,
            }
        )  # fmt: skip
        with app.app_context():
            measure(app.test_client())


def measure(client: Any) -> None:
    """Measure both readings and print a table each."""
    doctor = directory.doctors(lang="en").results[0]
    day = clock.today() + timedelta(days=1)
    with transaction() as session:
        admin = session.query(User).filter_by(role="admin").first()
        assert admin is not None
        entered = start_session(admin, SessionKind.API, Origin())
    actor, headers = entered.actor, {"Authorization": f"Bearer {tokens_of(entered)['access']}"}

    def raw(statement: Any, **values: Any) -> list[dict[str, Any]]:
        rows = [dict(row) for row in db.session.execute(statement, values).mappings()]
        db.session.rollback()
        return rows

    def api(address: str) -> None:
        assert client.get(f"/api/v1/{address}", headers=headers).status_code == 200

    of_doctor = {"doctor": doctor["id"], "day": day if db.engine.dialect.name != "sqlite" else day.isoformat()}
    show(
        f"A doctor's day of slots ({len(scheduling.SLOT_TIMES)})",
        {
            "one statement and dicts": lambda: raw(SLOTS, **of_doctor),
            "domain": lambda: scheduling.day_slots(doctor_id=doctor["id"], on=day),
            "API, as JSON": lambda: api(f"available-slots/?doctor_id={doctor['id']}&date={day}"),
        },
    )
    for size in (10, 100):
        show(
            f"The office's visits, {size} of them",
            {
                "one statement and dicts": partial(raw, APPOINTMENTS, size=size),
                "domain": partial(scheduling.appointments, actor, page=PageRequest(1, size)),
                "API with records, as JSON": partial(api, f"appointments/?page_size={size}"),
            },
        )


def show(title: str, deeds: dict[str, Callable[[], Any]]) -> None:
    """Measure and print the medians, and each as a multiple of the first."""
    found = medians(deeds)
    least = next(iter(found.values()))
    rows = [[name, f"{median:.2f}", f"{median / least:.1f}"] for name, median in found.items()]
    table(title, ["what", "p50 ms", "times the statement"], rows)


if __name__ == "__main__":
    main()
