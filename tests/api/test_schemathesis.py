"""schemathesis makes up requests from the document, right and wrong ones, and holds every answer against it.

As everybody: nothing may fail on the server, no answer may be one that the document doesn't describe. Nothing is left
to chance: the same requests each time. Of those who may, one sends an operation most; the others look whether they are
treated as they should. PostgreSQL gets a smaller share, since what differs there is the database.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import APIOperation, BaseSchema, Case, GenerationMode, checks
from schemathesis.specs.openapi import checks as conformance

from clinic.db import transaction
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.models import Appointment
from tests import factories
from tests.api.caller import PREFIX, Document, signed_in
from tests.api.test_permissions import PEOPLE as CALLERS
from tests.api.test_permissions import ROWS
from tests.databases import Database
from tests.people import Cast

pytestmark = [pytest.mark.long, pytest.mark.engine("sqlite")]

PEOPLE = ["anyone", "ana", "chen", "esther"]
#: Requests an operation: by who sends it most, and by the others.
EXAMPLES = {"sqlite": (50, 10), "postgresql": (4, 4)}
#: Runs of linked operations.
STORIES = {"sqlite": 10, "postgresql": 3}
CHECKS = [
    checks.not_a_server_error,
    conformance.status_code_conformance,
    conformance.content_type_conformance,
    conformance.response_headers_conformance,
    conformance.response_schema_conformance,
]
ENDS_SESSIONS = {"logout", "logout_all", "prove"}
SETTINGS: dict[str, Any] = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.explicit, Phase.generate],
}


@pytest.fixture
def schema(app: Flask, cast: Cast, appointment: Callable[..., int]) -> BaseSchema:
    """The document, its examples' ids those of the cast and of a visit with a record."""
    number = appointment()
    with app.app_context():
        factories.record(number, cast.chen)
    return schemathesis.openapi.from_wsgi(f"{PREFIX}schema/", app)


@pytest.fixture
def begin_again(app: Flask, database: Database, cast: Cast, appointment: Callable[..., int]) -> Callable[[], None]:
    """Puts the clinic back to where ``schema`` left it, with the same ids."""

    def begin() -> None:
        database.reset(with_cast=True)
        with app.app_context():
            factories.record(appointment(), cast.chen)

    return begin


@pytest.fixture
def confirmed(app: Flask) -> Callable[[], None]:
    """Makes the visit that the examples name confirmed again, whatever was done to it."""

    def again() -> None:
        with app.app_context(), transaction() as session:
            appointment = session.get_one(Appointment, 1)
            appointment.status, appointment.cancelled_at, appointment.cancellation_reason = (
                AppointmentStatus.CONFIRMED,
                None,
                None,
            )

    return again


@pytest.fixture
def headers(app: Flask, cast: Cast) -> Callable[[str], dict[str, str]]:
    """The headers of a person, by a new session."""

    def of(name: str) -> dict[str, str]:
        if name == "anyone":
            return {}
        # Nothing is called here, so no document is needed.
        caller = signed_in(app, Document.__new__(Document), getattr(cast, name))
        return {"Authorization": f"Bearer {caller.access}"}

    return of


def cases(operation: APIOperation) -> st.SearchStrategy[Case]:
    """Right requests, wrong ones where an operation can be asked wrongly, and the document's examples."""
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    kinds = [right, right, *operation.get_strategies_from_examples()]
    asked = [*operation.path_parameters, *operation.query, *operation.headers, *operation.body]
    if asked:
        kinds.append(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    return st.one_of(kinds)


def name_of(operation: APIOperation) -> str:
    """The operation's name in the document."""
    return str(operation.definition.raw["operationId"])


def ends_sessions(operation: APIOperation) -> bool:
    """Whether whoever calls it is signed out."""
    return name_of(operation) in ENDS_SESSIONS


def sends_most(operation: APIOperation) -> str:
    """One of those who may call it, another from operation to operation."""
    answers = dict(zip(CALLERS, ROWS[name_of(operation)].answers, strict=True))
    may = [name for name in PEOPLE if answers[name] < 400] or PEOPLE
    return may[zlib.crc32(name_of(operation).encode()) % len(may)]


def fuzz(operation: APIOperation, examples: int, sign_in: Callable[[], dict[str, str]]) -> None:
    """Send an operation so many made-up requests and check the answers."""
    known = sign_in()

    @hypothesis.seed(20260302)
    @hypothesis.settings(max_examples=examples, **SETTINGS)
    @hypothesis.given(cases(operation))
    def answers(case: Case) -> None:
        case.call_and_validate(headers=sign_in() if ends_sessions(operation) else known, checks=CHECKS)

    answers()


@pytest.mark.parametrize("name", PEOPLE)
def test_whatever_is_sent_the_answer_is_described(
    schema: BaseSchema,
    headers: Callable[[str], dict[str, str]],
    confirmed: Callable[[], None],
    engine_name: str,
    name: str,
) -> None:
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 50
    for operation in operations:
        confirmed()
        many, few = EXAMPLES[engine_name]
        fuzz(operation, many if name == sends_most(operation) else few, lambda: headers(name))


@pytest.mark.parametrize("name", PEOPLE)
def test_whatever_follows_from_an_answer_is_described(
    schema: BaseSchema,
    headers: Callable[[str], dict[str, str]],
    begin_again: Callable[[], None],
    engine_name: str,
    name: str,
) -> None:
    class Story(schema.as_state_machine()):  # type: ignore[misc]
        """Calls that lead to one another, each story in the same clinic: what comes next depends on the answers."""

        def setup(self) -> None:
            begin_again()
            self.known = headers(name)

        def get_call_kwargs(self, case: Case) -> dict[str, Any]:
            return {"headers": headers(name) if ends_sessions(case.operation) else self.known}

        def validate_response(self, response: Any, case: Case, **_more: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    run_state_machine_as_test(
        Story,
        settings=hypothesis.settings(max_examples=STORIES[engine_name], stateful_step_count=12, **SETTINGS),
    )
