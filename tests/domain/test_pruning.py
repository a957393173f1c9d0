"""What is kept no longer is removed in short transactions, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, func, insert, literal, select

from clinic import accounts, audit, clock, mail, pruning, scheduling, settings
from clinic.accounts import retention
from clinic.accounts.email_change_models import EmailChange, EmailChangeEnd, Notice
from clinic.accounts.factor_models import Passkey, RecoveryCode, TotpFactor
from clinic.accounts.models import SessionKind, SignInSession, User
from clinic.accounts.sessions import Origin
from clinic.accounts.sign_in_models import AttemptOutcome, KnownDevice, SignInAttempt, SignInTicket, TicketPurpose
from clinic.audit import AuditAction, AuditEvent
from clinic.cli.prune import prune, prune_command
from clinic.db import Base, UtcDateTime, db, session, transaction
from clinic.mail import MailedLink, MailStatus, OutboxMail
from clinic.pruning import ROWS_AT_ONCE, Old
from clinic.scheduling.idempotency import IdempotencyKey
from tests.mailed import link_to, requested_email
from tests.people import ANA, PASSWORD

pytestmark = pytest.mark.usefixtures("app_context")

MANY = 100_000
#: What a clinic has to keep, besides what the database itself refuses to delete.
ALWAYS_KEPT = {
    "users", "patients", "doctors", "departments", "services", "rooms", "appointments", "leaves", "medical_records",
}  # fmt: skip


def left(kind: type[Base]) -> int:
    """How many rows a table has."""
    return session().scalar(select(func.count()).select_from(kind)) or 0


def add(row: Base) -> None:
    with transaction() as current:
        current.add(row)


def test_nobody_waits_long_for_pruning(app: Flask):
    numbers = select(literal(1).label("number")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.number + 1).where(numbers.c.number < MANY))
    rows = select(
        literal(clock.now() - timedelta(days=31), UtcDateTime()).label("at"),
        literal("somebody").label("account_key"),
        literal("198.51.100.7").label("network"),
        literal("failed").label("outcome"),
    ).select_from(numbers)
    with transaction() as current:
        current.execute(insert(SignInAttempt).from_select(["at", "account_key", "network", "outcome"], rows))
    deleted = []
    in_this_one = []

    def note(_connection, cursor, statement, *_: object) -> None:
        if statement.startswith("DELETE"):
            in_this_one.append(cursor.rowcount)

    def commit(*_: object) -> None:
        deleted.append(sum(in_this_one))
        in_this_one.clear()

    listeners = (("after_cursor_execute", note), ("commit", commit))
    for name, listener in listeners:
        event.listen(db.engine, name, listener)
    try:
        assert prune() == {"sign_in_attempts": MANY}
    finally:
        for name, listener in listeners:
            event.remove(db.engine, name, listener)
    # A transaction removes so few that whoever waits for it hardly notices.
    assert (max(deleted), sum(deleted)) == (ROWS_AT_ONCE, MANY)
    assert left(SignInAttempt) == 0


def passkey_of(user_id: int) -> Callable[[datetime | None], Passkey]:
    """Makes somebody's passkeys by when they ended."""

    def passkey(ended):
        return Passkey(user_id=user_id, credential_id=str(ended), public_key="x", name="Phone", ended_at=ended)

    return passkey


