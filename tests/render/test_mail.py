"""The HTML mail: its structure, its colours, its size, and that nothing is loaded from anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from alerts.model.bulletins import Item
from alerts.render.sample import sample_item
from alerts.render.view import CLOSING_LISTED, issue_view
from tests.render.builders import RENDERER, issue, with_item

MAIL = RENDERER.html(issue())
TREE = LexborHTMLParser(MAIL)


def style(node: LexborNode) -> dict[str, str]:
    """Return a node's inlined declarations."""
    pairs = (each.partition(":") for each in (node.attributes.get("style") or "").split(";") if each.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}


def nodes(tree: LexborHTMLParser, selector: str = "body *") -> list[LexborNode]:
    return tree.css(selector)


def test_there_is_one_h1_and_headings_go_down_one_level_at_a_time() -> None:
    levels = [int(tag[1]) for node in nodes(TREE) if re.fullmatch(r"h[1-6]", tag := node.tag or "")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_each_section_is_an_h2_and_each_item_an_h3() -> None:
    content = issue()
    assert [node.text().split("\xa0")[0].strip() for node in nodes(TREE, "h2")] == [
        "To answer or decide 2", "Data", "Corrections", "2 more items",
    ]  # fmt: skip
    assert len(nodes(TREE, "h3")) == content.item_count


def test_the_language_is_said() -> None:
    html = TREE.css_first("html")
    assert html is not None
    assert html.attributes["lang"] == "en-GB"
    foreign = TREE.css_first("h3 a[lang=cy]")
    assert foreign is not None


def test_words_that_run_from_right_to_left_say_so_on_their_block_and_never_on_the_link() -> None:
    hebrew = "אידוי בבתי ספר (2026): סקירה"
    content = with_item(title=hebrew, summary=hebrew, summary_label="", note="", publisher="מכון לדוגמה")
    content = replace(content, remainder=content.sections[0].items, public_address="")
    tree = LexborHTMLParser(RENDERER.html(content))
    assert [node.text().strip() for node in nodes(tree, "h3[dir=rtl], p[dir=rtl]")] == [hebrew, hebrew]
    assert nodes(tree, "li span[dir=rtl] a"), "a title in a list, whose line of details stays as it is"
    assert nodes(tree, "p.meta span[dir=rtl]"), "so that the date after the publisher keeps its order"
    assert not nodes(tree, "a[dir]")
    page = LexborHTMLParser(RENDERER.page(content))
    assert [node.text().strip() for node in nodes(page, "article [dir=rtl]")][:1] == [hebrew]
    mixed = LexborHTMLParser(RENDERER.html(with_item(title="Vaping: אידוי", summary="", note="")))
    assert not nodes(mixed, "body [dir]"), "the first letter decides"


def test_every_table_is_marked_as_presentational_and_lists_are_lists() -> None:
    assert nodes(TREE, "table")
    assert all(node.attributes.get("role") == "presentation" for node in nodes(TREE, "table"))
    assert not nodes(TREE, "table th, table caption, table thead")
    assert nodes(TREE, "ul > li")


def test_the_title_is_the_link_and_no_link_says_click_here() -> None:
    links = [node.text(strip=True) for node in nodes(TREE, "a")]
    assert "Helping people in shared housing to stop smoking: draft guideline" in links
    assert not [
        words
        for words in links
        if re.search(r"\bclick\b|\bhere\.?$|^link$|^more$|^read more$|https?:", words, re.IGNORECASE)
    ]
    assert all(words for words in links)


def test_every_link_is_https_or_mail() -> None:
    addresses = [node.attributes.get("href") or "" for node in nodes(TREE, "a")]
    assert all(address.startswith(("https://", "mailto:")) for address in addresses)


def test_nothing_is_loaded_and_nothing_runs() -> None:
    assert not nodes(
        TREE, "img, script, link, iframe, object, embed, form, input, video, audio, svg, picture, base, button"
    )
    assert not re.search(
        r"url\s*\(|@import|@font-face|src=|background=|expression\(|javascript:| on\w+=", MAIL, re.IGNORECASE
    )
    assert not re.search(r"https?://(?!alerts\.example\.nhs\.uk|www\.example\.org|www\.w3\.org/1999/xhtml)", MAIL)


def test_no_logo_or_lettering_of_the_nhs_is_there() -> None:
    assert "NHS" not in TREE.text()


def test_the_mail_is_one_column_of_640_that_shrinks() -> None:
    (sheet,) = nodes(TREE, "table.sheet")
    assert style(sheet)["max-width"] == "640px"
    assert style(sheet)["width"] == "100%"
    fixed = [
        node for node in nodes(TREE) if style(node).get("width", "").endswith("px") or style(node).get("min-width")
    ]
    assert not fixed
    assert '<!--[if mso]><table role="presentation" width="640"' in MAIL


def test_words_are_sixteen_pixels_and_nothing_shown_is_under_fourteen() -> None:
    sizes = {int(size) for size in re.findall(r"font-size:(\d+)", MAIL)}
    assert 16 in sizes
    assert not {size for size in sizes if 1 < size < 14}
    for node in nodes(TREE, "p.summary"):
        assert "font-size" not in style(node), "inherits 16 px of its cell"


def test_the_preheader_is_first_and_hidden_from_eye_and_ear() -> None:
    first = nodes(TREE)[0]
    assert first.text().rstrip("\u00a0\u200c") == issue().preheader
    assert len(first.text()) > 130, "a mailbox shows nothing of the mail itself after it"
    assert style(first)["display"] == "none"
    assert style(first)["mso-hide"] == "all"


def test_stopping_and_the_browser_are_offered_near_the_top() -> None:
    head = MAIL[: MAIL.index("<h1")]
    assert "View in a browser" in head
    assert "Stop this bulletin" in head
    assert f'href="{issue_view(issue(), "person", None).issue_address}"' in head


def test_without_a_public_address_nothing_says_view_in_a_browser() -> None:
    mail = RENDERER.html(issue(public_address=""))
    assert "browser" not in mail
    assert "web version" not in mail
    assert 'href="mailto:library@example.nhs.uk?subject=Stop%20Public%20health%20update"' in mail
    assert mail.count("Helping people in shared housing") == 5, "the remainder is listed, each title a link"


def test_the_contents_say_how_much_more_there_is() -> None:
    assert [" ".join(node.text().split()) for node in nodes(TREE, "ul.contents li")] == [
        "2 To answer or decide",
        "1 Corrections",
        "1 more in the web version",
    ]
    assert "1 more, by title only" in " ".join(RENDERER.text(issue(public_address="")).split())


def test_the_remainder_is_honest() -> None:
    text = TREE.text(separator=" ")
    assert "See 1 more item in the web version" in text
    assert "1 more did not fit and will come with the next issue." in text


def _rest(number: int, closes: str = "") -> Item:
    return replace(sample_item(), record_id=100 + number, title=f"Rest {number}", closes=closes, change="")


def test_the_remainder_is_counted_by_heading_and_what_closes_is_named() -> None:
    rest = (_rest(1, "Closes 16 December"), _rest(2), _rest(3, "Closes 9 January"))
    content = issue(remainder=rest, waiting=0, remainder_line="2 to answer or decide, 1 study")
    tree = LexborHTMLParser(RENDERER.html(content))
    (cell,) = [node for node in nodes(tree, "td.section") if "3 more items" in node.text()]
    said = " ".join(cell.text(separator=" ").split())
    assert "3 more items 2 to answer or decide, 1 study. See 3 more items in the web version" in said
    assert [" ".join(node.text(separator=" ").split())[:26] for node in cell.css("ul.rest li")] == [
        "Rest 1 Closes 16 December ",
        "Rest 3 Closes 9 January · ",
    ]
    assert [node.attributes["href"] for node in cell.css("ul.rest a")] == [rest[0].link, rest[2].link]
    assert "- Rest 3 [" in RENDERER.text(content)
    assert "Rest 2" not in RENDERER.text(content)


def test_a_mail_names_no_more_closing_dates_than_fit_and_none_where_there_are_none() -> None:
    many = RENDERER.html(issue(remainder=tuple(_rest(each, "Closes 9 January") for each in range(1, 60))))
    assert len(LexborHTMLParser(many).css("ul.rest li")) == CLOSING_LISTED
    assert "With a closing date" not in RENDERER.html(issue(remainder=(_rest(1),)))
    without_pages = RENDERER.html(issue(remainder=tuple(_rest(each) for each in range(1, 60)), public_address=""))
    assert len(LexborHTMLParser(without_pages).css("ul.rest li")) == 59


def test_the_notice_of_a_correction_is_linked() -> None:
    (notice,) = [node for node in nodes(TREE, "td.item a") if node.text() == "Retraction notice"]
    assert notice.attributes["href"] == "https://www.example.org/notice"


def test_the_foot_says_what_a_reader_may_ask() -> None:
    foot = " ".join(nodes(TREE, "td.foot")[0].text(separator=" ").split())
    for said in (
        "10 to 17 November 2026",
        "Sources searched: 2",
        "Could not be reached: Example Statistics",
        "Northmoor Library",
        "01632 960000",
        "does not mean that the library agrees",
        "why they get this bulletin",
        "Forwarded to you? Ask for your own copy",
        "Did you use something here? Tell us.",
        "Change or stop this bulletin",
        "within two days",
    ):
        assert said in foot


def test_a_heading_that_is_the_topic_is_not_said_again_under_each_item() -> None:
    content = with_item(profiles=("To answer or decide", "Alcohol"))
    assert "Found by “stop smoking”, “draft”. Other topic: Alcohol<" in RENDERER.html(content)
    assert "Topic" not in RENDERER.text(with_item(profiles=("To answer or decide",)))


def test_the_words_that_were_found_are_named_as_they_stand_two_at_most() -> None:
    title = "Vaping, vapes and VAPING in care homes"
    marks = ((0, 6), (8, 13), (18, 24), (28, 32), (33, 38))
    mail = RENDERER.text(with_item(title=title, title_marks=marks, summary_marks=(), profiles=("Tobacco",)))
    assert "Topic: Tobacco, for “Vaping”, “vapes”\n" in mail
    unmarked = RENDERER.text(with_item(title_marks=(), summary_marks=(), profiles=(), matched=(("vap*", "headings"),)))
    assert "Found by “vap*”" in unmarked


def test_of_the_words_found_none_is_within_another_and_none_is_the_topic_itself() -> None:
    title = "Tobacco smoking and alcohol drinking: smoking, vaping and care"
    marks = ((0, 36), (38, 45), (47, 53), (58, 62))
    mail = RENDERER.text(with_item(title=title, title_marks=marks, summary_marks=(), profiles=("Vaping", "Health")))
    assert "Topics: Vaping; Health, for “Tobacco smoking and alcohol drinking”, “care”" in " ".join(mail.split())
    only = RENDERER.text(with_item(title="Frailty", title_marks=((0, 7),), summary_marks=(), profiles=("Frailty",)))
    assert "Topic: Frailty\n" in only


def test_a_heading_that_is_the_publisher_is_not_said_again_under_each_item() -> None:
    mail = LexborHTMLParser(RENDERER.html(with_item(publisher="To answer or decide", place="")))
    assert mail.css("p.meta")[0].text().replace("\xa0", " ") == "2 November 2026 · Consultation"


def test_sources_are_all_named_where_there_is_no_page_and_counted_where_a_page_names_them() -> None:
    many = tuple(f"Source {number}" for number in range(1, 62))
    assert "Sources searched: 61, all named in the web version." in RENDERER.html(issue(sources_searched=many))
    assert all(each in RENDERER.page(issue(sources_searched=many)) for each in many)
    without_pages = " ".join(RENDERER.text(issue(sources_searched=many, public_address="")).split())
    assert "Sources searched: 61 (Source 1; Source 2; " in without_pages
    assert "Source 61)." in without_pages
    assert "and 22 more)" in RENDERER.html(issue(sources_searched=many * 2, public_address=""))


def test_an_items_own_words_say_their_language() -> None:
    mail = LexborHTMLParser(RENDERER.html(with_item(language="cy", link="")))
    assert [node.attributes["lang"] for node in mail.css("td.item span[lang]")] == ["cy", "cy"]
    page = LexborHTMLParser(RENDERER.page(with_item(language="cy")))
    assert len(page.css("article a[lang=cy]")) == 1
    assert len(page.css("article p span[lang=cy]")) == 2


def test_where_safety_alerts_are_carried_the_bulletin_says_that_it_is_no_channel_for_them() -> None:
    content = with_item(type="safety alert")
    for drawn in (RENDERER.html(content), RENDERER.text(content), RENDERER.page(content)):
        assert "no channel for safety alerts" in " ".join(drawn.split())
    assert "no channel" not in MAIL


def test_a_place_that_the_publishers_name_says_already_is_not_said_again() -> None:
    assert (
        "Northmoor"
        not in RENDERER.html(with_item(publisher="The Library", place="")).split("</h3>")[1].split("</p>")[0]
    )
    shown = RENDERER.html(with_item(publisher="Northmoor Council", place="Northmoor"))
    meta = LexborHTMLParser(shown).css("p.meta")[0].text().replace("\xa0", " ")
    assert meta == "Northmoor Council · 2 November 2026 · Consultation"


def test_the_librarians_line_replaces_the_summary() -> None:
    items = nodes(TREE, "td.item")
    assert "The library’s own words." in items[1].text()
    assert "The draft asks" not in items[1].text()


def test_styles_for_dark_and_small_screens_are_kept_and_the_rest_is_on_the_elements() -> None:
    kept, outlook_com = nodes(TREE, "head > style")
    assert "data-ogsc" in outlook_com.text()
    assert "data-ogsc" not in kept.text()
    assert "prefers-color-scheme: dark" in kept.text()
    assert "max-width: 520px" in kept.text()
    assert MAIL.index("<meta charset") < MAIL.index("<style")
    assert all("style" in node.attributes for node in nodes(TREE, "h1, h2, h3, td, a, p.meta"))


def _issue_of(number: int) -> int:
    content = issue()
    item = replace(
        content.sections[0].items[0],
        title="A title of ninety letters or so that is as long as many of them really are in journals now",
        summary="word " * 46,
    )
    section = replace(content.sections[0], items=(item,) * number)
    return RENDERER.measure(replace(content, sections=(section,)))


def test_thirty_long_items_fit_in_eighty_five_kilobytes() -> None:
    assert _issue_of(30) < 85_000
    assert (_issue_of(30) - _issue_of(20)) / 10 < 2_400, "bytes an item"


def test_what_is_measured_is_what_is_sent() -> None:
    content = issue()
    assert RENDERER.measure(content) == RENDERER.mail(content).html_bytes


# Contrast, by WCAG 2.2 (1.4.3), in both schemes.


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _declared(text: str) -> dict[str, str]:
    pairs = (each.partition(":") for each in text.split(";") if each.strip())
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs}


