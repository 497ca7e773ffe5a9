"""Run the main job in one process and die, by SIGKILL, just before or after a chosen statement to the database.

`python -m tests.journeys.dying N` counts instants: before and after every statement, and before every commit. The N-th
kills the process; `N = 0` lives, and prints how many there were. This reaches the instants between two commits that a
timer hits only by luck.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import click
from sqlalchemy import event
from sqlalchemy.engine import Engine

from alerts.cli import alerts

JOB = (("collect", "--all"), ("publish", "--now"), ("deliver",))


class Countdown:
    """Counts statements and kills at the chosen one."""

    def __init__(self, fatal: int) -> None:
        self.fatal = fatal
        self.count = 0

    def tick(self, *_arguments: Any) -> None:
        """Count one instant, and die if it is the one."""
        self.count += 1
        if self.count == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Run the job, dying where told."""
    countdown = Countdown(int(sys.argv[1]))
    for instant in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, instant, countdown.tick)
    for command in JOB:
        try:
            alerts.main(list(command), standalone_mode=False)
        except (click.exceptions.Exit, SystemExit):
            continue
    print(f"instants: {countdown.count}")


if __name__ == "__main__":
    main()
