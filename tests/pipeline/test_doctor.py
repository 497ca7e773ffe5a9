"""What the doctor finds, with loopback servers that are well and ill; it changes nothing."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.message
import dns.resolver
import dns.rrset
import pytest
from pytest_httpserver import HTTPServer

from alerts import __version__
from alerts.pipeline.doctor import Finding, Ground, content, examine, machine, mail, names, public
from alerts.pipeline.doctor.examine import CHECKS
from alerts.pipeline.doctor.ground import look
from alerts.store import Store, deliveries, open_store
from tests.deliver.offering import at
from tests.deliver.relay import CERTIFICATE, HANG, Relay, listening, server_context
from tests.pipeline.one_bulletin import TUESDAYS, Library, local


@pytest.fixture
def library(sqlite_store: Store, tmp_path: Path) -> Library:
    made = Library(sqlite_store, tmp_path)
    made.schedule(TUESDAYS)
    return made


def ground(library: Library, **env: str) -> Ground:
    """Return what the doctor looks at, with the library's own clock."""
    service = library.process(env)
    seen = look(service.settings, (), library.store)
    return replace(seen, now=library.now, service=service)


def worst(found: list[Finding]) -> str:
    order = ("ok", "unknown", "warning", "failure")
    return max((each.status for each in found), key=order.index)


def said(found: list[Finding], status: str) -> str:
    return " | ".join(f"{each.sentence} → {each.remedy}" for each in found if each.status == status)


SIGNED_IN = {
    "SMTP_HOST": "localhost",
    "SMTP_TLS": "starttls",
    "SMTP_USER": "alerts@example.nhs.uk",
    "SMTP_PASSWORD": "hunter2-hunter2",
    "CA_BUNDLE": str(CERTIFICATE),
}


async def asked(library: Library, relay: Relay, **env: str) -> list[Finding]:
    seen = ground(library, **{**SIGNED_IN, "SMTP_PORT": str(relay.port), **env})
    return await asyncio.to_thread(lambda: list(mail.server(seen)))


async def test_a_mail_server_that_is_well_is_described_and_told_of_nobody(library: Library) -> None:
    offers = ("SIZE 10000000", "AUTH PLAIN LOGIN")
    async with listening(Relay(context=server_context(), offers=offers)) as relay:
        found = await asked(library, relay)
    assert worst(found) == "ok", found
    told = said(found, "ok")
    assert "TLSv1.3" in told
    assert "alerts@example.nhs.uk is signed in" in told
    assert "SIZE" in told
    assert "localhost" in told
    assert "good until" in told
    assert "1 at once, 25 messages a minute" in told
    assert not any(each.startswith(("MAIL", "RCPT", "DATA")) for each in relay.commands)
    assert relay.commands[-1] == "QUIT"


@pytest.mark.parametrize(
    ("relay", "env", "code", "helps"),
    [
        (Relay(offers=("AUTH PLAIN",)), {}, "D103", "STARTTLS"),
        (Relay(context=server_context(), offers=("AUTH PLAIN",)), {"CA_BUNDLE": ""}, "D104", "certificate"),
        (
            Relay(context=server_context(), offers=("AUTH PLAIN",), script=at("AUTH", "535 5.7.8 Expired")),
            {}, "D105", "Renew the password",
        ),
        (Relay(script=at("GREETING", "554 5.7.1 Not from here")), {}, "D106", "let this machine send"),
    ],
    ids=["no STARTTLS", "nobody vouches", "refused sign-in", "turned away"],
)  # fmt: skip
async def test_a_mail_server_that_is_ill_is_a_failure_with_a_remedy(
    library: Library, relay: Relay, env: dict[str, str], code: str, helps: str
) -> None:
    async with listening(relay):
        found = await asked(library, relay, **env)
    assert worst(found) == "failure"
    told = said(found, "failure")
    assert code in told
    assert helps in told
    assert "hunter2" not in told


async def test_a_mail_server_that_says_nothing_is_waited_for_only_so_long(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "PROBE_S", 0.3)
    async with listening(Relay(script=at("GREETING", HANG))) as relay:
        found = await asked(library, relay)
    assert "did not answer within 0.3 seconds" in said(found, "failure")


async def test_a_server_that_takes_only_small_messages_is_a_failure(library: Library) -> None:
    async with listening(Relay(context=server_context(), offers=("SIZE 50000", "AUTH PLAIN"))) as relay:
        found = await asked(library, relay)
    assert "50,000 bytes" in said(found, "failure")


