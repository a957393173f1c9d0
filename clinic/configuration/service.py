"""Reading and saving what the clinic has decided about itself."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypedDict, cast

from sqlalchemy import func, select

from clinic import audit, settings
from clinic.accounts.models import User
from clinic.audit import AuditAction, Subject
from clinic.configuration import present
from clinic.configuration.details import (
    EDITABLE,
    ClinicDetails,
    Value,
    check_together,
    checked,
    details_of,
    usable,
)
from clinic.configuration.models import SavedSettings
from clinic.db import ReadModel, atomic, built_once, flush, on_commit, session
from clinic.errors import ExpectedVersion, InvalidInput, Stale, check_version
from clinic.i18n import N_
from clinic.policy import Action, Actor, require
from clinic.text.validation import ValidationErrors

STALE = N_("Somebody else changed the settings after you opened them.")
#: So many savings are shown.
HISTORY_MOST = 50
#: Any number that no other advisory lock of the portal has.
_LOCK = 7_020_033


class ClinicChanges(TypedDict, total=False):
    """What is to be saved, by the names of ``ClinicDetails``; what is left out stays."""

    clinic_name: str | None
    letterhead: str | None
    letterhead_vi: str | None
    phone: str | None
    email: str | None
    address: str | None
    address_vi: str | None
    map_url: str | None
    emergency_number: str | None
    horizon_days: int | None
    notice_hours: int | None
    lead_hours: int | None
    languages: list[str]
    is_demo: bool | None


class PublicDetails(ClinicDetails):
    """What everybody may know of the clinic."""

    timezone: str
    #: Counts the savings; 0 where nothing was ever saved.
    version: int


@dataclass(frozen=True)
class SavedDetails:
    """What holds, and what the environment says of each value that the clinic has changed."""

    version: int
    present: ClinicDetails
    of_environment: Mapping[str, Value]


class SavedChange(NamedTuple):
    """One value before and after a saving."""

    name: str
    before: Value
    after: Value


class SavedVersion(TypedDict):
    """Who saved what, and when."""

    version: int
    at: datetime
    by_name: str | None
    changes: list[SavedChange]


class _Newest(TypedDict):
    version: int
    overrides: dict[str, Value]


class _Row(TypedDict):
    version: int
    at: datetime
    by_name: str | None
    changes: dict[str, list[Value]]


_NEWEST = ReadModel(
    _Newest,
    built_once(select(SavedSettings.version, SavedSettings.overrides).order_by(SavedSettings.version.desc()).limit(1)),
)
_HISTORY = ReadModel(
    _Row,
    built_once(
        select(SavedSettings.version, SavedSettings.at, User.full_name.label("by_name"), SavedSettings.changes)
        .outerjoin(User, User.id == SavedSettings.by_user_id)
        .order_by(SavedSettings.version.desc())
        .limit(HISTORY_MOST)
    ),
)


def _newest() -> _Newest:
    row = session().execute(_NEWEST.select).first()
    return {"version": 0, "overrides": {}} if row is None else _NEWEST.shape(row)


def _held(newest: _Newest) -> tuple[dict[str, Value], dict[str, Value]]:
    """Return what the environment says and what holds with ``newest`` over it."""
    base = cast(dict[str, Value], details_of(settings.of_environment()))
    return base, {**base, **usable(newest["overrides"])}


def details(actor: Actor | None) -> SavedDetails:
    """Return what holds now, from the database, for whoever may change it."""
    require(actor, Action.MANAGE_SETTINGS)
    newest = _newest()
    base, held = _held(newest)
    changed = {name: base[name] for name in EDITABLE if held[name] != base[name]}
    return SavedDetails(newest["version"], cast(ClinicDetails, held), changed)


def public_details() -> PublicDetails:
    """Return what everybody may know of the clinic, from the database."""
    newest = _newest()
    _base, held = _held(newest)
    values = {**held, "timezone": settings.current().zone.key, "version": newest["version"]}
    return cast(PublicDetails, values)


def history(actor: Actor | None) -> list[SavedVersion]:
    """Return the latest savings, the newest first."""
    require(actor, Action.MANAGE_SETTINGS)
    rows = [_HISTORY.shape(row) for row in session().execute(_HISTORY.select)]
    return [{**row, "changes": _in_order(row["changes"])} for row in rows]


def _in_order(changes: Mapping[str, list[Value]]) -> list[SavedChange]:
    return [SavedChange(name, *changes[name]) for name in EDITABLE if name in changes]


@atomic
def save(
    actor: Actor | None,
    changes: ClinicChanges,
    *,
    reset: Collection[str] = (),
    expected_version: ExpectedVersion = None,
) -> int:
    """Save what the clinic decides about itself, and return the version that holds.

    The values named in ``reset`` are the environment's again, whatever ``changes`` says of them. ``InvalidInput`` on each
    value at fault; ``Stale`` if somebody saved since ``expected_version``. Where nothing changes, nothing is written.
    """
    actor = require(actor, Action.MANAGE_SETTINGS)
    _take_turns()
    newest = _newest()
    check_version(expected_version, newest["version"], STALE)
    base, before = _held(newest)
    after = _changed(base, before, changes, reset)
    what = {name: [before[name], after[name]] for name in EDITABLE if before[name] != after[name]}
    if not what:
        return newest["version"]
    version = newest["version"] + 1
    session().add(
        SavedSettings(
            version=version,
            by_user_id=actor.user_id,
            overrides={name: after[name] for name in EDITABLE if after[name] != base[name]},
            changes=what,
        )
    )
    flush({"pk_clinic_settings": Stale(STALE)})
    audit.record(
        actor, AuditAction.SETTINGS_CHANGED, [Subject(version)], version=version, fields=list(what), changes=what
    )
    on_commit(present.look_again)
    return version


def _take_turns() -> None:
    """Wait for whoever saves now, so that a caller who doesn't say which version they read isn't refused for it.

    SQLite has one writer anyway.
    """
    current = session()
    if current.get_bind().dialect.name != "sqlite":
        current.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _changed(
    base: Mapping[str, Value], before: Mapping[str, Value], changes: ClinicChanges, reset: Collection[str]
) -> dict[str, Value]:
    """Return what holds afterwards; ``InvalidInput`` with everything that is wrong."""
    errors = ValidationErrors()
    given = {name: value for name, value in changes.items() if name in EDITABLE and name not in reset}
    after = {**before, **checked(errors, given), **{name: base[name] for name in reset if name in base}}
    if not base.keys() >= set(reset):
        errors.add("reset", N_("We don't know this setting."))
    check_together(errors, after, before)
    if errors.by_field:
        raise InvalidInput.of(errors.by_field)
    return after
