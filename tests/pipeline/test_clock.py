"""The clock can be set, and always runs on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from alerts.pipeline.clock import clock_from, system_clock


def test_a_clock_that_is_set_begins_there_and_runs_on() -> None:
    start = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    clock = clock_from(start)
    first, second = clock(), clock()
    assert start <= first <= second < start + timedelta(minutes=1)


def test_a_clock_set_in_another_zone_tells_utc() -> None:
    clock = clock_from(datetime(2026, 11, 3, 7, 30, tzinfo=timezone(timedelta(hours=2))))
    assert clock().tzinfo == UTC
    assert clock().hour == 5


def test_without_a_start_it_is_the_machines_clock() -> None:
    assert clock_from(None) is system_clock
    assert system_clock().tzinfo == UTC
