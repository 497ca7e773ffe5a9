"""What became of the DOIs that readers had is looked up at Crossref."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from alerts.fetch.kinds import Answer
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry
from alerts.model.sources import LOOKED_UP, Response, SourceState
from alerts.parse import Parsed, fingerprint
from alerts.pipeline.built_in import corrections_source
from alerts.pipeline.collecting import corrections
from alerts.pipeline.collecting.collect import settle
from alerts.pipeline.collecting.corrections import LookedUp, is_due, look_up
from alerts.pipeline.collecting.overview import overview
from alerts.pipeline.collecting.tools import open_tools
from alerts.pipeline.service import Service
from alerts.store import Store, records, sources
from alerts.store import issues as issue_rows
from tests.journeys.crossref_server import CrossrefServer
from tests.parse.crossref_samples import moment, update, work
from tests.pipeline.one_bulletin import TUESDAYS, Library

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def crossref() -> Iterator[CrossrefServer]:
    with CrossrefServer() as server:
        yield server


@pytest.fixture(params=["sqlite_store", pytest.param("pg_store", marks=pytest.mark.thorough)])
def store(request: pytest.FixtureRequest) -> Store:
    """A migrated store; PostgreSQL's is asked under `make thorough`."""
    made: Store = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def library(store: Store, tmp_path: Path) -> Library:
    made = Library(store, tmp_path)
    made.write("profiles/p.yaml", "title: Smoking\nteam: ph\nsearch: smoking.ti.\n")
    made.schedule(TUESDAYS)
    return made


def asking(library: Library, crossref: CrossrefServer) -> Service:
    env = {
        "CORRECTIONS_ADDRESS": crossref.address, "ALLOW_LOOPBACK": "true", "ALLOW_PORTS": str(crossref.port),
        "HOST_PAUSE_S": "0", "CONTACT": "library@example.nhs.uk",
    }  # fmt: skip
    return library.process(env)


def sent(library: Library, service: Service, *dois: str, at: str = "2026-11-24T08:00") -> None:
    """Let a feed give publications with these DOIs, and the Tuesday's issue carry them."""
    entries = tuple(publication(doi, library.now) for doi in dois)
    parsed = Parsed("rss", "A", "", entries)
    source = service.catalogue.sources["a"]
    with service.store.read() as conn:
        state = sources.state(conn, source.id)
    settle(service, source, state, Answer(Response(source.address), parsed), parsed, Random(0))
    assert library.tick(at, service)


def publication(doi: str, published: datetime) -> Entry:
    made = Entry(doi, title_of(doi), published=published, date_kind="published", identifiers=(Identifier("doi", doi),))
    return replace(made, fingerprint=fingerprint(made))


def title_of(doi: str) -> str:
    """Return a title that names smoking, and is like no other."""
    return f"Smoking in the town of {doi.rpartition('/')[2]}"


async def looked_up(service: Service, *, force: bool = True) -> LookedUp | None:
    async with open_tools(service.settings, service.catalogue) as tools:
        return await look_up(service, tools, force=force)


def entries_of(service: Service, doi: str) -> list[str]:
    with service.store.read() as conn:
        record = records.by_identifier(conn, Identifier("doi", doi))
        return [each.source_id for each in records.kept_entries(conn, record.id)] if record else []


async def test_only_dois_that_readers_had_within_two_years_are_asked_for(
    library: Library, crossref: CrossrefServer
) -> None:
    service = asking(library, crossref)
    sent(library, service, "10.5555/anytown", "10.5555/newtown")
    done = await looked_up(service)
    assert done == LookedUp(asked=2, notices=0, is_done=True)
    assert crossref.dois_asked() == ["10.5555/anytown", "10.5555/newtown"]
    ((path, told),) = crossref.asked
    assert (path, set(told)) == ("/works", {"filter", "select", "rows", "mailto"}), "nothing else leaves the machine"
    library.now += timedelta(days=740)
    assert await looked_up(service) == LookedUp(is_done=True)
    assert len(crossref.asked) == 1


async def test_where_nothing_was_sent_nobody_is_asked(library: Library, crossref: CrossrefServer) -> None:
    service = asking(library, crossref)
    assert await looked_up(service, force=False) is None
    assert await looked_up(service) == LookedUp(is_done=True)
    assert crossref.asked == []


