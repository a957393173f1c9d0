"""Whose appointments a permission reaches: the table of ``clinic.policy`` as conditions of a select and as a question
about one appointment. Each read and each command names its action; nothing here decides by role what may be done.
"""

from typing import assert_never

from sqlalchemy import ColumnElement, Integer, bindparam, false

from clinic.policy import Action, Actor, Reach, Role, can, granted
from clinic.scheduling.models import Appointment


def scope(actor: Actor, action: Action) -> list[ColumnElement[bool]]:
    """Return the conditions for the appointments that ``actor`` may do ``action`` to, none where it is all of them.

    ``Forbidden`` for a role that may not do it to any.
    """
    return _own(limited_as(actor, action), actor.user_id)


def limited_as(actor: Actor, action: Action) -> Role | None:
    """Return the role whose own appointments are all that ``actor`` may do ``action`` to, None where it is any.

    ``Forbidden`` for a role that may not do it to any. For ``scope_of``, by which a statement is built once.
    """
    found = granted(actor, action)
    match found:
        case Reach.OWN:
            return actor.role
        case Reach.ANY:
            return None
        case other:
            assert_never(other)


def scope_of(limited: Role | None) -> list[ColumnElement[bool]]:
    """Return what ``scope`` does for whoever is limited so; whose they are is the statement's parameter ``actor``."""
    return _own(limited, bindparam("actor", type_=Integer))


def _own(role: Role | None, whose: int | ColumnElement[int]) -> list[ColumnElement[bool]]:
    """Return the condition for somebody's own appointments (``owns``); none where they may see any."""
    match role:
        case None:
            return []
        case Role.PATIENT:
            return [Appointment.patient_id == whose]
        case Role.DOCTOR:
            return [Appointment.doctor_id == whose]
        case Role.ADMIN:
            return [false()]
        case other:
            assert_never(other)


def owns(actor: Actor, *, patient_id: int, doctor_id: int) -> bool:
    """Return whether an appointment of this patient and doctor is the actor's own; an admin owns none."""
    match actor.role:
        case Role.PATIENT:
            return actor.user_id == patient_id
        case Role.DOCTOR:
            return actor.user_id == doctor_id
        case Role.ADMIN:
            return False
        case other:
            assert_never(other)


def may(actor: Actor, action: Action, *, patient_id: int, doctor_id: int) -> bool:
    """Return whether ``actor`` may do ``action`` to an appointment of this patient and doctor."""
    return can(actor, action, own=owns(actor, patient_id=patient_id, doctor_id=doctor_id))


def may_do(actor: Actor, action: Action, appointment: Appointment) -> bool:
    """Return whether ``actor`` may do ``action`` to an appointment that is loaded."""
    return may(actor, action, patient_id=appointment.patient_id, doctor_id=appointment.doctor_id)
