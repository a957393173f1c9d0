"""What the domain is told of the clinic that it serves, as one frozen value for each request and command.

``create_app`` makes the value of its application; it is current while that application's context is, so that two
applications in one process each have their own. A script without an application has the defaults. Knows no environment
(``clinic.config`` reads it), no HTTP and no page address: links are made by a function that is handed in.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from clinic.contact import Contact


class LinkedPage(StrEnum):
    """A page that mails and calendar entries lead to."""

    #: A patient's own appointment; ``appointment_id``.
    APPOINTMENT = "appointment"
    BOOKING = "booking"
    #: Where somebody who has forgotten the password asks for a link.
    FORGOTTEN_PASSWORD = "forgotten_password"  # noqa: S105 - a page's name
    #: Where somebody with a mailed link chooses a password; ``uid`` and ``token``.
    NEW_PASSWORD = "new_password"  # noqa: S105 - a page's name


#: Returns the path of a page, for these values of its parameters.
PathOf = Callable[[LinkedPage, Mapping[str, object]], str]


def _front_page(_page: LinkedPage, _values: Mapping[str, object]) -> str:
    """Return the path of the front page: without an application there is no other."""
    return "/"


@dataclass(frozen=True)
class BookingRules:
    """What a clinic may decide about booking."""

    #: Patients and doctors cancel at least so long before the start, in hours (API, ``.../cancel/``).
    notice_hours: int = 24
    #: A day can be booked from today to so many days ahead.
    horizon_days: int = 30

    @property
    def notice(self) -> timedelta:
        """The time before the start until which patients and doctors cancel."""
        return timedelta(hours=self.notice_hours)


@dataclass(frozen=True)
class ClinicSettings:
    """The clinic's name, place and rules."""

    clinic_name: str = "Clinic"
    #: The time zone of the clinic's days and slots.
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Ho_Chi_Minh"))
    contact: Contact = field(default_factory=Contact)
    #: The address that links in mails begin with, without a slash at its end.
    frontend_url: str = "http://localhost:8000"
    path_of: PathOf = _front_page
    #: The mail address that mails come from.
    sender_address: str = "clinic@localhost"
    #: How long an API client's session lives without being used, and so its refresh token.
    refresh_lasts: timedelta = timedelta(days=7)
    booking: BookingRules = field(default_factory=BookingRules)
    #: How far a replica of the database may be behind for reports to be read from it (``clinic.replica``).
    replica_lag: timedelta = timedelta(seconds=60)


_DEFAULTS = ClinicSettings()
_current: ContextVar[ClinicSettings] = ContextVar("clinic_settings", default=_DEFAULTS)


def current() -> ClinicSettings:
    """Return the settings of the application that is answering or running a command; the defaults outside of one."""
    return _current.get()


def make_current(settings: ClinicSettings | None) -> None:
    """Let these settings be current from now on, the defaults for None."""
    _current.set(settings or _DEFAULTS)


@contextmanager
def using(settings: ClinicSettings) -> Iterator[None]:
    """Let these settings be current within a block; for scripts and tests."""
    token = _current.set(settings)
    try:
        yield
    finally:
        _current.reset(token)


def link(page: LinkedPage, **values: object) -> str:
    """Return the full address of a page, as a mail names it."""
    settings = current()
    return settings.frontend_url + settings.path_of(page, values)
