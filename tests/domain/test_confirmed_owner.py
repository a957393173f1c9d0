"""Records are shown to an account of which it is known whose it is, where the clinic asks for that."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from clinic import accounts, mail, records, scheduling
from clinic.accounts.models import User
from clinic.db import session, transaction
from clinic.errors import Conflict, Forbidden, InvalidInput, TooManyTries, Unauthenticated
from clinic.policy import Actor
from clinic.records.models import MedicalRecord
from clinic.settings import AccountRules
from tests import factories
from tests.domain.test_office_accounts import choose
from tests.entries import entries
from tests.mailed import link_to
from tests.people import ANA, PASSWORD, actor_of

MONDAY = date(2026, 3, 2)
LAN = "lan@example.com"

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture
def visit(cast) -> int:
    """A visit of Ana's with a record."""
    number = factories.appointment(cast.ana, cast.chen, MONDAY, status="completed")
    factories.record(number, cast.chen)
    return number


@pytest.fixture
def strict(clinic_has) -> None:
    """A clinic that asks for it."""
    clinic_has(accounts=AccountRules(records_need_proof=True))


def ways(actor: Actor, visit: int) -> dict[str, object]:
    """What each way to a record shows; the refusal's code where it shows none."""
    number = session().scalars(select(MedicalRecord.id)).one()
    doors = {
        "one": lambda: records.record_of(actor, visit),
        "by its id": lambda: records.record(actor, number),
        "earlier": lambda: records.records_before(actor, visit),
        "list": lambda: records.my_records(actor),
        "doctors": lambda: records.doctors_of_records(actor),
        "beside visits": lambda: records.records_for(actor, [visit]),
        "whether": lambda: records.is_written(actor, visit),
        "follow-ups": lambda: records.follow_ups_of(actor),
    }
    found: dict[str, object] = {}
    for name, show in doors.items():
        try:
            found[name] = show()
        except Forbidden as refusal:
            found[name] = refusal.code
    return found


@pytest.mark.usefixtures("strict")
def test_whoever_registered_with_anothers_e_mail_is_shown_no_record_on_any_way(cast, visit):
    refused = "confirmation_required"
    assert ways(cast.actor("ana"), visit) == {
        "one": refused, "by its id": refused, "earlier": refused, "list": refused, "doctors": refused,
        "beside visits": {}, "whether": False, "follow-ups": [],
    }  # fmt: skip


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("who", ["chen", "esther"])
def test_the_clinics_own_people_need_no_confirmation(cast, visit, who):
    assert "confirmation_required" not in ways(cast.actor(who), visit).values()


@pytest.mark.usefixtures("strict")
def test_of_a_visit_such_an_account_sees_neither_service_nor_what_the_clinic_wrote(cast):
    number = factories.appointment(cast.ana, cast.chen, MONDAY, status="confirmed", reason="Palpitations")
    scheduling.assign_service(cast.actor("chen"), number, cast.ecg)
    scheduling.edit_appointment(cast.actor("chen"), number, {"notes": "Come fasting"})
    seen = []
    for known in (False, True):
        accounts.note_identity(cast.actor("esther"), cast.ana, seen=known)
        ana = actor_of(cast.ana)
        one, [listed] = scheduling.appointment(ana, number), scheduling.appointments(ana).results
        assert one == listed
        assert (one["doctor"]["id"], one["appointment_date"], one["reason"]) == (cast.chen, MONDAY, "Palpitations")
        events = {event["what"] for event in scheduling.history(ana, number)}
        seen.append(
            (
                one["service"] is not None,
                one["notes"],
                one["estimated_fee"] == one["examination_fee"],
                "service_assigned" in events,
                [note.text for note in scheduling.notes_of(ana, number).clinic],
            )
        )
    assert seen == [
        (False, None, True, False, []),
        (True, "Come fasting", False, True, ["Come fasting"]),
    ]


def test_a_clinic_that_does_not_ask_shows_them(cast, visit):
    assert "confirmation_required" not in ways(cast.actor("ana"), visit).values()


@pytest.mark.usefixtures("strict")
def test_a_link_that_reached_the_owner_confirms(cast, visit):
    accounts.forgot_password(ANA)
    choose(mail.all_mail()[-1], "Bright-morning-71")
    ana = actor_of(cast.ana)
    assert ana.is_confirmed
    assert records.record_of(ana, visit)["appointment_id"] == visit


@pytest.mark.usefixtures("strict")
def test_identification_that_the_reception_saw_is_as_good(cast, visit):
    with transaction() as current:
        current.get_one(User, cast.ana).identity_seen_at = factories.at_clinic(MONDAY, "09:00")
    assert records.record_of(actor_of(cast.ana), visit)["appointment_id"] == visit


def test_the_first_moment_of_confirmation_stays(cast, clock_at):
    moment = clock_at("2026-03-02 12:00")
    for day, password in (("2026-03-02 12:00", "Bright-morning-71"), ("2026-03-05 12:00", "Bright-evening-72")):
        clock_at(day)
        accounts.forgot_password(ANA)
        choose(mail.all_mail()[-1], password)
    session().expire_all()
    assert session().get_one(User, cast.ana).email_confirmed_at == moment


