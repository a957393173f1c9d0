"""A patient's own details: what may be changed, what is refused, and what happens when somebody else saved meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic import directory
from tests.people import Cast
from tests.web.visitor import Sheet, Visitor, birthday, signed_in

As = Callable[[str], Visitor]
PATH = "/patient/profile"
GOOD = {
    "full_name": "Ana Nguyễn Lê",
    "phone_num": "0912345678",
    **birthday("1991-4-30"),
    "gender": "other",
    "address": "5 Trần Phú, Huế",
    "insurance_id": "DN 4711",
    "emergency_contact": "Lê Văn <An>",
    "emergency_contact_phone": "0987654321",
}


def errors(sheet: Sheet) -> dict[str, str]:
    return {node.attrs["id"].removesuffix("-err"): node.text for node in sheet.main.all("p", class_="err")}


def values(sheet: Sheet, button: str = "Save") -> dict[str, str]:
    return {name: value for name, value in sheet.values(button).items() if name in GOOD}


def test_the_details_are_shown_and_saved(as_: As) -> None:
    page = as_("ana").get(PATH)
    assert page.h1 == "My details"
    assert values(page)["full_name"] == "Ana Nguyễn"
    assert {name: values(page)[name] for name in birthday("")} == birthday("1990-5-17")
    answer = page.press("Save", **GOOD)

    assert (answer.status, answer.goes_to) == (303, PATH)
    after = answer.follow()
    assert "Your details are saved." in after.text
    assert values(after) == GOOD


def test_what_is_optional_can_be_emptied(as_: As) -> None:
    page = as_("ana").get(PATH).press("Save", **GOOD).follow()
    optional = {"address": "", "insurance_id": "", "emergency_contact": "", "emergency_contact_phone": ""}
    after = page.press("Save", **optional).follow()

    assert values(after) == GOOD | optional


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("full_name", ""),
        ("full_name", "n" * 300),
        ("phone_num", "123"),
        ("date_of_birth_day", "31"),
        ("date_of_birth_year", "2030"),
        ("date_of_birth_month", ""),
        ("gender", ""),
        ("gender", "unheard-of"),
        ("address", "a" * 2000),
        ("insurance_id", "i" * 200),
        ("emergency_contact", "e" * 300),
        ("emergency_contact_phone", "call me"),
    ],
)
def test_what_is_wrong_stands_on_its_field_and_all_is_kept(as_: As, field: str, typed: str) -> None:
    answer = as_("ana").get(PATH).press("Save", **(GOOD | {field: typed}))

    assert answer.status == 422
    assert list(errors(answer)) == ["date_of_birth" if field in birthday("") else field]
    if field != "gender":
        assert values(answer) == GOOD | {field: typed}
    assert values(as_("ana").get(PATH))["full_name"] == "Ana Nguyễn", "nothing was saved"


def test_what_is_no_birthday_is_refused_in_the_readers_language(app: Flask, cast: Cast) -> None:
    for language, button, said in (
        ("en", "Save", "There's no such day. Enter the date of birth as numbers, for example 31 5 1990."),
        ("vi", "Lưu", "Không có ngày này. Hãy nhập ngày sinh bằng số, ví dụ 31 5 1990."),
    ):
        visitor = signed_in(app, cast.ana, language)
        visitor.client.set_cookie("lang", language)
        answer = visitor.get(PATH).press(button, **(GOOD | birthday("1990-02-30")))

        assert errors(answer) == {"date_of_birth": said}
        assert values(answer, button) == GOOD | birthday("1990-02-30")


def test_everything_that_is_wrong_is_said_at_once(as_: As) -> None:
    answer = as_("ana").get(PATH).press("Save", full_name="", phone_num="12", date_of_birth_month="13", gender="")
    assert list(errors(answer)) == ["full_name", "phone_num", "date_of_birth", "gender"]
    assert "Ana Nguyễn" in as_("ana").get(PATH).html, "nothing was saved"


def test_who_saves_later_sees_what_was_saved_meanwhile(app: Flask, as_: As, cast: Cast) -> None:
    page = as_("ana").get(PATH)
    with app.app_context():
        directory.update_me(
            cast.actor("ana"), {"phone_num": "0900000001", "patient_profile": {"gender": "male", "address": None}}
        )
    stale = page.press("Save", **GOOD)

    assert stale.status == 412
    assert "changed elsewhere in the meantime" in stale.main.one(role="alert").text
    assert values(stale, "Save my version") == GOOD, "what was typed is kept"
    theirs = {node.text for node in stale.main.all("div", class_="theirs")}
    assert theirs >= {
        "Saved in the meantime : Phone 0900000001", "Saved in the meantime : Gender Male", "Saved in the meantime : Address (empty)",
    }  # fmt: skip
    assert values(as_("ana").get(PATH))["phone_num"] == "0900000001", "nothing was written over unseen"

    assert stale.press("Save my version").status == 303
    assert values(as_("ana").get(PATH)) == GOOD


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "٣"])
def test_a_version_that_cannot_be_read_is_stale(as_: As, version: str) -> None:
    assert as_("ana").get(PATH).press("Save", **GOOD, version=version).status == 412


def test_nobody_elses_details_are_changed(app: Flask, as_: As, cast: Cast) -> None:
    as_("ana").get(PATH).press("Save", **GOOD)

    assert values(as_("boris").get(PATH))["full_name"] == "Boris Đặng"


@pytest.mark.parametrize("name", ["chen", "esther"])
def test_the_page_is_for_patients(as_: As, name: str) -> None:
    assert as_(name).get(PATH).status == 403
    assert as_(name).command(PATH, **GOOD).status == 403


def test_a_guest_signs_in_first(guest: Visitor) -> None:
    assert guest.get(PATH).goes_to == f"/login?next={PATH}"
    assert guest.command(PATH, **GOOD).goes_to.startswith("/login")


def test_a_form_without_its_token_is_refused(as_: As) -> None:
    assert as_("ana").post(PATH, GOOD).status == 400
