"""The kinds of value that the librarians' files and the settings are made of, each refused in a plain sentence.

Every reader takes text, since the YAML reader resolves nothing: what `yes`, `NO` or `07:30` means is the field's to
say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from typing import TypeVar
from urllib.parse import urlsplit

from alerts.config.mailboxes import Mailbox, read_mailbox
from alerts.config.nearest import did_you_mean
from alerts.config.shape import Refused, Value
from alerts.model import addresses
from alerts.model.identifiers import normalise_issn
from alerts.model.mailboxes import FOLDER, BadPlace, box_of, folder_of
from alerts.model.sources import EVIDENCE_TYPES

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CALENDARS = ("england", "wales", "scotland", "northern-ireland", "none")

_UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2_592_000}
_SPAN = re.compile(r"(\d{1,6}(?:\.\d{1,3})?) *(minute|hour|day|week|month)s?", re.IGNORECASE | re.ASCII)
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_SPELLING = re.compile(r"[^\W_]+(?:[ '’-][^\W_]+)*\*?")
N = TypeVar("N", int, float)
_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


def _text(longest: int) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not text:
            raise Refused("There is nothing in this text.", "Write something, or take the line away.")
        if len(text) > longest:
            raise Refused(f"The text is longer than {longest:,} characters.", "Make it shorter.")
        found = _CONTROL.search(text)
        if found:
            shown = f"U+{ord(found.group()):04X}"
            raise Refused(f"The text contains the invisible character {shown}.", "Type it again, without pasting.")
        return text

    return parse


def _strategy(text: str) -> str:
    """Return a strategy just as it is: what cannot work in it is for the search room to say."""
    if not text.strip():
        raise Refused("There is nothing in this strategy.", "Write its lines below, indented.")
    if len(text) > 200_000:
        raise Refused("The strategy is longer than 200,000 characters.", "Split the topic into several profiles.")
    return text


def parse_query(text: str) -> str:
    """Return a search in a database's own language, whose brackets and quotation marks must come in pairs."""
    text = _text(20_000)(text)
    if curly := re.search("[“”„‟″]", text):
        raise Refused(f"The query has curly quotation marks ({curly.group()}), which databases do not read.", 'Type ".')
    bare = re.sub(r'"[^"]*"', "", text)
    if '"' in bare:
        raise Refused("A quotation mark of the query has no partner.", 'Write phrases with " before and after.')
    for opening, closing in (("(", ")"), ("[{", "]}")):  # a range may begin with the one and end with the other
        depth = 0
        for letter in bare:
            depth += (letter in opening) - (letter in closing)
            if depth < 0:
                break
        if depth:
            raise Refused(
                "A bracket of the query has no partner.",
                f"Count its {opening[0]} and its {closing[0]}: there must be as many of each.",
            )
    return text


def parse_id(text: str) -> str:
    """Return `text` if it can be an id."""
    if not _ID.fullmatch(text) or len(text) > 80:
        remedy = "Use small letters and digits, with single hyphens between words: public-health."
        raise Refused(f"“{text[:80]}” cannot be an id.", remedy, "C031")
    return text


def parse_language(text: str) -> str:
    """Return a language code of two or three letters (ISO 639) in lower case."""
    if not re.fullmatch(r"[A-Za-z]{2,3}", text):
        raise Refused(f"“{text}” is not a language code.", "Use two letters: en, cy.")
    return text.lower()


def parse_issn(text: str) -> str:
    """Return an ISSN as NNNN-NNNX, if its check digit is right (ISO 3297)."""
    bare = re.sub(r"[\s\u2010-\u2015-]", "", re.sub(r"^e?-?issn\b[:\s]*", "", text, flags=re.IGNORECASE))
    if not re.fullmatch(r"\d{7}[\dXx]", bare, re.ASCII):
        raise Refused(f"“{text[:80]}” is not an ISSN.", "Write eight digits, the last perhaps an X: 2044-6055.")
    found = normalise_issn(bare)
    if found is None:
        raise Refused(
            f"The check digit of the ISSN {bare[:4]}-{bare[4:]} is wrong: a digit is mistyped.",
            "Copy it from the journal’s own page, or look it up at portal.issn.org.",
        )
    return found


def parse_domain(text: str) -> str:
    """Return the domain of mail addresses in small letters, or the word any."""
    domain = text.lower().removeprefix("@")
    if domain != "any":
        try:
            domain = addresses.check(f"x@{domain}").rpartition("@")[2]
        except addresses.BadAddress:
            raise Refused(
                f"“{text[:80]}” is not the domain of an address.", "Write what stands after the @: example.nhs.uk."
            ) from None
    return domain


