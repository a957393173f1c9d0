"""What is typed isn't lost when the session ends meanwhile: it goes through the sign-in page, sealed, and only to its owner."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from clinic import scheduling
from clinic.i18n import LANGUAGES
from clinic.web.kit import guard, unsent_forms
from clinic.web.kit.unsent_forms import UnsentForm
from tests.people import CHEN, PASSWORD, Cast
from tests.web.late import BUTTONS, FORMS, SIGNED_OUT, WORDS, done, end, enter, typed_too_late
from tests.web.visitor import HTMX, Visitor, signed_in

# --- the session ended ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", FORMS)
def test_a_form_goes_through_the_sign_in_page_and_is_sent_by_one_press(
    app: Flask, cast: Cast, places: dict[str, Any], form: str, language: str
) -> None:
    page = typed_too_late(app, cast, places, form, language)
    name, _, _, words = FORMS[form]

    assert page.status == 422
    assert SIGNED_OUT[language] in page.main.text
    again = enter(page, name, language)
    assert again.status == 200
    for text in words.values():
        if not re.fullmatch(r"[\d-]+", text):
            assert " ".join(text.split()) in again.main.one("dl").text
    assert not done(app, cast, places, form), "nothing is sent before the button is pressed"

    assert again.press(BUTTONS[language][1]).status == 303
    assert done(app, cast, places, form)


@pytest.mark.parametrize("form", FORMS)
def test_what_was_typed_can_be_read_nowhere_until_its_owner_is_back(
    app: Flask, cast: Cast, places: dict[str, Any], form: str
) -> None:
    page = typed_too_late(app, cast, places, form)

    assert "Đau ngực" not in page.html
    assert not any("Đau" in value or "kept" in value for value in page.headers.values())
    assert "unsent_form" not in page.form("Sign in").attrs["action"]
    carrying = page.tree.one("input", name="unsent_form").parent
    sending = {each.get("form") for each in page.tree.all("button") if each.get("data-preference")}
    assert sending == {carrying.get("id")}, "choosing language or colours would leave the page, and lose it"


@pytest.mark.parametrize(
    ("form", "other"), [("record", "diallo"), ("record", "ana"), ("booking", "boris"), ("profile", "chen")]
)
def test_whoever_else_signs_in_is_shown_nothing_and_sends_nothing(
    app: Flask, cast: Cast, places: dict[str, Any], form: str, other: str
) -> None:
    arrived = enter(typed_too_late(app, cast, places, form), other)

    assert arrived.status == 303
    page = arrived.follow()
    while page.status == 303:
        page = page.follow()
    assert "belongs to another account" in page.text
    assert "Đau ngực" not in arrived.html + page.html
    assert not done(app, cast, places, form)


def test_a_wrong_password_loses_nothing(app: Flask, cast: Cast, places: dict[str, Any]) -> None:
    page = typed_too_late(app, cast, places, "record").press("Sign in", email=CHEN, password="wrong")

    assert page.status == 422
    assert enter(page, "chen").h1 == "You're signed in again"


def test_the_page_can_be_loaded_anew(app: Flask, cast: Cast, places: dict[str, Any]) -> None:
    page = typed_too_late(app, cast, places, "record")
    fields = page.values("Sign in") | {"email": CHEN, "password": PASSWORD}
    address = page.form("Sign in").attrs["action"]
    first, anew = (page.visitor.post(address, fields) for _ in range(2))

    assert first.main.written() == anew.main.written()
    assert anew.press("Send it now").status == 303
    assert done(app, cast, places, "record")


def test_seven_days_later(app: Flask, cast: Cast, places: dict[str, Any], clock_at: Callable[[str], object]) -> None:
    page = signed_in(app, cast.chen).get("/doctor/leave")
    clock_at("2026-03-09 09:01")
    asked = page.press("Add this leave", first_day="2026-03-20", reason=WORDS)

    assert enter(asked, "chen").press("Send it now").status == 303


def test_an_office_form_that_is_chosen_by_its_address(app: Flask, cast: Cast) -> None:
    page = signed_in(app, cast.esther).get(f"/admin/rooms/{cast.heart_room}")
    end(app, cast, "esther")
    again = enter(page.press("Save", room_number="217"), "esther")

    assert "217" in again.main.one("dl").text
    assert again.press("Send it now").status == 303
    assert "217" in again.visitor.get("/admin/rooms").text


def test_a_choice_alone_is_kept_too(app: Flask, cast: Cast, places: dict[str, Any]) -> None:
    page = signed_in(app, cast.chen).get(f"/doctor/appointments/{places['seen']}/service")
    fields = page.values("Choose this service") | {"service_id": str(cast.ecg)}
    end(app, cast, "chen")
    again = enter(page.visitor.post(page.path, fields), "chen")

    assert "We've kept it as it was." in again.main.text
    assert again.press("Send it now").status == 303


def test_a_role_that_may_not_any_more_sends_nothing(app: Flask, cast: Cast, places: dict[str, Any]) -> None:
    page = typed_too_late(app, cast, places, "record")
    with app.app_context():
        scheduling.cancel(cast.actor("esther"), places["seen"])
    again = enter(page, "chen").press("Send it now")

    assert again.status == 409, "the ordinary refusal"
    assert not done(app, cast, places, "record")
    assert WORDS in again.values("Save the record")["diagnosis"]


# --- what isn't kept --------------------------------------------------------------------------------------------------


def test_passwords_are_never_kept(app: Flask, cast: Cast) -> None:
    page = signed_in(app, cast.ana).get("/account/password")
    end(app, cast, "ana")
    secret = "sen-nở-tháng-tám-91"
    answer = page.press("Change password", old_password=PASSWORD, new_password=secret)

    assert answer.status == 303
    assert answer.goes_to == "/login?next=/account/password"


def test_a_button_alone_leads_back_to_its_page(app: Flask, cast: Cast, places: dict[str, Any]) -> None:
    page = signed_in(app, cast.chen).get(f"/doctor/appointments/{places['coming']}")
    end(app, cast, "chen")

    assert page.press("Confirm").goes_to == f"/login?next=/doctor/appointments/{places['coming']}"


def test_what_is_too_long_is_said_to_be(app: Flask, cast: Cast, places: dict[str, Any]) -> None:
    page = signed_in(app, cast.chen).get(f"/doctor/appointments/{places['seen']}/record")
    end(app, cast, "chen")
    answer = page.press("Save the record", diagnosis="ộ" * (unsent_forms.MOST // 3 + 1))

    assert "too long to keep" in answer.main.text
    assert "unsent_form" not in answer.values("Sign in")
    assert enter(answer, "chen").status == 303


def test_the_longest_record_is_kept(app: Flask, cast: Cast, places: dict[str, Any]) -> None:
    page = signed_in(app, cast.chen).get(f"/doctor/appointments/{places['seen']}/record")
    end(app, cast, "chen")
    words = {"diagnosis": "ộ" * 2000, **dict.fromkeys(("prescription", "treatment_plan", "notes"), "ộ" * 5000)}
    again = enter(page.press("Save the record", **words), "chen")

    assert again.press("Send it now").status == 303


def test_a_guest_who_never_was_signed_in_keeps_nothing(guest: Visitor) -> None:
    answer = guest.command("/patient/profile", full_name="Somebody")

    assert answer.goes_to.startswith("/login")


@pytest.mark.parametrize("change", ["cut", "letter", "empty", "nonsense", "foreign"])
def test_what_was_changed_on_the_way_is_not_sent(app: Flask, cast: Cast, places: dict[str, Any], change: str) -> None:
    page = typed_too_late(app, cast, places, "record")
    sealed = page.values("Sign in")["unsent_form"]
    other = chr(ord(sealed[40]) ^ 1)
    changed = {
        "cut": sealed[:-8],
        "letter": sealed[:40] + other + sealed[41:],
        "empty": "",
        "nonsense": "ộ\x00",
        "foreign": "gAAAAABk" + "A" * 100,
    }[change]
    arrived = page.press("Sign in", email=CHEN, password=PASSWORD, unsent_form=changed)

    assert arrived.status == 303
    assert not done(app, cast, places, "record")
    if change != "empty":
        assert "couldn't keep what you typed" in page.visitor.get("/doctor/leave").text


def test_it_ends_after_a_working_day(
    app: Flask, cast: Cast, places: dict[str, Any], clock_at: Callable[[str], object]
) -> None:
    page = typed_too_late(app, cast, places, "record")
    clock_at("2026-03-02 21:00")
    assert page.visitor.get("/").status == 200
    clock_at("2026-03-02 21:01")

    assert enter(page, "chen").status == 303


# --- HTMX -------------------------------------------------------------------------------------------------------------


def test_htmx_puts_the_sign_in_page_in_the_place_of_everything(app: Flask, cast: Cast, places: dict[str, Any]) -> None:
    ana = signed_in(app, cast.ana)
    page = ana.get(FORMS["booking"][1].format(**places))
    fields = page.values("Confirm my visit") | {"symptoms": WORDS, "change": "1"}
    end(app, cast, "ana")
    answer = ana.post(page.path, fields, headers={**HTMX, "HX-Target": "booking"})

    assert answer.headers["HX-Retarget"] == "body"
    assert answer.headers["HX-Push-Url"] == "false"
    assert set(answer.headers["HX-Reselect"].split(", ")) == {".skip", ".top", "main", ".foot"}
    again = enter(answer, "ana")
    assert "Send it now" not in again.main.text, "a choice sends nothing"
    assert again.press("Continue").values("Confirm my visit")["symptoms"] == WORDS
    assert not done(app, cast, places, "booking")


@pytest.mark.parametrize("address", ["/a-page-of-last-year", "/patient/records", "/patient?x=1"])
def test_what_was_typed_into_a_form_that_is_gone_is_told_without_its_fields(app: Flask, address: str) -> None:
    with app.test_request_context("/login"):
        assert list(UnsentForm(1, address, [("symptoms", WORDS)]).summary()) == []


# --- complete by construction -----------------------------------------------------------------------------------------

#: Forms in which nothing is typed: a button alone, or a choice of one thing.
PRESSED = {
    "public.sign_out",
    "public.preferences",
    "doctor.confirm",
    "doctor.complete",
    "doctor.end_leave",
    "admin.doctor_leave_end",
    "admin.doctor_hours_remove",
    "admin.closure_remove",
    "admin.holidays",
    "doctor.end_extra_hours",
    "admin.doctor_extra_hours_end",
    "admin.confirm",
    "admin.desk_confirm",
    "admin.complete",
    "admin.entry_switch",
    "admin.user_switch",
    "admin.user_invite",
    "admin.user_reset_factor",
    "admin.user_identity",
    "admin.user_keep_email",
    "admin.mail_again",
    "account.end_device",
    "account.end_others",
    "account.end_all",
    "account.confirm",
    "account.email_again",
    "account.email_withdraw",
    "account.remove_totp",
    "account.remove_passkey",
    "account.recovery_codes",
    # A code or the password is typed anew.
    "account.set_up_totp",
    "account.prove",
}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_every_form_in_which_people_type_is_marked(app: Flask) -> None:
    posting = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and guard.is_ours(rule.endpoint)
    }
    marked = {name for name in posting if hasattr(app.view_functions[name], "unsent_form")}

    assert posting - marked == PRESSED, "mark the view with @keeps_unsent(its form), or say here that nothing is typed"
