"""What somebody was told of their account, on the page of it: how much is new, in which language, and what leads on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic import accounts
from clinic.accounts.account_letters import PASSWORD_CHANGED, PasswordChangeFacts
from clinic.accounts.models import User
from clinic.accounts.notices import notify
from clinic.clock import now
from clinic.db import transaction
from tests.people import ONE_OF_EACH_ROLE, Cast
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
ADDRESS = "/account/notices"


@pytest.fixture
def told(app: Flask, cast: Cast) -> Callable[[int], None]:
    """Tell Ana so many things."""

    def tell(count: int) -> None:
        with app.app_context(), transaction() as session:
            ana = session.get_one(User, cast.ana)
            for number in range(count):
                notify(ana, PASSWORD_CHANGED, PasswordChangeFacts(ana.full_name, now()), key=str(number))

    return tell


def count_in_header(page: Sheet) -> str:
    """The number at "Account", "" without one."""
    return "".join(node.text for node in page.tree.one("header").all("span", class_="unread"))


def test_what_is_new_is_counted_on_every_page_until_it_was_read(as_: As, told: Callable[[int], None]) -> None:
    told(2)
    ana = as_("ana")
    for path in ("/patient/", "/doctors", "/account/"):
        assert count_in_header(ana.get(path)) == "2"
    page = ana.get("/account/").click("Notices")
    assert page.h1 == "Notices about your account"
    assert count_in_header(page) == "", "they are being read"
    assert page.main.text.count("Your password was changed on") == 2
    assert len(page.main.all("span", class_="tagx")) == 2
    assert count_in_header(ana.get("/patient/")) == ""
    assert ana.get(ADDRESS).main.all("span", class_="tagx") == []


def test_more_than_a_page_is_read_page_by_page(as_: As, told: Callable[[int], None]) -> None:
    told(23)
    ana = as_("ana")
    assert count_in_header(ana.get("/patient/")) == "9+"
    page = ana.get(ADDRESS)
    assert count_in_header(page) == "3"
    assert len(page.main.one("ol", class_="history").all("li")) == 20
    assert count_in_header(page.click("Next")) == ""


def test_it_is_told_in_the_language_of_the_page(as_: As, told: Callable[[int], None]) -> None:
    told(1)
    ana = as_("ana")
    assert "Your password was changed on" in ana.get(ADDRESS).main.text
    ana.client.set_cookie("lang", "vi")
    assert "Mật khẩu của bạn đã được đổi" in ana.get(ADDRESS).main.text


@pytest.mark.parametrize("name", ONE_OF_EACH_ROLE)
def test_nobody_sees_anothers(as_: As, told: Callable[[int], None], name: str) -> None:
    told(1)
    text = as_(name).get(ADDRESS).main.text
    assert ("Your password was changed" in text) == (name == "ana")
    assert ("No notices yet" in text) == (name != "ana")


def test_a_patient_is_led_to_who_opened_the_record(as_: As, app: Flask, cast: Cast) -> None:
    with app.app_context():
        accounts.open_account(cast.actor("esther"), cast.ana)
        accounts.open_account(cast.actor("esther"), cast.chen)
    page = as_("ana").get(ADDRESS)
    assert "Our office opened your account on" in page.main.text
    assert page.click("See who's opened your record").h1 == "Who opened your record"
    theirs = as_("chen").get(ADDRESS)
    assert "Our office opened your account on" in theirs.main.text
    assert "record" not in theirs.main.text
