"""Leave over the API, and settling what it leaves: as on the office's pages and by the same rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests import factories
from tests.api.caller import Caller
from tests.api.conftest import LATER
from tests.people import Cast

As = Callable[[str], Caller]

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


def test_leave_is_entered_listed_and_taken_back(as_: As, cast: Cast, appointment: Callable[..., int]) -> None:
    number = appointment(LATER, "09:00")
    entry = {"first_day": str(LATER), "from_time": "09:00", "to_time": "10:00", "reason": "Congress"}
    answer = as_("chen").post("leave/", entry)
    assert answer.status_code == 201
    body = answer.get_json()
    assert body["appointments"] == [number]
    assert body["leave"] == {
        "id": body["leave"]["id"], "first_day": str(LATER), "last_day": str(LATER),
        "from_time": "09:00:00", "to_time": "10:00:00", "reason": "Congress",
    }  # fmt: skip
    assert as_("chen").get("leave/").get_json() == [body["leave"]]
    assert as_("esther").get(f"leave/?doctor_id={cast.chen}").get_json() == [body["leave"]]
    assert as_("diallo").get(f"leave/?doctor_id={cast.chen}").status_code == 404
    over = as_("esther").post("leave/", {"first_day": str(LATER), "doctor_id": cast.chen})
    assert (over.status_code, over.get_json()["code"]) == (409, "leave_overlaps")
    assert as_("diallo").delete(f"leave/{body['leave']['id']}/").status_code == 404
    assert as_("chen").delete(f"leave/{body['leave']['id']}/").status_code == 204
    assert as_("chen").get("visits-to-settle/").get_json() == []


def test_all_that_is_wrong_with_leave_is_told_at_once(as_: As) -> None:
    body = as_("chen").post("leave/", {"first_day": "2020-01-01", "last_day": "x", "reason": "y" * 501}).get_json()
    assert {"last_day", "reason"} <= set(body["errors"])


def test_whose_leave_it_is_has_to_be_said_by_who_has_none(as_: As, cast: Cast) -> None:
    day = {"first_day": str(LATER)}
    required, unknown = "This field is required.", "We can't find this doctor."
    for answer, text in (
        (as_("esther").get("leave/"), required),
        (as_("esther").post("leave/", day), required),
        (as_("esther").post("leave/", day | {"doctor_id": ""}), required),
        (as_("esther").post("leave/", day | {"doctor_id": 99999}), unknown),
        (as_("esther").post("leave/", day | {"doctor_id": 10**14}), unknown),
    ):
        assert (answer.status_code, answer.get_json()["errors"]) == (400, {"doctor_id": [text]})
    assert as_("esther").get("leave/?doctor_id=99999").status_code == 404
    for stranger in (cast.chen, 99999):
        assert as_("diallo").post("leave/", day | {"doctor_id": stranger}).status_code == 404


def test_visits_are_settled_by_what_is_proposed(
    app: Flask, as_: As, cast: Cast, appointment: Callable[..., int]
) -> None:
    with app.app_context():
        colleague = factories.doctor("Dr Tran", department_id=cast.cardiology)
    first, second = appointment(LATER, "09:00"), appointment(LATER, "09:30", patient_id=cast.boris)
    leave = as_("chen").post("leave/", {"first_day": str(LATER)}).get_json()["leave"]["id"]
    asked = f"visits-to-settle/?cause=leave&cause_id={leave}"
    listed = as_("esther").get(asked).get_json()
    assert [each["appointment_id"] for each in listed] == [first, second]
    assert listed[0]["proposals"][0] == {
        "doctor_id": colleague, "doctor_name": "Dr Tran", "date": str(LATER), "time": "09:00", "kind": "colleague",
    }  # fmt: skip
    assert [each["proposals"] for each in as_("chen").get(asked).get_json()] == [[], []]

    chosen = listed[0]["proposals"][0]
    choices = [
        {"appointment_id": first, "way": "move", "state": listed[0]["state"],
         **{key: chosen[key] for key in ("doctor_id", "date", "time")}},
        {"appointment_id": second, "way": "move", "doctor_id": colleague, "date": str(LATER), "time": "09:00"},
    ]  # fmt: skip
    answer = as_("esther").post("visits-to-settle/settle/", {"choices": choices, "reason": "Dr Chen is ill"})
    assert answer.status_code == 200
    body = answer.get_json()
    assert (body["settled"], body["already"]) == ([first], [])
    assert [(each["appointment_id"], each["code"]) for each in body["choose_again"]] == [(second, "slot_taken")]
    again = as_("esther").post("visits-to-settle/settle/", {"choices": choices[:1]}).get_json()
    assert (again["settled"], again["already"], again["choose_again"]) == ([], [first], [])


def test_a_choice_that_can_not_be_read_is_named_by_its_row(as_: As) -> None:
    choices = [{"appointment_id": 1, "way": "fly"}, {"way": "cancel"}]
    body = as_("esther").post("visits-to-settle/settle/", {"choices": choices}).get_json()
    assert sorted(body["errors"]) == ["choices.0.way", "choices.1.appointment_id"]
    unknown = as_("esther").post("visits-to-settle/settle/", {"choices": [{"appointment_id": 99999, "way": "keep"}]})
    assert [each["code"] for each in unknown.get_json()["choose_again"]] == ["appointment_not_found"]


def test_a_choice_that_lacks_what_it_needs_is_named_by_its_row(as_: As, appointment: Callable[..., int]) -> None:
    number = appointment(LATER, "09:00")
    choices = [{"appointment_id": number, "way": "move", "date": ""}, {"appointment_id": 10**15, "way": "keep"}]
    answer = as_("esther").post("visits-to-settle/settle/", {"choices": choices})
    assert answer.status_code == 400
    assert sorted(answer.get_json()["errors"]) == [
        "choices.0.date", "choices.0.doctor_id", "choices.0.time", "choices.1.appointment_id",
    ]  # fmt: skip


def test_what_is_to_be_chosen_again_says_by_its_keys_why(as_: As, cast: Cast, appointment: Callable[..., int]) -> None:
    number = appointment(LATER, "09:00")
    as_("chen").post("leave/", {"first_day": str(LATER)})
    choice = {"appointment_id": number, "way": "move", "doctor_id": cast.diallo, "date": str(LATER), "time": "09:10"}
    body = as_("esther").post("visits-to-settle/settle/", {"choices": [choice]}).get_json()
    assert body["settled"] == []
    [refused] = body["choose_again"]
    assert (refused["appointment_id"], refused["code"], list(refused["errors"])) == (
        number, "validation_error", ["time"],
    )  # fmt: skip
