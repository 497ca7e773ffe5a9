"""Telling the page of a filter between us and a publisher from what the publisher says: pure functions on an answer.

A hospital's or council's network often answers in a publisher's stead: with status 200 or 403, and with HTML where a
feed should be. Such a page is recognised by what filters write into it: the name of a product together with a word of
refusal, or a refusal in the name of "your organisation". A publisher's own wall against robots (Cloudflare's, Akamai's)
says neither, and stays what it is. Only short pages are looked at: nobody's article about web filters is one.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from html import unescape

GLIMPSE = 65_536
"""So many bytes of a refusal are looked at; the pages of filters are smaller."""
_LONGEST_TEXT = 4_000
_FILTERS: tuple[tuple[str, str], ...] = (
    ("Squid", r"\bsquid/\d|ERR_ACCESS_DENIED|squid proxy|squidguard"),
    ("Zscaler", r"zscaler"),
    ("Forcepoint", r"forcepoint|websense|blockpage\.cgi"),
    ("FortiGuard", r"fortiguard|fortigate|fortinet|fortiproxy"),
    ("Palo Alto Networks", r"palo ?alto networks|in accordance with company policy"),
    ("Cisco", r"cisco umbrella|opendns|cisco secure web|ironport|cisco systems"),
    ("Symantec", r"blue ?coat|policy_denied|content categorization|proxysg"),
    ("Skyhigh", r"mcafee web gateway|mwg-internal|skyhigh security|trellix"),
    ("Sophos", r"\bsophos\b"),
    ("Smoothwall", r"smoothwall"),
    ("Barracuda", r"barracuda (?:web|content|cloudgen|networks)"),
    ("Netskope", r"netskope"),
    ("iboss", r"\biboss\b"),
    ("Check Point", r"check ?point (?:usercheck|software)|\busercheck\b"),
    ("Trend Micro", r"trend micro|\biwsva\b"),
    ("SonicWall", r"sonicwall"),
    ("WatchGuard", r"watchguard"),
    ("Lightspeed", r"lightspeed (?:filter|systems)"),
    ("Securly", r"\bsecurly\b"),
    ("Cloudflare Gateway", r"cloudflare gateway|blocked by cloudflare (?:zero trust|gateway)"),
    ("Menlo Security", r"menlo ?security"),
    ("Untangle", r"untangle (?:web filter|ngfw)"),
    ("E2guardian", r"e2guardian|dansguardian"),
    ("pfSense", r"pfblockerng"),
)
_NAMED = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _FILTERS)
_HOSTS = re.compile(
    r"(?:^|\.)(?:(?:gateway|proxy)\.zscaler\w*\.(?:net|com)|block\.opendns\.com|goskope\.com|websense\.net)$",
    re.IGNORECASE,
)
_REFUSES = r"(?:block(?:ed|s|ing)?|denied|prohibited|restricted|forbidden|not (?:allowed|permitted)|violat(?:es|ion))"
_REFUSED = re.compile(rf"\b(?:{_REFUSES}|quarantined|caution|warning|don.t have permission)\b", re.IGNORECASE)
_OURS = (
    r"(?:(?:your|the|this|our|company|corporate|local)\W+(?:\w+\W+){0,2}?"
    r"(?:organi[sz]ation|company|employer|trust|council|it (?:department|team|service ?desk|support|policy)"
    r"|service ?desk|help ?desk|network (?:administrator|policy|team)|system administrator|administrator"
    r"|internet (?:usage |use |access |security )?policy"
    r"|acceptable use|web (?:filter|gateway|proxy|security)\w*|content filter\w*|proxy(?: server)?|firewall)\b"
    r"|(?:internet|web|content|url) (?:filter(?:ing)?|usage policy|access policy|categor(?:y|isation|ization))\b"
    r"|acceptable use policy\b)"
)
_IN_OUR_NAME = re.compile(rf"\b{_REFUSES}\b.{{0,120}}?\b{_OURS}|\b{_OURS}.{{0,120}}?\b{_REFUSES}\b", re.IGNORECASE)
_TITLE = re.compile(rf"{_REFUSES}|filter|proxy|gateway|firewall|\baccess\b|security|internet|\berror\b", re.IGNORECASE)
_PORTAL = re.compile(
    r"captive portal|(?:log ?in|sign[- ]?in|authenticate|register)\b.{0,60}\b"
    r"(?:(?:guest|wireless|public|corporate|hospital|staff)(?:['’]s)?(?: guest)? (?:network|internet|wi-?fi)"
    r"|internet access|wi-?fi|web proxy)",
    re.IGNORECASE,
)
_PAGE = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^<>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*){0,9}<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_SILENT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(r"<[^<>]*>")
_OWN_WALL = ("cf-ray", "x-datadome", "x-iinfo", "x-akamai-request-id")


def is_page(body: bytes, content_type: str = "") -> bool:
    """Tell whether an answer is HTML, by its first bytes (what it is called is often wrong)."""
    return _PAGE.match(body[:4096]) is not None or ("html" in content_type.lower() and b"<" in body[:4096])


def filter_of(body: bytes, headers: Mapping[str, str], host: str = "") -> str:
    """Return who blocked: the name of a product, "a web filter", "a network sign-in"; empty when nobody did.

    `headers` are in lower case; `host` is the one that answered at the end of all redirects.
    """
    if _HOSTS.search(host):
        return next(name for name, pattern in (*_NAMED, ("a web filter", re.compile(""))) if pattern.search(host))
    markup = body[:GLIMPSE].decode("utf-8", "replace")
    if len(body) > GLIMPSE and not _REFUSED.search(_heading(markup)):
        return ""
    text = " ".join(unescape(_TAGS.sub(" ", _SILENT.sub(" ", markup))).split())
    if len(text) > _LONGEST_TEXT:
        return ""
    if _REFUSED.search(text):
        for name, pattern in _NAMED:
            if pattern.search(markup):
                return name
        own_wall = any(name in headers for name in _OWN_WALL)
        if not own_wall and _TITLE.search(_heading(markup)) and _IN_OUR_NAME.search(text):
            return "a web filter"
    return "a network sign-in" if _PORTAL.search(text) else ""


def unpacked(body: bytes, encoding: str) -> bytes:
    """Return the beginning of a body that may be packed and may be cut, as far as it can be read."""
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return body[:GLIMPSE]
    try:
        return zlib.decompressobj(47).decompress(body, GLIMPSE)
    except zlib.error:
        return b""


def _heading(markup: str) -> str:
    found = re.search(r"<title[^<>]*>([^<]{0,300})", markup, re.IGNORECASE)
    return found.group(1) if found else ""
