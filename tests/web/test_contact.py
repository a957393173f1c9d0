"""How people reach the clinic: in every footer, on a page of its own, and wherever they are asked to call."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from flask import Flask

from clinic import contact, scheduling
from clinic.contact import Contact, Helpline
from clinic.i18n import LANGUAGES
from clinic.scheduling import OpeningHoursRow
from tests.people import Cast
from tests.web.conftest import LATER, TODAY
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]

PHONE = "028 1234 5678"
CALL = "tel:02812345678"
MAP = "https://www.openstreetmap.org/?mlat=10.7800&mlon=106.6900#map=17/10.7800/106.6900"


@pytest.fixture
def reach(clinic_has: Callable[..., None]) -> Callable[[Contact], None]:
    """Set how the clinic is reached for the rest of a test."""
    return lambda contact: clinic_has(contact=contact)


def numbers(sheet: Sheet, inside: str = "main") -> list[str]:
    """Where the links of a part of the page that call somebody lead."""
    return [link.attrs["href"] for link in sheet.tree.one(inside).all("a") if link.attrs["href"].startswith("tel:")]


# --- footer and contact page ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "path"), [("", "/"), ("ana", "/patient/"), ("chen", "/doctor/"), ("esther", "/admin/")]
)
def test_every_footer_says_how_to_reach_the_clinic(guest: Visitor, as_: As, name: str, path: str) -> None:
    footer = (as_(name) if name else guest).get(path).tree.one("footer")
    for words in (PHONE, "hello@clinic.example", "12 Lotus Street, Ward 6,"):
        assert words in footer.text
    for words in ("Opening hours", "Monday to Saturday", "07:30 to 17:30"):
        assert (words in footer.text) is (path == "/")
    links = [link.attrs["href"] for link in footer.all("a")]
    assert {CALL, "tel:115", "mailto:hello@clinic.example", MAP, "/contact", "/privacy"} <= set(links)


def test_the_footer_is_in_the_readers_language(app: Flask) -> None:
    footer = Visitor(app, "vi").get("/").tree.one("footer")
    for words in ("12 đường Hoa Sen, phường 6,", "Thứ Hai đến thứ Bảy", "07:30 đến 17:30", "Cấp cứu: gọi"):
        assert words in footer.text


def test_the_contact_page_is_in_every_footer(guest: Visitor) -> None:
    page = guest.get("/doctors").click("Contact", "footer")
    assert page.h1 == "Contact Sen Clinic"
    assert numbers(page) == ["tel:115", CALL]


def test_helplines_stand_on_the_contact_page(guest: Visitor, reach: Callable[[Contact], None]) -> None:
    both = dict.fromkeys(LANGUAGES, "A helpline")
    reach(Contact(helplines=(Helpline(name=both, number="1800 0000", hours=both, source=both),)))
    assert numbers(guest.get("/contact")) == ["tel:115", "tel:18000000"]


def test_where_nothing_was_entered_nothing_is_invented(guest: Visitor, reach: Callable[[Contact], None]) -> None:
    reach(Contact(emergency_number="112"))
    page = guest.get("/contact")
    assert "we haven't entered a phone number or an address" in page.main.text
    for part in ("main", "footer"):
        assert numbers(page, part) == ["tel:112"]
    assert not page.tree.one("footer").all("h2")
    assert "Trouble signing in? Ask at reception." in guest.get("/login").main.text


def test_where_there_is_no_phone_people_write(guest: Visitor, reach: Callable[[Contact], None]) -> None:
    reach(Contact(email="desk@sen.example"))
    assert "Trouble signing in? Write to us at desk@sen.example" in guest.get("/login").main.text


def test_hours_without_days_stand_alone(guest: Visitor, reach: Callable[[Contact], None]) -> None:
    reach(contact.parse_contact({"hours": "Open day and night"}))
    hours = guest.get("/contact").main.one("dl", class_="hours")
    assert [cell.text for cell in hours.all("dd")] == ["Open day and night"]
    assert not hours.all("dt")


def test_hours_that_are_entered_stand_before_the_settings_words(app: Flask, cast: Cast, guest: Visitor) -> None:
    hours: list[OpeningHoursRow] = [
        {"weekday": day, "from_time": time(8), "to_time": time(11, 30)} for day in (1, 2, 3)
    ]
    assert "07:30 to 17:30" in guest.get("/").tree.one("footer").text
    with app.app_context():
        scheduling.set_opening_hours(cast.actor("esther"), hours)

    for visitor, open_days, closed_days in (
        (guest, "Monday to Wednesday", "Thursday to Sunday"),
        (Visitor(app, "vi"), "Thứ Hai đến Thứ Tư", "Thứ Năm đến Chủ Nhật"),
    ):
        footer = visitor.get("/").tree.one("footer").text
        assert open_days in footer
        assert closed_days in footer
        assert "08:00–11:30" in footer
        assert "07:30 to 17:30" not in footer
        assert "17:30" not in visitor.get("/contact").main.text
    with app.app_context():
        scheduling.set_opening_hours(cast.actor("esther"), [])
    assert "07:30 to 17:30" in guest.get("/").tree.one("footer").text


# --- where people are asked to call -----------------------------------------------------------------------------------


@pytest.fixture
def today(appointment: Make) -> int:
    """A visit that can't be cancelled online any more."""
    return appointment(TODAY, "15:00", status="confirmed")


