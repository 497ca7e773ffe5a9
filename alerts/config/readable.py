"""What a file that cannot be used names in vain: checked as far as it can be read, so that one round mends all of it.

A file whose form is broken never comes to `crossing`. Its names, times and strategy are looked at here by the same
checks, on what its tree says; nothing of it comes into force.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from alerts.config import forms, nouns
from alerts.config.crossing import Crossing
from alerts.config.drafts import Draft
from alerts.config.register import is_id
from alerts.config.schedules import check_readable
from alerts.config.shape import Form
from alerts.config.tree import Mapping, Node, Path, Sequence, Text
from alerts.errors import Problem

S = TypeVar("S", bound=forms.SearchForm)


def look(crossing: Crossing, draft: Draft) -> list[Problem]:
    """Return what the other files say against `draft`, which cannot be used."""
    path = draft.found.path
    kept = crossing.problems.get(path, [])
    crossing.problems[path] = []
    if isinstance(draft.root, Mapping) and draft.found.kind in _LOOKS:
        _LOOKS[draft.found.kind](crossing, draft, draft.root)
    found, crossing.problems[path] = crossing.problems[path], kept
    return found


def _profile(crossing: Crossing, draft: Draft, root: Mapping) -> None:
    _known(crossing, draft, "team", ("team",))
    ids, tags, exclude = (_ids(root, ("sources", name)) for name in ("ids", "tags", "exclude"))
    crossing.check_selection(draft, ids, tags, exclude)
    _places(crossing, draft, root, ("places",))
    values = readable(forms.ProfileForm, root)
    if "sources" in values:
        crossing.check_listens(draft, values["sources"])
    form = _strategy_form(forms.ProfileForm, root, values)
    strategy = crossing.strategy(draft, form) if form is not None else None
    if form is None or strategy is None:
        return
    noun = nouns.profile(form, draft.found.stem, draft.found.shown, strategy, (), ((), ()), crossing.successors)
    compiled = crossing.compiler.profile(noun, crossing.blocks, crossing.spelling)
    crossing.say_of_strategy(draft, noun, compiled)


def _block(crossing: Crossing, draft: Draft, root: Mapping) -> None:
    _places(crossing, draft, root, ("met_by", "source_place"))
    form = _strategy_form(forms.BlockForm, root, readable(forms.BlockForm, root))
    strategy = crossing.strategy(draft, form) if form is not None else None
    if form is None or strategy is None:
        return
    noun = nouns.block(form, draft.found.stem, draft.found.shown, strategy, ())
    compiled = crossing.compiler.block(noun, crossing.blocks, crossing.spelling)
    crossing.say_of_strategy(draft, noun, compiled)


_DECIDING = ("search", "search_file", "dialect", "result", "spelling", "database")
"""The keys without which it cannot be said what is wrong in a strategy."""


def _strategy_form(form: type[S], root: Mapping, values: dict[str, Any]) -> S | None:
    """Return a form with nothing but its strategy; None where a key that decides on it cannot be read."""
    given = [name for name in _DECIDING if root.get(name) is not None and name in form.keys]
    if any(name not in values for name in given) or ("search" in given) == ("search_file" in given):
        return None
    needed: dict[str, Any] = {name: "" for name, each in form.keys.items() if each.required}
    return form(**needed | {name: values[name] for name in given})


def _bulletin(crossing: Crossing, draft: Draft, root: Mapping) -> None:
    _known(crossing, draft, "team", ("team",))
    _known(crossing, draft, "team", ("teams",))
    _known(crossing, draft, "profile", ("profiles",))
    _places(crossing, draft, root, ("places",))
    preset = root.get("sections")
    if isinstance(preset, Text) and preset.value.strip():
        crossing.preset(draft, preset.value.strip())
    schedule = root.get("schedule")
    if isinstance(schedule, Mapping):
        crossing.problems[draft.found.path] += check_readable(draft, readable(forms.ScheduleForm, schedule))


def _sources(crossing: Crossing, draft: Draft, root: Mapping) -> None:
    used = {path for _, path in draft.items}
    listed = root.get("sources")
    for at, _ in enumerate(listed.items if isinstance(listed, Sequence) else ()):
        if ("sources", at) not in used:
            for _, name in _texts(root, ("sources", at, "place")):
                crossing.place(draft, ("sources", at, "place"), name, warn_only=True)


_LOOKS: dict[str, Callable[[Crossing, Draft, Mapping], None]] = {
    "profile": _profile,
    "block": _block,
    "bulletin": _bulletin,
    "sources": _sources,
}


def readable(form: type[Form], node: Mapping) -> dict[str, Any]:
    """Return the values of the keys that can be read."""
    values: dict[str, Any] = {}
    for name, value in node.pairs:
        known = form.keys.get(name.value)
        if known is None or (isinstance(value, Text) and value.is_null):
            continue
        refused: list[Problem] = []
        read = known.reader.read(value, name.value, refused)
        if not refused:
            values[name.value] = read
    return values


def _known(crossing: Crossing, draft: Draft, kind: str, path: Path) -> None:
    for at, name in _ids(draft.root, path):
        crossing.known(draft, kind, (*path, at), name)


def _places(crossing: Crossing, draft: Draft, root: Mapping, path: Path) -> None:
    for at, name in _texts(root, path):
        crossing.place(draft, (*path, at), name)


def _ids(root: Node | None, path: Path) -> list[tuple[int, str]]:
    """Return the ids at `path` with their positions; what cannot be an id was said already."""
    return [(at, name) for at, name in _texts(root, path) if is_id(name)]


def _texts(root: Node | None, path: Path) -> list[tuple[int, str]]:
    """Return the texts of the list at `path` with their positions; a single text stands for a list of one."""
    node = root
    for step in path:
        if isinstance(node, Mapping) and isinstance(step, str):
            node = node.get(step)
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = node.items[step]
        else:
            return []
    items = node.items if isinstance(node, Sequence) else (node,)
    return [(at, each.value.strip()) for at, each in enumerate(items) if isinstance(each, Text) and each.value.strip()]
