"""Telling what was used, and joining a bulletin: what the pages take, and what they give away."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.web.conftest import KNOWN, MemoryService, Watch

TELL = "/feedback/public-health/12"
JOIN = "/join/public-health"


def test_the_page_about_use_needs_no_person_and_looking_keeps_nothing(
    client: TestClient, service: MemoryService
) -> None:
    for _ in range(50):
        assert client.get(TELL).status_code == 200
    assert service.told == []
    assert client.get("/feedback/public-health/13").status_code == 404
    assert client.get("/feedback/none/12").status_code == 404
    assert client.get("/feedback/public-health/99999999999999999999").status_code == 404


def test_what_is_told_is_kept_and_what_is_missing_is_asked_for_again(
    client: TestClient, service: MemoryService
) -> None:
    again = client.post(TELL, data={"item": "7", "told": "It settled the matter."})
    assert again.status_code == 400
    assert "It settled the matter." in again.text, "nothing has to be written twice"
    assert service.told == []
    thanks = client.post(TELL, data={"item": "7", "use": "decision", "told": "It settled the matter."})
    assert "<h1>thanks</h1>" in thanks.text
    assert service.told == [{"item": "7", "use": "decision", "told": "It settled the matter."}]
    assert "set-cookie" not in thanks.headers


@pytest.mark.parametrize(("path", "data"), [(TELL, {"use": "decision"}), (JOIN, {"address": "x@example.nhs.uk"})])
def test_a_robot_is_slowed(client: TestClient, watch: Watch, path: str, data: dict[str, str]) -> None:
    answers = [client.post(path, data=data).status_code for _ in range(12)]
    assert answers == [200] * 10 + [429] * 2
    watch.now += 61
    assert client.post(path, data=data).status_code == 200


def test_a_form_of_another_kind_or_size_is_no_answer(client: TestClient, service: MemoryService) -> None:
    assert client.post(TELL, content=b"use=decision", headers={"Content-Type": "text/plain"}).status_code == 400
    assert client.post(TELL, data={"use": "decision", "told": "x" * 70_000}).status_code == 413
    assert service.told == []


def test_joining_is_asked_for_with_an_address_that_may(client: TestClient, service: MemoryService) -> None:
    assert client.get(JOIN).status_code == 200
    assert client.get("/join/closed").status_code == 404
    assert client.post("/join/closed", data={"address": "x@example.nhs.uk"}).status_code == 404
    assert service.joined == []
    asked = client.post(JOIN, data={"address": "x@example.nhs.uk"})
    assert "<h1>join_asked</h1>" in asked.text
    assert "x@example.nhs.uk" not in asked.text
    elsewhere = client.post(JOIN, data={"address": "x@example.com"})
    assert elsewhere.status_code == 400
    assert "not for addresses there" in elsewhere.text


def test_only_pressing_the_button_joins(client: TestClient, service: MemoryService) -> None:
    page = client.get(f"{JOIN}/{KNOWN}")
    assert page.status_code == 200
    assert "j…@example.nhs.uk" in page.text
    assert service.changes == []
    assert "<h1>joined</h1>" in client.post(f"{JOIN}/{KNOWN}", data={"page": "1"}).text
    assert client.get(f"{JOIN}/{KNOWN[:-1]}x").status_code == 404
    assert client.post(f"{JOIN}/{KNOWN[:-1]}x").status_code == 404


@pytest.mark.parametrize("path", [TELL, JOIN, f"{JOIN}/{KNOWN}"])
def test_nothing_of_it_is_kept_by_browsers_or_search_engines(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "noindex" in headers["x-robots-tag"]


PAUSE = f"/leave/{KNOWN}/pause"


@pytest.mark.parametrize("until", ["2026-12-24", "24/12/2026", "24.12.2026", " 24 12 2026 "])
def test_a_day_is_understood_as_browsers_and_people_write_it(
    client: TestClient, service: MemoryService, until: str
) -> None:
    answer = client.post(PAUSE, data={"page": "1", "until": until, "scope": "one"})
    assert "until=24 December 2026" in answer.text
    assert service.changes == ["pause"]


@pytest.mark.parametrize(
    "until", ["", "2026-11-24", "2026-11-01", "2028-01-01", "soon", "31/02/2027", "9" * 5000, "²026-1-1"]
)
@pytest.mark.parametrize("token", [KNOWN, KNOWN[:-1] + "x"])
def test_a_day_that_cannot_be_changes_nothing(
    client: TestClient, service: MemoryService, until: str, token: str
) -> None:
    answer = client.post(f"/leave/{token}/pause", data={"page": "1", "until": until, "scope": "one"})
    assert answer.status_code == 400
    assert "<h1>pause_again</h1>" in answer.text
    assert service.changes == []


def test_all_bulletins_are_paused_by_the_other_button(client: TestClient, service: MemoryService) -> None:
    client.post(PAUSE, data={"page": "1", "until": "2026-12-24", "scope": "all"})
    assert service.changes == ["pause_all"]


def test_pausing_by_a_link_that_nobody_signed_is_answered_alike(client: TestClient, service: MemoryService) -> None:
    other = KNOWN[:-1] + "A"
    data = {"page": "1", "until": "2026-12-24", "scope": "one"}
    unknown, known = client.post(f"/leave/{other}/pause", data=data), client.post(PAUSE, data=data)
    assert unknown.text.replace(other, KNOWN) == known.text
    assert client.get(f"/leave/{KNOWN}/pause").status_code == 405
