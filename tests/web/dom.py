"""A page as a small tree, read strictly: a tag that isn't closed, or closed twice, is a fault of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
FOREIGN = {"svg", "path", "use", "circle", "rect", "line", "polyline", "g"}


@dataclass
class Node:
    """An element: its tag, attributes, and what it holds (elements and texts)."""

    tag: str
    attrs: dict[str, str]
    parent: Node | None = None
    children: list[Node | str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Node]:
        """All elements below this one, in the order of the page."""
        return iter(self._below)

    @cached_property
    def _below(self) -> list[Node]:
        """Found once: pages are searched again and again, and don't change."""
        elements = [child for child in self.children if isinstance(child, Node)]
        return [node for child in elements for node in (child, *child._below)]

    def get(self, name: str) -> str | None:
        """An attribute, None without it."""
        return self.attrs.get(name)

    @property
    def text(self) -> str:
        """The words below this element, single-spaced."""
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return " ".join(" ".join(parts).split())

    def all(self, tag: str = "", **attrs: str) -> list[Node]:
        """The elements below with this tag and these attributes (``class_`` means: has this class)."""
        return [node for node in self if (not tag or node.tag == tag) and node.matches(**attrs)]

    def one(self, tag: str = "", **attrs: str) -> Node:
        """The only such element."""
        found = self.all(tag, **attrs)
        assert len(found) == 1, f"{len(found)} <{tag} {attrs}> in {self.text[:300]!r}"
        return found[0]

    def matches(self, **attrs: str) -> bool:
        """Tell whether the element has these attributes."""
        for name, wanted in attrs.items():
            if name == "class_":
                if wanted not in (self.get("class") or "").split():
                    return False
            elif self.get(name.rstrip("_").replace("_", "-")) != wanted:
                return False
        return True

    def with_text(self, tag: str, text: str) -> Node:
        """The only element of this tag whose words are exactly these."""
        found = [node for node in self.all(tag) if node.text == text]
        assert len(found) == 1, f"{len(found)} <{tag}> say {text!r}: {[node.text for node in self.all(tag)]}"
        return found[0]

    def written(self) -> str:
        """The element in one canonical writing, without what differs each time (form tokens)."""
        attrs = "".join(f' {name}="{self._steady(name, value)}"' for name, value in sorted(self.attrs.items()))
        inside = "".join(child if isinstance(child, str) else child.written() for child in self.children)
        return f"<{self.tag}{attrs}>{' '.join(inside.split())}</{self.tag}>"

    def _steady(self, name: str, value: str) -> str:
        if name == "hx-headers" or (name == "value" and self.get("name") == "csrf_token"):
            return "…"
        return re.sub(r"\s+", " ", value)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self.open = self.root
        self.faults: list[str] = []
        self.doctype = ""

    def handle_decl(self, decl: str) -> None:
        self.doctype = decl.lower()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice")
        node = Node(tag, {name: value or "" for name, value in attrs}, self.open)
        self.open.children.append(node)
        if tag not in VOID:
            self.open = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open = self.open.parent or self.root
            if tag not in FOREIGN:
                self.faults.append(f"<{tag}/> closes itself")

    def handle_endtag(self, tag: str) -> None:
        if self.open.tag != tag:
            self.faults.append(f"</{tag}> where <{self.open.tag}> is open, after {self.open.text[-80:]!r}")
            return
        self.open = self.open.parent or self.root

    def handle_data(self, data: str) -> None:
        self.open.children.append(data)


@dataclass(frozen=True)
class Reading:
    """A page: its tree, its doctype and what is wrong with how it is written."""

    tree: Node
    doctype: str
    faults: list[str]


def read(html: str) -> Reading:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if reader.open is not reader.root:
        reader.faults.append(f"<{reader.open.tag}> is never closed")
    return Reading(reader.root, reader.doctype, reader.faults)
