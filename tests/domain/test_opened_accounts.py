"""Nobody of the office reads records by an account that they open to themselves: what an e-mail proves that they entered."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic import accounts, mail, records
from clinic.accounts.models import User
from clinic.audit import AuditAction, AuditEvent
from clinic.db import session
from clinic.errors import ConfirmationRequired, Conflict, ProofRequired
from clinic.mail import OutboxMail
from clinic.policy import Actor, Duty, owner_is_known
from clinic.records import Unusual
from clinic.settings import AccountRules
from tests import factories
from tests.domain.test_office_accounts import choose
from tests.people import actor_of

pytestmark = pytest.mark.usefixtures("app_context")

MONDAY = date(2026, 3, 2)
#: A mailbox of whoever sits at the reception.
OWN = "fran.at.home@example.com"
PASSWORD = "Bright-morning-71"


@pytest.fixture(autouse=True)
def strict(clinic_has) -> None:
    """A clinic that shows records only where it knows whose the account is."""
    clinic_has(accounts=AccountRules(records_need_proof=True))


@pytest.fixture
def fran() -> int:
    """Somebody at the reception, who may not read records."""
    return factories.admin("Fran Front", "fran@clinic.example", Duty.RECEPTION)


def visit_of(patient: int, doctor: int) -> int:
    """A visit of the patient's with a record."""
    number = factories.appointment(patient, doctor, MONDAY, status="completed")
    factories.record(number, doctor)
    return number


def come_in(patient: int) -> Actor:
    """Choose a password by the newest invitation, as whoever reads the mailbox, and sign in."""
    [*_, letter] = [each for each in mail.all_mail() if "/reset-password/" in each["body"]]
    choose(letter, PASSWORD)
    return actor_of(patient)


def reads(actor: Actor, visit: int) -> bool:
    """Whether somebody is shown the record of a visit; all ways to it agree."""
    beside = bool(records.records_for(actor, [visit]))
    try:
        alone = bool(records.record_of(actor, visit))
    except ConfirmationRequired:
        alone = False
    assert alone is beside
    return alone


@pytest.mark.parametrize("way", ["first e-mail", "another e-mail", "invitation"])
def test_who_opens_an_account_to_themselves_reads_no_record(cast, fran, way):
    before = None if way == "first e-mail" else OWN if way == "invitation" else "lan@example.com"
    lan = factories.unused_patient("Lan Lê", before)
    visit = visit_of(lan, cast.chen)
    thief = actor_of(fran)
    if way != "invitation":
        accounts.edit_person(thief, lan, {"email": OWN})
    if way != "first e-mail":
        accounts.invite_again(thief, lan)
    as_patient = come_in(lan)
    assert not owner_is_known(as_patient)
    assert not reads(as_patient, visit)

    with pytest.raises(Conflict) as refusal:
        accounts.note_identity(actor_of(fran), lan, seen=True)
    assert refusal.value.code == "own_invitation"
    assert not reads(actor_of(lan), visit)

    accounts.note_identity(cast.actor("esther"), lan, seen=True)
    assert reads(actor_of(lan), visit)


def test_what_was_noted_before_of_the_id_proves_nothing_of_the_e_mail(cast, fran):
    lan = factories.unused_patient("Lan Lê")
    visit = visit_of(lan, cast.chen)
    accounts.note_identity(cast.actor("esther"), lan, seen=True)
    accounts.edit_person(actor_of(fran), lan, {"email": OWN})
    assert not reads(come_in(lan), visit)
    noted = session().query(AuditEvent).filter_by(action=AuditAction.IDENTITY_NOTED).order_by(AuditEvent.id)
    assert [event.details["active"] for event in noted] == [True, False]


def test_who_may_read_records_anyway_opens_accounts_as_before(cast):
    lan = factories.unused_patient("Lan Lê")
    visit = visit_of(lan, cast.chen)
    accounts.edit_person(cast.actor("esther"), lan, {"email": "lan@example.com"})
    assert reads(come_in(lan), visit)


def test_another_invitation_by_who_may_read_does_not_make_the_e_mail_good(cast, fran):
    lan = factories.unused_patient("Lan Lê")
    visit = visit_of(lan, cast.chen)
    accounts.edit_person(actor_of(fran), lan, {"email": OWN})
    accounts.invite_again(cast.actor("esther"), lan)
    assert not reads(come_in(lan), visit)


def test_a_colleagues_invitation_does_not_clear_who_entered_the_e_mail(cast, fran):
    sam = factories.admin("Sam Second", "sam@clinic.example", Duty.RECEPTION)
    lan = factories.unused_patient("Lan Lê")
    visit = visit_of(lan, cast.chen)
    accounts.edit_person(actor_of(fran), lan, {"email": OWN})
    accounts.invite_again(actor_of(sam), lan)
    with pytest.raises(Conflict):
        accounts.note_identity(actor_of(fran), lan, seen=True)
    opened = [each for each in records.unusual_readings(cast.actor("esther")) if each.why is Unusual.OPENED]
    assert [each.reader_id for each in opened] == [fran]
    assert not reads(come_in(lan), visit)


