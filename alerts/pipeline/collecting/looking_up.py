"""Looking records up in Europe PMC, for the sources that ask for it (`enrich: true`).

A journal's feed often gives no more than a title and a DOI; a strategy of several concepts then finds nothing. What
Europe PMC says of such a record (abstract, MeSH headings, whether it is free to read) is added to its text, which is
matched anew. It is no news to anybody: only a mark as retracted is an event, as from any source. How much of an
abstract is shown stays the affair of the source that has the record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from alerts.errors import AlertsError
from alerts.fetch.kinds import europepmc
from alerts.identify import decide, looks_up
from alerts.model.decisions import Decision, Poll
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry, Record
from alerts.model.sources import ENRICHED, Source, SourceState
from alerts.parse.problems import QuestionRefused
from alerts.pipeline.collecting.tools import Tools
from alerts.pipeline.logs import log
from alerts.pipeline.matching import match_decisions
from alerts.pipeline.service import Service
from alerts.store import Connection, Stale, look_ups, polls, sources

MOST = 200
"""Records looked up in one run; the others wait for the next."""
TOGETHER = 20
STALE_TRIES = 8
_EUROPE_PMC = Source(ENRICHED, "Europe PMC", "", evidence_type="study", updates="never")


async def look_up(service: Service, tools: Tools, polled: Collection[str]) -> int:
    """Look up what the polled sources have that is short of an abstract or of headings; return how many gained.

    A failure is logged and costs only itself: what was not asked for is asked for in the next run.
    """
    asking = [each.id for each in service.catalogue.sources.values() if each.enrich and each.id in polled]
    if not asking:
        return 0
    try:
        return await _look_up(service, tools, asking)
    except AlertsError as failure:
        log.warning("look-up failed", code=failure.code, message=failure.sentence, cause=failure.cause)
        return 0


async def _look_up(service: Service, tools: Tools, asking: Collection[str]) -> int:
    with service.store.read() as conn:
        waiting = look_ups.due(conn, asking, service.clock(), MOST)
    complete = {each.id: True for each in waiting if not _lacks(each)}
    if complete:
        await asyncio.to_thread(service.store.replay, lambda conn: look_ups.keep(conn, complete, service.clock()))
    gained = 0
    for some in _together([each for each in waiting if each.id not in complete]):
        gained += await _some(service, tools, some)
    return gained


async def _some(service: Service, tools: Tools, some: Sequence[Record]) -> int:
    """Look some records up together; an identifier that makes Europe PMC refuse the question costs only its record."""
    wanted, address = [_name_of(each) for each in some], service.settings.look_up_address
    try:
        found = await europepmc.look_up(tools.fetcher, tools.parsers, address, wanted)
    except QuestionRefused as refusal:
        if len(some) > 1:
            half = len(some) // 2
            return await _some(service, tools, some[:half]) + await _some(service, tools, some[half:])
        log.warning("look-up refused", code=refusal.code, message=refusal.sentence, asked=str(wanted[0]))
        found = ()
    return await asyncio.to_thread(_settle, service, some, found)


def _lacks(record: Record) -> bool:
    """Tell whether a record is short of an abstract, or, where PubMed has it, of headings."""
    return record.is_brief or bool(record.entry.identifier("pmid") and not record.entry.headings)


def _name_of(record: Record) -> Identifier:
    pmid = record.entry.identifier("pmid")
    return Identifier("pmid", pmid) if pmid else Identifier("doi", record.entry.identifier("doi"))


def _together(waiting: Sequence[Record]) -> Iterator[Sequence[Record]]:
    for first in range(0, len(waiting), TOGETHER):
        yield waiting[first : first + TOGETHER]


def _settle(service: Service, asked: Sequence[Record], found: Sequence[Entry]) -> int:
    """Add what was found to the records that were asked about, and match them anew, all in one transaction."""
    names = {each for record in asked for each in record.entry.identifiers if each.scheme in ("doi", "pmid")}
    entries = [each for each in found if not names.isdisjoint(each.identifiers)]
    wanted, ids = looks_up(entries), {each.id for each in asked}
    for _ in range(STALE_TRIES):
        now = service.clock()
        with service.store.read() as conn:
            known = sources.known(conn, ENRICHED, wanted)
        rules = service.catalogue.type_rules
        decided = decide(entries, source=_EUROPE_PMC, known=known, first_run=False, now=now, rules=rules)
        decisions = tuple(_alone(each, known.records[each.record].entry) for each in decided if each.record in ids)
        matched = match_decisions(service.searches, _EUROPE_PMC, decisions, known)
        poll = Poll(
            ENRICHED, now, SourceState(ENRICHED), known, decisions, tuple(matched.matches), tuple(matched.unmatched),
            profiles=service.profile_revisions,
        )  # fmt: skip
        over = {each.record for each in decisions if each.entry.summary or each.entry.headings}

        def write(conn: Connection, poll: Poll = poll, over: set[int] = over) -> None:
            polls.write(conn, poll, wanted)
            look_ups.keep(conn, {each: each in over for each in ids}, poll.at)

        try:
            service.store.replay(write)
        except Stale:
            continue
        return sum(each.text is not None for each in decisions)
    raise Stale("Other processes kept changing the records that were looked up; they are asked for again.")


def _alone(decision: Decision, before: Entry) -> Decision:
    """Return a decision without what it says of records that are not stored: what was found beside is not kept.

    The record stays its source's own, whatever was added to it: only what that source changes later is news.
    """
    text = decision.text and replace(decision.text, key=before.key, fingerprint=before.fingerprint)
    relation = decision.relation if decision.relation is not None and decision.relation[1] > 0 else None
    noticed = tuple(each for each in decision.noticed if each.notice > 0 and each.about > 0)
    return replace(decision, text=text, relation=relation, noticed=noticed, backlog=False)
