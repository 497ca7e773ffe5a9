"""Links of newsletters without the trackers and filters around them: decoded where their form is known, never followed.

A tracker writes the real address into its own, plain (GovDelivery, Amazon SES, Postmark), in base64 (Kit, Mailjet), in
base64 of JSON (Customer.io, beehiiv, Substack, Mandrill) or packed (Mailgun), or only a number that it alone can look
up (Mailchimp, SendGrid, Campaign Monitor, HubSpot …). A mail filter wraps the link once more (Outlook, Proofpoint,
Sophos, Cisco, Check Point …). Several can be nested. What cannot be decoded stays as it is and is said: such a link is
another one in every letter, and names the subscriber, which is the library.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from alerts.parse import links

_LAYERS = 6
_LONGEST = 8_000
"""Longer addresses are none; wrapped ones are longer than what is stored in the end."""
_MOST_PARAMETERS = 100
_UNPACKED = 20_000
_TOKENS_FROM = 16


class Followed(NamedTuple):
    """A link as far as it can be decoded. `tracker` names who alone knows where it leads; empty when it is plain."""

    address: str
    tracker: str = ""


def decoded(href: str) -> Followed:
    """Return where a link of a letter leads, canonical; an empty address when it is no web link."""
    address = re.sub(r"\s+", "", href)[: _LONGEST + 1]
    if len(address) > _LONGEST:
        return Followed("")
    for _ in range(_LAYERS):
        inner = _inside(address)
        if not inner:
            break
        address = inner
    found = links.canonical(address)
    return Followed(found, _tracker(found)) if found else Followed("")


def _inside(address: str) -> str:
    """Return the address that another one carries in a known form, or an empty string."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:
        return ""
    forms = (read(parts) for pattern, read in _FORMS if pattern.search(host))
    general = (read(parts) for read in (_by_path, _by_token, lambda parts: _by_parameter(parts, host)))
    for found in (*forms, *general):
        plain = unquote(found) if _ESCAPED.match(found) else found
        if _is_web(plain):
            return plain
    return ""


_ESCAPED = re.compile(r"https?%3A%2F%2F", re.IGNORECASE)


def _is_web(text: str) -> bool:
    return re.match(r"https?://[^\s/?#]", text, re.IGNORECASE) is not None