def _dark_rules() -> list[tuple[str, dict[str, str]]]:
    kept = nodes(TREE, "head > style")[0].text()
    dark = kept[kept.index("prefers-color-scheme") :]
    rules = re.findall(r"([^{}]+)\{([^{}]+)\}", dark[dark.index("{") + 1 :])
    return [(each.strip(), _declared(text)) for selectors, text in rules for each in selectors.split(",")]


def _weight(selector: str) -> int:
    return selector.count(".") * 10 + len(re.findall(r"(?:^|\s)[a-z]", selector))


def _colours(dark: bool) -> Iterator[tuple[str, str, str]]:
    """Yield (words, colour, ground) of every piece of text, as the cascade gives it."""
    rules = sorted(_dark_rules(), key=lambda rule: _weight(rule[0])) if dark else []
    forced: dict[tuple[int, str], str] = {}
    for selector, told in rules:
        for node in nodes(TREE, selector):
            for name, value in told.items():
                forced[node.mem_id, name] = value
    for node in nodes(TREE):
        words = node.text(deep=False, strip=True)
        if not words or node.tag in {"style", "title"} or "preheader" in (node.attributes.get("class") or ""):
            continue
        found: dict[str, str] = {}
        at: LexborNode | None = node
        while at is not None and at.tag != "html":
            own = style(at)
            for name in ("color", "background-color"):
                shown = forced.get((at.mem_id, name)) or own.get(name)
                if shown and name not in found:
                    found[name] = shown
            at = at.parent
        yield words, found["color"], found["background-color"]


