"""Bodies to entries: every format, every place where publishers hide things, and what is no feed at all."""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from alerts.model.records import Entry
from alerts.parse import NotAFeed, Parsed, parse_body
from alerts.parse import body as module
from alerts.parse.entry import entry_of

ADDRESS = "https://example.org/news/feed.xml"
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:cc="http://web.resource.org/cc/" '
    'xmlns:media="http://search.yahoo.com/mrss/"'
)


def rss(*items: str, channel: str = "") -> bytes:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0" {NAMESPACES}><channel><title>Feed</title>{channel}{inside}</channel></rss>'.encode()


def rdf(*items: str, channel: str = "") -> bytes:
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        f'{NAMESPACES}><channel rdf:about="https://example.org/"><title>Feed</title>{channel}'
        f"</channel>{''.join(items)}</rdf:RDF>"
    ).encode()


def atom(*entries: str, feed: str = "", attributes: str = "") -> bytes:
    inside = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>Feed</title>{feed}{inside}</feed>'.encode()


def parsed(body: bytes, **more: object) -> Parsed:
    return parse_body(body, address=ADDRESS, **more)  # type: ignore[arg-type]  # limit and content_type


def one(body: bytes) -> Entry:
    entries = parsed(body).entries
    assert len(entries) == 1
    return entries[0]


def codes(body: bytes) -> list[str]:
    return [each.code for each in parsed(body).problems]


def test_an_rss_item_gives_its_fields() -> None:
    entry = one(
        rss(
            "<title>Vaping &amp;amp; smoking</title><link>/a?utm_source=rss</link><guid isPermaLink='false'>g-1</guid>"
            "<pubDate>Mon, 02 Nov 2026 09:00:00 GMT</pubDate><description>&lt;p&gt;One.&lt;/p&gt;"
            "&lt;p&gt;Two.&lt;/p&gt;</description>"
            "<dc:creator>Ann Smith</dc:creator><dc:creator>Bob Jones</dc:creator><category>Smoking</category>"
            "<category>Research Article</category><dc:language>en-GB</dc:language>"
        )
    )
    assert entry.title == "Vaping & smoking"
    assert entry.link == "https://example.org/a"
    assert entry.key == "g-1"
    assert entry.published == datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert entry.date_kind == "published"
    assert entry.summary == "One.\nTwo."
    assert entry.summary_html == "<p>One.</p><p>Two.</p>"
    assert entry.authors == ("Ann Smith", "Bob Jones")
    assert entry.keywords == ("Smoking", "Research Article")
    assert entry.publication_types == ("Research Article",)
    assert entry.language == "en"
    assert entry.identifier("link") == "https://example.org/a"


def test_rdf_gives_prism_and_dublin_core() -> None:
    entry = one(
        rdf(
            '<item rdf:about="https://j.org/doi/10.1000/abc.1?af=R"><title>T title here</title>'
            "<link>https://j.org/doi/10.1000/abc.1</link>"
            "<dc:identifier>10.1000/ABC.1</dc:identifier><dc:date>2026-11-02</dc:date><dc:source>The Journal"
            "</dc:source>"
            "<prism:volume>12</prism:volume><prism:number>3</prism:number><prism:startingPage>1</prism:startingPage>"
            "<prism:endingPage>9</prism:endingPage><prism:issn>0028-0836</prism:issn><prism:section>Review"
            "</prism:section>"
            '<cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/></item>',
            channel="<dc:publisher>The Press</dc:publisher>",
        )
    )
    assert entry.identifier("doi") == "10.1000/abc.1"
    assert (entry.journal, entry.publisher, entry.volume, entry.issue, entry.pages) == (
        "The Journal",
        "The Press",
        "12",
        "3",
        "1-9",
    )
    assert entry.issn == ("0028-0836",)
    assert entry.publication_types == ("Review",)
    assert entry.licence == "https://creativecommons.org/licenses/by/4.0"
    assert entry.open_access is True
    assert entry.key == "https://j.org/doi/10.1000/abc.1?af=R"