async def test_it_is_looked_up_once_a_night(library: Library, crossref: CrossrefServer) -> None:
    service = asking(library, crossref)
    sent(library, service, "10.5555/anytown")
    assert await looked_up(service, force=False) is not None
    assert await looked_up(service, force=False) is None
    times = 0
    for _ in range(72):
        library.now += timedelta(hours=1)
        times += await looked_up(service, force=False) is not None
    assert times == 3


async def test_switched_off_it_is_never_looked_up(library: Library) -> None:
    service = library.process()
    sent(library, service, "10.5555/anytown")
    assert corrections_source(service.settings) is None
    assert await looked_up(service) is None


async def test_many_dois_are_asked_for_in_parts_and_the_next_night_goes_on(
    library: Library, crossref: CrossrefServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections, "TOGETHER", 3)
    monkeypatch.setattr(corrections, "MOST_A_NIGHT", 6)
    service = asking(library, crossref)
    dois = [f"10.5555/town-{number}" for number in range(8)]
    sent(library, service, *dois)
    first = await looked_up(service)
    second = await looked_up(service)
    assert (first, second) == (LookedUp(asked=6), LookedUp(asked=2, is_done=True))
    assert crossref.dois_asked() == dois
    assert await looked_up(service) == LookedUp(asked=6), "then it begins anew"


async def test_one_doi_that_crossref_refuses_costs_only_itself(library: Library, crossref: CrossrefServer) -> None:
    service = asking(library, crossref)
    crossref.refuses = "10.5555/town-2"
    crossref.works = [work("10.5555/town-5", title_of("10.5555/town-5"))]
    sent(library, service, *(f"10.5555/town-{number}" for number in range(7)))
    assert await looked_up(service) == LookedUp(asked=7, is_done=True, refused=1)


async def test_a_doi_with_a_comma_is_asked_for_by_its_own_address(library: Library, crossref: CrossrefServer) -> None:
    service = asking(library, crossref)
    sent(library, service, "10.5555/some,town", "10.5555/anytown")
    assert await looked_up(service) == LookedUp(asked=2, is_done=True)
    assert sorted(path for path, _ in crossref.asked) == ["/works", "/works/10.5555/some,town"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ((500, b"", {}), "F500"),
        ((429, b"", {"Retry-After": "120"}), "F429"),
        ((200, b"<html><title>Maintenance</title></html>", {}), "F600"),
        ((200, b'{"status": "ok"}', {}), "F600"),
        ((404, b"Resource not found.", {}), "F404"),
    ],
)
async def test_a_failure_is_told_as_one_of_a_source_and_repeated_later(
    library: Library, crossref: CrossrefServer, fault: Any, code: str
) -> None:
    service = asking(library, crossref)
    sent(library, service, "10.5555/anytown")
    crossref.fault = fault
    done = await looked_up(service, force=False)
    assert done is not None
    assert done.failure is not None
    assert done.failure.code == code
    (row,) = overview(service, [LOOKED_UP]).sources
    assert (row.word, row.state.failure_code) == ("failing", code)
    assert await looked_up(service, force=False) is None, "not at once"
    crossref.fault = None
    library.now += timedelta(hours=30)
    done = await looked_up(service, force=False)
    assert done == LookedUp(asked=1, is_done=True)
    (row,) = overview(service, [LOOKED_UP]).sources
    assert row.word == "works"


async def test_what_a_night_found_before_it_failed_stays(
    library: Library, crossref: CrossrefServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections, "TOGETHER", 2)
    service = asking(library, crossref)
    sent(library, service, *(f"10.5555/town-{number}" for number in range(6)))
    crossref.fault, crossref.faults_after = (503, b"", {}), 2
    done = await looked_up(service)
    assert done is not None
    assert (done.asked, done.is_done) == (4, False)
    crossref.fault = None
    assert await looked_up(service) == LookedUp(asked=2, is_done=True)


@pytest.mark.parametrize("memory", ["", "x", "[]", '{"after": "x"}', '{"after": -1}', '{"after": 1e99}', "[" * 9_999])
def test_whatever_stands_in_the_memory_a_night_begins_somewhere(library: Library, memory: str) -> None:
    source = corrections_source(library.process({"CORRECTIONS_ADDRESS": ""}).settings)
    assert source is not None
    state = SourceState(LOOKED_UP, memory=memory, asked=source.asks)
    assert corrections._place(state, source) == (0, True)


