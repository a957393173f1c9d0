"""The directory: what the clinic offers, in the reader's language, and only what is in service."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from clinic import directory, scheduling
from clinic.accounts.models import User
from clinic.db import MAX_ID, transaction
from clinic.directory.models import Department, Doctor, Room, Service
from clinic.errors import InvalidInput, NotFound, Unauthenticated
from clinic.i18n import LANGUAGES
from clinic.paging import PageRequest
from tests import factories

pytestmark = pytest.mark.usefixtures("app_context")

UNKNOWN = [0, -1, 424242, MAX_ID, MAX_ID + 1, 10**30]


def switch_off(model: Any, row_id: int) -> None:
    """Take a department, service, room or user out of service."""
    with transaction() as session:
        session.execute(update(model).where(model.id == row_id).values(is_active=False))


def names(page) -> list[str]:
    """The names of a list, in its order."""
    return [row.get("name") or row.get("full_name") or row["room_number"] for row in page.results]


# --- departments ------------------------------------------------------------------------------------------------------


def test_departments_come_by_name_and_only_active_ones(cast):
    factories.department("Andrology")
    factories.department("Closed", is_active=False)
    page = directory.departments(lang="en")
    assert names(page) == ["Andrology", "Cardiology", "Neurology"]
    assert (page.count, page.next) == (3, None)


def test_whole_lists_come_in_the_order_of_the_readers_language(cast):
    factories.department("Audiology", vi="Đo thính lực")
    factories.department("Maternity", vi="Dưỡng sinh")
    factories.department("Urology", vi="Đa khoa")
    assert names(directory.departments(lang="en")) == ["Audiology", "Cardiology", "Maternity", "Neurology", "Urology"]
    shown = names(directory.departments(lang="vi"))
    assert [name for name in shown if name[0] in "DĐ"] == ["Dưỡng sinh", "Đa khoa", "Đo thính lực"]


def test_a_department_tells_the_apis_keys(cast):
    shown = directory.departments(lang="en").results[0]
    assert list(shown) == [
        "id", "name", "icon", "description", "health_examination_fee", "is_active", "services_count", "created_at",
        "updated_at",
    ]  # fmt: skip
    assert (shown["icon"], shown["health_examination_fee"]) == ("heartbeat", Decimal("200000.00"))
    assert shown["created_at"].tzinfo is not None


def test_only_active_services_are_counted(cast):
    factories.service("Closed", department_id=cast.cardiology, is_active=False)
    factories.service("Ultrasound", department_id=cast.cardiology)
    assert directory.department(cast.cardiology, lang="en")["services_count"] == 2


def test_one_department_shows_its_active_services_and_doctors(cast):
    factories.service("Closed", department_id=cast.cardiology, is_active=False)
    gone = factories.doctor("Dr Gone", department_id=cast.cardiology)
    switch_off(User, gone)
    shown = directory.department(cast.cardiology, lang="en")
    assert [service["name"] for service in shown["services"]] == ["ECG"]
    assert [doctor["full_name"] for doctor in shown["doctors"]] == ["Dr Chen"]
    assert shown["doctors_count"] == 1


@pytest.mark.parametrize("unknown", UNKNOWN)
def test_there_is_no_unknown_department_service_or_doctor(cast, unknown):
    for look in (directory.department, directory.service, directory.doctor):
        with pytest.raises(NotFound):
            look(unknown, lang="en")
    for look in (directory.services, directory.doctors):
        with pytest.raises(NotFound):
            look(department_id=unknown, lang="en")
    with pytest.raises(NotFound):
        directory.rooms(cast.actor("ana"), department_id=unknown)


def test_a_department_out_of_service_takes_its_services_and_doctors_along(cast):
    switch_off(Department, cast.cardiology)
    for look in (
        lambda: directory.department(cast.cardiology, lang="en"),
        lambda: directory.service(cast.ecg, lang="en"),
        lambda: directory.doctor(cast.chen, lang="en"),
        lambda: directory.services(department_id=cast.cardiology, lang="en"),
        lambda: directory.doctors(department_id=cast.cardiology, lang="en"),
        lambda: directory.rooms(cast.actor("ana"), department_id=cast.cardiology),
    ):
        with pytest.raises(NotFound):
            look()
    assert names(directory.services(lang="en")) == ["EEG"]
    assert names(directory.doctors(lang="en")) == ["Dr Diallo"]


# --- services ---------------------------------------------------------------------------------------------------------


def test_services_of_all_departments_or_of_one(cast):
    factories.service("Angiography", department_id=cast.neurology)
    assert names(directory.services(lang="en")) == ["ECG", "Angiography", "EEG"]
    assert names(directory.services(department_id=cast.neurology, lang="en")) == ["Angiography", "EEG"]


def test_a_service_names_its_department(cast):
    shown = directory.service(cast.ecg, lang="vi")
    assert (shown["name"], shown["department_name"], shown["department_icon"], shown["price"]) == (
        "Điện tâm đồ", "Tim mạch", "heartbeat", Decimal("150000.00"),
    )  # fmt: skip


def test_a_service_out_of_service_is_not_found(cast):
    switch_off(Service, cast.ecg)
    with pytest.raises(NotFound):
        directory.service(cast.ecg, lang="en")
    assert names(directory.services(lang="en")) == ["EEG"]


# --- doctors ----------------------------------------------------------------------------------------------------------


def test_doctors_come_best_rated_first_then_by_name(cast):
    factories.doctor("Dr Zoe", department_id=cast.neurology, rating="4.80")
    factories.doctor("Dr Abe", department_id=cast.neurology, rating="4.80")
    factories.doctor("Dr Low", department_id=cast.neurology, rating="1.00")
    assert names(directory.doctors(lang="en")) == ["Dr Abe", "Dr Chen", "Dr Zoe", "Dr Diallo", "Dr Low"]


def test_a_doctor_tells_the_apis_keys_and_no_license_number(cast):
    shown = directory.doctor(cast.chen, lang="en")
    assert list(shown) == [
        "id", "user_id", "full_name", "email", "phone_num", "title", "specialization", "department_id",
        "department_name", "department_icon", "experience_years", "consultation_fee", "rating", "avatar_url",
        "total_reviews", "bio", "examination_fee", "languages",
    ]  # fmt: skip
    assert shown["id"] == shown["user_id"] == cast.chen
    assert shown["rating"] == Decimal("4.80")
    assert shown["examination_fee"] == directory.department(cast.cardiology, lang="en")["health_examination_fee"]


def test_a_doctor_who_is_switched_off_is_not_found(cast):
    switch_off(User, cast.chen)
    with pytest.raises(NotFound):
        directory.doctor(cast.chen, lang="en")
    assert names(directory.doctors(lang="en")) == ["Dr Diallo"]


def test_a_patient_is_no_doctor(cast):
    with pytest.raises(NotFound):
        directory.doctor(cast.ana, lang="en")


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ngo", ["Dr Đỗ Ngọc Mai"]),
        ("Ngọc", ["Dr Đỗ Ngọc Mai"]),
        ("DO NGOC", ["Dr Đỗ Ngọc Mai"]),
        ("đỗ  ngọc", ["Dr Đỗ Ngọc Mai"]),
        ("đo\u0302\u0303 ngoc", ["Dr Đỗ Ngọc Mai"]),
        (" chen ", ["Dr Chen"]),
        ("", ["Dr Chen", "Dr Diallo", "Dr Đỗ Ngọc Mai", "Dr 100%_/"]),
        ("   ", ["Dr Chen", "Dr Diallo", "Dr Đỗ Ngọc Mai", "Dr 100%_/"]),
        ("mai, do", ["Dr Đỗ Ngọc Mai"]),
        ("mai chen", []),
        ("100%", ["Dr 100%_/"]),
        ("1_0", ["Dr 100%_/"]),
        ("%", []),  # no word
        ("_/", []),
        ("nobody", []),
        ("'; DROP TABLE users; --", []),
        ("a\x00b", []),
        ("x\ud800", []),
    ],
)
def test_a_search_finds_names_without_their_accents(cast, search, found):
    factories.doctor("Dr Đỗ Ngọc Mai", department_id=cast.neurology, rating="3.00")
    factories.doctor("Dr 100%_/", department_id=cast.neurology, rating="2.00")
    assert names(directory.doctors(search=search, lang="en")) == found


@pytest.mark.parametrize(
    ("part", "found"),
    [("heart", ["Dr Heart"]), (" HEART ", ["Dr Heart"]), ("General", ["Dr Chen", "Dr Diallo"]), ("%", []),
     ("a\x00b", []), ("x\ud800", []), ("suy tim", ["Dr Heart"]), ("SUY  TIM", ["Dr Heart"]), ("tổng quát", ["Dr Chen", "Dr Diallo"]),
     ("TONG QUAT", ["Dr Chen", "Dr Diallo"]), ("ménière", ["Dr Ear"]), ("MENIERE", ["Dr Ear"]), ("ĐIỀU TRỊ", ["Dr Ear"]),
     ("dieu tri", ["Dr Ear"]), ("failure heart", ["Dr Heart"]), ("tim suy", ["Dr Heart"]), ("failure mind", [])],
)  # fmt: skip
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_specialization_is_found_by_a_part_of_it_in_any_language_and_case(cast, part, found, lang):
    factories.doctor("Dr Heart", department_id=cast.cardiology, specialization="Heart failure", rating="1.00",
                     translations={"vi": {"specialization": "Suy tim"}})  # fmt: skip
    factories.doctor("Dr Ear", department_id=cast.cardiology, specialization="MÉNIÈRE’s disease", rating="1.00",
                     translations={"vi": {"specialization": "Điều trị chóng mặt"}})  # fmt: skip
    assert names(directory.doctors(specialization=part, lang=lang)) == found


def test_a_changed_specialization_is_found_and_the_old_one_is_not(cast):
    directory.update_me(cast.actor("chen"), {"doctor_profile": {"specialization": "Nhịp tim"}})
    for part, found in (("nhip", ["Dr Chen"]), ("general", ["Dr Diallo"]), ("tong quat", ["Dr Diallo"])):
        assert names(directory.doctors(specialization=part, lang="vi")) == found
    esther = cast.actor("esther")
    values = directory.one_doctor(esther, cast.diallo) | {"specialization_vi": "Thần kinh"}
    scheduling.edit_doctor(esther, cast.diallo, values)
    assert names(directory.doctors(specialization="THAN KINH", lang="en")) == ["Dr Diallo"]


def test_filters_hold_together(cast):
    assert names(directory.doctors(department_id=cast.cardiology, search="dr", lang="en")) == ["Dr Chen"]
    assert names(directory.doctors(department_id=cast.cardiology, search="diallo", lang="en")) == []


# --- language ---------------------------------------------------------------------------------------------------------


def test_texts_come_in_the_readers_language_and_in_english_where_there_is_no_other(cast):
    assert [row["name"] for row in directory.departments(lang="vi").results] == ["Thần kinh", "Tim mạch"]
    chen = directory.doctor(cast.chen, lang="vi")
    assert (chen["title"], chen["specialization"], chen["department_name"], chen["bio"]) == (
        "Bác sĩ chuyên khoa", "Tổng quát", "Tim mạch", "Sees people of all ages.",
    )  # fmt: skip
    assert directory.service(cast.eeg, lang="vi")["name"] == "EEG"
    assert directory.department(cast.cardiology, lang="xx")["name"] == "Cardiology"


# --- rooms ------------------------------------------------------------------------------------------------------------


def test_rooms_come_by_floor_then_number_and_only_active_ones(cast):
    factories.room("101", floor=1)
    factories.room("001", floor=0)
    closed = factories.room("102", floor=1)
    switch_off(Room, closed)
    assert names(directory.rooms(cast.actor("boris"))) == ["001", "101", "201", "202", "301"]
    assert directory.rooms(cast.actor("boris")).results[0]["department"] is None


def test_rooms_of_a_department_and_those_that_are_no_doctors_own(cast):
    esther = cast.actor("esther")
    assert names(directory.rooms(esther, department_id=cast.cardiology)) == ["201", "202"]
    assert names(directory.rooms(esther, unassigned=True)) == ["202", "301"]
    assert names(directory.rooms(esther, department_id=cast.cardiology, unassigned=True)) == ["202"]


def test_rooms_are_for_people_who_are_signed_in(cast):
    with pytest.raises(Unauthenticated):
        directory.rooms(None)


# --- pages ------------------------------------------------------------------------------------------------------------


def test_a_list_comes_in_pages_and_ends(cast):
    for number in range(5):
        factories.department(f"Extra {number}")
    first = directory.departments(lang="en", page=PageRequest(1, 3))
    last = directory.departments(lang="en", page=PageRequest(3, 3))
    assert (names(first), first.count) == (["Cardiology", "Extra 0", "Extra 1"], 7)
    assert (first.previous, first.next) == (None, "2")
    assert (names(last), last.previous, last.next) == (["Neurology"], "2", None)
    for beyond in (4, 10**18, 10**40):
        with pytest.raises(NotFound) as refusal:
            directory.departments(lang="en", page=PageRequest(beyond, 3))
        assert refusal.value.code == "invalid_page"


def test_the_first_page_of_an_empty_list_is_empty(app):
    page = directory.doctors(lang="en", page=PageRequest())
    assert (page.results, page.count, page.next, page.previous) == ([], 0, None, None)


# --- me ---------------------------------------------------------------------------------------------------------------


def test_a_doctor_sees_their_own_profile_with_the_license(cast):
    shown = directory.me(cast.actor("chen"))
    assert shown["id"] == cast.chen
    profile = shown["doctor_profile"]
    assert (profile["department_name"], profile["room_id"]) == ("Cardiology", cast.chens_room)
    assert profile["license_number"].startswith("L-")
    assert "patient_profile" not in shown


def test_nobody_is_no_user(app):
    with pytest.raises(Unauthenticated):
        directory.me(None)


def test_doctors_share_their_key_with_their_user(cast):
    with transaction() as session:
        assert session.get_one(Doctor, cast.chen).user_id == session.get_one(User, cast.chen).id


def test_only_a_doctor_has_a_licence(cast):
    assert directory.license_number(cast.chen)
    with pytest.raises(NotFound):
        directory.license_number(cast.ana)


def test_a_clinic_without_departments_suggests_none():
    with pytest.raises(NotFound, match="no departments yet"):
        directory.suggest_department("My chest hurts", lang="en")


def test_a_room_that_is_a_colleagues_is_told_beside_what_else_is_wrong(cast):
    with transaction() as session:
        session.execute(update(Doctor).where(Doctor.user_id == cast.diallo).values(room_id=cast.nerve_room))
    with pytest.raises(InvalidInput) as refusal:
        directory.update_me(
            cast.actor("chen"),
            {"phone_num": "1", "email": "new@example.com", "doctor_profile": {"room": cast.nerve_room}},
        )
    assert sorted(refusal.value.errors) == ["doctor_profile.room", "email", "phone_num"]


def test_a_doctor_speaks_only_languages_that_the_clinic_offers(cast):
    with pytest.raises(InvalidInput) as refusal:
        scheduling.edit_doctor(cast.actor("esther"), cast.chen, {"languages": ["vi", "tlh"]})
    assert "languages" in refusal.value.errors
