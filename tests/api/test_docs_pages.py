"""Swagger UI and ReDoc in a real browser, under the content security policy: the fixture fails on any complaint."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import Opener


@pytest.fixture(params=["sqlite"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """The pages know no database: one is enough."""
    return str(request.param)


@pytest.mark.parametrize("path", ["docs/", "redoc/"])
def test_the_document_is_shown(open_page: Opener, path: str) -> None:
    page = open_page()
    page.goto(f"/api/v1/{path}")
    expect(page.get_by_text("/api/v1/auth/register/").first).to_be_attached()
    expect(page.get_by_text("Book an appointment: a patient for themselves").first).to_be_attached()
