"""The kinds of value that the librarians' files and the settings are made of, each refused in a plain sentence.

Validators raise `refused(sentence, remedy)`; `sentences` turns it, and pydantic's own findings, into Problems. Values
arrive as text, since the YAML reader resolves nothing: `yes`, `NO` and `07:30` mean what the field says they mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from alerts.config.mailboxes import Mailbox, read_mailbox
from alerts.config.nearest import did_you_mean
from alerts.model import addresses
from alerts.model.sources import EVIDENCE_TYPES

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CALENDARS = ("england", "wales", "scotland", "northern-ireland", "none")

_UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2_592_000}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(minute|hour|day|week|month)s?", re.IGNORECASE)
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def refused(sentence: str, remedy: str = "") -> PydanticCustomError:
    """Return the exception by which a validator refuses a value."""
    return PydanticCustomError("plain", "{sentence}", {"sentence": sentence, "remedy": remedy})


def _only_text(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Let `read` see text only; anything else goes on to pydantic, which says what shape it wants."""

    def reading(value: Any) -> Any:
        return read(value.strip()) if isinstance(value, str) else value

    return reading


def _no_control(text: str) -> str:
    found = _CONTROL.search(text)
    if found:
        raise refused(
            f"The text contains the invisible character U+{ord(found.group()):04X}.", "Type it again, without pasting."
        )
    return text


def read_span(text: str) -> int:
    """Read `30 minutes`, `1 hour`, `2 days`, `1 week`, `1 month` (30 days) as seconds."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise refused(f"“{text}” is not a length of time.", "Write it like: 30 minutes, 6 hours, 1 day, 2 weeks.")
    return round(float(found.group(1)) * _UNITS[found.group(2).lower()])


def read_time(text: str) -> time:
    """Read `07:30` as a time of day."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise refused(f"“{text}” is not a time of day.", 'Write hours and minutes: "07:30".')
    return time(int(found.group(1)), int(found.group(2)))


def read_day(text: str) -> date:
    """Read `2026-11-03` as a day."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise refused(f"“{text}” is not a date.", "Write year, month and day: 2026-11-03.")


def check_web_address(text: str) -> str:
    """Return `text` if it is an http or https address without a password in it."""
    remedy = "Paste the whole address, beginning with https://."
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise refused(f"“{text}” is not a web address.", remedy) from None
    if parts.scheme.lower() not in {"http", "https"} or not host or re.search(r"[\s<>\"\\]", text):
        raise refused(f"“{text}” is not a web address.", remedy)
    if "@" in parts.netloc:
        raise refused("The web address contains a user name or password.", "Leave out what stands before the @.")
    return text


def check_address(text: str) -> str:
    """Return `text` as a mail address that a message can be sent to."""
    try:
        return addresses.check(text)
    except addresses.BadAddress as bad:
        raise refused(bad.sentence, bad.remedy) from None


def check_mailbox(text: str) -> Mailbox:
    """Read `Name <address>`."""
    mailbox = read_mailbox(text)
    if mailbox is None:
        raise refused(
            f"“{text}” is not a name with a mail address.", "Write it like: Library Service <library@example.nhs.uk>."
        )
    return mailbox


def check_evidence_type(text: str) -> str:
    """Return `text` if it is one of the types of evidence."""
    if text not in EVIDENCE_TYPES:
        raise refused(f"“{text}” is not a type of evidence.", did_you_mean(text, EVIDENCE_TYPES) or _TYPES_REMEDY)
    return text


_TYPES_REMEDY = f"The types are: {', '.join(EVIDENCE_TYPES)}."


def check_document_link(text: str) -> str:
    """Return `text` if it is a web address with a place for the DOI."""
    if "{doi}" not in text:
        raise refused("The document link has no place for the DOI.", "Write {doi} where it goes: https://…/{doi}.")
    check_web_address(text.replace("{doi}", "10.1000/x"))
    return text


def _words_schema(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_no_control)
]
Prose = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), AfterValidator(_no_control)
]
SearchText = Annotated[str, StringConstraints(min_length=1, max_length=200_000)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Language = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[A-Za-z]{2,3}$")]
Span = Annotated[int, BeforeValidator(_only_text(read_span)), _words_schema(_SPAN.pattern, "1 hour")]
Clock = Annotated[time, BeforeValidator(_only_text(read_time)), _words_schema(_TIME.pattern, "07:30")]
Day = Annotated[date, BeforeValidator(_only_text(read_day)), WithJsonSchema({"type": "string", "format": "date"})]
WebAddress = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(check_web_address)
]
Address = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(check_address)]
MailboxText = Annotated[Mailbox, BeforeValidator(_only_text(check_mailbox)), WithJsonSchema({"type": "string"})]
EvidenceType = Annotated[
    str, AfterValidator(check_evidence_type), WithJsonSchema({"type": "string", "enum": list(EVIDENCE_TYPES)})
]
DocumentLink = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(check_document_link)
]
