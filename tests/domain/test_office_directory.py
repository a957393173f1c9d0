"""The office's work on departments, services, rooms and doctors, on or off."""

from __future__ import annotations

from decimal import Decimal

import pytest

from clinic import accounts, directory, mail, records, scheduling
from clinic.db import transaction
from clinic.directory.models import Department
from clinic.errors import Conflict, Forbidden, InvalidInput, NotFound, Stale, Unauthenticated
from clinic.paging import PageRequest
from clinic.scheduling import EntryKind
from tests import factories
from tests.entries import entries

pytestmark = pytest.mark.usefixtures("app_context")

DEPARTMENT: directory.DepartmentValues = {
    "name": "Dermatology", "name_vi": "Da liễu", "icon": "sun", "description": "Skin.", "description_vi": "Về da.",
    "health_examination_fee": Decimal(180000),
}  # fmt: skip
UNKNOWN = 424242


def doctor_values(cast, **more):
    """What the office writes of a doctor."""
    return {
        "department_id": cast.cardiology, "room_id": None, "license_number": "L-NEW", "title": "Specialist",
        "title_vi": "Bác sĩ", "specialization": "Rhythm", "specialization_vi": "", "bio": "", "bio_vi": "",
        "experience_years": 7, "consultation_fee": Decimal(300000), **more,
    }  # fmt: skip


def titles(page) -> list[str]:
    """What a list is made of, in its order."""
    return [row.get("full_name") or row.get("name") or row["room_number"] for row in page.results]


# --- lists ------------------------------------------------------------------------------------------------------------


def test_lists_have_what_is_off_too_and_filters(cast):
    esther = cast.actor("esther")
    factories.department("Closed", is_active=False)
    factories.service("Old", department_id=cast.cardiology, is_active=False)
    factories.room("999", floor=9, is_active=False)
    assert titles(directory.all_departments(esther)) == ["Cardiology", "Closed", "Neurology"]
    assert titles(directory.all_departments(esther, active=False)) == ["Closed"]
    assert titles(directory.all_departments(esther, search="CARDIO")) == ["Cardiology"]
    assert titles(directory.all_services(esther, active=True)) == ["ECG", "EEG"]
    assert titles(directory.all_services(esther, department_id=cast.cardiology)) == ["ECG", "Old"]
    assert titles(directory.all_rooms(esther, active=True)) == ["201", "202", "301"]
    assert titles(directory.all_rooms(esther, search="20", department_id=cast.cardiology)) == ["201", "202"]
    assert titles(directory.all_doctors(esther, search="diallo")) == ["Dr Diallo"]
    assert titles(directory.all_doctors(esther, department_id=cast.cardiology)) == ["Dr Chen"]
    page = directory.all_departments(esther, page=PageRequest(2, 2))
    assert (titles(page), page.count) == (["Neurology"], 3)


def test_a_department_or_service_is_found_by_its_vietnamese_name(cast):
    esther = cast.actor("esther")
    assert titles(directory.all_departments(esther, search="tim")) == ["Cardiology"]
    assert titles(directory.all_services(esther, search="tâm đồ")) == ["ECG"]
    assert titles(directory.all_departments(esther, search="%")) == []


def test_doctors_whose_account_is_off_stay_on_the_list(cast):
    esther = cast.actor("esther")
    scheduling.switch(esther, EntryKind.ACCOUNT, cast.diallo, active=False)
    assert titles(directory.all_doctors(esther)) == ["Dr Chen", "Dr Diallo"]
    assert titles(directory.all_doctors(esther, active=False)) == ["Dr Diallo"]


