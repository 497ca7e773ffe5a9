"""A real mail server takes what is sent: Debian’s postfix on loopback, where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.store import Store, deliveries
from benchmarks import mailing
from tests.deliver import postfix
from tests.deliver.postfix import NoPostfix, Postfix, recorded, send, shortened

READERS = 100


@pytest.fixture(scope="module")
def server() -> Iterator[Postfix]:
    try:
        with postfix.running() as running:
            yield running
    except NoPostfix as missing:
        pytest.skip(str(missing))


@pytest.fixture
def waiting(sqlite_store: Store) -> Store:
    """A store with an issue to a hundred readers."""
    mailing.publish(sqlite_store, mailing.draw(2), READERS)
    return sqlite_store


def everybody() -> set[str]:
    return {mailing.address_of(nth) for nth in range(READERS)}


async def test_postfix_takes_a_hundred_messages_on_one_connection_command_by_command(
    server: Postfix, waiting: Store
) -> None:
    server.forget()
    sent, recorder = await recorded(waiting, server)
    assert sent == READERS
    assert recorder.connections == 1
    assert server.delivered(READERS) == everybody()
    lines = shortened(recorder.said, READERS)
    assert lines.count("C: DATA") == 3
    assert lines[-2:] == ["C: QUIT", "S: 221 2.0.0 Bye"]
    with waiting.read() as conn:
        assert deliveries.counts(conn) == {"sent": READERS}
        one = deliveries.listing(conn, limit=1)[0]
        assert "queued as" in deliveries.attempts(conn, one.id)[0].words


async def test_postfix_takes_a_hundred_messages_over_verified_starttls(server: Postfix, waiting: Store) -> None:
    server.forget()
    assert await send(waiting, server.port, tls=True) == READERS
    assert server.delivered(READERS) == everybody()


def test_where_postfix_is_missing_the_reason_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(NoPostfix, match="not installed"), postfix.running():
        pass
