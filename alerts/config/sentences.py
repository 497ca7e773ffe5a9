"""What pydantic finds, said plainly: a code, the place in the file, a sentence and a remedy."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any

from alerts.config.nearest import did_you_mean
from alerts.config.tree import Mapping, Node, Sequence, Text, find
from alerts.errors import Problem

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

Path = tuple[str | int, ...]


def problems_of(failure: ValidationError, form: type[BaseModel], root: Node, above: Path = ()) -> list[Problem]:
    """Return every finding of `failure`, placed in the tree; `above` is the path to the part that was validated."""
    return [problem_of(dict(found), form, root, above) for found in failure.errors(include_url=False)]


def problem_of(found: dict[str, Any], form: type[BaseModel], root: Node, above: Path) -> Problem:
    """Put one finding of pydantic into words."""
    path: Path = tuple(step for step in found["loc"] if step != "[key]")
    kind: str = found["type"]
    if kind == "missing":
        return _missing(root, above, path)
    if kind == "extra_forbidden":
        return _unknown(form, root, above, path)
    node, _ = find(root, above + path)
    code, sentence, remedy = _value_sentence(kind, found, _name(path), node)
    return placed(code, root, above + path, sentence, remedy)


def placed(code: str, root: Node, path: Path, sentence: str, remedy: str = "", *, severity: Any = "error") -> Problem:
    """Return a problem at the value that `path` leads to, or as near as the tree goes."""
    node, key = find(root, path)
    if isinstance(node, Text):
        length = len(node.value) if node.style == "plain" else 1
        return Problem(code, severity, sentence, remedy, line=node.line, column=node.column, length=max(length, 1))
    at = key or node
    length = len(key.value) if key is not None else 1
    return Problem(code, severity, sentence, remedy, line=at.line, column=at.column, length=length)


def _name(path: Path) -> str:
    """Return how a person calls the part at `path`: its nearest key."""
    return next((step for step in reversed(path) if isinstance(step, str)), "This")


def _missing(root: Node, above: Path, path: Path) -> Problem:
    name = str(path[-1])
    node, _ = find(root, above + path[:-1])
    key = node.key(name) if isinstance(node, Mapping) else None
    if key is not None:
        return placed("C021", key, (), f"“{name}” has nothing after it.", "Write a value after the colon.")
    where = placed("C021", root, above + path[:-1], f"“{name}” is missing.", f"Add a line “{name}: …” here.")
    return where


def _unknown(form: type[BaseModel], root: Node, above: Path, path: Path) -> Problem:
    name = str(path[-1])
    node, _ = find(root, above + path[:-1])
    key = node.key(name) if isinstance(node, Mapping) else None
    remedy = did_you_mean(name, keys_at(form, path[:-1]), "See docs/configuration.md for the keys there are.")
    return placed("C020", key or root, (), f"“{name}” is not a key here.", remedy)


def keys_at(form: type[BaseModel], path: Path) -> list[str]:
    """Return the keys that the part of `form` at `path` has."""
    here: Any = form
    for step in path:
        if isinstance(step, str) and (model := _model(here)) is not None and step in model.model_fields:
            here = model.model_fields[step].annotation
    model = _model(here)
    return list(model.model_fields) if model is not None else []


def _model(annotation: Any) -> type[BaseModel] | None:
    """Return the form inside an annotation such as `tuple[SectionForm, ...] | None`."""
    from pydantic import BaseModel

    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in typing.get_args(annotation) if (found := _model(each)) is not None), None)


_SHAPES = {"string": "a text", "list": "a list", "keys": "keys and values"}


def _shape(node: Node) -> str:
    if isinstance(node, Sequence):
        return "a list"
    return "keys and values" if isinstance(node, Mapping) else "a text"


def _value_sentence(kind: str, found: dict[str, Any], name: str, node: Node) -> tuple[str, str, str]:
    """Return code, sentence and remedy for a value that cannot be used."""
    context: dict[str, Any] = found.get("ctx", {})
    written = node.value if isinstance(node, Text) else ""
    if kind == "plain":
        return "C022", context["sentence"], context["remedy"]
    if kind in {"tuple_type", "list_type", "set_type", "frozen_set_type"}:
        return (
            "C023",
            f"“{name}” should be a list, but is {_shape(node)}.",
            f"Write it in square brackets: {name}: [{written or '…'}].",
        )
    if kind in {"model_type", "dict_type", "model_attributes_type"}:
        return (
            "C023",
            f"“{name}” should have keys of its own, but is {_shape(node)}.",
            "Write its keys below it, indented.",
        )
    if kind == "literal_error":
        allowed = [part.strip().strip("'") for part in context["expected"].replace(" or ", ", ").split(",")]
        return (
            "C022",
            f"“{written}” cannot be used for “{name}”.",
            did_you_mean(written, allowed, f"Use one of: {', '.join(allowed)}."),
        )
    if kind.endswith("_type") and not isinstance(node, Text):
        return "C023", f"“{name}” should be a single value, but is {_shape(node)}.", "Write one value after the colon."
    if kind.startswith(("int_", "float_")):
        return "C022", f"“{written}” is not a number, which “{name}” should be.", "Write digits only."
    if kind.startswith("bool_"):
        return "C022", f"“{written}” is neither true nor false, which “{name}” should be.", "Write true or false."
    if kind == "string_pattern_mismatch":
        return _pattern_sentence(name, written, context["pattern"])
    return _size_sentence(kind, context, name, written) or ("C022", f"“{name}” cannot be used: {found['msg']}.", "")


def _pattern_sentence(name: str, written: str, pattern: str) -> tuple[str, str, str]:
    if pattern == r"^[a-z0-9]+(-[a-z0-9]+)*$":
        remedy = "Use small letters and digits, with single hyphens between words: public-health."
        return "C031", f"“{written}” cannot be an id.", remedy
    if name == "language":
        return "C022", f"“{written}” is not a language code.", "Use two letters: en, cy."
    return (
        "C022",
        f"“{written}” cannot be used for “{name}”.",
        "Write words of letters and digits, a * only at the very end.",
    )


def _size_sentence(kind: str, context: dict[str, Any], name: str, written: str) -> tuple[str, str, str] | None:
    if kind == "greater_than_equal":
        return "C022", f"“{written}” is too small for “{name}”.", f"The least is {_amount(name, context['ge'])}."
    if kind == "less_than_equal":
        return "C022", f"“{written}” is too large for “{name}”.", f"The most is {_amount(name, context['le'])}."
    if kind in {"string_too_short", "too_short"}:
        return (
            "C022",
            f"“{name}” is empty or has too few parts.",
            "Write at least " + _count(context["min_length"], kind) + ".",
        )
    if kind in {"string_too_long", "too_long"}:
        return "C022", f"“{name}” is too long.", f"Keep it to {_count(context['max_length'], kind)}."
    return None


def _count(number: int, kind: str) -> str:
    unit = "character" if kind.startswith("string") else "part"
    return f"{number:,} {unit}{'' if number == 1 else 's'}"


def _amount(name: str, limit: float) -> str:
    """Return a limit in the words of the field: lengths of time as people write them."""
    if name not in {"every", "rhythm", "deadline"}:
        return f"{limit:g}"
    for unit, seconds in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if limit % seconds == 0:
            number = int(limit // seconds)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{limit:g} seconds"
