"""The booking page: four choices by links, what an address may say wrongly, and the same page swapped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

import pytest
from flask import Flask

from clinic import scheduling
from tests import factories
from tests.people import Cast
from tests.web.conftest import LATER, TODAY
from tests.web.test_booking import CONFIRM, TYPED
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]


def marked(sheet: Sheet) -> list[str]:
    """What is chosen on the page."""
    return [node.attrs["id"] for node in sheet.main if node.get("aria-current") == "true"]


def slip(sheet: Sheet) -> str:
    """The words of the slip."""
    return sheet.tree.one(id="slip").text


def test_four_links_choose_everything_and_the_last_leads_to_the_review(as_: As, cast: Cast) -> None:
    page = as_("ana").get("/book")
    assert "Not chosen yet" in slip(page)
    assert "–" not in slip(page), "what isn't chosen isn't there"
    for identity in (f"b{cast.cardiology}", f"c{cast.chen}", "d0304"):
        page = page.choose(identity)
    assert marked(page) == [f"b{cast.cardiology}", f"c{cast.chen}", "d0304"]
    review = page.choose("t1000")

    assert (review.h1, review.path.partition("?")[0]) == ("Confirm your visit", "/book/review")
    for part in ("10:00", "Wednesday 4 March 2026", "in 2 days", "Dr Chen", "Cardiology", "200,000 ₫", "Ana"):
        assert part in review.main.one(class_="slip").text
    assert "Nothing is booked until you confirm." in review.main.text
    review.form(CONFIRM)


@pytest.mark.parametrize(("step", "place"), [(0, "h1"), (1, "h2"), (2, "h3"), (3, "h4")])
def test_a_link_with_fewer_choices_leads_to_the_next_one(guest: Visitor, cast: Cast, step: int, place: str) -> None:
    choices = [f"department={cast.cardiology}", f"doctor={cast.chen}", f"day={LATER}"]
    page = guest.get("/book?" + "&".join(choices[:step]))

    assert page.tree.one(id="next").one("h2").attrs["id"] == place
    assert page.tree.one(id="next").get("tabindex") == "-1", "so that the focus goes there too"


def test_every_link_into_the_booking_names_the_place_where_it_goes_on(guest: Visitor, cast: Cast) -> None:
    for path in ("/", "/doctors", f"/doctors/{cast.chen}", f"/departments/{cast.cardiology}"):
        links = [a.attrs["href"] for a in guest.get(path).main.all("a") if a.attrs["href"].startswith("/book?")]
        assert all(link.endswith("#next") for link in links), (path, links)
        times = [a.attrs["href"] for a in guest.get(path).main.all("a", class_="time-link")]
        assert all(link.startswith("/book/review?") for link in times), (path, times)
        assert links or times, path


def test_the_review_leads_back_to_each_choice(as_: As, guest: Visitor, cast: Cast, review: str) -> None:
    for visitor, attribute in ((as_("ana"), "formaction"), (guest, "href")):
        changes = [node.attrs[attribute] for node in visitor.get(review).main.all(class_="change")]
        assert [address.partition("#")[2] for address in changes] == ["s3", "s2"]
        page = visitor.get(changes[0].partition("#")[0])
        assert marked(page) == [f"b{cast.cardiology}", f"c{cast.chen}", "d0304", "t1000"]
        assert page.click("Review and confirm").h1 == "Confirm your visit"


def test_what_is_typed_comes_along_while_a_choice_is_changed(as_: As, cast: Cast, review: str) -> None:
    page = as_("ana").get(review)
    fields = page.values(CONFIRM) | TYPED | {"change": "1"}
    choosing = page.visitor.post(f"/book?{review.partition('?')[2]}", fields)
    assert "Palpitations" not in choosing.main.text, "it travels along and isn't in the way"
    back = choosing.choose("d0305").choose("t1100")

    assert back.h1 == "Confirm your visit"
    assert {name: back.values(CONFIRM)[name] for name in TYPED} == TYPED
    assert "11:00" in back.main.one(class_="slip").text
    assert back.press(CONFIRM).status == 303


def test_a_change_with_nothing_typed_is_the_page_itself(as_: As, review: str) -> None:
    page = as_("ana").get(review)
    answer = page.visitor.post(f"/book?{review.partition('?')[2]}", page.values(CONFIRM) | {"change": "1"})

    assert (answer.status, answer.goes_to) == (303, f"/book?{review.partition('?')[2]}")


def test_an_address_is_a_state_of_the_page(guest: Visitor, chosen: str) -> None:
    """Reload, back and a shared link: the same address is the same page, whoever opens it."""
    once, again = guest.get(chosen), Visitor(guest.app).get(chosen)

    assert once.main.written() == again.main.written()


def test_each_step_waits_for_the_one_before(guest: Visitor, cast: Cast) -> None:
    page = guest.get("/book")

    assert [node.text for node in page.main.all("p", class_="later")] == [
        "First choose a department.",
        "First choose a doctor.",
        "First choose a day.",
    ]
    assert page.tree.one(id="live").text == "Now choose a department."


def test_all_31_days_are_shown_with_their_free_times(guest: Visitor, cast: Cast, chosen: str, app: Flask) -> None:
    with app.app_context():
        factories.appointments(18, cast.boris, cast.chen, first_day=TODAY + timedelta(days=5))
        factories.appointments(3, cast.boris, cast.chen, first_day=TODAY + timedelta(days=6))
    days = guest.get(chosen).tree.one(class_="days")
    cells = [node for node in days.children if not isinstance(node, str)]
    assert cells.pop(30).text == "April", "where a month begins"

    assert len(cells) == 31
    assert [cell.one(class_="wd").text for cell in cells[:3]] == ["Today", "Tomorrow", "Wed"]
    assert [cell.one("b").text for cell in cells] == [str((TODAY + timedelta(days=n)).day) for n in range(31)]
    assert "15 free" in cells[0].text, "of today only what has not begun"
    assert cells[5].tag == "span"
    assert "No times" in cells[5].text
    assert "15 free" in cells[6].text
    assert "18 free" in cells[30].text


def test_a_time_that_cannot_be_booked_says_why(as_: As, cast: Cast, appointment: Callable[..., int]) -> None:
    appointment(TODAY, "11:00", patient_id=cast.boris)
    appointment(TODAY, "14:00", doctor_id=cast.diallo)
    page = as_("ana").get(f"/book?department={cast.cardiology}&doctor={cast.chen}&day={TODAY}")
    times = {node.text.split()[0]: node for node in page.tree.one(class_="halves").all(class_="pick")}

    assert len(times) == len(scheduling.SLOT_TIMES)
    assert times["08:00"].text == "08:00 past"
    assert times["09:00"].text == "09:00 past"
    assert times["11:00"].text == "11:00 taken"
    assert times["14:00"].text == "14:00 your visit"
    assert times["09:30"].tag == "a"
    assert {times[each].tag for each in ("08:00", "11:00", "14:00")} == {"span"}


def test_morning_and_afternoon_part_at_noon(guest: Visitor, chosen: str) -> None:
    morning, afternoon = guest.get(chosen).tree.all(class_="slots")

    assert morning.all("a")[-1].text == "11:30"
    assert afternoon.all("a")[0].text == "12:00"


def test_another_doctor_keeps_the_day_and_another_department_starts_anew(
    guest: Visitor, app: Flask, cast: Cast, chosen: str
) -> None:
    with app.app_context():
        other = factories.doctor("Dr Other", department_id=cast.cardiology)
    page = guest.get(chosen)

    assert page.tree.one("a", id=f"c{other}").attrs["href"].endswith(f"doctor={other}&day={LATER}#next")
    assert page.tree.one("a", id=f"b{cast.neurology}").attrs["href"] == f"/book?department={cast.neurology}#next"


def test_the_next_free_time_stands_beside_each_doctor(
    guest: Visitor, cast: Cast, appointment: Callable[..., int]
) -> None:
    appointment(TODAY, "09:30")
    page = guest.get(f"/book?department={cast.cardiology}")

    assert "Next Today 10:00" in page.tree.one("a", id=f"c{cast.chen}").text


def test_a_link_with_a_doctor_only_finds_the_department(guest: Visitor, cast: Cast) -> None:
    answer = guest.get(f"/book?doctor={cast.chen}&day={LATER}")

    assert answer.goes_to == f"/book?department={cast.cardiology}&doctor={cast.chen}&day={LATER}"


@pytest.mark.parametrize(
    ("department", "doctor", "day", "time", "kept", "message"),
    [
        ("999", "{chen}", "", "", 0, "We don't have this department"),
        ("first", "", "", "", 0, "We don't have this department"),
        ("{cardiology}", "999", "", "", 1, "This doctor can't be booked here"),
        ("{cardiology}", "{diallo}", "2026-03-04", "10:00", 1, "This doctor can't be booked here"),
        ("{cardiology}", "-1", "", "", 1, "This doctor can't be booked here"),
        ("{cardiology}", "{chen}", "2026-03-01", "10:00", 2, "This day can't be booked"),
        ("{cardiology}", "{chen}", "2026-04-02", "", 2, "This day can't be booked"),
        ("{cardiology}", "{chen}", "2026-02-30", "", 2, "This day can't be booked"),
        ("{cardiology}", "{chen}", "tomorrow", "", 2, "This day can't be booked"),
        ("{cardiology}", "{chen}", "2026-03-04", "10:10", 3, "There's no such time"),
        ("{cardiology}", "{chen}", "2026-03-04", "25:00", 3, "There's no such time"),
        ("{cardiology}", "{chen}", "2026-03-04", "ten", 3, "There's no such time"),
        ("{cardiology}", "{chen}", "2026-03-02", "08:30", 3, "The time you chose has passed"),
        ("{cardiology}", "{chen}", "2026-03-04", "09:00", 3, "Somebody else has booked the time you chose"),
    ],
)
def test_a_wrong_choice_is_named_and_the_right_ones_are_kept(
    guest: Visitor,
    cast: Cast,
    appointment: Callable[..., int],
    department: str,
    doctor: str,
    day: str,
    time: str,
    kept: int,
    message: str,
) -> None:
    appointment(LATER, "09:00")
    people = {"chen": cast.chen, "diallo": cast.diallo, "cardiology": cast.cardiology}
    query = {"department": department.format(**people), "doctor": doctor.format(**people), "day": day, "time": time}
    page = guest.get("/book", query=query)

    assert page.status == 200
    assert message in page.main.all(role="alert")[0].text
    assert len(marked(page)) == kept
    assert message in page.tree.one(id="live").text
    assert message in slip(page)


@pytest.mark.parametrize(
    "query",
    [
        "department=%00",
        "department=1&department=2&doctor[]=3",
        "department=99999999999999999999",
        "department=١",
        "day=2026-W10-3",
        "time=09%3A00%2B07",
        "x=%F0%9F%98%80",
        "department=%27%20or%201=1--",
        "doctor=99999999",
        "department=1&doctor=0&day=0001-01-01&time=00:00",
    ],
)
def test_no_address_breaks_the_page(as_: As, query: str) -> None:
    assert as_("ana").get(f"/book?{query}").status == 200
    assert as_("ana").get(f"/book/review?{query}").status == 302


def test_a_department_without_doctors_says_so(guest: Visitor, app: Flask) -> None:
    with app.app_context():
        empty = factories.department("Dermatology")

    assert "No doctors in this department are taking bookings" in guest.get(f"/book?department={empty}").text


def states(cast: Cast) -> list[str]:
    """The addresses on the way through the four choices and back."""
    day = date(2026, 3, 4)
    steps = [f"department={cast.cardiology}", f"doctor={cast.chen}", f"day={day}", "time=10:00"]
    return ["/book?" + "&".join(steps[:number]) for number in range(5)] + ["/book?department=999"]


def test_a_swap_leaves_what_a_reload_shows(as_: As, cast: Cast) -> None:
    """What a choice swaps (#booking and what is said) is all that differs between two states of the page."""
    ana = as_("ana")
    for before, after in pairwise(states(cast)):
        start, boosted, full = ana.get(before), ana.boosted(after, "booking"), ana.get(after)
        start.tree.one(id="booking").__dict__.update(boosted.tree.one(id="booking").__dict__)
        start.tree.one(id="live").children = boosted.tree.one(id="live").children

        assert start.tree.written() == full.tree.written()


def test_the_swap_is_told_to_keep_the_rest_in_step(guest: Visitor, chosen: str) -> None:
    booking = guest.get(chosen).tree.one(id="booking")

    assert booking.get("hx-boost") == "true"
    assert booking.get("hx-target") == booking.get("hx-select") == "#booking"
    assert "#live" in (booking.get("hx-select-oob") or "")


def test_what_leads_to_another_page_is_the_browsers_own(as_: As, chosen: str, review: str) -> None:
    """A swap would leave the reader in the middle of the new page."""
    page = as_("ana").get(chosen)
    typing = page.visitor.post(chosen, as_("ana").get(review).values(CONFIRM) | TYPED | {"change": "1"})

    assert page.tree.one("a", id="t1100").get("hx-boost") == "false"
    assert page.main.with_text("a", "Review and confirm").get("hx-boost") == "false"
    assert typing.tree.one("button", id="t1100").get("hx-post") is None
    assert typing.tree.one("form", id="details").get("hx-boost") == "false"
    assert typing.tree.one("button", id="d0305").get("hx-post") == ""
