"""The door of accounts for the other domains: parts of their selects, and steps of their transactions.

Nothing here commits; the command that calls does. But for ``account`` nothing asks who acts either: the command has asked.
Deliveries enter by ``clinic.accounts``.
"""

from clinic.accounts.administration import BY_NAME, first_people, write_switch
from clinic.accounts.duties import hold_admins
from clinic.accounts.everybody import end_all_proofs
from clinic.accounts.invitations import add_invited, send_invitation
from clinic.accounts.own_account import (
    ACCOUNT_FIELDS,
    PATIENT_FIELDS,
    account,
    change_account,
    change_patient,
    changed,
    lock_account,
    patient_profile,
)
from clinic.accounts.own_account import STALE as STALE_PROFILE
from clinic.accounts.people_search import LookedUp, look_up, matching, of_people
from clinic.accounts.service import locked_person, user_by_email
from clinic.accounts.uids import uid_of, user_id_of

__all__ = [
    "ACCOUNT_FIELDS",
    "BY_NAME",
    "PATIENT_FIELDS",
    "STALE_PROFILE",
    "LookedUp",
    "account",
    "add_invited",
    "change_account",
    "change_patient",
    "changed",
    "end_all_proofs",
    "first_people",
    "hold_admins",
    "lock_account",
    "locked_person",
    "look_up",
    "matching",
    "of_people",
    "patient_profile",
    "send_invitation",
    "uid_of",
    "user_by_email",
    "user_id_of",
    "write_switch",
]
