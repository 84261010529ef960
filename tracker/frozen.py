"""Frozen records as JSON and back, by their types: numbers, words, dates, tuples, records. Pure."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def plain(value: Any) -> Any:
    """A record, or whatever it is made of, as JSON holds it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


@lru_cache(maxsize=64)
def _hints(kind: type[Any]) -> dict[str, Any]:
    """The types of a record's fields: worked out once, for lists restore thousands."""
    return get_type_hints(kind)


def restored(kind: Any, value: Any) -> Any:
    """What `plain` was given, by its type."""
    if get_origin(kind) in (Union, UnionType):
        if value is None:
            return None
        [kind] = [each for each in get_args(kind) if each is not NoneType]
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: restored(hints[name], each) for name, each in value.items()})
    if get_origin(kind) is tuple:
        kinds = get_args(kind)
        each_of = kinds[:1] * len(value) if kinds[1:] == (...,) else kinds
        return tuple(restored(k, each) for k, each in zip(each_of, value, strict=True))
    return date.fromisoformat(value) if kind is date else value
