"""The drill of a restore, as an operator does it: a clinic at work is backed up, lost, restored, and goes on."""

from __future__ import annotations

import threading
from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from clinic import accounts, audit, clock, configuration, mail, records, scheduling
from clinic.accounts.email_change_models import EmailChange, Notice
from clinic.accounts.factor_models import Passkey, RecoveryCode, TotpFactor
from clinic.accounts.models import PasswordReset
from clinic.accounts.sign_in_models import KnownDevice, SignInAttempt, SignInTicket, TicketPurpose
from clinic.db import Base, db, session, transaction
from clinic.errors import Conflict
from clinic.jobs import JobState
from clinic.mail import LinkPurpose, MailedLink, OutboxMail
from clinic.operations import backups
from clinic.scheduling.calendar_models import SettlingCause, SlotHold, VisitToSettle
from tests import factories
from tests.domain.calendar_entries import of_doctor, week
from tests.people import ANA, BORIS, PASSWORD, Cast

#: The tables that refuse to change or lose a row.
HISTORIES = [name for name, table in Base.metadata.tables.items() if "UPDATE" in table.info.get("refuses", ())]
#: The tables of which a restore ends what was good.
PROOFS = ("sign_in_sessions", "password_resets", "mailed_links", "sign_in_tickets", "known_devices")
#: Mails that the clinic at work queues in one transaction: a copy has all of them or none.
TOGETHER = 7


def a_day_at_the_clinic(cast: Cast) -> None:
    """Something in every table that keeps a history, with letters that a copy may get wrong."""
    chen, esther, ana = cast.actor("chen"), cast.actor("esther"), cast.actor("ana")
    on = clock.today() + timedelta(days=3)
    booked = [
        scheduling.book(
            ana, doctor_id=cast.chen, department_id=cast.cardiology, on=on, at=at,
            notes="Đau ngực \\N \\. \t\n\"quoted\" 🙂", idempotency_key=f"key-{at}",
        )
        for at in scheduling.SLOT_TIMES[:3]
    ]  # fmt: skip
    scheduling.cancel(ana, booked[0]["id"], "Better by now")
    scheduling.confirm(chen, booked[1]["id"])
    scheduling.write_staff_notes(chen, booked[1]["id"], "Afraid of needles")
    scheduling.take_leave(esther, first_day=on + timedelta(days=30), doctor_id=cast.diallo)
    past = factories.appointment(cast.ana, cast.chen, clock.today(), "09:00", status="confirmed")
    records.write_record(chen, past, diagnosis="Stage 1 hypertension", vital_signs={"blood_pressure": "148/92"})
    records.write_record(chen, past, diagnosis="Stage 2 hypertension")
    records.record_of(ana, past)
    accounts.invite_admin(esther, email="fay@clinic.example", full_name="Fay Front", phone_num="0911222333")
    accounts.forgot_password(BORIS)
    mail.Sightings().say()
    factories.appointment(cast.boris, cast.chen, clock.today() - timedelta(days=1), "09:00", status="completed")
    scheduling.appointments(esther)
    scheduling.store_changed_days()
    calendar(cast, booked[1]["id"])
    signing_in(cast)
    audit.seal()


def calendar(cast: Cast, appointment_id: int) -> None:
    """What the clinic decides about itself and its days, and a visit that waits to be settled."""
    esther, later = cast.actor("esther"), clock.today() + timedelta(days=60)
    configuration.save(esther, {"lead_hours": 2})
    scheduling.set_opening_hours(esther, week(*((day, "08:00", "12:00") for day in range(1, 8))))
    scheduling.set_doctor_hours(esther, cast.chen, of_doctor((1, "08:00", "12:00"), since=later))
    scheduling.add_extra_hours(esther, cast.chen, day=later, from_time=time(13), to_time=time(14))
    scheduling.add_closure(esther, first_day=later, name="Tết", name_vi="Tết")
    with transaction() as current:
        current.add_all(
            [
                VisitToSettle(appointment_id=appointment_id, cause=SettlingCause.LEAVE),
                SlotHold(
                    doctor_id=cast.diallo,
                    appointment_date=later,
                    appointment_time=time(9),
                    for_appointment_id=appointment_id,
                    until=clock.now() + timedelta(hours=1),
                ),
            ]
        )


def signing_in(cast: Cast) -> None:
    """What people and workers leave who sign in, prove who they are, and are told of it."""
    soon = {"expires_at": clock.now() + timedelta(minutes=5)}
    ana = {"user_id": cast.ana}
    with transaction() as current:
        current.add_all(
            [
                KnownDevice(**ana, digest="d" * 64, device="Firefox"),
                SignInAttempt(account_key="k" * 64, network="198.51.100.7"),
                SignInTicket(**ana, **soon, purpose=TicketPurpose.SECOND_FACTOR, digest="d" * 64),
                EmailChange(**ana, old_email=ANA, new_email="new@example.com"),
                Notice(**ana, kind="new_device", key="1"),
                PasswordReset(**ana, **soon, token_digest="of an older version"),
                MailedLink(**ana, **soon, purpose=LinkPurpose.CONFIRM_EMAIL, nonce="n"),
                TotpFactor(**ana, sealed_secret="sealed"),
                Passkey(**ana, credential_id="c", public_key="p", name="Telephone"),
                RecoveryCode(**ana, digest="d" * 64),
                JobState(name="prune"),
            ]
        )


