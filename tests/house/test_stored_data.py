"""The privacy page tells what is kept about a person: every column of the database is told there, or says nothing of one."""

from __future__ import annotations

from collections import Counter

from clinic.accounts.models import GENDERS
from clinic.accounts.own_account import ACCOUNT_FIELDS, PATIENT_FIELDS
from clinic.accounts.rows import AccountRow
from clinic.api.schemas import accounts as schemas
from clinic.db import Base
from clinic.web.account.patient_fields import GENDERS as GENDER_CHOICES
from clinic.web.admin.audit_sentences import FIELDS
from clinic.web.admin.form_fields import PATIENT_LINES
from clinic.web.patient.profile import PatientProfileForm
from clinic.web.public.stored_data import STORED

#: Tables that hold nothing about patients, each with the reason.
NOT_ABOUT_PATIENTS = {
    "departments": "what the clinic offers",
    "services": "what the clinic offers",
    "rooms": "what the clinic offers",
    "doctors": "who works here: a doctor's own page shows all of it",
    "doctor_leave": "who works here: a doctor's own page shows all of it",
    "opening_hours": "what the clinic offers",
    "doctor_hours": "who works here, and when",
    "extra_hours": "who works here, and when",
    "closures": "what the clinic offers",
    "directory_revision": "whether what the clinic offers has changed",
    "daily_counts": "how many, not who",
    "changed_days": "days",
    "mail_workers": "processes",
    "jobs": "work of processes",
    "clinic_settings": "what the clinic decides about itself",
    "audit_seals": "whether entries of the audit are as they were written",
}
KEYS_OF_ROWS = "which row it is, and of which other row"
#: Columns that say nothing about a person, by the reason.
TECHNICAL = {
    KEYS_OF_ROWS: """users.id patients.user_id appointments.id appointments.patient_id appointment_events.id
        appointment_events.appointment_id note_revisions.id note_revisions.appointment_id staff_note_revisions.id
        staff_note_revisions.appointment_id medical_records.id medical_records.appointment_id medical_records.created_by_id
        record_revisions.id record_revisions.record_id record_revisions.by_user_id record_revisions.by_name outbox.id
        password_resets.id password_resets.user_id sign_in_sessions.id sign_in_sessions.user_id audit_events.id
        audit_events.subject_id audit_events.session_id audit_events.request_id audit_event_patients.event_id idempotency_keys.id
        idempotency_keys.user_id idempotency_keys.appointment_id known_devices.id known_devices.user_id sign_in_attempts.id
        sign_in_attempts.account_key sign_in_tickets.id sign_in_tickets.user_id sign_in_tickets.session_id
        email_changes.id email_changes.user_id email_changes.confirm_link_id email_changes.veto_link_id notices.id
        notices.user_id notices.key mailed_links.id mailed_links.user_id mailed_links.about outbox.link_id outbox.about_user_id outbox.thread
        totp_factors.id totp_factors.user_id passkeys.id passkeys.user_id recovery_codes.id recovery_codes.user_id
        visits_to_settle.id visits_to_settle.appointment_id visits_to_settle.cause_id visits_to_settle.link_id
        slot_holds.id slot_holds.doctor_id slot_holds.for_appointment_id""",
    "when a row was written, and how often": """users.version users.created_at users.updated_at patients.created_at
        appointments.version appointments.created_at appointments.updated_at note_revisions.version note_revisions.is_move
        staff_note_revisions.version medical_records.version medical_records.created_at medical_records.updated_at
        record_revisions.version record_revisions.at outbox.created_at password_resets.created_at
        password_resets.expires_at password_resets.ended_at sign_in_sessions.created_at idempotency_keys.created_at
        known_devices.ended_at sign_in_tickets.expires_at sign_in_tickets.ended_at sign_in_tickets.tries
        email_changes.vetoable_until email_changes.ended_at email_changes.ended_because mailed_links.created_at
        mailed_links.expires_at mailed_links.used_at mailed_links.ended_at totp_factors.created_at totp_factors.ended_at
        totp_factors.ended_because passkeys.created_at passkeys.ended_at passkeys.ended_because recovery_codes.created_at
        recovery_codes.ended_at""",
    "whether and how an account is used": """users.role users.is_active users.is_staff sign_in_sessions.kind
        sign_in_sessions.expires_at sign_in_sessions.ends_at sign_in_sessions.ended_at sign_in_sessions.ended_because
        users.duties sign_in_tickets.purpose mailed_links.purpose""",
    "what nobody can read a secret from": """users.password_hash password_resets.token_digest sign_in_sessions.secret_digest
        sign_in_sessions.refresh_id sign_in_sessions.previous_refresh_id sign_in_sessions.rotated_at
        sign_in_sessions.access_digest known_devices.digest sign_in_tickets.digest sign_in_tickets.challenge
        mailed_links.nonce totp_factors.last_step passkeys.credential_id passkeys.public_key passkeys.sign_count
        passkeys.transports recovery_codes.digest""",
    "how a mail is on its way": """outbox.kind outbox.language outbox.status outbox.attempts outbox.next_attempt_at
        outbox.claimed_by outbox.claimed_at outbox.last_error""",
    "that a request isn't done twice": "idempotency_keys.key idempotency_keys.request_digest",
}


