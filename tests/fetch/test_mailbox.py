"""Newsletters out of a mailbox or a folder: what is read, what is remembered, what is told, and what is left alone."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from alerts.errors import AlertsError
from alerts.fetch import Fetcher, FetchSettings, ParserPool, kinds
from alerts.fetch.kinds import Answer
from alerts.fetch.mail import folder as folders
from alerts.fetch.memory.letters import Memory
from alerts.model.sources import Letters, Source, SourceState
from tests.fetch.imap_server import TRUSTED, ImapServer
from tests.newsletters import item, letter

A = item("Stopping smoking in pregnancy: a review", "https://fund.example.org/a")
B = item("Vaping on hospital wards: new guidance", "https://fund.example.org/b")


@pytest.fixture
def box() -> Iterator[ImapServer]:
    with ImapServer() as made:
        yield made


@pytest.fixture(scope="module")
def parsers() -> Iterator[ParserPool]:
    with ParserPool(1) as made:
        yield made


class Desk:
    """One source, read again and again, its memory kept as the pipeline keeps it."""

    def __init__(self, fetcher: Fetcher, parsers: ParserPool, source: Source) -> None:
        self.fetcher, self.parsers, self.source = fetcher, parsers, source
        self.state = SourceState(source.id)

    async def poll(self) -> Answer:
        answer = await kinds.reader("mailbox", self.fetcher, self.parsers).read(self.source, self.state)
        kept = self.state.memory if answer.memory is None else answer.memory
        self.state = self.state._replace(memory=kept, last_success_at=datetime.now(UTC))
        return answer

    async def titles(self) -> list[str]:
        answer = await self.poll()
        return [each.title for each in answer.parsed.entries] if answer.parsed else []


def settings(box: ImapServer, tmp_path: Path, **changes: Any) -> FetchSettings:
    known = {f"{box.user}@localhost": box.password}
    usual = {
        "mailboxes": MappingProxyType(known), "read_timeout_s": 2.0, "total_timeout_s": 4.0, "ca_bundle": TRUSTED,
    }  # fmt: skip
    return FetchSettings(allow_loopback=True, host_pause_s=0, letters_dir=tmp_path, **{**usual, **changes})


def source(box: ImapServer, folder: str = "INBOX", **letters: Any) -> Source:
    address = f"imaps://{box.user}@localhost:{box.port}/{folder}"
    return Source("fund", "Example Fund", address, kind="mailbox", letters=Letters(**letters))


@pytest.fixture
async def desk(box: ImapServer, tmp_path: Path, parsers: ParserPool) -> AsyncIterator[Desk]:
    async with Fetcher(settings(box, tmp_path)) as fetcher:
        yield Desk(fetcher, parsers, source(box))


async def refused(desk: Desk) -> AlertsError:
    with pytest.raises(AlertsError) as told:
        await desk.poll()
    return told.value


async def test_each_linked_item_of_a_letter_is_an_entry_and_is_read_once(box: ImapServer, desk: Desk) -> None:
    box.add(letter(A, B))
    answer = await desk.poll()
    assert answer.parsed is not None
    assert [(each.title, each.link) for each in answer.parsed.entries] == [
        ("Stopping smoking in pregnancy: a review", "https://fund.example.org/a"),
        ("Vaping on hospital wards: new guidance", "https://fund.example.org/b"),
    ]
    assert answer.parsed.title == "Example Fund"
    assert (await desk.poll()).parsed is None
    box.add(letter(item("Nicotine pouches: what we know", "https://fund.example.org/c"), subject="Second"))
    assert await desk.titles() == ["Nicotine pouches: what we know"]


async def test_nothing_is_marked_moved_or_deleted_and_the_folder_is_opened_to_be_read_only(
    box: ImapServer, desk: Desk
) -> None:
    stored = box.add(letter(A))
    await desk.poll()
    assert stored.flags == set()
    assert {each.split()[0] for each in box.said} == {"CAPABILITY", "LOGIN", "EXAMINE", "UID", "LOGOUT"}
    assert {each.split()[1] for each in box.said if each.startswith("UID")} == {"SEARCH", "FETCH"}


async def test_letters_that_gave_items_are_marked_as_read_where_the_librarian_asks_for_it(
    box: ImapServer, desk: Desk
) -> None:
    good, other = box.add(letter(A)), box.add(letter(html="<p>Nothing here</p>", subject="Note"))
    desk.source = source(box, mark_read=True)
    await desk.poll()
    assert (good.flags, other.flags) == ({"(\\Seen)"}, set())


async def test_one_mailbox_feeds_several_sources_by_sender_list_and_subject(box: ImapServer, desk: Desk) -> None:
    box.add(letter(A, sender="Fund <news@mail.fund.example.org>"))
    box.add(letter(B, sender="Council <bulletin@council.example.net>", list_id="<x.council>", subject="Health news"))
    chosen: list[tuple[dict[str, Any], list[str]]] = [
        ({"senders": ("fund.example.org",)}, ["Stopping smoking in pregnancy: a review"]),
        ({"senders": ("bulletin@council.example.net",)}, ["Vaping on hospital wards: new guidance"]),
        ({"list_id": "x.council"}, ["Vaping on hospital wards: new guidance"]),
        ({"subject": "weekly"}, ["Stopping smoking in pregnancy: a review"]),
        ({"senders": ("council.example.net",), "subject": "weekly"}, []),
    ]
    for wanted, titles in chosen:
        desk.source, desk.state = source(box, **wanted), SourceState("fund")
        assert await desk.titles() == titles, wanted


async def test_a_mailbox_that_counts_its_letters_anew_is_read_again_and_gives_the_same_names(
    box: ImapServer, desk: Desk
) -> None:
    box.add(letter(A))
    first = await desk.poll()
    box.renumber()
    box.add(letter(B, subject="Second"))
    again = await desk.poll()
    assert first.parsed is not None
    assert again.parsed is not None
    assert [each.link for each in again.parsed.entries] == ["https://fund.example.org/a", "https://fund.example.org/b"]
    assert again.parsed.entries[0].key == first.parsed.entries[0].key, "so it is no news"
    assert (await desk.poll()).parsed is None


async def test_more_letters_than_a_poll_takes_are_gone_on_with_and_said(
    box: ImapServer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.fetch.mail.server.MOST_LETTERS", 2)
    for nth in range(5):
        link = f"https://fund.example.org/{nth}"
        box.add(letter(item(f"Report about topic number {nth}", link), subject=f"No. {nth}"))
    answer = await desk.poll()
    assert answer.parsed is not None
    assert [each.code for each in answer.parsed.problems] == ["P154"]
    found = [each.title for each in answer.parsed.entries] + await desk.titles() + await desk.titles()
    assert found == [f"Report about topic number {nth}" for nth in range(5)]


async def test_a_letter_without_items_is_a_failure_and_is_named_until_one_with_items_comes(
    box: ImapServer, desk: Desk
) -> None:
    box.add(
        letter(html="<p>The office is closed on Monday.</p>", subject="Office", day=datetime(2099, 1, 5, tzinfo=UTC))
    )
    failure = await refused(desk)
    assert failure.code == "F652"
    assert "“Office” of 5 January 2099" in failure.sentence
    assert (await refused(desk)).code == "F652", "it is not forgotten"
    box.add(letter(A, subject="Second"))
    answer = await desk.poll()
    assert answer.parsed is not None
    assert [each.title for each in answer.parsed.entries] == ["Stopping smoking in pregnancy: a review"]
    assert [(each.code, each.severity) for each in answer.parsed.problems] == [("P150", "error")]


async def test_a_letter_that_cannot_be_read_costs_only_itself(box: ImapServer, desk: Desk) -> None:
    sealed = b"From: news@fund.example.org\r\nSubject: Sealed\r\nContent-Type: application/pkcs7-mime\r\n\r\nMIIB\r\n"
    box.add(sealed)
    box.add(letter(A))
    answer = await desk.poll()
    assert answer.parsed is not None
    assert len(answer.parsed.entries) == 1
    (said,) = answer.parsed.problems
    assert (said.code, "“Sealed”" in said.message, "S/MIME" in said.message) == ("P152", True, True)


async def test_what_stands_in_letter_after_letter_is_left_out_and_said(box: ImapServer, desk: Desk) -> None:
    advert = item("Come to our training programme this year", "https://fund.example.org/training")
    for nth in range(4):
        link = f"https://fund.example.org/{nth}"
        box.add(letter(advert, item(f"Report about topic number {nth}", link), subject=f"No. {nth}"))
    answer = await desk.poll()
    assert answer.parsed is not None
    assert [each.title for each in answer.parsed.entries] == [f"Report about topic number {nth}" for nth in range(4)]
    assert ["training programme" in each.message for each in answer.parsed.problems] == [True]
    box.add(letter(advert, B, subject="No. 5"))
    assert await desk.titles() == ["Vaping on hospital wards: new guidance"], "remembered from poll to poll"


async def test_an_item_in_two_letters_is_no_boilerplate(box: ImapServer, desk: Desk) -> None:
    for nth in range(6):
        again = [A] if nth in (1, 3) else []
        fresh = item(f"Report about topic number {nth}", f"https://fund.example.org/{nth}")
        box.add(letter(*again, fresh, subject=f"No. {nth}"))
    assert "Stopping smoking in pregnancy: a review" in await desk.titles()


async def test_a_mailbox_without_a_letter_of_the_source_is_said_once(box: ImapServer, desk: Desk) -> None:
    box.add(letter(A, sender="Somebody <x@else.example.org>"))
    desk.source = source(box, senders=("fund.example.org",))
    answer = await desk.poll()
    assert answer.parsed is not None
    assert [(each.code, each.severity) for each in answer.parsed.problems] == [("P151", "warning")]
    assert (await desk.poll()).parsed is None


async def test_a_server_that_names_the_number_behind_the_letter_is_understood(box: ImapServer, desk: Desk) -> None:
    box.uid_behind = True
    box.add(letter(A))
    box.add(letter(B, subject="Second"))
    assert len(await desk.titles()) == 2


async def test_a_wrong_password_is_told_without_user_and_password(box: ImapServer, desk: Desk) -> None:
    box.password = "another"
    failure = await refused(desk)
    assert failure.code == "F650"
    told = f"{failure.sentence} {failure.cause}"
    assert "pass word" not in told
    assert box.user not in told


async def test_a_mailbox_that_the_settings_do_not_name_is_not_asked(box: ImapServer, desk: Desk) -> None:
    desk.source = replace(desk.source, address=f"imaps://somebody@localhost:{box.port}/INBOX")
    assert (await refused(desk)).code == "F653"
    assert box.said == []


async def test_a_password_goes_only_to_the_host_that_it_was_given_for(box: ImapServer, desk: Desk) -> None:
    desk.source = replace(desk.source, address=f"imaps://{box.user}@127.0.0.1:{box.port}/INBOX")
    assert (await refused(desk)).code == "F653"
    assert box.said == []


async def test_a_mailbox_is_entered_by_oauth_where_the_settings_say_so(
    box: ImapServer, tmp_path: Path, parsers: ParserPool
) -> None:
    async def token() -> str:
        return "t0ken"

    box.token = "t0ken"
    box.add(letter(A))
    known = MappingProxyType({f"{box.user}@localhost": "oauth"})
    async with Fetcher(settings(box, tmp_path, mailboxes=known, token=token)) as fetcher:
        assert len(await Desk(fetcher, parsers, source(box)).titles()) == 1
        assert not [each for each in box.said if each.startswith("LOGIN")]
    async with Fetcher(settings(box, tmp_path, mailboxes=known)) as fetcher:
        assert (await refused(Desk(fetcher, parsers, source(box)))).code == "F653"


async def test_a_folder_that_is_not_there_is_named(box: ImapServer, desk: Desk) -> None:
    desk.source = source(box, "Old%20news")
    failure = await refused(desk)
    assert (failure.code, "Old news" in failure.sentence) == ("F651", True)


async def test_a_folder_with_letters_beyond_ascii_is_asked_for_as_imap_writes_it(box: ImapServer, desk: Desk) -> None:
    box.folder = '"R&AOk-sum&AOk-s &- more"'
    box.add(letter(A))
    desk.source = source(box, "R%C3%A9sum%C3%A9s%20%26%20more")
    assert len(await desk.titles()) == 1


@pytest.mark.parametrize(
    ("what", "code"), [("web page", "F654"), ("bomb", "F654"), ("silent", "F021"), ("drips", "F022")]
)
async def test_a_server_that_is_no_mailbox_or_never_ends_is_cut_off_and_told(
    box: ImapServer, tmp_path: Path, parsers: ParserPool, what: str, code: str
) -> None:
    box.broken = what
    box.add(letter(A))
    async with Fetcher(settings(box, tmp_path, read_timeout_s=0.5, total_timeout_s=0.2)) as fetcher:
        assert (await refused(Desk(fetcher, parsers, source(box)))).code == code


async def test_a_server_that_cannot_prove_who_it_is_gets_no_password(
    box: ImapServer, tmp_path: Path, parsers: ParserPool
) -> None:
    async with Fetcher(settings(box, tmp_path, ca_bundle=None)) as fetcher:
        assert (await refused(Desk(fetcher, parsers, source(box)))).code == "F012"
    assert box.said == []


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("imaps://u@localhost/INBOX", "F002"),
        ("imaps://u@10.1.2.3/INBOX", "F002"),
        ("imaps://u@169.254.169.254/INBOX", "F002"),
        ("imaps://u@2130706433/INBOX", "F002"),
        ("imaps://u@mail.example.org:25/INBOX", "F003"),
    ],
)
async def test_mailboxes_pass_the_address_guard_as_web_addresses_do(
    tmp_path: Path, parsers: ParserPool, address: str, code: str
) -> None:
    host = address.split("@")[1].split("/")[0].split(":")[0]
    guarded = FetchSettings(mailboxes=MappingProxyType({f"u@{host}": "x"}), letters_dir=tmp_path)
    async with Fetcher(guarded) as fetcher:
        desk = Desk(fetcher, parsers, Source("s", "S", address, kind="mailbox"))
        assert (await refused(desk)).code == code


@pytest.mark.parametrize(
    "memory",
    [
        "nonsense", "[]", '{"uid": "x", "letters": [1]}', '{"letters": {"a": {"b": 1}}}', "[" * 5000,
        '{"validity": -1, "uid": true, "files": "abc", "since": "never"}',
    ],
)  # fmt: skip
def test_whatever_is_found_in_the_memory_is_taken_with_care(memory: str) -> None:
    assert Memory.read(memory).letters in ({}, {"a": frozenset()})

    assert json.loads(Memory.read(memory).text()) in ({}, {"letters": {"a": []}})


def in_folder(tmp_path: Path, **letters: Any) -> Source:
    (tmp_path / "newsletters").mkdir(exist_ok=True)
    return Source("fund", "Example Fund", "folder:newsletters", kind="mailbox", letters=Letters(**letters))


async def test_letters_in_a_folder_are_read_once_and_left_as_they_are(desk: Desk, tmp_path: Path) -> None:
    desk.source = in_folder(tmp_path)
    folder = tmp_path / "newsletters"
    (folder / "one.eml").write_bytes(letter(A))
    (folder / "notes.txt").write_text("https://fund.example.org/z is not a letter")
    assert await desk.titles() == ["Stopping smoking in pregnancy: a review"]
    (folder / "two.eml").write_bytes(letter(B, subject="Second", day=datetime.now(UTC) - timedelta(days=3)))
    assert await desk.titles() == ["Vaping on hospital wards: new guidance"]
    assert (await desk.poll()).parsed is None
    assert sorted(each.name for each in folder.iterdir()) == ["notes.txt", "one.eml", "two.eml"]


async def test_letters_older_than_the_first_run_reaches_are_not_read(desk: Desk, tmp_path: Path) -> None:
    desk.source = in_folder(tmp_path)
    folder = tmp_path / "newsletters"
    (folder / "old.eml").write_bytes(letter(A, day=datetime.now(UTC) - timedelta(days=200)))
    (folder / "new.eml").write_bytes(letter(B))
    assert await desk.titles() == ["Vaping on hospital wards: new guidance"]
    assert (await desk.poll()).parsed is None


async def test_a_maildir_is_read_and_a_letter_that_was_opened_meanwhile_is_the_same(desk: Desk, tmp_path: Path) -> None:
    desk.source = in_folder(tmp_path)
    folder = tmp_path / "newsletters"
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir()
    (folder / "new" / "1700000000.M1.host").write_bytes(letter(A))
    assert len(await desk.titles()) == 1
    (folder / "new" / "1700000000.M1.host").rename(folder / "cur" / "1700000000.M1.host:2,S")
    assert (await desk.poll()).parsed is None


async def test_only_plain_files_are_opened(desk: Desk, tmp_path: Path) -> None:
    desk.source = in_folder(tmp_path)
    folder = tmp_path / "newsletters"
    (tmp_path / "secret").write_bytes(letter(A))
    (folder / "link.eml").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "pipe.eml")
    (folder / "folder.eml").mkdir()
    (folder / "real.eml").write_bytes(letter(B))
    assert await desk.titles() == ["Vaping on hospital wards: new guidance"]


async def test_a_folder_that_is_not_in_the_data_folder_is_told(desk: Desk) -> None:
    desk.source = replace(desk.source, address="folder:newsletters")
    failure = await refused(desk)
    assert (failure.code, "newsletters" in failure.sentence) == ("F651", True)


async def test_a_folder_of_too_many_letters_says_that_the_oldest_are_not_looked_at(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "MOST_FILES", 2)
    desk.source = in_folder(tmp_path)
    for nth in range(4):
        link = f"https://fund.example.org/{nth}"
        file = tmp_path / "newsletters" / f"{nth}.eml"
        file.write_bytes(letter(item(f"Report about topic number {nth}", link), subject=f"No. {nth}"))
        os.utime(file, (1_700_000_000 + nth, 1_700_000_000 + nth))
    answer = await desk.poll()
    assert answer.parsed is not None
    assert [each.title for each in answer.parsed.entries] == [
        "Report about topic number 2",
        "Report about topic number 3",
    ]
    assert [each.code for each in answer.parsed.problems] == ["P157"]
