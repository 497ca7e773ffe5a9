"""Sources that misbehave in every way at once, beside one that is well: the service as an administrator runs it."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.fetch import hostile
from tests.fetch.hostile import says, whole
from tests.journeys.feed_server import FeedServer, Item, rss
from tests.journeys.hostile_server import HostileServer

if TYPE_CHECKING:
    from tests.journeys.conftest import Library

FAILING = {**hostile.FETCHED, **hostile.NO_FEEDS}
ITEMS = [Item(f"Vaping and health, study {n}", f"v{n}") for n in range(10)]
LIMITS = {f"ALERTS_{name.upper()}": str(value) for name, value in hostile.LIMITS.items()}


def slug(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return f"status-{plain}" if plain[0].isdigit() else plain


def follow(library: Library, server: HostileServer, *names: str) -> None:
    """Add a source of each name; its path is its id, and each is at the next of the server's hosts."""
    sources = (library.folder / "config" / "sources" / "journals.yaml").read_text()
    for n, name in enumerate(names):
        address = server.address(f"/{slug(name)}", n)
        sources += f'  - {{id: {slug(name)}, title: "{name}", address: "{address}", type: news}}\n'
    library.write("config/sources/journals.yaml", sources)


def rows(library: Library, query: str) -> list[Any]:
    with closing(sqlite3.connect(library.folder / "data" / "alerts.sqlite3")) as db:
        return db.execute(query).fetchall()


def test_a_source_that_is_well_loses_nothing_beside_a_hundred_that_misbehave_and_each_of_those_is_told(
    library: Library, feeds: FeedServer
) -> None:
    feeds.bodies["/journal.xml"] = rss("Journal of Examples", ITEMS)
    patience = {"ALERTS_READ_TIMEOUT_S": "4", "ALERTS_TOTAL_TIMEOUT_S": "8"}
    library.env |= {**LIMITS, **patience, "ALERTS_FETCH_CONCURRENCY": "8"}
    for name in hostile.PACKING:
        FAILING[name].pieces()  # bombs take a while to make
    with HostileServer({f"/{slug(name)}": case for name, case in FAILING.items()}, ports=8) as server:
        follow(library, server, *FAILING)
        done = library.json("collect")
        outcomes = {each["id"]: each for each in done["sources"]}
        assert outcomes["journal"]["new_records"] == len(ITEMS)
        assert {name: outcomes[slug(name)]["code"] for name in FAILING} == {
            name: case.outcome for name, case in FAILING.items()
        }
        for name in FAILING:
            each = outcomes[slug(name)]
            assert each["outcome"] == "failed"
            assert each["message"].endswith(".")
            assert each["remedy"]
            assert each["cause"]
        kept = rows(
            library,
            "select source_id, failure_code, failures, next_due_at is not null, etag, body_hash from source_states",
        )
        for source_id, code, failures, is_due_again, etag, body_hash in kept:
            if source_id != "journal":
                assert (code, failures, is_due_again) == (outcomes[source_id]["code"], 1, 1), source_id
                assert (etag, body_hash) == ("", ""), f"{source_id}: validators without a complete parsed body"

        server.heads.clear()
        quick = [name for name in FAILING if name not in hostile.SIZE_AND_TIME]
        again = library.run("collect", "journal", *map(slug, quick))
        assert not [head for head in server.heads if b"if-none-match" in head.lower()]
        assert "If-None-Match" in feeds.asked[-1][1]
        for name in quick:
            told = next(line for line in again.stdout.splitlines() if line.startswith(f"  failed: {name} — "))
            assert f"({FAILING[name].outcome}" in told, "the technical cause stands behind the sentence"


HOSTILE_FEED = b"""<?xml version="1.0"?>
<?xml-stylesheet type="text/xsl" href="/bait-style.xsl"?>
<!DOCTYPE rss SYSTEM "/bait.dtd" [<!ENTITY x SYSTEM "/bait-entity">]>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:xi="http://www.w3.org/2001/XInclude" xml:base="{home}/bait-base/">
<channel><title>Bait</title><link>{home}/bait-home</link><image><url>{home}/bait-image.png</url></image>
<atom:link rel="hub" href="{home}/bait-hub"/><atom:link rel="self" href="{home}/bait-self"/>
<atom:link rel="next" href="{home}/bait-next"/><cloud domain="127.0.0.1" port="{port}" path="/bait-cloud"/>
<docs>{home}/bait-docs</docs><xi:include href="{home}/bait-include"/>
<item><title>Vaping in bait &lt;img src="{home}/bait-title.png"&gt;</title><link>{home}/bait-link</link>
<guid>{home}/bait-guid</guid>
<comments>{home}/bait-comments</comments><enclosure url="{home}/bait.mp3" length="1" type="audio/mpeg"/>
<source url="{home}/bait-source">x</source><media:content url="{home}/bait-media"/>
<media:thumbnail url="{home}/bait-thumb"/><description>&lt;img src="{home}/bait.png"&gt;
&lt;script src="{home}/bait.js"&gt;&lt;/script&gt;&lt;iframe src="{home}/bait-frame"&gt;
&lt;link rel="icon" href="{home}/bait-icon"&gt;&lt;style&gt;@import "{home}/bait.css"&lt;/style&gt;</description></item>
</channel></rss>"""


def test_nothing_is_fetched_but_the_feed_itself_however_many_addresses_it_holds(library: Library) -> None:
    with HostileServer({}) as server:
        home = server.address("").encode()
        body = HOSTILE_FEED.replace(b"{home}", home).replace(b"{port}", str(server.ports[0]).encode())
        links = b'Link: <%s/bait-header>; rel="hub preload"\r\nRefresh: 0; url=%s/bait-refresh' % (home, home)
        server.cases["/bait"] = says("", whole(body, links))
        follow(library, server, "bait")
        collected = library.json("collect", "bait")
        assert collected["new_records"] == 1
        library.run("publish", "--now")
        library.run("deliver")
        library.run("source", "read", "bait")
        assert server.asked() == ["/bait", "/bait"], "once collected, once read on demand"


