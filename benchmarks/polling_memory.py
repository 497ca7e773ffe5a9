"""The memory of polling all feeds for the first time, children included; part of `python -m benchmarks polling`.

The command is run as a process of its own, and what it and its children take is added up twenty times a second: pages
that several of them share are counted once (PSS, from the kernel's `smaps_rollup`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.timing import row

if TYPE_CHECKING:
    from benchmarks.polling import Ours


def tree(process: int) -> list[int]:
    """Return a process and everything that it has started and that has started from there."""
    found = [process]
    for each in found:
        for thread in Path(f"/proc/{each}/task").glob("*/children"):
            found += [int(child) for child in thread.read_text().split()]
    return found


def taken_kb(process: int) -> int:
    """Return what a process takes, its share of what it shares with others; nothing when it is gone."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def peak(command: list[str], env: dict[str, str]) -> tuple[float, int]:
    """Run a command; return the most memory that it took, in MB, and the most processes."""
    most_kb = most_processes = 0
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) as running:
        while running.poll() is None:
            try:
                processes = tree(running.pid)
            except OSError:  # it ended meanwhile
                continue
            most_kb = max(most_kb, sum(map(taken_kb, processes)))
            most_processes = max(most_processes, len(processes))
            time.sleep(0.05)
    assert running.returncode == 0, running.returncode
    return most_kb * 1024 / 1e6, most_processes


def main(ours: Ours) -> None:
    """Measure and print."""
    ours.renew()
    env = {**{name: value for name, value in os.environ.items() if not name.startswith("ALERTS_")}, **ours.env}
    megabytes, processes = peak([sys.executable, "-m", "alerts", "collect", "--all"], env)
    print(f"   {processes} processes at most")
    print(row("memory of polling everything, children included", megabytes, 200, at_most=True, unit="MB"), flush=True)
