"""Forms that are sent after the session in which they were opened has ended: which, by whom, and what comes of them."""

from __future__ import annotations

from typing import Any

from flask import Flask

from clinic import accounts, records, scheduling
from tests.people import ANA, BORIS, CHEN, DIALLO, ESTHER, PASSWORD, Cast
from tests.web.conftest import LATER
from tests.web.visitor import Sheet, signed_in

WORDS = "Đau ngực về đêm & <b>khó thở</b>"
MAILS = {"ana": ANA, "boris": BORIS, "chen": CHEN, "diallo": DIALLO, "esther": ESTHER}
SIGNED_OUT = {
    "en": "You were signed out. Sign in, and we'll keep what you typed.",
    "vi": "Phiên đăng nhập của bạn đã kết thúc. Hãy đăng nhập, nội dung bạn đã nhập vẫn được giữ.",
}
BUTTONS = {"en": ("Sign in", "Send it now"), "vi": ("Đăng nhập", "Gửi ngay")}


#: By name: who types, the form's address, its button in both languages, and what is typed.
FORMS: dict[str, tuple[str, str, dict[str, str], dict[str, str]]] = {
    "record": (
        "chen",
        "/doctor/appointments/{seen}/record",
        {"en": "Save the record", "vi": "Lưu bệnh án"},
        {"diagnosis": WORDS, "prescription": "Amlodipin 5 mg\r\n1 viên", "heart_rate": "72"},
    ),
    "leave": (
        "chen",
        "/doctor/leave",
        {"en": "Add this leave", "vi": "Thêm ngày nghỉ này"},
        {"first_day": "2026-03-20", "last_day": "2026-03-21", "reason": WORDS},
    ),
    "cancelling": (
        "ana",
        "/patient/appointments/{coming}/cancel",
        {"en": "Cancel the visit", "vi": "Huỷ buổi khám"},
        {"reason": WORDS},
    ),
    "booking": (
        "ana",
        "/book/review?department={cardiology}&doctor={chen}&day={later}&time=10:00",
        {"en": "Confirm my visit", "vi": "Xác nhận buổi khám"},
        {"symptoms": WORDS, "reason": "Tái khám"},
    ),
    "profile": (
        "ana",
        "/patient/profile",
        {"en": "Save", "vi": "Lưu"},
        {"address": WORDS, "full_name": "Ana Nguyễn Mới"},
    ),
}


def end(app: Flask, cast: Cast, name: str) -> None:
    """End all of somebody's sessions, as signing out elsewhere or a new password does."""
    with app.app_context():
        accounts.end_all_sessions(cast.actor(name))


def typed_too_late(app: Flask, cast: Cast, places: dict[str, Any], form: str, language: str = "en") -> Sheet:
    """Open a form, type, and press its button after the session has ended."""
    name, address, buttons, words = FORMS[form]
    visitor = signed_in(app, getattr(cast, name), language)
    visitor.client.set_cookie("lang", language)
    page = visitor.get(address.format(**places))
    end(app, cast, name)
    return page.press(buttons[language], **words)


def enter(page: Sheet, name: str, language: str = "en") -> Sheet:
    """Sign in by the form that a page shows."""
    return page.press(BUTTONS[language][0], email=MAILS[name], password=PASSWORD)


def done(app: Flask, cast: Cast, places: dict[str, Any], form: str) -> bool:
    """Tell whether what the form asks for has happened."""
    with app.app_context():
        if form == "record":
            found = records.records_for(cast.actor("chen"), [places["seen"]]).get(places["seen"])
            return found is not None and found["diagnosis"] == WORDS and found["vital_signs"] == {"heart_rate": 72}
        if form == "leave":
            return [row["reason"] for row in scheduling.leaves(cast.actor("chen"))] == [WORDS]
        if form == "cancelling":
            appointment = scheduling.appointment(cast.actor("ana"), places["coming"])
            return (appointment["status"], appointment["cancellation_reason"]) == ("cancelled", WORDS)
        if form == "booking":
            rows = scheduling.appointments(cast.actor("ana"), date_from=LATER, date_to=LATER).results
            return [row["symptoms"] for row in rows if f"{row['appointment_time']:%H:%M}" == "10:00"] == [WORDS]
        return cast.actor("ana").full_name == "Ana Nguyễn Mới"
