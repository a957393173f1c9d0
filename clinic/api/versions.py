"""Versions of what can be changed, as ETags: a caller who says which one it read overwrites nobody's later change."""

from typing import TypedDict

from flask import request

from clinic.errors import ANY_VERSION, ExpectedVersion

ETAG = {"ETag": {"description": "The version, for `If-Match`.", "schema": {"type": "string"}}}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "description": "The ETag that the caller read; if there has been a change since, nothing is written (412). `*`: whatever is there, but something.",
    "schema": {"type": "string"},
}

#: A version that nothing has.
_NEVER = -1
_DIGITS_MAX = 9


class Versioned(TypedDict):
    """What counts its changes."""

    version: int


def etag(row: Versioned) -> dict[str, str]:
    """Return the header that names the version of ``row``."""
    return {"ETag": f'"{row["version"]}"'}


def expected_version() -> ExpectedVersion:
    """Return the version that ``If-Match`` asks for: None without the header, any that is there for ``*``.

    Versions count up from 1, so of several tags the newest decides. A tag that is none of ours matches nothing.
    """
    if "If-Match" not in request.headers:
        return None
    if request.if_match.star_tag:
        return ANY_VERSION
    return max((_version(tag) for tag in request.if_match.as_set()), default=_NEVER)


def etag_of_text(version: str) -> dict[str, str]:
    """Return the header of what is known by a text that is the same for the same content."""
    return {"ETag": f'"{version}"'}


def expected_text(present: str) -> str | None:
    """Return which content ``If-Match`` asks for: None where it asks for nothing, or for whatever is there; the ``present``
    one if it is among several."""
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    return present if request.if_match.contains(present) else ""


def _version(tag: str | None) -> int:
    # An empty tag ("") comes as None.
    if not tag or not tag.isascii() or not tag.isdecimal() or len(tag) > _DIGITS_MAX:
        return _NEVER
    return int(tag) or _NEVER