def test_the_directory_of_the_office_is_the_offices_alone(cast):
    for verb in (
        directory.all_departments,
        directory.all_services,
        directory.all_rooms,
        directory.all_doctors,
        lambda each: directory.one_department(each, cast.cardiology),
        lambda each: directory.one_service(each, cast.ecg),
        lambda each: directory.one_room(each, cast.chens_room),
        lambda each: directory.one_doctor(each, cast.chen),
        lambda each: directory.save_department(each, DEPARTMENT),
        lambda each: directory.save_service(each, {}),
        lambda each: directory.save_room(each, {}),
        lambda each: directory.invite_doctor(each, email="", full_name="", phone_num="", values={}),
        lambda each: scheduling.switch(each, EntryKind.ROOM, cast.chens_room, active=False),
        lambda each: scheduling.edit_doctor(each, cast.chen, {}),
    ):
        for who in ("ana", "chen"):
            with pytest.raises(Forbidden):
                verb(cast.actor(who))
        with pytest.raises(Unauthenticated):
            verb(None)


# --- departments, services, rooms -------------------------------------------------------------------------------------


def test_a_department_is_made_and_changed_in_both_languages(cast):
    esther = cast.actor("esther")
    number = directory.save_department(esther, DEPARTMENT)
    shown = directory.one_department(esther, number)
    assert (shown["name"], shown["icon"], shown["health_examination_fee"], shown["is_active"]) == (
        "Dermatology", "sun", Decimal(180000), True,
    )  # fmt: skip
    assert directory.department(number, lang="vi")["name"] == "Da liễu"
    directory.save_department(esther, {**DEPARTMENT, "name": "Skin", "name_vi": ""}, department_id=number)
    assert directory.department(number, lang="vi")["name"] == "Skin"
    assert directory.one_department(esther, number)["translations"] == {"vi": {"description": "Về da."}}
    assert [row["details"]["kind"] for row in records.audit_trail(esther, action="directory.changed").results] == [
        "department", "department",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"name": ""}, ["name"]),
        ({"name": "x" * 151, "name_vi": "y" * 151}, ["name", "name_vi"]),
        ({"health_examination_fee": None}, ["health_examination_fee"]),
        ({"health_examination_fee": Decimal(-1)}, ["health_examination_fee"]),
        ({"health_examination_fee": Decimal("NaN")}, ["health_examination_fee"]),
        ({"health_examination_fee": Decimal("1e12")}, ["health_examination_fee"]),
        ({"name": "Cardiology"}, ["name"]),
    ],
)
def test_a_wrong_department_is_refused_on_its_fields(cast, change, fields):
    esther = cast.actor("esther")
    with pytest.raises(InvalidInput) as refusal:
        directory.save_department(esther, {**DEPARTMENT, **change})
    assert sorted(refusal.value.errors) == fields
    assert len(directory.all_departments(esther).results) == 2


