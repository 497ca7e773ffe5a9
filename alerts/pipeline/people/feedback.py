"""What readers tell of use, by the page or through the librarian. The link carries no person; nothing is clicked."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from alerts.errors import AlertsError
from alerts.model.text import one_line
from alerts.pipeline.service import Service
from alerts.render.forms import MOST_NAME, MOST_TOLD, USES
from alerts.store import feedback, issues
from alerts.store.feedback import Told

MOST_A_DAY = 500
"""So many answers a day about one bulletin: beyond, a robot is at it, and the database is not its notebook."""
_LAST_NUMBER = 2**31 - 1
_HEADS = ("given_at", "bulletin", "issue", "item", "used_for", "told", "name", "came_by")
_UNWANTED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class BadFeedback(AlertsError):
    """What was told of use is about an item that is not there, or for a use that is none of ours."""

    code = "R010"


@dataclass(frozen=True, slots=True)
class About:
    """An issue that can be told about: its bulletin's title, and its items as (record id, title)."""

    bulletin_title: str
    items: tuple[tuple[int, str], ...]


def about(service: Service, bulletin_id: str, number: int) -> About | None:
    """Return what an issue's page asks about."""
    if not 0 < number <= _LAST_NUMBER:
        return None
    with service.store.read() as conn:
        issue = issues.get(conn, bulletin_id, number)
    if issue is None:
        return None
    content = issue.content
    items = [item for section in content.sections for item in section.items]
    every = {each.record_id: one_line(each.title) for each in (*items, *content.corrections, *content.remainder)}
    return About(content.bulletin_title, tuple(every.items()))


def tell(
    service: Service,
    bulletin_id: str,
    number: int,
    *,
    use: str,
    record_id: int | None = None,
    told: str = "",
    name: str = "",
    came_by: str = "page",
) -> int:
    """Keep what somebody told; return its number. Raises `BadFeedback`; 0 when there was too much of it today."""
    known, now = about(service, bulletin_id, number), service.clock()
    if known is None:
        raise BadFeedback(f"There is no issue {number} of “{bulletin_id}”.", remedy="Look with: alerts issue list.")
    titles = dict(known.items)
    if record_id is not None and record_id not in titles:
        raise BadFeedback("That item is not in this issue.", remedy="Choose one of the items, or none.")
    if use not in USES:
        raise BadFeedback(f"“{one_line(use)[:40]}” is no use that is asked for.", remedy=f"Choose: {', '.join(USES)}.")
    words = _cleaned(told)
    if len(words) > MOST_TOLD or len(name) > MOST_NAME:
        raise BadFeedback(
            "That is longer than can be kept.", remedy=f"Use at most {MOST_TOLD:,} characters, {MOST_NAME} for a name."
        )
    title = titles[record_id] if record_id is not None else ""
    answer = Told(bulletin_id, number, now, record_id, title, use, words, one_line(name), came_by)
    with service.store.read() as conn:
        if came_by == "page" and feedback.count_since(conn, bulletin_id, now - timedelta(days=1)) >= MOST_A_DAY:
            return 0
    return service.store.replay(lambda conn: feedback.add(conn, answer))


def _cleaned(text: str) -> str:
    """Return free text with its lines, without what is no text."""
    lines = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()


def as_csv(answers: Sequence[Told]) -> str:
    """Return answers as CSV (RFC 4180). A cell that a spreadsheet would take for a formula begins with a quote mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_HEADS)
    for each in answers:
        told = (USES.get(each.used_for, each.used_for), each.told, each.name, each.came_by)
        cells = (each.given_at.isoformat(), each.bulletin_id, each.issue_number, each.title, *told)
        writer.writerow([_harmless(str(cell)) for cell in cells])
    return out.getvalue()


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet runs: those that begin with = + - @ TAB CR are quoted."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
