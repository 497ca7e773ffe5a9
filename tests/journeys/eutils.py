"""NCBI's E-utilities on loopback, in the shapes they have: ESearch with its history server, EFetch in batches.

What it does not do is search: an article is found by a query when the query is among those it says it satisfies. Dates
are honoured (`edat`, `mdat`, `crdt`), since that is what a standing search stands on.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

_SEARCH_DTD = (
    '<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN"'
    ' "https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">'
)
_SET_DTD = (
    '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN"'
    ' "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">'
)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905


@dataclass
class Article:
    """One article of PubMed: the dates that searches go by, and what its record says."""

    pmid: int
    title: str
    edat: date
    abstract: str = ""
    doi: str = ""
    mdat: date | None = None
    crdt: date | None = None
    types: tuple[str, ...] = ("Journal Article",)
    headings: tuple[str, ...] = ()
    notes: tuple[tuple[str, int, str], ...] = ()
    """What `CommentsCorrections` say: (RefType, PMID or 0, RefSource)."""
    finds: tuple[str, ...] = ("smoking[tiab]",)
    online: bool = True
    author: tuple[str, str] = ("Roe", "Jane P")

    @property
    def changed(self) -> date:
        return self.mdat or self.edat

    @property
    def came(self) -> date:
        return self.crdt or self.edat

    @property
    def is_corrected(self) -> bool:
        return any(kind.endswith("In") and kind != "CommentIn" for kind, *_ in self.notes)


def _dated(tag: str, day: date, more: str = "") -> str:
    return (
        f"<{tag}{more}><Year>{day.year}</Year><Month>{day.month:02}</Month><Day>{day.day:02}</Day></{tag}>"
    )  # fmt: skip


def article_xml(article: Article) -> str:
    """Return a record as EFetch gives it."""
    doi = f'<ELocationID EIdType="doi" ValidYN="Y">{escape(article.doi)}</ELocationID>' if article.doi else ""
    abstract = (
        f"<Abstract><AbstractText>{escape(article.abstract)}</AbstractText></Abstract>" if article.abstract else ""
    )
    types = "".join(f"<PublicationType>{each}</PublicationType>" for each in article.types)
    notes = "".join(
        f'<CommentsCorrections RefType="{kind}"><RefSource>{escape(source)}</RefSource>'
        f'{f"""<PMID Version="1">{pmid}</PMID>""" if pmid else ""}</CommentsCorrections>'
        for kind, pmid, source in article.notes
    )
    mesh = "".join(
        f'<MeshHeading><DescriptorName UI="D0" MajorTopicYN="N">{escape(each)}</DescriptorName></MeshHeading>'
        for each in article.headings
    )
    ids = f'<ArticleId IdType="pubmed">{article.pmid}</ArticleId>' + (
        f'<ArticleId IdType="doi">{escape(article.doi)}</ArticleId>' if article.doi else ""
    )
    month = f"<Year>{article.edat.year}</Year><Month>{_MONTHS[article.edat.month - 1]}</Month>"
    online = _dated("ArticleDate", article.edat, ' DateType="Electronic"') if article.online else ""
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{article.pmid}</PMID>'
        f"{_dated('DateRevised', article.changed)}"
        '<Article PubModel="Print-Electronic"><Journal><ISSN IssnType="Electronic">1468-3318</ISSN>'
        f'<JournalIssue CitedMedium="Internet"><Volume>34</Volume><PubDate>{month}</PubDate></JournalIssue>'
        "<Title>Journal of Examples</Title><ISOAbbreviation>J Ex</ISOAbbreviation></Journal>"
        f"<ArticleTitle>{escape(article.title)}.</ArticleTitle>{doi}{abstract}"
        f'<AuthorList CompleteYN="Y"><Author ValidYN="Y"><LastName>{escape(article.author[0])}</LastName>'
        f"<ForeName>{escape(article.author[1])}</ForeName>"
        "</Author></AuthorList><Language>eng</Language>"
        f"<PublicationTypeList>{types}</PublicationTypeList>{online}</Article>"
        "<MedlineJournalInfo><MedlineTA>J Ex</MedlineTA><ISSNLinking>0964-4563</ISSNLinking></MedlineJournalInfo>"
        f"{f'<CommentsCorrectionsList>{notes}</CommentsCorrectionsList>' if notes else ''}"
        f"{f'<MeshHeadingList>{mesh}</MeshHeadingList>' if mesh else ''}</MedlineCitation>"
        f"<PubmedData><History>{_dated('PubMedPubDate', article.edat, ' PubStatus=' + chr(34) + 'entrez' + chr(34))}"
        f"</History><PublicationStatus>ppublish</PublicationStatus><ArticleIdList>{ids}</ArticleIdList></PubmedData>"
        "</PubmedArticle>"
    )


@dataclass
class EUtils:
    """A server of the two utilities. `next` holds answers given in place of the right ones, first to last."""

    articles: list[Article] = field(default_factory=list)
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    next: list[tuple[int, Mapping[str, str], bytes]] = field(default_factory=list)
    says: str = ""
    """XML that ESearch adds to its answer: `<ErrorList>…`."""
    forgets: int = 0
    """So many searches are forgotten before their records are asked for."""
    held_back: int = 0
    """So many of the first articles of a search are counted and not given."""
    kept: dict[str, list[Article]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True)
                utility = self.path.rpartition("/")[2]
                told = {name: values[0] for name, values in form.items()}
                outer.asked.append((utility, told))
                status, headers, body = outer.answer(utility, told)
                self.send_response(status)
                for name, value in {"Content-Type": "text/xml; charset=UTF-8", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/entrez/eutils/"

    def answer(self, utility: str, form: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        if self.next:
            return self.next.pop(0)
        if utility == "esearch.fcgi":
            return 200, {}, self._search(form).encode()
        return self._fetch(form)

    def _search(self, form: Mapping[str, str]) -> str:
        found = sorted((each for each in self.articles if _is_found(each, form)), key=lambda each: -each.pmid)
        environment = f"MCID_{len(self.kept):08}"
        self.kept[environment] = found
        listed = "".join(f"<Id>{each.pmid}</Id>" for each in found[: int(form.get("retmax", "20"))])
        return (
            f'<?xml version="1.0" encoding="UTF-8" ?>\n{_SEARCH_DTD}\n'
            f"<eSearchResult><Count>{len(found)}</Count><RetMax>0</RetMax><RetStart>0</RetStart>"
            f"<QueryKey>1</QueryKey><WebEnv>{environment}</WebEnv><IdList>{listed}</IdList>"
            "<TranslationSet/><TranslationStack><TermSet><Term>smoking[tiab]</Term><Field>tiab</Field>"
            "<Count>412345</Count><Explode>N</Explode></TermSet><OP>GROUP</OP></TranslationStack>"
            f"<QueryTranslation>smoking[tiab]</QueryTranslation>{self.says}</eSearchResult>"
        )

    def _fetch(self, form: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        if self.forgets:
            self.forgets -= 1
            self.kept.clear()
        kept = self.kept.get(form["WebEnv"])
        if kept is None:
            return (
                400,
                {},
                b'<?xml version="1.0"?><eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>',
            )
        first = int(form["retstart"])
        records = "".join(map(article_xml, kept[max(first, self.held_back) : first + int(form["retmax"])]))
        body = f'<?xml version="1.0" ?>\n{_SET_DTD}\n<PubmedArticleSet>{records}</PubmedArticleSet>'
        return 200, {}, body.encode()


def _day(text: str) -> date:
    return date.fromisoformat(text.replace("/", "-"))


def _is_found(article: Article, form: Mapping[str, str]) -> bool:
    term = form["term"]
    if not any(query in term for query in article.finds):
        return False
    day = article.edat if form["datetype"] == "edat" else article.changed
    if not _day(form["mindate"]) <= day <= _day(form["maxdate"]):
        return False
    if "hasretractionin" in term and not article.is_corrected:
        return False
    created = re.search(r'"([\d/]+)"\[crdt\]', term)
    entered = re.search(r'NOT \("([\d/]+)"\[edat\]', term)
    if created and article.came < _day(created.group(1)):
        return False
    return not (entered and article.edat >= _day(entered.group(1)))
