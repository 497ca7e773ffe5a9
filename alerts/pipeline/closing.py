"""Before issues are made: note what closes soon of what readers had, so that the next issue says so, once."""

from __future__ import annotations

from functools import partial

from alerts.compose.closing import SOON
from alerts.pipeline.service import Service
from alerts.store import closing


def announce(service: Service) -> None:
    """Write an event for everything that was shown and closes soon. Harmless to repeat; mostly there is nothing."""
    now = service.clock()
    with service.store.read() as conn:
        if not closing.due(conn, now, now + SOON):
            return
    service.store.replay(partial(closing.announce, now=now, until=now + SOON))
