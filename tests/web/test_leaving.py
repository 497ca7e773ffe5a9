"""Leaving a bulletin, and those who would misuse it."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.conftest import KNOWN, MemoryService, PlainPages, Watch

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
UNKNOWN = KNOWN[:-1] + "A"


def one_click(client: TestClient, token: str, **kind: Any) -> Any:
    return client.post(f"/leave/{token}", **(kind or {"data": ONE_CLICK}))


@pytest.mark.parametrize(
    "kind",
    [
        {"data": ONE_CLICK},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b""},
        {"content": b"\xff\xfe not a form", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"content": b"--x broken", "headers": {"Content-Type": "multipart/form-data; boundary=y"}},
        {"content": b"List-Unsubscribe=One-Click", "headers": {"Content-Type": "text/plain"}},
        {"content": b"page=1&" * 5000, "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"content": b"page=1", "headers": {"Content-Type": "text/plain"}},
    ],
)
def test_one_click_leaves_whatever_the_encoding(
    client: TestClient, service: MemoryService, kind: dict[str, Any]
) -> None:
    answer = one_click(client, KNOWN, **kind)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert service.state == "left"


def test_one_click_needs_no_cookie_and_sets_none_and_redirects_nowhere(client: TestClient) -> None:
    answer = one_click(client, KNOWN)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "location" not in answer.headers


def test_one_click_again_is_harmless(client: TestClient, service: MemoryService) -> None:
    first, second = one_click(client, KNOWN), one_click(client, KNOWN)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert service.state == "left"


@pytest.mark.parametrize("path", ["", "/all", "/undo"])
@pytest.mark.parametrize("data", [ONE_CLICK, {"page": "1"}])
def test_a_link_that_nobody_signed_is_answered_like_one_of_ours(
    client: TestClient, service: MemoryService, path: str, data: dict[str, str]
) -> None:
    unknown = client.post(f"/leave/{UNKNOWN}{path}", data=data)
    assert service.state == "active"
    known = client.post(f"/leave/{KNOWN}{path}", data=data)
    assert unknown.status_code == known.status_code == 200
    assert unknown.text.replace(UNKNOWN, KNOWN) == known.text
    differing = {"content-security-policy"}
    assert {key: value for key, value in unknown.headers.items() if key not in differing} == {
        key: value for key, value in known.headers.items() if key not in differing
    }


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing_however_often(client: TestClient, service: MemoryService, method: str) -> None:
    for _ in range(50):
        assert client.request(method, f"/leave/{KNOWN}").status_code == 200
    assert service.changes == []
    assert service.state == "active"


def test_the_page_shows_a_masked_address_and_where_its_forms_go(client: TestClient) -> None:
    page = client.get(f"/leave/{KNOWN}").text
    assert "masked_address=j…@example.nhs.uk" in page
    assert "bulletin_title=Public health update" in page
    assert f"action=/alerts/leave/{KNOWN}<" in page
    assert f"action_all=/alerts/leave/{KNOWN}/all<" in page
    assert f"action_undo=/alerts/leave/{KNOWN}/undo<" in page


def test_a_link_that_was_cut_is_explained(client: TestClient) -> None:
    answer = client.get(f"/leave/{KNOWN[:20]}")
    assert answer.status_code == 404
    assert "<h1>unknown_link</h1>" in answer.text
    assert "library@example.nhs.uk" in answer.text


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("token", [KNOWN, UNKNOWN])
def test_nothing_about_a_link_is_kept_anywhere(client: TestClient, method: str, token: str) -> None:
    headers = client.request(method, f"/leave/{token}").headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "noindex" in headers["x-robots-tag"]


def test_a_reader_leaves_on_the_page_and_changes_their_mind(client: TestClient, service: MemoryService) -> None:
    left = client.post(f"/leave/{KNOWN}", data={"page": "1"})
    assert "<h1>left</h1>" in left.text
    assert service.state == "left"
    assert f"action_undo=/alerts/leave/{KNOWN}/undo" in left.text
    returned = client.post(f"/leave/{KNOWN}/undo", data={"page": "1"})
    assert "<h1>returned</h1>" in returned.text
    assert service.state == "active"


def test_a_reader_leaves_every_bulletin(client: TestClient, service: MemoryService) -> None:
    answer = client.post(f"/leave/{KNOWN}/all", data={"page": "1"})
    assert "<h1>left_all</h1>" in answer.text
    assert (service.state, service.others) == ("left", "left")


def test_leaving_one_bulletin_leaves_the_others_alone(client: TestClient, service: MemoryService) -> None:
    one_click(client, KNOWN)
    assert (service.state, service.others) == ("left", "active")


@pytest.mark.parametrize(
    "body",
    [{"content": b"x" * 70_000}, {"data": {"List-Unsubscribe": "One-Click", "more": "x" * 70_000}}],
)
def test_a_body_over_64_kb_is_refused_unread(client: TestClient, service: MemoryService, body: dict[str, Any]) -> None:
    answer = client.post(f"/leave/{KNOWN}", **body)
    assert answer.status_code == 413
    assert service.changes == []


def test_a_body_whose_length_is_not_told_is_measured_all_the_same(client: TestClient, service: MemoryService) -> None:
    def pieces() -> Any:
        for _ in range(100):
            yield b"x" * 1000

    assert client.post(f"/leave/{KNOWN}", content=pieces()).status_code == 413
    assert service.changes == []


def test_guessing_is_slowed_and_known_links_never_are(client: TestClient, watch: Watch) -> None:
    for _ in range(200):
        assert one_click(client, KNOWN).status_code == 200
    answers = [one_click(client, UNKNOWN).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
    refused = one_click(client, UNKNOWN)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    watch.now += 61
    assert one_click(client, UNKNOWN).status_code == 200


@pytest.mark.parametrize("path", ["", "/all", "/undo"])
def test_a_guesser_behind_the_same_proxy_stands_in_nobodys_way(
    client: TestClient, service: MemoryService, path: str
) -> None:
    while one_click(client, UNKNOWN).status_code != 429:
        pass
    for kind in ({"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}, {"content": b""}):
        assert client.post(f"/leave/{KNOWN}{path}", **kind).status_code == 200
    assert service.changes[-1] == {"": "leave", "/all": "leave_all", "/undo": "undo"}[path]
    assert service.state == ("active" if path == "/undo" else "left")
    assert one_click(client, UNKNOWN).status_code == 429


def test_a_strange_token_is_only_text(client: TestClient, service: MemoryService) -> None:
    for token in ("%00", "..%2f..%2fetc", "%F0%9F%92%A9", "<script>alert(1)", "x" * 4000, "' OR 1=1 --"):
        assert client.post(f"/leave/{token}", data=ONE_CLICK).status_code in (200, 404)
    assert service.state == "active"


def test_one_click_works_while_the_pages_do_not(client: TestClient, service: MemoryService, pages: PlainPages) -> None:
    pages.breaks = True
    assert one_click(client, KNOWN).status_code == 200
    assert service.state == "left"
