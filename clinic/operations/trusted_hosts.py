"""By which names the portal may be called: requests by any other are refused, and the log says how to allow the name.

Probes of health and metrics are answered by any name: whoever asks there knows a container, a pod or an address, and no
answer of theirs holds a name.
"""

from __future__ import annotations

from collections.abc import Collection
from time import monotonic
from urllib.parse import urlsplit

import structlog
from flask import Flask, request
from werkzeug.exceptions import BadRequest

from clinic.operations.addresses import PROBES

#: Seconds in which a name that is refused is logged once.
LOG_EVERY = 60
#: So many names are logged within that time: strangers make up as many as they like.
NAMES_MOST = 20
#: Of a name so much is logged; a longer one is none.
_NAME_LENGTH = 255
ALLOW = (
    "TRUSTED_HOSTS has the names by which the portal may be called, PUBLIC_URL the one that its addresses begin with"
)
PASS_ON = "the proxy must hand on Host as it came (Apache: ProxyPreserveHost On); X-Forwarded-Host isn't read"  # noqa: S105 - no password

log = structlog.get_logger("clinic.hosts")


class UntrustedHost(BadRequest):
    """The portal was called by a name that isn't its own."""


class _Notes:
    """What was logged of late, so that the log isn't filled by whoever tries names."""

    def __init__(self) -> None:
        self._began = float("-inf")
        self._names: set[str] = set()

    def is_new(self, name: str) -> bool:
        """Return whether ``name`` is to be logged now."""
        now = monotonic()
        if now - self._began >= LOG_EVERY:
            self._began, self._names = now, set()
        if name in self._names or len(self._names) >= NAMES_MOST:
            return False
        self._names.add(name)
        return True


def answer_only_for(app: Flask, hosts: Collection[str] | None, *, own: Collection[str]) -> None:
    """Answer 400 to whoever calls the portal by a name that isn't one of ``hosts``; None for any name.

    ``own`` are the names of this machine for itself, by which only a proxy that says no better calls for somebody else.
    """
    if hosts is None:
        return
    notes = _Notes()

    @app.before_request
    def refuse() -> None:
        if request.path in PROBES:
            return
        name, called = _name_of(request.host), _name_of(request.headers.get("X-Forwarded-Host", ""))
        is_hidden = name in own and called not in {"", *own}
        if (name not in hosts or is_hidden) and notes.is_new(name):
            hint = PASS_ON if is_hidden or called in hosts else ALLOW
            log.warning("untrusted host", host=name, refused=name not in hosts, hint=hint)
        if name not in hosts:
            raise UntrustedHost


def _name_of(host: str) -> str:
    """Return the name of a host without its port, empty where it is none."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
    return name if len(name) <= _NAME_LENGTH else ""
