"""A standing search of PubMed, as a library lives with it: from the query in a file to the bulletin."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import Library, Mailbox
from tests.journeys.eutils import Article, EUtils
from tests.journeys.feed_server import FeedServer, Item, rss
from tests.journeys.in_process import InProcess
from tests.journeys.test_main_job import text_of

MONDAY = date(2026, 11, 2)
QUERY = "smoking[tiab]"


@pytest.fixture
def ncbi() -> Iterator[EUtils]:
    """E-utilities of this journey's own."""
    with EUtils() as server:
        yield server


@pytest.fixture
def searching(library: Library, ncbi: EUtils, feeds: FeedServer) -> InProcess:
    """A library that follows one search of PubMed."""
    (library.folder / "config" / "sources" / "journals.yaml").unlink()
    made = InProcess(library.folder, library.env)
    made.env["ALERTS_ALLOW_PORTS"] = f"{feeds.port},{ncbi.port}"
    follow(made, ncbi)
    return made


def follow(library: Library, ncbi: EUtils, asks: str = f"query: {QUERY}", more: str = "") -> None:
    library.write(
        "config/sources/databases.yaml",
        "sources:\n"
        "  - id: pubmed-smoking\n"
        "    title: PubMed, smoking\n"
        "    kind: pubmed\n"
        f"    address: {ncbi.address}\n"
        f"    {asks}\n"
        f"    type: study\n{more}",
    )


def collect(library: Library, day: date) -> Any:
    return library.json("collect", "--all", env={"ALERTS_CLOCK": f"{day}T06:00:00Z"}, expect=None)


def issue(library: Library, day: date) -> Any:
    env = {"ALERTS_CLOCK": f"{day}T07:00:00Z"}
    published = library.json("publish", "--now", env=env)
    library.run("deliver", env=env)
    return published[0]


def article(number: int, day: date, title: str = "", **more: Any) -> Article:
    title = title or f"Vaping and lung function of cohort {number}: a study in Leeds"
    return Article(30_000_000 + number, title, day, doi=f"10.5555/v{number}", **more)


def searches(ncbi: EUtils) -> list[tuple[str, str, str]]:
    return [
        (form["datetype"], form["mindate"], form["maxdate"])
        for utility, form in ncbi.asked
        if utility == "esearch.fcgi"
    ]


def test_what_pubmed_has_new_reaches_readers_once(searching: InProcess, ncbi: EUtils, mailbox: Mailbox) -> None:
    ncbi.articles = [article(n, MONDAY - timedelta(days=n)) for n in range(8)] + [article(90, date(2026, 9, 1))]
    first = collect(searching, MONDAY)
    assert (first["new_records"], first["backlog"], first["matches"]) == (8, 0, 8)
    assert searches(ncbi) == [("edat", "2026/10/19", "2026/11/02")]
    asked = dict(ncbi.asked[0][1])
    assert (asked["term"], asked["usehistory"], asked["tool"], asked["email"]) == (
        QUERY, "y", "alerts", "library@example.nhs.uk",
    )  # fmt: skip
    ncbi.articles.append(article(50, MONDAY))  # found late, dated Monday
    assert issue(searching, MONDAY)["items"] == 8
    second = collect(searching, MONDAY + timedelta(days=1))
    assert second["new_records"] == 1
    assert issue(searching, MONDAY + timedelta(days=1))["items"] == 1
    assert "cohort 50" in text_of(mailbox.parsed()[-1][1])


def test_after_weeks_without_the_service_the_window_covers_them_all(searching: InProcess, ncbi: EUtils) -> None:
    collect(searching, MONDAY)
    ncbi.articles = [article(n, MONDAY + timedelta(days=n)) for n in range(40)]
    assert collect(searching, MONDAY + timedelta(days=45))["new_records"] == 40


def test_nothing_in_the_window_is_no_trouble(searching: InProcess, ncbi: EUtils) -> None:
    ncbi.articles = [article(1, MONDAY)]
    collect(searching, MONDAY)
    ncbi.articles = []
    later = collect(searching, MONDAY + timedelta(days=30))
    assert later["sources"][0]["outcome"] == "changed"
    assert searching.json("sources", "pubmed-smoking")["sources"][0]["state"] == "works"