@pytest.mark.parametrize("dark", [False, True])
def test_all_text_has_contrast_enough(dark: bool) -> None:
    pieces = list(_colours(dark))
    assert len(pieces) > 40
    weak = [(words, _contrast(colour, ground)) for words, colour, ground in pieces if _contrast(colour, ground) < 4.5]
    assert not weak


def test_dark_mode_changes_every_ground() -> None:
    assert {ground for _, _, ground in _colours(True)}.isdisjoint({ground for _, _, ground in _colours(False)})


# What mail programs support, by caniemail.com.

CLIENTS = {
    "outlook": ("windows", "outlook-com"),
    "gmail": ("desktop-webmail", "ios", "android"),
    "apple-mail": ("macos", "ios"),
}
ACCEPTED = {
    "css-at-media": "Outlook's Word engine ignores it: it shows the light, wide form, which is whole",
    "css-at-media-prefers-color-scheme": "Outlook and Gmail make their own dark colours from the light ones",
    "css-max-height": "Outlook: on the hidden preheader only, which mso-hide hides",
    "css-opacity": "Outlook: on the hidden preheader only, which mso-hide hides",
    "css-overflow": "on the hidden preheader only, which mso-hide and display hide",
    "css-white-space": "Outlook may break a date over two lines",
    "html-meta-color-scheme": "a hint, without which nothing is lost",
    "html-doctype": "Outlook: no effect, none needed",
    "css-selector-attribute": "[data-ogsc] only, for Outlook.com's own dark colours; in a style of its own",
}
PARTLY_IN_WORD = {
    "css-border": "up to 8 px and on cells only, as we use it",
    "css-display": "none only, as we use it",
    "css-display-none": "on the preheader, which holds no table",
    "css-font-size": "px only, as we use it",
    "css-font-weight": "bold and normal only, as we use them",
    "css-height": "on cells only, as we use it",
    "css-important": "in the styles for other programs only",
    "css-line-height": "exact, by a rule of its own for Outlook",
    "css-margin": "neither negative nor auto, as we use it; the body's own matters to nobody else",
    "css-max-width": "a table of 640 px is made for Outlook",
    "css-padding": "on cells only; a list or tag without it is only tighter",
    "css-text-align": "left only, as we use it",
    "css-text-decoration": "one value, as we use it",
    "css-width": "on tables only, as we use it",
    "html-dir": "on blocks and spans, never on a link",
    "html-lists": "unnumbered lists only, as we use them",
    "html-width": "on tables only, in percent, and 640 for Outlook itself",
}


