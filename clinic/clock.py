"""The only reader of the wall clock, and of time in the clinic's zone.

Moments are aware datetimes in UTC. Days and slot times are the clinic's own: a ``date`` or ``time`` without a zone
always means clinic time.
"""

import time as machine_time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinic import settings

#: So far the clocks of several machines may be apart: a moment that lies further ahead is of a clock that was wrong.
CLOCKS_DIFFER = timedelta(minutes=1)


class _Clock:
    """Where the time comes from; replaced by tests through ``freeze``."""

    source: Callable[[], datetime] = staticmethod(lambda: datetime.now(UTC))


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _Clock.source().astimezone(UTC)


def zone() -> ZoneInfo:
    """Return the clinic's time zone."""
    return settings.current().zone


def local(moment: datetime) -> datetime:
    """Return ``moment`` in clinic time."""
    return moment.astimezone(zone())


def today() -> date:
    """Return the day that it is in the clinic."""
    return local(now()).date()


def starts_at(on: date, at: time) -> datetime:
    """Return the moment (UTC) at which a slot of the clinic's day ``on`` at clinic time ``at`` begins."""
    return datetime.combine(on, at, zone()).astimezone(UTC)


@contextmanager
def freeze(moment: datetime) -> Iterator[None]:
    """Let the clock stand at ``moment`` (aware); for tests."""
    before = _Clock.source
    _Clock.source = staticmethod(lambda: moment)
    try:
        yield
    finally:
        _Clock.source = before


def machine_seconds() -> float:
    """Return the machine's own time in seconds since 1970, which never stands: for what libraries stamp by it."""
    return machine_time.time()
