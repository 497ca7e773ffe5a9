"""Made-up feeds as publishers write them: RSS 2.0, RDF and Atom, well-formed, with DOIs and abstracts of 100–250 words.

Nothing in them is anybody's text: words are those of `world`, names and DOIs are invented. The same numbers give the
same feeds in every process, so that the server makes them itself.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from itertools import accumulate

from benchmarks.world import vocabulary

NEWEST = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
_NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
)


@dataclass(frozen=True)
class Article:
    """One invented article."""

    title: str
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...]
    doi: str
    pmid: int
    at: datetime

    @property
    def page(self) -> str:
        """Its address."""
        return f"https://journals.example.org/articles/{self.doi.partition('/')[2]}"


class Press:
    """Writes the feeds of `feeds` journals with `items` articles each. Another `seed` gives other articles."""

    def __init__(self, feeds: int, items: int, seed: int = 1) -> None:
        self.feeds = feeds
        self.items = items
        self.seed = seed
        self._words = vocabulary(20_000, random.Random(7))
        self._weights = list(accumulate(1 / (rank + 8) for rank in range(len(self._words))))

    def bodies(self) -> Iterator[bytes]:
        """Yield every feed's body, the makes in turn."""
        makes = (_pubmed, _bmc, _wiley, _preprints, _hosted)
        for nth in range(self.feeds):
            yield makes[nth % len(makes)](f"Journal {nth} of Examples", self.articles(nth)).encode()

    def articles(self, nth: int) -> list[Article]:
        """Return the articles of one journal, newest first."""
        chance = random.Random(f"{self.seed}/{nth}")
        return [self._article(chance, nth, place) for place in range(self.items)]

    def _article(self, chance: random.Random, nth: int, place: int) -> Article:
        words = chance.choices(self._words, cum_weights=self._weights, k=chance.randint(100, 250) + 12)
        title = " ".join(words[:12]).capitalize()
        if place % 7 == 0:
            title = title.replace(" ", " & ", 1)  # to be escaped, as in real titles
        parts = [" ".join(words[at : at + 45]).capitalize() + "." for at in range(12, len(words), 45)]
        authors = tuple(
            f"{word.capitalize()} {chance.choice('ABCDEGHJKLM')}" for word in chance.sample(self._words, k=6)
        )
        number = f"{self.seed}{nth:05d}{place:04d}"
        pmid = self.seed * 10_000_000 + nth * 2_000 + place
        at = NEWEST - timedelta(hours=7 * place + nth % 24)
        return Article(title, tuple(parts), authors, f"10.5555/example.{number}", pmid, at)


def _pubmed(journal: str, articles: list[Article]) -> str:
    items = "".join(
        f"<item><title>{escape(each.title)}</title><link>https://pubmed.example.org/{each.pmid}/</link>"
        f"<description><![CDATA[<p>{each.paragraphs[0]}</p>]]></description>"
        '<content:encoded><![CDATA[<div><p style="color: #4aa564;">J Examples. 2026 Nov 16. doi: '
        f"{each.doi}. Online ahead of print.</p><p><b>ABSTRACT</b></p>{_labelled(each)}"
        f'<p style="color: lightgray">PMID:<a href="https://pubmed.example.org/{each.pmid}/">{each.pmid}</a> | DOI:'
        f'<a href="https://doi.org/{each.doi}">{each.doi}</a></p></div>]]></content:encoded>'
        f'<guid isPermaLink="false">pubmed:{each.pmid}</guid>'
        f"<pubDate>{format_datetime(each.at)}</pubDate>"
        + "".join(f"<dc:creator>{name}</dc:creator>" for name in each.authors)
        + f"<dc:date>{each.at:%Y-%m-%d}</dc:date><dc:source>{journal}</dc:source>"
        f"<dc:title>{escape(each.title)}</dc:title><dc:identifier>pmid:{each.pmid}</dc:identifier>"
        f"<dc:identifier>doi:{each.doi}</dc:identifier></item>\n"
        for each in articles
    )
    return _rss(journal, items)


def _labelled(article: Article) -> str:
    labels = ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS", "FUNDING", "REGISTRATION")
    return "".join(
        f'<p xmlns="http://www.w3.org/1999/xhtml"><b>{label}:</b> {words}</p>'
        for label, words in zip(labels, article.paragraphs, strict=False)
    )


