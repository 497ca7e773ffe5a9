"""Days of searches: windows overlap, nothing between two is left out, and any memory is taken with care."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from alerts.fetch.memory.days import DaysRead, Window

TODAY = date(2026, 11, 3)
FIRST = TODAY - timedelta(days=14)


def test_the_next_window_begins_before_the_last_one_ended() -> None:
    first = DaysRead(FIRST).window("new", TODAY, overlap=7, first=FIRST)
    assert first == Window(FIRST, TODAY)
    later = TODAY + timedelta(days=40)
    read = DaysRead.from_memory(DaysRead(FIRST).after("new", first, TODAY).as_memory())
    assert read.window("new", later, overlap=7, first=FIRST) == Window(TODAY - timedelta(days=6), later)


def test_a_window_that_was_cut_is_gone_on_with_from_the_day_after() -> None:
    half = Window(FIRST, TODAY).halved()
    read = DaysRead(FIRST).after("new", half, TODAY)
    assert read.behind == {"new"}
    assert read.window("new", TODAY, overlap=7, first=FIRST) == Window(half.last + timedelta(days=1), TODAY)
    assert Window(TODAY, TODAY).halved() == Window(TODAY, TODAY)


@pytest.mark.parametrize(
    "memory", ["", "nonsense", "[]", "3", '{"until": 7}', '{"until": {"new": "x"}}', '{"begun": 5}', "[" * 9_999]
)
def test_a_memory_that_is_none_is_as_if_nothing_were_remembered(memory: str) -> None:
    assert DaysRead.from_memory(memory) == DaysRead()


def test_days_written_by_a_clock_that_ran_ahead_are_not_believed() -> None:
    ahead = DaysRead(FIRST, {"new": TODAY + timedelta(days=900)})
    assert ahead.window("new", TODAY, overlap=7, first=FIRST) == Window(FIRST, TODAY)
