"""Who gets in: nothing is open that isn't marked, each role has its own pages, and nobody is sent out of the portal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic.web.kit import access
from tests.people import ONE_OF_EACH_ROLE, Cast
from tests.web.conftest import LATER
from tests.web.visitor import HTMX, Visitor

As = Callable[[str], Visitor]

OURS = ("public", "patient", "doctor", "admin", "account")
OPEN = {
    "public.home",
    "public.departments",
    "public.department",
    "public.doctors",
    "public.doctor",
    "public.book",
    "public.review_booking",
    "public.suggest_department",
    "public.search",
    "public.sign_in",
    "public.register",
    "public.sign_out",
    "public.preferences",
    "public.contact",
    "public.privacy",
    "public.forgot_password",
    "public.register_sent",
    "public.reset_password",
    "public.own_sign_in",
    "public.own_sign_in_now",
    "public.confirm_email",
    "public.confirm_email_now",
    "public.keep_email",
    "public.keep_email_now",
    "public.visit_answer",
    "public.visit_answer_now",
    "public.visit_answer_another_time",
    "public.second_factor",
    "public.set_up_factor",
    "public.choose_password",
}
#: A page of each kind of person that answers without any row but the cast's.
OWN_PAGES = {
    "patient": ["/patient/", "/patient/appointments", "/patient/records", "/patient/profile", "/patient/trail"],
    "doctor": [
        "/doctor/",
        "/doctor/week",
        "/doctor/month",
        "/doctor/appointments",
        "/doctor/patients",
        "/doctor/leave",
        "/doctor/profile",
    ],
    "admin": ["/admin/"],
}
PEOPLE = {"ana": "patient", "chen": "doctor", "esther": "admin"}
APPOINTMENT_PAGES = [
    "/patient/appointments/{}",
    "/patient/appointments/{}/cancel",
    "/patient/appointments/{}/record",
    "/patient/appointments/{}/reschedule",
    "/patient/appointments/{}/visit.ics",
    "/patient/appointments/{}/prescription",
]


def test_only_marked_pages_are_open(app: Flask) -> None:
    pages = {name for name in app.view_functions if name.partition(".")[0] in OURS}
    marked = {name for name in pages if getattr(app.view_functions[name], "is_public", False)}

    assert marked == OPEN
    assert len(pages) > len(marked)


@pytest.mark.parametrize("path", [path for paths in OWN_PAGES.values() for path in paths])
def test_a_guest_signs_in_first_and_comes_back(guest: Visitor, path: str) -> None:
    answer = guest.get(path)

    assert answer.status == 303
    assert answer.goes_to == f"/login?next={path}"
    assert answer.follow().h1 == "Sign in"


def test_a_guest_is_not_told_whether_a_visit_exists(guest: Visitor, appointment: Callable[..., int]) -> None:
    there, missing = guest.get(f"/patient/appointments/{appointment()}"), guest.get("/patient/appointments/999999")

    assert (there.status, missing.status) == (303, 303)


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("role", OWN_PAGES)
def test_each_role_has_its_own_pages(as_: As, name: str, role: str) -> None:
    expected = 200 if PEOPLE[name] == role else 403

    for path in OWN_PAGES[role]:
        assert as_(name).get(path).status == expected, path


@pytest.mark.parametrize("path", APPOINTMENT_PAGES)
@pytest.mark.parametrize("name", ["chen", "esther"])
def test_a_patients_visit_is_no_page_of_doctor_or_office(
    as_: As, appointment: Callable[..., int], path: str, name: str
) -> None:
    assert as_(name).get(path.format(appointment())).status == 403
    assert as_(name).get(path.format(999999)).status == 403


@pytest.mark.parametrize("path", APPOINTMENT_PAGES)
def test_anothers_visit_is_as_unknown_as_a_missing_one(as_: As, appointment: Callable[..., int], path: str) -> None:
    anothers, missing = as_("boris").get(path.format(appointment())), as_("boris").get(path.format(999999))

    assert (anothers.status, missing.status) == (404, 404)
    assert anothers.main.one("h1").text == missing.main.one("h1").text


def test_anothers_visit_cannot_be_cancelled(as_: As, appointment: Callable[..., int]) -> None:
    number = appointment()

    assert as_("boris").command(f"/patient/appointments/{number}/cancel").status == 404
    assert as_("chen").command(f"/patient/appointments/{number}/cancel").status == 403
    assert "Waiting for confirmation" in as_("ana").get(f"/patient/appointments/{number}").text


@pytest.mark.parametrize("path", ["/logout", "/preferences"])
def test_commands_are_not_done_by_looking(guest: Visitor, path: str) -> None:
    answer = guest.get(path)

    assert answer.status == 405
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/logout", "/preferences"])
def test_what_does_no_harm_is_asked_by_our_own_pages_only(as_: As, path: str) -> None:
    ana = as_("ana")
    for headers in ({"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Referer": ""}):
        assert ana.post(path, {"theme": "dark"}, headers=headers).status == 400
    assert ana.get("/patient/").tree.one("html").get("data-theme") is None


@pytest.mark.parametrize("path", ["/login", "/register", "/book"])
def test_a_form_without_its_token_is_refused(guest: Visitor, path: str) -> None:
    assert guest.post(path, headers={"Origin": "https://elsewhere.example"}).status == 400
    ours = guest.post(path)
    assert ours.status in (400, 422) or ours.goes_to.startswith("/login"), "shown again perhaps, but nothing is done"


def test_a_cancellation_without_its_token_is_refused(as_: As, appointment: Callable[..., int]) -> None:
    path = f"/patient/appointments/{appointment()}"

    assert as_("ana").post(f"{path}/cancel").status == 400
    assert "Waiting for confirmation" in as_("ana").get(path).text


def test_htmx_is_told_to_leave_the_page_when_the_session_is_over(guest: Visitor) -> None:
    answer = guest.swap("/patient/appointments?status=upcoming", "visit-list")

    assert answer.status == 200
    assert answer.html == ""
    assert answer.headers["HX-Redirect"] == "/login?next=/patient/appointments?status%3Dupcoming"


def test_a_command_of_a_guest_leads_back_to_the_page_before(guest: Visitor, cast: Cast) -> None:
    page = f"/book?department={cast.cardiology}&doctor={cast.chen}&day={LATER}&time=10:00"
    guest.get(page)
    token = guest.get(page).tree.all("input", name="csrf_token")[0].attrs["value"]
    answer = guest.post("/book", {"csrf_token": token})

    assert answer.goes_to.startswith("/login?next=/book?department")


@pytest.mark.parametrize("name", ONE_OF_EACH_ROLE)
def test_a_session_that_was_ended_elsewhere_is_over_at_once(app: Flask, as_: As, name: str, cast: Cast) -> None:
    from clinic import accounts  # noqa: PLC0415

    visitor = as_(name)
    first = {"ana": "/patient/", "chen": "/doctor/", "esther": "/admin/"}[name]
    assert visitor.get(first).status == 200
    with app.app_context():
        accounts.end_all_sessions(cast.actor(name))

    assert visitor.get(first).goes_to == f"/login?next={first}"


def test_a_forged_cookie_signs_nobody_in(app: Flask, cast: Cast) -> None:
    visitor = Visitor(app)
    with visitor.client.session_transaction() as cookie:
        cookie["_user_id"] = str(cast.ana)

    assert visitor.get("/patient/").status == 303


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example\t",
        "javascript:alert(1)",
        "/\n/evil.example",
        "evil",
        "",
    ],
)
def test_no_address_leads_out_of_the_portal(target: str) -> None:
    assert access.safe_next(target) is None


@pytest.mark.parametrize("target", ["/", "/book?department=1&time=09:00", "/doctors/3"])
def test_an_address_within_the_portal_is_good(target: str) -> None:
    assert access.safe_next(target) == target


def test_pages_are_kept_by_nobody_and_differ_by_htmx(guest: Visitor, as_: As) -> None:
    for answer in (guest.get("/"), as_("ana").get("/patient/"), guest.get("/doctors")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert {"HX-Request", "HX-Target"} <= {part.strip() for part in answer.headers["Vary"].split(",")}


def test_a_missing_page_has_the_frame_of_the_portal(guest: Visitor, as_: As) -> None:
    for visitor in (guest, as_("ana"), as_("chen")):
        answer = visitor.get("/nowhere")
        assert answer.status == 404
        assert answer.h1 == "Page not found"


def test_the_places_in_the_header_are_the_roles(as_: As, guest: Visitor) -> None:
    def places(visitor: Visitor) -> list[str]:
        return [link.text for link in visitor.get("/doctors").tree.one("nav", aria_label="Main").all("a")]

    assert places(guest) == ["Departments", "Doctors", "Book", "Sign in"]
    assert places(as_("ana")) == ["Home", "Visits", "Book", "Records"]
    assert places(as_("chen"))[0] == "My day"
    assert places(as_("esther"))[0] == "Today"


@pytest.mark.usefixtures("cast")
def test_htmx_headers_of_a_boosted_link_or_a_restored_page_get_the_full_page(guest: Visitor) -> None:
    for more in ({"HX-Boosted": "true"}, {"HX-History-Restore-Request": "true"}, {"HX-Target": "elsewhere"}):
        answer = guest.get("/doctors", headers={**HTMX, "HX-Target": "doctor-list", **more})
        assert answer.h1 == "Doctors", more


@pytest.mark.parametrize("endpoint", ["patient.misspelt", "misspelt", "static", "api_slots.availability", ""])
def test_a_name_that_is_no_page_is_an_error_and_no_page_for_everybody(app: Flask, endpoint: str) -> None:
    with app.test_request_context("/"), pytest.raises(LookupError):
        access.may_open(endpoint)


def test_a_public_page_is_everybodys_and_a_persons_own_is_no_guests(app: Flask) -> None:
    with app.test_request_context("/"):
        assert access.may_open("public.home")
        assert not access.may_open("patient.home")
