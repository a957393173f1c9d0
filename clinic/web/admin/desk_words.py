"""What was typed for a free time of the desk while its patient is made on another page: sealed in the session's cookie."""

from __future__ import annotations

import json
import zlib
from datetime import timedelta

from flask import session

from clinic.policy import Actor
from clinic.web.kit.sealing import seal, unseal

_KEY = "desk_words"
#: Whoever comes back later than that asks anew.
_LASTS = timedelta(hours=12)
#: A browser keeps no cookie of more than 4096 bytes, and other things are carried in it, too.
_MOST = 2400


def carry(actor: Actor, slot: str, words: str) -> bool:
    """Keep what was typed for a slot, and nothing of another; return whether it could be kept."""
    session.pop(_KEY, None)
    if not words.strip():
        return True
    plain = json.dumps([actor.session_id, slot, words], ensure_ascii=False).encode("utf-8", "surrogatepass")
    sealed = seal(zlib.compress(plain, 9))
    if len(sealed) > _MOST:
        return False
    session[_KEY] = sealed
    return True


def carried(actor: Actor, slot: str) -> str:
    """Return what the same session typed for this slot, "" for nothing."""
    raw = unseal(session.get(_KEY, ""), within=_LASTS)
    if raw is None:
        return ""
    session_id, of_slot, words = json.loads(zlib.decompress(raw).decode("utf-8", "surrogatepass"))
    return str(words) if (session_id, of_slot) == (actor.session_id, slot) else ""


def drop() -> None:
    """Forget it: the visit is booked."""
    session.pop(_KEY, None)
