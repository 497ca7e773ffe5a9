"""What `alerts source try`, `import` and `export` do."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.cli.opening import settings
from alerts.cli.output import as_json, counted, folded, is_terminal, say, warn
from alerts.errors import AlertsError
from alerts.model.text import cut, one_line

if TYPE_CHECKING:
    from alerts.model.catalogue import Catalogue
    from alerts.pipeline.collecting.trying import Trial, Tried


_SHOWN = 5


class AlreadyThere(AlertsError):
    """A file that a command would write is there already; nothing is overwritten."""

    code = "A027"
    remedy = "Move or rename it, or write to another file."


def run_try(address: str, json_: bool) -> bool:
    """Try an address and tell what was found; tell whether any feed was."""
    from alerts.pipeline.clock import clock_from
    from alerts.pipeline.collecting.trying import try_address

    own = settings().settings
    asking = (lambda each: warn(f"asking {each}")) if is_terminal() and not json_ else (lambda _: None)
    trial = asyncio.run(try_address(own, address, clock_from(own.clock)(), asking))
    if json_:
        say(as_json(as_mapping(trial)))
    else:
        _tell(trial)
    return bool(trial.feeds or trial.lists)


def as_mapping(trial: Trial) -> dict[str, object]:
    """Return a trial as the mapping that `--json` prints."""
    from alerts.config.written import sources_yaml

    return {
        "address": trial.address,
        "feeds": [
            {
                "address": each.source.address, "title": each.source.title, "found": each.how, "format": each.format,
                "entries": each.entries, "with_date": round(each.with_date, 3), "with_doi": round(each.with_doi, 3),
                "with_summary": round(each.with_summary, 3), "newest": each.newest, "every_days": each.every_days,
                "language": each.source.language, "type": each.source.evidence_type,
                "publisher": each.source.publisher or None, "configured_as": each.configured_as or None,
                "problems": [problem.as_json() for problem in each.problems],
                "yaml": sources_yaml([each.source]),
            }
            for each in trial.feeds
        ],
        "lists": [
            {
                "address": each.source.address, "title": each.source.title, "type": each.source.evidence_type,
                "configured_as": each.configured_as or None, "entries": len(each.entries),
                "first": [
                    {"title": e.title, "link": e.link, "published": e.published, "summary": e.summary}
                    for e in each.entries[:_SHOWN]
                ],
                "problems": [problem.as_json() for problem in each.problems],
                "yaml": sources_yaml([each.source]),
            }
            for each in trial.lists
        ],
        "failed": [{"address": address, **failure.as_json()} for address, failure in trial.failed],
        "names_more": trial.names_more,
    }  # fmt: skip


def _tell(trial: Trial) -> None:
    if not trial.feeds:
        say(f"No feed was found at {trial.address}.")
        _tell_failed(trial)
        if trial.lists:
            _tell_lists(trial)
            return
        say(folded("Look for “RSS”, “feed” or “alerts” on the publisher's page and try that address; else follow the "
                   "publisher through PubMed, which makes a feed of any search."))  # fmt: skip
        return
    for n, each in enumerate(trial.feeds, 1):
        _tell_feed(n, each)
    named = [each for each in trial.failed if each[0] != trial.address]
    if named or trial.names_more:
        say()
        say("Asked in vain:" if named else "Not all were asked:")
        _tell_failed(trial)
    new = [each for each in trial.feeds if not each.configured_as]
    if new:
        from alerts.config.written import sources_yaml

        say()
        say("# The first of them, to paste into a file below config/sources/ and to look over:")
        say(sources_yaml([new[0].source]).rstrip())


def _tell_lists(trial: Trial) -> None:
    """Show what the proposed selectors find on the page, and the best of them as YAML to paste."""
    from alerts.config.written import sources_yaml

    say()
    say(folded("The page itself can be watched (kind: page). On it stands this:"))
    for n, each in enumerate(trial.lists, 1):
        say()
        items = each.source.items
        say(f"{n}. {counted(len(each.entries), 'item')}" + (f", by “{items.each}”" if items else ""))
        for entry in each.entries[:_SHOWN]:
            day = f"{entry.published:%d %B %Y}" if entry.published else "no date"
            say(folded(f"{entry.title} ({day})", "     ", first="   - "))
            say(f"     {entry.link}")
            if entry.summary:
                say(folded(cut(one_line(entry.summary), 160), "     "))
        if each.configured_as:
            say(f"   The page is configured already, as “{each.configured_as}”.")
        for problem in each.problems:
            say(folded(f"{problem.severity}: {problem.code} {problem.message}", "   "))
    say()
    say(folded("Compare this with the page in a browser. If titles, dates and links are right, paste the YAML into a "
               "file below config/sources/; else correct its selectors and try “alerts source read ID”."))  # fmt: skip
    for n, each in enumerate(trial.lists, 1):
        say()
        say(sources_yaml([each.source], comment=f"List {n}:").rstrip())


def _tell_failed(trial: Trial) -> None:
    """Say of each address that was asked in vain why; of the page itself only where it is all there is to say."""
    from alerts.pipeline.collecting.trying import MOST_NAMED

    for address, failure in trial.failed:
        if address != trial.address or not trial.feeds:
            say(folded(f"{address}: {failure.code} {failure.sentence}", "      ", first="  - "))
    if trial.names_more:
        say(folded(f"The page names more feeds than the {MOST_NAMED} that are asked: try the one you want by its own "
                   "address.", "    ", first="  - "))  # fmt: skip


def _tell_feed(n: int, tried: Tried) -> None:
    from alerts.fetch.rhythm import in_words

    say(f"{n}. {tried.source.title}")
    say(f"   {tried.source.address}")
    shares = ((tried.with_date, "dates"), (tried.with_doi, "DOIs"), (tried.with_summary, "summaries"))
    facts = [
        f"{counted(tried.entries, 'item')} ({tried.format})",
        *(f"{share:.0%} with {what}" for share, what in shares),
        f"newest {tried.newest:%d %B %Y}" if tried.newest else "no dates",
        f"about {in_words(tried.every_days)}" if tried.every_days is not None else "",
    ]
    say(folded(", ".join(each for each in facts if each), "   "))
    if tried.configured_as:
        say(f"   Configured already, as “{tried.configured_as}”.")
    for problem in tried.problems:
        say(folded(f"{problem.severity}: {problem.code} {problem.message}", "   "))


def _catalogue() -> tuple[Catalogue, Path]:
    from alerts.config import load_catalogue

    folder = settings().settings.config_dir
    return load_catalogue(folder, None).catalogue, folder


def run_import(file: Path, write: bool, json_: bool) -> None:
    """Read an OPML file and print, or write, its new feeds as YAML; what is skipped is said on standard error."""
    from alerts.cli.strategy_files import read_bytes
    from alerts.config.written import sources_yaml
    from alerts.pipeline.collecting.subscriptions import imported

    catalogue, folder = _catalogue()
    found = imported(read_bytes(file), catalogue)
    where = "standard input" if str(file) == "-" else file.name
    comment = f"{counted(len(found.sources), 'source')} from {where}. Look each over: its type, its tags."
    text = sources_yaml(found.sources, comment=comment) if found.sources else ""
    if not json_:
        for each in found.skipped:
            warn(f"skipped: {each.title or each.address} ({each.address}): {each.reason}")
    target = folder / "sources" / "imported.yaml"
    if write and text:
        _write_new(target, text.encode())
    if json_:
        new = [{"id": e.id, "title": e.title, "address": e.address, "tags": sorted(e.tags)} for e in found.sources]
        say(as_json({"sources": new, "skipped": found.skipped, "written": str(target) if write and text else None}))
    elif not text:
        say("There is nothing in the list that is not configured already.")
    elif write:
        say(f"{counted(len(found.sources), 'source')} written to {target}. Look them over, then “alerts check”.")
    else:
        say(text.rstrip())


def run_export(file: Path | None) -> None:
    """Write all sources as OPML."""
    from alerts.pipeline.clock import system_clock
    from alerts.pipeline.collecting.subscriptions import exported

    body = exported(_catalogue()[0], system_clock())
    if file is None:
        say(body.decode().rstrip())
    else:
        _write_new(file, body)
        say(f"Written to {file}.")


def _write_new(target: Path, body: bytes) -> None:
    """Write a file that must not be there yet."""
    from alerts.cli.strategy_files import UnreadableFile

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(body)
    except FileExistsError:
        raise AlreadyThere(f"{target} is there already, and is left as it is.") from None
    except OSError as failure:
        raise UnreadableFile(f"{target} cannot be written: {failure.strerror or failure}.") from failure
