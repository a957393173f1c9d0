"""What docstrings and comments of templates refer to is there: nothing is named that was renamed since."""

from __future__ import annotations

import ast
import builtins
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

_CALLED = re.compile(r"(?<![.\w])([a-z_]\w+)\(")
_DOTTED = re.compile(r"\bclinic\.(?!js\b|css\b)\w+(?:\.\w+)*")
_COMMENT = re.compile(r"{#(.*?)#}", re.DOTALL)
#: What the examples call besides.
BUILTINS = set(dir(builtins)) | {"lambda", "macro", "call"}


def defined(root: Path) -> set[str]:
    """Every function, class and parameter of the application, and every macro of its templates."""
    names = set(BUILTINS)
    for path in (root / "clinic").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names.add(node.name)
            if isinstance(node, ast.arg):
                names.add(node.arg)
    for path in (root / "templates").rglob("*.html"):
        names.update(re.findall(r"{%-? macro (\w+)", path.read_text("utf-8")))
    return names


def examples(root: Path) -> Iterator[tuple[Path, str]]:
    """The indented lines of modules' docstrings, which show how a module is used."""
    for path in (root / "clinic").rglob("*.py"):
        for line in (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").splitlines():
            if line.startswith("    "):
                yield path.relative_to(root), line.strip()


def test_examples_call_what_there_is(root: Path) -> None:
    known = defined(root)
    unknown = {
        (str(path), name) for path, line in examples(root) for name in _CALLED.findall(line) if name not in known
    }
    assert not unknown, "mend the example in the docstring"
    assert sum(1 for _ in examples(root)) > 10


def test_comments_of_templates_name_what_there_is(root: Path) -> None:
    wrong = []
    for path in (root / "templates").rglob("*.*"):
        for comment in _COMMENT.findall(path.read_text("utf-8")):
            wrong += [f"{path.name}: {name}" for name in _DOTTED.findall(comment) if not exists(name)]
            wrong += [
                f"{path.name}: {name}"
                for name in re.findall(r"[\w/]+\.html", comment)
                if not any((root / "templates").rglob(Path(name).name))
            ]
    assert not wrong


def exists(dotted: str) -> bool:
    """Return whether a dotted name is a module of the application, or a name of one."""
    for end in range(len(parts := dotted.split(".")), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for name in parts[end:]:
            if not hasattr(found, name):
                return False
            found = getattr(found, name)
        return True
    return False
