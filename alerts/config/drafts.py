"""One file by itself: text → tree → form, with everything that is wrong in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from alerts.config import forms
from alerts.config.files import Found, Kind
from alerts.config.nearest import did_you_mean, nearest
from alerts.config.reading import read_tree
from alerts.config.shape import Form, Part, at
from alerts.config.tree import Mapping, Node, Path, Sequence, Text, find
from alerts.errors import Problem, Severity

MAX_PROBLEMS = 100
"""Findings shown for one file; a file with more is another kind of file."""

FORMS: dict[Kind, type[Form]] = {
    "service": forms.ServiceForm,
    "sources": forms.SourcesForm,
    "profile": forms.ProfileForm,
    "block": forms.BlockForm,
    "bulletin": forms.BulletinForm,
    "team": forms.TeamForm,
    "spelling": forms.SpellingForm,
    "types": forms.TypesForm,
    "places": forms.PlacesForm,
    "calendar": forms.CalendarForm,
}

Origin = Literal["disk", "last good"]


@dataclass(slots=True)
class Draft:
    """A file as far as it could be read. `items` are the forms in it with their paths: one, or the sources of a
    list.
    """

    found: Found
    origin: Origin
    root: Node | None = None
    items: list[tuple[Form, Path]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def bad(self) -> bool:
        """True when something in the file is an error."""
        return any(problem.severity == "error" for problem in self.problems)

    def finding(self, code: str, path: Path, sentence: str, remedy: str = "", severity: Severity = "error") -> Problem:
        """Return a problem at the value that `path` leads to, in this file."""
        if self.root is None:
            return Problem(code, severity, sentence, remedy, file=self.found.shown)
        return placed(code, self.root, path, sentence, remedy, severity=severity).at(self.found.shown)

    def ids(self) -> list[str]:
        """Return the ids that the file means to define, also where it cannot be used."""
        if self.root is None:
            return _ids_of_lines(self.found)
        if self.found.kind == "sources":
            return [value for value in _source_ids(self.root) if value]
        said = self.root.get("id") if isinstance(self.root, Mapping) else None
        return [said.value if isinstance(said, Text) else self.found.stem]


_ID_LINE = re.compile(r"^[ {-]*id: *[\"']?([a-z0-9-]+)", re.MULTILINE)


def _ids_of_lines(found: Found) -> list[str]:
    """Return the ids of a file that is not YAML, as its lines look: what names them is not at fault."""
    said = _ID_LINE.findall(found.text or "")
    if found.kind == "sources":
        return said
    return [next((match[1] for match in _ID_LINE.finditer(found.text or "") if match[0][0] == "i"), found.stem)]


def _source_ids(root: Node | None) -> list[str]:
    listed = root.get("sources") if isinstance(root, Mapping) else None
    if not isinstance(listed, Sequence):
        return []
    named = [each.get("id") for each in listed.items if isinstance(each, Mapping)]
    return [each.value for each in named if isinstance(each, Text)]


def placed(
    code: str, root: Node, path: Path, sentence: str, remedy: str = "", *, severity: Severity = "error"
) -> Problem:
    """Return a problem at the value that `path` leads to, or as near as the tree goes."""
    node, key = find(root, path)
    at = node if isinstance(node, Text) or key is None else key
    length = len(at.value) if isinstance(at, Text) and at.style == "plain" else 1
    return Problem(code, severity, sentence, remedy, line=at.line, column=at.column, length=max(length, 1))


def draft(found: Found, origin: Origin = "disk") -> Draft:
    """Read one file."""
    result = Draft(found, origin, problems=list(found.problems))
    if found.text is None:
        return result
    root, problems = read_tree(found.text)
    if not isinstance(root, Mapping):
        problems = problems or (_not_keys(root),)
    else:
        result.root = root
        if all(problem.code == "C017" for problem in problems):  # keys given twice hide nothing else
            doubled, problems = problems, (*problems, *_fill(result, root))
            if doubled:
                result.items.clear()
    result.problems += [problem.at(found.shown) for problem in problems[:MAX_PROBLEMS]]
    if len(problems) > MAX_PROBLEMS:
        message = f"There are {len(problems) - MAX_PROBLEMS:,} more problems in this file."
        result.problems.append(
            Problem("C014", "error", message, "Mend the first ones and check again.", file=found.shown)
        )
    return result


def _not_keys(root: Node | None) -> Problem:
    if root is None:
        return Problem("C018", "error", "The file is empty.", "Write its keys, or delete the file.")
    return Problem(
        "C018", "error", "The file should be keys with values.", "Begin with a line such as “title: …”.",
        line=root.line, column=root.column, length=1,
    )  # fmt: skip


def _fill(result: Draft, root: Mapping) -> list[Problem]:
    """Read the tree into its form."""
    problems: list[Problem] = []
    if result.found.kind == "sources":
        _fill_sources(result, root, problems)
    elif (form := FORMS[result.found.kind].read(root, problems)) is not None:
        result.items.append((form, ()))
    return problems


def _fill_sources(result: Draft, root: Mapping, problems: list[Problem]) -> None:
    """Read source by source, so that one bad source of a file costs only itself."""
    listed = root.get("sources")
    if not isinstance(listed, Sequence) or not listed.items:
        forms.SourcesForm.read(root, problems)
        return
    problems += [_not_a_key(name) for name, _ in root.pairs if name.value not in forms.SourcesForm.keys]
    meant = [value for name, value in root.pairs if nearest(name.value, forms.SourcesForm.keys) == "defaults"]
    defaults = meant[0] if meant else Mapping((), root.line, root.column)
    Part(forms.SourceDefaults).read(defaults, "defaults", problems)
    if not isinstance(defaults, Mapping):
        return
    usable = not problems  # what all have in common is right
    for number, own in enumerate(listed.items):
        found: list[Problem] = []
        form = Part(forms.SourceForm).read(with_defaults(own, defaults), "sources", found)
        if form is not None and usable:
            result.items.append((form, ("sources", number)))
        said = {(each.code, each.line, each.column) for each in problems}
        problems += [each for each in found if (each.code, each.line, each.column) not in said]


def _not_a_key(name: Text) -> Problem:
    keys = forms.SourcesForm.keys
    remedy = did_you_mean(name.value, keys, "See docs/configuration.md for the keys there are.")
    return at(name, "C020", f"“{name.value}” is not a key here.", remedy)


def with_defaults(own: Node, defaults: Mapping) -> Node:
    """Return a source with what its file has in common: its own keys win, its tags and abstract rules are added."""
    if not isinstance(own, Mapping):
        return own
    pairs = {name.value: (name, value) for name, value in defaults.pairs}
    for name, value in own.pairs:
        common = pairs[name.value][1] if name.value in pairs else None
        if name.value == "tags" and isinstance(common, Sequence) and isinstance(value, Sequence):
            value = Sequence(common.items + value.items, value.line, value.column)
        elif name.value == "abstracts" and isinstance(common, Mapping) and isinstance(value, Mapping):
            value = with_defaults(value, common)
        pairs[name.value] = (name, value)
    return Mapping(tuple(pairs.values()), own.line, own.column)