ENTRIES = {
    "department": (
        directory.one_department,
        lambda actor, number, version, text: directory.save_department(
            actor, {**DEPARTMENT, "name": text}, department_id=number, expected_version=version
        ),
        "cardiology",
    ),
    "service": (
        directory.one_service,
        lambda actor, number, version, text: directory.save_service(
            actor, {"name": text, "price": Decimal(1), "department_id": directory.one_service(actor, number)["department_id"]},
            service_id=number, expected_version=version,
        ),
        "ecg",
    ),
    "room": (
        directory.one_room,
        lambda actor, number, version, text: directory.save_room(
            actor, {"room_number": text, "floor": 1, "department_id": None}, room_id=number, expected_version=version
        ),
        "heart_room",
    ),
    "doctor": (
        directory.one_doctor,
        lambda actor, number, version, text: scheduling.edit_doctor(
            actor, number,
            {"license_number": text, "experience_years": 1, "consultation_fee": Decimal(1),
             "department_id": directory.one_doctor(actor, number)["department_id"]},
            expected_version=version,
        ),
        "chen",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ENTRIES)
def test_a_change_of_an_old_version_is_stale_and_changes_nothing(cast, kind):
    one, save, name = ENTRIES[kind]
    esther, number = cast.actor("esther"), getattr(cast, name)
    read = one(esther, number)["version"]
    save(esther, number, read, "First")
    first = one(esther, number)
    assert first["version"] == read + 1
    for old in (read, read + 2, -1):
        with pytest.raises(Stale):
            save(esther, number, old, "Second")
    assert one(esther, number) == first
    save(esther, number, read + 1, "Second")
    assert one(esther, number)["version"] == read + 2


@pytest.mark.parametrize("translations", [{}, {"vi": {}}])
def test_saving_an_entry_without_vietnamese_as_it_is_changes_nothing(cast, translations):
    esther = cast.actor("esther")
    number = factories.department("Plain")
    with transaction() as current:
        current.get_one(Department, number).translations = translations
    shown = directory.one_department(esther, number)
    same: directory.DepartmentValues = {
        "name": shown["name"], "icon": shown["icon"], "description": shown["description"],
        "health_examination_fee": shown["health_examination_fee"],
    }  # fmt: skip
    directory.save_department(esther, same, department_id=number)
    assert directory.one_department(esther, number)["version"] == shown["version"]
    assert entries(esther) == []
    directory.save_department(esther, {**same, "name_vi": "Đơn giản"}, department_id=number)
    directory.save_department(esther, same, department_id=number)
    assert directory.one_department(esther, number)["translations"] == {}


@pytest.mark.parametrize("kind", ENTRIES)
def test_a_save_that_changes_nothing_makes_no_version_and_no_line(cast, kind):
    one, save, name = ENTRIES[kind]
    esther, number = cast.actor("esther"), getattr(cast, name)
    save(esther, number, None, "Same")
    before, lines = one(esther, number), entries(esther)
    save(esther, number, before["version"], "Same")
    assert one(esther, number) == before
    assert entries(esther) == lines


def test_changing_what_is_not_there_is_not_found(cast):
    esther = cast.actor("esther")
    for verb in (
        lambda: directory.save_department(esther, DEPARTMENT, department_id=UNKNOWN),
        lambda: directory.save_service(esther, {}, service_id=UNKNOWN),
        lambda: directory.save_room(esther, {}, room_id=UNKNOWN),
        lambda: scheduling.edit_doctor(esther, UNKNOWN, {}),
        lambda: scheduling.edit_doctor(esther, cast.ana, {}),
        lambda: directory.one_department(esther, UNKNOWN),
        lambda: directory.one_service(esther, UNKNOWN),
        lambda: directory.one_room(esther, UNKNOWN),
        lambda: directory.one_doctor(esther, cast.ana),
        *[lambda kind=kind: scheduling.switch(esther, kind, UNKNOWN, active=True) for kind in EntryKind],
    ):
        with pytest.raises(NotFound):
            verb()


def test_a_service_belongs_to_a_department_and_has_a_price(cast):
    esther = cast.actor("esther")
    values = {"department_id": cast.neurology, "name": "MRI", "name_vi": "Cộng hưởng từ", "price": Decimal(900000)}
    number = directory.save_service(esther, values)
    assert directory.service(number, lang="vi")["name"] == "Cộng hưởng từ"
    directory.save_service(esther, {**values, "department_id": cast.cardiology}, service_id=number)
    assert directory.one_service(esther, number)["department_name"] == "Cardiology"
    for wrong in ({"department_id": None}, {"department_id": UNKNOWN}):
        with pytest.raises(InvalidInput) as refusal:
            directory.save_service(esther, {**values, **wrong})
        assert list(refusal.value.errors) == ["department_id"]
    with pytest.raises(InvalidInput) as refusal:
        directory.save_service(esther, {})
    assert sorted(refusal.value.errors) == ["department_id", "name", "price"]


def test_a_room_has_a_number_of_its_own(cast):
    esther = cast.actor("esther")
    number = directory.save_room(esther, {"room_number": "102B", "floor": 1, "department_id": None})
    assert directory.one_room(esther, number)["department_name"] is None
    directory.save_room(esther, {"room_number": "103", "floor": 0, "department_id": cast.neurology}, room_id=number)
    assert directory.one_room(esther, number)["department_name"] == "Neurology"
    with pytest.raises(InvalidInput) as refusal:
        directory.save_room(esther, {"room_number": "201", "floor": 1})
    assert list(refusal.value.errors) == ["room_number"]
    with pytest.raises(InvalidInput) as refusal:
        directory.save_room(esther, {"room_number": "", "floor": 201, "department_id": UNKNOWN})
    assert sorted(refusal.value.errors) == ["department_id", "floor", "room_number"]
    assert directory.one_room(esther, cast.chens_room)["doctor_name"] == "Dr Chen"


# --- doctors ----------------------------------------------------------------------------------------------------------


def test_an_invited_doctor_is_kept_and_gets_a_mail(cast):
    esther = cast.actor("esther")
    number = directory.invite_doctor(
        esther, email="gil@clinic.example", full_name="Gil Heart", phone_num="0911222333", language="vi",
        values=doctor_values(cast, room_id=cast.heart_room),
    )  # fmt: skip
    shown = directory.one_doctor(esther, number)
    assert (shown["full_name"], shown["room_number"], shown["experience_years"]) == ("Gil Heart", "202", 7)
    assert shown["translations"]["vi"]["title"] == "Bác sĩ"
    [letter] = mail.all_mail()
    assert letter["to"] == "gil@clinic.example"
    assert accounts.person(esther, number)["role"] == "doctor"


def test_an_invitation_of_a_doctor_is_refused_on_all_fields_and_leaves_nothing(cast):
    esther = cast.actor("esther")
    with pytest.raises(InvalidInput) as refusal:
        directory.invite_doctor(esther, email="", full_name="", phone_num="", values={})
    assert sorted(refusal.value.errors) == [
        "consultation_fee", "department_id", "email", "experience_years", "full_name", "license_number", "phone_num",
    ]  # fmt: skip
    chen = directory.one_doctor(esther, cast.chen)
    for values, field in (
        (doctor_values(cast, license_number=chen["license_number"]), "license_number"),
        (doctor_values(cast, room_id=cast.chens_room), "room_id"),
        (doctor_values(cast, room_id=UNKNOWN), "room_id"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            directory.invite_doctor(
                esther, email="gil@clinic.example", full_name="Gil", phone_num="0911222333", values=values
            )
        assert list(refusal.value.errors) == [field]
    assert accounts.people(esther, search="gil").count == 0
    assert mail.all_mail() == []


def test_a_doctor_with_coming_visits_changes_department_only_knowingly(cast, book):
    esther = cast.actor("esther")
    book()
    values = doctor_values(cast, license_number="L-OTHER")
    scheduling.edit_doctor(esther, cast.chen, values)
    assert directory.one_doctor(esther, cast.chen)["license_number"] == "L-OTHER"
    moved = {**values, "department_id": cast.neurology}
    with pytest.raises(Conflict) as refusal:
        scheduling.edit_doctor(esther, cast.chen, moved)
    assert (refusal.value.code, refusal.value.params) == ("visits_booked", {"count": 1})
    scheduling.edit_doctor(esther, cast.chen, moved, expected_count=1)
    assert directory.one_doctor(esther, cast.chen)["department_name"] == "Neurology"


def test_a_room_that_is_off_stays_with_its_doctor_when_the_doctor_is_edited(cast):
    esther = cast.actor("esther")
    scheduling.switch(esther, EntryKind.ROOM, cast.chens_room, active=False)
    scheduling.edit_doctor(esther, cast.chen, doctor_values(cast, room_id=cast.chens_room))
    assert directory.one_doctor(esther, cast.chen)["room_number"] == "201"
    with pytest.raises(InvalidInput):
        scheduling.edit_doctor(esther, cast.diallo, doctor_values(cast, license_number="L-D", room_id=cast.chens_room))


def test_only_the_newest_values_of_a_doctor_stand_after_a_refusal(cast):
    esther = cast.actor("esther")
    before = directory.one_doctor(esther, cast.chen)
    with pytest.raises(InvalidInput) as refusal:
        scheduling.edit_doctor(esther, cast.chen, doctor_values(cast, experience_years=81, bio="x" * 2001))
    assert sorted(refusal.value.errors) == ["bio", "experience_years"]
    assert directory.one_doctor(esther, cast.chen) == before