def test_another_e_mail_is_confirmed_by_the_link_that_makes_it_the_accounts(cast):
    assert not actor_of(cast.ana).is_confirmed
    accounts.edit_person(cast.actor("esther"), cast.ana, {"email": "other@example.com"})
    assert not actor_of(cast.ana).is_confirmed
    accounts.confirm_email(None, **link_to("other@example.com", "confirm_new_email"))
    assert actor_of(cast.ana).is_confirmed


# --- after registering ------------------------------------------------------------------------------------------------


def registered() -> Actor:
    """Lan, who has just registered."""
    entered = accounts.register_patient(
        email=LAN, password=PASSWORD, password_confirm=PASSWORD, full_name="Lan Lê", phone_num="0911222444",
        date_of_birth=date(1990, 4, 1), gender="female", kind=accounts.SessionKind.API, origin=accounts.Origin(),
    )  # fmt: skip
    return entered.actor


def test_the_mail_of_the_registration_has_the_link_that_confirms_it(cast):
    lan = registered()
    assert not lan.is_confirmed
    link = link_to(LAN, "confirm_email")
    assert accounts.confirm_email(lan, **link) is False
    assert actor_of(lan.user_id).is_confirmed
    assert accounts.my_sessions(lan) != [], "nobody is signed out by it"
    with pytest.raises(InvalidInput):
        accounts.confirm_email(lan, **link)


@pytest.mark.usefixtures("strict")
def test_whoever_has_the_mailbox_does_not_confirm_what_another_opened_with_it(cast, visit):
    """Registered with Ana's e-mail by somebody else: the link alone, which Ana gets, confirms nothing."""
    registered()
    link = link_to(LAN, "confirm_email")
    for actor in (None, cast.actor("boris")):
        with pytest.raises(Forbidden) as refusal:
            accounts.confirm_email(actor, **link)
        assert refusal.value.code == "sign_in_to_confirm"


def test_whoever_has_the_mailbox_takes_the_account_over_by_a_password(cast):
    thief = registered()
    accounts.forgot_password(LAN)
    choose(mail.all_mail()[-1], "Bright-morning-71")
    assert accounts.my_sessions(thief) == []
    assert accounts.confirmation_by(**link_to(LAN, "confirm_email")) is None
    with pytest.raises(Unauthenticated):
        accounts.sign_in(email=LAN, password=PASSWORD, kind=accounts.SessionKind.API, origin=accounts.Origin())


def test_another_link_is_sent_a_few_times_an_hour(cast, clock_at):
    clock_at("2026-03-02 12:00")
    lan = registered()
    for _ in range(4):
        accounts.resend_confirmation(lan)
    with pytest.raises(TooManyTries):
        accounts.resend_confirmation(lan)
    accounts.confirm_email(lan, **link_to(LAN, "confirm_email"))
    with pytest.raises(Conflict) as refusal:
        accounts.resend_confirmation(lan)
    assert refusal.value.code == "already_confirmed"


def test_a_link_to_the_present_e_mail_does_not_confirm_another_one(cast):
    lan = registered()
    accounts.request_email_change(lan, "lan.new@example.com")
    accounts.resend_confirmation(lan)
    assert accounts.confirm_email(lan, **link_to(LAN, "confirm_email")) is False
    assert accounts.my_sessions(lan) != []
    assert session().get_one(User, lan.user_id, populate_existing=True).email == LAN


# --- at the reception -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("strict")
def test_the_reception_notes_whose_identification_it_saw_and_takes_it_back(cast, visit, clock_at):
    moment = clock_at("2026-03-02 12:00")
    esther = cast.actor("esther")
    accounts.note_identity(esther, cast.ana, seen=True)
    shown = accounts.open_account(esther, cast.ana)
    assert (shown["identity_seen_at"], shown["identity_seen_by"]) == (moment, "Esther Office")
    assert records.record_of(actor_of(cast.ana), visit)["appointment_id"] == visit
    accounts.note_identity(esther, cast.ana, seen=False)
    assert not actor_of(cast.ana).is_confirmed
    noted = [row for row in records.own_access_log(actor_of(cast.ana)).results if row["action"] == "identity.noted"]
    assert len(noted) == 2, "the patient finds it in their own log"


def test_what_is_noted_already_is_not_noted_again(cast):
    esther = cast.actor("esther")
    for _ in range(2):
        accounts.note_identity(esther, cast.ana, seen=True)
    assert [row["action"] for row in entries(esther, action="identity.noted")] == ["identity.noted"]


@pytest.mark.parametrize("who", ["chen", "esther"])
def test_only_patients_show_their_identification(cast, who):
    with pytest.raises(Conflict):
        accounts.note_identity(cast.actor("esther"), getattr(cast, who), seen=True)
