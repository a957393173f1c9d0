"""Lets a demo clinic on PostgreSQL have worked for years: rows written by the database itself, in a few statements.

Each day is as full whatever the size: four of five slots of the past and of today, every seventh of the next thirty days.
So a larger clinic is an older one with more patients, and what is asked of one day should cost the same.

python -m bench.grow postgresql://user@host/database VISITS [PATIENTS]
"""

from __future__ import annotations

import sys
import time

import psycopg

from clinic import clock
from clinic.scheduling.calendar import SLOT_TIMES

DOCTORS = 60
#: How full a day is, of ten thousand slots.
PAST, COMING, COMING_DAYS = 8_000, 1_500, 30

_ROOMS = """
INSERT INTO rooms (room_number, floor, department_id, is_active, created_at)
SELECT 'G' || (100 + g), 1 + g %% 5, d.id, true, now()
FROM generate_series(1, %(new)s::int) g
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS k, count(*) OVER () AS n FROM departments WHERE is_active) d ON d.k = g %% d.n"""
_DOCTORS = """
INSERT INTO users (email, full_name, name_key, phone_num, role, is_active, is_staff, password_hash, language, created_at, updated_at)
SELECT 'grown.doctor' || g || '@clinic.example', 'Grown ' || g, 'grown ' || g, '0901234567', 'doctor', true, false,
    (SELECT password_hash FROM users WHERE email = 'doctor@clinic.example'), 'en', now(), now()
FROM generate_series(1, %(new)s::int) g"""
#: A doctor like the first of the demo clinic, in each of the new rooms.
_DOCTOR_ROWS = """
INSERT INTO doctors ({columns})
SELECT {values} FROM users u
JOIN rooms r ON r.room_number = 'G' || (100 + substring(u.email from 'doctor(\\d+)@')::int)
CROSS JOIN (SELECT * FROM doctors ORDER BY user_id LIMIT 1) t
WHERE u.email LIKE 'grown.doctor%%'"""
_OF_DOCTOR = {
    "user_id": "u.id", "department_id": "r.department_id", "room_id": "r.id", "license_number": "'GROWN-' || u.id",
    "created_at": "now()",
}  # fmt: skip
_PATIENTS = """
INSERT INTO users (email, full_name, name_key, phone_num, role, is_active, is_staff, password_hash, language, created_at, updated_at)
SELECT 'grown' || g || '@clinic.example', f || ' ' || l || ' ' || g, lower(f || ' ' || l || ' ' || g),
    lpad((g * 7919 %% 1000000000)::text, 10, '0'), 'patient', true, false, h, 'en', now(), now()
FROM (
    SELECT g, (SELECT password_hash FROM users WHERE email = 'patient@clinic.example') h,
        (array['Linh','Anna','Minh','Grace','Tuan','Omar','Hoa','Peter','Lan','Mei','Khanh','Sara','Bao','David','Thu','Ivan'])[1 + (g * 31) %% 16] f,
        (array['Nguyen','Tran','Smith','Pham','Okafor','Le','Garcia','Vo','Chen','Dang','Novak','Bui','Mueller','Ho'])[1 + (g * 17) %% 14] l
    FROM generate_series(1, %(new)s::int) g) x"""
