"""Somebody who follows every link of the portal, and writes down every link and form on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from flask import Flask

from tests.web.dom import Node
from tests.web.visitor import Sheet, Visitor, values_of

#: How many addresses of one path with the same query names are opened: days and times are many, and all alike.
MOST_ALIKE = 2
#: What answers with a file, not with a page.
FILES = {"text/calendar"}


@dataclass(frozen=True)
class Way:
    """Something that a page lets a person do: a link (its endpoint and query) or a form (its endpoint and fields)."""

    kind: str
    endpoint: str
    names: frozenset[str]

    def serves(self, wanted: Way) -> bool:
        """Tell whether this does what ``wanted`` does, all its fields or query names among it."""
        return (self.kind, self.endpoint) == (wanted.kind, wanted.endpoint) and self.names >= wanted.names


class Walk:
    """One person's walk. ``reached`` are the endpoints of pages opened and forms found; ``faults`` what was wrong."""

    def __init__(self, app: Flask, visitor: Visitor) -> None:
        self.visitor = visitor
        self.ways: set[Way] = set()
        self.reached: set[str] = set()
        self.detours: set[str] = set()
        self.faults: list[str] = []
        self._adapter = app.url_map.bind("localhost")
        self._opened: Counter[tuple[str, frozenset[str]]] = Counter()
        self._seen: set[str] = set()

    def endpoint_of(self, path: str, method: str = "GET") -> str:
        """The endpoint that answers at ``path``; an address that leads nowhere raises."""
        endpoint: str = self._adapter.match(urlsplit(path).path, method)[0]
        return endpoint

    def follow(self, *starts: str) -> Walk:
        """Walk from these addresses on, until nothing new is found."""
        waiting = list(starts)
        while waiting:
            address = waiting.pop()
            if self._is_new(address):
                waiting += self._open(address)
        return self

    def _is_new(self, address: str) -> bool:
        parts = urlsplit(address)
        alike = (parts.path, frozenset(name for name, _ in parse_qsl(parts.query, keep_blank_values=True)))
        if address in self._seen or self._opened[alike] >= MOST_ALIKE:
            return False
        self._seen.add(address)
        self._opened[alike] += 1
        return True

    def _open(self, address: str) -> Iterable[str]:
        """Open an address and return those that its page leads to."""
        sheet = self.visitor.get(address)
        endpoint = self.endpoint_of(address)
        if sheet.status in (302, 303):
            self.detours.add(endpoint)
            return [sheet.goes_to]
        if sheet.status != 200:
            self.faults.append(f"{address} answers {sheet.status}, linked from {self.visitor.at}")
            return []
        self.reached.add(endpoint)
        return [] if sheet.response.mimetype in FILES else list(self._ways_of(sheet))

    def _ways_of(self, sheet: Sheet) -> Iterator[str]:
        for link in sheet.tree.all("a"):
            address = urljoin(sheet.path, link.attrs["href"]).partition("#")[0]
            if urlsplit(address).scheme in ("", "http"):
                names = frozenset(name for name, _ in parse_qsl(urlsplit(address).query))
                self.ways.add(Way("link", self.endpoint_of(address), names))
                yield address
        for form in sheet.tree.all("form"):
            yield from self._form(sheet, form)

    def _form(self, sheet: Sheet, form: Node) -> Iterator[str]:
        """Note a form; one that only asks (GET) is sent as it stands, a command never."""
        address = urljoin(sheet.path, form.attrs["action"])
        method = form.attrs.get("method", "get").upper()
        names = frozenset(node.attrs["name"] for node in form if node.get("name")) - {"csrf_token"}
        self.ways.add(Way("form" if method == "POST" else "question", self.endpoint_of(address, method), names))
        if method == "POST":
            self.reached.add(self.endpoint_of(address, method))
        else:
            yield f"{urlsplit(address).path}?{urlencode(values_of(form))}"


def link(endpoint: str, *names: str) -> Way:
    """A link to a page, with these names in its query."""
    return Way("link", endpoint, frozenset(names))


def question(endpoint: str, *names: str) -> Way:
    """A form that asks a page (GET) by these fields."""
    return Way("question", endpoint, frozenset(names))


def form(endpoint: str, *names: str) -> Way:
    """A form that commands (POST) with these fields."""
    return Way("form", endpoint, frozenset(names))
