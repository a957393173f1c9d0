"""A list that is counted in the walk that finds its first page is counted as any other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from clinic.paging import Keyset, paginate
from clinic.scheduling.models import Appointment
from tests import factories
from tests.people import Cast

pytestmark = pytest.mark.usefixtures("app_context")

DAY = date(2026, 3, 2)


@pytest.mark.parametrize("along", [False, True])
def test_no_further_than_it_was_asked_to(cast: Cast, along: bool) -> None:
    days = [DAY + timedelta(days=number) for number in range(5)]
    visits = factories.add_appointments([factories.appointment_row(cast.ana, cast.chen, day) for day in days])
    order = (Appointment.appointment_date.desc(), Appointment.id)
    counts = []
    for most in (3, 4, 5, 6):
        requested = Keyset(2, most_counted=most)
        page = paginate(select(Appointment.id), order, requested, lambda row: row.id, along=along)
        assert page.results == visits[:2:-1]
        assert page.next is not None
        counts.append((page.count, page.capped))
    assert counts == [(3, True), (4, True), (5, False), (5, False)]


def test_nothing_is_none(cast: Cast) -> None:
    page = paginate(select(Appointment.id), (Appointment.id,), Keyset(2), lambda row: row.id, along=True)
    assert (page.results, page.count, page.capped) == ([], 0, False)
