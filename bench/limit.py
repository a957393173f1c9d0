"""The limit that the portal is measured against: Flask, psycopg and orjson, one statement a call, nothing else.

No sign-in, no rules, no audit, no schema, no log: who asks says so in a header (``X-Who: patient:7``). The answers have
the shapes of the portal's. Served as the portal is, on the same database: ``LIMIT_DATABASE`` is a psycopg URL.
"""

from __future__ import annotations

import os
import threading
from datetime import time
from typing import Any

import orjson
import psycopg
from flask import Flask, Response, request

from clinic.scheduling.calendar import SLOT_TIMES

app = Flask(__name__)
_of_thread = threading.local()


def rows(statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Return the rows of one prepared statement, on this thread's connection."""
    connection = getattr(_of_thread, "connection", None)
    if connection is None:
        connection = _of_thread.connection = psycopg.connect(
            os.environ["LIMIT_DATABASE"], autocommit=True, prepare_threshold=1, options="-c timezone=UTC"
        )
    return list(connection.execute(statement, values).fetchall())


def answer(body: object, status: int = 200) -> Response:
    """Return ``body`` as JSON."""
    return Response(orjson.dumps(body), status, mimetype="application/json")


def listed(found: list[tuple[Any, ...]], results: list[dict[str, Any]]) -> Response:
    """Return a page; its count stands last in each row."""
    return answer({"count": found[0][-1] if found else 0, "next": None, "previous": None, "results": results})


_DEPARTMENTS = """
SELECT d.id, d.name, d.icon, d.description, d.health_examination_fee::text, d.is_active,
    (SELECT count(*) FROM services s WHERE s.department_id = d.id AND s.is_active), d.created_at, d.updated_at,
    count(*) OVER ()
FROM departments d WHERE d.is_active ORDER BY d.name LIMIT 10"""
_DEPARTMENT_KEYS = (
    "id", "name", "icon", "description", "health_examination_fee", "is_active", "services_count", "created_at", "updated_at",
)  # fmt: skip


@app.get("/api/v1/departments/")
def departments() -> Response:
    """List departments."""
    found = rows(_DEPARTMENTS)
    return listed(found, [dict(zip(_DEPARTMENT_KEYS, row[:-1], strict=True)) for row in found])


_DOCTORS = """
SELECT u.id, u.id, u.full_name, u.email, u.phone_num, d.title, d.specialization, d.department_id, n.name, n.icon,
    d.experience_years, d.consultation_fee::text, d.rating::text, d.avatar_url, d.total_reviews, d.bio, count(*) OVER ()
FROM doctors d JOIN users u ON u.id = d.user_id JOIN departments n ON n.id = d.department_id
WHERE u.is_active AND n.is_active ORDER BY d.rating DESC, d.total_reviews DESC, u.id LIMIT 10"""
_DOCTOR_KEYS = (
    "id", "user_id", "full_name", "email", "phone_num", "title", "specialization", "department_id", "department_name",
    "department_icon", "experience_years", "consultation_fee", "rating", "avatar_url", "total_reviews", "bio",
)  # fmt: skip


@app.get("/api/v1/doctors/")
def doctors() -> Response:
    """List doctors."""
    found = rows(_DOCTORS)
    return listed(found, [dict(zip(_DOCTOR_KEYS, row[:-1], strict=True)) for row in found])


_SLOTS = """
SELECT u.full_name, d.specialization, r.room_number, ARRAY(
    SELECT appointment_time FROM appointments a
    WHERE a.doctor_id = d.user_id AND a.appointment_date = %s::date AND a.status <> 'cancelled')
FROM doctors d JOIN users u ON u.id = d.user_id LEFT JOIN rooms r ON r.id = d.room_id
WHERE d.user_id = %s AND u.is_active"""
_TIMES: list[tuple[time, str]] = [(at, f"{at:%H:%M}") for at in SLOT_TIMES]


@app.get("/api/v1/available-slots/")
def slots() -> Response:
    """List the slots of a doctor's day."""
    doctor, on = int(request.args["doctor_id"]), request.args["date"]
    name, specialization, room, booked = rows(_SLOTS, on, doctor)[0]
    taken = set(booked)
    shown = [{"time": word, "available": at not in taken, "room": None if at in taken else room} for at, word in _TIMES]
    person = {"id": doctor, "full_name": name, "specialization": specialization}
    return answer({"date": on, "doctor": person, "available_slots": shown})


_APPOINTMENT = """
SELECT a.id, a.patient_id, p.full_name, p.email, p.phone_num, a.doctor_id, u.full_name, d.title, d.specialization,
    d.rating::float8, d.avatar_url, n.id, n.name, n.icon, n.description, n.health_examination_fee::text, n.is_active,
    (SELECT count(*) FROM services v WHERE v.department_id = n.id AND v.is_active), n.created_at, n.updated_at,
    r.id, r.room_number, r.floor, r.department_id, r.is_active, r.created_at,
    a.appointment_date, a.appointment_time, a.status, a.symptoms, a.reason, a.notes, a.estimated_fee::text,
    a.cancellation_reason, a.cancelled_at, a.rescheduled_from, a.created_at, a.updated_at,
    m.id, m.diagnosis, m.prescription, m.treatment_plan, m.notes, m.follow_up_date, m.vital_signs, m.created_by_id,
    m.created_at, m.updated_at {more}
FROM {appointments} a JOIN users p ON p.id = a.patient_id JOIN users u ON u.id = a.doctor_id
JOIN doctors d ON d.user_id = a.doctor_id JOIN departments n ON n.id = a.department_id
LEFT JOIN rooms r ON r.id = a.room_id LEFT JOIN medical_records m ON m.appointment_id = a.id """
#: The parts of an appointment's body and their keys, in the order of the select.
_PARTS: dict[str, tuple[str, ...]] = {
    "": ("id",),
    "patient": ("id", "full_name", "email", "phone_num"),
    "doctor": ("id", "full_name", "title", "specialization", "rating", "avatar_url"),
    "department": _DEPARTMENT_KEYS,
    "room": ("id", "room_number", "floor", "department", "is_active", "created_at"),
    " ": (
        "appointment_date", "appointment_time", "status", "symptoms", "reason", "notes", "estimated_fee",
        "cancellation_reason", "cancelled_at", "rescheduled_from", "created_at", "updated_at",
    ),
    "medical_record": (
        "id", "diagnosis", "prescription", "treatment_plan", "notes", "follow_up_date", "vital_signs", "created_by",
        "created_at", "updated_at",
    ),
}  # fmt: skip


def body_of(row: tuple[Any, ...]) -> dict[str, Any]:
    """Return an appointment as the API writes it."""
    body: dict[str, Any] = {"service": None}
    at = 0
    for part, keys in _PARTS.items():
        values = dict(zip(keys, row[at : at + len(keys)], strict=True))
        at += len(keys)
        if part.strip():
            body[part] = None if values["id"] is None else values
        else:
            body |= values
    return body


_OF_ROLE = {"patient": " WHERE a.patient_id = %s", "doctor": " WHERE a.doctor_id = %s"}


@app.get("/api/v1/appointments/")
def appointments() -> Response:
    """List the appointments of whoever asks."""
    role, who = request.headers.get("X-Who", "admin:0").split(":")
    where = _OF_ROLE.get(role, "")
    own = [int(who)] if where else []
    select = _APPOINTMENT.format(more=f", (SELECT count(*) FROM appointments a{where})", appointments="appointments")
    order = " ORDER BY a.appointment_date DESC, a.appointment_time, a.id LIMIT %s"
    found = rows(select + where + order, *own, *own, int(request.args.get("page_size", 10)))
    return listed(found, [body_of(row) for row in found])


@app.get("/api/v1/appointments/<int:appointment_id>/")
def appointment(appointment_id: int) -> Response:
    """Read one appointment with its record."""
    select = _APPOINTMENT.format(more="", appointments="appointments")
    return answer(body_of(rows(select + " WHERE a.id = %s", appointment_id)[0]))


_BOOK = """
WITH booked AS (
    INSERT INTO appointments (patient_id, doctor_id, department_id, room_id, appointment_date, appointment_time,
        status, symptoms, reason, examination_fee, estimated_fee, created_at, updated_at)
    SELECT %s, d.user_id, d.department_id, d.room_id, %s, %s, 'booked', %s, %s, n.health_examination_fee,
        n.health_examination_fee, now(), now()
    FROM doctors d JOIN departments n ON n.id = d.department_id WHERE d.user_id = %s RETURNING *
)""" + _APPOINTMENT.format(more="", appointments="booked")


@app.post("/api/v1/appointments/")
def book() -> Response:
    """Book an appointment: one row, if the slot is free."""
    body = orjson.loads(request.get_data())
    who = int(request.headers["X-Who"].split(":")[1])
    [booked] = rows(
        _BOOK, who, body["appointment_date"], body["appointment_time"], body.get("symptoms"), body.get("reason"),
        body["doctor_id"],
    )  # fmt: skip
    return answer({"success": True, "message": "Your visit is booked.", "appointment": body_of(booked)}, 201)
