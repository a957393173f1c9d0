"""The review of a booking: confirmed, refused, and what happens when the time is gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic import scheduling, settings
from tests.people import ANA, PASSWORD, Cast
from tests.web.conftest import LATER, TODAY
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
TYPED = {"symptoms": "Palpitations at night\nĐi cùng con gái & <b>chồng</b>", "reason": "A second opinion"}
CONFIRM = "Confirm my visit"


def book(visitor: Visitor, review: str, **typed: str) -> Sheet:
    """Open the review and confirm it."""
    return visitor.get(review).press(CONFIRM, **typed)


# --- what an address may say wrongly ----------------------------------------------------------------------------------


def test_a_review_without_all_choices_leads_to_the_next(as_: As, cast: Cast) -> None:
    answer = as_("ana").get(f"/book/review?department={cast.cardiology}")

    assert answer.headers["Location"] == f"/book?department={cast.cardiology}#next"


def test_a_review_of_a_time_that_is_gone_leads_to_the_others(
    guest: Visitor, appointment: Callable[..., int], review: str
) -> None:
    appointment(LATER, "10:00")
    answer = guest.get(review)

    assert answer.headers["Location"] == f"/book?{review.partition('?')[2]}#next"
    page = answer.follow()
    assert "Somebody else has booked the time you chose" in page.main.all(role="alert")[0].text
    assert page.tree.one(id="next").one("h2").text == "Time"


# --- confirming -------------------------------------------------------------------------------------------------------


def test_a_guest_signs_in_at_the_end_and_loses_nothing(guest: Visitor, review: str) -> None:
    page = guest.get(review)
    assert not page.main.all("form"), "what is told of one's health is asked behind the door"
    door = page.click("Sign in and confirm")
    assert "You're booking: Wednesday 4 March 2026, 10:00 Dr Chen, Cardiology" in door.main.text
    back = door.press("Sign in", email=ANA, password=PASSWORD).follow()

    assert back.h1 == "Confirm your visit"
    assert back.main.one("h1").get("autofocus") is not None
    back.form(CONFIRM)


def test_the_rule_is_told_for_this_very_visit_before_it_is_confirmed(guest: Visitor, as_: As, review: str) -> None:
    for visitor in (guest, as_("ana")):
        assert visitor.get(review).main.one(id="rule").text == (
            "You can move this visit until it starts, or cancel it until Tuesday 3 March at 10:00."
        )


def test_a_visit_that_can_not_be_cancelled_any_more_says_so_before_it_is_confirmed(
    app: Flask, guest: Visitor, as_: As, review: str
) -> None:
    today = review.replace(str(LATER), str(TODAY))
    rule = (
        f"You can't cancel this visit online, as it starts in less than {settings.current().booking.notice_hours} hours. "
        "You can still move it."
    )
    for visitor in (guest, as_("ana")):
        assert visitor.get(today).main.one(id="rule").text.startswith(rule)
    booked = as_("ana").get(today).press(CONFIRM).follow()
    assert booked.main.one(id="rule").text.startswith(rule), "and afterwards the same"
    assert "Cancel the visit" not in booked.main.text


def test_a_booking_ends_on_its_slip(as_: As, review: str) -> None:
    answer = book(as_("ana"), review, **TYPED)

    assert answer.status == 303
    page = answer.follow()
    assert page.h1 == "Your visit is booked"
    for part in ("10:00", "Wednesday 4 March 2026", "Dr Chen", "Floor 2, room 201", "200,000 ₫", TYPED["reason"]):
        assert part in page.text
    assert "Palpitations at night" in page.text
    assert f"We'll e-mail you at {ANA} as soon as Dr Chen confirms." in page.text
    links = [link.text for link in page.main.one(class_="slip").all("a")]
    assert links[:2] == ["Floor 2, room 201", "Add to my calendar"], "what is best done now comes first after where"
    assert "<b>chồng" not in page.html


def test_nothing_need_be_told(as_: As, review: str) -> None:
    assert book(as_("ana"), review).status == 303


def test_patients_are_asked_for_one_reason_and_one_text_more(as_: As, review: str) -> None:
    page = as_("ana").get(review)

    assert [node.attrs["name"] for node in page.main.all("textarea")] == ["reason", "symptoms"]


def test_a_form_sent_twice_books_once_and_shows_the_same_slip(as_: As, app: Flask, cast: Cast, review: str) -> None:
    page = as_("ana").get(review)
    first, second = (page.press(CONFIRM, **TYPED) for _ in range(2))

    assert first.goes_to == second.goes_to
    with app.app_context():
        assert scheduling.appointments(cast.actor("ana")).count == 1
    assert "This visit was already booked, so we haven't booked it again." in second.follow().text


def test_a_taken_time_keeps_the_words_and_offers_the_three_nearest(
    as_: As, cast: Cast, appointment: Callable[..., int], review: str
) -> None:
    page = as_("ana").get(review)
    appointment(LATER, "10:00", patient_id=cast.boris)
    appointment(LATER, "10:30", patient_id=cast.boris, doctor_id=cast.chen)
    answer = page.press(CONFIRM, **TYPED)

    assert answer.status == 409
    assert "Somebody else has booked the time you chose" in answer.main.all(role="alert")[0].text
    offers = [button.attrs["value"] for button in answer.main.all("button", name="instead")]
    assert offers == ["2026-03-04T09:00", "2026-03-04T09:30", "2026-03-04T11:00"]
    assert {name: answer.values("Wed 4 Mar, 09:30")[name] for name in TYPED} == TYPED

    booked = answer.press("Wed 4 Mar, 09:30").follow()
    assert booked.h1 == "Your visit is booked"
    assert "09:30" in booked.text
    for words in TYPED.values():
        assert " ".join(words.split()) in booked.text


def test_an_offered_time_that_is_gone_too_offers_others(
    as_: As, cast: Cast, appointment: Callable[..., int], review: str
) -> None:
    page = as_("ana").get(review)
    appointment(LATER, "10:00", patient_id=cast.boris)
    offered = page.press(CONFIRM, **TYPED)
    appointment(LATER, "10:30", patient_id=cast.boris)
    answer = offered.press("Wed 4 Mar, 10:30")

    assert answer.status == 409
    assert {name: answer.values("Wed 4 Mar, 09:30")[name] for name in TYPED} == TYPED


def test_a_visit_elsewhere_at_that_time_is_told(
    as_: As, cast: Cast, appointment: Callable[..., int], review: str
) -> None:
    page = as_("ana").get(review)
    appointment(LATER, "10:00", doctor_id=cast.diallo)
    answer = page.press(CONFIRM, **TYPED)

    assert answer.status == 409
    assert "You have a visit at the time you chose" in answer.main.all(role="alert")[0].text
    assert len(answer.main.all("button", name="instead")) == 3


def test_a_time_that_passed_while_the_form_was_open_is_refused(
    as_: As, cast: Cast, clock_at: Callable[[str], object]
) -> None:
    page = as_("ana").get(f"/book/review?department={cast.cardiology}&doctor={cast.chen}&day={TODAY}&time=09:30")
    clock_at("2026-03-02 09:31")
    answer = page.press(CONFIRM, **TYPED)

    assert answer.status == 422
    assert answer.main.all("button", name="instead")[0].attrs["value"] == "2026-03-02T10:00"
    assert {name: answer.values("Today, 10:00")[name] for name in TYPED} == TYPED


@pytest.mark.parametrize(("field", "most"), [("symptoms", 2000), ("reason", 500)])
def test_words_that_are_too_long_are_kept_and_named(as_: As, review: str, field: str, most: int) -> None:
    long = "w" * (most + 1)
    answer = book(as_("ana"), review, **TYPED | {field: long})

    assert answer.status == 422
    assert answer.values(CONFIRM)[field] == long
    assert f"at most {most} characters" in answer.tree.one(id=f"{field}-err").text


def test_words_that_cannot_be_stored_are_refused_by_the_domain(as_: As, review: str) -> None:
    answer = book(as_("ana"), review, symptoms="bell \x07")

    assert answer.status == 422
    assert "we can't save" in answer.text


def test_a_nonsense_offer_books_the_chosen_time(as_: As, review: str) -> None:
    fields = as_("ana").get(review).values(CONFIRM) | {"instead": "whenever"}

    assert "10:00" in as_("ana").post(review, fields).follow().text


def test_a_booking_without_choices_shows_the_page_again(as_: As) -> None:
    answer = as_("ana").command("/book/review", symptoms="Cough")

    assert answer.status == 422
    assert "Now choose a department." in answer.text


def test_doctors_and_the_office_do_not_book_here(
    as_: As, chosen: str, review: str, appointment: Callable[..., int]
) -> None:
    appointment(LATER, "11:00")
    for name in ("chen", "esther"):
        for address in (chosen, review):
            page = as_(name).get(address)
            assert "You need a patient's account to book a visit." in page.main.text
            assert not page.main.all("form")
        for fields in ({}, {"reason": "x" * 501}, {"set_language": "vi"}, {"change": "1"}):
            for address in (review, review.replace("time=10:00", "time=11:00")):
                assert as_(name).command(address, **fields).status == 403, (name, address, fields)
