"""Mutated feeds: no exception but a plain refusal, and clean entries whatever comes."""

from __future__ import annotations

import pickle
import random
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.parse import NotAFeed, Parsed, parse_body

RSS = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
    "<title>Feed &amp; more</title><link>https://example.org/</link><ttl>60</ttl><atom:link rel='self' href='/feed'/>"
    + "".join(
        f"<item><title>Item {n}: caf\u00e9 &lt;i&gt;x&lt;/i&gt;</title>"
        f"<link>https://example.org/{n}?utm_source=rss</link>"
        f"<guid>g{n}</guid><pubDate>Mon, 0{n} Nov 2026 09:00:00 BST</pubDate><dc:creator>Ann Smith, Bob Jones"
        f"</dc:creator>"
        f"<prism:doi>10.1000/{n}</prism:doi><description><![CDATA[<p><b>Background</b> Words {n}.</p>]]>"
        f"</description></item>"
        for n in range(1, 6)
    )
    + "</channel></rss>"
).encode()
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.org/"><title type="html">F</title>'
    + "".join(
        f'<entry><id>tag:{n}</id><title>T{n}</title><link href="{n}"/><updated>2026-11-0{n}T00:00:00Z</updated>'
        f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>W{n}</p></div></content></entry>'
        for n in range(1, 4)
    )
    + "</feed>"
).encode()
JSON = (
    b'{"version": "https://jsonfeed.org/version/1.1", "title": "F", "items": [{"id": "1", "url": "/1", "title": "T", '
    b'"content_html": "<p>x</p>", "date_published": "2026-11-02T00:00:00Z", "authors": [{"name": "A"}], "tags": '
    b'["t"]}]}'
)
BITS = [
    *re.findall(
        rb"\S+",
        rb"""
< > & ]]> <![CDATA[ <item> </item> &#x110000; &#0; ' " 99999999999 xmlns:x='y' <!DOCTYPE <!-- { } 10.1000/ javascript:
""",
    ),
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xe2\x80\xae",
    b"\xef\xbb\xbf",
    b"<!DOCTYPE a [",
]


def parsed_or_refused(body: bytes) -> Parsed | None:
    """Any other exception than the plain refusal fails the test."""
    try:
        return parse_body(body, address="https://example.org/feed")
    except NotAFeed:
        return None


def check(body: bytes) -> None:
    parsed = parsed_or_refused(body)
    if parsed is None:
        return
    pickle.dumps(parsed)
    for entry in parsed.entries:
        assert entry.key
        assert entry.title
        assert entry.fingerprint
        assert entry.link == "" or entry.link.startswith(("http://", "https://"))
        for text in (entry.title, entry.summary, entry.summary_html, entry.journal, *entry.authors, *entry.keywords):
            text.encode()
            assert not any(unicodedata.category(char) in ("Cc", "Cs") and char != "\n" for char in text)
        for moment in (entry.published, entry.updated):
            assert moment is None or 1900 <= moment.year <= 2100


def mutated(body: bytes, rng: random.Random) -> bytes:
    changed = bytearray(body)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(changed) + 1)
        match rng.randrange(5):
            case 0:
                changed[at:at] = rng.choice(BITS)
            case 1:
                del changed[at : at + rng.randint(1, 40)]
            case 2:
                changed[at : at + 1] = bytes([rng.randrange(256)])
            case 3:
                changed[at:at] = changed[max(0, at - rng.randint(1, 200)) : at]
            case _:
                changed = changed[: rng.randint(1, len(changed) + 1)] if len(changed) > 1 else changed
    return bytes(changed)


@pytest.mark.parametrize("seed", range(12))
def test_mutated_feeds_end_in_entries_or_a_plain_refusal(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(40):
        check(mutated(rng.choice((RSS, ATOM, JSON)), rng))


@given(st.binary(max_size=400))
def test_any_bytes_end_in_entries_or_a_plain_refusal(body: bytes) -> None:
    check(body)


@given(
    st.text(max_size=200),
    st.sampled_from(["title", "link", "guid", "pubDate", "description", "dc:identifier", "dc:creator"]),
)
def test_any_text_in_any_element_makes_a_clean_entry(text: str, element: str) -> None:
    safe = text.replace("&", "&amp;").replace("<", "&lt;")
    item = f"<item><title>T</title><{element}>{safe}</{element}></item>"
    check(
        f'<rss xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>{item}</channel></rss>'.encode("utf-8", "replace")
    )
