"""Who may do what, over the API: every operation, asked by everybody. A new operation without a row fails.

Ana is the patient and Dr Chen the doctor of the visit; Boris and Dr Diallo are strangers to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from clinic.api.paths import PREFIX
from clinic.policy import PERMISSIONS, Action, Duty, Grantee, Reach, Role, not_allowed
from clinic.scheduling import SLOT_TIMES
from tests import factories
from tests.api.caller import Caller, Document, signed_in
from tests.api.conftest import LATER
from tests.people import ANA, ONE_OF_EACH_ROLE, PASSWORD, Cast
from tests.permissions import permitted

PEOPLE = ("anyone", "ana", "boris", "chen", "diallo", "esther")
#: What the API promises to one role alone, whatever others may see elsewhere.
FOR_ONE_ROLE = ("patient_appointments", "doctor_appointments")
AsCaller = Callable[[str], Caller]


@dataclass(frozen=True)
class Row:
    """One operation: how it is called and what each of PEOPLE is answered.

    ``{visit}`` in the path is a visit made for each call, ``{record}`` the record of one; ``{cast names}`` are ids.
    """

    method: str
    path: str
    answers: tuple[int, int, int, int, int, int]
    body: dict[str, Any] | None = None
    appointment: dict[str, Any] = field(default_factory=dict)
    recorded: bool = False


def everybody(status: int) -> tuple[int, int, int, int, int, int]:
    """The same for all."""
    return (status,) * 6


SIGNED_IN = (401, 200, 200, 200, 200, 200)
OWN = (401, 200, 404, 200, 404, 200)
DOCTOR_OR_OFFICE = (401, 403, 403, 200, 404, 200)
CATALOGUE = (401, 403, 403, 403, 403, 200)
DOCTOR = (401, 403, 403, 200, 404, 403)
NEW = {
    "doctor_id": "{chen}",
    "department_id": "{cardiology}",
    "appointment_date": "2026-03-20",
    "appointment_time": "{time}",
}
MOVE = {"new_date": "2026-03-21", "new_time": "{time}", "reason": ""}
APPOINTMENT = "appointments/{visit}/"
CONFIRMED = {"status": "confirmed"}
RECORD = {"diagnosis": "Stage 1 hypertension"}

ROWS = {
    "index": Row("GET", "", everybody(200)),
    "schema": Row("GET", "schema/", everybody(200)),
    "docs": Row("GET", "docs/", everybody(200)),
    "redoc": Row("GET", "redoc/", everybody(200)),
    "office": Row("GET", "admin/", everybody(303)),
    "register": Row("POST", "auth/register/", everybody(400), {}),
    "login": Row("POST", "auth/login/", everybody(200), {"email": ANA, "password": PASSWORD}),
    "obtain_tokens": Row("POST", "token/", everybody(200), {"email": ANA, "password": PASSWORD}),
    "second_factor": Row("POST", "auth/second-factor/", everybody(401), {"ticket": "nonsense", "code": "123456"}),
    # A right one would give the callers of the other rows new tokens.
    "prove": Row("POST", "auth/proof/", (401, 400, 400, 400, 400, 400), {"password": "wrong"}),
    "refresh_tokens": Row("POST", "token/refresh/", everybody(401), {"refresh": "nonsense"}),
    "logout": Row("POST", "auth/logout/", (401, 400, 400, 400, 400, 400), {"refresh": "nonsense"}),
    "forgot_password": Row("POST", "auth/forgot-password/", everybody(200), {"email": ANA}),
    "verify_reset_token": Row("POST", "auth/verify-reset-token/", everybody(400), {"uid": "MQ", "token": "nonsense"}),
    "reset_password": Row(
        "POST",
        "auth/reset-password/",
        everybody(400),
        {"uid": "MQ", "token": "nonsense", "new_password": "x", "confirm_password": "x"},
    ),
    # What is none is refused: nothing of the callers changes.
    "request_email_change": Row("POST", "user/me/email/", (401, 400, 400, 400, 400, 400), {"email": "nobody"}),
    "confirm_email": Row("POST", "auth/confirm-email/", everybody(400), {"uid": "MQ", "token": "nonsense"}),
    "resend_confirmation": Row("POST", "auth/resend-confirmation/", SIGNED_IN),
    "me": Row("GET", "user/me/", SIGNED_IN),
    "update_me": Row("PATCH", "user/me/", SIGNED_IN, {"phone_num": "0912345678"}),
    "put_me": Row("PUT", "user/me/", SIGNED_IN, {"phone_num": "0912345678"}),
    "clinic": Row("GET", "clinic/", everybody(200)),
    "update_clinic": Row("PATCH", "clinic/", CATALOGUE, {"notice_hours": 24}),
    "opening_hours": Row("GET", "opening-hours/", everybody(200)),
    "put_opening_hours": Row("PUT", "opening-hours/", CATALOGUE, {"hours": []}),
    "doctor_hours": Row("GET", "doctors/{chen}/hours/", everybody(200)),
    "put_doctor_hours": Row("PUT", "doctors/{chen}/hours/", CATALOGUE, {"hours": []}),
    "extra_hours": Row("GET", "doctors/{chen}/extra-hours/", DOCTOR_OR_OFFICE),
    "add_extra_hours": Row(
        "POST",
        "doctors/{chen}/extra-hours/",
        (401, 403, 403, 201, 404, 201),
        {"day": "2026-03-20", "from_time": "09:00", "to_time": "10:00"},
    ),
    "delete_extra_hours": Row("DELETE", "doctors/{chen}/extra-hours/999999/", (401, 403, 403, 404, 404, 404)),
    "leave": Row("GET", "leave/?doctor_id={chen}", DOCTOR_OR_OFFICE),
    "enter_leave": Row(
        "POST",
        "leave/",
        (401, 403, 403, 201, 404, 201),
        {"first_day": "2026-03-23", "doctor_id": "{chen}"},
    ),
    "end_leave": Row("DELETE", "leave/999999/", (401, 403, 403, 404, 404, 404)),
    "visits_to_settle": Row("GET", "visits-to-settle/", (401, 403, 403, 200, 200, 200)),
    "settle": Row("POST", "visits-to-settle/settle/", (401, 403, 403, 403, 403, 200), {"choices": []}),
    "closures": Row("GET", "closures/", everybody(200)),
    "add_closure": Row(
        "POST", "closures/", (401, 403, 403, 403, 403, 201), {"first_day": "2026-03-25", "name": "Training"}
    ),
    "delete_closure": Row("DELETE", "closures/999999/", (401, 403, 403, 403, 403, 404)),
    "departments": Row("GET", "departments/", everybody(200)),
    "department": Row("GET", "departments/{cardiology}/", everybody(200)),
    "services": Row("GET", "services/", everybody(200)),
    "service": Row("GET", "services/{ecg}/", everybody(200)),
    "specialties": Row("GET", "services/specialties/", everybody(200)),
    "doctors": Row("GET", "doctors/", everybody(200)),
    "doctor": Row("GET", "doctors/{chen}/", everybody(200)),
    "rooms": Row("GET", "rooms/", SIGNED_IN),
    "doctors_by_department": Row("GET", "appointments/doctors-by-department/?department_id={cardiology}", SIGNED_IN),
    "available_slots": Row("GET", "appointments/available-slots/?doctor_id={chen}&date=2026-03-04", everybody(200)),
    "available_slots_short": Row("GET", "available-slots/?doctor_id={chen}&date=2026-03-04", everybody(200)),
    "slots": Row("GET", "slots/?doctor_id={chen}&from=2026-03-04", everybody(200)),
    "next_free": Row("GET", "departments/{cardiology}/next-free/", everybody(200)),
    "suggest_department": Row("POST", "appointments/suggest-department/", SIGNED_IN, {"symptoms": "Chest pain"}),
    "appointments": Row("GET", "appointments/", SIGNED_IN),
    "patient_appointments": Row("GET", "patient/appointments/", (401, 200, 200, 403, 403, 403)),
    "doctor_appointments": Row("GET", "doctor/appointments/", (401, 403, 403, 200, 200, 403)),
    "my_appointments": Row("GET", "appointments/my-appointments/", SIGNED_IN),
    "book": Row("POST", "appointments/", (401, 201, 201, 403, 403, 400), NEW),
    "appointment": Row("GET", APPOINTMENT, OWN),
    "edit_appointment": Row("PATCH", APPOINTMENT, OWN, {}),
    "put_appointment": Row("PUT", APPOINTMENT, OWN, {}),
    "update_status": Row("PATCH", f"{APPOINTMENT}update-status/", OWN, {"status": "cancelled"}),
    "delete_appointment": Row("DELETE", APPOINTMENT, (401, 204, 404, 204, 404, 204)),
    "cancel": Row("POST", f"{APPOINTMENT}cancel/", OWN),
    "reschedule": Row("POST", f"{APPOINTMENT}reschedule/", OWN, MOVE),
    "put_reschedule": Row("PUT", f"{APPOINTMENT}reschedule/", OWN, MOVE),
    "hand_over": Row(
        "POST", f"{APPOINTMENT}hand-over/", (401, 403, 403, 202, 404, 200), {"doctor_id": "{diallo}", "reason": "Ill"}
    ),
    "confirm": Row("POST", f"{APPOINTMENT}confirm/", DOCTOR_OR_OFFICE),
    "complete": Row("POST", f"{APPOINTMENT}complete/", DOCTOR_OR_OFFICE, appointment=CONFIRMED),
    "reopen": Row(
        "POST", f"{APPOINTMENT}reopen/", (401, 403, 403, 403, 403, 200), {"reason": "Mistake"}, {"status": "completed"}
    ),
    "assign_service": Row("POST", f"{APPOINTMENT}assign-service/", DOCTOR, {"service_id": "{ecg}"}, CONFIRMED),
    "medical_record": Row("GET", f"{APPOINTMENT}medical-record/", OWN, appointment=CONFIRMED, recorded=True),
    "write_medical_record": Row(
        "POST", f"{APPOINTMENT}medical-record/", (401, 403, 403, 201, 404, 403), RECORD, CONFIRMED
    ),
    "put_medical_record": Row(
        "PUT", f"{APPOINTMENT}medical-record/", (401, 403, 403, 200, 404, 403), RECORD, CONFIRMED, recorded=True
    ),
    "staff_notes": Row("GET", f"{APPOINTMENT}staff-notes/", DOCTOR_OR_OFFICE),
    "put_staff_notes": Row("PUT", f"{APPOINTMENT}staff-notes/", DOCTOR_OR_OFFICE, {"staff_notes": "Hard of hearing"}),
    "medical_records": Row("GET", "medical-records/", SIGNED_IN),
    "my_medical_records": Row("GET", "appointments/my-medical-records/", SIGNED_IN),
    "record": Row("GET", "medical-records/{record}/", OWN, appointment=CONFIRMED),
    "put_record": Row("PUT", "medical-records/{record}/", DOCTOR, RECORD, CONFIRMED),
    "patients": Row("GET", "patients/", (401, 403, 403, 200, 200, 403)),
    "my_patients": Row("GET", "appointments/my-patients/", (401, 403, 403, 200, 200, 403)),
    # Last: whoever calls it has no session afterwards.
    "logout_all": Row("POST", "auth/logout-all/", SIGNED_IN),
}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_every_operation_has_its_row(document: Document) -> None:
    operations = {
        operation["operationId"]: f"{method.upper()} {path}"
        for path, methods in document.content["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }
    assert set(operations) == set(ROWS), "give the operation its row in ROWS"


@dataclass
class Asking:
    """Calls operations, each on a visit and a record made for that call."""

    app: Flask
    cast: Cast
    appointment: Callable[..., int]
    numbers: Iterator[int] = field(default_factory=count)

    def answer(self, row: Row, caller: Caller) -> TestResponse:
        """What ``caller`` is answered."""
        at = f"{SLOT_TIMES[next(self.numbers)]:%H:%M}"
        names = {**vars(self.cast), "time": at}
        if "{visit}" in row.path or "{record}" in row.path:
            names["visit"] = self.appointment(LATER, at, **row.appointment)
            if row.recorded or "{record}" in row.path:
                with self.app.app_context():
                    names["record"] = factories.record(names["visit"], self.cast.chen)
        body = None if row.body is None else {key: _filled(value, names) for key, value in row.body.items()}
        return caller.call(row.method, row.path.format(**names), **({} if body is None else {"json": body}))


@pytest.fixture
def asking(app: Flask, cast: Cast, appointment: Callable[..., int]) -> Asking:
    """Who calls the operations of this test."""
    return Asking(app, cast, appointment)


@pytest.mark.parametrize("name", ROWS)
def test_what_everybody_is_answered(anyone: Caller, as_: AsCaller, asking: Asking, name: str) -> None:
    row = ROWS[name]
    callers = {person: anyone if person == "anyone" else as_(person) for person in PEOPLE}
    answers = {person: asking.answer(row, caller).status_code for person, caller in callers.items()}
    assert answers == dict(zip(PEOPLE, row.answers, strict=True))


def _filled(value: object, names: dict[str, Any]) -> object:
    return value.format(**names) if isinstance(value, str) else value


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("name", ROWS)
def test_each_duty_opens_what_the_table_says_and_nothing_else(
    app: Flask, document: Document, asking: Asking, name: str
) -> None:
    """Whoever has one duty is answered as who has all of them where the table has it, and otherwise refused."""
    row, actions = ROWS[name], permissions(app).get(name, ())
    for duty in (None, *Duty):
        with app.app_context():
            number = factories.user("Fran Front", f"{duty}@clinic.example", Role.ADMIN, duties=[duty] if duty else [])
        answer = asking.answer(row, signed_in(app, document, number))
        has = {Role.ADMIN, duty}
        is_open = not actions or any(has & set(PERMISSIONS[action]) for action in actions)
        assert (duty, answer.status_code) == (duty, row.answers[PEOPLE.index("esther")] if is_open else 403)
        if not is_open:
            assert answer.get_json()["code"] == not_allowed().code


#: Ids that no row has, the last two longer than that of any.
UNKNOWN = ("0", "999", "9999999999", "99999999999", "9" * 5000)


@pytest.mark.parametrize(
    "name", [name for name, row in ROWS.items() if "{visit}" in row.path or "{record}" in row.path]
)
def test_an_unknown_visit_is_404_and_the_wrong_role_403_all_the_same(
    cast: Cast, as_: AsCaller, anyone: Caller, name: str
) -> None:
    row = ROWS[name]
    for number in UNKNOWN:
        names = {**vars(cast), "time": "09:00", "visit": number, "record": number}
        body = None if row.body is None else {key: _filled(value, names) for key, value in row.body.items()}
        request = {} if body is None else {"json": body}
        for person, known in zip(PEOPLE, row.answers, strict=True):
            caller = anyone if person == "anyone" else as_(person)
            answer = caller.call(row.method, row.path.format(**names), **request)
            expected = known if known in (401, 403) else 404
            assert (person, number, answer.status_code) == (person, number, expected)


# --- the table of permissions -----------------------------------------------------------------------------------------


def permissions(app: Flask) -> dict[str, tuple[Action, ...]]:
    """The actions that each operation asks for, any of which lets in, by the name of the operation."""
    asked = {}
    for endpoint, view in app.view_functions.items():
        documented = getattr(view, "_apidoc", {})
        if endpoint.startswith("api_") and documented.get("signed_in"):
            asked[endpoint.rpartition(".")[2]] = documented["signed_in"]
    return asked


def line(reach: Reach | None) -> dict[Grantee, Reach]:
    """A line of the table that grants the same to every role."""
    return {} if reach is None else dict.fromkeys(Role, reach)


def asked_quietly(caller: Caller, method: str, path: str, body: object) -> int:
    """The status of an answer that the document, which is made from the true table, may not know."""
    headers = {"Authorization": f"Bearer {caller.access}"}
    return caller.client.open(f"{PREFIX}/{path}", method=method, headers=headers, json=body).status_code


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("granted", [None, Reach.ANY])
def test_every_operation_obeys_the_table(app: Flask, cast: Cast, as_: AsCaller, granted: Reach | None) -> None:
    """Where its permission is taken from all roles an operation is closed to all, where it is given to all it is open."""
    asked = permissions(app)
    assert len(asked) >= len([row for row in ROWS.values() if 403 in row.answers])
    for name, actions in asked.items():
        row = ROWS[name]
        names = {**vars(cast), "time": "09:00", "visit": 999, "record": 999}
        with ExitStack() as tables:
            for action in actions:
                tables.enter_context(permitted(action, line(granted)))
            for person in ONE_OF_EACH_ROLE:
                status = asked_quietly(as_(person), row.method, row.path.format(**names), row.body or {})
                closed = granted is None or (row.answers[PEOPLE.index(person)] == 403 and name in FOR_ONE_ROLE)
                assert (name, person, status == 403) == (name, person, closed)


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(("granted", "status"), [(None, 403), (Reach.OWN, 404), (Reach.ANY, 200)])
def test_asking_for_a_department_is_the_apis_to_grant(as_: AsCaller, granted: Reach | None, status: int) -> None:
    with permitted(Action.ASK_FOR_DEPARTMENT, line(granted)):
        for person in ONE_OF_EACH_ROLE:
            body = {"symptoms": "Chest pain"}
            assert asked_quietly(as_(person), "POST", "appointments/suggest-department/", body) == status