class ClinicAtWork:
    """Goes on writing in a thread of its own, so many mails at once, until it is told to stop."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self.written = 0
        self.under_way = threading.Event()

    def __enter__(self) -> ClinicAtWork:
        self._thread.start()
        assert self.under_way.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _write(self) -> None:
        with self._app.app_context():
            while not self._stop.is_set():
                with transaction() as current:
                    current.add_all(
                        OutboxMail(to=f"p{number}@example.com", kind="note", language="en", subject="x", body="Hello\n")
                        for number in range(TOGETHER)
                    )
                self.written += TOGETHER
                self.under_way.set()
            db.session.remove()


def rows(engine: Engine) -> dict[str, list[str]]:
    """Every row of every table."""
    session().rollback()
    with engine.connect() as connection:
        return {
            table: sorted(map(str, connection.execute(text(f"SELECT * FROM {table}"))))  # noqa: S608
            for table in inspect(engine).get_table_names()
            if "_trigrams" not in table  # says what stands in users once more, in SQLite's own way
        }


def but_for_proofs(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """All but the sign-ins and links that a restore ends."""
    return {table: lines for table, lines in found.items() if table not in PROOFS}


def test_a_clinic_that_was_lost_goes_on_from_its_backup(app, database, cast, clock_at, tmp_path):
    clock_at("2026-03-02 12:00")
    with app.app_context():
        a_day_at_the_clinic(cast)
        before = rows(db.engine)
        evening = backups.back_up(db.engine, tmp_path / "evening.zip")
        assert [table for table, found in evening.tables.items() if not found.rows] == []
        database.reset()
        assert not backups.restore(db.engine, tmp_path / "evening.zip", is_closed=False).needs_upgrade
        after = rows(db.engine)
        [line] = set(after["audit_events"]) - set(before["audit_events"])
        assert "backup.restored" in line
        after["audit_events"].remove(line)
        assert but_for_proofs(after) == but_for_proofs(before)
        assert [len(after[table]) for table in PROOFS] == [len(before[table]) for table in PROOFS]
        histories_refuse_changes()
        ids_go_on(cast)
    people_find_the_portal(app)


def test_a_copy_is_of_one_moment_while_others_write(app, database, cast, tmp_path):
    with app.app_context():
        with ClinicAtWork(app) as work:
            first = work.written
            manifest = backups.back_up(db.engine, tmp_path / "at-work.zip")
            last = work.written
        assert manifest.tables["outbox"].rows % TOGETHER == 0, "half of a transaction was copied"
        assert first <= manifest.tables["outbox"].rows <= last + TOGETHER
        assert work.written > first, "nobody was kept from writing"
        backups.restore(db.engine, tmp_path / "at-work.zip", is_closed=True, replace=True)
        assert len(rows(db.engine)["outbox"]) == manifest.tables["outbox"].rows


def histories_refuse_changes() -> None:
    """Each history has rows, and keeps them."""
    assert HISTORIES
    for table in HISTORIES:
        with db.engine.connect() as connection:
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")), table  # noqa: S608
        key, *_ = Base.metadata.tables[table].primary_key
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET {key.name} = {key.name}"):  # noqa: S608
            with pytest.raises(DBAPIError, match="keeps its rows"), db.engine.begin() as connection:
                connection.execute(text(change))


def ids_go_on(cast: Cast) -> None:
    """What comes next gets an id of its own, and a slot that was taken is still taken."""
    highest = session().scalar(text("SELECT max(id) FROM appointments")) or 0
    on = clock.today() + timedelta(days=3)
    where: dict[str, Any] = {"doctor_id": cast.chen, "department_id": cast.cardiology, "on": on}
    with pytest.raises(Conflict):
        scheduling.book(cast.actor("boris"), **where, at=scheduling.SLOT_TIMES[2])
    assert scheduling.book(cast.actor("boris"), **where, at=scheduling.SLOT_TIMES[3])["id"] == highest + 1


def people_find_the_portal(app: Flask) -> None:
    """It is ready, and who signs in by the password alone finds what was there."""
    client = app.test_client()
    assert client.get("/readyz").status_code == 200
    signed_in = client.post("/api/v1/auth/login/", json={"email": BORIS, "password": PASSWORD})
    token = signed_in.get_json()["tokens"]["access"]
    listed = client.get("/api/v1/appointments/", headers={"Authorization": f"Bearer {token}"})
    assert (listed.status_code, listed.get_json()["count"]) == (200, 2)
