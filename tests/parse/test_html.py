"""HTML to text keeps words apart and together as a reader sees them; kept mark-up is only what is allowed."""

from __future__ import annotations

import html as entities
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.parse import html

FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "<p>", "</p>", "<b>", "</b>", "<div>", "</div>", "<script>", "</script>", "<a href='javascript:x'>", "</a>",
            "<br/>", "<sub>", "</sub>", "<li>", "<ul>", "&lt;", "&amp;", "&nbsp;", "text", " ", "<h3>", "</h3>", "<!--",
            "-->", "<td>", "<img src=x onerror=y>", "<", ">", "'", '"', "\x00", "<svg onload=1>", "&#0;", "<style>",
            "<math><mi>", "amp;", "lt;", "gt;",
        ]
    ),
    max_size=40,
).map("".join)  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<p>alpha</p><p>beta</p>", "alpha\nbeta"),
        ("PM<sub>2.5</sub> and CO<sub>2</sub>", "PM2.5 and CO2"),
        ("smok<em>ing</em>", "smoking"),
        ("<table><tr><td>one</td><td>two</td></tr></table>", "one\ntwo"),
        ("line<br>next", "line\nnext"),
        ("<h4>Background</h4><p>Text here.</p><h4>Methods</h4><p>More.</p>", "Background: Text here.\nMethods: More."),
        ("<p><b>Background</b> Text here.</p>", "Background: Text here."),
        ("<p><strong>Findings:</strong> Text.</p>", "Findings: Text."),
        ("<p><b>ABSTRACT</b></p><p>BACKGROUND: Text.</p>", "ABSTRACT: BACKGROUND: Text."),
        ("<p><b>Smith</b> said so.</p>", "Smith said so."),
        ('<span><div class="boxTitle">Abstract</div>Some text</span>', "Abstract: Some text"),
        ("<script>alert(1)</script>safe<style>p{}</style>", "safe"),
        ("Fish &amp; chips &#8211; &pound;5", "Fish & chips – £5"),
        ("p < 0.05 and n > 30", "p < 0.05 and n > 30"),
        ("one\nwrapped line\n\nnext block", "one wrapped line\nnext block"),
        ("<p>one\nwrapped</p>", "one wrapped"),
        ("<jats:p>Aims</jats:p><jats:p>Text</jats:p>", "Aims: Text"),
        ("<jats:p>Aims of care</jats:p><jats:p>Text</jats:p>", "Aims of care\nText"),
        (
            "<sec><st>Background</st><p>One.</p></sec><sec><st>Methods</st><p>Two.</p></sec>",
            "Background: One.\nMethods: Two.",
        ),
        (
            "<jats:sec><jats:title>Results</jats:title><jats:p>PM<jats:sub>2.5</jats:sub></jats:p></jats:sec>",
            "Results: PM2.5",
        ),
        ("<abs><p>One.</p></abs>", "One."),
        ("<list><list-item>one</list-item><list-item>two</list-item></list>", "one\ntwo"),
        ("<p>for <math><mi>p</mi><mo>&gt;</mo><mi>n</mi></math> it holds</p>", "for p>n it holds"),
        (
            "<p>x<mml:math><mml:semantics><mml:msup><mml:mi>y</mml:mi><mml:mn>2</mml:mn></mml:msup><mml:annotation>y^2"
            "</mml:annotation></mml:semantics></mml:math></p>",
            "xy2",
        ),
        ("<p>one</p><svg><title>Chart</title><text>12</text></svg><p>two</p>", "one\ntwo"),
        ("<p>the <max> of <set> two</p>", "the of two"),
        ("&lt;p&gt;escaped twice&lt;/p&gt;", "escaped twice"),
        ("", ""),
    ],
)
def test_html_reads_as_text(raw: str, text: str) -> None:
    assert html.both(raw)[0] == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<p>Born &amp;lt;32 weeks, &amp;gt;200 million</p>", "Born <32 weeks, >200 million"),
        ("<p>VLBW; &amp;amp;lt;1500 g</p>", "VLBW; <1500 g"),
        ("<p>Centers for Medicare &amp;amp; Medicaid Services</p>", "Centers for Medicare & Medicaid Services"),
        ("Medicare &amp;amp;amp; Medicaid", "Medicare & Medicaid"),
        ("<p>a&amp;nbsp;b and 5&amp;#8201;mg</p>", "a b and 5 mg"),
        ("<p>AT&amp;T; kept, &amp;notit; too</p>", "AT&T; kept, &notit; too"),
        ("<p>five &amp;amp;amp;amp;lt; six</p>", "five &amp;lt; six"),
        ("<p>a&amp;#x202e;b</p>", "ab"),
    ],
)
def test_text_that_was_escaped_more_than_once_is_read_as_it_was_meant(raw: str, text: str) -> None:
    read, kept = html.both(raw)
    assert read == text
    shown = re.sub(r"</?p>", "", kept)
    assert entities.unescape(shown) == text
    assert "<" not in shown