def old_and_young(user_id: int) -> dict[str, tuple[list[Base], list[Base]]]:
    """Of each kind what is just old enough, and what isn't or has no end yet."""
    at, kept = clock.now(), settings.current().retention
    second = timedelta(seconds=1)

    def session_row(**times):
        return SignInSession(
            user_id=user_id,
            kind=SessionKind.API,
            refresh_id="x",
            **{"expires_at": at + timedelta(days=9), **times},
        )

    def ticket(ended):
        return SignInTicket(
            user_id=user_id, purpose=TicketPurpose.SET_UP, digest=str(ended), expires_at=at, ended_at=ended
        )

    def tried(when):
        return SignInAttempt(at=when, account_key="x", network="y", outcome=AttemptOutcome.SUCCEEDED)

    def changed(ended, **times):
        because = EmailChangeEnd.REPLACED if ended else None
        return EmailChange(user_id=user_id, new_email="new@example.com", ended_at=ended, ended_because=because, **times)

    def device(seen):
        return KnownDevice(user_id=user_id, digest=str(seen), last_seen_at=seen)

    def told(when):
        return Notice(user_id=user_id, kind="new_device", key=str(when), created_at=when)

    def factor(ended):
        return TotpFactor(user_id=user_id, sealed_secret="x", confirmed_at=at - timedelta(days=999), ended_at=ended)

    def code(used):
        return RecoveryCode(user_id=user_id, digest=str(used), used_at=used)

    def key(made):
        return IdempotencyKey(user_id=user_id, key=str(made), request_digest="x", created_at=made)

    ends = {
        "sign_in_sessions": (lambda when: session_row(ended_at=when, ended_because="signed_out"), kept.sessions),
        "sign_in_tickets": (ticket, retention.TICKETS_KEPT),
        "sign_in_attempts": (tried, kept.attempts),
        "email_changes": (changed, kept.links),
        "known_devices": (device, retention.DEVICES_KEPT),
        "notices": (told, retention.NOTICES_KEPT),
        "totp_factors": (factor, retention.FACTORS_KEPT),
        "passkeys": (passkey_of(user_id), retention.FACTORS_KEPT),
        "recovery_codes": (code, retention.FACTORS_KEPT),
    }
    made = {name: ([of(at - time_)], [of(at - time_ + second)]) for name, (of, time_) in ends.items()}
    made["sign_in_sessions"][0].append(session_row(expires_at=at - kept.sessions))
    made["sign_in_sessions"][1].append(session_row())
    made["email_changes"][1].append(changed(None))
    made["email_changes"][1].append(changed(at - kept.links, vetoable_until=at - kept.links + second))
    made["totp_factors"][1].append(factor(None))
    made["passkeys"][1].append(passkey_of(user_id)(None))
    made["recovery_codes"][1].append(code(None))
    made["idempotency_keys"] = ([key(at - timedelta(hours=25))], [key(at - timedelta(hours=23))])
    return made


@pytest.mark.parametrize(
    "table",
    ["sign_in_sessions", "sign_in_tickets", "sign_in_attempts", "email_changes", "known_devices", "notices",
     "totp_factors", "passkeys", "recovery_codes", "idempotency_keys"],
)  # fmt: skip
def test_what_is_old_goes_and_the_rest_stays(cast, clock_at, table):
    clock_at(clock.now())
    old, young = old_and_young(cast.ana)[table]
    with transaction() as current:
        current.add_all([*old, *young])
        current.flush()
        kept = {row.id for row in young}
    assert prune() == {table: len(old)}
    kind = type(young[0])
    assert kept <= set(session().scalars(select(kind.id)))
    assert prune() == {}


@pytest.mark.parametrize("days", [1, 90])
def test_an_e_mail_is_taken_back_for_a_week_however_soon_links_are_forgotten(cast, clock_at, clinic_has, days):
    """Whoever changed it confirms it at once; its first owner reads the mail on the seventh day."""
    kept = replace(settings.current().retention, links=timedelta(days=days))
    clinic_has(retention=kept)
    clock_at("2026-03-02 12:00")
    requested_email(cast.actor("ana"))
    accounts.confirm_email(cast.actor("ana"), **link_to("another@example.com", "confirm_new_email"))
    clock_at("2026-03-09 11:59")
    prune()
    accounts.keep_email(**link_to(ANA, "email_requested"))
    assert session().get_one(User, cast.ana, populate_existing=True).email == ANA


def test_a_change_that_nobody_confirmed_is_forgotten_once_its_last_link_is_long_dead(cast, clock_at):
    start = clock_at("2026-03-02 12:00")
    requested_email(cast.actor("ana"))
    clock_at(start + timedelta(days=20))
    accounts.resend_email_change(cast.actor("ana"))
    for day, changes in ((111, 1), (112, 0)):  # the link is good for two days, and known for ninety
        clock_at(start + timedelta(days=day))
        prune()
        assert left(EmailChange) == changes, day
    assert accounts.request_email_change(cast.actor("ana"), "another@example.com") == "another@example.com"


def test_nothing_that_has_to_be_kept_can_be_old():
    """Accounts, visits, records, and every history that the database itself keeps."""
    refusing = {name for name, table in Base.metadata.tables.items() if table.info.get("refuses")}
    pruned = {old.kind.__tablename__ for old in [*accounts.old_rows(), *mail.old_rows(), *scheduling.old_rows()]}
    assert {"audit_events", "audit_seals", "record_revisions"} <= refusing
    assert not pruned & (refusing | ALWAYS_KEPT)


