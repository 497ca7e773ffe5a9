"""The service as one process: ticks, delivery and a small web part, until it is told to stop.

APScheduler only ticks; what is due is asked of the database at every tick, so a tick that is missed, doubled or late
changes nothing. Several replicas may tick at once: each stage is done by the one that gets its lease, deliveries by
all.
On SIGTERM nothing new is begun, the message in flight is finished, the rest is given back, and the process leaves.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from alerts.deliver import DeliverReport, Transport
from alerts.errors import AlertsError
from alerts.pipeline.adopt import adopt
from alerts.pipeline.clock import system_clock
from alerts.pipeline.collecting.collect import CollectReport, collect
from alerts.pipeline.collecting.corrections import LookedUp, look_up
from alerts.pipeline.collecting.tools import Tools, open_tools
from alerts.pipeline.deliver import deliver, transport_of
from alerts.pipeline.logs import log
from alerts.pipeline.people.bounces import read_mailbox
from alerts.pipeline.people.persons import tidy
from alerts.pipeline.publish import publish
from alerts.pipeline.reviewing.attend import attend
from alerts.pipeline.service import Service, StageBusy

BOUNCES_S = 300.0
"""How often the mailbox is looked at that reports of failed mail come back to."""
Job = Callable[[], Coroutine[Any, Any, None]]
LEAVING_S = 40.0
"""How long the service waits for what is in flight when it is told to stop: SMTP's grace of 30 s, and a margin."""


