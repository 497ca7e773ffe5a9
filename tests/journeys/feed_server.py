"""A feed server on loopback whose answers a journey sets: what it gives, and how it fails."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Item:
    """One item of a journey's feed."""

    title: str
    guid: str
    link: str = ""
    summary: str = ""
    published: datetime | None = None
    doi: str = ""


def rss(title: str, items: Sequence[Item]) -> bytes:
    """Return an RSS 2.0 feed of `items`."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>',
        f"<title>{escape(title)}</title><link>https://www.example.org/</link><description>d</description>",
    ]
    for item in items:
        dated = f"<pubDate>{format_datetime(item.published)}</pubDate>" if item.published else ""
        doi = f"<dc:identifier>doi:{escape(item.doi)}</dc:identifier>" if item.doi else ""
        parts.append(
            f"<item><title>{escape(item.title)}</title>"
            f"<link>{escape(item.link or f'https://www.example.org/{item.guid}')}</link>"
            f'<guid isPermaLink="false">{escape(item.guid)}</guid>{dated}{doi}'
            f"<description>{escape(item.summary)}</description></item>"
        )
    return "\n".join([*parts, "</channel></rss>"]).encode()


@dataclass
class FeedServer:
    """Serves bodies by path, with an ETag each; `broken` paths answer with the status they name."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.asked.append((self.path, dict(self.headers)))
                body = outer.bodies.get(self.path)
                status = outer.broken.get(self.path, 200 if body is not None else 404)
                etag = '"' + hashlib.sha256(body or b"").hexdigest()[:16] + '"'
                if status == 200 and self.headers.get("If-None-Match") == etag:
                    status = 304
                shown = body if status == 200 and body is not None else b""
                self.send_response(status)
                self.send_header("Content-Length", str(len(shown)))
                if status in (200, 304):
                    self.send_header("ETag", etag)
                    is_page = shown.lstrip().lower().startswith((b"<!doctype html", b"<html"))
                    self.send_header("Content-Type", "text/html" if is_page else "application/xml")
                self.end_headers()
                self.wfile.write(shown)

            def log_message(self, format: str, *args: object) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def address(self, path: str) -> str:
        """Return the whole address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"
