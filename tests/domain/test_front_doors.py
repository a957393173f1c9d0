"""Who may do what, asked of the front doors themselves; and each obeys each cell of the table."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from inspect import isfunction, unwrap

import pytest

from clinic import accounts, configuration, directory, records, scheduling
from clinic.db import rolled_back
from clinic.errors import DomainError, Forbidden, NotFound, Unauthenticated
from clinic.policy import OF_ONESELF, OF_THE_CLINIC, PERMISSIONS, Action, Actor, Duty, Grantee, Reach, Role
from tests.domain.door import HIDDEN, NO, YES, Answers, Door
from tests.domain.doors import DOORS
from tests.domain.world import PEOPLE, World, plant
from tests.permissions import other_cells, permitted, without

pytestmark = pytest.mark.usefixtures("app_context")

SAME: Answers = (YES,) * 6
OWN: Answers = (YES, HIDDEN, YES, HIDDEN, YES, YES)
STAFF: Answers = (NO, NO, YES, HIDDEN, YES, YES)
DOCTOR: Answers = (NO, NO, YES, HIDDEN, NO, NO)
OFFICE: Answers = (NO, NO, NO, NO, YES, YES)

#: action: what Ana, Boris, Dr Chen, Dr Diallo and twice Esther are answered about Ana's visit to Dr Chen.
MATRIX: dict[Action, Answers] = {
    Action.SEE_OWN_ACCOUNT: SAME,
    Action.CHANGE_OWN_ACCOUNT: SAME,
    Action.BOOK: (YES, HIDDEN, NO, NO, YES, YES),
    Action.SEE_APPOINTMENT: OWN,
    Action.CANCEL: OWN,
    Action.CANCEL_LATE: OFFICE,
    Action.RESCHEDULE: OWN,
    Action.HAND_OVER: OFFICE,
    Action.PROPOSE_DOCTOR: DOCTOR,
    Action.EDIT: OWN,
    Action.READ_STAFF_NOTES: STAFF,
    Action.WRITE_STAFF_NOTES: STAFF,
    Action.CONFIRM: STAFF,
    Action.COMPLETE: STAFF,
    Action.REOPEN: OFFICE,
    Action.READ_REOPENING_REASON: STAFF,
    Action.ASSIGN_SERVICE: DOCTOR,
    Action.READ_RECORD: OWN,
    Action.WRITE_RECORD: DOCTOR,
    Action.READ_REVISIONS: STAFF,
    Action.TAKE_LEAVE: STAFF,
    Action.SEE_VISITS_TO_SETTLE: STAFF,
    Action.SETTLE: OFFICE,
    Action.OPEN_EXTRA_HOURS: STAFF,
    Action.MANAGE_HOURS: OFFICE,
    Action.SEE_OWN_ACCESS_LOG: (YES, HIDDEN, NO, NO, NO, NO),
    Action.SEE_PEOPLE: OFFICE,
    Action.EDIT_PATIENTS: OFFICE,
    Action.MANAGE_ACCOUNTS: OFFICE,
    Action.MANAGE_DIRECTORY: OFFICE,
    Action.MANAGE_SETTINGS: OFFICE,
    Action.SEE_DIRECTORY_LISTS: OFFICE,
    Action.SEE_STATISTICS: OFFICE,
    Action.SEE_OUTBOX: OFFICE,
    Action.SEND_MAIL_AGAIN: OFFICE,
    Action.SEE_SYSTEM: OFFICE,
    Action.SEE_AUDIT_TRAIL: OFFICE,
    Action.SEE_ROOMS: SAME,
    Action.SEE_DOCTORS_OF_DEPARTMENT: SAME,
    Action.SEE_PATIENTS: DOCTOR,
}
EVERY_DUTY = frozenset(Duty)
RECEPTION, CATALOGUE, RECORDS, ACCOUNTS, AUDIT = Duty
#: action: the duties with which Esther is answered so; without any of them each door is closed to her.
BY_DUTY: dict[Action, Collection[Duty]] = {
    Action.SEE_OWN_ACCOUNT: EVERY_DUTY,
    Action.CHANGE_OWN_ACCOUNT: EVERY_DUTY,
    Action.BOOK: {RECEPTION},
    Action.SEE_APPOINTMENT: {RECEPTION, RECORDS},
    Action.CANCEL: {RECEPTION},
    Action.CANCEL_LATE: {RECEPTION},
    Action.RESCHEDULE: {RECEPTION},
    Action.HAND_OVER: {RECEPTION},
    Action.PROPOSE_DOCTOR: (),
    Action.EDIT: {RECEPTION},
    Action.READ_STAFF_NOTES: {RECEPTION},
    Action.WRITE_STAFF_NOTES: {RECEPTION},
    Action.CONFIRM: {RECEPTION},
    Action.COMPLETE: {RECEPTION},
    Action.REOPEN: {RECEPTION},
    Action.READ_REOPENING_REASON: {RECEPTION},
    Action.ASSIGN_SERVICE: (),
    Action.READ_RECORD: {RECORDS},
    Action.WRITE_RECORD: (),
    Action.READ_REVISIONS: {RECORDS},
    Action.TAKE_LEAVE: {RECEPTION},
    Action.SEE_VISITS_TO_SETTLE: {RECEPTION},
    Action.SETTLE: {RECEPTION},
    Action.OPEN_EXTRA_HOURS: {RECEPTION},
    Action.MANAGE_HOURS: {CATALOGUE},
    Action.SEE_OWN_ACCESS_LOG: (),
    Action.SEE_PATIENTS: (),
    Action.SEE_PEOPLE: {RECEPTION, RECORDS, ACCOUNTS},
    Action.EDIT_PATIENTS: {RECEPTION, ACCOUNTS},
    Action.MANAGE_ACCOUNTS: {ACCOUNTS},
    Action.MANAGE_DIRECTORY: {CATALOGUE},
    Action.MANAGE_SETTINGS: {CATALOGUE},
    Action.SEE_DIRECTORY_LISTS: {RECEPTION, CATALOGUE, RECORDS, ACCOUNTS},
    Action.SEE_STATISTICS: {RECEPTION, CATALOGUE, AUDIT},
    Action.SEE_OUTBOX: {RECEPTION, AUDIT},
    Action.SEND_MAIL_AGAIN: {RECEPTION},
    Action.SEE_SYSTEM: {ACCOUNTS, AUDIT},
    Action.SEE_AUDIT_TRAIL: {AUDIT},
    Action.SEE_ROOMS: EVERY_DUTY,
    Action.SEE_DOCTORS_OF_DEPARTMENT: EVERY_DUTY,
}
#: What has no door in the domain that asks who is there, each with where it is asked.
ASKED_ELSEWHERE = {Action.ASK_FOR_DEPARTMENT: "pages are open to guests; tests/api/test_permissions asks the API"}

#: Public functions that ask nobody who is there, each group with the reason.
OPEN = {
    "what the clinic shows everybody": (
        "directory.department", "directory.departments", "directory.doctor", "directory.doctors",
        "directory.find_doctors", "directory.license_number", "directory.revision", "directory.room_of", "directory.search",
        "directory.service", "directory.services", "directory.spoken_languages", "directory.suggest_department",
        "configuration.public_details",
    ),
    "the clinic's rules and calendar, without anybody's own visits": (
        "scheduling.closures", "scheduling.coming_holidays", "scheduling.doctor_hours", "scheduling.free_soonest",
        "scheduling.holiday_countries", "scheduling.public_holidays", "scheduling.published_doctor_hours",
        "scheduling.published_hours", "scheduling.next_days", "scheduling.next_free", "scheduling.next_free_of_department",
        "scheduling.opening_hours", "scheduling.slots_of_doctors",
    ),
    "answered from a row that its reader has, or from values": (
        "accounts.age_in_words", "accounts.age_on", "accounts.read_search", "records.bmi", "records.follow_up_state",
        "records.is_reader", "records.is_steady", "records.normal_ranges", "records.number", "records.pressure", "records.without_unit",
        "scheduling.cancellable_until", "scheduling.change_deadline", "scheduling.day_revision", "scheduling.fee_breakdown", "scheduling.gaps",
        "scheduling.has_begun", "scheduling.is_mailed", "scheduling.is_open", "scheduling.is_recordable",
        "scheduling.may_book", "scheduling.state_of",
        "scheduling.why_no_edit",
    ),
    "nobody is signed in yet": (
        "accounts.confirm_email", "accounts.confirmation_by", "accounts.keep_email", "accounts.veto_by",
        "accounts.forgot_password", "accounts.is_first_password", "accounts.register_patient", "accounts.request_account",
        "accounts.finish_set_up", "accounts.finish_sign_in", "accounts.finish_sign_in_by_passkey", "accounts.passkey_options_by_ticket",
        "accounts.second_step_by_ticket", "accounts.know_by_link", "accounts.least_characters",
        "accounts.offer_by_ticket", "accounts.own_link_is_good", "accounts.reset_link_is_good",
        "accounts.reset_password", "accounts.sign_in", "accounts.ticket_is_good",
        "scheduling.decline_offer", "scheduling.keep_offer", "scheduling.offer_by",
    ),
    "how a sign-in session becomes an actor, and ends": (
        "accounts.actor_of_access", "accounts.actor_of_browser", "accounts.rotate_refresh", "accounts.session_mark",
        "accounts.user_of_session",
    ),
    "whoever is signed in can always sign out": (
        "accounts.end_all_sessions", "accounts.end_my_session", "accounts.end_other_sessions", "accounts.end_session",
        "accounts.sign_out",
    ),
    "the language that one reads is nobody else's to grant": ("accounts.set_language",),
    "the operator's, who has the server": (
        "accounts.count_unconfirmed",
        "accounts.create_admin",
        "accounts.duties_of_admins",
        "accounts.old_rows",
        "accounts.reset_second_factor_of",
        "accounts.seal_secrets_anew",
        "accounts.set_duties_of",
        "accounts.tell_unfinished_sign_ins",
        "scheduling.old_rows",
        "scheduling.store_all_days",
        "scheduling.store_changed_days",
        "scheduling.settle_begun",
        "scheduling.switch_account",
    ),
}  # fmt: skip


def test_every_front_door_is_asked_or_says_why_not() -> None:
    public = {
        f"{package.__name__.rpartition('.')[2]}.{name}"
        for package in (accounts, configuration, directory, scheduling, records)
        for name in package.__all__
        if isfunction(unwrap(getattr(package, name)))
    }
    asked = {name.partition(":")[0] for name in DOORS}
    reasons = {name for names in OPEN.values() for name in names}
    missing = public - asked - reasons
    assert not missing, f"give these their row in DOORS (a stranger asks too), or a reason in OPEN: {sorted(missing)}"
    gone = {name for name in asked | reasons if not name.startswith(("mail.", "operations."))} - public
    assert not gone, f"take out what is gone: {sorted(gone)}"
    assert not asked & reasons


def test_every_action_has_its_doors() -> None:
    assert set(MATRIX) == {door.action for door in DOORS.values()}
    assert set(MATRIX) | set(ASKED_ELSEWHERE) == set(Action), "an action was added: write down who may do it"


@pytest.fixture
def world(cast, clock_at) -> World:
    """Ana's visit to Dr Chen with all that hangs on it; it is noon of Monday 2 March 2026."""
    clock_at("2026-03-02 12:00")
    return plant(cast)


