"""Tables of people: users, what patients add to them, sign-in sessions. Limits stand beside their columns."""

from datetime import date, datetime
from enum import StrEnum
from functools import reduce

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    func,
    literal,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from clinic import clock
from clinic.accounts.trigrams import SEARCHED, create_with
from clinic.audit import DEVICE_MAX
from clinic.db import Base, UtcDateTime
from clinic.i18n import DEFAULT_LANGUAGE, LANGUAGES
from clinic.policy import Duty, Role
from clinic.text.emails import EMAIL_MAX
from clinic.text.ip_addresses import IP_ADDRESS_MAX
from clinic.text.normalization import folded
from clinic.text.phones import PHONE_DIGITS
from clinic.text.word_search import trigram_index
from clinic.word_lists import Word, lists_only, one_of

NAME_MAX = 150
NAME_KEY_MAX = NAME_MAX * 2
PASSWORD_MIN, PASSWORD_MAX = 8, 128  # of characters
#: Stands for the hash of an account without a password: no password has this hash.
NO_PASSWORD = "!"  # noqa: S105 - stands for none
#: In the place of a password where its person chooses another one only once the office has seen them (decision 32).
OFFICE_OPENS = "!office"
ADDRESS_MAX = 500
INSURANCE_MAX = 50
#: Characters of a SHA-256 in hexadecimal digits, and of the word for why something ended.
DIGEST_MAX, REASON_MAX = 64, 30
GENDERS = ("male", "female", "other")


def ten_digits(column: str) -> str:
    """Return the condition that ``column`` holds exactly ten digits, in words that both databases know."""
    return f"length({column}) = {PHONE_DIGITS} AND trim({column}, '0123456789') = ''"


#: What people leave out of an insurance number, or put into it; and the number in lower case without that, as both databases
#: write it: an expression with parameters would not be known to be the index's.
INSURANCE_SEPARATORS = " -./"
BARE_INSURANCE_ID = reduce(
    lambda bare, separator: f"replace({bare}, '{separator}', '')", INSURANCE_SEPARATORS, "lower(insurance_id)"
)


def name_key(full_name: str) -> str:
    """Return what a search for somebody's name looks into; cut where it is too long, as some letters fold to eighteen."""
    return folded(full_name)[:NAME_KEY_MAX]


class SessionKind(StrEnum):
    """Where a sign-in session lives."""

    BROWSER = "browser"
    API = "api"


