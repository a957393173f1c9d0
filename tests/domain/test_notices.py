"""What people are told of their account: once for each thing, with the change that it is about, by mail and on a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from clinic import accounts, clock, mail
from clinic.accounts import Origin, SessionKind
from clinic.accounts.account_letters import PASSWORD_CHANGED, PasswordChangeFacts
from clinic.accounts.email_change_models import Notice
from clinic.accounts.models import User
from clinic.accounts.notices import notify, tell_opened
from clinic.accounts.rows import NoticeRow
from clinic.db import rolled_back, session, transaction
from clinic.errors import Unauthenticated
from clinic.i18n import LANGUAGES
from clinic.mail import MailStatus, OutboxMail
from clinic.mail.transport import Letter, Refused
from clinic.paging import Keyset
from clinic.policy import Actor, Role
from tests import factories
from tests.people import ANA, CHEN, PASSWORD, actor_of
from tests.settings import PATIENCE

pytestmark = pytest.mark.usefixtures("app_context")


def tell(user_id: int, key: str) -> None:
    """Tell somebody that their password was changed."""
    user = session().get_one(User, user_id)
    notify(user, PASSWORD_CHANGED, PasswordChangeFacts(user.full_name, clock.now()), key=key)


def counts() -> tuple[int | None, int | None]:
    """How many notices and mails there are."""
    return tuple(session().scalar(select(func.count()).select_from(table)) for table in (Notice, OutboxMail))  # type: ignore[return-value]


def test_a_thing_is_told_once(cast):
    for key in ("1", "1", "2"):
        with transaction():
            tell(cast.ana, key)
    assert counts() == (2, 2)
    with transaction():
        tell(cast.boris, "1")
    assert counts() == (3, 3)


def test_two_calls_in_one_transaction_tell_once_and_leave_the_rest(cast):
    with transaction() as current:
        current.get_one(User, cast.ana).language = "vi"
        tell(cast.ana, "1")
        tell(cast.ana, "1")
    assert counts() == (1, 1)
    assert session().get_one(User, cast.ana, populate_existing=True).language == "vi"


def test_what_is_undone_was_not_told(cast):
    def told_and_undone() -> None:
        with transaction():
            tell(cast.ana, "1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        told_and_undone()
    assert counts() == (0, 0)


# --- on the page ------------------------------------------------------------------------------------------------------


def listed(actor: Actor) -> list[NoticeRow]:
    """What somebody reads on their page."""
    return accounts.my_notices(actor).results


def mailed(to: str = ANA) -> list[str]:
    """The kinds of the letters that an address was sent."""
    return [row.kind for row in session().query(OutboxMail).order_by(OutboxMail.id) if row.to == to]


def test_the_page_tells_what_the_letter_told_in_the_language_of_now(cast, clock_at):
    clock_at("2026-03-02 12:00")
    with transaction():
        tell(cast.ana, "1")
    [letter] = mail.all_mail()
    [english] = listed(cast.actor("ana"))
    assert english["text"] in letter["body"].replace("\n", " ")
    assert english["text"] == (
        "Your password was changed on Monday 2 March 2026, 12:00, and your other devices were signed out."
    )
    [vietnamese] = listed(cast.actor("ana", "vi"))
    assert "12:00" in vietnamese["text"]
    assert "Mật khẩu" in vietnamese["text"]
    assert "http" not in english["text"]


def test_the_newest_stands_first_and_is_new_until_it_was_shown(cast, clock_at):
    for minute, key in enumerate("abc"):
        clock_at(f"2026-03-02 12:0{minute}")
        with transaction():
            tell(cast.ana, key)
    ana = cast.actor("ana")
    first = accounts.my_notices(ana, page=Keyset(2)).results
    assert [row["is_new"] for row in first] == [True, True]
    assert [row["created_at"] for row in first] == sorted((row["created_at"] for row in first), reverse=True)
    assert [row["is_new"] for row in listed(ana)] == [False, False, True], "what wasn't shown isn't read"
    assert [row["is_new"] for row in listed(ana)] == [False] * 3


def test_the_session_says_how_much_is_unread(cast):
    signed_in = accounts.sign_in(email=ANA, password=PASSWORD, kind=SessionKind.BROWSER, origin=Origin())
    for key in "12":
        with transaction():
            tell(cast.ana, key)
    with transaction():
        tell(cast.boris, "1")

    def unread() -> int:
        actor = accounts.actor_of_browser(signed_in.secret)
        assert actor is not None
        return actor.unread_notices

    assert unread() == 2
    listed(signed_in.actor)
    assert unread() == 0


def test_a_notice_of_before_or_of_a_later_version_is_listed_without_words(cast):
    with transaction() as current:
        for kind, details in (("password_changed", {}), ("nobody_knows", {"version": 1})):
            current.add(Notice(user_id=cast.ana, kind=kind, key="1", details=details))
    assert [row["text"] for row in listed(cast.actor("ana"))] == [None, None]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_that_is_no_link_and_no_visit_can_stand_on_the_page(everything, language):
    """A letter without the block "notice" would stand there as its subject alone."""
    links_and_visits = {"password_reset", "invitation", "confirm_email", "confirm_new_email", "visits_many_changes"}
    shown = [each for each in everything(language) if each.kind not in links_and_visits and "visit_" not in each.kind]
    facts = session().execute(select(OutboxMail.id, OutboxMail.kind, OutboxMail.facts)).all()
    for row in facts:
        if row.kind in {each.kind for each in shown}:
            text = mail.notice_text(row.kind, row.facts, language)
            [letter] = [each for each in shown if each.number == row.id]
            assert text is not None
            assert text != letter.subject, f"give templates/mail/{row.kind}.txt its block"
            assert text in " ".join(letter.body.split())


# --- what is told -----------------------------------------------------------------------------------------------------


def test_a_changed_password_is_told_once(cast):
    ana = cast.actor("ana")
    for _ in range(2):
        accounts.change_password(
            ana, old_password=PASSWORD, new_password="Bright-morning-71", confirm_password="Bright-morning-71"
        )
    assert mailed() == ["password_changed"]
    assert [row["kind"] for row in listed(ana)] == ["password_changed"]


def test_a_token_that_is_used_twice_is_told_once(cast):
    ana = accounts.sign_in(email=ANA, password=PASSWORD, kind=SessionKind.API, origin=Origin())
    for _ in range(3):
        with pytest.raises(Unauthenticated):
            accounts.rotate_refresh(ana.actor.session_id, cast.ana, "never one of ours", ana.key)
    assert mailed() == ["token_reused"]
    [row] = listed(cast.actor("ana"))
    assert row["text"] is not None
    assert "signed out one of your apps" in row["text"]


def test_an_opened_account_stands_on_the_page_each_time_and_is_mailed_once_a_week(cast, clock_at):
    fran = actor_of(factories.user("Fran Front", "fran@clinic.example", Role.ADMIN))
    # A Monday; the last moment is one of the next week.
    for at, who in (
        ("2026-03-02 09:00", cast.actor("esther")),
        ("2026-03-02 09:30", cast.actor("esther")),
        ("2026-03-02 09:40", fran),
        ("2026-03-04 09:00", cast.actor("esther")),
        ("2026-03-08 23:59", cast.actor("esther")),
        ("2026-03-09 00:10", cast.actor("esther")),
    ):
        clock_at(at)
        accounts.open_account(who, cast.ana)
    assert mailed() == ["account_opened"]
    assert len(listed(cast.actor("ana"))) == 4, "what is opened again within the hour is one opening"
    for at in ("2026-03-09 08:00", "2026-03-09 10:00"):
        clock_at(at)
        accounts.open_account(fran, cast.ana)
    assert mailed() == ["account_opened", "account_opened"]
    assert len(listed(cast.actor("ana"))) == 6
    assert "Esther" not in str([row["text"] for row in listed(cast.actor("ana"))])


def test_staff_hear_of_it_too_and_nobody_of_their_own_or_of_a_rehearsal(cast):
    esther = cast.actor("esther")
    accounts.open_account(esther, cast.esther)
    with rolled_back():
        accounts.open_account(esther, cast.ana)
    assert counts() == (0, 0)
    accounts.open_account(esther, cast.chen)
    assert mailed(CHEN) == ["account_opened"]


def test_who_uses_no_account_hears_nothing(cast):
    esther = cast.actor("esther")
    number = accounts.admit_patient(
        esther, full_name="Lan Lê", phone_num="0911222444", date_of_birth=date(1990, 4, 1), gender="female"
    )
    accounts.open_account(esther, number)
    with transaction() as current:
        current.execute(update(User).where(User.id == cast.boris).values(is_active=False))
    accounts.open_account(esther, cast.boris)
    assert counts() == (0, 0)


@pytest.fixture
def at_once(app: Flask) -> Callable[..., None]:
    """Does things at the same moment, each on a connection of its own."""

    def do_all(*deeds: Callable[[], None]) -> None:
        together = Barrier(len(deeds))

        def do(deed: Callable[[], None]) -> None:
            with app.app_context():
                together.wait(PATIENCE)
                deed()

        threads = [Thread(target=do, args=(deed,)) for deed in deeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)

    return do_all


def test_two_processes_that_tell_the_same_tell_it_once(cast, at_once):
    def told() -> None:
        with transaction():
            tell(cast.ana, "1")

    session().rollback()
    at_once(told, told, told)
    session().rollback()
    assert counts() == (1, 1)


def test_two_who_open_an_account_at_once_mail_once(cast, at_once):
    fran = actor_of(factories.user("Fran Front", "fran@clinic.example", Role.ADMIN))
    esther = cast.actor("esther")
    session().rollback()
    at_once(*(lambda who=who: tell_opened(who, cast.ana) for who in (esther, fran, esther)))
    session().rollback()
    assert counts() == (2, 1)


def test_a_mail_server_that_refuses_takes_nothing_back(cast, clock_at):
    def refuses(_letter: Letter) -> None:
        raise Refused("550 no such mailbox", for_good=True)

    clock_at("2026-03-02 12:00")
    ana = cast.actor("ana")
    accounts.change_password(
        ana, old_password=PASSWORD, new_password="Bright-morning-71", confirm_password="Bright-morning-71"
    )
    clock_at(clock.now() + timedelta(seconds=1))
    assert mail.deliver(refuses) == 0
    assert session().scalars(select(OutboxMail.status)).all() == [MailStatus.FAILED]
    assert [row["kind"] for row in listed(ana)] == ["password_changed"]
    accounts.sign_in(email=ANA, password="Bright-morning-71", kind=SessionKind.BROWSER, origin=Origin())
