"""The configuration folder → the catalogue in force, and everything that is wrong with it, at once.

Files are read one by one (`drafts`), then looked at together (`crossing`). A file that fails gives way to its last good
text, if there is one, and all is looked at again; each file gives way at most once, so this ends. A file without a
good text gives nothing, and what depends on it is told. In a file of sources each source stands for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from alerts.config.compiling import Compiler
from alerts.config.crossing import Crossing, beside_path
from alerts.config.drafts import Draft, draft
from alerts.config.files import FOLDERS, Found, gather, kind_of
from alerts.config.forms import SearchForm
from alerts.config.people import PeopleRead, check_teams, read_people
from alerts.config.strategy_file import read_strategy
from alerts.errors import AlertsError, Problem
from alerts.model.catalogue import Catalogue
from alerts.model.profiles import Block

if TYPE_CHECKING:
    from alerts.search import Compiled, Vocabulary


class NoConfiguration(AlertsError):
    """The configuration folder is not there."""

    code: ClassVar[str] = "C009"
    remedy: str = "Make one with “alerts init DIR”, or set ALERTS_CONFIG_DIR."


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading came to.

    `files` are the texts without errors, by path relative to the folder: what to keep as last good. `held_back` are
    files whose last good text is in force, `absent` those of which nothing is. `compiled` has the strategies in force.
    `catalogue.people` is empty unless `people_state` is "read": whoever keeps subscriptions then keeps the last good
    list.
    """

    catalogue: Catalogue
    problems: tuple[Problem, ...]
    files: Mapping[str, str]
    compiled: Mapping[str, Compiled]
    held_back: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    people_state: Literal["read", "missing", "broken", "empty", "none"] = "none"

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(problem.severity == "error" for problem in self.problems)

    @property
    def warnings(self) -> int:
        """How many findings are warnings."""
        return sum(problem.severity == "warning" for problem in self.problems)