ALSO_USED = {
    "css-at-media", "css-at-media-prefers-color-scheme", "css-important", "html-role", "html-lang", "html-doctype",
    "html-meta-color-scheme", "html-h1-h6", "html-lists", "html-mailto-links", "html-align", "html-width",
    "css-display-none", "css-selector-attribute", "html-comments", "css-selector-class", "css-unit-px",
    "css-unit-percent", "html-dir",
}  # fmt: skip


def _features() -> set[str]:
    """Return the caniemail names of what the mail uses: its CSS properties, its elements, and what only we know."""
    css = ";".join([*re.findall(r'style="([^"]*)"', MAIL), *(node.text() for node in nodes(TREE, "head > style"))])
    properties = {name.strip() for name in re.findall(r"(?:^|[;{])\s*([a-z-]+)\s*:", css)}
    family = {
        re.sub(r"^(padding|margin|border|font)-(?:top|left|right|bottom|family)\b.*$", r"\1", each)
        for each in properties
    }
    return {f"css-{each}" for each in family} | {f"html-{node.tag}" for node in nodes(TREE)} | ALSO_USED


def test_only_what_the_great_mail_programs_support_is_used_but_for_named_exceptions(shared_data: Path) -> None:
    known = {each["slug"]: each for each in json.loads((shared_data / "email/caniemail.json").read_text())["data"]}
    lacking: dict[str, list[str]] = {}
    for feature in _features() & set(known):
        for client, versions in CLIENTS.items():
            for version in versions:
                support = list(known[feature]["stats"][client].get(version, {"": "u"}).values())[-1]
                if support.startswith("n"):
                    lacking.setdefault(feature, []).append(f"{client} {version}")
    assert set(lacking) - set(ACCEPTED) == set()
    assert set(ACCEPTED) <= set(lacking), "an exception that is none any more"
    partly = {
        feature
        for feature in _features() & set(known)
        if list(known[feature]["stats"]["outlook"]["windows"].values())[-1].startswith("a")
    }
    assert partly == set(PARTLY_IN_WORD)
    assert "css-float" not in _features()
    assert "css-padding" in _features()


