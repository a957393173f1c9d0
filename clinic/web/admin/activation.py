"""Switching something off or on: first a page that shows what depends on it, then the switch, with the number that was
shown."""

from __future__ import annotations

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import HiddenField

from clinic import scheduling
from clinic.scheduling import EntryKind
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.forms import PortalForm, whole
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.versioned import UNREADABLE


class SwitchForm(PortalForm):
    """What the person was shown: which way it goes, and how many appointments depend on it."""

    to = HiddenField()
    expected_count = HiddenField()


def switching(
    kind: EntryKind, entry_id: int, *, name: str, active: bool, back: str, appointments: str = ""
) -> ResponseReturnValue:
    """Show what depends on an entry that is ``active`` or not; switch it on POST. A second press finds it done.

    ``appointments`` is the address of the list of all its coming appointments, where there is one.
    """
    form = SwitchForm()
    is_active, known = form.to.data == "on", whole(form.expected_count.data)
    expected_count = UNREADABLE if known is None else known
    outcome = submitted(
        form,
        lambda: scheduling.switch(signed_in_actor(), kind, entry_id, active=is_active, expected_count=expected_count),
    )
    if outcome.done:
        on, off = gettext("%(name)s is switched on.", name=name), gettext("%(name)s is switched off.", name=name)
        flash(on if is_active else off)
        return see_other(back)
    dependents = scheduling.dependents(signed_in_actor(), kind, entry_id)
    form.to.data, form.expected_count.data = "off" if active else "on", str(dependents.appointment_count)
    return page(
        "admin/switch.html",
        status=outcome.status,
        form=form,
        kind=kind,
        name=name,
        active=active,
        back=back,
        dependents=dependents,
        appointments=appointments,
    )
