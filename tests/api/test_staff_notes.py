"""Notes for colleagues: doctor and office write for each other, and no answer to a patient holds them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic import scheduling
from tests.api.caller import Caller
from tests.people import Cast

AsCaller = Callable[[str], Caller]
WORDS = "Hard of hearing on the left"


@pytest.fixture
def number(appointment: Callable[..., int]) -> int:
    """A confirmed visit."""
    return appointment(status="confirmed")


@pytest.fixture
def path(number: int) -> str:
    """Its notes for colleagues."""
    return f"appointments/{number}/staff-notes/"


def test_there_are_none_before_they_are_written(as_: AsCaller, path: str, number: int) -> None:
    answer = as_("chen").get(path)
    assert answer.get_json() == {
        "appointment_id": number,
        "staff_notes": None,
        "written_by_name": None,
        "written_at": None,
    }
    assert "ETag" not in answer.headers


def test_what_one_writes_the_other_reads(as_: AsCaller, path: str) -> None:
    answer = as_("chen").call("PUT", path, json={"staff_notes": f" {WORDS} "})
    assert answer.status_code == 200
    assert answer.get_json()["staff_notes"]["staff_notes"] == WORDS
    read = as_("esther").get(path)
    assert read.get_json() == answer.get_json()["staff_notes"]
    assert read.get_json()["written_by_name"] == "Dr Chen"
    assert read.headers["ETag"] == answer.headers["ETag"] == '"1"'


def test_a_stale_version_is_412_and_changes_nothing(as_: AsCaller, path: str) -> None:
    assert as_("chen").call("PUT", path, json={"staff_notes": "Mine"}, headers={"If-Match": "*"}).status_code == 412
    as_("esther").call("PUT", path, json={"staff_notes": "Theirs"})
    as_("esther").call("PUT", path, json={"staff_notes": "Theirs, later"})
    answer = as_("chen").call("PUT", path, json={"staff_notes": "Mine"}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.get_json()["code"]) == (412, "stale")
    assert as_("chen").get(path).get_json()["staff_notes"] == "Theirs, later"


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"staff_notes": "x" * 2001}, 400), ({"staff_notes": 7}, 400), ({"staff_notes": None}, 200)],
)
def test_what_may_be_sent(as_: AsCaller, path: str, body: dict[str, object], status: int) -> None:
    answer = as_("chen").call("PUT", path, json=body)
    assert answer.status_code == status
    if status == 400:
        assert list(answer.get_json()["errors"]) == ["staff_notes"]


def test_an_empty_text_takes_them_back(as_: AsCaller, path: str) -> None:
    as_("chen").call("PUT", path, json={"staff_notes": WORDS})
    assert as_("chen").call("PUT", path, json={"staff_notes": ""}).headers["ETag"] == '"2"'
    assert as_("esther").get(path).get_json()["staff_notes"] is None


@pytest.mark.parametrize(
    "where", ["appointments/{0}/", "appointments/", "appointments/my-appointments/", "patient/appointments/"]
)
def test_no_answer_to_the_patient_holds_them(app: Flask, cast: Cast, as_: AsCaller, number: int, where: str) -> None:
    with app.app_context():
        scheduling.write_staff_notes(cast.actor("chen"), number, WORDS)
    answer = as_("ana").get(where.format(number))
    assert answer.status_code == 200
    assert WORDS not in answer.get_data(as_text=True)
    assert "staff_notes" not in answer.get_data(as_text=True)