def _parameters(parts: SplitResult) -> dict[str, str]:
    try:
        found = parse_qs(parts.query.replace("&amp;", "&"), max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        return {}
    return {name.lower(): values[0] for name, values in found.items()}


def _parameter(*names: str) -> Callable[[SplitResult], str]:
    def read(parts: SplitResult) -> str:
        given = _parameters(parts)
        return next((given[name] for name in names if given.get(name)), "")

    return read


def _from_base64(text: str) -> str:
    """Return the text that base64 of either alphabet holds, padded or not; empty when it is none."""
    try:
        return _bytes_of_base64(text).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


def _bytes_of_base64(text: str) -> bytes:
    plain = text.replace("-", "+").replace("_", "/").rstrip("=~")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def _from_json(text: str, *names: str) -> str:
    """Return the first of the named values of a JSON object that is an address."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(told, dict):
        return ""
    return next((told[name] for name in names if isinstance(told.get(name), str) and _is_web(told[name])), "")


def _proofpoint(parts: SplitResult) -> str:
    if parts.path.startswith("/v3/"):
        return _proofpoint_3(parts.geturl())
    given = _parameters(parts).get("u", "")
    if parts.path.startswith("/v2/"):
        given = unquote(given.replace("-", "%").replace("_", "/"))
    return given


def _proofpoint_3(address: str) -> str:
    """Undo v3: letters taken out of the address stand in base64 behind it, for each `*` one, for `**x` several."""
    found = re.search(r"/v3/__(.+?)__;([A-Za-z0-9_=-]*)!", address)
    if found is None:
        return ""
    told, taken = found[1], _from_base64(found[2])
    runs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    out, at, used = [], 0, 0
    while at < len(told):
        if told[at] != "*":
            out.append(told[at])
            at += 1
            continue
        many = told[at + 1 : at + 2] == "*" and told[at + 2 : at + 3] in runs and told[at + 2 : at + 3] != ""
        count = runs.index(told[at + 2]) + 2 if many else 1
        out.append(taken[used : used + count])
        used, at = used + count, at + (3 if many else 1)
    address = "".join(out)
    return re.sub(r"^(https?):/(?!/)", r"\1://", unquote(address) if "%3A" in address[:10] else address)


def _govdelivery(parts: SplitResult) -> str:
    """Return what stands behind the last `&&&` of a letter of former years: track?type=click&enid=…&&&101&&&https://…"""
    found = re.search(r"&(https?://.+)$", parts.geturl().replace("&amp;", "&"), re.IGNORECASE)
    return found[1] if found and parts.path == "/track" else ""


def _mandrill(parts: SplitResult) -> str:
    told = _from_base64(_parameters(parts).get("p", ""))
    try:
        inner = json.loads(told).get("p", "")
    except (ValueError, RecursionError, AttributeError):
        return ""
    return _from_json(inner if isinstance(inner, str) else "", "url")


def _sophos(parts: SplitResult) -> str:
    return _from_base64(_parameters(parts).get("u", ""))


def _cisco(parts: SplitResult) -> str:
    found = re.search(r"/(https?(?:%3A|:).+)$", parts.path, re.IGNORECASE)
    return unquote(found[1]) if found else ""


def _check_point(parts: SplitResult) -> str:
    """Return what stands between underscores: /v2/___https://…___.TOKEN, also with one stroke lost on the way."""
    found = re.search(r"/v\d/(?:r\d+/)?___(https?:)/+(.+?)___\.", parts.geturl(), re.IGNORECASE)
    return f"{found[1]}//{found[2]}" if found else ""


def _postmark(parts: SplitResult) -> str:
    """Return the second piece of the path, which lacks the scheme: /3s/www.example.org%2Freport/…"""
    pieces = parts.path.split("/")
    return f"https://{unquote(pieces[2])}" if len(pieces) > 3 and re.match(r"[\w-]+\.", pieces[2]) else ""


def _by_path(parts: SplitResult) -> str:
    """Return the escaped address within a path: /CL0/https:%2F%2F… (GovDelivery), /L0/… (Amazon SES)."""
    found = re.search(r"/[CL]L?0/(https?(?::|%3A)(?:%2F|/){1,2}[^/]+(?:%2F[^/]*)*)", parts.path, re.IGNORECASE)
    return unquote(found[1]) if found else ""


def _by_token(parts: SplitResult) -> str:
    """Return the address that a piece of the path holds: in base64, in base64 of JSON, as a JWT or packed (Mailgun)."""
    for piece in reversed(parts.path.split("/")):
        for token in dict.fromkeys((piece, *piece.split("."))):
            if len(token) < _TOKENS_FROM:
                continue
            text = _unpacked(token) if token.startswith("eJ") else _from_base64(token)
            found = text if _is_web(text) else _from_json(text, "url", "href", "e")
            if found and not re.search(r"\s", found):
                return found
    return ""


def _unpacked(token: str) -> str:
    """Return the `l` of what Mailgun packs into a link."""
    try:
        told = zlib.decompressobj().decompress(_bytes_of_base64(token), _UNPACKED).decode("utf-8")
        return parse_qs(told, max_num_fields=_MOST_PARAMETERS).get("l", [""])[0]
    except (binascii.Error, zlib.error, ValueError):
        return ""


_TRACKS = re.compile(
    r"(?:^|[./_-])(?:clicks?|clicktime|redir(?:ect)?s?|redirect_to|track(?:ing|er)?|trk|links?|lt|outbound|exit|go|url|"
    r"cl|r|e[123]t|ls|ct)(?:$|[./_-])",
    re.IGNORECASE,
)
_CARRIES = ("url", "u", "redirect", "redirect_url", "redirecturl", "redir", "target", "dest", "destination", "link",
            "goto", "to", "q", "t", "r")  # fmt: skip


def _by_parameter(parts: SplitResult, host: str) -> str:
    """Return the address that a parameter carries, where host or path say that the link only counts clicks."""
    first = host.partition(".")[0]
    if not parts.query or not (_TRACKS.search(parts.path) or _TRACKS.search(f".{first}.")):
        return ""
    given = _parameters(parts)
    for name in _CARRIES:
        value = given.get(name, "")
        for said in (value, _from_base64(value)):
            if _is_web(said) or _ESCAPED.match(said):
                return said
    return ""


_FORMS: tuple[tuple[re.Pattern[str], Callable[[SplitResult], str]], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (r"(?:^|\.)safelinks\.protection\.(?:outlook|office365)\.(?:com|us)$", _parameter("url")),
        (r"^urldefense(?:\.proofpoint)?\.(?:com|us)$", _proofpoint),
        (r"^(?:www\.)?google\.(?:com?\.)?[a-z]{2,3}$", lambda parts: _parameter("q", "url")(parts)
            if parts.path == "/url" else ""),
        (r"(?:^|\.)linkprotect\.cudasvc\.com$", _parameter("a")),
        (r"(?:^|\.)govdelivery\.com$", _govdelivery),
        (r"(?:^|\.)mandrillapp\.com$", _mandrill),
        (r"(?:^|\.)pstmrk\.it$", _postmark),
        (r"(?:^|\.)avanan\.click$|^protect\.checkpoint\.com$", _check_point),
        (r"(?:^|\.)hornetsecurity\.com$|(?:^|\.)topsec\.com$", _parameter("u")),
        (r"(?:^|\.)protection\.sophos\.com$", _sophos),
        (r"^secure-web\.cisco\.com$", _cisco),
        (r"(?:^|\.)fireeye\.com$|(?:^|\.)trellix\.com$", _parameter("u")),
        (r"^clicktime\.(?:symantec\.com|cloud\.postoffice\.net)$", _parameter("u")),
        (r"(?:^|\.)trendmicro\.com$", _parameter("url")),
        (r"^l\.(?:facebook|instagram)\.com$|^lm\.facebook\.com$", _parameter("u")),
        (r"^(?:www\.)?youtube\.com$", lambda parts: _parameter("q")(parts) if parts.path == "/redirect" else ""),
    )
)  # fmt: skip

