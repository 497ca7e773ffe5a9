"""One delivering process, to be killed: `one_process.py DATABASE PORT HOUR SESSIONS`."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta

from alerts.deliver import SmtpSettings, SmtpTransport, deliver_pending
from alerts.pipeline.deliver import StoredOutbox
from alerts.store import deliveries, open_store
from tests.deliver.outbox_contract import NOW


def main(database: str, port: str, hour: str, sessions: str) -> None:
    now = NOW + timedelta(hours=int(hour))
    store = open_store(database)
    store.replay(lambda conn: deliveries.sweep(conn, now))
    settings = SmtpSettings("localhost", int(port), tls="none", per_minute=0, helo="a.example", sessions=int(sessions))
    report = asyncio.run(
        deliver_pending(
            StoredOutbox(store),
            SmtpTransport(settings),
            clock=lambda: now,
            stop=asyncio.Event(),
            owner=f"process {os.getpid()} at {hour}",
        )
    )
    store.close()
    sys.stdout.write(f"{report.sent}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
