"""Forms: what keys a part of a file has, what each may say, and what is said when it says something else.

A `Form` lists its keys, each with a *reader*, a description and perhaps a default. Readers take a node of the tree, so
that every finding stands at its line and column without being looked for; they collect findings and never stop at the
first. The same declaration gives the JSON Schema for editors. Written by hand rather than on pydantic, which takes
longer to import than everything else that `alerts check` does, and whose coercions, places and sentences were all
replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar, dataclass_transform

from alerts.config.nearest import did_you_mean, nearest
from alerts.config.tree import Mapping, Node, Sequence, Text
from alerts.errors import Problem

T_co = TypeVar("T_co", covariant=True)
F = TypeVar("F", bound="Form")
Schema = dict[str, Any]


class Refused(Exception):
    """A value cannot be used: raised by what parses a text or checks a whole form, and turned into a Problem here."""

    def __init__(self, sentence: str, remedy: str = "", code: str = "C022") -> None:
        super().__init__(sentence)
        self.sentence, self.remedy, self.code = sentence, remedy, code


class Reader(Protocol[T_co]):
    """Reads one node; what is wrong is appended to `say`, and the answer is then of no use."""

    def read(self, node: Node, name: str, say: list[Problem]) -> T_co | None:
        """Return the value of `node`, which stands after the key `name`."""
        ...

    def schema(self) -> Schema:
        """Return the JSON Schema of what may be written."""
        ...


def at(node: Node, code: str, sentence: str, remedy: str = "") -> Problem:
    """Return an error at the place of `node`."""
    length = len(node.value) if isinstance(node, Text) and node.style == "plain" else 1
    return Problem(code, "error", sentence, remedy, line=node.line, column=node.column, length=max(length, 1))


def shape_of(node: Node) -> str:
    """Return what a node is, in words."""
    if isinstance(node, Text):
        return "a text"
    return "a list" if isinstance(node, Sequence) else "keys and values"


@dataclass(frozen=True, slots=True)
class Value(Generic[T_co]):
    """A single value: its text without surrounding spaces goes to `parse`, which raises `Refused`."""

    parse: Callable[[str], T_co]
    written: ReadOnly[str, Any]
    whole: bool = False

    def read(self, node: Node, name: str, say: list[Problem]) -> T_co | None:
        """Read a text."""
        if not isinstance(node, Text):
            sentence = f"“{name}” should be a single value, but is {shape_of(node)}."
            say.append(at(node, "C023", sentence, "Write one value after the colon."))
            return None
        try:
            return self.parse(node.value if self.whole else node.value.strip())
        except Refused as refused:
            say.append(at(node, refused.code, refused.sentence, refused.remedy))
            return None

    def schema(self) -> Schema:
        """Return the schema given."""
        return dict(self.written)


@dataclass(frozen=True, slots=True)
class Listing(Generic[T_co]):
    """A list of values of one kind, at least `least` of them. Where one may stand `alone`, it needs no brackets."""

    item: Reader[T_co]
    least: int = 0
    alone: bool = False

    def read(self, node: Node, name: str, say: list[Problem]) -> tuple[T_co, ...] | None:
        """Read a list."""
        if self.alone and isinstance(node, Text):
            node = Sequence((node,), node.line, node.column)
        if not isinstance(node, Sequence):
            sentence = f"“{name}” should be a list, but is {shape_of(node)}."
            written = node.value if isinstance(node, Text) and len(node.value) < 60 else "…"
            say.append(at(node, "C023", sentence, f"Write it in square brackets: {name}: [{written}]."))
            return None
        if len(node.items) < self.least:
            wanted = "one part" if self.least == 1 else f"{self.least} parts"
            say.append(at(node, "C022", f"“{name}” has too few parts.", f"Give at least {wanted}."))
        read = [self.item.read(item, name, say) for item in node.items]
        return tuple(value for value in read if value is not None)

    def schema(self) -> Schema:
        """Return an array of the items' schema."""
        listed = {"type": "array", "items": self.item.schema()} | ({"minItems": self.least} if self.least else {})
        return {"anyOf": [self.item.schema(), listed]} if self.alone else listed


@dataclass(frozen=True, slots=True)
class Part(Generic[F]):
    """Keys of its own. A bare text stands for the key `bare`, where one is given."""

    form: type[F]
    bare: str = ""

    def read(self, node: Node, name: str, say: list[Problem]) -> F | None:
        """Read a mapping."""
        if isinstance(node, Text) and self.bare:
            node = Mapping(((Text(self.bare, node.line, node.column), node),), node.line, node.column)
        if not isinstance(node, Mapping):
            sentence = f"“{name}” should have keys of its own, but is {shape_of(node)}."
            say.append(at(node, "C023", sentence, "Write its keys below it, indented."))
            return None
        return self.form.read(node, say)

    def schema(self) -> Schema:
        """Return the form's schema, or that of the bare text."""
        whole = self.form.schema()
        return {"anyOf": [self.form.keys[self.bare].reader.schema(), whole]} if self.bare else whole


