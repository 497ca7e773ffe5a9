"""Who is asked about what a poll decided, when records turn out to be one."""

from __future__ import annotations

from dataclasses import replace

from alerts.model.decisions import Decision, Known
from alerts.model.profiles import SourceSelection
from alerts.model.records import Record
from alerts.pipeline.matching import Searches, match_decisions
from alerts.search import compile_text
from tests.store import making as make

NICE, INDEX = make.source("nice"), make.source("index")


def searches() -> Searches:
    """One profile that listens to NICE alone."""
    mine = make.profile("tobacco", sources=SourceSelection(ids=frozenset({"nice"})))
    book = make.catalogue(make.bulletin("ph", "tobacco"), profiles=[mine], sources=[NICE, INDEX])
    return Searches.of(book, {"tobacco": compile_text("smok*.ti.")})


def test_a_record_that_stays_is_asked_of_those_who_heard_the_other() -> None:
    text = make.entry("k", title="Smoking in England")
    known = Known(
        records={1: Record(1, make.entry("a", title="Untitled"), make.NOW), 2: Record(2, text, make.NOW)},
        sources_of={1: frozenset({"index"}), 2: frozenset({"nice"})},
    )
    alone = Decision(text, "changed", 1, "why", text=text)
    merged = replace(alone, merges=((2, "one and the same"),))
    assert [each.record_id for each in match_decisions(searches(), INDEX, [alone], known).matches] == []
    assert [each.record_id for each in match_decisions(searches(), INDEX, [merged], known).matches] == [1]


def test_a_record_that_was_merged_in_its_first_poll_has_no_matches_of_its_own() -> None:
    text = make.entry("k", title="Smoking in England")
    decisions = [make.new(-1, text), make.new(-2, make.entry("l", title="Smoking in England now")),
                 replace(make.changed(-1, text, None), merges=((-2, "one and the same"),))]  # fmt: skip
    assert {each.record_id for each in match_decisions(searches(), NICE, decisions, Known()).matches} == {-1}
