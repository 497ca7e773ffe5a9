"""Serve the sample sources on loopback, politely: with validators, so that a second poll is answered 304."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from datetime import UTC
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs

from alerts.demo.samples import Feed, Samples
from alerts.demo.samples.searches import esearch

_LONGEST_FORM = 100_000


class _Handler(BaseHTTPRequestHandler):
    """Answers GET with a feed, POST as a database does, 304 when it is known already, 404 elsewhere."""

    server: _Server
    server_version = "alerts-samples"
    sys_version = ""

    def do_GET(self) -> None:
        feed = self.server.feeds.get(self.path.partition("?")[0])
        if feed is None:
            self._answer(404, {"Content-Type": "text/plain; charset=utf-8"}, b"There is no sample source here.\n")
        elif feed.status != 200:
            # no Retry-After: it would speak for the whole host, and all samples live on this one
            self._answer(feed.status, {"Content-Type": feed.content_type}, feed.body)
        else:
            self._feed(feed)

    def do_POST(self) -> None:
        """Answer ESearch and EFetch below the address of a search of PubMed: everything is new, and nothing changed."""
        place, _, utility = self.path.rpartition("/")
        form = parse_qs(self.rfile.read(min(int(self.headers.get("Content-Length", "0")), _LONGEST_FORM)).decode())
        feed = self.server.feeds.get(place)
        if feed is None or utility not in ("esearch.fcgi", "efetch.fcgi"):
            self._answer(404, {"Content-Type": "text/plain; charset=utf-8"}, b"There is no sample source here.\n")
            return
        count = feed.body.count(b"<PubmedArticle>") if form.get("datetype") == ["edat"] else 0
        body = esearch(count).encode() if utility == "esearch.fcgi" else feed.body
        self._answer(200, {"Content-Type": feed.content_type}, body)

    def _feed(self, feed: Feed) -> None:
        etag = f'"{hashlib.sha256(feed.body).hexdigest()[:20]}"'
        validators = {"ETag": etag, "Last-Modified": self.server.changed}
        asked = self.headers.get("If-None-Match")
        known = asked == etag if asked else self.headers.get("If-Modified-Since") == self.server.changed
        if known:
            self._answer(304, validators)
        else:
            self._answer(200, {"Content-Type": feed.content_type, **validators}, feed.body)

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body is not None:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the demo tells what it does."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, samples: Samples) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.feeds = {feed.path: feed for feed in (*samples.feeds.values(), *samples.pages)}
        self.changed = format_datetime(samples.anchor.astimezone(UTC).replace(microsecond=0), usegmt=True)


class SampleServer:
    """A server for as long as the `with` lasts. `address` is its base address, without a final slash."""

    def __init__(self, samples: Samples, port: int = 0) -> None:
        self._samples = samples
        self._wanted_port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._server = _Server(self._wanted_port, self._samples)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    @property
    def port(self) -> int:
        """The port it listens on, on loopback only."""
        assert self._server is not None, "a SampleServer is used inside `with`"
        return int(self._server.server_address[1])

    @property
    def address(self) -> str:
        """The base address of every sample source."""
        return f"http://127.0.0.1:{self.port}"
