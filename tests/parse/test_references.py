"""Reference files in five formats, as exported by databases and reference managers."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import pytest

from alerts.parse.problems import NotReferences
from alerts.parse.references import Reference, read_references

NBIB = b"""PMID- 111
OWN - NLM
TI  - Stopping smoking in
      pregnancy.
AB  - Many want to stop.
LA  - eng
PT  - Journal Article
JT  - Invented journal of health
DP  - 2022 Sep 3
MH  - *Smoking/prevention & control
MH  - Humans
OT  - quit
FAU - Smith, Jo
LID - 10.1234/ABC.1 [doi]

PMID- 222
TI  - Another.
"""
RIS = b"""TY  - JOUR
ID  - r1
TI  - Vaping at school
N2  - Two in ten
pupils.
KW  - vaping
KW  - schools
PY  - 2021
DO  - 10.1234/xyz
ER  -

TY  - JOUR
T1  - Second
ER  -
"""
XML = b"""<?xml version="1.0"?><!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD" "http://example.org/pubmed.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>333</PMID><Article>
<Journal><JournalIssue><PubDate><Year>2020</Year><Month>Feb</Month></PubDate></JournalIssue>
<Title>A journal</Title></Journal>
<ArticleTitle>CO<sub>2</sub> in <i>wards</i></ArticleTitle>
<Abstract><AbstractText Label="AIM">To see.</AbstractText><AbstractText>Seen.</AbstractText></Abstract>
<AuthorList><Author><LastName>Jones</LastName><ForeName>Al</ForeName></Author></AuthorList><Language>eng</Language>
<PublicationTypeList><PublicationType>Letter</PublicationType></PublicationTypeList></Article>
<MeshHeadingList><MeshHeading><DescriptorName MajorTopicYN="Y">Carbon Dioxide</DescriptorName>
<QualifierName>analysis</QualifierName></MeshHeading></MeshHeadingList></MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="doi">10.1/x</ArticleId></ArticleIdList></PubmedData>
</PubmedArticle></PubmedArticleSet>"""


def test_pubmed_format_is_read() -> None:
    references = read_references(NBIB)
    first, second = references.records
    assert references.format == "nbib"
    assert (first.id, second.id) == ("111", "222")
    assert first.entry.title == "Stopping smoking in pregnancy."
    assert first.entry.headings == ("*Smoking/prevention & control", "Humans")
    assert first.entry.keywords == ("quit",)
    assert first.entry.identifier("doi") == "10.1234/abc.1"
    assert first.entry.published is not None
    assert first.entry.published.date().isoformat() == "2022-09-03"


def test_ris_is_read() -> None:
    references = read_references(RIS)
    first, second = references.records
    assert references.format == "ris"
    assert (first.id, second.id) == ("r1", "2")
    assert (first.entry.title, first.entry.summary) == ("Vaping at school", "Two in ten pupils.")
    assert first.entry.keywords == ("vaping", "schools")
    assert second.entry.title == "Second"


def test_pubmed_xml_is_read_and_inline_tags_do_not_separate_words() -> None:
    references = read_references(XML)
    (record,) = references.records
    assert references.format == "pubmed-xml"
    assert record.entry.title == "CO2 in wards"
    assert record.entry.summary == "AIM: To see. Seen."
    assert record.entry.headings == ("*Carbon Dioxide/analysis",)
    assert record.entry.authors == ("Jones, Al",)
    assert record.entry.publication_types == ("Letter",)


def test_an_entity_bomb_is_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><PubmedArticleSet>&b;</PubmedArticleSet>'
    with pytest.raises(NotReferences):
        read_references(bomb)


def test_json_lines_are_read_and_a_bad_line_costs_only_itself() -> None:
    body = (
        b'{"pmid": "5", "title": "One", "abstract": "A", "mesh": ["Smoking"], "keywords": "a; b"}\n'
        b"not json\n\n"
        b'{"id": 7, "title": "Two", "included": true}\n'
    )
    references = read_references(body)
    assert [each.id for each in references.records] == ["5", "7"]
    assert references.records[0].entry.keywords == ("a", "b")
    assert references.records[1].fields["included"] is True
    assert [problem.line for problem in references.problems] == [2]


def test_csv_is_read_whatever_separates_its_columns() -> None:
    commas = read_references(b'\xef\xbb\xbfPMID,Title,Abstract,Keywords\n9,"Care, at home",Text,a;b\n')
    semicolons = read_references(b"id;title\nx1;Care\n")
    assert commas.records[0].id == "9"
    assert commas.records[0].entry.title == "Care, at home"
    assert commas.records[0].entry.keywords == ("a", "b")
    assert semicolons.records[0].id == "x1"


def only(body: bytes) -> Reference:
    (record,) = read_references(body).records
    return record


# RIS as EndNote, Zotero, Ovid and Covidence write it.

ENDNOTE = """TY  - JOUR
AU  - Fern, A. B.
T1  - Walking groups
for older people
PY  - 2020///
AB  - First sentence.
CI - this is text.
KW  - Aged
Walking
Social Support
DO  - https://doi.org/10.1234/AbC
AN  - 31000001
ID  - 17
ER  -


