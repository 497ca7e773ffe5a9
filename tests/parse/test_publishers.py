"""What each publisher puts where: items in the shapes of their feeds give every field they carry."""

from __future__ import annotations

from html import escape

import pytest

from alerts.model.records import Entry
from alerts.parse import parse_body

_SPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:cc="http://web.resource.org/cc/" '
    'xmlns:a10="http://www.w3.org/2005/Atom"'
)
PRISM = "http://prismstandard.org/namespaces/basic/2.0/"
OLD_PRISM = "http://purl.org/rss/1.0/modules/prism/"


def rdf(item: str, channel: str, prism: str = PRISM) -> Entry:
    body = (
        f'<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:prism="{prism}" {_SPACES}><channel rdf:about="https://j.example.org/">'
        f"{channel}</channel>{item}</rdf:RDF>"
    )
    return _only(body)


def rss(item: str, channel: str = "<title>A journal</title>") -> Entry:
    return _only(
        f'<rss version="2.0" xmlns:prism="{PRISM}" {_SPACES}><channel>{channel}<item>{item}</item></channel></rss>'
    )


def _only(body: str) -> Entry:
    (entry,) = parse_body(body.encode(), address="https://feeds.example.org/").entries
    return entry


def described(html: str) -> str:
    """Return a description that holds HTML, escaped as most publishers do it."""
    return f"<description>{escape(html)}</description>"


def test_bmj_journals_by_highwire() -> None:
    entry = rdf(
        """<item rdf:about="http://jech.example.org/cgi/content/short/80/11/651?rss=1">
        <title><![CDATA[Income and PM<SUB>2.5</SUB>: a cohort study]]></title>
        <link>http://jech.example.org/cgi/content/short/80/11/651?rss=1</link>
        <description><![CDATA[<sec><st>Background</st><p>Income counts.</p></sec>
        <sec><st>Methods</st><p>We asked.</p></sec>]]></description>
        <dc:creator><![CDATA[Smith, J., Jones, A., van der Berg, C.]]></dc:creator>
        <dc:date>2026-10-12T09:24:26-07:00</dc:date>
        <dc:identifier>info:doi/10.1136/jech-2026-221234</dc:identifier>
        <dc:identifier>hwp:resource-id:jech;80/11/651</dc:identifier><dc:publisher>BMJ Publishing Group</dc:publisher>
        <dc:subject><![CDATA[Open access, Cohort]]></dc:subject>
        <prism:publicationDate>2026-11-01</prism:publicationDate>
        <prism:section>Original research</prism:section><prism:volume>80</prism:volume><prism:number>11</prism:number>
        <prism:startingPage>651</prism:startingPage><prism:endingPage>658</prism:endingPage></item>""",
        "<title>A Journal current issue</title><prism:issn>0143-005X</prism:issn>",
        OLD_PRISM,
    )
    assert entry.title == "Income and PM2.5: a cohort study"
    assert entry.summary == "Background: Income counts.\nMethods: We asked."
    assert entry.identifier("doi") == "10.1136/jech-2026-221234"
    assert entry.authors == ("Smith, J", "Jones, A", "van der Berg, C")
    assert (entry.journal, entry.volume, entry.issue, entry.pages) == ("A Journal", "80", "11", "651-658")
    assert (entry.issn, entry.publication_types) == (("0143-005X",), ("Original research",))
    assert (entry.open_access, entry.keywords) == (True, ("Open access", "Cohort"))
    assert entry.link.endswith("/80/11/651")


def test_the_lancet_names_its_section_before_the_title() -> None:
    item = """<item rdf:about="x"><title>[Articles] Deaths in England: a modelling study</title>
        <link>http://lancet.example.org/journals/lanpub/article/PIIS2468-2667(26)00201-4/fulltext?rss=yes</link>
        <dc:title>Deaths in England: a modelling study</dc:title>
        <dc:identifier>10.1016/S2468-2667(26)00201-4</dc:identifier>
        <dc:source>The Lancet Public Health 11, 12 (2026)</dc:source><prism:section>Articles</prism:section></item>"""
    entry = rdf(item, "<title>The Lancet Public Health</title>")
    assert entry.title == "Deaths in England: a modelling study"
    assert entry.identifier("doi") == "10.1016/s2468-2667(26)00201-4"
    assert (entry.journal, entry.volume, entry.issue) == ("The Lancet Public Health", "11", "12")


def test_a_bracket_that_is_no_section_stays_in_the_title() -> None:
    assert rss("<title>[18F]-labelled tracers in practice</title>").title == "[18F]-labelled tracers in practice"


