"""What mail settings are refused, and what presets give."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.deliver import BadMailSettings, SmtpSettings
from alerts.model.mail_servers import PRESETS


async def token() -> str:
    return "token"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"host": ""}, "name"),
        ({"host": "relay example"}, "name"),
        ({"host": "relay\r\nRCPT"}, "name"),
        ({"port": 70_000}, "port"),
        ({"tls": "maybe"}, "starttls"),
        ({"tls": "none", "username": "a@example.org", "password": "secret"}, "never sent without TLS"),
        ({"tls": "none", "username": "a@example.org", "token": token}, "never sent without TLS"),
        ({"username": "a@example.org", "password": "secret", "token": token}, "not both"),
        ({"username": "a@example.org"}, "Signing in needs"),
        ({"password": "secret"}, "Signing in needs"),
        ({"sessions": 0}, "at least 1"),
        ({"per_connection": 0}, "at least 1"),
        ({"answer_s": 0}, "more than nothing"),
        ({"before_s": 241}, "send it again"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadMailSettings, match=reason) as raised:
        SmtpSettings(**{"host": "relay.example.org", **changes})
    assert "secret" not in raised.value.sentence


def test_tls_is_required_unless_clear_text_is_spelled_out() -> None:
    assert SmtpSettings("relay.example.org").tls == "starttls"
    assert SmtpSettings("relay.example.org").effective_port == 587
    assert SmtpSettings("relay.example.org", tls="implicit").effective_port == 465
    assert SmtpSettings("127.0.0.1", tls="none").effective_port == 25


def test_a_password_is_not_in_what_is_printed() -> None:
    settings = SmtpSettings("relay.example.org", username="a@example.org", password="very secret", tls="implicit")
    assert "very secret" not in repr(settings)
    assert settings.masked().password == ""


def test_the_times_fit_into_the_lease_of_a_delivery() -> None:
    from alerts.deliver.worker import DIALOGUE_S, LEASE_S

    settings = SmtpSettings("relay.example.org")
    assert settings.before_s + settings.answer_s <= DIALOGUE_S < LEASE_S


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_careful_and_encrypted(name: str) -> None:
    preset = PRESETS[name]
    assert preset.tls != "none"
    assert (preset.sessions, preset.per_minute) == ((4, 600) if name == "relay" else (1, 25))
    settings = SmtpSettings.from_preset(name, host=preset.host or "mail.example.org")
    assert (settings.sessions, settings.per_minute) == (preset.sessions, preset.per_minute)


@pytest.mark.parametrize("changes", [{"sessions": 4}, {"per_minute": 31}, {"per_minute": 0}])
def test_exchange_online_allows_no_more_than_its_limits(changes: dict[str, Any]) -> None:
    with pytest.raises(BadMailSettings, match="exchange-online takes at most"):
        SmtpSettings.from_preset("exchange-online", **changes)


def test_a_preset_with_another_kind_of_tls_takes_the_usual_port_of_that() -> None:
    assert SmtpSettings.from_preset("other", host="mail.example.org", tls="implicit").effective_port == 465


def test_an_unknown_preset_names_those_there_are() -> None:
    with pytest.raises(BadMailSettings, match="exchange-online, nhsmail, relay, other"):
        SmtpSettings.from_preset("gmail")
