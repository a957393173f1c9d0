"""Language and colours change without losing anything that is typed, on every page with a form, without any script."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin

import pytest
from flask import Flask

from clinic import mail
from clinic.limits import limiter
from clinic.web.kit.unsent_forms import UnsentForm
from tests.people import Cast
from tests.web.conftest import LATER
from tests.web.test_symptoms import ALARM, SELF_HARM
from tests.web.visitor import Sheet, Visitor, birthday, values_of

As = Callable[[str], Visitor]
Make = Callable[..., int]

#: Who reads a page with a form in which people type, and what they have typed; {visit} is Ana's visit to Dr Chen.
PAGES = [
    (
        "guest",
        "/register",
        {"full_name": "Lê Thu", "email": "x", "phone_num": "12", **birthday("x-13-40"), "password": "?"},
    ),
    ("guest", "/login?next=/book", {"email": "ana@exam", "password": "sen"}),
    ("guest", "/forgot-password", {"email": "an"}),
    ("ana", "/patient/profile", {"full_name": "", "emergency_contact": "Bà Tư", **birthday("91-2-30")}),
    ("ana", "/account/password", {"old_password": "a", "new_password": "b"}),
    ("ana", "/patient/appointments/{visit}/edit", {"symptoms": "Tôi bị chóng mặt\nvà mệt", "reason": "<b>"}),
    ("ana", "/patient/appointments/{visit}/cancel", {"reason": "Bận"}),
    ("ana", "/suggest-department", {"symptoms": "Tôi bị chóng mặt"}),
    ("guest", "/search", {"q": "Tôi bị chóng mặt"}),
    ("chen", "/doctor/profile", {"phone_num": "", "bio": "words " * 900}),
    ("chen", "/doctor/appointments/{visit}/notes", {"notes": "Bring the cuff"}),
    ("chen", "/doctor/appointments/{visit}/staff-notes", {"staff_notes": "Ask about his wife"}),
    ("chen", "/doctor/appointments/{visit}/record", {"diagnosis": "", "height": "1.70", "follow_up_date": "soon"}),
    ("chen", "/doctor/appointments/{visit}/cancel", {"reason": "Ill"}),
    ("chen", "/doctor/leave", {"reason": "Wedding", "first_day": "x"}),
    ("esther", "/admin/patients/new", {"full_name": "Lan", "phone_num": "1", **birthday("1948-2-x")}),
    ("esther", "/admin/users/new", {"full_name": "Mai", "email": "mai"}),
    ("esther", "/admin/doctors/new", {"bio_vi": "Chữ", "consultation_fee": "much"}),
    ("esther", "/admin/rooms/new", {"room_number": "9", "floor": "x"}),
    ("esther", "/admin/departments/{heart}", {"name": "", "description_vi": "Tim"}),
    ("esther", "/admin/users/{ana}", {"full_name": "", "phone_num": "1"}),
    ("esther", "/admin/doctors/{chen}", {"title": "Prof", "consultation_fee": "x"}),
    ("esther", "/admin/appointments/{visit}/edit", {"reason": "By phone"}),
    ("esther", "/admin/appointments/{visit}/cancel", {"reason": "By phone"}),
]


def press(page: Sheet, preference: str, value: str, **typed: str) -> Sheet:
    """Press a button for language or colours while something is typed."""
    found = page.tree.all("button", data_preference=preference, value=value)
    form = page.tree.one("form", id=found[0].attrs["form"])
    fields = values_of(form) | typed
    assert not set(typed) - set(values_of(form))
    return page.visitor.post(urljoin(page.path, form.attrs["action"]), {**fields, found[0].attrs["name"]: value})


@pytest.fixture
def path_of(cast: Cast, appointment: Make) -> Callable[[str], str]:
    """The address of a page of PAGES."""
    number = appointment(at="09:30", on=LATER, status="confirmed")
    return lambda path: path.format(visit=number, heart=cast.cardiology, ana=cast.ana, chen=cast.chen)


@pytest.mark.parametrize(("who", "path", "typed"), PAGES, ids=[f"{who}{path}" for who, path, _ in PAGES])
def test_what_is_typed_stays_in_the_other_language_and_colours(
    app: Flask, as_: As, guest: Visitor, path_of: Callable[[str], str], who: str, path: str, typed: dict[str, str]
) -> None:
    visitor = guest if who == "guest" else as_(who)
    begun = visitor.get(path_of(path))
    with app.app_context():
        queued = mail.all_mail()  # whose account is opened is told of it
    shown = press(begun, "language", "vi", **typed)
    assert (shown.status, shown.tree.one("html").get("lang")) == (200, "vi")
    assert not shown.main.all("p", class_="err"), "nothing was sent yet, so nothing is wrong yet"
    assert not shown.main.all(role="alert")
    dark = press(shown, "theme", "dark")
    assert (dark.status, dark.tree.one("html").get("data-theme")) == (200, "dark")
    kept = values_of(dark.tree.one("form", id="details"))
    for name, text in typed.items():
        assert kept[name].replace("\r\n", "\n") == ("" if "password" in name else text), name
    assert visitor.get("/privacy").tree.one("html").get("data-theme") == "dark"
    with app.app_context():
        assert mail.all_mail() == queued, "nothing was done"


def test_a_refused_form_stays_in_another_language(guest: Visitor, cast: Cast) -> None:
    refused = guest.get("/register").press("Register", full_name="Lê Thu", phone_num="12")
    assert refused.status == 422
    shown = press(refused, "language", "vi")
    assert (shown.status, values_of(shown.tree.one("form", id="details"))["phone_num"]) == (200, "12")
    again = shown.press("Đăng ký")
    assert "Vui lòng" in again.main.one(role="alert").text


@pytest.mark.parametrize(("path", "name"), [("/search", "q"), ("/suggest-department", "symptoms")])
@pytest.mark.parametrize(("words", "said"), [("chest pain", ALARM), ("I want to die", SELF_HARM)])
def test_an_alarm_is_told_again_in_the_other_language(
    guest: Visitor, cast: Cast, path: str, name: str, words: str, said: dict[str, str]
) -> None:
    alarm = guest.post(path, {name: words})
    assert said["en"] in alarm.h1
    shown = press(alarm, "language", "vi")
    assert (shown.status, values_of(shown.tree.one("form", id="details"))[name]) == (200, words)
    assert said["vi"] in shown.h1
    assert said["vi"] in press(shown, "theme", "dark").h1


@pytest.mark.parametrize("path", ["/search", "/suggest-department"])
def test_another_language_before_anything_is_asked_asks_nothing(guest: Visitor, cast: Cast, path: str) -> None:
    shown = press(guest.get(path), "language", "vi")
    assert (shown.status, shown.main.all("p", class_="err")) == (200, [])


def test_words_for_a_booking_stay(as_: As, cast: Cast) -> None:
    choices = f"/book/review?department={cast.cardiology}&doctor={cast.chen}&day={LATER.isoformat()}&time=10:00"
    shown = press(as_("ana").get(choices), "language", "vi", reason="Tôi bị chóng mặt")
    assert (shown.status, shown.path) == (200, choices)
    assert values_of(shown.tree.one("form", id="details"))["reason"] == "Tôi bị chóng mặt"
    again = press(shown, "language", "en")
    assert again.press("Confirm my visit").status == 303


@pytest.mark.parametrize(
    ("who", "page"), [("chen", "/doctor/appointments/{visit}"), ("esther", "/admin/appointments/{visit}")]
)
def test_where_nothing_can_be_read_the_page_above_comes_in_the_other_language(
    as_: As, appointment: Make, who: str, page: str
) -> None:
    """A press that was refused is answered at an address that only takes commands."""
    visitor, path = as_(who), page.format(visit=appointment(status="cancelled"))
    assert visitor.command(f"{path}/confirm").status == 409
    shown = visitor.command("/preferences", language="vi").follow()
    assert (shown.status, shown.path, shown.tree.one("html").get("lang")) == (200, path, "vi")


def test_a_change_of_language_is_no_try(cast: Cast, make_app: Callable[..., Flask]) -> None:
    """It is neither counted nor a way around counting: such a form isn't acted on."""
    try:
        guest = Visitor(make_app(ratelimit_enabled=True))
        page = guest.get("/forgot-password")
        for _ in range(7):
            assert press(page, "language", "vi", email="ana@example.com").status == 200
        with guest.app.app_context():
            assert mail.all_mail() == []
        guessed = guest.get("/login")
        for _ in range(12):
            assert press(guessed, "theme", "dark", email="ana@example.com", password="Clinic-demo-2026").status == 200
        assert guest.get("/patient/").status == 303, "even the right password opens nothing this way"
    finally:
        limiter.reset()
        limiter.enabled = False


def test_a_page_of_others_stays_closed(as_: As, cast: Cast) -> None:
    answer = as_("ana").command("/admin/patients/new", set_language="vi", full_name="x")
    assert answer.status == 403


def test_a_form_that_was_signed_out_is_sent_after_signing_in_not_shown_again(app: Flask, as_: As, cast: Cast) -> None:
    """The button that was pressed is no part of what was typed."""
    ana = as_("ana")
    page = ana.get("/patient/profile")
    form = values_of(page.tree.one("form", id="details"))
    ana.client.delete_cookie("clinic_session")
    closed = ana.post("/patient/profile", {**form, "full_name": "Ana Lê", "set_language": "vi"})
    with app.test_request_context():
        carried = dict(UnsentForm.opened(closed.tree.one("input", name="unsent_form").attrs["value"]).fields)
    assert carried["full_name"] == "Ana Lê"
    assert "set_language" not in carried
