"""Examples of what is sent and answered, by the name of the schema, for the document."""

from typing import Any

from clinic.api.example_rows import (
    APPOINTMENT,
    BOOKING,
    CARDIOLOGY,
    CLINIC,
    CLOSURE,
    CREDENTIALS,
    DAY,
    DEPARTMENT,
    DOCTOR,
    DOCTOR_HOURS,
    ENTRY,
    EXTRA_HOURS,
    JWT,
    LEAVE,
    MOVED_TO,
    NEXT_FREE,
    OPENING_HOURS,
    OWN_PATIENT,
    PATIENT_PROFILE,
    PLACE,
    RECORD,
    ROOM,
    SERVICE,
    SLOTS,
    STAFF_NOTES,
    TOKENS,
    USER,
    VISIT_TO_SETTLE,
)


def _done(message: str, **more: Any) -> dict[str, Any]:
    return {"success": True, "message": message, **more}


def _page(row: dict[str, Any]) -> dict[str, Any]:
    return {"count": 1, "next": None, "previous": None, "results": [row]}


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
    "RefreshToken": {"refresh": JWT},
    "Departure": {"refresh": JWT},
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
        "choices": [{"appointment_id": 1, "way": "move", **PLACE, "state": VISIT_TO_SETTLE["state"]}],
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
    "Move": {"new_date": "2026-03-05", "new_time": f"{MOVED_TO:%H:%M}", "reason": "Work"},
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
