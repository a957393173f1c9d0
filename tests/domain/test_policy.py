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
    STATED_PURPOSES,
    Action,
    Actor,
    Duty,
    Purpose,
    Reach,
    Role,
    can,
    in_order,
    is_for_all_of,
    may_all,
    reach,
    require,
    require_one_of,
    roles_of,
)
from tests.permissions import permitted

YES, NO, HIDDEN = "may", "Forbidden", "NotFound"


def somebody(role: Role, *duties: Duty) -> Actor:
    """A person in a role."""
    return Actor(7, role, "Somebody", "somebody@example.com", 1, duties=frozenset(duties))


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
        (Action.MANAGE_DIRECTORY, None, NO, NO),
        (Action.MANAGE_DIRECTORY, Reach.OWN, HIDDEN, HIDDEN),
        (Action.MANAGE_DIRECTORY, Reach.ANY, YES, YES),
    ],
)
def test_how_far_a_permission_goes(role, action, granted, own, foreign):
    with permitted(action, {} if granted is None else {role: granted}):
        for answer, owned in ((own, True), (foreign, False)):
            assert asked(somebody(role), action, own=owned) == answer
            assert can(somebody(role), action, own=owned) is (answer == YES)


@pytest.mark.parametrize("duties", [(), (Duty.AUDIT,), (Duty.AUDIT, Duty.RECEPTION), tuple(Duty)])
def test_an_admin_reaches_as_far_as_the_widest_of_their_duties(duties):
    with permitted(Action.CANCEL, {Duty.AUDIT: Reach.OWN, Duty.RECEPTION: Reach.ANY}):
        wanted = Reach.ANY if Duty.RECEPTION in duties else Reach.OWN if Duty.AUDIT in duties else None
        assert reach(somebody(Role.ADMIN, *duties), Action.CANCEL) is wanted
        # Whatever stands in their row, duties are an admin's.
        assert reach(somebody(Role.DOCTOR, *duties), Action.CANCEL) is None
    with permitted(Action.CANCEL, {Role.ADMIN: Reach.OWN}):
        assert reach(somebody(Role.ADMIN, *duties), Action.CANCEL) is Reach.OWN


def test_of_which_roles_somebody_may_do_it_and_of_which_everybody():
    with permitted(Action.CANCEL, {Duty.AUDIT: Reach.OWN, Role.DOCTOR: Reach.ANY}):
        assert roles_of(Action.CANCEL) == {Role.ADMIN, Role.DOCTOR}
        assert [is_for_all_of(role, Action.CANCEL) for role in (Role.DOCTOR, Role.ADMIN, Role.PATIENT)] == [
            True,
            False,
            False,
        ]


def test_duties_stand_in_one_order():
    assert in_order([Duty.AUDIT, Duty.RECEPTION, Duty.AUDIT]) == [Duty.RECEPTION, Duty.AUDIT]
    assert in_order(()) == []


def test_whoever_has_all_of_several_permissions_may_what_asks_for_each():
    chen = somebody(Role.DOCTOR)
    assert may_all(chen, (Action.CANCEL, Action.EDIT))
    assert not may_all(chen, (Action.CANCEL, Action.BOOK))
    assert not may_all(None, (Action.CANCEL,))


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


def test_a_purpose_makes_the_same_person_read_for_it():
    esther = somebody(Role.ADMIN)
    assert esther.purpose is None
    assert esther.for_purpose(Purpose.BILLING).purpose is Purpose.BILLING
    assert Purpose.API not in STATED_PURPOSES
