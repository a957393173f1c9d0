"""What may be kept of an answer: the public directory for a minute, nothing of anybody's own."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests import factories
from tests.api.caller import Caller
from tests.people import Cast

AsCaller = Callable[[str], Caller]
PUBLIC = [
    "departments/",
    "departments/{cardiology}/",
    "services/",
    "services/{ecg}/",
    "services/specialties/",
    "doctors/",
    "doctors/{chen}/",
]


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


def test_nothing_else_is_kept(as_: AsCaller, anyone: Caller, cast: Cast, appointment: Callable[..., int]) -> None:
    ana = as_("ana")
    for path in ("user/me/", "appointments/", f"appointments/{appointment()}/", "medical-records/", "rooms/"):
        assert ana.get(path).headers["Cache-Control"] == "no-store"
    slots = f"available-slots/?doctor_id={cast.chen}&date=2026-03-04"
    for path in (slots, "departments/999/", "departments/?page=x", "user/me/", "nowhere/"):
        assert anyone.get(path).headers["Cache-Control"] == "no-store"