def test_pubmed_writes_the_citation_above_the_abstract() -> None:
    entry = rss(
        """<title>Vaping and teens</title><guid isPermaLink="false">pubmed:41234567</guid>
        <content:encoded><![CDATA[<div><p style="color: #4aa564;">J Public Health (Oxf). 2026 Nov 1;48(4):651-658. doi:
        10.1093/pubmed/fdae001.</p><p><b>ABSTRACT</b></p><p><b>AIM</b>: To look.</p><p>PMID:<a href="#">41234567</a> |
        PMC:<a href="#">PMC12345678</a> | DOI:<a href="#">10.1093/pubmed/fdae001</a></p></div>]]></content:encoded>
        <dc:source>Journal of public health (Oxford, England)</dc:source><dc:identifier>pmid:41234567</dc:identifier>
        <dc:identifier>pmc:PMC12345678</dc:identifier><dc:identifier>doi:10.1093/pubmed/fdae001</dc:identifier>"""
    )
    assert (entry.volume, entry.issue, entry.pages) == ("48", "4", "651-658")
    assert entry.journal == "Journal of public health (Oxford, England)"
    assert entry.summary == "AIM: To look."
    assert [entry.identifier(name) for name in ("doi", "pmid", "pmcid")] == [
        "10.1093/pubmed/fdae001", "41234567", "PMC12345678",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "place"),
    [
        (
            "Lancet. 2026 Jan 5:S0140-6736(26)00001-2. doi: 10.1016/x. Online ahead of print.",
            ("", "", "S0140-6736(26)00001-2"),
        ),
        ("BMJ. 2026 Nov;395(8312 Suppl 1):e081234. doi: 10.1136/x.", ("395", "8312 Suppl 1", "e081234")),
        ("Mol Biol Rep. 2026 Nov 5. doi: 10.1007/x. Online ahead of print.", ("", "", "")),
    ],
)
def test_pubmed_citations_of_every_kind(line: str, place: tuple[str, str, str]) -> None:
    entry = rss(f"<title>A title</title><description>&lt;p&gt;{line}&lt;/p&gt;&lt;p&gt;Text.&lt;/p&gt;</description>")
    assert (entry.volume, entry.issue, entry.pages) == place
    assert entry.summary == "Text."


def test_plos_repeats_the_authors_above_the_abstract() -> None:
    content = """<p>by Ann Smith, Bob Jones</p> Background <p>We tried.</p> Methods and findings
        <p>We saw. The data are at 10.5061/dryad.abc</p>"""
    body = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>PLOS Medicine: New Articles</title>
        <entry><title>A trial</title><id>10.1371/journal.pmed.1004567</id>
        <link rel="alternate" href="https://plos.example.org/article?id=10.1371/journal.pmed.1004567"/>
        <link rel="related" type="application/pdf" href="https://plos.example.org/file?id=10.1371/journal.pmed.1004567"/>
        <author><name>Ann Smith</name></author><author><name>Bob Jones</name></author>
        <content type="html">{escape(content)}</content></entry></feed>"""
    entry = _only(body)
    assert entry.summary == "Background: We tried.\nMethods and findings: We saw. The data are at 10.5061/dryad.abc"
    assert (entry.identifier("doi"), entry.journal) == ("10.1371/journal.pmed.1004567", "PLOS Medicine")
    assert entry.authors == ("Ann Smith", "Bob Jones")


def test_mdpi_puts_its_citation_into_the_description() -> None:
    entry = rss(
        "<title>Walking in towns</title><link>https://mdpi.example.org/1660-4601/23/11/1234</link>"
        '<cc:license rdf:resource="CC BY"/>'
        + described(
            "<p><b>IJERPH, Vol. 23, Pages 1234: Walking in towns</b></p>"
            '<p>International Journal of Public Health <a href="x">doi: 10.3390/ijerph23111234</a></p>'
            "<p>Authors: Ann Smith, Bob Jones</p><p>Walking is good.</p>"
        )
    )
    assert entry.summary == "Walking is good."
    assert entry.identifier("doi") == "10.3390/ijerph23111234"
    assert (entry.volume, entry.pages, entry.licence) == ("23", "1234", "CC BY")
    assert entry.authors == ("Ann Smith", "Bob Jones")


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("Public Health, Vol. 240 (2026) pp. 12 - 20", ("Public Health", "240", "", "12-20")),
        ("BMC Public Health 2026, null:1234", ("BMC Public Health", "", "", "1234")),
        ("BMC Public Health 2026, 26:1234", ("BMC Public Health", "26", "", "1234")),
        ("Journal of Walking; Vol. 12 No. 3 (2026): Paths; 1-9", ("Journal of Walking", "12", "3", "")),
        ("Nature Medicine, Published online: 2026-10-28; | doi:10.1038/s41591", ("Nature Medicine", "", "", "")),
        ("Volunteering and Health", ("Volunteering and Health", "", "", "")),
    ],
)
def test_a_source_that_is_a_citation_is_taken_apart(source: str, place: tuple[str, ...]) -> None:
    entry = rss(f"<title>A title</title><dc:source>{source}</dc:source>")
    assert (entry.journal, entry.volume, entry.issue, entry.pages) == place


def test_silverchair_has_a_namespace_of_its_own_for_prism() -> None:
    facts = "".join(
        f'<prism:{name} xmlns:prism="prism">{value}</prism:{name}>'
        for name, value in (("volume", "48"), ("issue", "4"), ("doi", "10.1093/pubmed/fdaa123"))
    )
    text = (
        '<span class="paragraphSection"><div class="boxTitle">Abstract</div><div class="boxTitle">Background</div>'
        "Text.</span>"
    )
    entry = rss(f"<title>A title</title>{facts}{described(text)}", "<title>A Journal Online First</title>")
    assert (entry.journal, entry.volume, entry.issue) == ("A Journal", "48", "4")
    assert entry.identifier("doi") == "10.1093/pubmed/fdaa123"
    assert entry.summary == "Background: Text."


def test_sciencedirect_says_when_an_article_came_online() -> None:
    entry = rss(
        "<title>A title</title>"
        + described(
            "<p>Publication date: Available online 28 October 2026</p><p><b>Source:</b> Public Health</p>"
            "<p>Author(s): Ann Smith, Bob Jones</p>"
        )
    )
    assert entry.published is not None
    assert (f"{entry.published:%Y-%m-%d}", entry.date_kind) == ("2026-10-28", "published")
    assert entry.journal == "Public Health"


def test_drupal_puts_title_and_login_before_the_text() -> None:
    entry = rss(
        "<title>Threats report, week 44</title><dc:creator>siteadmin</dc:creator>"
        + described(
            '<span class="field field--name-title field--type-string">Threats report, week 44</span>\n'
            '<span class="field field--name-uid"><span lang="" about="/user/1">siteadmin</span></span>\n'
            '<span class="field field--name-created">Fri, 10/30/2026 - 15:06</span>\n'
            '<div class="clearfix field--name-body"><p>This issue covers a week.</p></div>'
        )
    )
    assert (entry.summary, entry.authors) == ("This issue covers a week.", ())


def test_open_journal_systems_names_its_journal_by_the_feed() -> None:
    body = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Journal of Walking</title>
        <generator uri="http://pkp.sfu.ca/ojs/" version="3.3.0.8">Open Journal Systems</generator>
        <entry><title>A path</title><link rel="alternate" href="https://j.example.org/article/view/1"/>
        <author><name>Ann Smith</name></author>
        <rights>Copyright (c) 2026 Ann Smith https://creativecommons.org/licenses/by/4.0</rights></entry></feed>"""
    entry = _only(body)
    assert (entry.journal, entry.licence, entry.open_access) == (
        "Journal of Walking", "https://creativecommons.org/licenses/by/4.0", True,
    )  # fmt: skip


