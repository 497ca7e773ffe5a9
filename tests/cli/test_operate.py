"""`alerts healthcheck`: whom it asks, and what it says of answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner, Result

from alerts.cli import alerts
from alerts.cli.operate import _own_address


class Answering(BaseHTTPRequestHandler):
    """Answers as the path says: /200, /503 with a report, /404 with a page."""

    def do_GET(self) -> None:
        status = int(self.path[1:4])
        report = {
            "status": "ok" if status == 200 else "failing",
            "database": "T007 The disk is full.",
            "warnings": ["Look."],
        }
        body = b"<h1>no such page</h1>" if status == 404 else json.dumps(report).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def ask(address: str) -> Result:
    return CliRunner().invoke(alerts, ["healthcheck", "--url", address])


@pytest.mark.parametrize(
    ("path", "code", "said"),
    [
        ("/200", 0, "The service is ok.\n  Look."),
        ("/503", 1, "The service is failing.\n  Look.\n  Database: T007 The disk is full."),
        ("/404", 1, "The service is failing.\n  What answers there is not our health page (HTTP 404)."),
    ],
)
def test_health_is_told_with_the_reason(address: str, path: str, code: int, said: str) -> None:
    done = ask(address + path)
    assert (done.exit_code, done.output.strip()) == (code, said)


@pytest.mark.parametrize(
    ("host", "port", "asked"),
    [
        ("", "", "http://127.0.0.1:8000/healthz"),
        ("0.0.0.0", "8080", "http://127.0.0.1:8080/healthz"),
        ("::", "8080", "http://[::1]:8080/healthz"),
        ("::1", "8080", "http://[::1]:8080/healthz"),
        ("alerts.internal", "80", "http://alerts.internal:80/healthz"),
    ],
)
def test_the_service_is_asked_where_the_settings_say(
    monkeypatch: pytest.MonkeyPatch, host: str, port: str, asked: str
) -> None:
    monkeypatch.setenv("ALERTS_WEB_HOST", host)
    monkeypatch.setenv("ALERTS_WEB_PORT", port)
    assert _own_address() == asked


def test_a_port_that_is_none_is_a_bad_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    from alerts.config import BadSettings

    monkeypatch.setenv("ALERTS_WEB_PORT", "abc")
    with pytest.raises(BadSettings, match="ALERTS_WEB_PORT"):
        _own_address()