def answer(world: World, door: Door, who: str | Actor) -> str:
    """What somebody is answered at a door; nothing of it stays."""
    with rolled_back():
        try:
            door.call(world, world.actors[who] if isinstance(who, str) else who)
        except Forbidden:
            return NO
        except NotFound:
            return HIDDEN
        except DomainError as refusal:
            return refusal.code
        return YES


def doors_of(action: Action) -> Iterator[tuple[str, Door]]:
    """The doors at which an action is asked for."""
    return ((name, door) for name, door in DOORS.items() if door.action is action)


@pytest.mark.parametrize("action", MATRIX)
def test_everybody_is_answered_at_the_doors_as_the_matrix_says(world: World, action: Action) -> None:
    people = [name for pair in PEOPLE.values() for name in pair]
    for name, door in doors_of(action):
        answers = [answer(world, door, person) for person in people]
        assert (name, *answers) == (name, *(door.answers or MATRIX[action]))


@contextmanager
def reaching(actions: Collection[Action], who: Grantee) -> Iterator[None]:
    """Let somebody do what else is asked for on the way to a door."""
    with ExitStack() as tables:
        for action in actions:
            tables.enter_context(permitted(action, {**PERMISSIONS[action], who: Reach.ANY}))
        yield


def with_duties(world: World, *duties: Duty) -> Actor:
    """Esther as an admin who looks after these alone."""
    return replace(world.actors["esther"], duties=frozenset(duties))


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("action", MATRIX)
def test_an_admin_is_let_in_by_their_duties_alone(world: World, action: Action) -> None:
    assert set(BY_DUTY) == set(MATRIX)
    for name, door in doors_of(action):
        whole, for_all = answer(world, door, "esther"), Role.ADMIN in PERMISSIONS[action]
        assert (name, answer(world, door, with_duties(world)) == YES) == (name, for_all)
        for duty in Duty:
            answered = answer(world, door, with_duties(world, duty))
            if all(duty in BY_DUTY[each] for each in (action, *door.also)):
                assert (name, duty, answered) == (name, duty, whole)
            else:
                assert (name, duty, answered) != (name, duty, YES)


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("action", MATRIX)
def test_every_door_obeys_the_cell_of_each_duty(world: World, action: Action) -> None:
    """What is given to a duty opens each door of the action to it, and what is taken away closes them."""
    deaf = []
    for name, door in doors_of(action):
        if Role.ADMIN not in door.roles or action in OF_ONESELF:
            continue
        for duty in Duty:
            with reaching(door.also, duty):
                person = with_duties(world, duty)
                with permitted(action, without(action, duty) | {duty: Reach.ANY}):
                    given = answer(world, door, person)
                with permitted(action, without(action, duty)):
                    taken = answer(world, door, person)
                if given == taken and Role.ADMIN not in PERMISSIONS[action]:
                    deaf.append((name, str(duty), given))
    assert not deaf


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("action", MATRIX)
def test_every_door_obeys_every_cell(world: World, action: Action) -> None:
    """Each cell is narrowed, widened and taken away: each door answers somebody of that role differently then."""
    deaf = []
    for name, door in doors_of(action):
        for role in door.roles:
            people = set(PEOPLE[role][:1] if action in OF_THE_CLINIC | OF_ONESELF else PEOPLE[role])
            with reaching(door.also, role):
                before = {person: answer(world, door, person) for person in people}
                for reach, line in other_cells(action, role):
                    if reach is Reach.ANY and (door.only_own or action in OF_ONESELF):
                        continue
                    with permitted(action, line):
                        after = {person: answer(world, door, person) for person in people}
                    if after == before:
                        deaf.append((name, str(role), reach and str(reach), before))
    assert not deaf


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_who_is_not_signed_in_is_told_so_at_every_door(world: World) -> None:
    asks_nobody = {"scheduling.board", "scheduling.free_days", "scheduling.day_slots", "scheduling.nearest_free"}
    not_optional = {"scheduling.possible: late"}
    for name, door in DOORS.items():
        if name in asks_nobody | not_optional:
            continue
        with rolled_back(), pytest.raises(Unauthenticated):
            door.call(world, None)  # type: ignore[arg-type]