def parse_span(text: str) -> int:
    """Read `30 minutes`, `1 hour`, `2 days`, `1 week`, `1 month` (30 days) as seconds."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise Refused(f"“{text}” is not a length of time.", "Write it like: 30 minutes, 6 hours, 1 day, 2 weeks.")
    return round(float(found.group(1)) * _UNITS[found.group(2).lower()])


def in_words(seconds: int) -> str:
    """Return a length of time as people write it."""
    unit, size = next(((unit, size) for unit, size in reversed(_UNITS.items()) if seconds % size == 0), ("second", 1))
    number = seconds // size
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _span(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        seconds = parse_span(text)
        if not least <= seconds <= most:
            raise Refused(
                f"“{text}” is too {'short' if seconds < least else 'long'}.",
                f"Write something from {in_words(least)} to {in_words(most)}.",
            )
        return seconds

    return parse


def parse_time(text: str) -> time:
    """Read `07:30` as a time of day."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise Refused(f"“{text}” is not a time of day.", 'Write hours and minutes: "07:30".')
    return time(int(found.group(1)), int(found.group(2)))


def parse_day(text: str) -> date:
    """Read `2026-11-03` as a day."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Refused(f"“{text}” is not a date.", "Write year, month and day: 2026-11-03.")


def parse_web_address(text: str) -> str:
    """Return `text` if it is an http or https address without a password in it."""
    refused = Refused(f"“{text[:200]}” is not a web address.", "Paste the whole address, beginning with https://.")
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise refused from None
    if parts.scheme.lower() not in {"http", "https"} or not host or re.search(r"[\s<>\"\\\x00-\x1f]", text):
        raise refused
    if len(text) > 2000:
        raise Refused("The web address is longer than 2,000 characters.", "Find a shorter one.")
    if "@" in parts.netloc:
        raise Refused("The web address contains a user name or password.", "Leave out what stands before the @.")
    return text


def parse_source_address(text: str) -> str:
    """Return `text` if it is where a source can be: a web address, a mailbox, or a folder of the data folder."""
    try:
        if text.lower().startswith("imaps://"):
            box_of(text)
            return text
        if text.lower().startswith(FOLDER):
            folder_of(text)
            return text
    except BadPlace as bad:
        raise Refused(bad.sentence, bad.remedy) from None
    return parse_web_address(text)


def parse_address(text: str) -> str:
    """Return `text` as a mail address that a message can be sent to."""
    try:
        return addresses.check(text)
    except addresses.BadAddress as bad:
        raise Refused(bad.sentence, bad.remedy) from None


def parse_mailbox(text: str) -> Mailbox:
    """Read `Name <address>`."""
    mailbox = read_mailbox(text)
    if mailbox is None:
        shown = text[:120]
        remedy = "Write it like: Library Service <library@example.nhs.uk>."
        raise Refused(f"“{shown}” is not a name with a mail address.", remedy)
    return mailbox


def parse_evidence_type(text: str) -> str:
    """Return `text` if it is one of the types of evidence."""
    if text not in EVIDENCE_TYPES:
        everything = f"The types are: {', '.join(EVIDENCE_TYPES)}."
        raise Refused(f"“{text}” is not a type of evidence.", did_you_mean(text, EVIDENCE_TYPES, everything))
    return text


def parse_document_link(text: str) -> str:
    """Return `text` if it is a web address with a place for the DOI."""
    if "{doi}" not in text:
        raise Refused("The document link has no place for the DOI.", "Write {doi} where it goes: https://…/{doi}.")
    parse_web_address(text.replace("{doi}", "10.1000/x"))
    return text


def _selector(inside: bool, pattern: bool = False) -> Callable[[str], str]:
    def parse(text: str) -> str:
        from alerts.parse.pages import selectors

        LINE.parse(text)
        if pattern and "{" in text:
            return _page_pattern(text)
        try:
            selectors.check(text, inside=inside)
        except selectors.BadSelector as bad:
            raise Refused(bad.sentence, bad.remedy, "C025") from None
        return text

    return parse


def _page_pattern(text: str) -> str:
    """Return the pattern of the addresses of further pages if it has a place for their number."""
    if "{" in text.replace("{page}", "").replace("{page-1}", "") or re.search(r"\s", text):
        raise Refused(
            f"“{text[:200]}” is no pattern for the next page.",
            "Write {page} for the number of the page (2, 3, …), {page-1} where counting begins at 0: ?page={page}.",
        )
    return text


def parse_flag(text: str) -> bool:
    """Read true or false; yes and no, on and off are understood."""
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise Refused(f"“{text}” is neither true nor false.", "Write true or false.")


def parse_spelling(text: str) -> str:
    """Return a word or phrase, with a * at its very end where it stands for every ending."""
    if not _SPELLING.fullmatch(text) or len(text) > 60:
        remedy = "Write words of letters and digits, a * only at the very end."
        raise Refused(f"“{text[:60]}” cannot be a spelling.", remedy)
    return text


def choice(*allowed: str) -> Value[str]:
    """Return the reader of one of a few words."""

    def parse(text: str) -> str:
        if text not in allowed:
            remedy = did_you_mean(text, allowed, f"Use one of: {', '.join(allowed)}.")
            raise Refused(f"“{text}” cannot be used here.", remedy)
        return text

    return Value(parse, {"enum": list(allowed)})


def whole(least: int, most: int) -> Value[int]:
    """Return the reader of a whole number within limits."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d{1,15}", text, re.ASCII):
            raise Refused(f"“{text}” is not a whole number.", "Write digits only.")
        return _within(int(text), text, least, most)

    return Value(parse, {"type": "integer", "minimum": least, "maximum": most})