def test_europe_pmc_pages_name_the_pmid() -> None:
    assert (
        rss("<title>A title</title><link>https://europepmc.org/article/MED/41234567</link>").identifier("pmid")
        == "41234567"
    )


def test_a_news_feed_is_no_journal_for_carrying_a_doi() -> None:
    entry = rss("<title>A title</title><guid>https://doi.org/10.1136/bmj.n71</guid>", "<title>Health news</title>")
    assert (entry.identifier("doi"), entry.journal) == ("10.1136/bmj.n71", "")


@pytest.mark.parametrize(
    "title",
    [
        "Latest Results for BMC Public Health",
        "BMC Public Health | New and Recent Articles",
        "SAGE Publications: BMC Public Health: Table of Contents",
    ],
)
def test_a_journal_is_named_by_the_title_of_its_feed_without_what_kind_of_list_it_is(title: str) -> None:
    item = "<title>Walking</title><link>https://link.springer.com/article/10.1186/s12889-026-12345-6</link>"
    assert rss(item, f"<title>{title}</title>").journal == "BMC Public Health"


def atom(inner: str) -> Entry:
    return _only(
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><title>arXiv</title><entry>{inner}</entry></feed>'
    )


def test_arxiv_gives_affiliations_inside_the_author() -> None:
    entry = atom(
        "<id>http://arxiv.org/abs/2611.01234v2</id><title>Nowcasting influenza</title><author><name>Jane Roe</name>"
        "<arxiv:affiliation>UKHSA</arxiv:affiliation></author><author><name>John Doe</name></author>"
    )
    assert (entry.authors, entry.affiliations) == (("Jane Roe", "John Doe"), ("UKHSA",))


def test_authors_in_elements_of_two_kinds_keep_the_order_given() -> None:
    entry = atom(
        "<id>1</id><title>T</title><author><name>Jane Roe</name></author><author><name>John Doe</name></author>"
        "<dc:creator>Ann Lee</dc:creator>"
    )
    assert entry.authors == ("Jane Roe", "John Doe", "Ann Lee")


def test_greek_letters_encoded_twice_are_read() -> None:
    entry = rss("<title>A bound for TGF-&#xce;&#xb2;1 where \u2265 5 were seen</title><link>https://e.org/1</link>")
    assert entry.title == "A bound for TGF-\u03b21 where \u2265 5 were seen"


def test_a_webmaster_is_no_publisher_when_the_feed_is_broken() -> None:
    entry = rss(
        "<title>Broken <b></title><guid>17</guid><link>https://e.org/1</link>",
        "<title>News</title><webMaster>web@example.org</webMaster>",
    )
    assert (entry.publisher, entry.key) == ("", "17")
