"""The rows that the document's examples show: of one clinic's one day."""

from clinic.scheduling import HOURS, SLOT_TIMES

_AT = "2026-03-02T09:00:00+07:00"
_LATER = "2026-03-02T09:12:41+07:00"
#: When the visit of the examples is, and to when it is moved.
_BEGIN, _END = (at.isoformat() for at in (HOURS[0], HOURS[-1]))
_SLOT, MOVED_TO = SLOT_TIMES[4], SLOT_TIMES[-5]
JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIiwic2lkIjoxfQ.c2lnbmF0dXJl"

CARDIOLOGY = {"id": 1, "name": "Cardiology", "icon": "heartbeat"}
DEPARTMENT = {
    **CARDIOLOGY,
    "description": "Heart and blood vessels.",
    "health_examination_fee": "200000.00",
    "is_active": True,
    "services_count": 1,
    "created_at": _AT,
    "updated_at": _AT,
}
SERVICE = {
    "id": 1,
    "name": "ECG",
    "department_id": 1,
    "department_name": "Cardiology",
    "department_icon": "heartbeat",
    "description": "Electrocardiogram at rest.",
    "price": "150000.00",
    "is_active": True,
    "created_at": _AT,
}
ROOM = {"id": 1, "room_number": "201", "floor": 2, "department": 1, "is_active": True, "created_at": _AT}
DOCTOR = {
    "id": 3,
    "user_id": 3,
    "full_name": "Dr Chen",
    "email": "chen@clinic.example",
    "phone_num": "0901234567",
    "title": "Specialist",
    "specialization": "Arrhythmia",
    "department_id": 1,
    "department_name": "Cardiology",
    "department_icon": "heartbeat",
    "experience_years": 9,
    "consultation_fee": "300000.00",
    "rating": "4.80",
    "avatar_url": None,
    "total_reviews": 112,
    "bio": "Sees people of all ages.",
    "examination_fee": "200000.00",
    "languages": ["vi", "en"],
}
PATIENT_PROFILE = {
    "date_of_birth": "1990-05-17",
    "gender": "female",
    "address": "12 Lê Lợi, Quận 1",
    "insurance_id": None,
    "emergency_contact": "Bình Nguyễn",
    "emergency_contact_phone": "0907654321",
}
USER = {
    "id": 1,
    "email": "ana@example.com",
    "full_name": "Ana Nguyễn",
    "phone_num": "0901234567",
    "role": "patient",
    "is_active": True,
    "created_at": _AT,
    "updated_at": _AT,
    "patient_profile": PATIENT_PROFILE,
    "email_confirmed": True,
    "pending_email": None,
    "identity_seen": False,
}
TOKENS = {"access": JWT, "refresh": JWT}
CREDENTIALS = {"email": "ana@example.com", "password": "Clinic-demo-2026"}
VITALS = {"blood_pressure": "148/92", "temperature": 36.6, "heart_rate": 81}
ENTRY = {
    "diagnosis": "Stage 1 hypertension",
    "prescription": "Amlodipine 5 mg, one a day",
    "treatment_plan": "Less salt, more walking",
    "notes": None,
    "follow_up_date": "2026-04-01",
    "vital_signs": VITALS,
}
RECORD = {
    "id": 1,
    "appointment": 1,
    "appointment_id": 1,
    **ENTRY,
    "created_by": 3,
    "created_by_name": "Dr Chen",
    "created_at": _LATER,
    "updated_at": _LATER,
}
STAFF_NOTES = {
    "appointment_id": 1,
    "staff_notes": "Hard of hearing on the left; her son calls for her.",
    "written_by_name": "Dr Chen",
    "written_at": _LATER,
}
CLINIC = {
    "clinic_name": "Sen Clinic",
    "letterhead": "Sen Health JSC, licence 0123/HCM",
    "letterhead_vi": "Công ty Cổ phần Y tế Sen, giấy phép 0123/HCM",
    "phone": "028 1234 5678",
    "email": "hello@clinic.example",
    "address": "12 Lotus Street, Ward 6, Ho Chi Minh City",
    "address_vi": "12 đường Hoa Sen, phường 6, Thành phố Hồ Chí Minh",
    "map_url": "https://maps.example/sen-clinic",
    "emergency_number": "115",
    "horizon_days": 30,
    "notice_hours": 24,
    "lead_hours": 2,
    "languages": ["en", "vi"],
    "is_demo": False,
    "timezone": "Asia/Ho_Chi_Minh",
}
_MORNING = {"weekday": 1, "from_time": _BEGIN, "to_time": "12:00:00"}
OPENING_HOURS = {"hours": [_MORNING, {**_MORNING, "from_time": "13:00:00", "to_time": _END}]}
DOCTOR_HOURS = {
    "doctor_id": 3,
    "hours": [{**_MORNING, "room_id": 1, "valid_from": "2026-03-01", "valid_until": None}],
}
EXTRA_HOURS = {"id": 1, "day": "2026-03-08", "from_time": "09:00:00", "to_time": "11:00:00", "room_id": None}
LEAVE = {
    "id": 1,
    "first_day": "2026-03-04",
    "last_day": "2026-03-05",
    "from_time": None,
    "to_time": None,
    "reason": "Congress in Huế",
}
CLOSURE = {
    "id": 1,
    "first_day": "2026-04-26",
    "last_day": "2026-04-26",
    "from_time": None,
    "to_time": None,
    "name": "Hung Kings' Commemoration Day",
    "holiday": "VN 2026-04-26 Hung Kings' Commemoration Day",
}
BOOKING = {
    "doctor_id": 3,
    "department_id": 1,
    "appointment_date": "2026-03-04",
    "appointment_time": f"{_SLOT:%H:%M}",
    "symptoms": "Palpitations",
    "reason": "Check-up",
    "notes": "",
}
APPOINTMENT = {
    "id": 1,
    "patient": {key: USER[key] for key in ("id", "full_name", "email", "phone_num")},
    "doctor": {
        **{key: DOCTOR[key] for key in ("id", "full_name", "specialization", "title", "avatar_url")},
        "rating": 4.8,
    },
    "department": DEPARTMENT,
    "service": None,
    "appointment_date": "2026-03-04",
    "appointment_time": f"{_SLOT:%H:%M:%S}",
    "room": ROOM,
    "status": "booked",
    "symptoms": "Palpitations",
    "reason": "Check-up",
    "notes": None,
    "estimated_fee": "200000.00",
    "cancellation_reason": None,
    "cancelled_at": None,
    "rescheduled_from": None,
    "medical_record": None,
    "created_at": _AT,
    "updated_at": _AT,
}
SEEN = {**APPOINTMENT, "status": "completed", "medical_record": RECORD}
DAY = {
    "date": "2026-03-04",
    "doctor": {"id": 3, "full_name": "Dr Chen", "specialization": "Arrhythmia"},
    "department": CARDIOLOGY,
    "available_slots": [
        {
            "time": f"{at:%H:%M}",
            "available": at != _SLOT,
            "room": None if at == _SLOT else "201",
            "reason": "taken" if at == _SLOT else None,
        }
        for at in SLOT_TIMES
    ],
}
_DOCTOR_OF_SLOTS = DAY["doctor"]
SLOTS = {
    "doctors": [
        {
            "doctor": _DOCTOR_OF_SLOTS,
            "days": [
                {
                    "date": DAY["date"],
                    "available_slots": [
                        {"time": f"{at:%H:%M}", "available": at != _SLOT, "reason": "taken" if at == _SLOT else None}
                        for at in SLOT_TIMES
                    ],
                }
            ],
        }
    ]
}
NEXT_FREE = {"doctor": _DOCTOR_OF_SLOTS, "next_free": {"date": DAY["date"], "time": "09:30"}}
OWN_PATIENT = {
    **{key: USER[key] for key in ("id", "full_name", "email", "phone_num")},
    "patient_id": 1,
    "date_of_birth": "1990-05-17",
    "gender": "female",
    "age": 35,
    "appointment_count": 1,
    "last_appointment": "2026-03-04",
    "appointments": [SEEN],
    "medical_records": [RECORD],
}
PLACE = {"doctor_id": 4, "date": "2026-03-04", "time": f"{_SLOT:%H:%M}"}
VISIT_TO_SETTLE = {
    "appointment_id": 1,
    "patient": APPOINTMENT["patient"],
    "doctor": {key: DOCTOR[key] for key in ("id", "full_name", "specialization")},
    "department_id": 1,
    "appointment_date": "2026-03-04",
    "appointment_time": f"{_SLOT:%H:%M:%S}",
    "status": "booked",
    "state": "booked@20260304T0300Z/3",
    "cause": "leave",
    "cause_id": 1,
    "opened_at": _AT,
    "to_call": None,
    "proposals": [{"doctor_id": 4, "doctor_name": "Dr Diallo", **PLACE, "kind": "colleague"}],
}
