"""Many references at once: which are one publication, which are linked without being one, which a person must judge.

`cluster` compares the pairs that `blocks` names by the rules of `same`. What is the same is put together, the surest
first, but never against a firm "apart" between any two members: A like B and B like C do not make A and C one. What was
refused so, and what the rules call unsure, is handed to the person with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from alerts.identify.comparing import titles
from alerts.identify.comparing.blocks import pairs
from alerts.identify.comparing.same import compare
from alerts.identify.comparing.traits import Traits, traits_of
from alerts.identify.comparing.verdict import Verdict
from alerts.identify.comparing.versions import READ_BACKWARDS
from alerts.model.records import Entry

_MOST_ASKED = 12
"""Members of a cluster that a newcomer is compared with: those that differ in what they say."""
_MOST_LINKS = 20
_MOST_UNSURE = 5
"""Pairs with one publication that a person is asked to look at: who looks at these sees the others."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The places of entries that are one publication, the one to keep, and the reason of each that joined."""

    members: tuple[int, ...]
    keep: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries and what is said of them; a relation reads from the first to the second."""

    one: int
    other: int
    reason: str
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Clusters:
    """The answer on a set of entries."""

    clusters: tuple[Cluster, ...] = ()
    linked: tuple[Pair, ...] = ()
    unsure: tuple[Pair, ...] = ()


@dataclass(slots=True)
class _Group:
    """What is one so far; `asked` are the members that stand for all: of those that say the same, one."""

    members: list[int]
    asked: dict[object, int]
    reasons: list[str] = field(default_factory=list)


def cluster(entries: Sequence[Entry]) -> Clusters:
    """Return which entries are one publication, which are linked, and which a person must look at."""
    traits = _without_collective_dois([traits_of(each) for each in entries])
    groups = {at: _Group([at], {_said(each): at}) for at, each in enumerate(traits)}
    group_of = list(range(len(traits)))
    same: list[tuple[int, int, Verdict]] = []
    linked: list[tuple[int, int, Verdict]] = []
    unsure: list[tuple[int, int, Verdict]] = []
    places = {"same": same, "linked": linked, "unsure": unsure}
    for one, other in pairs(traits):
        verdict = compare(traits[one], traits[other])
        if verdict.answer != "apart":
            places[verdict.answer].append((one, other, verdict))
    for one, other, verdict in sorted(_without_slips(same, traits), key=lambda each: -each[2].strength):
        if verdict.answer == "unsure":
            unsure.append((one, other, verdict))
            continue
        mine, theirs = group_of[one], group_of[other]
        if mine == theirs:
            continue
        against = _against(groups[mine], groups[theirs], traits)
        if against:
            unsure.append((one, other, replace(verdict, answer="unsure", reason=f"{verdict.reason}; but {against}")))
            continue
        _join(groups, group_of, mine, theirs, verdict.reason)
    return Clusters(
        tuple(_clusters(groups, entries)),
        tuple(_links(linked, traits, group_of, groups)),
        tuple(_unsure(unsure, group_of)),
    )


def _without_collective_dois(traits: list[Traits]) -> list[Traits]:
    """Forget a DOI that three or more different titles give: it is a supplement's, a book's or a template's."""
    by_doi: defaultdict[str, list[int]] = defaultdict(list)
    for at, each in enumerate(traits):
        if each.doi:
            by_doi[each.doi].append(at)
    for places in by_doi.values():
        different: list[tuple[str, ...]] = []
        for at in places if len(places) >= 3 else ():
            if not traits[at].notice and all(titles.alike(traits[at].title, each) < 0.6 for each in different):
                different.append(traits[at].title)
            if len(different) >= 3:
                break
        if len(different) >= 3:
            for at in places:
                traits[at] = replace(traits[at], doi="")
    return traits


def _said(each: Traits) -> object:
    return each.doi, each.pmid, each.year, each.volume, each.pages, each.kind, each.title


def _against(mine: _Group, theirs: _Group, traits: Sequence[Traits]) -> str:
    """Return why two groups must not become one, from their members that differ most; nothing when they may."""
    for one in mine.asked.values():
        for other in theirs.asked.values():
            verdict = compare(traits[one], traits[other])
            if verdict.is_firm:
                return verdict.reason
    return ""


