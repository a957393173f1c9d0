"""Whose words a visit's notes are, through bookings, moves and edits by whichever client; and the notes for colleagues."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from clinic import audit, clock, records, scheduling
from clinic.audit import AuditAction, AuditEvent
from clinic.db import session
from clinic.errors import Forbidden, InvalidInput, NotFound, Stale
from clinic.scheduling import NOTES_STORED_MAX, STAFF_NOTES_MAX
from clinic.scheduling.models import NoteRevision
from clinic.scheduling.notes import Revision, shared_out


def revision(text: str, role: str | None, *, is_move: bool = False, hour: int = 9) -> Revision:
    """The notes as somebody in a role left them."""
    at = clock.starts_at(clock.today(), scheduling.SLOT_TIMES[0]) + timedelta(hours=hour)
    return Revision(text, at, role and role.title(), role, is_move)


def parts(*revisions: Revision) -> tuple[list[str], list[tuple[str, str | None]]]:
    """The patient's passages, and the clinic's with their authors."""
    shared = shared_out(revisions)
    return [each.text for each in shared.patient], [(each.text, each.by_role) for each in shared.clinic]


# --- pure -------------------------------------------------------------------------------------------------------------


def test_a_line_belongs_to_whoever_first_wrote_it():
    said = revision("Mornings suit me", "patient")
    doctors = revision("Mornings suit me\nBring the cuff", "doctor", hour=10)
    offices = revision("Mornings suit me\nBring the cuff\nCome to the back door", "admin", hour=11)
    assert parts(said, doctors, offices) == (
        ["Mornings suit me"],
        [("Bring the cuff", "doctor"), ("Come to the back door", "admin")],
    )


def test_what_is_taken_out_is_nobodys_any_more():
    assert parts(revision("Mine", "patient"), revision("Ours", "doctor")) == ([], [("Ours", "doctor")])
    assert parts(revision("Mine", "patient"), revision("", "doctor")) == ([], [])
    assert parts() == ([], [])


def test_the_line_of_a_move_is_nobodys_note():
    moved = revision("Mine\nRescheduled: Bận\nđi công tác", "doctor", is_move=True)
    edited = revision("Mine\nRescheduled: Bận\nđi công tác\nBring the cuff", "doctor", hour=10)
    assert parts(revision("Mine", "patient"), moved, edited) == (["Mine"], [("Bring the cuff", "doctor")])


def test_an_empty_line_is_nobodys_passage():
    doctors = revision("Bring the cuff\nCome to the back door", "doctor")
    parted = revision("Bring the cuff\n\nCome to the back door", "patient", hour=10)
    assert parts(doctors, parted) == ([], [("Bring the cuff\nCome to the back door", "doctor")])


def test_whose_author_was_not_kept_is_the_clinics_and_unnamed():
    assert parts(revision("Old words", None)) == ([], [("Old words", None)])


def test_the_clinics_part_is_changed_beside_the_others():
    shared = shared_out([revision("Mine", "patient"), revision("Mine\nRescheduled: Bận", "patient", is_move=True)])
    assert shared.with_clinic_text("Bring the cuff") == "Mine\nRescheduled: Bận\nBring the cuff"
    assert shared.with_clinic_text("") == shared.whole == "Mine\nRescheduled: Bận"


lines = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=5).map("\n".join)


@given(
    st.lists(st.tuples(lines, st.sampled_from(["patient", "doctor", "admin", None]), st.booleans()), max_size=6), lines
)
def test_no_line_is_lost_and_what_the_clinic_writes_is_read_back(history, typed):
    revisions = [revision(text, role, is_move=moved, hour=at) for at, (text, role, moved) in enumerate(history)]
    shared = shared_out(revisions)
    assert shared.whole == (history[-1][0] if history else "")
    new = revision(shared.with_clinic_text(typed.strip()), "doctor", hour=20)
    after = shared_out([*revisions, new])
    assert [each.text for each in after.patient] == [each.text for each in shared.patient]
    words = [line for line in after.clinic_text.split("\n") if line]
    assert words == [line for line in typed.strip().split("\n") if line] or typed.strip() == shared.clinic_text


def test_of_equal_lines_each_keeps_its_author_when_the_clinics_part_is_written_anew():
    shared = shared_out(
        [revision("Bring the cuff.", "doctor", hour=1), revision("Bring the cuff.\nBring the cuff.", "patient", hour=2)]
    )
    rewritten = shared.with_clinic_text("Bring the cuff.\nCome early.")
    after = shared_out(
        [
            revision("Bring the cuff.", "doctor", hour=1),
            revision("Bring the cuff.\nBring the cuff.", "patient", hour=2),
            revision(rewritten, "doctor", hour=3),
        ]
    )
    assert [(each.text, each.at) for each in after.patient] == [(each.text, each.at) for each in shared.patient]
    assert after.clinic_text == "Bring the cuff.\nCome early."


# --- by the commands --------------------------------------------------------------------------------------------------


@pytest.fixture
def noted(app_context, cast, clock_at, book):
    """Ana's visit that she booked with notes, that Dr Chen moved with a reason, and that both staff wrote into."""
    clock_at("2026-03-02 09:00")
    appointment = book(notes="Mornings suit me best")["id"]
    clock_at("2026-03-02 10:00")
    day = clock.today() + timedelta(days=4)
    scheduling.reschedule(
        cast.actor("chen"), appointment, on=day, at=scheduling.SLOT_TIMES[2], reason="Bận đi công tác"
    )
    clock_at("2026-03-02 11:00")
    scheduling.edit_appointment(cast.actor("chen"), appointment, {"notes": "Bring the cuff"}, clinics_notes_only=True)
    return appointment