def test_atom_gives_alternate_links_under_its_base_and_both_dates() -> None:
    entry = one(
        atom(
            '<title type="html">A &lt;i&gt;b&lt;/i&gt;</title><id>tag:x,2026:1</id><link rel="self" href="self"/>'
            '<link rel="alternate" type="text/html" href="doc/1"/><updated>2026-11-03T10:00:00Z</updated>'
            "<published>2026-11-02T10:00:00Z</published><author><name>Ann</name><email>a@x.org</email></author>"
            '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One</p><p>H<sub>2</sub>O</p>'
            "</div></content>",
            attributes='xml:base="https://base.example.org/site/" xml:lang="cy"',
        )
    )
    assert entry.title == "A b"
    assert entry.link == "https://base.example.org/site/doc/1"
    assert entry.summary == "One\nH2O"
    assert (entry.published, entry.updated) == (
        datetime(2026, 11, 2, 10, tzinfo=UTC),
        datetime(2026, 11, 3, 10, tzinfo=UTC),
    )
    assert entry.authors == ("Ann",)
    assert entry.language == "cy"


def test_an_item_that_is_only_updated_says_so() -> None:
    entry = one(atom("<title>Guidance on vaping</title><id>x</id><updated>2026-11-03T10:00:00Z</updated>"))
    assert (entry.published, entry.date_kind) == (None, "updated")


