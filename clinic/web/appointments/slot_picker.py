"""The slot picker: the days and times of one doctor, of which one is chosen; for booking and for moving, for every role.

Says what can be had, what is chosen, what is wrong with a choice, which times are offered instead and where each choice
leads. The shells are ``booking`` (department, doctor, picker, review) and ``rescheduling`` (picker, form);
templates/components/slot_picker.html draws it. Whether a time is free is the domain's answer; nothing is decided here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import assert_never

from flask_babel import gettext

from clinic import scheduling
from clinic.i18n import N_
from clinic.policy import Actor
from clinic.scheduling import Board, ClosureRow, FreeDay, Moment, Slot, SlotStatus
from clinic.web.appointments.selection import Selection
from clinic.web.kit.formatting import closed_until
from clinic.web.kit.preferences import chosen_language

#: What is said of a choice that can't be had, by its name; of a slot it depends on the reason (``complaint_of_slot``).
COMPLAINTS = {
    "department": N_("We don't have this department. Please choose one of these."),
    "doctor": N_("This doctor can't be booked here. Please choose one of these."),
    "day": N_("This day can't be booked. Please choose one of the days below."),
    "time": N_("There's no such time. Please choose one of the times below."),
}
#: How many times are offered instead of one that can't be had.
OFFERED = 3


@dataclass(frozen=True)
class Links:
    """The addresses of choices, made of a day and a time: ``picking`` stays with the picker, ``picked`` goes on with both."""

    picking: Callable[[dt.date, dt.time | None], str]
    picked: Callable[[dt.date, dt.time], str]


@dataclass(frozen=True)
class SlotPicker:
    """What can be chosen of a doctor's days and times, what is chosen, and what was wrong with what was asked for."""

    selection: Selection
    links: Links
    days: Sequence[FreeDay] = ()
    slots: Sequence[Slot] = ()
    #: What is validly chosen.
    day: dt.date | None = None
    time: dt.time | None = None
    #: What is wrong with the choices, in the reader's language.
    complaints: tuple[str, ...] = ()
    #: The free times nearest to one that can't be had.
    offers: Sequence[Moment] = ()
    #: When the appointment is now, if it is one that is being moved.
    present: Moment | None = None
    #: Whether the reader chooses for another person.
    for_other: bool = False

    @cached_property
    def closures(self) -> Sequence[ClosureRow]:
        """When the clinic is closed in these days: asked for only by who shows them, and where something is closed."""
        if not any(day.closed for day in self.days) and not any(
            slot.reason is SlotStatus.CLOSED for slot in self.slots
        ):
            return ()
        return _closures_in(self.days)

    @property
    def closures_of_day(self) -> list[ClosureRow]:
        """When the clinic is closed on the chosen day."""
        return [row for row in self.closures if self.day and row["first_day"] <= self.day <= row["last_day"]]

    @property
    def closed_day(self) -> str:
        """Why nobody is seen all of the chosen day, as people are told; "" where somebody is."""
        match next((each.closed_by for each in self.days if each.date == self.day), None):
            case SlotStatus.OFF_HOURS:
                return gettext("The doctor doesn't see patients on this day.")
            case SlotStatus.AWAY:
                return gettext("The doctor is away on this day.")
            case SlotStatus.CLOSED as closed:
                why = map(closed_until, self.closures_of_day)
                return " ".join(why) or complaint_of_slot(closed, self.for_other)
            case _:
                return ""

    @property
    def is_full(self) -> bool:
        """Whether the chosen day has no free times."""
        return self.day is not None and not any(slot.available for slot in self.slots)

    @property
    def next_day(self) -> dt.date | None:
        """The first day with free times after the chosen one, if that one has none."""
        if not self.is_full:
            return None
        return next((each.date for each in self.days if self.day and each.date > self.day and each.free), None)

    @property
    def step(self) -> int:
        """The number of the choice that comes next, a day or a time; 3 when both are made."""
        return 1 if self.day is None else 2 if self.time is None else 3

    @property
    def present_time(self) -> dt.time | None:
        """The time that the appointment has now, on the chosen day; None where that is another day."""
        return self.present.time if self.present and self.present.date == self.day else None

    def day_link(self, on: dt.date) -> str:
        """Return where choosing a day leads; the day that is chosen already keeps its time."""
        return self.links.picking(on, self.time if on == self.day else None)

    def time_link(self, at: dt.time) -> str:
        """Return where choosing a time of the chosen day leads."""
        if self.day is None:
            raise ValueError("a time is chosen after its day")
        return self.links.picked(self.day, at)

    def refused(self, complaint: str, offers: Sequence[Moment] = ()) -> SlotPicker:
        """Return the picker after its time was refused: without the time, with the reason and what may be had instead."""
        return replace(self, time=None, complaints=(complaint,), offers=offers)


