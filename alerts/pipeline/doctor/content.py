"""What librarians keep: configuration, people, bulletins and their next issues, sources."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from alerts.config import check_reach
from alerts.pipeline.agenda import standings
from alerts.pipeline.collecting.overview import overview
from alerts.pipeline.doctor.finding import Finding, failure, of_problem
from alerts.pipeline.doctor.ground import Ground
from alerts.store import issues

MOST_SHOWN = 10
LOOKED_BACK = timedelta(days=7)


def configuration(ground: Ground) -> Iterator[Finding]:
    """Look for errors in the librarians' files."""
    if ground.unreadable is not None:
        yield failure("configuration", ground.unreadable)
    if ground.loaded is None:
        return
    found, book = ground.loaded, ground.loaded.catalogue
    said = "the last good texts are in force" if found.held_back else "what they say is not in force"
    if found.errors:
        first = next(each for each in found.problems if each.severity == "error")
        sentence = f"There are {found.errors} errors; {said}. The first: {first}"
        yield Finding("configuration", "failure", sentence, "Run “alerts check”: it tells all, with file and line.")
    if found.warnings:
        yield Finding("configuration", "warning", f"There are {found.warnings} warnings.", "Run “alerts check”.")
    if not found.errors:
        counts = f"{len(book.sources)} sources, {len(book.profiles)} profiles, {len(book.bulletins)} bulletins"
        yield Finding("configuration", "ok", f"{counts} are in force.")


def people(ground: Ground) -> Iterator[Finding]:
    """Look at the list of readers."""
    if ground.loaded is None:
        return
    path = ground.settings.people_file
    kept = "the last good list stays in force; before there was one, nobody gets anything"
    match ground.loaded.people_state:
        case "read":
            yield Finding("people", "ok", f"{path} lists {len(ground.loaded.catalogue.people)} readers.")
        case "missing" | "none":
            yield Finding("people", "warning", f"The list of readers {path} is not there: {kept}.", "Put it there.")
        case "empty":
            yield Finding("people", "warning", f"The list of readers {path} is empty: {kept}.", "Fill it.")
        case "broken":
            yield Finding(
                "people", "failure", f"The list of readers {path} cannot be used: {kept}.", "Run “alerts check”."
            )


def bulletins(ground: Ground) -> Iterator[Finding]:
    """Look for bulletins that nobody reads or that are late, and say when each goes out next."""
    if ground.loaded is not None and not ground.loaded.catalogue.bulletins:
        yield Finding("bulletins", "warning", "There is no bulletin: nothing goes out.", "Write one into bulletins/.")
    if ground.service is None:
        return
    with ground.service.store.read() as conn:
        lost = issues.without_deliveries(conn, ground.now - LOOKED_BACK)
    for issue in lost:
        sentence = f"Issue {issue.number} of {issue.bulletin_id} went to nobody, though it had readers."
        yield Finding("bulletins", "failure", sentence, "This should never happen: tell its readers, and report it.")
    for each in standings(ground.service):
        if not each.readers:
            remedy = "Add people of its teams to people.csv, or take the bulletin away."
            yield Finding("bulletins", "warning", f"“{each.title}” has no reader.", remedy)
        elif each.is_late:
            sentence = f"“{each.title}” should have gone out already."
            yield Finding("bulletins", "warning", sentence, "Is “alerts run” running? Its log says what keeps it.")
        else:
            last = f"; the last was issue {each.last}" if each.last else ""
            sentence = f"“{each.title}” goes to {each.readers} on {each.next}{last}."
            yield Finding("bulletins", "ok", sentence)


def calendar_reach(ground: Ground) -> Iterator[Finding]:
    """Look whether the days without mail are known for the months to come."""
    if ground.loaded is None:
        return
    book, today = ground.loaded.catalogue, ground.now.date()
    for each in check_reach(book, today):
        yield of_problem("calendar", each)
    if book.no_send_days and all(each.day < today for each in book.no_send_days):
        sentence = "All days in calendar.yaml are over."
        yield Finding("calendar", "warning", sentence, "Put next year's closures there, or empty it.")
    elif not check_reach(book, today):
        yield Finding("calendar", "ok", "The bank holidays of the coming months are known.")


def sources(ground: Ground) -> Iterator[Finding]:
    """Look at the sources: what is the matter with which."""
    if ground.service is None:
        return
    there = overview(ground.service)
    if there.network is not None:
        yield Finding("sources", "failure", there.network.message, there.network.remedy)
    troubled = [(row, trouble) for row in there.sources for trouble in row.troubles]
    for row, trouble in troubled[:MOST_SHOWN]:
        yield Finding("sources", "warning", f"{row.source.title}: {row.word}. {trouble.message}", trouble.remedy)
    if len(troubled) > MOST_SHOWN:
        sentence = f"And {len(troubled) - MOST_SHOWN} more troubles of sources."
        yield Finding("sources", "warning", sentence, "“alerts sources --trouble” shows all.")
    never = there.count("never tried")
    more = f", {never} have not been tried yet" if never else ""
    yield Finding("sources", "ok", f"{there.count('works')} sources work{more}.")
