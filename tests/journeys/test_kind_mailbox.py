"""Newsletters from a mailbox and from a folder, all the way to what a reader gets: nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.fetch.imap_server import TRUSTED, ImapServer
from tests.journeys.conftest import Library, Mailbox
from tests.journeys.feed_server import FeedServer
from tests.journeys.in_process import InProcess
from tests.newsletters import item, letter

REVIEW = item("Smoking cessation in pregnancy: a review", "https://doi.org/10.1000/cessation.1", "Quitting pays.")


@pytest.fixture
def box() -> Iterator[ImapServer]:
    with ImapServer() as made:
        yield made


@pytest.fixture
def reader(library: Library, box: ImapServer, tmp_path: Path) -> InProcess:
    """The small library, with a newsletter in a mailbox beside its journal."""
    secrets = tmp_path / "mailboxes.txt"
    secrets.write_text(f"{box.user}@localhost {box.password}\n", encoding="utf-8")
    made = InProcess(
        library.folder,
        {**library.env, "ALERTS_MAILBOXES_FILE": str(secrets), "ALERTS_CA_BUNDLE": str(TRUSTED)},
    )
    made.write(
        "config/sources/newsletters.yaml",
        "sources:\n"
        "  - id: fund-news\n"
        "    title: The Fund's weekly letter\n"
        f"    address: imaps://{box.user}@localhost:{box.port}/INBOX\n"
        "    kind: mailbox\n"
        "    type: review\n"
        "    sure: A\n"
        "    letters:\n"
        "      senders: [fund.example.org]\n",
    )
    return made


def of_source(collected: Any, id: str = "fund-news") -> Any:
    return next(each for each in collected["sources"] if each["id"] == id)


def titles(found: Any) -> list[str]:
    return [each["title"] for each in found]


def test_items_of_letters_reach_readers_once_and_a_restart_in_between_changes_nothing(
    reader: InProcess, box: ImapServer, feeds: FeedServer, mailbox: Mailbox
) -> None:
    feeds.bodies["/journal.xml"] = b"<rss version='2.0'><channel><title>J</title></channel></rss>"
    reader.run("check")
    box.add(letter(REVIEW, item("Gardens in hospitals: a survey", "https://fund.example.org/gardens")))
    read = reader.json("source", "read", "fund-news")
    assert titles(read["entries"]) == ["Smoking cessation in pregnancy: a review", "Gardens in hospitals: a survey"]
    collected = reader.json("collect", "--all", expect=None)
    assert of_source(collected)["new_records"] == 2
    reader.run("publish", "--now")
    reader.run("deliver")
    sent = [message for _, message in mailbox.parsed()]
    assert len(sent) == 2
    assert all("Smoking cessation in pregnancy" in str(each) for each in sent)
    box.add(letter(REVIEW, item("Vaping among nurses", "https://fund.example.org/vaping"), subject="Next week"))
    again = of_source(reader.json("collect", "--all", expect=None))
    assert (again["entries"], again["new_records"]) == (2, 1), "the item of last week is no news"
    assert of_source(reader.json("collect", "--all", expect=None))["outcome"] == "unchanged"


def test_the_same_paper_in_a_journals_feed_and_in_a_newsletter_is_one_record(
    reader: InProcess, box: ImapServer, feeds: FeedServer
) -> None:
    feeds.bodies["/journal.xml"] = (
        b"<rss version='2.0'><channel><title>J</title><item><title>Smoking cessation in pregnancy: a review</title>"
        b"<link>https://journal.example.org/1</link><guid>doi:10.1000/cessation.1</guid></item></channel></rss>"
    )
    box.add(letter(REVIEW))
    collected = reader.json("collect", "--all")
    assert [each["entries"] for each in collected["sources"]] == [1, 1]
    assert sum(each["new_records"] for each in collected["sources"]) == 1


def mailed(reader: InProcess, mailbox: Mailbox) -> str:
    """Collect, publish and deliver; return the text of the last mail, or nothing where none left."""
    before = len(mailbox.messages)
    reader.json("collect", "--all", expect=None)
    reader.run("publish", "--now", expect=None)
    reader.run("deliver")
    if len(mailbox.messages) == before:
        return ""
    body = mailbox.parsed()[-1][1].get_body(("plain",))
    return " ".join(body.get_content().split()) if body is not None else ""


TRACKED = "https://fund.us1.list-manage.com/track/click?u=1a2b&id={}&e=5e6f"


@pytest.mark.parametrize(
    ("first", "link", "then", "its_link", "told"),
    [
        ("Vaping among nurses: a survey", "https://fund.example.org/v", "Withdrawn: Vaping among nurses: a survey",
         "https://fund.example.org/v", "Marked as withdrawn by its publisher"),
        ("Vaping among nurses: a survey", TRACKED.format("3c4d"), "Withdrawn: Vaping among nurses: a survey",
         TRACKED.format("7e8f"), "Marked as withdrawn by its publisher"),
        ("Vaping among nurses: a survey", "https://fund.example.org/v", "Correction: Vaping among nurses: a survey",
         "https://fund.example.org/v-correction", "Correction notice"),
        ("Vaping among nurses: a survey", TRACKED.format("3c4d"), "Correction: Vaping among nurses: a survey",
         TRACKED.format("7e8f"), "Correction notice"),
    ],
    ids=["withdrawn", "withdrawn, by a tracker", "corrected", "corrected, by a tracker"],
)  # fmt: skip
def test_what_a_later_letter_withdraws_or_corrects_is_told_to_those_who_had_it(
    reader: InProcess, box: ImapServer, feeds: FeedServer, mailbox: Mailbox, first: str, link: str, then: str,
    its_link: str, told: str,
) -> None:  # fmt: skip
    feeds.bodies["/journal.xml"] = b"<rss version='2.0'><channel><title>J</title></channel></rss>"
    box.add(letter(item(first, link), item("Smoking and sleep: a review", "https://fund.example.org/s")))
    assert first in mailed(reader, mailbox)
    box.add(letter(item(then, its_link), subject="Next week"))
    mail = mailed(reader, mailbox)
    assert first in mail
    assert told in mail
    assert "sleep" not in mail
    box.add(letter(item(then, its_link), subject="The week after"))
    assert mailed(reader, mailbox) == "", "once only"


def test_a_letter_without_items_is_a_failure_of_its_source_that_the_next_good_letter_ends(
    reader: InProcess, box: ImapServer, feeds: FeedServer
) -> None:
    feeds.bodies["/journal.xml"] = b"<rss version='2.0'><channel><title>J</title></channel></rss>"
    box.add(letter(html="<p>We are moving house.</p>", subject="Moving", day=datetime.now(UTC)))
    failed = of_source(reader.json("collect", "--all", expect=None))
    assert (failed["outcome"], failed["code"]) == ("failed", "F652")
    assert "“Moving”" in failed["message"]
    box.add(letter(REVIEW, subject="Good"))
    then = of_source(reader.json("collect", "--all", expect=None))
    assert (then["outcome"], then["new_records"], "“Moving”" in then["message"]) == ("degraded", 1, True)


def test_a_folder_of_letters_is_a_source_too(reader: InProcess, feeds: FeedServer) -> None:
    feeds.bodies["/journal.xml"] = b"<rss version='2.0'><channel><title>J</title></channel></rss>"
    reader.write(
        "config/sources/newsletters.yaml",
        "sources:\n"
        "  - {id: fund-news, title: Letters, address: 'folder:newsletters', kind: mailbox, type: review, sure: A}\n",
    )
    (reader.folder / "data" / "newsletters").mkdir()
    (reader.folder / "data" / "newsletters" / "1.eml").write_bytes(letter(REVIEW))
    assert of_source(reader.json("collect", "--all", expect=None))["new_records"] == 1


def test_what_the_service_calls_names_the_mailbox(reader: InProcess, box: ImapServer) -> None:
    listed = reader.json("sources", "hosts")
    assert [each["host"] for each in listed if each["port"] == box.port] == ["localhost"]


def test_neither_password_nor_user_of_a_mailbox_is_told_when_it_lets_nobody_in(
    reader: InProcess, box: ImapServer, feeds: FeedServer
) -> None:
    feeds.bodies["/journal.xml"] = b"<rss version='2.0'><channel><title>J</title></channel></rss>"
    box.password = "another"
    failed = reader.run("collect", "--all", "--json", expect=None)
    assert "F650" in failed.stdout
    assert "pass word" not in failed.stdout + failed.stderr
    assert "pass word" not in reader.run("config", "show").stdout
