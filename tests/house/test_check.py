"""`flask check`: a line for everything that the portal needs, and status 1 if one is not well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from clinic import accounts
from clinic.accounts.models import NO_PASSWORD
from clinic.cli.check import check as check_command
from clinic.policy import Duty, Role
from tests import factories
from tests.domain.second_steps import sign_in
from tests.letterbox import Letterbox
from tests.people import ANA, BORIS, ESTHER, Cast
from tests.servers import free_port
from tests.settings import PRODUCTION, as_environment

Build = Callable[..., Flask]
Check = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def check(make_app: Build, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Run the command with these settings: its status and lines."""

    def run(*options: str, **settings: object) -> tuple[int, list[str]]:
        for name, value in as_environment(settings).items():
            monkeypatch.setenv(name, value)
        app = make_app(**settings)
        with app.app_context():
            found = app.test_cli_runner().invoke(check_command, options)
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exc_info
        return found.exit_code, found.output.splitlines()

    return run


def test_it_names_what_is_well(check: Check) -> None:
    status, lines = check()
    assert status == 0, lines
    assert all(line.startswith("ok ") for line in lines)
    assert any(line.startswith(("ok     database: SQLite ", "ok     database: PostgreSQL ")) for line in lines)
    assert "ok     Redis: not used" in lines
    assert not [line for line in lines if "mail:" in line], "nobody is called who wasn't asked for"


def test_a_database_that_is_not_migrated_fails(check: Check, tmp_path: Path) -> None:
    status, lines = check(database_url=f"sqlite:///{tmp_path}/empty.db")
    assert status == 1
    assert [line for line in lines if line.startswith("FAILED database: The database has no tables yet")]


def test_redis_that_does_not_answer_fails(check: Check) -> None:
    status, lines = check(redis_url=f"redis://127.0.0.1:{free_port()}/0", ratelimit_enabled=True)
    assert (status, "FAILED Redis: doesn't answer: check REDIS_URL" in lines) == (1, True)


def test_the_mail_server_is_called_only_where_it_is_asked_for(check: Check) -> None:
    box = Letterbox()
    box.start()
    status, lines = check("--mail", mail_url=box.url)
    assert (status, lines[-1]) == (0, "ok     mail: 127.0.0.1 answers")
    box.stop()
    assert box.arrived == []
    status, lines = check("--mail", mail_url=box.url)
    assert status == 1
    assert lines[-1].startswith("FAILED mail: the server is away: ConnectionRefusedError")


def test_what_is_hardly_meant_is_said(check: Check) -> None:
    status, lines = check(workers=4, frontend_url="https://clinic.example")
    assert status == 0
    for named in ("REDIS_URL", "TRUSTED_PROXIES", "MAIL_URL"):
        assert [line for line in lines if f"but {named} is" in line]


def test_before_it_goes_into_production_all_that_it_lacks_is_said(check: Check) -> None:
    status, lines = check("--deploy", frontend_url="http://clinic.example", ratelimit_enabled=False)
    assert status == 1
    for named in ("SECRET_KEY must be set", "FRONTEND_URL begins with http://", "RATELIMIT_ENABLED is 0"):
        assert [line for line in lines if line.startswith(f"FAILED production: {named}")], named
    for named in ("CLINIC_ENV is", "AUDIT_KEY is not set", "MAIL_URL is not set"):
        assert [line for line in lines if line.startswith(f"FAILED settings: but {named}")], named


def test_it_is_doubted_that_people_who_work_here_need_no_second_step(check: Check) -> None:
    for chosen, doubted in (
        ({}, 0),
        ({"staff_second_factor": "required"}, 0),
        ({"staff_second_factor": "optional"}, 1),
    ):
        _, lines = check(**PRODUCTION, **chosen)
        assert sum("but STAFF_SECOND_FACTOR is optional" in line for line in lines) == doubted, chosen


