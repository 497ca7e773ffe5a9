"""Mail and pages in a real browser: accessible, narrow enough, loading nothing. Skipped where there is no Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from alerts.render import ArchiveLine
from alerts.render.drafts import html_with
from benchmarks import pictures
from benchmarks.pictures import reader_pages
from tests.render.builders import RENDERER, issue, with_item

axe_module = pytest.importorskip("axe_playwright_python.sync_playwright")

DRAWINGS = {
    "mail": RENDERER.html(issue()),
    "mail without pages": RENDERER.html(issue(public_address="")),
    "mail with an endless word": RENDERER.html(with_item(title="Donaudampfschifffahrt" * 12, summary="x" * 300)),
    "mail with a pile of accents": RENDERER.html(with_item(title="Z" + "\u0301" * 400, summary="a\u0334" * 200)),
    "draft": html_with(RENDERER.html(issue()), ["This is a draft.", "Please decide by Tuesday."]),
    "page": RENDERER.page(issue()),
    "page with a pile of accents": RENDERER.page(
        with_item(title="Z" + "\u0301" * 400, web_summary="Z" + "\u0351" * 400)
    ),
    "archive": RENDERER.archive(
        "Public health update", [ArchiveLine("Vaping", "1", "2 November 2026", "Issue 1")], home="/"
    ),
    **{name: page for name, page in reader_pages(RENDERER).items() if name in ("leave", "paused", "feedback", "join")},
}
FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        if os.environ.get("ALERTS_TEST_REQUIRE_BROWSER"):
            pytest.fail("Chromium is wanted here and is not installed")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as play:
        try:
            started = play.chromium.launch(executable_path=chromium, args=FLAGS, chromium_sandbox=False)
        except Error as failure:
            if os.environ.get("ALERTS_TEST_REQUIRE_BROWSER"):
                raise
            pytest.skip(f"Chromium does not start here: {failure.message.splitlines()[0]}")
        yield started
        started.close()


def opened(browser: Browser, folder: Path, name: str, width: int, *, dark: bool = False) -> tuple[Page, list[str]]:
    """Open a drawing at a width; return the page and the addresses it asked for."""
    file = folder / "drawing.html"
    file.write_text(DRAWINGS[name], encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    return page, asked


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", DRAWINGS)
def test_axe_finds_nothing(browser: Browser, tmp_path: Path, name: str, dark: bool) -> None:
    page, _ = opened(browser, tmp_path, name, 640, dark=dark)
    found = axe_module.Axe().run(page).response["violations"]
    page.close()
    assert [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found] == []


@pytest.mark.parametrize("width", [320, *(pytest.param(each, marks=pytest.mark.thorough) for each in (360, 1280))])
@pytest.mark.parametrize("name", DRAWINGS)
def test_nothing_is_cut_off_or_needs_scrolling_sideways(
    browser: Browser, tmp_path: Path, name: str, width: int
) -> None:
    page, asked = opened(browser, tmp_path, name, width)
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert wide <= width
    assert len(asked) == 1, "the file itself and nothing else"


def test_a_mail_is_never_wider_than_640(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, tmp_path, "mail", 1280)
    box = page.locator("table.sheet").bounding_box()
    page.close()
    assert box is not None
    assert box["width"] == 640
    assert box["x"] == 320, "in the middle"


def test_a_drawing_is_photographed_into_a_folder_named_from_here(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pictures, "WIDTHS", (360,))
    Path("mail.html").write_text(DRAWINGS["mail"], encoding="utf-8")
    pictures.photograph(browser, Path("mail.html"), Path())
    made = sorted(each.name for each in tmp_path.glob("*.png"))
    assert made == ["mail-360-dark.png", "mail-360-light.png", "mail-640-zoomed.png"]


def test_the_answer_that_is_chosen_at_first_is_read_whole_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    name = next(each for each in DRAWINGS if "feedback" in each)
    page, _ = opened(browser, tmp_path, name, 320)
    wanted, room = page.evaluate(
        """() => {
            const box = document.querySelector("select"), style = getComputedStyle(box);
            const pen = document.createElement("canvas").getContext("2d");
            pen.font = style.font;
            const inside = box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
            return [pen.measureText(box.options[0].text).width, inside - 24];
        }"""
    )
    page.close()
    assert wanted <= room
