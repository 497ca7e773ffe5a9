"""The usual rhythm of a source, and when its silence is unusual: few false alarms, whatever the way of publishing."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import pairwise

import pytest

from alerts.fetch import rhythm

START = date(2021, 1, 1)
DAYS = 3 * 365
Way = Callable[[random.Random], Iterable[float]]


def _steps(gap: Callable[[random.Random], float]) -> Way:
    def days(rng: random.Random) -> Iterable[float]:
        at = 0.0
        while at < DAYS:
            at += max(gap(rng), 0.01)
            yield at

    return days


def _working_days(share: float, closed: Callable[[date], bool] = lambda _: False) -> Way:
    def days(rng: random.Random) -> Iterable[float]:
        for n in range(DAYS):
            day = START + timedelta(days=n)
            if day.weekday() < 5 and not closed(day) and rng.random() < share:
                yield n

    return days


def _holidays(day: date) -> bool:
    return day.month == 8 or (day.month, day.day) > (12, 20) or (day.month, day.day) < (1, 5)


WAYS: dict[str, tuple[Way, float]] = {
    "at random, every other day": (_steps(lambda rng: rng.expovariate(1 / 2)), 0.15),
    "at random, every week": (_steps(lambda rng: rng.expovariate(1 / 7)), 0.25),
    "at random, every month": (_steps(lambda rng: rng.expovariate(1 / 30)), 0.25),
    "every working day": (_working_days(0.9), 0.0),
    "working days, closed in August and at Christmas": (_working_days(0.6, _holidays), 0.4),
    "weekly statistics": (_steps(lambda rng: rng.gauss(7, 0.5)), 0.05),
    "a monthly issue in one batch": (_steps(lambda rng: rng.gauss(30.4, 3)), 0.05),
    "a quarterly issue": (_steps(lambda rng: rng.gauss(91, 7)), 0.0),
}


def alarms(way: Way, seed: int) -> tuple[int, float]:
    """Return how often silence was called unusual, and the years in which it could have been."""
    arrivals = sorted({START + timedelta(days=int(each)) for each in way(random.Random(seed))})
    count, years = 0, 0.0
    for n, (last, following) in enumerate(pairwise(arrivals), 1):
        known = rhythm.learnt(arrivals[max(0, n - rhythm.MOST_ARRIVALS) : n])
        if known is not None:
            years += (following - last).days / 365
            count += rhythm.is_unusual(known, last, following)
    return count, years


@pytest.mark.parametrize("name", WAYS)
def test_false_alarms_are_rare(name: str) -> None:
    way, allowed = WAYS[name]
    found = [alarms(way, seed) for seed in range(3)]
    years = sum(each for _, each in found)
    assert sum(count for count, _ in found) <= allowed * years, f"in {years:.0f} years"


def days_back(*back: int) -> list[date]:
    return [date(2026, 6, 30) - timedelta(days=each) for each in back]


def test_nothing_is_usual_while_little_is_known() -> None:
    assert rhythm.learnt([]) is None
    assert rhythm.learnt(days_back(*range(0, 56, 7))) is None, "seven gaps"
    assert rhythm.learnt(days_back(*range(0, 63, 7))) is not None, "eight gaps"


@pytest.mark.parametrize(("every", "fine", "unusual"), [(1, 10, 18), (7, 19, 40), (30, 80, 140)])
def test_silence_is_unusual_only_when_it_is_really_long(every: int, fine: int, unusual: int) -> None:
    last = date(2025, 10, 1)
    known = rhythm.learnt(last - timedelta(days=every * n) for n in range(40))
    assert known is not None
    assert not rhythm.is_unusual(known, last, last + timedelta(days=fine))
    assert rhythm.is_unusual(known, last, last + timedelta(days=unusual + 20))


def test_days_of_august_count_half_and_those_of_christmas_not() -> None:
    assert rhythm.counted_days(date(2026, 5, 1), date(2026, 5, 31)) == 30
    assert rhythm.counted_days(date(2026, 7, 31), date(2026, 8, 31)) == 15.5
    assert rhythm.counted_days(date(2026, 12, 20), date(2027, 1, 4)) == 0
    assert rhythm.counted_days(date(2026, 12, 18), date(2027, 1, 6)) == 4
    whole = rhythm.counted_days(date(2024, 1, 10), date(2026, 1, 10))
    assert whole == 731 - 2 * (15.5 + 11 + 4)
    assert rhythm.counted_days(date(2026, 5, 1), date(2026, 5, 1)) == 0


def test_what_the_librarian_set_is_taken_at_its_word() -> None:
    known = rhythm.expected(14)
    assert not rhythm.is_unusual(known, date(2026, 8, 1), date(2026, 8, 15))
    assert rhythm.is_unusual(known, date(2026, 8, 1), date(2026, 8, 16)), "in August too"


@pytest.mark.parametrize(
    ("days", "said"),
    [(0.5, "every day"), (1, "every day"), (3, "every 3 days"), (7, "every week"), (10, "every 10 days"),
     (14, "every 2 weeks"), (30, "every month"), (91, "every 3 months"), (365, "every 12 months")],
)  # fmt: skip
def test_a_rhythm_is_said_as_people_say_it(days: float, said: str) -> None:
    assert rhythm.in_words(days) == said


def test_the_dates_of_a_first_reading_tell_of_the_past_but_not_of_the_future() -> None:
    today = date(2026, 11, 2)
    published = [today + timedelta(days=3), today, today - timedelta(days=9), date(1999, 1, 1)]
    assert rhythm.seeds(published, today) == {today, today - timedelta(days=9)}