async def test_clear_text_and_a_folder_are_pointed_out(library: Library) -> None:
    async with listening(Relay()) as relay:
        found = await asked(library, relay, SMTP_TLS="none", SMTP_USER="", SMTP_PASSWORD="")
    assert "in clear text" in said(found, "warning")
    assert "reaches nobody" in said(list(mail.server(ground(library))), "warning")


def test_what_waits_was_refused_or_is_stopped_is_told(library: Library) -> None:
    library.tick("2026-11-24T07:30")
    assert worst(list(mail.outbox(ground(library)))) == "ok"
    library.now += timedelta(hours=7)
    with library.store.write() as conn:
        deliveries.stop(conn, "wrong item", library.now)
    told = said(list(mail.outbox(ground(library))), "warning")
    assert "All sending is stopped: wrong item" in told
    assert "1 messages wait, the oldest since 24 November 07:30 UTC" in told


def test_a_copy_that_was_restored_is_a_failure(library: Library) -> None:
    library.tick("2026-11-24T07:30")
    assert worst(list(machine.restored(ground(library)))) == "ok"
    marker = library.data / "sent.marker"
    marker.write_text(json.dumps({**json.loads(marker.read_text()), "delivery": 99}))
    assert "T030" in said(list(machine.restored(ground(library))), "failure")


def test_the_key_of_the_links_is_looked_at_and_never_made(library: Library) -> None:
    seen = ground(library)
    assert worst(list(machine.secret_key(seen))) == "ok"
    path = library.data / "secret.key"
    assert not path.exists()
    library.tick("2026-11-24T07:30")
    assert worst(list(machine.secret_key(seen))) == "ok"
    path.chmod(0o644)
    assert "chmod 600" in said(list(machine.secret_key(seen)), "warning")
    path.write_text("short")
    assert "damaged" in said(list(machine.secret_key(seen)), "failure")
    path.unlink()
    assert "dead" in said(list(machine.secret_key(seen)), "failure")


