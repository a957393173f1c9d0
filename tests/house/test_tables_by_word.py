"""A table by the words of a closed list has a row for each of them: a word that is added is missed here, not by a person."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from importlib import import_module

import clinic

#: Tables that have some of the words only, each with the reason.
IN_PART = {
    "clinic.scheduling.obstacles._CAUSES": "the calendar closes a moment for these reasons alone, the others are the booking's",
    "clinic.scheduling.edits.STATUS_CHANGES": "no program brings a visit back to being booked",
    "clinic.scheduling.switching._STAND_ON": "visits can be kept without a service, whose price was agreed",
    "clinic.scheduling.switching._TABLES": "accounts are no entries of the directory",
    "clinic.seed.courses.CANCELLATIONS": "the demo's office cancels nothing of the courses",
    "clinic.web.admin.audit_log._LISTS": "accounts are no entries of the directory",
    "clinic.web.kit.page_permissions._PAGES": "some permissions are asked for within a page, or by the API alone",
    "clinic.web.patient.access_log._SENTENCES": "patients are told these alone (TOLD_TO_PATIENTS)",
}
#: What only those import who have its extra (requirements/otel.in).
OF_EXTRAS = {"clinic.operations.tracing"}


def tables() -> Iterator[tuple[str, set[Enum], set[Enum]]]:
    """Each table of a module whose keys are words of one closed list: its name, its words, those that it lacks."""
    for found in pkgutil.walk_packages(clinic.__path__, "clinic."):
        if found.name in OF_EXTRAS:
            continue
        module = import_module(found.name)
        source = inspect.getsource(module)
        for name, value in vars(module).items():
            is_its_own = re.search(rf"^{name}\b[^\n]* = ", source, flags=re.MULTILINE)
            if not isinstance(value, Mapping) or len(value) < 2 or not is_its_own:
                continue
            kinds = {type(key) for key in value}
            if len(kinds) == 1 and issubclass(kind := kinds.pop(), Enum):
                yield f"{found.name}.{name}", set(value), set(kind) - set(value)


def test_each_table_by_word_has_every_word() -> None:
    found = list(tables())
    assert len(found) > 10
    lacking = {name: sorted(map(str, lacks)) for name, _words, lacks in found if lacks and name not in IN_PART}
    assert not lacking, f"add the words, use a match with assert_never, or say in IN_PART why not: {lacking}"
    assert set(IN_PART) <= {name for name, _words, lacks in found if lacks}, "leave out what is whole by now"
