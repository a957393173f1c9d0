"""Tables of what the clinic offers: departments, services, rooms, doctors.

Texts that people read stand in English in their column; ``translations`` holds other languages as
``{"vi": {"name": ...}}``.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from clinic import clock
from clinic.accounts.models import User
from clinic.db import Base, UtcDateTime
from clinic.i18n import N_
from clinic.text.normalization import folded
from clinic.word_lists import lists_only

NAME_MAX = 150
ICON_MAX = 50
ROOM_NUMBER_MAX = 20
TITLE_MAX = 100
LICENSE_MAX = 50
URL_MAX = 500
BIO_MAX = 2000
RATING_MAX = 5
#: The languages that a doctor may see patients in (ISO 639-1), in the order in which they are offered.
SPOKEN_LANGUAGES = ("vi", "en", "zh", "fr", "ja", "ko", "de", "es", "ru", "km", "lo", "th")
DESCRIPTION_MAX = 2000
MOST_MONEY = Decimal("9999999999.99")
MOST_FLOOR = 200
MOST_YEARS = 80
#: The language that entries are written in besides English; its texts are typed into fields of this ending.
VIETNAMESE = "vi"
NO_ENTRY = N_("We can't find this entry.")

#: The last of ``__table_args__`` of a table that the public is shown: its triggers raise the directory's revision with each change
#: (docs/decisions/0024).
SHOWN_TO_ALL: dict[str, dict[str, tuple[str, ...]]] = {"info": {"revises": ("INSERT", "UPDATE", "DELETE")}}

Money = Numeric(12, 2)
Translations = dict[str, dict[str, str]]


def _version() -> Mapped[int]:
    """Return the column that goes up by one with each change of what the office wrote of an entry."""
    return mapped_column(default=1, server_default="1")


def specialization_key(english: str | None, translations: Translations | None) -> str:
    """Return what a search for a doctor's specialization looks into.

    >>> specialization_key("Heart rhythm", {"vi": {"specialization": "Nhịp tim"}})
    'heart rhythm\\nnhip tim'
    """
    texts = [english or "", *(each.get("specialization", "") for each in (translations or {}).values())]
    return "\n".join(filter(None, map(folded, texts)))


class Department(Base):
    """A branch of medicine that patients book in."""

    __tablename__ = "departments"
    __table_args__ = (
        CheckConstraint("health_examination_fee >= 0", name="health_examination_fee_not_negative"),
        Index("uq_departments_name", "name", unique=True),
        SHOWN_TO_ALL,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    icon: Mapped[str] = mapped_column(String(ICON_MAX), default="stethoscope")
    description: Mapped[str] = mapped_column(Text, default="")
    translations: Mapped[Translations] = mapped_column(JSON, default=dict)
    is_active: Mapped[bool] = mapped_column(default=True)
    health_examination_fee: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    version: Mapped[int] = _version()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)


class Service(Base):
    """An examination or treatment of a department, with its price."""

    __tablename__ = "services"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price_not_negative"),
        Index("ix_services_department_id_name", "department_id", "name"),
        SHOWN_TO_ALL,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    description: Mapped[str] = mapped_column(Text, default="")
    translations: Mapped[Translations] = mapped_column(JSON, default=dict)
    price: Mapped[Decimal] = mapped_column(Money)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = _version()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    department: Mapped[Department] = relationship(passive_deletes="all")


class Room(Base):
    """A consulting room; it may belong to a department."""

    __tablename__ = "rooms"
    __table_args__ = (
        Index("uq_rooms_room_number", "room_number", unique=True),
        Index("ix_rooms_department_id", "department_id"),
        SHOWN_TO_ALL,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    room_number: Mapped[str] = mapped_column(String(ROOM_NUMBER_MAX))
    #: 0 is the ground floor.
    floor: Mapped[int] = mapped_column(default=0)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id", ondelete="SET NULL"))
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = _version()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class Doctor(Base):
    """What the clinic publishes about a user who is a doctor. Its key is the user's."""

    __tablename__ = "doctors"
    __table_args__ = (
        CheckConstraint("consultation_fee >= 0", name="consultation_fee_not_negative"),
        CheckConstraint("experience_years >= 0", name="experience_years_not_negative"),
        CheckConstraint("total_reviews >= 0", name="total_reviews_not_negative"),
        CheckConstraint(f"rating >= 0 AND rating <= {RATING_MAX}", name="rating_in_range"),
        CheckConstraint(lists_only("languages", SPOKEN_LANGUAGES), name="languages_known"),
        Index("uq_doctors_license_number", "license_number", unique=True),
        Index("uq_doctors_room_id", "room_id", unique=True),
        Index("ix_doctors_department_id", "department_id"),
        SHOWN_TO_ALL,
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id", ondelete="RESTRICT"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id", ondelete="SET NULL"))
    title: Mapped[str] = mapped_column(String(TITLE_MAX), default="")
    specialization: Mapped[str] = mapped_column(String(NAME_MAX), default="")
    #: The specialization in each language, a line each, without accents and in lower case, for search.
    specialization_key: Mapped[str] = mapped_column(Text, default="", server_default="")
    bio: Mapped[str] = mapped_column(Text, default="")
    translations: Mapped[Translations] = mapped_column(JSON, default=dict)
    license_number: Mapped[str] = mapped_column(String(LICENSE_MAX))
    experience_years: Mapped[int] = mapped_column(default=0)
    consultation_fee: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    rating: Mapped[Decimal] = mapped_column(Numeric(3, 2), default=Decimal(0))
    total_reviews: Mapped[int] = mapped_column(default=0)
    avatar_url: Mapped[str | None] = mapped_column(String(URL_MAX))
    #: Codes out of ``SPOKEN_LANGUAGES``, in its order; empty where the clinic hasn't said.
    languages: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    user: Mapped[User] = relationship(passive_deletes="all")
    department: Mapped[Department] = relationship(passive_deletes="all")
    room: Mapped[Room | None] = relationship(passive_deletes="all")

    @validates("specialization", "translations")
    def _set_key(self, column: str, value: Any) -> Any:
        now = {"specialization": self.specialization, "translations": self.translations} | {column: value}
        self.specialization_key = specialization_key(now["specialization"], now["translations"])
        return value


class DirectoryRevision(Base):
    """The one row that names the revision of the public directory (``clinic.directory.revisions``); triggers write it."""

    __tablename__ = "directory_revision"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token: Mapped[str] = mapped_column(String(36))
