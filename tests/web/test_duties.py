"""The office by duty: what is opened, offered and shown to an admin who looks after one thing alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask

from clinic import accounts, clock, mail, scheduling
from clinic.policy import Duty, may_all
from clinic.settings import AccountRules
from clinic.web.kit.page_permissions import ACTIONS_OF_PAGE
from tests import factories
from tests.domain.test_office_accounts import choose
from tests.people import ANA, Cast, actor_of
from tests.web.conftest import LATER
from tests.web.page_rows import ADMIN_APPOINTMENT, ROWS
from tests.web.test_permissions import STARTS, addresses, endpoint_of, letter, routes
from tests.web.visitor import Sheet, Visitor, signed_in

As = Callable[[str], Visitor]
Make = Callable[..., int]


@pytest.fixture
def with_duties(app: Flask, cast: Cast) -> Callable[..., Visitor]:
    """Somebody of the office who looks after these alone, signed in: `with_duties(Duty.AUDIT)`."""

    def made(*duties: Duty) -> Visitor:
        with app.app_context():
            number = factories.admin("Fran Front", f"{'-'.join(duties)}@clinic.example", *duties)
        return signed_in(app, number)

    return made


# --- what is opened and offered ---------------------------------------------------------------------------------------


@pytest.fixture
def address(app: Flask, cast: Cast, appointment: Make, record: Make) -> Callable[[str], str]:
    """Fills in an address: a confirmed visit of Ana's with a record, and leave of Dr Chen's."""
    number = appointment(LATER, "09:00", status="confirmed")
    record(number)
    with app.app_context():
        leave = factories.leave(cast.chen, LATER + timedelta(days=30), LATER + timedelta(days=31))
    return lambda path: path.format(visit=number, leave=leave, **vars(cast))


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("duty", list(Duty))
def test_each_duty_opens_its_own_pages_and_no_others(
    app: Flask, cast: Cast, address: Callable[[str], str], with_duties: Callable[..., Visitor], duty: Duty
) -> None:
    person, wrong = with_duties(duty), []
    with app.app_context():
        actor = actor_of(factories.admin("Same Duty", "same@clinic.example", duty))
    for endpoint, (path, _letters) in ROWS.items():
        if endpoint.startswith("admin.") and "GET" in routes(app)[endpoint]:
            opens = may_all(actor, ACTIONS_OF_PAGE[endpoint])
            answer = person.get(address(path))
            if (letter(answer) == "f") is opens:
                wrong.append((endpoint, answer.status))
    assert not wrong


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("duty", list(Duty))
def test_no_page_leads_to_one_that_is_closed(
    app: Flask, cast: Cast, address: Callable[[str], str], with_duties: Callable[..., Visitor], duty: Duty
) -> None:
    person, closed = with_duties(duty), set()
    urls = app.url_map.bind("localhost")
    with app.app_context():
        actor = actor_of(factories.admin("Same Duty", "same@clinic.example", duty))
    for start in (*STARTS["esther"], "/admin/doctors/{chen}/leave/{leave}/end"):
        page = person.get(address(start))
        for each in addresses(page) if page.status == 200 else ():
            endpoint = endpoint_of(urls, each)
            if endpoint in ACTIONS_OF_PAGE and not may_all(actor, ACTIONS_OF_PAGE[endpoint]):
                closed.add((start, endpoint))
    assert not closed


#: Where each begins after signing in, and what the header offers.
BEGINS = {
    Duty.RECEPTION: "/admin/",
    Duty.CATALOGUE: "/admin/menu",
    Duty.RECORDS: "/admin/",
    Duty.ACCOUNTS: "/admin/menu",
    Duty.AUDIT: "/admin/menu",
}


@pytest.mark.parametrize("duty", list(Duty))
def test_each_begins_on_a_page_that_is_theirs(
    app: Flask, guest: Visitor, with_duties: Callable[..., Visitor], duty: Duty
) -> None:
    with_duties(duty)
    signed_in = guest.get("/login").press("Sign in", email=f"{duty}@clinic.example", password=factories.PASSWORD)
    assert signed_in.goes_to == BEGINS[duty]
    assert signed_in.follow().status == 200


def test_who_has_no_duty_has_their_own_account(app: Flask, cast: Cast) -> None:
    """An admin whom an earlier version invited while this one was already running."""
    with app.app_context():
        number = factories.user("Old Way", "old@clinic.example", actor_of(cast.esther).role, duties=[])
    person = signed_in(app, number)
    assert "No duties yet" in person.get("/account/").text
    assert "Ask a colleague who looks after accounts" in person.get("/admin/menu").main.text
    for path in ("/admin/", "/admin/users", "/admin/trail", "/admin/rooms"):
        assert person.get(path).status == 403
    assert person.get("/admin/menu").status == 200


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_the_reception_corrects_patients_and_only_reads_colleagues(
    cast: Cast, with_duties: Callable[..., Visitor]
) -> None:
    fran = with_duties(Duty.RECEPTION)
    patient = fran.get(f"/admin/users/{cast.ana}")
    assert patient.press("Save", full_name="Ana Nguyen").status == 303
    colleague = fran.get(f"/admin/users/{cast.chen}")
    assert "chen@clinic.example" in colleague.text
    assert not colleague.main.all("form")
    assert "Switch off" not in patient.main.text + colleague.main.text
    refused = fran.command(
        f"/admin/users/{cast.chen}", full_name="Mine", email="mine@example.com", phone_num="0911222333"
    )
    assert refused.status == 403


def test_who_reads_records_changes_nobody(
    cast: Cast, with_duties: Callable[..., Visitor], address: Callable[[str], str]
) -> None:
    reader = with_duties(Duty.RECORDS)
    for path in (f"/admin/users/{cast.ana}", f"/admin/users/{cast.chen}", "/admin/", address(ADMIN_APPOINTMENT)):
        page = reader.get(path)
        assert page.status == 200
        assert not [form for form in page.main.all("form") if form.get("method") == "post"], path


def test_who_sees_no_visits_is_shown_none(cast: Cast, with_duties: Callable[..., Visitor], appointment: Make) -> None:
    """Nor that there are none, which wouldn't be known."""
    appointment(LATER, "09:00")
    keeper = with_duties(Duty.ACCOUNTS)
    assert "Next visit" in with_duties(Duty.RECEPTION).get("/admin/patients").main.text
    for path in ("/admin/patients", "/admin/find?q=ana"):
        assert "Next visit" not in keeper.get(path).main.text
    assert "pcoming visits" not in keeper.get(f"/admin/users/{cast.ana}").main.text