@dataclass
class Running:
    """One running service and its jobs. Every job may be called at any time, in any number, by any replica."""

    service: Service
    stop: asyncio.Event
    transport: Transport
    tools: Tools
    seen: tuple[tuple[str, int, int], ...] = ()
    told: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, asyncio.Task[Any]] = field(default_factory=dict)
    collecting: asyncio.Task[CollectReport] | None = None
    looking_up: asyncio.Task[LookedUp | None] | None = None

    async def take_in(self) -> None:
        """Read the configuration when it has changed (always at the start), and take it into force."""
        now_seen = await asyncio.to_thread(_fingerprint, self.service)
        if now_seen == self.seen:
            return
        if self.seen:
            await asyncio.to_thread(self.service.reload)
        for problem in self.service.loaded.problems:
            if problem.severity == "error":
                log.error("configuration", code=problem.code, message=problem.message, file=problem.file,
                          line=problem.line)  # fmt: skip
        await asyncio.to_thread(adopt, self.service)
        self.seen = now_seen

    async def gather(self) -> None:
        """Collect what is due, publish what is due, and send it."""
        await self.take_in()
        self.collecting = asyncio.create_task(collect(self.service, tools=self.tools))
        with self._unless_busy("collect"), contextlib.suppress(asyncio.CancelledError):  # cancelled: we are leaving
            report = await self.collecting
            if report.sources:
                log.info(
                    "collected", sources=len(report.sources), entries=report.total("entries"),
                    new=report.total("new_records"), matches=report.total("matches"), failed=len(report.of("failed")),
                )  # fmt: skip
        if self.stop.is_set():
            return
        with self._unless_busy("publish"):
            await asyncio.to_thread(publish, self.service)

    @contextlib.contextmanager
    def _unless_busy(self, stage: str) -> Iterator[None]:
        """Leave a stage to the process that is at it, saying so once for each such process."""
        try:
            yield
        except StageBusy as busy:
            if self._is_news(stage, busy.owner):
                log.info("another process is at it", stage=stage, message=busy.sentence)

    def _is_news(self, about: str, said: str) -> bool:
        """Tell whether this was not the last thing said about it, and remember it."""
        before, self.told[about] = self.told.get(about, ""), said
        return before != said

    async def review(self) -> None:
        """See to what is held for review, also while collecting takes its time."""
        await asyncio.to_thread(attend, self.service)

    async def send(self) -> None:
        """Send what is queued."""
        is_left_alone = bool(self.transport.pace.rests_s)
        report = await deliver(self.service, self.transport, stop=self.stop)
        if report.sent or report.failed or report.alarms:
            log.info("delivered", **report.as_json())
        for alarm in report.alarms:
            log.error("delivery alarm", code=alarm.code, message=alarm.sentence, remedy=alarm.remedy)
        if not is_left_alone:
            self._tell_of_rest(report)

    async def tidy(self) -> None:
        """Let go what is too old, once a day."""
        await asyncio.to_thread(tidy, self.service)

    async def look_up_corrections(self) -> None:
        """Look up once a night what became of what was sent."""
        self.looking_up = asyncio.create_task(look_up(self.service, self.tools))
        with self._unless_busy("look up corrections"), contextlib.suppress(asyncio.CancelledError):  # we are leaving
            await self.looking_up

    async def read_bounces(self) -> None:
        """Read what came back to the mailbox that the settings name."""
        await asyncio.to_thread(read_mailbox, self.service)

    def _tell_of_rest(self, report: DeliverReport) -> None:
        """Say once that the mail server takes nothing and why, and once that it takes mail again."""
        service = self.service
        if report.rest_reason:
            service.mail_waits_since = service.mail_waits_since or service.clock()
            if self._is_news("mail", report.rest_reason):
                log.warning("mail waits", reason=report.rest_reason, next_try_s=round(report.rests_s))
        elif service.mail_waits_since is not None and not report.stopped_by:
            # Perhaps nothing was left to send, since its readers have gone: then nothing waits either.
            log.info("mail goes on", waited_since=service.mail_waits_since, sent=report.sent)
            service.mail_waits_since = None
            self.told.pop("mail", None)

    async def once(self, name: str, job: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a job unless it is running already; an error ends this run of it, not the service.

        It is logged when it first comes, not again at every tick; /healthz tells it for as long as it lasts.
        """
        if name in self.tasks or self.stop.is_set():
            return
        self.tasks[name] = asyncio.create_task(job(), name=name)
        try:
            await asyncio.shield(self.tasks[name])  # what cancels the tick must not cut off a message in flight
            if self.service.failing.pop(name, ""):
                log.info(f"{name} goes on")
        except AlertsError as failure:
            if self.service.failing.get(name) != failure.code:
                log.error(f"{name} failed", code=failure.code, message=failure.sentence, remedy=failure.remedy)
            self.service.failing[name] = failure.code
        except Exception:  # noqa: BLE001 - the service goes on; the next tick tries again
            log.exception(f"{name} failed unexpectedly")
        finally:
            del self.tasks[name]


async def run(
    service: Service, stop: asyncio.Event, *, serve: Callable[[asyncio.Event], Awaitable[None]] | None = None
) -> None:
    """Run until `stop` is set. `serve` is the web part, run beside the schedule."""
    async with open_tools(service.settings, service.catalogue) as tools:
        await _run(Running(service, stop, transport_of(service.settings), tools), serve)


async def _run(running: Running, serve: Callable[[asyncio.Event], Awaitable[None]] | None) -> None:
    service, stop = running.service, running.stop
    if running.transport.name == "folder":
        log.warning("no mail server is set: mail goes to a folder, nothing leaves this machine")
    tick_s = service.settings.tick_s
    pages = asyncio.create_task(_until_stopped(serve, stop)) if serve else None
    scheduler, minding = begin_to_tick(running, _jobs(running), tick_s)
    log.info("running", owner=service.owner, sources=len(service.catalogue.sources), tick_s=tick_s)
    try:
        await stop.wait()
    finally:
        minding.cancel()
        scheduler.pause()
        await _leave(running, pages)
        scheduler.shutdown(wait=False)  # only now: it cancels whatever it thinks is still at work
        log.info("stopped")


class _Every(IntervalTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Ticks counted from now on: a clock that leaps a year ahead leaves no million missed ones to be gone through."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the moment of the tick after this one."""
        return now + self.interval if previous_fire_time else now


def _jobs(running: Running) -> dict[str, Job]:
    jobs = {"gather": running.gather, "review": running.review, "send": running.send, "tidy": running.tidy}
    if running.service.settings.corrections_address != "none":
        jobs["look up corrections"] = running.look_up_corrections
    if running.service.settings.bounce_imap_host:
        jobs["read what came back"] = running.read_bounces
    return jobs


def begin_to_tick(
    running: Running, jobs: Mapping[str, Job], tick_s: float
) -> tuple[AsyncIOScheduler, asyncio.Task[None]]:
    """Start a scheduler that does each job now and every `tick_s` seconds, and the task that minds the clock for it."""
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for name, job in jobs.items():
        seconds = max(tick_s, BOUNCES_S) if job == running.read_bounces else tick_s
        scheduler.add_job(
            running.once, _Every(seconds=seconds, timezone=UTC), args=(name, job), next_run_time=system_clock(), id=name
        )
    scheduler.start()
    return scheduler, asyncio.create_task(_mind_the_clock(scheduler, tick_s))


async def _mind_the_clock(scheduler: AsyncIOScheduler, tick_s: float) -> None:
    """Bring ticks back that wait for a moment too far away, since the clock was set back (docs/adr/0016).

    APScheduler keeps the moment of the next tick by the machine's clock; the seconds here are counted instead.
    """
    while True:
        await asyncio.sleep(tick_s)
        now = system_clock()
        for job in scheduler.get_jobs():
            if job.next_run_time is not None and job.next_run_time > now + 2 * job.trigger.interval:
                log.warning("the clock was set back; the service goes on", job=job.id)
                job.modify(next_run_time=now)


async def _until_stopped(serve: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event) -> None:
    """Serve the pages; when they cannot be served the service stops, since nobody could leave a bulletin."""
    try:
        await serve(stop)
    finally:
        stop.set()


async def _leave(running: Running, pages: asyncio.Task[None] | None) -> None:
    """Wait for what is in flight; only what asks sources is cut off: each is written whole or not at all."""
    waiting = set(running.tasks.values())
    for each in (running.collecting, running.looking_up):
        if each is not None:
            each.cancel()
    if waiting:
        _, late = await asyncio.wait(waiting, timeout=LEAVING_S)
        for task in late:
            task.cancel()
    await running.transport.close()
    if pages is not None:
        await pages


def _fingerprint(service: Service) -> tuple[tuple[str, int, int], ...]:
    """Return path, size and time of change of every file that the configuration is read from, and the vocabulary."""
    from alerts.store import vocabulary

    with service.store.read() as conn:
        kept = vocabulary.kept(conn)
    words = (f"vocabulary {kept.revision} {kept.label}", kept.headings, kept.entry_terms) if kept else ("", 0, 0)
    folder = service.settings.config_dir
    files = sorted(each for each in folder.rglob("*") if each.suffix in {".yaml", ".yml", ".txt", ".j2"})
    files = [each for each in files if each.parent != folder / "review"]  # decisions, not configuration
    return (*(_stamp(each) for each in (*files, service.settings.people_file)), words)


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return (str(path), -1, 0)
    return (str(path), stat.st_size, stat.st_mtime_ns)