def number(least: float, most: float) -> Value[float]:
    """Return the reader of a number within limits."""

    def parse(text: str) -> float:
        if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,9})?", text, re.ASCII):
            raise Refused(f"“{text}” is not a number.", "Write digits, with a point for fractions.")
        return _within(float(text), text, least, most)

    return Value(parse, {"type": "number", "minimum": least, "maximum": most})


def _within(value: N, text: str, least: float, most: float) -> N:
    if not least <= value <= most:
        remedy = f"Write a number from {least:,} to {most:,}."
        raise Refused(f"“{text}” is too {'small' if value < least else 'large'}.", remedy)
    return value


def span(least: int, most: int) -> Value[int]:
    """Return the reader of a length of time between two numbers of seconds."""
    return Value(_span(least, most), {"type": "string", "pattern": f"^{_SPAN.pattern}$", "examples": ["1 hour"]})


_TEXT = {"type": ["string", "number"]}
LINE = Value(_text(300), _TEXT)
PROSE = Value(_text(4000), {"type": "string"})
QUERY = Value(parse_query, {"type": "string", "maxLength": 20_000})
SEARCH = Value(_strategy, {"type": "string"}, whole=True)
ID = Value(parse_id, {"type": "string", "pattern": f"^{_ID.pattern}$", "maxLength": 80})
LANGUAGE = Value(parse_language, {"type": "string", "pattern": "^[A-Za-z]{2,3}$"})
TIME = Value(parse_time, {"type": "string", "pattern": f"^{_TIME.pattern}$", "examples": ["07:30"]})
DAY = Value(parse_day, {"type": "string", "format": "date"})
ISSN = Value(parse_issn, {"type": "string", "pattern": r"^\d{4}-?\d{3}[\dXx]$", "examples": ["2044-6055"]})
SOURCE_ADDRESS = Value(parse_source_address, {"type": "string", "format": "uri"})
ADDRESS = Value(parse_address, {"type": "string", "format": "email"})
DOMAIN = Value(parse_domain, {"type": "string", "examples": ["example.nhs.uk", "any"]})
MAILBOX = Value(parse_mailbox, {"type": "string", "examples": ["Library Service <library@example.nhs.uk>"]})
EVIDENCE_TYPE = Value(parse_evidence_type, {"enum": list(EVIDENCE_TYPES)})
DOCUMENT_LINK = Value(parse_document_link, {"type": "string", "pattern": r"\{doi\}"})
SELECTOR = Value(_selector(inside=False), {"type": "string", "examples": ["ul.news > li"]})
INNER_SELECTOR = Value(_selector(inside=True), {"type": "string", "examples": ["h3 a", "time", "+ dd"]})
NEXT_PAGE = Value(
    _selector(inside=False, pattern=True), {"type": "string", "examples": ["a[rel=next]", "?page={page}"]}
)
FLAG = Value(parse_flag, {"type": "boolean"})
SPELLING = Value(parse_spelling, {"type": "string", "pattern": f"^{_SPELLING.pattern}$", "maxLength": 60})
