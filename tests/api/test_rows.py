"""The schemas and their examples have the keys and types of the rows that they document.

Rows are made into JSON directly (``clinic.api.responses``), so nothing but these tests holds a column, its key in the
document and the example there together.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from inspect import getmembers, isclass
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from marshmallow import Schema, fields, validate

from clinic.accounts.rows import PatientChanges, PatientProfile
from clinic.api import examples
from clinic.api.schemas import accounts, appointments, directory, errors, patients, records, staff_notes
from clinic.api.schemas.fields import Answer
from clinic.directory import rows as directory_rows
from clinic.records import rows as record_rows
from clinic.scheduling import rows as appointment_rows

#: By schema of an answer: the row that it documents, what the API adds to it, what it keeps back.
ANSWERS: dict[type[Schema], tuple[Any, set[str], set[str]]] = {
    directory.Department: (directory_rows.DepartmentRow, set(), set()),
    directory.DepartmentBrief: (directory_rows.DepartmentBrief, set(), set()),
    directory.DepartmentDetail: (directory_rows.DepartmentDetail, set(), set()),
    directory.Service: (directory_rows.ServiceRow, set(), set()),
    directory.Room: (directory_rows.RoomRow, set(), set()),
    directory.Doctor: (directory_rows.DoctorRow, set(), set()),
    directory.DoctorsOfDepartment: (directory_rows.DoctorsOfDepartment, set(), set()),
    directory.SuggestedDepartment: (directory_rows.SuggestedDepartment, set(), set()),
    accounts.PatientProfile: (PatientProfile, set(), set()),
    accounts.DoctorProfile: (directory_rows.DoctorProfile, set(), set()),
    accounts.User: (directory_rows.Profile, set(), {"version"}),
    appointments.SlotDoctor: (appointment_rows.SlotDoctor, set(), set()),
    appointments.AppointmentPatient: (appointment_rows.AppointmentPatient, set(), set()),
    appointments.AppointmentDoctor: (appointment_rows.AppointmentDoctor, set(), set()),
    appointments.SlotBefore: (appointment_rows.PreviousSlot, set(), set()),
    appointments.Appointment: (
        appointment_rows.AppointmentRow,
        {"medical_record"},
        {"examination_fee", "service_fee", "starts_at", "version"},
    ),
    appointments.FeeBreakdown: (appointment_rows.FeeBreakdown, set(), set()),
    records.MedicalRecord: (record_rows.RecordRow, set(), {"version"}),
    patients.OwnPatient: (record_rows.PatientWithRecords, set(), {"last_visit", "next_visit"}),
}
#: Answers that the API puts together itself.
OWN = {
    *(accounts.Tokens, accounts.Welcome, accounts.Done, accounts.GoodLink),
    *(accounts.Proven, accounts.EmailChangeRequested),
    *(appointments.Slot, appointments.DaySlots, appointments.AppointmentDone, appointments.ServiceAssigned),
    *(appointments.Slots, appointments.SlotsOfDoctor, appointments.SlotsOfDay, appointments.SlotOfDay),
    *(appointments.NextFreeOfDepartment, appointments.NextFree, appointments.FreeMoment),
    *(directory.Suggestion, records.MedicalRecordSaved, staff_notes.StaffNotes, staff_notes.StaffNotesSaved),
}
#: By schema of a body that is handed to a command as it is: the declared type of what the command takes.
BODIES: dict[type[Schema], Any] = {
    appointments.Edit: appointment_rows.AppointmentChanges,
    records.RecordEntry: record_rows.RecordFields,
    accounts.ProfileChanges: directory_rows.ProfileChanges,
    accounts.PatientChanges: PatientChanges,
    accounts.DoctorChanges: directory_rows.DoctorChanges,
}
#: By type of a value: the field that documents it. A day that is stored as JSON is a text already.
FIELD_OF: dict[type, type[fields.Field] | tuple[type[fields.Field], ...]] = {
    int: fields.Integer,
    float: fields.Float,
    bool: fields.Boolean,
    str: (fields.String, fields.Date),
    Decimal: fields.String,
    time: fields.String,
    date: fields.Date,
    datetime: fields.DateTime,
    list: fields.List,
    Mapping: fields.Dict,
}
SCHEMA_OF = {row: schema for schema, (row, _added, _kept) in ANSWERS.items()} | {
    row: schema for schema, row in BODIES.items()
}


def nullable(hint: Any) -> tuple[Any, bool]:
    """Return a type without None, and whether None was among it."""
    if get_origin(hint) not in (Union, types.UnionType):
        return hint, False
    others = [part for part in get_args(hint) if part is not types.NoneType]
    return others[0], len(others) < len(get_args(hint))


def fault(field: fields.Field, hint: Any) -> str | None:
    """Return how a field differs from the type of the value that it documents."""
    plain, may_be_none = nullable(hint)
    if may_be_none and not field.allow_none:
        return "may be null"
    if plain in SCHEMA_OF:
        nested = getattr(field, "nested", None)
        return None if nested is SCHEMA_OF[plain] else f"{nested} in place of {SCHEMA_OF[plain]}"
    kind = get_origin(plain) or plain
    if not isinstance(field, FIELD_OF.get(kind, type(None))):
        return f"{type(field).__name__} for {plain}"
    if isinstance(field, fields.List):
        return fault(field.inner, get_args(plain)[0])
    is_money = any(isinstance(each, validate.Regexp) for each in field.validators)
    return None if is_money == (plain is Decimal) else f"{type(field).__name__} for {plain}"


def named(modules: list[types.ModuleType]) -> set[type[Schema]]:
    """Return the schemas of answers, but for lists of others and the base."""
    return {
        kind
        for module in modules
        for name, kind in getmembers(module, isclass)
        if issubclass(kind, Answer) and kind.__module__ == module.__name__ and not name.endswith("List")
    }


def test_every_answer_is_a_row_or_the_apis_own():
    known = named([accounts, appointments, directory, patients, records, staff_notes])
    assert known == ANSWERS.keys() | OWN
    assert named([errors]) <= {errors.Error}


@pytest.mark.parametrize("schema", ANSWERS, ids=lambda schema: schema.__name__)
def test_an_answer_has_the_keys_and_types_of_its_row(schema: type[Schema]):
    row, added, kept = ANSWERS[schema]
    hints, documented = get_type_hints(row), schema().fields
    assert set(documented) - added == hints.keys() - kept
    assert [(name, fault(documented[name], hints[name])) for name in sorted(hints.keys() - kept)] == [
        (name, None) for name in sorted(hints.keys() - kept)
    ]


@pytest.mark.parametrize("schema", BODIES, ids=lambda schema: schema.__name__)
def test_a_body_has_the_keys_and_types_of_what_its_command_takes(schema: type[Schema]):
    hints, documented = get_type_hints(BODIES[schema]), schema().fields
    assert set(documented) == hints.keys()
    assert {name: fault(documented[name], hint) for name, hint in hints.items()} == dict.fromkeys(hints)


def unlike(field: fields.Field | Schema, example: object, where: str) -> list[str]:
    """Return the keys of an example, at any depth, that its schema doesn't have or that it lacks."""
    if isinstance(field, fields.Nested):
        return unlike(field.schema, example, where)
    if isinstance(field, fields.List):
        return [each for inner in example or () for each in unlike(field.inner, inner, where)]  # type: ignore[attr-defined]
    if not isinstance(field, Schema) or not isinstance(example, dict):
        return []
    needed = {name for name, inner in field.fields.items() if inner.required}
    wrong = [f"{where}.{name}" for name in (example.keys() - field.fields.keys()) | (needed - example.keys())]
    return wrong + [
        each
        for name, inner in field.fields.items()
        if name in example
        for each in unlike(inner, example[name], f"{where}.{name}")
    ]


def test_examples_have_the_keys_of_their_schemas():
    modules = (accounts, appointments, directory, patients, records, staff_notes)
    schemas = {
        name: kind for module in modules for name, kind in getmembers(module, isclass) if issubclass(kind, Schema)
    }
    shown = {name: example for name, example in examples.BY_SCHEMA.items() if name in schemas}
    assert len(shown) > 40
    assert [each for name, example in shown.items() for each in unlike(schemas[name](), example, name)] == []
