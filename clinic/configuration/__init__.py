"""What the clinic has decided about itself in the portal, over what the environment says.

``clinic.settings.current()`` stays the one way to read it. Knows no HTTP, and no other domain but accounts.

details.py   which values there are, how each is checked, and how they are laid over the environment's
models.py    the history of what was saved
service.py   reading and saving     present.py  how each process learns of a change
"""

from clinic.configuration.details import EDITABLE, LETTERHEAD_MAX, ClinicDetails
from clinic.configuration.present import LOOKS_EVERY, PresentSettings
from clinic.configuration.service import (
    ClinicChanges,
    PublicDetails,
    SavedChange,
    SavedDetails,
    SavedVersion,
    details,
    history,
    public_details,
    save,
)

__all__ = [
    "EDITABLE",
    "LETTERHEAD_MAX",
    "LOOKS_EVERY",
    "ClinicChanges",
    "ClinicDetails",
    "PresentSettings",
    "PublicDetails",
    "SavedChange",
    "SavedDetails",
    "SavedVersion",
    "details",
    "history",
    "public_details",
    "save",
]
