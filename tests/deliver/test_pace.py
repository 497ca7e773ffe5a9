"""How fast, and when to leave a server alone."""

from __future__ import annotations

import asyncio

import pytest

from alerts.deliver import Pace


class Watch:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_interval_is_the_rate() -> None:
    assert Pace(per_minute=25).interval_s == pytest.approx(2.4)
    assert Pace().interval_s == 0


def test_slowing_doubles_up_to_eight_times_and_acceptances_bring_it_back() -> None:
    pace = Pace(per_minute=60)
    for expected in (2, 4, 8, 8):
        pace.slow()
        assert pace.interval_s == expected
    for expected in (4, 2, 1, 1):
        for _ in range(5):
            pace.accepted()
        assert pace.interval_s == expected


def test_a_pace_without_limit_can_be_slowed_too() -> None:
    pace = Pace()
    pace.slow()
    assert pace.interval_s == 0.5


def test_rests_grow_until_something_is_accepted() -> None:
    watch = Watch()
    pace = Pace(monotonic=watch)
    rests = []
    for _ in range(6):
        rests.append(pace.rest())
        watch.now += rests[-1]
    assert rests == [60, 120, 240, 480, 900, 900]
    pace.accepted()
    assert pace.rest() == 60


def test_holds_grow_to_four_hours() -> None:
    watch = Watch()
    pace = Pace(monotonic=watch)
    holds = []
    for _ in range(8):
        holds.append(pace.hold())
        watch.now += holds[-1]
    assert holds == [300, 600, 1200, 2400, 4800, 9600, 14400, 14400]


def test_trouble_that_several_sessions_meet_at_once_counts_once() -> None:
    pace = Pace(monotonic=Watch())
    assert [pace.hold(), pace.hold(), pace.rest()] == [300, 300, 300]


def test_a_hold_outlasts_the_rest_it_falls_into() -> None:
    pace = Pace(monotonic=Watch())
    assert [pace.rest(), pace.hold()] == [60, 300]
    assert pace.rests_s == 300


def test_a_person_can_end_every_rest() -> None:
    pace = Pace(monotonic=Watch())
    pace.hold()
    pace.resume()
    assert pace.rests_s == 0
    assert pace.hold() == 300


async def test_messages_start_one_interval_apart_whatever_the_number_of_sessions() -> None:
    pace, stop = Pace(sessions=3, per_minute=60 / 0.02), asyncio.Event()
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(pace.turn(stop) for _ in range(6)))
    assert loop.time() - began >= 5 * 0.02 - 0.005


async def test_a_stop_ends_the_waiting_at_once() -> None:
    pace, stop = Pace(per_minute=1), asyncio.Event()
    assert await pace.turn(stop) is True
    waiting = asyncio.create_task(pace.turn(stop))
    await asyncio.sleep(0)
    stop.set()
    async with asyncio.timeout(1):
        assert await waiting is False


async def test_nothing_starts_during_a_rest() -> None:
    pace = Pace()
    pace.rest()
    assert await pace.turn(asyncio.Event()) is False


def test_only_as_many_are_claimed_as_can_start_in_time() -> None:
    assert Pace(per_minute=25).fits(120) == 50
    assert Pace(per_minute=0.1).fits(120) == 1
    assert Pace().fits(120) > 1000


def test_several_who_send_to_one_server_share_its_rate() -> None:
    pace = Pace(per_minute=30)
    assert pace.interval_s == 2
    pace.share(2)
    assert pace.interval_s == 6
    pace.share(0)
    assert pace.interval_s == 2
