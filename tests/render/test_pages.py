"""Pages: the issue with its words marked, lists of issues, and the small ones."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass, replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from alerts.render import ArchiveLine, archive_address, bulletin_address, issue_address, leave_address, mail_domain
from alerts.render.pages import _PAGES
from alerts.render.sample import sample_item
from tests.render.builders import RENDERER, issue, with_item

PAGE = RENDERER.page(issue(), older="11", newer="13")
TREE = LexborHTMLParser(PAGE)


@dataclass(frozen=True)
class Listed:
    """An issue or a bulletin in a list."""

    id: str = "update"
    title: str = "Public health update"
    number: int = 12
    subject: str = "Vaping <standards> + 2 more"
    date_line: str = "17 November 2026"
    issues: tuple[Listed, ...] = ()
    signs_up: bool = False


def test_the_matched_words_are_marked_and_named() -> None:
    assert [node.text() for node in TREE.css("h3 mark")][:1] == ["stop smoking"]
    assert "draft" in [node.text() for node in TREE.css("p mark")]
    folded = TREE.css("details")
    assert len(folded) == len(TREE.css("article")) == 3
    assert folded[0].css_first("summary").text() == "Topic: Tobacco control"  # type: ignore[union-attr]  # it is there
    assert "Matched: “stop smoking” (title), “Draft” (summary, title)" in folded[0].text()


def test_a_page_without_topics_says_what_is_folded_and_without_matches_folds_nothing() -> None:
    page = LexborHTMLParser(RENDERER.page(with_item(profiles=())))
    assert [node.text() for node in page.css("summary")] == ["Why it is here"]
    assert not LexborHTMLParser(RENDERER.page(with_item(matched=()))).css("details")


def test_the_remainder_stands_in_short_lines_under_its_headings() -> None:
    one = replace(sample_item(), closes="", change="", event="new")
    rest = tuple(
        replace(one, record_id=10 + at, title=f"Title {at}", heading=heading)
        for at, heading in enumerate(["Data", "Data", "Studies", "Data"])
    )
    page = LexborHTMLParser(RENDERER.page(issue(remainder=rest)))
    assert [" ".join(node.text().split()) for node in page.css("h3.group")] == ["Data 3", "Studies 1"]
    inside = page.css("section[aria-labelledby=also-found] ul.contents a")
    assert [node.text() for node in inside] == ["Data", "Studies"]
    assert all(page.css_first(str(node.attributes["href"])) is not None for node in inside)
    lines = page.css("ul.plain li")
    assert [node.css_first("a").text() for node in lines] == [  # type: ignore[union-attr]  # each has one
        "Title 0", "Title 1", "Title 3", "Title 2",
    ]  # fmt: skip
    said = " ".join(lines[0].text(separator=" ").split())
    assert said == "Title 0 Example Guideline Institute · 2 November 2026 · Consultation · Northmoor"


def test_an_old_issue_without_headings_in_its_remainder_is_one_list() -> None:
    page = LexborHTMLParser(RENDERER.page(issue(remainder=(replace(sample_item(), heading=""),))))
    assert not page.css("h3.group")
    assert len(page.css("ul.plain li")) == 1


def test_the_notice_of_a_correction_is_linked() -> None:
    (notice,) = [node for node in TREE.css("article a") if node.text() == "Retraction notice"]
    assert notice.attributes["href"] == "https://www.example.org/notice"


def test_a_page_of_an_issue_holds_the_remainder_and_no_person() -> None:
    assert "Also found" in [node.text().split(" 1")[0] for node in TREE.css("h2")]
    assert [" ".join(node.text().split()) for node in TREE.css("h3.group")] == ["To answer or decide 1"]
    assert "Closes 9 January" in TREE.css("ul.plain li")[0].text()
    assert "you get this" not in PAGE.casefold()
    assert "/leave/" not in PAGE


def test_a_summary_keeps_its_paragraphs() -> None:
    first = TREE.css("article")[0]
    assert "It covers houses with six rooms or more." in [node.text() for node in first.css("p")]


def test_a_page_says_its_language_and_its_headings_go_down_in_order() -> None:
    levels = [int(node.tag[1]) for node in TREE.css("h1, h2, h3") if node.tag]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert 'lang="en-GB"' in PAGE
    assert TREE.css_first("h3 a[lang=cy]") is not None


def test_contents_lead_to_sections_that_are_there() -> None:
    anchors = [node.attributes["href"] for node in TREE.css("ul.contents a")]
    assert anchors
    assert all(anchor and TREE.css_first(anchor) is not None for anchor in anchors)


@pytest.mark.parametrize(
    "page",
    [PAGE, RENDERER.archive("Update", [ArchiveLine("T", "1")]), RENDERER.small_page("leave", action="/leave/x")],
    ids=["issue", "archive", "small"],
)
def test_a_page_needs_nothing_but_itself(page: str) -> None:
    tree = LexborHTMLParser(page)
    assert not tree.css("img, script, link, iframe, object, [style], [onclick]")
    assert not re.search(r"url\(|@import|src=", page)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert b64encode(hashlib.sha256(style.encode()).digest())


def test_without_a_public_address_the_page_links_to_the_index_beside_it() -> None:
    assert 'href="index.html"' in RENDERER.page(issue(public_address=""))
    assert f'href="{bulletin_address("https://alerts.example.nhs.uk", "sample")}"' in PAGE


def test_neighbouring_issues_are_linked_where_there_are_any() -> None:
    assert [node.text() for node in TREE.css("nav a")] == ["All issues", "Earlier issue", "Later issue"]
    assert "Earlier issue" not in RENDERER.page(issue())


def test_one_bulletins_page_lists_all_its_issues_and_the_front_page_three_of_each() -> None:
    bulletin = Listed(issues=tuple(replace(Listed(), number=number) for number in range(9, 0, -1)))
    alone = LexborHTMLParser(RENDERER.index([bulletin], home="/", base="/alerts"))
    assert len(alone.css("li")) == 9
    assert alone.css("li a")[0].attributes["href"] == "/alerts/bulletins/update/9"
    assert alone.css("li a")[0].text() == "Vaping <standards> + 2 more"
    both = LexborHTMLParser(RENDERER.index([bulletin, replace(bulletin, id="other", title="Other")], base=""))
    assert [node.text() for node in both.css("h2")] == ["Public health update", "Other"]
    assert len(both.css("li")) == 6
    assert "Nothing has been published yet." in RENDERER.index([])


def test_the_page_for_leaving_changes_nothing_by_itself() -> None:
    page = RENDERER.small_page(
        "leave",
        masked_address="z…@example.nhs.uk",
        bulletin_title="Vaping <update>",
        state="active",
        action="/leave/x",
        action_all="/leave/x/all",
        contact="library@example.nhs.uk",
    )
    tree = LexborHTMLParser(page)
    assert [(form.attributes["method"], form.attributes["action"]) for form in tree.css("form")] == [
        ("post", "/leave/x"),
        ("post", "/leave/x/all"),
    ]
    assert not tree.css('a[href^="/leave"]')
    assert [node.attributes["value"] for node in tree.css("input[name=page]")] == ["1", "1"]
    assert "z…@example.nhs.uk receives Vaping <update>." in tree.text()
    assert 'content="noindex"' in page


def test_one_who_has_left_is_offered_to_come_back() -> None:
    page = RENDERER.small_page(
        "leave", state="left", bulletin_title="Update", action="/leave/x", action_undo="/leave/x/undo"
    )
    assert [form.attributes["action"] for form in LexborHTMLParser(page).css("form")] == ["/leave/x/undo"]


@pytest.mark.parametrize("name", [each for each in _PAGES if not each.startswith("mail_")])
def test_every_small_page_can_be_drawn_with_no_values_at_all(name: str) -> None:
    tree = LexborHTMLParser(RENDERER.small_page(name))
    assert len(tree.css("h1")) == 1
    assert not tree.css("form")
    assert "{" not in (tree.css_first("main") or tree.root or tree.css("h1")[0]).text()


def test_an_unknown_name_gives_the_page_for_failures() -> None:
    assert "Something went wrong on our side" in RENDERER.small_page("no-such-page")


def test_a_value_is_never_read_as_a_place_or_as_markup() -> None:
    page = RENDERER.small_page("leave", bulletin_title="{address} <b>", masked_address="{bulletin}", action="/x")
    assert "{bulletin} receives {address} <b>." in LexborHTMLParser(page).text()


def test_addresses_agree_with_the_paths_that_are_served() -> None:
    public = "https://alerts.example.nhs.uk/library/"
    assert issue_address(public, "a b", 3) == "https://alerts.example.nhs.uk/library/bulletins/a%20b/3"
    assert leave_address(public, "t") == "https://alerts.example.nhs.uk/library/leave/t"
    assert archive_address(public) == "https://alerts.example.nhs.uk/library/bulletins/"
    assert bulletin_address('https://x/"><b>', "u") == "https://x/%22%3E%3Cb%3E/bulletins/u"
    assert mail_domain(public, issue().team) == "alerts.example.nhs.uk"
    assert mail_domain("", issue().team) == "example.nhs.uk"
