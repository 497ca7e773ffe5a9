"""The pages as the shipped templates draw them, under the headers they are sent with."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from starlette.testclient import TestClient

from alerts.config import template_loader
from alerts.render import Renderer
from alerts.web import BulletinListing, app
from tests.web.conftest import KNOWN, MemoryService

PATHS = ["/", "/bulletins/public-health/", f"/leave/{KNOWN}", "/leave/cut", "/nowhere"]


class DrawnPages:
    """The renderer, as the pages see it."""

    def __init__(self, renderer: Renderer) -> None:
        self.renderer = renderer

    def small_page(self, name: str, **values: object) -> str:
        return self.renderer.small_page(name, **values)

    def archive(self, listings: Sequence[BulletinListing], **values: object) -> str:
        return self.renderer.index(listings, home=str(values["home"]), base=str(values["base"]))


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    return Renderer(*template_loader(Path(tmp_path_factory.mktemp("config"))))


@pytest.fixture
def client(renderer: Renderer, service: MemoryService) -> TestClient:
    return TestClient(app(service, DrawnPages(renderer)), follow_redirects=False)


@pytest.mark.parametrize("path", PATHS)
def test_nothing_on_a_page_is_blocked_by_its_own_policy(client: TestClient, path: str) -> None:
    answer = client.get(path)
    page = HTMLParser(answer.text)
    assert page.css("[style]") == []
    assert page.css("script, img, iframe, object, embed, link[rel=stylesheet], base") == []
    assert "@import" not in answer.text
    assert "url(" not in answer.text
    styles = re.findall(rb"<style>(.*?)</style>", answer.content, re.DOTALL)
    assert len(styles) == 1
    digest = base64.b64encode(hashlib.sha256(styles[0]).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", PATHS)
def test_every_link_of_a_page_leads_to_ourselves_or_to_a_person(client: TestClient, path: str) -> None:
    page = HTMLParser(client.get(path).text)
    links = [str(each.attributes["href"]) for each in page.css("a")]
    assert links
    assert all(each.startswith(("/alerts/", "mailto:", "#")) for each in links)


def test_the_forms_of_the_page_do_what_they_say(client: TestClient, service: MemoryService) -> None:
    page = HTMLParser(client.get(f"/leave/{KNOWN}").text)
    form = page.css("form")[0]
    assert str(form.attributes["method"]).lower() == "post"
    fields = {str(each.attributes["name"]): str(each.attributes["value"]) for each in form.css("input")}
    action = str(form.attributes["action"]).removeprefix("/alerts")
    left = client.post(action, data=fields)
    assert left.headers["content-type"].startswith("text/html")
    assert service.state == "left"
    undo = next(each for each in HTMLParser(left.text).css("form") if str(each.attributes["action"]).endswith("/undo"))
    returned = client.post(str(undo.attributes["action"]).removeprefix("/alerts"), data=fields)
    assert returned.status_code == 200
    assert service.state == "active"


def test_the_page_of_a_reader_who_left_offers_the_way_back(client: TestClient, service: MemoryService) -> None:
    service.state = "left"
    page = HTMLParser(client.get(f"/leave/{KNOWN}").text)
    assert [str(each.attributes["action"]) for each in page.css("form")] == [f"/alerts/leave/{KNOWN}/undo"]


def test_a_hostile_title_is_only_text(client: TestClient, renderer: Renderer) -> None:
    class Hostile(MemoryService):
        def bulletins(self) -> Sequence[BulletinListing]:
            return [BulletinListing("x", "</title><style>*{display:none}</style><script>alert(1)</script>")]

    with TestClient(app(Hostile(), DrawnPages(renderer))) as hostile:
        answer = hostile.get("/")
    assert "<script>" not in answer.text
    assert answer.headers["content-security-policy"].count("sha256-") == 1


@pytest.mark.parametrize("path", PATHS)
def test_every_page_has_one_heading_a_language_and_a_title(client: TestClient, path: str) -> None:
    page = HTMLParser(client.get(path).text)
    assert len(page.css("h1")) == 1
    assert page.css("html")[0].attributes["lang"] == "en-GB"
    assert page.css("title")[0].text().strip()
