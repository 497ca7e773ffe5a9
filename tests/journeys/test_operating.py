"""What befalls an administrator: restored copies, mail servers that are away, processes that die, wrong settings."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import stat
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from alerts.config import load_settings
from alerts.deliver.errors import RelayUnreachable
from alerts.deliver.pace import Pace
from alerts.deliver.transport import Accepted, Answer, BeforeData
from alerts.errors import AlertsError
from alerts.model.deliveries import Delivery
from alerts.pipeline import run as running
from alerts.pipeline.collecting.tools import Tools
from alerts.pipeline.deliver import deliver
from alerts.pipeline.service import SERVING, Service, StageBusy, open_service, stage, take_over
from alerts.store import leases, marker
from alerts.store.errors import DatabaseUnreachable, DiskFull
from alerts.web.pages import PublicPages
from tests.journeys.conftest import Library, Mailbox
from tests.journeys.feed_server import FeedServer, Item, rss

NOW = datetime.now(UTC)
ITEMS = [Item(f"Vaping in town {n}", f"t{n}", published=NOW - timedelta(days=1)) for n in range(3)]


@pytest.fixture
def published(library: Library, feeds: FeedServer) -> Library:
    """The library with one issue that waits to be sent to its two readers."""
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.run("collect")
    library.run("publish", "--now")
    return library


@contextlib.contextmanager
def opened(library: Library) -> Iterator[Service]:
    with open_service(load_settings(library.environment()).settings) as service:
        yield service


def put_back(library: Library, copy: Path) -> None:
    """Restore a copy of the database, as the handbook says."""
    for left in (library.folder / "data").glob("alerts.sqlite3*"):
        left.unlink()
    copy.rename(library.folder / "data" / "alerts.sqlite3")


def message_ids(mailbox: Mailbox) -> list[str]:
    return [str(message["Message-ID"]) for _, message in mailbox.parsed()]


# --- restored copies --------------------------------------------------------------------------------------------------


def test_a_copy_that_holds_what_was_sent_since_as_waiting_is_asked_about(published: Library, mailbox: Mailbox) -> None:
    copy = published.folder / "copy.sqlite3"
    published.run("backup", str(copy))
    assert published.json("deliver")["sent"] == 2
    put_back(published, copy)

    assert "T030" in published.run("deliver", expect=1).stderr
    assert len(mailbox.messages) == 2, "nobody had the issue twice"

    published.run("delivery", "resume", "--drop-pending", expect=2)
    assert "2 messages" in published.run("delivery", "resume", "--restored", "--drop-pending").stdout
    assert published.json("deliver")["sent"] == 0
    assert published.json("delivery", "list")["counts"] == {"stopped": 2}
    assert len(mailbox.messages) == 2


def test_an_issue_made_after_a_restore_is_no_repeat_of_the_one_that_had_its_number(
    library: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.run("collect")
    library.run("backup", str(library.folder / "copy.sqlite3"))
    library.run("publish", "--now")
    library.run("deliver")
    put_back(library, library.folder / "copy.sqlite3")
    library.run("delivery", "resume", "--restored", "--drop-pending")
    assert library.json("publish", "--now")[0]["number"] == 1
    library.run("deliver")
    assert len(set(message_ids(mailbox))) == 4, "a receiver that drops repeats keeps all of them"


async def test_how_far_sending_has_come_is_written_down_before_each_handful(published: Library) -> None:
    with opened(published) as service:
        folder, noted = service.settings.state_folder, []

        class Server(Relay):
            async def send(self, delivery: Delivery, message: bytes, before_data: BeforeData) -> Answer:
                noted.append(marker.read(folder))
                return await super().send(delivery, message, before_data)

        await deliver(service, Server())
        assert noted[0] == marker.Numbers(1, 2, 0)
        assert marker.read(folder) == marker.Numbers(1, 2, 2), "and when the run is over"


def test_a_backup_goes_into_a_folder_and_only_its_owner_may_read_it(published: Library) -> None:
    folder = published.folder / "backups"
    folder.mkdir()
    written = Path(published.json("backup", str(folder))["written"])
    assert written.parent == folder
    assert written.suffix == ".sqlite3"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


# --- a mail server that is away ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def deaf_server() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    held.append(server.accept()[0])

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1]
        for each in held:
            each.close()


def test_mail_that_waits_behind_a_server_that_is_away_is_told_and_is_not_lost(
    published: Library, mailbox: Mailbox
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = str(nobody.getsockname()[1])
    done = published.run("deliver", env={"ALERTS_SMTP_PORT": port}, expect=1)
    assert f"127.0.0.1:{port} cannot be reached" in done.stderr
    assert published.json("deliver", env={"ALERTS_SMTP_PORT": port}, expect=1)["rest_reason"]
    assert published.json("deliver")["sent"] == 2


def test_a_server_that_never_greets_is_given_up_in_the_time_that_is_set(published: Library) -> None:
    with deaf_server() as port:
        began = time.monotonic()
        env = {"ALERTS_SMTP_PORT": str(port), "ALERTS_SMTP_TIMEOUT_S": "1"}
        assert "alerts: mail waits" in published.run("deliver", env=env, expect=1).stderr
        assert time.monotonic() - began < 20


class Relay:
    """A transport whose server is away for as long as `away` is set."""

    name = "smtp"

    def __init__(self) -> None:
        self.pace = Pace(rest_s=0.01)
        self.away = ""

    async def send(self, delivery: Delivery, message: bytes, before_data: BeforeData) -> Answer:
        if self.away:
            raise RelayUnreachable(self.away)
        await before_data()
        return Accepted("250 ok")

    async def close(self) -> None: ...


class Lines:
    """A log that remembers the first words of every line."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __getattr__(self, level: str) -> Any:
        return lambda said, **_: self.lines.append((level, said))


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Lines:
    log = Lines()
    monkeypatch.setattr(running, "log", log)
    return log


