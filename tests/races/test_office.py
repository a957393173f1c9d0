"""The office acts at the moment when others do: a room goes off under a booking, two admins save one entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import httpx
import pytest
from flask import Flask
from sqlalchemy import select

from clinic import accounts, directory, scheduling
from clinic.db import session, transaction
from clinic.errors import Conflict, Stale
from clinic.policy import Actor, Duty
from clinic.scheduling import EntryKind
from clinic.scheduling.models import Appointment
from tests import factories
from tests.people import ANA, Cast, actor_of, plant
from tests.races.conftest import Crowd, at_once, by_api, meanwhile, sending
from tests.races.test_races import ROUNDS, appointments_at, outcome, wish_for
from tests.servers import LiveServer
from tests.settings import PATIENCE
from tests.web.dom import read


def switching(crowd: Crowd, cast: Cast, room_id: int, to: str) -> Callable[[], httpx.Response]:
    """The page of a room's switch has been opened, its button is about to be pressed."""
    esther, address = crowd.browser(cast.esther), f"/admin/rooms/{room_id}/switch"
    page = read(esther.get(address).text).tree
    fields = {node.attrs["name"]: node.attrs["value"] for node in page.one("main").all("input", type="hidden")}
    assert fields["to"] == to
    return sending(esther, "POST", address, data=fields)


def test_a_room_goes_off_while_it_is_booked(live_server: LiveServer, crowd: Crowd, cast: Cast, friday: date):
    """Whoever comes second sees what the first one did: no visit is booked into a room that is off."""
    for number in range(ROUNDS):
        at = f"{scheduling.SLOT_TIMES[number]:%H:%M}"
        booking = by_api(crowd.api(cast.ana), wish_for(cast, "diallo", friday, at))
        booked, switched = at_once([booking, switching(crowd, cast, cast.nerve_room, "off")])
        assert outcome(booked) == "done"
        [appointment] = appointments_at(live_server, friday, at)
        assert (switched.status_code, appointment.room_id) in [(303, None), (409, cast.nerve_room)]
        if switched.status_code == 303:
            assert switching(crowd, cast, cast.nerve_room, "on")().status_code == 303


def test_doctor_and_office_enter_leave_over_leave_at_once(live_server: LiveServer, crowd: Crowd, cast: Cast, day):
    """One of them is entered, the other is told of it: no time is closed twice."""
    forms = []
    for client, address in (
        (crowd.browser(cast.chen), "/doctor/leave"),
        (crowd.browser(cast.esther), f"/admin/doctors/{cast.chen}/leave"),
    ):
        [token] = {node.attrs["value"] for node in read(client.get(address).text).tree.all("input", name="csrf_token")}
        forms.append((client, address, token))
    for number in range(ROUNDS):
        ends = [day(40 + 4 * number), day(41 + 4 * number)]
        answers = at_once(
            [
                sending(
                    client, "POST", address,
                    data={"csrf_token": token, "first_day": ends[0].isoformat(), "last_day": last.isoformat()},
                )
                for (client, address, token), last in zip(forms, ends, strict=True)
            ]
        )  # fmt: skip
        assert sorted(answer.status_code for answer in answers) == [303, 409]
        with live_server.app.app_context():
            assert len(scheduling.leaves(actor_of(cast.chen))) == number + 1


@pytest.mark.parametrize("other_room", [False, True])
def test_a_booking_that_waited_for_a_rooms_switch_doesnt_get_the_room(app: Flask, day, other_room):
    with app.app_context():
        cast = plant()
        other = factories.room("302", floor=3, department_id=cast.neurology) if other_room else None
        esther, ana = actor_of(cast.esther), actor_of(cast.ana)

        def book() -> None:
            scheduling.book(
                ana, doctor_id=cast.diallo, department_id=cast.neurology, on=day(5), at=scheduling.SLOT_TIMES[2]
            )

        with transaction():
            scheduling.switch(esther, EntryKind.ROOM, cast.nerve_room, active=False)
            thread = meanwhile(app, book)
        thread.join(PATIENCE)
        [appointment] = session().scalars(select(Appointment))
        assert appointment.room_id == other


def test_an_edit_that_waited_for_a_rooms_switch_doesnt_get_the_room(app: Flask, day):
    with app.app_context():
        cast = plant()
        appointment_id = factories.appointment(cast.ana, cast.diallo, day(5))
        esther = actor_of(cast.esther)
        refused: list[str] = []

        def edit() -> None:
            try:
                scheduling.edit_appointment(esther, appointment_id, {"room_id": cast.nerve_room})
            except Exception as refusal:  # noqa: BLE001 - which one it is, is asked below
                refused.append(f"{type(refusal).__name__} {sorted(getattr(refusal, 'errors', {}))}")

        with transaction():
            scheduling.switch(esther, EntryKind.ROOM, cast.nerve_room, active=False)
            thread = meanwhile(app, edit)
        thread.join(PATIENCE)
        assert refused == ["InvalidInput ['room_id']"]


