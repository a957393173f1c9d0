"""What the audit writes down of accounts, passwords, sessions and leave, and who is told of it."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from clinic import accounts, cli, directory, mail, records, scheduling
from clinic.audit import AuditAction, AuditEvent
from clinic.db import db, session
from clinic.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.entries import entries
from tests.people import ANA, PASSWORD, Cast
from tests.statements import count_statements

pytestmark = pytest.mark.usefixtures("app_context")

NEW = "Quite-new-words-2026"


def told(cast: Cast) -> list[tuple[str, int | None, str, int, int | None]]:
    """The trail, newest first: the deed, who did it and as what, with whom, and which patient's data it was."""
    rows = entries(cast.actor("esther"))
    return [(row["action"], row["actor_id"], row["actor_role"], row["subject_id"], row["patient_id"]) for row in rows]


def test_who_opens_an_account_is_written_down(cast):
    esther = cast.actor("esther")
    accounts.open_account(esther, cast.ana)
    accounts.open_account(esther, cast.chen)
    assert told(cast) == [
        ("account.read", cast.esther, "admin", cast.chen, None),
        ("account.read", cast.esther, "admin", cast.ana, cast.ana),
    ]
    assert [row["subject_name"] for row in entries(esther)] == ["Dr Chen", "Ana Nguyễn"]


def test_lists_are_no_opening_of_accounts_and_the_own_one_is_opened_unwritten(cast):
    esther = cast.actor("esther")
    accounts.people(esther, search="ana")
    accounts.person(esther, cast.ana)
    scheduling.find(esther, "ana")
    accounts.open_account(esther, cast.esther)
    assert told(cast) == []


def test_who_may_not_or_finds_nobody_leaves_no_line(cast):
    with pytest.raises(Forbidden):
        accounts.open_account(cast.actor("chen"), cast.ana)
    with pytest.raises(NotFound):
        accounts.open_account(cast.actor("esther"), 424242)
    assert told(cast) == []


def test_a_changed_password_is_written_down_and_a_refused_one_is_not(cast):
    ana = cast.actor("ana")
    with pytest.raises(InvalidInput):
        accounts.change_password(ana, old_password="wrong", new_password=NEW, confirm_password=NEW)
    assert told(cast) == []
    accounts.change_password(ana, old_password=PASSWORD, new_password=NEW, confirm_password=NEW)
    assert told(cast) == [("password.changed", cast.ana, "patient", cast.ana, cast.ana)]


def test_a_password_chosen_by_a_link_is_written_down_without_a_session(cast):
    accounts.forgot_password(ANA)
    uid, token = mail.all_mail()[0]["body"].split("/reset-password/")[1].split()[0].split("/")
    accounts.reset_password(uid=uid, token=token, new_password=NEW, confirm_password=NEW)
    assert told(cast) == [("password.reset", cast.ana, "patient", cast.ana, cast.ana)]


@pytest.mark.parametrize("unknown", ["nobody@example.com", "a\x00b", "x\ud800@y.example", "x" * 500, ""])
def test_an_unknown_email_is_as_much_work_as_a_known_one_and_leaves_nothing(cast, unknown):
    """Two selects and two writes, committed; how long it takes tells nobody who has an account."""

    def work(email: str) -> list[str]:
        with count_statements(db.engine) as statements:
            try:
                accounts.forgot_password(email)
            except NotFound:
                assert email == unknown
        return [statement.split()[0] for statement in statements]

    assert work(unknown) == ["SELECT", "SELECT", "INSERT", "DELETE"]
    assert mail.all_mail() == []
    assert work(ANA) == ["SELECT", "SELECT", "INSERT", "INSERT"]
    scheduling.switch(cast.actor("esther"), scheduling.EntryKind.ACCOUNT, cast.ana, active=False)
    with pytest.raises(NotFound):
        accounts.forgot_password(ANA)
    assert len(mail.all_mail()) == 1


def test_signing_out_everywhere_is_written_down(cast):
    chen = cast.actor("chen")
    cast.actor("chen")
    accounts.end_other_sessions(chen)
    accounts.end_all_sessions(chen)
    rows = entries(cast.actor("esther"))
    assert [(row["action"], row["actor_id"], row["details"]) for row in rows] == [
        ("sessions.ended", cast.chen, {"ended": 1, "kept": False}),
        ("sessions.ended", cast.chen, {"ended": 1, "kept": True}),
    ]


