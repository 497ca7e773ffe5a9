"""`Name <address>`, as librarians write owners and senders."""

from __future__ import annotations

import re
from dataclasses import dataclass

from alerts.model.addresses import BadAddress, check

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name, which may be empty, and the address that mail to it goes to."""

    name: str
    address: str

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


def valid_address(text: str) -> bool:
    """Tell whether `text` is one mail address and nothing else."""
    try:
        check(text)
    except BadAddress:
        return False
    return True


def read_mailbox(text: str) -> Mailbox | None:
    """Read `Name <address>`, `"Name" <address>` or a bare address; None when it is neither."""
    cleaned = text.strip()
    if _CONTROL.search(cleaned):
        return None
    name, bracket, rest = cleaned.rpartition("<")
    if not bracket:
        return Mailbox("", check(cleaned)) if valid_address(cleaned) else None
    if not rest.endswith(">") or not valid_address(rest[:-1]):
        return None
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1].strip()
    return None if set(name) & set('<>"') else Mailbox(name, check(rest[:-1]))
