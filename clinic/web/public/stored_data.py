"""What the portal keeps about a patient, in the words of the privacy page: each part with the columns that hold it.

``tests/house/test_stored_data.py`` holds it to the database: every column of every table is named here or there, where
nothing is said of a person. The author of a new one decides whether the privacy page has to tell it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from babel.lists import format_list
from flask_babel import gettext

from clinic.i18n import N_
from clinic.text.formats import LOCALES
from clinic.web.kit.preferences import chosen_language


class Part(NamedTuple):
    """Something that is kept, in words that stand in a list, and the columns (``table.column``) that hold it."""

    words: str
    columns: tuple[str, ...]


class Sentence(NamedTuple):
    """A sentence of the privacy page; ``%(parts)s`` is the list of its parts."""

    words: str
    parts: tuple[Part, ...]


def _columns(table: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{table}.{name}" for name in names)


_RECORD = ("medical_records", "record_revisions")


def _of_record(name: str) -> tuple[str, ...]:
    return tuple(f"{table}.{name}" for table in _RECORD)


STORED: Sequence[Sentence] = (
    Sentence(
        N_("Your account: %(parts)s. Your password is stored in a form that nobody can read, not even us."),
        (
            Part(N_("name"), _columns("users", "full_name", "name_key")),
            Part(N_("e-mail"), _columns("users", "email")),
            Part(N_("phone"), _columns("users", "phone_num")),
            Part(N_("date of birth"), _columns("patients", "date_of_birth")),
            Part(N_("gender"), _columns("patients", "gender")),
            Part(N_("language"), _columns("users", "language")),
            Part(
                N_("whether you confirmed your e-mail or showed identification"),
                _columns("users", "email_confirmed_at", "identity_seen_at", "identity_seen_by_id"),
            ),
            Part(
                N_("who at the clinic entered your e-mail"),
                _columns("users", "invited_at", "invited_by_id"),
            ),
            Part(
                N_("changes of your e-mail"),
                _columns("email_changes", "old_email", "new_email", "requested_by_id", "requested_at", "confirmed_at"),
            ),
        ),
    ),
    Sentence(
        N_("If you gave them: %(parts)s."),
        (
            Part(N_("address"), _columns("patients", "address")),
            Part(N_("insurance number"), _columns("patients", "insurance_id")),
            Part(N_("emergency contact"), _columns("patients", "emergency_contact", "emergency_contact_phone")),
        ),
    ),
    Sentence(
        N_("Your visits: %(parts)s."),
        (
            Part(N_("the doctor"), _columns("appointments", "doctor_id", "department_id")),
            Part(
                N_("the time and the place"),
                _columns("appointments", "appointment_date", "appointment_time", "room_id"),
            ),
            Part(N_("what you told us in advance"), _columns("appointments", "symptoms", "reason")),
            Part(
                N_("the notes from the clinic"),
                (
                    *_columns("appointments", "notes"),
                    *_columns("note_revisions", "text", "at", "by_user_id", "by_role"),
                ),
            ),
            Part(
                N_("who booked, confirmed, moved or cancelled them"),
                (
                    *_columns("appointments", "status", "cancellation_reason", "cancelled_at", "rescheduled_from"),
                    *_columns("appointment_events", "what", "at", "by_user_id", "by_role", "from_status"),
                    *_columns("appointment_events", "to_status", "details"),
                ),
            ),
            Part(
                N_("which of them the clinic had to change, why, and what became of them"),
                (
                    *_columns("visits_to_settle", "cause", "reason", "opened_at", "opened_by_id", "told_at"),
                    *_columns("visits_to_settle", "outcome", "settled_at", "settled_by_id"),
                    *_columns("visits_to_settle", "proposed_doctor_id", "proposed_at"),
                    *_columns("slot_holds", "appointment_date", "appointment_time", "until", "released_at"),
                ),
            ),
            Part(
                N_("what they cost"),
                _columns("appointments", "service_id", "examination_fee", "service_fee", "estimated_fee"),
            ),
        ),
    ),
    Sentence(
        N_("What the doctors wrote: %(parts)s. We keep earlier versions too, so that nothing is lost."),
        (
            Part(N_("diagnosis"), _of_record("diagnosis")),
            Part(N_("prescription"), _of_record("prescription")),
            Part(N_("treatment plan"), _of_record("treatment_plan")),
            Part(N_("notes"), _of_record("notes")),
            Part(N_("vital signs"), _of_record("vital_signs")),
            Part(N_("the day to come back"), _of_record("follow_up_date")),
        ),
    ),
    Sentence(
        N_("The notes that your doctor and reception write for each other about a visit."),
        (Part("", _columns("staff_note_revisions", "text", "at", "by_user_id", "by_role")),),
    ),
    Sentence(
        N_("The e-mails the portal has sent you or is about to send."),
        (Part("", _columns("outbox", "recipient", "facts", "subject", "body", "html", "calendar", "sent_at")),),
    ),
    Sentence(
        N_("What we told you about your account, and whether you read it."),
        (Part("", _columns("notices", "kind", "details", "created_at", "read_at")),),
    ),
    Sentence(
        N_("For each device you're signed in on: %(parts)s."),
        (
            Part(
                N_("the name its browser gives"),
                (*_columns("sign_in_sessions", "device"), *_columns("known_devices", "device")),
            ),
            Part(
                N_("its network address"),
                (*_columns("sign_in_sessions", "address", "network"), *_columns("known_devices", "address")),
            ),
            Part(
                N_("when it was last used"),
                (
                    *_columns("sign_in_sessions", "last_used_at", "proven_at", "factor_at"),
                    *_columns("known_devices", "first_seen_at", "last_seen_at"),
                ),
            ),
        ),
    ),
    Sentence(
        N_("For each try to sign in to your account: %(parts)s."),
        (
            Part(N_("when it was"), (*_columns("sign_in_attempts", "at"), *_columns("sign_in_tickets", "created_at"))),
            Part(
                N_("from which network address and browser"),
                (
                    *_columns("sign_in_attempts", "network", "device_id"),
                    *_columns("sign_in_tickets", "address", "device"),
                    *_columns("audit_events", "address", "device"),
                ),
            ),
            Part(N_("whether it worked"), _columns("sign_in_attempts", "outcome")),
        ),
    ),
    Sentence(
        N_("If you set up a second step to sign in: %(parts)s."),
        (
            Part(
                N_("what your app makes its codes from, sealed"),
                _columns("totp_factors", "sealed_secret", "confirmed_at"),
            ),
            Part(
                N_("your passkeys by name, without their secret, and when you last used them"),
                _columns("passkeys", "name", "is_backed_up", "last_used_at", "refused_at"),
            ),
            Part(N_("which recovery codes you've used"), _columns("recovery_codes", "used_at")),
        ),
    ),
    Sentence(
        N_("Who read or changed your data, and when."),
        (
            Part(
                "",
                (
                    *_columns("audit_events", "at", "actor_id", "actor_role", "deed", "patient_id", "details"),
                    *_columns("audit_event_patients", "patient_id"),
                ),
            ),
        ),
    ),
)


def stored_data() -> list[str]:
    """Return what is kept about a patient, a sentence for each kind of it, in the reader's language."""
    return [_in_words(sentence) for sentence in STORED]


def _in_words(sentence: Sentence) -> str:
    parts = [gettext(part.words) for part in sentence.parts if part.words]
    return (
        gettext(sentence.words, parts=format_list(parts, locale=LOCALES[chosen_language()]))
        if parts
        else gettext(sentence.words)
    )
