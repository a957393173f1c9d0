"""Somebody who reads pages: fetches them without JavaScript, fills in their forms as a browser would, and checks every
full page on the way (``checks.py``).
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from clinic.accounts.models import SessionKind, User
from clinic.accounts.sessions import Origin, start_session
from clinic.db import transaction
from tests.web import checks
from tests.web.dom import Node, read

HTMX = {"HX-Request": "true"}


class Sheet:
    """An answer: its status and headers, and the tree of the page or fragment."""

    def __init__(self, visitor: Visitor, response: TestResponse, path: str) -> None:
        self.visitor = visitor
        self.response = response
        self.path = path
        self.status = response.status_code
        self.headers = response.headers
        self.html = response.get_data(as_text=True)
        self.reading = read(self.html)
        self.tree: Node = self.reading.tree

    @property
    def text(self) -> str:
        """The words of the page's body (or of the fragment)."""
        bodies = self.tree.all("body")
        return (bodies[0] if bodies else self.tree).text

    @property
    def main(self) -> Node:
        """The page's content."""
        return self.tree.one("main")

    @property
    def h1(self) -> str:
        """The page's heading."""
        return self.tree.one("h1").text

    @property
    def goes_to(self) -> str:
        """Where a redirect leads, within the portal."""
        assert self.status in (301, 302, 303, 308), (self.status, self.text[:300])
        address = urlsplit(self.headers["Location"])
        return f"{address.path}?{address.query}" if address.query else address.path

    def follow(self) -> Sheet:
        """Fetch where the redirect leads."""
        return self.visitor.get(self.goes_to)

    def click(self, words: str, tag: str = "main") -> Sheet:
        """Follow the only link of the page's content with these words."""
        href = self.tree.one(tag).with_text("a", words).attrs["href"]
        return self.visitor.get(urljoin(self.path, href).partition("#")[0])

    def link(self, words: str) -> str:
        """Where the only link with these words leads."""
        return self.main.with_text("a", words).attrs["href"]

    def form(self, button: str) -> Node:
        """The only form of the page's content that has a button with these words, or to which such a button belongs."""
        found = [form for form in self.tree.all("form") if self._buttons(form, button)]
        assert len(found) == 1, f"{len(found)} forms have a button {button!r}: {self.text[:600]!r}"
        return found[0]

    def _buttons(self, form: Node, words: str) -> list[Node]:
        """The buttons of a form with these words: within it, or elsewhere on the page with its id."""
        elsewhere = [
            each for each in self.tree.all("button") if each.get("form") and each.get("form") == form.get("id")
        ]
        return [each for each in [*form.all("button"), *elsewhere] if each.text == words]

    def press(self, button: str, **typed: str | list[str]) -> Sheet:
        """Fill in the form with this button and press it; what isn't ``typed`` stays as the page has it."""
        form = self.form(button)
        fields = values_of(form)
        unknown = set(typed) - set(fields)
        assert not unknown, f"the form has no {unknown}, but {sorted(fields)}"
        (pressed,) = self._buttons(form, button)
        if pressed.get("name"):
            fields[pressed.attrs["name"]] = pressed.attrs["value"]
        address = urljoin(self.path, form.attrs["action"])
        if form.get("method") == "post":
            return self.visitor.post(address, fields | typed)
        return self.visitor.get(urlsplit(address).path, query=fields | typed)

    def choose(self, identity: str, **typed: str) -> Sheet:
        """Press the choice with this id: a link, or a button of a form that stands elsewhere on the page."""
        pressed = self.tree.one(id=identity)
        if pressed.tag == "a":
            return self.visitor.get(urljoin(self.path, pressed.attrs["href"]).partition("#")[0])
        fields = values_of(self.tree.one("form", id=pressed.attrs["form"])) | typed
        address = urljoin(self.path, pressed.attrs["formaction"]).partition("#")[0]
        return self.visitor.post(address, {**fields, pressed.attrs["name"]: pressed.attrs["value"]})

    def values(self, button: str) -> dict[str, Any]:
        """What stands in the fields of the form with this button."""
        return values_of(self.form(button))


