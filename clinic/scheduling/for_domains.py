"""The door of scheduling for records: parts of their selects, and what a record asks of its appointment.

Nothing here commits; the command that calls does. Deliveries enter by ``clinic.scheduling``.
"""

from clinic.scheduling.lifecycle import Transition, why_not
from clinic.scheduling.queries import NEWEST_DAY_FIRST
from clinic.scheduling.scope import limited_as, scope, scope_of
from clinic.scheduling.service import load_appointment

__all__ = ["NEWEST_DAY_FIRST", "Transition", "limited_as", "load_appointment", "scope", "scope_of", "why_not"]
