"""How people reach the clinic: read from a data file and the environment, refused with one clear sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from clinic.config import ConfigError, load
from clinic.contact import Contact, parse_contact, tel, words_in
from clinic.i18n import LANGUAGES
from tests.settings import PRODUCTION

COMPLETE = """
phone = "028 1234 5678"
email = "reception@sen.example"
map_url = "https://maps.example/sen"
latitude = 10.7769
longitude = 106.7009
address = "12 Example Street, Ho Chi Minh City"

[hours]
en = "Monday to Saturday, 07:30 to 17:00"
vi = "Thứ Hai đến Thứ Bảy, 07:30 đến 17:00"

[[helplines]]
name = { en = "A helpline", vi = "Một đường dây" }
number = "1800 0000"
hours = { en = "Every day", vi = "Mỗi ngày" }
source = "Called on 2 November 2026"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "clinic.toml"


def test_without_a_file_the_ambulance_is_known_and_nothing_else():
    for env in ("testing", "production"):
        assert load(PRODUCTION | {"env": env}).contact == Contact(emergency_number="115")


def test_a_portal_that_is_tried_out_has_the_demo_clinic():
    demo = load({"env": "development"}).contact
    assert demo.phone == "028 1234 5678"
    assert "Hoa Sen" in words_in("vi", demo.address)
    assert demo.helplines == ()
    assert load({"env": "development", "clinic_phone": "028 2222 2222"}).contact == replace(demo, phone="028 2222 2222")


def test_every_setting_comes_before_the_file(file):
    file.write_text(COMPLETE, encoding="utf-8")
    settings = {
        "clinic_phone": "028 2222 2222",
        "clinic_email": "desk@sen.example",
        "clinic_address": "7 Other Street",
        "clinic_hours": "Always open",
        "clinic_map_url": "https://maps.example/other",
        "clinic_coordinates": "-1.5, 30",
        "emergency_number": "112",
    }
    contact = load({"clinic_file": file, **settings}).contact
    assert (contact.phone, contact.email, contact.map_url) == (
        "028 2222 2222", "desk@sen.example", "https://maps.example/other",
    )  # fmt: skip
    assert {words_in(lang, contact.address) for lang in LANGUAGES} == {"7 Other Street"}
    assert {words_in(lang, contact.hours) for lang in LANGUAGES} == {"Always open"}
    assert (contact.latitude, contact.longitude, contact.emergency_number) == (-1.5, 30, "112")
    assert len(contact.helplines) == 1


def test_no_helpline_ships():
    """A number from memory may be wrong, or answered by nobody."""
    assert Contact().helplines == ()


def test_a_file_says_everything_in_each_language(file):
    file.write_text(COMPLETE, encoding="utf-8")
    contact = load({"clinic_file": file}).contact
    assert (contact.phone, contact.emergency_number) == ("028 1234 5678", "115")
    assert words_in("vi", contact.hours) == "Thứ Hai đến Thứ Bảy, 07:30 đến 17:00"
    assert words_in("vi", contact.address) == words_in("en", contact.address) == "12 Example Street, Ho Chi Minh City"
    (line,) = contact.helplines
    assert (words_in("vi", line.name), line.number, words_in("en", line.hours)) == (
        "Một đường dây",
        "1800 0000",
        "Every day",
    )


def test_the_environment_comes_before_the_file(file, monkeypatch):
    file.write_text('phone = "028 1111 1111"\nemergency_number = "112"\n', encoding="utf-8")
    monkeypatch.setenv("CLINIC_PHONE", "028 2222 2222")
    assert load({"clinic_file": file}).contact == Contact(phone="028 2222 2222", emergency_number="112")
    monkeypatch.setenv("EMERGENCY_NUMBER", "113")
    assert load({"clinic_file": file}).contact.emergency_number == "113"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('phone = "call us"', "CLINIC_FILE says phone: must be a phone number like 028 1234 5678"),
        ('emergency_number = "help"', "emergency_number: must be a number to dial like 115"),
        ('email = "reception"', "email: "),
        ('map_url = "javascript:alert(1)"', "map_url: must be a web address like https://"),
        ("latitude = 10.7", "latitude and longitude belong together"),
        ("latitude = 100\nlongitude = 0", "latitude: "),
        ('[hours]\nen = "All day"', "hours: must be a text, or one for each of en, vi"),
        ('address = " "', "address: must be a text"),
        ('telephone = "028 1234 5678"', "telephone: "),
        ('[[helplines]]\nname = "A"\nnumber = "1800 0000"\nsource = "x"', "helplines.0.hours: "),
        ("phone = ", "CLINIC_FILE is no TOML file"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start_with_the_reason(file, text, said):
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refusal:
        load({"clinic_file": file})
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_stops_the_start(tmp_path):
    with pytest.raises(ConfigError, match="CLINIC_FILE can't be read"):
        load({"clinic_file": tmp_path / "none.toml"})


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(ValueError, match=r"phone: .*; email: "):
        parse_contact({"phone": "x", "email": "y"})


@pytest.mark.parametrize(
    ("number", "address"),
    [("115", "tel:115"), ("028 1234 5678", "tel:02812345678"), ("+84 (0)28-1234", "tel:+840281234")],
)
def test_a_number_is_dialled_without_what_makes_it_readable(number, address):
    assert tel(number) == address
