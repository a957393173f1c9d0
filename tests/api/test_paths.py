"""A path without its closing slash is served directly, by every method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.caller import Caller
from tests.people import ANA, PASSWORD, Cast

AsCaller = Callable[[str], Caller]


def test_getting(anyone: Caller, cast: Cast) -> None:
    for path in ("departments", f"departments/{cast.cardiology}", "services/specialties", "doctors"):
        assert anyone.get(path).get_json() == anyone.get(f"{path}/").get_json()


def test_the_root(anyone: Caller) -> None:
    assert anyone.client.get("/api/v1").get_json() == anyone.client.get("/api/v1/").get_json()


def test_posting_putting_deleting(
    anyone: Caller, as_: AsCaller, booking: dict[str, Any], appointment: Callable[..., int]
) -> None:
    assert anyone.post("auth/login", {"email": ANA, "password": PASSWORD}).status_code == 200
    assert as_("ana").post("appointments", booking).status_code == 201
    number = appointment(status="confirmed")
    assert as_("chen").put(f"appointments/{number}/medical-record", {"diagnosis": "Well"}).status_code == 201
    assert as_("ana").delete(f"appointments/{number}").status_code == 204


@pytest.mark.parametrize("path", ["/api/v1/appointments", "/api/v1/auth/login", "/api/v1"])
def test_a_preflight_is_never_redirected(anyone: Caller, path: str) -> None:
    headers = {"Origin": "http://localhost:8000", "Access-Control-Request-Method": "POST"}
    assert anyone.client.options(path, headers=headers).status_code == 204
    assert anyone.client.options(path).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1//departments/", "/api//v1/departments/", "/api/v1/departments//"])
def test_doubled_slashes_are_no_redirect(anyone: Caller, path: str) -> None:
    assert anyone.client.get(path).status_code == 404
