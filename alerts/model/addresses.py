"""Mail addresses: checked once, on entry, so that nothing after needs to wonder.

An address goes into an SMTP command line, a header and a database key. What could break any of these is refused here:
line breaks and other controls, spaces, display names, quotes and comments, more than one `@`, non-ASCII local parts
(they need SMTPUTF8, which few relays have), and anything longer than a mail server takes. The form is the `Mailbox` of
RFC 5321 4.1.2 without quoted strings and address literals, within the lengths of 4.5.3.1.
"""

from __future__ import annotations

import re
from typing import ClassVar

from alerts.errors import AlertsError

LONGEST_ADDRESS = 254
LONGEST_LOCAL_PART = 64
LONGEST_DOMAIN = 253

_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class BadAddress(AlertsError):
    """What was given is not a mail address that a message can be sent to."""

    code: ClassVar[str] = "D001"
    remedy: str = "Write one plain address, such as reader@example.nhs.uk, with no name, space or angle brackets."


def check(address: str) -> str:
    """Return `address` ready to use, its domain in lower-case ASCII (IDNA), or raise `BadAddress`.

    The local part is kept as written: RFC 5321 2.4 leaves its case to the receiving host.
    """
    shown = ascii(address[:80])
    if len(address) > LONGEST_ADDRESS:
        raise BadAddress(f"An address may have at most {LONGEST_ADDRESS} characters: {shown} has {len(address)}.")
    local, at, domain = address.rpartition("@")
    if not at:
        raise BadAddress(f"There is no @ in {shown}.")
    if not local.isascii():
        raise BadAddress(f"The part before the @ may only have plain letters, digits and signs: {shown}.")
    if _LOCAL_PART.fullmatch(local) is None or len(local) > LONGEST_LOCAL_PART:
        raise BadAddress(f"The part before the @ is not usable: {shown}.")
    domain = _ascii_domain(domain, shown)
    if _DOMAIN.fullmatch(domain) is None or len(domain) > LONGEST_DOMAIN or domain.rpartition(".")[2].isdigit():
        raise BadAddress(f"The part after the @ is not a domain name: {shown}.")
    checked = f"{local}@{domain}"
    if len(checked) > LONGEST_ADDRESS:
        raise BadAddress(f"An address may have at most {LONGEST_ADDRESS} characters: {shown} has more in ASCII.")
    return checked


def _ascii_domain(domain: str, shown: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError as refused:
        raise BadAddress(f"The part after the @ is not a domain name: {shown}.") from refused


def key(address: str) -> str:
    """Return the form under which an address is unique: case-folded whole, as no real mailbox differs by case only."""
    return address.casefold()


def mask(address: str) -> str:
    """Return an address that its owner recognises and a stranger cannot use: `j…@example.nhs.uk`.

    Unsubscribe pages show this, since the mail with the link may have been forwarded.
    """
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"