async def test_the_service_says_once_that_mail_waits_and_once_that_it_goes_on(published: Library, lines: Lines) -> None:
    with opened(published) as service:
        relay = Relay()
        job = running.Running(service, asyncio.Event(), relay, cast(Tools, None))
        relay.away = "The mail server relay cannot be reached."
        for _ in range(3):
            await job.send()
            health = PublicPages(service).health()
            assert health.status == "degraded"
            assert any("taken nothing since" in each for each in health.warnings)
            assert not any("relay" in each for each in health.warnings), "the page is public"
            await asyncio.sleep(0.1)
        assert lines.lines == [("warning", "mail waits")]
        relay.away = "The mail server relay is busy."
        await job.send()
        assert lines.lines[1:] == [("warning", "mail waits")], "another reason is news"
        relay.away = ""
        await asyncio.sleep(0.2)
        await job.send()
        assert lines.lines[2:] == [("info", "delivered"), ("info", "mail goes on")]
        assert PublicPages(service).health().status == "ok"


async def test_a_server_that_is_left_alone_is_no_news(published: Library, lines: Lines) -> None:
    with opened(published) as service:
        relay = Relay()
        relay.pace = Pace(rest_s=60)
        job = running.Running(service, asyncio.Event(), relay, cast(Tools, None))
        relay.away = "The mail server relay cannot be reached."
        await job.send()
        relay.away = ""
        await job.send()
        assert lines.lines == [("warning", "mail waits")]
        assert service.mail_waits_since is not None


async def test_a_job_that_cannot_be_done_is_told_once_and_on_the_health_page_for_as_long_as_it_lasts(
    library: Library, lines: Lines
) -> None:
    with opened(library) as service:
        job = running.Running(service, asyncio.Event(), Relay(), cast(Tools, None))
        broken: list[type[AlertsError]] = [DiskFull, DiskFull, DiskFull, DatabaseUnreachable]

        async def send() -> None:
            if broken:
                raise broken.pop(0)("It is.")

        await job.once("send", send)
        await job.once("send", send)
        health = PublicPages(service).health()
        assert (health.status, health.warnings) == ("degraded", ("The service cannot send: T007; the log says more.",))
        for _ in range(4):
            await job.once("send", send)
        assert lines.lines == [("error", "send failed"), ("error", "send failed"), ("info", "send goes on")]
        assert PublicPages(service).health().status == "ok"


# --- processes that died ----------------------------------------------------------------------------------------------


def test_a_service_that_starts_takes_the_stages_over_from_the_one_that_was_killed(
    library: Library, feeds: FeedServer
) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    with opened(library) as service:
        at_work = f"{SERVING}killed:1:abc"
        service.store.replay(lambda conn: leases.take(conn, "collect", at_work, service.clock(), 900))
    process = library.start("run", "--no-web", env={"ALERTS_TICK_S": "0.5"})
    end = time.monotonic() + 40
    while not feeds.asked and time.monotonic() < end and process.poll() is None:
        time.sleep(0.1)
    process.terminate()
    _, said = process.communicate(timeout=60)
    assert feeds.asked, said


def test_a_command_that_is_at_work_keeps_its_stage_when_a_service_starts(library: Library) -> None:
    with opened(library) as service, opened(library) as other, stage(service, "collect"):
        other.owner = SERVING + other.owner
        take_over(other)
        with pytest.raises(StageBusy, match="collect"), stage(other, "collect"):
            pass


def test_a_stage_is_held_for_as_long_as_it_takes(library: Library) -> None:
    with opened(library) as service, opened(library) as other:
        with stage(service, "collect", lease_s=0.6, renew_s=0.1):
            time.sleep(1.5)
            with pytest.raises(StageBusy), stage(other, "collect"):
                pass
        with stage(other, "collect"):
            pass


async def test_a_stage_that_another_process_has_is_told_once(library: Library, lines: Lines) -> None:
    with opened(library) as service, opened(library) as other:
        job = running.Running(service, asyncio.Event(), Relay(), cast(Tools, None))
        with stage(other, "publish"):
            for _ in range(3):
                with job._unless_busy("publish"), stage(service, "publish"):
                    pytest.fail("both had it")
        assert lines.lines == [("info", "another process is at it")]


# --- settings that cannot be used -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "env"),
    [
        ("deliver", {"ALERTS_SMTP_HOST": "bad host"}),
        ("deliver", {"ALERTS_MAIL_PRESET": "nhsmail", "ALERTS_SMTP_SESSIONS": "9"}),
        ("collect", {"ALERTS_DATABASE_URL": "sqlite:///"}),
        ("collect", {"ALERTS_CA_BUNDLE": "/nowhere/trust.pem"}),
    ],
)
def test_a_setting_that_is_found_out_late_leaves_with_78_too(
    library: Library, command: str, env: dict[str, str]
) -> None:
    assert library.run(command, env=env, expect=78).stderr.startswith("alerts: ")


def test_a_link_that_nobody_signed_costs_no_transaction(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(library) as service:
        pages = PublicPages(service)
        monkeypatch.setattr(type(service.store), "replay", lambda *_: pytest.fail("the database was asked"))
        assert not pages.leave("0000002n001AbCdEfGhIjKlMnOpQrStUg")
