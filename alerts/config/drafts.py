"""One file by itself: text → tree → form, with everything that is wrong in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from alerts.config import forms
from alerts.config.files import Found, Kind
from alerts.config.reading import read_tree
from alerts.config.sentences import Path, placed, problems_of
from alerts.config.tree import Mapping, Node, Plain, Sequence, Text, plain
from alerts.errors import Problem, Severity

if TYPE_CHECKING:
    from alerts.config.forms import Form

MAX_PROBLEMS = 100
"""Findings shown for one file; a file with more is another kind of file."""

FORMS: dict[Kind, type[forms.Form]] = {
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
    """A file as far as it could be read. `items` are the forms in it with their paths: one, or the sources of a list."""

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
        if self.found.kind == "sources":
            return [value for value in _source_ids(self.root) if value]
        said = self.root.get("id") if isinstance(self.root, Mapping) else None
        return [said.value if isinstance(said, Text) else self.found.stem]


def _source_ids(root: Node | None) -> list[str]:
    listed = root.get("sources") if isinstance(root, Mapping) else None
    if not isinstance(listed, Sequence):
        return []
    named = [each.get("id") for each in listed.items if isinstance(each, Mapping)]
    return [each.value for each in named if isinstance(each, Text)]


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
        if not any(problem.severity == "error" for problem in problems):
            problems = (*problems, *_fill(result, root))
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
    """Validate the tree against its form."""
    if result.found.kind == "sources":
        return _fill_sources(result, root)
    form = FORMS[result.found.kind]
    try:
        result.items.append((form.model_validate(plain(root)), ()))
    except ValidationError as failure:
        return problems_of(failure, form, root)
    return []


def _fill_sources(result: Draft, root: Mapping) -> list[Problem]:
    """Validate source by source, so that one bad source of a file costs only itself."""
    whole: Any = plain(root)
    listed = whole.get("sources")
    if not isinstance(listed, list) or not listed or set(whole) - {"defaults", "sources"}:
        try:
            forms.SourcesForm.model_validate(whole)
        except ValidationError as failure:
            return problems_of(failure, forms.SourcesForm, root)
    defaults = whole.get("defaults", {})
    try:
        forms.SourceDefaults.model_validate(defaults)
    except ValidationError as failure:
        return problems_of(failure, forms.SourceDefaults, root, ("defaults",))
    problems: list[Problem] = []
    for at, own in enumerate(listed):
        path: Path = ("sources", at)
        try:
            result.items.append((forms.SourceForm.model_validate(with_defaults(own, defaults)), path))
        except ValidationError as failure:
            problems += problems_of(failure, forms.SourceForm, root, path)
    return problems


def with_defaults(own: Plain, defaults: dict[str, Plain]) -> Plain:
    """Return a source with what its file has in common: its own keys win, its tags are added."""
    if not isinstance(own, dict):
        return own
    merged: dict[str, Plain] = {**defaults, **own}
    common, added = defaults.get("tags"), own.get("tags")
    if isinstance(common, list) and isinstance(added, list):
        merged["tags"] = common + added
    if isinstance(shared := defaults.get("abstracts"), dict) and isinstance(said := own.get("abstracts"), dict):
        merged["abstracts"] = {**shared, **said}
    return merged
