"""An issue that is held for review, as a librarian lives it: by commands, and with nothing but a file and the mail."""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journeys.feed_server import FeedServer, Item, rss

if TYPE_CHECKING:
    from tests.journeys.conftest import Library

YESTERDAY = datetime.now(UTC) - timedelta(days=1)
ITEMS = (
    Item("Quitting smoking with text messages: a trial", "a1", published=YESTERDAY),
    Item("Vaping among young adults in Leeds", "a2", published=YESTERDAY),
    Item("Vaping at work: what employers say", "a3", published=YESTERDAY),
)


@pytest.fixture
def reviewed(library: Library, feeds: FeedServer) -> Library:
    """The small library with a bulletin that is held for review, and no mail server: mail goes to a folder."""
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    bulletin = library.folder / "config" / "bulletins" / "update.yaml"
    bulletin.write_text(bulletin.read_text() + "review: {deadline: 48 hours, then: hold}\n")
    del library.env["ALERTS_SMTP_HOST"]
    return library


def mails(library: Library) -> list[EmailMessage]:
    """Return what lies in the mail folder, the oldest first."""
    found = sorted((library.folder / "data" / "mail").rglob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [BytesParser(policy=policy.default).parsebytes(path.read_bytes()) for path in found]


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def to(library: Library, address: str) -> list[EmailMessage]:
    return [each for each in mails(library) if address in str(each["To"])]


def review_file(library: Library) -> Path:
    return library.folder / "config" / "review" / "update.yaml"


def edit(path: Path, *changes: tuple[str, str]) -> None:
    """Save the file as an editor does, with these replacements; each must be there once at least."""
    text = path.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text, f"{before!r} is not in\n{text}"
        text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8")
    old = time.time() - 5
    os.utime(path, (old, old))  # it has come to rest


def block(path: Path, title: str) -> str:
    """Return the block of an item as it stands in the file."""
    found = re.search(
        r"  - id: \d+\n    title: \"" + re.escape(title) + r"[^\n]*\n(?:    \S[^\n]*\n)*", path.read_text()
    )
    assert found is not None
    return found.group()


def test_with_nothing_but_an_editor_and_a_mailbox(reviewed: Library) -> None:
    reviewed.run("collect")
    (held,) = reviewed.json("publish", "--now")
    assert (held["outcome"], held["items"], held["deliveries"]) == ("held", 3, 0)
    reviewed.run("deliver")
    (draft,) = mails(reviewed)
    assert "library@example.nhs.uk" in str(draft["To"])
    assert str(draft["Subject"]).startswith("Draft for review: ")
    assert not draft["List-Unsubscribe"]
    told = text_of(draft)
    assert "Nothing has been sent" in told
    assert str(review_file(reviewed)) in told.replace("\n", "")
    for item in ITEMS:
        assert item.title in told
    assert draft.get_body(("html",)) is not None

    path = review_file(reviewed)
    dropped, kept = block(path, ITEMS[1].title), block(path, ITEMS[0].title)
    edit(
        path,
        (dropped, dropped.replace("keep: yes", "keep: no")),
        (kept, kept.replace("note:", "note: Read this one first, says Pat.")),
        ("\nnote:", "\nnote: Happy new year from the library."),
    )
    reviewed.run("publish")
    reviewed.run("deliver")
    again = mails(reviewed)
    assert len(again) == 2, "the new draft, and nothing to any reader"
    told = text_of(again[1])
    assert ITEMS[1].title not in told
    assert "Read this one first, says Pat." in told
    assert "Happy new year from the library." in told

    edit(path, ("approve: no", "approve: yes"))
    (sent,) = reviewed.json("publish")
    assert (sent["outcome"], sent["number"], sent["items"], sent["deliveries"]) == ("published", 1, 2, 2)
    reviewed.run("deliver")
    for reader in ("ann@example.nhs.uk", "bob@example.nhs.uk"):
        (mail,) = to(reviewed, reader)
        told = text_of(mail)
        assert ITEMS[0].title in told
        assert "Read this one first, says Pat." in told
        assert ITEMS[1].title not in told
        assert "Draft for review" not in mail.as_string()
    assert "Going out" in str(to(reviewed, "library@example.nhs.uk")[-1]["Subject"])
    assert not path.exists(), "what is sent is no longer there to decide about"
    (line,) = reviewed.json("issue", "list")
    assert (line["state"], line["number"]) == ("published", 1)


@pytest.mark.thorough
def test_by_command(reviewed: Library) -> None:
    reviewed.run("collect")
    reviewed.run("publish", "--now")
    shown = reviewed.json("issue", "show", "update")
    numbers = {each["title"]: each["number"] for each in shown["items"]}
    assert sorted(numbers.values()) == [1, 2, 3]
    first, second, third = (str(numbers[each.title]) for each in ITEMS)
    reviewed.run("issue", "drop", "update", second, "--reason", "not for commissioners")
    reviewed.run("issue", "move", "update", third, "--first")
    reviewed.run("issue", "note", "update", "In our own words.", "--item", first)
    reviewed.run("issue", "note", "update", "Smoking: two to read", "--subject")
    own = ("--title", "Our audit", "--publisher", "Anytown", "--date", "2026-11-02", "--type", "guidance")
    assert "is in the draft of Smoking update, as item 4." in reviewed.run("issue", "add", "update", *own).stdout
    reviewed.run("issue", "drop", "update", "4")
    shown = reviewed.json("issue", "show", "update")
    assert [(str(each["number"]), each["keep"]) for each in shown["items"]] == [
        (third, "yes"),
        (first, "yes"),
        (second, "no"),
        ("4", "no"),
    ], "a number stays an item's own"
    assert reviewed.json("issue", "list", "update")[0]["state"] == "held"
    approved = reviewed.json("issue", "approve", "update")
    assert (approved["number"], approved["items"], approved["deliveries"]) == (1, 2, 2)
    reviewed.run("deliver")
    (mail,) = to(reviewed, "ann@example.nhs.uk")
    assert str(mail["Subject"]) == "Smoking: two to read"
    told = text_of(mail)
    assert told.index(ITEMS[2].title) < told.index(ITEMS[0].title)
    assert "In our own words." in told
    refused = reviewed.run("issue", "approve", "update", expect=1).stderr
    assert "B040" in refused
    assert "issue 1" in refused
