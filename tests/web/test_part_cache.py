"""Parts of pages that are remembered: shown to everybody who is shown the same, and to nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from jinja2 import UndefinedError

from clinic.db import session, transaction
from clinic.directory.models import Department, Doctor
from clinic.i18n import LANGUAGES
from clinic.operations.addresses import page_url
from clinic.web.kit import part_cache
from tests.people import Cast
from tests.web.conftest import LATER
from tests.web.visitor import Visitor, signed_in

As = Callable[[str], Visitor]
TOKENS = re.compile(r'(?:name="csrf_token" value="|"X-CSRFToken": ")([^"]+)')
#: One page of each layout, and whoever may read it.
PAGES = [(None, "/"), (None, "/departments"), (None, "/doctors"), (None, "/book"), ("ana", "/patient/"),
         ("chen", "/doctor/"), ("esther", "/admin/"), ("esther", "/admin/appointments")]  # fmt: skip


def edit(app: Flask, model: type[Any], number: int, **values: Any) -> None:
    """Change a row of the directory, as another process would."""
    with app.app_context(), transaction():
        row = session().get_one(model, number)
        for name, value in values.items():
            setattr(row, name, value)


@pytest.mark.parametrize(("name", "path"), PAGES)
def test_everybody_has_tokens_of_their_own(app: Flask, cast: Cast, name: str | None, path: str) -> None:
    seen = []
    for _ in range(2):
        visitor = signed_in(app, getattr(cast, name)) if name else Visitor(app)
        for _again in range(2):
            found = set(TOKENS.findall(visitor.get(path).html))
            assert len(found) == 1, "one token a page"
            seen.append((visitor, found.pop()))
        assert visitor.command("/preferences", theme="dark").status == 303, "and it is the right one"
    assert not {token for visitor, token in seen[:2]} & {token for visitor, token in seen[2:]}
    assert not any(part_cache._TOKEN in token for _, token in seen)


def test_nobody_is_shown_anothers_places_or_name(app: Flask, as_: As, guest: Visitor) -> None:
    """Ana, Boris and a guest at the same pages in turn, twice: what the first one was shown is remembered by then."""
    for _ in range(2):
        ana, boris, nobody = (visitor.get("/") for visitor in (as_("ana"), as_("boris"), guest))
        assert "Ana" in ana.text
        assert "Ana" not in boris.text
        assert "Boris" not in nobody.text
        assert "Sign out" in boris.text
        assert "Sign out" not in nobody.text
        assert "Sign in" not in ana.tree.one("header").text
        assert "Sign in" in nobody.tree.one("header").text
    staff = as_("chen").get("/departments").tree.one("header").text
    assert "My day" in staff
    assert "My day" not in as_("ana").get("/departments").tree.one("header").text


def test_where_a_booking_begins_is_right_for_each(as_: As, guest: Visitor) -> None:
    """Who may book is told what to choose, who may not is told so; what is typed isn't lost on others' page."""
    for _ in range(2):
        slips = {name: as_(name).get("/book").tree.one("aside", id="slip").text for name in ("ana", "chen")}
        assert "Now choose a department." in slips["ana"]
        assert "Now choose a department." in guest.get("/book").tree.one("aside", id="slip").text
        assert "You need a patient's account" in slips["chen"]
    typed = as_("ana").command("/book", reason="A dry cough", change="1")
    assert 'value="A dry cough"' in typed.html
    assert "cough" not in as_("boris").get("/book").html


def test_each_language_and_each_theme_has_its_own(app: Flask, cast: Cast) -> None:
    for _ in range(2):
        pages = {language: Visitor(app, language).get("/departments") for language in LANGUAGES}
        assert [each for each, page in pages.items() if "Examination fee" in page.text] == ["en"]
        assert {each: page.tree.one("html").get("lang") for each, page in pages.items()} == {
            each: each for each in LANGUAGES
        }
    dark = Visitor(app)
    dark.command("/preferences", theme="dark")
    colours = [visitor.get("/departments").tree.one("footer").one("form") for visitor in (dark, Visitor(app))]
    pressed = [[each.text for each in form.all("button") if each.get("aria-pressed") == "true"] for form in colours]
    assert pressed == [["Dark"], ["Automatic"]]


def test_an_edit_is_seen_at_once_by_every_process(
    app: Flask, make_app: Callable[..., Flask], guest: Visitor, cast: Cast
) -> None:
    """Another application has a memory of its own, as another process has."""
    elsewhere = Visitor(make_app())
    paths = ("/", "/departments", "/doctors", "/book", f"/departments/{cast.cardiology}")
    assert all("Cardiology" in visitor.get(path).text for visitor in (guest, elsewhere) for path in paths)
    edit(app, Department, cast.cardiology, name="Hearts <b>& vessels")
    for visitor in (guest, elsewhere):
        for path in paths:
            page = visitor.get(path)
            assert "Hearts <b>& vessels" in page.text, path
            assert "Hearts <b>" not in page.html, "it stays escaped"
            assert "Cardiology" not in page.text, path
    edit(app, Department, cast.cardiology, health_examination_fee=123000)
    edit(app, Doctor, cast.chen, specialization="Valves")
    for visitor in (guest, elsewhere):
        assert "123,000" in visitor.get("/departments").text
        assert "Valves" in visitor.get("/doctors").text


def test_free_times_are_never_remembered(
    app: Flask, guest: Visitor, cast: Cast, appointment: Callable[..., int]
) -> None:
    address = f"/book/review?department={cast.cardiology}&doctor={cast.chen}&day={LATER}&time=08:00"

    def offered() -> bool:
        links = guest.get("/doctors").main.all("a")
        return any(link.attrs["href"].startswith(address) for link in links)

    assert offered()
    appointment(LATER, "08:00")
    assert not offered()


def test_another_root_has_other_addresses(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    for root in ("", "/clinic", ""):
        page = client.get("/departments", environ_overrides={"SCRIPT_NAME": root}).get_data(as_text=True)
        links = set(re.findall(r'href="([^"?#]*/departments/\d+)"', page))
        assert f"{root}/departments/{cast.cardiology}" in links
        assert all(link.startswith(f"{root}/departments/") for link in links)


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("{% macro part() %}{{ actor() }}{% endmacro %}", UndefinedError),
        ("{% macro part() %}{{ request.path }}{% endmacro %}", UndefinedError),
        ("{% macro part() %}{{ session }}{% endmacro %}", UndefinedError),
        ("{% macro part() %}{{ get_flashed_messages() }}{% endmacro %}", UndefinedError),
        ("{% macro part() %}{{ navigation() }}{% endmacro %}", UndefinedError),
        ("{% macro part(on) %}{{ on | day_near }}{% endmacro %}", RuntimeError),
        ("{% macro part() %}{{ url_for('.home') }}{% endmacro %}", ValueError),
    ],
)
def test_a_part_sees_nothing_but_what_it_is_given(
    app: Flask, tmp_path: Any, template: str, error: type[Exception]
) -> None:
    cache = part_cache.PartCache(app)
    with app.test_request_context("/"):
        cache.shown("layouts/frame.html", "legal")
        environment = cache._environment
        assert environment is not None
        with pytest.raises(error):
            vars(environment.from_string(template).module)["part"](*([LATER] if "(on)" in template else []))


def test_text_that_is_markup_already_is_another_part(app: Flask) -> None:
    """Equal for Python, but the one is escaped and the other isn't."""
    from markupsafe import Markup  # noqa: PLC0415 - for this alone

    cache = part_cache.PartCache(app)
    with app.test_request_context("/"):
        shown = [
            cache.shown("components/filters.html", "select_box", name="a", label=label, options=[], chosen="")
            for label in (Markup("<b>x</b>"), "<b>x</b>", Markup("<b>x</b>"))
        ]
    assert [each.count("&lt;b&gt;") for each in shown] == [0, 1, 0]


def test_what_cannot_be_written_down_is_made_anew(app: Flask) -> None:
    cache = part_cache.PartCache(app)
    with app.test_request_context("/"):
        for number in (1, 2):
            options = ((value, f"{value} of {number}") for value in ("a",))
            part = cache.shown("components/filters.html", "select_box", name="a", label="", options=options, chosen="a")
            assert f"a of {number}" in part


def test_addresses_that_hold_more_than_ids_are_not_remembered(app: Flask, cast: Cast) -> None:
    with app.test_request_context("/"):
        built = app.extensions["addresses_with_ids"]
        before = built.cache_info().currsize
        assert page_url("public.doctors", search="flu") == "/doctors?search=flu"
        assert built.cache_info().currsize == before
        assert page_url("public.doctor", doctor_id=cast.chen) == f"/doctors/{cast.chen}"
        assert built.cache_info().currsize >= before
    assert built.cache_info().maxsize is not None
