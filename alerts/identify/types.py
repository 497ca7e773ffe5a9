"""The type of evidence of an entry, by the librarians' table: the first rule that holds wins, and is named."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from alerts.identify.comparing.notices import mark_of, notice_of, said_by
from alerts.identify.comparing.preprints import is_preprint
from alerts.identify.comparing.titles import words
from alerts.model.catalogue import TypeRule
from alerts.model.records import Entry
from alerts.model.sources import Source

BY_SOURCE = "the source’s own type"
BY_ENTRY = "given by the source for this item"


@dataclass(frozen=True, slots=True)
class TypeDecision:
    """A type of evidence, the rule that says so, and the study design that the rule states, if any."""

    type: str
    rule: str
    design: str = ""


_words = words.__wrapped__
"""Not remembered: thousands of summaries as words would take more memory than all the rest of the service."""


@lru_cache(maxsize=4096)
def _phrase(text: str) -> str:
    """Return a phrase as its words between spaces, so that containing it means containing whole words."""
    return f" {' '.join(words(text))} "


_LAST_PART = re.compile(r"(?::|\s[-–—]|[–—])\s*([^:–—]+)$")


def _last_part(title: str) -> str:
    """Return what follows a title's last colon or dash, as a phrase: " consultation " of "A plan: consultation"."""
    found = _LAST_PART.search(title)
    return _phrase(found.group(1)) if found else ""


@lru_cache(maxsize=4096)
def _phrases(phrases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_phrase, phrases))


def _opening(phrase: str) -> str:
    """Return the word that a phrase begins with: a text without it does not have the phrase."""
    return phrase.split(" ", 2)[1]


class _Text:
    """A text as its words between spaces, and those words."""

    def __init__(self, text: str, more: str = "") -> None:
        found = _words(text)
        self.phrase = f" {' '.join(found)} "
        self.words = {"", *found, *more.split(" ")}  # nothing at all is the opening of a phrase without words

    def has(self, phrases: tuple[str, ...]) -> bool:
        """Tell whether one of the phrases is in it."""
        return any(each in self.phrase for each in _phrases(phrases))

    def begins(self, phrases: tuple[str, ...]) -> bool:
        """Tell whether it begins with one of the phrases."""
        return self.phrase.startswith(_phrases(phrases))


class _Texts:
    """An entry's texts, folded once for all rules, and only when a rule asks for them."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self.last_part = _last_part(entry.title)
        self.title = _Text(entry.title, self.last_part)
        self.publication_types = frozenset(_phrase(each) for each in entry.publication_types)

    @cached_property
    def summary(self) -> _Text:
        return _Text(self._entry.summary)

    @cached_property
    def says(self) -> str:
        """What it says of a publication, another or itself: "corrected", "withdrawn", "retracted", or nothing."""
        said = said_by(self._entry)
        return said.event if said else ""

    @cached_property
    def link(self) -> _Text:
        return _Text(" ".join(dict.fromkeys((self._entry.link, self._entry.identifier("link")))))

    def in_title(self, phrases: tuple[str, ...]) -> bool:
        """Tell whether one of the phrases is in the title; one with a colon in front must be all of its last part."""
        return any(
            _phrase(each) == self.last_part if each.startswith(":") else _phrase(each) in self.title.phrase
            for each in phrases
        )

    def meet(self, rule: TypeRule) -> bool:
        """Tell whether every condition that the rule gives holds of these texts."""
        return (
            (not rule.title_starts or self.title.begins(rule.title_starts))
            and (not rule.title_any or self.in_title(rule.title_any))
            and (not rule.notice_any or self.says in rule.notice_any)
            and (
                not rule.publication_type_any
                or not self.publication_types.isdisjoint(_phrases(rule.publication_type_any))
            )
            and (not rule.link_any or self.link.has(rule.link_any))
            and (not rule.summary_any or self.summary.has(rule.summary_any))
        )


class Rules:
    """The rules that can hold for items of one type of source, in order, and where to look which of them may.

    Each rule is filed under the words that the phrases of one of its conditions begin with, or under its publication
    types: only the few rules that a text's words lead to are tried.
    """

    def __init__(self, rules: Sequence[TypeRule], source_type: str) -> None:
        self._rules = [each for each in rules if not each.source_type_any or source_type in each.source_type_any]
        self._by_title: _Filed = defaultdict(set)
        self._by_publication_type: _Filed = defaultdict(set)
        self._by_notice: _Filed = defaultdict(set)
        self._by_link: _Filed = defaultdict(set)
        self._by_summary: _Filed = defaultdict(set)
        self._always: set[int] = set()
        for place, rule in enumerate(self._rules):
            self._file(place, rule)

    def _file(self, place: int, rule: TypeRule) -> None:
        if rule.publication_type_any:
            for phrase in _phrases(rule.publication_type_any):
                self._by_publication_type[phrase].add(place)
            return
        if rule.notice_any:
            for event in rule.notice_any:
                self._by_notice[event].add(place)
            return
        for filed, phrases in (
            (self._by_title, rule.title_starts or rule.title_any),
            (self._by_link, rule.link_any),
            (self._by_summary, rule.summary_any),
        ):
            if phrases:
                for phrase in _phrases(phrases):
                    filed[_opening(phrase)].add(place)
                return
        if rule.source_type_any:  # the rule is about all items of such sources; one without any condition never holds
            self._always.add(place)

    def first(self, entry: Entry) -> TypeRule | None:
        """Return the first rule that holds for an entry, if any does."""
        texts = _Texts(entry)
        places = set(self._always)
        for filed, found in (
            (self._by_title, texts.title.words),
            (self._by_publication_type, texts.publication_types),
            (self._by_notice, (texts.says,) if self._by_notice else ()),
            (self._by_link, texts.link.words if self._by_link else ()),
            (self._by_summary, texts.summary.words if self._by_summary else ()),
        ):
            places.update(*(filed[each] for each in filed.keys() & found))
        return next((self._rules[each] for each in sorted(places) if texts.meet(self._rules[each])), None)


_Filed = dict[str, set[int]]


@lru_cache(maxsize=64)
def rules_for(rules: tuple[TypeRule, ...], source_type: str) -> Rules:
    """Return the rules for items of a type of source, filed once for all polls."""
    return Rules(rules, source_type)


def evidence_type(entry: Entry, source: Source, rules: Sequence[TypeRule]) -> TypeDecision:
    """Return the type of evidence of `entry` from `source` by a table of rules."""
    return type_of(entry, source, rules_for(tuple(rules), source.evidence_type))


def type_of(entry: Entry, source: Source, rules: Rules) -> TypeDecision:
    """Return the type of evidence of `entry` from `source`, whose rules are filed already.

    A type that the source itself gave for the item stands. Then the rules in order. What no rule fits is a notice or a
    preprint if it plainly is one, and else has the source's type.
    """
    if entry.evidence_type:
        return TypeDecision(entry.evidence_type, entry.evidence_type_rule or BY_ENTRY)
    rule = rules.first(entry)
    if rule is not None:
        return TypeDecision(rule.type, rule.id, rule.design)
    mark = mark_of(entry)
    notice = notice_of(entry)
    if mark is not None or (notice is not None and notice.event == "retracted"):
        return TypeDecision("retraction", "a retraction by its title")
    if notice is not None:
        return TypeDecision("correction", "a correction by its title")
    if is_preprint(entry):
        return TypeDecision("preprint", "a preprint by its server")
    return TypeDecision(source.evidence_type, BY_SOURCE)
