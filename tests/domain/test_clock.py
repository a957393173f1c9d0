"""The clock: moments in UTC, days and times of the clinic."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from clinic import clock, settings
from clinic.settings import ClinicSettings


def test_now_is_aware_and_in_utc():
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 1, 16, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 17, 0, tzinfo=UTC), date(2026, 3, 2)),
    ],
)
def test_a_day_begins_at_midnight_in_the_clinic(moment, day):
    with clock.freeze(moment):
        assert clock.today() == day


def test_a_slot_starts_at_clinic_time():
    assert clock.starts_at(date(2026, 3, 2), time(8)) == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_the_zone_decides_and_knows_summer():
    with settings.using(ClinicSettings(zone=ZoneInfo("Europe/Berlin"))):
        assert clock.zone() == ZoneInfo("Europe/Berlin")
        assert clock.starts_at(date(2026, 3, 28), time(8)) == datetime(2026, 3, 28, 7, 0, tzinfo=UTC)
        assert clock.starts_at(date(2026, 3, 29), time(8)) == datetime(2026, 3, 29, 6, 0, tzinfo=UTC)
        assert clock.local(datetime(2026, 7, 1, 6, 0, tzinfo=UTC)).time() == time(8)
    assert clock.zone() == ClinicSettings().zone


def test_a_standing_clock_goes_on_afterwards():
    there = datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=7)))
    with clock.freeze(there):
        assert clock.now() == there
        with clock.freeze(there + timedelta(days=1)):
            assert clock.today() == date(2026, 3, 3)
        assert clock.now() == there
    assert clock.now() > there.astimezone(UTC)
