"""Lists of subscriptions: what Feedly, Inoreader and Thunderbird export, and what nobody should."""

from __future__ import annotations

import pytest

from alerts.parse.opml import NotOpml, Subscribed, read_opml, write_opml

FEEDLY = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>Subscriptions in feedly Cloud</title></head><body>
<outline text="Public health" title="Public health">
  <outline type="rss" text="Example Journal" title="Example Journal" xmlUrl="https://www.example.org/rss"
           htmlUrl="https://www.example.org/"/>
  <outline type="rss" text="News &amp; views" title="News &amp; views" xmlUrl="https://news.example.org/feed?a=1&amp;b=2"/>
</outline>
<outline text="Reading" title="Reading">
  <outline type="rss" text="Example Journal" title="Example Journal" xmlUrl="https://www.example.org/rss"/>
</outline></body></opml>"""


def test_folders_become_labels_and_a_feed_in_two_folders_is_one_feed() -> None:
    assert read_opml(FEEDLY) == (
        Subscribed(
            "https://www.example.org/rss", "Example Journal", "https://www.example.org/", ("Public health", "Reading")
        ),
        Subscribed("https://news.example.org/feed?a=1&b=2", "News & views", "", ("Public health",)),
    )


def test_thunderbird_nests_a_folder_for_each_feed_and_names_it_in_text_only() -> None:
    body = (
        b'<opml version="1.0" xmlns:fz="urn:forumzilla:"><body><outline title="Journals"><outline title="Quoted">'
        b'<outline type="rss" title="Quoted" text="Quoted" version="RSS" fz:quickMode="false" '
        b'xmlUrl="https://q.example.org/f"/></outline></outline></body></opml>'
    )
    assert read_opml(body) == (Subscribed("https://q.example.org/f", "Quoted", "", ("Journals", "Quoted")),)


def test_categories_and_odd_capitals_are_read() -> None:
    body = (
        b'<OPML><BODY><outline text="A" XMLURL="https://a.example.org/" category="/Health/News,Daily"/></BODY></OPML>'
    )
    assert read_opml(body) == (Subscribed("https://a.example.org/", "A", "", ("Health", "News", "Daily")),)


@pytest.mark.parametrize("name", ["utf-8", "utf-16", "iso-8859-1", "cp1252"])
def test_every_encoding_is_read(name: str) -> None:
    text = f'<?xml version="1.0" encoding="{name}"?><opml><body><outline text="Café" xmlUrl="https://a.example.org/"/></body></opml>'
    assert read_opml(text.encode(name))[0].title == "Café"


def test_an_empty_list_is_a_list() -> None:
    assert read_opml(b"<opml version='2.0'><head/><body/></opml>") == ()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\x00\xff\xfe", b"not xml", b"<html><body>Sign in</body></html>", b"<rss><channel/></rss>",
        FEEDLY[:-40], b"<opml><body>" + b"<outline text='a'>" * 200 + b"</outline>" * 200 + b"</body></opml>",
        b"<opml>" + b"x" * 6_000_000 + b"</opml>",
        b"<opml><body>" + b"".join(b"<outline xmlUrl='http://a/%d'/>" % n for n in range(5001)) + b"</body></opml>",
    ],
)  # fmt: skip
def test_what_is_no_whole_list_is_refused_and_never_read_in_part(body: bytes) -> None:
    with pytest.raises(NotOpml) as refused:
        read_opml(body)
    assert refused.value.sentence
    assert refused.value.remedy


def test_entities_of_the_file_itself_are_never_expanded() -> None:
    bomb = (
        b'<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        b'<opml><body><outline text="&b;" xmlUrl="https://a.example.org/"/></body></opml>'
    )
    with pytest.raises(NotOpml):
        read_opml(bomb)


def test_depth_alone_cannot_exhaust_anything() -> None:
    deep = b"<opml>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</opml>"
    assert read_opml(deep) == ()


def test_what_is_written_reads_back_as_it_was() -> None:
    feeds = (
        Subscribed(
            "https://a.example.org/?x=1&y=2", 'A "quoted" <title> & more', "https://a.example.org/", ("data", "news")
        ),
        Subscribed("https://b.example.org/", "Gwasanaeth Llyfrgell, Môn", "", ("data",)),
        Subscribed("https://c.example.org/", "No folder"),
    )
    assert set(read_opml(write_opml("Sources", feeds, "Mon, 02 Nov 2026 09:00:00 +0000"))) == set(feeds)
