"""`alerts doctor`: what keeps mail from reaching its readers, and what to do about it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from alerts.cli.kept import opened_for_reading
from alerts.cli.output import as_json, counted, folded, say

if TYPE_CHECKING:
    from alerts.pipeline.doctor import Finding

_MARKS = {"ok": "ok       ", "warning": "WARNING  ", "failure": "FAILURE  ", "unknown": "not seen "}


@click.command()
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def doctor(json_: bool) -> None:
    """Look at everything that mail needs to reach its readers: each finding with what to do about it.

    Mail server, its certificate and sign-in, the sender's DNS records, public address, clock, disk, database, sources,
    bulletins, outbox. Changes nothing and sends nothing. Leaves with 1 when anything is a failure.
    """
    found = tuple(_found())
    counts = {status: sum(each.status == status for each in found) for status in _MARKS}
    if json_:
        say(as_json({"ok": not counts["failure"], "counts": counts, "findings": found}))
    else:
        for each in found:
            mark = _MARKS[each.status]
            say(folded(f"{each.about}: {each.sentence}", " " * len(mark), first=mark))
            if each.remedy:
                say(folded(each.remedy, " " * len(mark), first=f"{' ' * len(mark)}→ "))
        said = f"{counted(counts['failure'], 'failure')}, {counted(counts['warning'], 'warning')}"
        say(f"{said}, {counts['unknown']} not seen, {counts['ok']} ok.")
    sys.stdout.flush()
    if counts["failure"]:
        sys.exit(1)


def _found() -> Iterable[Finding]:
    from alerts.config import BadSettings, load_settings
    from alerts.errors import AlertsError
    from alerts.pipeline.doctor import Finding, examine, look, of_problem
    from alerts.pipeline.logs import configure

    configure(form="console", level="error")
    try:
        loaded = load_settings(os.environ)
    except BadSettings as bad:
        for each in bad.problems:
            yield of_problem("settings", each)
        return
    try:
        with opened_for_reading(loaded.settings.database) as store:
            yield from examine(look(loaded.settings, loaded.problems, store))
    except (AlertsError, OSError) as error:
        remedy = error.remedy if isinstance(error, AlertsError) else ""
        yield Finding("database", "failure", f"The database cannot be opened: {error}", remedy)
        yield from examine(look(loaded.settings, loaded.problems, None))
