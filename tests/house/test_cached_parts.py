"""Parts that templates show by ``cached``: there is such a macro, it is given what it takes, and it needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from jinja2 import nodes

from clinic.web.kit.part_cache import GLOBALS, OF_THE_CLOCK
from tests.house.test_template_names import JINJA, TEMPLATES, Parsed, imported_in, read_in

#: Besides, see ``clinic.web.kit.part_cache``; the last is read by macros of the same file that show others by it.
GIVEN = GLOBALS | {"csrf_token", "url_for", "caller", "cached", "loop"}


@dataclass(frozen=True)
class Part:
    """Where a part is shown, its macro, and the names of what it is given."""

    place: str
    template: str
    macro: str
    given: frozenset[str]


@pytest.fixture(scope="module")
def templates() -> Parsed:
    """All templates of the pages, parsed, by their names."""
    paths = sorted(path for path in TEMPLATES.rglob("*.html") if path.parent.name != "mail")
    return {str(path.relative_to(TEMPLATES)): JINJA.parse(path.read_text(encoding="utf-8")) for path in paths}


def parts(templates: Parsed) -> Iterator[Part]:
    """Every part that a template shows."""
    for place, template in templates.items():
        for call in template.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "cached":
                file, macro = (each.as_const() for each in call.args)
                yield Part(f"{place}:{call.lineno}", file, macro, frozenset(each.key for each in call.kwargs))


def test_a_part_is_a_macro_and_is_given_all_that_it_takes(templates: Parsed) -> None:
    found = list(parts(templates))
    assert len(found) > 10
    for part in found:
        macros = {each.name: each for each in templates[part.template].find_all(nodes.Macro)}
        assert part.macro in macros, f"{part.place}: {part.template} has no macro {part.macro}"
        takes = {argument.name for argument in macros[part.macro].args}
        assert part.given == takes, f"{part.place}: {part.macro} takes {sorted(takes)}"


def reached(templates: Parsed, template: str, macro: str, seen: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the macro and all that it shows, by their templates: of its own file, and imported ones."""
    if (template, macro) in seen:
        return seen
    seen.add((template, macro))
    tree = templates[template]
    own = {each.name: each for each in tree.find_all(nodes.Macro)}
    imported = {
        here: (each.template.as_const(), theirs)
        for each in tree.find_all(nodes.FromImport)
        for theirs, here in (name if isinstance(name, tuple) else (name, name) for name in each.names)
    }
    for name in {call.name for call in own[macro].find_all(nodes.Name) if call.ctx == "load"}:
        if name in own:
            reached(templates, template, name, seen)
        elif name in imported:
            reached(templates, *imported[name], seen)
    return seen


def test_a_part_asks_neither_who_reads_nor_what_day_it_is(templates: Parsed) -> None:
    """A name in a branch that no test reaches would be an error on a page of somebody's."""
    found: set[tuple[str, str]] = set()
    for part in parts(templates):
        reached(templates, part.template, part.macro, found)
    assert ("components/ui.html", "icon") in found, "what is imported is read too"
    for template, wanted in found:
        macros = {each.name: each for each in templates[template].find_all(nodes.Macro)}
        macro, names = macros[wanted], {*macros, *(name for name, _, _ in imported_in(templates[template]))}
        own = {name.name for name in macro.find_all(nodes.Name) if name.ctx != "load"}
        asked = read_in(macro) - own - GIVEN - names
        assert not asked, f"{template} {wanted}: give it {sorted(asked)}"
        filters = {each.name for each in macro.find_all(nodes.Filter)}
        assert not filters & OF_THE_CLOCK, f"{template} {wanted}: give it the words"