# --- changing them ----------------------------------------------------------------------------------------------------


def test_who_can_switch_no_account_on_is_sent_to_who_can(
    app: Flask, cast: Cast, with_duties: Callable[..., Visitor]
) -> None:
    with app.app_context():
        scheduling.switch_account(ANA, active=False)
    told = with_duties(Duty.RECEPTION).get(f"/admin/book?patient={cast.ana}").follow().text
    assert "Ask a colleague who looks after accounts." in told
    assert "Switch it on" not in told


def test_everybody_of_the_office_is_led_to_their_own_email(with_duties: Callable[..., Visitor]) -> None:
    for duty in Duty:
        assert with_duties(duty).get("/admin/profile").click("Change the e-mail").h1 == "Change your e-mail"


def test_who_invited_a_patient_leaves_the_id_to_a_colleague(
    app: Flask, as_: As, with_duties: Callable[..., Visitor], clinic_has: Callable[..., None]
) -> None:
    with app.app_context():
        lan = factories.unused_patient("Lan Lê", "lan@example.com")
    page = with_duties(Duty.RECEPTION).get(f"/admin/users/{lan}").press("Invite again").follow()
    assert "Fran Front entered the e-mail or invited them. A colleague has to see the ID." in page.main.text
    assert "I've seen their ID" not in page.main.text
    clinic_has(accounts=AccountRules(records_need_proof=True))
    with app.app_context():
        letter = next(each for each in mail.all_mail() if each["to"] == "lan@example.com")
        choose(letter, "Bright-morning-71")
    assert signed_in(app, lan).get("/patient/records").h1 == "Show your ID"
    as_("esther").get(f"/admin/users/{lan}").press("I've seen their ID")
    assert signed_in(app, lan).get("/patient/records").h1 == "Your records"


