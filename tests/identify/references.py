"""Invented references as five databases would write them, with the slips that real ones have and works easily confused.

Nothing here is a real publication. `sample` gives entries and, for each, which work it is; the same each time.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from alerts.model.identifiers import Identifier
from alerts.model.records import Entry

_WHAT = (
    "Brief advice on drinking", "Text messages for quitting smoking", "Walking groups", "Home visits by nurses",
    "Vouchers for fruit and vegetables", "School meals without charge", "Triage by telephone", "Cold-water swimming",
    "Vitamin D drops", "Group antenatal care", "Naloxone kits to take home", "Peer support after stroke",
    "Falls prevention by tai chi", "Blood pressure checks at the barber's", "α-blockers for kidney stones",
)  # fmt: skip
_FOR = (
    "and readmission to hospital", "and weight in childhood", "and wellbeing at work", "and hospital costs",
    "and mortality after ten years", "and attendance at school", "and quality of sleep", "and HbA1c",
)  # fmt: skip
_WHERE = (
    "in coastal towns", "among older people in Wales", "in young men", "among carers", "in rural practices",
    "during the COVID-19 pandemic", "in prisons", "in women with diabetes", "among bus drivers",
)  # fmt: skip
_HOW = (": a cluster randomised trial", ": a cohort study", ": systematic review", ", 2004–2016", "")
_FAMILIES = (
    "Fern", "Moss", "Ødegård", "Müller", "Reed", "van der Heide", "O'Leary", "Li", "García-López", "Nakamura", "Ash",
    "Birch", "Hazel", "Thorn", "Elder", "Rowan", "Sedge", "Marsh", "Heath", "Broom",
)  # fmt: skip
_JOURNALS = (
    ("Journal of Invented Medicine", "J Invented Med"), ("The Annals of Imaginary Health", "Ann Imaginary Health"),
    ("International Journal of Walking Research", "Int J Walking Res"), ("Health Walks", "Health Walks"),
    ("British Journal of Unreal Surgery : official journal of the Unreal Society", "Br J Unreal Surg"),
)  # fmt: skip


@dataclass(frozen=True)
class Work:
    title: str
    people: tuple[tuple[str, str], ...]
    journal: tuple[str, str]
    year: int
    volume: int
    first: int
    last: int
    doi: str
    issue: str = ""


def works(rng: random.Random, number: int) -> list[Work]:
    titles = [f"{what} {why} {where}{how}" for what in _WHAT for why in _FOR for where in _WHERE for how in _HOW]
    made = []
    for nth, title in enumerate(rng.sample(titles, number)):
        people = tuple((family, rng.choice("ABCDE")) for family in rng.sample(_FAMILIES, rng.randint(1, 6)))
        first = rng.randint(2, 2000)
        made.append(
            Work(title, people, rng.choice(_JOURNALS), rng.randint(1995, 2024), rng.randint(1, 90), first,
                 first + rng.randint(2, 12), f"10.1234/inv.{nth}.{rng.randint(1000, 9999)}")
        )  # fmt: skip
    return made


def confusable(rng: random.Random, work: Work, nth: int) -> list[Work]:
    """Works that are easily taken for `work`, and are not it."""
    letters = (("Quill", "Q"),)
    others = rng.sample(
        [
            replace(work, title=f"Reply to: {work.title}"),
            replace(work, title=f"Correction to: {work.title}"),
            replace(work, title=f"Comment on: {work.title}", people=letters),
            replace(work, title=f"{work.title}: study protocol", year=work.year - 2, volume=work.volume + 1),
            replace(work, people=letters, year=work.year + 3, volume=work.volume + 2),
            replace(work, year=work.year - 1, volume=work.volume + 1, issue="Suppl 1"),
            replace(work, title=work.title.replace(" in ", " outside ").replace(" among ", " without ")),
            replace(work, title="Editorial"),
            replace(work, title=f"{work.title}. Part 2"),
        ],
        2,
    )
    return [
        replace(each, doi=f"10.4321/other.{nth}.{n}", first=work.first + 40 * n, last=work.last + 40 * n)
        for n, each in enumerate(others, 1)
        if each.title != work.title or each.year != work.year
    ]


def _slip(rng: random.Random, title: str) -> str:
    at = rng.randrange(3, len(title) - 3)
    return rng.choice([title[:at] + title[at + 1 :], title[:at] + title[at] + title[at:]])


def written(rng: random.Random, work: Work, database: str, key: str) -> Entry:
    """Return a reference to a work as a database writes it."""
    title, pages, year = work.title, f"{work.first}-{work.last}", work.year
    names = tuple(f"{family}, {initial}." for family, initial in work.people)
    journal, doi, volume = work.journal[0], work.doi, str(work.volume)
    if database == "pubmed":
        title, journal = f"{title}.", work.journal[1]
        pages = f"{work.first}-{str(work.last)[-2:]}" if work.last > 99 else pages
    elif database == "embase":
        title = title.replace("α", "alpha").capitalize()
        names = tuple(f"{family} {initial}." for family, initial in work.people)
    elif database == "wos":
        title, journal = title.upper(), journal.upper()
        names = tuple(name.replace("ø", "o").replace("Ø", "O").replace("ü", "u") for name in names)
    elif database == "scholar":
        names, doi = names[:1], ""
        title = title[:-6] if len(title) > 60 and rng.random() < 0.2 else title
    elif database == "cochrane":
        pages, year = pages.replace("-", "‐"), year + rng.choice([0, 0, 1])
    if rng.random() < 0.25:
        doi = ""
    if rng.random() < 0.04:
        title = _slip(rng, title)
    if rng.random() < 0.04:
        volume, pages = "", ""
    return Entry(
        key, title, authors=names, journal=journal, volume=volume, issue=work.issue, pages=pages,
        published=datetime(year, 1, 1, tzinfo=UTC), identifiers=(Identifier("doi", doi),) if doi else (),
    )  # fmt: skip


def sample(seed: int, number: int = 300) -> tuple[list[Entry], list[int]]:
    """Return entries in a mixed order, and for each the number of its work."""
    rng = random.Random(seed)
    made = works(rng, number)
    for nth, work in enumerate(list(made)):
        made += confusable(rng, work, nth) if nth % 3 == 0 else []
    found: list[tuple[Entry, int]] = []
    for nth, work in enumerate(made):
        copies = rng.choice([1, 1, 1, 2, 3])
        for database in rng.sample(["pubmed", "embase", "wos", "scholar", "cochrane"], copies):
            found.append((written(rng, work, database, f"{nth}-{database}"), nth))
    rng.shuffle(found)
    return [entry for entry, _ in found], [nth for _, nth in found]


def rates(truth: list[int], clusters: list[tuple[int, ...]]) -> tuple[float, float]:
    """Return sensitivity and specificity as ASySD measures them: of extra copies found, of single works kept."""
    copies = len(truth) - len(set(truth))
    found = sum(len(members) - len({truth[at] for at in members}) for members in clusters)
    lost = sum(len({truth[at] for at in members}) - 1 for members in clusters)
    return found / copies, 1 - lost / (len(truth) - copies)
