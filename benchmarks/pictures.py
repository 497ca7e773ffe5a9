"""Pictures of invented bulletins, to look at before anything is sent: `python -m benchmarks.pictures [FOLDER]`.

Mails and pages at 360, 640 and 1280 px, light and dark, and at 640 px zoomed to 200%, by a headless Chromium; and the
text mails as they are.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import jinja2
from playwright.sync_api import Browser, sync_playwright

from alerts.compose import compose
from alerts.model.bulletins import Team
from alerts.render import ArchiveLine, NoticeItem, NoticeSection, Renderer
from alerts.render.drafts import html_with
from alerts.render.forms import feedback_form, pause_form, sign_up_form
from benchmarks.invented import issues

WIDTHS = (360, 640, 1280)
TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def drawings(renderer: Renderer) -> dict[str, str]:
    """Return every drawing by file name: mails, pages, the text mails, small pages."""
    drawn: dict[str, str] = {}
    for name, (bulletin, candidates, setting) in issues().items():
        composed = compose(bulletin, candidates, setting=setting, measure=renderer.measure)
        assert composed is not None
        sys.stdout.write(f"{name}: {composed.content.subject}\n")
        drawn[f"{name}-mail.html"] = renderer.html(composed.content)
        drawn[f"{name}-mail.txt"] = renderer.text(composed.content)
        drawn[f"{name}-page.html"] = renderer.page(composed.content, older="11")
        drawn["sources-mail.html"], drawn["sources-mail.txt"] = notice(renderer, composed.content.team)
    told = (
        "This is a draft, as its readers would see it.",
        "Please decide by Tuesday, 7:30am.",
    )
    drawn["draft-mail.html"] = html_with(drawn["full-mail.html"], told)
    lines = [ArchiveLine("Virtual wards guidance updated + 6 more", "12", "17 November 2026", "Issue 12")] * 3
    drawn["archive-page.html"] = renderer.archive("Commissioning update", lines, library="Northmoor Library", home="/")
    drawn |= {f"{name}-page.html": page for name, page in reader_pages(renderer).items()}
    return drawn


def reader_pages(renderer: Renderer) -> dict[str, str]:
    """Return the pages for readers by name: leaving, pausing, telling what was used, joining."""
    title, day = "Commissioning update", date(2026, 11, 24)
    common: dict[str, object] = {
        "masked_address": "a…@example.nhs.uk", "bulletin_title": title, "contact": "library@example.nhs.uk",
        "home": "/", "action": "/leave/x", "action_all": "/leave/x/all", "action_undo": "/leave/x/undo",
        "until": "24 December 2026", "message": "Choose a day after today and within a year.",
    }  # fmt: skip
    pause = pause_form("/leave/x/pause", title, first=day + timedelta(days=1), last=day + timedelta(days=366))
    items = [("7", "Virtual wards: what the evaluations say about frailty"), ("9", "NHS waiting times, October 2026")]
    forms = {
        "leave": pause,
        "pause_again": pause,
        "feedback": feedback_form("/feedback/c/12", items, {}),
        "join": sign_up_form("/join/c", ("nhs.uk", "northmoor.gov.uk"), {}),
    }
    names = ("leave", "left", "left_all", "pause_set", "pause_again", "feedback", "thanks", "join", "join_asked")
    pages = {name: renderer.small_page(name, **common, form=forms.get(name)) for name in names}
    return {**pages, "paused": renderer.small_page("leave", **common, state="paused")}


def notice(renderer: Renderer, team: Team) -> tuple[str, str]:
    """Return a mail about sources to their owner, in HTML and in text."""
    failing = NoticeItem(
        "Journal of Invented Epidemiology and Community Health: latest articles",
        (
            "journals.example.org has nothing at this address. Find the source's new feed address and put it in "
            "config/sources/journals.yaml.",
            "Failing since 2 November 2026, 09:00 UTC. For the administrator: F404 HTTP status 404",
        ),
    )
    quiet = NoticeItem(
        "Northmoor weekly surveillance",
        ("Usually something new comes every 7 days; nothing has come for 24 days. Look at the publisher's page.",),
    )
    values = {
        "message": "Sources: 2 need a look, 1 no longer does",
        "lines": ("This is about the sources that the bulletins are made from.",),
        "sections": (
            NoticeSection("Need a look", (failing, quiet), more="And 3 more: alerts sources --trouble lists them."),
            NoticeSection("No longer", (NoticeItem("Public Health Northmoor works again", ("After 3 days.",)),)),
        ),
    }
    fields = {
        "to_name": "Pat Reader", "to_address": "pat@example.nhs.uk", "message_id": "<1@example.nhs.uk>",
        "date": "Mon, 02 Nov 2026 09:00:00 +0000", "token": "", "why": "",
    }  # fmt: skip
    made = message_from_bytes(renderer.notice("staff", team=team, fields=fields, values=values), policy=policy.default)
    html, text = made.get_body(("html",)), made.get_body(("plain",))
    assert html is not None
    assert text is not None
    return str(html.get_content()), str(text.get_content())


def photograph(browser: Browser, page: Path, folder: Path) -> None:
    """Save pictures of one HTML file at each width, light and dark, and of its top at 200%."""
    shots = [(f"{width}-{'dark' if dark else 'light'}", width, dark, 1) for width in WIDTHS for dark in (False, True)]
    for name, width, dark, zoom in (*shots, ("640-zoomed", 640, False, 2)):
        tab = browser.new_page(
            viewport={"width": width // zoom, "height": 800},
            device_scale_factor=zoom,
            color_scheme="dark" if dark else "light",
        )
        tab.goto(page.absolute().as_uri())
        tab.screenshot(path=folder / f"{page.stem}-{name}.png", full_page=zoom == 1)
        tab.close()


def main(arguments: list[str]) -> int:
    """Write the drawings and their pictures into the folder given (default: build/pictures)."""
    folder = Path(arguments[0] if arguments else "build/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    drawn = drawings(Renderer(jinja2.FileSystemLoader(TEMPLATES)))
    for name, text in drawn.items():
        (folder / name).write_text(text, encoding="utf-8")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.stderr.write("No Chromium here: the HTML and text files are written, the pictures are not.\n")
        return 1
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium, args=[*FLAGS, f"--disk-cache-dir={profile}"], chromium_sandbox=False
        )
        for name in drawn:
            if name.endswith(".html"):
                photograph(browser, folder / name, folder)
        browser.close()
    sys.stdout.write(f"{len(drawn)} drawings in {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
