"""What is the matter with a source, as its state tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.fetch import health
from alerts.fetch.health import Held
from alerts.model.sources import Source, SourceState

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SOURCE = Source("jech", "Journal", "https://jech.example.org/rss", file="sources/journals.yaml")
WELL = SourceState("jech", last_attempt_at=NOW, last_success_at=NOW, first_success_at=NOW - 300 * DAY, last_new_at=NOW)


def failing(code: str, days: float, failures: int = 2) -> SourceState:
    since = NOW - days * DAY
    return WELL._replace(
        failing_since=since, failing_alike_since=since, failure_code=code, failures=failures,
        failure_message="It failed.", failure_cause="HTTP status 410", failure_remedy="Look.",
    )  # fmt: skip


def kinds(state: SourceState, source: Source = SOURCE, held: Held | None = None) -> list[str]:
    return [each.kind for each in health.findings(source, state, NOW, held=held, arrivals=())]


def test_a_source_that_is_well_has_no_findings() -> None:
    assert kinds(WELL) == []
    assert kinds(SourceState("jech")) == [], "nor has one that was never tried"


def test_a_failure_carries_a_sentence_for_each_who_must_act() -> None:
    (one,) = health.findings(SOURCE, failing("F404", 1), NOW)
    assert (one.message, one.remedy, one.code, one.cause) == ("It failed.", "Look.", "F404", "HTTP status 410")
    assert one.since == NOW - DAY


@pytest.mark.parametrize(
    ("code", "failures", "certain"), [("F500", 1, False), ("F500", 2, True), ("F404", 1, True), ("F010", 1, False)]
)
def test_what_may_be_over_at_the_next_poll_is_not_certain(code: str, failures: int, certain: bool) -> None:
    assert health.findings(SOURCE, failing(code, 0, failures), NOW)[0].is_certain is certain


def test_a_source_is_gone_when_it_has_said_so_for_a_week() -> None:
    assert kinds(failing("F410", 6.9)) == ["failing"]
    assert kinds(failing("F410", 7)) == ["gone", "failing"]
    turned = failing("F410", 30)._replace(failing_alike_since=NOW - DAY)
    assert kinds(turned) == ["failing"], "it failed in other ways before"
    assert "sources/journals.yaml" in health.findings(SOURCE, failing("F410", 7), NOW)[0].remedy


def test_a_move_is_proposed_after_three_answers_until_the_address_is_changed() -> None:
    moved = WELL._replace(moved_to="https://new.example.org/rss", moved_times=3)
    assert kinds(moved._replace(moved_times=2)) == []
    assert kinds(moved) == ["moved"]
    assert "https://new.example.org/rss" in health.findings(SOURCE, moved, NOW)[0].remedy
    assert kinds(moved, replace(SOURCE, address="https://new.example.org/rss")) == []


def test_what_is_held_names_the_commands_that_settle_it() -> None:
    (one,) = health.findings(SOURCE, WELL, NOW, held=Held(NOW - DAY, 214))
    assert "214 new items" in one.message
    assert "alerts source release jech" in one.remedy


def test_silence_is_told_with_its_reason_only_of_a_source_that_answers() -> None:
    days = [(NOW - n * DAY).date() for n in range(21, 100, 3)]
    silent = WELL._replace(last_new_at=NOW - 21 * DAY)
    (one,) = health.findings(SOURCE, silent, NOW, arrivals=days)
    assert one.message == "Usually something every 3 days; nothing for 21 days."
    assert health.findings(SOURCE, silent, NOW) == (), "silence was not asked about"
    broken = failing("F404", 1)._replace(last_new_at=NOW - 21 * DAY)
    assert [each.kind for each in health.findings(SOURCE, broken, NOW, arrivals=days)] == ["failing"]


def test_a_set_rhythm_needs_no_history() -> None:
    silent = WELL._replace(last_new_at=NOW - 8 * DAY)
    (one,) = health.findings(replace(SOURCE, rhythm_days=7.0), silent, NOW, arrivals=())
    assert "Expected something every week; nothing for 8 days" in one.message
    assert kinds(silent, replace(SOURCE, rhythm_days=30.0)) == []


def test_the_network_is_to_blame_when_most_sources_on_several_hosts_cannot_be_reached() -> None:
    sources = [replace(SOURCE, id=f"s{n}", address=f"https://h{n}.example.org/") for n in range(6)]

    def told(codes: list[str], same_host: bool = False) -> bool:
        known = [
            (
                replace(source, address="https://one.example.org/") if same_host else source,
                failing(code, 1) if code else WELL,
            )
            for source, code in zip(sources, codes, strict=True)
        ]
        return health.network(known, NOW) is not None

    assert told(["F010", "F011", "F020", "F013", "", ""])
    assert not told(["F010", "F011", "F020", "", "", ""]), "half is not most"
    assert not told(["F404", "F404", "F500", "F403", "F404", "F404"]), "they answer: the way is open"
    assert not told(["F011"] * 6, same_host=True), "one host is one publisher"
    assert health.network([], NOW) is None
