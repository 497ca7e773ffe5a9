"""What a locked network has to let through."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from alerts.model.sources import SourceState
from alerts.pipeline.places import Called, called
from alerts.store import Store, sources
from tests.pipeline.one_bulletin import Library

FEEDS = """
sources:
  - {id: a, title: A, type: news, address: 'https://a.example.org/f'}
  - {id: b, title: B, type: news, address: 'https://a.example.org/g'}
  - {id: c, title: C, type: news, address: 'http://c.example.org:8080/'}
  - {id: off, title: Off, type: news, address: 'https://off.example.org/', enabled: false}
"""
SERVICES = {
    "PROXY": "http://user:sesame@proxy.example.nhs.uk:3128",
    "SMTP_HOST": "smtp.example.nhs.uk",
    "SMTP_USER": "alerts",
    "SMTP_OAUTH_TOKEN_URL": "https://login.example.org/token",
    "SMTP_OAUTH_CLIENT_ID": "id",
    "SMTP_OAUTH_CLIENT_SECRET": "secret",
    "BOUNCE_IMAP_HOST": "imap.example.nhs.uk",
    "PUBLIC_ADDRESS": "https://alerts.example.nhs.uk",
}
READING = "reading sources"


@pytest.fixture
def library(store: Store, tmp_path: Path) -> Library:
    made = Library(store, tmp_path)
    made.write("sources/all.yaml", FEEDS)
    return made


def test_each_place_is_listed_once_with_the_sources_that_ask_it_and_none_that_is_switched_off(library: Library) -> None:
    assert called(library.process()) == (
        Called("a.example.org", 443, READING, ("a", "b")),
        Called("c.example.org", 8080, READING, ("c",)),
    )


def test_where_an_address_sends_on_to_is_listed_until_the_address_is_edited(library: Library) -> None:
    state = SourceState("a", asked="https://a.example.org/f", via="cdn.example.net:443 feeds.example.net:8443")
    with library.store.write() as conn:
        sources.save_state(conn, state)
    onward = [(each.host, each.port) for each in called(library.process()) if "send on" in each.purpose]
    assert onward == [("cdn.example.net", 443), ("feeds.example.net", 8443)]
    library.write("sources/all.yaml", FEEDS.replace("/f'", "/new'"))
    assert not [each for each in called(library.process()) if "send on" in each.purpose]


def test_the_mail_servers_the_sign_in_and_the_proxy_are_listed_and_no_password(library: Library) -> None:
    places = {each.purpose: (each.host, each.port, each.by_proxy) for each in called(library.process(SERVICES))}
    assert places == {
        READING: ("c.example.org", 8080, True),
        "the web proxy": ("proxy.example.nhs.uk", 3128, False),
        "sending mail": ("smtp.example.nhs.uk", 587, False),
        "signing in at the mail server (OAuth)": ("login.example.org", 443, True),
        "reading reports of mail that came back": ("imap.example.nhs.uk", 993, False),
        "“alerts doctor” only: whether readers reach these pages": ("alerts.example.nhs.uk", 443, False),
    }


def test_the_command_prints_a_line_for_each_and_says_what_goes_through_the_proxy(
    library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from alerts.cli.sources import sources as command

    env = {"CONFIG_DIR": str(library.config), "DATA_DIR": str(tmp_path / "own"), "CORRECTIONS_ADDRESS": "none"}
    env.update(SERVICES)
    for name, value in env.items():
        monkeypatch.setenv(f"ALERTS_{name}", value)
    lines = CliRunner().invoke(command, ["hosts"], catch_exceptions=False).output.splitlines()
    assert lines[0].split() == ["host", "port", "purpose"]
    assert any(each.split() == ["a.example.org", "443", "reading", "sources:", "a,", "b"] for each in lines)
    assert (
        lines[-1] == "3 of these are asked through the web proxy proxy.example.nhs.uk, which has to let them through."
    )
    assert not any("sesame" in each for each in lines)
    shown = CliRunner().invoke(command, ["a"], catch_exceptions=False).output
    assert shown.startswith("a: A\n")


def test_where_items_are_looked_up_is_listed_for_the_sources_that_ask_for_it(library: Library) -> None:
    library.write("sources/all.yaml", FEEDS.replace("/f'}", "/f', enrich: true}"))
    found = [each for each in called(library.process()) if "Europe PMC" in each.purpose]
    assert found == [Called("www.ebi.ac.uk", 443, "looking items up in Europe PMC", ("a",))]


def test_the_look_up_of_corrections_is_listed_unless_it_is_switched_off(library: Library) -> None:
    purpose = "looking up corrections of what was sent"
    there = [each for each in called(library.process({"CORRECTIONS_ADDRESS": ""})) if each.purpose == purpose]
    assert [(each.host, each.port) for each in there] == [("api.crossref.org", 443)]
    assert [each for each in called(library.process()) if each.purpose == purpose] == []
