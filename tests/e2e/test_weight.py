"""Pages are light: the first visit of the booking page with its fonts, and every later page."""

from __future__ import annotations

import pytest

from clinic import clock, directory, seed
from clinic.i18n import LANGUAGES
from tests.weight import Meter

FIRST_VISIT = 200_000
LATER_PAGE = 25_000
HINT = "Are the static files compressed? `make test` does it, or `python -m tools.compress_static`."


@pytest.fixture
def choices(live_server) -> str:
    """The demo clinic, and the query of a booking page on which everything but the time is chosen."""
    with live_server.app.app_context():
        seed.plant()
        doctor = directory.doctors(lang="en").results[0]
        return f"department={doctor['department_id']}&doctor={doctor['id']}&day={clock.today().isoformat()}"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("chosen", [False, True], ids=["nothing-chosen", "all-but-the-time"])
def test_the_first_visit_of_the_booking_page_takes_at_most_200_kb(open_page, choices, language, chosen):
    took = Meter(open_page(language=language)).open(f"/book?{choices}" if chosen else "/book")
    assert any(".woff2" in address for address in took.by_address), "the fonts are part of it"
    assert took.total <= FIRST_VISIT, f"the first visit takes too much:\n{took}\n{HINT}"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_later_page_takes_at_most_25_kb(open_page, choices, language):
    meter = Meter(open_page(language=language))
    meter.open(f"/book?{choices}")
    for address in ("/", "/departments", "/doctors", f"/book?{choices}", "/book", "/login", "/register"):
        took = meter.open(address)
        assert took.total <= LATER_PAGE, f"{address} takes too much after the first visit:\n{took}\n{HINT}"
