"""Sources of the kind mailbox: where letters lie, and mistakes in saying so, each told with its line and a remedy."""

from __future__ import annotations

import pytest

from alerts.config import load_settings
from alerts.config.environment import BadSettings
from alerts.model.mailboxes import Box, box_of
from alerts.model.sources import Letters
from tests.config.folders import Folder


def written(folder: Folder, address: str, more: str = "") -> list[str]:
    folder.write(
        {
            "sources/letters.yaml": "sources:\n  - id: fund\n    title: Fund\n    kind: mailbox\n    type: briefing\n"
            f"    address: {address}\n{more}"
        }
    )
    return [each for each in folder.said() if "letters.yaml" in each or "mailbox" in each]


@pytest.mark.parametrize(
    ("address", "box"),
    [
        ("imaps://library@imap.example.org", Box("library", "imap.example.org")),
        (
            "imaps://a@b.example@Imap.Example.org:9993/INBOX/Old%20News",
            Box("a@b.example", "imap.example.org", 9993, "INBOX/Old News"),
        ),
        ("imaps://a%40b.example@imap.example.org/", Box("a@b.example", "imap.example.org")),
    ],
)
def test_the_address_of_a_mailbox_names_user_host_and_folder(address: str, box: Box) -> None:
    assert box_of(address) == box


def test_which_letters_are_a_sources_own_comes_from_its_file(folder: Folder) -> None:
    more = "    letters: {senders: [fund.example.org], subject: Weekly, mark_read: true, leave_out: [course]}\n"
    assert written(folder, "imaps://library@imap.example.org/News", more) == []
    assert folder.load().catalogue.sources["fund"].letters == Letters(
        ("fund.example.org",), "", "Weekly", True, ("course",)
    )


@pytest.mark.parametrize(
    ("address", "more", "sentence"),
    [
        ("https://www.example.org/news", "", "does not begin with https:"),
        ("imaps://library:secret@imap.example.org/News", "", "contains a password"),
        ("imaps://imap.example.org/News", "", "names no user"),
        ("imaps://library@/News", "", "names no host"),
        ("imap://library@imap.example.org/News", "", "is not a web address"),
        ("folder:../other", "", "no folder within the data folder"),
        ("folder:/etc", "", "no folder within the data folder"),
        ("folder:news", "    letters: {mark_read: true}\n", "cannot be marked as read"),
    ],
)
def test_a_mistake_in_it_is_told(folder: Folder, address: str, more: str, sentence: str) -> None:
    said = written(folder, address, more)
    assert any(sentence in each for each in said), said


def test_a_feed_cannot_be_at_a_mailbox(folder: Folder) -> None:
    folder.write(
        {"sources/more.yaml": "sources:\n  - {id: m, title: M, address: 'imaps://a@b.example.org/X', type: study}\n"}
    )
    assert any("does not begin with imaps:" in each for each in folder.said())


def test_a_line_of_mailboxes_without_a_password_is_refused_without_showing_it() -> None:
    assert load_settings({"ALERTS_MAILBOXES": "a@b.example@imap.example.org pass word\nc@imap.example.org oauth"})
    with pytest.raises(BadSettings) as refused:
        load_settings({"ALERTS_MAILBOXES": "a@imap.example.org pass\nsecret-without-account"})
    assert "Line 2" in str(refused.value)
    assert "secret-without-account" not in str(refused.value)
