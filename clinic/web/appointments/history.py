"""An appointment's history as sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Literal

from flask import Flask
from flask_babel import gettext

from clinic.policy import Actor
from clinic.scheduling import EventRow, EventType, PreviousSlot
from clinic.web.kit import date_formatting, formatting

#: Before and after a change.
_SIDES: tuple[Literal["from", "to"], ...] = ("from", "to")
_PARTS: tuple[Literal["date", "time"], ...] = ("date", "time")


def _name(event: EventRow) -> str:
    """Return who did it, a doctor with the title."""
    return formatting.titled_name(event["by_name"], event["by_role"])


def _moved(event: EventRow) -> dict[str, str]:
    """Return the words for "from when to when" of a moved appointment."""
    details = event["details"]
    return {side: _when(details[side]) for side in _SIDES if side in details}


def _handed(event: EventRow) -> dict[str, str]:
    """Return the words for "from whom to whom" of an appointment that was handed over, with the times if these changed."""
    details = event["details"]
    is_moved = any(details["from"][part] != details["to"][part] for part in _PARTS)
    return {
        side: ", ".join([formatting.doctor_name(details[side]["doctor"]), *([_when(details[side])] * is_moved)])
        for side in _SIDES
    }


def _when(moment: PreviousSlot) -> str:
    return f"{date_formatting.day_short(date.fromisoformat(moment['date']))}, {moment['time']}"


Sentences = tuple[Callable[[EventRow], str], Callable[[EventRow], str]]

_ADVANCE_TEXTS: Sentences = (
    lambda _event: gettext("You changed what was written before the visit."),
    lambda event: gettext("%(name)s changed what was written before the visit.", name=_name(event)),
)
_NOTES: Sentences = (
    lambda _event: gettext("You changed the notes from the clinic."),
    lambda event: gettext("%(name)s changed the notes from the clinic.", name=_name(event)),
)
_ROOM: Sentences = (
    lambda event: gettext("You changed the room from %(from)s to %(to)s.", **_rooms(event)),
    lambda event: gettext("%(name)s changed the room from %(from)s to %(to)s.", name=_name(event), **_rooms(event)),
)
_SOMETHING: Sentences = (
    lambda _event: gettext("You changed the visit's notes."),
    lambda event: gettext("%(name)s changed the visit's notes.", name=_name(event)),
)


def _edits(event: EventRow) -> list[Sentences]:
    """Return the sentences for each part that was edited; older lines don't say which room it was."""
    details = event["details"]
    fields = set(details.get("fields") or ())
    if not fields or ("room_id" in fields and "room" not in details):
        return [_SOMETHING]
    describe_event = {"room_id": _ROOM, "reason": _ADVANCE_TEXTS, "symptoms": _ADVANCE_TEXTS, "notes": _NOTES}
    return list(dict.fromkeys(how for name, how in describe_event.items() if name in fields)) or [_SOMETHING]


def _rooms(event: EventRow) -> dict[str, str]:
    """Return the numbers of the rooms before and after, in words where there was none."""
    return {side: event["details"]["room"][side] or gettext("no room") for side in _SIDES}


#: By what happened: the sentence for the reader's own doing, and for somebody else's.
_SENTENCES: Mapping[EventType, tuple[Callable[[EventRow], str], Callable[[EventRow], str]]] = {
    EventType.CREATED: (
        lambda _event: gettext("You booked this visit."),
        lambda event: gettext("%(name)s booked this visit.", name=_name(event)),
    ),
    EventType.CONFIRMED: (
        lambda _event: gettext("You confirmed the visit."),
        lambda event: gettext("%(name)s confirmed the visit.", name=_name(event)),
    ),
    EventType.COMPLETED: (
        lambda _event: gettext("You completed the visit."),
        lambda event: gettext("%(name)s completed the visit.", name=_name(event)),
    ),
    EventType.REOPENED: (
        lambda _event: gettext("You reopened the visit."),
        lambda event: gettext("%(name)s reopened the visit.", name=_name(event)),
    ),
    EventType.CANCELLED: (
        lambda _event: gettext("You cancelled the visit."),
        lambda event: gettext("%(name)s cancelled the visit.", name=_name(event)),
    ),
    EventType.RESCHEDULED: (
        lambda event: gettext("You moved the visit from %(from)s to %(to)s.", **_moved(event)),
        lambda event: gettext("%(name)s moved the visit from %(from)s to %(to)s.", name=_name(event), **_moved(event)),
    ),
    EventType.HANDED_OVER: (
        lambda event: gettext("You handed the visit over from %(from)s to %(to)s.", **_handed(event)),
        lambda event: gettext(
            "%(name)s handed the visit over from %(from)s to %(to)s.", name=_name(event), **_handed(event)
        ),
    ),
    EventType.EDITED: (
        lambda event: " ".join(own(event) for own, _others in _edits(event)),
        lambda event: " ".join(others(event) for _own, others in _edits(event)),
    ),
    EventType.SERVICE_ASSIGNED: (
        lambda event: gettext("You added a service: %(service)s.", service=_service(event)),
        lambda event: gettext("%(name)s added a service: %(service)s.", name=_name(event), service=_service(event)),
    ),
}


def _service(event: EventRow) -> str:
    return event["details"].get("service", "")


def describe_event(event: EventRow, reader: Actor) -> str:
    """Return one line of an appointment's history as a sentence to ``reader``."""
    own, others = _SENTENCES[EventType(event["what"])]
    sentence = own(event) if event["by_user_id"] == reader.user_id else others(event)
    # The domain tells the reason to whoever may read it.
    if event["what"] == EventType.REOPENED and "reason" in event["details"]:
        sentence += " " + gettext("Reason: %(reason)s", reason=event["details"]["reason"])
    if "dropped_service" in event["details"]:
        dropped = event["details"]["dropped_service"]
        sentence += " " + gettext("The service %(service)s is no longer part of it.", service=dropped)
    return sentence


def install(app: Flask) -> None:
    """Add ``describe_event`` to the templates' filters."""
    app.jinja_env.filters["describe_event"] = describe_event
