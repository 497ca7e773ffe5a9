"""The transport that the settings name."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.config import load_settings
from alerts.deliver import FolderTransport, SmtpTransport
from alerts.pipeline.deliver import transport_of


def of(tmp_path: Path, **env: str) -> SmtpTransport:
    named = {f"ALERTS_{name}": value for name, value in env.items()}
    found = transport_of(load_settings({"ALERTS_DATA_DIR": str(tmp_path), **named}).settings)
    assert isinstance(found, SmtpTransport)
    return found


def test_without_a_mail_server_mail_goes_into_a_folder(tmp_path: Path) -> None:
    found = transport_of(load_settings({"ALERTS_DATA_DIR": str(tmp_path)}).settings)
    assert isinstance(found, FolderTransport)


@pytest.mark.parametrize(("port", "tls"), [("465", "implicit"), ("587", "starttls"), ("25", "starttls")])
@pytest.mark.parametrize("preset", ["relay", "other", "exchange-online", "nhsmail"])
def test_tls_is_required_whatever_the_preset_unless_it_is_spelled_out(
    tmp_path: Path, preset: str, port: str, tls: str
) -> None:
    account = {"SMTP_USER": "library@example.nhs.uk", "SMTP_PASSWORD": "secret"}
    found = of(tmp_path, SMTP_HOST="smtp.example.nhs.uk", SMTP_PORT=port, MAIL_PRESET=preset, **account)
    assert (found.settings.port, found.settings.tls) == (int(port), tls)


def test_clear_text_is_spelled_out(tmp_path: Path) -> None:
    assert of(tmp_path, SMTP_HOST="relay", SMTP_TLS="none", MAIL_PRESET="relay").settings.tls == "none"


def test_oauth_gives_the_transport_a_source_of_tokens(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        SMTP_HOST="smtp.office365.com",
        MAIL_PRESET="exchange-online",
        SMTP_USER="alerts@example.nhs.uk",
        SMTP_OAUTH_TOKEN_URL="https://login.example.org/token",
        SMTP_OAUTH_CLIENT_ID="client",
        SMTP_OAUTH_CLIENT_SECRET="secret",
    )
    assert found.settings.token is not None


def test_the_patience_with_the_server_is_a_setting(tmp_path: Path) -> None:
    found = of(tmp_path, SMTP_HOST="relay", SMTP_TIMEOUT_S="7").settings
    assert (found.connect_s, found.before_s) == (7, 7)
    found = of(tmp_path, SMTP_HOST="relay", SMTP_TIMEOUT_S="90").settings
    assert (found.connect_s, found.before_s) == (30, 90)