@pytest.mark.thorough
def test_a_body_that_brings_the_parser_down_is_left_alone_after_three_runs_until_it_changes(library: Library) -> None:
    """Time is too short for this body: the real parser, the real limit, a process of its own for each run."""
    library.env |= {"ALERTS_PARSER_WALL_S": "0.05", "ALERTS_MAX_BODY_BYTES": "15000000"}
    heavy = rss("Heavy", [Item(f"Vaping {n}", f"h{n}", summary="<p>" * 40 + "text " * 400) for n in range(1500)])
    with HostileServer({"/heavy": says("", whole(heavy))}) as server:
        follow(library, server, "heavy")
        codes = [library.json("collect", "heavy", expect=1)["sources"][0]["code"] for _ in range(5)]
        assert codes == ["F071", "F071", "F071", "F073", "F073"]
        assert len(server.heads) == 5, "it is asked for all the same: it may have changed"
        library.env["ALERTS_PARSER_WALL_S"] = "30"
        assert library.json("collect", "heavy")["sources"][0]["entries"] == 1500, "more time is another chance"


@pytest.mark.thorough
def test_a_host_that_asks_for_rest_is_left_alone_by_the_next_run_and_asked_again_afterwards(library: Library) -> None:
    busy = hostile.status(b"429 Too Many Requests", b"Retry-After: 3600")
    with HostileServer({"/busy": says("F429", busy), "/quiet": says("", whole())}) as server:
        follow(library, server, "busy", "quiet")
        assert library.json("collect", "busy", expect=1)["sources"][0]["code"] == "F429"
        other = library.json("collect", "quiet", expect=1)["sources"][0]
        assert other["code"] == "F428"
        assert server.asked() == ["/busy"]
        assert rows(library, "select failures from source_states where source_id = 'quiet'") == [(0,)]
        later = library.json("collect", "quiet", env={"ALERTS_CLOCK": "2099-01-01T00:00:00Z"})
        assert later["sources"][0]["new_records"] == 1


@pytest.mark.thorough
@pytest.mark.parametrize("head", [b"Cache-Control: max-age=20000", b""], ids=["by the server", "by the feed"])
def test_what_a_publisher_asks_for_lengthens_the_wait_and_still_does_after_not_modified(
    library: Library, head: bytes
) -> None:
    ttl = b"" if head else b"<ttl>333</ttl><skipDays><day>Someday</day></skipDays>"
    body = hostile.FEED.replace(b"<item>", ttl + b"<item>", 1)
    not_modified = b"HTTP/1.1 304 Not Modified\r\n" + (head + b"\r\n" if head else b"") + b"\r\n"
    with HostileServer({"/slow": says("", whole(body, *([head] if head else [])))}) as server:
        follow(library, server, "slow")
        wait = "(julianday(next_due_at) - julianday(last_attempt_at)) * 86400"
        for answer in (server.cases["/slow"], says("", not_modified)):
            server.cases["/slow"] = answer
            library.run("collect", "slow")
            [(seconds,)] = rows(library, f"select {wait} from source_states where source_id = 'slow'")
            assert 19_900 < seconds < 20_500
        assert library.json("collect", expect=None)["not_due"] == 1
        assert b"If-None-Match" in server.heads[-1]


@pytest.mark.thorough
def test_an_empty_answer_that_bears_the_etag_of_the_whole_feed_hides_nothing(library: Library) -> None:
    more = hostile.FEED.replace(b"</channel>", b"<item><title>Vaping later</title><guid>2</guid></item></channel>")
    with HostileServer({"/second": says("", whole())}) as server:
        follow(library, server, "second")
        library.run("collect", "second")
        empty = b'HTTP/1.1 200 OK\r\nETag: "of-the-longer-feed"\r\nContent-Length: 0\r\n\r\n'
        server.cases = {"/second": says("P001", empty)}
        assert library.json("collect", "second", expect=1)["sources"][0]["code"] == "P001"
        server.cases = {"/second": says("", whole(more))}
        assert library.json("collect", "second")["new_records"] == 1
        assert b"of-the-longer-feed" not in server.heads[-1]


@pytest.mark.thorough
def test_a_source_that_has_moved_is_followed_and_remembered_and_an_edited_address_is_asked_at_once(
    library: Library,
) -> None:
    with HostileServer({}) as server:
        moved = hostile.status(b"301 Moved Permanently", b"Location: " + server.address("/new").encode())
        server.cases = {"/old": says("", moved), "/new": says("", whole())}
        follow(library, server, "old")
        for times in (1, 2, 3):
            library.run("collect", "old")
            [(to, count)] = rows(library, "select moved_to, moved_times from source_states where source_id = 'old'")
            assert (to, count) == (server.address("/new"), times)
        config = library.folder / "config" / "sources" / "journals.yaml"
        assert "/old" in config.read_text(), "the YAML is never rewritten"
        server.heads.clear()
        library.run("collect", expect=None)
        assert server.asked() == [], "not due"
        config.write_text(config.read_text().replace("/old", "/new"))
        library.run("collect", expect=None)
        assert server.asked() == ["/new"]
        assert b"If-None-Match" not in server.heads[0], "validators are of the address they came with"
        [(to, _)] = rows(library, "select moved_to, moved_times from source_states where source_id = 'old'")
        assert to == ""
