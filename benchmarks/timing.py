"""Measuring: medians of several runs, the runs of both sides interleaved so that a busy machine hurts both alike."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timed:
    """Seconds of several runs of one thing."""

    seconds: tuple[float, ...]
    processor: tuple[float, ...] = ()
    """Seconds of processor time, of this process and of the children that it has waited for."""

    @property
    def median(self) -> float:
        """The median, in seconds."""
        return statistics.median(self.seconds)

    @property
    def processor_median(self) -> float:
        """The median of processor time, in seconds."""
        return statistics.median(self.processor)

    def __str__(self) -> str:
        return f"{self.median * 1000:.0f} ms ({min(self.seconds) * 1000:.0f}–{max(self.seconds) * 1000:.0f})"


def interleaved(
    *jobs: Callable[[], object], rounds: int = 7, before: Callable[[int], object] | None = None
) -> list[Timed]:
    """Run each job once unmeasured, then `rounds` times in turn; return their times in the same order.

    `before` is called with a job's place before each of its runs, and is not measured.
    """
    seconds: list[list[float]] = [[] for _ in jobs]
    processor: list[list[float]] = [[] for _ in jobs]
    for measured in (False, *(True,) * rounds):
        for nth, job in enumerate(jobs):
            if before is not None:
                before(nth)
            used, started = _processor(), time.perf_counter()
            job()
            if measured:
                seconds[nth].append(time.perf_counter() - started)
                processor[nth].append(_processor() - used)
    return [Timed(tuple(wall), tuple(used)) for wall, used in zip(seconds, processor, strict=True)]


def _processor() -> float:
    return sum(os.times()[:4])


def row(what: str, measured: float, limit: float, *, at_most: bool, unit: str = "×") -> str:
    """Return one line of a benchmark's table: a ratio (or a size), its goal, and whether it is met."""
    met = measured <= limit if at_most else measured >= limit
    sign = "≤" if at_most else "≥"
    return f"{what:<58} {measured:7.2f} {unit:<2}  goal {sign} {limit:g} {unit:<2}  {'met' if met else 'NOT MET'}"
