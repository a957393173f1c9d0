"""The demo clinic in tests: planted at a moment, its tables, and its histories done again by the domain's commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any

from flask import Flask
from sqlalchemy import insert, select

from clinic import clock, records, scheduling
from clinic.db import Base, session, transaction
from clinic.policy import Actor, Duty, Purpose, Role
from clinic.seed import plant

Tables = dict[str, list[dict[str, Any]]]

#: Tuesday, 11:20 in the clinic.
TUESDAY = datetime(2026, 11, 24, 4, 20, tzinfo=UTC)
PEOPLE_AND_OFFER = ("users", "patients", "departments", "services", "rooms", "doctors")
APPOINTMENTS = (
    "doctor_leave",
    "opening_hours",
    "doctor_hours",
    "extra_hours",
    "closures",
    "visits_to_settle",
    "appointments",
    "appointment_events",
    "note_revisions",
    "staff_note_revisions",
    "medical_records",
    "record_revisions",
    "audit_events",
)


def dump(*names: str) -> Tables:
    """All rows of the tables, by primary key."""
    found = {}
    for name in names or tuple(Base.metadata.tables):
        table = Base.metadata.tables[name]
        rows = session().execute(select(table).order_by(*table.primary_key.columns)).mappings()
        found[name] = [dict(row) for row in rows]
    session().rollback()
    return found


def without(tables: Tables, *columns: str) -> Tables:
    """The rows without some columns."""
    return {
        name: [{key: value for key, value in row.items() if key not in columns} for row in rows]
        for name, rows in tables.items()
    }


@contextmanager
def planted(app: Flask, moment: datetime = TUESDAY) -> Iterator[Tables]:
    """The demo clinic as it was planted at ``moment``, at which the clock stands."""
    with app.app_context(), clock.freeze(moment):
        assert plant().planted
        yield dump()


def by_email(tables: Tables, email: str) -> int:
    return next(row["id"] for row in tables["users"] if row["email"] == email)


def appointments_of(tables: Tables, column: str, email: str) -> list[dict[str, Any]]:
    user_id = by_email(tables, email)
    return [row for row in tables["appointments"] if row[column] == user_id]


def actor_of(tables: Tables, user_id: int) -> Actor:
    user = next(row for row in tables["users"] if row["id"] == user_id)
    return Actor(
        user_id=user_id,
        role=Role(user["role"]),
        full_name=user["full_name"],
        email=user["email"],
        session_id=0,
        language="en",
        duties=frozenset(Duty(duty) for duty in user["duties"]),
    )


def replay(tables: Tables) -> None:
    """Write people and offer as they are, then do by commands, each at its moment, what the histories tell."""
    with transaction() as current:
        for name in PEOPLE_AND_OFFER:
            current.execute(insert(Base.metadata.tables[name]), tables[name])
    appointments = {row["id"]: row for row in tables["appointments"]}
    noted = {(row["appointment_id"], row["at"]): row["text"] for row in tables["note_revisions"]}
    appointment_of = {row["id"]: row["appointment_id"] for row in tables["medical_records"]}
    deeds = [(row["at"], "event", row) for row in tables["appointment_events"]]
    deeds += [(row["at"], "record", row) for row in tables["record_revisions"]]
    deeds += [(row["at"], "staff notes", row) for row in tables["staff_note_revisions"]]
    deeds += [
        (row["created_at"], "leave", row | {"by_user_id": row["created_by_id"]}) for row in tables["doctor_leave"]
    ]
    deeds += [(row["at"], "hours", row | {"by_user_id": row["actor_id"]}) for row in entered_hours(tables)]
    deeds += [
        (row["at"], "reading", row | {"by_user_id": row["actor_id"]})
        for row in tables["audit_events"]
        if row["deed"] == "record.read"
    ]
    deeds.sort(
        key=lambda deed: (
            deed[0],
            ("event", "staff notes", "record", "hours", "leave", "reading").index(deed[1]),
            deed[2]["id"],
        )
    )
    for at, kind, row in deeds:
        with clock.freeze(at):
            actor = actor_of(tables, row["by_user_id"])
            if kind == "staff notes":
                scheduling.write_staff_notes(actor, row["appointment_id"], row["text"])
            elif kind == "leave":
                hours = {name: row[name] for name in ("from_time", "to_time", "reason", "doctor_id")}
                scheduling.take_leave(actor, first_day=row["first_day"], last_day=row["last_day"], **hours)
            elif kind == "hours":
                enter_hours(actor, row, tables)
            elif kind == "reading":
                stated = row["details"].get("purpose")
                reader = actor.for_purpose(Purpose(stated)) if stated else actor
                records.record_of(reader, appointment_of[row["subject_id"]])
            elif kind == "record":
                content = ("diagnosis", "prescription", "treatment_plan", "notes", "follow_up_date", "vital_signs")
                records.write_record(actor, appointment_of[row["record_id"]], **{name: row[name] for name in content})
            else:
                replay_event(actor, row, appointments[row["appointment_id"]], noted)


def replay_event(
    actor: Actor, event: dict[str, Any], appointment: dict[str, Any], noted: dict[tuple[int, datetime], str]
) -> None:
    details = event["details"]
    match event["what"]:
        case "created":
            came_from = appointment["rescheduled_from"]
            on = date.fromisoformat(came_from["date"]) if came_from else appointment["appointment_date"]
            at = time.fromisoformat(came_from["time"]) if came_from else appointment["appointment_time"]
            texts = {name: appointment[name] for name in ("symptoms", "reason")}
            notes = noted.get((appointment["id"], event["at"]))
            ids = {name: appointment[name] for name in ("doctor_id", "department_id")}
            row = scheduling.book(actor, on=on, at=at, notes=notes, **texts, **ids)
            assert row["id"] == appointment["id"]
        case "rescheduled":
            to = details["to"]
            on, at = date.fromisoformat(to["date"]), time.fromisoformat(to["time"])
            scheduling.reschedule(actor, appointment["id"], on=on, at=at, reason=details["reason"])
        case "edited":
            scheduling.edit_appointment(actor, appointment["id"], {"notes": noted[appointment["id"], event["at"]]})
        case "cancelled":
            scheduling.cancel(actor, appointment["id"], details["reason"])
        case "service_assigned":
            scheduling.assign_service(actor, appointment["id"], details["service_id"])
        case "confirmed":
            scheduling.confirm(actor, appointment["id"])
        case "completed":
            scheduling.complete(actor, appointment["id"])
        case other:
            raise AssertionError(other)


def entered_hours(tables: Tables) -> list[dict[str, Any]]:
    """The entries of the audit that tell of hours, extra hours and closures."""
    return [
        row
        for row in tables["audit_events"]
        if row["deed"].startswith(("opening_hours", "doctor_hours", "extra_", "closure"))
    ]


def enter_hours(actor: Actor, entry: dict[str, Any], tables: Tables) -> None:
    """Enter what an entry of the audit tells of."""

    def parts(row: dict[str, Any], *names: str) -> dict[str, Any]:
        return {name: row[name] for name in names}

    hours = ("weekday", "from_time", "to_time")
    match entry["deed"]:
        case "opening_hours.changed":
            scheduling.set_opening_hours(actor, [parts(row, *hours) for row in tables["opening_hours"]])  # type: ignore[misc]
        case "doctor_hours.changed":
            own = [row for row in tables["doctor_hours"] if row["doctor_id"] == entry["subject_id"]]
            more = ("room_id", "valid_from", "valid_until")
            scheduling.set_doctor_hours(actor, entry["subject_id"], [parts(row, *hours, *more) for row in own])  # type: ignore[misc]
        case "extra_hours.entered":
            [row] = tables["extra_hours"]
            scheduling.add_extra_hours(actor, row["doctor_id"], **parts(row, "day", "from_time", "to_time"))
        case "closure.entered":
            [row] = tables["closures"]
            name_vi = row["translations"]["vi"]["name"]
            scheduling.add_closure(actor, name_vi=name_vi, **parts(row, "first_day", "last_day", "name"))
        case other:
            raise AssertionError(other)
