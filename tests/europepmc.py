"""A Europe PMC on loopback: its search with spans of days, cursors, errors with status 200, and records of our own.

The shape is that of the Articles RESTful API, version 6.9, `resultType=core`, `format=json`. The records are made up.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

_SPAN = re.compile(r"(FIRST_PDATE|UPDATE_DATE):\[(\d{4}-\d\d-\d\d) TO (\d{4}-\d\d-\d\d)\]")
_NAME = re.compile(r"(DOI|EXT_ID):\"?([^\s\")]+)")
_DATES = {"FIRST_PDATE": "firstPublicationDate", "UPDATE_DATE": "updated"}


def record(number: int, title: str, published: str, **more: Any) -> dict[str, Any]:
    """Return a result as Europe PMC gives it; `updated` (never shown) is when it was last changed."""
    source = more.pop("source", "MED")
    named = {"pmid": str(number)} if source == "MED" else {}
    return {
        "id": str(more.pop("id", number)),
        "source": source,
        **named,
        "doi": f"10.5555/epmc.{number}",
        "title": f"{title}.",
        "authorString": "Roe J, Doe A.",
        "authorList": {"author": [{"fullName": "Roe J"}, {"fullName": "Doe A"}]},
        "journalInfo": {
            "volume": "12",
            "issue": "3",
            "journal": {"title": "Journal of Examples", "issn": "2049-3630"},
        },
        "pubYear": published[:4],
        "language": "eng",
        "pubTypeList": {"pubType": ["Journal Article"]},
        "isOpenAccess": "N",
        "firstIndexDate": more.get("firstIndexDate", published),
        "firstPublicationDate": published,
        "updated": more.pop("updated", published),
        **more,
    }


def told(kind: str, number: int, reference: str = "") -> dict[str, str]:
    """Return one of a `commentCorrectionList`: what happened, and which record of PubMed tells of it."""
    return {"id": str(number), "source": "MED", "type": kind, "reference": reference}


def corrections(*each: Mapping[str, str]) -> dict[str, Any]:
    """Return a `commentCorrectionList`."""
    return {"commentCorrection": [dict(one) for one in each]}


def answer(results: list[Any], counted: int | None = None, cursor: str = "") -> bytes:
    """Return one page of results."""
    shown = [
        {name: value for name, value in one.items() if name != "updated"} if isinstance(one, dict) else one
        for one in results
    ]
    page: dict[str, Any] = {"version": "6.9", "hitCount": len(results) if counted is None else counted}
    if cursor:
        page["nextCursorMark"] = cursor
    return json.dumps({**page, "resultList": {"result": shown}}).encode()


REFUSAL = b'{"version":"6.9","errCode":400,"errMsg":"Invalid query syntax"}'


@dataclass(frozen=True)
class Asked:
    """One request: GET or POST, and what was asked."""

    method: str
    path: str
    question: dict[str, str]


@dataclass
class EuropePMC:
    """Finds every record whose dates lie in the span asked for, newest first. `instead` are answers for the next ones.

    `repeats`: it ends by giving the same cursor again, as it used to, instead of none.
    """

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    instead: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)
    repeats: bool = False
    refuses: str = ""
    """Text in a question that makes it one that cannot be read."""

    def add(self, *records: dict[str, Any]) -> None:
        """Take records in, or changed ones in the place of those of the same id."""
        for each in records:
            self.records[f"{each['source']}/{each['id']}"] = each

    def search(self, question: Mapping[str, str]) -> bytes:
        """Return the page of results that a question asks for."""
        spans = _SPAN.findall(question["query"])
        names = set(_NAME.findall(question["query"]))
        found = [
            each
            for each in self.records.values()
            if any(first <= str(each[_DATES[name]]) <= last for name, first, last in spans)
            or names & {("DOI", each["doi"]), ("EXT_ID", each["id"])}
        ]
        found.sort(key=lambda each: (str(each["firstPublicationDate"]), str(each["id"])), reverse=True)
        mark = question.get("cursorMark", "*")
        at = 0 if mark == "*" else int(mark.removeprefix("AoE"))
        size = int(question["pageSize"])
        goes_on = at + size < len(found)
        cursor = f"AoE{at + size}" if goes_on else mark if self.repeats else ""
        return answer(found[at : at + size], len(found), cursor)

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path, _, query = self.path.partition("?")
                self._answer("GET", path, query)

            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._answer("POST", self.path, form)

            def _answer(self, method: str, path: str, text: str) -> None:
                question = {name: values[0] for name, values in parse_qs(text).items()}
                outer.asked.append(Asked(method, path, question))
                status, body, headers = outer.instead.pop(0) if outer.instead else (200, b"", {})
                if outer.refuses and outer.refuses in question.get("query", ""):
                    status, body = 400, REFUSAL
                body = body or outer.search(question)
                self.send_response(status)
                for name, value in {"Content-Type": "application/json;charset=UTF-8", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
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
        """The address of the search."""
        return f"http://127.0.0.1:{self.port}/europepmc/webservices/rest/search"
