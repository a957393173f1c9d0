"""Weekly hours, extra hours and closed days over the API: read by everybody, set as on the office's pages and by the same rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.caller import Caller
from tests.api.conftest import LATER
from tests.people import Cast

As = Callable[[str], Caller]
MORNING = {"weekday": 3, "from_time": "08:00:00", "to_time": "12:00:00"}

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


def reasons(caller: Caller, cast: Cast, day: object = LATER) -> list[str | None]:
    """Why the slots of Dr Chen's day can't be booked."""
    slots = caller.get(f"available-slots/?doctor_id={cast.chen}&date={day}").get_json()["available_slots"]
    return [slot["reason"] for slot in slots]


def test_opening_hours_are_set_as_a_whole(anyone: Caller, as_: As, cast: Cast) -> None:
    before = anyone.get("opening-hours/")
    assert before.get_json() == {"hours": []}
    tag = {"If-Match": before.headers["ETag"]}
    answer = as_("esther").put("opening-hours/", {"hours": [MORNING]}, headers=tag)

    assert answer.status_code == 200
    assert answer.get_json()["opening_hours"] == anyone.get("opening-hours/").get_json() == {"hours": [MORNING]}
    assert reasons(anyone, cast) == [None] * 8 + ["off_hours"] * 10
    assert as_("esther").put("opening-hours/", {"hours": []}, headers=tag).status_code == 412
    tag = {"If-Match": answer.headers["ETag"]}
    assert as_("esther").put("opening-hours/", {"hours": []}, headers=tag).status_code == 200


def test_all_that_is_wrong_is_named_by_its_row(as_: As) -> None:
    hours = [MORNING, {**MORNING, "to_time": "07:10"}, {**MORNING, "weekday": 9}, MORNING]
    body = as_("esther").put("opening-hours/", {"hours": hours}).get_json()
    assert sorted(body["errors"]) == ["hours.1.to_time", "hours.2.weekday", "hours.3.from_time"]

    body = as_("esther").put("opening-hours/", {"hours": [{"weekday": 1, "from_time": "x"}, 5]}).get_json()
    assert sorted(body["errors"]) == ["hours.0.from_time", "hours.0.to_time", "hours.1"]


def test_visits_that_lose_their_time_are_named_and_accepted_by_their_number(
    as_: As, cast: Cast, appointment: Callable[..., int]
) -> None:
    number = appointment(LATER, "16:00")
    hours = [{**MORNING, "room_id": cast.heart_room, "valid_from": "2026-03-01"}]
    path = f"doctors/{cast.chen}/hours/"
    refused = as_("esther").put(path, {"hours": hours})

    assert refused.status_code == 409
    assert (refused.get_json()["code"], refused.get_json()["appointments"]) == ("visits_booked", [number])
    done = as_("esther").put(path, {"hours": hours, "accepted_count": 1})
    assert done.status_code == 200
    assert done.get_json()["appointments"] == [number]
    row = {**MORNING, "room_id": cast.heart_room, "valid_from": "2026-03-01", "valid_until": None}
    assert as_("ana").get(path).get_json() == {"doctor_id": cast.chen, "hours": [row]}


def test_the_clinic_is_closed_and_opened_again(anyone: Caller, as_: As, cast: Cast) -> None:
    entry = {
        "first_day": LATER.isoformat(),
        "from_time": "13:00",
        "to_time": "17:00",
        "name": "Training",
        "name_vi": "Học",
    }
    answer = as_("esther").post("closures/", entry)
    assert answer.status_code == 201
    (closure,) = anyone.get("closures/").get_json()
    assert answer.get_json()["closure"] == closure
    assert anyone.get("closures/", headers={"Accept-Language": "vi"}).get_json()[0]["name"] == "Học"
    assert as_("esther").post("closures/", entry).get_json()["closure"]["id"] == closure["id"], "not entered twice"
    assert reasons(anyone, cast)[-8:] == ["closed"] * 8

    assert as_("esther").delete(f"closures/{closure['id']}/").status_code == 204
    assert anyone.get("closures/").get_json() == []


def test_extra_hours_are_a_doctors_own_and_receptions(anyone: Caller, as_: As, cast: Cast) -> None:
    as_("esther").post("closures/", {"first_day": LATER.isoformat(), "name": "Holiday"})
    path = f"doctors/{cast.chen}/extra-hours/"
    entry = {"day": LATER.isoformat(), "from_time": "09:00", "to_time": "10:00"}
    made = as_("chen").post(path, entry).get_json()["extra_hours"]

    assert as_("esther").get(path).get_json() == [made]
    assert reasons(anyone, cast)[:5] == ["closed", "closed", None, None, "closed"]
    assert as_("diallo").get(path).status_code == 404
    over = as_("esther").post(path, {**entry, "to_time": "11:00"})
    assert (over.status_code, over.get_json()["code"]) == (409, "hours_overlap")
    other = f"doctors/{cast.diallo}/extra-hours/{made['id']}/"
    assert as_("esther").delete(other).status_code == 404
    assert as_("chen").delete(f"{path}{made['id']}/").status_code == 204
    assert as_("chen").delete(f"{path}{made['id']}/").status_code == 404


def test_extra_hours_with_a_visit_go_only_when_it_is_accepted(
    as_: As, cast: Cast, appointment: Callable[..., int]
) -> None:
    as_("esther").put("opening-hours/", {"hours": [MORNING]})
    path = f"doctors/{cast.chen}/extra-hours/"
    made = as_("chen").post(path, {"day": LATER.isoformat(), "from_time": "14:00", "to_time": "15:00"}).get_json()
    number = appointment(LATER, "14:00")
    gone = f"{path}{made['extra_hours']['id']}/"

    refused = as_("chen").delete(gone)
    assert (refused.status_code, refused.get_json()["appointments"]) == (409, [number])
    assert as_("chen").delete(f"{gone}?accepted_count=1").status_code == 204
