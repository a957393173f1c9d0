"""How long sign-in sessions live: by role and by what is signed in, without being used and at most. Pure.

The settings of now count for sessions of before, too: what is shortened ends them, what is lengthened doesn't bring any
back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from clinic import settings
from clinic.accounts.models import SessionKind
from clinic.policy import Role

#: How exactly "last used" is kept: more exactly would make every page a write, less would end a short idle time early.
TOUCH_EVERY, TOUCH_SHORT_EVERY = timedelta(minutes=5), timedelta(minutes=1)
#: An idle time up to which it is kept more exactly.
SHORT = timedelta(hours=1)


@dataclass(frozen=True)
class Lifetime:
    """How long a session lives: ``idle`` without being used, ``most`` in any case."""

    idle: timedelta
    most: timedelta

    @property
    def touch_every(self) -> timedelta:
        """How long after its last noted use a session's use is noted again."""
        return TOUCH_SHORT_EVERY if self.idle <= SHORT else TOUCH_EVERY


def lifetime_of(role: Role, kind: SessionKind) -> Lifetime:
    """Return how long sessions of this kind live for people in a role."""
    limits = settings.current().sessions
    if kind is SessionKind.API:
        return Lifetime(settings.current().refresh_lasts, limits.api_lasts)
    match role:
        case Role.PATIENT:
            return Lifetime(limits.patient_idle, limits.patient_lasts)
        case Role.DOCTOR | Role.ADMIN:
            return Lifetime(limits.staff_idle, limits.staff_lasts)
        case other:
            assert_never(other)


@dataclass(frozen=True)
class Ends:
    """When a session ends: ``at`` unless it is used before, ``at_most`` however much it is used."""

    at: datetime
    at_most: datetime


def ends_after_use(lifetime: Lifetime, used: datetime, began: datetime, most: datetime | None) -> Ends:
    """Return when a session ends that was used at ``used``; ``most`` is the end that was set when it began, if one was."""
    at_most = min(began + lifetime.most, most or datetime.max.replace(tzinfo=began.tzinfo))
    return Ends(min(used + lifetime.idle, at_most), at_most)
