"""PubMed's records as entries, and the answers of its search."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import cast

import pytest

from alerts.model.records import Entry
from alerts.parse import Parsed
from alerts.parse.databases.pubmed import SearchAnswer, SearchGone, parse_body
from alerts.parse.problems import NotAsDocumented
from tests.journeys.eutils import Article, article_xml

DAY = date(2026, 11, 3)
HISTORY = (
    '<PubmedData><History><PubMedPubDate PubStatus="entrez"><Year>2026</Year><Month>11</Month><Day>3</Day>'
    "</PubMedPubDate></History></PubmedData>"
)


def parsed(*articles: str) -> Parsed:
    return cast("Parsed", parse_body(f"<PubmedArticleSet>{''.join(articles)}</PubmedArticleSet>".encode()))


def article(inner: str, *, after: str = "", data: str = HISTORY) -> str:
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">41000001</PMID><Article>{inner}</Article>{after}'
        f"</MedlineCitation>{data}</PubmedArticle>"
    )


def entry(inner: str, *, after: str = "", data: str = HISTORY) -> Entry:
    (made,) = parsed(article(inner, after=after, data=data)).entries
    return made


TITLE = "<ArticleTitle>Vaping in schools.</ArticleTitle>"


def test_a_structured_abstract_keeps_its_labels_and_its_mark_up_joins_no_words() -> None:
    made = entry(
        "<ArticleTitle>PM<sub>2.5</sub> &amp; <i>asthma</i> in  schools.</ArticleTitle><Abstract>"
        '<AbstractText Label="BACKGROUND" NlmCategory="BACKGROUND">Air &lt; 5 µg.</AbstractText>'
        '<AbstractText Label="UNLABELLED">Ten schools.</AbstractText><AbstractText Label="RESULTS"/></Abstract>'
        "<OtherAbstract><AbstractText>Otra lengua.</AbstractText></OtherAbstract>"
    )
    assert made.title == "PM2.5 & asthma in schools"
    assert made.summary == "Background: Air < 5 µg.\nTen schools."
    assert made.summary_html == "<p><strong>Background:</strong> Air &lt; 5 µg.</p><p>Ten schools.</p>"


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("<ArticleTitle>[Vaping in schools].</ArticleTitle>", "Vaping in schools"),
        ("<ArticleTitle>[Not Available].</ArticleTitle><VernacularTitle>Vapoter à l’école.</VernacularTitle>",
         "Vapoter à l’école"),
        ("<ArticleTitle>[Vaping] and [snus] in schools.</ArticleTitle>", "[Vaping] and [snus] in schools"),
        ("<ArticleTitle>Why vape?</ArticleTitle>", "Why vape?"),
    ],
)  # fmt: skip
def test_a_title_is_given_as_readers_write_it(given: str, title: str) -> None:
    assert entry(given).title == title


def test_headings_keep_their_subheadings_and_what_the_article_is_mainly_about() -> None:
    made = entry(
        TITLE,
        after='<MeshHeadingList><MeshHeading><DescriptorName MajorTopicYN="N">Vaping</DescriptorName>'
        '<QualifierName MajorTopicYN="Y">adverse effects</QualifierName><QualifierName MajorTopicYN="N">economics'
        '</QualifierName></MeshHeading><MeshHeading><DescriptorName MajorTopicYN="Y">Schools</DescriptorName>'
        "</MeshHeading></MeshHeadingList>",
    )
    assert made.headings == ("Vaping/*adverse effects", "Vaping/economics", "*Schools")


def test_people_and_bodies_are_authors_and_what_nlm_calls_wrong_is_not() -> None:
    made = entry(
        TITLE + "<AuthorList><Author><LastName>Roe</LastName><ForeName>Jane P</ForeName><Suffix>Jr</Suffix>"
        "<AffiliationInfo><Affiliation>School of Health, Leeds.</Affiliation></AffiliationInfo></Author>"
        '<Author ValidYN="N"><LastName>Rho</LastName></Author>'
        "<Author><CollectiveName>Vaping in Schools Group</CollectiveName></Author></AuthorList>"
    )
    assert made.authors == ("Jane P Roe Jr", "Vaping in Schools Group")
    assert made.affiliations == ("School of Health, Leeds.",)


@pytest.mark.parametrize(
    ("dates", "published", "kind"),
    [
        ("<ArticleDate><Year>2026</Year><Month>10</Month><Day>30</Day></ArticleDate>", "2026-10-30", "published"),
        ("<Year>2026</Year><Month>Oct</Month><Day>29</Day>", "2026-10-29", "published"),
        ("<Year>2026</Year><Month>Nov</Month>", "2026-11-03", "published"),  # the day on which PubMed had it
        ("<Year>2027</Year><Month>Jan</Month><Day>15</Day>", "2026-11-03", "published"),  # an issue dated ahead
        ("<Year>2026</Year>", "2026-11-03", "published"),
        ("<Year>2019</Year><Month>Mar</Month>", "2019-03-01", "issue"),
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", "1998-12-01", "issue"),
        ("<MedlineDate>2000 Spring</MedlineDate>", "2000-01-01", "issue"),
        ("<Year>1990</Year><Season>Spring</Season>", "1990-01-01", "issue"),
    ],
)
def test_an_article_is_dated_by_the_day_that_is_known(dates: str, published: str, kind: str) -> None:
    issue = "" if dates.startswith("<ArticleDate") else f"<PubDate>{dates}</PubDate>"
    online = dates if not issue else ""
    made = entry(f"<Journal><JournalIssue>{issue}</JournalIssue></Journal>{TITLE}{online}")
    assert made.published is not None
    assert (f"{made.published:%Y-%m-%d}", made.date_kind) == (published, kind)


def test_identifiers_are_the_article_s_own_and_not_those_of_its_references() -> None:
    made = entry(
        '<ELocationID EIdType="doi" ValidYN="N">10.5555/wrong</ELocationID>'
        '<ELocationID EIdType="doi" ValidYN="Y">10.5555/Right</ELocationID>' + TITLE,
        data='<PubmedData><ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.5555/cited</ArticleId>'
        '</ArticleIdList></Reference></ReferenceList><ArticleIdList><ArticleId IdType="pmc">PMC77</ArticleId>'
        "</ArticleIdList></PubmedData>",
    )
    assert [str(each) for each in made.identifiers] == ["doi:10.5555/right", "pmid:41000001", "pmcid:PMC77"]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("RetractionOf", "retraction of"), ("RetractionIn", "retracted by"), ("ErratumIn", "corrected by"),
        ("ErratumFor", "correction of"), ("ExpressionOfConcernIn", "concern told by"),
        ("ExpressionOfConcernFor", "concern about"), ("UpdateOf", "update of"), ("UpdateIn", "updated by"),
        ("RepublishedFrom", "update of"), ("CommentOn", ""), ("CommentIn", ""), ("Cites", ""), ("Nonsense", ""),
    ],
)  # fmt: skip
def test_what_pubmed_states_of_two_publications_is_kept_and_a_comment_states_nothing(said: str, kind: str) -> None:
    noted = (
        f'<CommentsCorrectionsList><CommentsCorrections RefType="{said}"><RefSource>J Ex. 2026;1:2. doi: 10.5555/N1.'
        "</RefSource><PMID>40000777</PMID></CommentsCorrections></CommentsCorrectionsList>"
    )
    found = [(each.kind, str(each.other)) for each in entry(TITLE, after=noted).relations]
    assert found == ([(kind, "pmid:40000777"), (kind, "doi:10.5555/n1")] if kind else [])


def test_a_preprint_that_was_updated_was_published() -> None:
    made = Article(1, "Vaping", DAY, types=("Preprint",), notes=(("UpdateIn", 2, "Thorax."),))
    assert parsed(article_xml(made)).entries[0].relations[0].kind == "published as"


def test_a_book_and_a_chapter_are_read() -> None:
    book = (
        "<PubmedBookArticle><BookDocument><PMID>33000001</PMID><ArticleIdList><ArticleId IdType='bookaccession'>"
        "NBK1</ArticleId></ArticleIdList><Book><Publisher><PublisherName>NICE</PublisherName></Publisher><BookTitle>"
        "Tobacco: evidence review</BookTitle><PubDate><Year>2026</Year><Month>10</Month></PubDate></Book>{}"
        "<Language>eng</Language><PublicationType>Review</PublicationType><Abstract><AbstractText>Text.</AbstractText>"
        "</Abstract></BookDocument><PubmedBookData><ArticleIdList><ArticleId IdType='doi'>10.5555/b</ArticleId>"
        "</ArticleIdList></PubmedBookData></PubmedBookArticle>"
    )
    whole, chapter = (
        parsed(book.format(each)).entries[0] for each in ("", "<ArticleTitle>Cost of patches</ArticleTitle>")
    )
    assert (whole.title, whole.journal, whole.publisher) == ("Tobacco: evidence review", "", "NICE")
    assert (chapter.title, chapter.journal, chapter.language) == ("Cost of patches", "Tobacco: evidence review", "en")
    assert (chapter.identifier("doi"), chapter.publication_types, chapter.summary) == (
        "10.5555/b",
        ("Review",),
        "Text.",
    )


def test_one_bad_record_costs_only_itself() -> None:
    bad = "<PubmedArticle><MedlineCitation><PMID>x</PMID></MedlineCitation></PubmedArticle>"
    found = parsed(article(TITLE), bad)
    assert (len(found.entries), [each.code for each in found.problems]) == (1, ["P101"])


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\x00\xff", b"<html><body>Sign in</body></html>", b"{}", b"[" * 50_000, b"<rss/>",
        b"<PubmedArticleSet><PubmedArticle>", b"<PubmedArticleSet>&unknown;</PubmedArticleSet>",
        b"<!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;'>]><PubmedArticleSet>&d;</PubmedArticleSet>",
    ],
)  # fmt: skip
def test_what_is_none_of_pubmed_s_answers_is_an_error(body: bytes) -> None:
    for answer in ("search", "articles"):
        with pytest.raises(NotAsDocumented):
            parse_body(body, answer=answer)


def test_an_answer_deep_or_large_beyond_reason_ends() -> None:
    deep = b"<PubmedArticleSet>" + b"<a>" * 600_000
    with pytest.raises(NotAsDocumented):
        parse_body(deep)


def test_the_history_server_s_refusal_is_told_apart() -> None:
    with pytest.raises(SearchGone, match="Unable to obtain"):
        parse_body(b"<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>")


def test_the_count_is_that_of_the_search_and_not_of_a_word_of_it() -> None:
    body = (
        b"<eSearchResult><Count>2</Count><QueryKey>1</QueryKey><WebEnv>M</WebEnv><IdList><Id>7</Id></IdList>"
        b"<TranslationStack><TermSet><Count>99</Count></TermSet></TranslationStack></eSearchResult>"
    )
    found = cast("SearchAnswer", parse_body(body, answer="search"))
    assert (found.count, found.ids, found.query_key, found.history) == (2, ("7",), "1", "M")


def test_real_records_are_read_whole(shared_data: Path) -> None:
    found = [
        each
        for file in sorted((shared_data / "pubmed_samples").glob("*.xml"))
        for each in cast("Parsed", parse_body(file.read_bytes())).entries
    ]
    assert len(found) >= 4
    assert all(each.title and each.published and each.journal and each.issn and each.authors for each in found)