@dataclass(frozen=True, slots=True)
class Table(Generic[T_co]):
    """Keys that librarians choose themselves, each read by `key`, with values of one kind."""

    key: Value[str]
    value: Reader[T_co]

    def read(self, node: Node, name: str, say: list[Problem]) -> dict[str, T_co] | None:
        """Read a mapping of any keys."""
        if not isinstance(node, Mapping):
            sentence = f"“{name}” should have keys of its own, but is {shape_of(node)}."
            say.append(at(node, "C023", sentence, "Write its keys below it, indented."))
            return None
        table: dict[str, T_co] = {}
        for name_node, value_node in node.pairs:
            key = self.key.read(name_node, name, say)
            value = self.value.read(value_node, name_node.value, say)
            if key is not None and value is not None:
                table[key] = value
        return table

    def schema(self) -> Schema:
        """Return an object of the values' schema."""
        return {"type": "object", "propertyNames": self.key.schema(), "additionalProperties": self.value.schema()}


@dataclass(frozen=True, slots=True)
class NameOr(Generic[T_co]):
    """A name, or what the name would stand for."""

    name: Value[str]
    other: Reader[T_co]

    def read(self, node: Node, name: str, say: list[Problem]) -> str | T_co | None:
        """Read a text as the name, anything else as the other."""
        return self.name.read(node, name, say) if isinstance(node, Text) else self.other.read(node, name, say)

    def schema(self) -> Schema:
        """Return either schema."""
        return {"anyOf": [self.name.schema(), self.other.schema()]}


_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a form; without a default it must be given."""

    reader: Reader[Any]
    description: str
    default: Any = _MISSING

    @property
    def required(self) -> bool:
        """True when the key must be given."""
        return self.default is _MISSING


def key(reader: Reader[Any], description: str, *, default: Any = _MISSING) -> Any:
    """Declare a key of a form."""
    return Key(reader, description, default)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(key,))
class Form:
    """A part of a file, read: its keys are attributes. Unknown keys are refused, and nothing changes afterwards."""

    keys: ClassVar[dict[str, Key]] = {}

    def __init_subclass__(cls) -> None:
        """Collect the keys, those of the parent first; one declared again takes the place of the parent's."""
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Key)}
        cls.keys = {**cls.keys, **own}
        for name in own:
            delattr(cls, name)

    def __init__(self, **values: Any) -> None:
        for name, each in self.keys.items():
            if name not in values and each.required:
                raise TypeError(f"{type(self).__name__} needs {name}")
            self.__dict__[name] = values.get(name, each.default)
        if unknown := values.keys() - self.keys.keys():
            raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(unknown))}")

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: a form that was read does not change."""
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        """Tell whether another form of this kind says the same."""
        return type(other) is type(self) and other.__dict__ == self.__dict__

    __hash__ = None  # type: ignore[assignment]  # forms hold dicts

    def __repr__(self) -> str:
        """Show what was said."""
        said = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({said})"

    def check(self) -> None:
        """Raise `Refused` when the keys contradict each other; forms override this."""

    @classmethod
    def read(cls, node: Mapping, say: list[Problem]) -> Self | None:
        """Read a mapping; None when anything in it is wrong, which is then in `say`."""
        before = len(say)
        values: dict[str, Any] = {}
        given: set[str] = set()
        meant: set[str] = set()
        for name, value in node.pairs:
            known = cls.keys.get(name.value)
            if known is None:
                remedy = did_you_mean(name.value, cls.keys, "See docs/configuration.md for the keys there are.")
                say.append(at(name, "C020", f"“{name.value}” is not a key here.", remedy))
                meant.add(nearest(name.value, cls.keys))
                continue
            given.add(name.value)
            if not (isinstance(value, Text) and value.is_null):
                values[name.value] = known.reader.read(value, name.value, say)
            elif known.required:
                say.append(at(name, "C021", f"“{name.value}” has nothing after it.", "Write a value after the colon."))
        for wanted, known in cls.keys.items():
            if known.required and wanted not in given | meant:  # a mistyped key is not missing as well
                say.append(at(node, "C021", f"“{wanted}” is missing.", f"Add a line “{wanted}: …” here."))
        if len(say) > before:
            return None
        return cls._checked(cls(**values), node, say)

    @classmethod
    def _checked(cls, form: Self, node: Mapping, say: list[Problem]) -> Self | None:
        try:
            form.check()
        except Refused as refused:
            say.append(at(node, refused.code, refused.sentence, refused.remedy))
            return None
        return form

    @classmethod
    def schema(cls) -> Schema:
        """Return the JSON Schema of the form."""
        properties = {name: each.reader.schema() | {"description": each.description} for name, each in cls.keys.items()}
        required = [name for name, each in cls.keys.items() if each.required]
        made: Schema = {"type": "object", "description": (cls.__doc__ or "").strip(), "properties": properties}
        return made | ({"required": required} if required else {}) | {"additionalProperties": False}
