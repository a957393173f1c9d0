"""Every page of a role says in the header, or beside it, where the person is."""

from __future__ import annotations

import pytest
from flask import Flask

from clinic.policy import Role
from clinic.web.admin.menu import PLACES
from clinic.web.kit.navigation import places_of
from tests.people import Cast
from tests.web.visitor import signed_in

#: Pages that belong to no place, each with the reason.
NOWHERE = {
    "admin.menu": "is the header's last place, and lists those beside the pages",
    "admin.profile": "belongs to the account",
    "patient.profile": "belongs to the account",
    "patient.access_log": "belongs to the account",
    "patient.calendar_file": "is a file",
}


@pytest.mark.parametrize("role", Role)
def test_every_page_belongs_to_a_place(app: Flask, role: Role) -> None:
    places = PLACES if role is Role.ADMIN else places_of(role)
    belonging = {endpoint for place in places for endpoint in (place.endpoint, *place.family)}
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith(f"{role}.")}

    assert pages - belonging - NOWHERE.keys() == set(), "add it to the family of its place"
    assert belonging - set(app.view_functions) == set()


def test_a_page_says_where_it_belongs(app: Flask, cast: Cast, places: dict[str, object]) -> None:
    page = signed_in(app, cast.esther).get(f"/admin/appointments/{places['coming']}/staff-notes")
    current = [link.text for link in page.tree.all("a") if link.get("aria-current")]
    assert current == ["Visits", "Visits"], "in the header and beside the page"


@pytest.mark.parametrize(("path", "place"), [("/admin/users", "Accounts"), ("/admin/doctors", "Doctors")])
def test_what_stands_beside_the_pages_alone_belongs_to_the_last_place_of_a_phone(
    app: Flask, cast: Cast, path: str, place: str
) -> None:
    page = signed_in(app, cast.esther).get(path)
    assert [link.text for link in page.tree.all("a") if link.get("aria-current")] == ["More", place]


def test_ones_own_details_belong_to_the_account(app: Flask, cast: Cast) -> None:
    page = signed_in(app, cast.esther).get("/admin/profile")
    assert not [link.text for link in page.tree.all("a") if link.get("aria-current")]
