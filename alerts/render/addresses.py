"""The one place that knows where pages live under the public address. The web room serves these paths."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from alerts.model.bulletins import Team
from alerts.model.text import one_line

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,200}[A-Za-z0-9])?")


def clean_base(public: str) -> str:
    """Return the public address without a trailing slash, every character that could break out of it encoded."""
    return quote(public.strip().rstrip("/"), safe="%/:?#[]@!$&'()*+,;=~-._")


def archive_address(public: str) -> str:
    """Return the address of the list of bulletins."""
    return f"{clean_base(public)}/bulletins/"


def bulletin_address(public: str, bulletin_id: str) -> str:
    """Return the address of one bulletin's list of issues."""
    return f"{clean_base(public)}/bulletins/{quote(bulletin_id, safe='')}"


def issue_address(public: str, bulletin_id: str, number: int) -> str:
    """Return the address of the page of one issue."""
    return f"{bulletin_address(public, bulletin_id)}/{number}"


def leave_address(public: str, token: str) -> str:
    """Return the address behind a reader's own link: GET shows a page, POST leaves (RFC 8058)."""
    return f"{clean_base(public)}/leave/{token}"


def feedback_address(public: str, bulletin_id: str, number: int) -> str:
    """Return the address of the page that asks what of an issue was used. It names no reader."""
    return f"{clean_base(public)}/feedback/{quote(bulletin_id, safe='')}/{number}"


def join_address(public: str, bulletin_id: str, token: str = "") -> str:
    """Return the address of the page where one asks for a bulletin or, with a token, confirms having asked."""
    return f"{clean_base(public)}/join/{quote(bulletin_id, safe='')}" + (f"/{token}" if token else "")


def mailto(address: str, subject: str = "", body: str = "") -> str:
    """Return a `mailto:` link (RFC 6068) with subject and body filled in."""
    filled = (("subject", one_line(subject)), ("body", body.encode("utf-8", "replace").decode()))
    given = "&".join(f"{name}={quote(text, safe='')}" for name, text in filled if text)
    return f"mailto:{quote(address, safe='@.+-_')}" + (f"?{given}" if given else "")


def mail_domain(public: str, team: Team) -> str:
    """Return the domain that message and list ids stand under: the public address's host, else the sender's domain.

    It is in ASCII; a bare IPv6 address cannot stand in an id.
    """
    host = (urlsplit(public).hostname or "") if public else ""
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    return host if _HOST.fullmatch(host) else team.sender_address.rpartition("@")[2] or "localhost"
