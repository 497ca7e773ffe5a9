"""Commands for the administrator: run, healthcheck, backup."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import click

from alerts.cli.opening import service
from alerts.cli.output import as_json, say, warn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from alerts.pipeline.service import Service


@click.command()
@click.option("--host", help="Address to listen on (default: ALERTS_WEB_HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (default: ALERTS_WEB_PORT).")
@click.option("--no-web", is_flag=True, help="Serve no pages (another replica does).")
def run(host: str | None, port: int | None, no_web: bool) -> None:
    """Run the service until it is told to stop (SIGTERM or Ctrl-C): schedule, delivery and web pages in one process."""
    # Until the loop has handlers of its own nothing is in flight: leave at once, as process 1 too (signal(7)).
    signal.signal(signal.SIGTERM, _leave_at_once)
    overrides = {name: value for name, value in (("web_host", host), ("web_port", port)) if value is not None}
    with service(overrides) as opened:
        from alerts.pipeline.logs import configure
        from alerts.pipeline.service import SERVING, take_over
        from alerts.store import service_lock

        configure(form=opened.settings.log_format, level=opened.settings.log_level)
        opened.owner = SERVING + opened.owner
        is_file = opened.store.path is not None
        with service_lock(opened.store.path) if opened.store.path is not None else nullcontext():
            if is_file:
                take_over(opened)
            asyncio.run(_run(opened, web=not no_web))


def _leave_at_once(_number: int, _frame: object) -> NoReturn:
    sys.exit(0)


async def _run(opened: Service, *, web: bool) -> None:
    from alerts.pipeline.run import run as run_service

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    await run_service(opened, stop, serve=_server(opened) if web else None)


def _server(opened: Service) -> Callable[[asyncio.Event], Awaitable[None]]:
    from alerts.pipeline.logs import log
    from alerts.web import app, serve
    from alerts.web.pages import PublicPages, WebPages

    async def serving(stop: asyncio.Event) -> None:
        settings = opened.settings
        await serve(
            app(PublicPages(opened), WebPages(opened)),
            host=settings.web_host,
            port=settings.web_port,
            stop=stop,
            trusted_proxies=settings.trusted_proxies,
            ready=lambda port: log.info("pages are served", host=settings.web_host, port=port),
        )

    return serving


@click.command()
@click.option("--url", help="Where the service answers (default: its own host and port).")
@click.option("--timeout", "timeout_s", type=float, default=5.0, show_default=True, help="Seconds to wait.")
@click.option("--json", "json_", is_flag=True, help="Print the whole answer as JSON.")
def healthcheck(url: str | None, timeout_s: float, json_: bool) -> None:
    """Ask the running service whether it is well; exits with 1 when it is failing or does not answer."""
    address = url or _own_address()
    if not address.startswith(("http://", "https://")):
        raise click.UsageError("--url wants an address that begins with http:// or https://.")
    try:
        with urlopen(address, timeout=timeout_s) as answer:  # noqa: S310 - the scheme was checked above
            health = _told(answer)
    except HTTPError as failing:
        health = _told(failing) | {"status": "failing"}
    except (URLError, OSError, ValueError) as error:
        warn(f"alerts: the service does not answer at {address}: {error}")
        sys.exit(1)
    say(as_json(health) if json_ else _sentence(health))
    if health.get("status") == "failing":
        sys.exit(1)


def _own_address() -> str:
    from alerts.cli.opening import settings

    own = settings().settings
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(own.web_host, own.web_host)  # noqa: S104 - compared, not used
    return f"http://{f'[{host}]' if ':' in host else host}:{own.web_port}/healthz"


def _told(answer: IO[bytes] | HTTPError) -> dict[str, object]:
    """Return what the service says of itself, or that whatever answered is not the service."""
    try:
        said = json.load(answer)
    except ValueError:
        said = None
    if isinstance(said, dict) and "status" in said:
        return said
    status = getattr(answer, "status", "")
    return {"status": "failing", "warnings": [f"What answers there is not our health page (HTTP {status})."]}


def _sentence(health: dict[str, object]) -> str:
    warnings = health.get("warnings")
    told = list(warnings) if isinstance(warnings, list) else []
    if health.get("status") == "failing" and health.get("database"):
        told.append(f"Database: {health['database']}")
    return "\n".join([f"The service is {health.get('status', 'failing')}.", *(f"  {each}" for each in told)])


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def backup(target: Path, json_: bool) -> None:
    """Write a consistent copy of the database to TARGET (a file, or a folder to put one in) while the service runs."""
    from alerts.cli.opening import settings
    from alerts.pipeline.clock import clock_from
    from alerts.pipeline.service import open_database
    from alerts.store import backup as copy

    loaded = settings().settings
    if target.is_dir():
        target /= f"alerts-{clock_from(loaded.clock)():%Y-%m-%d-%H%M%S}.sqlite3"
    if not target.parent.is_dir():
        raise click.UsageError(f"The folder {target.parent} is not there: make it first, or name another.")
    store = open_database(loaded)
    try:
        written = copy(store, target)
    finally:
        store.close()
    if json_:
        say(as_json({"written": written, "bytes": written.stat().st_size}))
    else:
        say(f"Copied to {written} ({written.stat().st_size / 1e6:.1f} MB).")
        say("The signing key (secret.key) and people.csv are files beside the database: copy them too.")