@pytest.mark.parametrize(
    ("body", "format_"),
    [
        (b'<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>F</title><entry><title>T</title><id>1</id>'
         b"<issued>2026-11-02T09:00:00Z</issued><content mode='escaped' type='text/html'>&lt;p&gt;S&lt;/p&gt;"
         b"</content></entry></feed>",
         "atom"),
        (b'<rss version="0.91"><channel><title>F</title><item><title>T</title><description>S</description>'
         b"<pubDate>2 November 2026</pubDate></item></channel></rss>", "rss"),
        (b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
         b'xmlns="http://my.netscape.com/rdf/simple/0.9/" '
         b'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>F</title></channel><item><title>T</title>'
         b"<description>S</description><dc:date>2026-11-02</dc:date></item></rdf:RDF>", "rdf"),
        (b'<feed><title>F</title><entry><title>T</title><summary>S</summary><published>2026-11-02</published>'
         b'</entry></feed>', "atom"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "title": "F", "items": [{"id": 1, "title": "T", '
         b'"content_text": "S",'
         b'"date_published": "2026-11-02T00:00:00Z"}]}', "json"),
    ],
)  # fmt: skip
def test_every_make_of_feed_is_read(body: bytes, format_: str) -> None:
    result = parsed(body)
    entry = result.entries[0]
    assert (result.format, result.title, len(result.entries)) == (format_, "F", 1)
    assert (entry.title, entry.summary) == ("T", "S")
    assert entry.published is not None
    assert entry.published.date().isoformat() == "2026-11-02"


def test_pubmed_gives_pmid_doi_and_the_whole_abstract() -> None:
    entry = one(
        rss(
            "<title>A trial of stopping smoking</title>"
            "<link>https://pubmed.ncbi.nlm.nih.gov/123/?utm_source=x&amp;fc=1</link>"
            "<guid isPermaLink='false'>pubmed:123</guid><description>CONCLUSIONS: It works.</description>"
            "<content:encoded>&lt;div&gt;&lt;p&gt;Tob Control. 2026 Nov 2. doi: 10.1000/own. Online ahead of "
            "print.&lt;/p&gt;"
            "&lt;p&gt;&lt;b&gt;ABSTRACT&lt;/b&gt;&lt;/p&gt;&lt;p&gt;BACKGROUND: Long (see 10.1000/cited).&lt;/p&gt;"
            "&lt;p&gt;CONCLUSIONS: It works.&lt;/p&gt;&lt;p&gt;PMID:&lt;a href='x'&gt;123&lt;/a&gt; | PMC:"
            "&lt;a&gt;PMC77&lt;/a&gt; | "
            "DOI:&lt;a href=https://doi.org/10.1000/own&gt;10.1000/own&lt;/a&gt;&lt;/p&gt;&lt;/div&gt;"
            "</content:encoded>"
            "<dc:identifier>pmid:123</dc:identifier><dc:identifier>doi:10.1000/own</dc:identifier>"
            "<dc:source>Tobacco control</dc:source>"
        )
    )
    assert entry.summary == "BACKGROUND: Long (see 10.1000/cited).\nCONCLUSIONS: It works."
    assert (entry.identifier("doi"), entry.identifier("pmid"), entry.identifier("pmcid")) == (
        "10.1000/own",
        "123",
        "PMC77",
    )
    assert entry.link == "https://pubmed.ncbi.nlm.nih.gov/123/"
    assert "PMID" not in entry.summary_html


def test_sciencedirect_hides_everything_in_the_description() -> None:
    entry = one(
        rss(
            "<title>T of an article</title>"
            "<link>https://www.sciencedirect.com/science/article/pii/S1?dgcid=rss_sd_all</link>"
            "<description>&lt;p&gt;Publication date: November 2026&lt;/p&gt;&lt;p&gt;&lt;b&gt;Source:&lt;/b&gt; "
            "Public Health, Volume 295"
            "&lt;/p&gt;&lt;p&gt;Author(s): Tammy Iwasa-Arai, Ann B Smith&lt;/p&gt;</description>"
        )
    )
    assert (entry.journal, entry.volume, entry.summary, entry.summary_html) == ("Public Health", "295", "", "")
    assert entry.authors == ("Tammy Iwasa-Arai", "Ann B Smith")
    assert (entry.published, entry.date_kind) == (datetime(2026, 11, 1, tzinfo=UTC), "issue")
    assert entry.link.endswith("/S1")


@pytest.mark.parametrize(
    ("item", "doi"),
    [
        ("<prism:doi>\n 10.1093/x/y \n</prism:doi>", "10.1093/x/y"),
        ("<dc:identifier>doi:10.1101/857789</dc:identifier>", "10.1101/857789"),
        ("<dc:identifier>info:doi/10.1136/bmj.1</dc:identifier>", "10.1136/bmj.1"),
        ("<dc:identifier>ISSN 1234-567</dc:identifier><dc:identifier>10.1000/two</dc:identifier>", "10.1000/two"),
        ("<guid>10.1001/jama.2026.1</guid>", "10.1001/jama.2026.1"),
        ("<guid>http://dx.doi.org/10.1021/acscatal.6c1</guid>", "10.1021/acscatal.6c1"),
        ("<link>https://doi.org/10.1109/mgrs.1</link>", "10.1109/mgrs.1"),
        ("<description>&lt;p&gt;DOI: 10.3897/phytokeys.1&lt;/p&gt;&lt;p&gt;Abstract: Text.&lt;/p&gt;</description>",
         "10.3897/phytokeys.1"),
        ("<description>Nature, Published online: 24 March 2023; doi:10.1038/d41586-023-1&lt;p&gt;Text."
         "&lt;/p&gt;</description>",
         "10.1038/d41586-023-1"),
        ("<description>As Smith et al. showed (doi:10.1000/cited), this holds for all.</description>", ""),
        ("<description>&lt;p&gt;Text.&lt;/p&gt;&lt;p&gt;This corrects the article doi:10.1000/cited&lt;/p&gt;"
         "</description>", ""),
        ("<description>&lt;p&gt;Shema H. (2012). Research Blogs and the Discussion of Things. PLoS ONE, 7 (5) "
         "DOI: 10.1371/cited&lt;/p&gt;"
         "</description>", ""),
        ("<description>&lt;p&gt;Data: https://doi.org/10.5061/dryad.1&lt;/p&gt;</description>", ""),
        ("<description>&lt;a href='https://doi.org/10.1000/cited'&gt;a paper&lt;/a&gt; says so.</description>", ""),
        ("<description>&lt;p&gt;Text.&lt;/p&gt;The notice is at https://doi.org/10.1161/cited</description>", ""),
        ("<description>&lt;p&gt;Text.&lt;/p&gt;Their new study: doi:10.1161/cited</description>", ""),
        ("<prism:doi>10.1002/(SICI)1097-0258(1998)17:15&lt;1661::AID-SIM968&gt;3.0.CO;2-2</prism:doi>",
         "10.1002/(sici)1097-0258(1998)17:15<1661::aid-sim968>3.0.co;2-2"),
        ("<dc:identifier>10.1016/0140-6736(91)93044-B.</dc:identifier>", "10.1016/0140-6736(91)93044-b"),
        ("<dc:identifier>hwp:resource-id:jech;80/11/651</dc:identifier><dc:identifier>info:doi/10.1136/two</dc:identifier>",
         "10.1136/two"),
        ("<dc:relation>doi:10.1136/cited</dc:relation><dc:source>doi:10.1136/cited</dc:source>", ""),
        ("<prism:doi>not a doi</prism:doi>", ""),
        ("<link>https://onlinelibrary.wiley.com/doi/10.1111/add.v24.6</link>", ""),
    ],
)  # fmt: skip
def test_the_items_own_doi_is_found_and_a_cited_one_is_not_taken(item: str, doi: str) -> None:
    assert one(rss(f"<title>A title</title>{item}")).identifier("doi") == doi


@pytest.mark.parametrize(
    ("item", "number"),
    [
        ("<link>https://www.nice.org.uk/guidance/ng209</link>", "nice:ng209"),
        ("<title>Tobacco [NG209]</title>", "nice:ng209"),
        ("<id>http://arxiv.org/abs/2104.12255v1</id>", "arxiv:2104.12255"),
        ("<link>https://www.who.int/emergencies/disease-outbreak-news/item/2026-DON612</link>", "who:2026-don612"),
        ("<link>https://iris.who.int/handle/10665/1234</link>", "handle:10665/1234"),
        ("<description>&lt;p&gt;Text.&lt;/p&gt;&lt;p&gt;WHO reference number: WHO/MSD/21.1&lt;/p&gt;</description>",
         "who:who/msd/21.1"),
        ("<title>Clinical care (WHO/2019-nCoV/Clinical/2026.1)</title>", "who:who/2019-ncov/clinical/2026.1"),
        ("<description>See WHO/MSD/21.1 for more.</description>", ""),
        ("<title>Obesity (NG246) | Guidance | NICE</title>", "nice:ng246"),
        ("<link>https://www.gov.uk/government/publications/green-book-chapter-19</link>",
         "gov.uk:government/publications/green-book-chapter-19"),
        ("<link>https://www.gov.uk/government/publications/green-book/a-part-of-it</link>", ""),
        ("<dc:identifier>urn:ISBN:978-92-4-000000-1</dc:identifier>", "isbn:9789240000001"),
        ("<link>https://www.nice.org.uk/guidance/ng209/evidence</link>", ""),
    ],
)  # fmt: skip
def test_document_numbers_are_found(item: str, number: str) -> None:
    title = "" if "<title>" in item else "<title>A title</title>"
    assert one(rss(title + item)).identifier("document") == number


def test_an_enclosure_or_guid_stands_in_for_a_missing_link() -> None:
    assert one(rss("<title>T</title><guid>https://example.org/p</guid>")).link == "https://example.org/p"
    assert one(rss("<title>T</title><enclosure url='https://example.org/a.mp3'/>")).link == "https://example.org/a.mp3"
    assert (
        one(rss("<title>T</title><guid isPermaLink='false'>https://example.org/p</guid><link>javascript:x</link>")).link
        == ""
    )


def test_an_item_without_a_title_is_named_by_its_first_sentence() -> None:
    assert one(rss("<description>First sentence. Second.</description>")).title == "First sentence."
    assert one(rss("<link>https://example.org/1</link>")).title == "Untitled item"


def test_a_posts_full_text_does_not_replace_its_excerpt() -> None:
    excerpt = "An excerpt of some length that says what the post is about, in a good many words. " * 4
    entry = one(
        rss(f"<title>T</title><description>{excerpt}</description><content:encoded>{'word ' * 5_000}</content:encoded>")
    )
    assert entry.summary == excerpt.strip()


def test_keys_fall_back_from_guid_to_link_to_text() -> None:
    assert one(rss("<title>T</title><link>https://example.org/1</link>")).key == "https://example.org/1"
    hashed = one(rss("<title>Only a title</title>")).key
    assert hashed.startswith("sha256:")
    assert one(rss("<title>only a  TITLE</title>")).key == hashed
    assert len(one(rss(f"<title>T</title><guid>{'x' * 5_000}</guid>")).key) < 100


def test_items_that_share_a_guid_are_told_apart_whatever_their_order() -> None:
    items = [
        f"<title>Item {n}</title><link>https://example.org/{n}</link><guid isPermaLink='false'>same</guid>"
        for n in range(3)
    ]
    forwards, backwards = parsed(rss(*items)), parsed(rss(*reversed(items)))
    assert len({entry.key for entry in forwards.entries}) == 3
    assert {entry.key for entry in forwards.entries} == {entry.key for entry in backwards.entries}
    assert [each.code for each in forwards.problems] == ["P009"]


def test_a_link_that_several_items_share_identifies_none_of_them() -> None:
    result = parsed(
        rss(*(f"<title>Item {n}</title><link>https://example.org/list</link><guid>g{n}</guid>" for n in range(2)))
    )
    assert [entry.identifier("link") for entry in result.entries] == ["", ""]
    assert [entry.link for entry in result.entries] == ["https://example.org/list"] * 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "nothing at all"),
        (b"   \n", "nothing at all"),
        (
            b"<!DOCTYPE html><html><head><title>Log in</title></head><body><input type=password></body></html>",
            "sign-in",
        ),
        (b"<html><head><title>Our news</title></head><body><p>x<br></body></html>", "web page (“Our news”)"),
        (b"just words", "neither a feed nor a web page"),
        (b"<note><to>x</to></note>", "XML of another kind"),
        (b'{"error": "no"}', "not with a JSON Feed"),
        (b'{"items": [', "broken or cut off"),
        (b"[" * 100_000, "broken or cut off"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "neither a feed nor a web page"),
    ],
)
def test_what_is_no_feed_is_refused_in_plain_words(body: bytes, words: str) -> None:
    with pytest.raises(NotAFeed) as refused:
        parsed(body)
    assert words in refused.value.sentence
    assert refused.value.remedy
    assert refused.value.code == "P001"


