"""A restored older database asks before it publishes or sends (docs/handbook/safety.md, 14).

A marker outside the database says how far it had come: issues, deliveries and attempts to send. When the marker is
ahead of the database, what the database holds as pending may have been sent already: a person decides. The marker is
written before every handful of messages and after a run, so that a copy made even in the middle of one is noticed.
"""

from __future__ import annotations

from alerts.errors import AlertsError
from alerts.pipeline.service import Service
from alerts.store import deliveries, marker


class RestoredDatabase(AlertsError):
    """The database is older than what was sent from it."""

    code = "T030"
    remedy = (
        "Look at what waits with “alerts delivery list --state pending”. If it should go out, run “alerts delivery "
        "resume --restored”; if readers have had it already, add “--drop-pending”. Or restore a newer copy instead."
    )


def concern(service: Service) -> str | None:
    """Return why somebody must say first that this database may publish and send, or `None`."""
    noted = marker.read(service.settings.state_folder)  # before the database: another process may be at work on both
    with service.store.read() as conn:
        numbers = deliveries.last_numbers(conn)
        oldest = deliveries.oldest_pending(conn)
    return marker.concern(numbers, noted, oldest, service.clock())


def ask_first(service: Service) -> None:
    """Raise `RestoredDatabase` when somebody must say first that this database may publish and send."""
    sentence = concern(service)
    if sentence is not None:
        raise RestoredDatabase(sentence)


def note(service: Service) -> None:
    """Write down how far the database has come."""
    with service.store.read() as conn:
        numbers = deliveries.last_numbers(conn)
    folder = service.settings.state_folder
    if marker.read(folder) != numbers:
        folder.mkdir(parents=True, exist_ok=True)
        marker.write(folder, numbers)


def set_aside(service: Service) -> int:
    """Stop every message that waits, since readers had it before the database was restored; return how many."""
    return service.store.replay(marker.set_aside)
