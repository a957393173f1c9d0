"""What people write of their health: an emergency shows whom to call, nothing is ever called harmless, nothing is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import text as sql

from clinic import directory
from clinic.contact import Contact, Helpline
from clinic.db import db
from clinic.i18n import LANGUAGES
from clinic.limits import SYMPTOMS_BY_ADDRESS, limiter
from tests.domain.triage.test_phrases import phrases
from tests.people import Cast
from tests.web.visitor import HTMX, Sheet, Visitor

As = Callable[[str], Visitor]
SUGGEST = "/suggest-department"
ALARM = {"en": "This could be an emergency", "vi": "Đây có thể là trường hợp cấp cứu"}
SELF_HARM = {"en": "We're glad you told us", "vi": "Cảm ơn bạn đã nói ra"}
#: What no answer may say, in either language: that something is harmless, or can wait.
REASSURING = re.compile(
    r"not urgent|isn't urgent|nothing (?:here )?(?:sounds|looks|is)|no emergency|isn't an emergency|not an emergency|harmless"
    r"|not serious|isn't serious|can wait|no need to|don't worry|suits you|nothing to worry|minor|routine|low urgency"
    r"|không khẩn cấp|không cấp cứu|không phải cấp cứu|không nghiêm trọng|không nguy hiểm|không đáng lo|đừng lo|yên tâm"
    r"|không cần lo|bình thường|không gấp|có thể đợi|có thể chờ|bệnh nhẹ",
    re.IGNORECASE,
)


def ask(visitor: Visitor, symptoms: str) -> Sheet:
    return visitor.post(SUGGEST, {"symptoms": symptoms})


def shown(app: Flask, language: str, symptoms: str) -> Sheet:
    return Visitor(app, language).post(SUGGEST, {"symptoms": symptoms})


# --- whom to call -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_when_to_call_before_anything_is_written(app: Flask, language: str) -> None:
    page = Visitor(app, language).get(SUGGEST)
    assert page.main.all("a", href="tel:115")
    assert {"en": "thoughts of harming yourself", "vi": "ý nghĩ tự làm hại mình"}[language] in page.main.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_emergency_shows_the_number_and_no_department(app: Flask, cast: Cast, language: str) -> None:
    for kind, texts in phrases(language)["emergency"].items():
        for text in texts:
            answer = shown(app, language, text)
            (call,) = answer.main.all("a", class_="call")
            assert (answer.status, call.get("href")) == (200, "tel:115"), text
            heading = SELF_HARM if kind == "self_harm" else ALARM
            assert answer.h1.startswith(heading[language]) or (
                kind != "self_harm" and answer.h1.startswith(SELF_HARM[language])
            ), text
            assert not [a for a in answer.main.all("a") if "/book" in (a.get("href") or "")], text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_answer_ever_reassures(app: Flask, cast: Cast, language: str) -> None:
    """Every answer to every phrase, and what the API says of it: words can raise an alarm, never lift one."""
    said = phrases(language)
    for text in (text for group in ("emergency", "not_high") for texts in said[group].values() for text in texts):
        answer = shown(app, language, text)
        # What the person typed themselves and what a department says of itself is no verdict.
        for typed in (
            *answer.main.all("textarea"),
            *answer.main.all("p", class_="wrote"),
            *answer.main.all("p", class_="about"),
        ):
            typed.children.clear()
        assert not REASSURING.search(answer.main.text), (text, REASSURING.search(answer.main.text))
        assert answer.main.all("a", href="tel:115"), text


def test_words_that_show_nothing_get_no_verdict(guest: Visitor, cast: Cast) -> None:
    answer = ask(guest, "itchy eyes")
    assert not answer.main.all("div", class_="msg")
    assert "A few words can't tell us how serious this is, and this isn't a diagnosis." in answer.main.text


def test_what_should_not_wait_long_is_said_so(guest: Visitor, cast: Cast) -> None:
    assert "Don't wait for a visit if it gets worse." in ask(guest, "a cough, getting worse").main.text


def test_a_child_goes_to_paediatrics(app: Flask, guest: Visitor, cast: Cast) -> None:
    with app.app_context():
        from tests import factories  # noqa: PLC0415

        factories.department("Paediatrics", icon="baby-carriage")
    assert ask(guest, "my son has a cough and a headache").h1 == "Paediatrics may be the right place to start"


def test_a_denied_symptom_leads_nowhere(guest: Visitor, cast: Cast) -> None:
    assert ask(guest, "no chest pain, just a headache").h1 == "Neurology may be the right place to start"


@pytest.mark.parametrize(("symptoms", "words"), [("chest pain", True), ("my baby is not breathing", False)])
def test_first_aid_is_few_words_that_suit(guest: Visitor, cast: Cast, symptoms: str, words: bool) -> None:
    assert ("Sit down and rest." in ask(guest, symptoms).main.text) is words


# --- numbers are settings ---------------------------------------------------------------------------------------------


@pytest.fixture
def reached(clinic_has: Callable[..., None]) -> Callable[[Contact], None]:
    """Sets how the clinic is reached, for one test."""
    return lambda contact: clinic_has(contact=contact)


def test_the_emergency_number_is_a_setting(guest: Visitor, cast: Cast, reached: Callable[[Contact], None]) -> None:
    reached(Contact(emergency_number="112"))
    for text in ("chest pain", "I want to die", "a cold"):
        answer = ask(guest, text)
        assert answer.main.all("a", href="tel:112")
        assert "115" not in answer.main.text


HELPLINE = Helpline(
    name={"en": "A listening ear", "vi": "Đường dây lắng nghe"},
    number="1800 0000",
    hours={"en": "Every day, 07:00 to 22:00", "vi": "Mỗi ngày, 07:00 đến 22:00"},
    source={"en": "called in November", "vi": "đã gọi vào tháng 11"},
)


@pytest.mark.parametrize(
    ("symptoms", "numbers"),
    [("I want to die", ["tel:18000000", "tel:115"]), ("I took an overdose of pills", ["tel:115", "tel:18000000"])],
)
def test_helplines_are_those_of_the_clinic(
    guest: Visitor, cast: Cast, reached: Callable[[Contact], None], symptoms: str, numbers: list[str]
) -> None:
    """Who is in danger at this moment sees the ambulance first."""
    reached(Contact(helplines=(HELPLINE,)))
    answer = ask(guest, symptoms)
    assert [call.get("href") for call in answer.main.all("a", class_="call")] == numbers
    assert "A listening ear. Every day, 07:00 to 22:00" in answer.main.text


def test_the_clinics_phone_is_shown_where_it_has_one(
    guest: Visitor, cast: Cast, reached: Callable[[Contact], None]
) -> None:
    reached(Contact(phone="028 1234 5678"))
    assert ask(guest, "a cold").main.all("a", href="tel:02812345678")


# --- nothing is kept --------------------------------------------------------------------------------------------------

SECRET = "zebrafish headache that nobody else may read"


def everything_stored(app: Flask) -> str:
    """Every row of every table, as text."""
    with app.app_context():
        rows = [
            repr(tuple(row))
            for table in db.metadata.sorted_tables
            for row in db.session.execute(sql(f'select * from "{table.name}"'))  # noqa: S608 - our own tables
        ]
        db.session.rollback()
    return "\n".join(rows)


@pytest.mark.parametrize("who", ["guest", "ana", "esther"])
def test_what_is_typed_stands_in_no_address_no_log_and_no_database(
    app: Flask,
    guest: Visitor,
    as_: As,
    cast: Cast,
    who: str,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    visitor = guest if who == "guest" else as_(who)
    page = visitor.get(SUGGEST)
    capfd.readouterr()
    answer = page.press("Find where to start", symptoms=SECRET)
    assert answer.status == 200
    assert SECRET in answer.main.text
    assert answer.path == SUGGEST
    assert not {"Location", "HX-Push-Url", "HX-Redirect", "HX-Replace-Url"} & set(answer.headers.keys())
    assert "zebrafish" not in str(answer.headers)
    assert answer.headers["Cache-Control"] == "no-store"
    for node in answer.tree.all("a") + answer.tree.all("form"):
        assert "zebrafish" not in f"{node.get('href')}{node.get('action')}"
    out, err = capfd.readouterr()
    assert "zebrafish" not in out + err + caplog.text
    assert "zebrafish" not in everything_stored(app)
    with visitor.client.session_transaction() as cookie:
        assert "zebrafish" not in str(dict(cookie))


def test_in_an_address_it_is_not_read(guest: Visitor, cast: Cast) -> None:
    answer = guest.get(f"{SUGGEST}?symptoms=zebrafish")
    assert "zebrafish" not in answer.html


def test_it_is_never_carried_through_the_sign_in_page(as_: As, cast: Cast) -> None:
    """A form of a session that has ended is answered as a guest's, not sealed."""
    ana = as_("ana")
    page = ana.get(SUGGEST)
    token = ana.get("/").tree.all("input", name="csrf_token")[0].attrs["value"]
    ana.command("/logout")
    answer = ana.post(SUGGEST, {"symptoms": "chest pain", "csrf_token": token})
    assert (answer.status, answer.h1) == (200, ALARM["en"])
    assert page.status == 200