def test_a_page_that_names_its_feed_says_where() -> None:
    page = b'<html><head><link rel="alternate" type="application/rss+xml" href="/feed/"></head></html>'
    with pytest.raises(NotAFeed) as refused:
        parsed(page)
    assert "https://example.org/feed/" in refused.value.remedy


def test_declared_entities_are_removed_and_never_expanded() -> None:
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "boom"}">' for n in range(10))
    result = parsed(
        f"<!DOCTYPE rss [{bomb}]><rss><channel><item><title>x &a9; y</title></item></channel></rss>".encode()
    )
    assert result.problems[0].code == "P002"
    assert len(result.entries[0].title) < 50


def test_an_external_entity_is_not_read() -> None:
    declared = b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    body = declared + b"<rss><channel><item><title>a&x;b</title></item></channel></rss>"
    assert "root:" not in one(body).title


def test_a_body_that_names_a_file_opens_nothing() -> None:
    for body in (b"/etc/passwd", b"file:///etc/passwd", b"http://127.0.0.1/"):
        with pytest.raises(NotAFeed):
            parsed(body)


def test_more_items_than_the_limit_are_cut_and_said() -> None:
    result = parsed(rss(*(f"<title>Item {n}</title><guid>g{n}</guid>" for n in range(30))), limit=10)
    assert len(result.entries) == 10
    assert [each.code for each in result.problems] == ["P007"]