def test_installations_do_not_all_ask_in_the_same_minute(library: Library) -> None:
    nights = {
        corrections._night(library.now, library.process({"CONTACT": f"library{number}@example.nhs.uk"}).settings)
        for number in range(10)
    }
    assert len(nights) > 5
    assert all(1 <= night.hour < 5 and night <= library.now for night in nights)


def test_after_a_clock_that_had_run_ahead_it_is_due(library: Library) -> None:
    service = library.process({"CORRECTIONS_ADDRESS": ""})
    source = corrections_source(service.settings)
    assert source is not None
    state = SourceState(LOOKED_UP, asked=source.asks, last_success_at=library.now + timedelta(days=400))
    assert is_due(source, state, library.now, service.settings)


def told(service: Service, doi: str) -> list[tuple[str, str, str]]:
    """Return what was told of a publication: event, note, and the DOI of the notice that is a record, if it is one."""
    with service.store.read() as conn:
        record = records.by_identifier(conn, Identifier("doi", doi))
        assert record is not None
        found = []
        for each in records.events(conn, record.id):
            notice = records.get(conn, each.notice_record_id) if each.notice_record_id is not None else None
            found.append((each.kind, each.note, notice.entry.identifier("doi") if notice else ""))
        return [each for each in found if each[0] != "new"]


DOI, NOTICE = "10.5555/anytown", "10.5555/notice"


def article(*updates: Any, doi: str = DOI) -> Any:
    return work(doi, title_of(doi), updated_by=list(updates))


def notice(
    type_: str, doi: str = NOTICE, about: str = DOI, title: str = "Notice", day: tuple[int, ...] = (2026, 11, 23)
) -> Any:
    date = {"date-parts": [list(day)]}
    return work(doi, title, update_to=[update(about, type_)], published=date, issued=date, created=moment(*day))


@pytest.mark.parametrize(
    ("type_", "event", "note"),
    [
        ("retraction", "retracted", "Retraction published"),
        ("withdrawal", "withdrawn", "Withdrawal published"),
        ("removal", "withdrawn", "Withdrawal published"),
        ("expression_of_concern", "corrected", "Expression of concern published"),
        ("erratum", "corrected", "Correction published"),
    ],
)
async def test_a_notice_that_no_source_of_ours_names_is_told_once_with_its_doi(
    library: Library, crossref: CrossrefServer, type_: str, event: str, note: str
) -> None:
    service = asking(library, crossref)
    sent(library, service, DOI)
    crossref.works = [article(update(NOTICE, type_, "retraction-watch")), notice(type_)]
    assert await looked_up(service) == LookedUp(asked=1, notices=1, is_done=True)
    assert told(service, DOI) == [(event, note, NOTICE)]
    crossref.asked.clear()
    assert await looked_up(service) == LookedUp(asked=1, is_done=True)
    assert told(service, DOI) == [(event, note, NOTICE)]
    assert crossref.dois_asked() == [DOI], "what is known is not asked for again"


async def test_a_notice_that_crossref_does_not_know_as_a_work_is_told_all_the_same(
    library: Library, crossref: CrossrefServer
) -> None:
    service = asking(library, crossref)
    sent(library, service, DOI)
    crossref.works = [article(update("10.5555/elsewhere", "retraction", "retraction-watch"))]
    await looked_up(service)
    await looked_up(service)
    assert told(service, DOI) == [("retracted", "Retraction published", "")]


async def test_a_work_retracted_where_it_stands_is_told_once(library: Library, crossref: CrossrefServer) -> None:
    service = asking(library, crossref)
    sent(library, service, DOI)
    crossref.works = [work(DOI, f"RETRACTED: {title_of(DOI)}", updated_by=[update(DOI, "retraction")])]
    await looked_up(service)
    await looked_up(service)
    assert [each[0] for each in told(service, DOI)] == ["retracted"]


async def test_publisher_and_retraction_watch_tell_one_retraction(library: Library, crossref: CrossrefServer) -> None:
    service = asking(library, crossref)
    sent(library, service, DOI)
    by_both = [update(NOTICE, "retraction"), update(NOTICE, "retraction", "retraction-watch")]
    crossref.works = [
        article(*by_both, update("10.5555/other", "retraction", "retraction-watch")),
        notice("retraction"),
    ]
    await looked_up(service)
    assert [each[0] for each in told(service, DOI)] == ["retracted"]


