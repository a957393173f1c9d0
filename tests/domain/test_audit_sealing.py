"""Who seals the audit and with which key: no worker makes a seal anew, and none is taken for a forgery that isn't."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from structlog.testing import capture_logs

from clinic import audit, clock
from clinic.audit import AuditSeal, Fault, Sealer, SealingRefused, sealing
from clinic.db import session
from tests.domain.chained import as_the_owner, numbers, run, write
from tests.people import Cast

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture
def sealed() -> list[int]:
    """Six entries, sealed in the order of their numbers."""
    write(6)
    assert audit.seal() == 6
    return numbers()


# --- false alarms -----------------------------------------------------------------------------------------------------


def test_an_entry_that_was_committed_late_is_sealed_however_long_no_worker_ran(clock_at: Callable[[Any], Any]) -> None:
    """Its transaction ended after that of a later entry, and just then the worker was stopped."""
    began = clock_at("2026-03-02 09:00")
    write(1, id=10)
    audit.seal()
    clock_at(began + timedelta(days=1))
    write(1, id=12)
    audit.seal()
    write(1, id=11)
    for hours in (5, 30):
        clock_at(began + timedelta(days=1, hours=hours))
        write(2000 if hours == 5 else 1, first=20 if hours == 5 else 3000)
        Sealer().seal()
        assert audit.verify().fault is None
    assert audit.verify().sealed == 2004


def test_a_clock_that_was_ahead_alarms_nobody(clock_at: Callable[[Any], Any]) -> None:
    began = clock_at("2026-03-02 09:00")
    write(1)
    audit.seal()
    clock_at(began + timedelta(hours=5))
    write(1, at=began + timedelta(days=400))
    write(1)
    audit.seal()
    clock_at(began + timedelta(hours=9))
    write(1)
    audit.seal()
    assert audit.verify().fault is None
    write(1, at=began + timedelta(hours=5))
    audit.seal()
    assert audit.verify().fault is Fault.PUT_IN, "others than those whose clock was ahead are as they were"


# --- years of entries from before sealing began -----------------------------------------------------------------------


@pytest.fixture
def years(clock_at: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch) -> int:
    """Eleven entries of two years ago, none of them sealed, and rounds of two batches of two."""
    monkeypatch.setattr(sealing, "BATCH", 2)
    monkeypatch.setattr(sealing, "BATCHES_A_ROUND", 2)
    # More than so many of long ago are refused elsewhere.
    monkeypatch.setattr(sealing, "FAR_BACK_MOST", 3)
    write(11, at=clock_at("2026-03-02 09:00") - timedelta(days=730))
    return 11


def test_a_round_ends_before_all_have_their_seals(years: int) -> None:
    worker = Sealer()
    rounds = [(worker.seal(), worker.is_behind, audit.state().unsealed) for _ in range(4)]
    assert rounds == [(4, True, 7), (4, True, 3), (3, False, 0), (0, False, 0)]
    assert audit.verify().fault is None


def test_what_comes_late_is_sealed_first_also_where_a_round_ends_meanwhile(sealed: list[int], years: int) -> None:
    """Nothing newer than it, until all of it has its seal."""
    write(1, id=100)
    audit.seal()
    write(6, first=sealed[-1] + 50)
    write(2, first=200)
    worker = Sealer()
    assert [worker.seal() for _ in range(3)] == [4, 4, 0]
    order = list(session().scalars(select(AuditSeal.event_id).order_by(AuditSeal.sequence)))
    assert order[-9:] == [100, *range(sealed[-1] + 50, sealed[-1] + 56), 200, 201]
    assert not worker.is_behind


def test_another_worker_goes_on_where_one_was_stopped_for_days(years: int, clock_at: Callable[[Any], Any]) -> None:
    Sealer().seal()
    clock_at(clock.now() + timedelta(days=3))
    write(1)
    worker = Sealer()
    with capture_logs() as logged:
        assert [worker.seal() for _ in range(3)] == [4, 4, 0]
    assert [(entry["event"], entry["count"]) for entry in logged] == [
        ("audit sealed late", 4),
        ("audit sealed late", 3),
    ]
    assert audit.verify().fault is None


def test_a_worker_says_nothing_of_entries_that_were_there_when_it_began(years: int) -> None:
    worker = Sealer()
    with capture_logs() as logged:
        assert [worker.seal() for _ in range(3)] == [4, 4, 3]
    assert logged == []


# --- laundering -------------------------------------------------------------------------------------------------------

EDITED = (
    "UPDATE audit_events SET subject_id = 99 WHERE id = {3}",
    "DELETE FROM audit_seals WHERE event_id >= {3}",
)


def launder(sealed: list[int], *more: str) -> None:
    """Edit the third entry and remove its seal and all later ones."""
    as_the_owner(*(each.format(0, *sealed) for each in (*EDITED, *more)))


def test_a_worker_seals_nothing_anew_that_it_has_sealed(sealed: list[int], caplog: pytest.LogCaptureFixture) -> None:
    worker = Sealer()
    worker.seal()
    launder(sealed)
    assert worker.seal() == 0
    assert audit.state().unsealed == 4
    worker.forget()
    assert worker.seal() == 4


def test_no_worker_seals_anew_what_was_announced(sealed: list[int]) -> None:
    assert audit.announce_head() is not None
    audit.seal()
    launder(sealed)
    assert Sealer().seal() == 0
    with pytest.raises(SealingRefused, match="seal 6, which was announced, is gone"):
        audit.seal()
    audit.seal(anyway=True)
    verdict = audit.verify()
    assert (verdict.fault, verdict.number) == (Fault.CUT_OFF, 5)


def test_no_worker_seals_anew_what_is_of_long_ago(
    sealed: list[int], clock_at: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "FAR_BACK_MOST", 3)
    clock_at(clock.now() + timedelta(minutes=1))
    write(4)
    audit.seal()
    launder(sealed)
    clock_at(clock.now() + timedelta(hours=25))
    assert Sealer().seal() == 0
    with pytest.raises(SealingRefused, match="more than 3 entries of more than 1 day ago"):
        audit.seal()
    assert audit.seal(anyway=True) == 8
    assert audit.seal() == 0


def test_what_was_sealed_late_is_told(sealed: list[int], clock_at: Callable[[Any], Any], app: Flask) -> None:
    launder(sealed)
    clock_at(clock.now() + timedelta(hours=3))
    assert audit.seal() == 4
    verdict = audit.verify()
    assert (verdict.fault, verdict.late, verdict.first_late) == (None, 4, sealed[2])
    assert f"4 of them, the first is {sealed[2]}, were sealed more than an hour after" in run(app, "verify")[1]


def test_sealing_by_hand_is_refused_too_until_somebody_insists(sealed: list[int], app: Flask) -> None:
    audit.announce_head()
    audit.seal()
    launder(sealed)
    code, said = run(app, "seal")
    assert (code, said) == (1, "Error: Nothing was sealed: seal 6, which was announced, is gone or another one.")
    assert run(app, "seal", "--anyway") == (0, "Sealed 5 entries.")
    # From now on the worker goes on.
    assert Sealer().seal() == 1


# --- keys -------------------------------------------------------------------------------------------------------------


def test_an_older_key_seals_nothing_more(make_app: Callable[..., Flask], cast: Cast) -> None:
    """Neither by an old process nor by somebody who has found it."""
    old, new = "audit-key-one-" * 4, "audit-key-two-" * 4
    with make_app(audit_key=old).app_context():
        write(2)
        audit.seal()
    with make_app(audit_key=new, audit_key_fallbacks=old).app_context():
        assert audit.verify().fault is Fault.OLDER_KEY
        write(2)
        audit.seal()
        assert audit.verify().fault is None
    with make_app(audit_key=old).app_context():
        write(2)
        with pytest.raises(SealingRefused, match="another key"):
            audit.seal()
    with (
        make_app(audit_key=old, audit_key_fallbacks=new).app_context(),
        pytest.raises(SealingRefused, match="can't come back"),
    ):
        audit.seal()


def test_a_chain_that_an_older_key_made_is_noticed(make_app: Callable[..., Flask], cast: Cast) -> None:
    old, new = "audit-key-one-" * 4, "audit-key-two-" * 4
    with make_app(audit_key=new, audit_key_fallbacks=old).app_context():
        write(3)
        audit.seal()
        as_the_owner("DELETE FROM audit_seals", "UPDATE audit_events SET subject_id = 99")
    with make_app(audit_key=old).app_context():
        audit.seal()
    with make_app(audit_key=new, audit_key_fallbacks=old).app_context():
        verdict = audit.verify()
        assert (verdict.fault, verdict.number) == (Fault.OLDER_KEY, 3)


def test_keys_that_take_turns_are_noticed(
    make_app: Callable[..., Flask], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = ["audit-key-one-" * 4, "audit-key-two-" * 4]
    verdict = audit.verify()
    monkeypatch.setattr(sealing, "_check_key", lambda *_: None)
    for key in (keys[0], keys[1], keys[0], keys[1]):
        with make_app(audit_key=key, audit_key_fallbacks=next(each for each in keys if each != key)).app_context():
            write(1)
            audit.seal()
            verdict = audit.verify()
    assert (verdict.fault, verdict.number) == (Fault.OLDER_KEY, 3)


def test_another_key_goes_on_and_the_older_one_is_still_read(make_app: Callable[..., Flask], cast: Cast) -> None:
    first, second = "audit-key-one-" * 4, "audit-key-two-" * 4
    with make_app(audit_key=first).app_context():
        write(2)
        audit.seal()
    with make_app(audit_key=second).app_context():
        assert audit.verify().fault is Fault.UNKNOWN_KEY
        with pytest.raises(SealingRefused, match="belongs into AUDIT_KEY_FALLBACKS"):
            audit.seal()
    with make_app(audit_key=second, audit_key_fallbacks=first).app_context():
        write(2)
        audit.seal()
        assert audit.verify().sealed == 4
