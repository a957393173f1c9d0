"""Registering: a new patient is signed in at once, and what is wrong is said beside its field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from clinic import accounts
from tests.people import ANA, Cast
from tests.web.test_entrance import errors, sign_in
from tests.web.visitor import Visitor, birthday

As = Callable[[str], Visitor]


GOOD = {
    "full_name": "Lê Thị Thu",
    "email": "thu@example.com",
    "phone_num": "0912345678",
    **birthday("1991-04-30"),
    "gender": "female",
    "address": "5 Trần Phú, Huế",
    "password": "sen-nở-tháng-tám-91",
}


def test_a_new_patient_is_signed_in_at_once(guest: Visitor) -> None:
    answer = guest.get("/register").press("Register", **GOOD)

    assert answer.goes_to == "/patient/"
    assert "Welcome, Lê Thị Thu" in answer.follow().text


def test_a_new_patient_comes_back_to_the_one_step_left(guest: Visitor, cast: Cast) -> None:
    choices = f"/book/review?department={cast.cardiology}&doctor={cast.chen}&day=2026-03-04&time=10:00"
    page = guest.get(choices).click("New here? Register and confirm")
    assert "You're booking: Wednesday 4 March 2026, 10:00 Dr Chen, Cardiology" in page.main.text
    done = page.press("Register", **GOOD)

    assert done.goes_to == choices
    review = done.follow()
    assert "Your account is ready. One step left: this time isn't yours until you confirm." in review.main.text
    review.form("Confirm my visit")


def test_a_time_that_is_gone_meanwhile_is_not_named_at_the_entrance(
    guest: Visitor, cast: Cast, appointment: Callable[..., int]
) -> None:
    choices = f"/book/review?department={cast.cardiology}&doctor={cast.chen}&day=2026-03-04&time=10:00"
    appointment(date(2026, 3, 4), "10:00")
    for path in ("/login", "/register"):
        assert "You're booking" not in guest.get(path, query={"next": choices}).main.text


def test_who_was_signed_out_is_told_why_they_must_sign_in(app: Flask, guest: Visitor, as_: As, cast: Cast) -> None:
    ana = as_("ana")
    ana.get("/patient/")
    with app.app_context():
        accounts.end_all_sessions(cast.actor("ana"))

    assert (
        "You were signed out. Sign in to carry on where you left off." in ana.get("/patient/records").follow().main.text
    )
    assert "You were signed out" not in guest.get("/patient/records").follow().main.text
    assert "You were signed out" not in guest.get("/login").main.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", ""),
        ("email", "not-an-address"),
        ("email", ""),
        ("email", ANA.upper()),
        ("phone_num", "12345"),
        ("phone_num", ""),
        ("gender", ""),
        ("gender", "dragon"),
        ("password", "password"),
        ("password", "short"),
        ("full_name", "n" * 151),
        ("address", "a" * 501),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_the_rest_is_kept(
    guest: Visitor, cast: Cast, field: str, value: str
) -> None:
    typed = GOOD | {field: value}
    answer = guest.get("/register").press("Register", **typed)

    assert answer.status == 422
    assert field in errors(answer)
    kept = answer.values("Register")
    for name in ("full_name", "email", "phone_num", "address"):
        assert kept[name] == typed[name]
    assert kept["password"] == ""
    assert guest.get("/patient/").status == 303


@pytest.mark.parametrize(
    ("language", "button", "said"),
    [
        ("en", "Register", "There's no such day. Enter the date of birth as numbers, for example 31 5 1990."),
        ("vi", "Đăng ký", "Không có ngày này. Hãy nhập ngày sinh bằng số, ví dụ 31 5 1990."),
    ],
)
def test_what_is_no_date_is_refused_in_the_readers_language(
    app: Flask, cast: Cast, language: str, button: str, said: str
) -> None:
    typed = GOOD | birthday("1991-02-30")
    answer = Visitor(app, language=language).get("/register").press(button, **typed)

    assert answer.status == 422
    assert errors(answer) == {"date_of_birth": said}
    assert {name: answer.values(button)[name] for name in birthday("")} == birthday("1991-02-30")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("", "", ""), "Enter the date of birth, for example 31 5 1990."),
        (("", "4", "1991"), "The date of birth needs a day."),
        (("30", "", "1991"), "The date of birth needs a month."),
        (("30", "4", ""), "The date of birth needs a year."),
        (("30", "4", "91"), "Enter the year of birth in full, for example 1990."),
        (("30", "April", "1991"), "There's no such day."),
        (("30", "4", "2030"), "A date of birth can't be in the future."),
        (("30", "4", "1891"), "Please check the year of birth."),
        (("4", "13", "1991"), "There's no such day."),
    ],
)
def test_each_fault_of_a_date_of_birth_is_told(guest: Visitor, typed: tuple[str, str, str], said: str) -> None:
    boxes = dict(zip(birthday(""), typed, strict=True))
    answer = guest.get("/register").press("Register", **GOOD | boxes)

    assert errors(answer)["date_of_birth"].startswith(said)
    assert {name: answer.values("Register")[name] for name in boxes} == boxes
    assert answer.main.one(role="alert").one("a").attrs["href"] == "#date_of_birth", "the first box has the focus"


@pytest.mark.parametrize("typed", [(" 30 ", "04", "1991"), ("３０", "4", "1991"), ("30/4/1991", "", "")])
def test_a_date_of_birth_is_understood_however_it_is_typed(
    app: Flask, guest: Visitor, typed: tuple[str, str, str]
) -> None:
    boxes = dict(zip(birthday(""), typed, strict=True))
    guest.get("/register").press("Register", **GOOD | boxes)

    stored = guest.get("/patient/profile").values("Save")
    assert [stored[name] for name in boxes] == ["30", "4", "1991"]


def test_a_date_of_birth_that_was_sent_as_one_text_comes_back_in_three_boxes(guest: Visitor) -> None:
    whole = {name: text for name, text in GOOD.items() if not name.startswith("date_of_birth")}
    answer = guest.command("/register", **whole, date_of_birth="31/31/1990")

    assert answer.status == 422
    boxes = [answer.main.one("input", name=f"date_of_birth_{part}").get("value") for part in ("day", "month", "year")]
    assert boxes == ["31/31/1990", "", ""]


def test_the_boxes_of_a_date_of_birth_are_one_question(guest: Visitor) -> None:
    page = guest.get("/register")
    group = page.main.with_text("legend", "Date of birth").parent
    assert [each.get("autocomplete") for each in group.all("input")] == ["bday-day", "bday-month", "bday-year"]
    assert {each.get("inputmode") for each in group.all("input")} == {"numeric"}
    assert group.attrs["aria-describedby"] == "date_of_birth-hint"
    assert page.main.one(id="date_of_birth-hint").text == "For example, 31 5 1990."


def test_everything_that_is_wrong_is_said_at_once(guest: Visitor, cast: Cast) -> None:
    """What can't be read, what is missing, and what only the clinic's rules know."""
    typed = {
        "full_name": "", "email": "nobody", "phone_num": "12", "gender": "", "address": "a" * 501, "password": "password",
        **birthday("2030-02-01"),
    }  # fmt: skip
    answer = guest.get("/register").press("Register", **typed)

    wrong = ["full_name", "email", "phone_num", "date_of_birth", "gender", "address", "password"]
    assert list(errors(answer)) == wrong
    assert len(answer.main.one(role="alert").all("li")) == len(wrong)


def test_where_health_data_is_given_it_is_said_what_becomes_of_it(guest: Visitor) -> None:
    form = guest.get("/register").form("Register")
    assert form.with_text("a", "How we look after them (opens in a new tab)").attrs["href"] == "/privacy"


def test_a_taken_email_says_nothing_of_an_account_and_leads_on(guest: Visitor, cast: Cast) -> None:
    answer = guest.get("/register?next=/book").press("Register", **GOOD | {"email": ANA})
    assert errors(answer) == {"email": "We can't create an account with this e-mail."}
    form = answer.form("Register")
    assert form.with_text("a", "Sign in").attrs["href"] == "/login?next=/book"
    assert form.with_text("a", "Choose a new password").attrs["href"] == "/forgot-password"


def test_a_phone_number_has_its_example_and_is_never_cut_short(guest: Visitor) -> None:
    page = guest.get("/register")
    phone = page.main.one("input", id="phone_num")

    assert (phone.get("type"), phone.get("inputmode"), phone.get("maxlength")) == ("tel", "tel", None)
    assert page.main.one(id="phone_num-hint").text == "10 digits, such as 091 234 5678."
    assert "phone_num-hint" in phone.attrs["aria-describedby"]
    answer = page.press("Register", **GOOD | {"phone_num": "0912 345 67"})
    assert (answer.status, answer.values("Register")["phone_num"]) == (422, "0912 345 67")
    answer.press("Register", **GOOD | {"phone_num": "+84 912 345 678"})
    assert guest.get("/patient/profile").values("Save")["phone_num"] == "0912345678"


def test_a_hostile_name_is_only_text(guest: Visitor) -> None:
    name = "<script>alert(1)</script>"
    answer = guest.get("/register").press("Register", **GOOD | {"full_name": name}).follow()

    assert name in answer.text
    assert "<script>alert" not in answer.html


def test_somebody_else_registers_where_a_person_is_signed_in(app: Flask, guest: Visitor, cast: Cast) -> None:
    stale = guest.get("/register")
    sign_in(guest, ANA)
    asked = stale.press("Register", **GOOD)
    assert asked.status == 422
    done = asked.press("Register", **GOOD)

    assert "Welcome, Lê Thị Thu" in done.follow().text
    assert asked.press("Register", **GOOD).goes_to == "/patient/", "sent twice"
    with app.app_context():
        assert len(accounts.my_sessions(cast.actor("ana"))) == 1, "only the session that asks lives"
