"""Mail to the owner of a bulletin about an issue that is held: the draft itself, its deadline, mistakes in its file.

Every message has a key that names what it is about (a revision, a deadline, the very text of a file), so that the
outbox takes it once, whoever writes it and however often. It is queued in the transaction that makes it true.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol
from zoneinfo import ZoneInfo

from alerts.compose import words
from alerts.errors import Problem
from alerts.model.bulletins import Bulletin, IssueContent
from alerts.model.drafts import HeldDraft
from alerts.pipeline.service import Service
from alerts.render import NoticeItem, NoticeSection, mail_date, mail_domain, message_id
from alerts.store import Connection, deliveries

MOST_MISTAKES = 30


@dataclass(frozen=True, slots=True)
class OwnerMail:
    """A message to the owner of a bulletin, ready for the outbox."""

    key: str
    address: str
    envelope_from: str
    message_id: str
    body: bytes

    def queue(self, conn: Connection, now: datetime) -> bool:
        """Put it into the outbox; False when it is there already."""
        made = deliveries.enqueue(
            conn, "staff", self.key, address=self.address, envelope_from=self.envelope_from,
            message_id=self.message_id, body=self.body, now=now,
        )  # fmt: skip
        return made is not None


class Writing(Protocol):
    """What writes a message about a draft that is held."""

    def __call__(self, service: Service, bulletin: Bulletin, held: HeldDraft, now: datetime, *, file: str) -> OwnerMail:
        """Return the message."""
        ...


def draft_mail(
    service: Service,
    bulletin: Bulletin,
    held: HeldDraft,
    content: IssueContent | None,
    now: datetime,
    *,
    why: Sequence[str] = (),
    file: str = "",
) -> OwnerMail:
    """Return the draft exactly as readers would see it, with what is to be decided about it above."""
    lines = [
        f"This is a draft of “{bulletin.title}”, as its readers would see it. Nothing has been sent to them.",
        *why,
        *(squeezed(bulletin, held, content) if content is not None else ()),
        deadline_line(service, bulletin, held, now),
        *how_to_decide(bulletin, file),
    ]
    if content is None:
        lines.insert(1, "Nothing is left in it: whoever approves it closes it, and nothing is sent.")
        return notice(
            service, bulletin, f"{held.id}/{held.revision}", f"Draft for review: {bulletin.title}", lines, now
        )
    return _mail(
        service,
        bulletin,
        f"{held.id}/{held.revision}",
        now,
        lambda fields: service.renderer.draft(content, lines, fields),
    )


def squeezed(bulletin: Bulletin, held: HeldDraft, content: IssueContent) -> list[str]:
    """Return what is said of items that were to be shown and for which the mail has no room."""
    titles = [each.title for each in content.remainder if held.draft.keep_of(each.record_id) == "yes"]
    room = f"The mail may have {bulletin.budget.html_bytes // 1000} kB, so these are listed by title only: "
    return [room + "; ".join(f"“{each}”" for each in titles[:5]) + "."] if titles else []


def how_to_decide(bulletin: Bulletin, file: str) -> list[str]:
    """Return where an issue is decided about."""
    command = f"“alerts issue show {bulletin.id}” and “alerts issue approve {bulletin.id}”"
    if not file:
        return [f"Its review file could not be written. Decide by command: {command}."]
    return [
        f"To decide, open {file} in a text editor, change it and save it; it explains itself. By command: {command}."
    ]


def deadline_line(service: Service, bulletin: Bulletin, held: HeldDraft, now: datetime) -> str:
    """Return until when an issue is held, and what happens then."""
    when = moment(bulletin, held.deadline_at)
    if held.then == "send":
        return f"If nothing is decided by {when}, it is sent as it stands."
    if now >= held.deadline_at:
        return f"It was to be decided by {when}. It stays here until somebody decides."
    return f"Please decide by {when}. Without a decision it stays here and is not sent."


def moment(bulletin: Bulletin, when: datetime) -> str:
    """Return a moment in the bulletin's own time: "Thursday 19 November 2026, 7:30am"."""
    local = when.astimezone(ZoneInfo(bulletin.schedule.zone))
    minutes = f":{local:%M}" if local.minute else ""
    return f"{local:%A} {words.day(local.date())}, {local.hour % 12 or 12}{minutes}{'am' if local.hour < 12 else 'pm'}"


def reminder_mail(service: Service, bulletin: Bulletin, held: HeldDraft, now: datetime, *, file: str) -> OwnerMail:
    """Return the word that an issue is still to be decided about."""
    lines = [
        f"“{bulletin.title}” waits for your decision.",
        deadline_line(service, bulletin, held, now),
        *how_to_decide(bulletin, file),
    ]
    key = f"{held.id}/reminder/{held.deadline_at.isoformat()}"
    return notice(service, bulletin, key, f"Still to be reviewed: {bulletin.title}", lines, now)


