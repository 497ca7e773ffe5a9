"""DKIM (RFC 6376): the library's own signature on a message, where no mail server adds one.

A message is signed once, when it is made, and the signature is kept with the reader's own values: every retry carries
the same bytes, also after the key has been changed. The header fields that a reader acts on are named once more than
they stand in the message ("oversigned", RFC 6376 5.4.2), so that nobody can add a second `From` or `List-Unsubscribe`
on the way; RFC 8058 wants both `List-Unsubscribe` lines signed. Relays rewrap lines, hence `relaxed/relaxed`.
"""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass, field
from typing import ClassVar

from alerts.errors import AlertsError

OVERSIGNED = (
    "from", "to", "reply-to", "subject", "date", "message-id", "list-id", "list-unsubscribe", "list-unsubscribe-post",
    "mime-version", "content-type",
)  # fmt: skip
SHORTEST_KEY = 1024
"""Bits: receivers count a signature by a shorter key as none (RFC 8301)."""
SIGNED = ("list-archive", "archived-at", "precedence", "auto-submitted", "content-language")


class NoSigning(AlertsError):
    """Messages are to be signed (DKIM), and the extra package for it is not installed."""

    code: ClassVar[str] = "B022"
    remedy = "Install the service with its extra “dkim”, or take the ALERTS_DKIM_… settings away."


class BadSigningKey(AlertsError):
    """The key that messages are to be signed with (DKIM) is not an RSA private key."""

    code: ClassVar[str] = "B023"
    remedy = "Make one with: openssl genrsa -traditional 2048, and name its file in ALERTS_DKIM_KEY_FILE."


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for a domain, with the key whose public half stands in the DNS under `selector`._domainkey.`domain`.

    Raises `NoSigning` and `BadSigningKey` when it is made, so that no message is put together in vain.
    """

    domain: str
    selector: str
    key: str = field(repr=False)

    def __post_init__(self) -> None:
        value = re.sub(r"\s", "", self.signature(b"From: a@example.org\r\n\r\n")).rpartition("b=")[2]
        bits = 8 * len(b64decode(value))
        if bits < SHORTEST_KEY:
            raise BadSigningKey(f"The key for signing messages has {bits} bits; {SHORTEST_KEY} are the least.")

    def signature(self, message: bytes) -> str:
        """Return the header line that signs `message`: `DKIM-Signature: …`, folded, with its line end."""
        try:
            import dkim
        except ImportError as missing:
            raise NoSigning("Messages cannot be signed: dkimpy is not installed.") from missing
        head = message.partition(b"\r\n\r\n")[0].lower().split(b"\r\n")
        names = [line.partition(b":")[0].decode("ascii") for line in head if line[:1] not in b" \t"]
        wanted = [*(each for name in OVERSIGNED for each in [name] * (names.count(name) + 1))]
        wanted += [name for name in SIGNED if name in names]
        try:
            made: bytes = dkim.sign(
                message,
                self.selector.encode("ascii"),
                self.domain.encode("ascii"),
                "\n".join(self.key.split("\r\n")).encode("ascii"),
                canonicalize=(b"relaxed", b"relaxed"),
                include_headers=[name.encode("ascii") for name in wanted],
            )
        except (dkim.DKIMException, ValueError, LookupError, AssertionError) as failure:
            why = str(failure).partition("\n")[0].rstrip(":. ")
            raise BadSigningKey(f"The key for signing messages cannot be used: {why}.") from failure
        return made.decode("ascii")

    def signed(self, message: bytes) -> bytes:
        """Return `message` with its signature above it."""
        return self.signature(message).encode("ascii") + message
