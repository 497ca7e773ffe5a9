"""Settings from the environment: values, secrets from files, contradictions, and what is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.config import BadSettings, Settings, check_senders, load_settings, show_settings
from alerts.model.bulletins import Team
from alerts.model.catalogue import Catalogue, Service

KEY = "k" * 32


def problems_of(env: dict[str, str]) -> list[tuple[str, str]]:
    with pytest.raises(BadSettings) as refused:
        load_settings(env)
    return [(problem.code, problem.message) for problem in refused.value.problems]


def test_with_nothing_set_nothing_is_sent_and_nothing_listens_beyond_this_machine() -> None:
    settings = load_settings({}).settings
    assert settings.smtp_host == ""
    assert settings.mail_directory == Path("data/mail")
    assert settings.web_host == "127.0.0.1"
    assert settings.public_url == ""
    assert settings.smtp_tls == "required"
    assert settings.allow_loopback is False
    assert settings == Settings()


def test_folders_not_set_lie_in_the_data_folder() -> None:
    settings = load_settings({"ALERTS_DATA_DIR": "/srv/alerts"}).settings
    assert settings.people_file == Path("/srv/alerts/people.csv")
    assert settings.state_folder == Path("/srv/alerts")
    assert settings.database == "sqlite:////srv/alerts/alerts.sqlite3"


def test_every_kind_of_value_is_read() -> None:
    settings = load_settings(
        {
            "ALERTS_PUBLIC_ADDRESS": "https://alerts.example.nhs.uk/",
            "ALERTS_SMTP_PORT": "2525",
            "ALERTS_MAIL_RATE_PER_MINUTE": "12.5",
            "ALERTS_ALLOW_LOOPBACK": "true",
            "ALERTS_ALLOW_HOSTS": "intranet.example.nhs.uk, feeds.example.nhs.uk,",
            "ALERTS_ALLOW_PORTS": "8080,8443",
            "ALERTS_HOST_PAUSES": "API.example.org = 0.5,.example.com=10",
            "ALERTS_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8,::1",
            "ALERTS_CLOCK": "2026-11-03T07:30:00+01:00",
            "ALERTS_CA_BUNDLE": "/etc/ssl/trust.pem",
        }
    ).settings
    assert settings.public_url == "https://alerts.example.nhs.uk"
    assert settings.smtp_port == 2525
    assert settings.mail_rate_per_minute == 12.5
    assert settings.allow_loopback is True
    assert settings.allow_hosts == ("intranet.example.nhs.uk", "feeds.example.nhs.uk")
    assert settings.allow_ports == (8080, 8443)
    assert settings.host_pauses == ("api.example.org=0.5", ".example.com=10")
    assert settings.trusted_proxies == ("127.0.0.1", "10.0.0.0/8", "::1")
    assert settings.clock == datetime(2026, 11, 3, 6, 30, tzinfo=UTC)
    assert settings.ca_bundle == Path("/etc/ssl/trust.pem")


def test_an_empty_variable_is_not_set() -> None:
    assert load_settings({"ALERTS_SMTP_PORT": " ", "ALERTS_SMTP_HOST": ""}).settings == Settings()


def test_all_bad_values_are_said_at_once_each_with_its_variable() -> None:
    said = problems_of(
        {
            "ALERTS_SMTP_PORT": "many",
            "ALERTS_WEB_PORT": "70000",
            "ALERTS_SMTP_TLS": "startls",
            "ALERTS_PUBLIC_ADDRESS": "alerts.example.nhs.uk",
            "ALERTS_CLOCK": "2026-11-03T07:30:00",
            "ALERTS_MAIL_FROM": "library",
            "ALERTS_ALLOW_PORTS": "http",
            "ALERTS_HOST_PAUSES": "api.example.org: 5",
            "ALERTS_DATABASE_URL": "mysql://db/alerts",
            "ALERTS_ALLOW_LOOPBACK": "maybe",
            "ALERTS_PROXY": "proxy:8080",
        }
    )
    assert len(said) == 11
    assert {code for code, _ in said} == {"C001"}
    assert all(message.startswith("ALERTS_") for _, message in said)


def test_the_error_says_everything_in_one_sentence_after_the_other() -> None:
    with pytest.raises(BadSettings) as refused:
        load_settings({"ALERTS_SMTP_PORT": "x", "ALERTS_SMPT_HOST": "y"})
    assert str(refused.value) == (
        "ALERTS_SMPT_HOST is no setting, and does nothing. Did you mean “ALERTS_SMTP_HOST”? "
        "ALERTS_SMTP_PORT: “x” is not a whole number. Write digits only."
    )


def test_a_near_miss_is_answered_with_the_right_word() -> None:
    with pytest.raises(BadSettings) as refused:
        load_settings({"ALERTS_SMTP_TLS": "startls"})
    assert refused.value.problems[0].remedy == "Did you mean “starttls”?"


def test_a_variable_that_is_no_setting_is_a_warning_that_names_the_nearest() -> None:
    loaded = load_settings({"ALERTS_SMTP_HOTS": "mail.example.nhs.uk", "OTHER_SMTP_HOTS": "x"})
    assert [(each.code, each.severity) for each in loaded.problems] == [("C002", "warning")]
    assert "ALERTS_SMTP_HOST" in loaded.problems[0].remedy


@pytest.mark.parametrize(
    "variable",
    [
        "ALERTS_PORT",
        "ALERTS_SERVICE_HOST",
        "ALERTS_PORT_8000_TCP_ADDR",
        "ALERTS_WEB_SERVICE_PORT",
        "ALERTS_TEST_PG_URL",
    ],
)
def test_variables_that_kubernetes_and_the_tests_set_are_not_ours_to_judge(variable: str) -> None:
    assert not load_settings({variable: "tcp://10.0.0.1:80"}).problems


def test_a_secret_comes_from_its_file_without_the_last_line_end(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(KEY + "\n", encoding="utf-8")
    loaded = load_settings({"ALERTS_SECRET_KEY_FILE": str(path)})
    assert loaded.settings.secret_key.get_secret_value() == KEY
    assert loaded.origins["secret_key"] == f"ALERTS_SECRET_KEY_FILE ({path})"


def test_a_secret_given_twice_or_in_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    env = {
        "ALERTS_SECRET_KEY": KEY,
        "ALERTS_SECRET_KEY_FILE": missing,
        "ALERTS_SMTP_PASSWORD_FILE": missing,
        "ALERTS_DATABASE_URL_FILE": str(tmp_path / "empty"),
    }
    assert [code for code, _ in problems_of(env)] == ["C003", "C003", "C003"]


def test_only_secrets_come_from_files() -> None:
    assert [each.code for each in load_settings({"ALERTS_SMTP_HOST_FILE": "/x"}).problems] == ["C002"]


def test_no_message_and_no_table_shows_a_secret() -> None:
    env = {
        "ALERTS_SECRET_KEY": "short-secret",
        "ALERTS_DATABASE_URL": "oracle://user:hunter2@db/alerts",
        "ALERTS_PROXY": "user:hunter2@proxy",
    }
    with pytest.raises(BadSettings) as refused:
        load_settings(env)
    text = str(refused.value) + repr(refused.value.problems)
    assert "short-secret" not in text
    assert "hunter2" not in text
    good = load_settings(
        {
            "ALERTS_SECRET_KEY": KEY,
            "ALERTS_DATABASE_URL": "postgresql://user:hunter2@db/alerts",
            "ALERTS_PROXY": "http://user:hunter2@proxy:8080",
            "ALERTS_SMTP_HOST": "mail.example.nhs.uk",
            "ALERTS_SMTP_USER": "library",
            "ALERTS_SMTP_PASSWORD": "hunter2",
        }
    )
    shown = {each.name: each.value for each in show_settings(good)}
    assert [shown[name] for name in ("secret_key", "database_url", "proxy", "smtp_password")] == ["(set)"] * 4
    assert "hunter2" not in repr(good) + repr(show_settings(good))


@pytest.mark.parametrize(
    "env",
    [
        {"ALERTS_SMTP_HOST": "m", "ALERTS_SMTP_TLS": "none", "ALERTS_SMTP_USER": "u", "ALERTS_SMTP_PASSWORD": "p"},
        {"ALERTS_SMTP_HOST": "m", "ALERTS_SMTP_PASSWORD": "p"},
        {
            "ALERTS_SMTP_HOST": "m",
            "ALERTS_SMTP_USER": "u",
            "ALERTS_SMTP_PASSWORD": "p",
            "ALERTS_SMTP_OAUTH_TOKEN_URL": "https://login.example.org/t",
            "ALERTS_SMTP_OAUTH_CLIENT_ID": "c",
            "ALERTS_SMTP_OAUTH_CLIENT_SECRET": "s",
        },
        {
            "ALERTS_SMTP_HOST": "m",
            "ALERTS_SMTP_USER": "u",
            "ALERTS_SMTP_OAUTH_TOKEN_URL": "https://login.example.org/t",
        },
        {"ALERTS_DKIM_DOMAIN": "example.nhs.uk", "ALERTS_DKIM_SELECTOR": "s1"},
        {"ALERTS_DKIM_KEY": "a key without a name to sign in"},
    ],
    ids=["password in clear", "password without user", "password and oauth", "half an oauth", "no key", "only a key"],
)
def test_settings_that_contradict_each_other_are_refused(env: dict[str, str]) -> None:
    assert [code for code, _ in problems_of(env)] == ["C004"]


@pytest.mark.parametrize("env", [{"ALERTS_SMTP_USER": "u"}, {"ALERTS_SMTP_PASSWORD": "p"}])
def test_a_password_without_a_server_is_a_warning_since_nothing_is_sent(env: dict[str, str]) -> None:
    loaded = load_settings(env)
    assert [(each.code, each.severity) for each in loaded.problems] == [("C004", "warning")]


EXCHANGE = {
    "ALERTS_SMTP_HOST": "smtp.office365.com",
    "ALERTS_MAIL_PRESET": "exchange-online",
    "ALERTS_SMTP_USER": "library@example.nhs.uk",
    "ALERTS_SMTP_OAUTH_TOKEN_URL": "https://login.example.org/t",
    "ALERTS_SMTP_OAUTH_CLIENT_ID": "c",
    "ALERTS_SMTP_OAUTH_CLIENT_SECRET": "s",
}
RELAY = {"ALERTS_MAIL_PRESET": "relay", "ALERTS_SMTP_HOST": "relay.example.nhs.uk"}
OTHER = {"ALERTS_MAIL_PRESET": "other", "ALERTS_SMTP_HOST": "smtp.example.nhs.uk"}
WITHOUT_OAUTH = {name: "" for name in EXCHANGE if "OAUTH" in name}


@pytest.mark.parametrize(
    ("changes", "severity", "said"),
    [
        ({}, "", ""),
        ({"ALERTS_SMTP_SESSIONS": "3", "ALERTS_MAIL_RATE_PER_MINUTE": "30"}, "", ""),
        ({"ALERTS_SMTP_SESSIONS": "4"}, "error", "at most 3 connections"),
        ({"ALERTS_MAIL_RATE_PER_MINUTE": "31"}, "error", "at most 30 messages a minute"),
        ({**WITHOUT_OAUTH, "ALERTS_SMTP_USER": ""}, "error", "only from an account that signs in"),
        (WITHOUT_OAUTH, "error", "neither a password nor OAuth"),
        ({"ALERTS_SMTP_OAUTH_TOKEN_URL": "http://login.example.org/t"}, "error", "clear text"),
        ({"ALERTS_SMTP_HOST": "https://smtp.office365.com"}, "error", "not the name of a machine"),
        ({"ALERTS_SMTP_HOST": "smtp.office365.com:587"}, "error", "not the name of a machine"),
        ({**WITHOUT_OAUTH, "ALERTS_SMTP_PASSWORD": "p"}, "warning", "giving up sign-in with a password"),
        ({"ALERTS_MAIL_FROM": "other@example.nhs.uk"}, "warning", "refuses that"),
        ({"ALERTS_MAIL_FROM": "Library@example.nhs.uk"}, "", ""),
        ({"ALERTS_SMTP_PORT": "465"}, "warning", "does not answer on port 465"),
        ({"ALERTS_MAIL_PRESET": "nhsmail", "ALERTS_SMTP_SESSIONS": "4"}, "error", "nhsmail takes at most 3"),
        ({**RELAY, "ALERTS_SMTP_SESSIONS": "20", "ALERTS_MAIL_FROM": "a@example.org"}, "", ""),
        ({**OTHER, "ALERTS_SMTP_TLS": "implicit", "ALERTS_SMTP_PORT": "587"}, "warning", "Port"),
        ({"ALERTS_MAIL_PRESET": "other"}, "warning", "what the preset exchange-online is for"),
        ({"ALERTS_MAIL_PRESET": "relay", "ALERTS_SMTP_HOST": "SMTP.Office365.com"}, "warning", "limits of its owner"),
        ({"ALERTS_MAIL_PRESET": "nhsmail"}, "", ""),
        ({"ALERTS_SMTP_HOST": "", **WITHOUT_OAUTH, "ALERTS_SMTP_USER": ""}, "warning", "no ALERTS_SMTP_HOST"),
    ],
)
def test_what_a_mail_server_forbids_is_told_when_settings_are_read(
    changes: dict[str, str], severity: str, said: str
) -> None:
    env = {**EXCHANGE, **changes}
    try:
        problems = load_settings(env).problems
    except BadSettings as refused:
        problems = refused.problems
    assert [each.severity for each in problems] == ([severity] if severity else [])
    assert all(said in each.message and each.remedy for each in problems)


def test_a_team_that_sends_from_another_address_than_the_account_is_warned_of() -> None:
    team = Team(
        "ph", "Public health", "Library", "Pat", "p@example.org", "Library", "ph@example.nhs.uk", "p@example.org"
    )
    book = Catalogue(Service(), {}, {}, {}, {}, {"ph": team})
    (problem,) = check_senders(load_settings(EXCHANGE).settings, book)
    assert problem.code == "C005"
    assert "ph@example.nhs.uk" in problem.message
    assert check_senders(load_settings({**EXCHANGE, "ALERTS_MAIL_PRESET": "relay"}).settings, book) == ()
    named = {**EXCHANGE, "ALERTS_MAIL_FROM": "library@example.nhs.uk"}
    assert check_senders(load_settings(named).settings, book) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DOMAIN", "Example.NHS.uk"),
        ("DOMAIN", "localhost"),
        ("DOMAIN", "a b.uk"),
        ("SELECTOR", "s_1"),
        ("SELECTOR", ""),
    ],
)
def test_a_name_that_cannot_stand_in_a_signature_is_refused(name: str, value: str) -> None:
    env = {"ALERTS_DKIM_DOMAIN": "example.nhs.uk", "ALERTS_DKIM_SELECTOR": "s1", "ALERTS_DKIM_KEY": "key"}
    assert not load_settings(env).problems
    assert problems_of({**env, f"ALERTS_DKIM_{name}": value})


def test_the_command_line_wins_and_says_so() -> None:
    loaded = load_settings(
        {"ALERTS_DATA_DIR": "/srv", "ALERTS_WEB_PORT": "9000"},
        overrides={"data_dir": Path("/here"), "allow_loopback": True, "host_pause_s": 0, "web_port": None},
    )
    assert loaded.settings.data_dir == Path("/here")
    assert loaded.settings.allow_loopback is True
    assert loaded.settings.host_pause_s == 0
    assert loaded.settings.web_port == 9000
    assert loaded.origins["data_dir"] == "command line"


def test_an_override_that_is_no_setting_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        load_settings({}, overrides={"data_dri": "x"})


def test_what_is_shown_names_value_and_origin_of_every_setting() -> None:
    loaded = load_settings({"ALERTS_DATA_DIR": "/srv", "ALERTS_ALLOW_HOSTS": "a, b"})
    shown = {each.name: each for each in show_settings(loaded)}
    assert shown.keys() == Settings.keys.keys()
    assert (shown["data_dir"].value, shown["data_dir"].origin) == ("/srv", "ALERTS_DATA_DIR")
    assert shown["allow_hosts"].value == "a,b"
    assert (shown["smtp_host"].value, shown["smtp_host"].origin) == ("(not set)", "default")
    assert shown["tick_s"].value == "30"


def test_settings_do_not_change_once_read() -> None:
    with pytest.raises(AttributeError, match="frozen"):
        Settings().web_port = 1  # type: ignore[misc]  # what a type checker refuses is refused at run time too
