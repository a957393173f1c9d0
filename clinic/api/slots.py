"""Which times of a doctor's day can be booked; for everybody."""

from typing import Any

from flask import Response

from clinic import scheduling
from clinic.api.blueprint import Resource
from clinic.api.language import chosen_language
from clinic.api.responses import answer
from clinic.api.schemas import appointments as schemas

_SHOWN = {at: f"{at:%H:%M}" for at in scheduling.SLOT_TIMES}

resource = Resource("slots", __name__, description="Which times can be booked.")


def _day_slots(query: dict[str, Any]) -> Response:
    day = scheduling.day_slots(
        doctor_id=query["doctor_id"],
        on=query["date"],
        department_id=query.get("department_id"),
        lang=chosen_language(),
    )
    requested = {"department": day.department} if day.department is not None else {}
    slots = [
        {"time": _SHOWN[slot.time], "available": slot.available, "room": slot.room, "reason": slot.reason}
        for slot in day.slots
    ]
    return answer({"date": day.date, "doctor": day.doctor, **requested, "available_slots": slots})


@resource.route("/appointments/available-slots/")
@resource.response(200, schemas.DaySlots)
@resource.refuses(404)
@resource.arguments(schemas.SlotQuery, location="query")
def available_slots(query: dict[str, Any]) -> Response:
    """List all slots of a doctor's day, each with whether it can be booked and, if not, why."""
    return _day_slots(query)


@resource.route("/available-slots/")
@resource.response(200, schemas.DaySlots)
@resource.refuses(404)
@resource.arguments(schemas.SlotQuery, location="query")
def available_slots_short(query: dict[str, Any]) -> Response:
    """List all slots of a doctor's day: the same at a shorter path."""
    return _day_slots(query)


@resource.route("/slots/")
@resource.response(200, schemas.Slots)
@resource.refuses(404)
@resource.arguments(schemas.SlotsQuery, location="query")
def slots(query: dict[str, Any]) -> Response:
    """List all slots of several doctors and days, each with whether it can be booked and, if not, why."""
    found = scheduling.slots_of_doctors(
        query["doctor_id"] or [], first=query.get("first"), last=query.get("last"), lang=chosen_language()
    )
    return answer(
        {
            "doctors": [
                {
                    "doctor": each.doctor,
                    "days": [
                        {
                            "date": day.date,
                            "available_slots": [
                                {"time": _SHOWN[slot.time], "available": slot.available, "reason": slot.reason}
                                for slot in day.slots
                            ],
                        }
                        for day in each.days
                    ],
                }
                for each in found
            ]
        }
    )


@resource.route("/departments/<id:department_id>/next-free/")
@resource.response(200, schemas.NextFreeOfDepartment)
@resource.refuses(404)
def next_free(department_id: int) -> Response:
    """List when the doctors of a department are free next, who is free soonest first."""
    found = scheduling.next_free_of_department(department_id, lang=chosen_language())
    return answer(
        {
            "doctors": [
                {
                    "doctor": each.doctor,
                    "next_free": each.moment and {"date": each.moment.date, "time": _SHOWN[each.moment.time]},
                }
                for each in found
            ]
        }
    )
