"""Links that are mailed: made when the mail leaves, the same at each try, and nowhere to be read."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from clinic import accounts, cli, mail, settings
from clinic.accounts.account_letters import PASSWORD_RESET
from clinic.db import Base, session, transaction
from clinic.keys import Keyring
from clinic.mail import TOKEN_PLACE, LinkPurpose, MailStatus, OutboxMail
from clinic.mail.links import token_of
from clinic.mail.transport import Letter, Refused
from tests.domain.post import stored
from tests.domain.test_office_accounts import INVITED, link_in
from tests.people import ANA, BORIS

pytestmark = pytest.mark.usefixtures("app_context")


def leaving(*, refused: int = 0) -> list[tuple[str, str]]:
    """Send what is due; the links that left, in order, of mails that were refused at first, too."""
    links: list[tuple[str, str]] = []

    def transport(letter: Letter) -> None:
        nonlocal refused
        links.append(link_in({"body": letter.body}))
        assert f"/{links[-1][1]}" in str(letter.html)
        if refused:
            refused -= 1
            raise Refused("451 later", for_good=False)

    mail.deliver(transport)
    return links


def everything_stored() -> str:
    """All that the database holds, as text."""
    rows = [[*map(list, session().execute(select(table)))] for table in Base.metadata.sorted_tables]
    return json.dumps(rows, default=str, ensure_ascii=False)


@pytest.mark.parametrize("office", [False, True])
def test_no_link_stands_in_the_database_before_a_mail_leaves_or_after(cast, office):
    if office:
        accounts.invite_admin(cast.actor("esther"), **INVITED)
    else:
        accounts.forgot_password(ANA)
    before = everything_stored()
    ((uid, token),) = leaving()
    assert accounts.reset_link_is_good(uid, token)
    for held in (before, everything_stored()):
        assert token not in held
        assert TOKEN_PLACE in held
    [row] = stored()
    assert (row.status, TOKEN_PLACE in str(row.body)) == (MailStatus.SENT, True)


def test_each_try_of_a_mail_has_the_same_link(cast, clock_at):
    clock_at("2026-03-02 12:00")
    accounts.forgot_password(ANA)
    first = leaving(refused=1)
    clock_at("2026-03-02 12:30")
    assert leaving() == first


def test_a_mail_whose_link_has_ended_is_given_up(cast):
    accounts.forgot_password(ANA)
    accounts.forgot_password(BORIS)
    ana, boris = [link_in(letter) for letter in mail.all_mail()]
    accounts.reset_password(
        uid=ana[0], token=ana[1], new_password="Bright-morning-71", confirm_password="Bright-morning-71"
    )
    with transaction() as current:
        current.query(OutboxMail).filter(OutboxMail.kind == "password_changed").delete()
    assert leaving() == [boris]
    assert [(row.status, row.last_error) for row in stored()] == [
        (MailStatus.FAILED, "The link in this e-mail has ended."),
        (MailStatus.SENT, None),
    ]


def test_the_operator_of_a_clinic_and_the_office_are_shown_no_link(cast):
    accounts.forgot_password(ANA)
    [shown] = mail.all_mail()
    assert accounts.reset_link_is_good(*link_in(shown)), "for trying the portal"
    number = stored()[0].id
    texts = [mail.all_mail(masked=True)[0]["body"], mail.one_mail(cast.actor("esther"), number)["body"]]
    leaving()
    texts += [mail.all_mail(masked=True)[0]["body"], mail.one_mail(cast.actor("esther"), number)["body"]]
    for body in texts:
        assert "/reset-password/" in body
        assert link_in(shown)[1] not in body


@pytest.mark.parametrize(("env", "is_good"), [("testing", True), ("production", False)])
def test_the_command_prints_links_that_work_but_for_a_clinic(app, cast, monkeypatch, env, is_good):
    cli.install(app)
    accounts.forgot_password(ANA)
    monkeypatch.setitem(app.config, "CLINIC_ENV", env)
    [shown] = json.loads(app.test_cli_runner().invoke(app.cli, ["outbox"]).output)
    found = re.search(r"/reset-password/([\w-]+)/(\S+)", shown["body"])
    assert found
    assert accounts.reset_link_is_good(found[1], found[2]) is is_good


def test_a_link_is_one_persons_for_one_purpose_until_its_end(cast, clock_at):
    moment = clock_at("2026-03-02 12:00")
    with transaction():
        link = mail.new_link(cast.ana, LinkPurpose.PASSWORD, lasts=timedelta(hours=1))
        token = token_of(link)
    assert mail.open_link(cast.ana, token, LinkPurpose.PASSWORD) is not None
    assert mail.open_link(cast.ana, token, LinkPurpose.CONFIRM_EMAIL) is None
    assert mail.open_link(cast.boris, token, LinkPurpose.PASSWORD) is None
    for wrong in ("", token[:-1], token + "A", "ü" * 43, "\ud800"):
        assert mail.open_link(cast.ana, wrong, LinkPurpose.PASSWORD) is None
    clock_at(moment + timedelta(hours=1))
    assert mail.open_link(cast.ana, token, LinkPurpose.PASSWORD) is None


def test_a_link_goes_on_when_the_key_is_changed_and_ends_without_the_old_one(cast, clinic_has):
    accounts.forgot_password(ANA)
    ((uid, token),) = leaving()
    keys = settings.current().keys
    clinic_has(keys=Keyring("another secret " * 3, (keys.primary,)))
    assert accounts.reset_link_is_good(uid, token)
    clinic_has(keys=Keyring("another secret " * 3))
    assert not accounts.reset_link_is_good(uid, token)


def test_a_mail_that_an_earlier_version_queued_leaves_with_its_own_link(cast):
    accounts.forgot_password(ANA)
    with transaction() as current:
        row = current.scalars(select(OutboxMail)).one()
        row.link_id, row.facts = None, {**(row.facts or {}), "version": 1, "token": "token-of-a-version-before"}
    assert [token for _, token in leaving()] == ["token-of-a-version-before"]
    assert "token-of-a-version-before" not in str(stored()[0].body)
    assert PASSWORD_RESET.version == 2, "so that a worker of the version before leaves the others alone"