def _without_slips(
    same: list[tuple[int, int, Verdict]], traits: Sequence[Traits]
) -> Iterator[tuple[int, int, Verdict]]:
    """Yield what is the same; a slip in volume or pages is not forgiven to what stands in three places or more."""
    places: defaultdict[int, set[object]] = defaultdict(set)
    for one, other, verdict in same:
        if verdict.strength < 1:
            for at in (one, other):
                places[at] |= {(traits[one].volume, traits[one].pages), (traits[other].volume, traits[other].pages)}
    for one, other, verdict in same:
        if verdict.strength < 1 and max(len(places[one]), len(places[other])) > 2:
            reason = "the same title, author and journal, in three places or more"
            verdict = replace(verdict, answer="unsure", reason=reason)
        yield one, other, verdict


def _join(groups: dict[int, _Group], group_of: list[int], mine: int, theirs: int, reason: str) -> None:
    if len(groups[mine].members) < len(groups[theirs].members):
        mine, theirs = theirs, mine
    gone = groups.pop(theirs)
    for at in gone.members:
        group_of[at] = mine
    groups[mine].members += gone.members
    for said, at in gone.asked.items():
        if len(groups[mine].asked) < _MOST_ASKED:
            groups[mine].asked.setdefault(said, at)
    groups[mine].reasons += [*gone.reasons, reason]


def _worth(entry: Entry) -> tuple[int, int, int]:
    """Return how much an entry tells: a reference to keep has its identifiers, place and abstract."""
    told = (
        entry.identifier("doi"), entry.identifier("pmid"), entry.authors, entry.journal, entry.published, entry.volume,
        entry.pages, entry.summary, entry.issn,
    )  # fmt: skip
    return sum(map(bool, told)), bool(entry.summary), len(entry.summary)


def _clusters(groups: dict[int, _Group], entries: Sequence[Entry]) -> Iterator[Cluster]:
    for group in sorted(groups.values(), key=lambda each: min(each.members)):
        if len(group.members) > 1:
            members = sorted(group.members)
            keep = max(members, key=lambda at: (*_worth(entries[at]), -at))
            yield Cluster(tuple(members), keep, tuple(dict.fromkeys(group.reasons)))


def _links(
    linked: Sequence[tuple[int, int, Verdict]], traits: Sequence[Traits], group_of: list[int], groups: dict[int, _Group]
) -> Iterator[Pair]:
    """Yield the links between what are different publications; a preprint has one publication, the one most like it."""
    best: dict[int, float] = {}
    for one, other, verdict in linked:
        if verdict.relation in _PREPRINT:
            preprint = group_of[one if traits[one].is_preprint else other]
            best[preprint] = max(best.get(preprint, 0), verdict.strength)
    told: set[tuple[int, int, str]] = set()
    between: defaultdict[tuple[int, int], int] = defaultdict(int)
    for one, other, verdict in sorted(linked, key=lambda each: (-each[2].strength, each[:2])):
        mine, theirs = group_of[one], group_of[other]
        if mine == theirs:
            continue
        if verdict.relation in _PREPRINT:
            preprint = mine if traits[one].is_preprint else theirs
            if verdict.strength < min(best[preprint], 97) and not _joined(between, mine, theirs):
                continue
        first, second, relation = (one, other, verdict.relation) if verdict.relation not in READ_BACKWARDS else (
            other, one, READ_BACKWARDS[verdict.relation])  # fmt: skip
        if relation.startswith("has "):
            first, second, relation = second, first, f"{relation.removeprefix('has ')} of"
        between[min(mine, theirs), max(mine, theirs)] += 1
        if (first, second, relation) not in told and between[min(mine, theirs), max(mine, theirs)] <= _MOST_LINKS:
            told.add((first, second, relation))
            yield Pair(first, second, verdict.reason, relation)


_PREPRINT = ("preprint of", "published version of")


def _joined(between: dict[tuple[int, int], int], mine: int, theirs: int) -> bool:
    return between.get((min(mine, theirs), max(mine, theirs)), 0) > 0


def _unsure(unsure: Sequence[tuple[int, int, Verdict]], group_of: list[int]) -> Iterator[Pair]:
    """Yield one pair of any two groups that stayed apart, of each group at most a few."""
    told: set[tuple[int, int]] = set()
    times: defaultdict[int, int] = defaultdict(int)
    for one, other, verdict in sorted(unsure, key=lambda each: each[:2]):
        mine, theirs = sorted((group_of[one], group_of[other]))
        if mine == theirs or (mine, theirs) in told or max(times[mine], times[theirs]) >= _MOST_UNSURE:
            continue
        told.add((mine, theirs))
        times[mine] += 1
        times[theirs] += 1
        yield Pair(one, other, verdict.reason)
