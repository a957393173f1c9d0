"""What happens in the portal, told to whoever counts it. Without a listener nothing is done (``clinic.operations.metrics``).

Whoever tells knows nobody who listens; what is told has no person in it. What a listener can't do is logged: what was
done stays done, and is answered.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import partial

import structlog

from clinic.db import on_commit


class Event(StrEnum):
    """What may happen; its detail is one of few words."""

    #: An appointment was booked or changed; the detail is the word of its history.
    APPOINTMENT = "appointment"
    #: Somebody tried to sign in; the detail is ``succeeded`` or the refusal's code.
    SIGN_IN = "sign_in"
    #: Something was refused, or went wrong; the detail is the code.
    REFUSAL = "refusal"


log = structlog.get_logger("clinic.events")

Listener = Callable[[Event, str], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call ``listener`` at each event from now on; once, however often it is named."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(event: Event, detail: str) -> None:
    """Say that something has happened; a listener that fails keeps nobody from anything."""
    for listener in _listeners:
        try:
            listener(event, detail)
        except Exception as error:  # whatever went wrong there, what is told has happened
            log.error("listener", happened=event.value, detail=detail, exc_info=error)


def tell_on_commit(event: Event, detail: str) -> None:
    """Say that something has happened when the present transaction is committed; nothing if it is rolled back."""
    if _listeners:
        on_commit(partial(tell, event, detail))
