"""Counts of long lists for programs: remembered for some seconds, and what is cut by them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, text

from clinic import clock, mail
from clinic.db import Base, db, rolled_back, transaction
from clinic.errors import NotFound
from clinic.mail import OutboxMail
from clinic.paging import CACHED_FOR, CACHED_OVER, Keyset, Page, PageRequest, count_cache, paginate
from clinic.scheduling.notifications import MANY_CHANGES, ManyChangesFacts
from tests.people import Cast
from tests.statements import count_statements

pytestmark = pytest.mark.usefixtures("app_context")

LETTER = {"to": "ana@example.com", "kind": "visit_booked", "language": "en", "subject": "-", "body": "-"}


def letters(number: int) -> None:
    """Write so many mails, as the portal does."""
    with transaction() as write:
        write.execute(insert(OutboxMail), [LETTER] * number)


def letter_of_another_process() -> None:
    """Write a mail that this process knows nothing of, and end what it has read of the database before."""
    copied = "SELECT recipient, kind, language, subject, body, status, created_at, attempts, next_attempt_at FROM outbox LIMIT 1"
    names = copied.removeprefix("SELECT ").partition(" FROM")[0]
    with db.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO outbox ({names}) {copied}"))
    db.session.rollback()


@pytest.fixture
def page_of(cast: Cast):
    """Fetch a page of the outbox by number."""
    esther = cast.actor("esther")

    def fetch(number: int = 1, size: int = 10) -> Page:
        return mail.in_outbox(esther, page=PageRequest(number, size))

    return fetch


def test_a_short_list_is_counted_each_time(page_of) -> None:
    letters(CACHED_OVER)
    assert page_of().count == CACHED_OVER
    letter_of_another_process()
    assert page_of().count == CACHED_OVER + 1


def test_the_count_of_a_long_list_is_remembered_for_seconds(page_of) -> None:
    letters(CACHED_OVER + 1)
    assert page_of().count == CACHED_OVER + 1
    letter_of_another_process()
    assert page_of().count == CACHED_OVER + 1
    with clock.freeze(clock.now() + CACHED_FOR + timedelta(seconds=1)):
        assert page_of().count == CACHED_OVER + 2


def test_the_first_page_has_what_another_process_has_just_written(page_of) -> None:
    letters(CACHED_OVER + 1)
    before = page_of().results[0]["id"]
    page_of(2)
    letter_of_another_process()
    first = page_of()
    assert first.results[0]["id"] > before
    assert page_of(2).results[0]["id"] == first.results[-1]["id"] - 1, "and the next page goes on from there"


def one_as_an_object() -> None:
    with transaction() as write:
        write.add(OutboxMail(**LETTER))


def one_as_it_is_queued() -> None:
    """By an insert into the bare table, which has no mapped class to it."""
    with transaction():
        mail.queue(MANY_CHANGES, ManyChangesFacts("Ana", 1), to="ana@example.com", language="en")


@pytest.mark.parametrize("write_one", [lambda: letters(1), one_as_an_object, one_as_it_is_queued])
def test_who_writes_reads_what_they_wrote(page_of, write_one) -> None:
    letters(CACHED_OVER + 1)
    page_of()
    write_one()
    assert page_of().count == CACHED_OVER + 2
    with transaction() as write:
        bare = Base.metadata.tables["outbox"]
        write.execute(delete(bare).where(bare.c.id == page_of().results[0]["id"]))
    assert page_of().count == CACHED_OVER + 1


def test_what_is_taken_back_changes_no_count(page_of) -> None:
    letters(CACHED_OVER + 1)
    page_of()
    letter_of_another_process()
    with rolled_back():
        letters(1)
    assert page_of().count == CACHED_OVER + 1


def test_pages_from_either_end_tile_the_list(page_of, cast: Cast) -> None:
    letters(CACHED_OVER + 4)
    size = 501
    everything = [row["id"] for row in mail.in_outbox(cast.actor("esther"), page=Keyset(CACHED_OVER + 4)).results]
    page_of()
    pages = -(-(CACHED_OVER + 4) // size)
    walked = [page_of(number, size) for number in range(1, pages + 1)]
    assert [row["id"] for page in walked for row in page.results] == everything
    assert (walked[-1].next, walked[-1].previous, walked[-2].next) == (None, str(pages - 1), str(pages))
    with pytest.raises(NotFound):
        page_of(pages + 1, size)


def test_who_walks_page_by_page_skips_no_row_twice(page_of) -> None:
    letters(CACHED_OVER + 1)
    page_of(1)
    middle = page_of(500)
    with count_statements(db.engine) as statements:
        again, behind = page_of(500), page_of(501)
    assert again == middle
    assert behind.results[0]["id"] == middle.results[-1]["id"] - 1
    assert all("<=" in statement for statement in statements if "OFFSET" in statement or "LIMIT" in statement)


def test_the_same_rows_in_another_order_are_another_list(page_of) -> None:
    letters(CACHED_OVER + 1)
    rows = select(OutboxMail.id)
    first, last = (
        [paginate(rows, [order], PageRequest(number, 10), tuple).results[0][0] for number in (1, 2, 3)]
        for order in (OutboxMail.id, OutboxMail.id.desc())
    )
    assert first == sorted(first)
    assert last == sorted(last, reverse=True)
    assert last[2] == last[0] - 20


def test_old_counts_are_let_go(page_of, cast: Cast) -> None:
    letters(CACHED_OVER + 1)
    count_cache._counts.clear()
    page_of()
    with clock.freeze(clock.now() + CACHED_FOR + timedelta(seconds=1)):
        mail.in_outbox(cast.actor("esther"), status="queued", page=PageRequest(1, 10))
    assert len(count_cache._counts) == 1


def test_a_known_count_is_not_asked_for(page_of) -> None:
    letters(CACHED_OVER + 1)
    with count_statements(db.engine) as first:
        page_of()
    with count_statements(db.engine) as second:
        page_of()
    assert any("count(*)" in statement for statement in first)
    assert not any("count(*)" in statement for statement in second)


def test_the_first_jump_to_the_end_skips_nothing(page_of) -> None:
    letters(CACHED_OVER + 25)
    with count_statements(db.engine) as statements:
        last = page_of(CACHED_OVER // 10 + 3)
    assert (len(last.results), last.next, last.count) == (5, None, CACHED_OVER + 25)
    assert sum("ORDER BY outbox.id ASC" in statement for statement in statements) == 1, "from the end on"
    assert page_of(CACHED_OVER // 10 + 2).results[-1]["id"] == last.results[0]["id"] + 1
    with pytest.raises(NotFound):
        page_of(CACHED_OVER)
