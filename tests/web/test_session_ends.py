"""When somebody is signed out, as their pages say it; and what a changed secret leaves of copied cookies and open forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from clinic.settings import SessionLimits
from tests.monday import LATER
from tests.people import PASSWORD
from tests.web.visitor import HTMX, Sheet, Visitor

As = Callable[[str], Visitor]
NEW = "Another-word-for-2027"
ENDS = {"ana": "86400 2592000", "chen": "1800 43200", "esther": "1800 43200"}


@pytest.fixture
def limits(clinic_has: Callable[..., None]) -> None:
    """The limits of a clinic that set none."""
    clinic_has(sessions=SessionLimits())


def bar_of(sheet: Sheet) -> dict[str, str]:
    """What a page says of the end of its session."""
    return sheet.tree.one(id="session-end").attrs


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize("name", ENDS)
def test_a_page_says_when_its_session_ends(as_: As, morning: object, name: str) -> None:
    page = as_(name).get("/account/")
    assert bar_of(page)["data-ends"] == ENDS[name]
    assert bar_of(page)["data-zone"] == "Asia/Ho_Chi_Minh"
    assert "hidden" in page.tree.one(id="session-end").one("p").attrs, "a script shows it in time"


def test_a_guests_page_says_nothing_of_it(guest: Visitor) -> None:
    assert not guest.get("/").tree.all(id="session-end")


@pytest.mark.usefixtures("limits")
def test_who_is_still_here_stays_signed_in(as_: As, clock_at: Callable[..., object], morning: object) -> None:
    chen = as_("chen")
    assert chen.get("/doctor/").status == 200
    clock_at("2026-03-02 09:29")
    answer = chen.get("/account/still-here", headers=HTMX)
    assert (answer.status, answer.html, answer.headers["X-Session-Ends"]) == (204, "", "1800 41460")
    clock_at("2026-03-02 09:58")
    assert chen.get("/account/still-here").goes_to == "/doctor/", "without a script it leads back"
    clock_at("2026-03-02 10:29")
    assert chen.get("/doctor/").status == 303


@pytest.mark.usefixtures("limits")
def test_a_page_that_renews_itself_keeps_nobody_signed_in(
    as_: As, clock_at: Callable[..., object], morning: object
) -> None:
    esther = as_("esther")
    changes = esther.get("/admin/").tree.one(id="desk-day").attrs["data-changes"]
    for at in ("09:20", "09:29"):
        clock_at(f"2026-03-02 {at}")
        assert esther.swap(changes, "desk-day").status in (200, 204)
    clock_at("2026-03-02 09:31")
    assert esther.get("/admin/").status == 303


@pytest.mark.usefixtures("limits")
def test_the_last_end_comes_however_much_somebody_does(
    as_: As, clock_at: Callable[..., object], morning: object
) -> None:
    chen = as_("chen")
    at = clock_at("2026-03-02 09:00")
    for step in range(1, 36):
        clock_at(at + timedelta(minutes=20 * step))  # type: ignore[operator]
        assert chen.get("/account/").status == 200, step
    assert bar_of(chen.get("/account/"))["data-ends"] == "1200 1200"
    clock_at("2026-03-02 21:00")
    assert chen.get("/account/").goes_to == "/login?next=/account/"


# --- a copied cookie --------------------------------------------------------------------------------------------------


def copied(visitor: Visitor) -> Visitor:
    """A thief with the same cookie."""
    cookie = visitor.client.get_cookie("clinic_session")
    assert cookie is not None
    thief = Visitor(visitor.app)
    thief.client.set_cookie("clinic_session", cookie.value)
    return thief


def new_password(ana: Visitor) -> Sheet:
    """Ana changes her password."""
    page = ana.get("/account/password")
    return page.press("Change password", old_password=PASSWORD, new_password=NEW)


def others_out(ana: Visitor) -> Sheet:
    """Ana signs out the others."""
    return ana.get("/account/devices/others/end").press("Sign out the others")


@pytest.mark.parametrize("act", [new_password, others_out])
def test_a_copied_cookie_is_dead_and_the_owner_goes_on(as_: As, act: Callable[[Visitor], Sheet]) -> None:
    ana = as_("ana")
    ana.get("/account/")
    thief = copied(ana)
    assert thief.get("/patient/").status == 200
    assert act(ana).status == 303
    assert thief.get("/patient/").status == 303
    assert ana.get("/patient/").status == 200
    assert copied(ana).get("/patient/").status == 200, "the cookie is the new one"


@pytest.mark.parametrize("act", [new_password, others_out])
def test_a_form_that_was_open_meanwhile_is_still_good(
    as_: As, appointment: Callable[..., int], act: Callable[[Visitor], Sheet]
) -> None:
    ana = as_("ana")
    form = ana.get(f"/patient/appointments/{appointment(LATER, '10:00')}/cancel")
    act(ana)
    (token,) = {node.attrs["value"] for node in form.main.all("input") if node.get("name") == "csrf_token"}
    assert ana.post(form.path, {"csrf_token": token, "reason": "I am better"}).status == 303
