"""Whether a value is what its declared type says, rows key by key: what mypy takes a select's word for."""

from __future__ import annotations

import types
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import (
    Any,
    Literal,
    NotRequired,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)


def faults(value: object, declared: Any, where: str = "") -> Iterator[str]:
    """Yield what is wrong with a value: where, and what it is instead."""
    origin, parts = get_origin(declared), get_args(declared)
    if declared in (Any, object):
        return
    if origin in (Union, types.UnionType):
        yield from _none_of(value, parts, where)
    elif is_typeddict(declared):
        yield from _of_row(value, declared, where)
    elif is_dataclass(origin or declared):
        yield from _of_dataclass(value, declared, where)
    elif origin is Literal:
        yield from [] if value in parts else [f"{where}: {value!r}"]
    elif not isinstance(value, origin or declared) or (isinstance(value, bool) and declared is int):
        yield f"{where}: {type(value).__name__} in place of {declared}"
    elif parts:
        yield from _of_parts(value, parts, where)


def _none_of(value: object, declared: tuple[Any, ...], where: str) -> Iterator[str]:
    """Yield what is wrong with a value of a union, by the first of its types that isn't None."""
    if all(any(faults(value, each)) for each in declared):
        yield from faults(value, next(each for each in declared if each is not types.NoneType), where)


def _of_row(value: object, declared: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {type(value).__name__} in place of a row"
        return
    keys, hints = get_type_hints(declared, include_extras=True), get_type_hints(declared)
    optional = {key for key, hint in keys.items() if get_origin(hint) is NotRequired} | declared.__optional_keys__
    yield from (f"{where}.{key}: missing" for key in keys.keys() - value.keys() - optional)
    yield from (f"{where}.{key}: not declared" for key in value.keys() - keys.keys())
    for key in value.keys() & keys.keys():
        yield from faults(value[key], hints[key], f"{where}.{key}")


def _of_dataclass(value: object, declared: Any, where: str) -> Iterator[str]:
    """Yield what is wrong with a dataclass, the type parameters of a generic one filled in."""
    kind = get_origin(declared) or declared
    if not isinstance(value, kind):
        yield f"{where}: {type(value).__name__} in place of {kind.__name__}"
        return
    given = dict(zip(getattr(kind, "__parameters__", ()), get_args(declared), strict=True))
    hints = get_type_hints(kind)
    for field in fields(kind):
        hint = hints[field.name]
        wanted: tuple[TypeVar, ...] = getattr(hint, "__parameters__", ())
        filled = hint[tuple(given[each] for each in wanted)] if wanted else hint
        yield from faults(getattr(value, field.name), filled, f"{where}.{field.name}")


def _of_parts(value: object, parts: tuple[Any, ...], where: str) -> Iterator[str]:
    """Yield what is wrong with what a container holds."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from faults(key, parts[0], f"{where}[{key!r}]")
            yield from faults(inner, parts[1], f"{where}[{key!r}]")
    elif isinstance(value, tuple) and parts[-1] is not Ellipsis:
        for number, (inner, part) in enumerate(zip(value, parts, strict=True)):
            yield from faults(inner, part, f"{where}[{number}]")
    elif isinstance(value, Collection):
        for number, inner in enumerate(value):
            yield from faults(inner, parts[0], f"{where}[{number}]")
