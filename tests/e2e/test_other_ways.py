"""The pages for those who read them in another way: without JavaScript, in the system's own colours, on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Opener
from tests.e2e.conftest import sign_in
from tests.e2e.measures import lost_texts, wider
from tests.e2e.tour import Places, places, tour
from tests.people import ANA, CHEN, ESTHER

__all__ = ["places"]

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

# --- without JavaScript -----------------------------------------------------------------------------------------------

#: Pages that are never twice the same: readings, notices and devices of the window before, a new secret, the number of an error,
#: codes that are left; and what says that it needs a script.
ALWAYS_NEW = {
    "/nowhere",
    "/patient/trail",
    "/admin/trail",
    "/account/notices",
    "/account/second-factor",
    "/account/second-factor/totp",
    "/login/set-up-factor",
    "/login/second-factor",
    "/account/second-factor/passkeys/new",
    "/account/prove",
    "/account/devices",
    "/account/devices/{device}/end",
}

_MAIN = """() => {
  document.querySelectorAll('.needs-script').forEach((node) => node.remove());
  return document.querySelector('main').innerText.replace(/\\s+/g, ' ').trim();
}"""


def shown(page: Page, path: str) -> str:
    """What a page says, without the buttons that need a script."""
    if path in ALWAYS_NEW:
        return page.locator("h1").inner_text()
    words: str = page.evaluate(_MAIN)
    return words


def test_every_page_says_the_same_without_javascript(open_page: Opener, places: Places) -> None:
    scripted, plain = open_page(), open_page(javascript=False)
    different = {}
    for path, same in zip(tour(scripted, places), tour(plain, places), strict=True):
        assert path == same
        with_script, without = shown(scripted, path), shown(plain, path)
        assert without
        if with_script != without:
            different[path] = (with_script, without)

    assert not different


# --- the system's own colours -----------------------------------------------------------------------------------------

FORCED = {
    ANA: ["/book?department={cardiology}&doctor={chen}&day={day}&time=10:00", "/patient/", "/patient/appointments"],
    CHEN: ["/doctor/?day={day}", "/doctor/week?day={day}", "/doctor/appointments/{seen}"],
    ESTHER: ["/admin/?day={day}", "/admin/users", "/admin/numbers"],
}

_UNSEEN = """() => {
  const pen = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  const rgb = (colour) => { pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); return [...pen.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => { const f = (c) => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; return .2126 * f(r) + .7152 * f(g) + .0722 * f(b); };
  const behind = (node) => { while (node && rgb(getComputedStyle(node).backgroundColor)[3] < 255) node = node.parentElement; return rgb(node ? getComputedStyle(node).backgroundColor : 'Canvas'); };
  const seen = (colour, node) => { const [a, b] = [light(rgb(colour)), light(behind(node))]; return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) >= 3; };
  const lined = (node) => { const style = getComputedStyle(node); return ['Top', 'Bottom'].some((side) => style[`border${side}Style`] !== 'none' && parseFloat(style[`border${side}Width`]) > 0); };
  const all = (selector) => [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility({ visibilityProperty: true }) && node.getClientRects().length);
  const told = (what) => (node) => what + ': ' + node.outerHTML.slice(0, 100);
  return [
    ...all('.ic').filter((node) => !seen(getComputedStyle(node).color, node.parentElement)).map(told('an icon that is not seen')),
    ...all('.dot').filter((node) => !lined(node)).map(told('a state without a shape')),
    ...all('[aria-current], [aria-pressed=true]').filter((node) => !node.closest('.crumbs') && getComputedStyle(node).outlineStyle === 'none').map(told('not told from the others')),
    ...all('.btn, .pill, .input, a.pick, .tagx').filter((node) => !lined(node)).map(told('without an edge')),
  ];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_icons_states_and_edges_are_seen_in_forced_colours(open_page: Opener, places: Places, scheme: str) -> None:
    page = open_page(scheme=scheme, forced_colors="active")  # type: ignore[arg-type]
    found = {}
    for email, paths in FORCED.items():
        page.context.clear_cookies()
        sign_in(page, email)
        for path in paths:
            page.goto(path.format(**places))
            found[path] = page.evaluate(_UNSEEN)

    assert not any(found.values()), found


# --- on paper ---------------------------------------------------------------------------------------------------------

#: A4 between margins of 1.6 cm, in CSS pixels.
PAPER = {"width": 672, "height": 1000}
#: What belongs to the screen: places, buttons, forms, and links that only lead somewhere.
FURNITURE = ".top, .nav, .foot, .btn, .prefs, .crumbs, .skip, .no-print, button, input, select, textarea, .pages"
SCREEN_WORDS = ["Who looked at my record", "Book that visit", "Show all", "Change it", "We keep a log"]
#: Who the clinic is and whose sheet it is.
HEAD = ["Sen Clinic", "12 Lotus Street, Ward 6,", "028 1234 5678", "Ana Nguyễn", "17 May 1990"]
PAPERS = {
    "slip": (ANA, "/patient/appointments/{booked}", [*HEAD, "10:30", "Dr Chen", "Floor 2, room 201"]),
    "record": (ANA, "/patient/appointments/{seen}/record", [*HEAD, "Stage 1 hypertension", "148/92"]),
    "records": (ANA, "/patient/records", [*HEAD, "Stage 1 hypertension"]),
    "prescription": (
        ANA,
        "/patient/appointments/{seen}/prescription",
        [*HEAD, "Amlodipine 5 mg", "Female", "Licence number", "No. {seen}/1", "Doctor's signature and stamp"],
    ),
    "chart": (CHEN, "/doctor/appointments/{seen}", [*HEAD, "Less salt", "Signature"]),
    "history": (CHEN, "/doctor/patients/{ana}", ["Ana Nguyễn", "Stage 1 hypertension"]),
}


@pytest.mark.parametrize("paper", PAPERS)
def test_paper_has_the_words_and_nothing_to_press(open_page: Opener, places: Places, paper: str) -> None:
    email, path, words = PAPERS[paper]
    page = open_page(viewport=PAPER, scheme="dark")
    sign_in(page, email)
    page.goto(path.format(**places))
    page.emulate_media(media="print")
    for each in words:
        expect(page.get_by_text(each.format(**places)).locator("visible=true").first).to_be_visible()
    for each in SCREEN_WORDS:
        expect(page.get_by_text(each).locator("visible=true")).to_have_count(0)
    left = page.locator(FURNITURE).evaluate_all(
        "nodes => nodes.filter(node => node.checkVisibility() && node.getBoundingClientRect().right > 0)"
        ".map(node => node.outerHTML.slice(0, 80))"
    )

    assert not left
    assert not [*wider(page), *lost_texts(page)]
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)", (
        "black on white, in dark windows too"
    )
