"""Files and names that can be found: a file has one name once and one subject, and no identifier is a riddle."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

from jinja2 import Environment, nodes

from clinic.web.kit.page_permissions import ACTIONS_OF_PAGE

JINJA = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
ROOT = Path(__file__).resolve().parent.parent.parent
CLINIC = ROOT / "clinic"
#: What each domain has by design.
EACH_DOMAIN = {"__init__", "for_domains", "models", "rows", "service"}
#: What each audience has by design.
EACH_AUDIENCE = {"__init__", "appointments", "booking", "leave", "profile", "records", "search"}
#: Words that say nothing of what they name; ``docs/glossary.md`` has those that do.
RIDDLES = {
    *("asked", "wish", "told", "said", "knowing", "kept", "visit", "visits", "faults"),
    *("chart", "deed", "deeds", "desk", "numbers", "trail"),
}
#: Lines.
LONGEST_FILE, LONGEST_FUNCTION = 400, 45
#: Keys of rows and addresses that clients and other modules know by these names.
KNOWN_KEYS = {
    "visit",
    # Stored with the entries of the audit, in the addresses of a doctor's pages, in the sentence on cookies.
    *("kept", "desk"),
}


def files(folder: Path) -> dict[str, set[str]]:
    """The modules of a folder by the names of their files."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in folder.rglob("*.py"):
        found[path.stem].add(str(path.relative_to(CLINIC).parent))
    return found


def test_a_file_of_the_domains_has_its_name_alone():
    """The API names its modules after resources, pages after what people do there, the demo after its rows."""
    delivery = ("api", "web", "seed")
    places = {name: {each for each in found if not each.startswith(delivery)} for name, found in files(CLINIC).items()}
    twice = {name: sorted(found) for name, found in places.items() if len(found) > 1 and name not in EACH_DOMAIN}
    assert not twice, f"name one of them after what it owns: {twice}"


def test_a_page_has_its_name_alone_but_for_what_each_audience_has():
    twice = {
        name: sorted(found)
        for name, found in files(CLINIC / "web").items()
        if len(found) > 1 and name not in EACH_AUDIENCE
    }
    assert not twice, f"name one of them after what it shows: {twice}"


def identifiers(tree: ast.AST) -> set[str]:
    """The names that a module gives to functions, classes, parameters and variables, and those that it hands over."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def test_no_name_is_a_riddle():
    found = {
        str(path.relative_to(ROOT)): sorted(riddles)
        for path in sorted(CLINIC.rglob("*.py"))
        if (riddles := (identifiers(ast.parse(path.read_text(encoding="utf-8"))) & RIDDLES) - KNOWN_KEYS)
        and "seed" not in path.parts
    }
    assert not found, f"say what it is, in a word of docs/glossary.md: {found}"


def names_in(template: nodes.Template) -> set[str]:
    """The blocks and macros of a template, and every variable in it; what it hands to a macro is read there."""
    blocks = {block.name for block in template.find_all(nodes.Block)}
    macros = {macro.name for macro in template.find_all(nodes.Macro)}
    return blocks | macros | {name.name for name in template.find_all(nodes.Name)}


def test_no_name_in_a_template_is_a_riddle():
    found = {
        str(path.relative_to(ROOT)): sorted(riddles)
        for path in sorted((ROOT / "templates").rglob("*.*"))
        if (riddles := names_in(JINJA.parse(path.read_text(encoding="utf-8"))) & RIDDLES)
    }
    assert not found, f"say what it is, in a word of docs/glossary.md: {found}"


def test_a_page_is_named_after_what_it_shows():
    """Its address may be older: people have it among their bookmarks."""
    riddles = sorted(page for page in ACTIONS_OF_PAGE if page.partition(".")[2] in RIDDLES)
    assert not riddles, f"say what it is, in a word of docs/glossary.md: {riddles}"


def sources() -> list[Path]:
    """Every module but the migrations, which stay as they were."""
    return sorted(path for folder in ("clinic", "tests", "tools", "bench") for path in (ROOT / folder).rglob("*.py"))


def test_a_file_is_read_at_one_sitting():
    """A file that outgrows this has two subjects: split it where they meet."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long, f"over {LONGEST_FILE} lines: {long}"


