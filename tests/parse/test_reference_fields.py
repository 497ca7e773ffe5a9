"""Reference files of databases and managers: what their columns are called, and how they write people, pages, DOIs."""

from __future__ import annotations

import pytest

from alerts.parse.references import Reference, date_of, read_references
from alerts.parse.references.fields import author_names, doi_in, doi_of_links, is_database, issns_in

OLD = "10.1002/(SICI)1097-0258(19980815)17:15<1661::AID-SIM968>3.0.CO;2-2"
WALKS = "Health Walks"
TITLE = "Walking groups for older people"


def only(body: str) -> Reference:
    (record,) = read_references(body.encode()).records
    return record


def table(names: str, cells: str, separator: str = ",") -> Reference:
    quoted = separator.join(f'"{cell}"' for cell in cells.split("|"))
    return only(f"{separator.join(names.split('|'))}\n{quoted}\n")


@pytest.mark.parametrize(
    ("names", "cells", "separator"),
    [
        # ASySD and EndNote's table
        ("author|year|title|journal|abstract|volume|number|pages|isbn|doi|url|record_id|label|source|duplicate_id",
         f"Fern, A. B. and Moss, C.|2019|{TITLE}|{WALKS}|NA|12|3|123-131|1234-5679|10.1234/abc|NA|7|x|pubmed|", ","),
        # Scopus
        ("Authors|Title|Year|Source title|Volume|Issue|Art. No.|Page start|Page end|Page count|DOI|ISSN|EID",
         f"Fern A.B., Moss C.|{TITLE}|2019|{WALKS}|12|3||123|131|9|10.1234/abc|12345679|2-s2.0-1", ","),
        # Web of Science, by tag and by name
        ("PT|AU|TI|SO|SN|PY|VL|IS|BP|EP|DI|UT",
         f"J|Fern, AB; Moss, C|{TITLE}|HEALTH WALKS|1234-5679|2019|12|3|123|131|10.1234/abc|WOS:1", "\t"),
        ("Authors|Article Title|Source Title|ISSN|Publication Year|Volume|Issue|Start Page|End Page|DOI",
         f"Fern, AB; Moss, C|{TITLE}|{WALKS}|1234-5679|2019|12|3|123|131|10.1234/abc", ","),
        # Zotero
        ("Key|Item Type|Publication Year|Author|Title|Publication Title|ISSN|DOI|Url|Pages|Issue|Volume",
         f"K7|journalArticle|2019|Fern, Ada B.; Moss, Cy|{TITLE}|{WALKS}|1234-5679|10.1234/abc||123–131|3|12", ","),
        # Rayyan
        ("key|title|year|month|day|journal|issn|volume|issue|pages|authors|url|doi",
         f"r-1|{TITLE}|2019|5||{WALKS}|1234-5679|12|3|123-131|Fern A.B. and Moss C.|https://doi.org/10.1234/abc|", ","),
        # Covidence
        ("Title|Authors|Abstract|Published Year|Journal|Volume|Issue|Pages|Accession Number|DOI|Ref|Covidence #",
         f"{TITLE}|Fern, A. B.; Moss, C.||2019|{WALKS}|12|3|123-131||10.1234/abc||#7", ","),
        # Embase
        ("Title|Author Names|Source|Publication Year|Volume|Issue|First Page|Last Page|ISSN|DOI|Embase Accession ID",
         f"{TITLE}|Fern A.B.; Moss C.|{WALKS}|2019|12|3|123|131|1234-5679|10.1234/ABC|L1", ","),
    ],
)  # fmt: skip
def test_a_reference_is_the_same_whatever_its_columns_are_called(names: str, cells: str, separator: str) -> None:
    entry = table(names, cells, separator).entry
    assert entry.title == TITLE
    assert [name.split(",")[0].split()[0] for name in entry.authors] == ["Fern", "Moss"]
    assert entry.journal.casefold() == "health walks"
    assert (entry.volume, entry.issue, entry.pages.replace("–", "-")) == ("12", "3", "123-131")
    assert entry.published is not None
    assert entry.published.year == 2019
    assert entry.identifier("doi") == "10.1234/abc"
    assert entry.summary == ""


def test_medline_format_and_ris_have_volume_issue_pages_and_issn() -> None:
    nbib = f"PMID- 5\nTI  - {TITLE}\nVI  - 12\nIP  - 3\nPG  - 123-31\nIS  - 1234-5679 (Print)\nDP  - 2019 May\n"
    ris = (
        f"TY  - JOUR\nTI  - {TITLE}\nVL  - 12\nIS  - 3\nSP  - 123\nEP  - 131\nSN  - 1234-5679\nDA  - May 3\n"
        "PY  - 2019\nUR  - https://doi.org/10.1234/abc\nER  -\n"
    )
    for body, pages in ((nbib, "123-31"), (ris, "123-131")):
        entry = only(body).entry
        assert (entry.volume, entry.issue, entry.pages, entry.issn) == ("12", "3", pages, ("1234-5679",))
        assert entry.published is not None
        assert entry.published.year == 2019
    assert only(ris).entry.identifier("doi") == "10.1234/abc"


