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
from secrets import token_urlsafe
from zoneinfo import ZoneInfo

from clinic.contact import Contact
from clinic.i18n import LANGUAGES
from clinic.keys import Keyring

#: What a clinic may choose: how many days ahead a day can be booked, how many hours before its start a visit is changed,
#: and how many hours before its start patients book it.
HORIZON_LEAST, HORIZON_MOST = 7, 90
NOTICE_MOST = 7 * 24
LEAD_MOST = 30 * 24


def nothing_to_book(lead_hours: int, horizon_days: int) -> bool:
    """Return whether patients would have to book before the first day that can be booked."""
    return lead_hours >= horizon_days * 24


class LinkedPage(StrEnum):
    """A page that mails and calendar entries lead to."""

    #: A patient's own appointment; ``appointment_id``.
    APPOINTMENT = "appointment"
    BOOKING = "booking"
    #: Where somebody who has forgotten the password asks for a link.
    FORGOTTEN_PASSWORD = "forgotten_password"  # noqa: S105 - a page's name
    #: What somebody was told of their account.
    NOTICES = "notices"
    #: Where somebody with a mailed link chooses a password; ``uid`` and ``token``.
    NEW_PASSWORD = "new_password"  # noqa: S105 - a page's name
    #: Where an e-mail is confirmed, and where the change of one is undone; ``uid`` and ``token``.
    CONFIRM_EMAIL = "confirm_email"
    KEEP_EMAIL = "keep_email"
    #: Where somebody says that a browser is theirs, after too many tries; ``uid`` and ``token``.
    OWN_SIGN_IN = "own_sign_in"
    #: Where a patient answers to another time or doctor of a visit; ``uid`` and ``token``.
    VISIT_ANSWER = "visit_answer"


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
    #: Patients book and move to slots that start at least so many hours ahead; 0 for any that hasn't begun.
    lead_hours: int = 0
    #: A day can be booked from today to so many days ahead.
    horizon_days: int = 30
    #: How many open appointments to come a patient may have, with all doctors and with one; 0 for any number.
    most_open: int = 0
    most_open_per_doctor: int = 0
    #: How often a patient may book or move within one day; 0 for any number.
    most_per_day: int = 0

    @property
    def notice(self) -> timedelta:
        """The time before the start until which patients and doctors cancel."""
        return timedelta(hours=self.notice_hours)


@dataclass(frozen=True)
class SessionLimits:
    """How long sign-in sessions live: without being used, and at most.

    An API client's lives ``ClinicSettings.refresh_lasts`` without being used.
    """

    staff_idle: timedelta = timedelta(minutes=30)
    staff_lasts: timedelta = timedelta(hours=12)
    patient_idle: timedelta = timedelta(hours=24)
    patient_lasts: timedelta = timedelta(days=30)
    api_lasts: timedelta = timedelta(days=30)


@dataclass(frozen=True)
class AccountRules:
    """What a clinic may decide about accounts."""

    staff_need_second_factor: bool = False
    #: A patient's records are shown to an account of which it is known whose it is, and to no other.
    records_need_proof: bool = False
    #: Nobody is told whether an account has some e-mail.
    hides_unknown_emails: bool = False
    #: Patients' passwords are weighed like those of people who work here.
    strict_passwords: bool = False
    #: How long a sign-in or a proof is good for what is dangerous.
    proof_lasts: timedelta = timedelta(minutes=5)
    #: Tries to sign in are counted and limited.
    limits_tries: bool = True


@dataclass(frozen=True)
class Retention:
    """How long is kept what is of no use any more; histories, records and the audit are kept for good."""

    sessions: timedelta = timedelta(days=90)
    attempts: timedelta = timedelta(days=30)
    mail_text: timedelta = timedelta(days=30)
    mail: timedelta = timedelta(days=365)
    links: timedelta = timedelta(days=90)


#: Keys of this process alone: without an application nothing that they make is read elsewhere.
_OF_THIS_PROCESS = Keyring(token_urlsafe(32))


@dataclass(frozen=True)
class ClinicSettings:
    """The clinic's name, place and rules."""

    clinic_name: str = "Clinic"
    #: The time zone of the clinic's days and slots.
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Ho_Chi_Minh"))
    contact: Contact = field(default_factory=Contact)
    #: The languages that people are offered; an account's own stays whatever they are.
    languages: tuple[str, ...] = tuple(LANGUAGES)
    #: Whether every page says that all data is invented.
    is_demo: bool = False
    #: The address that links in mails begin with, without a slash at its end.
    frontend_url: str = "http://localhost:8000"
    path_of: PathOf = _front_page
    #: The mail address that mails come from.
    sender_address: str = "clinic@localhost"
    #: How long an API client's session lives without being used, and so its refresh token.
    refresh_lasts: timedelta = timedelta(days=7)
    sessions: SessionLimits = field(default_factory=SessionLimits)
    accounts: AccountRules = field(default_factory=AccountRules)
    booking: BookingRules = field(default_factory=BookingRules)
    retention: Retention = field(default_factory=Retention)
    #: How many mails about appointments a person gets in a day; 0 for any number.
    most_mails_per_day: int = 0
    #: What keys are made of.
    keys: Keyring = _OF_THIS_PROCESS
    #: What the keys of the audit's chain are made of.
    audit_keys: Keyring = _OF_THIS_PROCESS
    #: The one address that the portal has, ``https://clinic.example``; None where it is that of each request.
    public_url: str | None = None
    #: Whom to write to about a hole in the portal; None where the operator named nobody.
    security_contact: str | None = None
    #: How far a replica of the database may be behind for reports to be read from it (``clinic.replica``).
    replica_lag: timedelta = timedelta(seconds=60)
    #: What the environment says where the clinic has saved something else in the portal; None where it hasn't.
    environment: "ClinicSettings | None" = field(default=None, repr=False)


_DEFAULTS = ClinicSettings()
_current: ContextVar[ClinicSettings] = ContextVar("clinic_settings", default=_DEFAULTS)


def current() -> ClinicSettings:
    """Return the settings of the application that is answering or running a command; the defaults outside of one."""
    return _current.get()


def of_environment() -> ClinicSettings:
    """Return what the environment says, whatever the clinic has saved in the portal over it."""
    present = current()
    return present.environment or present


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
