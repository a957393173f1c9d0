"""Registration: what a patient must tell, what is refused, and that an e-mail belongs to one person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import event, func, select

from clinic import accounts, clock, directory
from clinic.accounts import Origin, SessionKind
from clinic.accounts.models import Patient, SignInSession, User
from clinic.db import session
from clinic.errors import DomainError, InvalidInput
from clinic.policy import Role
from tests.factories import PASSWORD

pytestmark = pytest.mark.usefixtures("app_context")

ANA: dict[str, Any] = {
    "email": "ana@example.com",
    "password": PASSWORD,
    "password_confirm": PASSWORD,
    "full_name": "Ana Nguyễn",
    "phone_num": "0901234567",
    "date_of_birth": date(1990, 5, 17),
    "gender": "female",
    "address": "12 Lê Lợi",
}


def register(**different: Any) -> accounts.SignedIn:
    """Register Ana, as far as a test doesn't tell otherwise."""
    return accounts.register_patient(
        **{**ANA, **different}, kind=SessionKind.BROWSER, origin=Origin("Firefox", "203.0.113.9")
    )


def count(model: type) -> int:
    """How many rows a table has."""
    return session().scalar(select(func.count()).select_from(model)) or 0


def test_a_patient_registers_and_is_signed_in():
    signed_in = register(email="  Ana@Example.COM ", language="vi")
    actor = accounts.actor_of_browser(signed_in.secret)
    assert actor == signed_in.actor
    assert (actor.role, actor.full_name, actor.email, actor.language) == (
        Role.PATIENT, "Ana Nguyễn", "ana@example.com", "vi",
    )  # fmt: skip
    shown = directory.me(actor)
    assert shown["patient_profile"] == {
        "date_of_birth": date(1990, 5, 17),
        "gender": "female",
        "address": "12 Lê Lợi",
        "insurance_id": None,
        "emergency_contact": None,
        "emergency_contact_phone": None,
    }
    assert "doctor_profile" not in shown


def test_texts_are_tidied_and_an_empty_address_is_none():
    actor = register(full_name="  Ana  Nguye\u0302\u0303n ", address=" ").actor
    assert actor.full_name == "Ana Nguyễn"
    assert directory.me(actor)["patient_profile"]["address"] is None


def test_a_name_from_a_document_and_a_phone_from_a_contact_list_are_understood():
    actor = register(full_name="Nguyễn\N{NO-BREAK SPACE}Văn An", phone_num="+84 (0)912 345-678").actor
    shown = directory.me(actor)
    assert (shown["full_name"], shown["phone_num"]) == ("Nguyễn Văn An", "0912345678")


@pytest.mark.parametrize("spelling", ["anna@bücher.example", "Anna@BU\u0308CHER.example", "anna@xn--bcher-kva.example"])
def test_a_mailbox_is_one_account_however_it_is_spelled(spelling):
    assert directory.me(register(email="anna@bücher.example").actor)["email"] == "anna@xn--bcher-kva.example"
    accounts.sign_in(
        email=spelling, password=PASSWORD, kind=SessionKind.BROWSER, origin=Origin("Firefox", "203.0.113.9")
    )
    with pytest.raises(InvalidInput) as refusal:
        register(email=spelling)
    assert list(refusal.value.errors) == ["email"]


def test_the_password_is_kept_as_a_hash_only():
    register()
    stored = session().scalars(select(User.password_hash)).one()
    assert PASSWORD not in stored
    assert stored.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", "", "Please fill this in."),
        ("email", "ana", "Please enter an e-mail address"),
        ("email", "ana@", "Please enter an e-mail address"),
        ("email", "ana@@example.com", "Please enter an e-mail address"),
        ("email", "ana example@example.com", "Please enter an e-mail address"),
        ("email", "ana@example.com\nbcc: all@example.com", "Please enter an e-mail address"),
        ("email", "a" * 250 + "@example.com", "Please use at most 254 characters."),
        ("email", "ana\x00@example.com", "we can't save"),
        ("full_name", "", "Please fill this in."),
        ("full_name", " \t ", "Please fill this in."),
        ("full_name", "N" * 151, "Please use at most 150 characters."),
        ("full_name", "Ana\x00", "we can't save"),
        ("phone_num", "", "Please fill this in."),
        ("phone_num", "090123456", "Please enter a phone number of 10 digits."),
        ("phone_num", "09012345678", "Please enter a phone number of 10 digits."),
        ("phone_num", "090 123 456", "Please enter a phone number of 10 digits."),
        ("phone_num", "+849012345", "Please enter a phone number of 10 digits."),
        ("date_of_birth", None, "Please fill this in."),
        ("date_of_birth", date(1899, 12, 31), "Please check the year of birth."),
        ("gender", "", "Please choose one of the answers."),
        ("gender", "Female", "Please choose one of the answers."),
        ("address", "x" * 501, "Please use at most 500 characters."),
        ("role", "doctor", "Only patients can register themselves."),
        ("role", "admin", "Only patients can register themselves."),
        ("role", "", "Only patients can register themselves."),
        ("password_confirm", PASSWORD + " ", "The passwords don't match."),
    ],
)
def test_each_field_is_refused_by_itself_and_nothing_is_written(field, value, said):
    with pytest.raises(InvalidInput) as refusal:
        register(**{field: value})
    texts = refusal.value.field_texts(str)
    assert list(texts) == [field]
    assert said in " ".join(texts[field])
    assert (count(User), count(Patient), count(SignInSession)) == (0, 0, 0)