def test_two_admins_save_one_entry_at_once(live_server: LiveServer, crowd: Crowd, cast: Cast):
    """One is saved; the other sees it beside what they typed and nothing of either is lost."""
    for number in range(ROUNDS):
        address = f"/admin/rooms/{cast.heart_room}"
        admins = [crowd.browser(cast.esther), crowd.browser(cast.esther)]
        saves = []
        for side, admin in zip(("L", "R"), admins, strict=True):
            form = read(admin.get(address).text).tree.one("form", class_="sheet")
            hidden = {node.attrs["name"]: node.attrs["value"] for node in form.all("input", type="hidden")}
            typed = {"room_number": f"{side}{number}", "floor": "2", "department_id": str(cast.cardiology)}
            saves.append(sending(admin, "POST", address, data=hidden | typed))
        answers = at_once(saves)
        assert Counter(answer.status_code for answer in answers) == {303: 1, 412: 1}
        winner, loser = ("L", "R") if answers[0].status_code == 303 else ("R", "L")
        shown = answers[0] if answers[0].status_code == 412 else answers[1]
        assert f'value="{loser}{number}"' in shown.text
        assert f"{winner}{number}" in read(shown.text).tree.one("div", class_="theirs").text


def test_the_operators_switch_waits_for_a_correction_and_makes_the_next_version(app: Flask):
    with app.app_context():
        cast = plant()
        esther = actor_of(cast.esther)
        before = accounts.person(esther, cast.ana)["version"]
        with transaction():
            accounts.edit_person(esther, cast.ana, {"full_name": "Ánh"})
            thread = meanwhile(app, lambda: scheduling.switch_account(ANA, active=False))
        thread.join(PATIENCE)
        session().rollback()
        after = accounts.person(esther, cast.ana)
        assert (after["full_name"], after["is_active"], after["version"]) == ("Ánh", False, before + 2)


@pytest.mark.parametrize("kind", ["department", "service"])
def test_of_two_versions_at_once_one_is_stale(app: Flask, kind):
    with app.app_context():
        cast = plant()
        esther = actor_of(cast.esther)

        def save(words: str) -> None:
            if kind == "department":
                directory.save_department(
                    esther,
                    {"name": words, "health_examination_fee": Decimal(1)},
                    department_id=cast.cardiology,
                    expected_version=1,
                )
            else:
                directory.save_service(
                    esther,
                    {"name": words, "price": Decimal(1), "department_id": cast.cardiology},
                    service_id=cast.ecg,
                    expected_version=1,
                )

        refused: list[bool] = []

        def second() -> None:
            try:
                save("Second")
            except Stale:
                refused.append(True)

        with transaction():
            save("First")
            thread = meanwhile(app, second)
        thread.join(PATIENCE)
        assert refused == [True]
        found = directory.one_department if kind == "department" else directory.one_service
        number = cast.cardiology if kind == "department" else cast.ecg
        assert found(esther, number)["name"] == "First"


def test_two_write_notes_for_colleagues_at_once(live_server: LiveServer, crowd: Crowd, cast: Cast, friday: date):
    """Both read the same version: one text is kept, the other writer is told, and no version is lost."""
    with live_server.app.app_context():
        appointment = factories.appointment(cast.ana, cast.chen, friday)
    address = f"/api/v1/appointments/{appointment}/staff-notes/"
    chen, esther = crowd.api(cast.chen), crowd.api(cast.esther)
    assert chen.put(address, json={"staff_notes": "First"}).status_code == 200
    for version in range(1, ROUNDS + 1):
        match = {"If-Match": f'"{version}"'}
        answers = at_once(
            [
                sending(who, "PUT", address, json={"staff_notes": f"{name} {version}"}, headers=match)
                for name, who in (("Chen", chen), ("Esther", esther))
            ]
        )
        assert sorted(answer.status_code for answer in answers) == [200, 412]
    with live_server.app.app_context():
        kept = scheduling.staff_notes(actor_of(cast.chen), appointment)
    assert [each.version for each in kept] == list(range(ROUNDS + 1, 0, -1))


@pytest.mark.parametrize("how", ["duties", "switch"])
def test_two_who_look_after_accounts_take_it_from_each_other_at_once(app: Flask, how: str):
    """The second one waits for the first, and finds that nobody else would be left."""
    with app.app_context():
        cast = plant()
        gia = factories.admin("Gia Gate", "gia@clinic.example", Duty.ACCOUNTS)
        esther, other = actor_of(cast.esther), actor_of(gia)
        refused: list[str] = []

        def take(actor: Actor, whose: int) -> None:
            if how == "duties":
                accounts.change_duties(actor, whose, [Duty.RECEPTION])
            else:
                scheduling.switch(actor, EntryKind.ACCOUNT, whose, active=False)

        def second() -> None:
            try:
                take(other, cast.esther)
            except Conflict as refusal:
                refused.append(refusal.code)

        with transaction():
            take(esther, gia)
            thread = meanwhile(app, second)
        thread.join(PATIENCE)
        session().rollback()
        assert refused == ["last_of_duty"]
        assert Duty.ACCOUNTS in accounts.person(esther, cast.esther)["duties"]