def test_an_e_mail_by_who_may_read_records_ends_the_doubt(cast, fran):
    lan = factories.unused_patient("Lan Lê")
    visit = visit_of(lan, cast.chen)
    accounts.edit_person(actor_of(fran), lan, {"email": OWN})
    accounts.edit_person(cast.actor("esther"), lan, {"email": "lan@example.com"})
    accounts.invite_again(cast.actor("esther"), lan)
    assert reads(come_in(lan), visit)


def test_a_patient_who_is_admitted_with_an_e_mail_needs_no_colleague(cast, fran):
    lan = accounts.admit_patient(
        actor_of(fran),
        full_name="Lan Lê",
        phone_num="0911222444",
        date_of_birth=date(1990, 4, 1),
        gender="female",
        email="lan@example.com",
    )
    assert reads(come_in(lan), visit_of(lan, cast.chen))


WAYS = {
    "e-mail": lambda actor, patient: accounts.edit_person(actor, patient, {"email": OWN}),
    "invitation": accounts.invite_again,
}


@pytest.mark.parametrize("way", WAYS)
def test_it_wants_a_proof_that_it_is_them(cast, fran, clock_at, way):
    lan = factories.unused_patient("Lan Lê", "lan@example.com")
    thief = actor_of(fran)
    clock_at(thief.proven_at + timedelta(minutes=6))
    with pytest.raises(ProofRequired):
        WAYS[way](thief, lan)
    assert session().get_one(User, lan).invited_by_id is None


def told() -> list[str]:
    """Who was mailed that an account was opened."""
    return sorted(row.to for row in session().query(OutboxMail).filter_by(kind="staff_changed"))


def test_who_looks_after_accounts_and_the_audit_hears_of_the_first_one_in_a_day(cast, fran, clock_at):
    for duty in Duty:
        factories.admin(f"Only {duty}", f"{duty}@clinic.example", duty)
    patients = [factories.unused_patient(f"Lan {number}", f"lan{number}@example.com") for number in range(3)]
    for patient in patients[:2]:
        accounts.invite_again(actor_of(fran), patient)
    watching = ["accounts@clinic.example", "audit@clinic.example", "esther@clinic.example"]
    assert told() == watching
    [letter] = [each for each in mail.all_mail() if each["to"] == "audit@clinic.example"]
    assert "Fran Front, who can't read records, entered the e-mail of Lan 0's account" in letter["body"]
    clock_at(actor_of(fran).proven_at + timedelta(days=1))
    accounts.invite_again(actor_of(fran), patients[2])
    assert told() == sorted(2 * watching)


def test_an_account_with_records_that_was_opened_stands_among_what_is_unusual(cast, fran):
    with_record, without = (factories.unused_patient(name, f"{name}@example.com") for name in ("lan", "mai"))
    visit_of(with_record, cast.chen)
    for patient in (with_record, without):
        accounts.invite_again(actor_of(fran), patient)
    opened = [each for each in records.unusual_readings(cast.actor("esther")) if each.why is Unusual.OPENED]
    assert [(each.reader_id, each.patient_id) for each in opened] == [(fran, with_record)]


def confirm_change(patient: int) -> Actor:
    """Confirm the new e-mail of a patient's account in use, as whoever reads the mailbox, and sign in."""
    [*_, letter] = [each for each in mail.all_mail() if each["to"] == OWN]
    uid, token = letter["body"].partition("/confirm-email/")[2].split()[0].split("/")
    accounts.confirm_email(None, uid=uid, token=token)
    return actor_of(patient)


@pytest.mark.parametrize("was_seen", [True, False])
def test_who_gives_an_account_in_use_their_own_e_mail_reads_no_record(cast, fran, was_seen):
    visit = visit_of(cast.ana, cast.chen)
    if was_seen:
        accounts.note_identity(cast.actor("esther"), cast.ana, seen=True)
    accounts.edit_person(actor_of(fran), cast.ana, {"email": OWN})
    assert told() == ["esther@clinic.example"]
    assert not reads(confirm_change(cast.ana), visit)
    with pytest.raises(Conflict):
        accounts.note_identity(actor_of(fran), cast.ana, seen=True)
    opened = [each for each in records.unusual_readings(cast.actor("esther")) if each.why is Unusual.OPENED]
    assert [(each.reader_id, each.patient_id) for each in opened] == [(fran, cast.ana)]
    accounts.note_identity(cast.actor("esther"), cast.ana, seen=True)
    assert reads(actor_of(cast.ana), visit)


def test_an_e_mail_that_was_wanted_and_never_confirmed_hides_nothing(cast, fran):
    visit = visit_of(cast.ana, cast.chen)
    accounts.note_identity(cast.actor("esther"), cast.ana, seen=True)
    accounts.edit_person(actor_of(fran), cast.ana, {"email": OWN})
    assert reads(actor_of(cast.ana), visit)


def test_who_may_read_records_changes_the_e_mail_of_an_account_in_use_as_before(cast):
    visit = visit_of(cast.ana, cast.chen)
    accounts.edit_person(cast.actor("esther"), cast.ana, {"email": OWN})
    assert reads(confirm_change(cast.ana), visit)
