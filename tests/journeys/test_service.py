"""`alerts run`: the whole service as one process, on a clock that the journey sets."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.conftest import Library, Mailbox
from tests.journeys.feed_server import FeedServer, Item, rss

NOW = datetime.now(UTC)
ITEMS = [Item(f"Vaping in town {n}", f"t{n}", published=NOW - timedelta(days=1)) for n in range(3)]


def working_day() -> datetime:
    """Return 07:29:55 in London, on a working day soon: five seconds before the bulletin is due."""
    import holidays

    closed = holidays.country_holidays("GB", subdiv="ENG")
    days = (NOW + timedelta(days=n) for n in range(1, 14))
    day = next(each for each in days if each.weekday() in (1, 2, 3) and each.date() not in closed)
    return datetime(day.year, day.month, day.day, 7, 29, 55, tzinfo=ZoneInfo("Europe/London"))


def until(done: Callable[[], bool], what: str, service: subprocess.Popen[str], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not done():
        if service.poll() is not None or time.monotonic() > end:
            service.kill()
            pytest.fail(f"{what} did not happen: {service.communicate()[1]}")
        time.sleep(0.1)


@contextmanager
def running(library: Library, clock: datetime) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {"ALERTS_CLOCK": clock.isoformat(), "ALERTS_TICK_S": "1", "ALERTS_WEB_PORT": str(port)}
    service = library.start("run", env=env)
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(address), "serving", service)
        yield service, address
    finally:
        service.send_signal(signal.SIGTERM)
        _, said = service.communicate(timeout=60)
    assert service.returncode == 0, said
    assert "Traceback" not in said, said


def answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def get(address: str) -> str:
    with urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


def post(address: str, body: bytes) -> int:
    request = Request(address, data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    with urlopen(request, timeout=10) as answer:
        return int(answer.status)


def test_a_bulletin_goes_out_when_it_is_due_and_a_reader_leaves_with_one_click(
    library: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    morning = working_day()
    library.run("collect", env={"ALERTS_CLOCK": (morning - timedelta(minutes=29)).isoformat()})
    with running(library, morning) as (service, address):
        until(lambda: len(mailbox.messages) >= 2, "the morning's mail", service)

        page = get(f"{address}/bulletins/update/1")
        assert "<mark>Vaping</mark> in town 0" in page, "the page marks what matched"
        assert "example.nhs.uk/leave" not in page, "archive pages carry no person"

        to_ann = next(message for reader, message in mailbox.parsed() if reader.startswith("ann@"))
        assert to_ann["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        links = re.findall(r"<(https://[^>]+)>", str(to_ann["List-Unsubscribe"]))
        leave = address + links[0].removeprefix("https://alerts.example.nhs.uk")
        assert "a…@example.nhs.uk" in get(leave), "the page behind the link masks the address"
        assert not confirmations(mailbox), "a GET changes nothing"
        assert post(leave, b"List-Unsubscribe=One-Click") == 200
        assert post(leave, b"List-Unsubscribe=One-Click") == 200, "the same again is harmless"
        until(lambda: len(confirmations(mailbox)) == 1, "the confirmation", service)

        with pytest.raises(HTTPError, match="404"):
            get(f"{address}/bulletins/update/99")
    before = len(mailbox.messages)
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", [*ITEMS, Item("Vaping and sleep", "t9")])
    library.run("collect", "--all")
    library.run("publish", "--now")
    library.run("deliver")
    assert [reader for reader, _ in mailbox.messages[before:]] == ["bob@example.nhs.uk"]


def confirmations(mailbox: Mailbox) -> list[str]:
    return [reader for reader, message in mailbox.parsed() if "left" in str(message["Subject"]).lower()]


def test_only_one_service_runs_on_one_sqlite_database(library: Library, feeds: FeedServer) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    with running(library, NOW):
        second = library.run("run", "--no-web", expect=1)
    assert "running already" in second.stderr


def test_a_service_told_to_stop_while_it_collects_leaves_cleanly_and_loses_nothing(
    library: Library, feeds: FeedServer
) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    for wait_s in (0.05, 0.5, 1.0):
        service = library.start("run", "--no-web", env={"ALERTS_TICK_S": "1"})
        time.sleep(0.8 + wait_s)
        service.send_signal(signal.SIGTERM)
        _, said = service.communicate(timeout=60)
        assert service.returncode in (0, -signal.SIGTERM), said
        assert "Traceback" not in said, said
    library.run("collect", "--all")
    assert library.json("publish", "--now")[0]["items"] == 3


def test_a_message_in_flight_is_finished_when_the_service_is_told_to_stop(
    library: Library, feeds: FeedServer, mailbox: Mailbox
) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    library.run("collect")
    library.run("publish", "--now")
    mailbox.slow_s = 1.5
    service = library.start("run", "--no-web", env={"ALERTS_TICK_S": "1", "ALERTS_SMTP_SESSIONS": "1"})
    until(lambda: mailbox.begun == 1, "the first message", service)
    service.send_signal(signal.SIGTERM)
    _, said = service.communicate(timeout=60)
    assert service.returncode == 0, said
    states = library.json("delivery", "list")["counts"]
    assert states.get("in_data", 0) == states.get("claimed", 0) == 0, states
    mailbox.slow_s = 0
    later = (datetime.now(UTC) + timedelta(minutes=31)).isoformat()
    library.run("deliver", env={"ALERTS_CLOCK": later})
    assert sorted(reader for reader, _ in mailbox.messages) == ["ann@example.nhs.uk", "bob@example.nhs.uk"]
