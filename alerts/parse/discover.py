"""Where a web page says its feeds are, and where feeds commonly lie when it says nothing.

Only the tags `link`, `a` and `base` are looked at, each within bounds: the page is a stranger's, and nothing of it is
kept but addresses to try.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Literal, NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

from alerts.parse import clean, encoding

_PAGE_LIMIT = 2_000_000
_MOST = 40
_TAG = re.compile(r"<(link|a|base)\b([^<>]{1,2000})>([^<]{0,200})", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""([a-z-]{2,20})\s*=\s*(?:"([^"]{0,1500})"|'([^']{0,1500})'|([^\s"'>]{1,1500}))""", re.IGNORECASE
)
_FEED_TYPE = re.compile(
    r"^(?:application|text)/(?:rss|atom|rdf|feed)\+?(?:xml|json)$|^application/json$", re.IGNORECASE
)
_FEED_WORD = re.compile(r"\b(?:rss|atom|feeds?)\b", re.IGNORECASE)
_FEED_PATH = re.compile(
    r"\.(?:rss|atom|rdf)$|/(?:feed|rss|atom)/?$|/(?:rss|feeds?|rssfeed)/|(?:rss|atom|feed|index)\.(?:xml|rdf|json)$"
    r"|showfeed|webfeedgatewayplugin|_xml\.php$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(r"(?:^|&)(?:feed|format|fmt|alt)=(?:rss2?|atom|feed|json_?feed)|^rss$", re.IGNORECASE)
_TO_SUBSCRIBE = re.compile(
    r"://(?:feedly|www\.inoreader|add\.my\.yahoo|www\.netvibes|feedburner\.google)\b", re.IGNORECASE
)

How = Literal["given", "named", "linked", "guessed"]


class Candidate(NamedTuple):
    """An address that may be a feed: what the page calls it, and how it was come by."""

    address: str
    title: str
    how: How


def named_feeds(body: bytes, address: str, content_type: str = "") -> tuple[Candidate, ...]:
    """Return the feeds that a page names (`link rel="alternate"`), then the links that look like feeds."""
    text = encoding.decode(body[:_PAGE_LIMIT], content_type).text
    base = address
    named: dict[str, Candidate] = {}
    linked: dict[str, Candidate] = {}
    for tag, inside, after in _TAG.findall(text):
        told = _attributes(inside)
        href = told.get("href", "")
        if tag.lower() == "base":
            base = _absolute(href, address) or address
        elif not href or href.startswith(("#", "javascript:", "mailto:", "data:")):
            continue
        elif tag.lower() == "link":
            rel = told.get("rel", "").lower().split()
            if "alternate" in rel and _FEED_TYPE.match(told.get("type", "").split(";")[0].strip()):
                _keep(named, href, base, told.get("title", ""), "named")
        elif _looks_like_a_feed(href, after, told.get("title", "")):
            _keep(linked, href, base, told.get("title", "") or after, "linked")
    near = (each for each in linked.values() if each.address not in named and _is_near(each.address, address))
    return tuple([*named.values(), *near][:_MOST])


def _attributes(inside: str) -> dict[str, str]:
    found = _ATTRIBUTE.findall(inside)
    return {name.lower(): unescape(double or single or bare).strip() for name, double, single, bare in found}


def _keep(found: dict[str, Candidate], href: str, base: str, title: str, how: How) -> None:
    href = re.sub(r"^feed:(?://)?(?=https?:)", "", href)
    address = _absolute(re.sub(r"^feed://", "http://", href), base)
    if address and address not in found and not _TO_SUBSCRIBE.search(address):
        found[address] = Candidate(address, clean.line(unescape(title), 200), how)


def _absolute(href: str, base: str) -> str:
    """Return an address as it is to be asked, or nothing: `?rss` must not be tidied into something else."""
    try:
        whole = urldefrag(urljoin(base, href)).url.replace(" ", "%20")
        parts = urlsplit(whole)
        usable = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc and len(whole) <= 2000
    except ValueError:
        return ""
    return clean.line(whole, 2000) if usable else ""


def _looks_like_a_feed(href: str, *words: str) -> bool:
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    by_address = _FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query)
    return bool(by_address) or any(_FEED_WORD.search(each) for each in words)


def _is_near(address: str, page: str) -> bool:
    """Tell whether two addresses are of one publisher, as far as names tell: feeds.bmj.com and www.bmj.com."""
    here, there = (urlsplit(each).hostname or "" for each in (address, page))
    return here == there or _owner(here) == _owner(there)


def _owner(host: str) -> str:
    """Return the part of a host name that its owner registered, roughly: example.org, example.nhs.uk."""
    parts = host.split(".")
    short = len(parts) > 2 and len(parts[-1]) == 2 and len(parts[-2]) <= 4
    return ".".join(parts[-3:] if short else parts[-2:])


_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^(https?://www\.gov\.uk/[^?#]*?)/?(\?[^#]*)?$"), r"\1.atom\2"),
    (re.compile(r"^(https?://[^/]+)/(?:toc|loi|journal)/([a-z0-9]{2,12})(?:[/?#].*)?$"),
     r"\1/action/showFeed?type=etoc&feed=rss&jc=\2"),  # Atypon
    (re.compile(r"^(https?://[^?#]+?/index\.php/[\w-]+)(?:[/?#].*)?$"), r"\1/gateway/plugin/WebFeedGatewayPlugin/atom"),
    (re.compile(r"^(https?://www\.nature\.com/\w+?)(?:[/?#].*)?$"), r"\1.rss"),
    (re.compile(r"^(https?://journals\.plos\.org/\w+)(?:[/?#].*)?$"), r"\1/feed/atom"),
    (re.compile(r"^(https?://[\w-]+\.biomedcentral\.com)(?:[/?#].*)?$"), r"\1/articles/most-recent/rss.xml"),
    (re.compile(r"^(https?://[\w-]+\.bmj\.com)(?:[/?#].*)?$"), r"\1/rss/current.xml"),
)  # fmt: skip
"""How some publishers make the address of a feed from that of a page."""

_USUAL = ("feed/", "rss.xml", "feed.xml", "atom.xml", "rss", "?feed=rss2")


def usual_places(address: str) -> Iterator[Candidate]:
    """Yield where feeds of this page commonly lie on its own host, likeliest first."""
    parts = urlsplit(address)
    top = f"{parts.scheme}://{parts.netloc}/"
    page = (
        f"{top}{parts.path.strip('/')}/" if parts.path.strip("/") and "." not in parts.path.rpartition("/")[2] else ""
    )
    guessed = (made for pattern, form in _PATTERNS if (made := _made(pattern, form, address)))
    places: Iterable[str] = (*guessed, *([page + "feed/"] if page else []), *(top + each for each in _USUAL))
    for place in dict.fromkeys(places):
        yield Candidate(place, "", "guessed")


def _made(pattern: re.Pattern[str], form: str, address: str) -> str:
    found = pattern.match(address)
    return found.expand(form.replace(r"\2", r"\2" if pattern.groups > 1 and found[2] else "")) if found else ""
