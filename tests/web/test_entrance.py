"""The entrance: sign in, register, sign out, language and colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from flask import Flask

from clinic import accounts
from clinic.limits import limiter
from tests.people import ANA, CHEN, ESTHER, PASSWORD, Cast
from tests.web.visitor import Sheet, Visitor, birthday

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


def sign_in(visitor: Visitor, email: str, password: str = PASSWORD, path: str = "/login") -> Sheet:
    return visitor.get(path).press("Sign in", email=email, password=password)


def errors(sheet: Sheet) -> dict[str, str]:
    """What the page says beside each field."""
    return {node.attrs["id"].removesuffix("-err"): node.text for node in sheet.main.all("p", class_="err")}


# --- sign in ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("email", "home"), [(ANA, "/patient/"), (CHEN, "/doctor/"), (ESTHER, "/admin/")])
def test_each_role_lands_on_its_first_page(guest: Visitor, cast: Cast, email: str, home: str) -> None:
    answer = sign_in(guest, email.upper())

    assert answer.status == 303
    assert answer.goes_to == home
    assert answer.follow().status == 200


def test_a_wrong_password_and_an_unknown_e_mail_read_the_same(guest: Visitor, cast: Cast) -> None:
    wrong = sign_in(guest, ANA, "not-the-password")
    unknown = sign_in(guest, "nobody@example.com", "not-the-password")

    assert (wrong.status, unknown.status) == (422, 422)
    assert wrong.main.one(role="alert").text == unknown.main.one(role="alert").text
    assert wrong.values("Sign in")["email"] == ANA
    assert wrong.values("Sign in")["password"] == "", "a password is never sent back"


def test_empty_fields_are_named(guest: Visitor) -> None:
    answer = guest.get("/login").press("Sign in")

    assert answer.status == 422
    assert errors(answer) == {"email": "Please fill this in.", "password": "Please fill this in."}


def test_a_closed_account_is_told_so(app: Flask, guest: Visitor, cast: Cast) -> None:
    with app.app_context():
        accounts.set_active(ANA, False)
    answer = sign_in(guest, ANA)

    assert answer.status == 422
    assert guest.get("/patient/").status == 303


def test_after_signing_in_the_person_is_where_they_were_going(guest: Visitor, cast: Cast) -> None:
    choices = f"/book/review?department={cast.cardiology}&doctor={cast.chen}&day=2026-03-04&time=10:00"
    page = guest.get(choices).click("Sign in and confirm")

    assert "You're booking: Wednesday 4 March 2026, 10:00 Dr Chen, Cardiology" in page.main.text
    assert page.press("Sign in", email=ANA, password=PASSWORD).goes_to == choices


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "/doctor/", "/logout"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(guest: Visitor, cast: Cast, target: str) -> None:
    answer = guest.command(f"/login?next={target}", email=ANA, password=PASSWORD)

    assert answer.goes_to == "/patient/"


def test_who_is_signed_in_needs_no_entrance(as_: As) -> None:
    assert as_("ana").get("/login").goes_to == "/patient/"
    assert as_("ana").get("/register?next=/doctors").goes_to == "/doctors"


def test_an_entrance_that_is_sent_by_somebody_else_signs_them_in_instead(
    app: Flask, guest: Visitor, cast: Cast
) -> None:
    """Dr Chen types into a tab that was opened before Ana signed in beside it: nobody gets into Ana's account by that."""
    stale = guest.get("/login")
    sign_in(guest, ANA)
    asked = stale.press("Sign in", email=CHEN, password=PASSWORD)
    assert asked.status == 422
    assert asked.values("Sign in")["email"] == CHEN
    assert asked.press("Sign in", email=CHEN, password="wrong").status == 422
    assert guest.get("/patient/").status == 200, "who was signed in stays so until somebody else is"

    assert asked.press("Sign in", email=CHEN, password=PASSWORD).goes_to == "/doctor/"
    assert guest.get("/doctor/").status == 200
    with app.app_context():
        assert accounts.my_sessions(cast.actor("ana"))[1:] == [], "only the session that asks lives"


def test_an_entrance_that_is_sent_twice_leads_on(guest: Visitor, cast: Cast) -> None:
    page = guest.get("/login?next=/doctors")
    for _ in range(2):
        assert page.press("Sign in", email=ANA.upper(), password=PASSWORD).goes_to == "/doctors"


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


def test_signing_in_leaves_nothing_of_the_session_before(app: Flask, guest: Visitor, cast: Cast) -> None:
    guest.get("/")
    with guest.client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
    sign_in(guest, ANA)
    with guest.client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["_user_id"]


