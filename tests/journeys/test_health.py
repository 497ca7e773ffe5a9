"""Health of sources, as a librarian and an administrator meet it: told once when it begins, once when it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.feed_server import FeedServer, Item, rss
from tests.journeys.in_process import InProcess

if TYPE_CHECKING:
    from tests.journeys.conftest import Library, Mailbox

NOW = datetime.now(UTC)
ITEMS = [Item(f"Vaping in town {n}", f"t{n}", published=NOW - timedelta(days=1)) for n in range(3)]


@pytest.fixture
def library(library: Library) -> InProcess:
    """The small library, whose commands run in this process."""
    return InProcess(library.folder, library.env)


@pytest.fixture
def owned(library: Library, feeds: FeedServer) -> Library:
    """The library, whose service has an owner; its journal has been read once."""
    library.write(
        "config/service.yaml",
        "name: Anytown library alerts\ncontact: Library <library@example.nhs.uk>\nowner: Pat <pat@example.nhs.uk>\n",
    )
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.run("collect", "--all")
    return library


def collect(library: Library, times: int = 1, expect: int | None = None) -> None:
    for _ in range(times):
        library.run("collect", "--all", expect=expect)


def to_staff(library: Library, mailbox: Mailbox) -> list[tuple[str, EmailMessage]]:
    """Send what is queued and return what has come for the staff so far."""
    library.run("deliver")
    return [each for each in mailbox.parsed() if each[0] in ("pat@example.nhs.uk", "sam@example.nhs.uk")]


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return " ".join(str(part.get_content()).split())


def one(library: Library, *arguments: str) -> dict[str, Any]:
    (found,) = library.json("sources", *arguments)["sources"]
    return dict(found)


def test_a_source_that_breaks_is_told_once_and_so_is_its_recovery(
    owned: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    feeds.broken["/journal.xml"] = 404
    collect(owned, times=3)
    ((address, mail),) = to_staff(owned, mailbox)
    assert address == "pat@example.nhs.uk"
    assert mail["Subject"] == "Journal of Examples cannot be read"
    said = text_of(mail)
    assert "127.0.0.1 has nothing at this address." in said, "the librarian's sentence"
    assert "Find the source's new feed address" in said, "what to do"
    assert "F404 HTTP status 404" in said, "the administrator's cause"
    row = one(owned, "journal")
    assert (row["state"], row["troubles"][0]["cause"], row["failures"]) == ("failing", "HTTP status 404", 3)

    del feeds.broken["/journal.xml"]
    collect(owned, times=2)
    mails = to_staff(owned, mailbox)
    assert [each["Subject"] for _, each in mails] == [mail["Subject"], "Journal of Examples works again"]
    row = one(owned, "journal")
    assert row["state"] == "works"
    assert [(each["kind"], each["ended_at"] is not None) for each in row["history"]] == [("failing", True)]


@pytest.mark.thorough
def test_nobody_is_written_to_about_a_hiccup_that_is_over_at_the_next_poll(
    owned: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    feeds.broken["/journal.xml"] = 503
    collect(owned)
    assert one(owned, "journal")["state"] == "failing", "the table shows it at once"
    assert to_staff(owned, mailbox) == []
    collect(owned)
    assert len(to_staff(owned, mailbox)) == 1, "two polls in a row are no hiccup"
    del feeds.broken["/journal.xml"]
    collect(owned)
    feeds.broken["/journal.xml"] = 503
    collect(owned)
    del feeds.broken["/journal.xml"]
    collect(owned)
    assert len(to_staff(owned, mailbox)) == 2


@pytest.mark.thorough
def test_without_an_owner_there_is_no_mail_but_the_log_and_the_table(
    library: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    feeds.broken["/journal.xml"] = 404
    logged = library.run("collect", "--all", expect=1).stderr
    assert '"event": "source failing"' in logged
    assert '"source failing"' not in library.run("collect", "--all", expect=1).stderr, "said when it begins"
    library.run("deliver")
    assert mailbox.messages == []
    assert "failing" in library.run("sources").stdout


@pytest.mark.thorough
def test_a_sources_own_owner_is_told_instead_of_the_services(
    owned: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    journals = owned.folder / "config/sources/journals.yaml"
    journals.write_text(journals.read_text() + "    owner: Sam <sam@example.nhs.uk>\n")
    feeds.broken["/journal.xml"] = 404
    collect(owned)
    assert [address for address, _ in to_staff(owned, mailbox)] == ["sam@example.nhs.uk"]


@pytest.mark.thorough
def test_many_that_fail_at_once_are_one_word_about_the_network(
    owned: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    more = "".join(
        f"  - {{id: other-{n}, title: Other {n}, type: news, address: 'http://127.0.0.{n}:9/feed.xml'}}\n"
        for n in range(2, 8)
    )
    owned.write("config/sources/more.yaml", f"sources:\n{more}")
    owned.env["ALERTS_ALLOW_PORTS"] += ",9"
    collect(owned, times=2)
    ((_, mail),) = to_staff(owned, mailbox)
    assert mail["Subject"] == "Most sources cannot be reached"
    assert "6 of 7 sources, on 6 hosts" in text_of(mail)
    assert "Other" not in text_of(mail)
    assert "the network or the proxy" in owned.run("sources").stdout.splitlines()[0]

    owned.write("config/sources/more.yaml", "sources:\n" + more.splitlines()[0] + "\n")
    collect(owned, times=2)
    subjects = [str(each["Subject"]) for _, each in to_staff(owned, mailbox)]
    assert sorted(subjects) == [
        "Most sources can be reached again", "Most sources cannot be reached", "Other 2 cannot be read",
    ], "what still fails when the network is back is the source's own"  # fmt: skip


def test_a_flood_is_held_told_once_and_ends_when_the_librarian_releases_it(
    owned: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    many = [Item(f"Vaping study {n}", f"m{n}", published=NOW) for n in range(250)]
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", [*ITEMS, *many])
    collect(owned, times=2)
    ((_, mail),) = to_staff(owned, mailbox)
    assert "250 new items at once" in text_of(mail)
    assert "alerts source release journal" in text_of(mail)
    assert (one(owned, "journal")["state"], one(owned, "journal")["held"]) == ("held", 250)
    assert owned.json("publish", "--now", "--dry-run")[0]["items"] == 3, "what is held is in no issue"

    owned.run("source", "release", "journal")
    assert one(owned, "journal")["state"] == "works"
    collect(owned)
    assert [str(each["Subject"]) for _, each in to_staff(owned, mailbox)] == [
        "Journal of Examples is held", "Journal of Examples holds nothing any more",
    ]  # fmt: skip
    assert owned.json("publish", "--now", "--dry-run")[0]["items"] > 3


def test_silence_is_told_when_it_is_unusual_and_ends_when_something_comes(
    owned: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    daily = [Item(f"Vaping on day {n}", f"d{n}", published=NOW - timedelta(days=n)) for n in range(2, 25)]
    feeds.bodies["/daily.xml"] = rss("Daily news", daily)
    owned.write(
        "config/sources/daily.yaml",
        f"sources:\n  - {{id: daily, title: Daily news, type: news, address: '{feeds.address('/daily.xml')}'}}\n",
    )
    collect(owned)
    assert one(owned, "daily")["state"] == "works"
    assert one(owned, "daily")["rhythm"]["every_days"] == 1

    owned.env["ALERTS_CLOCK"] = (NOW + timedelta(days=120)).strftime("%Y-%m-%dT%H:%M:%SZ")
    collect(owned, times=2)
    row = one(owned, "daily")
    assert row["state"] == "quiet"
    assert "Usually something every day; nothing for 122 days" in row["troubles"][0]["message"]
    assert one(owned, "journal")["state"] == "works", "of three items on one day nothing can be learnt"
    feeds.bodies["/daily.xml"] = rss("Daily news", [Item("Vaping again", "again"), *daily])
    collect(owned, times=2)
    assert one(owned, "daily")["state"] == "works"
    owned.run("deliver")
    subjects = [str(each["Subject"]) for _, each in mailbox.parsed()]
    assert sorted(subjects) == ["Daily news has something new again", "Daily news is quieter than usual"]


@pytest.mark.thorough
def test_a_source_that_lists_nothing_any_more_is_degraded_until_it_does(
    owned: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", [])
    collect(owned)
    feeds.bodies["/journal.xml"] = rss("Journal of Examples, still empty", [])
    collect(owned)
    row = one(owned, "journal")
    assert row["state"] == "degraded"
    assert "the last time it listed 3 items" in row["troubles"][0]["message"]
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    collect(owned)
    assert len(to_staff(owned, mailbox)) == 2


def test_the_table_has_troubles_first_and_says_what_to_do(owned: Library, feeds: FeedServer) -> None:
    owned.write(
        "config/sources/more.yaml",
        "sources:\n"
        f"  - {{id: zz-broken, title: Broken, type: news, address: '{feeds.address('/none.xml')}'}}\n"
        f"  - {{id: off, title: Off, type: news, enabled: false, address: '{feeds.address('/off.xml')}'}}\n",
    )
    collect(owned)
    lines = owned.run("sources").stdout.splitlines()
    assert [line.split()[0] for line in lines if line and line[0].islower()] == [
        "state",
        "failing",
        "works",
        "switched",
    ]
    assert "has nothing at this address. (F404) Find the source's new feed address" in lines[2]
    assert lines[-1] == "3 sources: 1 work, 1 failing, 1 switched off."
    assert "Nothing" not in owned.run("sources", "--trouble").stdout
    wrong = owned.run("sources", "jurnal", expect=2).stderr
    assert "Did you mean “journal”?" in wrong


@pytest.mark.thorough
def test_last_change_and_last_new_item_are_told_apart_from_a_feed_that_only_renews_its_date(
    owned: Library, feeds: FeedServer
) -> None:
    first = one(owned, "journal")
    feeds.bodies["/journal.xml"] = rss("Journal of Examples, built anew", ITEMS)
    collect(owned)
    second = one(owned, "journal")
    assert second["last_success_at"] > first["last_success_at"]
    assert (second["last_change_at"], second["last_new_at"]) == (first["last_change_at"], first["last_new_at"])
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", [*ITEMS, Item("Vaping in the country", "t9")])
    collect(owned)
    assert one(owned, "journal")["last_new_at"] > second["last_success_at"]
