"""Repeated bookings: a client that isn't sure its booking arrived sends it again under the same key.

A key belongs to its user and is kept for ``KEY_LIFETIME_HOURS`` with the booking that it made. The row is written in the booking's own
transaction, so a repeat in flight waits for it and a refused booking leaves nothing (API, ``POST appointments/``).
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, Index, String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock
from clinic.db import Base, UtcDateTime, session, translate_violation
from clinic.errors import Conflict, InvalidInput, Text
from clinic.i18n import N_
from clinic.policy import Actor
from clinic.pruning import Old

KEY_MAX = 255
KEY_LIFETIME_HOURS = 24


class IdempotencyKey(Base):
    """One key of one user, what was requested under it, and the appointment that it booked."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        Index("uq_idempotency_keys_user_id_key", "user_id", "key", unique=True),
        Index("ix_idempotency_keys_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(KEY_MAX))
    request_digest: Mapped[str] = mapped_column(String(64))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


def digest_of(request: Mapping[str, object]) -> str:
    """Return the same text for the same request, however it was written."""
    written = json.dumps(request, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(written.encode()).hexdigest()


def claim(actor: Actor, key: str, request: Mapping[str, object]) -> IdempotencyKey | int:
    """Return the key's new row, to be given the appointment, or the id of the appointment that it booked before.

    Waits for the same key in flight. ``Conflict`` ``key_reused`` if it was used for another request,
    ``InvalidInput`` on ``idempotency_key`` for a key that can't be kept.
    """
    if not 0 < len(key) <= KEY_MAX or not key.isascii() or not key.isprintable():
        refusal = Text(N_("Please use 1 to %(most)d printable ASCII characters."), {"most": KEY_MAX})
        raise InvalidInput.of({"idempotency_key": [refusal]})
    _forget_old()
    digest = digest_of(request)
    row = IdempotencyKey(user_id=actor.user_id, key=key, request_digest=digest)
    known = _known(actor, key)
    if known is None:
        try:
            with session().begin_nested():
                session().add(row)
                session().flush()
        except IntegrityError as error:
            if translate_violation(error) != "uq_idempotency_keys_user_id_key":
                raise
            # The one in flight has committed by now.
            known = _known(actor, key)
    if known is None:
        return row
    if known.request_digest != digest or known.appointment_id is None:
        raise Conflict(N_("This Idempotency-Key has already been used for another request."), code="key_reused")
    return known.appointment_id


def _known(actor: Actor, key: str) -> IdempotencyKey | None:
    return session().scalar(
        select(IdempotencyKey)
        .where(IdempotencyKey.user_id == actor.user_id, IdempotencyKey.key == key)
        .execution_options(populate_existing=True)
    )


def old_rows() -> list[Old]:
    """Return the keys that are past their time; each booking with a key removes them too."""
    return [Old(IdempotencyKey, _is_old())]


def _is_old() -> ColumnElement[bool]:
    return IdempotencyKey.created_at < clock.now() - timedelta(hours=KEY_LIFETIME_HOURS)


def _forget_old() -> None:
    """Delete the keys that are past their time."""
    session().execute(delete(IdempotencyKey).where(_is_old()))
