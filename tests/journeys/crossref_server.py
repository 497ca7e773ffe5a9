"""Crossref's REST API on loopback, as far as the service asks it: journals, lists of DOIs, single works."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.parse.crossref_samples import listed, refused


def _day(work: dict[str, Any], name: str) -> date:
    return date(*work[name]["date-parts"][0])


@dataclass
class CrossrefServer:
    """Answers from its `works`; `page` is how many it gives at once, `fault` (status, body, headers) what it says
    instead, `unknown` the ISSNs it has never heard of, and `refuses` a DOI that makes it refuse the whole question.
    """

    works: list[dict[str, Any]] = field(default_factory=list)
    page: int = 100
    fault: tuple[int, bytes, dict[str, str]] | None = None
    faults_after: int = 0
    unknown: set[str] = field(default_factory=set)
    refuses: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def answer(self, target: str) -> tuple[int, bytes, dict[str, str]]:
        """Return status, body and further headers for a request."""
        parts = urlsplit(target)
        told = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((unquote(parts.path), told))
        if self.fault is not None and len(self.asked) > self.faults_after:
            return self.fault
        steps = parts.path.strip("/").split("/")
        if steps[0] == "journals":
            return self._journal(steps[1], told)
        if steps == ["works"]:
            return self._listed(told)
        return self._single(unquote(steps[1]))

    def dois_asked(self) -> list[str]:
        """Return the DOIs that were asked for, in the order of the questions."""
        filters = [each for _, told in self.asked for each in told.get("filter", "").split(",")]
        return [each.removeprefix("doi:") for each in filters if each.startswith("doi:")]

    def _journal(self, issn: str, told: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        if issn in self.unknown:
            return 404, b"Resource not found.", {"Content-Type": "text/plain"}
        wanted = dict(each.split(":", 1) for each in told["filter"].split(","))
        since = date.fromisoformat(wanted["from-index-date"][:10])
        created = date.fromisoformat(wanted["from-created-date"][:10])
        until = date.fromisoformat(wanted.get("until-index-date", "2999-01-01")[:10])
        found = [
            each for each in self.works
            if issn in each.get("ISSN", ()) and since <= _day(each, "indexed") <= until
            if _day(each, "created") >= created
        ]  # fmt: skip
        at = 0 if told["cursor"] == "*" else int(told["cursor"].removeprefix("from+/="))
        page = found[at : at + self.page]
        return 200, listed(*page, total=len(found), cursor=f"from+/={at + len(page)}"), {}

    def _listed(self, told: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        wanted = [each.removeprefix("doi:").lower() for each in told["filter"].split(",")]
        if self.refuses in wanted:
            return 400, refused(f"DOI {self.refuses} is not valid."), {}
        found = [each for each in self.works if each["DOI"].lower() in wanted]
        return 200, listed(*({n: v for n, v in each.items() if n in told["select"].split(",")} for each in found)), {}

    def _single(self, doi: str) -> tuple[int, bytes, dict[str, str]]:
        found = next((each for each in self.works if each["DOI"].lower() == doi.lower()), None)
        if found is None:
            return 404, b"Resource not found.", {"Content-Type": "text/plain"}
        return 200, json.dumps({"status": "ok", "message-type": "work", "message": found}).encode(), {}

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status, body, headers = outer.answer(self.path)
                self.send_response(status)
                told = {"Content-Type": "application/json", "x-rate-limit-limit": "500", "x-rate-limit-interval": "1s"}
                for name, value in {**told, **headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
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

    @property
    def address(self) -> str:
        """The address of the API."""
        return f"http://127.0.0.1:{self.port}"


def days_before(moment: datetime, days: int) -> tuple[int, int, int]:
    """Return year, month and day of a day before a moment."""
    day = (moment - timedelta(days=days)).date()
    return day.year, day.month, day.day
