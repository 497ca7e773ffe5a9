"""`alerts sources`: how every source is, those with a trouble first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from alerts.cli.opening import service
from alerts.cli.output import as_json, counted, folded, is_terminal, say, table

if TYPE_CHECKING:
    from alerts.fetch.health import Finding
    from alerts.model.sources import Source
    from alerts.pipeline.collecting.overview import Overview, SourceRow
    from alerts.pipeline.places import Called
    from alerts.store.health import HealthEvent


class _Sources(click.Group):
    """A group that shows the sources where none of its commands is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command that shows in front of what is none."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Sources, subcommand_metavar="[SOURCE_ID]... | COMMAND")
def sources() -> None:
    """Show how every source is, those with a trouble first; with SOURCE_ID everything about one (see “show”)."""


@sources.command()
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def hosts(json_: bool) -> None:
    """Print host, port and purpose of everything the service would call: what a locked network has to let through.

    Sources that are switched off are not called. Where addresses were seen to send on, those places are listed too.
    """
    from alerts.pipeline.places import called

    with service() as opened:
        places = called(opened)
        proxy = next((each for each in places if each.is_proxy), None)
    if json_:
        say(as_json([
            {
                "host": each.host, "port": each.port, "purpose": each.purpose, "sources": each.sources,
                "through_proxy": each.by_proxy,
            }
            for each in places
        ]))  # fmt: skip
        return
    rows = [(each.host, str(each.port), _purpose(each)) for each in places]
    say(table(rows, ("host", "port", "purpose"), right=(1,)))
    if proxy is not None:
        say()
        through = sum(each.by_proxy for each in places)
        say(folded(f"{through} of these are asked through the web proxy {proxy.host}, which has to let them through."))


def _purpose(place: Called) -> str:
    if not place.sources:
        return place.purpose
    named = ", ".join(place.sources[:3])
    more = f" and {len(place.sources) - 3} more" if len(place.sources) > 3 else ""
    return f"{place.purpose}: {named}{more}"


@sources.command()
@click.argument("source_id", nargs=-1)
@click.option("--trouble", is_flag=True, help="Only sources with which something is the matter.")
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def show(source_id: tuple[str, ...], trouble: bool, json_: bool) -> None:
    """Show how every source is, those with a trouble first; with SOURCE_ID everything about that one.

    Times are UTC. “read” is when it last answered, “new” when something new last came, “next” when it is asked again.
    """
    from alerts.pipeline.collecting.overview import overview

    with service() as opened:
        found = overview(opened, source_id)
        now = opened.clock()
    rows = [each for each in found.sources if each.troubles or not trouble]
    if json_:
        say(as_json({"network": _trouble(found.network), "sources": [as_mapping(each) for each in rows]}))
    elif source_id:
        for each in rows:
            _tell_one(each, now)
    else:
        _tell_all(found, rows, now)


def as_mapping(row: SourceRow) -> dict[str, object]:
    """Return a source as the mapping that `--json` prints."""
    source, state = row.source, row.state
    return {
        "id": source.id, "title": source.title, "address": source.address, "kind": source.kind, "file": source.file,
        "query": source.query or None, "query_notes": source.query_notes,
        "enabled": source.enabled, "owner": source.owner_address or None, "state": row.word,
        "ends": source.ends, "successor": source.successor or None,
        "troubles": [_trouble(each) for each in row.troubles],
        "last_attempt_at": state.last_attempt_at, "last_success_at": state.last_success_at,
        "last_change_at": state.last_change_at, "last_new_at": state.last_new_at, "next_due_at": state.next_due_at,
        "failures": state.failures, "items": state.entry_count, "held": row.held,
        "moved_to": state.moved_to or None,
        "rhythm": row.rhythm and {
            "every_days": row.rhythm.every_days, "patience_days": row.rhythm.patience_days, "set": row.rhythm.is_set,
        },
        "history": [_event(each) for each in row.recent],
    }  # fmt: skip


def _trouble(finding: Finding | None) -> dict[str, object] | None:
    if finding is None:
        return None
    return {
        "kind": finding.kind, "since": finding.since, "code": finding.code, "message": finding.message,
        "remedy": finding.remedy, "cause": finding.cause,
    }  # fmt: skip


def _event(event: HealthEvent) -> dict[str, object]:
    return {
        "kind": event.kind, "began_at": event.began_at, "ended_at": event.ended_at, "code": event.code,
        "message": event.message, "remedy": event.remedy, "cause": event.cause, "told": event.began_reported,
    }  # fmt: skip


