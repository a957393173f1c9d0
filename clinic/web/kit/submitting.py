"""The life of a form: it is shown, sent, and either its command is done or it is shown again with what is wrong.

A view loads what its page needs, hands form and command to ``submitted``, and then redirects or shows the page:

    form = NotesForm(data=filled(appointment))
    outcome = submitted(form, lambda: scheduling.write_notes(actor, appointment["id"], form.notes.data))
    if outcome.done:
        return see_other(back(appointment))
    return page("doctor/notes.html", status=outcome.status, form=form)

This is the only place where pages catch what the domain refuses of a form (what an address asks for is refused elsewhere, too);
HTMX and plain requests are answered alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from clinic import events
from clinic.dry_run import would_refuse
from clinic.errors import Conflict, DomainError, InvalidInput, Stale
from clinic.events import Event
from clinic.web.kit.forms import PortalForm, is_refused
from clinic.web.kit.versioned import VersionedForm

T = TypeVar("T")
#: Kinds of refusals.
Refusals = tuple[type[DomainError], ...]


@dataclass(frozen=True)
class Done(Generic[T]):
    """The command was given, and this is what it returned."""

    result: T
    done: Literal[True] = True


@dataclass(frozen=True)
class NotDone:
    """The form's page is to be shown: 200 where it was only asked for, else with what is wrong in the form.

    ``refusal`` is None there too. Its texts are on the form already; a page looks into it for what else it shows, such as
    the appointments that are in the way.
    """

    status: int = 200
    refusal: DomainError | None = None
    done: Literal[False] = False

    @property
    def refused(self) -> bool:
        """Whether the form was sent, so that what the page shows may have changed meanwhile."""
        return self.status != 200


def submitted(
    form: PortalForm,
    command: Callable[[], T],
    *,
    names: Mapping[str, str] | None = None,
    also: Refusals = (),
    shown_elsewhere: Refusals = (),
    fields_elsewhere: Collection[str] = (),
    rehearsed: bool = True,
) -> Done[T] | NotDone:
    """Give ``command`` if ``form`` was sent and can be read; otherwise return with which status its page is shown.

    422 where something typed can't be right, 409 where it can't be done at present, 412 where somebody else has saved
    meanwhile: a ``VersionedForm`` is ``stale`` then, and its view sets beside it what was saved (``set_beside``). Any
    other form only says so, with 409. ``also`` are further refusals that the form shows, with 422.

    Where a field can't be read, the command is dry-run, so that everything wrong is shown at once. ``rehearsed=False``
    is for commands that take only what could be read, and for those that must not even be tried.

    ``names`` maps the domain's field names to the form's where they differ. Refusals that are ``shown_elsewhere`` on the
    page are not put on the form, nor is what is wrong with the domain's ``fields_elsewhere``.
    """
    if not form.is_submitted():
        return NotDone()
    refusals: Refusals = (InvalidInput, Conflict, Stale, *also)
    try:
        if form.validate():
            return Done(command())
        raise InvalidInput.of(would_refuse(command) if rehearsed and not is_refused() else {})
    except refusals as refusal:
        events.tell(Event.REFUSAL, refusal.code)
        if isinstance(refusal, Stale) and isinstance(form, VersionedForm):
            form.stale = True
            return NotDone(412, refusal)
        if not isinstance(refusal, shown_elsewhere):
            form.refuse(refusal, names, elsewhere=fields_elsewhere)
        return NotDone(409 if isinstance(refusal, Conflict | Stale) else 422, refusal)
