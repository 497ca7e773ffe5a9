"""Against somebody else's server: aiosmtpd with STARTTLS, sign-in and a size limit, as a relay would have."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from email import message_from_bytes, policy
from random import Random
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from alerts.deliver import SmtpSettings, SmtpTransport, deliver_pending
from tests.deliver.memory_outbox import START, MemoryOutbox, delivery_for, message_for
from tests.deliver.relay import CERTIFICATE, server_context

USER, PASSWORD = b"library@example.org", b"correct horse"


class Mailbox:
    """Keeps what it is given, and knows who is not there."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, list[str], bytes]] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address.startswith("gone"):
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.messages.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return "250 2.0.0 Queued"


def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (USER, PASSWORD)
    return AuthResult(success=right, handled=False)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def port(mailbox: Mailbox) -> Iterator[int]:
    controller = Controller(
        mailbox,
        hostname="localhost",
        port=0,
        tls_context=server_context(),
        require_starttls=True,
        authenticator=authenticate,
        auth_required=True,
        data_size_limit=4000,
        ready_timeout=20,
    )
    controller.port = free_port()
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def free_port() -> int:
    import socket

    with socket.create_server(("localhost", 0)) as taken:
        return int(taken.getsockname()[1])


def transport(port: int, password: bytes = PASSWORD) -> SmtpTransport:
    settings = SmtpSettings(
        "localhost",
        port,
        tls="starttls",
        username=USER.decode(),
        password=password.decode(),
        ca_file=CERTIFICATE,
        per_minute=0,
        sessions=2,
        helo="alerts.example.org",
        before_s=30,
    )
    return SmtpTransport(settings)


async def run(outbox: MemoryOutbox, way: SmtpTransport) -> Any:
    return await deliver_pending(outbox, way, clock=lambda: START, stop=asyncio.Event(), owner="me", rng=Random(1))


async def test_an_issue_reaches_every_reader_with_its_own_link(mailbox: Mailbox, port: int) -> None:
    outbox = MemoryOutbox()
    outbox.fill(25)
    report = await run(outbox, transport(port))
    assert (report.sent, report.alarms) == (25, ())
    assert sorted(each[2] for each in mailbox.messages) == sorted(outbox.messages.values())
    assert all(len(recipients) == 1 for _, recipients, _ in mailbox.messages)
    links = {message_from_bytes(each[2], policy=policy.default)["List-Unsubscribe"] for each in mailbox.messages}
    assert len(links) == 25


async def test_a_reader_who_is_gone_and_a_message_that_is_too_big_cost_only_themselves(
    mailbox: Mailbox, port: int
) -> None:
    outbox = MemoryOutbox()
    outbox.fill(6)
    outbox.put(delivery_for(2, message_for(2), address="gone@example.org"), message_for(2))
    big = message_for(4, words="\r\n".join(["x" * 70] * 100))
    outbox.put(delivery_for(4, big), big)
    report = await run(outbox, transport(port))
    assert (report.sent, report.failed, report.held) == (4, 1, 1)
    assert outbox.rows[2].state_reason == "5.1.1 No such user"
    assert outbox.rows[4].state == "stopped"


async def test_a_wrong_password_holds_everything(mailbox: Mailbox, port: int) -> None:
    outbox = MemoryOutbox()
    outbox.fill(3)
    report = await run(outbox, transport(port, b"expired"))
    assert [alarm.code for alarm in report.alarms] == ["D105"]
    assert outbox.states() == {"pending": 3}
    assert mailbox.messages == []
