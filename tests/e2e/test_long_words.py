"""Nothing that people type widens a page or a printed sheet: every field holds one word, as long as it may be."""

from __future__ import annotations

from itertools import count
from typing import Any, cast

import pytest
from playwright.sync_api import Page
from sqlalchemy import Table, func, select, update

from clinic.accounts.models import Patient, SignInSession, User, name_key
from clinic.db import transaction
from clinic.directory.models import Department, Doctor, Room, Service
from clinic.mail import OutboxMail
from clinic.records.models import DIAGNOSIS_MAX, TEXT_MAX, MedicalRecord, RecordRevision
from clinic.scheduling.models import NOTES_MAX, REASON_MAX, SYMPTOMS_MAX, Appointment, DoctorLeave
from tests.browser import Opener
from tests.e2e.conftest import sign_in
from tests.e2e.measures import wider
from tests.e2e.tour import EVERYBODY, Places, places
from tests.people import ANA, CHEN, ESTHER
from tests.servers import LiveServer

__all__ = ["places"]

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

NARROW = {"width": 320, "height": 800}
#: A sheet of A5 and of A4 without its margins, in CSS pixels (a hundredth of an inch is 0.96 of one).
SHEETS = {"A5": 438, "A4": 673}
#: What people fill in, table by table; a column of limited length is filled to its end.
FILLED = {
    User: ("full_name",),
    Patient: ("address", "insurance_id", "emergency_contact"),
    Department: ("name", "description"),
    Service: ("name", "description"),
    Room: ("room_number",),
    Doctor: ("title", "specialization", "bio", "license_number"),
    Appointment: ("symptoms", "reason", "notes", "cancellation_reason"),
    MedicalRecord: ("diagnosis", "prescription", "treatment_plan", "notes"),
    DoctorLeave: ("reason",),
    SignInSession: ("device",),
    OutboxMail: ("subject", "last_error"),
}
#: Of texts without a limit in the database, the domain's.
LIMITS = {"symptoms": SYMPTOMS_MAX, "reason": REASON_MAX, "notes": NOTES_MAX, "cancellation_reason": REASON_MAX}
LIMITS |= {"diagnosis": DIAGNOSIS_MAX, "prescription": TEXT_MAX, "treatment_plan": TEXT_MAX}
SHORTER = 400  # a page needs no longer word to be too wide
UNIQUE = {"name", "room_number", "license_number"}


def word(length: int, end: str = "") -> str:
    """One word of so many wide letters."""
    return "Wmw" * (length // 3 - len(end)) + end


def long_email(email: str) -> str:
    """An e-mail as long as one may be, for somebody of the cast."""
    name = email.partition("@")[0]
    return f"{name}{'w' * (64 - len(name))}@{'m' * 60}.{'w' * 60}.{'m' * 50}.example"


@pytest.fixture
def overgrown(live_server: LiveServer, places: Places) -> Places:
    """A clinic in which every text is one long word."""
    numbers = count(1)
    with live_server.app.app_context(), transaction() as session:
        for model, names in FILLED.items():
            table = cast(Table, model.__table__)
            key = next(iter(table.primary_key))
            for identity in session.scalars(select(key)).all():
                texts: dict[str, Any] = {}
                for name in names:
                    limit = getattr(table.c[name].type, "length", None) or LIMITS.get(name, SHORTER)
                    texts[name] = word(min(limit, SHORTER), str(next(numbers)) if name in UNIQUE else "")
                if model is User:
                    texts["name_key"] = name_key(texts["full_name"])
                if "translations" in table.c:
                    texts["translations"] = {}
                session.execute(update(table).where(key == identity).values(**texts))
        for identity, email in session.execute(select(User.id, User.email)).all():
            session.execute(update(User).where(User.id == identity).values(email=long_email(str(email))))
        for record in session.scalars(select(MedicalRecord)).all():
            texts = {name: word(SHORTER) for name in FILLED[MedicalRecord]}  # nobody changes an earlier version
            session.add(
                RecordRevision(record_id=record.id, version=2, by_user_id=places["chen"], by_name=word(150), **texts)
            )
        assert session.scalar(select(func.max(func.length(User.email)))) > 200
    return places


def on_paper(page: Page) -> list[str]:
    """What is wider than a sheet of paper, or is cut where paper can't scroll."""
    faults = []
    page.emulate_media(media="print")
    for sheet, width in SHEETS.items():
        page.set_viewport_size({"width": width, "height": 900})
        faults += [f"on {sheet}: {fault}" for fault in wider(page)]
        faults += [f"on {sheet}: cut {each}" for each in page.evaluate(_CUT)]
    page.emulate_media(media="screen")
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    return faults


_CUT = """() => [...document.querySelectorAll('main *')]
  .filter(node => node.scrollWidth > node.clientWidth + 2 && node.clientWidth && node.checkVisibility())
  .filter(node => getComputedStyle(node).clipPath === 'none')
  .filter(node => /auto|scroll|hidden|clip/.test(getComputedStyle(node).overflowX) && !node.closest('.vh, svg, input, textarea, select'))
  .slice(0, 3).map(node => node.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("who", ["", ANA, CHEN, ESTHER], ids=["guest", "patient", "doctor", "office"])
def test_a_long_word_widens_no_page_and_no_sheet(open_page: Opener, overgrown: Places, who: str) -> None:
    page = open_page("mobile", viewport=NARROW)
    if who:
        sign_in(page, long_email(who))
    found = {}
    for path in EVERYBODY[who]:
        page.goto(path.format(**overgrown))
        found[path] = [*wider(page), *on_paper(page)]

    assert not any(found.values()), "\n".join(
        f"{path}\n  {fault}" for path, faults in found.items() for fault in faults
    )
