"""The MIME skeleton of an issue: every byte of the message but the few that are a reader's own.

Structure by RFC 2046 (multipart/alternative, plain text first), bodies in quoted-printable, headers as
docs/handbook/bulletins.md lists them. `List-*` lines are never folded: receivers that act on them read one line (RFC
8058, RFC 2369).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal
from urllib.parse import quote

from alerts.model.bulletins import IssueContent, Team
from alerts.render import addresses
from alerts.render.headers import checked_address, folded, header_text, mailbox, text_header
from alerts.render.quoted import encode, hole

TITLE_IN_LINK = 240
"""Most characters of a percent-encoded title: with the longest addresses the whole line stays within 998."""

Kind = Literal["person", "list"]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A message with holes (see `quoted`), and the bytes of its HTML part before encoding, for the byte budget."""

    message: bytes
    html_bytes: int


@dataclass(frozen=True, slots=True)
class Marks:
    """Words that stand for a reader's own values while templates are at work.

    They are made of a hash of the whole issue, so that no title can contain them.
    """

    token: str
    why: str

    @classmethod
    def of(cls, content: object) -> Marks:
        """Return the marks for one issue's content (anything with a `repr`)."""
        named = sha256(repr(content).encode("utf-8", "replace")).hexdigest()[:24]
        return cls(token=f"qtoken{named}q", why=f"qwhy{named}q")


def skeleton(content: IssueContent, kind: Kind, *, text: str, html: str, marks: Marks) -> bytes:
    """Return the message of an issue for readers of one kind, text and HTML given with `marks` in them."""
    lines = [
        *_from_lines(content.team),
        f"To: {hole('to')}",
        f"Date: {hole('date')}",
        f"Message-ID: {hole('message-id')}",
        text_header("Subject", content.subject),
        *_list_lines(content, kind),
        "Precedence: bulk",
        *_automatic_lines(content.language),
    ]
    return _whole(lines, text=text, html=html, marks=marks)


def notice(team: Team, subject: str, *, text: str, html: str, marks: Marks) -> bytes:
    """Return the skeleton of a message about the service itself: a confirmation, or a word to the staff."""
    lines = [
        *_from_lines(team),
        f"To: {hole('to')}",
        f"Date: {hole('date')}",
        f"Message-ID: {hole('message-id')}",
        text_header("Subject", subject),
        *_automatic_lines("en-GB"),
    ]
    return _whole(lines, text=text, html=html, marks=marks)


def _from_lines(team: Team) -> list[str]:
    reply_to = team.reply_to or team.owner_address or team.sender_address
    return [
        folded("From", mailbox(team.sender_name or team.library, team.sender_address)),
        folded("Reply-To", mailbox(team.library if reply_to != team.sender_address else "", reply_to)),
    ]


def _automatic_lines(language: str) -> list[str]:
    """Return what tells other machines not to answer: RFC 3834, and Exchange's own header."""
    return [
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: OOF, AutoReply",
        f"Content-Language: {language if language.replace('-', '').isalnum() and language.isascii() else 'en-GB'}",
    ]


def _list_lines(content: IssueContent, kind: Kind) -> list[str]:
    """Return the `List-*` lines and `Archived-At`, unfolded.

    A distribution list gets no link for leaving, since one member would remove all; where there is no public address
    there is nothing to link to. Both leave by a mail that a person reads.
    """
    public = content.public_address
    domain = addresses.mail_domain(public, content.team)
    name = header_text(content.bulletin_title, 80)
    label = f'"{name}" ' if name.isascii() and not set(name) & set('"\\=<>') else ""
    leave_by_mail = f"<{leave_mailto(content)}>"
    lines = [f"List-Id: {label}<{list_name(content.bulletin_id)}.{domain}>"]
    if public and kind == "person":
        lines += [
            f"List-Unsubscribe: <{addresses.leave_address(public, hole('token-address'))}>, {leave_by_mail}",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        ]
    else:
        lines.append(f"List-Unsubscribe: {leave_by_mail}")
    if public:
        lines += [
            f"List-Archive: <{addresses.bulletin_address(public, content.bulletin_id)}>",
            f"Archived-At: <{addresses.issue_address(public, content.bulletin_id, content.number)}>",
        ]
    return lines


def list_name(bulletin_id: str) -> str:
    """Return a bulletin's id as the first label of its List-Id (RFC 2919)."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in bulletin_id.lower())
    return kept.strip("-")[:60] or "bulletin"


def leave_mailto(content: IssueContent) -> str:
    """Return the link that leaves by mail, to the box that the library reads; short enough for an unfolded line."""
    team = content.team
    box = checked_address(team.reply_to or team.owner_address or team.sender_address)
    title = header_text(content.bulletin_title, 80)
    while len(quote(title, safe="")) > TITLE_IN_LINK:
        title = header_text(title, len(title) - 1)
    return addresses.mailto(box, f"Stop {title}")


def _whole(lines: list[str], *, text: str, html: str, marks: Marks) -> bytes:
    """Return headers and both parts as the bytes that go over the wire. The boundary cannot occur in a body ("=_")."""
    plain = encode(text, {marks.token: "token", marks.why: "why-text"})
    marked_up = encode(html, {marks.token: "token", marks.why: "why-html"})
    boundary = f"=_alerts_{sha256((plain + marked_up).encode('ascii')).hexdigest()[:24]}"
    head = [*lines, "MIME-Version: 1.0", f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"']
    whole = "\r\n".join(
        (
            *head,
            "",
            f"--{boundary}",
            'Content-Type: text/plain; charset="utf-8"',
            "Content-Transfer-Encoding: quoted-printable",
            "",
            plain,
            f"--{boundary}",
            'Content-Type: text/html; charset="utf-8"',
            "Content-Transfer-Encoding: quoted-printable",
            "",
            marked_up,
            f"--{boundary}--",
            "",
        )
    )
    return whole.encode("ascii")
