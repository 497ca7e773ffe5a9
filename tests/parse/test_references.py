"""Reference files in five formats, as exported by databases and reference managers."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from alerts.parse.references import NotReferences, read_references

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
