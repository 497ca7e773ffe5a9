"""What databases state of two publications comes before what titles let guess, and is told once, whoever states it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.identify.comparing.notices import mark_of, notice_of
from alerts.model.decisions import Decision
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry, Relation, RelationKind
from alerts.model.sources import Source
from alerts.parse.keys import fingerprint
from tests.identify.conftest import Shelf

PUBMED = Source("pubmed", "PubMed", "https://eutils.example.org/", evidence_type="study")
CROSSREF = Source("crossref", "Crossref", "https://api.example.org/", evidence_type="study")
JOURNAL = Source("journal", "Journal", "https://journal.example.org/feed", evidence_type="study")
ARTICLE_DOI, NOTICE_DOI = Identifier("doi", "10.5555/article"), Identifier("doi", "10.5555/notice")
ARTICLE_PMID, NOTICE_PMID = Identifier("pmid", "40000001"), Identifier("pmid", "40000777")
SECOND_PMID = Identifier("pmid", "40000888")
ARTICLE = Entry(
    "40000001", "Vaping and lung function in schools of the north", journal="Thorax", authors=("Jane P Roe",),
    identifiers=(ARTICLE_DOI, ARTICLE_PMID),
)  # fmt: skip
NOTICE = Entry("40000777", "Data in Table 2", journal="Thorax", identifiers=(NOTICE_DOI, NOTICE_PMID))


def saying(entry: Entry, *stated: tuple[RelationKind, Identifier], key: str = "") -> Entry:
    made = replace(entry, key=key or entry.key, relations=tuple(Relation(*each) for each in stated))
    return replace(made, fingerprint=fingerprint(made))


def told(shelf: Shelf, *decisions: Decision) -> list[str]:
    """All events about the article so far that are not its being new."""
    number = shelf.owners[ARTICLE_DOI]
    return [each.kind for each in shelf.events[number] if each.kind != "new"]


@pytest.fixture
def known(shelf: Shelf) -> Shelf:
    """A shelf on which the article stands, as PubMed gave it."""
    shelf.poll(PUBMED, saying(ARTICLE))
    return shelf


@pytest.mark.parametrize(
    ("kind", "named", "event"),
    [
        ("retraction of", "Retraction", "retracted"),
        ("withdrawal of", "Withdrawal", "withdrawn"),
        ("correction of", "Correction", "corrected"),
        ("concern about", "Expression of concern", "corrected"),
    ],
)
def test_a_notice_is_one_because_a_database_says_so_whatever_its_title(
    kind: RelationKind, named: str, event: str
) -> None:
    found = notice_of(saying(NOTICE, (kind, ARTICLE_PMID)))
    assert found is not None
    assert (found.kind, found.event, found.about) == (named, event, (ARTICLE_PMID,))


def test_a_title_that_lets_guess_a_correction_gives_way_to_a_database_that_says_retraction() -> None:
    found = notice_of(saying(replace(NOTICE, title="Correction to: Vaping"), ("retraction of", ARTICLE_DOI)))
    assert found is not None
    assert found.event == "retracted"


def test_a_comment_and_a_preprint_s_article_are_no_notices() -> None:
    assert notice_of(saying(NOTICE, ("update of", ARTICLE_PMID))) is None
    assert mark_of(saying(NOTICE, ("corrected by", ARTICLE_PMID))) is None


@pytest.mark.parametrize("about", [ARTICLE_PMID, ARTICLE_DOI])
def test_a_notice_finds_its_record_by_the_identifier_that_the_database_gives(known: Shelf, about: Identifier) -> None:
    (made,) = known.poll(PUBMED, saying(NOTICE, ("correction of", about)))
    assert made.event == "new"
    assert told(known) == ["corrected"]


@pytest.mark.parametrize("about", [ARTICLE_PMID, ARTICLE_DOI])
def test_a_notice_that_comes_first_waits_for_its_record(shelf: Shelf, about: Identifier) -> None:
    shelf.poll(PUBMED, saying(NOTICE, ("retraction of", about)))
    shelf.poll(PUBMED, saying(ARTICLE))
    assert told(shelf) == ["retracted"]


@pytest.mark.parametrize(
    ("stated", "events"),
    [
        (("retracted by", NOTICE_PMID), ["retracted"]),
        (("corrected by", NOTICE_PMID), ["corrected"]),
        (("concern told by", NOTICE_PMID), ["corrected"]),
        (("updated by", NOTICE_PMID), []),
    ],
)
def test_a_record_gets_the_event_though_the_notice_itself_never_comes(
    known: Shelf, stated: tuple[RelationKind, Identifier], events: list[str]
) -> None:
    for _ in range(2):
        known.poll(PUBMED, saying(ARTICLE, stated))
    assert told(known) == events


def test_what_was_corrected_before_it_was_first_seen_is_no_event(shelf: Shelf) -> None:
    for _ in range(2):
        shelf.poll(PUBMED, saying(ARTICLE, ("corrected by", NOTICE_PMID)))
    assert told(shelf) == []


@pytest.mark.parametrize("first", ["the record", "the notice"])
@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("kind", ["retract", "correct"])
def test_the_notice_and_the_record_that_names_it_make_one_event(
    known: Shelf, first: str, at_once: bool, kind: str
) -> None:
    of, by = ("retraction of", "retracted by") if kind == "retract" else ("correction of", "corrected by")
    entries = [saying(ARTICLE, (by, NOTICE_PMID)), saying(NOTICE, (of, ARTICLE_PMID))]  # type: ignore[arg-type]
    if first == "the notice":
        entries.reverse()
    for some in [entries] if at_once else [[each] for each in entries]:
        known.poll(PUBMED, *some)
    known.poll(PUBMED, *entries)
    assert told(known) == [f"{kind}ed"]


@pytest.mark.parametrize("kind", ["retracted by", "corrected by", "concern told by"])
def test_two_databases_that_name_one_notice_differently_make_one_event(known: Shelf, kind: RelationKind) -> None:
    known.poll(PUBMED, saying(ARTICLE, (kind, NOTICE_PMID)))
    known.poll(
        CROSSREF, saying(replace(ARTICLE, identifiers=(ARTICLE_DOI,)), (kind, NOTICE_DOI), key="10.5555/article")
    )
    assert len(told(known)) == 1


def test_a_notice_in_a_journal_s_feed_after_pubmed_told_of_it_makes_no_second_event(known: Shelf) -> None:
    known.poll(PUBMED, saying(ARTICLE, ("corrected by", NOTICE_PMID)))
    title = f"Correction to: {ARTICLE.title}"
    notice = Entry("n", title, journal="Thorax", identifiers=(NOTICE_DOI,))
    (made,) = known.poll(JOURNAL, saying(notice))
    assert (made.event, told(known)) == ("new", ["corrected"])
    assert made.relation == ("correction of", known.owners[ARTICLE_DOI])


def test_a_notice_in_a_journal_s_feed_before_pubmed_tells_of_it_makes_no_second_event(known: Shelf) -> None:
    notice = Entry("n", f"Correction to: {ARTICLE.title}", journal="Thorax", identifiers=(NOTICE_DOI,))
    known.poll(JOURNAL, saying(notice))
    known.poll(PUBMED, saying(ARTICLE, ("corrected by", NOTICE_PMID)))
    assert told(known) == ["corrected"]


def test_a_second_erratum_is_told_and_so_is_a_retraction_after_a_concern(known: Shelf) -> None:
    known.poll(PUBMED, saying(ARTICLE, ("concern told by", NOTICE_PMID)))
    known.poll(PUBMED, saying(ARTICLE, ("concern told by", NOTICE_PMID), ("corrected by", SECOND_PMID)))
    third = Identifier("pmid", "40000999")
    known.poll(PUBMED, saying(ARTICLE, ("corrected by", SECOND_PMID), ("corrected by", third)))
    known.poll(PUBMED, saying(ARTICLE, ("retracted by", Identifier("pmid", "40001111"))))
    assert told(known) == ["corrected", "corrected", "corrected", "retracted"]


def test_a_retraction_stated_by_another_database_keeps_the_record_s_own_title(known: Shelf) -> None:
    other = replace(ARTICLE, title="Vaping and lung function, schools of the North", identifiers=(ARTICLE_DOI,))
    (made,) = known.poll(CROSSREF, saying(other, ("retracted by", NOTICE_DOI), key="10.5555/article"))
    assert made.event == "retracted"
    assert known.records[known.owners[ARTICLE_DOI]].title == ARTICLE.title


def test_a_preprint_is_linked_to_the_article_that_a_database_names_whatever_both_are_called(known: Shelf) -> None:
    preprint = Entry(
        "p", "E-cigarettes, breath and pupils", identifiers=(Identifier("doi", "10.1101/2026.01.02.123456"),)
    )
    (made,) = known.poll(PUBMED, saying(preprint, ("published as", ARTICLE_PMID)))
    assert (made.outcome, made.relation) == ("new", ("preprint of", known.owners[ARTICLE_DOI]))


def test_an_article_is_linked_to_its_preprint_and_a_new_edition_to_the_one_before(known: Shelf) -> None:
    preprint = Identifier("doi", "10.1101/2026.01.02.123456")
    known.poll(PUBMED, saying(Entry("p", "E-cigarettes, breath and pupils", identifiers=(preprint,))))
    paper = Entry("q", "Lungs of pupils who vape", identifiers=(Identifier("pmid", "40002222"),))
    (made,) = known.poll(PUBMED, saying(paper, ("update of", preprint)))
    assert made.relation == ("published version of", known.owners[preprint])
    review = Entry("r", "School vaping: a review, second edition", identifiers=(Identifier("pmid", "40003333"),))
    (made,) = known.poll(PUBMED, saying(review, ("update of", ARTICLE_PMID)))
    assert made.relation == ("update of", known.owners[ARTICLE_DOI])


def test_two_records_of_pubmed_that_give_one_doi_stay_two() -> None:
    shelf = Shelf()
    shared = Identifier("doi", "10.5005/jp-")
    one = Entry(
        "1", "Role of the endothelium in newborns", authors=("J Roe",), identifiers=(shared, Identifier("pmid", "1"))
    )
    two = Entry("2", "Shortening of open fractures", authors=("J Roe",), identifiers=(shared, Identifier("pmid", "2")))
    assert [each.outcome for each in shelf.poll(PUBMED, saying(one), saying(two))] == ["new", "new"]


def test_a_withdrawal_is_told_once_by_the_notice_or_by_the_record(known: Shelf) -> None:
    (first,) = known.poll(CROSSREF, saying(ARTICLE, ("withdrawn by", NOTICE_DOI), key="10.5555/article"))
    assert (first.event, first.event_note) == ("withdrawn", "Withdrawal published")
    second = known.poll(JOURNAL, saying(NOTICE, ("withdrawal of", ARTICLE_DOI), key="n"))
    assert told(known, first, *second) == ["withdrawn"]


def test_an_article_is_linked_to_the_preprint_that_its_database_names(known: Shelf) -> None:
    article = replace(ARTICLE, key="a", title="What vaping does", identifiers=(Identifier("doi", "10.5555/final"),))
    (made,) = known.poll(CROSSREF, saying(article, ("published version of", ARTICLE_DOI)))
    assert (made.outcome, made.relation) == ("new", ("published version of", known.owners[ARTICLE_DOI]))
