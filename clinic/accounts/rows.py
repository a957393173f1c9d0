"""What the front door of accounts hands out and takes: the keys of each row and what they hold. Knows no table."""

from datetime import date, datetime
from typing import NotRequired, TypedDict


class PersonRow(TypedDict):
    """An account as the office sees it; ``has_password`` is false as long as an invitation isn't accepted, ``duties`` are an
    admin's."""

    id: int
    email: str | None
    full_name: str
    phone_num: str
    role: str
    is_active: bool
    has_password: bool
    language: str
    duties: list[str]
    created_at: datetime
    updated_at: datetime
    version: int


class ListedPerson(PersonRow):
    """An account in a list of people; only a patient has a ``date_of_birth``."""

    date_of_birth: date | None


class OpenAccount(ListedPerson):
    """An account that was opened, with what ``patients`` adds; of anybody else these keys are None.

    ``second_factor_since`` is when they set up the second step of signing in, None where they didn't.
    """

    second_factor_since: datetime | None
    gender: str | None
    address: str | None
    insurance_id: str | None
    emergency_contact: str | None
    emergency_contact_phone: str | None
    #: The e-mail that the account gets once it is confirmed, None where none waits.
    pending_email: str | None
    email_confirmed_at: datetime | None
    #: When the reception saw a patient's identification, and who did, None where that isn't known.
    identity_seen_at: datetime | None
    identity_seen_by: str | None
    #: Whether they choose a password only once the office has seen them.
    waits_for_office: bool
    #: Who opened a patient's unused account without a right to records: a colleague of theirs has to see the ID.
    invited_by_id: int | None
    invited_by: str | None


class AccountRow(TypedDict):
    """A person's own account: nobody signs in without an e-mail."""

    id: int
    email: str
    full_name: str
    phone_num: str
    role: str
    is_active: bool
    created_at: datetime
    updated_at: datetime
    version: int
    email_confirmed: bool
    #: The e-mail that the account gets once it is confirmed, None where none waits.
    pending_email: str | None
    #: Whether the reception saw the person's identification.
    identity_seen: bool


class PatientProfile(TypedDict):
    """What a patient adds to their account."""

    date_of_birth: date
    gender: str
    address: str | None
    insurance_id: str | None
    emergency_contact: str | None
    emergency_contact_phone: str | None


class SessionRow(TypedDict):
    """Where somebody is signed in."""

    id: int
    kind: str
    device: str
    address: str
    created_at: datetime
    last_used_at: datetime
    is_this_one: bool


class Registration(TypedDict):
    """What somebody says of themselves to register as a patient."""

    email: str
    password: str
    password_confirm: str
    full_name: str
    phone_num: str
    date_of_birth: date | None
    gender: str
    address: NotRequired[str]
    #: Only a patient's can be registered.
    role: NotRequired[str]
    language: NotRequired[str]


class KnownDeviceRow(TypedDict):
    """A browser that somebody is known by."""

    device: str
    address: str
    first_seen_at: datetime
    last_seen_at: datetime


class NoticeRow(TypedDict):
    """What a person was told of their account; ``text`` is None where another version of the portal has stored it."""

    id: int
    #: The letter that told it by mail.
    kind: str
    text: str | None
    created_at: datetime
    #: Whether they haven't seen it before.
    is_new: bool


class AccountChanges(TypedDict, total=False):
    """What everybody may change of their account; a missing key leaves what stands."""

    full_name: str | None
    phone_num: str | None


class PatientDetails(TypedDict, total=False):
    """What a patient need not say; a missing key leaves what stands."""

    address: str | None
    insurance_id: str | None
    emergency_contact: str | None
    emergency_contact_phone: str | None


class PatientChanges(PatientDetails, total=False):
    """What may be changed of a patient's profile; a missing key leaves what stands."""

    date_of_birth: date | None
    gender: str | None


class PersonChanges(AccountChanges, PatientChanges, total=False):
    """What the office may correct of an account, and of a patient's what the clinic asks of them too."""

    email: str | None
