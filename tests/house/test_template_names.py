"""The names that templates give each other: what is imported is used, what is used is imported, no macro is left over."""

from __future__ import annotations

import ast
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
        for call in template.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "cached":
                elsewhere.add((call.args[0].as_const(), call.args[1].as_const()))
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


def homeless_blocks(templates: Parsed) -> list[str]:
    """Blocks that a template fills and none of its layouts has: what stands in them is shown nowhere."""
    return [
        f"{place}:{block.lineno} {block.name}"
        for place, template in templates.items()
        if (layouts := list(_layouts(templates, template)))
        for block in template.body
        if isinstance(block, nodes.Block) and not any(block.name in _blocks(layout) for layout in layouts)
    ]


def _layouts(templates: Parsed, template: nodes.Template) -> Iterator[nodes.Template]:
    """The layout of a template, that one's own, and so on."""
    for extends in template.find_all(nodes.Extends):
        layout = templates[extends.template.as_const()]
        yield layout
        yield from _layouts(templates, layout)


def _blocks(template: nodes.Template) -> set[str]:
    return {block.name for block in template.find_all(nodes.Block)}


#: What Jinja and Flask have for every template, as far as the portal's own code doesn't name it too.
JINJAS = frozenset({"caller", "get_flashed_messages", "index0", "loop", "namespace", "pgettext"})


def written_in(folder: Path) -> set[str]:
    """Every name that the code of ``folder`` gives to something: arguments, attributes, keys, functions, classes."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.keyword(arg=str(name)) | ast.arg(arg=name) | ast.Name(id=name) | ast.Attribute(attr=name):
                    found.add(name)
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    found.add(name)
                case ast.Constant(value=str(name)) if name.isidentifier():
                    found.add(name)
    return found


def unknown_names(templates: Parsed, known: set[str]) -> list[str]:
    """Names and keys that templates read, in whichever branch, and that nothing gives them: they are misspelt."""
    own = {name for template in templates.values() for name in _own(template)}
    own |= {macro.name for template in templates.values() for macro in template.find_all(nodes.Macro)}
    own |= {block.name for template in templates.values() for block in template.find_all(nodes.Block)}
    read = [
        (place, node.lineno, name)
        for place, template in templates.items()
        for kind, attribute in ((nodes.Name, "name"), (nodes.Getattr, "attr"))
        for node in template.find_all(kind)
        if (name := str(getattr(node, attribute))) and getattr(node, "ctx", "load") == "load"
    ]
    given = known | own | JINJAS
    return sorted({f"{place}:{line} {name}" for place, line, name in read if name not in given})


def test_every_name_that_a_template_reads_is_given(templates: Parsed):
    """Pages run on ``StrictUndefined``, which sees a misspelt name only in a branch that a test reaches."""
    assert unknown_names(templates, written_in(TEMPLATES.parent / "clinic")) == [], "nothing has these names"


def test_what_a_template_imports_it_uses(templates: Parsed):
    assert unused_imports(templates) == [], "take these out of the import"


def test_no_macro_is_left_over(templates: Parsed):
    assert unused_macros(templates) == [], "nothing calls these: remove them"


def test_what_a_macro_is_told_it_reads(templates: Parsed):
    assert unread_arguments(templates) == [], "remove these from the macro and from who calls it"


def test_a_template_imports_what_it_calls(templates: Parsed):
    assert borrowed_macros(templates) == [], "import these where they are called"


def test_a_block_that_a_template_fills_is_in_its_layout(templates: Parsed):
    assert homeless_blocks(templates) == [], "no layout shows these blocks"


def test_a_block_that_nothing_shows_would_be_noticed():
    pages = parsed(
        base="{% block title %}{% endblock %}{% block frame %}{% block content %}{% endblock %}{% endblock %}",
        layout="{% extends 'base' %}{% block frame %}{% block side %}{% endblock %}{% endblock %}",
        page="{% extends 'layout' %}{% block title %}{% endblock %}{% block side %}{% endblock %}"
        "{% block content %}{% block inner %}{% endblock %}{% endblock %}{% block chart %}{% endblock %}",
    )
    assert homeless_blocks(pages) == ["page:1 chart"]


def test_a_misspelt_name_would_be_noticed():
    page = parsed(
        page="{% if seldom %}{{ visit.patinet.full_name }}{{ refusall }}{% endif %}{% set own = 1 %}{{ own }}"
    )
    assert unknown_names(page, {"seldom", "visit", "patient", "full_name", "refusal"}) == [
        "page:1 patinet",
        "page:1 refusall",
    ]


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
