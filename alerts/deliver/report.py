"""The account a run of the worker gives."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.errors import AlertsError
from alerts.model.deliveries import Outcome


@dataclass(frozen=True, slots=True)
class DeliverReport:
    """What one run did. `withdrawn` readers left between claim and sending; `lost` outcomes found their row taken.

    `rests_s` is how long the relay must be left alone, `rest_reason` why; `stopped_by` is the panic switch's reason.
    `unanswered` counts texts that were offered and got no answer. Every alarm is said once, whatever the number of
    messages.
    """

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    expired: int = 0
    held: int = 0
    withdrawn: int = 0
    released: int = 0
    unanswered: int = 0
    lost: int = 0
    alarms: tuple[AlertsError, ...] = ()
    stopped_by: str = ""
    rests_s: float = 0
    rest_reason: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the report as a mapping for `--json`, with no address in it."""
        return {
            "sent": self.sent,
            "deferred": self.deferred,
            "failed": self.failed,
            "expired": self.expired,
            "held": self.held,
            "withdrawn": self.withdrawn,
            "released": self.released,
            "unanswered": self.unanswered,
            "lost": self.lost,
            "alarms": [each.as_json() for each in self.alarms],
            "stopped_by": self.stopped_by,
            "rests_s": round(self.rests_s, 1),
            "rest_reason": self.rest_reason,
        }


class Progress:
    """The same while it is being counted."""

    def __init__(self) -> None:
        self.by_state: dict[str, int] = {}
        self.withdrawn = self.released = self.unanswered = self.lost = 0
        self.stopped_by = ""
        self.rest_reason = ""
        self._alarms: dict[tuple[str, str], AlertsError] = {}

    def settled(self, outcome: Outcome) -> None:
        """Count one outcome."""
        self.by_state[outcome.state] = self.by_state.get(outcome.state, 0) + 1
        self.unanswered += outcome.unanswered

    def alarm(self, alarm: AlertsError) -> None:
        """Keep an alarm, once for the same sentence."""
        self._alarms.setdefault((alarm.code, alarm.sentence), alarm)

    def report(self, *, rests_s: float) -> DeliverReport:
        """Return the finished account."""
        count = self.by_state.get
        return DeliverReport(
            sent=count("sent", 0),
            deferred=count("deferred", 0),
            failed=count("failed", 0),
            expired=count("expired", 0),
            held=count("held", 0),
            withdrawn=self.withdrawn,
            released=self.released,
            unanswered=self.unanswered,
            lost=self.lost,
            alarms=tuple(self._alarms.values()),
            stopped_by=self.stopped_by,
            rests_s=rests_s,
            rest_reason=self.rest_reason,
        )
