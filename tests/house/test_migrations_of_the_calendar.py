"""The way back from the clinic's calendar and its settings refuses, rather than lose what the clinic goes by."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from flask_migrate import upgrade
from sqlalchemy import delete, insert

from clinic.db import Base
from clinic.operations import migrations
from tests.house.test_migrations import APPOINTMENT, NOBODY_WRITES_TO, PATIENT

AT = datetime(2026, 3, 2, tzinfo=UTC)
MORNING = {"from_time": time(8), "to_time": time(12)}
PAST, COMING = date(2020, 1, 1), date(9000, 1, 1)
SAVED = {"at": AT, "by_user_id": 1, "changes": {}}
SETTLED = {"outcome": "kept", "settled_at": AT}
#: Rows by table, the last one of the calendar's being what has to go first; the others are over.
ROWS = {
    "users": [NOBODY_WRITES_TO | {"email": f"p{number}@example.com"} for number in range(2)],
    "departments": [{"name": "Heart", "health_examination_fee": 200_000}],
    "patients": [PATIENT],
    "doctors": [{"user_id": 2, "department_id": 1, "license_number": "L"}],
    "appointments": [APPOINTMENT],
    "opening_hours": [MORNING | {"weekday": 1}],
    "doctor_hours": [MORNING | {"doctor_id": 2, "weekday": 1, "valid_until": until} for until in (PAST, None)],
    "extra_hours": [MORNING | {"doctor_id": 2, "day": day, "created_at": AT} for day in (PAST, COMING)],
    "closures": [
        {"first_day": day, "last_day": day, "name": "Tet", "translations": {}, "created_at": AT}
        for day in (PAST, COMING)
    ],
    "visits_to_settle": [
        {"appointment_id": 1, "cause": "leave", "opened_at": AT, "outcome": None, "settled_at": None} | end
        for end in (SETTLED, {})
    ],
    "clinic_settings": [SAVED | {"version": 1, "overrides": {"clinic_name": "Heart"}}],
}  # fmt: skip
CALENDAR = {
    "opening_hours": "opening hours", "doctor_hours": "hours of doctors", "extra_hours": "extra hours",
    "closures": "closures", "visits_to_settle": "visits to settle",
}  # fmt: skip


def test_what_the_clinic_goes_by_keeps_the_version_before_away(blank):
    """It would open closed days, show nobody what is to be settled, and go by its environment."""
    with blank("calendar") as engine:
        upgrade()
        with engine.begin() as connection:
            for table, rows in ROWS.items():
                connection.execute(insert(Base.metadata.tables[table]), rows)
        with pytest.raises(migrations.MigrationError, match="settings that are saved in the portal would be lost"):
            migrations.downgrade(engine, "0040")
        with engine.begin() as connection:
            as_environment = SAVED | {"version": 2, "overrides": {}}
            connection.execute(insert(Base.metadata.tables["clinic_settings"]), [as_environment])
        what = ", ".join(f"{name}: 1" for name in CALENDAR.values())
        with pytest.raises(migrations.MigrationError, match=f"{what} would be lost"):
            migrations.downgrade(engine, "0040")
        with engine.begin() as connection:
            for table in map(Base.metadata.tables.__getitem__, CALENDAR):
                connection.execute(delete(table).where(table.c.id == len(ROWS[table.name])))
        migrations.downgrade(engine, "0040")
