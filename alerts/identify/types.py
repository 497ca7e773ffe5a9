"""The type of evidence of an entry, by the librarians' table: the first rule that holds wins, and is named."""

from __future__ import annotations

import re
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
def _openings(phrases: tuple[str, ...]) -> frozenset[str]:
    """Return the words that the phrases begin with: a text with none of them has none of the phrases, which is quick to
    see.
    """
    return frozenset(_phrase(each).split(" ")[1] for each in phrases)


@lru_cache(maxsize=4096)
def _phrases(phrases: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_phrase, phrases))


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as its words between spaces, and those words."""

    phrase: str
    words: frozenset[str]

    @classmethod
    def of(cls, text: str, more: str = "") -> _Text:
        phrase = f" {' '.join(_words(text))} "
        return cls(phrase, frozenset(phrase.split(" ")).union(more.split(" ")))

    def has(self, phrases: tuple[str, ...]) -> bool:
        """Tell whether one of the phrases is in it."""
        return not _openings(phrases).isdisjoint(self.words) and any(_phrase(each) in self.phrase for each in phrases)

    def begins(self, phrases: tuple[str, ...]) -> bool:
        """Tell whether it begins with one of the phrases."""
        return not _openings(phrases).isdisjoint(self.words) and any(
            self.phrase.startswith(_phrase(each)) for each in phrases
        )


def _in_title(phrases: tuple[str, ...], texts: _Texts) -> bool:
    """Tell whether one of the phrases is in a title; one written with a colon in front must be all of its last part."""
    return not _openings(phrases).isdisjoint(texts.title.words) and any(
        _phrase(each) == texts.last_part if each.startswith(":") else _phrase(each) in texts.title.phrase
        for each in phrases
    )


class _Texts:
    """An entry's texts, folded once for all rules, the long one only when a rule asks for it."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self.last_part = _last_part(entry.title)
        self.title = _Text.of(entry.title, self.last_part)
        self.publication_types = frozenset(_phrase(each) for each in entry.publication_types)

    @cached_property
    def summary(self) -> _Text:
        return _Text.of(self._entry.summary)

    @cached_property
    def says(self) -> str:
        """What it says of a publication, another or itself: "corrected", "withdrawn", "retracted", or nothing."""
        said = said_by(self._entry)
        return said.event if said else ""

    @cached_property
    def link(self) -> _Text:
        return _Text.of(" ".join(dict.fromkeys((self._entry.link, self._entry.identifier("link")))))


def _given(rule: TypeRule) -> bool:
    return bool(
        rule.source_type_any
        or rule.title_starts
        or rule.title_any
        or rule.notice_any
        or rule.publication_type_any
        or rule.link_any
        or rule.summary_any
    )


def _holds(rule: TypeRule, texts: _Texts, source: Source) -> bool:
    """Tell whether every condition that the rule gives holds; a rule without conditions never does."""
    return (
        (not rule.source_type_any or source.evidence_type in rule.source_type_any)
        and (not rule.title_starts or texts.title.begins(rule.title_starts))
        and (not rule.title_any or _in_title(rule.title_any, texts))
        and (not rule.notice_any or texts.says in rule.notice_any)
        and (
            not rule.publication_type_any or not _phrases(rule.publication_type_any).isdisjoint(texts.publication_types)
        )
        and (not rule.link_any or texts.link.has(rule.link_any))
        and (not rule.summary_any or texts.summary.has(rule.summary_any))
        and _given(rule)
    )


def applicable(rules: Sequence[TypeRule], source: Source) -> tuple[TypeRule, ...]:
    """Return the rules that can hold for items of `source`, in order: many are for sources of other types."""
    return tuple(each for each in rules if not each.source_type_any or source.evidence_type in each.source_type_any)


def evidence_type(entry: Entry, source: Source, rules: Sequence[TypeRule]) -> TypeDecision:
    """Return the type of evidence of `entry` from `source`.

    A type that the source itself gave for the item stands. Then the rules in order. What no rule fits is a notice or a
    preprint if it plainly is one, and else has the source's type.
    """
    if entry.evidence_type:
        return TypeDecision(entry.evidence_type, entry.evidence_type_rule or BY_ENTRY)
    texts = _Texts(entry)
    for rule in rules:
        if _holds(rule, texts, source):
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
