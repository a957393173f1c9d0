"""What a docstring names in double backticks is there: a rename that leaves the old name behind sends readers to nothing."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = sorted((ROOT / "clinic").rglob("*.py"))
#: A name as code writes it, dotted or with its brackets; sentences, addresses and headers in backticks are none.
NAME = re.compile(r"``([A-Za-z_][\w.]*)(?:\(\))?``")
#: Parameters of commands that others hand values to, ends of names that are put together, names of HTTP and Flask.
OF_OTHERS = {"expected_state", "expected_version", "_vi", "_year", "Allow", "Authorization", "TypedDict", "route"}
MACRO = re.compile(r"{%-?\s*macro\s+(\w+)")


def names_in(tree: ast.AST) -> set[str]:
    """Every name that code uses or gives, and its short texts: keys, codes and words of a list are such."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.alias(name=name, asname=other):
                found |= {*name.split("."), other or name}
            case ast.Constant(value=str(text)) if len(text) < 60:
                found.add(text)
    return found


def definitions_in(tree: ast.AST) -> set[str]:
    """What others can look up: functions, classes, their attributes, what a module names, codes and keys."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.AnnAssign(target=ast.Attribute(attr=name)):
                found.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]):
                found.add(name)
            case ast.Constant(value=str(text)) if text.isidentifier():
                found.add(text)
    return found


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    """The modules of the portal."""
    return {path: ast.parse(path.read_text("utf-8")) for path in SOURCES}


@pytest.fixture(scope="module")
def known(trees: dict[Path, ast.Module]) -> set[str]:
    """What a docstring anywhere may name: definitions, modules, packages, files, macros of templates and Python's own."""
    files = {
        path.name for folder in ("clinic", "migrations", "templates", "tools") for path in (ROOT / folder).rglob("*")
    }
    places = {part for path in SOURCES for part in (path.stem, path.parent.name)}
    macros = {name for path in (ROOT / "templates").rglob("*.*") for name in MACRO.findall(path.read_text("utf-8"))}
    # The demo's stories use any word there is.
    definitions = (definitions_in(tree) for path, tree in trees.items() if "seed" not in path.parts)
    return {*files, *places, *macros, *OF_OTHERS, *dir(builtins)}.union(*definitions)


def docstrings(tree: ast.Module) -> Iterator[tuple[str, str, set[str]]]:
    """Yield each docstring with where it stands and the names that its own code has: a module's, a class's, a function's."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
            yield getattr(node, "name", "the module"), text, names_in(node)


def test_names_in_docstrings_exist(trees: dict[Path, ast.Module], known: set[str]) -> None:
    """A parameter stands in the function itself; anything else is defined somewhere, or imported."""
    gone = []
    for path, tree in trees.items():
        here = definitions_in(tree)
        here |= {name for node in ast.walk(tree) if isinstance(node, ast.alias) for name in names_in(node)}
        for where, text, own in docstrings(tree):
            for name in NAME.findall(text):
                parts = name.split(".")
                last = name if name.endswith((".py", ".html", ".toml")) else parts[-1]
                if last not in own | known | here and name not in own:
                    gone.append(f"{path.relative_to(ROOT)}, {where}: {name}")
    assert not gone, "name what there is: " + "; ".join(gone)