def test_a_disk_without_room_or_a_folder_that_cannot_be_written_is_a_failure(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = ground(library)
    assert worst(list(machine.disk(seen))) == "ok"
    monkeypatch.setattr(machine, "NO_ROOM", 10**18)
    assert "Make room" in said(list(machine.disk(seen)), "failure")
    monkeypatch.undo()
    file = library.data / "file"
    file.write_text("no folder")
    assert "cannot be made" in said(list(machine.disk(ground(library, STATE_DIR=str(file / "below")))), "failure")


def test_a_database_that_is_damaged_newer_or_not_there_is_told(library: Library, tmp_path: Path) -> None:
    seen = ground(library)
    assert "is sound" in said(list(machine.database(seen)), "ok")
    none = look(seen.settings, (), None)
    assert "no database yet" in said(list(machine.database(none)), "ok")
    assert list(content.bulletins(none)) == []
    with library.store.write() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    newer = look(seen.settings, (), library.store)
    assert "T006" in said(list(machine.database(newer)), "failure")


def test_an_empty_database_on_a_server_is_new_and_not_old(library: Library, postgresql_url: str) -> None:
    empty = open_store(postgresql_url)
    seen = look(ground(library).settings, (), empty)
    (found,) = machine.database(seen)
    empty.close()
    assert (found.status, found.remedy) == ("ok", "")
    assert "no tables yet" in found.sentence


def test_an_issue_that_went_to_nobody_though_somebody_waited_is_a_failure(library: Library) -> None:
    library.now = local("2026-11-24T07:45")
    library.tick()
    assert said(list(content.bulletins(ground(library))), "failure") == ""
    with library.store.write() as conn:
        conn.exec_driver_sql("DELETE FROM deliveries")
    assert "Issue 1 of weekly went to nobody" in said(list(content.bulletins(ground(library))), "failure")


def test_a_bulletin_without_readers_and_a_late_one_are_warned_of(library: Library) -> None:
    library.now = local("2026-11-24T07:45")
    assert "should have gone out already" in said(list(content.bulletins(ground(library))), "warning")
    library.tick()
    assert "goes to 1 on 2026-12-01 07:30; the last was issue 1" in said(list(content.bulletins(ground(library))), "ok")
    library.people("other@example.nhs.uk,,nobody,person\n")
    library.schedule(TUESDAYS)
    assert "has no reader" in said(list(content.bulletins(ground(library))), "warning")


def test_a_calendar_whose_end_is_near_is_warned_of_early(library: Library) -> None:
    assert worst(list(content.calendar_reach(ground(library)))) == "ok"
    library.now = local("2027-08-01T09:00")
    assert "C043" in said(list(content.calendar_reach(ground(library))), "warning")


def test_a_broken_file_is_a_failure_that_sends_to_check(library: Library) -> None:
    (library.config / "profiles" / "q.yaml").write_text("title: [\n")
    assert "alerts check" in said(list(content.configuration(ground(library))), "failure")


def test_rows_of_a_clock_that_ran_ahead_are_told(library: Library) -> None:
    from alerts.model.sources import SourceState
    from alerts.store import sources

    with library.store.write() as conn:
        ahead = library.now + timedelta(days=365)
        sources.save_states(conn, [SourceState("a", last_attempt_at=ahead)])
    assert "which is still to come" in said(list(public.clock(ground(library))), "failure")


def test_the_clock_is_compared_with_servers_that_are_asked_anyway(
    library: Library, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_request("/token").respond_with_data("")
    oauth = {
        **SIGNED_IN, "SMTP_PASSWORD": "", "SMTP_OAUTH_TOKEN_URL": httpserver.url_for("/token"),
        "SMTP_OAUTH_CLIENT_ID": "c", "SMTP_OAUTH_CLIENT_SECRET": "s", "CA_BUNDLE": "",
    }  # fmt: skip
    seen = ground(library, **oauth)
    assert "The clock agrees with that of localhost" in said(list(public.clock(seen)), "ok")
    monkeypatch.setattr(public, "system_clock", lambda: datetime.now(UTC) + timedelta(hours=3))
    assert "The clock is 3 hours ahead of that of localhost" in said(list(public.clock(seen)), "failure")


def healthy(**changes: object) -> dict[str, object]:
    return {"status": "ok", "version": __version__, "last_collect_at": None, "warnings": [], **changes}


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (healthy(), "ok", "is this service"),
        (healthy(status="degraded", warnings=["Look."]), "warning", "Look."),
        (healthy(version="0.0.0-other"), "failure", "another service"),
        (healthy(last_collect_at="2020-01-01T00:00:00+00:00"), "failure", "another service"),
        ({"hello": "world"}, "failure", "not this service"),
    ],
)
def test_the_public_address_must_lead_to_this_very_service(
    library: Library, httpserver: HTTPServer, answer: dict[str, object], status: str, words: str
) -> None:
    httpserver.expect_request("/alerts/healthz").respond_with_json(answer)
    seen = ground(library, PUBLIC_ADDRESS=httpserver.url_for("/alerts"))
    found = list(public.address(seen))
    assert "not https" in said(found, "failure")
    assert words in said(found[-1:], status)


def test_a_public_address_that_nobody_answers_at_is_a_failure(library: Library) -> None:
    found = list(public.address(ground(library, PUBLIC_ADDRESS="http://127.0.0.1:9")))
    assert "does not answer" in said(found, "failure")
    assert "is not a name" in said(found, "warning")
    assert worst(list(public.address(ground(library)))) == "ok"


RECORDS = {
    ("example.nhs.uk.", "SOA"): ["ns.example.nhs.uk. h.example.nhs.uk. 1 2 3 4 5"],
    ("example.nhs.uk.", "TXT"): ['"v=spf1 include:spf.example.org -all"', '"other"'],
    ("_dmarc.example.nhs.uk.", "TXT"): ['"v=DMARC1; p=reject"'],
    ("s1._domainkey.example.nhs.uk.", "TXT"): ['"v=DKIM1; p=AAAA"'],
    ("bare.example.org.", "SOA"): ["ns.example.org. h.example.org. 1 2 3 4 5"],
    ("two.example.org.", "SOA"): ["ns.example.org. h.example.org. 1 2 3 4 5"],
    ("two.example.org.", "TXT"): ['"v=spf1 -all"', '"v=spf1 +all"'],
}


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A name server on loopback that knows `RECORDS` and says of anything else that there is no such name."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    server.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                wire, asker = server.recvfrom(4096)
            except TimeoutError:
                continue
            query = dns.message.from_wire(wire)
            answer = dns.message.make_response(query)
            (question,) = query.question
            name, kind = question.name.to_text().lower(), dns.rdatatype.to_text(question.rdtype)
            if (name, kind) in RECORDS:
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *RECORDS[name, kind]))
            elif not any(name == known for known, _ in RECORDS):
                answer.set_rcode(dns.rcode.NXDOMAIN)
            server.sendto(answer.to_wire(), asker)

    thread = threading.Thread(target=serve)
    thread.start()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.getsockname()[1]
    resolver.lifetime = resolver.timeout = 3.0
    monkeypatch.setattr(names, "resolver_of_this_machine", lambda: resolver)
    yield
    over.set()
    thread.join()
    server.close()


