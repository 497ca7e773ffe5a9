"""Mail into a folder."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.deliver import Accepted, FolderTransport, TransportDown, Withdrawn
from alerts.deliver.folder import file_name
from tests.deliver.memory_outbox import delivery_for, message_for


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def test_a_message_is_one_file_of_the_very_bytes(tmp_path: Path) -> None:
    message = message_for(1)
    answer = await FolderTransport(tmp_path / "mail").send(delivery_for(1, message), message, yes)
    [file] = (tmp_path / "mail").iterdir()
    assert file.read_bytes() == message
    assert answer == Accepted(file.name)


async def test_the_same_message_again_is_the_same_file(tmp_path: Path) -> None:
    message = message_for(1)
    for attempts in (1, 2):
        await FolderTransport(tmp_path).send(replace(delivery_for(1, message), attempts=attempts), message, yes)
    assert len(list(tmp_path.iterdir())) == 1


async def test_two_messages_of_the_same_minute_are_two_files(tmp_path: Path) -> None:
    transport = FolderTransport(tmp_path)
    for number in (1, 2):
        await transport.send(delivery_for(number, message_for(number)), message_for(number), yes)
    assert len(list(tmp_path.iterdir())) == 2


def test_the_name_says_when_and_which_bulletin_and_no_address() -> None:
    message = message_for(1)
    name = file_name(delivery_for(1, message), message)
    assert name.startswith("2026-11-24-0730-public-health-")
    assert name.endswith(".eml")
    assert "reader1" not in name


@pytest.mark.parametrize(
    "head",
    [
        b"Subject: no date\r\n\r\n",
        b"Date: yesterday\r\nList-Id: <../../etc/passwd.example.org>\r\n\r\n",
        b"Date: Fri, 99 Nov 99999 99:99:99 +9999\r\nList-Id: \xff\xfe\r\n\r\n",
        b"",
    ],
)
def test_a_strange_head_still_makes_a_plain_name(head: bytes) -> None:
    name = file_name(delivery_for(1, head), head)
    assert name.endswith(".eml")
    assert not set(name) & set("/\\ <>\0")


async def test_a_withdrawn_message_leaves_nothing_behind(tmp_path: Path) -> None:
    answer = await FolderTransport(tmp_path).send(delivery_for(1, b"x"), b"x", no)
    assert answer == Withdrawn()
    assert list(tmp_path.iterdir()) == []


async def test_the_folder_and_its_mails_are_for_the_service_alone(tmp_path: Path) -> None:
    await FolderTransport(tmp_path / "mail").send(delivery_for(1, b"x"), b"x", yes)
    [file] = (tmp_path / "mail").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700


async def test_a_folder_that_cannot_be_made_holds_all_mail_before_anything_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file is in the way")
    recorded: list[bool] = []

    async def record() -> bool:
        recorded.append(True)
        return True

    with pytest.raises(TransportDown) as raised:
        await FolderTransport(tmp_path / "mail").send(delivery_for(1, b"x"), b"x", record)
    assert raised.value.held
    assert raised.value.code == "D107"
    assert recorded == []


async def test_a_full_disk_holds_all_mail_and_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TransportDown, match="No space left"):
        await FolderTransport(tmp_path).send(delivery_for(1, b"x"), b"x", yes)
    assert list(tmp_path.iterdir()) == []
