"""Answers come in the best language that the request accepts; codes and keys are the same in all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.caller import Caller

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


def test_faults_are_told_in_vietnamese(as_: Callable[[str], Caller], booking: dict[str, Any]) -> None:
    """The sentence about the whole and those about each field, from the shapes as well as from the domain."""
    refused = {"appointment_time": "10:00:61", "doctor_id": None}
    answer = as_("ana").post("appointments/", booking | refused, headers={"Accept-Language": "vi"})

    assert answer.status_code == 400
    body = answer.get_json()
    assert body["code"] == "validation_error"
    assert body["message"] == "Vui lòng sửa các mục được đánh dấu."
    assert body["errors"]["appointment_time"] == ["Giá trị phải là giờ theo dạng HH:MM."]
    assert set(body["errors"]) == set(refused)


def test_what_is_not_there_is_told_in_vietnamese(as_: Callable[[str], Caller]) -> None:
    for path, code, message in (
        ("nowhere/", "not_found", "Không có gì ở địa chỉ này."),
        ("appointments/99/", "appointment_not_found", "Không tìm thấy buổi khám này."),
    ):
        answer = as_("ana").get(path, headers={"Accept-Language": "vi"})
        assert (answer.status_code, answer.get_json()["code"]) == (404, code)
        assert answer.get_json()["message"] == message


@pytest.mark.parametrize(
    ("accepted", "message"),
    [
        ("vi-VN,vi;q=0.9,en;q=0.5", "Không có gì ở địa chỉ này."),
        ("xx, vi;q=0.4", "Không có gì ở địa chỉ này."),
        ("en, vi;q=0.9", "There's nothing at this address."),
        ("xx", "There's nothing at this address."),
        ("", "There's nothing at this address."),
    ],
)
def test_the_best_language_that_is_accepted(anyone: Caller, accepted: str, message: str) -> None:
    answer = anyone.get("nowhere/", headers={"Accept-Language": accepted})
    assert answer.get_json()["message"] == message
