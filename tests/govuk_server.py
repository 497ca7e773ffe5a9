"""GOV.UK on loopback: the feeds of its searches and its content API, in the shapes that both really have."""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

PER_PAGE = 20
NAMESPACE = uuid.UUID("5f5e1bb5-7631-11e4-a3cb-005056011aef")


def page(
    path: str,
    title: str,
    first: datetime,
    *,
    kind: str = "guidance",
    description: str = "",
    changes: Mapping[datetime, str] | None = None,
    organisations: tuple[str, ...] = ("Department of Examples",),
    locale: str = "en",
    of: str = "",
    **details: Any,
) -> dict[str, Any]:
    """Return a page as the content API gives it; `of` is the path of the page that it is a translation of."""
    history = {first: "First published.", **(changes or {})}
    made: dict[str, Any] = {
        "base_path": path,
        "content_id": str(uuid.uuid5(NAMESPACE, of or path)),
        "document_type": kind,
        "schema_name": "consultation" if "consultation" in kind else "publication",
        "title": title,
        "description": description or f"About {title.lower()}.",
        "first_published_at": first.isoformat(),
        "public_updated_at": max(history).isoformat(),
        "updated_at": datetime(2026, 1, 1, tzinfo=UTC).isoformat(),
        "locale": locale,
        "withdrawn_notice": {},
        "details": {
            "body": f'<div class="govspeak"><p>All of {escape(title)}.</p></div>',
            "change_history": [{"public_timestamp": when.isoformat(), "note": note} for when, note in history.items()],
            **details,
        },
        "links": {"organisations": [{"title": each, "locale": "en"} for each in organisations]},
    }
    if of:
        made["links"]["available_translations"] = [
            {"base_path": of, "locale": "en"},
            {"base_path": path, "locale": locale},
        ]
    return made


@dataclass
class GovUk:
    """Serves pages by path, lists all of `listed` (path → date) in any search, the newest first.

    `broken` are answers of the content API by path: a status, and a body if one is given.
    """

    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    listed: dict[str, datetime] = field(default_factory=dict)
    broken: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    feed_body: bytes | None = None
    asked: list[str] = field(default_factory=list)

    def publish(self, made: dict[str, Any]) -> None:
        """Put a page up, listed under the day of its last change."""
        self.pages[made["base_path"]] = made
        self.listed[made["base_path"]] = datetime.fromisoformat(made["public_updated_at"])

    def content_asked(self) -> list[str]:
        """Return the paths that the content API was asked about since the last time, and forget them."""
        found = [each.removeprefix("/api/content") for each in self.asked if each.startswith("/api/content/")]
        self.asked.clear()
        return found

    def _list(self, query: Mapping[str, list[str]], paged: bool) -> bytes:
        newest = sorted(self.listed, key=lambda path: self.listed[path], reverse=True)
        number = int(query.get("page", ["1"])[0]) if paged else 1
        entries = "".join(
            f"<entry><id>tag:www.gov.uk,2005:{path}</id><updated>{self.listed[path].isoformat()}</updated>"
            f'<link rel="alternate" type="text/html" href="{self.address(path) if path.startswith("/") else path}"/>'
            f"<title>{escape(self.pages.get(path, {}).get('title') or 'Untold')}</title>"
            f'<summary type="html">{escape(self.pages.get(path, {}).get("description") or "From the list.")}</summary>'
            "</entry>"
            for path in newest[(number - 1) * PER_PAGE : number * PER_PAGE]
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?><feed xml:lang="en-US" xmlns="http://www.w3.org/2005/Atom">'
            f"<id>tag:www.gov.uk,2005:/search/all</id><title>Search</title>{entries}</feed>"
        ).encode()

    def _answer(self, target: str) -> tuple[int, bytes, str]:
        parts = urlsplit(target)
        path = unquote(parts.path)
        if path.startswith("/api/content"):
            path = path.removeprefix("/api/content")
            if path in self.broken:
                return (*self.broken[path], "application/json")
            found = self.pages.get(path)
            status = 404 if found is None else 410 if found["schema_name"] == "gone" else 200
            return status, json.dumps(found or {}).encode(), "application/json; charset=utf-8"
        if path.endswith(".atom"):
            body = (
                self.feed_body if self.feed_body is not None else self._list(parse_qs(parts.query), "/search/" in path)
            )
            return 200, body, "application/atom+xml; charset=utf-8"
        return 404, b"", "text/html"

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.asked.append(self.path)
                status, body, kind = outer._answer(self.path)
                etag = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'
                if status == 200 and self.headers.get("If-None-Match") == etag:
                    status, body = 304, b""
                self.send_response(status)
                for name, value in {"ETag": etag, "Content-Type": kind, **outer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

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