def of_domain(library: Library, sender: str, **env: str) -> list[Finding]:
    account = {**SIGNED_IN, "MAIL_FROM": sender, "SMTP_USER": sender, **env}
    return list(names.sender(ground(library, **account)))


@pytest.mark.usefixtures("name_server")
def test_what_the_dns_says_of_the_senders_domain(library: Library) -> None:
    good = of_domain(library, "library@example.nhs.uk")
    assert "SPF record: v=spf1 include" in said(good, "ok")
    assert "DMARC record: v=DMARC1; p=reject" in said(good, "ok")
    assert "send-test" in said(good, "unknown"), "whether the server signs cannot be seen from here"
    bare = said(of_domain(library, "library@bare.example.org"), "warning")
    assert "no SPF record" in bare
    assert "no DMARC record" in bare
    assert "2 SPF records" in said(of_domain(library, "library@two.example.org"), "failure")
    assert "does not exist" in said(of_domain(library, "library@nowhere.example.org"), "failure")


@pytest.mark.usefixtures("name_server")
def test_a_signature_without_its_key_in_the_dns_is_a_failure(library: Library) -> None:
    env = {"DKIM_DOMAIN": "example.nhs.uk", "DKIM_KEY": "unused here"}
    assert "s1._domainkey" in said(of_domain(library, "a@example.nhs.uk", DKIM_SELECTOR="s1", **env), "ok")
    assert "s2._domainkey" in said(of_domain(library, "a@example.nhs.uk", DKIM_SELECTOR="s2", **env), "failure")
    exchange = {"MAIL_PRESET": "exchange-online"}
    assert "no DKIM key of Exchange Online" in said(of_domain(library, "a@example.nhs.uk", **exchange), "warning")


def test_without_the_package_or_a_name_server_it_says_that_it_did_not_look(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise ModuleNotFoundError("dns")

    monkeypatch.setattr(names, "resolver_of_this_machine", missing)
    found = of_domain(library, "a@example.nhs.uk")
    assert worst(found) == "unknown"
    assert "Install alerts[doctor]" in said(found, "unknown")


def test_a_check_that_breaks_or_hangs_costs_only_itself(library: Library) -> None:
    held = threading.Event()

    def breaks(_: Ground) -> Iterator[Finding]:
        yield Finding("first", "ok", "This was found before.")
        raise RuntimeError("out of order")

    def hangs(_: Ground) -> Iterator[Finding]:
        held.wait(30)
        return iter(())

    def works(_: Ground) -> Iterator[Finding]:
        yield Finding("last", "ok", "All is well.")

    began = time.monotonic()
    found = examine(ground(library), (("first", breaks, 5), ("second", hangs, 0.2), ("last", works, 5)))
    held.set()
    assert time.monotonic() - began < 5
    assert [(each.about, each.status) for each in found] == [
        ("first", "ok"), ("first", "failure"), ("second", "failure"), ("last", "ok"),
    ]  # fmt: skip
    assert "RuntimeError: out of order" in found[1].sentence


def test_nothing_is_changed(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.tick("2026-11-24T07:30")
    monkeypatch.setattr(public, "_date_of", lambda ground, url: None)
    seen = ground(library)

    def state() -> dict[str, str]:
        with library.store.read() as conn:
            rows = [
                conn.exec_driver_sql(f"SELECT * FROM {name}").fetchall()
                for name in ("deliveries", "bulletins", "switches", "periods", "leases", "subscriptions")
            ]
        files = {
            str(each): hashlib.sha256(each.read_bytes()).hexdigest()
            for each in library.data.rglob("*")
            if each.is_file()
        }
        return {**files, "rows": str(rows)}

    before = state()
    found = examine(seen)
    assert {each.about for each in found} >= {name for name, _, _ in CHECKS} - {"sender's domain"}
    assert all(each.remedy for each in found if each.status == "failure")
    assert state() == before
