"""The office's departments, services and rooms: lists, forms, switches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from clinic import directory
from clinic.db import db
from clinic.web.admin.catalogue import ICONS
from tests import factories
from tests.people import Cast
from tests.statements import count_statements
from tests.web.conftest import LATER
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]

NAMES = ["departments", "services", "rooms"]
NEW = {
    "departments": {"name": "Dermatology", "name_vi": "Da liễu", "health_examination_fee": "180.000", "icon": "sun"},
    "services": {"name": "MRI", "name_vi": "Cộng hưởng từ", "price": "900000", "department_id": "{neurology}"},
    "rooms": {"room_number": "102B", "floor": "1", "department_id": ""},
}
WRONG = {
    "departments": ({"name": "Cardiology", "description_vi": "kept"}, "There's already a department with this name."),
    "services": ({"price": "cheap", "description_vi": "kept"}, "Please enter an amount in dong, such as 350000."),
    "rooms": ({"room_number": "kept", "floor": "top"}, "Please enter a whole number."),
}


def typed(cast: Cast, name: str) -> dict[str, str]:
    """What is typed to make an entry."""
    return {field: text.format(**vars(cast)) for field, text in NEW[name].items()}


def first_of(cast: Cast, name: str) -> int:
    """An entry of each kind."""
    return {"departments": cast.cardiology, "services": cast.ecg, "rooms": cast.chens_room}[name]


def heads(page: Sheet) -> list[str]:
    """The row heads of the list."""
    return [node.text for node in page.main.all("th", scope="row")]


def test_the_lists_are_found_from_the_first_page(as_: As, cast: Cast) -> None:
    first = as_("esther").get("/admin/")
    for name, words in zip(NAMES, ("Departments", "Services", "Rooms"), strict=True):
        assert first.tree.one("div", class_="office").with_text("a", words).attrs["href"] == f"/admin/{name}"
        assert as_("esther").get(f"/admin/{name}").h1 == words


def test_lists_filter_and_search(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        factories.department("Closed", is_active=False)
    esther = as_("esther")
    assert heads(esther.get("/admin/departments")) == ["Cardiology", "Closed", "Neurology"]
    assert heads(esther.get("/admin/departments").press("Show", active="off")) == ["Closed"]
    assert heads(esther.get("/admin/departments").press("Show", search="tim m")) == ["Cardiology"]
    assert heads(esther.get("/admin/services").press("Show", department=str(cast.neurology))) == ["EEG"]
    assert heads(esther.get("/admin/rooms").press("Show", search="20")) == ["Room 201", "Room 202"]
    nothing = esther.get("/admin/rooms").press("Show", search="zzz")
    assert "Nothing found" in nothing.main.text
    assert nothing.values("Show")["search"] == "zzz"
    assert heads(nothing.click("Show all")) == ["Room 201", "Room 202", "Room 301"]


def test_a_long_list_has_pages(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        for number in range(20):
            factories.room(f"5{number:02}", floor=5)
    first = as_("esther").get("/admin/rooms?search=5")
    assert len(heads(first)) == 20
    assert heads(as_("esther").get("/admin/rooms").click("Next")) == ["Room 517", "Room 518", "Room 519"]


@pytest.mark.parametrize("name", NAMES)
def test_a_swapped_list_is_the_list_of_the_page(as_: As, cast: Cast, name: str) -> None:
    address = f"/admin/{name}?search=e&active=on"
    page, part = as_("esther").get(address), as_("esther").swap(address, "entry-list")
    assert "<html" not in part.html
    assert part.tree.one("section").written() == page.tree.one("section", id="entry-list").written()


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_is_made_and_changed(as_: As, cast: Cast, name: str) -> None:
    esther = as_("esther")
    made = esther.get(f"/admin/{name}/new").press("Save", **typed(cast, name))
    assert made.status == 303
    shown = made.follow()
    assert "Your changes are saved." in shown.text
    values = shown.values("Save")
    assert {key: values[key] for key in NEW[name]} == {
        **typed(cast, name),
        **({"health_examination_fee": "180000"} if name == "departments" else {}),
    }
    field = "room_number" if name == "rooms" else "name"
    again = shown.press("Save", **{field: "Other 7"}).follow()
    assert again.values("Save")[field] == "Other 7"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(as_: As, cast: Cast, name: str) -> None:
    wrong, words = WRONG[name]
    for path in (
        f"/admin/{name}/new",
        f"/admin/{name}/{[cast.neurology, cast.ecg, cast.chens_room][NAMES.index(name)]}",
    ):
        page = as_("esther").get(path).press("Save", **{**typed(cast, name), **wrong})
        assert page.status == 422
        assert words in page.main.text
        values = page.values("Save")
        assert {key: values[key] for key in wrong} == wrong


MEANWHILE = {
    "departments": {"name": "Heart", "name_vi": "Tim", "health_examination_fee": "250000", "icon": "brain"},
    "services": {"name": "Long ECG", "price": "175000", "department_id": "{neurology}"},
    "rooms": {"room_number": "210", "floor": "0", "department_id": ""},
}
IN_WORDS = {
    "departments": ["Heart", "Tim", "250,000 ₫", "Brain"],
    "services": ["Long ECG", "Điện tâm đồ", "Neurology", "175,000 ₫"],
    "rooms": ["210", "0", "(empty)"],
}


@pytest.mark.parametrize("name", NAMES)
def test_who_saves_later_sees_what_was_saved_meanwhile_and_chooses(as_: As, cast: Cast, name: str) -> None:
    esther, address = as_("esther"), f"/admin/{name}/{first_of(cast, name)}"
    page = esther.get(address)
    meanwhile = {field: text.format(**vars(cast)) for field, text in MEANWHILE[name].items()}
    assert page.press("Save", **meanwhile).status == 303
    mine = {**typed(cast, name), **({"department_id": str(cast.cardiology)} if name != "departments" else {})}
    stale = page.press("Save", **mine)

    assert stale.status == 412
    assert "Somebody else changed this entry after you opened it." in stale.main.one(role="alert").text
    assert [node.one("p", class_="prose").text for node in stale.main.all("div", class_="theirs")] == IN_WORDS[name]
    assert {key: stale.values("Save my version")[key] for key in mine} == mine
    stored = stale.click("Use their version").values("Save")
    assert {key: stored[key] for key in meanwhile} == meanwhile, "nothing was written over unseen"

    done = stale.press("Save my version")
    assert done.status == 303
    field = "room_number" if name == "rooms" else "name"
    assert done.follow().values("Save")[field] == mine[field]


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "٣"])
@pytest.mark.parametrize("name", NAMES)
def test_a_version_that_cannot_be_read_is_stale(as_: As, cast: Cast, name: str, version: str) -> None:
    page = as_("esther").get(f"/admin/{name}/{first_of(cast, name)}")
    assert page.press("Save", version=version).status == 412


def test_an_empty_form_is_refused_on_each_field(as_: As, cast: Cast) -> None:
    page = as_("esther").get("/admin/services/new").press("Save")
    assert page.status == 422
    assert page.main.text.count("Please fill this in.") == 4
    assert "Please choose a department." in page.main.text


@pytest.mark.parametrize("name", NAMES)
def test_switching_off_shows_what_hangs_on_it(as_: As, cast: Cast, appointment: Make, name: str) -> None:
    appointment(LATER, "09:00", room_id=cast.chens_room, service_id=cast.ecg)
    page = as_("esther").get(f"/admin/{name}/{first_of(cast, name)}").click("Switch off")
    assert "1 upcoming visit is affected" in page.main.text
    assert "Ana Nguyễn" in page.main.text
    appointment(LATER, "10:00", room_id=cast.chens_room, service_id=cast.ecg)
    refused = page.press("Switch off anyway")
    assert refused.status == 409
    assert "Upcoming visits affected: 2. Please check them before you go on." in refused.main.text
    done = refused.press("Switch off anyway")
    assert done.status == 303
    shown = done.follow()
    assert "is switched off." in shown.text
    assert shown.click("Switch on").press("Switch on").follow().main.with_text("a", "Switch off") is not None


def test_a_second_press_finds_it_switched_off(as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/rooms/{cast.heart_room}/switch")
    assert "No upcoming visits are affected." in page.main.text
    assert page.press("Switch off").status == page.press("Switch off").status == 303
    assert "Switch on" in as_("esther").get(f"/admin/rooms/{cast.heart_room}").main.text


def test_a_department_says_how_many_doctors_it_takes_along(as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/departments/{cast.cardiology}/switch")
    assert "1 doctor in this department can't be booked while it's off." in page.main.text


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_there_is_not_found(as_: As, cast: Cast, name: str) -> None:
    for path in (f"/admin/{name}/999999", f"/admin/{name}/999999/switch", f"/admin/{name}/0"):
        assert as_("esther").get(path).status == 404
        assert as_("esther").command(path).status == 404
    assert as_("esther").get("/admin/astrologers").status == 404


@pytest.mark.parametrize("name", NAMES)
def test_they_are_the_offices_alone(app: Flask, as_: As, guest: Visitor, cast: Cast, name: str) -> None:
    number = first_of(cast, name)
    for path in (f"/admin/{name}", f"/admin/{name}/new", f"/admin/{name}/{number}", f"/admin/{name}/{number}/switch"):
        for who in ("ana", "chen"):
            assert as_(who).get(path).status == 403
            assert as_(who).command(path, to="off", expected_count="0").status in (403, 405)
        assert guest.get(path).goes_to.startswith("/login")
        assert guest.command(path, to="off", expected_count="0").status in (303, 405)
    with app.app_context():
        assert directory.all_rooms(cast.actor("esther"), active=False).results == []


def test_in_vietnamese_entries_have_their_vietnamese_names(as_: As, cast: Cast) -> None:
    as_("esther").client.set_cookie("lang", "vi")
    assert heads(as_("esther").get("/admin/departments")) == ["Tim mạch", "Thần kinh"]


@pytest.mark.parametrize("name", NAMES)
def test_no_more_statements_for_more_entries(app: Flask, as_: As, cast: Cast, name: str) -> None:
    def statements() -> int:
        with app.app_context():
            engine = db.engine
        with count_statements(engine) as sent:
            for path in (f"/admin/{name}", f"/admin/{name}/{first_of(cast, name)}"):
                assert as_("esther").get(path).status == 200
        return len(sent)

    as_("esther").get("/admin/")
    few = statements()
    with app.app_context():
        for number in range(30):
            department = factories.department(f"Department {number}")
            factories.service("Service", department_id=department)
            factories.room(f"R{number}", department_id=department)
    assert statements() == few <= 16


def test_all_visits_that_hang_on_something_are_a_press_away(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        factories.appointments(25, cast.ana, cast.chen, first_day=LATER)
    for path in (f"/admin/users/{cast.chen}", f"/admin/users/{cast.ana}", f"/admin/departments/{cast.cardiology}"):
        listed = as_("esther").get(f"{path}/switch").click("And 5 more.")
        assert "25 visits" in listed.main.text, path
    assert "And 5 more." not in [
        link.text for link in as_("esther").get(f"/admin/services/{cast.ecg}/switch").main.all("a")
    ]


def test_every_symbol_that_departments_may_have_is_in_the_sprite(root: Path) -> None:
    sprite = (root / "static" / "img" / "icons.svg").read_text(encoding="utf-8")
    assert [name for name in ICONS if f'id="{name}"' not in sprite] == []
