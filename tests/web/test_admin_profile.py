"""An admin's own details."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from clinic import directory
from tests.people import Cast
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
PATH = "/admin/profile"


def test_it_is_reached_from_the_account(as_: As) -> None:
    page = as_("esther").get("/account/").click("My details")
    assert (page.path, page.h1) == (PATH, "My details")
    assert as_("chen").get("/account/").click("My profile").path == "/doctor/profile"


def test_name_and_phone_are_changed(as_: As) -> None:
    done = as_("esther").get(PATH).press("Save", full_name="Esther Mwangi", phone_num="0911111111")
    assert done.status == 303
    shown = done.follow()
    assert "Your details are saved." in shown.text
    values = shown.values("Save")
    assert (values["full_name"], values["phone_num"]) == ("Esther Mwangi", "0911111111")


def test_what_is_wrong_is_said_and_kept(as_: As) -> None:
    refused = as_("esther").get(PATH).press("Save", full_name="Esther X", phone_num="12")
    assert refused.status == 422
    assert "Please enter a phone number of 10 digits." in refused.main.text
    assert refused.values("Save")["full_name"] == "Esther X"
    assert as_("esther").get(PATH).press("Save", full_name="").status == 422


def test_nobody_is_written_over_unseen(app: Flask, as_: As, cast: Cast) -> None:
    page = as_("esther").get(PATH)
    with app.app_context():
        directory.update_me(cast.actor("esther"), {"full_name": "Esther M."})
    stale = page.press("Save", full_name="Esther Mwangi")
    assert stale.status == 412
    assert "Esther M." in stale.main.one("div", class_="theirs").text
    assert as_("esther").get(PATH).values("Save")["full_name"] == "Esther M."
    assert stale.press("Save my version").status == 303
    assert as_("esther").get(PATH).values("Save")["full_name"] == "Esther Mwangi"
