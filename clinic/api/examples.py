"""Examples of what is sent and answered, by the name of the schema, for the document. Of one clinic's one day."""

from typing import Any

from clinic.scheduling import HOURS, SLOT_TIMES

_AT = "2026-03-02T09:00:00+07:00"
_LATER = "2026-03-02T09:12:41+07:00"
#: When the visit of the examples is, and to when it is moved.
_BEGIN, _END = (at.isoformat() for at in (HOURS[0], HOURS[-1]))
_SLOT, _MOVED_TO = SLOT_TIMES[4], SLOT_TIMES[-5]
_JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIiwic2lkIjoxfQ.c2lnbmF0dXJl"

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
TOKENS = {"access": _JWT, "refresh": _JWT}
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


def _done(message: str, **more: Any) -> dict[str, Any]:
    return {"success": True, "message": message, **more}


def _page(row: dict[str, Any]) -> dict[str, Any]:
    return {"count": 1, "next": None, "previous": None, "results": [row]}


_PLACE = {"doctor_id": 4, "date": "2026-03-04", "time": f"{_SLOT:%H:%M}"}
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
    "proposals": [{"doctor_id": 4, "doctor_name": "Dr Diallo", **_PLACE, "kind": "colleague"}],
}
BY_SCHEMA: dict[str, Any] = {
    "Index": {
        "name": "Sen Clinic",
        "version": "1.0.0",
        "links": {"departments": "https://clinic.example/api/v1/departments/"},
    },
    "Registration": {
        **CREDENTIALS,
        "password_confirm": CREDENTIALS["password"],
        **{key: USER[key] for key in ("full_name", "phone_num", "role")},
        **{key: PATIENT_PROFILE[key] for key in ("date_of_birth", "gender", "address")},
    },
    "Credentials": CREDENTIALS,
    "EmailChange": {"email": "ana.new@example.com"},
    "EmailChangeRequested": _done(
        "We've written to the new e-mail. Nothing changes until you confirm it there.",
        pending_email="ana.new@example.com",
    ),
    "SecondStep": {"ticket": "Zk3sVb5nT1Kx8wYc2rJd7fGh4mPa6eq0L", "code": "492039"},
    "Proof": {"password": CREDENTIALS["password"]},
    "Proven": _done("Thank you. It's you.", tokens=TOKENS),
    "RefreshToken": {"refresh": _JWT},
    "Departure": {"refresh": _JWT},
    "Tokens": TOKENS,
    "Welcome": _done("You're signed in.", user=USER, tokens=TOKENS),
    "User": USER,
    "ProfileChanges": {"phone_num": "0912345678", "patient_profile": {"address": "5 Hai Bà Trưng, Quận 3"}},
    "Done": _done("You're signed out."),
    "Forgotten": {"email": "ana@example.com"},
    "Link": {"uid": "MQ", "token": "q0Lz3sVb5nT1Kx8wYc2rJd7fGh4mPa6e"},
    "NewPassword": {
        "uid": "MQ",
        "token": "q0Lz3sVb5nT1Kx8wYc2rJd7fGh4mPa6e",
        "new_password": "Sông-Hương-1975",
        "confirm_password": "Sông-Hương-1975",
    },
    "GoodLink": _done("This link is valid.", valid=True),
    "Department": DEPARTMENT,
    "DepartmentList": _page(DEPARTMENT),
    "DepartmentDetail": {**DEPARTMENT, "services": [SERVICE], "doctors": [DOCTOR], "doctors_count": 1},
    "Service": SERVICE,
    "ServiceList": _page(SERVICE),
    "Doctor": DOCTOR,
    "DoctorList": _page(DOCTOR),
    "RoomList": _page(ROOM),
    "DoctorsOfDepartment": {"department": CARDIOLOGY, "doctors": [DOCTOR], "count": 1},
    "Complaint": {"symptoms": "Palpitations when I climb stairs"},
    "Suggestion": {
        "success": True,
        "primary_department": {**CARDIOLOGY, "description": "Heart and blood vessels."},
        "reason": "What you describe is usually seen by this department. A few words can't tell us how serious this is, and "
        "this isn't a diagnosis. Call 115 straight away if you have chest pain or trouble breathing, weakness on one side, a "
        "drooping face or slurred speech, sudden loss of sight, heavy bleeding, or thoughts of harming yourself.",
        "urgency": "low",
    },
    "DaySlots": DAY,
    "Leave": LEAVE,
    "LeaveEntered": _done("The leave is added. Those times can't be booked any more.", leave=LEAVE, appointments=[1]),
    "LeaveEntry": {"first_day": "2026-03-04", "last_day": "2026-03-05", "reason": "Congress in Huế"},
    "VisitToSettle": VISIT_TO_SETTLE,
    "SettlementEntry": {
        "choices": [{"appointment_id": 1, "way": "move", **_PLACE, "state": VISIT_TO_SETTLE["state"]}],
        "reason": "Dr Chen is ill",
    },
    "Settlement": _done("1 visit is settled.", settled=[1], already=[], choose_again=[]),
    "Slots": SLOTS,
    "NextFreeOfDepartment": {"doctors": [NEXT_FREE]},
    "Booking": BOOKING,
    "Appointment": APPOINTMENT,
    "AppointmentList": _page(APPOINTMENT),
    "AppointmentDone": _done("Your visit is booked.", appointment=APPOINTMENT),
    "ServiceAssigned": _done(
        "The service has been added.",
        appointment={**APPOINTMENT, "status": "confirmed", "service": SERVICE, "estimated_fee": "350000.00"},
        fee_breakdown={
            "health_examination_fee": "200000.00",
            "service_fee": "150000.00",
            "total_fee": "350000.00",
        },
    ),
    "Edit": {"symptoms": "Palpitations, and short of breath"},
    "StatusChange": {"status": "cancelled"},
    "Nothing": {},
    "Cancellation": {"reason": "I am travelling that day."},
    "Reopening": {"reason": "It was completed by mistake: the patient comes back for the result."},
    "Move": {"new_date": "2026-03-05", "new_time": f"{_MOVED_TO:%H:%M}", "reason": "Work"},
    "HandOver": {"doctor_id": 4, "reason": "Dr Chen is ill."},
    "ServiceChoice": {"service_id": 1},
    "RecordEntry": ENTRY,
    "MedicalRecord": RECORD,
    "MedicalRecordList": _page(RECORD),
    "MedicalRecordSaved": _done("The record has been updated.", medical_record=RECORD),
    "StaffNotes": STAFF_NOTES,
    "StaffNotesSaved": _done("The notes for colleagues are saved.", staff_notes=STAFF_NOTES),
    "StaffNotesEntry": {"staff_notes": STAFF_NOTES["staff_notes"]},
    "OwnPatientList": _page(OWN_PATIENT),
    "OpeningHours": OPENING_HOURS,
    "OpeningHoursSaved": _done("The opening hours are saved.", opening_hours=OPENING_HOURS, appointments=[]),
    "OpeningHoursEntry": {**OPENING_HOURS, "accepted_count": 0},
    "DoctorHours": DOCTOR_HOURS,
    "DoctorHoursSaved": _done("The doctor's hours are saved.", doctor_hours=DOCTOR_HOURS, appointments=[1]),
    "DoctorHoursEntry": {"hours": DOCTOR_HOURS["hours"], "accepted_count": 1},
    "ExtraHours": EXTRA_HOURS,
    "ExtraHoursEntered": _done("The extra hours are added.", extra_hours=EXTRA_HOURS),
    "ExtraHoursEntry": {key: EXTRA_HOURS[key] for key in ("day", "from_time", "to_time")},
    "Closure": CLOSURE,
    "ClosureEntered": _done(
        "The closure is added. Those times can't be booked any more.", closure=CLOSURE, appointments=[]
    ),
    "ClosureEntry": {"first_day": "2026-05-04", "name": "Staff training", "name_vi": "Tập huấn", "accepted_count": 0},
    "Clinic": CLINIC,
    "ClinicSaved": _done("Your changes are saved.", clinic=CLINIC),
    "ClinicEntry": {"phone": "028 1234 5678", "horizon_days": 45, "reset": ["notice_hours"]},
}