def test_no_token_is_needed_to_be_told_whom_to_call(guest: Visitor, cast: Cast) -> None:
    assert guest.post(SUGGEST, {"symptoms": "chest pain"}).h1 == ALARM["en"]


def test_with_htmx_the_answer_is_the_same_page(guest: Visitor, cast: Cast) -> None:
    whole = guest.post(SUGGEST, {"symptoms": "itchy eyes"})
    swapped = guest.post(SUGGEST, {"symptoms": "itchy eyes"}, headers={**HTMX, "HX-Boosted": "true"})
    assert swapped.main.text == whole.main.text
    assert "HX-Push-Url" not in swapped.headers


# --- how often --------------------------------------------------------------------------------------------------------


@pytest.fixture
def limited(cast: Cast, make_app: Callable[..., Flask]) -> Iterator[Visitor]:
    """A guest of an application that counts attempts."""
    yield Visitor(make_app(ratelimit_enabled=True))
    limiter.reset()
    limiter.enabled = False


def test_even_who_asks_too_often_is_told_whom_to_call(limited: Visitor) -> None:
    most = int(SYMPTOMS_BY_ADDRESS.split()[0])
    answers = [ask(limited, "a cold") for _ in range(most + 1)]
    assert [answer.status for answer in answers] == [200] * most + [429]
    assert answers[-1].main.all("a", href="tel:115")
    assert answers[-1].values("Find where to start")["symptoms"] == "a cold"


def test_the_limit_of_the_text_is_the_domains(guest: Visitor) -> None:
    area = guest.get(SUGGEST).main.one("textarea")
    assert area.get("maxlength") == str(directory.SYMPTOMS_MAX)
