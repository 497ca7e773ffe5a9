"""The text mail is a complete twin of the HTML."""

from __future__ import annotations

import re
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser

from alerts.model.bulletins import IssueSection
from tests.render.builders import RENDERER, issue, with_item

TEXT = RENDERER.text(issue())
LINES = TEXT.splitlines()


def test_lines_keep_to_72_columns_but_for_links() -> None:
    long = [line for line in LINES if len(line) > 72]
    assert all("://" in line or "mailto:" in line for line in long)
    assert any(len(line) > 60 for line in LINES)


def test_no_line_ends_in_a_blank_and_no_two_lines_are_empty() -> None:
    assert all(line == line.rstrip() for line in LINES)
    assert "\n\n\n" not in TEXT
    assert not TEXT.startswith("\n")
    assert TEXT.endswith("\n")


def test_everything_the_html_says_the_text_says() -> None:
    tree = LexborHTMLParser(RENDERER.html(issue()))
    plain = " ".join(re.sub(r"\[\d+\]", "", TEXT).split())
    pieces = tree.css("h1, h3, p.meta, p.change, p.summary strong, p.issue, p.lead, li")
    assert len(pieces) > 15
    for node in pieces:
        words = " ".join(node.text(separator=" ").replace("\xa0", " ").split())
        assert words in plain, words


def test_where_readers_may_join_by_themselves_both_forms_lead_to_the_page_for_it() -> None:
    joined = replace(issue(), signs_up=True)
    address = "https://alerts.example.nhs.uk/join/"
    assert address in RENDERER.html(joined)
    assert f"Forwarded to you? Ask for your own copy:\n{address}" in RENDERER.text(joined)
    assert "Ask for your own copy: library@example.nhs.uk" in TEXT


def test_links_are_numbered_and_collected_under_their_section() -> None:
    sections = re.split(r"\n\n(?=[^\n]+\n-{3,}\n)", TEXT)
    (first,) = [each for each in sections if each.startswith("To answer or decide")]
    assert "draft guideline [1]" in " ".join(first.split())
    assert first.rstrip().endswith("[2] mailto:library@example.nhs.uk?subject=Please%20send")
    assert "[1] https://www.example.org/draft?a=1&b=2" in first
    numbers = [int(each) for each in re.findall(r"^\[(\d+)\] ", TEXT, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_number_in_the_text_has_its_link_in_the_same_section() -> None:
    for section in re.split(r"\n\n(?=[^\n]+\n-{3,}\n)", TEXT):
        used = set(re.findall(r"\[(\d+)\]$", section, re.MULTILINE))
        listed = set(re.findall(r"^\[(\d+)\] ", section, re.MULTILINE))
        assert used == listed


def test_a_title_without_a_link_has_no_number() -> None:
    text = RENDERER.text(with_item(title="On paper only", link="", access="", access_link=""))
    assert "* On paper only\n" in text
    assert "[1]" not in text


def test_one_leaves_by_mail_with_words_to_type_not_with_a_link_to_read() -> None:
    text = " ".join(RENDERER.text(issue(public_address="")).split())
    assert text.count("Stop this bulletin: write “Stop Public health update” to library@example.nhs.uk") == 2
    assert "mailto:library@example.nhs.uk?subject=Stop" not in text


def test_nothing_is_escaped_in_plain_text() -> None:
    text = RENDERER.text(with_item(title='R&D <spending> "up"', link="", language=""))
    assert 'R&D <spending> "up"' in text


def test_the_remainder_is_listed_with_links_where_there_is_no_page() -> None:
    text = RENDERER.text(issue(public_address=""))
    more = text[text.index("2 more items") :]
    assert "- Helping people in shared housing" in more
    assert "] https://www.example.org/draft" in more
    assert "web version" not in text
    assert "See 1 more item in the web version: https://" in TEXT


def test_no_link_stands_in_the_text_that_nothing_refers_to() -> None:
    for public in ("", "https://alerts.example.nhs.uk"):
        text = RENDERER.text(issue(public_address=public))
        listed = re.findall(r"^\[(\d+)\] ", text, re.MULTILINE)
        assert listed == sorted(listed, key=int)
        for number in listed:
            assert text.count(f"[{number}]") > 1, number
        assert "Of%20the%20rest" not in text, "the remainder prints titles only"


def test_the_notice_of_a_correction_is_numbered_among_the_links() -> None:
    (number,) = re.findall(r"Retraction notice \[(\d+)\]", TEXT)
    assert f"[{number}] https://www.example.org/notice" in TEXT


def test_an_issue_with_nothing_says_so() -> None:
    empty = replace(issue(), sections=(), corrections=(), remainder=(), waiting=0)
    assert "Nothing new on your topics in this period." in RENDERER.text(empty)
    assert "In this issue" not in RENDERER.text(empty)
    assert "Did you use something here" not in RENDERER.text(empty)


def test_where_nothing_is_new_no_heading_says_so_once_more() -> None:
    empty = issue(sections=(IssueSection("Data", (), "Nothing new."),), corrections=(), remainder=(), waiting=0)
    assert "Nothing new." not in RENDERER.text(empty)
    assert "Nothing new." not in RENDERER.html(empty)
    assert "Nothing new." in TEXT, "it is said where other headings have something"
