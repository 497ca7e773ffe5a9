"""collect → publish → deliver, as a library lives it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journeys.feed_server import FeedServer, Item, rss
from tests.journeys.in_process import InProcess

if TYPE_CHECKING:
    from tests.journeys.conftest import Library, Mailbox

YESTERDAY = datetime.now(UTC) - timedelta(days=1)

ITEMS = (
    Item("Quitting smoking with text messages: a trial", "a1", published=YESTERDAY, doi="10.5555/a1"),
    Item("Vaping among young adults in Leeds", "a2", published=YESTERDAY),
    Item("Bicycle helmets and head injury", "a3", published=YESTERDAY),
)


@pytest.fixture
def library(library: Library) -> InProcess:
    """The small library, whose commands run in this process."""
    return InProcess(library.folder, library.env)


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_what_matches_reaches_every_reader_once(library: Library, feeds: FeedServer, mailbox: Mailbox) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)

    collected = library.json("collect")
    assert (collected["entries"], collected["new_records"], collected["matches"]) == (3, 3, 2)
    published = library.json("publish", "--now")
    assert [(each["outcome"], each["items"], each["deliveries"]) for each in published] == [("published", 2, 2)]
    assert library.json("deliver")["sent"] == 2

    assert sorted(address for address, _ in mailbox.messages) == ["ann@example.nhs.uk", "bob@example.nhs.uk"]
    for _, message in mailbox.parsed():
        text = text_of(message)
        assert "Quitting smoking with text messages" in text
        assert "Vaping among young adults" in text
        assert "Bicycle helmets" not in text


def test_a_second_run_finds_nothing_and_mails_nothing(library: Library, feeds: FeedServer, mailbox: Mailbox) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    for _ in range(2):
        library.run("collect", "--all")
        library.run("publish", "--now")
        library.run("deliver")
    assert len(mailbox.messages) == 2
    assert feeds.asked[-1][1].get("If-None-Match"), "the second poll asks for what has changed only"


def test_an_item_that_comes_late_is_in_the_next_issue(library: Library, feeds: FeedServer, mailbox: Mailbox) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS[:1])
    for command in (("collect",), ("publish", "--now"), ("deliver",)):
        library.run(*command)
    late = Item("Smokers who quit in 2019", "old", published=YESTERDAY - timedelta(days=200))
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", (*ITEMS[:1], late))
    library.run("collect", "--all")
    published = library.json("publish", "--now")
    library.run("deliver")
    assert published[0]["items"] == 1, "after the first run, dates never select"
    assert "Smokers who quit in 2019" in text_of(mailbox.parsed()[-1][1])
    assert len(mailbox.messages) == 4


def test_the_first_run_does_not_flood_readers_with_the_archive(library: Library, feeds: FeedServer) -> None:
    old = [Item(f"Vaping study {n}", f"old{n}", published=YESTERDAY - timedelta(days=30 + n)) for n in range(40)]
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", [*ITEMS, *old])
    assert library.json("collect")["backlog"] == 40
    assert library.json("publish", "--now")[0]["items"] == 2


def test_nothing_is_sent_when_no_mail_server_is_set(library: Library, feeds: FeedServer, mailbox: Mailbox) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    del library.env["ALERTS_SMTP_HOST"]
    for command in (("collect",), ("publish", "--now"), ("deliver",)):
        library.run(*command)
    assert not mailbox.messages
    assert len(list((library.folder / "data" / "mail").rglob("*.eml"))) == 2


def test_a_source_that_is_down_costs_only_itself(library: Library, feeds: FeedServer) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    sources = library.folder / "config" / "sources" / "journals.yaml"
    library.write(
        "config/sources/journals.yaml",
        sources.read_text() + f"  - {{id: down, title: Down, address: '{feeds.address('/down.xml')}', type: news}}\n",
    )
    feeds.broken["/down.xml"] = 503
    collected = library.json("collect")
    assert {each["id"]: each["outcome"] for each in collected["sources"]} == {"journal": "changed", "down": "failed"}
    failed = next(each for each in collected["sources"] if each["id"] == "down")
    assert failed["code"].startswith("F")
    assert failed["remedy"]
    assert collected["matches"] == 2


def test_a_broken_profile_costs_only_itself_and_check_says_where(library: Library, feeds: FeedServer) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.write(
        "config/profiles/broken.yaml",
        "title: Broken\nteam: public-health\nsearch: |\n  1. (smoking adj3 cessation.ti.\n  2. 1 and 9\n",
    )
    checked = library.json("check", expect=78)
    places = [(each["file"].endswith("broken.yaml"), each["line"]) for each in checked["problems"]]
    assert (True, 4) in places
    assert (True, 5) in places
    assert library.json("collect")["matches"] == 2


def test_a_profile_edited_into_error_keeps_its_last_good_text(library: Library, feeds: FeedServer) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.run("collect")
    profile = library.folder / "config" / "profiles" / "smoking.yaml"
    profile.write_text(profile.read_text().replace("vaping.ti,ab,kf.", "(vaping.ti,ab,kf."))
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", [*ITEMS, Item("Vaping and asthma", "a4")])
    done = library.run("collect", "--all", "--json")
    assert '"matches": 1' in done.stdout
    assert "smoking.yaml" in done.stderr


def test_an_edited_profile_drops_what_it_rejects_and_does_not_flood(library: Library, feeds: FeedServer) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.run("collect")
    profile = library.folder / "config" / "profiles" / "smoking.yaml"
    profile.write_text(profile.read_text().replace("vaping.ti", "helmets.ti"))
    titles = [item["title"] for section in library.json("publish", "--now")[0]["sections"] for item in section["items"]]
    assert sorted(titles) == ["Bicycle helmets and head injury", "Quitting smoking with text messages: a trial"]


def test_a_dry_run_shows_the_issue_and_writes_nothing(library: Library, feeds: FeedServer) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.run("collect")
    assert library.json("publish", "update", "--now", "--dry-run")[0]["outcome"] == "would publish"
    assert library.json("issue", "list") == []


def test_a_dry_run_shows_what_an_edit_will_change(library: Library, feeds: FeedServer) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.run("collect")
    profile = library.folder / "config" / "profiles" / "smoking.yaml"
    profile.write_text(profile.read_text().replace("vaping.ti", "(vaping or helmets).ti"))
    assert library.json("publish", "--now", "--dry-run")[0]["items"] == 3
    profile.write_text(profile.read_text().replace("(vaping or helmets).ti", "helmets.ti"))
    assert library.json("publish", "--now", "--dry-run")[0]["items"] == 2
    assert library.json("publish", "--now")[0]["items"] == 2


def test_an_item_added_by_hand_is_in_the_next_issue(library: Library, feeds: FeedServer, mailbox: Mailbox) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.run("collect")
    library.run(
        "issue", "add", "update", "--title", "Anytown tobacco needs assessment", "--publisher", "Anytown Council",
        "--date", "2 November 2026", "--type", "guidance", "--note", "Paper copy at the library desk.",
    )  # fmt: skip
    library.run("publish", "--now")
    library.run("deliver")
    text = text_of(mailbox.parsed()[0][1])
    assert "Anytown tobacco needs assessment" in text
    assert "Paper copy at the library desk." in text
    assert library.json("publish", "--now")[0]["outcome"] == "nothing new"


def test_a_consultation_added_by_hand_stands_first_with_its_closing_date(
    library: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    bulletin = library.folder / "config" / "bulletins" / "update.yaml"
    first = "sections:\n  - {title: To answer, lens: dated}\n"
    bulletin.write_text(bulletin.read_text().replace("sections:\n", first))
    library.run("collect")
    closes = (datetime.now(UTC) + timedelta(days=30)).date()
    library.run(
        "issue", "add", "update", "--title", "Vape shops in Anytown: have your say", "--publisher", "Anytown Council",
        "--date", f"{YESTERDAY:%Y-%m-%d}", "--type", "consultation", "--closes", closes.isoformat(),
    )  # fmt: skip
    corrected = closes + timedelta(days=5)
    library.run(
        "issue", "add", "update", "--title", "Vape shops in Anytown: have your say", "--publisher", "Anytown Council",
        "--date", f"{YESTERDAY:%Y-%m-%d}", "--type", "consultation", "--closes", corrected.isoformat(),
    )  # fmt: skip
    closes = corrected
    sections = library.json("publish", "--now")[0]["sections"]
    assert sections[0]["title"] == "To answer"
    assert [item["title"] for item in sections[0]["items"]] == ["Vape shops in Anytown: have your say"]
    library.run("deliver")
    assert f"Closes {closes.day} {closes:%B}" in text_of(mailbox.parsed()[0][1])


def test_nothing_is_used_up_by_a_bulletin_that_nobody_reads(library: Library, feeds: FeedServer) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    people = library.folder / "data" / "people.csv"
    listed = people.read_text()
    people.unlink()
    library.run("collect")
    assert library.json("publish", "--now")[0]["outcome"] == "no reader"
    people.write_text(listed)
    assert library.json("publish", "--now")[0]["items"] == 2


def test_who_is_taken_off_the_list_gets_nothing_more_even_when_nobody_is_left(
    library: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.run("collect")
    other = library.folder / "config" / "teams" / "other.yaml"
    other.write_text((library.folder / "config" / "teams" / "public-health.yaml").read_text())
    library.write("data/people.csv", "address,name,teams,kind\neve@example.nhs.uk,Eve,other,person\n")
    assert library.json("publish", "--now")[0]["outcome"] == "no reader"
    library.run("deliver")
    assert not mailbox.messages


def test_preview_shows_what_a_profile_finds_and_why(library: Library, feeds: FeedServer) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.run("collect")
    found = library.json("preview", "smoking")["found"]
    assert {each["title"] for each in found} == {ITEMS[0].title, ITEMS[1].title}
    assert {word["term"] for each in found for word in each["words"]} >= {"vaping"}


def test_a_backup_is_a_whole_database(library: Library, feeds: FeedServer, tmp_path: Path) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.run("collect")
    library.run("backup", str(tmp_path / "copy.sqlite3"))
    with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as copy:
        assert copy.execute("select count(*) from records").fetchone() == (3,)
        assert copy.execute("pragma integrity_check").fetchone() == ("ok",)


def test_a_restored_older_database_asks_before_it_publishes_or_sends(
    library: Library, feeds: FeedServer, mailbox: Mailbox, tmp_path: Path
) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.run("collect")
    library.run("backup", str(tmp_path / "copy.sqlite3"))
    library.run("publish", "--now")
    library.run("deliver")
    for left in (library.folder / "data").glob("alerts.sqlite3*"):
        left.unlink()
    (tmp_path / "copy.sqlite3").rename(library.folder / "data" / "alerts.sqlite3")

    refused = library.run("publish", "--now", expect=1)
    assert "T030" in refused.stderr
    assert "delivery resume --restored" in refused.stderr
    library.run("deliver", expect=1)
    assert len(mailbox.messages) == 2, "nothing went out a second time"

    library.run("delivery", "resume", "--restored")
    library.run("publish", "--now")
    assert library.json("deliver")["sent"] == 2


def test_the_switch_stops_all_sending_and_nothing_is_lost(
    library: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.run("collect")
    library.run("publish", "--now")
    library.run("delivery", "stop", "  ", expect=2)
    assert library.run("delivery", "resume", "--restored", "--drop-pending", expect=2).stdout == ""
    library.run("delivery", "stop", "wrong attachment")
    library.run("deliver", expect=None)
    assert not mailbox.messages
    assert library.json("delivery", "list")["stopped"] == "wrong attachment"
    library.run("delivery", "resume")
    assert library.json("deliver")["sent"] == 2