@pytest.mark.parametrize("tag", ["script", "img src=x onerror=y", "b", "p"])
def test_mark_up_that_appears_only_when_text_is_unescaped_again_stays_text(tag: str) -> None:
    raw = f"<p>Before &amp;lt;{tag}&amp;gt; after</p>"
    read, kept = html.both(raw)
    assert read == f"Before <{tag}> after"
    assert kept == f"<p>Before &lt;{tag}&gt; after</p>"
    assert html.to_line(f"Before &amp;amp;lt;{tag}&amp;amp;gt; after") == f"Before <{tag}> after"


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("<p><strong><em>Murdannia</em> var. <em>x</em></strong></p>", "Murdannia var. x"),
        ("1D Mo&lt;sub&gt;6&lt;/sub&gt;S nanowires", "1D Mo6S nanowires"),
        ("Fish &amp;amp; chips", "Fish & chips"),
        ("Fish &amp;amp;amp; chips", "Fish & chips"),
        ("Risk in those aged <50 years or >80 years", "Risk in those aged <50 years or >80 years"),
        ("AT&T; a history", "AT&T; a history"),
        ("  two\n lines ", "two lines"),
    ],
)
def test_a_title_is_one_line_without_mark_up(raw: str, title: str) -> None:
    assert html.to_line(raw) == title


def test_kept_mark_up_is_the_allow_list_only() -> None:
    kept = html.allow_listed(
        '<div class="x"><h3>Aim</h3><p onclick="x">A <b>bold</b> <a href="javascript:x">link</a> in H<sub>2</sub>O</p>'
        "<ul><li>one</li></ul><img src=x></div>"
    )
    assert kept == "<p><strong>Aim</strong></p><p>A <b>bold</b> link in H<sub>2</sub>O</p><ul><li>one</li></ul>"


def test_plain_text_is_escaped_when_kept_as_mark_up() -> None:
    assert html.allow_listed("p < 0.05 & more") == "p &lt; 0.05 &amp; more"


@given(FRAGMENTS)
def test_kept_mark_up_never_holds_anything_else(raw: str) -> None:
    kept = html.allow_listed(raw)
    tags = re.findall(r"<[^>]*>?", kept)
    assert all(re.fullmatch(r"</?(?:b|i|em|strong|sub|sup|p|br|ul|ol|li)>", tag) for tag in tags), kept
    assert "\x00" not in kept


@given(FRAGMENTS)
def test_text_and_mark_up_agree_with_the_single_functions(raw: str) -> None:
    text, kept = html.both(raw)
    if "&lt;/" not in raw:
        assert (text, kept) == (html.to_text(raw), html.allow_listed(raw))


@pytest.mark.parametrize("tag", ["<b>", "<div>", "<table><tr><td>", "<p><ul><li>", "<a ", "&lt;", "<h1>"])
def test_deep_or_endless_mark_up_takes_no_time(tag: str) -> None:
    begun = time.perf_counter()
    html.both(tag * 200_000)
    assert time.perf_counter() - begun < 5


def test_metadata_lines_are_taken_out_of_the_mark_up_too() -> None:
    kept = "<p>DOI: 10.1/x</p><p>A <b>real</b> line</p>"
    assert html.without_lines(kept, ["DOI: 10.1/x"]) == "<p>A <b>real</b> line</p>"


@pytest.mark.parametrize(
    "marked",
    ["<p>Abstract: Text</p>", "<p><strong>Abstract</strong></p><p>Text</p>", "Abstract<br>Text", "<p>Text</p>"],
)
def test_the_word_abstract_at_the_head_is_not_repeated(marked: str) -> None:
    assert html.without_abstract_heading(marked).replace("<p>", "").replace("</p>", "") == "Text"
