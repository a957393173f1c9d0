"""What may be kept of an answer: the public directory for a minute, nothing of anybody's own."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import text

from clinic import directory, scheduling
from clinic.db import db, transaction
from clinic.directory.models import Doctor
from clinic.scheduling import EntryKind
from tests import factories
from tests.api.caller import Caller, Document
from tests.api.test_permissions import ROWS
from tests.people import Cast
from tests.statements import count_statements

AsCaller = Callable[[str], Caller]
#: The operations that anybody may keep; a new one is tried here like the others.
KEPT_BY_ANYBODY = ("departments", "department", "services", "service", "specialties", "doctors", "doctor")
PUBLIC = [ROWS[name].path for name in KEPT_BY_ANYBODY]


def test_every_operation_that_may_be_kept_is_tried(document: Document) -> None:
    kept = {
        operation["operationId"]
        for methods in document.content["paths"].values()
        for method, operation in methods.items()
        if method != "parameters" and "304" in operation["responses"]
    }
    assert kept == set(KEPT_BY_ANYBODY), "name it here, and in CHANGES what changes its answer"
    assert set(CHANGES) == set(PUBLIC)


@pytest.mark.parametrize("path", PUBLIC)
def test_the_public_directory_may_be_kept_and_asked_for_again(
    app: Flask, anyone: Caller, cast: Cast, path: str
) -> None:
    path = path.format(**vars(cast))
    first = anyone.get(path)
    assert first.headers["Cache-Control"] == "private, max-age=60", "asked by a host that isn't the portal's own"
    own = anyone.get(path, headers={"Host": urlsplit(app.config["FRONTEND_URL"]).netloc})
    assert own.headers["Cache-Control"] == "public, max-age=60"
    assert {name.strip() for name in first.headers["Vary"].split(",")} >= {"Accept-Language", "Origin"}
    tag = first.headers["ETag"]
    for header in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = anyone.get(path, headers={"If-None-Match": header, "Origin": app.config["FRONTEND_URL"]})
        assert again.status_code == 304
        assert again.data == b""
        assert again.headers["ETag"] == tag
        assert again.headers["Access-Control-Allow-Origin"] == app.config["FRONTEND_URL"]
    assert anyone.get(path, headers={"If-None-Match": '"other"'}).get_json() == first.get_json()
    vietnamese = anyone.get(path, headers={"Accept-Language": "vi", "If-None-Match": tag})
    assert vietnamese.status_code == 200, "in another language it is another text"


def test_links_to_a_host_that_was_made_up_are_given_to_nobody_else(anyone: Caller, cast: Cast) -> None:
    for host in ("evil.example", "localhost:8001", "evil.example:8000"):
        answer = anyone.get("departments/?page_size=1", headers={"Host": host})
        assert answer.get_json()["next"] == f"http://{host}/api/v1/departments/?page_size=1&page=2"
        assert answer.headers["Cache-Control"] == "private, max-age=60"


def test_a_change_is_no_longer_the_same(app: Flask, anyone: Caller, cast: Cast) -> None:
    tag = anyone.get("departments/").headers["ETag"]
    with app.app_context():
        factories.department("Dentistry")
    answer = anyone.get("departments/", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.get_json()["count"] == 3


@pytest.mark.parametrize("path", PUBLIC)
def test_what_was_answered_before_takes_the_statement_for_the_revision(
    app: Flask, anyone: Caller, cast: Cast, path: str
) -> None:
    path = path.format(**vars(cast))
    first = anyone.get(path)
    with app.app_context():
        engine = db.engine
    with count_statements(engine) as statements:
        again = anyone.get(path)
        not_modified = anyone.get(path, headers={"If-None-Match": first.headers["ETag"]})
        anyone.get(path, headers={"If-None-Match": '"another"'})
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    assert not_modified.status_code == 304
    assert statements == ["SELECT token FROM directory_revision"] * 3


def rate(cast: Cast) -> None:
    """What brings reviews in: the portal has no command for it."""
    with transaction() as session:
        session.get_one(Doctor, cast.chen).total_reviews += 1


#: What changes the answer of each address, through the portal and by hand.
CHANGES: dict[str, list[Callable[[Cast], object] | str]] = {
    "departments/": [
        lambda _: factories.department("Dentistry"),
        lambda c: factories.service("Echo", department_id=c.cardiology),
        "UPDATE departments SET is_active = false WHERE id = {neurology}",
    ],
    "departments/{cardiology}/": [
        lambda c: scheduling.switch(c.actor("esther"), EntryKind.ACCOUNT, c.chen, active=False),
        "UPDATE services SET price = price + 1 WHERE id = {ecg}",
    ],
    "services/": ["DELETE FROM services WHERE id = {eeg}"],
    "services/{ecg}/": ["UPDATE services SET price = price + 1 WHERE id = {ecg}"],
    "services/specialties/": [lambda _: factories.department("Dentistry")],
    "doctors/": [
        rate,
        lambda c: directory.update_me(c.actor("chen"), {"full_name": "Dr Chen Wei"}),
        "UPDATE users SET phone_num = '0999999999' WHERE id = {diallo}",
    ],
    "doctors/{chen}/": [
        lambda c: directory.update_me(c.actor("chen"), {"doctor_profile": {"bio": "Listens first."}}),
        "UPDATE departments SET health_examination_fee = 7 WHERE id = {cardiology}",
    ],
}


@pytest.mark.parametrize("path", CHANGES)
def test_each_change_is_seen_at_once(
    app: Flask, make_app: Callable[..., Flask], anyone: Caller, cast: Cast, path: str
) -> None:
    """By whoever asks another application on the same database than the one that made it."""
    other = make_app().test_client()
    address = f"/api/v1/{path.format(**vars(cast))}"
    seen = {(first := other.get(address)).data}
    tag = first.headers["ETag"]
    assert other.get(address, headers={"If-None-Match": tag}).status_code == 304
    for change in CHANGES[path]:
        with app.app_context():
            if isinstance(change, str):
                with db.engine.begin() as connection:
                    connection.execute(text(change.format(**vars(cast))))
            else:
                change(cast)
        answer = other.get(address, headers={"If-None-Match": tag})
        assert answer.status_code == 200
        assert answer.data not in seen
        assert anyone.get(path.format(**vars(cast))).data == answer.data
        seen.add(answer.data)
        tag = answer.headers["ETag"]


def test_the_tag_is_the_same_on_every_process_and_another_for_another_question(
    make_app: Callable[..., Flask], anyone: Caller, cast: Cast
) -> None:
    asked = ["departments/", "departments/?page=1", "departments/?page_size=1", "doctors/", "services/specialties/"]
    tags = [anyone.get(path).headers["ETag"] for path in asked]
    assert len(set(tags)) == len(asked)
    other = make_app().test_client()
    assert [other.get(f"/api/v1/{path}").headers["ETag"] for path in asked] == tags


def test_a_refusal_is_not_remembered(app: Flask, anyone: Caller, cast: Cast) -> None:
    for path in ("doctors/?department_id=999", "departments/999/", "doctors/?page=9", "departments/?page=x"):
        first = anyone.get(path)
        assert first.status_code in (400, 404)
        assert "ETag" not in first.headers
        assert anyone.get(path, headers={"If-None-Match": "*"}).status_code == first.status_code


def test_nothing_else_is_kept(as_: AsCaller, anyone: Caller, cast: Cast, appointment: Callable[..., int]) -> None:
    ana = as_("ana")
    for path in ("user/me/", "appointments/", f"appointments/{appointment()}/", "medical-records/", "rooms/"):
        assert ana.get(path).headers["Cache-Control"] == "no-store"
    slots = f"available-slots/?doctor_id={cast.chen}&date=2026-03-04"
    for path in (slots, "departments/999/", "departments/?page=x", "user/me/", "nowhere/"):
        assert anyone.get(path).headers["Cache-Control"] == "no-store"