def load_catalogue(
    config_dir: Path,
    people: Path | None,
    *,
    last_good: Mapping[str, str] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Loaded:
    """Read `config_dir` and the list of people; what librarians got wrong comes back as problems, never as exceptions.

    `last_good` are texts by path as an earlier `Loaded.files` gave them; None says that they are not known. Raises
    `NoConfiguration` where there is no folder.
    """
    if not config_dir.is_dir():
        raise NoConfiguration(f"There is no configuration folder {config_dir}.")
    try:
        found, problems = gather(config_dir, last_good or {})
    except OSError as failure:
        reason = (failure.strerror or "it is closed").lower()
        raise NoConfiguration(f"The configuration folder {config_dir} cannot be read: {reason}.") from failure
    if not found:
        raise NoConfiguration(f"There are no files in the configuration folder {config_dir}.")
    shut = {each.file for each in problems if each.code == "C010"}
    closed = frozenset(kind for folder, kind in FOLDERS.items() if str(config_dir / folder) in shut)
    loading = _Loading(config_dir, [draft(each) for each in found], last_good, Compiler(vocabulary), closed)
    crossing, catalogue = loading.settle()
    listed = read_people(people) if people is not None else PeopleRead((), (), "none")
    kept, unknown = check_teams(listed, catalogue.teams, crossing.broken["team"], str(people or ""))
    named = loading.strategy_files()  # also those of files that are not in force
    problems = [each for each in problems if each.code != "C019" or each.file not in named]
    problems += [*loading.said(), *listed.problems, *unknown]
    return Loaded(
        catalogue=replace(catalogue, people=kept),
        problems=tuple(
            sorted(dict.fromkeys(problems), key=lambda each: (each.file, each.line, each.column, each.code))
        ),
        files=loading.good_texts(crossing),
        compiled=crossing.compiled,
        held_back=tuple(sorted(loading.held_back)),
        absent=tuple(sorted(loading.absent)),
        people_state=listed.state,
    )


def load_shared(config_dir: Path) -> tuple[Mapping[str, Block], tuple[tuple[str, ...], ...]]:
    """Return the blocks and the spelling of a folder that can be used; what is wrong in them, `load_catalogue` says."""
    try:
        found, _ = gather(config_dir)
    except OSError as failure:
        reason = (failure.strerror or "it is closed").lower()
        raise NoConfiguration(f"The configuration folder {config_dir} cannot be read: {reason}.") from failure
    drafts = [draft(each) for each in found if each.kind in {"block", "spelling", "places"}]
    _, catalogue = _Loading(config_dir, drafts, None, Compiler(None), frozenset()).settle()
    return catalogue.blocks, catalogue.spelling


def last_good_unknown(reason: str) -> Problem:
    """Return the note that the last good texts could not be asked for, so that what is in force is not known."""
    sentence = f"Which last good texts stay in force is not known. {reason}"
    return Problem("C073", "note", sentence, "Everything else was checked; run it again where the database is.")


_LEVEL = {"team": 1, "sources": 2, "block": 3, "profile": 4, "bulletin": 5}
"""What refers to what: a file gives way only after those it may refer to have settled."""


@dataclass(slots=True)
class _Loading:
    """The drafts in force while they are being settled, and what was found in those that gave way."""

    config_dir: Path
    drafts: list[Draft]
    kept: Mapping[str, str] | None
    compiler: Compiler
    closed: frozenset[str]
    found: dict[str, list[Problem]] = field(default_factory=dict)
    held_back: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    gave_way: set[str] = field(default_factory=set)
    disk: dict[str, Draft] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.disk = {each.found.path: each for each in self.drafts}

    @property
    def last_good(self) -> Mapping[str, str]:
        """The last good texts that are known."""
        return self.kept or {}

    def before(self, found: Found) -> list[str]:
        """Return the ids of a file's last good text."""
        text = self.last_good.get(found.path)
        return [] if text is None else draft(replace(found, text=text, problems=())).ids()

    def on_disk(self, found: Found) -> list[str]:
        """Return the ids that a file means to define as it is now."""
        return self.disk[found.path].ids()

    def may_hold(self, kind: str) -> bool:
        """Tell whether something of this kind may stand where nothing can be read at present.

        A file tells by its name what it holds; only a file of sources does not.
        """
        unread = (path for path in self.absent if path in self.disk and self.disk[path].found.text is None)
        return kind in self.closed or (kind == "sources" and any(kind_of(path) == kind for path in unread))

    def settle(self) -> tuple[Crossing, Catalogue]:
        """Look at the files, let those that fail give way, and look again until none fails that could."""
        for each in [each for each in self.drafts if each.bad]:
            self._give_way(each, each.problems)
        while True:
            crossing = Crossing(self._in_force(), self._broken(), self, self.compiler, self._beside)
            catalogue = crossing.catalogue()
            failing = [each for each in self._in_force() if self._fails(each, crossing)]
            first = min((_LEVEL.get(each.found.kind, 0) for each in failing), default=0)
            for each in [each for each in failing if _LEVEL.get(each.found.kind, 0) == first]:
                self._give_way(each, [*each.problems, *crossing.problems[each.found.path]])
            if not failing:
                self._note(crossing)
                self._look_at_refused(crossing)
                return crossing, catalogue

    def _in_force(self) -> list[Draft]:
        return [each for each in self.drafts if each.found.path not in self.absent and each.items]

    def _broken(self) -> list[Draft]:
        return [each for each in self.drafts if each.found.path in self.absent or each.bad]

    def _fails(self, each: Draft, crossing: Crossing) -> bool:
        path = each.found.path
        if path in self.gave_way:
            # The last good text stays in force minus what it names in vain, unless nothing can be made of it.
            return path in crossing.unusable and path not in self.absent
        if path in crossing.unusable and self.last_good.get(path, each.found.text) != each.found.text:
            return True  # right in itself, but what it names cannot be used; what it named before perhaps can
        return any(problem.severity == "error" for problem in crossing.problems[path])

    def _give_way(self, failed: Draft, problems: list[Problem]) -> None:
        """Put the last good text in the place of a draft that fails, or nothing."""
        path = failed.found.path
        first = path not in self.gave_way
        if first:
            self.found[path] = list(problems)
        self.gave_way.add(path)
        earlier = self._earlier(failed) if first else None
        if earlier is not None:
            self.drafts = [earlier if each is failed else each for each in self.drafts]
            self.held_back.add(path)
        elif failed.found.kind != "sources" or not failed.items:
            self.absent.add(path)
            self.held_back.discard(path)

    def _earlier(self, failed: Draft) -> Draft | None:
        """Return the draft of the last good text, when there is one and it is still good by itself.

        It may be the very text on the disk, which fails only since something that it names is gone: it stays in force
        without that.
        """
        found = failed.found
        text = self.last_good.get(found.path)
        if text is None:
            return None
        earlier = draft(Found(found.path, found.shown, found.kind, text), "last good")
        return None if earlier.bad else earlier

    def _is_unchanged(self, each: Draft) -> bool:
        on_disk = self.disk[each.found.path].found.text
        names = [form.search_file for form, _ in each.items if isinstance(form, SearchForm) and form.search_file]
        own = [beside_path(each.found.path, name) for name in names]
        return each.found.text == on_disk and all(
            self.last_good.get(path) == self._read_beside(each.found.path, path.rpartition("/")[2])[0] for path in own
        )

    def _beside(self, each: Draft, name: str) -> tuple[str | None, list[Problem]]:
        """Read the file of a `search_file:` as it belongs to a draft."""
        if each.origin == "last good":
            text = self.last_good.get(beside_path(each.found.path, name))
            if text is not None:
                return text, []
        return self._read_beside(each.found.path, name)

    def _read_beside(self, path: str, name: str) -> tuple[str | None, list[Problem]]:
        if "/" in name or "\\" in name or name.startswith("."):
            sentence = f"“{name}” is not the name of a file beside this one."
            remedy = "Put the strategy's file into the same folder and give its name alone."
            return None, [Problem("C038", "error", sentence, remedy)]
        own = beside_path(path, name)
        return read_strategy(self.config_dir / own, str(self.config_dir / own))

    def _note(self, crossing: Crossing) -> None:
        """Note what the last look found in the files that did not give way."""
        for each in self._in_force():
            path = each.found.path
            if path not in self.gave_way:
                self.found[path] = [*each.problems, *crossing.problems[path]]
                if path in crossing.unusable:  # right in itself, but nothing that it names can be used
                    self.absent.add(path)
            elif path in self.held_back and not self._is_unchanged(each):
                self.found[path] += [
                    _of_old_text(each, problem) for problem in crossing.problems[path] if problem.severity == "error"
                ]

    def _look_at_refused(self, crossing: Crossing) -> None:
        """Add what the files that never came to be compared with the others name in vain."""
        for path in sorted(self.gave_way):
            each = self.disk[path]
            if each.bad or any(problem.code in {"C031", "C032"} for problem in self.found[path]):
                from alerts.config.readable import look  # nothing that a right folder needs

                self.found[path] += look(crossing, each)

    def strategy_files(self) -> set[str]:
        """Return the files that a `search_file:` on the disk names."""
        return {
            str(self.config_dir / beside_path(each.found.path, form.search_file))
            for each in self.disk.values()
            for form, _ in each.items
            if isinstance(form, SearchForm) and form.search_file
        }

    def said(self) -> list[Problem]:
        """Return every finding, and for each file that gave way what is in force instead."""
        problems = [problem for path in sorted(self.found) for problem in self.found[path]]
        for each in self.drafts:
            path, shown = each.found.path, each.found.shown
            if path in self.held_back:
                sentence = "The last good text of this file stays in force until it is mended."
                if self._is_unchanged(each):
                    sentence = "This file stays in force, without what it names in vain."
                problems.append(Problem("C070", "warning", sentence, file=shown))
            elif path in self.absent:
                problems.append(self._not_in_force(shown, "nothing of this file is in force."))
            elif path in self.gave_way:
                sentence = "the sources of this file that have errors are not in force; the others are."
                problems.append(self._not_in_force(shown, sentence))
        return problems

    def _not_in_force(self, shown: str, sentence: str) -> Problem:
        unless = "Unless the service keeps an earlier good text, " if self.kept is None else ""
        sentence = f"{unless}{sentence}"
        return Problem("C071", "warning", sentence[0].upper() + sentence[1:], file=shown)

    def good_texts(self, crossing: Crossing) -> dict[str, str]:
        """Return the good text of every file: that on the disk, or the last good one where the file failed."""
        good: dict[str, str] = {}
        for each in self.drafts:
            path, text = each.found.path, each.found.text
            if path in self.gave_way:
                good |= self._still_good(path)
            elif text is not None:
                good |= {path: text, **crossing.beside_texts.get(path, {})}
        return good

    def _still_good(self, path: str) -> dict[str, str]:
        """Return the last good text of a file and of the strategy's file that it names, also when not in force."""
        text = self.last_good.get(path)
        if text is None:
            return {}
        earlier = draft(Found(path, path, kind_of(path), text), "last good")
        named = [form.search_file for form, _ in earlier.items if isinstance(form, SearchForm) and form.search_file]
        beside = [beside_path(path, name) for name in named]
        return {path: text} | {own: self.last_good[own] for own in beside if own in self.last_good}


def _of_old_text(each: Draft, problem: Problem) -> Problem:
    """Return an error in a last good text as a warning without a place: the file now has other lines."""
    return Problem(
        "C034", "warning", f"In its last good text: {problem.message}", problem.remedy, file=each.found.shown
    )