def test_who_registers_is_written_down_with_the_session_that_begins(cast):
    new = accounts.register_patient(
        email="lan@example.com", password=NEW, password_confirm=NEW, full_name="Lan", phone_num="0911222333",
        date_of_birth=date(1948, 2, 29), gender="female", kind=accounts.SessionKind.API, origin=accounts.Origin(),
    ).actor  # fmt: skip
    assert told(cast) == [("account.created", new.user_id, "patient", new.user_id, new.user_id)]
    assert session().scalar(select(AuditEvent.session_id)) == new.session_id
    assert records.own_access_log(new).results == []
    with pytest.raises(InvalidInput):
        accounts.register_patient(
            email="lan@example.com", password=NEW, password_confirm=NEW, full_name="Lan", phone_num="0911222333",
            date_of_birth=date(1948, 2, 29), gender="female", kind=accounts.SessionKind.API, origin=accounts.Origin(),
        )  # fmt: skip
    assert len(told(cast)) == 1


@pytest.mark.parametrize(
    ("who", "changes", "fields"),
    [
        ("ana", {"phone_num": "0911111111", "patient_profile": {"address": "5 Hàng Bạc"}}, ["address", "phone_num"]),
        ("chen", {"doctor_profile": {"specialization": "Nhịp tim", "room": None}}, ["room", "specialization"]),
        ("esther", {"full_name": "Esther M."}, ["full_name"]),
    ],
)
def test_what_people_change_of_themselves_is_written_down_by_name(cast, who, changes, fields):
    actor = cast.actor(who)
    directory.update_me(actor, changes)
    of_patient = actor.user_id if who == "ana" else None
    assert told(cast) == [("account.changed", actor.user_id, actor.role, actor.user_id, of_patient)]
    assert entries(cast.actor("esther"))[0]["details"] == {"fields": fields}
    directory.update_me(actor, changes)
    with pytest.raises(InvalidInput):
        directory.update_me(actor, {"full_name": "", "phone_num": "0922222222"})
    assert len(told(cast)) == 1, "what changes nothing is no change"


def test_leave_is_written_down_when_it_is_entered_and_ended(cast, day, book):
    number = scheduling.take_leave(cast.actor("esther"), first_day=day(5), last_day=day(6), doctor_id=cast.chen)
    scheduling.end_leave(cast.actor("chen"), number)
    assert told(cast) == [
        ("leave.ended", cast.chen, "doctor", cast.chen, None),
        ("leave.entered", cast.esther, "admin", cast.chen, None),
    ]
    days = {"leave": number, "first_day": day(5).isoformat(), "last_day": day(6).isoformat()}
    assert [row["details"] for row in entries(cast.actor("esther"))] == [days, {**days, "appointment_count": 0}]
    book()
    scheduling.take_leave(cast.actor("chen"), first_day=day(3))
    assert entries(cast.actor("esther"))[0]["details"]["appointment_count"] == 1
    with pytest.raises(Conflict):
        scheduling.take_leave(cast.actor("chen"), first_day=day(2), last_day=day(3))
    assert len(told(cast)) == 3


def test_what_the_operator_does_is_written_down_as_the_operators(app: Flask, cast):
    runner = app.test_cli_runner()
    assert runner.invoke(cli.deactivate, [ANA]).exit_code == 0
    assert runner.invoke(cli.activate, [ANA]).exit_code == 0
    made = ["--email", "op@clinic.example", "--full-name", "Olga Office", "--phone", "0900000000"]
    assert runner.invoke(cli.create_admin, made, env={"ADMIN_PASSWORD": NEW}).exit_code == 0
    esther = cast.actor("esther")
    olga = accounts.people(esther, search="olga").results[0]["id"]
    assert told(cast) == [
        ("account.created", None, "operator", olga, None),
        ("account.switched", None, "operator", cast.ana, cast.ana),
        ("account.switched", None, "operator", cast.ana, cast.ana),
    ]
    assert [row["details"] for row in records.audit_trail(esther, action="account.switched").results] == [
        {"active": True}, {"active": False},
    ]  # fmt: skip
    assert [row["action"] for row in records.own_access_log(cast.actor("ana")).results] == ["account.switched"] * 2


def test_a_patient_is_told_what_others_did_and_not_the_own_deeds(cast):
    accounts.change_password(cast.actor("ana"), old_password=PASSWORD, new_password=NEW, confirm_password=NEW)
    accounts.open_account(cast.actor("esther"), cast.ana)
    accounts.open_account(cast.actor("esther"), cast.boris)
    assert [row["action"] for row in records.own_access_log(cast.actor("ana")).results] == ["account.read"]


@pytest.mark.parametrize("deed", list(AuditAction))
def test_the_trail_is_searched_by_each_deed(cast, deed):
    accounts.open_account(cast.actor("esther"), cast.ana)
    assert records.audit_trail(cast.actor("esther"), action=deed).count == (deed == AuditAction.ACCOUNT_READ)
