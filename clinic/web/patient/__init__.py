"""A patient's pages.

appointments.py      the blueprint; one appointment, cancelling and moving it, its calendar file
dashboard.py         the first page     appointment_list.py  what is coming and what is past
records.py           medical records, the prescription as a sheet
edit_reason.py       what the doctor is told in advance     profile.py  the own details
access_log.py        who opened the records
"""

from flask.typing import ResponseReturnValue

from clinic import events
from clinic.errors import ConfirmationRequired
from clinic.events import Event
from clinic.web.account.email import confirm_page
from clinic.web.patient import records
from clinic.web.patient.appointments import blueprint

__all__ = ["blueprint", "records"]


@blueprint.errorhandler(ConfirmationRequired)
def _to_confirm(error: ConfirmationRequired) -> ResponseReturnValue:
    """Say how the records are opened, in place of a page that shows them."""
    events.tell(Event.REFUSAL, error.code)
    return confirm_page()
