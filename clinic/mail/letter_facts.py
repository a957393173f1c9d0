"""What letters tell, as JSON: dataclasses of texts, numbers, days, times, moments and amounts, there and back.

The JSON may be read by another version of the portal than wrote it: a field that is added later needs a default, one
that is unknown is passed over.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, partial
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Facts = TypeVar("Facts", bound="DataclassInstance")

#: What JSON has itself.
_PLAIN = frozenset({str, int, bool})
#: How the rest is written as text, and read again.
_TEXTS: Mapping[type, tuple[Callable[[Any], str], Callable[[str], Any]]] = {
    date: (date.isoformat, date.fromisoformat),
    time: (time.isoformat, time.fromisoformat),
    datetime: (datetime.isoformat, datetime.fromisoformat),
    Decimal: (str, Decimal),
}


def to_json(facts: "DataclassInstance") -> dict[str, object]:
    """Return facts as JSON keeps them."""
    return {each.name: _written(getattr(facts, each.name)) for each in fields(facts)}


def _written(value: Any) -> Any:
    if text := _TEXTS.get(type(value)):
        return text[0](value)
    return to_json(value) if is_dataclass(value) and not isinstance(value, type) else value


def from_json(kind: type[Facts], stored: Mapping[str, object]) -> Facts:
    """Return the facts that were stored; ``TypeError`` or ``ValueError`` where they aren't of this ``kind``."""
    readers = _readers_of(kind)
    return kind(
        **{name: None if value is None else readers[name](value) for name, value in stored.items() if name in readers}
    )


def check_facts(kind: type[Facts]) -> None:
    """``TypeError`` for facts with a field that can't be kept as JSON."""
    _readers_of(kind)


@cache
def _readers_of(kind: type["DataclassInstance"]) -> Mapping[str, Callable[[Any], Any]]:
    """Return how each field of facts is read."""
    hints = get_type_hints(kind)
    return {each.name: _reader(hints[each.name]) for each in fields(kind)}


def _reader(hint: Any) -> Callable[[Any], Any]:
    (of_value,) = [each for each in get_args(hint) if each is not NoneType] or [hint]
    if of_value in _PLAIN:
        return lambda value: value
    if of_value in _TEXTS:
        return _TEXTS[of_value][1]
    if isinstance(of_value, type) and is_dataclass(of_value):
        _readers_of(of_value)
        return partial(from_json, of_value)
    raise TypeError(f"a letter can't keep {hint} among its facts")
