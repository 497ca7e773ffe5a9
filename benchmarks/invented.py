"""Invented bulletins to look at: a full one, a near-empty one, and one over its budget without a page and with one.

Publishers, places, documents and people are made up; any likeness is chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from alerts.compose import Setting
from alerts.model.bulletins import Budget, Bulletin, Candidate, Reason, Schedule, Section, SeenIn, Team
from alerts.model.catalogue import Place
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry, Event, EventKind, Evidence, Record, TermHit

NOW = datetime(2026, 11, 17, 7, 30, tzinfo=UTC)

SECTIONS = (
    Section("To answer or decide", frozenset({"consultation", "funding"}), "dated"),
    Section("Local", lens="local"),
    Section("Policy, planning and finance", frozenset({"policy", "legislation", "funding"})),
    Section("Guidance", frozenset({"guidance"}), empty="say"),
    Section("What others have done", frozenset({"evaluation", "example", "audit"})),
    Section("Reviews and briefings", frozenset({"review", "briefing"})),
    Section("Data", frozenset({"data"})),
    Section("Studies", frozenset({"study"}), limit=3),
)
LABELS = {"audit": "Audit or inspection", "review": "Review", "study": "Study", "example": "Example"}
PLACES = (
    Place("England", "nation"),
    Place("Northmoor and Vale", "icb", ("England",)),
    Place("Northmoor", "council", ("Northmoor and Vale",)),
)
TEAM = Team(
    id="commissioning",
    title="Commissioning",
    library="Northmoor Library and Knowledge Service",
    owner_name="Ada Marsh, Northmoor Library",
    owner_address="library@example.nhs.uk",
    sender_name="Northmoor Library",
    sender_address="alerts@example.nhs.uk",
    reply_to="library@example.nhs.uk",
    foot="Northmoor Library and Knowledge Service, 1 Moor Lane, Northmoor.",
    disclaimer="We list what is new and relevant; a listing is not an endorsement. "
    "Summaries are the publishers’ own words.",
    document_link="https://library.example.nhs.uk/get?doi={doi}",
    document_help="Cannot open a document? We can usually get it for you within two working days.",
    phone="01632 960000",
)
BULLETIN = Bulletin(
    id="commissioning-update",
    title="Commissioning update",
    team="commissioning",
    teams=("commissioning",),
    profiles=("virtual-wards", "urgent-care", "frailty"),
    sections=SECTIONS,
    schedule=Schedule("weekly", time(7, 30)),
    places=("England", "Northmoor and Vale"),
    introduction="What is new on virtual wards, urgent care and frailty.",
)
TITLES = {"virtual-wards": "Virtual wards", "urgent-care": "Urgent and emergency care", "frailty": "Frailty"}


@dataclass(frozen=True, slots=True)
class Invented:
    """One line of the table below, spelt out."""

    title: str
    publisher: str
    kind: str
    profile: str
    days_ago: float
    summary: str = ""
    place: str = "England"
    event: EventKind = "new"
    note: str = ""
    closes: date | None = None
    journal: str = ""
    doi: str = ""
    is_open: bool | None = None
    also: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


TABLE = (
    Invented(
        "Proposed national standards for hospital-level care at home",
        "National Board for Care Standards", "consultation", "virtual-wards", 6,
        "We are seeking views on eleven draft standards for services that give hospital-level care at home. "
        "They cover staffing, escalation, equipment and what patients and carers should be told. "
        "The consultation closes on 9 January 2027.",
        closes=date(2027, 1, 9), terms=("hospital-level care",),
    ),
    Invented(
        "Neighbourhood health fund: expressions of interest",
        "Ministry of Local Care", "funding", "frailty", 3,
        "Systems may bid for up to £400,000 over two years. Bids must name a community partner.",
        closes=date(2026, 12, 4),
    ),
    Invented(
        "Virtual wards in Northmoor: the first year",
        "Northmoor and Vale Integrated Care Board", "evaluation", "virtual-wards", 5,
        "The board heard that 1,140 people were looked after at home in the first year. "
        "Four in five said they would choose it again; occupancy stayed below the plan until August.",
        place="Northmoor and Vale", terms=("virtual wards",),
    ),
    Invented(
        "Winter priorities for urgent and emergency care 2026 to 2027",
        "Department for Hospitals and Community Care", "policy", "urgent-care", 2,
        "Sets out seven priorities for the winter, with named leads. Ambulance handover and same "
        "day emergency care come first.",
        also=("Hospital Leaders Bulletin", "Care Policy Weekly"), terms=("urgent and emergency care",),
    ),
    Invented(
        "Virtual wards: operational guidance",
        "Department for Hospitals and Community Care", "guidance", "virtual-wards", 40,
        "How to set up and run a virtual ward, for providers and commissioners. Covers criteria for admission, "
        "daily review, medicines and discharge.",
        event="updated",
        note="new section on heart failure, and changed criteria for step-up admission",
        terms=("virtual wards",),
    ),
    Invented(
        "Falls: assessment and prevention in older people living with frailty",
        "National Board for Care Standards", "guidance", "frailty", 8,
        "Recommends a short assessment of everyone over 65 after a fall, and strength and balance "
        "exercise for those at risk.",
        terms=("frailty",),
    ),
    Invented(
        "How three rural districts cut ambulance conveyance with a shared falls car",
        "Rural Care Exchange", "example", "urgent-care", 4,
        "Three districts pooled money for one crew and one car. In eight months two thirds of "
        "callers stayed at home.",
        doi="", terms=("ambulance conveyance",),
    ),
    Invented(
        "Remote monitoring at home after hospital admission: systematic review and meta-analysis",
        "", "review", "virtual-wards", 9,
        "Background: Monitoring at home is spreading faster than the evidence. Methods: We "
        "searched six databases to March 2026. "
        "Results: Forty-one trials (12,960 people) were included. Conclusions: Monitoring at home "
        "probably reduces readmission "
        "within 30 days, by about one in nine. Effects on mortality and on carers remain uncertain.",
        place="", journal="Annals of Home Care", doi="10.5555/ahc.2026.118", is_open=True,
        also=("Medline search: virtual wards",), terms=("monitoring at home", "hospital admission"),
    ),
    Invented(
        "What commissioners should know about frailty at the front door",
        "Institute for Fair Health", "briefing", "frailty", 7,
        "A short briefing in plain English: what a frailty service at the front door does, what it "
        "costs, and what to ask of one.",
        terms=("frailty",),
    ),
    Invented(
        "Emergency department waits, October 2026",
        "Statistics for Health", "data", "urgent-care", 5,
        "Seventy-four in every hundred people were seen within four hours in October, two more than a year ago.",
    ),
    Invented(
        "Nurse-led step-up virtual ward for people with heart failure: cohort study in two districts",
        "", "study", "virtual-wards", 10,
        "OBJECTIVE To compare nurse-led care at home with usual admission. METHODS Cohort of 612 "
        "adults. RESULTS Fewer people were "
        "admitted to hospital (31% against 44%). CONCLUSIONS Nurse-led step-up care at home was "
        "followed by fewer admissions. "
        "Selection may explain part of the difference.",
        place="", journal="Heart and Community", doi="10.5555/hc.2026.77", is_open=False, terms=("virtual ward",),
    ),
    Invented(
        "Older people’s accounts of being a patient at home: interviews in four towns",
        "", "study", "virtual-wards", 12,
        "Thirty-two people were interviewed after a stay on a virtual ward. Most felt safe; those "
        "living alone asked for more "
        "visits in person. Carers described being glad and being tired in the same breath.",
        place="", journal="Journal of Lived Care", doi="10.5555/jlc.2026.9", terms=("at home",),
    ),
    Invented(
        "Local paper: new ward "
        "opens", "Moor Gazette", "news", "virtual-wards", 1, "A news item that no section asked for."
    ),
)  # fmt: skip

RETRACTED = Invented(
    "Early discharge with wearable sensors: randomised trial",
    "", "study", "virtual-wards", 200, place="", journal="Wearables in Medicine", doi="10.5555/wim.2026.2",
    event="retracted", note="Retraction published",
)  # fmt: skip
NOTICE = Entry(
    key="notice",
    title="Retraction: Early discharge with wearable sensors: randomised trial",
    summary="The journal could not confirm the trial’s registration. The authors agree.",
    identifiers=(Identifier("doi", "10.5555/wim.2026.90"),),
)


def candidate(number: int, line: Invented) -> Candidate:
    """Return the candidate that one line of the table stands for."""
    when = NOW - timedelta(days=line.days_ago)
    closes = datetime.combine(line.closes, time(17), UTC) if line.closes else None
    entry = Entry(
        key=str(number),
        title=line.title,
        link=f"https://www.example.org/items/{number}",
        summary=line.summary,
        journal=line.journal,
        publisher=line.publisher,
        published=when,
        closes=closes,
        identifiers=(Identifier("doi", line.doi),) if line.doi else (),
        open_access=line.is_open,
        authors=("Marsh A", "Lund B") if line.journal else (),
    )
    record = Record(number, entry, NOW - timedelta(days=min(line.days_ago, 6)), evidence_type=line.kind)
    hits = tuple(
        TermHit(1, term, name, at, at + len(term))
        for term in line.terms
        for name, text in (("title", line.title), ("summary", line.summary))
        if (at := text.casefold().find(term)) >= 0
    )
    happened = NOW - timedelta(days=min(line.days_ago, 5))
    event = Event(number, 1 if line.event == "new" else 2, line.event, happened, line.note, id=number)
    first = SeenIn("source", line.journal or line.publisher, line.publisher, place=line.place)
    others = tuple(SeenIn(f"other-{at}", title) for at, title in enumerate(line.also))
    reasons = (Reason(line.profile, TITLES[line.profile], Evidence((1,), hits)),)
    notice = Record(9000 + number, NOTICE, NOW) if line.event == "retracted" else None
    return Candidate(event, record, reasons, (first, *others), notice=notice)


def setting(number: int = 12, *, public: str = "https://alerts.example.nhs.uk", note: str = "") -> Setting:
    """Return the setting of an invented issue."""
    return Setting(
        number=number,
        period_key="2026-11-17",
        now=NOW,
        team=TEAM,
        since=date(2026, 11, 10),
        type_labels=LABELS,
        profile_titles=TITLES,
        places=PLACES,
        followed=frozenset({"source"}),
        sources_searched=tuple(f"Source {number}" for number in range(1, 62)),
        sources_failed=("Statistics for Care",),
        public_address=public,
        note=note,
    )


def issues() -> dict[str, tuple[Bulletin, Sequence[Candidate], Setting]]:
    """Return the bulletins by name, with what to compose them from."""
    table = [candidate(number, line) for number, line in enumerate((*TABLE, RETRACTED), 1)]
    many = [
        replace(
            each,
            record=replace(
                each.record,
                id=100 * copy + each.record.id,
                entry=replace(
                    each.record.entry, title=each.record.entry.title + town, link=f"{each.record.entry.link}{town[2:]}"
                ),
            ),
            event=replace(each.event, id=100 * copy + each.event.id),
        )
        for copy, town in enumerate(("", ": Eastvale", ": Westmoor"))
        for each in table
    ]
    note = "The searching course on 2 December has three places left: reply to this mail to book."
    return {
        "full": (replace(BULLETIN, budget=Budget(items=14)), table, setting(note=note)),
        "near-empty": (BULLETIN, table[3:4], setting(13)),
        "nothing-new": (replace(BULLETIN, when_empty="notice"), [], setting(13)),
        "over-budget": (BULLETIN, many, setting(14, public="")),
        "over-budget-web": (replace(BULLETIN, budget=Budget(items=6)), many, setting(15)),
    }
