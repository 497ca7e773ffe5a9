"""The mailbox that reports come back to: read over TLS, and left as it was but for what was understood."""

from __future__ import annotations

import socket
import ssl
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from alerts.fetch.mail import imap
from alerts.pipeline.people.mailbox import MailboxUnreadable, read_new
from tests.deliver.relay import CERTIFICATE, KEY


@dataclass
class Box:
    """A very small IMAP server: one client, unread messages by number."""

    messages: dict[str, bytes] = field(default_factory=lambda: {"3": b"a report", "4": b"a letter", "9": b"a report"})
    seen: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    refuses: str = ""
    questions: tuple[bytes, ...] = (b"",)
    tokens: list[bytes] = field(default_factory=list)
    port: int = 0

    def serve(self, listener: socket.socket) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE, KEY)
        try:
            with context.wrap_socket(listener.accept()[0], server_side=True) as client, client.makefile("rwb") as wire:
                wire.write(b"* OK ready\r\n")
                wire.flush()
                while line := wire.readline():
                    asked = line.decode().strip().split(" ", 2)
                    for question in self.questions if asked[1] == "AUTHENTICATE" else ():
                        wire.write(b"+ " + b64encode(question) + b"\r\n")
                        wire.flush()
                        self.tokens.append(b64decode(wire.readline()))
                    wire.write(self.answer(*asked))
                    wire.flush()
        except OSError:
            return

    def answer(self, tag: str, verb: str, rest: str = "") -> bytes:
        self.said.append(f"{verb} {rest}".strip())
        if verb == self.refuses:
            return f"{tag} NO not today\r\n".encode()
        more = b""
        if verb == "CAPABILITY":
            more = b"* CAPABILITY IMAP4rev1\r\n"
        elif rest.startswith("SEARCH"):
            more = f"* SEARCH {' '.join(self.messages)}\r\n".encode()
        elif rest.startswith("FETCH"):
            body = self.messages[rest.split()[1]]
            more = f"* 1 FETCH (UID {rest.split()[1]} BODY[]<0> {{{len(body)}}}\r\n".encode() + body + b")\r\n"
        elif rest.startswith("STORE"):
            self.seen.append(rest.split()[1])
        return more + f"{tag} OK done\r\n".encode()


@pytest.fixture
def box() -> Iterator[Box]:
    made = Box()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made.port = listener.getsockname()[1]
        thread = threading.Thread(target=made.serve, args=(listener,), daemon=True)
        thread.start()
        yield made
    thread.join(5)


def read(box: Box, take: Callable[[bytes], bool], ca_file: Path | None = CERTIFICATE, token: str = "") -> int:
    server = imap.Server("localhost", box.port, "bounces", "" if token else "secret", token)
    return read_new(server, "INBOX", take, ca_file=ca_file)


def test_what_is_understood_is_marked_as_read_and_nothing_else_is_touched(box: Box) -> None:
    taken: list[bytes] = []

    def take(body: bytes) -> bool:
        taken.append(body)
        return b"report" in body

    assert read(box, take) == 2
    assert taken == [b"a report", b"a letter", b"a report"]
    assert box.seen == ["9", "3"], "the newest first"
    assert all("BODY.PEEK" in each for each in box.said if "FETCH" in each), "reading marks nothing as read"
    assert not [each for each in box.said if "DELETE" in each.upper() or "EXPUNGE" in each or "MOVE" in each]


@pytest.mark.parametrize("verb", ["LOGIN", "SELECT", "UID"])
def test_a_mailbox_that_cannot_be_read_is_told_without_the_user(box: Box, verb: str) -> None:
    box.refuses = verb
    with pytest.raises(MailboxUnreadable, match="not today") as told:
        read(box, lambda body: True)
    assert "secret" not in str(told.value)


def test_a_mailbox_is_entered_with_a_token_where_there_is_no_password(box: Box) -> None:
    assert read(box, lambda body: True, token="t0ken") == 3
    assert box.tokens == [b"user=bounces\x01auth=Bearer t0ken\x01\x01"]
    assert not [each for each in box.said if each.startswith("LOGIN")]


def test_a_token_that_is_refused_is_shown_once_and_the_servers_word_is_told(box: Box) -> None:
    box.refuses, box.questions = "AUTHENTICATE", (b"", b'{"status":"401","schemes":"bearer"}')
    with pytest.raises(MailboxUnreadable, match="not today") as told:
        read(box, lambda body: True, token="t0ken")
    assert box.tokens == [b"user=bounces\x01auth=Bearer t0ken\x01\x01", b""]
    assert "t0ken" not in str(told.value)


def test_a_server_that_cannot_prove_who_it_is_gets_no_password(box: Box) -> None:
    with pytest.raises(MailboxUnreadable):
        read(box, lambda body: True, ca_file=None)
    assert box.said == []
