"""Measuring: medians of several runs, the runs of both sides interleaved so that a busy machine hurts both alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timed:
    """Seconds of several runs of one thing."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median, in seconds."""
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        return f"{self.median * 1000:.0f} ms ({min(self.seconds) * 1000:.0f}–{max(self.seconds) * 1000:.0f})"


def interleaved(*jobs: Callable[[], object], rounds: int = 7) -> list[Timed]:
    """Run each job once unmeasured, then `rounds` times in turn; return their times in the same order."""
    for job in jobs:
        job()
    seconds: list[list[float]] = [[] for _ in jobs]
    for _ in range(rounds):
        for times, job in zip(seconds, jobs, strict=True):
            started = time.perf_counter()
            job()
            times.append(time.perf_counter() - started)
    return [Timed(tuple(each)) for each in seconds]


def row(what: str, measured: float, limit: float, *, at_most: bool, unit: str = "×") -> str:
    """Return one line of a benchmark's table: a ratio (or a size), its goal, and whether it is met."""
    met = measured <= limit if at_most else measured >= limit
    sign = "≤" if at_most else "≥"
    return f"{what:<58} {measured:7.2f} {unit:<2}  goal {sign} {limit:g} {unit:<2}  {'met' if met else 'NOT MET'}"
