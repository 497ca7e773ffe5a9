"""One message to a mail server, good or hostile: what happened is said, and never more than that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from alerts.deliver import Accepted, Refusal, Silence, SmtpSettings, SmtpTransport, TransportDown, Withdrawn
from alerts.deliver.errors import RelayBusy, RelayRefuses, RelayUnreachable
from alerts.deliver.transport import Stage
from tests.deliver.memory_outbox import delivery_for, message_for
from tests.deliver.offering import at, no, send, settings, yes
from tests.deliver.relay import DROP, HANG, Relay, Turn, listening


async def test_the_bytes_on_the_wire_are_the_bytes_that_were_frozen() -> None:
    async with listening(Relay()) as relay:
        transport = SmtpTransport(settings(relay))
        assert await send(transport) == Accepted("2.0.0 Taken")
        await transport.close()
    assert relay.accepted == [("library@example.org", "reader1@example.org", message_for(1))]


async def test_the_list_unsubscribe_line_arrives_in_one_piece() -> None:
    async with listening(Relay()) as relay:
        transport = SmtpTransport(settings(relay))
        await send(transport)
        await transport.close()
    [line] = [line for line in relay.texts[0].split(b"\r\n") if line.startswith(b"List-Unsubscribe:")]
    assert len(line) > 120
    assert line.endswith(b"0001>")


async def test_sender_recipient_and_text_are_offered_one_after_the_other_with_the_size() -> None:
    async with listening(Relay()) as relay:
        transport = SmtpTransport(settings(relay))
        await send(transport)
        await transport.close()
    size = len(message_for(1))
    assert relay.commands == [
        "EHLO a.example",
        f"MAIL FROM:<library@example.org> SIZE={size}",
        "RCPT TO:<reader1@example.org>",
        "DATA",
        "QUIT",
    ]


async def test_a_message_that_must_not_be_answered_has_the_null_sender() -> None:
    message = message_for(1)
    async with listening(Relay()) as relay:
        transport = SmtpTransport(settings(relay))
        delivery = replace(delivery_for(1, message), envelope_from="")
        assert isinstance(await transport.send(delivery, message, yes), Accepted)
        await transport.close()
    assert relay.commands[1].startswith("MAIL FROM:<> ")


async def test_the_text_is_not_offered_before_in_data_is_recorded() -> None:
    async with listening(Relay()) as relay:
        transport = SmtpTransport(settings(relay))
        seen: list[str] = []

        async def record() -> bool:
            seen.extend(relay.commands)
            return True

        await send(transport, before_data=record)
        await transport.close()
    assert any(each.startswith("RCPT") for each in seen)
    assert "DATA" not in seen


async def test_a_delivery_that_was_withdrawn_is_not_offered() -> None:
    async with listening(Relay()) as relay:
        transport = SmtpTransport(settings(relay))
        assert await send(transport, before_data=no) == Withdrawn()
        assert await send(transport, 2) == Accepted("2.0.0 Taken")
        await transport.close()
    assert relay.recipients == ["reader2@example.org"]


async def test_a_connection_is_used_again_and_renewed_after_its_share_of_messages() -> None:
    async with listening(Relay()) as relay:
        transport = SmtpTransport(settings(relay, per_connection=100))
        for number in range(1, 251):
            await send(transport, number)
        await transport.close()
    assert len(relay.accepted) == 250
    assert relay.connections == 3
    assert transport.counters.connections == 3
    assert transport.counters.accepted == 250
    assert relay.commands.count("QUIT") == 3


@pytest.mark.parametrize(
    ("verb", "stage", "code", "words"),
    [
        ("MAIL", "mail", 550, "5.7.60 Not allowed to send as this sender"),
        ("MAIL", "mail", 452, "4.3.1 Insufficient storage"),
        ("MAIL", "mail", 552, "5.3.4 Message too big"),
        ("RCPT", "rcpt", 550, "5.1.1 No such user"),
        ("RCPT", "rcpt", 450, "4.2.0 Greylisted, come back"),
        ("RCPT", "rcpt", 421, "4.7.0 Too much"),
        ("DATA", "data", 554, "5.6.0 No"),
        ("TEXT", "data", 554, "5.7.1 Spam"),
        ("TEXT", "data", 432, "4.3.2 Concurrent connections limit exceeded"),
        ("TEXT", "data", 421, "4.3.2 Going down"),
    ],
)
async def test_a_refusal_is_told_with_its_stage_and_the_servers_words(
    verb: str, stage: Stage, code: int, words: str
) -> None:
    async with listening(Relay(script=at(verb, f"{code} {words}"))) as relay:
        transport = SmtpTransport(settings(relay))
        assert await send(transport) == Refusal(stage, code, words)
        await transport.close()
    assert relay.accepted == []


async def test_after_a_refusal_the_next_message_has_a_connection_of_its_own_and_arrives() -> None:
    async with listening(Relay(script=at("RCPT", "550 5.1.1 No such user", nth=2))) as relay:
        transport = SmtpTransport(settings(relay))
        answers = [await send(transport, number) for number in (1, 2, 3)]
        await transport.close()
    assert [type(each) for each in answers] == [Accepted, Refusal, Accepted]
    assert relay.recipients == ["reader1@example.org", "reader3@example.org"]
    assert relay.connections == 2


@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
async def test_a_connection_lost_before_the_text_is_a_refusal_without_code(verb: str) -> None:
    async with listening(Relay(script=at(verb, DROP))) as relay:
        transport = SmtpTransport(settings(relay))
        answer = await send(transport)
        await transport.close()
    assert isinstance(answer, Refusal)
    assert answer.code == 0
    assert relay.texts == []


async def test_a_connection_that_the_server_closed_while_it_waited_costs_nothing() -> None:
    async with listening(Relay(script=at("MAIL", DROP, nth=2))) as relay:
        transport = SmtpTransport(settings(relay))
        assert isinstance(await send(transport, 1), Accepted)
        assert isinstance(await send(transport, 2), Accepted)
        await transport.close()
    assert relay.recipients == ["reader1@example.org", "reader2@example.org"]


@pytest.mark.parametrize("verb", ["DATA", "TEXT"])
async def test_a_connection_lost_after_the_text_was_offered_is_silence(verb: str) -> None:
    async with listening(Relay(script=at(verb, DROP))) as relay:
        transport = SmtpTransport(settings(relay))
        assert isinstance(await send(transport), Silence)
        await transport.close()
    assert transport.counters.unanswered == 1


async def test_an_answer_that_never_comes_is_silence_and_the_connection_is_not_used_again() -> None:
    async with listening(Relay(script=at("TEXT", HANG, nth=1))) as relay:
        transport = SmtpTransport(settings(relay, answer_s=0.2))
        assert isinstance(await send(transport, 1), Silence)
        assert isinstance(await send(transport, 2), Accepted)
        await transport.close()
    assert relay.connections == 2


async def test_an_answer_that_is_not_one_is_silence() -> None:
    async with listening(Relay(script=at("TEXT", "what?"))) as relay:
        transport = SmtpTransport(settings(relay))
        assert isinstance(await send(transport), Silence)
        await transport.close()


async def test_a_server_that_dawdles_before_the_text_is_given_up_within_the_time_allowed() -> None:
    async with listening(Relay(script=at("RCPT", HANG))) as relay:
        transport = SmtpTransport(settings(relay, before_s=0.3))
        began = asyncio.get_running_loop().time()
        answer = await send(transport)
        took_s = asyncio.get_running_loop().time() - began
        await transport.close()
    assert isinstance(answer, Refusal)
    assert answer.code == 0
    assert took_s < 2


async def test_a_server_that_feeds_the_answer_byte_by_byte_is_given_up_in_the_end() -> None:
    async def dawdle() -> None:
        await asyncio.sleep(30)

    async with listening(Relay(pause=dawdle)) as relay:
        transport = SmtpTransport(settings(relay, before_s=0.5, answer_s=0.3))
        async with asyncio.timeout(3):
            assert isinstance(await send(transport), Silence)
        await transport.close()


async def test_the_whole_conversation_ends_in_time_though_each_answer_comes_in_time() -> None:
    async with listening(Relay(slow_s={"DATA": 0.8, "TEXT": 0.8})) as relay:
        transport = SmtpTransport(settings(relay, before_s=0.5, answer_s=0.9))
        assert isinstance(await send(transport), Silence)
        await transport.close()


@pytest.mark.parametrize("said", ["251 2.1.5 Will forward", "252 Taken, not verified", "200 Fine"])
async def test_any_answer_that_begins_with_a_two_says_that_the_text_was_taken(said: str) -> None:
    async with listening(Relay(script=at("TEXT", said))) as relay:
        transport = SmtpTransport(settings(relay))
        assert await send(transport, 1) == Accepted(said[4:], int(said[:3]))
        assert await send(transport, 2) == Accepted(said[4:], int(said[:3]))
        await transport.close()
    assert (len(relay.texts), relay.connections) == (2, 1)


@pytest.mark.parametrize(
    ("verb", "said"), [("DATA", "250 Fine"), ("DATA", "251 Fine"), ("TEXT", "354 More?"), ("TEXT", "150 Wait")]
)
async def test_an_answer_out_of_turn_is_silence(verb: str, said: str) -> None:
    async with listening(Relay(script=at(verb, said))) as relay:
        transport = SmtpTransport(settings(relay))
        assert isinstance(await send(transport), Silence)
        await transport.close()


async def test_a_cancelled_conversation_is_never_gone_on_with() -> None:
    async with listening(Relay(script=at("TEXT", HANG, nth=1))) as relay:
        transport = SmtpTransport(settings(relay))
        task = asyncio.create_task(send(transport, 1))
        while not relay.texts:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(2):
            while relay.at_once:
                await asyncio.sleep(0.01)
        assert await send(transport, 2) == Accepted("2.0.0 Taken")
        await transport.close()
    assert relay.connections == 2
    assert relay.recipients == ["reader2@example.org"]


async def test_an_exception_while_recording_closes_the_connection_and_is_passed_on() -> None:
    async def broken() -> bool:
        raise RuntimeError("the database is away")

    async with listening(Relay()) as relay:
        transport = SmtpTransport(settings(relay))
        with pytest.raises(RuntimeError, match="away"):
            await send(transport, before_data=broken)
        assert isinstance(await send(transport, 2), Accepted)
        await transport.close()
    assert relay.connections == 2


@pytest.mark.parametrize(
    ("script", "failure", "held"),
    [
        (at("GREETING", "554 5.7.1 You are on a list"), RelayRefuses, True),
        (at("GREETING", "421 4.3.2 Busy"), RelayBusy, False),
        (at("GREETING", DROP), RelayUnreachable, False),
        (at("GREETING", "HTTP/1.1 400 Bad Request"), RelayUnreachable, False),
        (at("EHLO", DROP), RelayUnreachable, False),
        (at("EHLO", "421 4.7.0 Later"), RelayBusy, False),
    ],
)
async def test_a_server_that_turns_us_away_says_nothing_of_the_message(
    script: Callable[[Turn], str | None], failure: type[TransportDown], held: bool
) -> None:
    async with listening(Relay(script=script)) as relay:
        transport = SmtpTransport(settings(relay))
        with pytest.raises(failure) as raised:
            await send(transport)
        await transport.close()
    assert raised.value.held is held
    assert raised.value.remedy


async def test_a_server_that_greets_nobody_is_unreachable_in_time() -> None:
    async with listening(Relay(script=at("GREETING", HANG))) as relay:
        transport = SmtpTransport(settings(relay, connect_s=0.2))
        with pytest.raises(RelayUnreachable):
            await send(transport)
        await transport.close()


async def test_where_nobody_listens_the_server_is_unreachable() -> None:
    async with listening(Relay()) as relay:
        port = relay.port
    transport = SmtpTransport(SmtpSettings("localhost", port, tls="none", per_minute=0, helo="a.example"))
    with pytest.raises(RelayUnreachable, match="cannot be reached"):
        await send(transport)


@pytest.mark.parametrize("address", ["x@y.org\r\nRCPT TO:<evil@z.org>", "jo <jo@example.org>", "jö@example.org"])
async def test_an_address_that_could_break_the_command_line_reaches_no_server(address: str) -> None:
    async with listening(Relay()) as relay:
        transport = SmtpTransport(settings(relay))
        answer = await send(transport, address=address)
        await transport.close()
    assert isinstance(answer, Refusal)
    assert answer.stage == "rcpt"
    assert relay.connections == 0


async def test_the_servers_words_are_one_line_of_printable_text() -> None:
    said = "550-5.1.1 No such\r\n550 user \x1b[31m\x07here" + "!" * 600
    async with listening(Relay(script=at("RCPT", said))) as relay:
        transport = SmtpTransport(settings(relay))
        answer = await send(transport)
        await transport.close()
    assert isinstance(answer, Refusal)
    assert answer.words.startswith("5.1.1 No such user")
    assert answer.words.isprintable()
    assert len(answer.words) <= 300
