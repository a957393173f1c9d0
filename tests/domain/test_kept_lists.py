"""Lists whose statements are built once: the same for whoever asks, whenever, with whatever values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import String, bindparam, insert, select

from clinic import scheduling
from clinic.db import transaction
from clinic.mail import OutboxMail
from clinic.paging import CACHED_OVER, Keyset, Listing, PageRequest
from tests.factories import appointments
from tests.people import Cast

pytestmark = pytest.mark.usefixtures("app_context")


def test_a_list_answers_for_each_person_filter_and_day(cast: Cast, clock_at: Callable[[str], datetime]) -> None:
    clock_at("2026-03-02 09:00")
    own = {
        "ana": appointments(3, cast.ana, cast.chen, first_day=date(2026, 3, 3)),
        "boris": appointments(2, cast.boris, cast.diallo, first_day=date(2026, 3, 5)),
    }

    def listed(**filters: Any) -> list[int]:
        return sorted(row["id"] for row in scheduling.appointments(cast.actor("esther"), **filters).results)

    for _ in range(2):
        for name, visits in own.items():
            for page in (PageRequest(), Keyset(9), None):
                shown = scheduling.appointments(cast.actor(name), page=page).results
                assert sorted(row["id"] for row in shown) == visits
            assert listed(patient_id=getattr(cast, name)) == visits
    assert listed(date_from=date(2026, 3, 4)) == own["boris"]
    assert listed(date_from=date(2026, 3, 3), date_to=date(2026, 3, 3)) == own["ana"]
    assert (listed(status="upcoming"), listed(status="past")) == ([*own["ana"], *own["boris"]], [])
    clock_at("2026-03-04 07:00")
    assert (listed(status="upcoming"), listed(status="past")) == (own["boris"], own["ana"])


def test_a_list_that_is_kept_has_a_count_for_each_value() -> None:
    letter = {"to": "ana@example.com", "kind": "visit_booked", "language": "en", "subject": "-", "body": "-"}
    with transaction() as write:
        write.execute(insert(OutboxMail), [letter] * (CACHED_OVER + 1))
    listing = Listing(
        select(OutboxMail.id), [OutboxMail.id.desc()], where=[OutboxMail.to == bindparam("recipient", type_=String)]
    )

    def counted(recipient: str) -> int:
        return listing.page(PageRequest(), lambda row: row.id, {"recipient": recipient}).count

    for _ in range(2):
        assert [counted(each) for each in ("ana@example.com", "boris@example.com")] == [CACHED_OVER + 1, 0]
