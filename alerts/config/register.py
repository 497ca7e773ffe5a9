"""What has a name: the ids, places and references of all files, and what is said where a name is used in vain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol, TypeVar, cast

from alerts.config.drafts import Draft
from alerts.config.fields import parse_id
from alerts.config.files import Found
from alerts.config.nearest import did_you_mean
from alerts.config.shape import Form, Refused
from alerts.config.tree import Path
from alerts.errors import Problem, Severity
from alerts.model.catalogue import Place

F = TypeVar("F", bound=Form)


class History(Protocol):
    """What a file defined in its last good text, and what it means to define now."""

    def before(self, found: Found) -> Collection[str]:
        """Return the ids of its last good text; none when there is none."""
        ...

    def on_disk(self, found: Found) -> Collection[str]:
        """Return the ids that it means to define as it is now."""
        ...

    def may_hold(self, kind: str) -> bool:
        """Tell whether something of this kind may stand where nothing can be read at present."""
        ...


_WORDS = {"team": "team", "sources": "source", "profile": "profile", "block": "block", "bulletin": "bulletin"}


class Register:
    """The names of one choice of files. Findings are kept by file; `unusable` are the files that gave nothing."""

    def __init__(self, drafts: Iterable[Draft], broken: Iterable[Draft], history: History) -> None:
        self.drafts = [draft for draft in drafts if draft.items]
        self.problems: dict[str, list[Problem]] = {draft.found.path: [] for draft in self.drafts}
        self.unusable: set[str] = set()
        self.present: dict[str, set[str]] = {kind: set() for kind in _WORDS}
        self.broken: dict[str, set[str]] = {kind: set() for kind in _WORDS}
        self.places: Mapping[str, Place] = {}
        self.canonical: Mapping[str, str] = {}
        self.broken_kinds: set[str] = set()
        self.history = history
        self.claims: dict[tuple[str, str], list[Found]] = {}
        for draft in self.drafts:
            for item, _ in draft.items:
                self._claim(draft, getattr(item, "id", None) or draft.found.stem)
        for draft in broken:
            self.broken_kinds.add(draft.found.kind)
            if draft.found.kind in _WORDS:
                self.broken[draft.found.kind] |= set(draft.ids())
                for id in draft.ids():
                    self._claim(draft, id)

    def _claim(self, draft: Draft, id: str) -> None:
        found = self.claims.setdefault((draft.found.kind, id), [])
        if draft.found not in found:
            found.append(draft.found)

    def _keeper(self, kind: str, id: str) -> Found:
        """Return the file that an id belongs to: the one in force before, or whose name it is, or the first."""
        claiming = self.claims[kind, id]
        if len(claiming) == 1:
            return claiming[0]
        before = (each for each in claiming if id in self.history.before(each))
        named = (each for each in claiming if each.stem == id and kind != "sources")
        return next(before, None) or next(named, None) or claiming[0]

    def enter_places(self, places: Iterable[Place]) -> None:
        """Enter the gazetteer: places are known by all their names, a place's own name before another's second one."""
        self.places = {place.name: place for place in places}
        names = {other.casefold(): place.name for place in self.places.values() for other in place.also}
        self.canonical = names | {name.casefold(): name for name in self.places}

    def of_kind(self, kind: str, form: type[F]) -> Iterator[tuple[Draft, F, Path]]:
        """Yield the forms of a kind with their drafts and paths, in the order of the files."""
        for draft in self.drafts:
            if draft.found.kind == kind:
                for item, path in draft.items:
                    yield draft, cast("F", item), path

    def single(self, kind: str, form: type[F]) -> F | None:
        """Return the one form of a kind, if there is one."""
        return next((item for _, item, _ in self.of_kind(kind, form)), None)

    def say(
        self, draft: Draft, code: str, path: Path, sentence: str, remedy: str = "", severity: Severity = "error"
    ) -> None:
        """Keep a finding at the value that `path` leads to in the draft's file."""
        self.problems[draft.found.path].append(draft.finding(code, path, sentence, remedy, severity))

    def take_id(self, draft: Draft, kind: str, path: Path, id: str) -> bool:
        """Enter an id; False when it cannot be, which is said."""
        word = _WORDS[kind]
        if not is_id(id):
            sentence = f"“{id}”, the name of the file, cannot be the id of a {word}."
            remedy = "Rename the file to small letters, digits and hyphens, or give an id:."
            self.say(draft, "C031", path, sentence, remedy)
            return False
        keeper = self._keeper(kind, id)
        if keeper.path != draft.found.path and id not in self.history.on_disk(keeper):
            sentence = f"The {word} “{id}” still stands in the last good text of {keeper.shown}."
            self.say(draft, "C034", (*path, "id"), sentence, "Mend that file.", "warning")
            return False
        if keeper.path != draft.found.path or id in self.present[kind]:
            where = "earlier in this file" if keeper.path == draft.found.path else f"in {keeper.shown}"
            sentence = f"There is another {word} with the id “{id}”, {where}."
            self.say(draft, "C032", (*path, "id"), sentence, "Give this one an id of its own.")
            return False
        self.present[kind].add(id)
        return True

    def check_formerly(self, kind: str, form: type[F]) -> None:
        """Say which former ids cannot be told apart."""
        claimed: dict[str, str] = {}
        for draft, item, path in self.of_kind(kind, form):
            for at, former in enumerate(cast("tuple[str, ...]", getattr(item, "formerly", ()))):
                if former in self.present[kind] or former in claimed:
                    by = "is still in use" if former in self.present[kind] else "is claimed by another file too"
                    sentence = f"The former id “{former}” {by}."
                    self.say(draft, "C033", (*path, "formerly", at), sentence, "A former id belongs to one thing only.")
                claimed[former] = draft.found.path

    def known(self, draft: Draft, kind: str, path: Path, name: str) -> bool:
        """Tell whether `name` can be used; if not, say why."""
        if name in self.present[kind]:
            return True
        word = _WORDS[kind]
        if name in self.broken[kind]:
            sentence = f"The {word} “{name}” has errors and cannot be used at present."
            self.say(draft, "C034", path, sentence, "Mend its file.", "warning")
        elif self.history.may_hold(kind):
            sentence = f"There is no {word} “{name}” in the files that can be read at present."
            self.say(draft, "C034", path, sentence, "Mend the files that cannot be read.", "warning")
        else:
            remedy = did_you_mean(name, self.present[kind] | self.broken[kind], f"Add it, or take “{name}” away.")
            self.say(draft, "C030", path, f"There is no {word} “{name}”.", remedy)
        return False

    def place(self, draft: Draft, path: Path, name: str, *, warn_only: bool = False) -> str:
        """Return the canonical name of a place; an unknown one is said and kept as it is."""
        found = self.canonical.get(name.casefold())
        if found is None and self.places:
            remedy = did_you_mean(name, self.places, "Add it to places.yaml.")
            severity: Severity = "warning" if warn_only else "error"
            self.say(draft, "C036", path, f"The place “{name}” is not in places.yaml.", remedy, severity)
        return found or name

    def place_list(self, draft: Draft, path: Path, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return canonical names, each once."""
        return tuple(dict.fromkeys(self.place(draft, (*path, at), name) for at, name in enumerate(names)))

    def drop(self, draft: Draft, kind: str, id: str) -> None:
        """Note that a file gave nothing, though its id is known."""
        self.unusable.add(draft.found.path)
        self.present[kind].discard(id)
        self.broken[kind].add(id)


def is_id(text: str) -> bool:
    """Tell whether a text can be an id."""
    try:
        parse_id(text)
    except Refused:
        return False
    return True