def _tell_all(found: Overview, rows: list[SourceRow], now: datetime) -> None:
    if found.network is not None:
        say(folded(f"{found.network.message} {found.network.remedy}"))
        say()
    if not rows:
        say("Nothing is the matter with any source." if found.sources else "There are no sources in the configuration.")
        return
    heads = ("state", "source", "read", "new", "items", "next", "every")
    first, *lines = table([_cells(each, now) for each in rows], heads, right=(4,)).split("\n")
    say(first)
    for row, line in zip(rows, lines, strict=True):
        say(line)
        for each in row.troubles:
            say(folded(_sentence(each), "    "))
    say()
    say(_summary(found))


def _cells(row: SourceRow, now: datetime) -> tuple[str, ...]:
    state = row.state
    return (
        row.word,
        _cut(row.source.id),
        _short(state.last_success_at, now),
        _short(state.last_new_at, now),
        str(state.entry_count) if state.last_success_at else "",
        _short(state.next_due_at, now) if row.source.is_followed(now) else "",
        _every(row),
    )


def _cut(name: str) -> str:
    """Return an id so short that its row fits on 80 columns, where a person reads it there."""
    return f"{name[:27]}…" if len(name) > 28 and is_terminal() else name


def _every(row: SourceRow) -> str:
    from alerts.fetch.rhythm import in_words

    return in_words(row.rhythm.every_days).removeprefix("every ") if row.rhythm else ""


def _short(moment: datetime | None, now: datetime) -> str:
    """Return the time of a moment of today, else its day, with the year only when it is another one."""
    if moment is None:
        return ""
    at, today = moment.astimezone(UTC), now.astimezone(UTC)
    if at.date() == today.date():
        return f"{at:%H:%M}"
    return f"{at.day} {at:%b}" if abs(at - today).days < 300 else f"{at:%b %Y}"


def _long(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%d %B %Y, %H:%M} UTC".lstrip("0") if moment else "never"


def _sentence(finding: Finding) -> str:
    since = f"{finding.since.astimezone(UTC):%d %B}".lstrip("0")
    code = f" ({finding.code})" if finding.code else ""
    return f"since {since}: {finding.message}{code} {finding.remedy}".rstrip()


def _summary(found: Overview) -> str:
    words = [f"{found.count(word)} {said}" for word, said in _SAID if found.count(word)]
    return f"{counted(len(found.sources), 'source')}: {', '.join(words)}."


_SAID = (
    ("works", "work"), ("gone", "gone"), ("failing", "failing"), ("held", "held"), ("moved", "moved"),
    ("degraded", "degraded"), ("quiet", "quiet"), ("never tried", "never tried"),
    ("ended", "ended"), ("switched off", "switched off"),
)  # fmt: skip


def _again(row: SourceRow, now: datetime) -> str:
    if not row.source.enabled:
        return "never: it is switched off"
    return _long(row.state.next_due_at) if row.source.is_followed(now) else "never: it has ended"


def _end(source: Source) -> str:
    after = f"; {source.successor} takes its place" if source.successor else ""
    return f"{source.ends:%d %B %Y}{after}".lstrip("0")


def _tell_one(row: SourceRow, now: datetime) -> None:
    source, state = row.source, row.state
    say(f"{source.id}: {source.title}")
    facts = (
        ("state", row.word),
        ("address", source.address),
        ("file", source.file),
        *([("asks", source.query)] if source.query else []),
        *(("not the same", each) for each in source.query_notes),
        ("told by mail", source.owner_address or "the service's owner, if it has one"),
        ("last read", _long(state.last_success_at)),
        ("last change", _long(state.last_change_at)),
        ("last new item", _long(state.last_new_at)),
        ("items", str(state.entry_count)),
        ("asked again", _again(row, now)),
        *((("ends", _end(source)),) if source.ends else ()),
        ("usual rhythm", _rhythm(row)),
    )
    for name, said in facts:
        say(f"  {name:<14} {said}")
    for each in row.troubles:
        say(folded(_sentence(each), "    ", first="  ! "))
        if each.cause:
            say(f"    For the administrator: {each.cause}")
    for event in row.recent:
        ended = f"ended {_long(event.ended_at)}" if event.ended_at else "goes on"
        say(folded(f"{_long(event.began_at)}: {event.kind}, {ended}. {event.message}", "    ", first="  - "))


def _rhythm(row: SourceRow) -> str:
    from alerts.fetch.rhythm import in_words

    if row.rhythm is None:
        return "not known yet"
    longest = f"silence of more than {round(row.rhythm.patience_days)} days is told"
    return f"{in_words(row.rhythm.every_days)}{' (as set)' if row.rhythm.is_set else ''}; {longest}"