def test_duties_that_nobody_has_and_people_without_any_are_doubted(check: Check, make_app: Build) -> None:
    assert "ok     duties: nobody of the office can sign in yet: flask create-admin" in check()[1]
    with make_app().app_context():
        factories.user("Ina", "ina@clinic.example", Role.ADMIN, duties=[*Duty], password_hash=NO_PASSWORD)
        factories.admin("Fran Front", "fran@clinic.example", Duty.RECEPTION, Duty.AUDIT)
        factories.user("Old Way", "old@clinic.example", Role.ADMIN, duties=[])
    nobody = "duties: but nobody who can sign in has catalogue, records, accounts: flask set-duties"
    idle = "duties: but 1 of the office can do nothing, as they have none: flask set-duties"
    assert {f"ok     {nobody}", f"ok     {idle}"} <= set(check()[1])
    assert {f"FAILED {nobody}", f"FAILED {idle}"} <= set(check("--deploy")[1])
    with make_app().app_context():
        factories.admin("Esther Office", "esther@clinic.example")
    assert [line for line in check()[1] if "duties:" in line] == [f"ok     {idle}"]


def test_it_says_how_many_patients_have_to_show_first_that_an_account_is_theirs(
    check: Check, app: Flask, cast: Cast
) -> None:
    with app.app_context():
        for email in (ANA, BORIS, ESTHER):
            sign_in(email)
        accounts.note_identity(cast.actor("esther"), cast.boris, seen=True)
    said = "patients: 1 of 2 who signed in lately have neither confirmed their e-mail nor shown their ID"
    _, lines = check(**PRODUCTION)
    assert [line for line in lines if f"{said}, and see no records before they do (RECORDS_NEED_PROOF)" in line]
    assert [line for line in lines if "but RECORDS_NEED_PROOF is on without MAIL_URL" in line]
    _, lines = check(**PRODUCTION, records_need_proof=False)
    assert f"ok     {said}" in lines
    assert [line for line in lines if "but RECORDS_NEED_PROOF is 0" in line]


def test_the_names_and_addresses_of_the_portal_are_said(check: Check) -> None:
    _, lines = check("--deploy", frontend_url="https://app.example", public_url="https://api.example")
    assert [line for line in lines if "names: " in line] == [
        "ok     names: answers to api.example (TRUSTED_HOSTS)",
        "ok     names: addresses in answers begin with https://api.example (PUBLIC_URL)",
        "ok     names: links in mails begin with https://app.example (FRONTEND_URL)",
    ]
    _, lines = check(frontend_url="https://app.example")
    assert "ok     names: answers to any name (TRUSTED_HOSTS)" in lines, "a portal to try"


def test_addresses_that_lead_to_where_the_portal_refuses_are_doubted(check: Check) -> None:
    named = {"frontend_url": "https://app.example", "trusted_hosts": "api.example"}
    doubt = "but TRUSTED_HOSTS lacks app.example, which PUBLIC_URL leads to"
    _, lines = check("--deploy", **named)
    assert [line for line in lines if line.startswith(f"FAILED settings: {doubt}")]
    _, lines = check("--deploy", **named, public_url="https://api.example")
    assert not [line for line in lines if doubt in line]


def test_what_is_allowed_by_name_is_said_each_time(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    status, lines = check(**PRODUCTION | {"jwt_access_token_expires": 90_000, "allow_insecure": "lifetimes"})
    assert status == 0
    assert [line for line in lines if "but JWT_ACCESS_TOKEN_EXPIRES is more than 86400 seconds; ALLOW_INSECURE" in line]


def test_no_secret_is_shown(check: Check) -> None:
    _, lines = check("--mail", mail_url="smtp://desk:hidden-word@127.0.0.1:1")
    assert "hidden-word" not in "\n".join(lines)


def test_it_says_which_secrets_come_from_files(check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "token"
    file.write_text("a-hidden-word-of-the-monitoring\n", encoding="utf-8")
    monkeypatch.setenv("METRICS_TOKEN_FILE", str(file))
    status, lines = check()
    assert (status, "ok     settings: METRICS_TOKEN from files" in lines) == (0, True)
    assert "hidden" not in "\n".join(lines)