def _bmc(journal: str, articles: list[Article]) -> str:
    items = "".join(
        f"<item><title>{escape(each.title)}</title><link>{each.page}</link>"
        f"<description><![CDATA[{''.join(f'<p>{words}</p>' for words in each.paragraphs)}]]></description>"
        f'<guid isPermaLink="true">{each.page}</guid><pubDate>{format_datetime(each.at)}</pubDate>'
        f"<dc:creator>{', '.join(each.authors)}</dc:creator><dc:identifier>doi:{each.doi}</dc:identifier>"
        f"<dc:publisher>Example Central</dc:publisher><prism:doi>{each.doi}</prism:doi>"
        f"<prism:publicationName>{journal}</prism:publicationName><prism:volume>26</prism:volume>"
        f"<category>Research article</category></item>\n"
        for each in articles
    )
    return _rss(journal, items)


def _rss(journal: str, items: str) -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" {_NAMESPACES}><channel><title>{journal}</title>'
        f"<link>https://journals.example.org/</link><description>Latest articles</description>"
        f"<language>en</language>\n{items}</channel></rss>"
    )


def _wiley(journal: str, articles: list[Article]) -> str:
    items = "".join(
        f'<item rdf:about="{each.page}?af=R"><title>{escape(each.title)}</title><link>{each.page}</link>'
        f"<content:encoded><![CDATA[<h2>ABSTRACT</h2>{_sections(each)}]]></content:encoded>"
        f"<description>{escape(' '.join(each.paragraphs))}</description>"
        f"<dc:title>{escape(each.title)}</dc:title><dc:identifier>{each.doi}</dc:identifier>"
        f"<dc:source>{journal}, Ahead of Print</dc:source><dc:date>{each.at:%Y-%m-%dT%H:%M:%SZ}</dc:date>"
        f"<dc:creator>{', '.join(each.authors)}</dc:creator><prism:publicationName>{journal}</prism:publicationName>"
        f"<prism:doi>{each.doi}</prism:doi><prism:url>https://doi.org/{each.doi}</prism:url>"
        f"<prism:section>RESEARCH ARTICLE</prism:section></item>\n"
        for each in articles
    )
    listed = "".join(f'<rdf:li rdf:resource="{each.page}?af=R"/>' for each in articles)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns="http://purl.org/rss/1.0/" {_NAMESPACES}><channel rdf:about="https://journals.example.org/">'
        f"<title>{journal}</title><link>https://journals.example.org/</link><description>Latest</description>"
        f"<prism:issn>2049-3630</prism:issn><items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n{items}</rdf:RDF>"
    )


def _sections(article: Article) -> str:
    names = ("Background", "Methods", "Results", "Conclusions", "Funding", "Registration")
    return "".join(f"<h3>{name}</h3><p>{words}</p>" for name, words in zip(names, article.paragraphs, strict=False))


def _preprints(journal: str, articles: list[Article]) -> str:
    items = "".join(
        f"<entry><id>https://preprints.example.org/abs/{each.pmid}v1</id><title>{escape(each.title)}</title>"
        f"<updated>{each.at:%Y-%m-%dT%H:%M:%SZ}</updated><published>{each.at:%Y-%m-%dT%H:%M:%SZ}</published>"
        f'<link href="{each.page}" rel="alternate" type="text/html"/>'
        f'<link title="pdf" href="{each.page}.pdf" rel="related" type="application/pdf"/>'
        f"<summary>{escape(' '.join(each.paragraphs))}</summary>"
        + "".join(f"<author><name>{name}</name></author>" for name in each.authors)
        + '<category term="q-bio.PE" scheme="http://arxiv.org/schemas/atom"/>'
        f'<arxiv:doi xmlns:arxiv="http://arxiv.org/schemas/atom">{each.doi}</arxiv:doi></entry>\n'
        for each in articles
    )
    return _atom(journal, items)


def _hosted(journal: str, articles: list[Article]) -> str:
    items = "".join(
        f'<entry><title type="html">{escape(each.title)}</title><link rel="alternate" href="{each.page}"/>'
        f"<id>tag:journals.example.org,2026:{each.pmid}</id><updated>{each.at:%Y-%m-%dT%H:%M:%SZ}</updated>"
        f'<content type="html">{escape(_labelled(each))}</content>'
        f"<author><name>{each.authors[0]}</name></author><dc:identifier>doi:{each.doi}</dc:identifier></entry>\n"
        for each in articles
    )
    return _atom(journal, items)


def _atom(journal: str, items: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/" xml:lang="en"><title>{journal}</title>'
        f"<id>https://journals.example.org/{escape(journal)}</id><updated>{NEWEST:%Y-%m-%dT%H:%M:%SZ}</updated>"
        f'<link rel="alternate" href="https://journals.example.org/"/>\n{items}</feed>'
    )
