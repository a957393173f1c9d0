"""The names that templates give each other: what is imported is used, what is used is imported, no macro is left over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
JINJA = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])

Parsed = dict[str, nodes.Template]


@pytest.fixture(scope="module")
def templates() -> Parsed:
    """All templates of the portal, parsed, by their names."""
    paths = [path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"}]
    return {str(path.relative_to(TEMPLATES)): JINJA.parse(path.read_text(encoding="utf-8")) for path in sorted(paths)}


def parsed(**texts: str) -> Parsed:
    """Templates made up for a test."""
    return {name: JINJA.parse(text) for name, text in texts.items()}


def read_in(node: nodes.Node) -> set[str]:
    """The names that are read anywhere in a part of a template."""
    return {name.name for name in node.find_all(nodes.Name) if name.ctx == "load"}


def imported_in(template: nodes.Template) -> Iterator[tuple[str, str, int]]:
    """What a template imports: the name by which it has it, the name where it comes from ("" for all), the line."""
    for each in template.find_all(nodes.FromImport):
        for name in each.names:
            theirs, own = name if isinstance(name, tuple) else (name, name)
            yield own, theirs, each.lineno
    for whole in template.find_all(nodes.Import):
        yield whole.target, "", whole.lineno


def unused_imports(templates: Parsed) -> list[str]:
    """What a template imports and doesn't use itself; what it includes has imports of its own."""
    return [
        f"{place}:{line} {own}"
        for place, template in templates.items()
        for own, _theirs, line in imported_in(template)
        if own not in read_in(template)
    ]


def unused_macros(templates: Parsed) -> list[str]:
    """Macros that neither their own template uses, outside of themselves, nor any other."""
    elsewhere: set[tuple[str, str]] = set()
    for template in templates.values():
        for each in template.find_all(nodes.FromImport):
            source = each.template.as_const()
            elsewhere |= {(source, name[0] if isinstance(name, tuple) else name) for name in each.names}
        for whole in template.find_all(nodes.Import):
            attributes = template.find_all(nodes.Getattr)
            elsewhere |= {(whole.template.as_const(), each.attr) for each in attributes}
    return [
        f"{place}:{macro.lineno} {macro.name}"
        for place, template in templates.items()
        for macro in template.find_all(nodes.Macro)
        if (place, macro.name) not in elsewhere and not _read_outside(template, macro)
    ]


def _read_outside(template: nodes.Template, macro: nodes.Macro) -> bool:
    inside = [name for name in macro.find_all(nodes.Name) if name.name == macro.name]
    everywhere = [name for name in template.find_all(nodes.Name) if name.name == macro.name]
    return len(everywhere) > len(inside)


def unread_arguments(templates: Parsed) -> list[str]:
    """Arguments of macros that nothing in the macro reads."""
    return [
        f"{place}:{macro.lineno} {macro.name}({argument.name})"
        for place, template in templates.items()
        for macro in template.find_all(nodes.Macro)
        for argument in macro.args
        if argument.name not in set().union(*(read_in(part) for part in macro.body))
    ]


def borrowed_macros(templates: Parsed) -> list[str]:
    """Macros that others import and a template calls without: it has them by chance, from whoever includes it."""
    macros = {theirs for template in templates.values() for _own_name, theirs, _line in imported_in(template)}
    return [
        f"{place}:{call.lineno} {call.node.name}"
        for place, template in templates.items()
        for call in template.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in macros - _own(template)
    ]


def _own(template: nodes.Template) -> set[str]:
    named = {name.name for name in template.find_all(nodes.Name) if name.ctx in {"store", "param"}}
    macros = {macro.name for macro in template.find_all(nodes.Macro)}
    return named | macros | {own for own, _theirs, _line in imported_in(template)}


def test_what_a_template_imports_it_uses(templates: Parsed):
    assert unused_imports(templates) == [], "take these out of the import"


def test_no_macro_is_left_over(templates: Parsed):
    assert unused_macros(templates) == [], "nothing calls these: remove them"


def test_what_a_macro_is_told_it_reads(templates: Parsed):
    assert unread_arguments(templates) == [], "remove these from the macro and from who calls it"


def test_a_template_imports_what_it_calls(templates: Parsed):
    assert borrowed_macros(templates) == [], "import these where they are called"


def test_this_would_be_noticed():
    """Each of the four, in templates that break it and in ones that don't."""
    pieces = "{% macro icon(name, big) %}{{ name }}{% endmacro %}{% macro again() %}{{ again() }}{% endmacro %}"
    broken = parsed(
        pieces=pieces,
        page="{% from 'pieces' import icon, again as more %}{{ icon('x') }}{% include 'part' %}",
        part="{{ more }}{{ icon('x') }}",
    )
    assert unused_imports(broken) == ["page:1 more"]
    assert unread_arguments(broken) == ["pieces:1 icon(big)"]
    assert borrowed_macros(broken) == ["part:1 icon"]
    assert unused_macros(broken | parsed(page="{% from 'pieces' import icon %}")) == ["pieces:1 again"]
    assert unused_macros(parsed(pieces=pieces, page="{% import 'pieces' as p %}{{ p.icon() }}")) == ["pieces:1 again"]
    right = parsed(
        pieces="{% macro icon(name) %}{{ name }}{% endmacro %}{% macro two(more) %}{{ icon(more()) }}{% endmacro %}",
        page="{% from 'pieces' import two as pair %}{% call pair() %}{% endcall %}",
    )
    assert not unused_imports(right) + unread_arguments(right) + borrowed_macros(right) + unused_macros(right)