def test_the_apis_notes_are_one_text_as_ever(cast, noted):
    row = scheduling.appointment(cast.actor("ana"), noted)
    assert row["notes"] == "Mornings suit me best\nRescheduled: Bận đi công tác\nBring the cuff"


def test_each_part_has_its_author_and_time(cast, noted):
    for reader in ("ana", "chen", "esther"):
        notes = scheduling.notes_of(cast.actor(reader), noted)
        (hers,), (his,) = notes.patient, notes.clinic
        assert (hers.text, hers.by_name, hers.at.hour) == ("Mornings suit me best", "Ana Nguyễn", 2)
        assert (his.text, his.by_name, his.by_role, his.at.hour) == ("Bring the cuff", "Dr Chen", "doctor", 4)
    assert scheduling.notes_of(cast.actor("boris"), noted).patient == []
    assert scheduling.notes_of(cast.actor("diallo"), noted).clinic == []


def test_a_client_that_writes_the_whole_text_keeps_the_authors_of_what_it_leaves(cast, noted):
    whole = scheduling.appointment(cast.actor("esther"), noted)["notes"]
    scheduling.edit_appointment(cast.actor("esther"), noted, {"notes": f"{whole}\nUse the back door"})
    notes = scheduling.notes_of(cast.actor("ana"), noted)
    assert [each.text for each in notes.patient] == ["Mornings suit me best"]
    assert [(each.text, each.by_name) for each in notes.clinic] == [
        ("Bring the cuff", "Dr Chen"),
        ("Use the back door", "Esther Office"),
    ]


def test_what_changes_nothing_is_no_version_and_no_line_in_the_history(cast, noted):
    before = (
        scheduling.appointment(cast.actor("chen"), noted)["version"],
        len(scheduling.history(cast.actor("chen"), noted)),
    )
    for text in ("Bring the cuff", " Bring the cuff\r\n"):
        scheduling.edit_appointment(cast.actor("chen"), noted, {"notes": text}, clinics_notes_only=True)
    after = (
        scheduling.appointment(cast.actor("chen"), noted)["version"],
        len(scheduling.history(cast.actor("chen"), noted)),
    )
    assert after == before
    assert session().scalar(select(func.count()).select_from(NoteRevision)) == 3


def test_notes_that_are_too_long_together_are_refused_and_nothing_is_lost(cast, noted):
    with pytest.raises(InvalidInput) as refusal:
        scheduling.edit_appointment(
            cast.actor("chen"), noted, {"notes": "x" * NOTES_STORED_MAX}, clinics_notes_only=True
        )
    assert list(refusal.value.errors) == ["notes"]
    with pytest.raises(InvalidInput):
        scheduling.edit_appointment(cast.actor("chen"), noted, {"notes": "bad \x00"}, clinics_notes_only=True)
    assert scheduling.notes_of(cast.actor("ana"), noted).clinic_text == "Bring the cuff"


