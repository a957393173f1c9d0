"""A patient who books many visits at the same moment gets as many as the clinic lets them have, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta

from clinic import scheduling
from tests.people import plant
from tests.races.conftest import Crowd, at_once, by_api
from tests.races.test_races import outcome, wish_for
from tests.servers import LiveServer

Start = Callable[..., LiveServer]
LIMITS = {"most_open_appointments": 3, "most_bookings_per_day": 12}


def test_twenty_bookings_of_one_patient_at_once(start_server: Start, friday: date):
    server = start_server(**LIMITS)
    with server.app.app_context():
        cast = plant()
    with ExitStack() as stack:
        ana = Crowd(server, stack).api(cast.ana)
        wishes = [
            wish_for(cast, ("chen", "diallo")[number % 2], friday + timedelta(days=number // 10), f"{time:%H:%M}")
            for number, time in enumerate(scheduling.SLOT_TIMES[:10] * 2)
        ]
        outcomes = Counter(map(outcome, at_once([by_api(ana, selection) for selection in wishes])))
    assert outcomes == {"done": 3, "too_many_visits": 17}
