"""Links as they are stored and compared: absolute, http or https, normalised, without what only tracks readers."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit, urlunsplit

from alerts.model.identifiers import find_doi

LINK_LIMIT = 2_000

# Names of parameters that only say where a reader came from. url-normalize's own filter deletes all it does not know.
_TRACKING = frozenset(
    re.findall(
        r"\S+",
        """
    fbclid gclid dclid gbraid wbraid msclkid yclid twclid igshid mc_cid mc_eid _hsenc _hsmi mkt_tok oly_anon_id
    oly_enc_id vero_id wickedid s_cid cmpid cmp ncid xtor spm dgcid ito ref_src ref_url wt.mc_id wt.mc_ev
    wt.rss_f wt.rss_a wt.rss_ev sfmc_id sfmc_sub at_medium at_campaign at_format at_link_id at_link_type
    at_link_origin at_ptr_name at_bbc_team ns_mchannel ns_source ns_campaign ns_linkname ns_fee feedname
    feedtype rss_id trk trkcampaign email_source
    """,
    )
)
_TRACKING_VALUES = frozenset(
    {
        ("af", "r"), ("rss", "1"), ("src", "rss"), ("source", "rss"), ("ref", "rss"), ("via", "rss"), ("from", "rss"),
        ("cid", "rss"), ("ftag", "rss"), ("campaign", "rss"), ("rss", "yes"), ("rss", "true"), ("ct", "rss"),
        ("rss", "currentissue"), ("rss", "mostrecent"), ("rss", "searchresult"), ("track", "rss"), ("rsc_ga", "1"),
        ("needaccess", "true"), ("tracking_action", "rss"), ("feed", "rss"),
    }
)  # fmt: skip
_ATYPON_TRACKING = frozenset({"ai", "mi", "ui"})
"""What Atypon puts beside `af=R` into the links of its feeds: who asked for the feed."""
_PUBMED_TRACKING = frozenset({"fc", "ff", "v"})
# A flat pattern on purpose: nested repetition would take exponential time on a hostile link.
_NORMAL = re.compile(
    r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+/[A-Za-z0-9._~!$'()*+,;:@/-]*(?:\?(?P<query>[A-Za-z0-9._~=&-]+))?$"
)
_TRACKING_FRAGMENT = re.compile(r"^(?:utm_|xtor=|ref=|rss$|ns_|at_)", re.IGNORECASE)
_UNWANTED = re.compile("[\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ud800-\udfff\ufeff]+")
_PROXIED = re.compile(
    r"v\d+(?:\.(?:full|abstract|short|full-text|full\.pdf|article-info|article-metrics|supplementary-material))*$"
)
_AFTER_DOI = re.compile(
    r"/(?:abstract|full|fulltext|full-text|full-html|full-xml|pdf|pdfdirect|pdfplus|epdf|epub|html|summary|meta|references|citations"
    r"|issuetoc|toc|asset|supplementary|reading|review|suppl_file|figures|tables|download|comments|peer-review)(?:/.*)?$",
    re.IGNORECASE,
)
_FILE_ENDING = re.compile(
    r"\.(?:pdf|html?|xml|epub|full|abstract|short|fulltext|full-text|full\.pdf(?:\+html)?|full\.html)$", re.IGNORECASE
)
# Silverchair puts a page's own number, and often its title, behind the DOI: "/article/doi/10.1093/b/a1/5867393/Title".
_SILVERCHAIR = re.compile(r"(article[\w-]*/doi/10\.\d{4,9}(?:\.\d+)*/.+?)/\d{5,}(?:/[^/]*)?$", re.IGNORECASE)


def _is_tracking(host: str, name: str, value: str) -> bool:
    name = name.lower()
    return (
        name.startswith(("utm_", "pk_", "mtm_", "hsa_", "piwik_", "matomo_"))
        or name in _TRACKING
        or (name, value.lower()) in _TRACKING_VALUES
        or (host == "pubmed.ncbi.nlm.nih.gov" and name in _PUBMED_TRACKING)
    )


def _query_kept(host: str, query: str) -> str:
    """Return the query without tracking parameters; the others stay as they were written, in their order."""
    if not query:
        return ""
    parts = re.split("[&;]" if "&amp;" in query else "&", query.replace("&amp;", "&"))
    dropped = _ATYPON_TRACKING if "af=R" in parts else frozenset()
    kept = []
    for part in parts:
        name, _, value = part.partition("=")
        if part and name not in dropped and not _is_tracking(host, unquote(name), unquote(value)):
            kept.append(part)
    return "&".join(kept)


@lru_cache(maxsize=4096)
def canonical(url: str, base: str = "") -> str:
    """Return `url` resolved against `base` and normalised, or an empty string when it is no usable http(s) link."""
    url = _UNWANTED.sub("" if " " not in url.strip() else "%20", url.strip())
    if not url or len(url) > LINK_LIMIT:
        return ""
    try:
        whole = urljoin(base, url) if base else url
        parts = urlsplit(whole)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return ""
        host = parts.hostname.lower()
        netloc = host if parts.port is None else f"{host}:{parts.port}"
        if ":" in host:
            netloc = f"[{host}]" if parts.port is None else f"[{host}]:{parts.port}"
        fragment = "" if _TRACKING_FRAGMENT.match(parts.fragment) else parts.fragment
        query = _query_kept(host, parts.query)
        return _normalised(urlunsplit((parts.scheme.lower(), netloc, parts.path, query, fragment)))
    except (ValueError, UnicodeError):
        return ""


def _is_normal(url: str) -> bool:
    found = _NORMAL.match(url)
    if found is None or "/." in url or "//" in url[8:]:
        return False
    query = found.group("query")
    return query is None or all(part.count("=") == 1 and not part.startswith("=") for part in query.split("&"))


def _normalised(url: str) -> str:
    """Return `url` in the form of RFC 3986 section 6, as url-normalize does it; a plain one is in it already."""
    if _is_normal(url):
        return url.replace("://dx.doi.org/", "://doi.org/").replace("http://doi.org/", "https://doi.org/")
    from url_normalize import url_normalize

    result = url_normalize(url) or ""
    parts = urlsplit(result)
    if parts.scheme not in ("http", "https") or not parts.hostname or len(result) > LINK_LIMIT:
        return ""
    return result.replace("://dx.doi.org/", "://doi.org/").replace("http://doi.org/", "https://doi.org/")


def identity(link: str) -> str:
    """Return the form of a canonical link that two sources would share: https, no `www.`, no last slash, sorted query.

    Empty for a site's front page: too many items point there for it to name one.
    """
    parts = urlsplit(link)
    path = re.sub(r"/(?:index\.(?:html?|php|aspx?))?$", "", parts.path)
    if not parts.hostname or (not path and not parts.query and not parts.fragment):
        return ""
    host = parts.netloc.lower().removeprefix("www.")
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    return urlunsplit(("https", host, path, query, parts.fragment))


def doi_in(url: str) -> str | None:
    """Return the DOI that a link's own address carries, in canonical form, or `None`.

    Resolvers, Atypon (`/doi/full/10…`), Silverchair (`/article/doi/10…/12345/Title`), bioRxiv (`/content/10…v1.full`),
    PLOS (`?id=10…`), Springer, and Nature's article numbers, which are the ends of its DOIs.
    """
    if "10." not in url:
        nature = re.match(
            r"https?://(?:www\.)?nature\.com/articles/(s\d{5}-\d{3}-\d{5}-[\dxyzw]|d41586-\d{3}-\d{5}-[\dxyzw])$", url
        )
        return f"10.1038/{nature.group(1)}" if nature else None
    parts = urlsplit(url)
    for value in (
        parts.path,
        *(value for name, value in parse_qsl(parts.query) if name.lower() in ("doi", "id", "uri")),
    ):
        doi = _doi_of_path(unquote(value), parts.hostname or "")
        if doi:
            return doi
    return None


def _doi_of_path(path: str, host: str) -> str | None:
    start = re.search(r"(?:^|[/:=])(10\.\d{4,9}(?:\.\d+)*/.+)$", path)
    if start is None:
        return None
    found = start.group(1).rstrip("/")
    if not host.endswith("doi.org"):
        found = _AFTER_DOI.sub("", found)
        numbered = _SILVERCHAIR.search(path[: start.start(1)] + found)
        found = numbered.group(1).partition("/doi/")[2] if numbered else found
        found = _FILE_ENDING.sub("", found)
        if host.endswith(("biorxiv.org", "medrxiv.org")) or found.startswith("10.1101/"):
            found = _PROXIED.sub("", found)
    doi = find_doi(found)
    if doi is None or "(issn)" in doi or ("(sici)" in doi and ">" not in doi):
        return None  # a journal's, or one that its address did not keep whole
    return doi
