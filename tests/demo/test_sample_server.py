from __future__ import annotations

import http.client
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from alerts.demo.samples import Samples
from alerts.demo.server import SampleServer
from alerts.fetch import Fetcher, FetchSettings
from alerts.fetch.failures import ServerTrouble
from alerts.model.sources import Source, SourceState

ANCHOR = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[SampleServer]:
    with SampleServer(Samples(ANCHOR)) as running:
        yield running


def ask(server: SampleServer, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def test_every_sample_is_served_with_its_type(server: SampleServer) -> None:
    for feed in Samples(ANCHOR).feeds.values():
        answer, body = ask(server, feed.path)
        assert (answer.status, body) == (feed.status, feed.body)
        assert answer.headers["Content-Type"] == feed.content_type


def test_a_known_feed_is_answered_304_by_either_validator(server: SampleServer) -> None:
    answer, _ = ask(server, "/jech.rdf")
    for headers in (
        {"If_None_Match": answer.headers["ETag"]},
        {"If_Modified_Since": answer.headers["Last-Modified"]},
    ):
        again, body = ask(server, "/jech.rdf", **headers)
        assert (again.status, body) == (304, b"")
        assert again.headers["ETag"] == answer.headers["ETag"]


def test_another_validator_gets_the_feed(server: SampleServer) -> None:
    assert ask(server, "/jech.rdf", If_None_Match='"other"')[0].status == 200
    assert ask(server, "/jech.rdf", If_Modified_Since="Sun, 01 Nov 2026 00:00:00 GMT")[0].status == 200


def test_what_is_not_a_sample_is_not_there(server: SampleServer) -> None:
    for path in ("/", "/nothing.rss", "/../../etc/passwd"):
        assert ask(server, path)[0].status == 404


def test_the_source_that_is_down_does_not_speak_for_the_others_on_its_host(server: SampleServer) -> None:
    answer, _ = ask(server, "/incident-alerts.rss")
    assert (answer.status, answer.headers["Retry-After"]) == (503, None)


def test_only_this_machine_can_reach_it(server: SampleServer) -> None:
    assert server.address == f"http://127.0.0.1:{server.port}"


def test_a_wanted_port_is_used_and_free_again_afterwards() -> None:
    samples = Samples(ANCHOR)
    with SampleServer(samples) as first:
        port = first.port
    with SampleServer(samples, port=port) as second:
        assert second.port == port


async def test_the_services_own_fetcher_reads_it(server: SampleServer) -> None:
    async with Fetcher(FetchSettings(allow_loopback=True, host_pause_s=0)) as fetcher:
        source = Source("jech", "JECH", server.address + "/jech.rdf")
        first = await fetcher.get(source, SourceState("jech"))
        again = await fetcher.get(source, SourceState("jech", etag=first.etag, last_modified=first.last_modified))
        assert (first.not_modified, again.not_modified) == (False, True)
        with pytest.raises(ServerTrouble):
            await fetcher.get(Source("x", "X", server.address + "/incident-alerts.rss"), SourceState("x"))
        assert (await fetcher.get(source, SourceState("jech"))).body == first.body
