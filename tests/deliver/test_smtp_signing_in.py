"""TLS and signing in: nothing in the clear, nothing to a stranger, and the right person told."""

from __future__ import annotations

import pytest

from alerts.deliver import Accepted, SmtpTransport
from alerts.deliver.errors import AccountRefused, CertificateRefused, NoTls, RelayBusy, RelayUnreachable
from tests.deliver.offering import at, send, settings
from tests.deliver.relay import CERTIFICATE, Relay, listening, server_context


async def test_a_server_that_only_knows_helo_is_spoken_to_when_clear_text_was_asked_for() -> None:
    async with listening(Relay(script=at("EHLO", "502 5.5.1 What?"))) as relay:
        transport = SmtpTransport(settings(relay))
        assert isinstance(await send(transport), Accepted)
        await transport.close()
    assert relay.commands[1] == "HELO a.example"


@pytest.mark.parametrize("account", [{}, {"username": "library@example.org", "password": "hunter2-hunter2"}])
async def test_without_starttls_nothing_is_said_in_the_clear(account: dict[str, str]) -> None:
    async with listening(Relay(offers=("AUTH PLAIN LOGIN",))) as relay:
        transport = SmtpTransport(settings(relay, tls="starttls", **account))
        with pytest.raises(NoTls) as raised:
            await send(transport)
        await transport.close()
    assert raised.value.held
    assert [each.split()[0] for each in relay.in_clear] == ["EHLO"]


async def test_starttls_is_verified_and_the_credentials_come_after_it() -> None:
    async with listening(Relay(context=server_context(), offers=("AUTH LOGIN PLAIN",))) as relay:
        transport = SmtpTransport(
            settings(relay, tls="starttls", ca_file=CERTIFICATE, username="me@example.org", password="hunter2-hunter2")
        )
        assert isinstance(await send(transport), Accepted)
        await transport.close()
    assert [each.split()[0] for each in relay.in_clear] == ["EHLO", "STARTTLS"]
    assert relay.commands[3].startswith("AUTH PLAIN ")
    assert relay.recipients == ["reader1@example.org"]


async def test_implicit_tls_is_verified_and_nothing_is_in_the_clear() -> None:
    async with listening(Relay(context=server_context()), implicit_tls=True) as relay:
        transport = SmtpTransport(settings(relay, tls="implicit", ca_file=CERTIFICATE))
        assert isinstance(await send(transport), Accepted)
        await transport.close()
    assert relay.in_clear == []


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_a_certificate_that_nobody_vouches_for_is_refused(tls: str) -> None:
    async with listening(Relay(context=server_context()), implicit_tls=tls == "implicit") as relay:
        transport = SmtpTransport(settings(relay, tls=tls, username="me@example.org", password="hunter2-hunter2"))
        with pytest.raises(CertificateRefused) as raised:
            await send(transport)
        await transport.close()
    assert raised.value.held
    assert not any(each.startswith(("AUTH", "MAIL")) for each in relay.commands)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_a_certificate_of_another_name_is_refused(tls: str) -> None:
    async with listening(Relay(context=server_context()), implicit_tls=tls == "implicit") as relay:
        transport = SmtpTransport(settings(relay, host="127.0.0.1", tls=tls, ca_file=CERTIFICATE))
        with pytest.raises((CertificateRefused, RelayUnreachable)) as raised:
            await send(transport)
        await transport.close()
    if isinstance(raised.value, RelayUnreachable):
        pytest.skip("localhost is not 127.0.0.1 here")
    assert relay.accepted == []


async def test_a_refused_password_is_the_accounts_and_not_in_any_sentence() -> None:
    script = at("AUTH", "535 5.7.8 Credentials of me@example.org expired")
    async with listening(Relay(script=script, context=server_context(), offers=("AUTH PLAIN",))) as relay:
        transport = SmtpTransport(
            settings(relay, tls="starttls", ca_file=CERTIFICATE, username="me@example.org", password="hunter2-hunter2")
        )
        with pytest.raises(AccountRefused) as raised:
            await send(transport)
        await transport.close()
    assert raised.value.held
    assert "535" in raised.value.sentence
    assert "hunter2" not in repr(raised.value) + repr(transport.settings)
    assert "me@example.org" not in raised.value.sentence


async def test_a_server_that_cannot_check_passwords_now_is_busy() -> None:
    script = at("AUTH", "454 4.7.0 Temporary authentication failure")
    async with listening(Relay(script=script, context=server_context(), offers=("AUTH PLAIN",))) as relay:
        transport = SmtpTransport(
            settings(relay, tls="starttls", ca_file=CERTIFICATE, username="me@example.org", password="hunter2-hunter2")
        )
        with pytest.raises(RelayBusy):
            await send(transport)
        await transport.close()


async def test_a_server_without_sign_in_where_one_was_set_is_the_accounts() -> None:
    async with listening(Relay(context=server_context())) as relay:
        transport = SmtpTransport(
            settings(relay, tls="starttls", ca_file=CERTIFICATE, username="me@example.org", password="hunter2-hunter2")
        )
        with pytest.raises(AccountRefused):
            await send(transport)
        await transport.close()


async def test_a_fresh_token_signs_in_at_every_connection() -> None:
    tokens: list[str] = []

    async def token() -> str:
        tokens.append(f"token-{len(tokens)}")
        return tokens[-1]

    async with listening(Relay(context=server_context(), offers=("AUTH XOAUTH2",))) as relay:
        transport = SmtpTransport(
            settings(
                relay, tls="starttls", ca_file=CERTIFICATE, username="me@example.org", token=token, per_connection=1
            )
        )
        for number in (1, 2):
            assert isinstance(await send(transport, number), Accepted)
        await transport.close()
    assert tokens == ["token-0", "token-1"]
    assert sum(each.startswith("AUTH XOAUTH2 ") for each in relay.commands) == 2


async def test_a_token_that_cannot_be_had_makes_mail_wait() -> None:
    async def token() -> str:
        raise ValueError("secret detail")

    async with listening(Relay(context=server_context(), offers=("AUTH XOAUTH2",))) as relay:
        transport = SmtpTransport(
            settings(relay, tls="starttls", ca_file=CERTIFICATE, username="me@example.org", token=token)
        )
        with pytest.raises(RelayBusy) as raised:
            await send(transport)
        await transport.close()
    assert "secret" not in raised.value.sentence
