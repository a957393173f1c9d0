"""Everybody's own account, whatever their role.

settings.py        password, signed-in devices, language and colours     devices.py  what a device is called
notices.py         what they were told of it
profile.py         the profile that each role's own page shows and changes
patient_fields.py  what the clinic asks of every patient, wherever it is asked
"""

from clinic.web.account import notices
from clinic.web.account.settings import blueprint

notices.add_to(blueprint)

__all__ = ["blueprint"]