_KNOWN: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("Mailchimp", r"//(?:[\w-]+\.)*list-manage\d*\.com/(?:track/)?click|//(?:[\w-]+\.)*mailchi\.mp/click"),
        ("GovDelivery", r"//lnks\.gd/|//links-\d+\.govdelivery\.com/|//\w+\.govdelivery\.com(?::80)?/track\?"),
        ("Mandrill", r"//(?:[\w-]+\.)*mandrillapp\.com/track/"),
        ("SendGrid", r"//(?:[\w-]+\.)*sendgrid\.net/|/(?:ls|wf)/click\?upn="),
        ("Constant Contact", r"//(?:[\w-]+\.)*rs6\.net/|//(?:[\w-]+\.)*constantcontact\.com/tn\.jsp"),
        ("Campaign Monitor", r"//(?:[\w-]+\.)*(?:cmail\d+|createsend\d*|cmmail)\.com/t/|/t/[a-z]-[lei]-"),
        ("HubSpot", r"//(?:[\w-]+\.)*hubspot(?:links|email)\w*\.(?:com|net)/|/(?:ctc|e[123]t)/"),
        ("Dotdigital", r"//(?:[\w-]+\.)*(?:dmtrk|ddlnk|trackedlink|dotmailer|dotdigital|emlfiles\d*)\.(?:net|com)/"
                       r"|/[0-9A-Z]{2,6}(?:-[0-9A-Z]+){2,}/c\.aspx"),
        ("Adestra", r"//(?:[\w-]+\.)*msgfocus\.com/"),
        ("Mimecast", r"//(?:[\w-]+\.)*mimecast(?:protect)?\.com/s/"),
        ("Salesforce", r"//(?:[\w-]+\.)*exct\.net/|//cl(?:ick)?\.[\w.-]+/\?qs=|/\?qs=[0-9a-f]{20,}"),
        ("Brevo", r"//(?:[\w-]+\.)*(?:sendib\w*|brevo)\.com/|/mk/cl/"),
        ("Mailjet", r"//(?:[\w-]+\.)*mjt\.lu/"),
        ("Klaviyo", r"//(?:[\w-]+\.)*klclick\d*\.com/"),
        ("phpList", r"/lists/lt\.php\?"),
        ("ActiveCampaign", r"/lt\.php\?|//(?:[\w-]+\.)*(?:acemln\w*|activehosted)\.com/"),
        ("Substack", r"//(?:[\w-]+\.)*substack\.com/redirect/"),
        ("beehiiv", r"//link\.mail\.beehiiv\.com/|/ss/c/"),
        ("Mailgun", r"/c/eJ[\w-]{20,}"),
        ("Kit", r"//(?:[\w-]+\.)*(?:convertkit|kit)-mail\d*\.com/"),
        ("Customer.io", r"//(?:[\w-]+\.)*customeriomail\.com/"),
        ("Postmark", r"//(?:[\w-]+\.)*pstmrk\.it/"),
        ("MailerLite", r"//(?:[\w-]+\.)*mlsend\d*\.com/"),
        ("Emma", r"//t\.e2ma\.net/"),
        ("AWeber", r"//clicks\.aweber\.com/"),
        ("GetResponse", r"//(?:[\w-]+\.)*getresponse\w*\.com/click"),
        ("EmailOctopus", r"//(?:[\w-]+\.)*(?:eocampaign\d*|eomail\d*)\.com/"),
        ("VerticalResponse", r"//cts\.vresp\.com/"),
        ("Act-On", r"/acton/(?:ct|bn)/"),
        ("Eloqua", r"[?&]elq(?:TrackId|at|aid)?="),
        ("SparkPost", r"/f/a/[\w-]{8,}~*/"),
        ("CiviCRM", r"/civicrm/mailing/url\?"),
        ("Ghost", r"/r/[0-9a-f]{6,10}\?m="),
        ("Pardot", r"//(?:[\w-]+\.)*pardot\.com/e/"),
        ("Proofpoint", r"//urldefense\.(?:proofpoint\.)?(?:com|us)/"),
        ("a link shortener", r"//(?:bit\.ly|tinyurl\.com|ow\.ly|t\.co|lnkd\.in|goo\.gl|buff\.ly|is\.gd|tiny\.cc|rb\.gy|"
                             r"shorturl\.at|cutt\.ly|dlvr\.it|ift\.tt)/"),
    )
)  # fmt: skip
_COUNTS = re.compile(
    r"//(?:click|clicks|link|links|email|e|em|mail|track|tracking|trk|t|go|news|enews|url\d*)[.\d-]", re.I
)
_TOKEN = re.compile(r"(?<![A-Za-z0-9_=+%-])[A-Za-z0-9_=+%-]{20,}(?![A-Za-z0-9_=+%-])")
_SHORT = "a link shortener"


def is_personal(tracker: str) -> bool:
    """Tell whether a tracker gives every subscriber, and every letter, links of their own."""
    return bool(tracker) and tracker != _SHORT


def _tracker(address: str) -> str:
    """Return who alone knows where `address` leads; empty for a plain one."""
    for name, pattern in _KNOWN:
        if pattern.search(address):
            return name
    if _COUNTS.search(address[:80]) and any(_is_token(each) for each in _TOKEN.findall(address[:2_000])):
        return "a click counter"
    return ""


def _is_token(piece: str) -> bool:
    """Tell whether a piece of an address is a long number or cipher, and not words with hyphens between."""
    longest = max(len(each) for each in re.split(r"[-_%=+]", piece))
    figures = sum(each.isdigit() for each in piece)
    mixed = piece.lower() != piece and piece.upper() != piece
    return longest >= 16 and (figures >= 4 or mixed)