#: By the name of a parameter, wherever it stands.
BY_PARAMETER: dict[str, Any] = {
    "department_id": 1,
    "specialty_id": 1,
    "service_id": 1,
    "doctor_id": 3,
    "patient_id": 1,
    "appointment_id": 1,
    "record_id": 1,
    "extra_hours_id": 1,
    "closure_id": 1,
    "leave_id": 1,
    "cause": "leave",
    "cause_id": 1,
    "accepted_count": 0,
    "date": "2026-03-04",
    "from": "2026-03-04",
    "until": "2026-03-04",
    "date_from": "2026-03-01",
    "date_to": "2026-03-31",
    "page": 1,
    "page_size": 10,
    "search": "chen",
    "specialization": "arrhythmia",
    "status": "upcoming",
    "unassigned": "1",
    "format": "json",
    "If-Match": '"1"',
    "If-None-Match": '"2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"',
    "Idempotency-Key": "6f1c1f5e-0c8e-4d5c-9f0e-0a4f8d0b7c11",
    "X-Purpose-Of-Use": "patient_request",
}


def _error(code: str, message: str, field: str = "", text: str = "") -> dict[str, Any]:
    errors = {field: [text or message]} if field else {}
    repeated = errors if code == "validation_error" else {}
    return {**repeated, "success": False, "code": code, "message": message, "errors": errors}


#: One error of each status; the sentences are those of ``clinic.http_errors`` and of the domains.
BY_STATUS: dict[int, dict[str, Any]] = {
    400: _error("validation_error", "Please correct the marked fields.", "email", "This field is required."),
    401: _error("token_expired", "This sign-in has expired. Please sign in again."),
    403: _error("permission_denied", "Your account isn't allowed to do this."),
    404: _error("not_found", "We can't find this entry."),
    409: _error("slot_taken", "This time has just been taken. Please choose another one.", "appointment_time"),
    412: _error("stale", "Somebody else changed this after you opened it."),
    413: _error("too_large", "This is too large."),
    415: _error("unsupported_media_type", "Please send JSON with the media type application/json."),
    429: _error("too_many_requests", "You've tried too often. Please wait a moment and try again."),
    503: _error("unavailable", "The clinic's server is busy. Please try again in a moment."),
}
