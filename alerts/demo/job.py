"""The demo: the whole service once, on sample sources served from loopback, SQLite, and mail into a folder.

The settings are the demo's own, whatever the environment says, so that nothing can leave the machine. Dates of the
samples count back from the day of the first run, which is kept in the demo folder: a second run finds nothing new.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alerts.config import load_settings, write_starter
from alerts.deliver import DeliverReport
from alerts.demo.samples import Samples, newsletter
from alerts.demo.server import SampleServer
from alerts.errors import AlertsError
from alerts.pipeline.adopt import adopt
from alerts.pipeline.archive import write_archive
from alerts.pipeline.clock import system_clock
from alerts.pipeline.collecting.collect import CollectReport, Progress, collect
from alerts.pipeline.deliver import deliver, transport_of
from alerts.pipeline.publish import BulletinReport, publish
from alerts.pipeline.service import Service, open_service

MARK = "anchor.txt"
BULLETINS_SHOWN = 3


class NotADemoFolder(AlertsError):
    """The folder holds something that no demo wrote."""

    code = "A010"
    remedy = "Name another folder with --folder (make demo DEMO=another)."


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What one run of the demo came to."""

    folder: Path
    collected: CollectReport
    published: tuple[BulletinReport, ...]
    delivered: DeliverReport
    mails: tuple[Path, ...]
    pages: tuple[Path, ...]
    records: int
    took_s: float


@contextmanager
def open_demo(folder: Path, *, port: int, fresh: bool = False) -> Iterator[Service]:
    """Open the demo's service in `folder`, its sample sources served for as long as it is open."""
    anchor = _prepare(folder, fresh=fresh)
    samples = Samples(anchor)
    with SampleServer(samples) as server:
        samples.write_config(folder / "config", server.address)
        newsletter.write(folder, anchor)
        overrides: dict[str, object] = {
            "config_dir": folder / "config",
            "data_dir": folder / "data",
            "mail_folder": folder / "mail",
            "public_address": f"http://127.0.0.1:{port}",
            "web_port": port,
            "allow_loopback": True,
            "allow_ports": (server.port,),
            "host_pause_s": 0,
            "log_level": "error",
        }
        with open_service(load_settings({}, overrides=overrides).settings) as service:
            yield service


async def run_demo(service: Service, folder: Path, progress: Progress | None) -> DemoReport:
    """Run the main job: collect → publish → deliver."""
    started = time.monotonic()
    await asyncio.to_thread(adopt, service)
    collected = await collect(service, force=True, progress=progress)
    published = await asyncio.to_thread(publish, service, extra=True)
    transport = transport_of(service.settings)
    try:
        delivered = await deliver(service, transport)
    finally:
        await transport.close()
    pages = write_archive(service, folder / "archive")
    from alerts.store import records

    with service.store.read() as conn:
        count = records.counts(conn)["records"]
    mails = tuple(sorted((folder / "mail").rglob("*.eml")))
    return DemoReport(folder, collected, published, delivered, mails, pages, count, time.monotonic() - started)


def _prepare(folder: Path, *, fresh: bool) -> datetime:
    """Make the demo folder with the shipped configuration; return the day that the samples' dates count from."""
    mark = folder / MARK
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise NotADemoFolder(f"{folder} is not empty, and no demo made it: nothing in it was touched.")
    if fresh and mark.exists():
        shutil.rmtree(folder)
    if not mark.exists():
        folder.mkdir(parents=True, exist_ok=True)
        mark.write_text(system_clock().replace(microsecond=0).isoformat(), encoding="ascii")
    write_starter(folder)
    _keep_three_bulletins(folder / "config")
    return datetime.fromisoformat(mark.read_text(encoding="ascii").strip())


def _keep_three_bulletins(config: Path) -> None:
    """Leave three bulletins: enough to see, few enough to read the account at a glance."""
    for extra in sorted((config / "bulletins").glob("*.yaml"))[BULLETINS_SHOWN:]:
        extra.unlink()