@pytest.mark.parametrize(
    "text",
    [
        "Fern, A. B.; Moss, C.", "Fern, A. B. and Moss, C.", "Fern, A. B., Moss, C.", "Fern A.B., Moss C.",
        "Fern AB, Moss C", "Fern AB; Moss C", "Fern, A. B. & Moss, C.", "Fern, A. B.|Moss, C.", "Fern, A. B.\nMoss, C.",
        "Fern, A. B.//Moss, C.", "Fern, A. B., and Moss, C.", "Fern, A. B., Jr; Moss, C.",
    ],
)  # fmt: skip
def test_two_people_are_two_however_they_are_strung_together(text: str) -> None:
    names = author_names(text)
    assert [name.replace(",", " ").split()[0] for name in names] == ["Fern", "Moss"]


@pytest.mark.parametrize("text", ["Fern, Ada", "Fern, A. B.", "Fern AB", "Walking Study Group", "van der Berg, J."])
def test_one_person_is_one(text: str) -> None:
    assert author_names(text) == (text,)


def test_what_r_and_excel_write_for_nothing_is_nothing() -> None:
    entry = table("id|title|author|journal|year|volume|pages|doi", f"1|{TITLE}|NA|nan|NA|NA|NA|NA").entry
    assert (entry.authors, entry.journal, entry.published, entry.volume, entry.pages, entry.identifiers) == (
        (), "", None, "", "", (),
    )  # fmt: skip


@pytest.mark.parametrize(
    "name", ["pubmed", "Embase", "Ovid MEDLINE(R) ALL", "Web of Science Core Collection", "Scopus", "CINAHL Plus"]
)
def test_a_source_that_is_a_database_is_no_journal(name: str) -> None:
    assert is_database(name)
    assert table("title|source", f"{TITLE}|{name}").entry.journal == ""


@pytest.mark.parametrize(
    "name", ["Central European Journal of Medicine", "Medline Nursing", "Health Walks", "medline 1" * 40]
)
def test_a_journal_is_no_database(name: str) -> None:
    assert not is_database(name)


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("https://doi.org/10.1234/AbC", "10.1234/abc"),
        ("10.1234/abc [doi]", "10.1234/abc"),
        (OLD, OLD.lower()),
        (OLD.replace("<", "&lt;").replace(">", "&gt;"), OLD.lower()),
        ("10.1002/central/CN-00677540/full", ""),
        ("none", ""),
    ],
)  # fmt: skip
def test_a_doi_is_read_whole_and_the_one_of_central_is_none(text: str, doi: str) -> None:
    assert doi_in(text) == doi


def test_a_link_gives_its_doi_only_where_it_leads_by_it() -> None:
    assert doi_of_links(["https://www.x.org/doi/full/10.1234/abc/full?x=1"]) == "10.1234/abc"
    assert doi_of_links(["https://www.x.org/search?q=10.1234/abc", "https://x.org/1"]) == ""


def test_issns_are_those_whose_check_digit_is_right() -> None:
    assert issns_in(["0951-7375 (Print) 09517375", "1234-5678", "2434-561X; 2049-3630"]) == (
        "0951-7375", "2434-561X", "2049-3630",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "year"), [("Sep 2020", 2020), ("3/9/2020", 2020), ("c2020.", 2020), ("2020///", 2020), ("n.d.", None)]
)
def test_a_year_is_found_wherever_it_stands(text: str, year: int | None) -> None:
    found = date_of(text)
    assert (found.year if found else None) == year


def test_an_accession_number_is_a_pmid_only_where_it_can_be_one() -> None:
    assert table("title|accession number", f"{TITLE}|31366609").entry.identifier("pmid") == "31366609"
    assert table("title|accession number", f"{TITLE}|71366609").entry.identifiers == ()
    assert table("title|accession number|name of database", f"{TITLE}|31366609|Embase").entry.identifiers == ()


def test_a_record_knows_all_its_own_ids_and_where_it_begins() -> None:
    records = read_references(b'{"record_id": 7, "pmid": "5", "title": "A"}\n\n{"title": "B"}\n').records
    assert [(each.own_ids, each.line) for each in records] == [({"record_id": 7, "pmid": "5"}, 1), ({}, 3)]


def test_a_number_that_a_spreadsheet_made_a_fraction_of_is_still_a_pmid() -> None:
    assert table("title|pmid", f"{TITLE}|31366609.0").entry.identifier("pmid") == "31366609"


@pytest.mark.parametrize(
    "names",
    ["Titel|Autoren|Zeitschrift|Jahr|Band|Heft|Seiten", "Titre|Auteurs|Revue|Année|Volume|Numéro|Pages",
     "Título|Autores|Revista|Año|Volumen|Número|Páginas", "Titolo|Autori|Rivista|Anno|Volume|Numero|Pagine"],
)  # fmt: skip
def test_a_table_may_name_its_columns_in_another_language(names: str) -> None:
    entry = table(names, f"{TITLE}|Fern A|Invented|2019|12|3|4-9").entry
    assert (entry.title, entry.authors, entry.journal, entry.volume) == (TITLE, ("Fern A",), "Invented", "12")
    assert (entry.published.year if entry.published else None, entry.issue, entry.pages) == (2019, "3", "4-9")


def test_the_tables_of_registers_of_trials_are_read() -> None:
    gov = table("NCT Number|Study Title|Study URL", f"NCT01234567|{TITLE}|https://clinicaltrials.gov/study/NCT01234567")
    assert (gov.id, gov.entry.title) == ("NCT01234567", TITLE)
    assert table("TrialID|Public title|Scientific title", f"ISRCTN12345678|{TITLE}|Other").entry.title == TITLE
