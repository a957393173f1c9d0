"""Somebody phones who isn't known yet: searched for, admitted, booked, in one go."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic import mail
from tests import factories
from tests.people import Cast
from tests.web.conftest import LATER
from tests.web.visitor import Sheet, Visitor, birthday

As = Callable[[str], Visitor]
LAN = {
    "full_name": "Trần Thị Lan", "phone_num": "0911222333", "email": "", **birthday("1948-02-29"),
    "gender": "female", "address": "", "insurance_id": "", "emergency_contact": "", "emergency_contact_phone": "",
    "language": "vi",
}  # fmt: skip


def letters(app: Flask) -> list[str]:
    """To whom mail is on its way."""
    with app.app_context():
        return [letter["to"] for letter in mail.all_mail()]


def book(begun: Sheet, cast: Cast) -> Sheet:
    """Choose Dr Chen at nine on the page for booking, and confirm."""
    assert begun.goes_to.startswith("/admin/book?patient=")
    choices = f"&department={cast.cardiology}&doctor={cast.chen}&day={LATER.isoformat()}&time=09:00"
    booked = (
        begun.visitor.get(begun.goes_to + choices)
        .click("Review and confirm")
        .press("Confirm the visit", symptoms="Dizzy")
    )
    assert booked.status == 303
    return booked.follow()


def test_somebody_who_phones_is_searched_for_admitted_and_booked(app: Flask, as_: As, cast: Cast) -> None:
    searched = as_("esther").get("/admin/find?q=Trần Thị Lan")
    assert "Nothing found" in searched.main.text
    form = searched.click("New patient")
    assert form.values("Continue to booking")["full_name"] == "Trần Thị Lan"
    begun = form.press("Continue to booking", **LAN)
    assert begun.status == 303
    assert "Trần Thị Lan is now a patient of the clinic. Choose a time for the visit." in begun.follow().text
    appointment = book(begun, cast)
    assert "The visit is booked. The patient has no e-mail. Please call them on 091 122 2333." in appointment.main.text
    confirmed = appointment.press("Confirm").follow()
    assert "The visit is confirmed. The patient has no e-mail" in confirmed.text
    assert letters(app) == []
    account = appointment.click("Trần Thị Lan")
    done = account.press("Save", email="lan@example.com")
    assert done.status == 303
    assert letters(app) == ["lan@example.com"]


def test_with_an_email_the_patient_is_invited_and_told_of_the_visit(app: Flask, as_: As, cast: Cast) -> None:
    begun = as_("esther").get("/admin/patients/new").press("Continue to booking", **{**LAN, "email": "lan@example.com"})
    assert "The visit is booked. We'll e-mail the patient." in book(begun, cast).main.text
    assert letters(app) == ["lan@example.com"] * 2


@pytest.mark.parametrize(
    ("searched", "field"),
    [("Lan", "full_name"), ("0911 222", "phone_num"), ("lan@example.com", "email"), ("29/2/1948", "date_of_birth_day")],
)
def test_the_form_begins_with_what_was_searched_for(as_: As, searched: str, field: str) -> None:
    values = as_("esther").get(f"/admin/find?q={searched}").click("New patient").values("Continue to booking")
    assert values[field] == {"29/2/1948": "29"}.get(searched, searched.replace(" ", ""))
    others = {"full_name", "phone_num", "email", "date_of_birth_day"} - {field}
    assert {values[name] for name in others} == {""}


def test_who_is_found_but_somebody_else_leads_to_the_form_too(as_: As, cast: Cast) -> None:
    form = as_("esther").get("/admin/find?q=Ana").click("Somebody else? Add a new patient")
    assert form.values("Continue to booking")["full_name"] == "Ana"
    assert as_("esther").get("/admin/users").click("New patient").h1 == "New patient"
    nobody = as_("esther").get("/admin/users?search=zzz")
    assert [node.attrs["href"] for node in nobody.main.one("section", id="user-list").all("a")][-1].endswith("q=zzz")


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(app: Flask, as_: As, cast: Cast) -> None:
    form = as_("esther").get("/admin/patients/new")
    empty = form.press("Continue to booking")
    assert empty.status == 422
    assert empty.main.text.count("Please fill this in.") == 4
    wrong = form.press(
        "Continue to booking", **{**LAN, "phone_num": "12", "email": "ana@example.com", "address": "kept"}
    )
    assert wrong.status == 422
    assert "Please enter a phone number of 10 digits." in wrong.main.text
    assert wrong.values("Continue to booking")["address"] == "kept"
    taken = wrong.press("Continue to booking", phone_num="0911222333")
    assert "There's already an account with this e-mail." in taken.main.text
    no_day = form.press("Continue to booking", **{**LAN, **birthday("1990-x-1")})
    assert no_day.status == 422
    assert "There's no such day." in no_day.main.text
    assert no_day.values("Continue to booking")["date_of_birth_month"] == "x"
    assert letters(app) == []


def test_a_namesake_is_shown_first(as_: As, cast: Cast) -> None:
    form = as_("esther").get("/admin/patients/new")
    ana = {**LAN, "full_name": "ana nguyen", **birthday("1990-05-17")}
    shown = form.press("Continue to booking", **ana)
    assert shown.status == 409
    assert "There's already a patient with similar details. Please check before you go on." in shown.main.text
    assert shown.click("Ana Nguyễn").path == f"/admin/users/{cast.ana}"
    assert "17 May 1990" in shown.main.one("section", aria_labelledby="known").text
    assert shown.main.one("td", data_label="What matches").text == "same name same date of birth"
    begun = shown.press("It's somebody else: continue to booking")
    assert begun.goes_to != f"/admin/book?patient={cast.ana}"
    assert begun.follow().h1 == "Book for ana nguyen"


def test_who_was_shown_says_nothing_of_a_name_that_is_typed_later(app: Flask, as_: As, cast: Cast) -> None:
    form = as_("esther").get("/admin/patients/new")
    ana = {**LAN, "full_name": "ana nguyen", **birthday("1990-05-17")}
    shown = form.press("Continue to booking", **ana)
    boris = shown.press("It's somebody else: continue to booking", full_name="Boris Dang")
    assert boris.status == 409
    assert boris.click("Boris Đặng").path == f"/admin/users/{cast.boris}"
    with app.app_context():
        factories.patient("Boris Đặng")
    third = boris.press("It's somebody else: continue to booking")
    assert third.status == 409, "nor of somebody of this name who came meanwhile"
    assert third.press("It's somebody else: continue to booking", email="").follow().h1 == "Book for Boris Dang"


def test_who_has_the_same_phone_is_shown_too(as_: As, cast: Cast) -> None:
    form = as_("esther").get("/admin/patients/new")
    shown = form.press("Continue to booking", **{**LAN, "phone_num": "0901234567"})
    assert shown.status == 409
    alike = [node.text for node in shown.main.all("td", data_label="What matches")]
    assert alike == ["same phone", "same phone"], "Ana's and Boris's"


def test_all_that_the_clinic_asks_is_written_down_at_once(app: Flask, as_: As, cast: Cast) -> None:
    form = as_("esther").get("/admin/patients/new")
    more = {
        "insurance_id": "SHI-79-1",
        "emergency_contact": "Trần Văn Minh",
        "emergency_contact_phone": "+84 911 000 111",
    }
    begun = form.press("Continue to booking", **{**LAN, **more})
    assert begun.status == 303
    account = as_("esther").get("/admin/find?q=shi791").click("Trần Thị Lan")
    for told in ("SHI-79-1", "Trần Văn Minh", "091 100 0111"):
        assert told in account.main.one("dl").text


def test_patients_are_listed_and_found(app: Flask, as_: As, cast: Cast, appointment: Callable[..., int]) -> None:
    appointment(LATER, "09:00")
    page = as_("esther").get("/admin/").tree.one("div", class_="office").with_text("a", "Patients").attrs["href"]
    listed = as_("esther").get(page)
    assert [row.one("a").text for row in listed.main.one("tbody").all("th")] == ["Ana Nguyễn", "Boris Đặng"]
    assert [node.text for node in listed.main.all("td", data_label="Next visit")] == ["Wed 4 Mar, 09:00", "–"]
    assert [row.text for row in listed.press("Show", search="17.5.1990 dang").main.one("tbody").all("th")] == [
        "Boris Đặng"
    ]
    assert "Nothing found" in listed.press("Show", active="off").main.text
    part = as_("esther").swap("/admin/patients?search=ana", "patient-list")
    whole = as_("esther").get("/admin/patients?search=ana")
    assert part.tree.one("section").written() == whole.tree.one("section", id="patient-list").written()
