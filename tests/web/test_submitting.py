"""The life of a form: what becomes of its command, and with which status its page is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import StringField

from clinic.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, Stale
from clinic.web.kit.forms import PortalForm, refuse_forms, required
from clinic.web.kit.submitting import Done, NotDone, submitted
from clinic.web.kit.versioned import VersionedForm


class NameForm(PortalForm):
    """One field that must be filled in, one that needn't."""

    name = StringField("Name", [required()])
    floor = StringField("Floor")


class VersionedNameForm(VersionedForm, NameForm):
    """The same, with a version."""


@pytest.fixture
def posted(app: Flask) -> Iterator[None]:
    """A request that sends a form."""
    with app.test_request_context("/", method="POST"):
        yield


def name_form(form: type[NameForm] = NameForm, **typed: str) -> Any:
    """A form with what was typed."""
    return form(formdata=MultiDict(typed), meta={"csrf": False})


def refusing(refusal: DomainError) -> Callable[[], None]:
    """A command that refuses."""

    def command() -> None:
        raise refusal

    return command


def test_a_form_that_is_asked_for_is_shown(app: Flask):
    with app.test_request_context("/"):
        form = NameForm()
        outcome = submitted(form, refusing(Conflict("Too late.")))
    assert (outcome, form.errors) == (NotDone(200), {})
    assert not outcome.done
    assert not outcome.refused


@pytest.mark.usefixtures("posted")
def test_what_the_command_returns_is_the_result():
    for result in (7, None):
        assert submitted(name_form(name="Ana"), lambda result=result: result) == Done(result)


@pytest.mark.usefixtures("posted")
@pytest.mark.parametrize(
    ("refusal", "status", "shown"),
    [
        (InvalidInput.of({"floor": ["There is no such floor."]}), 422, {"floor": ["There is no such floor."]}),
        (InvalidInput.of({"roof": ["There is no roof."]}), 422, {"": ["There is no roof."]}),
        (Conflict("This is taken.", field="floor"), 409, {"floor": ["This is taken."]}),
        (Conflict("This is taken."), 409, {"": ["This is taken."]}),
        (Stale("This has changed."), 409, {"": ["This has changed."]}),
    ],
)
def test_a_refusal_is_shown_on_the_form(refusal: DomainError, status: int, shown: dict[str, list[str]]):
    form = name_form(name="Ana")
    outcome = submitted(form, refusing(refusal))
    assert outcome == NotDone(status, refusal)
    assert form.errors == shown


@pytest.mark.usefixtures("posted")
def test_what_others_saved_is_412_where_the_form_has_a_version():
    form = name_form(VersionedNameForm, name="Ana", version="1")
    outcome = submitted(form, refusing(Stale("This has changed.")))
    assert not outcome.done
    assert (outcome.status, form.errors) == (412, {})
    form.set_beside({"name": "Anna", "floor": "", "version": 2})
    assert (form.name.saved_meanwhile, form.version.data, form.filled_from.data) == ("Anna", "2", "1")


@pytest.mark.usefixtures("posted")
def test_nothing_stands_beside_a_form_that_nobody_wrote_over():
    form = name_form(VersionedNameForm, name="Ana", version="1")
    form.set_beside({"name": "Anna", "floor": "", "version": 2})
    assert (form.differs, form.version.data) == (False, "1")


@pytest.mark.usefixtures("posted")
def test_names_of_the_domain_are_mapped_to_those_of_the_form():
    form = name_form(name="Ana")
    submitted(
        form, refusing(InvalidInput.of({"room.floor": ["There is no such floor."]})), names={"room.floor": "floor"}
    )
    assert form.errors == {"floor": ["There is no such floor."]}


@pytest.mark.usefixtures("posted")
def test_what_the_page_shows_elsewhere_is_not_on_the_form():
    form, refusal = name_form(name="Ana"), Conflict("This is taken.", field="floor")
    assert submitted(form, refusing(refusal), shown_elsewhere=(Conflict,)) == NotDone(409, refusal)
    assert form.errors == {}


@pytest.mark.usefixtures("posted")
def test_other_refusals_pass_unless_the_form_shows_them_also():
    for refusal in (Forbidden("You may not."), NotFound("There is none.")):
        with pytest.raises(type(refusal)):
            submitted(name_form(name="Ana"), refusing(refusal))
    form = name_form(name="Ana")
    outcome = submitted(form, refusing(Forbidden("You may not.")), also=(Forbidden,))
    assert not outcome.done
    assert (outcome.status, form.form_errors) == (422, ["You may not."])


@pytest.mark.usefixtures("posted", "app_context")
@pytest.mark.parametrize("rehearsed", [True, False])
def test_where_a_field_cannot_be_read_the_command_is_only_rehearsed(rehearsed: bool):
    form = name_form(floor="9")
    outcome = submitted(form, refusing(InvalidInput.of({"floor": ["There is no such floor."]})), rehearsed=rehearsed)
    assert not outcome.done
    floor = {"floor": ["There is no such floor."]} if rehearsed else {}
    assert (outcome.status, form.errors) == (422, {"name": ["Please fill this in."], **floor})


@pytest.mark.usefixtures("posted")
def test_a_request_that_is_refused_already_gives_no_command_and_rehearses_none():
    refuse_forms("Please wait.")
    given: list[str] = []
    form = name_form(name="Ana")
    outcome = submitted(form, lambda: given.append("given"))
    assert not outcome.done
    assert (outcome.status, form.form_errors, given) == (422, ["Please wait."], [])
