"""A form has one life: only ``submitting`` catches what the domain refuses of one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

REFUSALS = {"InvalidInput", "Conflict", "Stale", "DomainError"}
HOME = "submitting.py"
#: What else catches a refusal, and why it is no form that is shown again.
NO_FORMS = {
    ("admin/statistics.py", "statistics"): "the period of an address, which is a filter",
    ("admin/outbox.py", "mail_again"): "a mail that isn't given up any more isn't asked about either",
}


def caught_in(source: str) -> Iterator[str]:
    """The functions of a module that catch a refusal by name, among others or alone."""
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef):
            continue
        for handler in ast.walk(function):
            if isinstance(handler, ast.ExceptHandler) and handler.type is not None:
                names = {getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(handler.type)}
                if names & REFUSALS:
                    yield function.name


def test_only_one_module_catches_refusals(root: Path):
    pages = root / "clinic/web"
    caught = {
        (path.relative_to(pages).as_posix(), name)
        for path in pages.rglob("*.py")
        if path.name != HOME
        for name in caught_in(path.read_text("utf-8"))
    }
    assert caught == set(NO_FORMS), f"use submitted() of {HOME}, or say in NO_FORMS why it is no form"


def test_a_ladder_is_seen():
    ladder = "def view():\n    try:\n        save()\n    except (errors.Stale, KeyError) as refusal:\n        show(refusal)\n"
    assert list(caught_in(ladder)) == ["view"]
    assert list(caught_in(ladder.replace("errors.Stale", "ValueError"))) == []
