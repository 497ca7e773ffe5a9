"""Servers that answer without end, out of step, in no language or before they are asked: each ends, and is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from alerts.deliver import Accepted, Refusal, Silence, SmtpSettings, SmtpTransport
from alerts.deliver.errors import AccountRefused, CertificateRefused, RelayBusy, RelayRefuses, RelayUnreachable
from tests.deliver.memory_outbox import delivery_for
from tests.deliver.offering import at, send, settings, yes
from tests.deliver.relay import CERTIFICATE, DROP, HANG, Relay, Turn, listening, server_context

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def raw(talk: Talk) -> AsyncIterator[int]:
    """Run a server that says whatever `talk` writes; give its port."""
    running: set[asyncio.Task[None]] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(converse, "localhost", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def transport_to(port: int, **changes: object) -> SmtpTransport:
    start = {"tls": "none", "per_minute": 0, "helo": "a.example", "before_s": 5.0, "answer_s": 5.0, "connect_s": 5.0}
    return SmtpTransport(SmtpSettings("localhost", port, **{**start, **changes}))  # type: ignore[arg-type]


async def pour(writer: asyncio.StreamWriter, piece: bytes) -> None:
    """Write for as long as the other side listens, and never more than 50 MB."""
    for _ in range(50_000_000 // len(piece)):
        writer.write(piece)
        await writer.drain()


# Answers without end.


@pytest.mark.parametrize("piece", [b"2" * 4096, b"220-welcome to a long greeting\r\n" * 100], ids=["line", "lines"])
async def test_a_greeting_without_end_is_given_up(piece: bytes) -> None:
    async with raw(lambda reader, writer: pour(writer, piece)) as port:
        with pytest.raises(RelayUnreachable):
            await send(transport_to(port))


@pytest.mark.parametrize("verb", [b"EHLO", b"MAIL", b"RCPT", b"DATA", b"."])
@pytest.mark.parametrize("piece", [b"2" * 4096, b"250-and\r\n" * 400], ids=["line", "lines"])
async def test_an_answer_without_end_is_given_up_for_what_it_can_mean(verb: bytes, piece: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        while line := await reader.readline():
            if line.split()[:1] == [verb]:
                await pour(writer, piece)
            if line == b"DATA\r\n":
                writer.write(b"354 go on\r\n")
            elif line[:4] in (b"EHLO", b"MAIL", b"RCPT"):
                writer.write(b"250 fine\r\n")

    async with raw(talk) as port:
        transport = transport_to(port)
        if verb == b"EHLO":
            with pytest.raises((RelayUnreachable, RelayBusy, RelayRefuses)):
                await send(transport)
        else:
            answer = await send(transport)
            assert isinstance(answer, Silence if verb in (b"DATA", b".") else Refusal)
            assert not isinstance(answer, Refusal) or answer.code == 0
        await transport.close()


async def test_a_greeting_that_drips_is_given_up_when_the_time_is_over() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"2")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with raw(drip) as port:
        with pytest.raises(RelayUnreachable):
            await asyncio.wait_for(send(transport_to(port, before_s=0.4, connect_s=0.3)), 5)


# Answers out of step and in no language.


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "TEXT"])
async def test_two_answers_to_one_command_never_make_a_message_sent_that_was_not(verb: str) -> None:
    script: Callable[[Turn], str | None] = lambda turn: (  # noqa: E731
        "250 2.0.0 Fine\r\n250 2.0.0 Fine" if turn.verb == verb else None
    )
    async with listening(Relay(script=script)) as relay:
        transport = SmtpTransport(settings(relay, answer_s=1))
        answers = [await send(transport, number) for number in (1, 2, 3)]
        await transport.close()
    accepted = [nth for nth, answer in enumerate(answers, 1) if isinstance(answer, Accepted)]
    arrived = {text.split(b"\r\n")[0] for text in relay.texts}
    assert all(f"Message-ID: <{nth}.update@alerts.example.org>".encode() in arrived for nth in accepted)


@pytest.mark.parametrize(
    "said",
    ["550 5.1.1 caf\udcc3\udca9 \udcff", "550-\r\n550-5.1.1\r\n550 no", "550", "550 " + "🤷" * 500],
    ids=["no UTF-8", "empty lines", "no words", "much"],
)
async def test_words_in_no_language_are_kept_as_text_that_can_be_stored(said: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        while line := await reader.readline():
            writer.write(said.encode("utf-8", "surrogateescape") + b"\r\n" if line[:4] == b"RCPT" else b"250 fine\r\n")

    async with raw(talk) as port:
        transport = transport_to(port)
        answer = await send(transport)
        await transport.close()
    assert isinstance(answer, Refusal)
    assert (answer.stage, answer.code) == ("rcpt", 550)
    answer.words.encode("utf-8")
    assert len(answer.words) <= 300


@pytest.mark.parametrize("said", ["", "2", "what do you want?", "999 nothing", "-10 below", "25O fine"])
async def test_what_is_no_answer_to_a_recipient_is_a_refusal_that_is_tried_again(said: str) -> None:
    async with listening(Relay(script=at("RCPT", said))) as relay:
        transport = SmtpTransport(settings(relay, before_s=1))
        answer = await send(transport)
        await transport.close()
    assert isinstance(answer, Refusal)
    assert not 500 <= answer.code < 600
    assert relay.texts == []


async def test_a_goodbye_between_two_messages_costs_neither() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        in_text = False
        while line := await reader.readline():
            if in_text and line != b".\r\n":
                continue
            if line == b".\r\n":
                writer.write(b"250 taken\r\n421 4.4.2 I am leaving\r\n")
                return
            in_text = line == b"DATA\r\n"
            writer.write(b"354 go on\r\n" if in_text else b"250 fine\r\n")

    async with raw(talk) as port:
        transport = transport_to(port)
        assert [type(await send(transport, number)) for number in (1, 2, 3)] == [Accepted] * 3
        await transport.close()


# TLS.


async def test_what_is_said_before_tls_begins_is_not_believed_afterwards() -> None:
    """The answer to STARTTLS carries the answer to a command not yet given (CVE-2011-0411, from the other side)."""
    injected = "220 2.0.0 Ready\r\n250-evil.example.org\r\n250-AUTH PLAIN\r\n250 SIZE 1"

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        while line := await reader.readline():
            if line == b"STARTTLS\r\n":
                writer.write(injected.encode() + b"\r\n")
                await writer.drain()
                await writer.start_tls(server_context())
            elif line.startswith(b"EHLO"):
                writer.write(b"250-relay\r\n250 STARTTLS\r\n")
            else:
                commands.append(line)
                writer.write(b"550 5.7.1 no\r\n")

    commands: list[bytes] = []
    async with raw(talk) as port:
        transport = transport_to(port, tls="starttls", ca_file=CERTIFICATE, username="me@example.org", password="x" * 9)
        with pytest.raises((AccountRefused, CertificateRefused, RelayUnreachable)):
            await send(transport)
        await transport.close()
    assert not any(each.startswith((b"AUTH", b"MAIL")) for each in commands)


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        ("454 4.7.0 TLS not available", RelayBusy),
        ("501 5.5.4 Syntax", RelayRefuses),
        (DROP, RelayUnreachable),
        (HANG, RelayUnreachable),
    ],
)
async def test_where_starttls_is_offered_and_not_given_nothing_is_said_in_the_clear(
    said: str, failure: type[Exception]
) -> None:
    async with listening(Relay(script=at("STARTTLS", said), context=server_context())) as relay:
        transport = SmtpTransport(settings(relay, tls="starttls", ca_file=CERTIFICATE, connect_s=0.5))
        with pytest.raises(failure):
            await send(transport)
        await transport.close()
    assert [each.split()[0] for each in relay.in_clear if not each.startswith("QUIT")] == ["EHLO", "STARTTLS"]


# Signing in.


def account(relay: Relay, **changes: object) -> SmtpTransport:
    start = {"tls": "starttls", "ca_file": CERTIFICATE, "username": "me@example.org", "password": "hunter2-hunter2"}
    return SmtpTransport(settings(relay, **{**start, **changes}))


async def test_a_wrong_password_is_shown_once_so_that_the_account_is_not_locked() -> None:
    script = at("AUTH", "535 5.7.8 Wrong")
    async with listening(
        Relay(script=script, context=server_context(), offers=("AUTH PLAIN LOGIN CRAM-MD5",))
    ) as relay:
        transport = account(relay)
        with pytest.raises(AccountRefused):
            await send(transport)
        await transport.close()
    assert sum(each.startswith("AUTH") for each in relay.commands) == 1


async def test_a_way_of_signing_in_that_is_offered_and_unknown_is_followed_by_the_next() -> None:
    def script(turn: Turn) -> str | None:
        if turn.verb == "AUTH":
            return "504 5.7.4 Unrecognized" if turn.argument.startswith("PLAIN ") else "334 UGFzc3dvcmQ6"
        is_the_password = turn.verb not in ("GREETING", "EHLO", "STARTTLS", "MAIL", "RCPT", "DATA", "TEXT", "QUIT")
        return "235 2.7.0 Welcome" if is_the_password else None

    async with listening(Relay(script=script, context=server_context(), offers=("AUTH PLAIN LOGIN",))) as relay:
        transport = account(relay)
        assert isinstance(await send(transport), Accepted)
        await transport.close()
    assert [each.split()[1] for each in relay.commands if each.startswith("AUTH")] == ["PLAIN", "LOGIN"]


async def test_an_expired_token_is_the_accounts_and_the_servers_explanation_is_heard_out() -> None:
    async def token() -> str:
        return "ya29.expired"

    def script(turn: Turn) -> str | None:
        if turn.verb == "AUTH":
            return "334 eyJzdGF0dXMiOiI0MDEifQ=="
        return "535 5.7.3 Authentication unsuccessful" if turn.verb == "" else None

    async with listening(Relay(script=script, context=server_context(), offers=("AUTH XOAUTH2",))) as relay:
        transport = account(relay, password="", token=token)
        with pytest.raises(AccountRefused, match=r"535 5\.7\.3") as raised:
            await send(transport)
        await transport.close()
    assert raised.value.held
    assert "ya29" not in str(raised.value)


# Texts.


@pytest.mark.parametrize(
    "body",
    [b".\r\n", b"..\r\n", b".\r\n.\r\n.\r\n", b"\r\n.\r\n", b".\r\nRCPT TO:<evil@example.org>\r\n", b"x\r\n...\r\n"],
)
async def test_lines_of_dots_arrive_as_they_are_and_end_nothing(body: bytes) -> None:
    message = b"Subject: dots\r\n\r\n" + body
    async with listening(Relay()) as relay:
        transport = SmtpTransport(settings(relay))
        assert isinstance(await transport.send(delivery_for(1, message), message, yes), Accepted)
        await transport.close()
    assert relay.texts == [message]
    assert relay.commands[-1] == "QUIT"


@pytest.mark.parametrize("offers", [(), ("8BITMIME", "SMTPUTF8"), ("SIZE 10",)])
async def test_whatever_a_server_offers_only_what_it_offers_is_used(offers: tuple[str, ...]) -> None:
    async with listening(Relay(offers=offers)) as relay:
        transport = SmtpTransport(settings(relay))
        assert isinstance(await send(transport), Accepted)
        await transport.close()
    [mail] = [each for each in relay.commands if each.startswith("MAIL")]
    assert ("SIZE=" in mail) is (offers == ("SIZE 10",))
    assert "SMTPUTF8" not in mail
    assert "8BITMIME" not in mail  # our messages are ASCII


async def test_a_name_of_a_domain_in_other_letters_needs_nothing_of_the_server() -> None:
    async with listening(Relay(offers=())) as relay:
        transport = SmtpTransport(settings(relay))
        delivery = replace(delivery_for(1, b"Subject: x\r\n\r\n"), address="reader@xn--bcher-kva.example")
        assert isinstance(await transport.send(delivery, b"Subject: x\r\n\r\n", yes), Accepted)
        await transport.close()
    assert relay.recipients == ["reader@xn--bcher-kva.example"]
