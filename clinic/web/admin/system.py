"""The state of the system: what runs, on which database, whether mail leaves, and what is done from time to time."""

from __future__ import annotations

from collections.abc import Iterator

from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from clinic import clock, jobs, mail
from clinic.operations.system import SystemState, system_state
from clinic.web.admin.menu import blueprint
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.page import page


@blueprint.get("/system")
def system() -> ResponseReturnValue:
    """Show how the portal stands."""
    state = system_state(signed_in_actor())
    return page(
        "admin/system.html",
        state=state,
        problems=list(_problems(state)),
        workers=[(worker, mail.is_lost(worker)) for worker in state.workers],
        jobs=[(job, jobs.lateness(job) > jobs.LATE_AFTER) for job in state.jobs],
    )


def _problems(state: SystemState) -> Iterator[str]:
    """Yield a sentence for everything that somebody has to look after."""
    if not state.database.fits:
        yield gettext(
            "The portal and its database are of different versions, so some pages may not work. "
            "Ask whoever runs the server to finish the upgrade."
        )
    if state.maintenance is None and all(mail.is_lost(worker) for worker in state.workers):
        yield gettext(
            "No e-mails are being sent, because no mail worker is running. Ask whoever runs the server to start it."
        )
    elif due := state.outbox.due_since:
        minutes = int((clock.now() - due).total_seconds() // 60)
        if minutes >= LATE_MINUTES:
            yield ngettext(
                "E-mails have been late for one minute.", "E-mails have been late for %(num)d minutes.", minutes
            )
    if state.maintenance is None and any(job["failures"] for job in state.jobs):
        yield gettext(
            "Some timed work goes wrong. Ask whoever runs the server to look at it; the table below says which."
        )
    if state.is_backup_late and state.last_backup_at is not None:
        hours = int((clock.now() - state.last_backup_at).total_seconds() // 3600)
        yield ngettext(
            "The last backup is one hour old. Ask whoever runs the server to look at it.",
            "The last backup is %(num)d hours old. Ask whoever runs the server to look at it.",
            hours,
        )
    if state.redis_answers is False:
        yield gettext(
            "Redis doesn't answer. People can still use the portal, but each server process counts tries for itself."
        )


#: So late mail is worth a word; a worker looks every few seconds.
LATE_MINUTES = 5
