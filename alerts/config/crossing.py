"""What the files say about each other: names, ids, places, times; and the nouns that come of it.

One `Crossing` looks at one choice of texts (from the disk, or the last good ones). Findings are kept by file, so that
`catalogue` can put the last good text in the place of a file that fails and look again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from alerts.config import forms, nouns, type_tables
from alerts.config.compiling import Compiler
from alerts.config.drafts import Draft
from alerts.config.fields import in_words
from alerts.config.nearest import did_you_mean
from alerts.config.register import History, Register
from alerts.config.schedules import check_schedule
from alerts.config.strategies import in_file, where_text_begins
from alerts.config.translating import translated
from alerts.config.tree import Path, Sequence, Text, find
from alerts.errors import Problem
from alerts.model.bulletins import Bulletin, Section, Team
from alerts.model.catalogue import Catalogue, Service
from alerts.model.profiles import Block, Profile
from alerts.model.sources import Source

if TYPE_CHECKING:
    from alerts.search import Compiled

Beside = Callable[[Draft, str], tuple[str | None, list[Problem]]]
"""Reads the file of a `search_file:` as it belongs to a draft: from the disk, or the last good text."""


Numbered = Iterable[tuple[int, str]]
"""Names with their positions in the list that they stand in, from 0."""

_BLOCK = re.compile(r"#([a-z0-9-]+)")


class Crossing(Register):
    """Builds a catalogue of drafts, one kind after the other, in the order in which they refer to each other."""

    def __init__(
        self,
        drafts: Iterable[Draft],
        broken: Iterable[Draft],
        history: History,
        compiler: Compiler,
        beside: Beside,
    ) -> None:
        super().__init__(drafts, broken, history)
        self.compiler = compiler
        self.beside = beside
        self.compiled: dict[str, Compiled] = {}
        self.successors: dict[str, str] = {}
        self.beside_texts: dict[str, dict[str, str]] = {}

    def catalogue(self) -> Catalogue:
        """Look at everything, in the order in which things refer to each other, and return what is usable."""
        service = self.single("service", forms.ServiceForm)
        spelling = self.single("spelling", forms.SpellingForm)
        types = self._types()
        places = self.single("places", forms.PlacesForm)
        calendar = self.single("calendar", forms.CalendarForm)
        self.enter_places(nouns.places(places) if places else ())
        self._check_gazetteer()
        self.spelling = nouns.spelling(spelling) if spelling else ()
        rules = nouns.type_rules(types) if types else ()
        presets = {name: tuple(map(nouns.section, each)) for name, each in types.sections.items()} if types else {}
        self.presets: Mapping[str, tuple[Section, ...]] = presets
        teams = self._teams()
        self.sources = sources = self._sources()
        self.tags = {tag for source in sources.values() for tag in source.tags}
        self.blocks = blocks = self._blocks()
        profiles = self._profiles(blocks)
        sources = translated(self, sources, profiles, blocks)
        bulletins = self._bulletins()
        return Catalogue(
            service=nouns.service(service) if service else Service(),
            sources=sources,
            profiles=profiles,
            blocks=blocks,
            bulletins=bulletins,
            teams=teams,
            spelling=self.spelling,
            type_rules=rules,
            type_labels=dict(types.labels) if types else {},
            section_presets=presets,
            places=tuple(self.places.values()),
            no_send_days=nouns.no_send_days(calendar) if calendar else (),
        )

    def _types(self) -> forms.TypesForm | None:
        """Return the table of types in force; None when the library's own cannot be used, which is said."""
        for draft, form, _ in self.of_kind("types", forms.TypesForm):
            return type_tables.in_force(form, draft.found.text or "")
        return None if "types" in self.broken_kinds else type_tables.in_force(None)

    def _check_gazetteer(self) -> None:
        for draft, form, _ in self.of_kind("places", forms.PlacesForm):
            seen: set[str] = set()
            for at, place in enumerate(form.places):
                path: Path = ("places", at, "name")
                if place.name.casefold() in seen:
                    self.say(draft, "C032", path, f"“{place.name}” is listed twice.", "Keep one of them.")
                seen.add(place.name.casefold())
                for n, around in enumerate(place.within):
                    self.place(draft, ("places", at, "within", n), around)

    def _teams(self) -> dict[str, Team]:
        teams: dict[str, Team] = {}
        for draft, form, path in self.of_kind("team", forms.TeamForm):
            id = form.id or draft.found.stem
            if self.take_id(draft, "team", path, id):
                teams[id] = nouns.team(form, id, draft.found.shown)
            else:
                self.unusable.add(draft.found.path)
        return teams

    def _sources(self) -> dict[str, Source]:
        sources: dict[str, Source] = {}
        addresses: dict[str, str] = {}
        for draft, form, path in self.of_kind("sources", forms.SourceForm):
            if not self.take_id(draft, "sources", path, form.id):
                continue
            where = (*path, "place") if _has(draft, (*path, "place")) else ("defaults", "place")
            place = self.place(draft, where, form.place, warn_only=True) if form.place else ""
            sources[form.id] = nouns.source(form, draft.found.shown, place)
            address = (form.address or form.id).rpartition("://")[2].rstrip("/")
            if address in addresses and form.kind == "feed":
                sentence = f"The source “{addresses[address]}” has the same address."
                self.say(draft, "C035", (*path, "address"), sentence, "Keep one of them.", "warning")
            addresses.setdefault(address, form.id)
        self.check_formerly("sources", forms.SourceForm)
        return self._followed(sources)

    def _followed(self, sources: dict[str, Source]) -> dict[str, Source]:
        """Return the sources, with only such successors as lead on; what does not is said."""
        for draft, form, path in self.of_kind("sources", forms.SourceForm):
            source = sources.get(form.id)
            if source is None or not source.successor:
                continue
            there = (*path, "successor")
            if self.known(draft, "sources", there, source.successor):
                if self._leads_back(source, sources):
                    sentence = f"The successors of “{source.id}” lead back to it."
                    self.say(draft, "C044", there, sentence, "Name a source that goes on.")
                    sources[source.id] = replace(source, successor="")
                    continue
                self.successors[source.id] = source.successor
                lacks = ", ".join(sorted(source.tags - sources[source.successor].tags))
                if lacks:
                    sentence = f"“{source.successor}” lacks tags of the source whose place it takes: {lacks}."
                    remedy = "Give it these tags too: profiles that choose by them do not listen to it."
                    self.say(draft, "C044", there, sentence, remedy, "warning")
        return sources

    def _leads_back(self, source: Source, sources: Mapping[str, Source]) -> bool:
        at, seen = source.successor, set[str]()
        while at and at not in seen:
            if at == source.id:
                return True
            seen.add(at)
            at = sources[at].successor if at in sources else ""
        return False

    def strategy(self, draft: Draft, form: forms.SearchForm) -> nouns.Strategy | None:
        """Return the strategy's text and its place; None when it cannot be had, which is said."""
        if form.search is not None and draft.root is not None:
            node, _ = find(draft.root, ("search",))
            at, remedy = where_text_begins(cast("Text", node))
            if remedy:
                sentence = "The lines of this strategy cannot be told apart."
                self.say(draft, "C038", ("search",), sentence, remedy)
                return None
            return nouns.Strategy(form.search, *at)
        name = form.search_file or ""
        text, problems = self.beside(draft, name)
        for problem in problems:
            self.say(draft, problem.code, ("search_file",), problem.message, problem.remedy, problem.severity)
        if text is None:
            return None
        path = beside_path(draft.found.path, name)
        self.beside_texts.setdefault(draft.found.path, {})[path] = text
        return nouns.Strategy(text, file=draft.found.shown.removesuffix(draft.found.path) + path)

    def say_of_strategy(self, draft: Draft, at: Profile | Block, compiled: Compiled) -> None:
        """Say what is wrong in a strategy; that a block which it names is broken is not its own fault."""
        for problem in compiled.problems:
            placed = in_file(problem, at)
            named = _BLOCK.search(problem.message) if problem.code == "S012" else None
            if named and named[1] in self.broken["block"] | self.present["block"]:
                sentence = f"The block “{named[1]}” has errors and cannot be used at present."
                placed = replace(placed, code="C034", severity="warning", message=sentence, remedy="Mend its file.")
            self.problems[draft.found.path].append(placed)

    def _blocks(self) -> dict[str, Block]:
        blocks: dict[str, Block] = {}
        drafts: dict[str, Draft] = {}
        for draft, form, path in self.of_kind("block", forms.BlockForm):
            id = form.id or draft.found.stem
            if not self.take_id(draft, "block", path, id):
                self.unusable.add(draft.found.path)
                continue
            met_by = form.met_by.source_place if form.met_by else ()
            places = self.place_list(draft, ("met_by", "source_place"), met_by)
            strategy = self.strategy(draft, form)
            if strategy is None:
                self.drop(draft, "block", id)
                continue
            blocks[id], drafts[id] = nouns.block(form, id, draft.found.shown, strategy, places), draft
        for id, block in list(blocks.items()):
            compiled = self.compiler.block(block, blocks, self.spelling)
            self.say_of_strategy(drafts[id], block, compiled)
            if compiled.strategy is None:
                self.drop(drafts[id], "block", id)
                del blocks[id]
        return blocks

    def _profiles(self, blocks: Mapping[str, Block]) -> dict[str, Profile]:
        profiles: dict[str, Profile] = {}
        for draft, form, path in self.of_kind("profile", forms.ProfileForm):
            id = form.id or draft.found.stem
            if not self.take_id(draft, "profile", path, id):
                self.unusable.add(draft.found.path)
                continue
            self.known(draft, "team", ("team",), form.team)
            chosen = form.sources
            self.check_selection(draft, *map(_numbered, (chosen.ids, chosen.tags, chosen.exclude)))
            places = self.place_list(draft, ("places",), form.places)
            strategy = self.strategy(draft, form)
            if strategy is None:
                self.drop(draft, "profile", id)
                continue
            lines = (_lines(draft, ("examples", "must_match")), _lines(draft, ("examples", "must_not_match")))
            profile = nouns.profile(form, id, draft.found.shown, strategy, places, lines, self.successors)
            compiled = self.compiler.profile(profile, blocks, self.spelling)
            self.say_of_strategy(draft, profile, compiled)
            if compiled.strategy is None:
                self.drop(draft, "profile", id)
                continue
            self.check_listens(draft, chosen)
            profiles[id] = nouns.with_revision(profile, compiled.strategy.revision)
            self.compiled[id] = compiled
        self.check_formerly("profile", forms.ProfileForm)
        return profiles

    def check_selection(self, draft: Draft, ids: Numbered, tags: Numbered, exclude: Numbered) -> None:
        """Say which sources and tags a profile names in vain."""
        for at, name in ids:
            self.known(draft, "sources", ("sources", "ids", at), name)
        for at, name in exclude:
            if name not in self.present["sources"] | self.broken["sources"] and not self.history.may_hold("sources"):
                remedy = did_you_mean(name, self.present["sources"], f"Take “{name}” away; leaving it does no harm.")
                sentence = f"There is no source “{name}” to exclude."
                self.say(draft, "C030", ("sources", "exclude", at), sentence, remedy, "warning")
        if not self.present["sources"]:
            return
        for at, tag in tags:
            if tag not in self.tags and ("sources" in self.broken_kinds or self.history.may_hold("sources")):
                sentence = f"No source that can be used at present has the tag “{tag}”."
                self.say(draft, "C034", ("sources", "tags", at), sentence, "Mend the files of sources.", "warning")
            elif tag not in self.tags:
                remedy = did_you_mean(tag, self.tags, "Give a source this tag, or take it away.")
                self.say(draft, "C030", ("sources", "tags", at), f"No source has the tag “{tag}”.", remedy)

    def check_listens(self, draft: Draft, chosen: forms.SelectionForm) -> None:
        """Say when a profile listens to no source at all."""
        selected = nouns.selection(chosen, self.successors)
        if self.sources and not any(selected.includes(each.id, each.tags) for each in self.sources.values()):
            sentence = "The profile listens to no source, so that it will never find anything."
            self.say(draft, "C037", ("sources",), sentence, "Choose other tags, or exclude less.", "warning")

    def _bulletins(self) -> dict[str, Bulletin]:
        bulletins: dict[str, Bulletin] = {}
        for draft, form, path in self.of_kind("bulletin", forms.BulletinForm):
            id = form.id or draft.found.stem
            if not self.take_id(draft, "bulletin", path, id):
                self.unusable.add(draft.found.path)
                continue
            speaks = self.known(draft, "team", ("team",), form.team)
            teams = [each for at, each in enumerate(form.teams) if self.known(draft, "team", ("teams", at), each)]
            carried = [
                each for at, each in enumerate(form.profiles) if self.known(draft, "profile", ("profiles", at), each)
            ]
            sections = self._sections(draft, form)
            places = self.place_list(draft, ("places",), form.places)
            self.problems[draft.found.path] += check_schedule(draft, form.schedule)
            if form.review is not None:
                self.say_of_review(draft, form.schedule.every, form.review)
            if not speaks or not carried or sections is None:
                self.drop(draft, "bulletin", id)
                continue
            receivers = tuple(dict.fromkeys(teams)) or ((form.team,) if not form.teams else ())
            bulletins[id] = nouns.bulletin(
                form, id, draft.found.shown, receivers, tuple(dict.fromkeys(carried)), sections, places
            )
        self.check_formerly("bulletin", forms.BulletinForm)
        return bulletins

    def _sections(self, draft: Draft, form: forms.BulletinForm) -> tuple[Section, ...] | None:
        if isinstance(form.sections, str):
            return self.preset(draft, form.sections)
        return tuple(map(nouns.section, form.sections))

    def preset(self, draft: Draft, name: str) -> tuple[Section, ...] | None:
        """Return a preset of types.yaml; None when it cannot be had, which is said."""
        if name in self.presets:
            return self.presets[name]
        if "types" in self.broken_kinds:
            sentence = f"The sections “{name}” are in types.yaml, which cannot be used at present."
            self.say(draft, "C034", ("sections",), sentence, "Mend types.yaml.", "warning")
            return None
        otherwise = "Write the sections as a list here, or add the preset to types.yaml."
        remedy = did_you_mean(name, self.presets, otherwise)
        self.say(draft, "C030", ("sections",), f"types.yaml has no sections “{name}”.", remedy)
        return None

    def say_of_review(self, draft: Draft, every: str, review: forms.ReviewForm) -> None:
        """Say when an issue would still be held when the next one is due."""
        if review.deadline > SHORTEST[every]:
            sentence = f"The next issue is due before the deadline of {in_words(review.deadline)} is over."
            remedy = "The draft takes it in then. Write a deadline shorter than the time between two issues."
            self.say(draft, "C081", ("review", "deadline"), sentence, remedy, "warning")


SHORTEST = {"day": 86_400, "week": 604_800, "fortnight": 1_209_600, "month": 2_419_200}
"""Seconds between two issues of a bulletin, at least."""


def _numbered(names: tuple[str, ...]) -> Numbered:
    return list(enumerate(names))


def beside_path(path: str, name: str) -> str:
    """Return the path of a strategy's own file, which lies beside the file that names it."""
    return f"{path.rpartition('/')[0]}/{name}"


def _has(draft: Draft, path: Path) -> bool:
    """Tell whether the file itself says something at `path`."""
    if draft.root is None:
        return False
    node, key = find(draft.root, path)
    return key is not None and key.value == path[-1] and node is not draft.root


def _lines(draft: Draft, path: Path) -> tuple[int, ...]:
    """Return the lines on which the parts of a list stand."""
    if draft.root is None:
        return ()
    node, _ = find(draft.root, path)
    return tuple(item.line for item in node.items) if isinstance(node, Sequence) else ()
