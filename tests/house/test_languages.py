"""No list of the portal's languages but one (``clinic.i18n.LANGUAGES``): whoever adds a language adds it there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from clinic.i18n import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent.parent
#: Names beside which such a list stands for the languages that a doctor speaks, which are others.
SPOKEN = {"languages"}
#: Modules that name languages of their own, each with the reason.
ITS_OWN = {"clinic/seed/shapes.py": "the type of the two languages in which the demo's texts are written"}


def literals(tree: ast.AST) -> Iterator[ast.expr]:
    """The lists, tuples and sets of a module that hold the codes of the portal's languages and nothing else."""
    spoken = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg in SPOKEN}
    spoken |= {id(side) for node in ast.walk(tree) if isinstance(node, ast.Compare) for side in node.comparators}
    spoken |= {
        id(value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value in SPOKEN
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.List | ast.Tuple | ast.Set) and id(node) not in spoken:
            words = [each.value for each in node.elts if isinstance(each, ast.Constant)]
            if len(words) == len(node.elts) and sorted(map(str, words)) == sorted(LANGUAGES):
                yield node


def test_the_languages_are_listed_once() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("clinic", "tests", "tools", "bench")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if str(path.relative_to(ROOT)) not in ITS_OWN
        for node in literals(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found, f"go through LANGUAGES: {found}"


def test_a_list_of_them_is_found_and_what_a_doctor_speaks_is_left_alone() -> None:
    codes = repr(list(LANGUAGES))
    assert len(list(literals(ast.parse(f"for language in {codes}: pass")))) == 1
    assert not list(literals(ast.parse(f"doctor(languages={codes}); row = {{'languages': {codes}}}")))
