"""Commands about records: what is stored of one publication and why, and which references of files are duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.cli.opening import settings
from alerts.cli.output import as_json, counted, folded, say
from alerts.cli.record_files import named_records
from alerts.errors import AlertsError

if TYPE_CHECKING:
    from alerts.identify.comparing.clusters import Clusters
    from alerts.model.records import Entry, Record
    from alerts.parse.references import Reference
    from alerts.store import Connection

_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
_MOST_FOUND = 20

Named = Sequence[tuple[str | int, "Reference"]]


class NoSuchRecord(AlertsError):
    """No record is known by what was asked for."""

    code = "A029"
    remedy = "Give its number, DOI, PMID or PMCID, or words of its title."


@click.group()
def records() -> None:
    """Show what is stored of a publication, and find duplicates in files of references."""


@records.command("dedupe")
@click.argument("file", nargs=-1, required=True, type=_FILE)
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def records_dedupe(file: tuple[Path, ...], json_: bool) -> None:
    """Find the references of each FILE (RIS, NBIB, PubMed XML, CSV, JSON Lines; .gz too) that are one publication.

    All files are taken together. Nothing is changed: what is the same stands in clusters with the one to keep, versions
    and notices are linked, and what a person must look at is listed, each with its reason.
    """
    from alerts.identify import cluster

    named = named_records(file)
    found = cluster([reference.entry for _, reference in named])
    if json_:
        say(as_json(_as_mapping(found, named)))
    else:
        _tell_clusters(found, named, len(file))


def _as_mapping(found: Clusters, named: Named) -> dict[str, object]:
    return {
        "clusters": [
            {
                "ids": [named[at][0] for at in each.members],
                "keep": named[each.keep][0],
                "reason": "; ".join(each.reasons),
            }
            for each in found.clusters
        ],
        "linked": [
            {"ids": [named[each.one][0], named[each.other][0]], "relation": each.relation, "reason": each.reason}
            for each in found.linked
        ],
        "unsure": [{"ids": [named[each.one][0], named[each.other][0]], "reason": each.reason} for each in found.unsure],
    }


def _tell_clusters(found: Clusters, named: Named, files: int) -> None:
    copies = sum(len(each.members) - 1 for each in found.clusters)
    say(
        f"{counted(len(named), 'reference')} in {counted(files, 'file')}: "
        f"{counted(len(named) - copies, 'publication')}, {counted(copies, 'copy', 'copies')} of them in "
        f"{counted(len(found.clusters), 'cluster')}; {len(found.linked):,} linked, {len(found.unsure):,} to look at"
    )
    for each in found.clusters:
        say()
        say(folded(f"keep  {_line(named, each.keep)}", "      "))
        for at in each.members:
            if at != each.keep:
                say(folded(f"copy  {_line(named, at)}", "      "))
        say(folded(f"because of {'; '.join(each.reasons)}", "      "))
    for head, pairs in (("Linked, not merged", found.linked), ("To look at", found.unsure)):
        if pairs:
            say(f"\n{head}:")
        for pair in pairs:
            say()
            say(folded(_line(named, pair.one), "      ", first="  "))
            say(folded(f"{pair.relation or 'and'} {_line(named, pair.other)}", "      ", first="  "))
            say(folded(f"because of {pair.reason}" if pair.relation else pair.reason, "      "))


def _line(named: Named, at: int) -> str:
    name, reference = named[at]
    return f"{name}  {_cited(reference.entry)}"


def _cited(entry: Entry) -> str:
    """Return a reference in one line: title, first author, journal, year, volume, pages, DOI."""
    year = str(entry.published.year) if entry.published else ""
    place = f"{entry.volume}:{entry.pages}".strip(":")
    author = f"{entry.authors[0]} et al." if len(entry.authors) > 1 else "".join(entry.authors)
    doi = entry.identifier("doi")
    told = [author, entry.journal, " ".join(filter(None, (year, place))), f"doi:{doi}" if doi else ""]
    return " · ".join([entry.title or "(no title)", *filter(None, told)])


@records.command("show")
@click.argument("asked", nargs=-1, required=True)
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def records_show(asked: tuple[str, ...], json_: bool) -> None:
    """Show a record: its number, DOI, PMID or PMCID, or words of its title.

    Told are its identifiers, what each source gave and why that was taken for this record or for a new one, to which
    records it is linked and why, and its events.
    """
    from alerts.pipeline.service import open_database

    with closing(open_database(settings().settings)) as store, store.read() as conn:
        found = _found(conn, " ".join(asked).strip())
        told = [_record_mapping(conn, each) for each in (found if len(found) == 1 or json_ else ())]
    if json_:
        say(as_json(told[0] if len(told) == 1 else told))
    elif told:
        _tell_record(told[0])
    else:
        say(f"{counted(len(found), 'record')} have these words in their title; show one by its number:")
        for each in found:
            say(folded(f"{each.id}  {_cited(each.entry)}", "      ", first="  "))


def _found(conn: Connection, asked: str) -> tuple[Record, ...]:
    """Return the record of this number or identifier, else those with these words in their title."""
    from alerts.model.identifiers import Identifier, normalise_doi, normalise_pmcid, normalise_pmid
    from alerts.store import records as stored

    if asked.isdigit() and len(asked) < 18 and (record := stored.current(conn, int(asked))):
        return (record,)
    for scheme, value in (
        ("doi", normalise_doi(asked)),
        ("pmid", normalise_pmid(asked)),
        ("pmcid", normalise_pmcid(asked)),
        ("link", asked if asked.startswith("http") else None),
    ):
        if value and (known := stored.by_identifier(conn, Identifier(scheme, value))):  # type: ignore[arg-type]
            return (known,)
    words = [word for word in asked.split() if len(word) > 1]
    found = stored.by_words(conn, words, _MOST_FOUND) if words else ()
    if not found:
        raise NoSuchRecord(f"There is no record “{asked}”.")
    return found


def _record_mapping(conn: Connection, record: Record) -> dict[str, object]:
    from alerts.store import records as stored

    entry = record.entry
    return {
        "id": record.id, "title": record.title, "type": record.evidence_type, "type_rule": record.evidence_type_rule,
        "first_seen": record.first_seen_at, "revision": record.revision, "authors": entry.authors,
        "journal": entry.journal, "volume": entry.volume, "issue": entry.issue, "pages": entry.pages,
        "published": entry.published, "link": entry.link,
        "identifiers": {each.scheme: each.value for each in reversed(entry.identifiers)},
        "entries": [each._asdict() for each in stored.kept_entries(conn, record.id)],
        "relations": [
            {"relation": relation, "record": other, "title": _title(conn, other), "reason": reason}
            for relation, other, reason in stored.relations_of(conn, record.id)
        ],
        "related_from": [
            {"relation": relation, "record": other, "title": _title(conn, other), "reason": reason}
            for relation, other, reason in stored.relations_to(conn, record.id)
        ],
        "events": [
            {"kind": each.kind, "at": each.happened_at, "source": each.source_id, "note": each.note,
             "backlog": each.backlog}
            for each in stored.events(conn, record.id)
        ],
    }  # fmt: skip


def _title(conn: Connection, record_id: int) -> str:
    from alerts.store import records as stored

    record = stored.get(conn, record_id)
    return record.title if record else ""


def _tell_record(told: dict[str, object]) -> None:
    say(folded(f"{told['id']}  {told['title']}", "      "))
    type_rule = f" (rule: {told['type_rule']})" if told["type_rule"] else ""
    say(f"  type of evidence: {told['type']}{type_rule}")
    for scheme, value in _rows(told, "identifiers"):
        say(f"  {scheme}: {value}")
    say("\n  What sources gave, and what was decided:")
    for entry in _maps(told, "entries"):
        say(
            folded(
                f"{entry['stored_at']:%Y-%m-%d %H:%M}  {entry['source_id']}: {entry['outcome']}, {entry['reason']}",
                "      ",
                first="    ",
            )
        )
    links = [*_maps(told, "relations"), *_maps(told, "related_from")]
    if links:
        say("\n  Linked with:")
    for nth, link in enumerate(links):
        one, other = ("this is", "") if nth < len(_maps(told, "relations")) else ("", " this")
        sentence = f"{one} {link['relation']}{other} {link['record']}  {link['title']}".strip() if one else (
            f"{link['record']}  {link['title']} is {link['relation']} this")  # fmt: skip
        say(folded(f"{sentence}: {link['reason']}" if link["reason"] else sentence, "      ", first="    "))
    say("\n  Events:")
    for event in _maps(told, "events"):
        more = ", ".join(filter(None, (str(event["note"]), "backlog" if event["backlog"] else "")))
        say(f"    {event['at']:%Y-%m-%d %H:%M}  {event['kind']}{f' ({more})' if more else ''}")


def _maps(told: dict[str, object], name: str) -> list[dict[str, object]]:
    found = told[name]
    return found if isinstance(found, list) else []


def _rows(told: dict[str, object], name: str) -> list[tuple[str, object]]:
    found = told[name]
    return list(found.items()) if isinstance(found, dict) else []
