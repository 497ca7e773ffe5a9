"""A mailbox on loopback that speaks IMAP over TLS as servers do: several conversations, folders, UIDs, flags."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from tests.deliver.relay import CERTIFICATE, KEY

TRUSTED = CERTIFICATE


@dataclass
class Stored:
    """One letter in the mailbox."""

    uid: int
    body: bytes
    came: datetime
    flags: set[str] = field(default_factory=set)


@dataclass
class ImapServer:
    """A mailbox with one folder; `said` is what clients asked, `broken` what the server does instead of an answer."""

    user: str = "library@example.nhs.uk"
    password: str = "pass word"
    token: str = ""
    folder: str = '"INBOX"'
    validity: int = 7
    uid_behind: bool = False
    broken: str = ""
    letters: list[Stored] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    port: int = 0

    def add(self, body: bytes, came: datetime | None = None) -> Stored:
        """Put a letter into the mailbox."""
        uid = max((each.uid for each in self.letters), default=0) + 1
        made = Stored(uid, body, came or datetime.now(UTC))
        self.letters.append(made)
        return made

    def renumber(self) -> None:
        """Count the letters anew, as after a move to another server."""
        self.validity += 1
        for uid, each in enumerate(self.letters, 100):
            each.uid = uid

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(CERTIFICATE, KEY)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.settimeout(20)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with self._context.wrap_socket(client, server_side=True) as wire, wire.makefile("rwb") as file:
                if self.broken == "web page":
                    file.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    file.flush()
                    return
                if self.broken == "silent":
                    time.sleep(3)
                    return
                if self.broken == "drips":
                    for _ in range(100):
                        file.write(b"* OK a")
                        file.flush()
                        time.sleep(0.05)
                    return
                file.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
                file.flush()
                while line := file.readline():
                    tag, verb, rest = [*line.decode().rstrip("\r\n").split(" ", 2), "", ""][:3]
                    self.said.append(f"{verb} {rest}".strip())
                    if verb == "AUTHENTICATE":
                        file.write(b"+ \r\n")
                        file.flush()
                        given = b64decode(file.readline())
                        good = given == f"user={self.user}\x01auth=Bearer {self.token}\x01\x01".encode()
                        file.write(f"{tag} {'OK' if good and self.token else 'NO'} authenticated\r\n".encode())
                    else:
                        file.write(self._answer(tag, verb, rest))
                    file.flush()
                    if verb == "LOGOUT":
                        return
        except OSError:
            return

    def _answer(self, tag: str, verb: str, rest: str) -> bytes:
        if self.broken == "bomb" and rest.startswith("FETCH"):
            return b"* 1 FETCH (UID 1 BODY[] {2000000000}\r\n" + b"x" * 1000
        if verb == "CAPABILITY":
            return f"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n{tag} OK done\r\n".encode()
        if verb == "LOGIN":
            good = rest == f'"{self.user}" "{self.password}"'
            return (
                f"{tag} {'OK signed in' if good else 'NO [AUTHENTICATIONFAILED] wrong for ' + self.user}\r\n".encode()
            )
        if verb in ("SELECT", "EXAMINE"):
            if rest != self.folder:
                return f"{tag} NO there is no such folder\r\n".encode()
            mode = "READ-ONLY" if verb == "EXAMINE" else "READ-WRITE"
            head = f"* {len(self.letters)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] UIDs valid\r\n"
            return f"{head}{tag} OK [{mode}] open\r\n".encode()
        if verb == "UID":
            return self._by_uid(tag, *rest.split(" ", 1))
        if verb == "LOGOUT":
            return f"* BYE\r\n{tag} OK bye\r\n".encode()
        return f"{tag} BAD unknown\r\n".encode()

    def _by_uid(self, tag: str, verb: str, rest: str) -> bytes:
        out = b""
        if verb == "SEARCH":
            out = f"* SEARCH {' '.join(str(each.uid) for each in self._found(rest))}\r\n".encode()
        elif verb == "FETCH":
            numbers, what = rest.split(" ", 1)
            for nth, each in enumerate(self.letters, 1):
                if str(each.uid) in numbers.split(","):
                    out += self._fetched(nth, each, what)
        elif verb == "STORE":
            number, how, flags = rest.split(" ", 2)
            assert how == "+FLAGS.SILENT"
            next(each for each in self.letters if str(each.uid) == number).flags.add(flags)
        return out + f"{tag} OK done\r\n".encode()

    def _found(self, rest: str) -> list[Stored]:
        if since := re.fullmatch(r"SINCE (\d{1,2}-\w{3}-\d{4})", rest):
            day = datetime.strptime(since[1], "%d-%b-%Y").replace(tzinfo=UTC)
            return [each for each in self.letters if each.came >= day]
        found = re.fullmatch(r"UID (\d+):\*", rest)
        assert found, rest
        # the last letter is always in such a range, however large its beginning is
        return [each for each in self.letters if each.uid >= int(found[1]) or each is self.letters[-1]]

    def _fetched(self, nth: int, letter: Stored, what: str) -> bytes:
        assert "PEEK" in what, "reading must not mark as read"
        body = letter.body
        if "HEADER.FIELDS" in what:
            body = letter.body.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        head, tail = (b"", f" UID {letter.uid})") if self.uid_behind else (f"UID {letter.uid} ".encode(), ")")
        return (
            f"* {nth} FETCH (".encode() + head + f"BODY[] {{{len(body)}}}\r\n".encode() + body + tail.encode() + b"\r\n"
        )