@pytest.fixture
def limited(cast: Cast, make_app: Callable[..., Flask]) -> Iterator[Visitor]:
    """A guest of an application that counts attempts; the limiter is one for all applications of a process."""
    yield Visitor(make_app(ratelimit_enabled=True))
    limiter.reset()
    limiter.enabled = False


def test_too_many_attempts_have_to_wait(limited: Visitor) -> None:
    visitor = limited
    answers = [sign_in(visitor, ANA, "wrong") for _ in range(12)]

    assert [answer.status for answer in answers] == [422] * 10 + [429] * 2
    assert visitor.get("/login").status == 200, "looking at the page is no attempt"
    last = answers[-1]
    assert last.values("Sign in")["email"] == ANA
    assert "Please wait 15 minutes, then try again." in last.main.one(role="alert").text
    assert 0 < int(last.headers["Retry-After"]) <= 900
    assert "Retry-After" not in answers[0].headers, "a limited page that was answered asks nobody to wait"


@pytest.mark.parametrize(
    ("path", "words"), [("/register", {"full_name": "Lê Thu"}), ("/forgot-password", {"email": ANA})]
)
def test_a_form_that_was_sent_too_often_keeps_what_was_typed(
    limited: Visitor, path: str, words: dict[str, str]
) -> None:
    fields = limited.get(path).tree.one("main").one("form").all("input", name="csrf_token")[0].attrs["value"]
    answers = [limited.post(path, {"csrf_token": fields, **words}) for _ in range(31)]

    assert answers[-1].status == 429
    assert "Please wait" in answers[-1].main.one(role="alert").text
    assert [node.get("value") for name in words for node in answers[-1].main.all("input", name=name)] == list(
        words.values()
    )


# --- sign out ---------------------------------------------------------------------------------------------------------


def test_signing_out_ends_the_session_and_doing_it_twice_is_harmless(as_: As, app: Flask) -> None:
    ana = as_("ana")
    with ana.client.session_transaction() as cookie:
        secret = cookie["_user_id"]
    answer = ana.get("/patient/").press("Sign out")

    assert answer.goes_to == "/"
    assert "You're signed out." in answer.follow().text
    assert ana.get("/patient/").status == 303
    with app.app_context():
        assert accounts.actor_of_browser(secret) is None, "the cookie is dead wherever it was copied to"
    assert ana.command("/logout").goes_to == "/"


# --- register ---------------------------------------------------------------------------------------------------------


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


# --- language and colours ---------------------------------------------------------------------------------------------


def test_the_browsers_language_is_spoken_until_another_is_chosen(app: Flask) -> None:
    visitor = Visitor(app, language="vi-VN,vi;q=0.9,en;q=0.5")
    assert visitor.get("/doctors").tree.one("html").get("lang") == "vi"

    answer = visitor.get("/doctors").press("English")

    assert answer.goes_to == "/doctors"
    assert answer.follow().tree.one("html").get("lang") == "en"
    assert visitor.get("/").tree.one("html").get("lang") == "en"


def test_a_language_that_nobody_speaks_here_is_english(app: Flask) -> None:
    assert Visitor(app, language="fr").get("/").tree.one("html").get("lang") == "en"


def test_changing_the_language_keeps_the_choices(guest: Visitor, cast: Cast) -> None:
    path = f"/book?department={cast.cardiology}&doctor={cast.chen}"

    assert guest.get(path).press("Tiếng Việt").goes_to == path


def test_the_chosen_language_is_kept_with_the_account(app: Flask, as_: As, cast: Cast) -> None:
    as_("ana").get("/patient/").press("Tiếng Việt")

    fresh = Visitor(app, language="en")
    sign_in(fresh, ANA)

    page = fresh.get("/patient/")
    assert page.status == 200, page.text
    assert page.tree.one("html").get("lang") == "vi"


def test_the_colours_are_chosen_and_given_back_to_the_system(guest: Visitor) -> None:
    assert guest.get("/").tree.one("html").get("data-theme") is None

    dark = guest.get("/").press("Dark").follow()
    assert dark.tree.one("html").get("data-theme") == "dark"
    assert dark.tree.with_text("button", "Dark").get("aria-pressed") == "true"

    system = dark.press("Automatic").follow()
    assert system.tree.one("html").get("data-theme") is None


def test_nonsense_preferences_change_nothing(guest: Visitor) -> None:
    answer = guest.command("/preferences", language="xx", theme="<b>")

    assert answer.status == 303
    assert not answer.headers.getlist("Set-Cookie")


def test_another_sites_page_is_no_place_to_go_back_to(guest: Visitor) -> None:
    token = guest.get("/doctors").tree.all("input", name="csrf_token")[0].attrs["value"]
    answer = guest.post(
        "/preferences", {"csrf_token": token, "theme": "dark"}, headers={"Referer": "https://evil.example/x"}
    )

    assert answer.goes_to == "/"
