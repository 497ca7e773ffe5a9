"""One delivering process, to be killed or told to stop by `killing.py`.

It does what `alerts deliver` does on a clock that stands at an hour, so that a test need not wait for a lease.
"""

from __future__ import annotations

import asyncio
import signal
from datetime import timedelta
from typing import cast

from alerts.config import Loaded, load_settings
from alerts.deliver import SmtpSettings, SmtpTransport
from alerts.pipeline.deliver import deliver
from alerts.pipeline.service import Service
from alerts.store import open_store
from benchmarks.invented import NOW


async def send(service: Service, transport: SmtpTransport) -> None:
    """Send what waits until that is done or SIGTERM comes."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await deliver(service, transport, stop=stop)
    await transport.close()


def main(database: str, folder: str, port: int, hour: int, sessions: int) -> None:
    """Deliver once, over so many sessions, `hour` hours after the issue was published."""
    now = NOW + timedelta(hours=hour)
    settings = load_settings({"ALERTS_DATA_DIR": folder, "ALERTS_DATABASE_URL": database}).settings
    store = open_store(database, state_dir=settings.state_folder)
    unread = cast(Loaded, None)  # sending needs no configuration
    mail = SmtpSettings("localhost", port, tls="none", per_minute=0, helo="a.example", sessions=sessions)
    asyncio.run(send(Service(settings, lambda: now, store, unread), SmtpTransport(mail)))
    store.close()