@pytest.mark.thorough
def test_a_search_that_finds_more_than_one_poll_takes_goes_on_at_the_next_and_says_so(
    searching: InProcess, ncbi: EUtils, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alerts.fetch.kinds import pubmed

    monkeypatch.setattr(pubmed, "MOST", 60)
    monkeypatch.setattr(pubmed, "BATCH", 7)
    follow(searching, ncbi, more="    flood: 2000\n")
    ncbi.articles = [article(n, MONDAY - timedelta(days=n % 14)) for n in range(100)]
    found = [collect(searching, MONDAY) for _ in range(8)]
    assert sum(each["new_records"] for each in found) == 100
    assert found[0]["sources"][0]["problems"][0]["code"] == "P100"
    assert not found[-1]["sources"][0]["problems"]
    assert max(int(form["retmax"]) for utility, form in ncbi.asked if utility == "efetch.fcgi") == 7


def test_headings_that_come_weeks_later_match_a_record_then(searching: InProcess, ncbi: EUtils) -> None:
    searching.write(
        "config/profiles/smoking.yaml",
        "title: Smoking\nteam: public-health\ndialect: ovid\nsearch: Electronic Nicotine Delivery Systems/\n",
    )
    known = article(1, MONDAY, "Devices in schools: what head teachers say")
    unseen = article(2, MONDAY, "Purchases by minors of devices in shops", finds=())
    ncbi.articles = [known, unseen]
    assert collect(searching, MONDAY)["matches"] == 0
    later = MONDAY + timedelta(days=30)
    for each in ncbi.articles:
        each.mdat, each.headings, each.finds = later, ("Electronic Nicotine Delivery Systems",), (QUERY,)
    assert collect(searching, later)["matches"] == 2
    assert issue(searching, later)["items"] == 2


def test_what_was_changed_before_the_source_was_first_asked_is_no_news(searching: InProcess, ncbi: EUtils) -> None:
    collect(searching, MONDAY)
    old = article(1, date(2026, 8, 1), mdat=MONDAY + timedelta(days=1))
    ncbi.articles = [old]
    assert collect(searching, MONDAY + timedelta(days=2))["new_records"] == 0


def test_a_retraction_reaches_those_who_had_the_article_though_the_notice_is_not_found(
    searching: InProcess, ncbi: EUtils, mailbox: Mailbox
) -> None:
    ncbi.articles = [article(1, MONDAY), article(2, MONDAY), article(3, date(2019, 5, 1))]
    collect(searching, MONDAY)
    assert issue(searching, MONDAY)["items"] == 2
    later = MONDAY + timedelta(days=200)
    for each in ncbi.articles[0], ncbi.articles[2]:
        each.mdat, each.notes = later, (("RetractionIn", 39_000_001, "J Ex. 2027 May;35:9. doi: 10.5555/retraction"),)
        each.types = ("Journal Article", "Retracted Publication")
    told = collect(searching, later + timedelta(days=1))
    assert (told["new_records"], told["backlog"]) == (1, 1), "what nobody here had is of the past"
    made = issue(searching, later + timedelta(days=1))
    print(told, made)
    text = text_of(mailbox.parsed()[-1][1])
    assert "cohort 1:" in text
    assert "etract" in text
    assert "cohort 2:" not in text
    collect(searching, later + timedelta(days=3))
    assert issue(searching, later + timedelta(days=3))["items"] == 0


def test_the_same_article_from_a_journal_s_feed_is_one_record(
    searching: InProcess, ncbi: EUtils, feeds: FeedServer
) -> None:
    feeds.bodies["/journal.xml"] = rss(
        "Journal of Examples",
        [Item("Vaping and lung function of cohort 1: a study in Leeds", "a", doi="10.5555/v1")],
    )
    searching.write(
        "config/sources/journals.yaml",
        f"sources:\n  - {{id: journal, title: Journal, type: study, address: '{feeds.address('/journal.xml')}'}}\n",
    )
    ncbi.articles = [article(1, MONDAY)]
    assert collect(searching, MONDAY)["new_records"] == 1
    with closing(sqlite3.connect(searching.folder / "data" / "alerts.sqlite3")) as conn:
        assert sorted(each for (each,) in conn.execute("SELECT source_id FROM sightings")) == [
            "journal",
            "pubmed-smoking",
        ]


def test_a_search_that_the_history_server_forgot_is_done_once_more(searching: InProcess, ncbi: EUtils) -> None:
    ncbi.articles = [article(n, MONDAY) for n in range(5)]
    ncbi.forgets = 1
    assert collect(searching, MONDAY)["new_records"] == 5
    ncbi.forgets = 2
    failed = collect(searching, MONDAY + timedelta(days=1))["sources"][0]
    assert (failed["outcome"], failed["code"]) == ("failed", "F614")


@pytest.mark.parametrize(
    ("status", "headers", "body", "code"),
    [
        (200, {}, b"<eSearchResult><ERROR>Search Backend failed: timeout</ERROR></eSearchResult>", "F610"),
        (400, {}, b'{"error":"API key invalid","api-key":"0123456789abcdef","count":"4","limit":"3"}', "F611"),
        (429, {"Retry-After": "120"}, b'{"error":"API rate limit exceeded","count":"4","limit":"3"}', "F429"),
        (200, {"Content-Type": "text/html"}, b"<html><title>Maintenance</title></html>", "F600"),
        pytest.param(200, {}, b"<eSearchResult><Count>3</Count><QueryKey>1</Que", "F600", marks=pytest.mark.thorough),
        pytest.param(200, {}, b"<eSearchResult><IdList/></eSearchResult>", "F600", marks=pytest.mark.thorough),
        pytest.param(200, {}, b"<eSearchResult><Count>3</Count></eSearchResult>", "F600", marks=pytest.mark.thorough),
        pytest.param(200, {}, b'{"header":{"type":"esearch"}}', "F600", marks=pytest.mark.thorough),
        pytest.param(200, {}, b"", "F600", marks=pytest.mark.thorough),
        pytest.param(502, {}, b"bad gateway", "F500", marks=pytest.mark.thorough),
    ],
)
def test_an_answer_that_is_none_is_a_failure_and_never_nothing_new(
    searching: InProcess, ncbi: EUtils, status: int, headers: dict[str, str], body: bytes, code: str
) -> None:
    searching.env["ALERTS_NCBI_KEY"] = "0123456789abcdef"
    ncbi.articles = [article(1, MONDAY)]
    ncbi.next = [(status, headers, body)]
    answered = searching.run("collect", "--all", "--json", env={"ALERTS_CLOCK": f"{MONDAY}T06:00:00Z"}, expect=None)
    failed = json.loads(answered.stdout)["sources"][0]
    assert (failed["outcome"], failed["code"]) == ("failed", code)
    assert failed["remedy"]
    told = [answered.stdout, answered.stderr, searching.run("sources", "pubmed-smoking", "--json").stdout]
    assert not any("0123456789abcdef" in each for each in told)
    assert dict(ncbi.asked[0][1])["api_key"] == "0123456789abcdef"
    if status != 429:  # that one wants its rest
        assert collect(searching, MONDAY)["new_records"] == 1


def test_records_that_are_cut_short_are_asked_for_again(searching: InProcess, ncbi: EUtils) -> None:
    ncbi.articles = [article(n, MONDAY) for n in range(3)]
    right = ncbi.answer

    def cut(utility: str, form: Any) -> Any:
        status, headers, body = right(utility, form)
        return status, headers, body[:-200] if utility == "efetch.fcgi" else body

    ncbi.answer = cut  # type: ignore[method-assign]
    failed = collect(searching, MONDAY)["sources"][0]
    assert (failed["outcome"], failed["code"]) == ("failed", "F600")
    ncbi.answer = right  # type: ignore[method-assign]
    assert collect(searching, MONDAY)["new_records"] == 3


def test_words_that_pubmed_does_not_know_are_told(searching: InProcess, ncbi: EUtils) -> None:
    ncbi.says = (
        "<ErrorList><PhraseNotFound>smokign</PhraseNotFound></ErrorList>"
        '<WarningList><QuotedPhraseNotFound>"quit now"</QuotedPhraseNotFound></WarningList>'
    )
    ncbi.articles = [article(1, MONDAY)]
    report = collect(searching, MONDAY)["sources"][0]
    assert (report["outcome"], "smokign" in report["message"]) == ("degraded", True)
    assert [each["code"] for each in report["problems"]] == ["P112", "P113"]


def test_a_profile_s_own_strategy_is_asked_and_asked_anew_after_an_edit(searching: InProcess, ncbi: EUtils) -> None:
    follow(searching, ncbi, asks="strategy: smoking")
    asked = "(smok*[tiab] AND (cessation[tiab] OR quit*[tiab])) OR (vaping[tiab])"
    ncbi.articles = [article(1, MONDAY, finds=(asked,)), article(2, MONDAY, finds=("snus[tiab]",))]
    checked = searching.json("check")
    assert [each["code"] for each in checked["problems"] if "PubMed" in each["message"]] == ["C046"]
    assert collect(searching, MONDAY)["new_records"] == 1
    assert ncbi.asked[0][1]["term"] == asked
    searching.write("config/profiles/smoking.yaml", "title: Smoking\nteam: public-health\nsearch: snus.ti,ab,kf.\n")
    again = searching.json("collect", env={"ALERTS_CLOCK": f"{MONDAY}T06:05:00Z"})
    assert again["new_records"] == 1, "it is due at once, whatever the clock says, and begins anew"
    assert searches(ncbi)[-1][0] == "edat"


def test_a_real_week_polled_in_four_windows_that_overlap_gives_nothing_twice(
    searching: InProcess, ncbi: EUtils, shared_data: Path
) -> None:
    file = next((shared_data / "pubmed_weekly").glob("*.jsonl.gz"))
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        week = [json.loads(line) for line in lines]
    spread = len(week) / 28
    for at, each in enumerate(week):
        author, title = each["citation"].split(". ", 1)
        surname, initials = (*author.split(",")[0].rsplit(" ", 1), "")[:2]
        day = MONDAY - timedelta(days=6) + timedelta(days=int(at / spread))
        ncbi.articles.append(
            Article(int(each["pmid"]), title[:200], day, doi=each.get("doi", ""), author=(surname, initials))
        )
    follow(searching, ncbi, more="    flood: 2000\n")
    sundays = [MONDAY + timedelta(days=7 * week) for week in range(4)]
    found = [collect(searching, day) for day in sundays]
    assert len({form["mindate"] for utility, form in ncbi.asked if form.get("datetype") == "edat"}) == 4
    assert sum(each["new_records"] for each in found) == len({each.pmid for each in ncbi.articles})
    assert sum(each["entries"] for each in found) > len(ncbi.articles)
    again = collect(searching, sundays[-1])
    assert (again["new_records"], again["matches"]) == (0, 0)


def test_records_that_were_counted_and_not_given_fail_the_poll_and_none_is_lost(
    searching: InProcess, ncbi: EUtils, mailbox: Mailbox
) -> None:
    ncbi.articles = [article(number, MONDAY - timedelta(days=1)) for number in range(120)]
    ncbi.held_back = 60
    done = collect(searching, MONDAY)
    assert done["failed"] == 1
    assert "found 120 records and gave 60" in str(done)
    ncbi.held_back = 1
    done = collect(searching, MONDAY + timedelta(days=1))
    assert (done["failed"], done["new_records"]) == (0, 119)
    env = {"ALERTS_CLOCK": f"{MONDAY}T06:00:00Z"}
    assert "P116" in searching.run("source", "read", "pubmed-smoking", env=env).stdout
    ncbi.held_back = 0
    assert collect(searching, MONDAY + timedelta(days=2))["new_records"] == 1


def test_a_spelling_that_pubmed_does_not_know_makes_no_translated_search_degraded(
    searching: InProcess, ncbi: EUtils
) -> None:
    ncbi.says = "<ErrorList><PhraseNotFound>practised[tiab]</PhraseNotFound></ErrorList>"
    follow(searching, ncbi, "strategy: smoking")
    assert "note: P112" in searching.run("source", "read", "pubmed-smoking").stdout
    follow(searching, ncbi)
    assert "warning: P112" in searching.run("source", "read", "pubmed-smoking").stdout
