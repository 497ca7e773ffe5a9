"""Which record a notice is about, whichever of the two comes first.

A notice names its publication by DOI or by title, or a database does, which counts before either. When that is known,
the event happens to it at once; when not, the notice waits (`Decision.awaits`), and the publication finds it when it
comes.
"""

from __future__ import annotations

from collections.abc import Iterator

from alerts.identify.comparing import editions, stated, titles
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
    for each in (*notice.about, *editions.earlier(entry)):
        number = view.by_identifier(each)
        record = view.record(number) if number not in (None, own) else None
        if number is None or record is None:
            continue
        if each in notice.stated and not _is_notice(record.entry):
            return number, f"the source says so of the {each.scheme.upper()} {each.value}"
        if _may_be(notice, record.entry):
            return number, f"it names the {each.scheme.upper()} {each.value}"
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
    own = set(text.identifiers)
    for waiting in sorted(view.waiting):
        record = view.record(waiting)
        notice = said_by(record.entry) if record is not None and waiting != number else None
        if record is None or notice is None:
            continue
        named = next((each for each in notice.about if each in own), None)
        is_stated = named is not None and named in notice.stated and not _is_notice(text)
        if named is not None and (is_stated or _may_be(notice, text)):
            reason = f"a notice that came before it names the {named.scheme.upper()} {named.value}"
            yield noticed(notice, waiting, number, reason)
        elif _named_by_title(notice, record.entry, text):
            yield noticed(notice, waiting, number, "a notice that came before it names its title")


def settled(view: View, number: int, entry: Entry) -> frozenset[Identifier]:
    """Return the notices that an entry's database names and that were told of this record as records of their own.

    Each with all its identifiers, since another database may name it by another one.
    """
    told = {each.notice_record_id for each in view.events(number) if each.notice_record_id is not None}
    found: set[Identifier] = set()
    for other in stated.others(entry, tuple(stated.TOLD_BY)) if told else ():
        there = view.by_identifier(other)
        if there is not None and any(view.final(each) == there for each in told):
            record = view.record(there)
            found |= {other, *(record.entry.identifiers if record else ())}
    return frozenset(found)


def is_told(view: View, entry: Entry, notice: Notice, number: int) -> bool:
    """Tell whether what a notice says of a record was told when a database said it of the record.

    So it was when the record names this very notice, and when it was retracted or withdrawn already. It is taken to be
    so where the record names some notice of the kind by another scheme than any of this notice's identifiers, and that
    was told without the notice: nobody can say that these are two.
    """
    record, events = view.record(number), view.events(number)
    if notice.event in ("withdrawn", "retracted") and any(each.kind == notice.event for each in events):
        return True
    if record is None:
        return False
    kinds = tuple(kind for kind, (name, _) in stated.TOLD_BY.items() if stated.are_alike(name, notice.kind))
    named = stated.others(record.entry, kinds)
    if any(each in entry.identifiers for each in named):
        return True
    schemes = {each.scheme for each in entry.identifiers}
    unseen = any(
        each.kind == notice.event and each.notice_record_id is None and stated.are_alike(each.note, notice.kind)
        for each in events
    )
    return bool(named) and unseen and schemes.isdisjoint(each.scheme for each in named)


def noticed(notice: Notice, number: int, about: int, reason: str) -> Noticed:
    """Return the pair of a notice and what it is about."""
    return Noticed(number, about, notice.event, f"{notice.kind.lower()} of", f"{notice.kind} published", reason)


def awaits(notice: Notice) -> tuple[tuple[str, str], ...]:
    """Return what a notice about nothing known waits for: what a database or it itself names, and the title."""
    found = [(each.scheme, each.value) for each in notice.stated or notice.about[:1] if each.scheme in ("doi", "pmid")]
    key = titles.title_key(notice.about_title) if notice.about_title else ""
    return tuple([*found, ("title", key)] if key else found)


def unmarked(entry: Entry) -> str:
    """Return an entry's title without a mark of retraction."""
    mark = mark_of(entry)
    return mark.title if mark else entry.title


def _is_notice(entry: Entry) -> bool:
    """Tell whether an entry is a notice itself, and not what one marks."""
    return said_by(entry) is not None and mark_of(entry) is None


def _may_be(notice: Notice, about: Entry) -> bool:
    """Tell whether a record may be what a notice means by a DOI: no notice itself, and not plainly of another title."""
    if _is_notice(about):
        return False
    return not notice.about_title or titles.shares_words(notice.about_title, unmarked(about)) >= 0.5


def _named_by_title(notice: Notice, entry: Entry, about: Entry) -> bool:
    """Tell whether a notice's words name this record's title, and nothing beside it says otherwise."""
    title, wanted = unmarked(about), notice.about_title
    if not wanted or titles.is_generic(wanted) or _is_notice(about):
        return False
    if titles.likeness(wanted, title) < _NEAR or titles.numbers_differ(wanted, title):
        return False
    if is_preprint(about) != is_preprint(entry):
        return False
    journal = beside(traits_of(entry), traits_of(about)).journal
    return journal is not False and (journal is True or not titles.is_short(wanted))
