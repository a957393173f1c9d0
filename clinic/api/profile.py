"""The caller's own account: read it, change what their role may."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from flask import Response, request

from clinic import directory
from clinic.api.auth import signed_in
from clinic.api.blueprint import Resource
from clinic.api.request_parsing import body_of
from clinic.api.responses import answer, encode, picked
from clinic.api.schemas import accounts as schemas
from clinic.api.versions import ETAG, IF_MATCH, etag, expected_version
from clinic.directory import Profile, ProfileChanges
from clinic.dry_run import would_refuse
from clinic.errors import InvalidInput
from clinic.i18n import LANGUAGES, N_
from clinic.policy import Action, Actor

resource = Resource("profile", __name__, description="The caller's own account.")

_KEYS = tuple(schemas.User().fields)
_PROFILES = ("patient_profile", "doctor_profile")
#: Clients that send the whole account back can't know the present ones.
_IGNORED = frozenset({"created_at", "updated_at"})


def user_body(row: Profile) -> dict[str, object]:
    """Return a user as the API writes them: with the profile of their role, an admin with none."""
    return picked(row, (key for key in _KEYS if key in row))


@resource.route("/user/me/")
@resource.response(200, schemas.User, headers=ETAG)
@signed_in(Action.SEE_OWN_ACCOUNT)
def me(actor: Actor) -> Response:
    """Read the caller's own account."""
    row = directory.me(actor)
    return answer(user_body(row), headers=etag(row))


def _same(sent: object, known: object) -> bool:
    """Return whether a client sent back what it was told; an empty text is null, and 1 is not true."""
    if sent == "" or known is None:
        return sent in ("", None) and known in ("", None)
    return sent == known and isinstance(sent, bool) == isinstance(known, bool)


def _changed_read_only(actor: Actor, sent: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[str]:
    """Yield the dotted names of what was sent changed though nobody, or not this role, may change it here."""
    editable = directory.EDITABLE[actor.role]
    for name in _PROFILES:
        if name not in known and sent.get(name) not in (None, "", {}):
            yield name
    for name, value in known.items():
        if name not in sent or name in editable or name in _IGNORED:
            continue
        if isinstance(value, dict):
            inner = sent[name] if isinstance(sent[name], dict) else {}
            yield from (
                f"{name}.{key}"
                for key in value.keys() & inner.keys()
                if f"{name}.{key}" not in editable and not _same(inner[key], value[key])
            )
        elif not _same(sent[name], value):
            yield name


def _as_read(actor: Actor) -> dict[str, Any]:
    """Return the caller's own account as a client has read it."""
    account: dict[str, Any] = json.loads(encode(user_body(directory.me(actor))))
    return account


@resource.also(
    "/user/me/",
    methods=["PUT"],
    name="put_me",
    summary="Change the caller's own account: the same by PUT, what is left out stays.",
)
@resource.route("/user/me/", methods=["PATCH"])
@resource.response(200, schemas.User, headers=ETAG)
@resource.refuses(409, 412)
@resource.reads(IF_MATCH)
@signed_in(Action.CHANGE_OWN_ACCOUNT)
@resource.arguments(schemas.ProfileChanges)
def update_me(actor: Actor, body: ProfileChanges) -> Response:
    """Change the caller's own account: the keys that are sent."""
    # Read-only keys may be sent back as they are.
    sent, known = body_of(request, optional=False), _as_read(actor)
    names = set(_changed_read_only(actor, sent, known))
    if names:
        # The department's name may have been read in another language than this answer's.
        others = (actor.with_language(language) for language in LANGUAGES if language != actor.language)
        names = names.intersection(*(_changed_read_only(other, sent, _as_read(other)) for other in others))
    given = {name: value for name, value in body.items() if name in known and (name not in _PROFILES or value)}
    changes = cast(ProfileChanges, given)
    version = expected_version()
    if names:
        also = would_refuse(lambda: directory.update_me(actor, changes, expected_version=version))
        raise InvalidInput.of({**also, **{name: [N_("This can't be changed here.")] for name in sorted(names)}})
    row = directory.update_me(actor, changes, expected_version=version)
    return answer(user_body(row), headers=etag(row))
