"""Cursors: a row's sort key as a text for an address. Pure; what is none is a ``ValueError``, ``TypeError`` or the like."""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from clinic.db import MAX_ID

#: No cursor is longer: two names of the greatest length, each character of four bytes.
CURSOR_MAX = 4_000
_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,4})?", re.ASCII)


def written(values: Sequence[Any]) -> str:
    """Return a row's sort key as a text for an address. It is a position and nothing else: it opens no door."""
    parts = [value if isinstance(value, int) else _written(value) for value in values]
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | time) else str(value)


def parts_of(cursor: str) -> list[Any]:
    """Return the values that a cursor holds; ``ValueError`` or the like for what is none."""
    if len(cursor) > CURSOR_MAX:
        raise ValueError
    parts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
    if not isinstance(parts, list):
        raise TypeError
    return parts


def read(kind: type, part: Any) -> Any:
    """Return what ``written`` wrote, if it is of ``kind`` and a value that both databases can compare."""
    if kind is int:
        if type(part) is not int or abs(part) > MAX_ID:
            raise ValueError
        return part
    if not isinstance(part, str) or "\0" in part:
        raise ValueError
    return _READ[kind](part)


def _amount(text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise ValueError
    return Decimal(text)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() != timedelta(0):
        raise ValueError
    return moment


def _time(text: str) -> time:
    at = time.fromisoformat(text)
    if at.tzinfo is not None:
        raise ValueError
    return at


_READ: Mapping[type, Callable[[str], Any]] = {
    str: str,
    date: date.fromisoformat,
    datetime: _moment,
    time: _time,
    Decimal: _amount,
}