def values_of(form: Node) -> dict[str, Any]:
    """Return what a form would send if it were sent as it is."""
    values: dict[str, Any] = {}
    for node in form:
        name = node.get("name")
        if not name or node.tag == "button":
            continue
        if node.tag == "textarea":
            # A textarea's first line break belongs to the markup.
            values[name] = (
                "".join(child for child in node.children if isinstance(child, str))
                .removeprefix("\r\n")
                .removeprefix("\n")
            )
        elif node.tag == "select":
            options = node.all("option")
            chosen = [each for each in options if "selected" in each.attrs] or options[:1]
            values[name] = chosen[0].get("value") or "" if chosen else ""
        elif node.get("type") == "checkbox":
            # Of boxes with one name each that is ticked is sent.
            ticked = [node.get("value")] if "checked" in node.attrs else []
            values[name] = [*values.get(name, []), *ticked]
        elif node.get("type") == "radio":
            # Of those with one name the one that is chosen is sent.
            values.setdefault(name, "")
            if "checked" in node.attrs:
                values[name] = node.get("value") or ""
        else:
            values[name] = node.get("value") or ""
    return values


class Visitor:
    """A browser without JavaScript. Every full page that it is answered is checked."""

    def __init__(self, app: Flask, language: str = "en") -> None:
        self.app = app
        self.client = app.test_client()
        self.language = language
        self.at = "/"

    def _open(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> Sheet:
        parts = urlsplit(path)
        sent = {"Accept-Language": self.language, "Referer": f"http://localhost{self.at}", **(headers or {})}
        response = self.client.open(path, method=method, headers=sent, **more)
        sheet = Sheet(self, response, f"{parts.path}?{parts.query}" if parts.query else parts.path)
        if "<html" in sheet.html and not 300 <= sheet.status < 400:
            faults = checks.faults_of(self.app, sheet.reading, sheet.path)
            assert not faults, f"{method} {path}:\n" + "\n".join(dict.fromkeys(faults))
            assert response.headers["Cache-Control"] == "no-store", "a page of the portal is kept by nobody"
            self.at = sheet.path
        return sheet

    def get(self, path: str, *, query: dict[str, Any] | None = None, headers: dict[str, str] | None = None) -> Sheet:
        """Fetch a page; redirects aren't followed."""
        return self._open("GET", path, headers, query_string=query) if query else self._open("GET", path, headers)

    def swap(self, path: str, target: str) -> Sheet:
        """Fetch what HTMX would put at ``target``."""
        return self.get(path, headers={**HTMX, "HX-Target": target})

    def boosted(self, path: str, target: str) -> Sheet:
        """Fetch what a boosted link to ``target`` is answered."""
        return self.get(path, headers={**HTMX, "HX-Boosted": "true", "HX-Target": target})

    def post(self, path: str, fields: dict[str, Any] | None = None, *, headers: dict[str, str] | None = None) -> Sheet:
        """Send a form as it is given, the token included where there is one."""
        return self._open("POST", path, headers, data=fields or {})

    def command(self, path: str, **fields: str) -> Sheet:
        """Send a form that isn't on the page before, with a good token."""
        return self.post(path, {"csrf_token": self.token(), **fields})

    def token(self) -> str:
        """A token that forms are accepted with: the session's secret, signed as Flask-WTF signs it on each page."""
        secret = self._secret()
        if not secret:
            self.get("/")
            secret = self._secret()
        return URLSafeTimedSerializer(self.app.config["WTF_CSRF_SECRET_KEY"], salt="wtf-csrf-token").dumps(secret)

    def _secret(self) -> str:
        with self.client.session_transaction() as cookie:
            return cookie.get("csrf_token", "")


def signed_in(app: Flask, user_id: int, language: str = "en") -> Visitor:
    """A visitor who has signed in already (the cookie is made here: hashing a password is slow on purpose)."""
    visitor = Visitor(app, language)
    with app.app_context(), transaction() as session:
        user = session.get_one(User, user_id)
        secret = start_session(user, SessionKind.BROWSER, Origin("tests", "127.0.0.1")).secret
    with visitor.client.session_transaction() as cookie:
        cookie["_user_id"] = secret
        cookie["_fresh"] = True
    return visitor


def birthday(written: str, name: str = "date_of_birth") -> dict[str, str]:
    """Return what is typed into the three boxes of a date of birth that is written "1990-05-31"."""
    year, month, day = (*written.split("-"), "", "")[:3]
    return {f"{name}_day": day, f"{name}_month": month, f"{name}_year": year}


def headers_of(node: Node) -> dict[str, str]:
    """Return the headers that HTMX sends with every request of the page."""
    sent: dict[str, str] = json.loads(node.attrs["hx-headers"])
    return sent


class OverHttps(Visitor):
    """A browser for which the portal's cookies are: they go over HTTPS alone."""

    def _open(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> Sheet:
        sent = {"Referer": f"https://localhost{self.at}", **(headers or {})}
        return super()._open(method, path, sent, base_url="https://localhost", **more)
