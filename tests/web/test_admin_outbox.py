"""The office's list of mail, and what each mail says; lists that are empty without a filter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

import pytest
from flask import Flask
from sqlalchemy import delete, update

from clinic import accounts, mail, scheduling
from clinic.db import transaction
from clinic.directory.models import Service
from clinic.mail import OutboxMail
from clinic.mail.superseding import OVERTAKEN
from tests import factories
from tests.people import ANA, Cast
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]


@pytest.mark.parametrize(
    ("path", "sentence"), [("/admin/outbox", "No e-mails yet"), ("/admin/appointments", "No visits yet")]
)
def test_a_list_without_filters_says_that_there_was_never_any(as_: As, path: str, sentence: str) -> None:
    page = as_("esther").get(path)
    assert sentence in page.main.text
    assert "Nothing found" not in page.main.text
    assert "fewer filters" not in page.main.text
    searched = page.press("Show", search="fay")
    assert "Nothing found" in searched.main.text
    assert "fewer filters" in searched.main.text
    assert sentence not in searched.main.text


def test_a_mail_that_was_superseded_says_why_in_the_readers_language(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context(), transaction() as write:
        write.add(OutboxMail(
            to=ANA, kind="visit_booked", language="en", subject="Visit booked", body="Hello\n",
            status=mail.MailStatus.SUPERSEDED, attempts=1, last_error=OVERTAKEN,
        ))  # fmt: skip
    esther = as_("esther")
    page = esther.get("/admin/outbox?status=superseded")
    assert "No longer needed" in page.main.text
    assert OVERTAKEN in page.main.text
    assert f"Why it wasn't sent {OVERTAKEN}" in " ".join(page.click("Visit booked").main.text.split())
    with app.app_context():
        accounts.set_language(cast.actor("esther"), "vi")
    assert "Đã gửi một email mới hơn" in esther.get("/admin/outbox").main.text


def test_a_catalogue_without_entries_says_so(app: Flask, as_: As) -> None:
    with app.app_context(), transaction() as write:
        write.execute(delete(Service))
    assert "No services yet" in as_("esther").get("/admin/services").main.text


def test_the_outbox_shows_what_waits(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        esther = cast.actor("esther")
        for name in ("fay", "gil"):
            accounts.invite_admin(esther, email=f"{name}@clinic.example", full_name=name, phone_num="0911222333")
    page = as_("esther").get("/admin/outbox")
    assert "2 e-mails" in page.main.text
    assert "1 e-mail" in page.press("Show", search="fay").main.text
    assert "Nothing found" in page.press("Show", status="sent").main.text
    assert "/reset-password/" not in page.html


def test_a_mail_is_read_without_the_link_that_opens_an_account(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        accounts.invite_admin(cast.actor("esther"), email="fay@clinic.example", full_name="Fay", phone_num="0911222333")
        body = mail.all_mail()[0]["body"]
    live = body.partition("/reset-password/")[2].split()[0]
    read = as_("esther").get("/admin/outbox").main.one("th", scope="row").one("a").get("href")
    page = as_("esther").get(str(read))
    assert "Fay" in page.main.one("div", class_="letter").text
    assert "/reset-password/" in page.main.text
    assert live.rpartition("/")[2] not in page.html
    assert "Links that give access to an account are hidden here" in page.main.text
    assert [as_(who).get(str(read)).status for who in ("ana", "chen")] == [403, 403]
    assert as_("esther").get("/admin/outbox/999999").status == 404


def test_a_mail_that_waits_reads_as_it_will_leave(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        at = time(9)
        scheduling.book(
            cast.actor("ana"), doctor_id=cast.chen, department_id=cast.cardiology, on=date(2026, 3, 5), at=at
        )
        with transaction() as current:
            current.add(OutboxMail(to="a@b.example", kind="visit_booked", language="en", facts={"version": 1}))
    page = as_("esther").get("/admin/outbox")
    subject = "Visit booked: Thursday 5 March 2026, 09:00, Dr Chen"
    assert "Couldn't be written: visit_booked" in page.main.text, "and the others are listed all the same"
    read = page.click(subject)
    assert read.main.one("h1").text == subject
    assert "Where: room 201, floor 2" in read.main.one("div", class_="letter").text
    unwritten = page.click("Couldn't be written: visit_booked")
    assert "Please tell the person yourself." in unwritten.main.text
    assert "Send again" not in unwritten.main.text


def test_a_mail_that_was_given_up_is_sent_again(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        number = factories.given_up_mail(subject="Visit booked")
    esther = as_("esther")
    asked = esther.get("/admin/outbox").click("Send again")
    for said in ("Visit booked", "gone@example.com", "550 5.1.1 no such mailbox"):
        assert said in asked.main.text
    assert "Failed" in esther.get("/admin/outbox").main.text, "asking changes nothing"
    after = asked.press("Send again").follow()
    assert "The e-mail to gone@example.com is waiting to be sent." in after.text
    assert "Waiting" in after.main.one("td", data_label="Status").text
    assert not [link for link in after.main.all("a") if link.text == "Send again"]
    assert f"Esther Office sent e-mail {number} again." in esther.get("/admin/trail").main.text


def test_a_mail_that_waits_or_was_sent_is_not_sent_again(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        number = factories.given_up_mail()
    esther, address = as_("esther"), f"/admin/outbox/{number}/again"
    asked = esther.get(address)
    assert asked.press("Send again").status == 303
    for again in (lambda: asked.press("Send again"), lambda: esther.get(address)):
        assert "This e-mail is already waiting or has been sent." in again().follow().text
    assert esther.get("/admin/trail?deed=mail.sent_again").main.text.count("sent e-mail") == 1
    with app.app_context(), transaction() as current:
        current.execute(update(OutboxMail).values(status=mail.MailStatus.SUPERSEDED))
    for again in (lambda: asked.press("Send again"), lambda: esther.get(address)):
        text = again().follow().text
        assert "This e-mail won't be sent: it's no longer true, or a later one has been sent." in text
        assert "already waiting" not in text
    assert esther.get("/admin/outbox/999999/again").status == 404
