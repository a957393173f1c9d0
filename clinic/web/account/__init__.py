"""Everybody's own account, whatever their role.

settings.py        password, signed-in devices, language and colours     devices.py  what a device is called
email.py           the e-mail: another one, and confirming it
notices.py         what they were told of it
second_step.py     the second step of signing in     passkeys.py  those of it     proof_page.py  showing again that it's oneself
profile.py         the profile that each role's own page shows and changes
patient_fields.py  what the clinic asks of every patient, wherever it is asked
"""

from clinic.web.account import email, notices, passkeys, proof_page, second_step
from clinic.web.account.settings import blueprint

__all__ = ["blueprint", "email", "notices", "passkeys", "proof_page", "second_step"]
