"""Authors compared, whoever wrote them down: "Baird, J. K.", "Baird JK", "J. K. Baird", "Baird, John Kevin"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from alerts.identify.comparing.titles import words

_NOBODY = re.compile(
    r"^(?:anon(?:ymous)?|no authors? (?:listed|indicated)|unknown|nct|per|isrctn|eu?ctr\w*|chictr\w*|ctri\w*|jprn\w*"
    r"|actrn\w*|not available|none|n\.?a\.?|-|\[?s\.?n\.?\]?|who)\W*$",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"\b(?:group|consortium|investigators|committee|collaborat\w+|network|society|association|team|organi[sz]ation|institute"
    r"|department|ministry|agency|office|council|centers?|centres?|university|foundation|college|academy|panel|unit)\b",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    re.findall(r"\w+", "van von der den de del della da di la le el al ter ten dos du jr sr ii iii bin ben st")
)
_SPELLING = (("ue", "u"), ("oe", "o"), ("ae", "a"), ("aa", "a"))


def _plain(word: str) -> str:
    for one, other in _SPELLING:
        word = word.replace(one, other)
    return word


@dataclass(frozen=True, slots=True)
class People:
    """The authors of an entry: each one's family name, the first one's initial, and all words of all names."""

    families: tuple[str, ...] = ()
    initial: str = ""
    names: frozenset[str] = frozenset()
    first_names: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.names)


def _family(name: str) -> tuple[str, str]:
    """Return family name and first initial of "Judith Marshall", "Marshall, Judith" or "Marshall J.A."."""
    before, comma, after = name.partition(",")
    if comma and words(before):
        given = words(after)
        return "".join(word for word in words(before) if word not in _PARTICLES) or "".join(words(before)), (
            given[0][0] if given else ""
        )
    found = words(name)
    if not found:
        return "", ""
    written = re.findall(r"[^\W_]+", name)
    at = len(found)
    while at > 1 and len(found) == len(written) and len(found[at - 1]) <= 3 and written[at - 1].isupper():
        at -= 1
    if at < len(found):  # initials last
        family = [word for word in found[:at] if word not in _PARTICLES] or list(found[:at])
        return "".join(family), found[at][0]
    return found[-1], found[0][0] if len(found) > 1 else ""


def people_of(authors: tuple[str, ...]) -> People:
    """Return the authors as they are compared; nobody, and bodies where there are persons, are left out."""
    known = [name for name in authors if not _NOBODY.match(name.strip())]
    persons = [name for name in known if not _BODY.search(name)] or known
    families: list[str] = []
    initial = ""
    names: set[str] = set()
    first_names: frozenset[str] = frozenset()
    for name in persons[:60]:
        family, letter = _family(name)
        if not family:
            continue
        whole = frozenset(_plain(word) for word in words(name) if len(word) > 2 and word not in _PARTICLES)
        whole |= {_plain(family)}
        if not families:
            initial, first_names = letter, whole
        families.append(_plain(family))
        names |= whole
    return People(tuple(families), initial, frozenset(names), first_names)


def overlap(one: People, other: People) -> float:
    """Return how many of the shorter list's family names the longer one has, 0 to 1."""
    fewer, more = sorted((one, other), key=lambda each: len(each.families))
    if not fewer.families:
        return 0.0
    there = sum(1 for family in dict.fromkeys(fewer.families) if family in more.names)
    return there / len(dict.fromkeys(fewer.families))


def _same_person(one: People, other: People) -> bool:
    """Tell whether the first authors are one person; another initial is another person."""
    if not (one.first_names & other.first_names) and fuzz.ratio(one.families[0], other.families[0]) < 84:
        return False
    letters = {one.initial, other.initial} - {""}
    return len(letters) < 2 or one.families[0] != other.families[0] or len(one.first_names & other.first_names) > 1


def same_people(one: People, other: People) -> bool | None:
    """Tell whether two lists of authors agree; `None` when one is missing or they agree in part."""
    if not one or not other:
        return None
    shared = overlap(one, other)
    if _same_person(one, other) and (shared >= 0.3 or min(len(one.families), len(other.families)) == 1):
        return True
    if shared >= 0.6 and min(len(one.families), len(other.families)) >= 2:
        return True
    if one.first_names & other.names or other.first_names & one.names or shared >= 0.5:
        return None
    return fuzz.ratio(one.families[0], other.families[0]) >= 84 or False
