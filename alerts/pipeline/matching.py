"""Every profile's strategy, compiled once, and who is asked about which record.

A profile is asked about a *pairing* of record and source: a record that is new, or that is seen for the first time in a
source the profile listens to, or whose text has a new revision. What was compiled is `Searches`; it is made once for a
catalogue and holds no state of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from alerts.errors import AlertsError
from alerts.model.catalogue import Catalogue
from alerts.model.decisions import Decision, Known
from alerts.model.profiles import Profile
from alerts.model.records import Entry, Evidence, Match
from alerts.model.sources import Source
from alerts.search import Compiled, Index, SearchText, Strategy, searchable
from alerts.search.languages import language_words


@dataclass(frozen=True, slots=True)
class Searches:
    """The compiled strategies by profile id."""

    catalogue: Catalogue
    strategies: Mapping[str, Strategy]
    index: Index = field(repr=False)

    @classmethod
    def of(cls, catalogue: Catalogue, compiled: Mapping[str, Compiled]) -> Searches:
        """Take what was compiled when the configuration was read; a profile that was refused is not in it."""
        strategies = {each: done.strategy for each, done in compiled.items() if done.strategy is not None}
        return cls(catalogue, strategies, Index(strategies))

    def only(self, profiles: Iterable[Profile]) -> Searches:
        """Return the searches of some profiles alone."""
        strategies = {each.id: self.strategies[each.id] for each in profiles if each.id in self.strategies}
        return Searches(self.catalogue, strategies, Index(strategies))

    def hears(self, profile: Profile, source_ids: Iterable[str]) -> bool:
        """Tell whether a profile listens to any of these sources."""
        sources = (self.catalogue.sources.get(each) for each in source_ids)
        return any(each is not None and profile.sources.includes(each.id, each.tags) for each in sources)

    def places_of(self, source_ids: Iterable[str]) -> frozenset[str]:
        """Return the places of the sources that carry a record, for blocks that a source's place satisfies."""
        sources = (self.catalogue.sources.get(each) for each in source_ids)
        return frozenset(each.place for each in sources if each is not None and each.place)

    def text_of(self, entry: Entry, source_ids: Iterable[str]) -> SearchText:
        """Return the searchable text of a record that the named sources carry, tokenised once."""
        return searchable(entry, source_places=self.places_of(source_ids))

    def find(self, entry: Entry, source_ids: Iterable[str], profiles: Iterable[Profile]) -> dict[str, Evidence]:
        """Return the evidence of every one of `profiles` that the record satisfies, its limits included."""
        asked = {each.id: each for each in profiles if each.id in self.strategies}
        if not asked:
            return {}
        text = self.text_of(entry, source_ids)
        matching = (key for key in self.index.matching(text) if key in asked and within_limits(asked[key], entry))
        evidence = {key: self.strategies[key].find(text) for key in matching}
        return {key: each for key, each in evidence.items() if each is not None}


def within_limits(profile: Profile, entry: Entry) -> bool:
    """Tell whether a record meets the profile's `limits:`; what it does not say of itself counts as met."""
    return meets_languages(profile.languages, entry)


def meets_languages(languages: frozenset[str], entry: Entry) -> bool:
    """Tell whether a record is in one of the languages, none of them standing for any."""
    spoken = language_words(entry.language)
    return not languages or not spoken or not languages.isdisjoint(spoken)


class NoSuchProfile(AlertsError):
    """A command named a profile that the configuration does not have, or that is refused as it stands."""

    code = "A020"


@dataclass(slots=True)
class Matched:
    """What matching one poll's decisions gave: matches to write, and pairs that no longer match."""

    matches: list[Match] = field(default_factory=list)
    unmatched: list[tuple[int, str]] = field(default_factory=list)


def match_decisions(searches: Searches, source: Source, decisions: Iterable[Decision], known: Known) -> Matched:
    """Ask the profiles about everything that the decisions make new for them.

    A record new to this source is asked of the profiles that listen to the source; a record whose text changed is asked
    of all that listen to any of its sources, and those that no longer match are named in `unmatched`. A record that
    turned out to be another is asked of nobody: the one that stays has the text and the sources of both. To what is no
    source of the configuration (the look-up of corrections) nobody listens.
    """
    listeners = searches.catalogue.listeners(source) if source.id in searches.catalogue.sources else ()
    texts: dict[int, Entry] = {}
    pairings: dict[int, None] = {}
    revised: dict[int, None] = {}
    sources_of = dict(known.sources_of)
    for decision in decisions:
        if decision.text is not None:
            texts[decision.record] = decision.text
            if decision.record > 0:
                revised[decision.record] = None
        before = sources_of.get(decision.record, frozenset())
        if source.id not in before and decision.outcome != "same":
            pairings[decision.record] = None
        for dropped, _ in decision.merges:
            sources_of[decision.record] = before = before | sources_of.pop(dropped, frozenset())
            for asked_before in (pairings, revised):
                asked_before.pop(dropped, None)
    result = Matched()
    for record in dict.fromkeys((*pairings, *revised)):
        entry = texts.get(record) or known.records[record].entry
        carriers = sources_of.get(record, frozenset()) | {source.id}
        asked = _listening(searches, carriers) if record in revised else listeners
        found = searches.find(entry, carriers, asked)
        result.matches += [
            Match(record, profile_id, evidence, strategy_revision=searches.strategies[profile_id].revision)
            for profile_id, evidence in found.items()
        ]
        if record in revised:
            result.unmatched += [
                (record, each.id) for each in asked if each.id not in found and each.id in searches.strategies
            ]
    return result


def _listening(searches: Searches, source_ids: Iterable[str]) -> tuple[Profile, ...]:
    sources = [searches.catalogue.sources[each] for each in source_ids if each in searches.catalogue.sources]
    heard = {profile.id: profile for source in sources for profile in searches.catalogue.listeners(source)}
    return tuple(heard.values())
