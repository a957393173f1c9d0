"""What every template keeps to: the content policy, pictures that can be read aloud, fragments that are part of pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, nodes

from clinic.mail import MailStatus
from clinic.policy import Role
from clinic.records import FollowUpState
from clinic.scheduling import AppointmentStatus, SlotStatus

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = ROOT / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
#: What a mail program shows is under no policy of ours, and it fetches no stylesheet.
UNDER_POLICY = [path for path in PAGES if path.parent.name != "mail"]
#: Characters of a line: wide enough for a tag with its attributes, narrow enough to be read beside another file.
LONGEST_LINE = 140
JINJA_PARSER = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
JINJA = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", flags=re.DOTALL)


class Tags(HTMLParser):
    """The tags of a template, whatever Jinja does around them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes the tag, its attributes and its line."""
        self.found.append((tag, dict(attrs), self.getpos()[0]))


def tags(path: Path) -> Iterator[tuple[str, dict[str, str | None], int]]:
    """The tags of a template; an expression stands as JINJA, a statement as nothing, line ends are kept."""

    def plain(match: re.Match[str]) -> str:
        return ("JINJA" if match.group().startswith("{{") else " ") + "\n" * match.group().count("\n")

    parser = Tags()
    parser.feed(JINJA.sub(plain, path.read_text(encoding="utf-8")))
    yield from parser.found


def places(path: Path) -> str:
    """A template's name for messages."""
    return str(path.relative_to(TEMPLATES))


def test_no_line_runs_out_of_sight():
    long = [
        f"{places(path)}:{number}"
        for path in [*PAGES, *sorted(TEMPLATES.rglob("*.txt"))]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]
    assert not long, f"over {LONGEST_LINE} characters, break them: {long}"


def test_nothing_is_marked_safe():
    unsafe = re.compile(r"\|\s*safe\b|{%-?\s*autoescape\s+false|\bMarkup\b")
    found = [places(path) for path in PAGES if unsafe.search(path.read_text(encoding="utf-8"))]
    assert not found, f"{found}: let Jinja escape it"


def test_no_code_marks_formatted_text_as_safe():
    """Markup("...") of a constant is fine; of an f-string or a concatenation it is a hole."""
    for path in sorted((ROOT / "clinic").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"Markup\(\s*(f[\"']|[\w.\[\]]+\s*[+%)]|[\"'][^\"']*[\"']\s*[+%])", text), (
            f"{path.relative_to(ROOT)}: Markup('...').format(...) escapes what it puts in"
        )


def test_the_content_policy_can_hold():
    """Scripts and styles come from files, data goes into data attributes."""
    for path in UNDER_POLICY:
        for tag, attributes, line in tags(path):
            where = f"{places(path)}:{line} <{tag}>"
            assert tag != "script" or attributes.get("src"), f"{where}: put the script into static/js"
            assert tag != "style" or "nonce" in attributes, f"{where}: put the style into static/css"
            assert "style" not in attributes, f"{where}: a style attribute is refused by the policy; give it a class"
            handlers = [name for name in attributes if re.match(r"on[a-z]+$|hx-on", name)]
            assert not handlers, f"{where}: {handlers} is refused by the policy; listen in static/js"
            for name in ("href", "src", "action", "hx-get", "hx-post"):
                address = (attributes.get(name) or "").strip().lower()
                assert not address.startswith(("javascript:", "http:", "//")), f"{where}: {name}={address}"
                if tag in {"script", "link", "img"}:
                    assert not address.startswith("https:"), f"{where}: vendor it; pages ask no other host"


def test_pictures_can_be_read_aloud():
    """An <img> has an alt (empty where it decorates); an <svg> has a name or is hidden from readers."""
    for path in PAGES:
        for tag, attributes, line in tags(path):
            if tag == "img":
                assert "alt" in attributes, f"{places(path)}:{line}: the picture needs alt"
            if tag == "svg":
                named = {"aria-hidden", "aria-label", "aria-labelledby"} & attributes.keys()
                assert named, f"{places(path)}:{line}: aria-hidden=true, or a name"


def test_forms_that_act_carry_a_token():
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        for form in re.findall(r"<form\b[^>]*>.*?</form>", text, flags=re.DOTALL | re.IGNORECASE):
            if re.match(r"<form[^>]*method=[\"']?post", form, flags=re.IGNORECASE):
                assert re.search(r"csrf|hidden_tag", form), f"{places(path)}: a form that posts needs its CSRF field"


def test_what_is_open_is_the_domains():
    """What a status means is one rule; a template asks ``is open``, ``is waiting`` and the like (``formatting.install``)."""
    statuses = "|".join(AppointmentStatus)
    compared = re.compile(rf"\bstatus\s*(?:[!=]=|(?:not )?in)\s*[\"'(\[]|[\"'](?:{statuses})[\"']\s*[!=]=")
    for path in [*PAGES, *sorted(TEMPLATES.rglob("*.txt"))]:
        found = compared.findall(path.read_text(encoding="utf-8"))
        assert not found, f"{places(path)}: {found}: write `status is open`, or let the row say it"


def test_no_template_says_how_the_words_of_a_closed_list_look():
    """A dict by such words breaks the page of a word that is added; a function with ``assert_never`` doesn't type-check."""
    lists = [{str(word) for word in each} for each in (AppointmentStatus, MailStatus, FollowUpState, SlotStatus, Role)]
    for path in PAGES:
        for found in JINJA_PARSER.parse(path.read_text(encoding="utf-8")).find_all(nodes.Dict):
            keys = {pair.key.as_const() for pair in found.items if isinstance(pair.key, nodes.Const)}
            assert not any(len(keys & words) > 1 for words in lists), (
                f"{places(path)}:{found.lineno}: let a filter say it, as status_looks.py does"
            )


def test_limits_are_the_domains():
    """How much a field takes is one constant; a number in a template would outlive it."""
    for path in PAGES:
        found = re.findall(r"(?:max|min)length=[\"']?\d+", path.read_text(encoding="utf-8"))
        assert not found, f"{places(path)}: {found}: let the form's validators say it (at_most), or a constant"


def includers() -> dict[str, set[str]]:
    """For each template that another takes in, which do."""
    found: dict[str, set[str]] = {}
    for path in [*PAGES, *TEMPLATES.rglob("*.txt")]:
        taken_in = r"(?:{%-?\s*(?:include|import|from|extends)\s+|\bcached\()[\"']([^\"']+)"
        for name in re.findall(taken_in, path.read_text("utf-8")):
            found.setdefault(name, set()).add(places(path))
    return found


def test_a_fragment_is_part_of_a_page():
    """What is swapped in is what the page shows when it is loaded afresh: so a page includes it."""
    included = includers()
    alone = [places(path) for path in PAGES if path.name.startswith("_") and places(path) not in included]
    assert not alone, f"no page includes {alone}"


def test_every_template_is_used():
    """A page is named in the code, any other template by a template."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "clinic").rglob("*.py"))
    used = includers()
    unused = [
        places(path)
        for path in PAGES
        if places(path) not in used and places(path) not in code and places(path).removesuffix(".html") not in code
    ]
    assert not unused, f"nothing renders {unused}"
