"""Who may do what: the whole table, cell by cell, and what a refusal looks like. Pure."""

from __future__ import annotations

import pytest

from clinic.errors import Forbidden, NotFound, Unauthenticated
from clinic.policy import Action, Actor, Role, can, reach, require

YES, NO, HIDDEN = "may", "Forbidden", "NotFound"

#: action: (patient, patient with another's, doctor, doctor with another's, admin, admin with another's)
MATRIX = {
    Action.SEE_OWN_ACCOUNT: (YES, HIDDEN, YES, HIDDEN, YES, HIDDEN),
    Action.BOOK: (YES, HIDDEN, NO, NO, YES, YES),
    Action.SEE_APPOINTMENT: (YES, HIDDEN, YES, HIDDEN, YES, YES),
    Action.CANCEL: (YES, HIDDEN, YES, HIDDEN, YES, YES),
    Action.CANCEL_LATE: (NO, NO, NO, NO, YES, YES),
    Action.RESCHEDULE: (YES, HIDDEN, YES, HIDDEN, YES, YES),
    Action.CONFIRM: (NO, NO, YES, HIDDEN, YES, YES),
    Action.COMPLETE: (NO, NO, YES, HIDDEN, YES, YES),
    Action.REOPEN: (NO, NO, NO, NO, YES, YES),
    Action.ASSIGN_SERVICE: (NO, NO, YES, HIDDEN, NO, NO),
    Action.READ_RECORD: (YES, HIDDEN, YES, HIDDEN, YES, YES),
    Action.WRITE_RECORD: (NO, NO, YES, HIDDEN, NO, NO),
    Action.READ_REVISIONS: (NO, NO, YES, HIDDEN, YES, YES),
    Action.SEE_OWN_TRAIL: (YES, HIDDEN, NO, NO, NO, NO),
    Action.RUN_OFFICE: (NO, NO, NO, NO, YES, YES),
    Action.SEE_TRAIL: (NO, NO, NO, NO, YES, YES),
    Action.TAKE_LEAVE: (NO, NO, YES, HIDDEN, YES, YES),
    Action.SEE_ROOMS: (YES, YES, YES, YES, YES, YES),
    Action.CHANGE_OWN_ACCOUNT: (YES, HIDDEN, YES, HIDDEN, YES, HIDDEN),
    Action.EDIT: (YES, HIDDEN, YES, HIDDEN, YES, YES),
    Action.READ_STAFF_NOTES: (NO, NO, YES, HIDDEN, YES, YES),
    Action.WRITE_STAFF_NOTES: (NO, NO, YES, HIDDEN, YES, YES),
    Action.SEE_DOCTORS_OF_DEPARTMENT: (YES, YES, YES, YES, YES, YES),
    Action.SEE_PATIENTS: (NO, NO, YES, HIDDEN, NO, NO),
    Action.ASK_FOR_DEPARTMENT: (YES, YES, YES, YES, YES, YES),
}
CELLS = [
    pytest.param(action, role, own, answer, id=f"{role}-{action.name.lower()}-{'own' if own else 'foreign'}")
    for action, row in MATRIX.items()
    for (role, own), answer in zip([(role, own) for role in Role for own in (True, False)], row, strict=True)
]


def somebody(role: Role) -> Actor:
    """A person in a role."""
    return Actor(7, role, "Somebody", "somebody@example.com", 1)


def test_the_matrix_has_every_action():
    assert set(MATRIX) == set(Action), "an action was added: write down in MATRIX who may do it"


@pytest.mark.parametrize(("action", "role", "own", "answer"), CELLS)
def test_each_role_may_do_what_the_matrix_says_and_nothing_else(action, role, own, answer):
    actor = somebody(role)
    assert can(actor, action, own=own) is (answer == YES)
    if answer == YES:
        assert require(actor, action, own=own) is actor
        return
    with pytest.raises({NO: Forbidden, HIDDEN: NotFound}[answer]):
        require(actor, action, own=own)


@pytest.mark.parametrize("action", list(Action))
def test_nobody_may_do_nothing(action):
    assert can(None, action) is False
    with pytest.raises(Unauthenticated) as refusal:
        require(None, action)
    assert refusal.value.code == "not_authenticated"


@pytest.mark.parametrize("action", list(Action))
def test_a_role_without_the_permission_learns_nothing_of_whose_it_is(action):
    """Forbidden comes for own and foreign alike: the answer is the same for any id."""
    for role in Role:
        if reach(somebody(role), action) is None:
            for own in (True, False):
                with pytest.raises(Forbidden):
                    require(somebody(role), action, own=own)


def test_a_language_makes_the_same_person_read_differently():
    ana = somebody(Role.PATIENT)
    assert ana.with_language("vi").language == "vi"
    assert ana.with_language("vi").with_language(ana.language) == ana
