"""Frozen dataclasses to JSON text and back, by their type hints: one small codec for everything that is stored whole.

What can be stored: `str int float bool None datetime date time`, literals, optionals, `tuple[X, ...]`, fixed tuples,
`frozenset[X]`, mappings with text keys, and dataclasses of these. A field that holds its own empty default (`""`, `()`,
`None`, `False`, `0`) is left out and comes back from the default, so such defaults belong to the stored form. Sets are
written sorted: equal values give equal text, so that text can be compared. Unknown keys are ignored when reading: an
older program version may read what a newer one wrote.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Turn = Callable[[Any], Any]


def encode(value: object) -> str:
    """Return the dataclass `value` as compact JSON text (NUL and lone surrogates are the caller's to keep out)."""
    return json.dumps(_writer(cast("Any", type(value)))(value), ensure_ascii=False, separators=(",", ":"))


def decode(kind: type[T], text: str) -> T:
    """Return the value of dataclass type `kind` that `encode` wrote; raise `ValueError` for text that is none."""
    return from_plain(kind, json.loads(text))


def as_plain(value: object) -> Any:
    """Return the dataclass `value` as what `json` can write."""
    return _writer(cast("Any", type(value)))(value)


def from_plain(kind: type[T], found: Any) -> T:
    """Return the value of dataclass type `kind` from what `json` read."""
    return cast("T", _reader(cast("Any", kind))(found))


def _same(value: Any) -> Any:
    return value


@cache
def _writer(kind: Any) -> Turn:
    """Return the function that turns a value of type `kind` into what `json` can write."""
    if dataclasses.is_dataclass(kind):
        return _dataclass_writer(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = _writer(_of_optional(kind))
        return lambda value: None if value is None else inner(value)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _many(_writer(arguments[0]))
    if origin is tuple:
        turns = tuple(_writer(each) for each in arguments)
        return lambda value: [turn(each) for turn, each in zip(turns, value, strict=True)]
    if origin is frozenset:
        inner = _writer(arguments[0])
        return lambda value: sorted(inner(each) for each in value)
    if origin in (Mapping, dict):
        inner = _writer(arguments[1])
        return lambda value: {key: inner(each) for key, each in value.items()}
    if kind in (datetime, date, time):
        return lambda value: value.isoformat()
    return _plain(kind)


def _dataclass_writer(kind: Any) -> Turn:
    hints = get_type_hints(kind)
    fields = tuple((each.name, _writer(hints[each.name]), _empty_default(each)) for each in dataclasses.fields(kind))

    def write(value: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, turn, leave_out in fields:
            each = getattr(value, name)
            if not (leave_out and not each and each == leave_out[0]):
                found[name] = turn(each)
        return found

    return write


@cache
def _reader(kind: Any) -> Turn:
    """Return the function that turns what `json` read into a value of type `kind`."""
    if dataclasses.is_dataclass(kind):
        return _dataclass_reader(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = _reader(_of_optional(kind))
        return lambda value: None if value is None else inner(value)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        inner = _reader(arguments[0])
        return tuple if inner is _same else lambda value: tuple(map(inner, value))
    if origin is tuple:
        turns = tuple(_reader(each) for each in arguments)
        return lambda value: tuple(turn(each) for turn, each in zip(turns, value, strict=True))
    if origin is frozenset:
        inner = _reader(arguments[0])
        return lambda value: frozenset(map(inner, value))
    if origin in (Mapping, dict):
        inner = _reader(arguments[1])
        return lambda value: {key: inner(each) for key, each in value.items()}
    if kind in (datetime, date, time):
        return cast("Turn", kind.fromisoformat)
    return _plain(kind)


def _dataclass_reader(kind: Any) -> Turn:
    hints = get_type_hints(kind)
    readers = {each.name: _reader(hints[each.name]) for each in dataclasses.fields(kind) if each.init}

    def read(found: Any) -> Any:
        if not isinstance(found, dict):
            raise ValueError(f"a {kind.__name__} is stored as an object")  # noqa: TRY004 - JSON that is none of ours
        return kind(**{name: readers[name](each) for name, each in found.items() if name in readers})

    return read


def _many(inner: Turn) -> Turn:
    return list if inner is _same else lambda value: [inner(each) for each in value]


def _plain(kind: Any) -> Turn:
    if kind in (str, int, float, bool) or get_origin(kind) is Literal:
        return _same
    raise TypeError(f"{kind!r} cannot be stored as JSON")


def _of_optional(kind: Any) -> Any:
    """Return X of `X | None`; other unions cannot be told apart when read back."""
    kinds = [each for each in get_args(kind) if each is not type(None)]
    if len(kinds) != 1:
        raise TypeError(f"{kind!r} cannot be stored as JSON: only X | None can")
    return kinds[0]


def _empty_default(field: dataclasses.Field[Any]) -> tuple[Any, ...]:
    """Return `(default,)` of a field whose default is empty, else `()`."""
    if field.default is dataclasses.MISSING or field.default:
        return ()
    return (field.default,)
