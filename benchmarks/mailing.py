"""One issue of thirty invented items and its readers, and the naive way of making a mail of it for one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import jinja2
import premailer

from alerts.compose import compose
from alerts.deliver import tokens
from alerts.model.bulletins import Budget, Candidate, IssueContent, Person
from alerts.model.catalogue import Catalogue, Service
from alerts.model.deliveries import Delivery
from alerts.render import Renderer, assemble, leave_address, mail_date, message_id
from alerts.render.environment import environment
from alerts.render.message import Marks
from alerts.render.view import issue_view
from alerts.store import Store, issues, subscriptions
from alerts.store.issues import NewDelivery, NewIssue
from benchmarks.invented import BULLETIN, NOW, TEAM, candidate, setting
from benchmarks.invented import TABLE as LINES

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
SENDER = "alerts@example.nhs.uk"
DOMAIN = "alerts.example.nhs.uk"
ITEMS = 30
KEY = b"k" * 32
PUBLIC = f"https://{DOMAIN}"
WHY = "You get this because {} is on the Commissioning list kept by Northmoor Library and Knowledge Service."
STYLE = re.compile(r" data-css-inline=\"[a-z]+\"")


@dataclass(frozen=True)
class Drawn:
    """An issue, drawn once for all its readers."""

    content: IssueContent
    skeleton: bytes


@lru_cache(maxsize=2)
def composed(items: int = ITEMS) -> IssueContent:
    """Return the content of an issue with exactly so many items in full."""
    sections = tuple(replace(each, limit=None) for each in BULLETIN.sections)
    bulletin = replace(BULLETIN, sections=sections, budget=Budget(items=items))
    some = [candidate(number, LINES[number % 12]) for number in range(1, items + 1)]
    found = [_titled(each, f"{each.record.entry.title}: part {nth}") for nth, each in enumerate(some)]
    made = compose(bulletin, found, setting=setting(public=PUBLIC), measure=lambda content: 0)
    assert made is not None
    assert made.content.item_count == items, made.content.item_count
    return made.content


def _titled(found: Candidate, title: str) -> Candidate:
    entry = replace(found.record.entry, identifiers=(), title=title)
    return replace(found, record=replace(found.record, entry=entry))


def draw(items: int = ITEMS) -> Drawn:
    """Draw the issue as `publish` does: once."""
    content = composed(items)
    return Drawn(content, Renderer(jinja2.FileSystemLoader(TEMPLATES)).mail(content).message)


def address_of(nth: int) -> str:
    """Return a reader's address."""
    return f"reader.{nth}@example.nhs.uk"


def fields_of(nth: int) -> dict[str, str]:
    """Return what is a reader's own in the message."""
    return {
        "to_name": f"Reader {nth}",
        "to_address": address_of(nth),
        "message_id": message_id(BULLETIN.id, 12, NOW.isoformat(), nth, 1, domain=DOMAIN),
        "date": mail_date(NOW),
        "token": tokens.make(nth, 1, KEY),
        "why": WHY.format(address_of(nth)),
    }


def deliveries_of(issue: Drawn, readers: int) -> list[Delivery]:
    """Return a pending delivery for every reader, frozen as `publish` does it."""
    found: list[Delivery] = []
    for nth in range(readers):
        fields = fields_of(nth)
        found.append(
            Delivery(
                id=nth + 1, kind="delivery", dedupe_key=f"{BULLETIN.id}/12/{nth}", issue_id=1, subscription_id=nth,
                address=fields["to_address"], envelope_from=SENDER, message_id=fields["message_id"],
                fields=tuple(fields.items()), sha256=sha256(assemble(issue.skeleton, fields)).hexdigest(),
                state="pending", created_at=NOW,
            )
        )  # fmt: skip
    return found


def publish(store: Store, issue: Drawn, readers: int) -> None:
    """Migrate an empty store, subscribe the readers and publish the issue to them."""
    store.migrate()
    people = tuple(Person(address_of(nth), f"Reader {nth}", (TEAM.id,)) for nth in range(readers))
    bulletins, teams = {BULLETIN.id: BULLETIN}, {TEAM.id: TEAM}
    catalogue = Catalogue(Service("Benchmark"), {}, {}, {}, bulletins, teams, people)
    frozen = {each.address: each for each in deliveries_of(issue, readers)}
    with store.write() as conn:
        subscriptions.sync(conn, catalogue, NOW - timedelta(days=1))
        for_all = []
        for reader in subscriptions.active(conn, BULLETIN.id, NOW):
            each = frozen[reader.address]
            fields = (*each.fields, ("variant", "person"))
            for_all.append(NewDelivery(reader.id, each.address, SENDER, each.message_id, fields, each.sha256))
        new = NewIssue(BULLETIN.id, 1, None, NOW, issue.content, issue.skeleton, "", (), tuple(for_all))
        issues.publish(conn, new)


# The naive way.


@lru_cache(maxsize=1)
def _environments() -> tuple[jinja2.Environment, jinja2.Environment]:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    return environment(loader, None, escape=True), environment(loader, None, escape=False)


def naive(nth: int) -> bytes:
    """Return one reader's message: the templates drawn, the styles inlined and the message built for this reader."""
    fields = fields_of(nth)
    content = composed()
    html_of, text_of = _environments()
    view = issue_view(content, "person", Marks(fields["token"], fields["why"]))
    html = premailer.transform(
        STYLE.sub("", html_of.get_template("mail.html.j2").render(view=view)),
        disable_validation=True, allow_network=False, keep_style_tags=False,
    )  # fmt: skip
    made = EmailMessage(policy=policy.SMTP)
    made["From"] = f"{TEAM.sender_name} <{TEAM.sender_address}>"
    made["To"] = f"{fields['to_name']} <{fields['to_address']}>"
    made["Date"] = format_datetime(NOW)
    made["Message-ID"] = fields["message_id"]
    made["Subject"] = content.subject
    made["List-Unsubscribe"] = f"<{leave_address(PUBLIC, fields['token'])}>"
    made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(text_of.get_template("mail.txt.j2").render(view=view), cte="quoted-printable")
    made.add_alternative(html, subtype="html", cte="quoted-printable")
    return made.as_bytes()


def check_same_words(one: bytes, other: bytes) -> None:
    """Check that two messages say the same to the same reader: headers, and every word of the text part."""
    mine, theirs = (message_from_bytes(each, policy=policy.default) for each in (one, other))
    for name in ("From", "To", "Message-ID", "Subject"):
        assert str(mine[name]) == str(theirs[name]), (name, str(mine[name]), str(theirs[name]))
    assert _words(mine) == _words(theirs)


def _words(message: EmailMessage) -> Sequence[str]:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).split()
