"""How pages write dates, times, money and names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from flask import Flask

from clinic import clock
from clinic.policy import Actor, Role
from clinic.scheduling import EventRow, FreeDay
from clinic.web.appointments import history
from clinic.web.kit import date_formatting, formatting, status_looks
from clinic.web.kit.initials import initials

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])
Speak = Callable[[str], object]
TUESDAY = date(2026, 11, 24)


@pytest.fixture
def speaking(app: Flask) -> Callable[[str], object]:
    """A request in a language: ``with speaking("vi"): ...``."""

    @contextmanager
    def request(language: str) -> Iterator[None]:
        with app.test_request_context("/", headers={"Accept-Language": language}):
            yield

    return request


@pytest.mark.parametrize(
    ("write", "english", "vietnamese"),
    [
        (lambda: date_formatting.day_long(TUESDAY), "Tuesday 24\N{NO-BREAK SPACE}November 2026", "Thứ Ba, 24/11/2026"),
        (lambda: date_formatting.day_short(TUESDAY), "Tue 24\N{NO-BREAK SPACE}Nov", "T3, 24/11"),
        (lambda: date_formatting.day_short(date(2027, 1, 3)), "Sun 3\N{NO-BREAK SPACE}Jan 2027", "CN, 3/1 2027"),
        (lambda: date_formatting.day_plain(TUESDAY), "24\N{NO-BREAK SPACE}November 2026", "24/11/2026"),
        (lambda: date_formatting.day_near(date(2026, 3, 2)), "Today", "Hôm nay"),
        (lambda: date_formatting.day_near(date(2026, 3, 3)), "Tomorrow", "Ngày mai"),
        (lambda: date_formatting.day_near(date(2026, 3, 4)), "Wed 4\N{NO-BREAK SPACE}Mar", "T4, 4/3"),
        (lambda: date_formatting.weekday_near(date(2026, 3, 2)), "Today", "Hôm nay"),
        (lambda: date_formatting.weekday_near(date(2026, 3, 4)), "Wed", "T4"),
        (lambda: date_formatting.days_ahead(date(2026, 3, 1)), "", ""),
        (lambda: date_formatting.days_ahead(date(2026, 3, 2)), "today", "hôm nay"),
        (lambda: date_formatting.days_ahead(date(2026, 3, 3)), "tomorrow", "ngày mai"),
        (lambda: date_formatting.days_ahead(date(2026, 3, 11)), "in 9 days", "còn 9 ngày"),
        (lambda: date_formatting.month(TUESDAY), "November 2026", "Tháng 11 năm 2026"),
        (lambda: date_formatting.month_name(TUESDAY), "November", "Tháng 11"),
        (
            lambda: date_formatting.moment_soon(datetime(2026, 12, 6, 6, 30, tzinfo=UTC)),
            "Sunday 6\N{NO-BREAK SPACE}December at 13:30",
            "13:30 Chủ Nhật, 6/12",
        ),
        (
            lambda: date_formatting.month_span(TUESDAY, date(2026, 12, 24)),
            "November – December 2026",
            "Tháng 11 – Tháng 12 năm 2026",
        ),
        (
            lambda: date_formatting.month_span(date(2026, 12, 24), date(2027, 1, 23)),
            "December 2026 – January 2027",
            "Tháng 12 năm 2026 – Tháng 1 năm 2027",
        ),
        (lambda: date_formatting.month_span(TUESDAY, TUESDAY), "November 2026", "Tháng 11 năm 2026"),
        (lambda: date_formatting.weekday(date(2026, 11, 29)), "Sun", "CN"),
        (
            lambda: date_formatting.moment(datetime(2026, 11, 24, 18, 5, tzinfo=UTC)),
            "25\N{NO-BREAK SPACE}November 2026, 01:05",
            "25/11/2026, 01:05",
        ),
        (lambda: formatting.money(Decimal("350000.00")), "350,000\N{NO-BREAK SPACE}₫", "350.000\N{NO-BREAK SPACE}₫"),
        (lambda: formatting.money(None), "–", "–"),
        (lambda: formatting.number(Decimal(25)), "25", "25"),
        (lambda: formatting.number(Decimal(25), 1), "25.0", "25,0"),
        (lambda: formatting.number("120/80"), "120/80", "120/80"),
        (lambda: formatting.rating(Decimal("4.60")), "4.6", "4,6"),
        (lambda: formatting.doctor_name("Mai Lan"), "Dr Mai Lan", "BS. Mai Lan"),
        (lambda: formatting.doctor_name("Dr Mai Lan"), "Dr Mai Lan", "BS. Mai Lan"),
        (lambda: formatting.doctor_name("GS Tôn Thất Tùng"), "GS Tôn Thất Tùng", "GS Tôn Thất Tùng"),
        (lambda: status_looks.status_label("booked"), "Waiting for confirmation", "Chờ xác nhận"),
    ],
)
def test_how_it_is_written(speaking, write: Callable[[], str], english: str, vietnamese: str) -> None:
    with speaking("en"):
        assert write() == english
    with speaking("vi"):
        assert write() == vietnamese


def test_a_clock_time_is_the_clinics(app: Flask) -> None:
    assert date_formatting.clock_time(time(9, 5)) == "09:05"
    assert date_formatting.clock_time(datetime(2026, 11, 24, 2, 30, tzinfo=UTC)) == "09:30"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Nguyễn Thị Ánh Tuyết", "ÁT"),
        ("Dr Nguyễn Thị Ánh Tuyết", "ÁT"),
        ("Đỗ Ngọc Mai", "NM"),
        ("Trần Bảo", "TB"),
        ("Dr Chen", "C"),
        ("dr", "D"),
        ("Plato", "P"),
        ("  ana  maria  lopes ", "AL"),
        ("A\u0301nh Mai", "ÁM"),
    ],
)
def test_initials(app: Flask, name: str, letters: str) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize(
    "what", ["created", "confirmed", "completed", "cancelled", "rescheduled", "service_assigned", "edited"]
)
def test_everything_that_can_happen_has_its_sentence(speaking, what: str) -> None:
    reader = Actor(1, Role.PATIENT, "Ana", "ana@example.com", 1)
    event: EventRow = {
        "at": clock.now(),
        "what": what,
        "by_user_id": 1,
        "by_name": "Ana",
        "by_role": "patient",
        "from_status": "booked",
        "to_status": "booked",
        "details": {
            "from": {"date": "2026-11-24", "time": "09:00"},
            "to": {"date": "2026-11-25", "time": "10:00"},
            "service": "ECG",
        },
    }
    with speaking("en"):
        assert history.describe_event(event, reader).startswith("You ")
        assert history.describe_event(
            {**event, "by_user_id": 2, "by_name": "Dr Chen", "by_role": "doctor"}, reader
        ).startswith("Dr Chen ")
    with speaking("vi"):
        assert history.describe_event(
            {**event, "by_user_id": 2, "by_name": "Dr Chen", "by_role": "doctor"}, reader
        ).startswith("BS. Chen ")


@pytest.mark.parametrize(
    ("share", "width"), [(0, ""), (0.01, " w1"), (0.25, " w2"), (0.49, " w2"), (0.5, " w3"), (0.75, " w3"), (1, " w4")]
)
def test_the_bar_of_a_day_goes_by_the_share_of_it_that_is_free(app: Flask, share: float, width: str) -> None:
    bar = app.jinja_env.get_template("components/slot_picker.html").module.bar  # type: ignore[attr-defined] # a macro
    assert bar(share) == f'<span class="bar{width}"></span>'


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("first", [date(2026, 11, 23) + timedelta(days=ahead) for ahead in range(7)], ids=str)
def test_every_week_of_the_bookable_days_is_one_press_away(first: date) -> None:
    days = [FreeDay(first + timedelta(days=ahead), 0) for ahead in range(31)]
    starts = [day.date for day in date_formatting.week_starts(days)]
    assert starts[0] == first
    assert all(day.weekday() == 0 for day in starts[1:])
    assert all(3 <= (later - day).days <= 9 for day, later in pairwise(starts))
    assert len(starts) == 5
