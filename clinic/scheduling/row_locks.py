"""Which rows a command keeps from being changed, always in one order, so that no two wait for each other in a circle:

accounts, doctors by their ids, then department, room and service (docs/decisions/0007). The actor's own account comes first,
too: whatever is written names who did it, and so holds that row sooner or later, while whoever switches a doctor off locks
the account and then the doctor.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import aliased

from clinic.accounts.models import User
from clinic.audit import SystemActor
from clinic.db import holding, session
from clinic.directory.for_domains import keep_new_doctors_out
from clinic.directory.models import Doctor
from clinic.id_lists import among
from clinic.policy import Actor

_OWN = aliased(User, name="own_account")


def hold_doctors(actor: Actor, doctor_ids: Collection[int]) -> Mapping[int, str]:
    """Keep these doctors and their departments from being switched off, and leave from being entered, until the present
    transaction ends; return their names."""
    rows = session().execute(
        select(Doctor.user_id, User.full_name)
        .join(User, User.id == Doctor.user_id)
        .join(_OWN, _OWN.id == actor.user_id)
        .where(among(Doctor.user_id, doctor_ids))
        .order_by(Doctor.user_id)
        .with_for_update(read=True, key_share=True, of=(_OWN, Doctor))
    )
    return {row.user_id: row.full_name for row in rows}


def lock_doctors(actor: Actor | SystemActor, doctor_id: int | None = None) -> Sequence[int]:
    """Lock a doctor's row alone, or those of all doctors, and return whose: bookings that are under way are waited for,
    later ones wait and then see what was changed."""
    if isinstance(actor, Actor):
        session().execute(holding(select(User.id).where(User.id == actor.user_id)))
    concerned = select(Doctor.user_id).order_by(Doctor.user_id)
    if doctor_id is not None:
        concerned = concerned.where(Doctor.user_id == doctor_id)
    return session().scalars(concerned.with_for_update()).all()


def lock_all_doctors(actor: Actor) -> Sequence[int]:
    """Do the same with all doctors, and let none be added meanwhile."""
    keep_new_doctors_out()
    return lock_doctors(actor)
