"""The history of what the clinic has saved about itself."""

from datetime import datetime

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock
from clinic.configuration.details import Value
from clinic.db import APPEND_ONLY, Base, UtcDateTime


class SavedSettings(Base):
    """What holds from one saving to the next; the newest version is what holds now.

    It has all that differs from the environment's values, so that one row is enough to know the present. Like the audit it
    holds an id without a foreign key.
    """

    __tablename__ = "clinic_settings"
    __table_args__ = (APPEND_ONLY,)

    #: Counts up from 1.
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    by_user_id: Mapped[int]
    #: What is laid over the environment's values, by name.
    overrides: Mapped[dict[str, Value]] = mapped_column(JSON)
    #: What this saving changed, by name: what held before, and what does since.
    changes: Mapped[dict[str, list[Value]]] = mapped_column(JSON)
