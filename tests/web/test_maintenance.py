"""Closed for maintenance: by a command, at once for every process, without the database, and open again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from flask import Flask

from clinic import clock
from clinic.operations import maintenance
from tests.servers import ROOT, LiveServer
from tests.settings import PRODUCTION, as_environment
from tests.web.visitor import Visitor

Build = Callable[..., Flask]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file that closes the portal; its folder isn't there yet."""
    return tmp_path / "state" / "maintenance.json"


@pytest.fixture
def portal(make_app: Build, file: Path) -> Flask:
    """An application that looks at `file`."""
    return make_app(maintenance_file=file)


def test_the_command_closes_and_opens_a_running_portal(
    start_server: Callable[..., LiveServer], file: Path, engine_name: str
) -> None:
    server = start_server(maintenance_file=file)

    def flask(*arguments: str) -> str:
        ended = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "maintenance", *arguments],
            cwd=ROOT, env=os.environ | as_environment(server.settings), capture_output=True, text=True, check=True,
        )  # fmt: skip
        return ended.stdout

    with httpx.Client(base_url=server.url, headers={"Accept-Language": "en"}) as client:
        style = client.get("/").text.partition('rel="stylesheet" href="')[2].partition('"')[0]
        assert flask("status") == "The portal is open.\n"
        with server.database.away():
            said = flask("on", "--minutes", "30", "--note", "We move to a new server.")
            assert said.startswith("The portal is closed for maintenance, until about ")
            assert said.endswith("People read: We move to a new server.\n")
            answers = {
                path: client.get(path) for path in ("/", "/login", "/nowhere", "/api/v1/departments/", "/readyz")
            }
            assert {answer.status_code for answer in answers.values()} == {503}
            assert 1700 <= int(answers["/"].headers["Retry-After"]) <= 1800
            assert "We move to a new server." in answers["/"].text
            assert answers["/api/v1/departments/"].json()["code"] == "maintenance"
            assert answers["/readyz"].json() == {"status": "maintenance"}
            assert [client.get(path).status_code for path in ("/healthz", style)] == [200, 200]
            assert flask("off") == "The portal is open.\n"
        assert [client.get(path).status_code for path in ("/", "/login", "/readyz")] == [200, 200, 200]
        assert flask("off") == "The portal was open already.\n"


@pytest.mark.parametrize(
    ("language", "heading", "again"),
    [("en", "We'll be back soon", "Try again"), ("vi", "Chúng tôi sẽ trở lại ngay", "Thử lại")],
)
def test_the_page_is_calm_and_in_the_persons_language(
    portal: Flask, file: Path, clock_at: Callable[..., object], language: str, heading: str, again: str
) -> None:
    clock_at("2026-03-02 09:00")
    maintenance.begin(file, minutes=45, note="<b>Back</b> after lunch")
    answer = Visitor(portal, language).get("/doctors?search=a")
    assert (answer.status, answer.h1, answer.headers["Retry-After"]) == (503, heading, "2700")
    assert "2026, 09:45" in answer.main.text
    assert "<b>Back</b> after lunch" in answer.main.text
    assert answer.headers["X-Request-Id"] in answer.main.text
    assert answer.link(again) == "/doctors?search=a"
    assert answer.tree.one("html").get("lang") == language


def test_the_chosen_language_and_colours_hold(portal: Flask, file: Path) -> None:
    maintenance.begin(file)
    visitor = Visitor(portal)
    visitor.client.set_cookie("lang", "vi")
    visitor.client.set_cookie("theme", "dark")
    html = visitor.get("/").tree.one("html")
    assert (html.get("lang"), html.get("data-theme")) == ("vi", "dark")


def test_who_sends_a_form_learns_that_it_was_not_saved(portal: Flask, file: Path) -> None:
    visitor = Visitor(portal)
    form = visitor.get("/login")
    maintenance.begin(file)
    answer = form.press("Sign in", email="ana@example.com", password="x")
    assert (answer.status, answer.link("Try again")) == (503, "/")
    assert "What you just sent wasn't saved" in answer.main.text


def test_when_it_takes_longer_it_says_so(portal: Flask, file: Path, clock_at: Callable[..., object]) -> None:
    now = clock.now()
    clock_at(now)
    maintenance.begin(file, minutes=1)
    clock_at(now + timedelta(minutes=2))
    answer = Visitor(portal).get("/")
    assert "a little longer than we thought" in answer.main.text
    assert answer.headers["Retry-After"] == "30"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"until": "soon"}', '{"until": "2026-03-02T09:00"}', "\0\xff"])
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_file_made_by_hand_closes_it_too(portal: Flask, file: Path, content: str) -> None:
    file.parent.mkdir()
    file.write_bytes(content.encode("latin-1"))
    answer = Visitor(portal).get("/")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "300")


def test_a_browser_of_another_origin_may_read_why(portal: Flask, file: Path) -> None:
    maintenance.begin(file)
    origin = {"Origin": portal.config["FRONTEND_URL"]}
    preflight = {**origin, "Access-Control-Request-Method": "GET"}
    client = portal.test_client()
    assert client.options("/api/v1/departments/", headers=preflight).status_code == 204
    answer = client.get("/api/v1/departments/", headers=origin)
    assert answer.headers["Access-Control-Allow-Origin"] == portal.config["FRONTEND_URL"]
    assert answer.get_json() == {
        "success": False, "code": "maintenance", "errors": {},
        "message": "The portal is closed for maintenance. Please come back a little later.",
    }  # fmt: skip


def test_a_start_while_it_is_closed_says_so_to_people_although_the_database_is_not_migrated(
    file: Path, tmp_path: Path
) -> None:
    """The new version may start before its migration runs: the page is all that it serves."""
    settings = {
        **PRODUCTION, "database_url": f"sqlite:///{tmp_path}/clinic.db", "maintenance_file": file,
    }  # fmt: skip

    def start() -> int:
        return subprocess.run(
            [sys.executable, "-c", "import wsgi"], cwd=ROOT, env=os.environ | as_environment(settings),
            capture_output=True, check=False,
        ).returncode  # fmt: skip

    assert start() == 1
    maintenance.begin(file)
    assert start() == 0
