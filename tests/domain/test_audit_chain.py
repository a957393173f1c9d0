"""The chain of seals over the audit: whoever has the database alone changes nothing unnoticed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from clinic import audit
from clinic.audit import (
    AuditAction,
    AuditEvent,
    AuditSeal,
    Fault,
    Head,
    Subject,
    chain,
    sealing,
)
from clinic.db import db, session
from tests.domain.chained import SEALS, as_the_owner, numbers, run, write

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture
def sealed() -> list[int]:
    """Six entries, sealed in the order of their numbers."""
    write(6)
    assert audit.seal() == 6
    return numbers()


def test_entries_are_sealed_once_and_hold(sealed: list[int]) -> None:
    assert audit.seal() == audit.seal(late=True) == 0
    verdict = audit.verify()
    assert (verdict.fault, verdict.sealed, verdict.unsealed) == (None, 6, 0)
    assert verdict.head == audit.state().head
    seals = session().execute(select(AuditSeal.sequence, AuditSeal.event_id).order_by(AuditSeal.sequence)).all()
    assert [tuple(each) for each in seals] == list(zip(range(1, 7), sealed, strict=True))


#: What somebody does to the entries (first to sixth) with what is noticed of it, and at which of them.
DEEDS: dict[str, tuple[Sequence[str], Fault, int]] = {
    "an edit": (["UPDATE audit_events SET subject_id = 99 WHERE id = {3}"], Fault.CHANGED, 3),
    "of the details": (["UPDATE audit_events SET details = '{{}}' WHERE id = {3}"], Fault.CHANGED, 3),
    "of the address": (["UPDATE audit_events SET address = '' WHERE id = {6}"], Fault.CHANGED, 6),
    "a deletion": (["DELETE FROM audit_events WHERE id = {4}"], Fault.MISSING, 4),
    "of the seal too": (
        ["DELETE FROM audit_events WHERE id = {4}", "DELETE FROM audit_seals WHERE event_id = {4}"],
        Fault.SEAL_MISSING,
        3,
    ),
    "with later seals moved up": (
        [
            "DELETE FROM audit_events WHERE id = {6}",
            "DELETE FROM audit_seals WHERE sequence = 5",
            "UPDATE audit_seals SET sequence = 5 WHERE sequence = 6",
        ],
        Fault.MISSING,
        6,
    ),
    "a swap": (
        [
            "UPDATE audit_events SET subject_id = 100 WHERE id = {2}",
            "UPDATE audit_events SET subject_id = 2 WHERE id = {5}",
            "UPDATE audit_events SET subject_id = 5 WHERE id = {2}",
        ],
        Fault.CHANGED,
        2,
    ),
    "a list without somebody": (
        ["DELETE FROM audit_event_patients WHERE event_id = {4} AND patient_id = 7"],
        Fault.OTHER_PATIENTS,
        4,
    ),
    "a list with one more": (
        ["INSERT INTO audit_event_patients (event_id, patient_id) VALUES ({5}, 8)"],
        Fault.OTHER_PATIENTS,
        5,
    ),
    "another moment of the seal": (
        ["UPDATE audit_seals SET sealed_at = '2001-01-01 00:00:00.000000' WHERE sequence = 2"],
        Fault.CHANGED,
        2,
    ),
    "a key that nobody has": (["UPDATE audit_seals SET key_id = 'f00' WHERE sequence = 2"], Fault.UNKNOWN_KEY, 2),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_what_somebody_does_to_the_tables_is_noticed(sealed: list[int], deed: str) -> None:
    statements, fault, place = DEEDS[deed]
    as_the_owner(*(each.format(0, *sealed) for each in statements))
    verdict = audit.verify()
    assert verdict.fault is fault
    assert verdict.number == (place if fault is Fault.SEAL_MISSING else sealed[place - 1])


@pytest.mark.parametrize("with_seals", [True, False])
def test_a_cut_off_end_is_noticed_by_whoever_noted_the_head(sealed: list[int], with_seals: bool) -> None:
    head = audit.announce_head()
    assert head is not None
    seals = ["DELETE FROM audit_seals WHERE sequence > 4"] if with_seals else []
    as_the_owner(f"DELETE FROM audit_events WHERE id > {sealed[3]}", *seals)  # noqa: S608
    assert audit.verify().fault is (None if with_seals else Fault.MISSING)
    if with_seals:
        verdict = audit.verify([head])
        assert (verdict.fault, verdict.number) == (Fault.CUT_OFF, 4)
        write(6)
        audit.seal()
        assert audit.verify([head]).fault is Fault.CUT_OFF


def test_another_head_is_no_head_of_this_chain(sealed: list[int]) -> None:
    assert audit.verify([Head(6, "0" * 64)]).fault is Fault.CUT_OFF
    head = audit.verify().head
    assert head is not None
    assert audit.heads_in(f'{{"event":"audit head","head":"{head}"}} 12:34') == [head]
    assert audit.verify([head]).fault is None


def test_an_entry_that_is_put_in_with_an_older_date_is_noticed(clock_at: Callable[[Any], Any]) -> None:
    began = clock_at("2026-03-02 09:00")
    write(2)
    audit.seal()
    clock_at(began + timedelta(days=2))
    write(2)
    audit.seal()
    write(1, at=began)
    audit.seal()
    verdict = audit.verify()
    assert (verdict.fault, verdict.number) == (Fault.PUT_IN, numbers()[-1])


def test_an_entry_in_a_gap_of_long_ago_is_noticed(clock_at: Callable[[Any], Any]) -> None:
    began = clock_at("2026-03-02 09:00")
    write(1, id=10)
    write(1, id=12)
    audit.seal()
    clock_at(began + timedelta(hours=3))
    write(1, id=11, at=began)
    write(1, id=13)
    audit.seal()
    assert audit.seal(late=True) == 0
    verdict = audit.verify()
    assert (verdict.fault, verdict.number) == (Fault.PUT_IN, 11)
    assert audit.verify(since=3).fault is None, "whoever has looked into it goes on behind it"


def test_an_entry_whose_transaction_ended_late_is_sealed_and_holds(clock_at: Callable[[Any], Any]) -> None:
    began = clock_at("2026-03-02 09:00")
    write(1, id=10)
    write(1, id=12)
    audit.seal()
    clock_at(began + timedelta(minutes=2))
    write(1, id=11, at=began)
    assert audit.seal() == 0
    assert audit.seal(late=True) == 1
    clock_at(began + timedelta(hours=5))
    write(1, id=13)
    assert audit.seal() == 1
    verdict = audit.verify()
    assert (verdict.fault, verdict.sealed, verdict.unsealed) == (None, 4, 0)


def test_what_was_there_when_sealing_began_is_taken_as_it_is(clock_at: Callable[[Any], Any]) -> None:
    """Whatever order an upgrade or a way back has left."""
    began = clock_at("2026-03-02 09:00")
    for days in (5, 900, 3):
        write(1, at=began - timedelta(days=days))
    assert audit.seal() == 3
    assert audit.verify().fault is None


def test_many_are_sealed_batch_by_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 4)
    write(10)
    assert audit.seal() == 10
    assert audit.verify().sealed == 10
    assert audit.verify(since=6).sealed == 5


def test_a_batch_that_breaks_leaves_nothing_half_done(sealed: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 4)
    write(6)
    taken = chain.last_head()

    def die(*_: Any) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sealing, "mac_of", die)
        with pytest.raises(KeyboardInterrupt):
            audit.seal()
    assert chain.last_head() == taken
    assert audit.seal() == 6
    assert audit.verify().sealed == 12


def test_of_two_workers_one_seals(sealed: list[int]) -> None:
    """The second one finds its number taken."""
    write(1)
    audit.seal()
    row = session().execute(select(SEALS).order_by(SEALS.c.sequence.desc())).first()
    session().rollback()
    with pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.execute(insert(SEALS), [dict(row._mapping) | {"event_id": 999}])
    assert session().scalar(select(func.count()).select_from(SEALS)) == 7


def test_the_state_tells_how_many_wait_and_since_when(sealed: list[int], clock_at: Callable[[Any], Any]) -> None:
    assert audit.state().unsealed == 0
    began = clock_at("2030-03-02 09:00")
    write(3)
    assert (audit.state().unsealed, audit.state().unsealed_since) == (3, began)


def test_the_head_is_announced_and_noted(sealed: list[int]) -> None:
    head = audit.announce_head()
    newest = session().scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert head is not None
    assert newest.action == AuditAction.HEAD_ANNOUNCED
    assert newest.details == {"sequence": 6, "mac": head.mac}
    assert [Subject(newest.subject_id)] == [audit.NOTHING]


def test_nothing_sealed_has_no_head() -> None:
    assert audit.announce_head() is None
    assert audit.verify() == audit.Verdict(0, 0, None)
    assert audit.verify([Head(1, "0" * 64)]).fault is Fault.CUT_OFF


# --- commands ---------------------------------------------------------------------------------------------------------


def test_the_commands_seal_verify_and_tell_the_head(app: Flask, tmp_path: Any) -> None:
    assert run(app, "head") == (1, "Error: Nothing is sealed yet: run 'flask --app wsgi audit seal'.")
    write(3)
    assert run(app, "seal") == (0, "Sealed 3 entries.")
    _, head = run(app, "head")
    code, said = run(app, "verify", "--head", head)
    assert code == 0
    assert said.startswith(
        f"3 entries are as they were written. 1 entries have no seal yet. The newest seal is {head}."
    )
    noted = tmp_path / "portal.log"
    noted.write_text(f'{{"event": "audit head", "head": "{head}"}}\n', encoding="utf-8")
    as_the_owner("DELETE FROM audit_seals WHERE sequence > 1")
    assert run(app, "verify", "--heads", str(noted)) == (
        1,
        "Error: The end is cut off behind seal 1, or another one stands in its place.",
    )
    as_the_owner("UPDATE audit_events SET subject_id = 77")
    code, said = run(app, "verify")
    assert code == 1
    assert said.startswith(f"Error: Entry {numbers()[0]} isn't as it was written. 'audit verify --since 2' goes on")
    assert run(app, "verify", "--head", "nonsense")[0] == 2
    noted.write_text("nothing", encoding="utf-8")
    assert run(app, "verify", "--heads", str(noted))[0] == 2
