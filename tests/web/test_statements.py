"""What a page asks of the database: as many statements for 1,000 rows as for 10, and at most twelve.

Every page of the portal is here: those of ROWS (tests/web/test_permissions.py), which fails for a route without one, those
of accounts below, and what more there is to see of some. A new page that is neither fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, select

from clinic import records, scheduling
from clinic.accounts.models import SignInSession
from clinic.db import db, transaction
from clinic.mail import OutboxMail
from clinic.scheduling import SLOT_TIMES
from tests import factories
from tests.passkey_device import give_passkey, passkey_id_of
from tests.people import Cast
from tests.statements import count_statements
from tests.web.conftest import LATER, TODAY, TOMORROW
from tests.web.page_rows import ROWS
from tests.web.test_permissions import GROUPS
from tests.web.visitor import Visitor

pytestmark = pytest.mark.long

MOST = 12
BOOKING_MOST = 8

ACCOUNT = {
    "account.home": "/account/",
    "account.still_here": "/account/still-here",
    "account.password": "/account/password",
    "account.email": "/account/email",
    "account.confirm": "/account/confirm",
    "account.second_factor": "/account/second-factor",
    "account.set_up_totp": "/account/second-factor/totp",
    "account.remove_totp": "/account/second-factor/totp/remove",
    "account.add_passkey": "/account/second-factor/passkeys/new",
    "account.passkey": "/account/second-factor/passkeys/{passkey}",
    "account.remove_passkey": "/account/second-factor/passkeys/{passkey}/remove",
    "account.recovery_codes": "/account/recovery-codes",
    "account.prove": "/account/prove",
    "account.devices": "/account/devices",
    "account.notices": "/account/notices",
    "account.end_device": "/account/devices/{device}/end",
    "account.end_others": "/account/devices/others/end",
    "account.end_all": "/account/devices/all/end",
}
#: What a dead link is answered, and what leads back.
DEAD_LINKS = (
    *("public.reset_password", "public.own_sign_in", "public.confirm_email", "public.keep_email"),
    "public.visit_answer",
)
NOT_CARRIED = (
    *("public.choose_password", "public.own_sign_in_now", "public.confirm_email_now", "public.keep_email_now"),
    *("public.visit_answer_now", "public.visit_answer_another_time"),
)
NOT_200 = {
    **{ROWS[name][0]: 410 for name in DEAD_LINKS},
    **{ROWS[name][0]: 400 for name in NOT_CARRIED},
    ACCOUNT["account.still_here"]: 303,
}
#: Where the address in ROWS asks for nothing that is there.
BETTER = {
    "doctor.end_leave": "/doctor/leave/{leave}/end",
    "admin.one_mail": "/admin/outbox/{mail}",
    "public.review_booking": "/book/review?department={cardiology}&doctor={chen}&day={day}&time=10:00",
    "admin.review_booking": "/admin/book/review?patient={ana}&department={cardiology}&doctor={chen}&day={day}&time=10:00",
    "admin.mail_again": "/admin/outbox/{mail}/again",
    "admin.doctor_leave_end": "/admin/doctors/{chen}/leave/{leave}/end",
    "doctor.end_extra_hours": "/doctor/extra-hours/{extra}/end",
    "admin.doctor_extra_hours_end": "/admin/doctors/{chen}/extra-hours/{extra}/end",
    "admin.closure_remove": "/admin/closures/{closure}/remove",
    "admin.doctor_hours_remove": "/admin/doctors/{chen}/hours/remove?from=&until=",
}
#: More to see at the same address, by who reads it.
MORE = {
    "ana": [
        "/doctors?department={cardiology}&search=d",
        "/book?department={cardiology}",
        "/book?department={cardiology}&doctor={chen}",
        "/book?department={cardiology}&doctor={chen}&day={day}",
        "/book?department={cardiology}&doctor={chen}&day={day}&time=10:00",
        "/patient/appointments?status=completed&date_from=2023-01-01&date_to=2026-02-01",
        "/patient/appointments/{visit}/reschedule?day={day}&time=10:00",
    ],
    "chen": [
        "/doctor/?day={today}",
        "/doctor/?day={later}&visit={visit}",
        "/doctor/week?day={day}",
        "/doctor/month?day={day}",
        "/doctor/appointments?search=ana&status=completed&date_to=2026-02-28",
        "/doctor/patients?search=nguyen",
        "/doctor/appointments/{visit}/reschedule?day={day}&time=10:00",
    ],
    "esther": [
        "/admin/?day={today}",
        "/admin/?department={cardiology}&doctor={chen}&status=completed",
        "/admin/find?q=ana",
        "/admin/find?q=nguyen 1990",
        "/admin/patients?search=nguyen&active=on",
        "/admin/appointments?search=a&status=completed&department={cardiology}&doctor={chen}&patient={ana}",
        "/admin/departments?search=a&active=on",
        "/admin/services?search=a&department={cardiology}",
        "/admin/doctors?search=dr&department={cardiology}",
        "/admin/users?search=a&role=patient&active=on",
        "/admin/trail?search=chen&whose=ana&patient={ana}&deed=record.read&first=2026-01-01&last=2026-12-31",
        "/admin/outbox?search=example&status=queued",
        "/admin/book?patient={ana}&department={cardiology}&doctor={chen}&day={day}&time=10:00",
        "/admin/departments/{cardiology}/switch",
        "/admin/doctors/{chen}/hours/edit?from=&until=",
        "/admin/services/{ecg}",
        "/admin/users/{chen}",
        "/admin/users/{chen}/switch",
        "/admin/users/{chen}/reset-factor",
        "/admin/users/{esther}/duties",
    ],
}
#: Lists that go on: all that grow with the years, and those of the directory.
LISTS = {
    "ana": ["/patient/appointments?status=past", "/patient/records", "/patient/trail", "/doctors"],
    "chen": ["/doctor/appointments", "/doctor/patients", "/doctor/patients/{ana}", "/doctor/records"],
    "esther": [
        "/admin/appointments", "/admin/records?date_from=2000-01-01&purpose=quality", "/admin/trail", "/admin/outbox", "/admin/users", "/admin/patients", "/admin/doctors",
        "/admin/departments", "/admin/services", "/admin/rooms",
    ],
}  # fmt: skip
READERS = {"patient": "ana", "doctor": "chen", "admin": "esther", "public": "ana", "account": "ana"}
#: What is seen between two steps of signing in only.
WITH_A_TICKET = ("public.second_factor", "public.set_up_factor")
#: What nobody sees who is signed in.
FOR_GUESTS = (
    "public.sign_in",
    "public.register",
    "public.forgot_password",
    "public.reset_password",
    "public.own_sign_in",
    "public.own_sign_in_now",
    "public.choose_password",
)


def pages(app: Flask) -> Iterator[tuple[str, str]]:
    """Who reads which address: each page of the portal at least once."""
    known = {endpoint: path for endpoint, (path, _) in ROWS.items()} | ACCOUNT | BETTER
    for rule in app.url_map.iter_rules():
        group = rule.endpoint.partition(".")[0]
        if group in (*GROUPS, "account") and "GET" in (rule.methods or ()) and rule.endpoint not in WITH_A_TICKET:
            assert rule.endpoint in known, f"give {rule.endpoint} an address here or in ROWS"
            yield "guest" if rule.endpoint in FOR_GUESTS else READERS[group], known[rule.endpoint]
    for name, paths in MORE.items():
        yield from ((name, path) for path in paths)


@dataclass
class Clinic:
    """A clinic that grows, and what its addresses are filled in with."""

    cast: Cast
    appointment: int
    leave: int
    closure: int
    extra: int
    device: int
    mail: int
    passkey: int
    grown: int = 0

    @classmethod
    def open(cls, cast: Cast) -> Clinic:
        """The cast, a confirmed visit with its record, a leave, Ana's device, and a mail that was given up."""
        appointment = factories.appointment(cast.ana, cast.chen, LATER, status="confirmed")
        factories.record(appointment, cast.chen)
        factories.doctor_hours(cast.chen)
        extra = factories.extra_hours(cast.chen, TODAY + timedelta(days=26))
        closure = factories.closure(TODAY + timedelta(days=8))  # where days can be booked, and nobody's visit is
        leave = scheduling.take_leave(cast.actor("chen"), first_day=TODAY + timedelta(days=20))
        device = db.session.scalars(select(SignInSession.id).where(SignInSession.user_id == cast.ana)).first()
        assert device is not None
        give_passkey(cast.ana)
        return cls(cast, appointment, leave, closure, extra, device, factories.given_up_mail(), passkey_id_of(cast.ana))

    def grow(self, until: int) -> None:
        """Bring each table to so many rows more than the cast has."""
        new = range(self.grown, until)
        self.grown = until
        with transaction() as session:
            first = date(2023, 1, 2) if new.start == 0 else date(2023, 2, 6)
            seen = factories.appointments(len(new), self.cast.ana, self.cast.chen, first_day=first, status="completed")
            factories.records(seen, self.cast.chen)
            patients = factories.add_all([factories.patient_row(f"Nguyễn {each}") for each in new])
            days = [first + timedelta(days=365 + index // len(SLOT_TIMES)) for index in range(len(new))]
            times = [SLOT_TIMES[index % len(SLOT_TIMES)] for index in range(len(new))]
            factories.add_appointments(
                [
                    factories.appointment_row(patient, self.cast.chen, day, at, status="completed")
                    for patient, day, at in zip(patients, days, times, strict=True)
                ]
            )
            self._directory(new, patients)
            letter = {"kind": "visit_booked", "language": "en", "subject": "Your visit", "body": "-"}
            session.execute(insert(OutboxMail), [{**letter, "to": f"p{each}@example.com"} for each in new])
        for name in ("chen", "esther"):
            records.records_for(self.cast.actor(name), seen)

    def _directory(self, new: range, patients: list[int]) -> None:
        """A department, service, room and doctor each, who sees a patient today and one tomorrow."""
        departments = factories.add_all([factories.department_row(f"Department {each}") for each in new])
        places = list(zip(new, departments, strict=True))
        factories.add_all([factories.service_row(f"Service {each}", department_id=place) for each, place in places])
        rooms = factories.add_all([factories.room_row(f"N{each}", department_id=place) for each, place in places])
        doctors = factories.add_all(
            [
                factories.doctor_row(f"Dr No {each}", department_id=place, room_id=room)
                for (each, place), room in zip(places, rooms, strict=True)
            ]
        )
        factories.add_appointments(
            [
                factories.appointment_row(patient, doctor, day, "10:00", room_id=room)
                for patient, doctor, room in zip(patients, doctors, rooms, strict=True)
                for day in (TODAY, TOMORROW)
            ]
        )

    def address(self, path: str) -> str:
        """Fill in an address."""
        more = {
            "visit": self.appointment,
            "leave": self.leave,
            "closure": self.closure,
            "extra": self.extra,
            "device": self.device,
            "mail": self.mail,
            "passkey": self.passkey,
        }
        return path.format(**vars(self.cast), **more, today=TODAY, later=LATER, day=TODAY + timedelta(days=9))


@pytest.fixture
def clinic(app: Flask, cast: Cast, as_: Callable[[str], Visitor]) -> Clinic:
    """A clinic with ten of everything."""
    as_("ana")
    with app.app_context():
        clinic = Clinic.open(cast)
        clinic.grow(10)
    return clinic


def asked(app: Flask, visitor: Visitor, path: str) -> int:
    """Count what a page asks of the database."""
    with app.app_context():
        engine = db.engine
    with count_statements(engine) as statements:
        answer = visitor.get(path)
    assert answer.status == NOT_200.get(path, 200), (path, answer.status)
    return len(statements)


def test_no_page_asks_more_for_a_thousand_rows_than_for_ten(
    app: Flask, clinic: Clinic, as_: Callable[[str], Visitor], guest: Visitor
) -> None:
    wanted = [(name, clinic.address(path)) for name, path in pages(app)]
    readers = {name: guest if name == "guest" else as_(name) for name, _ in wanted}
    # Whoever's account is opened is told, once an hour, and marks it as read on their notices; what a passkey is to sign waits
    # in the session from then on: all cost more at first.
    opened = [(name, path) for name, path in wanted if path.startswith("/admin/users/")]
    own = [("ana", ACCOUNT[name]) for name in ("account.notices", "account.prove", "account.add_passkey")]
    at_first = {path: asked(app, readers[name], path) for name, path in [*opened, *own]}
    with app.app_context():  # both times, nothing is remembered of the directory at first
        factories.department("The newest")
    with_ten = {path: asked(app, readers[name], path) for name, path in wanted}
    with app.app_context():
        clinic.grow(1000)
    with_thousand = {path: asked(app, readers[name], path) for name, path in wanted}

    assert {path: (with_ten[path], many) for path, many in with_thousand.items() if many != with_ten[path]} == {}
    dear = {path: number for path, number in [*at_first.items(), *with_thousand.items()] if number > most(path)}
    assert not dear, f"these ask too much: {dear}"
    for name, paths in LISTS.items():
        for path in paths:
            first = as_(name).get(clinic.address(path))
            deep = [first.main.one("a", id="page-next").attrs["href"]]
            deep.append(as_(name).get(deep[0]).main.one("a", id="page-prev").attrs["href"])
            assert max(asked(app, as_(name), each) for each in deep) <= MOST, path


def most(path: str) -> int:
    """How many statements a page may take."""
    return BOOKING_MOST if path.startswith("/book") else MOST