def test_a_session_in_use_outlives_pruning(cast):
    signed_in = accounts.sign_in(email=ANA, password=PASSWORD, kind=SessionKind.BROWSER, origin=Origin())
    prune()
    assert accounts.actor_of_browser(signed_in.secret) is not None


def test_the_audit_says_how_much_was_removed(app: Flask, cast):
    runner = app.test_cli_runner()
    assert runner.invoke(prune_command, []).output == "Nothing was old enough to be removed.\n"
    assert left_of(AuditAction.DATA_PRUNED) == []
    add(SignInAttempt(at=clock.now() - timedelta(days=31), account_key="x", network="y"))
    assert runner.invoke(prune_command, []).output == "Removed: sign_in_attempts 1.\n"
    [entry] = left_of(AuditAction.DATA_PRUNED)
    assert entry.details == {"removed": {"sign_in_attempts": 1}}
    assert (entry.actor_id, entry.actor_role) == (None, audit.OPERATOR_ROLE)


def left_of(action: AuditAction) -> list[AuditEvent]:
    session().rollback()
    return list(session().scalars(select(AuditEvent).where(AuditEvent.action == action)))


def test_what_is_written_over_stays_as_a_row(cast):
    for number in range(3):
        add(Notice(user_id=cast.ana, kind="new_device", key=str(number), details={"device": "Firefox"}))
    told = Notice.key != "2"
    assert pruning.prune([Old(Notice, told, {"details": {}})]) == {"notices.texts": 2}
    session().rollback()
    found = dict(session().execute(select(Notice.key, Notice.details)).all())
    assert found == {"0": {}, "1": {}, "2": {"device": "Firefox"}}


def mail_of(subject: str, status: MailStatus, **times: datetime) -> OutboxMail:
    return OutboxMail(
        to=ANA, kind="visit_booked", language="en", subject=subject, body="Dear Ana", html="<p>", calendar="BEGIN",
        status=status, **times,
    )  # fmt: skip


def test_a_sent_mail_loses_its_text_first_and_is_forgotten_much_later(cast, clock_at):
    at = clock_at(clock.now())
    with transaction() as current:
        current.add_all([
            mail_of("young", MailStatus.SENT, sent_at=at - timedelta(days=29)),
            mail_of("older", MailStatus.SENT, sent_at=at - timedelta(days=30)),
            mail_of("old", MailStatus.SENT, sent_at=at - timedelta(days=365)),
            mail_of("given up", MailStatus.FAILED, created_at=at - timedelta(days=364)),
            mail_of("given up long ago", MailStatus.FAILED, created_at=at - timedelta(days=365)),
            mail_of("waits", MailStatus.QUEUED, created_at=at - timedelta(days=999)),
        ])  # fmt: skip
    assert prune() == {"outbox": 2, "outbox.texts": 1}
    session().rollback()
    found = {row.subject: (row.body, row.html, row.calendar) for row in session().scalars(select(OutboxMail))}
    whole = ("Dear Ana", "<p>", "BEGIN")
    assert found == {"young": whole, "": ("", None, None), "given up": whole, "waits": whole}
    shown = mail.in_outbox(cast.actor("esther")).results
    assert [row["subject"] for row in shown if row["sent_at"]] == ["", "young"]
    assert all(row["written"] for row in shown), "a mail without its text isn't one that couldn't be written"
    assert prune() == {}


def test_links_are_forgotten_long_after_their_end(cast, clock_at):
    at = clock_at(clock.now())
    for ended, expires in ((None, 90), (90, 80), (89, 89), (None, 89), (None, -1)):
        add(
            MailedLink(
                user_id=cast.ana,
                purpose=mail.LinkPurpose.PASSWORD,
                nonce="x",
                expires_at=at - timedelta(days=expires),
                ended_at=None if ended is None else at - timedelta(days=ended),
            )
        )
    assert prune() == {"mailed_links": 2}
    assert left(MailedLink) == 3


def test_the_documents_say_how_long_things_are_kept(root):
    text = (root / "docs" / "operations.md").read_text(encoding="utf-8")
    for kept in (retention.DEVICES_KEPT, retention.NOTICES_KEPT, retention.FACTORS_KEPT):
        assert f"| {kept.days} days" in text
