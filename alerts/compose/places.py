"""The place lens: which items are local to a bulletin. It lifts, it never hides.

A bulletin names its places; the gazetteer (`places.yaml`) says what lies within what. An item is *local* when it comes
from, or its title or summary names, one of the bulletin's places below nation level, a place within it, or a region
around it. A nation alone is not local, or everything would be: it only lifts an item a little in the ranking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from alerts.model.catalogue import Place

LOCAL, NATIONAL, ELSEWHERE = 2, 1, 0

_NATIONS = frozenset(
    {
        "england",
        "wales",
        "scotland",
        "northern ireland",
        "uk",
        "united kingdom",
        "great britain",
        "britain",
        "international",
    }
)
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")

_ALSO_A_WORD = frozenset(
    {"ash", "barking", "bath", "battle", "bury", "deal", "diss", "eye", "hove", "hull", "lincoln", "march", "nelson",
     "over", "poole", "reading", "rugby", "sale", "sandwich", "settle", "street", "ware", "wells", "worth", "wick",
     "trafford"}
)  # fmt: skip
"""One-word names that are also words or surnames: they count only after one of `_BEFORE` or before one of `_AFTER`."""
_BEFORE = frozenset({"in", "across", "from", "at", "for", "near", "around", "of"})
_AFTER = frozenset(
    {"council", "borough", "city", "county", "nhs", "icb", "hospital", "university", "residents", "local"}
)


@dataclass(frozen=True, slots=True)
class Locality:
    """How near an item is (`LOCAL`, `NATIONAL`, `ELSEWHERE`) and the place that says so."""

    level: int = ELSEWHERE
    place: str = ""


@dataclass(frozen=True, slots=True)
class Lens:
    """A bulletin's places, ready to look through: folded place name → level and its proper name."""

    levels: Mapping[str, Locality] = field(default_factory=dict)
    phrases: Mapping[tuple[str, ...], str] = field(default_factory=dict)

    def look(self, source_places: Iterable[str], *texts: str) -> Locality:
        """Return the nearest locality that the sources' places or the words of `texts` give."""
        best = Locality()
        for place in source_places:
            found = self.levels.get(place.casefold(), Locality())
            best = max(best, found, key=lambda each: each.level)
        if best.level < LOCAL and self.phrases:
            named = next((name for text in texts if (name := self._named_in(text))), "")
            best = Locality(LOCAL, named) if named else best
        return best

    def _named_in(self, text: str) -> str:
        """Return the first local place that `text` names, written with capitals as names are."""
        words = _WORD.findall(text)
        longest = max(map(len, self.phrases), default=0)
        for at, word in enumerate(words):
            if not word[0].isupper():
                continue
            for length in range(min(longest, len(words) - at), 0, -1):
                phrase = tuple(each.casefold() for each in words[at : at + length])
                if phrase in self.phrases and (length > 1 or _is_meant(words, at)):
                    return self.phrases[phrase]
        return ""


def _is_meant(words: Sequence[str], at: int) -> bool:
    """Tell whether a one-word name means the place: "in Reading", "Reading Council", not "Reading difficulties"."""
    if words[at].casefold() not in _ALSO_A_WORD:
        return True
    before = words[at - 1].casefold() if at else ""
    after = words[at + 1].casefold() if at + 1 < len(words) else ""
    return before in _BEFORE or after in _AFTER


def lens(wanted: Iterable[str], gazetteer: Sequence[Place]) -> Lens:
    """Return the lens for a bulletin's places. A place that the gazetteer does not know is local under its own name."""
    known = {name.casefold(): place for place in gazetteer for name in (place.name, *place.also)}
    around: dict[str, set[str]] = {place.name: _around(place, known) for place in gazetteer}
    levels: dict[str, Locality] = {}
    for name in wanted:
        home = known.get(name.casefold()) or Place(name, "nation" if name.casefold() in _NATIONS else "place")
        members = {home.name: home} | {
            place.name: place
            for place in gazetteer
            if home.name in around[place.name] or place.name in around.get(home.name, ())
        }
        for member in members.values():
            level = NATIONAL if "nation" in (home.kind, member.kind) else LOCAL
            for alias in (member.name, *member.also):
                if levels.get(alias.casefold(), Locality()).level < level:
                    levels[alias.casefold()] = Locality(level, member.name)
    phrases = {
        tuple(word.casefold() for word in _WORD.findall(name)): locality.place
        for name, locality in levels.items()
        if locality.level == LOCAL
    }
    return Lens(levels, {phrase: place for phrase, place in phrases.items() if phrase})


def _around(place: Place, known: Mapping[str, Place]) -> set[str]:
    """Return the names of all places around `place`, directly or through others; a circle in the list does no harm."""
    found: set[str] = set()
    waiting = list(place.within)
    while waiting:
        name = waiting.pop()
        outer = known.get(name.casefold())
        proper = outer.name if outer else name
        if proper not in found:
            found.add(proper)
            waiting.extend(outer.within if outer else ())
    return found
