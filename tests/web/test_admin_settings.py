"""The office's settings: what is saved shows on every page, what is wrong is said at once, and the history tells all of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic import configuration
from clinic.app import SETTINGS
from tests.people import Cast
from tests.web.conftest import LATER, TOMORROW
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
PAGE = "/admin/settings"


@pytest.fixture
def saved(app: Flask, cast: Cast) -> Callable[..., int]:
    """Saves settings as Esther."""

    def save(**changes: object) -> int:
        with app.app_context():
            return configuration.save(cast.actor("esther"), changes)  # type: ignore[arg-type] # names of its keys

    return save


def labels(page: Sheet) -> list[str]:
    """What is at fault, as the summary above the form lists it."""
    return [link.text.partition(":")[0] for link in page.main.one("div", class_="error").all("a")]


def test_it_is_found_from_the_first_page(as_: As) -> None:
    menu = as_("esther").get("/admin/").tree.one("div", class_="office")

    assert menu.with_text("a", "Settings").attrs["href"] == PAGE
    page = as_("esther").get(PAGE)
    assert page.h1 == "Settings"
    assert page.click("Opening hours").path == "/admin/opening-hours"
    assert page.click("Closed days").path == "/admin/closures"


def test_what_is_saved_shows_on_every_page_at_once(app: Flask, as_: As, guest: Visitor) -> None:
    esther = as_("esther")
    answer = esther.get(PAGE).press("Save", clinic_name="Phòng khám Hồ Tây", phone="024 9876 5432")

    assert (answer.status, answer.goes_to) == (303, PAGE)
    page = answer.follow()
    assert "Your changes are saved." in page.main.text
    for path in ("/", "/login"):
        shown = guest.get(path).tree
        assert "Phòng khám Hồ Tây" in shown.one("header").text
        assert "024 9876 5432" in shown.one("footer").text
    assert guest.client.get("/manifest.webmanifest").get_json()["name"] == "Phòng khám Hồ Tây"


def test_everything_wrong_is_said_at_once_in_ones_language_and_what_was_typed_stays(as_: As) -> None:
    esther = as_("esther")
    page = esther.get(PAGE).press("Save", phone="call us", emergency_number="one", horizon_days="400", languages=[])

    assert page.status == 422
    assert labels(page) == ["Emergency number", "Phone", "Days ahead that can be booked", "Languages offered"]
    assert "Please enter a number from 7 to 90." in page.main.text
    assert page.tree.one("input", name="phone").attrs["value"] == "call us"

    esther.client.set_cookie("lang", "vi")
    page = esther.get(PAGE).press("Lưu", phone="call us", notice_hours="soon")
    assert page.status == 422
    for words in ("Vui lòng nhập số điện thoại, ví dụ 028 1234 5678.", "Vui lòng nhập số nguyên."):
        assert words in page.main.text


def test_who_saved_meanwhile_is_not_written_over(as_: As, saved: Callable[..., int]) -> None:
    form = as_("esther").get(PAGE)
    saved(phone="024 1111 1111")
    page = form.press("Save", phone="024 2222 2222")

    assert page.status == 412
    assert "Somebody else changed the settings after you opened them." in page.main.text
    assert "024 1111 1111" in page.main.text
    assert page.tree.one("input", name="phone").attrs["value"] == "024 2222 2222"
    assert page.press("Save my version").status == 303


def test_one_press_goes_back_to_the_servers_value(as_: As, saved: Callable[..., int]) -> None:
    saved(emergency_number="113", notice_hours=12)
    esther = as_("esther")
    page = esther.get(PAGE)
    rows = [row.text for row in page.main.all("section")[0].all("th", scope="row")]
    assert rows == ["Emergency number", "Hours before a visit until which it can be cancelled"]

    answer = page.press("Use the server's : Emergency number")

    assert answer.status == 303
    page = esther.get(PAGE)
    assert page.tree.one("input", name="emergency_number").attrs["value"] == "115"
    assert page.tree.one("input", name="notice_hours").attrs["value"] == "12"


def test_the_history_tells_who_changed_what(as_: As, saved: Callable[..., int]) -> None:
    assert "Nothing has been changed yet." in as_("esther").get(PAGE).main.text
    saved(notice_hours=12, languages=["vi"], is_demo=True)

    history = as_("esther").get(PAGE).main.one("ol", class_="history").text
    assert "Esther Office" in history
    for words in (
        "from “24 hours” to “12 hours”",
        "from “English, Tiếng Việt” to “Tiếng Việt”",
        "from “not shown” to “shown”",
    ):
        assert words in history
    trail = as_("esther").get("/admin/trail").main.text
    assert "changed the clinic's settings: Hours before a visit" in trail


def test_a_demo_says_so_on_every_page(guest: Visitor, as_: As, saved: Callable[..., int]) -> None:
    assert not guest.get("/").tree.all("p", class_="demo")
    saved(is_demo=True)

    for page in (guest.get("/"), guest.get("/nowhere"), as_("ana").get("/patient/"), as_("esther").get("/admin/")):
        assert "Everything here is invented." in page.tree.one("p", class_="demo").text


def test_a_language_that_is_not_offered_is_no_guests_but_stays_that_of_an_account(
    app: Flask, as_: As, saved: Callable[..., int], cast: Cast
) -> None:
    ana = as_("ana")
    ana.client.set_cookie("lang", "vi")
    assert ana.get("/patient/").tree.one("html").get("lang") == "vi"
    saved(languages=["en"])

    reader = Visitor(app, "vi")
    assert reader.get("/").tree.one("html").get("lang") == "en"
    reader.client.set_cookie("lang", "vi")
    assert reader.get("/").tree.one("html").get("lang") == "en"
    assert "Tiếng Việt" not in reader.get("/").tree.one("header").text
    # Ana's account is in English, so the cookie is no more than anybody's.
    assert ana.get("/patient/").tree.one("html").get("lang") == "en"

    saved(languages=["vi"])
    assert Visitor(app).get("/").tree.one("html").get("lang") == "vi"
    ana.client.delete_cookie("lang")
    page = ana.get("/patient/")
    assert page.tree.one("html").get("lang") == "en"
    assert "Tiếng Việt" in page.tree.one("header").text


def test_days_ahead_and_notice_are_the_clinics(
    as_: As, guest: Visitor, cast: Cast, saved: Callable[..., int], appointment: Callable[..., int]
) -> None:
    number = appointment(LATER, "09:00")
    far = "/api/v1/available-slots/?doctor_id={}&date=2026-04-10"
    assert guest.client.get(far.format(cast.chen)).status_code == 400
    saved(horizon_days=60, notice_hours=168)

    assert guest.client.get(far.format(cast.chen)).status_code == 200
    assert "168" in as_("ana").get(f"/patient/appointments/{number}").main.text


def test_how_soon_patients_book_is_the_clinics(as_: As, cast: Cast, saved: Callable[..., int]) -> None:
    day = f"/api/v1/available-slots/?doctor_id={cast.chen}&date={TOMORROW}"
    ana, esther = as_("ana"), as_("esther")
    assert ana.client.get(day).get_json()["available_slots"][0]["available"]
    answer = esther.get(PAGE).press("Save", lead_hours="48")

    assert answer.follow().tree.one("input", name="lead_hours").attrs["value"] == "48"
    assert "from “0 hours” to “48 hours”" in esther.get(PAGE).main.one("ol", class_="history").text
    assert not any(slot["available"] for slot in ana.client.get(day).get_json()["available_slots"])


def test_the_letterhead_is_printed_below_the_name(as_: As, saved: Callable[..., int]) -> None:
    saved(letterhead="Sen Health JSC\nLicence 0123", letterhead_vi="Công ty Y tế Sen")

    assert "Sen Health JSC" in as_("esther").get(PAGE).main.one("div", class_="sheet-head").text


def test_another_application_of_the_process_keeps_its_own(app: Flask, saved: Callable[..., int]) -> None:
    saved(clinic_name="Phòng khám Hồ Tây")
    known = app.extensions[SETTINGS]
    with app.app_context():
        known.fresh()

    assert known.present.clinic_name == "Phòng khám Hồ Tây"
    assert known.environment.clinic_name == "Sen Clinic"
