"""Which record a notice is about, whichever of the two comes first.

A notice names its publication by DOI or by title. When that is known, the event happens to it at once; when not, the
notice waits (`Decision.awaits`), and the publication finds it when it comes.
"""

from __future__ import annotations

from collections.abc import Iterator

from alerts.identify.comparing import editions, titles
from alerts.identify.comparing.beside import beside
from alerts.identify.comparing.notices import Notice, mark_of, said_by
from alerts.identify.comparing.preprints import is_preprint
from alerts.identify.comparing.traits import traits_of
from alerts.identify.view import View
from alerts.model.decisions import Noticed
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry

_NEAR = 0.9


def record_of(view: View, entry: Entry, notice: Notice, own: int) -> tuple[int, str] | None:
    """Return the known record that a notice (the record `own`) is about and how it names it: by a DOI, or its title."""
    for doi in (*(Identifier("doi", each) for each in notice.about_dois), *editions.earlier(entry)):
        number = view.by_identifier(doi)
        record = view.record(number) if number not in (None, own) else None
        if number is not None and record is not None and _may_be(notice, record.entry):
            return number, f"it names the DOI {doi.value}"
    best: tuple[float, int] | None = None
    for number in view.by_title(entry):
        record = view.record(number) if number != own else None
        if record is None or not _named_by_title(notice, entry, record.entry):
            continue
        alike = titles.likeness(notice.about_title, unmarked(record.entry))
        if best is None or alike > best[0]:
            best = (alike, number)
    return (best[1], "it names its title") if best else None


def notices_about(view: View, number: int, text: Entry) -> Iterator[Noticed]:
    """Yield what the notices that waited for this record's publication tell of it."""
    doi = text.identifier("doi")
    for waiting in sorted(view.waiting):
        record = view.record(waiting)
        notice = said_by(record.entry) if record is not None and waiting != number else None
        if record is None or notice is None:
            continue
        if doi and doi in notice.about_dois and _may_be(notice, text):
            yield noticed(notice, waiting, number, f"a notice that came before it names the DOI {doi}")
        elif _named_by_title(notice, record.entry, text):
            yield noticed(notice, waiting, number, "a notice that came before it names its title")


def noticed(notice: Notice, number: int, about: int, reason: str) -> Noticed:
    """Return the pair of a notice and what it is about."""
    return Noticed(number, about, notice.event, f"{notice.kind.lower()} of", f"{notice.kind} published", reason)


def awaits(notice: Notice) -> tuple[tuple[str, str], ...]:
    """Return what a notice about nothing known waits for: the first DOI that it names, and the title."""
    found = [("doi", doi) for doi in notice.about_dois[:1]]
    key = titles.title_key(notice.about_title) if notice.about_title else ""
    return tuple([*found, ("title", key)] if key else found)


def unmarked(entry: Entry) -> str:
    """Return an entry's title without a mark of retraction."""
    mark = mark_of(entry)
    return mark.title if mark else entry.title


def _may_be(notice: Notice, about: Entry) -> bool:
    """Tell whether a record may be what a notice means by a DOI: no notice itself, and not plainly of another title."""
    if said_by(about) is not None and mark_of(about) is None:
        return False
    return not notice.about_title or titles.shares_words(notice.about_title, unmarked(about)) >= 0.5


def _named_by_title(notice: Notice, entry: Entry, about: Entry) -> bool:
    """Tell whether a notice's words name this record's title, and nothing beside it says otherwise."""
    title, wanted = unmarked(about), notice.about_title
    if not wanted or titles.is_generic(wanted) or (said_by(about) is not None and mark_of(about) is None):
        return False
    if titles.likeness(wanted, title) < _NEAR or titles.numbers_differ(wanted, title):
        return False
    if is_preprint(about) != is_preprint(entry):
        return False
    journal = beside(traits_of(entry), traits_of(about)).journal
    return journal is not False and (journal is True or not titles.is_short(wanted))