def test_nothing_is_used_that_outlook_knows_only_in_part() -> None:
    declared = [(node.tag, name, value) for node in nodes(TREE) for name, value in style(node).items()]
    assert not [each for each in declared if re.search(r"\d(?:r?em|pt|vw|ch)\b|-\d|auto|!important", each[2])]
    assert {value for _, name, value in declared if name == "font-weight"} <= {"bold", "normal", "700", "400"}
    assert {tag for tag, name, _ in declared if name == "height"} <= {"td"}
    assert {tag for tag, name, _ in declared if name in {"width", "max-width"}} <= {"table", "div"}
    assert {value for _, name, value in declared if name == "display"} == {"none"}
    assert not nodes(TREE, "span[style*=margin]")


def test_padding_and_borders_are_on_table_cells_where_outlook_knows_them() -> None:
    wrong = [
        (node.tag, node.attributes.get("class"))
        for node in nodes(TREE)
        if node.tag not in {"td", "ul", "li"} and ({"padding", "border-top", "border-left"} & set(style(node)))
    ]
    assert set(wrong) <= {("span", "tag"), ("body", "ground")}, "a tag without padding is only tighter"


def test_a_hostile_title_is_only_text() -> None:
    title = '<script>alert(1)</script>{{ 7 * 7 }}"><b onclick=x>'
    tree = LexborHTMLParser(RENDERER.html(with_item(title=title, publisher=title, summary=title, link="", language="")))
    (heading,) = nodes(tree, "h3")
    assert heading.text() == title
    assert not nodes(tree, "script, h3 b, p b")
