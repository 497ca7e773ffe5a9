"""Facts that publishers write into the description, line by line; prose stays whatever it mentions."""

from __future__ import annotations

import time

import pytest

from alerts.parse import parse_body
from alerts.parse.labels import read_labels


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        ("Source: Public Health, Volume 295, Issue 3", {"journal": "Public Health", "volume": "295", "issue": "3"}),
        ("Journal: American Journal of Public Health; Volume: 116; Issue: 1; Pages: 57-61",
         {"journal": "American Journal of Public Health", "volume": "116", "issue": "1", "pages": "57-61"}),
        ("PhytoKeys 185: 99-116", {"journal": "PhytoKeys", "volume": "185", "pages": "99-116"}),
        ("IEEE Geoscience and Remote Sensing Magazine, vol. 14, issue 3, pp. 129-162",
         {"journal": "IEEE Geoscience and Remote Sensing Magazine", "volume": "14", "issue": "3", "pages": "129-162"}),
        ("Volume 55, Issue 31-32, August 2021, Page 1917-1940",
         {"volume": "55", "issue": "31-32", "pages": "1917-1940"}),
        ("Addiction, Volume 118, Issue 5, Page 1234-1240, May 2026.",
         {"journal": "Addiction", "volume": "118", "issue": "5", "pages": "1234-1240"}),
        ("Addiction, EarlyView.", {"journal": "Addiction"}),
        ("Publication date: November 2026", {"date": "November 2026"}),
        ("PMID:34739692 | PMC:PMC77 | DOI:10.1007/s11033-021-06887-9",
         {"pmid": "34739692", "pmcid": "PMC77", "doi": "10.1007/s11033-021-06887-9"}),
        ("Mol Biol Rep. 2021 Nov 5. doi: 10.1007/s11033-021-06887-9. Online ahead of print.",
         {"journal": "Mol Biol Rep", "doi": "10.1007/s11033-021-06887-9"}),
        ("DOI: https://doi.org/10.1000/x", {"doi": "10.1000/x"}),
        ("期刊：中国工业经济", {"journal": "中国工业经济"}),
        ("N/A", {}),
        ("No abstract", {}),
        ("ABSTRACT", {}),
        ("The post Smoking in the north appeared first on A Blog.", {}),
        ("Read more about this", {}),
    ],
)  # fmt: skip
def test_a_line_that_is_only_a_fact_is_read_and_taken_out(line: str, facts: dict[str, str]) -> None:
    found = read_labels(f"Prose stays here.\n{line}", has_authors=True)
    assert found.lines == ["Prose stays here."]
    assert {name: getattr(found, name) for name in facts} == facts


@pytest.mark.parametrize(
    "prose",
    [
        "Source: we used the Health Survey for England, which says: all adults smoke less.",
        "Authors of guidelines should declare interests.",
        "Volume matters when services are planned.",
        "The Journal of Public Health found in 2026 that smoking fell (doi:10.1000/cited).",
        "Available online services help smokers to quit, says the report that was published on Tuesday.",
        "In 2026: 12-14 services closed.",
    ],
)
def test_prose_is_never_taken(prose: str) -> None:
    found = read_labels(f"{prose}\nAnother line of prose, with more words in it.", has_authors=True)
    assert found.lines == [prose, "Another line of prose, with more words in it."]
    assert found.doi == ""


def test_a_line_of_names_is_the_authors_where_there_are_none_else() -> None:
    text = "Jun Zhao; Desheng Wu; Ann B. Smith\nThe abstract of the article begins here."
    assert read_labels(text, has_authors=False).authors == ["Jun Zhao; Desheng Wu; Ann B. Smith"]
    assert read_labels(text, has_authors=True).authors == []
    assert (
        read_labels("Jun Zhao, Desheng Wu", has_authors=False).authors == []
    )  # the only line: perhaps the text itself


def test_two_dois_in_short_lines_are_none() -> None:
    assert read_labels("See doi 10.1000/a\nWords.\nSee doi 10.1000/b", has_authors=True).doi == ""


@pytest.mark.parametrize(
    "unit",
    [
        "a, ", "A. 2021 Nov; ", "closes on on ", "closes at 1 ", "Volume 1, ", "doi 10.1000/a ", "A B; ", "(", "“", "-",
        "The post ", "10.1000/", "WHO/", "a\n", "<b>A</b>", "<p><b>Aim", "&lt;", "Correction to: “", "é", "Ã", "\u202e",
        ". ", "1 Jan ",
    ],
)  # fmt: skip
def test_no_endless_text_takes_long(unit: str) -> None:
    endless = (unit * 20_000)[:40_000].replace("&", "&amp;").replace("<", "&lt;")
    begun = time.perf_counter()
    for element in ("title", "description", "link", "pubDate", "author", "guid"):
        body = f"<rss><channel><item><title>T</title><{element}>{endless}</{element}></item></channel></rss>"
        parse_body(body.encode(), address="https://example.org/")
    assert time.perf_counter() - begun < 15