def slot_picker(
    board: Board, selection: Selection, links: Links, *, for_other: bool, present: Moment | None = None
) -> SlotPicker:
    """Look the day and the time of ``selection`` up on ``board``: keep what is right, say what is not.

    ``present`` is when an appointment that is being moved is now; its day is shown where the address names none.
    """
    requested = selection.day or (present.date if present else None)
    day = requested if requested in [each.date for each in board.days] else None
    slot = next((each for each in board.slots if each.time == selection.time), None)
    complaints = []
    if "day" in selection.bad or (board.days and selection.day and day is None):
        complaints.append(complaint("day"))
    if "time" in selection.bad:
        complaints.append(complaint("time"))
    elif day and selection.time is not None and not complaints:
        complaints += _wrong_with(slot, day, board.days, present=present, for_other=for_other)
    return SlotPicker(
        selection,
        links,
        days=board.days,
        slots=board.slots,
        day=day,
        time=slot.time if slot is not None and not complaints else None,
        complaints=tuple(complaints),
        present=present,
        for_other=for_other,
    )


def _closures_in(days: Sequence[FreeDay]) -> list[ClosureRow]:
    return [row for row in scheduling.closures(lang=chosen_language()) if row["first_day"] <= days[-1].date]


def complaint(wrong: str) -> str:
    """Return what is said of a choice that can't be had, by its name."""
    return gettext(COMPLAINTS[wrong])


def _wrong_with(
    slot: Slot | None, day: dt.date, days: Sequence[FreeDay], *, present: Moment | None, for_other: bool
) -> list[str]:
    """Return what is said of the chosen slot of a day if it can't be had; ``for_other`` if it is for another person."""
    if slot is None:
        return [complaint("time")]
    if slot.reason is None:
        return []
    if Moment(day, slot.time) == present:
        return [gettext("The visit is already at this time.")]
    if slot.reason is SlotStatus.CLOSED and _closures_in(days):
        return [gettext("The clinic is closed at the time you chose. Please choose another.")]
    return [complaint_of_slot(slot.reason, for_other)]


def complaint_of_slot(reason: SlotStatus, for_other: bool) -> str:
    """Return what is said of a slot that can't be had; ``for_other`` if the appointment in the way would be the
    patient's, not the reader's."""
    match reason:
        case SlotStatus.PAST:
            return gettext("The time you chose has passed. Please choose another.")
        case SlotStatus.TAKEN:
            return gettext("Somebody else has booked the time you chose. Please choose another.")
        case SlotStatus.YOURS:
            return (
                gettext("The patient has a visit at the time you chose. Please choose another.")
                if for_other
                else gettext("You have a visit at the time you chose. Please choose another.")
            )
        case SlotStatus.AWAY:
            return gettext("The doctor is away at the time you chose. Please choose another.")
        case SlotStatus.CLOSED:
            return gettext("This doctor isn't seeing patients at the moment.")
        case SlotStatus.OFF_HOURS:
            return gettext("The doctor doesn't see patients at the time you chose. Please choose another.")
        case SlotStatus.TOO_SOON:
            return gettext("It's too late to book the time you chose. Please choose another, or call us.")
        case SlotStatus.TOO_FAR:
            return gettext("The time you chose is too far ahead. Please choose another.")
        case other:
            assert_never(other)


def spoken(complaints: Sequence[str], instruction: str) -> str:
    """Return what a screen reader is told after a choice: what is wrong, which says what to do as well; else what is next."""
    return " ".join(complaints) or instruction


def nearest_offers(actor: Actor, doctor_id: int, selection: Selection) -> list[Moment]:
    """Return the free times of a doctor that are nearest to the selected one, which can't be had; none without one."""
    refused = selection.moment
    if refused is None:
        return []

    def nearest(count: int) -> list[Moment]:
        return scheduling.nearest_free(
            doctor_id=doctor_id,
            on=refused.date,
            at=refused.time,
            actor=actor,
            patient_id=selection.patient,
            count=count,
        )

    near = nearest(OFFERED)
    # Free for the doctor, but refused all the same: the patient has an appointment of which the reader doesn't know.
    return near if refused not in near else [each for each in nearest(OFFERED + 1) if each != refused]
