"""Running the checks: beside each other, each in its own time, none able to spoil another."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from alerts.errors import AlertsError
from alerts.pipeline.doctor import content, machine, mail, names, public
from alerts.pipeline.doctor.finding import Finding, failure
from alerts.pipeline.doctor.ground import Ground

Check = Callable[[Ground], Iterable[Finding]]

CHECKS: tuple[tuple[str, Check, float], ...] = (
    ("settings", machine.settings, 5),
    ("database", machine.database, 60),
    ("restored copy", machine.restored, 10),
    ("disk", machine.disk, 10),
    ("clock", public.clock, 30),
    ("secret key", machine.secret_key, 5),
    ("mail server", mail.server, 45),
    ("sender's domain", names.sender, 30),
    ("outbox", mail.outbox, 10),
    ("public address", public.address, 30),
    ("proxy", machine.proxy, 5),
    ("configuration", content.configuration, 20),
    ("people", content.people, 5),
    ("bulletins", content.bulletins, 20),
    ("calendar", content.calendar_reach, 5),
    ("sources", content.sources, 20),
)
"""Every check, what it is about, and the seconds it may take."""


def examine(ground: Ground, checks: Sequence[tuple[str, Check, float]] = CHECKS) -> tuple[Finding, ...]:
    """Run every check and return all that was found, in the order of `checks`."""
    answers: list[tuple[str, float, queue.Queue[tuple[Finding, ...]]]] = []
    began = time.monotonic()
    for about, check, within_s in checks:
        answer: queue.Queue[tuple[Finding, ...]] = queue.Queue(1)
        # Daemons: one that hangs in the system (a dead network share) must not keep the command from ending.
        threading.Thread(target=_run, args=(about, check, ground, answer), name=about, daemon=True).start()
        answers.append((about, within_s, answer))
    found: list[Finding] = []
    for about, within_s, answer in answers:
        try:
            found += answer.get(timeout=max(0.0, began + within_s - time.monotonic()) or 0.001)
        except queue.Empty:
            found.append(
                Finding(about, "failure", f"This could not be looked at within {within_s:g} seconds.", _SLOW)
            )  # fmt: skip
    return tuple(found)


_SLOW = "Something it needs does not answer (a disk, a name server, the network): look at that first."


def _run(about: str, check: Check, ground: Ground, answer: queue.Queue[tuple[Finding, ...]]) -> None:
    found: list[Finding] = []
    try:
        for each in check(ground):
            found += [each]  # what was found before it broke is kept
    except AlertsError as error:
        found.append(failure(about, error))
    except Exception as error:  # noqa: BLE001 - a check that breaks costs only itself
        sentence = f"This could not be looked at: {type(error).__name__}: {error}"
        found.append(Finding(about, "failure", sentence, "Please report it."))
    answer.put(tuple(found))
