"""What people read when the portal can't serve: the database really away, a migration missing, every other error.

Each page says what to do and the number of the request, in the person's language, and nothing on the way keeps it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade
from structlog.testing import capture_logs

from clinic import http_errors
from clinic.app import BODY_MOST
from clinic.i18n import LANGUAGES
from tests.people import Cast
from tests.web.dom import read
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Build = Callable[..., Flask]

PAGES = ["/", "/departments", "/doctors", "/book", "/patient/", "/admin/users"]
CALL = {
    "en": "If it's urgent, don't wait. Call us on 028 3822 1234",
    "vi": "Nếu gấp, đừng chờ. Hãy gọi 028 3822 1234",
}


@pytest.fixture
def broken(engine_name: str, new_database: Any, build_app: Build, tmp_path: Path) -> Iterator[Flask]:
    """An application whose database is really away: PostgreSQL lets nobody in, SQLite's folder is gone."""
    with ExitStack() as stack:
        if engine_name == "postgresql":
            database = new_database(engine_name)
            app = build_app(database_url=database.url, clinic_phone="028 3822 1234")
            stack.enter_context(database.away())
        else:
            app = build_app(database_url=f"sqlite:///{tmp_path}/gone/clinic.db", clinic_phone="028 3822 1234")
            shutil.rmtree(tmp_path / "gone")
        yield app


def check_page(answer: Sheet, status: int) -> None:
    """An error page as every one is; `Visitor` has looked at its frame already."""
    assert answer.status == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"] in answer.main.text
    assert len(answer.main.all("p")) >= 4, "what happened, what to do, a way out, the number"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("signed_in", [False, True], ids=["guest", "signed in"])
def test_without_the_database_every_page_says_so(broken: Flask, language: str, signed_in: bool) -> None:
    visitor = Visitor(broken, language)
    if signed_in:
        with visitor.client.session_transaction() as cookie:
            cookie["_user_id"] = "a secret of a session"
    for path in PAGES if signed_in else PAGES[:4]:
        answer = visitor.get(path)
        check_page(answer, 503)
        assert answer.headers["Retry-After"] == "5"
        assert answer.h1 == {"en": "One moment, please", "vi": "Vui lòng chờ một chút"}[language]
        assert answer.tree.one("html").get("lang") == language
        assert CALL[language] in answer.text
        assert not answer.tree.all("nav")


def test_without_the_database_an_unknown_page_is_still_unknown(broken: Flask) -> None:
    """Its frame would show who is signed in, so it is shown without."""
    visitor = Visitor(broken)
    with visitor.client.session_transaction() as cookie:
        cookie["_user_id"] = "a secret of a session"
    check_page(visitor.get("/nowhere"), 404)


def test_without_the_database_the_api_says_so_too(broken: Flask) -> None:
    answer = broken.test_client().get("/api/v1/departments/", headers={"Accept-Language": "vi"})
    assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
    assert (answer.headers["Retry-After"], answer.headers["Cache-Control"]) == ("5", "no-store")


def test_without_the_database_the_process_lives_but_is_not_ready(broken: Flask) -> None:
    client = broken.test_client()
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 503]


def test_without_a_migration_it_is_the_operator_who_is_told(
    engine_name: str, new_database: Any, build_app: Build
) -> None:
    app = build_app(database_url=new_database(engine_name).url)
    with app.app_context():
        downgrade(revision="base")
    with capture_logs() as logged:
        answer = Visitor(app).get("/departments")
        told = app.test_client().get("/api/v1/departments/")
    check_page(answer, 503)
    assert answer.headers["Retry-After"] == "60"
    assert told.get_json()["code"] == "unavailable"
    assert all("db upgrade" in line["why"] for line in logged if line["event"] == "database")
    assert len([line for line in logged if line["event"] == "database"]) == 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", sorted(http_errors.HTTP))
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_every_error_page_says_what_to_do(app: Flask, cast: Cast, status: int, language: str) -> None:
    with app.test_request_context("/", headers={"Accept-Language": language}):
        app.preprocess_request()
        answer = http_errors.answer(status, "any", "What happened.")
    tree = read(answer.get_data(as_text=True)).tree
    said = [paragraph.text for paragraph in tree.one("main").all("p")]
    assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store")
    assert said[:2] == [str(status), "What happened."]
    assert len(said) >= 4 + (status != 403), "what to do, a way out, the number of the request"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_body_that_is_too_large_is_refused_with_a_page(app: Flask) -> None:
    """The page's language and colours may stand in the body that nobody reads."""
    answer = app.test_client().post("/login", data={"email": "x" * (BODY_MOST + 1)})
    assert answer.status_code == 413
    assert "This is too large." in read(answer.get_data(as_text=True)).tree.one("main").text
