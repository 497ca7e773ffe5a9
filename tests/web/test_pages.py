"""The public pages: what is shown, and what surrounds it."""

from __future__ import annotations

import base64
import hashlib
import logging

import pytest
from starlette.testclient import TestClient

from tests.web.conftest import STORED, MemoryService, PlainPages

EVERY_PAGE = ["/", "/bulletins/", "/bulletins/public-health/", "/bulletins/public-health/12", "/healthz", "/nowhere"]


def test_an_issue_is_shown_byte_for_byte_as_it_was_stored(client: TestClient) -> None:
    answer = client.get("/bulletins/public-health/12")
    assert answer.status_code == 200
    assert answer.content == STORED
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_the_index_links_under_the_path_of_the_public_address(client: TestClient) -> None:
    assert "href='/alerts/bulletins/public-health/'" in client.get("/").text


def test_a_bulletin_has_a_page_with_and_without_the_last_slash(client: TestClient) -> None:
    with_slash, without = client.get("/bulletins/public-health/"), client.get("/bulletins/public-health")
    assert (with_slash.status_code, without.status_code) == (200, 200)
    assert with_slash.text == without.text


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/bulletins/none/", "/bulletins/public-health/13", "/bulletins/public-health/x", "/bulletins/a/1/2",
     "/bulletins/../../etc/passwd", "/bulletins/%2e%2e%2f/1", "/bulletins/public-health/99999999999999999999999999"],
)  # fmt: skip
def test_what_is_not_there_is_said_kindly(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "<h1>not_found</h1>" in answer.text
    assert "library@example.nhs.uk" in answer.text


@pytest.mark.parametrize("host", ["evil.example", "alerts.example.nhs.uk:81", "evil.example/..", ""])
@pytest.mark.parametrize("path", [*EVERY_PAGE, "/leave/unknown", "/healthz/", "/leave/unknown/", "//evil.example/"])
def test_nothing_is_taken_from_the_host_header(client: TestClient, path: str, host: str) -> None:
    answer = client.get(path, headers={"Host": host, "X-Forwarded-Host": "evil.example"})
    assert "evil" not in answer.text
    assert "evil" not in str(answer.headers)
    assert "location" not in answer.headers


@pytest.mark.parametrize("path", [*EVERY_PAGE, "/leave/unknown"])
def test_every_answer_forbids_frames_scripts_and_referrers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers


def test_a_page_may_use_its_own_styles_and_no_others(client: TestClient) -> None:
    digest = base64.b64encode(hashlib.sha256(b"h1 {color: #005eb8}").digest()).decode()
    policy = client.get("/bulletins/public-health/12").headers["content-security-policy"]
    assert f"style-src 'sha256-{digest}';" in policy


@pytest.mark.parametrize("path", ["/", "/bulletins/public-health/12", "/healthz", "/leave/unknown"])
def test_head_is_get_without_the_body(client: TestClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert head.status_code == got.status_code
    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/"), ("PUT", "/leave/x"), ("DELETE", "/bulletins/public-health/12"), ("GET", "/leave/x/all"),
     ("GET", "/leave/x/undo"), ("PATCH", "/healthz"), ("OPTIONS", "/"), ("TRACE", "/leave/x")],
)  # fmt: skip
def test_a_wrong_method_is_refused_and_told_the_right_one(
    client: TestClient, service: MemoryService, method: str, path: str
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"]
    assert "<h1>not_allowed</h1>" in answer.text
    assert service.changes == []


def test_a_failure_is_a_kind_page_that_tells_nothing_of_the_inside(client: TestClient, service: MemoryService) -> None:
    service.broken = True
    answer = client.get("/")
    assert answer.status_code == 500
    assert "<h1>failed</h1>" in answer.text
    assert "secret" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_failure_of_the_pages_themselves_is_still_an_answer(client: TestClient, pages: PlainPages) -> None:
    pages.breaks = True
    answer = client.get("/nowhere")
    assert answer.status_code == 500
    assert answer.text == "Something went wrong. Please try again later.\n"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_health_is_told_to_a_monitor(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "status": "ok",
        "database": "sqlite",
        "last_collect_at": "2026-11-24T07:30:00+00:00",
        "next_issue_at": "2026-11-24T07:30:00+00:00",
        "next_issue": "public-health",
        "oldest_pending_at": None,
        "transport": "folder",
        "warnings": ["Mail goes to a folder: no mail server is set."],
        "version": "0.1.0",
        "sources": {},
    }


def test_a_service_that_cannot_even_tell_its_health_is_failing(client: TestClient, service: MemoryService) -> None:
    service.broken = True
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "failing"
    assert "secret" not in answer.text


def test_visits_leave_no_token_in_the_log(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="alerts"):
        client.get("/leave/0000002n001SECRETSECRETSECRETSECg")
    assert "SECRET" not in "".join(record.getMessage() for record in caplog.records if record.name != "httpx2")


@pytest.mark.parametrize(
    ("public_address", "base"),
    [("", ""), ("https://alerts.example.nhs.uk", ""), ("https://x.example/library/alerts/", "/library/alerts")],
)
def test_links_fit_any_public_address_or_none(public_address: str, base: str) -> None:
    from alerts.web import app

    service = MemoryService(public_address=public_address)
    with TestClient(app(service, PlainPages())) as client:
        assert f"href='{base}/bulletins/public-health/'" in client.get("/").text
