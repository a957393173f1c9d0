"""Medical records by their own ids and as lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from tests import factories
from tests.api.caller import Caller
from tests.people import Cast

AsCaller = Callable[[str], Caller]


@pytest.fixture
def kept(app: Flask, cast: Cast) -> dict[str, int]:
    """Three records, by whose they are: Ana's and Boris's of Chen, Ana's of Diallo."""
    appointments = {
        "ana": (cast.ana, cast.chen, date(2026, 2, 2)),
        "boris": (cast.boris, cast.chen, date(2026, 2, 3)),
        "nerves": (cast.ana, cast.diallo, date(2026, 2, 4)),
    }
    made = {}
    with app.app_context():
        for name, (patient, doctor, on) in appointments.items():
            appointment = factories.appointment(patient, doctor, on, status="completed")
            made[f"{name} visit"] = appointment
            made[name] = factories.record(appointment, doctor)
    return made


def names(kept: dict[str, int], caller: Caller, query: dict[str, Any] | None = None) -> list[str]:
    """Whose records the list has."""
    body = caller.get("medical-records/", query).get_json()
    assert caller.get("appointments/my-medical-records/", query).get_json()["results"] == body["results"]
    known = {number: name for name, number in kept.items() if "visit" not in name}
    assert body["count"] == len(body["results"])
    return [known[row["id"]] for row in body["results"]]


def test_whose_records_are_listed(as_: AsCaller, kept: dict[str, int]) -> None:
    assert names(kept, as_("ana")) == ["nerves", "ana"]
    assert names(kept, as_("boris")) == ["boris"]
    assert names(kept, as_("chen")) == ["boris", "ana"]
    assert names(kept, as_("diallo")) == ["nerves"]
    assert names(kept, as_("esther")) == ["nerves", "boris", "ana"]


def test_the_filters(as_: AsCaller, cast: Cast, kept: dict[str, int]) -> None:
    esther = as_("esther")
    assert names(kept, esther, {"appointment_id": kept["boris visit"]}) == ["boris"]
    assert names(kept, esther, {"patient_id": cast.ana}) == ["nerves", "ana"]
    assert names(kept, esther, {"doctor_id": cast.chen}) == ["boris", "ana"]
    assert names(kept, esther, {"date_from": "2026-02-03"}) == ["nerves", "boris"]
    assert names(kept, esther, {"date_to": "2026-02-03", "patient_id": cast.ana}) == ["ana"]
    assert names(kept, as_("ana"), {"patient_id": cast.boris}) == []
    assert esther.get("medical-records/", {"doctor_id": 999}).status_code == 404
    assert esther.get("medical-records/", {"page": 2}).get_json()["code"] == "invalid_page"
    for query in ({"date_from": "tomorrow"}, {"patient_id": "x"}, {"page": 0}):
        answer = esther.get("medical-records/", query)
        assert answer.status_code == 400
        assert list(answer.get_json()["errors"]) == list(query)


def test_one_by_its_own_id(as_: AsCaller, cast: Cast, kept: dict[str, int]) -> None:
    path = f"medical-records/{kept['ana']}/"
    answer = as_("ana").get(path)
    of_appointment = as_("ana").get(f"appointments/{kept['ana visit']}/medical-record/")
    assert answer.get_json() == of_appointment.get_json()
    assert answer.headers["ETag"] == of_appointment.headers["ETag"]


def test_its_doctor_updates_it_and_a_stale_version_changes_nothing(as_: AsCaller, kept: dict[str, int]) -> None:
    path = f"medical-records/{kept['ana']}/"
    chen = as_("chen")
    tag = chen.get(path).headers["ETag"]
    answer = chen.put(path, {"notes": "Better"}, headers={"If-Match": tag})
    assert answer.status_code == 200
    assert answer.get_json()["medical_record"]["notes"] == "Better"
    assert answer.headers["ETag"] != tag
    assert chen.put(path, {"notes": "Worse"}, headers={"If-Match": tag}).status_code == 412
    assert as_("ana").get(path).get_json()["notes"] == "Better"
    answer = chen.put(path, {"diagnosis": "", "vital_signs": {"heart_rate": 999}})
    assert answer.status_code == 400
    assert set(answer.get_json()["errors"]) == {"diagnosis", "vital_signs.heart_rate"}
