"""How a person does on the pages what a program does by the API, role by role."""

from __future__ import annotations

from clinic import records
from clinic.policy import Role
from tests.web.walker import Way, form, link, question

#: Who walks, where they begin, and how the API's table of permissions calls them.
WALKERS = {
    "guest": ("/", "anyone"),
    "patient": ("/patient/", "ana"),
    "doctor": ("/doctor/", "chen"),
    "admin": ("/admin/", "esther"),
}

BIRTHDAY = ("date_of_birth_day", "date_of_birth_month", "date_of_birth_year")
REGISTRATION = ("email", "password", "full_name", "phone_num", *BIRTHDAY, "gender", "address")
PATIENT_PROFILE = (
    *("full_name", "phone_num", *BIRTHDAY, "gender", "address", "insurance_id"),
    *("emergency_contact", "emergency_contact_phone"),
)
DOCTOR_PROFILE = ("full_name", "phone_num", "room", "title", "specialization", "bio")
RECORD = (
    *("diagnosis", "prescription", "treatment_plan", "notes", "follow_up_date"),
    *(records.BLOOD_PRESSURE, *records.VITALS),
)
EXTRA_HOURS = ("day", "from_time", "to_time")
BOOKING = ("symptoms", "reason", "notes")
LEAVE = ("first_day", "last_day", "from_time", "to_time", "reason")
CHOICES = ("department", "doctor", "day", "time")

Ways = tuple[Way, ...]


def everybody(*ways: Way) -> dict[str, Ways]:
    """The same for all, guests too."""
    return dict.fromkeys(WALKERS, ways)


def signed_in_people(*ways: Way) -> dict[str, Ways]:
    """The same for all who are signed in."""
    return dict.fromkeys(Role, ways)


def each(name: str, *fields: str, of: tuple[str, ...] = ("patient", "doctor", "admin")) -> dict[str, Ways]:
    """A form of the same name on the pages of each role."""
    return {role: (form(f"{role}.{name}", *fields),) for role in of}


MOVING: dict[str, Ways] = {
    role: (link(f"{role}.reschedule", "day", "time"), form(f"{role}.reschedule", "reason"))
    for role in ("patient", "doctor", "admin")
}
APPOINTMENTS: dict[str, Ways] = {
    "patient": (question("patient.appointments", "status", "date_from", "date_to"),),
    "doctor": (question("doctor.appointments", "status", "date_from", "date_to"),),
    "admin": (question("admin.appointments", "status", "first", "last", "doctor", "patient", "department"),),
}
EDITING: dict[str, Ways] = {
    "patient": (form("patient.edit", "symptoms", "reason"),),
    "doctor": (form("doctor.notes", "notes"),),
    "admin": (form("admin.edit", "symptoms", "reason", "notes", "room_id"),),
}
FOR_COLLEAGUES: dict[str, Ways] = {
    "doctor": (form("doctor.staff_notes", "staff_notes"),),
    "admin": (form("admin.staff_notes", "staff_notes"),),
}
RECORDS: dict[str, Ways] = {
    "patient": (question("patient.records", "date_from", "date_to", "doctor"),),
    "doctor": (question("doctor.records", "date_from", "date_to", "patient"),),
    "admin": (question("admin.records", "date_from", "date_to", "doctor", "patient"),),
}
ONE_RECORD: dict[str, Ways] = {
    "patient": (link("patient.record"),),
    "doctor": (link("doctor.appointment"),),
    "admin": (link("admin.record"),),
}
ONESELF: dict[str, Ways] = {
    "patient": (form("patient.profile", *PATIENT_PROFILE),),
    "doctor": (form("doctor.profile", *DOCTOR_PROFILE),),
    "admin": (form("admin.user", "full_name", "phone_num"),),
}
STATES: dict[str, Ways] = {
    "patient": (form("patient.cancel"),),
    "doctor": (form("doctor.confirm"), form("doctor.complete"), form("doctor.cancel")),
    "admin": (form("admin.confirm"), form("admin.complete"), form("admin.cancel")),
}
PATIENTS: dict[str, Ways] = {"doctor": (question("doctor.patients", "search"), link("doctor.patient"))}