_PATIENT_ROWS = """
INSERT INTO patients (user_id, date_of_birth, gender, address, created_at)
SELECT id, date '1940-01-01' + (id * 37 %% 28000), (array['male', 'female', 'other'])[1 + id %% 3], id || ' Street', now()
FROM users WHERE role = 'patient' AND NOT EXISTS (SELECT FROM patients p WHERE p.user_id = users.id)"""
_PLAN = """
CREATE TEMP TABLE plan AS
SELECT row_number() OVER (ORDER BY on_day DESC, place) - 1 AS k, on_day, place, doctor, department, room, dice FROM (
    SELECT %(today)s::date + o AS on_day, s AS place, d.user_id AS doctor, d.department_id AS department, d.room_id AS room, o,
        abs(hashint8((o + 40000)::bigint * 1000003 + s * 1009 + d.user_id)) %% 10000 AS dice
    FROM generate_series(-%(back)s::int, %(coming_days)s::int) o, generate_series(0, %(slots)s::int - 1) s, doctors d) x
WHERE dice < CASE WHEN o <= 0 THEN %(past)s ELSE %(coming)s END"""
_APPOINTMENTS = """
INSERT INTO appointments (patient_id, doctor_id, department_id, room_id, appointment_date, appointment_time, status, symptoms, reason,
    examination_fee, estimated_fee, cancellation_reason, cancelled_at, version, created_at, updated_at)
SELECT p.user_id, doctor, department, room, on_day, (%(times)s::time[])[place + 1], status,
    'Cough and a light fever for three days, worse at night.', 'Examination ' || z.k, 250000, 250000,
    CASE status WHEN 'cancelled' THEN 'No time' END, CASE status WHEN 'cancelled' THEN on_day - interval '2 days' END, 1,
    on_day - interval '7 days', least(now(), on_day + time '12:00')
FROM (SELECT *, CASE WHEN dice %% 100 < 10 THEN 'cancelled' WHEN on_day < %(today)s THEN
        CASE WHEN dice %% 100 < 98 THEN 'completed' ELSE 'confirmed' END
        WHEN dice %% 100 < 60 THEN 'booked' ELSE 'confirmed' END AS status FROM plan WHERE k < %(visits)s) z
JOIN (SELECT user_id, row_number() OVER (ORDER BY hashint4(user_id)) - 1 AS k FROM patients) p
    ON p.k = (z.k * 7919) %% (SELECT count(*) FROM patients)
ORDER BY on_day, place
ON CONFLICT DO NOTHING"""
_EVENTS = """
INSERT INTO appointment_events (appointment_id, at, by_user_id, by_role, what, from_status, to_status, details)
SELECT a.id, a.created_at + n * interval '1 day', CASE n WHEN 0 THEN a.patient_id ELSE a.doctor_id END,
    CASE n WHEN 0 THEN 'patient' ELSE 'doctor' END, w, f, t, '{}'
FROM appointments a CROSS JOIN LATERAL (
    SELECT 0 n, 'created' w, null f, 'booked' t
    UNION ALL SELECT 1, 'confirmed', 'booked', 'confirmed' WHERE a.status IN ('confirmed', 'completed')
    UNION ALL SELECT 7, 'completed', 'confirmed', 'completed' WHERE a.status = 'completed'
    UNION ALL SELECT 5, 'cancelled', 'booked', 'cancelled' WHERE a.status = 'cancelled') e
WHERE NOT EXISTS (SELECT FROM appointment_events x WHERE x.appointment_id = a.id) ORDER BY a.id, n"""
_RECORDS = """
INSERT INTO medical_records (appointment_id, diagnosis, prescription, treatment_plan, notes, vital_signs, version, created_by_id, created_at, updated_at)
SELECT a.id, 'Acute bronchitis, seen on ' || a.appointment_date, 'Paracetamol 500 mg: 1 tablet three times a day, 5 days',
    'Rest, fluids, come back if the fever lasts.', 'Lungs clear but for some wheezing.',
    CASE WHEN a.id %% 2 = 0 THEN '{"blood_pressure": "120/80", "heart_rate": 72, "temperature": 37.4}'::json END, 1, a.doctor_id,
    a.updated_at, a.updated_at
FROM appointments a WHERE a.status = 'completed' AND a.id %% 10 <> 0
    AND NOT EXISTS (SELECT FROM medical_records m WHERE m.appointment_id = a.id) ORDER BY a.id"""
_AUDIT = """
INSERT INTO audit_events (at, actor_id, actor_role, session_id, deed, patient_id, subject_id, request_id, details)
SELECT m.created_at + n * interval '1 hour', m.created_by_id, 'doctor', 0,
    CASE n WHEN 0 THEN 'record.created' ELSE 'record.read' END, a.patient_id, m.id, 'grown', '{}'
FROM medical_records m JOIN appointments a ON a.id = m.appointment_id CROSS JOIN generate_series(0, 1) n ORDER BY m.created_at"""
_OUTBOX = """
INSERT INTO outbox (recipient, kind, language, subject, body, status, created_at, sent_at, attempts, next_attempt_at)
SELECT u.email, 'visit_booked', 'en', 'Your visit', 'Your visit is booked for ' || a.appointment_date, 'sent', a.created_at, a.created_at,
    1, a.created_at
FROM appointments a JOIN users u ON u.id = a.patient_id WHERE u.email IS NOT NULL ORDER BY a.id"""


def grow(url: str, visits: int, patients: int | None = None) -> None:
    """Bring the clinic in an empty demo database to ``visits``, with ten for each patient if not told otherwise."""
    began = time.perf_counter()
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for setting in ("synchronous_commit = off", "work_mem = '256MB'"):
            connection.execute(f"SET {setting}".encode())

        def count(table: str) -> int:
            return int(next(iter(connection.execute(f"SELECT count(*) FROM {table}".encode())))[0])

        today = clock.today()
        new = {"new": max(0, DOCTORS - count("doctors"))}
        for statement in (_ROOMS, _DOCTORS):
            connection.execute(statement.encode(), new)
        names = [row[0] for row in connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'doctors'::regclass AND attnum > 0 AND NOT attisdropped"
        )]  # fmt: skip
        values = [_OF_DOCTOR.get(name, f't."{name}"') for name in names]
        connection.execute(_DOCTOR_ROWS.format(columns=", ".join(names), values=", ".join(values)).encode(), {})
        connection.execute(_PATIENTS.encode(), {"new": max(0, (patients or visits // 10) - count("patients"))})
        connection.execute(_PATIENT_ROWS.encode(), {})
        doctors, present = count("doctors"), count("appointments")
        perday, coming = doctors * len(SLOT_TIMES) * PAST / 1e4, doctors * len(SLOT_TIMES) * COMING_DAYS * COMING / 1e4
        facts = {
            "today": today, "back": int((visits - present - coming) / perday) + 3, "coming_days": COMING_DAYS,
            "slots": len(SLOT_TIMES), "past": PAST, "coming": COMING, "times": list(SLOT_TIMES), "visits": visits - present,
        }  # fmt: skip
        for statement in (_PLAN, _APPOINTMENTS, _EVENTS, _RECORDS, _AUDIT, _OUTBOX):
            connection.execute(statement.encode(), facts)
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
        tables = (
            "doctors",
            "patients",
            "appointments",
            "appointment_events",
            "medical_records",
            "audit_events",
            "outbox",
        )
        print(", ".join(f"{count(table):,} {table}" for table in tables), f"in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    grow(sys.argv[1], *map(int, sys.argv[2:]))