def test_a_function_does_one_thing():
    """One that outgrows this has a step that deserves a name. A test may be a long story, and a table is no function."""
    long = {
        f"{path.relative_to(ROOT)} {node.name}": lines
        for path in sources()
        if "tests" not in path.relative_to(ROOT).parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and (lines := node.end_lineno - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert not long, f"over {LONGEST_FUNCTION} lines: {long}"


def test_a_mark_for_a_checker_has_its_reason():
    bare = re.compile(r"# (?:noqa: [A-Z0-9, ]+|type: ignore\[[a-z, -]+\])$")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted(CLINIC.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if bare.search(line)
    ]
    assert not found, f"find a shape that needs no mark, or say why there is none: {found}"


def test_files_that_are_named_exist():
    """A rename that leaves its old name in a docstring, a comment or a document sends readers to nothing."""
    sources = [*CLINIC.rglob("*.py"), *(ROOT / "docs").rglob("*.md")]
    present = {
        path.name
        for folder in ("clinic", "templates", "tests", "tools", "migrations", "bench", "examples", "deploy")
        for path in (ROOT / folder).rglob("*.*")
    }
    present |= {path.name for path in ROOT.glob("*.py")}
    gone = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources
        for name in re.findall(r"`(?:[\w/.-]*/)?(\w+\.(?:py|html))`", path.read_text("utf-8"))
        if name not in present
    ]
    assert not gone, f"name what there is: {gone}"


def test_what_the_recipes_name_exists():
    """Whoever follows "How to add" must find each thing that it names, in code, tests or templates."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    recipes = text[text.index("## How to add") :]
    tracked = [
        path for folder in ("clinic", "templates", "tests", "migrations") for path in (ROOT / folder).rglob("*.*")
    ]
    tracked += [ROOT / "setup.cfg"]
    sources = "\n".join(path.read_text("utf-8") for path in tracked if path.suffix in {".py", ".html", ".cfg", ".toml"})
    words = set(re.findall(r"\w+", sources))
    named = {each for each in re.findall(r"`([^`]+)`", recipes) if re.fullmatch(r"[\w.]+(?:\(.*\))?", each)}
    codes = {each for each in named if not re.search(r"\.(?:py|html|md|cfg|toml|po|txt|yaml)$", each)}
    gone = {each for each in codes if not set(re.findall(r"[A-Za-z_]\w+", each.partition("(")[0])) <= words}
    assert len(codes) > 50
    assert not gone, f"docs/architecture.md sends readers to what isn't there: {sorted(gone)}"


def test_an_account_is_given_another_password_in_one_place():
    """There it ends the sessions and links of the old one, mails and audits it (``password_resets._set_password``)."""
    found = [
        str(path.relative_to(CLINIC))
        for path in sorted(CLINIC.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "password_hash" and isinstance(node.ctx, ast.Store)
        if "seed" not in path.parts
    ]
    assert found == ["accounts/password_resets.py"]


def test_a_package_maps_its_modules():
    """A stranger who opens a domain, or a room of pages, reads there which module owns what."""
    packages = [CLINIC / name for name in ("accounts", "directory", "scheduling", "records", "mail")]
    packages += [path for path in sorted((CLINIC / "web").iterdir()) if (path / "__init__.py").exists()]
    unnamed = [
        str(module.relative_to(CLINIC))
        for package in packages
        for module in sorted(package.glob("*.py"))
        if module.stem not in (EACH_DOMAIN - {"service"})
        and module.stem not in (ast.get_docstring(ast.parse((package / "__init__.py").read_text("utf-8"))) or "")
    ]
    assert len(packages) > 10
    assert not unnamed, f"name them in the docstring of their package: {unnamed}"
