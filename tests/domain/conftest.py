"""What the tests of the domain share: how Hypothesis searches, and shortcuts to the verbs that most stories begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from datetime import date, time, timedelta
from threading import Thread, get_ident
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from sqlalchemy import event, select, update

from clinic import accounts, clock, contact, scheduling
from clinic.accounts import password_resets, sign_in_limits
from clinic.accounts.account_letters import TOKEN_REUSED, TokenReuseFacts
from clinic.accounts.models import User
from clinic.accounts.notices import notify
from clinic.accounts.second_factor.factor_letters import FactorChange, tell
from clinic.accounts.sign_in_letters import SIGN_IN_UNFINISHED, NewDeviceFacts
from clinic.audit import AuditAction
from clinic.db import db, transaction
from clinic.errors import TooManyTries, Unauthenticated
from clinic.mail import MailedLink, OutboxMail, smtp
from clinic.mail.transport import Transport
from clinic.policy import Actor
from clinic.settings import AccountRules
from tests.domain.post import Post, Written, written
from tests.letterbox import Letterbox
from tests.mailed import link_to
from tests.people import BORIS, CHEN, PASSWORD, Cast
from tests.settings import PATIENCE

# Machines of CI are slow now and then: how long an example takes says nothing about the code.
settings.register_profile("clinic", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clinic")

Book = Callable[..., dict[str, Any]]
#: How a clinic is reached that has said everything.
REACHED = contact.parse_contact(
    {
        "phone": "028 1234 5678",
        "email": "hello@clinic.example",
        "address": {"en": "12 Lotus Street, Ward 6", "vi": "12 đường Sen, phường 6"},
        "latitude": 10.7769,
        "longitude": 106.7009,
    }
)


@pytest.fixture
def book(cast: Cast, day: Callable[[int], date]) -> Book:
    """Books a visit by the domain's verb: Ana with Dr Chen, in three days at 09:00, as far as a test doesn't tell
    otherwise: `book(who="boris", at="10:30", on=day(1))`.
    """

    def book(who: str = "ana", doctor: str = "chen", *, on: date | None = None, at: str = "09:00", **more: Any) -> Any:
        departments = {"chen": cast.cardiology, "diallo": cast.neurology}
        return scheduling.book(
            cast.actor(who),
            doctor_id=getattr(cast, doctor),
            department_id=departments[doctor],
            on=on or day(3),
            at=time.fromisoformat(at),
            **more,
        )

    return book


@pytest.fixture
def field_of() -> Callable[[Any], Sequence[str]]:
    """Tells which fields a refusal is about: `field_of(refusal) == ["email"]`."""
    return lambda refusal: sorted(refusal.value.errors)


@pytest.fixture
def meanwhile(app: Flask, app_context: None) -> Iterator[Callable[..., list[Exception]]]:
    """Lets others act, and commit, in the very moment before the test sends a statement: each deed on a connection of its
    own, before the first statement from then on that begins with ``before`` or, as the locks of PostgreSQL, ends so.

    Answers what the deeds raise, which is nothing as a rule: `failed = meanwhile("INSERT INTO users", register)`.
    """
    with ExitStack() as stack:

        def arrange(before: str | tuple[str, ...], *deeds: Callable[[], object]) -> list[Exception]:
            waiting, failed, ours = list(deeds), list[Exception](), get_ident()

            def act(deed: Callable[[], object]) -> None:
                try:
                    with app.app_context():
                        deed()
                except Exception as error:  # noqa: BLE001 - it is the test that looks at it
                    failed.append(error)

            def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
                if waiting and get_ident() == ours and (statement.startswith(before) or statement.endswith(before)):
                    thread = Thread(target=act, args=(waiting.pop(0),))
                    thread.start()
                    thread.join(PATIENCE)

            event.listen(db.engine, "before_cursor_execute", look)
            stack.callback(event.remove, db.engine, "before_cursor_execute", look)
            return failed

        yield arrange


@pytest.fixture
def post() -> Post:
    """The mail server of the test."""
    return Post()


@pytest.fixture
def queue(app) -> Callable[..., None]:
    """Queues mails as they would be: `queue("first", "second", to="boris@example.com")`."""

    def queue(*subjects: str, to: str = "ana@example.com") -> None:
        with transaction() as current:
            for subject in subjects:
                current.add(OutboxMail(to=to, kind="visit_booked", language="en", subject=subject, body="Hello\n"))

    return queue


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets environment variables: `environment(PORT="80")`."""

    def put(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return put


@pytest.fixture
def reached(clinic_has):
    """The clinic has said how it is reached."""
    clinic_has(contact=REACHED)


@pytest.fixture
def counted(clinic_has):
    """The clinic counts tries, as it does outside of tests."""
    clinic_has(accounts=AccountRules(limits_tries=True))


def signed_in_elsewhere() -> None:
    """Has Boris sign in from where he never was."""
    elsewhere = accounts.Origin(address="203.0.113.9")
    accounts.sign_in(email=BORIS, password=PASSWORD, kind=accounts.SessionKind.API, origin=elsewhere)


def password_alone() -> None:
    """Has somebody enter Boris's password where he never was, and go no further."""
    with transaction() as current:
        boris = current.scalars(select(User).where(User.email == BORIS)).one()
        notify(boris, SIGN_IN_UNFINISHED, NewDeviceFacts(boris.full_name, clock.now(), "203.0.113.44"), key="1")


def tried_too_often(clinic_has: Callable[..., None]) -> None:
    """Has somebody guess Boris's password until they have to wait."""
    clinic_has(accounts=AccountRules(limits_tries=True))
    for _ in range(sign_in_limits.BY_ACCOUNT.most + 1):
        with suppress(Unauthenticated, TooManyTries):
            accounts.sign_in(email=BORIS, password="", kind=accounts.SessionKind.API, origin=accounts.Origin())


def _requests_about_e_mails(ana: Actor, clinic_has: Callable[..., None]) -> None:
    """Somebody registers, and Ana requests an e-mail that Boris has, where nobody is told so."""
    accounts.register_patient(
        email="lan@example.com", password=PASSWORD, password_confirm=PASSWORD, full_name="Lan Lê",
        phone_num="0911222444", date_of_birth=date(1990, 4, 1), gender="female", language=ana.language,
        kind=accounts.SessionKind.API, origin=accounts.Origin(),
    )  # fmt: skip
    clinic_has(accounts=AccountRules(hides_unknown_emails=True))
    accounts.request_email_change(ana, BORIS)


@pytest.fixture
def everything(cast, book, day, clock_at, clinic_has):
    """Has a mail of every kind written to people who read `language`, a second between any two."""

    def write(language: str) -> list[Written]:
        moment = clock_at("2026-03-02 12:00")
        for name in ("ana", "boris", "chen", "esther"):
            accounts.set_language(cast.actor(name), language)
        chen, esther = cast.actor("chen", language), cast.actor("esther", language)
        number = book(at="14:30")["id"]
        for do in (
            lambda: scheduling.confirm(chen, number),
            lambda: scheduling.reschedule(chen, number, on=day(4), at=scheduling.SLOT_TIMES[3], reason="Báo cáo"),
            lambda: scheduling.edit_appointment(esther, number, {"room_id": cast.heart_room}),
            lambda: scheduling.hand_over(esther, number, doctor_id=cast.diallo, reason="Ốm"),
            lambda: scheduling.cancel(esther, number, "Ốm"),
            lambda: changed(cast.actor("ana", language)),
            lambda: accounts.forgot_password("ana@example.com"),
            lambda: accounts.invite_admin(
                esther, email="fay@clinic.example", full_name="Fay", phone_num="0911222333", language=language
            ),
            fay_came,
            lambda: accounts.edit_person(esther, cast.chen, {"email": "dr.chen@clinic.example"}),
            lambda: accounts.confirm_email(None, **link_to("dr.chen@clinic.example", "confirm_new_email")),
            lambda: accounts.keep_email(**link_to(CHEN, "email_changed")),
            lambda: _requests_about_e_mails(cast.actor("ana", language), clinic_has),
            second_factor_changed,
            lambda: accounts.open_account(esther, cast.chen),
            token_reused,
            signed_in_elsewhere,
            password_alone,
            lambda: tried_too_often(clinic_has),
            lambda: too_many(cast.actor("ana", language)),
        ):
            moment = clock_at(moment + timedelta(seconds=1))
            do()
        with transaction() as current:
            # Each letter as it left before its link was used.
            current.execute(update(MailedLink).values(ended_at=None))
        return written()

    def fay_came() -> None:
        """Has the invited admin chosen a password, so that there is a colleague to be told of Esther's deeds."""
        with transaction() as current:
            current.scalars(select(User).where(User.email == "fay@clinic.example")).one().password_hash = "a hash"

    def second_factor_changed() -> None:
        with transaction() as current:
            for change in FactorChange:
                tell(current.get_one(User, cast.ana), change, 1, codes_left=9)

    def token_reused() -> None:
        with transaction() as current:
            ana = current.get_one(User, cast.ana)
            notify(ana, TOKEN_REUSED, TokenReuseFacts(ana.full_name, clock.now()), key="1")

    def too_many(actor: Actor) -> None:
        clinic_has(most_mails_per_day=1)
        another = book(at="15:30")
        scheduling.cancel(actor, another["id"])

    def changed(actor: Actor) -> None:
        with transaction():
            password_resets._set_password(actor.user_id, "a hash", by=actor, action=AuditAction.PASSWORD_CHANGED)

    return write


@pytest.fixture
def letterbox() -> Iterator[Letterbox]:
    """A mail server that keeps what it takes."""
    box = Letterbox()
    box.start()
    yield box
    box.stop()


@pytest.fixture
def transport(letterbox: Letterbox) -> Iterator[Transport]:
    """What brings letters to it."""
    sender = smtp.transport_of(letterbox.url, "Sen Clinic <hello@clinic.example>", "Sen Clinic")
    yield sender
    sender.close()
