"""Commands about corrections: look up what became of what was sent."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from alerts.cli.opening import service
from alerts.cli.output import as_json, counted, say

if TYPE_CHECKING:
    from alerts.pipeline.collecting.corrections import LookedUp
    from alerts.pipeline.service import Service


@click.group()
def corrections() -> None:
    """Corrections, withdrawals and retractions of what bulletins carried."""


@corrections.command("look-up")
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def look_up(json_: bool) -> None:
    """Ask Crossref what became of the DOIs that were sent in the last two years.

    The running service does so every night; this does it now. What is new stands in the next issue of every bulletin
    that carried the publication. Exits with 1 when Crossref could not be asked.
    """
    with service() as opened:
        done = asyncio.run(_look_up(opened))
    if json_:
        say(as_json(_mapping(done)))
    else:
        _tell(done)
    if done is not None and done.failure is not None:
        sys.exit(1)


async def _look_up(opened: Service) -> LookedUp | None:
    from alerts.pipeline.collecting.corrections import look_up as look
    from alerts.pipeline.collecting.tools import open_tools

    async with open_tools(opened.settings, opened.catalogue) as tools:
        return await look(opened, tools, force=True)


def _mapping(done: LookedUp | None) -> dict[str, object]:
    if done is None:
        return {"switched_off": True}
    failure = done.failure.as_json() if done.failure is not None else None
    return {
        "switched_off": False, "dois": done.asked, "new_notices": done.notices, "refused": done.refused,
        "done": done.is_done, "failure": failure,
    }  # fmt: skip


def _tell(done: LookedUp | None) -> None:
    if done is None:
        say("The look-up is switched off (ALERTS_CORRECTIONS_ADDRESS=none).")
        return
    say(f"Looked up {counted(done.asked, 'DOI')}: {counted(done.notices, 'new notice')}.")
    if done.refused:
        say(f"Crossref refuses to be asked for {counted(done.refused, 'DOI')}.")
    if done.failure is not None:
        say(f"{done.failure.code} {done.failure.sentence} {done.failure.remedy}".rstrip())
    elif not done.is_done:
        say("There are more than one look-up takes; the next one goes on from there.")
