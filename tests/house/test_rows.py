"""What leaves a domain has a declared type: no public signature says ``Any``, or a container without what is in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic.accounts import PersonChanges
from clinic.directory import DepartmentValues, DoctorValues, RoomValues, ServiceValues
from clinic.web.admin.catalogue import DepartmentForm, RoomForm, ServiceForm
from clinic.web.admin.doctors import DoctorForm
from clinic.web.admin.form_fields import AdminForm
from clinic.web.admin.people import EditPatientForm

#: The packages of the domain, and the modules below them that hand out or take more than plain values.
ROOMS = ("accounts", "audit", "configuration", "directory", "scheduling", "records", "triage", "mail", "text")
GROUND = (
    "clock",
    "contact",
    "dry_run",
    "events",
    "i18n",
    "operations/maintenance",
    "operations/system",
    "paging/pages",
    "policy",
)
#: Says nothing of what is in it, unless that stands behind it in brackets.
CONTAINERS = frozenset(
    "dict list set tuple frozenset type Mapping Sequence Collection Iterable Iterator Callable Row Select Page".split()
)


def modules(root: Path) -> list[Path]:
    """Return the files of the domain."""
    inside = [path for room in ROOMS for path in (root / "clinic" / room).rglob("*.py")]
    return sorted([*inside, *(root / "clinic" / f"{name}.py" for name in GROUND)])


def public(body: list[ast.stmt], name: str) -> Iterator[tuple[str, ast.expr]]:
    """Yield (name, annotation) of everything public in a module or class: what functions take and return, attributes, aliases."""
    for each in body:
        match each:
            case ast.FunctionDef(name=known) if not known.startswith("_") or known == "__init__":
                arguments = [*each.args.posonlyargs, *each.args.args, *each.args.kwonlyargs]
                arguments += [more for more in (each.args.vararg, each.args.kwarg) if more]
                annotations = [*(argument.annotation for argument in arguments), each.returns]
                yield from ((f"{name}.{known}", annotation) for annotation in annotations if annotation)
            case ast.ClassDef(name=known) if not known.startswith("_"):
                yield from public(each.body, f"{name}.{known}")
            case ast.AnnAssign(target=ast.Name(id=known)) if not known.startswith("_"):
                yield f"{name}.{known}", each.annotation
            case ast.Assign(targets=[ast.Name(id=known)], value=ast.Subscript() as alias) if not known.startswith("_"):
                yield f"{name}.{known}", alias


def vague(annotation: ast.expr) -> bool:
    """Tell whether an annotation says ``Any`` or names a container without what is in it."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return vague(ast.parse(annotation.value, mode="eval").body)
    spoken_for = {id(node.value) for node in ast.walk(annotation) if isinstance(node, ast.Subscript)}
    return any(
        isinstance(node, ast.Name) and (node.id == "Any" or (node.id in CONTAINERS and id(node) not in spoken_for))
        for node in ast.walk(annotation)
    )


def test_no_public_signature_of_a_domain_is_vague(root: Path):
    """Declare a ``TypedDict`` in the domain's ``rows``, or a dataclass."""
    found = [
        name
        for path in modules(root)
        for name, annotation in public(ast.parse(path.read_text()).body, path.relative_to(root / "clinic").as_posix())
        if vague(annotation)
    ]
    assert found == []


@pytest.mark.parametrize(
    "written",
    [
        "def rows() -> list[dict[str, Any]]: ...",
        "def change(values: Mapping[str, Any]) -> None: ...",
        "def tell(**details: Any) -> None: ...",
        "def page() -> Page: ...",
        'def found() -> "dict | None": ...',
        "Row = dict[str, Any]",
        "class Found:\n    rows: list\n",
    ],
)
def test_a_vague_signature_is_seen(written: str):
    assert any(vague(annotation) for _name, annotation in public(ast.parse(written).body, "here"))


@pytest.mark.parametrize(
    "written",
    [
        "def rows() -> list[AppointmentRow]: ...",
        "def page() -> Page[DoctorRow]: ...",
        "def _shape(row: Any) -> dict: ...",
        "Rows = list[AppointmentRow]",
    ],
)
def test_a_declared_one_is_not(written: str):
    assert not any(vague(annotation) for _name, annotation in public(ast.parse(written).body, "here"))


#: Forms whose lines are handed to a command as they are, and what that takes; of an account without a patient's part.
FORMS = {
    DepartmentForm: DepartmentValues,
    ServiceForm: ServiceValues,
    RoomForm: RoomValues,
    DoctorForm: DoctorValues,
    EditPatientForm: PersonChanges,
}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_a_form_of_lines_holds_what_its_command_takes(form: type[AdminForm]):
    names = {name for line in form.lines for name in line}
    assert names == FORMS[form].__annotations__.keys()
    assert all(hasattr(form, name) for name in names)