TY  - JOUR
TI  - Without an end
AN  - 31000002
TY  - JOUR
TI  - The last one
"""


def test_ris_of_endnote_has_a_keyword_on_each_further_line() -> None:
    records = read_references(ENDNOTE.replace("\n", "\r\n").encode("utf-8-sig")).records
    assert [each.id for each in records] == ["17", "31000002", "3"]
    first = records[0].entry
    assert (first.title, first.summary) == ("Walking groups for older people", "First sentence. CI - this is text.")
    assert first.keywords == ("Aged", "Walking", "Social Support")
    assert (first.identifier("doi"), first.identifier("pmid"), first.headings) == ("10.1234/abc", "31000001", ())


def test_headings_that_ovid_exports_as_keywords_are_headings() -> None:
    record = only(b"TY  - JOUR\nTI  - A\nKW  - *Smoking/pc [Prevention & Control]\nKW  - Humans\nER  - \n")
    assert record.entry.headings == ("*Smoking/pc [Prevention & Control]", "Humans")


def test_an_accession_number_of_another_database_is_no_pmid() -> None:
    record = only(b"TY  - JOUR\nTI  - A\nAN  - 2012345678\nER  - \n")
    assert (record.id, record.entry.identifiers) == ("2012345678", ())


# MEDLINE.


def test_ovids_medline_format_is_read_without_a_pmid_tag() -> None:
    records = read_references(b"UI  - 9\nTI  - One\n\nUI  - 10\nTI  - Two\n      and more\nMH  - Smoking/*ep\n").records
    assert [(each.id, each.entry.title) for each in records] == [("9", "One"), ("10", "Two and more")]


# PubMed XML.


def article(inside: str, rest: str = "") -> bytes:
    return (
        f"<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article>{inside}</Article>{rest}"
        "</MedlineCitation></PubmedArticle><DeleteCitation><PMID>2</PMID></DeleteCitation></PubmedArticleSet>"
    ).encode()


def test_an_author_is_kept_in_full_and_with_initials() -> None:
    authors = (
        "<AuthorList><Author><LastName>Fern</LastName><ForeName>Ada B</ForeName><Initials>AB</Initials></Author>"
        "<Author><CollectiveName>Walking Group</CollectiveName></Author></AuthorList>"
    )
    record = only(article(f"<ArticleTitle>A</ArticleTitle>{authors}"))
    assert record.entry.authors == ("Fern, Ada B", "Fern AB", "Walking Group")


def test_a_heading_stands_as_often_as_it_has_subheadings() -> None:
    mesh = (
        '<MeshHeadingList><MeshHeading><DescriptorName MajorTopicYN="N">Aged</DescriptorName></MeshHeading>'
        '<MeshHeading><DescriptorName MajorTopicYN="Y">Walking</DescriptorName><QualifierName>trends</QualifierName>'
        "<QualifierName>history</QualifierName></MeshHeading></MeshHeadingList>"
    )
    record = only(article("<ArticleTitle>H<sub>2</sub>O in <i>E. coli</i></ArticleTitle>", mesh))
    assert record.entry.headings == ("Aged", "*Walking/trends", "*Walking/history")
    assert record.entry.title == "H2O in E. coli"


def test_a_book_is_read() -> None:
    record = only(
        b"<PubmedArticleSet><PubmedBookArticle><BookDocument><PMID>7</PMID><Book><BookTitle>A book</BookTitle></Book>"
        b"<PublicationType>Review</PublicationType></BookDocument></PubmedBookArticle></PubmedArticleSet>"
    )
    assert (record.id, record.entry.title, record.entry.publication_types) == ("7", "A book", ("Review",))


def test_xml_that_breaks_off_keeps_what_came_before() -> None:
    whole = article("<ArticleTitle>A</ArticleTitle>")
    broken = whole[: whole.index(b"<DeleteCitation")] + b"<PubmedArticle><Medline"
    references = read_references(broken)
    assert [each.id for each in references.records] == ["1"]
    assert [each.code for each in references.problems] == ["P092"]


@pytest.mark.parametrize("encoding", ["utf-7", "nobodys"])
def test_xml_in_an_encoding_that_cannot_be_read_is_refused(encoding: str) -> None:
    with pytest.raises(NotReferences, match="encoding"):
        read_references(f'<?xml version="1.0" encoding="{encoding}"?><PubmedArticleSet/>'.encode())


def test_xml_without_an_article_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(NotReferences, match="500,000"):
        read_references(b"<PubmedArticleSet>" + b"<x/>" * 600_000)


def test_document_types_without_end_are_read_once() -> None:
    started = time.process_time()
    with pytest.raises(NotReferences):
        read_references(b"<!DOCTYPE " * 200_000)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "cp1252"])
def test_xml_is_read_in_the_encoding_it_has(encoding: str) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding}"?>\n' if encoding == "iso-8859-1" else ""
    body = declared + article("<ArticleTitle>Caf\u00e9</ArticleTitle>").decode()
    assert only(body.encode(encoding)).entry.title == "Caf\u00e9"


@pytest.mark.parametrize(
    "document_type",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/none.dtd">',
    ],
)
def test_no_entity_is_ever_expanded(document_type: str) -> None:
    body = document_type.encode() + article("<ArticleTitle>&b;</ArticleTitle>")
    with pytest.raises(NotReferences):
        read_references(body)


# Tables.


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_of_excel_is_read_in_any_of_its_encodings(encoding: str, separator: str) -> None:
    rows = [["Title", "Abstract", "Author Keywords"], ["Caf\u00e9 culture", '"two\r\nlines"', "\u2018a\u2019|b"]]
    text = f"sep={separator}\r\n" + "\r\n".join(separator.join(row) for row in rows) + f"\r\n{separator}{separator}\r\n"
    record = only(text.encode(encoding))
    assert (record.id, record.entry.title, record.entry.summary) == ("1", "Caf\u00e9 culture", "two\r\nlines")
    assert record.entry.keywords == ("\u2018a\u2019", "b")


def test_a_quotation_mark_that_is_never_closed_costs_its_own_row() -> None:
    body = 'id,title\n1,One\n2,"Two\n3,Three\n4,"Fo"ur\n5,Five\n'
    references = read_references(body.encode())
    assert [each.id for each in references.records] == ["1", "3", "4", "5"]
    assert [(each.code, each.line) for each in references.problems] == [("P092", 3)]


def test_many_bad_rows_take_no_time_and_are_told_up_to_a_bound() -> None:
    body = "id,title\n" + '1,"One\n' * 20_001
    references = read_references(body.encode())
    assert references.records
    assert len(references.problems) <= 102


@pytest.mark.parametrize(
    "body",
    [
        '[{"id": 1, "title": "A"}, {"id": 2, "title": "B"}]',
        '{"records": [{"id": 1, "title": "A"},\n {"id": 2, "title": "B"}]}',
        '[\n{"id": 1, "title": "A"},\n{"id": 2,\n "title": "B"}\n]',
        '{"id": 1, "title": "A"}\r\n{"id": 2, "title": "B"}',
    ],
)
def test_json_is_read_one_a_line_or_as_one_list(body: str) -> None:
    assert [each.said for each in read_references(body.encode()).records] == [1, 2]


def test_an_id_is_what_the_file_says() -> None:
    body = '{"id": 7, "title": "A"}\n{"id": "07", "title": "B"}\n{"pmid": 8, "title": "C"}\n{"title": "D"}\n'
    references = read_references(body.encode())
    assert [each.said for each in references.records] == [7, "07", 8, "4"]
    assert [each.is_numbered for each in references.records] == [False, False, False, True]


def test_objects_in_json_are_read_by_their_names() -> None:
    record = only(
        b'{"title": "A", "abstract": {"AIM": "To see.", "RESULT": "Seen."}, "authors": [{"name": "Fern A"}],'
        b' "mesh": [{"descriptor": "Walking"}], "source_place": "England"}'
    )
    assert record.entry.summary == "AIM: To see. RESULT: Seen."
    assert (record.entry.authors, record.entry.headings) == (("Fern A",), ("Walking",))
    assert record.source_places == {"England"}


def test_a_citation_stands_for_a_title() -> None:
    assert only(b'{"pmid": "9", "citation": "Fern A. Walking. 2020."}').entry.title == "Fern A. Walking. 2020."


def test_records_without_words_are_told_once() -> None:
    references = read_references(b'{"id": 1, "doi": "10.1/a"}\n{"id": 2, "doi": "10.1/b"}\n{"id": 3, "title": "A"}\n')
    assert [(each.code, each.line) for each in references.problems] == [("P093", 1)]
    assert references.problems[0].message.startswith("2 records")


@pytest.mark.parametrize("body", [b"", b"just a sentence", b"a,b\n1,2\n", b"<html", b"[1, 2", b"\x00\x01\x02"])
def test_what_is_no_reference_file_is_refused(body: bytes) -> None:
    with pytest.raises(NotReferences):
        read_references(body)


def test_real_files_are_read(shared_data: Path) -> None:
    counts = {
        path.name: len(read_references(path.read_bytes()).records)
        for path in sorted((shared_data / "pubmed_samples").iterdir())
    }
    assert all(counts.values()), counts
    with gzip.open(shared_data / "abstracts" / "drug_class_NSAIDS.jsonl.gz") as body:
        records = read_references(body.read()).records
    assert len(records) > 300
    assert any("Humans" in each.entry.headings for each in records)
