"""A test mail goes the way of mail in earnest, uses nothing up, and tells what the mail server said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from alerts.deliver import tokens
from alerts.model.addresses import BadAddress
from alerts.pipeline.deliver import mail_folder
from alerts.pipeline.send_test import NoSuchIssue, SendingStopped, send_test
from alerts.pipeline.service import NoSuchBulletin, Service
from alerts.store import Store, deliveries, issues
from alerts.web.pages import PublicPages
from tests.journeys.conftest import OnAnyPort
from tests.pipeline.one_bulletin import TUESDAYS, Library, local

LOOPBACK = {"SMTP_HOST": "127.0.0.1", "SMTP_TLS": "none", "MAIL_PRESET": "relay"}


class Server:
    """A mail server on loopback that takes what is for `example.org`, and refuses the rest."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.port = 0

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, to: str, _options: Any) -> str:
        if not to.endswith("@example.org"):
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(to)
        return "250 ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        return "250 2.0.0 queued as 4711"


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    controller = OnAnyPort(made, hostname="127.0.0.1", port=0)
    controller.start()
    made.port = controller.port
    yield made
    controller.stop()


@pytest.fixture
def library(sqlite_store: Store, tmp_path: Path) -> Library:
    made = Library(sqlite_store, tmp_path)
    made.schedule(TUESDAYS)
    return made


@pytest.fixture
def service(library: Library, server: Server) -> Service:
    away = {"PUBLIC_ADDRESS": "https://alerts.example.org", "SMTP_PORT": str(server.port)}
    return library.process({**LOOPBACK, **away})


def test_the_mail_is_marked_and_the_servers_words_are_told(service: Service, server: Server) -> None:
    done = send_test(service, "weekly", "me@example.org")
    assert (done.outcome, done.where) == ("sent", "127.0.0.1")
    assert "queued as 4711" in done.words
    (body,) = server.taken
    message = BytesParser(policy=policy.default).parsebytes(body)
    assert message["Subject"] == "Test: Weekly: nothing new"
    assert message["To"] == "me@example.org"
    text = message.get_body(("plain",))
    assert text is not None
    assert "This is a test of the mail" in " ".join(text.get_content().split())


def test_nothing_is_used_up(service: Service, server: Server, library: Library) -> None:
    for _ in range(2):
        library.now += timedelta(minutes=1)
        send_test(service, "weekly", "me@example.org")
    assert len(server.taken) == 2
    assert library.rows() == []
    assert library.tick("2026-11-24T07:30") == ["2026-11-24 issued"]
    with library.store.read() as conn:
        assert [each.number for each in issues.listing(conn)] == [1]


def test_an_issue_that_was_published_can_be_sent_as_a_test(service: Service, library: Library, server: Server) -> None:
    library.tick("2026-11-24T07:30")
    assert send_test(service, "weekly", "me@example.org", number=1).outcome == "sent"
    assert len(server.taken) == 1, "what waits for readers is left alone"
    with pytest.raises(NoSuchIssue) as missing:
        send_test(service, "weekly", "me@example.org", number=7)
    assert missing.value.remedy == "The last one is 1."


def test_a_refusal_is_told_and_not_tried_again(service: Service) -> None:
    done = send_test(service, "weekly", "me@elsewhere.example")
    assert done.outcome == "refused"
    assert "No such mailbox here" in done.words
    with service.store.read() as conn:
        (kept,) = deliveries.listing(conn)
        assert (kept.kind, kept.state) == ("test", "failed")
        assert deliveries.oldest_pending(conn) is None


def test_a_server_that_is_away_leaves_no_test_behind(library: Library) -> None:
    service = library.process({**LOOPBACK, "SMTP_PORT": "9"})
    done = send_test(service, "weekly", "me@example.org")
    assert done.outcome == "refused"
    assert "cannot be reached" in done.words
    with service.store.read() as conn:
        (kept,) = deliveries.listing(conn)
        assert kept.state == "stopped"
        assert "not tried again" in kept.state_reason


def test_without_a_mail_server_it_is_a_file_and_that_is_said(library: Library) -> None:
    done = send_test(library.service, "weekly", "me@example.org")
    assert done.outcome == "written"
    assert (mail_folder(library.service.settings) / done.words).is_file()


def test_a_bulletin_with_nothing_new_that_says_nothing_sends_no_test(library: Library) -> None:
    path = library.config / "bulletins" / "weekly.yaml"
    path.write_text(path.read_text().replace("when_empty: notice", "when_empty: skip"))
    assert send_test(library.process(), "weekly", "me@example.org").outcome == "nothing new"


def test_its_link_for_leaving_belongs_to_nobody(service: Service, server: Server, library: Library) -> None:
    library.tick("2026-11-24T07:30")  # readers there are, the first of them with the lowest number
    send_test(service, "weekly", "me@example.org")
    token = tokens.make(0, 1, service.keys[0])
    assert token.encode() in server.taken[0]
    pages = PublicPages(service)
    assert not pages.leave(token)
    assert not pages.leave_all(token)
    assert pages.leaving(token) is None


def test_what_cannot_be_sent_is_refused_before_anything_is_queued(service: Service) -> None:
    with pytest.raises(BadAddress):
        send_test(service, "weekly", "me@example.org\r\nRCPT TO:<you@example.org>")
    with pytest.raises(NoSuchBulletin):
        send_test(service, "monthly", "me@example.org")
    with service.store.write() as conn:
        deliveries.stop(conn, "wrong item", service.clock())
    with pytest.raises(SendingStopped, match="wrong item"):
        send_test(service, "weekly", "me@example.org")
    with service.store.read() as conn:
        assert deliveries.listing(conn) == ()


def test_the_days_limit_of_recipients_holds_mail_back_and_says_so(
    service: Service, server: Server, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from alerts.model.mail_servers import PRESETS

    small = {**PRESETS, "relay": replace(PRESETS["relay"], per_day=2)}
    monkeypatch.setattr("alerts.pipeline.deliver.PRESETS", small)
    outcomes = []
    for minute in range(3):
        library.now = local(f"2026-11-20T10:0{minute}")
        outcomes.append(send_test(service, "weekly", "me@example.org"))
    assert [each.outcome for each in outcomes] == ["sent", "sent", "refused"]
    assert "takes 2 recipients in 24 hours" in outcomes[2].words
    library.now = local("2026-11-21T10:05")
    assert send_test(service, "weekly", "me@example.org").outcome == "sent"
    assert len(server.taken) == 3
