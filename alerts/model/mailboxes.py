"""Where the letters of a source lie: a folder of a mailbox (imaps://user@host/Folder), or one of the data folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

IMAPS_PORT = 993
FOLDER = "folder:"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class BadPlace(ValueError):
    """The address of a mailbox or folder cannot be used: a sentence and a remedy."""

    def __init__(self, sentence: str, remedy: str) -> None:
        super().__init__(sentence)
        self.sentence, self.remedy = sentence, remedy


@dataclass(frozen=True, slots=True)
class Box:
    """A folder of a mailbox, read by IMAP over TLS (RFC 5092)."""

    user: str
    host: str
    port: int = IMAPS_PORT
    folder: str = "INBOX"

    @property
    def account(self) -> str:
        """The mailbox as the settings name it, to give its password: user@host."""
        return f"{self.user}@{self.host}"


def box_of(address: str) -> Box:
    """Read `imaps://user@host/Folder`; the user may be a mail address. Raises `BadPlace`."""
    remedy = "Write it as imaps://user@imap.example.org/INBOX."
    if _CONTROL.search(address) or not address.lower().startswith("imaps://"):
        raise BadPlace("The address of the mailbox does not begin with imaps://.", remedy)
    account, _, folder = address[len("imaps://") :].partition("/")
    user, _, place = account.rpartition("@")
    try:
        parts = urlsplit(f"//{place}")
        host, port = parts.hostname or "", parts.port or IMAPS_PORT
    except ValueError:
        raise BadPlace("The address of the mailbox names no host.", remedy) from None
    if not host or re.search(r"[\s\"\\?#]", place):
        raise BadPlace("The address of the mailbox names no host.", remedy)
    if not user:
        raise BadPlace("The address of the mailbox names no user.", remedy)
    if ":" in user:
        raise BadPlace(
            "The address of the mailbox contains a password.", "Leave it out: it belongs into ALERTS_MAILBOXES."
        )
    named = unquote(folder.rstrip("/")) or "INBOX"
    if _CONTROL.search(named) or _CONTROL.search(unquote(user)):
        raise BadPlace("The address of the mailbox has characters in it that no address may have.", remedy)
    return Box(unquote(user), host.lower(), port, named)


def folder_of(address: str) -> str:
    """Read `folder:newsletters`, a path within the data folder. Raises `BadPlace`."""
    path = address[len(FOLDER) :].strip().rstrip("/")
    steps = path.split("/")
    if not path or path.startswith(("/", "~")) or ".." in steps or _CONTROL.search(path) or "\\" in path:
        raise BadPlace(
            f"“{path[:80]}” is no folder within the data folder.", "Write a path below it, such as folder:newsletters."
        )
    return path
