"""What a review found once, held fast: names in mails, edits in the history, fees of old prices, links used at once."""

from __future__ import annotations

import re
import threading
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest

from clinic import accounts, clock, records, scheduling, settings
from clinic.accounts.account_letters import PASSWORD_RESET, LinkFacts
from clinic.db import session, transaction
from clinic.directory.models import Service
from clinic.errors import InvalidInput, Stale
from clinic.mail import TOKEN_PLACE, letters
from clinic.records.audit_trail import audit_trail
from tests import factories, people
from tests.domain.post import written

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.mark.parametrize(
    "name",
    ["Pay now\nhttps://evil.example", "Ana https://evil.example", "\u200b\u202e", "www.evil.example", "1234"],
)
def test_a_name_is_one_line_of_letters_without_addresses(name):
    with pytest.raises(InvalidInput) as refusal:
        accounts.register_patient(
            email="new@example.com",
            password="Clinic-demo-2026",
            password_confirm="Clinic-demo-2026",
            full_name=name,
            phone_num="0123456789",
            date_of_birth=date(1990, 1, 1),
            gender="female",
            kind=accounts.SessionKind.API,
            origin=accounts.Origin(),
        )
    assert list(refusal.value.errors) == ["full_name"]


def test_only_the_addresses_of_portal_and_clinic_are_linked():
    own = settings.link(settings.LinkedPage.NEW_PASSWORD, uid="MQ", token=TOKEN_PLACE)
    facts = LinkFacts("See https://evil.example", "MQ", clock.now())
    html = letters.as_html(PASSWORD_RESET.write(PASSWORD_RESET.stored(facts), "en"), "en")
    linked = [unescape(address) for address in re.findall(r'<a href="([^"]*)"', html)]
    here = settings.current().contact
    assert [address for address in linked if not address.startswith(("tel:", "mailto:"))] == [own, here.map_url]
    assert len(linked) == 4, "and the clinic's phone and e-mail"


def test_an_edit_stands_in_the_history(cast, day):
    appointment = factories.appointment(cast.ana, cast.chen, day(3))
    esther = cast.actor("esther")
    scheduling.edit_appointment(esther, appointment, {"notes": "Brings old results"})
    last = scheduling.history(esther, appointment)[-1]
    assert (last["what"], last["by_user_id"], last["details"]) == ("edited", cast.esther, {"fields": ["notes"]})


def test_why_a_visit_was_reopened_is_told_to_staff_alone(cast, day):
    appointment = factories.appointment(cast.ana, cast.chen, day(-1), status="completed")
    scheduling.reopen(cast.actor("esther"), appointment, "The wrong visit")
    last = {who: scheduling.history(cast.actor(who), appointment)[-1] for who in ("ana", "chen", "esther")}
    assert {line["what"] for line in last.values()} == {"reopened"}
    assert {who: line["details"] for who, line in last.items()} == {
        "ana": {}, "chen": {"reason": "The wrong visit"}, "esther": {"reason": "The wrong visit"},
    }  # fmt: skip


def test_the_fee_is_told_by_the_price_of_its_day(cast, day):
    appointment = factories.appointment(cast.ana, cast.chen, day(3), status="confirmed")
    chen = cast.actor("chen")
    scheduling.assign_service(chen, appointment, cast.ecg)
    with transaction() as current:
        current.get_one(Service, cast.ecg).price = Decimal(9_000_000)
    told = scheduling.fee_breakdown(scheduling.appointment(chen, appointment))
    assert told == {
        "health_examination_fee": Decimal(200000),
        "service_fee": Decimal(150000),
        "total_fee": Decimal(350000),
    }


@pytest.mark.parametrize("on", [date.min, date.max])
def test_the_trail_takes_days_at_the_edge_of_the_calendar(cast, on):
    assert audit_trail(cast.actor("esther"), date_from=on, date_to=on).results == []


@pytest.mark.parametrize("value", [10**40, 1e300, [10**16], {"inner": -(10**15)}])
def test_a_number_that_nobody_measures_is_refused(cast, day, value):
    appointment = factories.appointment(cast.ana, cast.chen, day(3), status="confirmed")
    with pytest.raises(InvalidInput) as refusal:
        records.write_record(cast.actor("chen"), appointment, diagnosis="Well", vital_signs={"own key": value})
    assert list(refusal.value.errors) == ["vital_signs"]


def test_a_password_is_the_same_in_both_ways_of_writing_its_accents(cast):
    accounts.forgot_password(people.ANA)
    (letter,) = written()
    uid, token = letter.body.split("/reset-password/")[1].split()[0].split("/")
    composed, decomposed = (
        "M\u1ead-kh\u1ea9u-r\u1ea5t-d\u00e0i-9",
        "M\u0061\u0323\u0302-kha\u0302\u0309u-ra\u0302\u0301t-da\u0300i-9",
    )
    accounts.reset_password(uid=uid, token=token, new_password=composed, confirm_password=composed)
    entered = accounts.sign_in(
        email=people.ANA, password=decomposed, kind=accounts.SessionKind.API, origin=accounts.Origin()
    )
    assert entered.actor.user_id == cast.ana


def test_two_links_used_at_once_end_in_one_new_password(app, cast):
    for _ in range(2):
        accounts.forgot_password(people.ANA)
    links = [letter.body.split("/reset-password/")[1].split()[0].split("/") for letter in written()]
    session().rollback()
    said: list[str] = []
    start = threading.Barrier(2)

    def use(uid: str, token: str, password: str) -> None:
        with app.app_context():
            start.wait()
            try:
                accounts.reset_password(uid=uid, token=token, new_password=password, confirm_password=password)
                said.append("done")
            except InvalidInput as refusal:
                said.append(next(iter(refusal.errors)))

    threads = [
        threading.Thread(target=use, args=(*link, f"Quite-new-{number}-words")) for number, link in enumerate(links)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["done", "token"]


def test_leave_longer_than_a_year_is_refused(cast, day):
    with pytest.raises(InvalidInput) as refusal:
        scheduling.take_leave(cast.actor("chen"), first_day=day(1), last_day=day(1) + timedelta(days=400))
    assert list(refusal.value.errors) == ["last_day"]


def test_an_edit_of_an_old_version_is_stale_and_changes_nothing(cast, day):
    number = factories.appointment(cast.ana, cast.chen, day(3))
    chen, esther = cast.actor("chen"), cast.actor("esther")
    read = scheduling.appointment(chen, number)["version"]
    same = scheduling.edit_appointment(esther, number, {"notes": None}, expected_version=read)
    assert same["version"] == read, "what changes nothing makes no new version"
    saved = scheduling.edit_appointment(esther, number, {"notes": "Brings old results"}, expected_version=read)
    assert saved["version"] == read + 1
    with pytest.raises(Stale):
        scheduling.edit_appointment(chen, number, {"notes": "Mine"}, expected_version=read)
    assert scheduling.appointment(chen, number)["notes"] == "Brings old results"
    assert scheduling.edit_appointment(chen, number, {"notes": "Mine"})["notes"] == "Mine", "programs needn't say"