def test_duties_are_changed_on_their_page(app: Flask, as_: As, cast: Cast, with_duties: Callable[..., Visitor]) -> None:
    fran = with_duties(Duty.RECEPTION)
    with app.app_context():
        number = accounts.people(actor_of(cast.esther), search="Fran").results[0]["id"]
    page = as_("esther").get(f"/admin/users/{number}").click("Duties")
    assert page.values("Save")["duties"] == ["reception"]
    refused = page.press("Save", duties=[])
    assert (refused.status, "Please choose" in refused.main.text) == (422, True)
    saved = refused.press("Save", duties=["audit"])
    assert saved.goes_to == f"/admin/users/{number}"
    assert "Office (Audit)" in saved.follow().main.text
    assert (fran.get("/admin/").status, fran.get("/admin/trail").status) == (403, 200)


def test_ones_own_are_only_shown(as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/users/{cast.esther}/duties")
    assert "You can't change your own duties." in page.main.text
    assert not page.main.all("form")
    assert "Duties" not in [link.text for link in as_("esther").get(f"/admin/users/{cast.esther}").main.all("a")]
    refused = as_("esther").command(f"/admin/users/{cast.esther}/duties", duties="audit", version="1")
    assert refused.status == 409


@pytest.mark.parametrize("who", ["ana", "chen"])
def test_only_the_office_has_duties(as_: As, cast: Cast, who: str) -> None:
    assert as_("esther").get(f"/admin/users/{getattr(cast, who)}/duties").status == 404


def test_a_proof_is_asked_for_and_the_choice_comes_along(
    app: Flask, cast: Cast, with_duties: Callable[..., Visitor], clock_at: Callable[[str], None]
) -> None:
    esther = signed_in(app, cast.esther)
    with app.app_context():
        number = factories.admin("Gia Gate", "gia@clinic.example", Duty.RECEPTION)
    page = esther.get(f"/admin/users/{number}/duties")
    clock_at(f"{clock.local(clock.now()) + timedelta(minutes=6):%Y-%m-%d %H:%M}")
    asked = page.press("Save", duties=["audit"])
    assert "Is it you?" in asked.text
    with app.app_context():
        assert accounts.person(actor_of(cast.esther), number)["duties"] == ["reception"]


def test_somebody_is_invited_with_duties(app: Flask, as_: As, cast: Cast) -> None:
    form = as_("esther").get("/admin/users/new")
    assert form.values("Send the invitation")["duties"] == ["reception"]
    done = form.press(
        "Send the invitation", full_name="Fay", email="fay@clinic.example", phone_num="0911222333", duties=["records"]
    )
    assert "Office (Medical records)" in done.follow().main.text


def roles_in(page: Sheet) -> Iterator[str]:
    """What the rows of a list of accounts say of roles."""
    yield from (cell.text for cell in page.main.all("td") if cell.get("data-label") == "Role")


def test_the_list_of_accounts_says_who_looks_after_what(as_: As, with_duties: Callable[..., Visitor]) -> None:
    with_duties(Duty.AUDIT, Duty.RECORDS)
    told = list(roles_in(as_("esther").get("/admin/users")))
    assert {"Office Medical records, Audit", "Office All duties", "Doctor", "Patient"} <= set(told)