def columns() -> set[str]:
    """Every column of the database, but of what holds nothing about patients."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in NOT_ABOUT_PATIENTS]
    return {f"{table.name}.{column.name}" for table in tables for column in table.columns}


def test_every_column_is_told_to_people_or_says_nothing_of_them() -> None:
    shown = [column for sentence in STORED for part in sentence.parts for column in part.columns]
    technical = " ".join(TECHNICAL.values()).split()
    known = Counter(shown + technical)
    assert not [column for column, count in known.items() if count > 1], "say it once"
    assert columns() - set(known) == set(), (
        "a column is new: give it words in clinic/web/public/stored_data.py, or its reason here"
    )
    assert set(known) - columns() == set(), "a column is gone"


def test_every_table_left_out_is_there() -> None:
    assert set(NOT_ABOUT_PATIENTS) <= {table.name for table in Base.metadata.sorted_tables}


def test_a_part_has_words_where_its_sentence_lists_them() -> None:
    for sentence in STORED:
        assert all(bool(part.words) is ("%(parts)s" in sentence.words) for part in sentence.parts), sentence.words


#: What people are told of and don't write in their profile, each with where it comes from.
NOT_IN_THE_PROFILE = {
    "users.name_key": "follows the name",
    "users.email": "what they sign in with: the office changes it",
    "users.language": "chosen at the foot of every page",
    "users.email_confirmed_at": "follows from a link that was used",
    "users.identity_seen_at": "noted by the reception",
    "users.identity_seen_by_id": "noted by the reception",
    "users.invited_at": "noted by an invitation",
    "users.invited_by_id": "noted by an invitation",
}


def test_what_is_told_of_an_account_can_be_read_and_corrected_everywhere() -> None:
    """In one's own profile, by the office, by programs; and the audit log has a word for it."""
    told = {column for sentence in STORED for part in sentence.parts for column in part.columns}
    own = {column.partition(".")[2] for column in told - set(NOT_IN_THE_PROFILE) if column.startswith("users.")}
    patients = {column.partition(".")[2] for column in told if column.startswith("patients.")}
    assert own == set(ACCOUNT_FIELDS), "ACCOUNT_FIELDS of clinic/accounts/own_account.py"
    assert own <= AccountRow.__annotations__.keys() & set(schemas.User._declared_fields)
    assert patients == set(PATIENT_FIELDS), "PATIENT_FIELDS of clinic/accounts/own_account.py"
    assert patients == set(schemas.PatientProfile._declared_fields)
    assert all(hasattr(PatientProfileForm, name) for name in own | patients), "the patient's profile"
    assert patients == {name for line in PATIENT_LINES for name in line}, (
        "PATIENT_LINES of clinic/web/admin/form_fields.py"
    )
    assert own | patients | {"email"} == set(FIELDS), "FIELDS of clinic/web/admin/audit_sentences.py"


def test_a_form_offers_every_gender_that_there_is() -> None:
    assert {choice.value for choice in GENDER_CHOICES} - {""} == set(GENDERS)
