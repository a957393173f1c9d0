"""Departments, services, doctors, rooms; lists by page."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest
from flask import Flask

from clinic import directory
from clinic.api.schemas import directory as schemas
from clinic.api.schemas.fields import Paged, Text
from tests import factories
from tests.api.caller import PREFIX, Caller
from tests.people import Cast

AsCaller = Callable[[str], Caller]
ROOT = f"http://localhost{PREFIX}"


@pytest.fixture
def twelve_departments(app: Flask) -> None:
    """Twelve departments, D01 to D12."""
    with app.app_context():
        for number in range(1, 13):
            factories.department(f"D{number:02d}")


@pytest.mark.usefixtures("twelve_departments")
def test_a_list_by_page(anyone: Caller) -> None:
    first = anyone.get("departments/").get_json()
    assert first["count"] == 12
    assert [row["name"] for row in first["results"]] == [f"D{number:02d}" for number in range(1, 11)]
    assert first["previous"] is None
    assert first["next"] == f"{ROOT}departments/?page=2"
    second = anyone.get(first["next"].removeprefix(ROOT)).get_json()
    assert [row["name"] for row in second["results"]] == ["D11", "D12"]
    assert second["next"] is None
    assert second["previous"] == f"{ROOT}departments/?page=1"


@pytest.mark.usefixtures("twelve_departments")
def test_links_keep_the_other_parameters_and_the_closing_slash(anyone: Caller) -> None:
    answer = anyone.get("departments", {"page_size": 5, "page": 2, "q": "a b&c"}).get_json()
    assert answer["next"] == f"{ROOT}departments/?page_size=5&q=a+b%26c&page=3"
    assert answer["previous"] == f"{ROOT}departments/?page_size=5&q=a+b%26c&page=1"


@pytest.mark.usefixtures("twelve_departments")
@pytest.mark.parametrize(("size", "rows"), [("101", 12), ("5", 5), ("9" * 50, 12), ("", 10)])
def test_page_sizes(anyone: Caller, size: str, rows: int) -> None:
    assert len(anyone.get("departments/", {"page_size": size}).get_json()["results"]) == rows


@pytest.mark.parametrize("name", ["page", "page_size"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "last", "1e3", "٣", "\x00"])
def test_a_page_that_is_no_positive_integer_is_400(anyone: Caller, name: str, value: str) -> None:
    answer = anyone.get("departments/", {name: value})
    assert answer.status_code == 400
    assert name in answer.get_json()["errors"]


@pytest.mark.parametrize("page", ["2", "9" * 18, "9" * 5000])
def test_a_page_past_the_end_is_404(anyone: Caller, cast: Cast, page: str) -> None:
    answer = anyone.get("departments/", {"page": page})
    assert answer.status_code == 404
    assert answer.get_json()["code"] == "invalid_page"


def test_the_first_page_of_nothing_is_empty(anyone: Caller) -> None:
    assert anyone.get("departments/").get_json() == {"count": 0, "next": None, "previous": None, "results": []}


def test_a_department(anyone: Caller, cast: Cast) -> None:
    body = anyone.get(f"departments/{cast.cardiology}/").get_json()
    assert body["health_examination_fee"] == "200000.00"
    assert [row["name"] for row in body["services"]] == ["ECG"]
    assert [row["id"] for row in body["doctors"]] == [cast.chen]
    assert body["doctors_count"] == 1
    assert body["services_count"] == 1


@pytest.mark.parametrize("path", ["departments", "services", "doctors"])
@pytest.mark.parametrize("number", ["0", "999", "99999999999", "9" * 5000, "x", "-1", "1.0"])
def test_an_unknown_id_is_404(anyone: Caller, cast: Cast, path: str, number: str) -> None:
    assert anyone.get(f"{path}/{number}/").status_code == 404


def test_inactive_ones_are_not_there(anyone: Caller, app: Flask, cast: Cast) -> None:
    with app.app_context():
        closed = factories.department("Closed", is_active=False)
        gone = factories.service("Gone", department_id=cast.cardiology, is_active=False)
    assert anyone.get(f"departments/{closed}/").status_code == 404
    assert anyone.get(f"services/{gone}/").status_code == 404
    assert anyone.get("services/", {"department_id": closed}).status_code == 404
    assert anyone.get("doctors/", {"department_id": closed}).status_code == 404
    assert closed not in [row["id"] for row in anyone.get("departments/").get_json()["results"]]


def test_services_by_department_or_its_synonym(anyone: Caller, cast: Cast) -> None:
    for name in ("department_id", "specialty_id"):
        rows = anyone.get("services/", {name: cast.cardiology}).get_json()["results"]
        assert [row["id"] for row in rows] == [cast.ecg]
        assert rows[0]["price"] == "150000.00"
    both = {"department_id": cast.cardiology, "specialty_id": cast.cardiology}
    assert anyone.get("services/", both).get_json()["count"] == 1
    answer = anyone.get("services/", {**both, "specialty_id": cast.neurology})
    assert answer.status_code == 400
    assert "specialty_id" in answer.get_json()["errors"]


def test_another_filter_of_services_goes_along_with_the_department() -> None:
    class Ordered(schemas.ServiceFilter):
        ordering = Text()

    for name in ("department_id", "specialty_id"):
        assert Ordered().load({name: "3", "ordering": "price"}) == {"department_id": 3, "ordering": "price"}


@pytest.mark.parametrize(
    ("schema", "door", "query"),
    [
        (schemas.ServiceFilter, directory.services, {"specialty_id": "1"}),
        (schemas.RoomFilter, directory.rooms, {"department_id": "1", "unassigned": "1"}),
        (schemas.DoctorFilter, directory.doctors, {"department_id": "1", "specialization": "a", "search": "b"}),
    ],
)
def test_the_domain_takes_the_filters_as_they_are_read(
    schema: type[Paged], door: Callable[..., object], query: dict[str, str]
) -> None:
    wanted = schema().load(query)
    assert len(wanted) == len(query)
    assert wanted.keys() <= inspect.signature(door).parameters.keys()


def test_a_service(anyone: Caller, cast: Cast) -> None:
    assert anyone.get(f"services/{cast.ecg}/").get_json()["department_name"] == "Cardiology"


def test_specialties_are_an_array_of_departments(anyone: Caller, cast: Cast) -> None:
    body = anyone.get("services/specialties/").get_json()
    assert [row["name"] for row in body] == ["Cardiology", "Neurology"]


def test_doctors_the_best_rated_first_and_without_license_numbers(anyone: Caller, cast: Cast) -> None:
    answer = anyone.get("doctors/")
    rows = answer.get_json()["results"]
    assert [(row["full_name"], row["rating"]) for row in rows] == [("Dr Chen", "4.80"), ("Dr Diallo", "4.60")]
    assert rows[0]["id"] == rows[0]["user_id"] == cast.chen
    assert "license" not in answer.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"search": "CHEN"}, ["Dr Chen"]),
        ({"search": "chén"}, ["Dr Chen"]),
        ({"search": "%"}, []),
        ({"specialization": "ENER"}, ["Dr Chen", "Dr Diallo"]),
        ({"specialization": "eyes"}, []),
        ({"specialization": "", "search": "", "department_id": ""}, ["Dr Chen", "Dr Diallo"]),
    ],
)
def test_finding_doctors(anyone: Caller, cast: Cast, query: dict[str, str], found: list[str]) -> None:
    rows = anyone.get("doctors/", query).get_json()["results"]
    assert [row["full_name"] for row in rows] == found


def test_doctors_of_a_department(anyone: Caller, as_: AsCaller, cast: Cast) -> None:
    rows = anyone.get("doctors/", {"department_id": cast.neurology}).get_json()["results"]
    assert [row["id"] for row in rows] == [cast.diallo]
    body = as_("ana").get("appointments/doctors-by-department/", {"department_id": cast.neurology}).get_json()
    assert body == {
        "department": {"id": cast.neurology, "name": "Neurology", "icon": "brain"},
        "doctors": rows,
        "count": 1,
    }


def test_a_doctor_is_no_other_user(anyone: Caller, cast: Cast) -> None:
    assert anyone.get(f"doctors/{cast.chen}/").get_json()["full_name"] == "Dr Chen"
    assert anyone.get(f"doctors/{cast.ana}/").status_code == 404


def test_rooms_by_floor_and_number(as_: AsCaller, cast: Cast) -> None:
    rows = as_("ana").get("rooms/").get_json()["results"]
    assert [row["room_number"] for row in rows] == ["201", "202", "301"]
    assert rows[0]["department"] == cast.cardiology
    free = as_("chen").get("rooms/", {"unassigned": "1", "department_id": cast.cardiology}).get_json()["results"]
    assert [row["id"] for row in free] == [cast.heart_room]
    assert as_("ana").get("rooms/", {"unassigned": "0"}).get_json()["results"] == rows


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("services/", "department_id", "x"),
        ("services/", "specialty_id", "-1"),
        ("doctors/", "department_id", "1.5"),
        ("doctors/", "search", "a\x00"),
        ("doctors/", "search", "x" * 10_000),
        ("doctors/", "specialization", "\x00"),
        ("rooms/", "department_id", "all"),
        ("rooms/", "unassigned", "maybe"),
        ("appointments/doctors-by-department/", "department_id", ""),
    ],
)
def test_an_ill_formed_filter_is_400_by_name(as_: AsCaller, path: str, name: str, value: str) -> None:
    answer = as_("ana").get(path, {name: value})
    assert answer.status_code == 400
    assert set(answer.get_json()["errors"]) == {name}