def test_the_history_names_what_was_changed_and_the_rooms(cast, noted):
    room = {"room_id": cast.heart_room, "reason": "Check-up", "symptoms": None, "notes": "Bring the cuff"}
    scheduling.edit_appointment(cast.actor("esther"), noted, room, clinics_notes_only=True)
    last = scheduling.history(cast.actor("ana"), noted)[-1]["details"]
    assert last == {"fields": ["reason", "room_id"], "room": {"from": "201", "to": "202"}}


# --- for colleagues ---------------------------------------------------------------------------------------------------


@pytest.fixture
def appointment(app_context, cast, clock_at, book):
    """A visit of Ana to Dr Chen."""
    clock_at("2026-03-02 09:00")
    return book()["id"]


def deeds() -> list[tuple[str, int, audit.Details]]:
    """What the audit holds of notes for colleagues: action, who, details."""
    rows = session().scalars(select(AuditEvent).where(AuditEvent.action.like("staff_notes%")).order_by(AuditEvent.id))
    return [(row.action, row.actor_id or 0, row.details) for row in rows]


def test_doctor_and_office_write_for_each_other_and_every_version_is_kept(cast, appointment):
    chen, esther = cast.actor("chen"), cast.actor("esther")
    assert scheduling.staff_notes(esther, appointment) == []
    first = scheduling.write_staff_notes(chen, appointment, " Hard of hearing\r\n", expected_version=0)
    assert (first.version, first.text, first.by_name) == (1, "Hard of hearing", "Dr Chen")
    scheduling.write_staff_notes(esther, appointment, "Hard of hearing, left ear", expected_version=1)
    assert [(each.version, each.text, each.by_name) for each in scheduling.staff_notes(chen, appointment)] == [
        (2, "Hard of hearing, left ear", "Esther Office"),
        (1, "Hard of hearing", "Dr Chen"),
    ]
    assert deeds() == [
        (AuditAction.STAFF_NOTES_WRITTEN, cast.chen, {"version": 1}),
        (AuditAction.STAFF_NOTES_WRITTEN, cast.esther, {"version": 2}),
        (AuditAction.STAFF_NOTES_READ, cast.chen, {}),
    ]


def test_the_same_text_again_is_no_version_and_an_empty_one_takes_it_back(cast, appointment):
    chen = cast.actor("chen")
    assert scheduling.write_staff_notes(chen, appointment, "  ") is None
    scheduling.write_staff_notes(chen, appointment, "Quiet room")
    assert scheduling.write_staff_notes(chen, appointment, "Quiet room").version == 1
    assert scheduling.write_staff_notes(chen, appointment, "").text == ""
    assert [each.text for each in scheduling.staff_notes(chen, appointment)] == ["", "Quiet room"]


@pytest.mark.parametrize("expected", [0, 2])
def test_nobodys_words_are_written_over_unseen(cast, appointment, expected):
    scheduling.write_staff_notes(cast.actor("esther"), appointment, "Theirs")
    with pytest.raises(Stale):
        scheduling.write_staff_notes(cast.actor("chen"), appointment, "Mine", expected_version=expected)
    assert scheduling.staff_notes(cast.actor("chen"), appointment)[0].text == "Theirs"


def test_patients_and_other_doctors_never_read_or_write_them(cast, appointment):
    scheduling.write_staff_notes(cast.actor("chen"), appointment, "Secret words")
    for who, refusal in (("ana", Forbidden), ("boris", Forbidden), ("diallo", NotFound)):
        with pytest.raises(refusal):
            scheduling.staff_notes(cast.actor(who), appointment)
        with pytest.raises(refusal):
            scheduling.write_staff_notes(cast.actor(who), appointment, "x")
    ana = cast.actor("ana")
    shown = [
        scheduling.appointment(ana, appointment),
        scheduling.history(ana, appointment),
        scheduling.notes_of(ana, appointment),
    ]
    assert "Secret words" not in repr([*shown, scheduling.calendar_file(ana, appointment)])
    assert records.own_access_log(ana).results == [], "her trail is about her own records and account"


def test_too_long_and_unstorable_ones_are_refused(cast, appointment):
    for text in ("x" * (STAFF_NOTES_MAX + 1), "a\x00b"):
        with pytest.raises(InvalidInput) as refusal:
            scheduling.write_staff_notes(cast.actor("chen"), appointment, text)
        assert list(refusal.value.errors) == ["staff_notes"]