async def test_what_a_feed_told_already_is_not_told_again(library: Library, crossref: CrossrefServer) -> None:
    service = asking(library, crossref)
    sent(library, service, DOI)
    given = publication(NOTICE, library.now)
    given = replace(given, title=f"Retraction: {title_of(DOI)}")
    given = replace(given, fingerprint=fingerprint(given))
    parsed = Parsed("rss", "A", "", (given,))
    source = service.catalogue.sources["a"]
    with service.store.read() as conn:
        state = sources.state(conn, source.id)
    settle(service, source, state, Answer(Response(source.address), parsed), parsed, Random(0))
    assert told(service, DOI) == [("retracted", "Retraction published", NOTICE)]
    crossref.works = [article(update(NOTICE, "retraction")), notice("retraction", title=f"Retraction: {title_of(DOI)}")]
    await looked_up(service)
    assert told(service, DOI) == [("retracted", "Retraction published", NOTICE)]


async def test_a_second_correction_is_told_too_and_a_retraction_after_it(
    library: Library, crossref: CrossrefServer
) -> None:
    service = asking(library, crossref)
    sent(library, service, DOI)
    crossref.works = [article(update("10.5555/n1", "erratum")), notice("erratum", "10.5555/n1")]
    await looked_up(service)
    two = [update("10.5555/n1", "erratum"), update("10.5555/n2", "correction")]
    crossref.works = [article(*two), notice("correction", "10.5555/n2", title="Another")]
    await looked_up(service)
    crossref.works = [article(*two, update("10.5555/n3", "retraction"))]
    await looked_up(service)
    assert [(kind, doi) for kind, _, doi in told(service, DOI)] == [
        ("corrected", "10.5555/n1"), ("corrected", "10.5555/n2"), ("retracted", ""),
    ]  # fmt: skip


async def test_one_notice_about_several_works_is_told_of_each_that_was_sent(
    library: Library, crossref: CrossrefServer
) -> None:
    service = asking(library, crossref)
    other = "10.5555/newtown"
    sent(library, service, DOI, other)
    both = work(NOTICE, "Two retractions", update_to=[update(DOI, "retraction"), update(other, "retraction")])
    crossref.works = [article(update(NOTICE, "retraction")), article(update(NOTICE, "retraction"), doi=other), both]
    await looked_up(service)
    assert [told(service, each)[0][0] for each in (DOI, other)] == ["retracted", "retracted"]


async def test_the_first_time_old_corrections_are_passed_over_and_old_retractions_are_not(
    library: Library, crossref: CrossrefServer
) -> None:
    service = asking(library, crossref)
    other = "10.5555/newtown"
    sent(library, service, DOI, other)
    crossref.works = [
        article(update("10.5555/n1", "erratum")),
        notice("erratum", "10.5555/n1", day=(2026, 3, 1)),
        article(update("10.5555/n2", "retraction"), doi=other),
        notice("retraction", "10.5555/n2", other, day=(2026, 3, 1)),
    ]
    await looked_up(service)
    assert (told(service, DOI), [each[0] for each in told(service, other)]) == ([], ["retracted"])
    crossref.works[0] = article(update("10.5555/n1", "erratum"), update("10.5555/n3", "erratum"))
    crossref.works.append(notice("erratum", "10.5555/n3", title="Another", day=(2026, 3, 2)))
    await looked_up(service)
    assert [(kind, doi) for kind, _, doi in told(service, DOI)] == [("corrected", "10.5555/n3")]


@pytest.mark.parametrize("notices", [1, 0], ids=["a notice that is known", "one that only its publication names"])
async def test_no_profile_hears_the_look_up_and_readers_are_not_shown_it_as_a_source(
    library: Library, crossref: CrossrefServer, notices: int
) -> None:
    service = asking(library, crossref)
    sent(library, service, DOI)
    crossref.works = [article(update(NOTICE, "retraction"))]
    crossref.works += [notice("retraction", title="Smoking: a retraction notice")] * notices
    await looked_up(service)
    library.tick("2026-12-01T08:00", service)
    with service.store.read() as conn:
        latest = issue_rows.listing(conn)[0]
        content = issue_rows.by_id(conn, latest.id)
    assert content is not None
    shown = json.dumps(asdict(content.content), default=str)
    assert shown.count(title_of(DOI)) >= 1
    assert NOTICE in shown, "the notice is linked"
    assert not any(name in shown for name in ("looked up at Crossref", "crossref-corrections"))
    assert (latest.item_count, [each.items for each in content.content.sections if each.items]) == (1, [])
