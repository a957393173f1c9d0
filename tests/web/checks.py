"""What every page of the portal must be, whatever it says. ``faults_of`` tells what a page is not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from clinic.config import load
from clinic.i18n import LANGUAGES
from tests.settings import SETTINGS
from tests.web.dom import Node, Reading

HEADINGS = ("h1", "h2", "h3", "h4")
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "for", "form", "hx-target")
#: What slips into a page when a value is missing or a text was never filled in.
LEAKS = ("None", "Undefined", "%(", "{{", "}}", "<function", "0x")


def faults_of(app: Flask, page: Reading, path: str) -> list[str]:
    """Return what is wrong with a full page that was answered at ``path``."""
    tree, faults = page.tree, list(page.faults)
    if page.doctype != "doctype html":
        faults.append("no doctype")
    for check in (_frame, _ids, _headings, _controls, _buttons_and_links, _forms, _policy, _leaks):
        faults += check(tree)
    faults += _addresses(app, tree, path)
    return faults


def _frame(tree: Node) -> Iterator[str]:
    if tree.one("html").get("lang") not in LANGUAGES:
        yield "the page doesn't say its language"
    if len(tree.one("head").one("title").text) < 5:
        yield "no title"
    for landmark in ("main", "header"):
        if len([node for node in tree.all(landmark) if node.parent and node.parent.tag in ("body", "div")]) != 1:
            yield f"not one <{landmark}>"
    if not tree.all("a", href="#main"):
        yield "no way to skip to the content"


def _ids(tree: Node) -> Iterator[str]:
    ids = Counter(node.attrs["id"] for node in tree if "id" in node.attrs)
    for name, times in ids.items():
        if times > 1:
            yield f"the id {name!r} is there {times} times"
    for node in tree:
        for attribute in REFERENCES:
            for name in (node.get(attribute) or "").replace("#", " ").split():
                if name not in ids and name != "this":
                    yield f"{attribute}={name!r} leads nowhere"


def _headings(tree: Node) -> Iterator[str]:
    levels = [HEADINGS.index(node.tag) + 1 for node in tree if node.tag in HEADINGS]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} h1"
    main = [HEADINGS.index(node.tag) + 1 for node in tree.one("main") if node.tag in HEADINGS]
    for before, after in pairwise(main):
        if after > before + 1:
            yield f"h{after} follows h{before}"


def _controls(tree: Node) -> Iterator[str]:
    labelled = {label.get("for") for label in tree.all("label") if label.text}
    for node in tree:
        plain = node.tag in ("select", "textarea") or (
            node.tag == "input" and node.get("type") not in ("hidden", "submit", "button")
        )
        named = node.get("aria-label") or node.get("aria-labelledby") or node.get("id") in labelled
        if plain and not named:
            yield f"no label for {node.attrs}"
        if plain and not node.get("name"):
            yield f"no name on {node.attrs}"
        if plain and node.get("aria-invalid") == "true" and not _tied_to_error(node):
            yield f"the error of {node.get('id')} is not tied to it"


def _tied_to_error(node: Node) -> bool:
    """Tell whether a field names its error, or the boxes that it belongs to name theirs."""
    if f"{node.get('id')}-err" in (node.get("aria-describedby") or ""):
        return True
    group = node.parent
    while group is not None and group.tag != "fieldset":
        group = group.parent
    return group is not None and "-err" in (group.get("aria-describedby") or "")


def _buttons_and_links(tree: Node) -> Iterator[str]:
    for node in tree:
        if node.tag in ("button", "a") and not (node.text or node.get("aria-label")):
            yield f"<{node.tag} {node.attrs}> has no words"
        if node.tag == "a" and not node.get("href"):
            yield f"the link {node.text!r} leads nowhere"
        if node.tag == "img" and "alt" not in node.attrs:
            yield "a picture without alt"
        if node.tag == "svg" and node.get("aria-hidden") != "true" and node.get("role") != "img":
            yield "a drawing that is neither hidden nor named"


def _forms(tree: Node) -> Iterator[str]:
    order = {id(node): place for place, node in enumerate(tree)}
    elsewhere = defaultdict[str, list[Node]](list)
    for button in tree.all("button"):
        if (form_id := button.get("form")) is not None:
            elsewhere[form_id].append(button)
    for form in tree.all("form"):
        if "action" not in form.attrs:
            yield f"a form without action: {form.text[:60]}"
        if form.get("method") == "post" and len(form.all("input", name="csrf_token")) != 1:
            yield f"a form without token: {form.text[:60]}"
        inside, outside = form.all("button"), elsewhere[form.get("id") or ""]
        if not _sending(inside + outside):
            yield f"a form that can't be sent: {form.text[:60]}"
        # Browsers press the first in the order of the page where somebody presses Enter.
        own = _sending([button for button in inside if not button.get("form")] + outside)
        pressed = min(own, key=lambda button: order[id(button)], default=None)
        if form.get("id") and pressed and "data-preference" in pressed.attrs:
            yield f"Enter in the form {form.get('id')!r} presses {pressed.text!r}"


def _sending(buttons: list[Node]) -> list[Node]:
    return [button for button in buttons if button.get("type") != "button"]


def _is_the_map(node: Node) -> bool:
    """Whether this is the one link that leads out of the portal: a map of where the clinic is."""
    return node.tag == "a" and node.get("href") == _map_url()


@cache
def _map_url() -> str | None:
    return load(SETTINGS).contact.map_url


def _policy(tree: Node) -> Iterator[str]:
    for node in tree:
        if node.tag == "style" or "style" in node.attrs:
            yield f"inline style on <{node.tag}>"
        if node.tag == "script" and (not node.get("src") or node.text):
            yield "inline script"
        for name in node.attrs:
            if name.startswith(("on", "hx-on")):
                yield f"inline handler {name}"
        for name in ("src", "href", "action"):
            wanted = node.get(name)
            if not wanted or wanted.startswith("#") or _is_the_map(node):
                continue
            if node.tag == "img" and wanted.startswith("data:image/svg+xml"):
                continue  # the picture itself, which is asked of nobody
            address = urlsplit(wanted)
            if address.scheme not in ("", "mailto", "tel") or address.netloc:
                yield f"leads to another host: {wanted}"


def _leaks(tree: Node) -> Iterator[str]:
    words = tree.one("body").text
    for leak in LEAKS:
        if leak in words:
            yield f"the page says {leak!r}: {words[max(0, words.index(leak) - 60) :][:120]!r}"


def _addresses(app: Flask, tree: Node, path: str) -> Iterator[str]:
    """Every link and form leads to a page of the portal; a link inside the page to something that is there."""
    adapter = app.url_map.bind("localhost")
    ids = {node.get("id") for node in tree}
    for wanted, method in dict.fromkeys(_leading(tree)):
        if wanted.startswith("#"):
            if wanted[1:] not in ids:
                yield f"{wanted} is not on the page"
            continue
        try:
            adapter.match(urlsplit(urljoin(path, wanted)).path, method)
        except RequestRedirect as redirect:
            yield f"{wanted} is a detour to {redirect.new_url}"
        except (NotFound, MethodNotAllowed):
            yield f"{method} {wanted} leads nowhere"


def _leading(tree: Node) -> Iterator[tuple[str, str]]:
    """Where the page leads, and by which method; not what has another program open it."""
    for node in tree:
        if node.tag in ("use", "link") or _is_the_map(node):
            continue
        own = (node.get("method") or "get").upper()
        leading = {"href": "GET", "action": own, "formaction": "POST", "hx-get": "GET", "hx-post": "POST"}
        for name, method in leading.items():
            wanted = node.get(name)
            if wanted is not None and not wanted.startswith(("mailto:", "tel:")):
                yield wanted, method