class User(Base):
    """A person with a sign-in."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(one_of("role", Role), name="role_known"),
        CheckConstraint(ten_digits("phone_num"), name="phone_num_ten_digits"),
        CheckConstraint(one_of("language", LANGUAGES), name="language_known"),
        CheckConstraint(lists_only("duties", Duty), name="duties_known"),
        CheckConstraint(f"email IS NOT NULL OR role = '{Role.PATIENT}'", name="email_or_patient"),
        Index("uq_users_email", func.lower(text("email")), unique=True),
        Index("ix_users_name_key_id", "name_key", "id"),
        Index("ix_users_role_name_key_id", "role", "name_key", "id"),
        Index("ix_users_phone_num", "phone_num"),
        *(trigram_index(f"ix_users_{column}_trigrams", column) for column in SEARCHED),
        # What is shown of doctors raises the public directory's revision (docs/decisions/0024).
        {"info": {"revises": ("UPDATE",), "trigrams": ("INSERT", "UPDATE", "DELETE")}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: In its canonical form (``clinic.text.emails``): one mailbox is one e-mail. Patients whom the office admitted may have
    #: none: they can't sign in and get no mail.
    email: Mapped[str | None] = mapped_column(String(EMAIL_MAX))
    full_name: Mapped[str] = mapped_column(String(NAME_MAX))
    #: The name ``folded``, for search; follows ``full_name``.
    name_key: Mapped[str] = mapped_column(String(NAME_KEY_MAX))
    phone_num: Mapped[str] = mapped_column(String(PHONE_DIGITS))
    role: Mapped[Role] = mapped_column(Word(Role))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_staff: Mapped[bool] = mapped_column(default=False)
    #: ``NO_PASSWORD`` as long as nobody has chosen one: the person is invited, or a patient without an e-mail.
    password_hash: Mapped[str] = mapped_column(String(255))
    language: Mapped[str] = mapped_column(Word(LANGUAGES, least=5), default=DEFAULT_LANGUAGE)
    #: When the person showed that they read what goes to ``email``, None where they never did.
    email_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When the reception saw a patient's identification, and who did; no foreign key, as whoever it was may be gone.
    identity_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    identity_seen_by_id: Mapped[int | None]
    #: Which admin without a right to records last gave a patient's account its e-mail or invited its person again, and when
    #: (``identity.note_new_email``); no foreign key either.
    invited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    invited_by_id: Mapped[int | None]
    #: What an admin looks after (``Duty``); empty for everybody else.
    duties: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    #: Goes up by one with each change of the profile, a role's part of it included; what its ETag carries.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)

    patient: Mapped["Patient | None"] = relationship(back_populates="user", passive_deletes="all")

    @validates("full_name")
    def _set_key(self, _column: str, name: str) -> str:
        self.name_key = name_key(name)
        return name


create_with(Base.metadata.tables["users"])

#: Which users have chosen a password. Written into the statement: of a parameter PostgreSQL couldn't say how rare it is.
HAS_PASSWORD = User.password_hash != literal(NO_PASSWORD, literal_execute=True)


class Patient(Base):
    """What the clinic knows of a user who is a patient. Its key is the user's."""

    __tablename__ = "patients"
    __table_args__ = (
        CheckConstraint(one_of("gender", GENDERS), name="gender_known"),
        CheckConstraint(ten_digits("emergency_contact_phone"), name="emergency_contact_phone_ten_digits"),
        Index("ix_patients_date_of_birth", "date_of_birth"),
        trigram_index("ix_patients_insurance_id_trigrams", literal_column(BARE_INSURANCE_ID, String).label("bare")),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    date_of_birth: Mapped[date]
    gender: Mapped[str] = mapped_column(Word(GENDERS, least=6))
    address: Mapped[str | None] = mapped_column(String(ADDRESS_MAX))
    insurance_id: Mapped[str | None] = mapped_column(String(INSURANCE_MAX))
    emergency_contact: Mapped[str | None] = mapped_column(String(NAME_MAX))
    emergency_contact_phone: Mapped[str | None] = mapped_column(String(PHONE_DIGITS))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    user: Mapped[User] = relationship(back_populates="patient")


class SignInSession(Base):
    """One signed-in browser or API client, until it is ended or runs out.

    A browser proves itself by a secret in its cookie, of which only a digest is kept; an API client by refresh tokens
    that are signed, so their ids are no secrets.
    """

    __tablename__ = "sign_in_sessions"
    __table_args__ = (
        CheckConstraint(one_of("kind", SessionKind), name="kind_known"),
        CheckConstraint("(secret_digest IS NULL) <> (refresh_id IS NULL)", name="one_proof"),
        Index("uq_sign_in_sessions_secret_digest", "secret_digest", unique=True),
        Index("ix_sign_in_sessions_user_id_ended_at", "user_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[SessionKind] = mapped_column(Word(SessionKind))
    secret_digest: Mapped[str | None] = mapped_column(String(64))
    #: The one refresh token that is good now, the one before it, and when they changed places.
    refresh_id: Mapped[str | None] = mapped_column(String(64))
    previous_refresh_id: Mapped[str | None] = mapped_column(String(64))
    rotated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    device: Mapped[str] = mapped_column(String(DEVICE_MAX), default="")
    address: Mapped[str] = mapped_column(String(IP_ADDRESS_MAX), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: The end that no use puts off; None in older rows.
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When the person last showed that it is them, by signing in or later; and when by a second factor.
    proven_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    factor_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Of the random part of the access token that is good now.
    access_digest: Mapped[str | None] = mapped_column(String(DIGEST_MAX))
    #: The network that it was begun from, as sign-ins are counted by (``clinic.text.ip_addresses``).
    network: Mapped[str] = mapped_column(String(IP_ADDRESS_MAX), default="", server_default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_because: Mapped[str | None] = mapped_column(String(REASON_MAX))


class PasswordReset(Base):
    """A link to choose a new password that a version before ``clinic.mail.links`` has mailed. None is made any more."""

    __tablename__ = "password_resets"
    __table_args__ = (
        Index("uq_password_resets_token_digest", "token_digest", unique=True),
        Index("ix_password_resets_user_id_ended_at", "user_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: When it was used, or died with another change of the password.
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
