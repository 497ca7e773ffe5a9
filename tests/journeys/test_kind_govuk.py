"""GOV.UK as a source: what it lists becomes items with their dates, changes and ends, and nothing is told twice."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from alerts.fetch.kinds.govuk import TRIES
from tests.govuk_server import GovUk, page
from tests.journeys.feed_server import FeedServer, Item, rss
from tests.journeys.in_process import InProcess

if TYPE_CHECKING:
    from tests.journeys.conftest import Library, Mailbox

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
GUIDE = "/government/publications/vaping-in-schools"
OPEN = "/government/consultations/vaping-displays"


@pytest.fixture
def govuk() -> Iterator[GovUk]:
    with GovUk() as server:
        yield server


@pytest.fixture
def site(library: Library, govuk: GovUk) -> InProcess:
    """The small library, with a search of GOV.UK beside its journal."""
    made = InProcess(library.folder, library.env)
    made.env["ALERTS_ALLOW_PORTS"] += f",{govuk.port}"
    made.write(
        "config/sources/govuk.yaml",
        "sources:\n"
        "  - id: govuk\n"
        "    title: GOV.UK on vaping\n"
        "    kind: govuk\n"
        f"    address: {govuk.address('/search/all?keywords=vaping&order=relevance')}\n"
        "    type: policy\n"
        "    abstracts: {mail: full, web: full}\n",
    )
    bulletin = (made.folder / "config/bulletins/update.yaml").read_text()
    made.write(
        "config/bulletins/update.yaml",
        bulletin.replace("sections:\n", "sections:\n  - {title: To answer, lens: dated}\n"),
    )
    return made


def collected(site: InProcess) -> dict[str, Any]:
    """Collect from GOV.UK now, and return what came of it."""
    (report,) = site.json("collect", "--all", "govuk", expect=None)["sources"]
    return dict(report)


def issue(site: InProcess) -> dict[str, Any] | None:
    """Publish now, and return the issue as its readers see it."""
    (report,) = site.json("publish", "--now")
    if report["outcome"] != "published":
        return None
    with closing(sqlite3.connect(site.folder / "data" / "alerts.sqlite3")) as conn:
        (content,) = conn.execute("SELECT content FROM issues WHERE number = ?", (report["number"],)).fetchone()
    return dict(json.loads(content))


def items(content: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    """Return title, what happened and what changed of every item under a heading."""
    sections = content["sections"] if content else []
    return [(each["title"], each["event"], each.get("change", "")) for one in sections for each in one["items"]]


def test_a_page_is_told_once_and_again_when_its_publisher_says_what_changed(site: InProcess, govuk: GovUk) -> None:
    first = NOW - 3 * DAY
    govuk.publish(page(GUIDE, "Vaping in schools", first, attachments=[{"title": "Checklist for heads"}]))
    assert collected(site)["entries"] == 1
    content = issue(site)
    assert items(content) == [("Vaping in schools", "new", "")]
    assert content is not None
    (shown,) = [each for one in content["sections"] for each in one["items"]]
    assert (shown["publisher"], shown["type"]) == ("Department of Examples", "guidance")

    govuk.content_asked()
    assert collected(site)["outcome"] == "unchanged"
    assert govuk.content_asked() == [], "nothing is asked about pages that were not re-dated"

    minor = page(GUIDE, "Vaping in schools", first, description="About vaping in schools and colleges.")
    govuk.pages[GUIDE] = minor
    govuk.listed[GUIDE] = NOW - 2 * DAY
    assert collected(site)["entries"] == 1
    assert govuk.content_asked() == [GUIDE]
    assert issue(site) is None, "a new date without a note of what changed is no news"

    govuk.publish(page(GUIDE, "Vaping in schools", first, changes={NOW - DAY: "Added a section on bans."}))
    collected(site)
    ((title, event, change),) = items(issue(site))
    assert (title, event) == ("Vaping in schools", "updated")
    assert change.endswith("Added a section on bans.")
    assert issue(site) is None


def test_a_consultation_says_when_it_closes_and_once_more_when_that_is_soon(site: InProcess, govuk: GovUk) -> None:
    closes = (NOW + 9 * DAY).replace(hour=16)
    govuk.publish(
        page(OPEN, "Vaping displays in shops", NOW - DAY, kind="open_consultation", closing_date=closes.isoformat())
    )
    collected(site)
    content = issue(site)
    assert items(content) == [("Vaping displays in shops", "new", "")]
    assert content is not None
    assert content["sections"][0]["title"] == "To answer"
    assert content["sections"][0]["items"][0]["closes"].startswith("Closes ")

    ((title, event, change),) = items(issue(site))
    assert (title, event) == ("Vaping displays in shops", "closing")
    assert "Closing soon" in change
    assert issue(site) is None, "once"
    collected(site)
    assert issue(site) is None


@pytest.mark.thorough
def test_what_is_put_off_is_told_with_its_new_date_and_reminded_of_when_that_comes_near(
    site: InProcess, govuk: GovUk
) -> None:
    soon, later = NOW + 9 * DAY, NOW + 60 * DAY
    made = page(OPEN, "Vaping displays in shops", NOW - DAY, kind="open_consultation", closing_date=soon.isoformat())
    govuk.publish(made)
    collected(site)
    issue(site)
    govuk.publish(
        page(OPEN, "Vaping displays in shops", NOW - DAY, kind="open_consultation", closing_date=later.isoformat(),
             changes={NOW: "Extended by seven weeks."})
    )  # fmt: skip
    collected(site)
    ((_, event, change),) = items(issue(site))
    assert event == "updated"
    assert "Extended by seven weeks." in change
    assert issue(site) is None


def test_the_outcome_of_a_consultation_reaches_those_who_had_it(site: InProcess, govuk: GovUk) -> None:
    first, closed = NOW - 3 * DAY, NOW - 2 * DAY
    govuk.publish(
        page(OPEN, "Vaping displays", first, kind="open_consultation", closing_date=(NOW + 30 * DAY).isoformat())
    )
    collected(site)
    issue(site)
    govuk.publish(
        page(OPEN, "Vaping displays", first, kind="consultation_outcome", closing_date=closed.isoformat(),
             changes={NOW: "Published the decisions."})
    )  # fmt: skip
    collected(site)
    ((_, event, change),) = items(issue(site))
    assert event == "updated"
    assert "Published the decisions." in change


def test_a_withdrawal_is_found_by_looking_again_and_reaches_past_readers(site: InProcess, govuk: GovUk) -> None:
    other = "/government/publications/vaping-and-work"
    govuk.publish(page(GUIDE, "Vaping in schools", NOW - 3 * DAY))
    govuk.publish(page(other, "Vaping and work", NOW - 2 * DAY))
    collected(site)
    assert len(items(issue(site))) == 2
    govuk.pages[GUIDE]["withdrawn_notice"] = {
        "explanation": '<div class="govspeak"><p>See the <a href="/new">new guidance</a>.</p></div>',
        "withdrawn_at": NOW.isoformat(),
    }
    gone = {"base_path": other, "content_id": govuk.pages[other]["content_id"], "schema_name": "gone", "title": None,
            "document_type": "gone", "details": {"explanation": "Published in error."}}  # fmt: skip
    govuk.pages[other] = gone
    govuk.content_asked()
    collected(site)
    assert govuk.content_asked() == [], "not before a week is over"
    a_week_passes(site)
    collected(site)
    assert set(govuk.content_asked()) == {GUIDE, other}
    content = issue(site)
    assert content is not None
    told = {each["title"]: each["change"] for each in content["corrections"]}
    assert set(told) == {"Vaping in schools", "Vaping and work"}
    assert "See the new guidance." in told["Vaping in schools"]
    assert "Published in error." in told["Vaping and work"]
    collected(site)
    assert issue(site) is None


def a_week_passes(site: InProcess) -> None:
    """Let the service believe that it asked eight days ago what it asked just now."""
    with closing(sqlite3.connect(site.folder / "data" / "alerts.sqlite3")) as conn, conn:
        (memory,) = conn.execute("SELECT memory FROM source_states WHERE source_id = 'govuk'").fetchone()
        today = datetime.now(UTC).date()
        older = memory.replace(today.isoformat(), (today - 8 * DAY).isoformat())
        assert older != memory
        conn.execute("UPDATE source_states SET memory = ? WHERE source_id = 'govuk'", (older,))


@pytest.mark.thorough
def test_more_pages_than_one_poll_asks_about_come_with_the_next_ones(site: InProcess, govuk: GovUk) -> None:
    for number in range(47):
        govuk.publish(page(f"/guidance/vaping-{number}", f"Vaping guide {number}", NOW - timedelta(hours=number + 1)))
    first = collected(site)
    assert first["entries"] == 40
    assert [each["code"] for each in first["problems"]] == ["P131"]
    assert "7 pages wait" in first["problems"][0]["message"]
    second = collected(site)
    assert (second["entries"], second["problems"]) == (7, [])
    assert collected(site)["outcome"] == "unchanged"
    with closing(sqlite3.connect(site.folder / "data" / "alerts.sqlite3")) as conn:
        assert conn.execute("SELECT count(*) FROM records").fetchone() == (47,)


@pytest.mark.thorough
def test_a_page_that_cannot_be_read_costs_only_itself(site: InProcess, govuk: GovUk) -> None:
    govuk.publish(page(GUIDE, "Vaping in schools", NOW - DAY))
    govuk.publish(page("/guidance/vaping-broken", "Vaping broken", NOW - DAY))
    govuk.broken["/guidance/vaping-broken"] = (404, b"{}")
    report = collected(site)
    assert (report["entries"], report["outcome"]) == (1, "degraded")
    assert [each["code"] for each in report["problems"]] == ["P132"]
    assert "/guidance/vaping-broken" in report["problems"][0]["message"]
    del govuk.broken["/guidance/vaping-broken"]
    report = collected(site)
    assert (report["entries"], report["outcome"]) == (1, "changed")
    assert {title for title, *_ in items(issue(site))} == {"Vaping in schools", "Vaping broken"}


@pytest.mark.thorough
def test_a_page_that_cannot_be_read_for_long_is_told_by_its_title_though_its_list_was_unchanged(
    site: InProcess, govuk: GovUk
) -> None:
    govuk.publish(page("/guidance/vaping-broken", "Vaping broken", NOW - DAY))
    govuk.broken["/guidance/vaping-broken"] = (500, b"")
    reports = [collected(site) for _ in range(TRIES)]
    assert [each["entries"] for each in reports] == [0] * (TRIES - 1) + [1]
    assert [title for title, *_ in items(issue(site))] == ["Vaping broken"]
    del govuk.broken["/guidance/vaping-broken"]
    assert collected(site)["entries"] == 0


@pytest.mark.thorough
def test_a_page_that_cannot_be_read_does_not_keep_others_from_being_looked_at_again(
    site: InProcess, govuk: GovUk
) -> None:
    govuk.publish(page(GUIDE, "Vaping in schools", NOW - 3 * DAY))
    collected(site)
    assert len(items(issue(site))) == 1
    govuk.pages[GUIDE]["withdrawn_notice"] = {"explanation": "Out of date.", "withdrawn_at": NOW.isoformat()}
    govuk.publish(page("/guidance/vaping-broken", "Vaping broken", NOW - DAY))
    govuk.broken["/guidance/vaping-broken"] = (500, b"")
    collected(site)
    a_week_passes(site)
    collected(site)
    content = issue(site)
    assert content is not None
    assert [each["title"] for each in content["corrections"]] == ["Vaping in schools"]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        pytest.param(500, b"", "F500", id="broken"),
        pytest.param(200, b"<html><body>Sorry</body></html>", "P130", id="a web page"),
        *(
            pytest.param(200, body, "P130", id=what, marks=pytest.mark.thorough)
            for what, body in {
                "cut short": b'{"title": "Vap',
                "another shape": b'{"schema_name": "publication", "document_type": "guidance"}',
                "a list": b"[]",
            }.items()
        ),
    ],
)
def test_a_content_api_that_answers_otherwise_is_a_failure_and_nothing_is_lost(
    site: InProcess, govuk: GovUk, status: int, body: bytes, code: str
) -> None:
    paths = [f"/guidance/vaping-{number}" for number in range(4)]
    for number, path in enumerate(paths):
        govuk.publish(page(path, f"Vaping guide {number}", NOW - DAY))
    govuk.broken = dict.fromkeys(paths, (status, body))
    report = collected(site)
    assert (report["outcome"], report["code"]) == ("failed", code)
    govuk.broken = {}
    assert collected(site)["entries"] == 4


@pytest.mark.thorough
def test_a_site_that_asks_to_wait_is_left_alone_until_then(site: InProcess, govuk: GovUk) -> None:
    for number in range(3):
        govuk.publish(page(f"/guidance/vaping-{number}", f"Vaping guide {number}", NOW - timedelta(hours=number + 1)))
    govuk.broken["/guidance/vaping-1"] = (429, b"")
    govuk.headers["Retry-After"] = "120"
    report = collected(site)
    assert report["entries"] == 1
    assert "/api/content/guidance/vaping-2" not in govuk.asked, "after Too Many Requests nothing more is asked"
    assert [each["code"] for each in report["problems"]] == ["P131"]


def test_the_same_paper_of_a_feed_and_of_gov_uk_is_one_record(site: InProcess, govuk: GovUk, feeds: FeedServer) -> None:
    feeds.bodies["/journal.xml"] = rss(
        "A feed", [Item("Vaping in schools", "x1", link=govuk.address(GUIDE), published=NOW - DAY)]
    )
    govuk.publish(page(GUIDE, "Vaping in schools", NOW - DAY))
    site.run("collect", "--all")
    assert [title for title, *_ in items(issue(site))] == ["Vaping in schools"]


@pytest.mark.thorough
def test_a_welsh_translation_and_a_new_address_make_no_second_item(site: InProcess, govuk: GovUk) -> None:
    govuk.publish(page(GUIDE, "Vaping in schools", NOW - 2 * DAY))
    govuk.publish(page(f"{GUIDE}.cy", "Fepio vaping mewn ysgolion", NOW - DAY, locale="cy", of=GUIDE))
    collected(site)
    assert [title for title, *_ in items(issue(site))] == ["Vaping in schools"]

    moved = "/government/publications/vaping-in-schools-and-colleges"
    govuk.publish({**govuk.pages[GUIDE], "base_path": moved})
    del govuk.listed[GUIDE]
    govuk.pages[GUIDE] = {"base_path": GUIDE, "schema_name": "redirect", "document_type": "redirect", "title": None,
                          "redirects": [{"path": GUIDE, "type": "exact", "destination": moved}]}  # fmt: skip
    collected(site)
    assert issue(site) is None


@pytest.mark.thorough
def test_a_search_that_lists_nothing_any_more_is_told(site: InProcess, govuk: GovUk) -> None:
    govuk.publish(page(GUIDE, "Vaping in schools", NOW - DAY))
    collected(site)
    govuk.listed.clear()
    report = collected(site)
    assert report["outcome"] == "degraded"
    assert "lists nothing now" in report["message"]


@pytest.mark.thorough
def test_a_page_updated_long_after_it_was_published_says_so_when_it_is_new_here(site: InProcess, govuk: GovUk) -> None:
    old = datetime(2019, 3, 2, 9, tzinfo=UTC)
    govuk.publish(page(GUIDE, "Vaping in schools", old, changes={NOW - DAY: "Rewritten."}))
    collected(site)
    ((_, event, change),) = items(issue(site))
    assert event == "new"
    assert change.startswith("Updated ")
    assert change.endswith("Rewritten.")


def test_nothing_is_lost_or_told_twice_when_the_service_stops_between_polls(
    site: InProcess, govuk: GovUk, mailbox: Mailbox, tmp_path: Path
) -> None:
    for number in range(45):
        govuk.publish(page(f"/guidance/vaping-{number}", f"Vaping guide {number}", NOW - timedelta(hours=number + 1)))
    for _ in range(4):
        collected(InProcess(site.folder, dict(site.env)))
    with closing(sqlite3.connect(site.folder / "data" / "alerts.sqlite3")) as conn:
        assert conn.execute("SELECT count(*), count(DISTINCT title) FROM records").fetchone() == (45, 45)
        assert conn.execute("SELECT count(*) FROM events").fetchone() == (45,)
