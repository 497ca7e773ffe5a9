"""Health of sources on both databases: told once, whatever dies or happens at the same time."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.config import load_catalogue, load_settings
from alerts.errors import AlertsError
from alerts.model.sources import SourceState
from alerts.pipeline.collecting import health
from alerts.pipeline.collecting.overview import overview
from alerts.pipeline.service import Service
from alerts.store import Store, deliveries, sources
from alerts.store import health as rows

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BROKEN = {
    "failing_since": NOW, "failing_alike_since": NOW, "failure_code": "F404", "failure_message": "Nothing there.",
    "failures": 1, "last_attempt_at": NOW,
}  # fmt: skip


class At:
    """A clock that a test sets."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> At:
    return At()


@pytest.fixture
def service(store: Store, tmp_path: Path, clock: At) -> Service:
    """A service with two sources and an owner."""
    config = tmp_path / "config"
    (config / "sources").mkdir(parents=True)
    (config / "service.yaml").write_text("name: Library\nowner: Pat <pat@example.nhs.uk>\n")
    (config / "sources" / "all.yaml").write_text(
        "sources:\n"
        "  - {id: bmj, title: The BMJ, type: news, address: 'https://bmj.example.org/f'}\n"
        "  - {id: who, title: WHO, type: news, address: 'https://who.example.org/f'}\n"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ALERTS_")}
    own = {"ALERTS_CONFIG_DIR": str(config), "ALERTS_DATA_DIR": str(tmp_path)}
    return Service(load_settings({**kept, **own}).settings, clock, store, load_catalogue(config, None))


def remember(service: Service, source_id: str, **values: object) -> None:
    well = SourceState(
        source_id, first_success_at=NOW - 100 * DAY, last_success_at=NOW, last_new_at=NOW, last_attempt_at=NOW
    )
    service.store.replay(lambda conn: sources.save_state(conn, well._replace(**values)))  # type: ignore[arg-type]


def mails(service: Service) -> int:
    with service.store.read() as conn:
        return len(deliveries.listing(conn))


def test_a_process_that_dies_while_it_tells_has_told_nothing_and_the_next_tells_once(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(service, "bmj", **BROKEN)

    def die(*_: object) -> None:
        raise AlertsError("the template is broken")

    with monkeypatch.context() as broken:
        broken.setattr(health, "write_to_owners", die)
        health.settle(service, ["bmj"])
    with service.store.read() as conn:
        assert rows.open_events(conn) == ()
    for _ in range(3):
        health.settle(service, ["bmj"])
    assert mails(service) == 1


def test_replicas_that_settle_at_once_write_one_mail(service: Service) -> None:
    remember(service, "bmj", **BROKEN)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: health.settle(service, ["bmj"]), range(6)))
    assert mails(service) == 1
    remember(service, "bmj")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: health.settle(service, ["bmj"]), range(6)))
    assert mails(service) == 2


def test_what_flickers_is_in_the_mail_only_when_it_lasts(service: Service, clock: At) -> None:
    def turn(well: bool, hours: float) -> None:
        clock.now += timedelta(hours=hours)
        remember(service, "bmj", **({} if well else {**BROKEN, "failing_since": clock.now}))
        health.settle(service, ["bmj"])

    turn(well=False, hours=0)
    turn(well=True, hours=2)
    assert mails(service) == 2
    for _ in range(5):
        turn(well=False, hours=2)
        turn(well=True, hours=2)
    assert mails(service) == 2
    turn(well=False, hours=2)
    clock.now += timedelta(hours=25)
    health.settle(service, ["bmj"])
    assert mails(service) == 3, "now it has lasted a day"


def test_several_troubles_of_one_run_are_one_mail(service: Service) -> None:
    remember(service, "bmj", **BROKEN)
    remember(
        service,
        "who",
        degraded="It was mended.",
        degraded_code="P005",
        moved_to="https://w.example.org/",
        moved_times=3,
    )
    health.settle(service, ["bmj", "who"])
    assert mails(service) == 1
    with service.store.read() as conn:
        assert {(each.source_id, each.kind) for each in rows.open_events(conn)} == {
            ("bmj", "failing"), ("who", "moved"), ("who", "degraded"),
        }  # fmt: skip


@pytest.mark.parametrize(
    "edit", [lambda text: text.split("  - {id: who")[0], lambda text: text.replace("type", "enabled: false, type")]
)
def test_a_source_that_is_given_up_has_no_troubles_and_nobody_is_written_to(
    service: Service, edit: Callable[[str], str]
) -> None:
    remember(service, "who", last_new_at=NOW - 99 * DAY)
    service.store.replay(lambda conn: rows.arrived(conn, "who", [(NOW - n * DAY).date() for n in range(99, 120)]))
    health.settle(service, ["who"])
    assert mails(service) == 1
    with service.store.read() as conn:
        assert [each.kind for each in rows.open_events(conn)] == ["quiet"]
    path = service.settings.config_dir / "sources" / "all.yaml"
    path.write_text(edit(path.read_text()))
    service.reload()
    health.settle(service, [])
    with service.store.read() as conn:
        assert rows.open_events(conn) == ()
    assert mails(service) == 1


def test_silence_goes_on_while_the_source_fails(service: Service, clock: At) -> None:
    remember(service, "who", last_new_at=NOW - 99 * DAY)
    service.store.replay(lambda conn: rows.arrived(conn, "who", [(NOW - n * DAY).date() for n in range(99, 120)]))
    health.settle(service, ["who"])
    remember(service, "who", **BROKEN, last_new_at=NOW - 99 * DAY)
    health.settle(service, ["who"])
    with service.store.read() as conn:
        assert sorted(each.kind for each in rows.open_events(conn)) == ["failing", "quiet"]
    clock.now += DAY
    remember(service, "who", last_new_at=clock.now)
    health.settle(service, ["who"])
    with service.store.read() as conn:
        assert rows.open_events(conn) == ()


def test_what_is_the_matter_with_a_source_whose_body_has_ended_is_told_to_nobody(service: Service) -> None:
    ended = replace(service.catalogue.sources["bmj"], ends=NOW.date() - DAY, successor="who")
    catalogue = replace(service.catalogue, sources={**service.catalogue.sources, "bmj": ended})
    service.loaded = replace(service.loaded, catalogue=catalogue)
    remember(service, "bmj", **BROKEN)
    health.settle(service, ["bmj"])
    assert mails(service) == 0
    (row,) = overview(service, ["bmj"]).sources
    assert (row.word, row.troubles) == ("ended", ())