def test_a_feed_without_items_is_said() -> None:
    assert codes(rss()) == ["P008"]
    assert codes(rss("")) == ["P008"]


def test_dates_that_cannot_be_read_are_none_and_said() -> None:
    result = parsed(rss("<title>T</title><pubDate>soon</pubDate>"))
    assert result.entries[0].published is None
    assert [each.code for each in result.problems] == ["P010"]
    assert "soon" in result.problems[0].message


def test_over_long_text_is_cut_and_said() -> None:
    result = parsed(rss(f"<title>{'word ' * 1_000}</title><description>{'word ' * 20_000}</description>"))
    assert len(result.entries[0].title) <= 1_000
    assert len(result.entries[0].summary) <= 20_000
    assert "P012" in [each.code for each in result.problems]


def test_the_feed_says_how_long_to_leave_it_alone() -> None:
    result = parsed(rss(channel="<ttl>120</ttl><skipHours><hour>0</hour><hour>24</hour><hour>5</hour></skipHours>"
                                "<skipDays><day>Sunday</day></skipDays><link>https://example.org/</link>"))  # fmt: skip
    assert (result.ttl_s, result.skip_hours, result.skip_days) == (7_200, (0, 5), ("sunday",))
    assert result.link == "https://example.org/"


def test_parsing_is_picklable_both_ways() -> None:
    result = parsed(rss("<title>T</title>"))
    assert pickle.loads(pickle.dumps(result)) == result
    assert pickle.loads(pickle.dumps(parse_body)) is parse_body
    error = pickle.loads(pickle.dumps(NotAFeed("No.", remedy="Do this.")))
    assert (error.sentence, error.remedy, error.code) == ("No.", "Do this.", "P001")


def test_importing_the_room_loads_no_slow_library() -> None:
    loaded = "[name for name in ('feedparser', 'pydantic', 'rapidfuzz') if name in sys.modules]"
    script = f"import sys; import alerts.parse; print({loaded})"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_one_item_that_fails_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    real = entry_of

    def failing(item: object, *rest: object) -> Entry:
        if item.first("title") == "bad":  # type: ignore[attr-defined]  # a RawItem
            raise KeyError("x")
        return real(item, *rest)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(module, "entry_of", failing)
    result = parsed(rss("<title>bad</title>", "<title>good</title>"))
    assert [entry.title for entry in result.entries] == ["good"]
    assert [each.code for each in result.problems] == ["P013"]