#: By request of the API: how each role that may make it does the same on the pages.
WAYS: dict[str, dict[str, Ways]] = {
    # Accounts and tokens
    "register": {"guest": (form("public.register", *REGISTRATION),)},
    "login": {"guest": (form("public.sign_in", "email", "password"),)},
    "logout": signed_in_people(form("public.sign_out")),
    "logout_all": signed_in_people(form("account.end_all")),
    "forgot_password": everybody(form("public.forgot_password", "email")),
    "verify_reset_token": {"guest": (form("public.choose_password"),)},
    "reset_password": {"guest": (form("public.choose_password", "new_password"),)},
    "request_email_change": signed_in_people(form("account.email", "email")),
    "resend_confirmation": {"patient": (form("account.confirm"),)},
    "me": signed_in_people(link("account.home")),
    "update_me": ONESELF,
    "put_me": ONESELF,
    "doctors": everybody(question("public.doctors", "search", "department", "language", "sort")),
    "doctor": everybody(link("public.doctor")),
    # Directory; the services of a department stand on its page
    "departments": everybody(link("public.departments")),
    "department": everybody(link("public.department")),
    "services": everybody(link("public.department")),
    "service": everybody(link("public.department")),
    "specialties": everybody(link("public.departments")),
    "rooms": signed_in_people(question("public.rooms", "department", "unassigned")),
    # Appointments
    "available_slots": everybody(link("public.book", "department", "doctor", "day")),
    "available_slots_short": everybody(link("public.book", "department", "doctor", "day")),
    "slots": everybody(link("public.book", "department", "doctor", "day")),
    "next_free": everybody(link("public.book", "department")),
    "doctors_by_department": signed_in_people(link("public.book", "department")),
    "appointments": APPOINTMENTS,
    "patient_appointments": {"patient": APPOINTMENTS["patient"]},
    "doctor_appointments": {"doctor": APPOINTMENTS["doctor"]},
    "my_appointments": APPOINTMENTS,
    "book": {
        "patient": (link("public.review_booking", *CHOICES), form("public.review_booking", "reason", "symptoms")),
        "admin": (link("admin.review_booking", "patient", *CHOICES), form("admin.review_booking", *BOOKING)),
    },
    "appointment": {role: (link(f"{role}.appointment"),) for role in ("patient", "doctor", "admin")},
    "edit_appointment": EDITING,
    "put_appointment": EDITING,
    "delete_appointment": each("cancel"),
    "cancel": each("cancel", "reason"),
    "reschedule": MOVING,
    "put_reschedule": MOVING,
    "hand_over": {"doctor": (form("doctor.propose", "reason"),), "admin": (form("admin.hand_over", "reason"),)},
    "confirm": each("confirm", of=("doctor", "admin")),
    "complete": each("complete", of=("doctor", "admin")),
    "reopen": each("reopen", "reason", of=("admin",)),
    "update_status": STATES,
    "assign_service": each("service", "service_id", of=("doctor",)),
    "medical_record": ONE_RECORD,
    "write_medical_record": each("record", *RECORD, of=("doctor",)),
    "put_medical_record": each("record", *RECORD, of=("doctor",)),
    "clinic": everybody(link("public.contact")),
    "opening_hours": everybody(link("public.contact")),
    "put_opening_hours": {"admin": (form("admin.opening_hours", "press"),)},
    "doctor_hours": everybody(link("public.doctor")),
    "put_doctor_hours": {"admin": (form("admin.doctor_hours_edit", "valid_from", "valid_until"),)},
    "extra_hours": {"admin": (link("admin.doctor_extra_hours"),), "doctor": (link("doctor.extra_hours"),)},
    "add_extra_hours": {
        "admin": (form("admin.doctor_extra_hours", *EXTRA_HOURS),),
        "doctor": (form("doctor.extra_hours", *EXTRA_HOURS),),
    },
    "delete_extra_hours": {
        "admin": (form("admin.doctor_extra_hours_end"),),
        "doctor": (form("doctor.end_extra_hours"),),
    },
    "closures": everybody(link("public.contact")),
    "add_closure": {"admin": (form("admin.closures", "first_day", "last_day", "name", "name_vi"),)},
    "delete_closure": {"admin": (form("admin.closure_remove"),)},
    "update_clinic": {"admin": (form("admin.settings", "phone"),)},
    "leave": {"doctor": (link("doctor.leave"),), "admin": (link("admin.doctor_leave"),)},
    "enter_leave": {"doctor": (form("doctor.leave", *LEAVE),), "admin": (form("admin.doctor_leave", *LEAVE),)},
    "end_leave": {"doctor": (form("doctor.end_leave"),), "admin": (form("admin.doctor_leave_end"),)},
    "visits_to_settle": {"doctor": (link("doctor.leave"),), "admin": (link("admin.settling"),)},
    "settle": {"admin": (form("admin.settling", "reason"),)},
    "staff_notes": FOR_COLLEAGUES,
    "put_staff_notes": FOR_COLLEAGUES,
    "medical_records": RECORDS,
    "my_medical_records": RECORDS,
    "record": ONE_RECORD,
    "put_record": each("record", *RECORD, of=("doctor",)),
    "my_patients": PATIENTS,
    "patients": PATIENTS,
    "suggest_department": signed_in_people(form("public.suggest_department", "symptoms")),
}