@pytest.mark.parametrize("path", ["/patient/", "/patient/appointments/{today}", "/patient/appointments/{today}/cancel"])
def test_who_is_too_late_to_cancel_reads_the_number(as_: As, today: int, path: str) -> None:
    page = as_("ana").get(path.format(today=today))
    assert f"all us on {PHONE}" in page.main.text
    assert CALL in numbers(page)


def test_who_cancels_too_late_reads_that_reception_still_can(
    as_: As, appointment: Make, clock_at: Callable[[str], object]
) -> None:
    question = as_("ana").get(f"/patient/appointments/{appointment(LATER)}/cancel")
    clock_at("2026-03-03 09:01")
    refused = question.press("Cancel the visit")
    assert refused.status == 409
    assert f"Reception can still cancel it. Call us on {PHONE}" in refused.main.text
    assert numbers(refused) == [CALL], "said once"


def test_who_has_begun_can_call(as_: As, appointment: Make) -> None:
    begun = appointment(TODAY, "08:00", status="confirmed")
    assert numbers(as_("ana").get(f"/patient/appointments/{begun}/reschedule")) == [CALL]


def test_the_doctor_is_not_told_to_call(as_: As, today: int) -> None:
    assert "Call us" not in as_("chen").get(f"/doctor/appointments/{today}/cancel").main.text


@pytest.mark.parametrize("path", ["/patient/profile", "/patient/trail", "/privacy", "/login", "/reset-password/x/y"])
def test_nobody_is_sent_to_us_without_the_number(app: Flask, guest: Visitor, as_: As, path: str) -> None:
    page = (as_("ana") if path.startswith(("/patient", "/privacy")) else guest).get(path)
    assert f"Call us on {PHONE}" in page.main.text
    assert CALL in numbers(page)


@pytest.mark.parametrize("path", ["/nowhere", "/admin/"])
def test_error_pages_say_how_to_reach_us(guest: Visitor, as_: As, path: str) -> None:
    assert {CALL, "tel:115"} <= set(numbers(as_("ana").get(path), "footer"))


def test_no_text_asks_to_call_without_saying_where(root: Path) -> None:
    """Such a sentence has `call_us()` of components/contact.html after it, which names the number."""
    with (root / "clinic/translations/vi/LC_MESSAGES/messages.po").open("rb") as file:
        texts = [str(message.id) for message in read_po(file)]
    bare = ("call the clinic", "call the reception", "tell the reception", "ask at the reception")
    assert not [text for text in texts if any(words in text.lower() for words in bare)]


# --- what is past -----------------------------------------------------------------------------------------------------


def test_the_office_is_not_promised_what_cannot_be(as_: As, appointment: Make) -> None:
    page = as_("esther").get(f"/admin/appointments/{appointment(TODAY, '08:00')}/cancel")
    assert "free for somebody else" not in page.main.text
    assert "As this visit's time has passed, we won't e-mail the patient." in page.main.text
    flash = page.press("Cancel the visit").follow().tree.one(id="flash").text
    assert "we won't e-mail the patient" in flash


def test_the_office_reads_that_another_room_is_mailed(as_: As, appointment: Make) -> None:
    esther = as_("esther")
    for number, words in (
        (appointment(LATER, "09:00"), "If you change the room: We'll e-mail the patient."),
        (
            appointment(TODAY, "08:00"),
            "If you change the room: As this visit's time has passed, we won't e-mail the patient.",
        ),
    ):
        assert words in esther.get(f"/admin/appointments/{number}/edit").main.text


# --- the head of every page -------------------------------------------------------------------------------------------


def heads(sheet: Sheet, name: str) -> Iterator[dict[str, Any]]:
    return (node.attrs for node in sheet.tree.one("head").all("meta") if node.get("name") == name)


def test_the_browsers_frame_has_the_pages_colour(guest: Visitor) -> None:
    both = {attrs["media"]: attrs["content"] for attrs in heads(guest.get("/"), "theme-color")}
    assert both == {"(prefers-color-scheme: light)": "#eef9f6", "(prefers-color-scheme: dark)": "#09191b"}
    guest.client.set_cookie("theme", "dark")
    assert [attrs["content"] for attrs in heads(guest.get("/"), "theme-color")] == ["#09191b"]


@pytest.mark.parametrize(
    "path", ["/", "/departments", "/departments/{cardiology}", "/doctors", "/doctors/{chen}", "/contact"]
)
def test_pages_for_everybody_describe_themselves(guest: Visitor, cast: Cast, path: str) -> None:
    (described,) = heads(guest.get(path.format(**vars(cast))), "description")
    assert 20 < len(described["content"]) < 160


def test_phones_keep_the_portal_among_their_apps(app: Flask, guest: Visitor, root: Path) -> None:
    (link,) = (node for node in guest.get("/").tree.one("head").all("link") if node.get("rel") == "manifest")
    answer = app.test_client().get(link.attrs["href"])
    assert answer.mimetype == "application/manifest+json"
    assert answer.cache_control.max_age
    assert not answer.headers.getlist("Set-Cookie"), "it is the same for everybody"
    manifest = answer.get_json()
    assert (manifest["name"], manifest["start_url"], manifest["display"]) == ("Sen Clinic", "/", "standalone")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        file = root / icon["src"].lstrip("/").partition("?")[0]
        width, height = struct.unpack(">II", file.read_bytes()[16:24])
        assert icon["sizes"] == f"{width}x{height}"
