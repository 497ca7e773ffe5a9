"""`alerts vocabulary`: load the headings that strategies are compiled with, and look one up."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.cli.opening import settings
from alerts.cli.output import as_json, counted, say
from alerts.errors import AlertsError

if TYPE_CHECKING:
    from alerts.search import Descriptor, Vocabulary

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
MOST_SHOWN = 40
"""Entry terms and narrower headings that are printed for a person; JSON has all."""


class NoVocabulary(AlertsError):
    """A command needs a vocabulary, and none is loaded."""

    code = "A023"
    remedy = "Load one: alerts vocabulary load desc2026.xml.gz (docs/vocabulary.md says where NLM has it)."


class NoSuchHeading(AlertsError):
    """The vocabulary has no such heading."""

    code = "A024"


@click.group()
def vocabulary() -> None:
    """Load the headings that strategies are compiled with, and look one up."""


@vocabulary.command("load")
@click.argument("file", nargs=-1, required=True, type=_FILE)
@click.option("--label", default="", help="What to call it, for example MeSH 2026; else the names of the files.")
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def load(file: tuple[Path, ...], label: str, json_: bool) -> None:
    """Load FILE in the place of what was loaded: NLM's descriptor XML, a table or a CSV; .gz too.

    Several files make one vocabulary together: MeSH, a library's own CSV (term, synonyms, narrower), a table of renamed
    headings. Profiles whose headings now mean something else are matched again when the service next takes its
    configuration in.
    """
    from alerts.cli.vocabulary_files import read_streams
    from alerts.pipeline.clock import clock_from
    from alerts.pipeline.service import open_database
    from alerts.store import vocabulary as rows

    words = read_streams(file, label)
    own = settings().settings
    now = clock_from(own.clock)()
    store = open_database(own)
    try:
        with store.read() as conn:
            before = rows.kept(conn)
        kept = store.replay(lambda conn: rows.load(conn, words, now))
    finally:
        store.close()
    if json_:
        say(as_json({"loaded": kept, "before": before}))
        return
    headings = counted(kept.headings, "heading")
    say(f"Loaded {kept.label}: {headings}, {counted(kept.entry_terms, 'entry term')}.")
    if before is not None and before.revision == kept.revision:
        say("These are the headings that were loaded before: nothing changes.")
        return
    if before is not None:
        say(f"It takes the place of {before.label} ({counted(before.headings, 'heading')}).")
    say("A service that runs takes it in at its next round; profiles that use headings are matched again.")


@vocabulary.command("show")
@click.argument("heading", required=False)
@click.option("--vocabulary", "files", type=_FILE, multiple=True, help="Look in these files, not in the database.")
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def show(heading: str | None, files: tuple[Path, ...], json_: bool) -> None:
    """Show HEADING: its entry terms, what stands above and below it; without HEADING, what is loaded."""
    words = _words(files)
    if heading is None:
        terms = sum(len(each.entry_terms) for each in words)
        if json_:
            say(as_json({**_named(words), "headings": len(words), "entry_terms": terms}))
        else:
            say(f"{words.label}: {counted(len(words), 'heading')}, {counted(terms, 'entry term')}")
        return
    found = words.find(heading)
    if found is None:
        near = nearest(words, heading)
        remedy = f"The nearest are: {', '.join(near)}." if near else "Look it up at https://meshb.nlm.nih.gov."
        raise NoSuchHeading(f"There is no heading “{heading}” in {words.label}.", remedy=remedy)
    if json_:
        say(as_json(_as_mapping(words, found)))
    else:
        _tell(words, found, heading)


def _words(files: tuple[Path, ...]) -> Vocabulary:
    """Return the vocabulary of these files, or the loaded one."""
    if files:
        from alerts.cli.vocabulary_files import read_streams

        return read_streams(files)
    from alerts.pipeline.service import open_database
    from alerts.store import vocabulary as rows

    store = open_database(settings().settings)
    try:
        with store.read() as conn:
            found = rows.read(conn)
    finally:
        store.close()
    if found is None:
        raise NoVocabulary("No vocabulary is loaded.")
    return found


def nearest(words: Vocabulary, name: str) -> list[str]:
    """Return up to six headings whose name or entry term is nearest to `name`."""
    names: dict[str, str] = {}
    for each in words:
        for term in (each.name, *each.entry_terms):
            names.setdefault(term.casefold(), each.name)
    wanted = " ".join(name.casefold().split())
    inside = sorted((each for each in names if wanted in each), key=lambda each: (len(each), each)) if wanted else []
    alike = [each for each in names if each[:2] == wanted[:2] and abs(len(each) - len(wanted)) <= 8]
    close = difflib.get_close_matches(wanted, alike, n=6, cutoff=0.6)
    return list(dict.fromkeys(names[each] for each in (*close, *inside[:6])))[:6]


def _children(words: Vocabulary, heading: Descriptor) -> list[Descriptor]:
    """Return the headings one step below."""
    below = [each for each in words.below(heading) if each is not heading]
    named = {each.casefold() for each in heading.narrower}
    return sorted(
        (
            each
            for each in below
            if each.name.casefold() in named
            or any(number.rpartition(".")[0] in heading.tree_numbers for number in each.tree_numbers)
        ),
        key=lambda each: each.name,
    )


def _paths(words: Vocabulary, heading: Descriptor) -> list[tuple[str, list[str]]]:
    """Return each place of a heading in the tree, with the headings above it, the highest first."""
    by_number = {number: each.name for each in words for number in each.tree_numbers}
    places = []
    for number in heading.tree_numbers:
        parts = number.split(".")
        above = [".".join(parts[:length]) for length in range(1, len(parts))]
        places.append((number, [by_number[each] for each in above if each in by_number]))
    return places


def _named(words: Vocabulary) -> dict[str, object]:
    return {"vocabulary": words.label, "revision": words.revision}


def _as_mapping(words: Vocabulary, heading: Descriptor) -> dict[str, object]:
    return {
        **_named(words),
        "heading": heading.name,
        "ui": heading.ui,
        "entry_terms": heading.entry_terms,
        "narrower": [each.name for each in _children(words, heading)],
        "below": len(words.below(heading)) - 1,
        "tree": [{"number": number, "above": above} for number, above in _paths(words, heading)],
    }


def _tell(words: Vocabulary, heading: Descriptor, asked: str) -> None:
    """Print a heading for a person."""
    say(f"{heading.name}{f'  {heading.ui}' if heading.ui else ''}  ({words.label})")
    if not words.is_own_name(asked):
        say(f"  “{asked}” is an entry term or an old name of this heading.")
    _tell_list("Entry terms", heading.entry_terms)
    children = [each.name for each in _children(words, heading)]
    _tell_list("Narrower headings", children)
    below = len(words.below(heading)) - 1
    if below > len(children):
        say(f"  exp {heading.name}/ takes in {below:,} headings, at all levels.")
    for number, above in _paths(words, heading):
        say(f"  {number}  {' > '.join((*above, heading.name))}")


def _tell_list(title: str, names: tuple[str, ...] | list[str]) -> None:
    if not names:
        say(f"  {title}: none")
        return
    say(f"  {title} ({len(names)}):")
    for each in names[:MOST_SHOWN]:
        say(f"    {each}")
    if len(names) > MOST_SHOWN:
        say(f"    and {len(names) - MOST_SHOWN} more (--json has all)")