def overdue_mail(service: Service, bulletin: Bulletin, held: HeldDraft, now: datetime, *, file: str) -> OwnerMail:
    """Return the word that the deadline has passed and the issue is held."""
    lines = [
        f"“{bulletin.title}” was to be reviewed by {moment(bulletin, held.deadline_at)}. Nothing has been sent.",
        "It stays here until somebody decides; the next issue, when it is due, takes it in.",
        *how_to_decide(bulletin, file),
    ]
    key = f"{held.id}/deadline/{held.deadline_at.isoformat()}"
    return notice(service, bulletin, key, f"Held after its deadline: {bulletin.title}", lines, now)


def sent_mail(
    service: Service, bulletin: Bulletin, held: HeldDraft, number: int, readers: int, by: str, now: datetime
) -> OwnerMail:
    """Return the word that an issue goes out, to somebody who decided by a file or not at all."""
    going = f"Issue {number} of “{bulletin.title}” goes out to {words.count(readers, 'reader')} now, {by}."
    title = f"Going out: {bulletin.title}, issue {number}"
    if not number:
        going, title = (
            f"The draft of “{bulletin.title}” was closed, {by}: nothing was left in it.",
            f"Closed: {bulletin.title}",
        )
    return notice(service, bulletin, f"{held.id}/{held.revision}/sent", title, [going], now)


def mistakes_mail(
    service: Service, bulletin: Bulletin, problems: Sequence[Problem], text: str, now: datetime, *, file: str
) -> OwnerMail:
    """Return what is wrong with a review file, line by line; once for each text of the file."""
    lines = [
        f"You saved {file}. It cannot be used as it is, so nothing of it was taken in: nothing was changed or sent.",
        "Mend these and save it again. Or delete the file: it is written anew, as the draft is now.",
    ]
    items = tuple(
        NoticeItem(f"Line {each.line}, column {each.column}" if each.line else "The whole file", _told(each))
        for each in problems[:MOST_MISTAKES]
    )
    rest = len(problems) - MOST_MISTAKES
    more = f"And {rest} more." if rest > 0 else ""
    title = f"Review file of {bulletin.title}: {words.count(len(problems), 'mistake')}"
    sections = (NoticeSection("What is wrong", items, more),)
    return notice(service, bulletin, f"file/{bulletin.id}/{digest(text)}", title, lines, now, sections)


def _told(problem: Problem) -> tuple[str, ...]:
    return tuple(each for each in (problem.message, problem.remedy) if each)


def late_mail(
    service: Service, bulletin: Bulletin, ended: HeldDraft, text: str, now: datetime, *, file: str
) -> OwnerMail:
    """Return the answer to a file that was saved after its draft was decided."""
    when = moment(bulletin, ended.ended_at or now)
    what = f"went out as issue {ended.issue_number}" if ended.issue_number else "was closed"
    lines = [
        f"You saved {file}, but its draft {what} on {when}: the file decides nothing any more.",
        "What should have been different goes into the next issue.",
    ]
    key = f"file/{bulletin.id}/{digest(text)}"
    title = f"Already {'sent' if ended.issue_number else 'closed'}: {bulletin.title}"
    return notice(service, bulletin, key, title, lines, now)


def digest(text: str) -> str:
    """Return what stands for the text of a file in a key."""
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def notice(
    service: Service,
    bulletin: Bulletin,
    key: str,
    title: str,
    lines: Sequence[str],
    now: datetime,
    sections: tuple[NoticeSection, ...] = (),
) -> OwnerMail:
    """Return a plain message to the owner of a bulletin."""
    values: dict[str, object] = {"message": title, "lines": tuple(lines), "sections": sections}
    team = service.as_sent(service.catalogue.teams[bulletin.team])
    return _mail(
        service,
        bulletin,
        key,
        now,
        lambda fields: service.renderer.notice("staff", team=team, fields=fields, values=values),
    )


def _mail(
    service: Service, bulletin: Bulletin, key: str, now: datetime, draw: Callable[[dict[str, str]], bytes]
) -> OwnerMail:
    team = service.as_sent(service.catalogue.teams[bulletin.team])
    identity = message_id("review", key, now.isoformat(), domain=mail_domain(service.settings.public_url, team))
    fields = {
        "to_name": team.owner_name, "to_address": team.owner_address, "message_id": identity, "date": mail_date(now),
        "token": "", "why": "",
    }  # fmt: skip
    body = service.signed(draw(fields))
    return OwnerMail(f"review/{key}", team.owner_address, team.sender_address, identity, body)
