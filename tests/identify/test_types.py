"""The type of evidence: the librarians' table, first rule wins, and the rule is named."""

from __future__ import annotations

import pytest

from alerts.identify import evidence_type
from alerts.identify.types import BY_SOURCE
from alerts.model.catalogue import TypeRule
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry
from alerts.model.sources import Source

JOURNAL = Source("j", "A journal", "https://j.example.org/", evidence_type="study")
NEWS = Source("n", "News", "https://n.example.org/", evidence_type="news")
RULES = (
    TypeRule("meta", "review", title_any=("systematic review", "meta-analysis"), design="systematic review"),
    TypeRule(
        "trial",
        "study",
        title_any=("randomised controlled trial",),
        source_type_any=("study",),
        design="randomised trial",
    ),
    TypeRule("consult", "consultation", title_starts=("consultation",)),
    TypeRule("law", "legislation", link_any=("legislation.gov.uk",)),
    TypeRule("letter", "news", publication_type_any=("Letter",)),
    TypeRule("eval", "evaluation", summary_any=("was evaluated",), title_any=("pilot",)),
    TypeRule("last", "policy", title_any=(": open call",)),
    TypeRule("gone", "retraction", notice_any=("retracted", "withdrawn"), source_type_any=("study",)),
    TypeRule("empty", "data"),
)


@pytest.mark.parametrize(
    ("entry", "source", "type_", "rule", "design"),
    [
        (Entry("k", "Vaping: a SYSTEMATIC  review"), NEWS, "review", "meta", "systematic review"),
        (Entry("k", "Quitting — meta‑analysis of trials"), JOURNAL, "review", "meta", "systematic review"),
        (Entry("k", "A randomised controlled trial"), JOURNAL, "study", "trial", "randomised trial"),
        (Entry("k", "A randomised controlled trial"), NEWS, "news", BY_SOURCE, ""),
        (Entry("k", "Consultation on the plan"), NEWS, "consultation", "consult", ""),
        (Entry("k", "Patient consultation lengths"), JOURNAL, "study", BY_SOURCE, ""),
        (Entry("k", "Consultations on the plan"), NEWS, "news", BY_SOURCE, ""),
        (Entry("k", "The Act", link="https://www.legislation.gov.uk/uksi/2026/1"), NEWS, "legislation", "law", ""),
        (Entry("k", "On things", publication_types=("letter",)), JOURNAL, "news", "letter", ""),
        (Entry("k", "On things", publication_types=("Research Letter",)), JOURNAL, "study", BY_SOURCE, ""),
        (Entry("k", "A pilot", summary="It was evaluated."), NEWS, "evaluation", "eval", ""),
        (Entry("k", "A pilot", summary="It was."), NEWS, "news", BY_SOURCE, ""),
        (Entry("k", "The plan: Open call"), NEWS, "policy", "last", ""),
        (Entry("k", "The plan: our part – open call."), NEWS, "policy", "last", ""),
        (Entry("k", "The plan — open call"), NEWS, "policy", "last", ""),
        (Entry("k", "The plan - open call"), NEWS, "policy", "last", ""),
        (Entry("k", "The plan: open call for views"), NEWS, "news", BY_SOURCE, ""),
        (Entry("k", "An open call"), NEWS, "news", BY_SOURCE, ""),
        (Entry("k", "A re-open call"), NEWS, "news", BY_SOURCE, ""),
        (Entry("k", "Open call: the plan"), NEWS, "news", BY_SOURCE, ""),
        (Entry("k", "The plan:"), NEWS, "news", BY_SOURCE, ""),
        (Entry("k", "Walking – RETRACTED"), JOURNAL, "retraction", "gone", ""),
        (Entry("k", "Walking", publication_types=("Retracted Publication",)), JOURNAL, "retraction", "gone", ""),
        (Entry("k", "Retraction of the foot"), JOURNAL, "study", BY_SOURCE, ""),
    ],
)
def test_the_first_rule_that_holds_decides_and_is_named(
    entry: Entry, source: Source, type_: str, rule: str, design: str
) -> None:
    decided = evidence_type(entry, source, RULES)
    assert (decided.type, decided.rule, decided.design) == (type_, rule, design)


def test_a_type_given_for_the_item_itself_stands() -> None:
    assert evidence_type(Entry("k", "A systematic review", evidence_type="guidance"), NEWS, RULES).type == "guidance"


@pytest.mark.parametrize(
    ("entry", "type_"),
    [
        (Entry("k", "Retraction: a study of vaping"), "retraction"),
        (Entry("k", "RETRACTED: a study of vaping"), "retraction"),
        (Entry("k", "Corrigendum to: a study of vaping"), "correction"),
        (Entry("k", "A study", identifiers=(Identifier("doi", "10.1101/2026.01.01.1"),)), "preprint"),
        (Entry("k", "A study", link="https://www.medrxiv.org/content/1"), "preprint"),
    ],
)
def test_notices_and_preprints_are_known_without_a_rule(entry: Entry, type_: str) -> None:
    assert evidence_type(entry, JOURNAL, ()).type == type_
