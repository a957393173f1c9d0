"""What a line of the table means, and what a refusal looks like. Pure; who may do what is asked of the front doors
(test_front_doors.py).
"""

from __future__ import annotations

import pytest

from clinic.errors import Forbidden, NotFound, Unauthenticated
from clinic.policy import (
    OF_ONESELF,
    OF_THE_CLINIC,
    PERMISSIONS,
    Action,
    Actor,
    Reach,
    Role,
    can,
    reach,
    require,
    require_one_of,
)
from tests.permissions import permitted

YES, NO, HIDDEN = "may", "Forbidden", "NotFound"


def somebody(role: Role) -> Actor:
    """A person in a role."""
    return Actor(7, role, "Somebody", "somebody@example.com", 1)


def asked(actor: Actor, action: Action, *, own: bool) -> str:
    """What a person is answered about a thing of their own or of somebody else's."""
    try:
        assert require(actor, action, own=own) is actor
    except (Forbidden, NotFound) as refusal:
        return type(refusal).__name__
    return YES


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    ("action", "granted", "own", "foreign"),
    [
        (Action.CANCEL, None, NO, NO),
        (Action.CANCEL, Reach.OWN, YES, HIDDEN),
        (Action.CANCEL, Reach.ANY, YES, YES),
        # Nobody owns a part of what is the clinic's.
        (Action.MANAGE_CLINIC, None, NO, NO),
        (Action.MANAGE_CLINIC, Reach.OWN, HIDDEN, HIDDEN),
        (Action.MANAGE_CLINIC, Reach.ANY, YES, YES),
    ],
)
def test_how_far_a_permission_goes(role, action, granted, own, foreign):
    with permitted(action, {} if granted is None else {role: granted}):
        for answer, owned in ((own, True), (foreign, False)):
            assert asked(somebody(role), action, own=owned) == answer
            assert can(somebody(role), action, own=owned) is (answer == YES)


def test_the_table_has_a_line_for_every_action():
    assert set(PERMISSIONS) == set(Action)


def test_the_table_promises_nothing_that_no_door_shows():
    """What is asked without saying whose tells only of oneself, and what is the clinic's is nobody's own."""
    assert all(Reach.ANY not in PERMISSIONS[action].values() for action in OF_ONESELF)
    assert all(Reach.OWN not in PERMISSIONS[action].values() for action in OF_THE_CLINIC)


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


def test_one_of_several_permissions_is_enough():
    actions = (Action.CONFIRM, Action.COMPLETE, Action.CANCEL)
    assert require_one_of(somebody(Role.PATIENT), actions).role is Role.PATIENT
    with permitted(Action.CANCEL, {}), pytest.raises(Forbidden):
        require_one_of(somebody(Role.PATIENT), actions)
    with pytest.raises(Unauthenticated):
        require_one_of(None, actions)


def test_who_is_a_patient_and_who_a_doctor():
    told = [(somebody(role).patient_id, somebody(role).doctor_id) for role in Role]
    assert told == [(7, None), (None, 7), (None, None)]


def test_a_language_makes_the_same_person_read_differently():
    ana = somebody(Role.PATIENT)
    assert ana.with_language("vi").language == "vi"
    assert ana.with_language("vi").with_language(ana.language) == ana