def test_a_weak_password_is_refused_on_its_field():
    with pytest.raises(InvalidInput) as refusal:
        register(password="ana@example.com", password_confirm="ana@example.com")
    assert list(refusal.value.errors) == ["password"]


def test_everything_wrong_is_told_at_once():
    with pytest.raises(InvalidInput) as refusal:
        register(
            email="", password="short", password_confirm="other", full_name="", phone_num="1", date_of_birth=None,
            gender="", role="doctor", address="x" * 501,
        )  # fmt: skip
    assert sorted(refusal.value.errors) == sorted(
        [
            "address",
            "date_of_birth",
            "email",
            "full_name",
            "gender",
            "password",
            "password_confirm",
            "phone_num",
            "role",
        ]
    )


def test_nobody_is_born_tomorrow_as_the_clinic_counts_days(clock_at):
    clock_at("2026-03-02 00:00")
    assert register(date_of_birth=date(2026, 3, 2)).actor
    with pytest.raises(InvalidInput) as refusal:
        register(email="later@example.com", date_of_birth=date(2026, 3, 3))
    assert refusal.value.field_texts(str) == {"date_of_birth": ["A date of birth can't be in the future."]}
    assert clock.today() == date(2026, 3, 2)


@pytest.mark.parametrize("again", ["ana@example.com", "ANA@example.com", "Ana@Example.Com", " ana@example.com "])
def test_an_email_is_taken_in_any_case(again):
    register()
    with pytest.raises(InvalidInput) as refusal:
        register(email=again)
    assert refusal.value.field_texts(str) == {"email": ["There's already an account with this e-mail."]}
    assert count(User) == 1


@pytest.mark.parametrize(
    "name", ["N" * 150, "ﷺ" * 150, "ß" * 150, "Đ" * 150, "Ǆ" * 150], ids=["plain", "ligature", "sharp-s", "dyet", "dz"]
)
def test_the_longest_names_fit_whatever_they_fold_to(name):
    assert register(full_name=name).actor.full_name == name


def test_two_who_register_one_email_at_once_get_one_account(app):
    """Both look before either writes: the index decides, and the loser reads the same sentence."""
    together, outcomes = Barrier(2), []

    def one_of_them(email: str) -> None:
        with app.app_context():
            together.wait(10)
            try:
                outcomes.append(register(email=email).actor.email)
            except DomainError as refusal:
                outcomes.append(refusal.field_texts(str))

    both = [Thread(target=one_of_them, args=(email,)) for email in ("ana@example.com", "ANA@EXAMPLE.COM")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(30)
    assert "ana@example.com" in outcomes
    assert {"email": ["There's already an account with this e-mail."]} in outcomes
    assert (count(User), count(Patient)) == (1, 1)


def test_the_index_says_the_same_as_the_look_before(register_behind_the_look):
    with pytest.raises(InvalidInput) as refusal:
        register_behind_the_look()
    assert refusal.value.field_texts(str) == {"email": ["There's already an account with this e-mail."]}
    assert count(User) == 1


@pytest.fixture
def register_behind_the_look(app) -> Callable[[], Any]:
    """Registers Ana while somebody takes her e-mail between the look and the write."""

    def take() -> None:
        with app.app_context():
            register(email="Ana@example.com", full_name="Other Ana")

    def somebody_else(*_: Any) -> None:
        thread = Thread(target=take)
        thread.start()
        thread.join(30)

    def race() -> Any:
        # The user's row is made in Python after the look and before the transaction.
        event.listen(User, "init", somebody_else, once=True)
        return register()

    return race


def test_the_operator_creates_an_admin():
    user_id = accounts.create_admin(
        email="Esther@Clinic.example", password=PASSWORD, full_name="Esther", phone_num="0901234567"
    )
    signed_in = accounts.sign_in(
        email="esther@clinic.example", password=PASSWORD, kind=SessionKind.API, origin=Origin()
    )
    assert (signed_in.actor.user_id, signed_in.actor.role) == (user_id, Role.ADMIN)
    assert {"patient_profile", "doctor_profile"}.isdisjoint(directory.me(signed_in.actor))
    with pytest.raises(InvalidInput) as refusal:
        accounts.create_admin(email="ESTHER@clinic.example", password=PASSWORD, full_name="Eve", phone_num="12")
    assert list(refusal.value.errors) == ["email", "phone_num"]
    with pytest.raises(InvalidInput) as refusal:
        accounts.create_admin(email="ESTHER@clinic.example", password=PASSWORD, full_name="Eve", phone_num="0" * 10)
    assert list(refusal.value.errors) == ["email"]


def test_the_day_of_birth_may_be_today():
    assert register(date_of_birth=clock.today()).actor
    with pytest.raises(InvalidInput):
        register(email="x@example.com", date_of_birth=clock.today() + timedelta(days=1))
