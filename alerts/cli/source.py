"""Commands about one source: what the service makes of it, and batches of it that wait for the librarian.

Trying an address and lists of feeds are in `source_finding`, which is imported when it is called for.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.cli.opening import service, settings
from alerts.cli.output import as_json, say, table

if TYPE_CHECKING:
    from alerts.model.records import Entry
    from alerts.pipeline.collecting.reading import Reading


@click.group()
def source() -> None:
    """Read or try one source, release or discard what it holds, take a list of feeds over or give one out.

    How all sources are, “alerts sources” shows.
    """


@source.command("read")
@click.argument("target", nargs=-1, required=True)
@click.option("--json", "json_", is_flag=True, help="Print JSON; with several targets one line each.")
def source_read(target: tuple[str, ...], json_: bool) -> None:
    """Read each TARGET (a file, an address or the id of a configured source) and show its entries.

    Nothing is stored. Exits with 1 when nothing could be made of one of them.
    """
    failed = asyncio.run(_read(target, json_))
    if failed:
        sys.exit(1)


async def _read(targets: tuple[str, ...], json_: bool) -> int:
    from alerts.pipeline.collecting.reading import read_sources

    failed = 0
    async for reading in read_sources(settings().settings, targets):
        failed += reading.failure is not None
        if json_:
            say(as_json(as_mapping(reading, name_file=len(targets) > 1), indent=None if len(targets) > 1 else 2))
        else:
            _tell(reading)
    return failed


def as_mapping(reading: Reading, *, name_file: bool) -> dict[str, object]:
    """Return a reading as the mapping that `--json` prints."""
    source = reading.source
    named: dict[str, object] = {"file": reading.target} if name_file else {}
    return {
        **named,
        "source": {
            "id": source.id, "title": source.title, "address": source.address, "kind": source.kind,
            "format": reading.format, "type": source.evidence_type,
        },
        "entries": [entry_mapping(each, reading.designs.get(each.key, "")) for each in reading.entries],
        "problems": [
            {"code": each.code, "severity": each.severity, "message": each.message, "remedy": each.remedy}
            for each in reading.all_problems()
        ],
    }  # fmt: skip


def entry_mapping(entry: Entry, design: str = "") -> dict[str, object]:
    """Return an entry as a flat mapping; dates as ISO 8601, missing ones as null."""
    return {
        "id": entry.key, "title": entry.title, "link": entry.link, "published": entry.published,
        "updated": entry.updated, "date_kind": entry.date_kind, "authors": entry.authors, "summary": entry.summary,
        "doi": entry.identifier("doi") or None, "pmid": entry.identifier("pmid") or None,
        "pmcid": entry.identifier("pmcid") or None, "document": entry.identifier("document") or None,
        "type": entry.evidence_type, "type_rule": entry.evidence_type_rule, "design": design or None,
        "journal": entry.journal, "publisher": entry.publisher, "volume": entry.volume, "issue": entry.issue,
        "pages": entry.pages, "issn": entry.issn, "language": entry.language, "keywords": entry.keywords,
        "headings": entry.headings, "publication_types": entry.publication_types, "licence": entry.licence,
        "open_access": entry.open_access, "change_note": entry.change_note, "closes": entry.closes,
    }  # fmt: skip


def _tell(reading: Reading) -> None:
    say(f"{reading.source.title or reading.target}: {len(reading.entries)} entries ({reading.format or 'unreadable'})")
    for problem in reading.all_problems():
        say(f"  {problem.severity}: {problem.code} {problem.message} {problem.remedy}".rstrip())
    for entry in reading.entries:
        date = f"{entry.published:%Y-%m-%d}" if entry.published else "undated"
        doi = entry.identifier("doi")
        say(f"  {date}  {entry.title}")
        design = reading.designs.get(entry.key, "")
        kind = f"{entry.evidence_type} ({design})" if design and design != entry.evidence_type else entry.evidence_type
        rule = f" by “{entry.evidence_type_rule}”" if entry.evidence_type_rule else ""
        say(f"              {kind}{rule} · {f'doi:{doi}' if doi else entry.link}")


@source.command("held")
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def source_held(json_: bool) -> None:
    """List the batches held because a source gave very many new items at once."""
    from alerts.store import sources

    with service() as opened, opened.store.read() as conn:
        batches = sources.held(conn)
    if json_:
        say(as_json(batches))
    elif not batches:
        say("Nothing is held.")
    else:
        rows = [(each.source_id, each.records, f"{each.held_at:%Y-%m-%d %H:%M}") for each in batches]
        say(table(rows, ("source", "items", "held since (UTC)")))


@source.command("release")
@click.argument("source_id")
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def source_release(source_id: str, json_: bool) -> None:
    """Let what SOURCE_ID holds into the bulletins."""
    _settle_held(source_id, "released", json_)


@source.command("discard")
@click.argument("source_id")
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def source_discard(source_id: str, json_: bool) -> None:
    """Put what SOURCE_ID holds into the backlog: it stays findable and is never mailed."""
    _settle_held(source_id, "put into the backlog", json_)


def _settle_held(source_id: str, done: str, json_: bool) -> None:
    from alerts.pipeline.collecting import health
    from alerts.pipeline.service import NoSuchSource
    from alerts.store import sources

    with service() as opened:
        now = opened.clock()
        with opened.store.read() as conn:
            held = {each.source_id for each in sources.held(conn)}
        if source_id not in held and source_id not in opened.catalogue.sources:
            raise NoSuchSource(
                f"There is no source “{source_id}”.",
                remedy=f"Sources that hold something: {', '.join(held) or 'none'}.",
            )
        act = sources.release if done == "released" else sources.discard
        count = opened.store.replay(lambda conn: act(conn, source_id, now))
        health.settle(opened, ())
    if json_:
        say(as_json({"source": source_id, "items": count, "outcome": done}))
    else:
        say(f"{count} items of {source_id} were {done}." if count else f"{source_id} holds nothing.")


@source.command("try")
@click.argument("address")
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def source_try(address: str, json_: bool) -> None:
    """Find the feeds at ADDRESS, a feed or a web page, judge them, and print the YAML to paste.

    Nothing is stored. A page is asked for once, then the feeds that it names, else a few usual places, with the pause
    between them that every host gets. Exits with 1 when no feed was found.
    """
    from alerts.cli.source_finding import run_try

    if not run_try(address, json_):
        sys.exit(1)


@source.command("import")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--write", is_flag=True, help="Write them into the configuration folder: sources/imported.yaml.")
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of YAML.")
def source_import(file: Path, write: bool, json_: bool) -> None:
    """Take over the feeds of an OPML FILE (from Feedly, Inoreader, Thunderbird …): print them as YAML to look over.

    Folders become tags. Feeds that are configured already are skipped and named. A file that is there is never
    overwritten.
    """
    from alerts.cli.source_finding import run_import

    run_import(file, write, json_)


@source.command("export")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def source_export(file: Path | None) -> None:
    """Give out all configured sources as OPML, on standard output or into FILE, which must not be there yet."""
    from alerts.cli.source_finding import run_export

    run_export(file)
