"""Slots that are kept free for an appointment: taken for everybody but that one, until they are released or their time is
up."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Integer, bindparam, literal_column, or_, select, update
from sqlalchemy.sql.elements import SQLCoreOperations

from clinic import clock
from clinic.db import AnySelect, UtcDateTime, session
from clinic.id_lists import among
from clinic.pruning import Old
from clinic.scheduling.calendar_models import SlotHold

#: Stands for the patient of a held slot: nobody learns for whom it is kept.
_NOBODY = literal_column("0", Integer)


def held(*columns: SQLCoreOperations[object], where: ColumnElement[bool]) -> AnySelect:
    """Return the select of the slots that are held now (``held_values``), of ``columns`` and 0 as ``patient_id``."""
    return select(*columns, _NOBODY.label("patient_id")).where(
        SlotHold.released_at.is_(None),
        SlotHold.until > bindparam("now", type_=UtcDateTime),
        SlotHold.for_appointment_id != bindparam("held_for", type_=Integer),
        where,
    )


def held_values(appointment_id: int | None = None) -> dict[str, object]:
    """Return the values of the parameters of ``held``: the slots that aren't free for this appointment, or for a new one."""
    return {"now": clock.now(), "held_for": appointment_id or 0}


def release(appointment_ids: Collection[int]) -> None:
    """Free the slots that are held for these appointments. No lock is needed for it: nothing is taken from anybody."""
    session().execute(
        update(SlotHold)
        .where(among(SlotHold.for_appointment_id, appointment_ids), SlotHold.released_at.is_(None))
        .values(released_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def old_holds() -> list[Old]:
    """Return the holds that hold nothing any more."""
    return [Old(SlotHold, or_(SlotHold.released_at.is_not(None), SlotHold.until < clock.now()))]
