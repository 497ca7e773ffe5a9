"""A story made ready to be shown: everything is text, nothing is looked up later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from alerts.compose import changes, matched, ranking, summaries, words
from alerts.compose.places import LOCAL, Locality
from alerts.compose.sections import publisher_of
from alerts.compose.stories import Story
from alerts.model.bulletins import Item, SeenIn, Team
from alerts.model.records import Entry
from alerts.model.text import cut, one_line

TITLE_LENGTH = 300
"""A longer title is cut between words: nobody reads it, and one item must not fill the issue."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What all items of one issue share: its moment and zone, the library that speaks, the words for types."""

    now: datetime
    zone: ZoneInfo
    team: Team
    type_labels: Mapping[str, str]

    @property
    def today(self) -> date:
        """The local day on which the issue is made."""
        return self.local(self.now)

    def local(self, when: datetime) -> date:
        """Return the local day of a moment: midnight British Summer Time is the day before in UTC."""
        return when.astimezone(self.zone).date()


def closing_day(story: Story, voice: Voice) -> date | None:
    """Return the local day on which something can last be answered, if there is one and it was not withdrawn."""
    closes = None if changes.is_gone(story) else story.record.entry.closes
    return voice.local(closes) if closes and closes.year < voice.now.year + 10 else None


def item(story: Story, voice: Voice, *, locality: Locality, ranking_line: str = "", heading: str = "") -> Item:
    """Return `story` as an item of an issue, under `heading`."""
    entry = story.record.entry
    title = cut(one_line(entry.title), TITLE_LENGTH) or "Untitled"
    abstract = story.record.evidence_type in summaries.ABSTRACT_TYPES
    uses_mail = summaries.strictest(each.abstract_mail for each in story.seen_in) if not story.is_own else "full"
    uses_web = summaries.strictest(each.abstract_web for each in story.seen_in) if not story.is_own else "full"
    closes = closing_day(story, voice)
    said_above = summaries.closing_sentence(entry.summary, closes) if closes and closes >= voice.today else (0, 0)
    summary = entry.summary[: said_above[0]] + entry.summary[said_above[1] :]
    mail = summaries.for_mail(summary, uses_mail, abstract=abstract)
    web = summaries.for_web(summary, uses_web, abstract=abstract)
    marks = matched.without(matched.spans_of(story, matched.SUMMARY_FIELDS, entry.summary), said_above)
    notice, notice_link = _notice(story)
    access, access_link = _access(story, voice.team)
    source_place = next((each.place for each in story.seen_in if each.place), "")
    return Item(
        record_id=story.record.id,
        event_id=story.lead.id,
        title=title,
        link=link_of(story),
        publisher=one_line(publisher_of(story)),
        type=story.record.evidence_type,
        type_label=_type_label(story, voice.type_labels),
        event=story.lead.kind,
        date_line=_date_line(story, voice),
        place=locality.place if locality.level == LOCAL else source_place,
        summary=one_line(mail.text),
        summary_label=mail.label,
        web_summary=web.text,
        web_summary_label=web.label,
        closes=f"Closes {words.short_day(closes, voice.today)}" if closes and closes >= voice.today else "",
        change=_change(story, voice),
        access=access,
        access_link=access_link,
        also_in=_also_in(story),
        profiles=words.unique(reason.profile_title for reason in story.reasons),
        matched=matched.words(story),
        title_marks=matched.spans_of(story, matched.TITLE_FIELDS, title if title == entry.title else ""),
        summary_marks=matched.within(marks, web.start, web.text),
        note=one_line(story.own_note),
        identifier=_identifier(story),
        ranking=ranking_line,
        language=entry.language if entry.language.partition("-")[0].lower() not in {"", "en", "eng"} else "",
        notice=notice,
        notice_link=notice_link,
        heading=one_line(heading),
    )


def _type_label(story: Story, labels: Mapping[str, str]) -> str:
    """Return the words shown for a type; a preprint is always called one."""
    kind = story.record.evidence_type
    label = labels.get(kind) or kind[:1].upper() + kind[1:]
    return f"{label} (not peer reviewed)" if kind == "preprint" and "peer" not in label else label


def link_of(story: Story) -> str:
    """Return where a title leads: the entry's own link, else its DOI or PubMed page; always http(s), else nothing."""
    return _address(story.record.entry, *(each.link for each in story.seen_in))


def _address(entry: Entry, *others: str) -> str:
    for address in (entry.link, *others):
        if safe := web_address(address):
            return safe
    if doi := entry.identifier("doi"):
        return f"https://doi.org/{quote(doi, safe='/:()')}"
    pmid = entry.identifier("pmid")
    return f"https://pubmed.ncbi.nlm.nih.gov/{quote(pmid, safe='')}/" if pmid else ""


def _notice(story: Story) -> tuple[str, str]:
    """Return what the notice of a correction is called, and where it is; nothing where nobody names one."""
    event, notice = changes.told(story), changes.notice_of(story)
    if event is None:
        return "", ""
    if notice is None and (stated := changes.stated_notice(story, event)):
        called, other = stated
        return called, _address(Entry("", "", identifiers=(other,)))
    address = _address(notice.entry) if notice else ""
    return (changes.NOTICES.get(event.kind, "Notice"), address) if address else ("", "")


def web_address(text: str) -> str:
    """Return an http(s) address with every character that could break out of it percent-encoded; else nothing."""
    try:
        pieces = urlsplit(text.strip())
        host = pieces.hostname
    except ValueError:
        return ""
    if pieces.scheme.lower() not in {"http", "https"} or not host or pieces.username is not None:
        return ""
    return quote(text.strip(), safe="%/:?#[]@!$&'()*+,;=~-._", encoding="utf-8", errors="replace")


def _date_line(story: Story, voice: Voice) -> str:
    """Return "2 November 2026", "Issue of December 2026", "Updated 2 November 2026" or "Seen 3 November 2026"."""
    when = ranking.dated(story, voice.now)
    if when is None:
        return f"Seen {words.day(voice.local(story.record.first_seen_at))}, undated"
    local = voice.local(when)
    if story.record.entry.date_kind == "issue":
        return f"Issue of {words.MONTHS[local.month - 1]} {local.year}"
    prefix = "Updated " if not story.record.entry.published and story.lead.kind != "updated" else ""
    return f"{prefix}{words.day(local)}"


def _change(story: Story, voice: Voice) -> str:
    """Return what happened to something already published: "Updated 12 November: new section on dosing"."""
    event = changes.told(story)
    happened = event.happened_at if event else story.record.entry.updated or voice.now
    return changes.line(story, voice.local(happened), voice.today)


def _also_in(story: Story) -> tuple[str, ...]:
    """Return the titles of the other sources that carry a record."""
    shown = {publisher_of(story).casefold()}
    others = [each for each in story.seen_in[1:] if not shown & {each.title.casefold(), each.publisher.casefold()}]
    return words.unique(one_line(_name(each)) for each in others)


def _name(seen: SeenIn) -> str:
    return seen.title or seen.publisher


def _identifier(story: Story) -> str:
    """Return the record's DOI or PMID in the form people cite, or nothing."""
    entry = story.record.entry
    if doi := entry.identifier("doi"):
        return f"doi:{doi}"
    pmid = entry.identifier("pmid")
    return f"PMID {pmid}" if pmid else ""


def _access(story: Story, team: Team) -> tuple[str, str]:
    """Return how to get the full text, in words, and the link for it.

    Open articles say so; others go through the team's library link, which takes `{doi}` and `{pmid}`, or by a mail to
    the library with the reference filled in. Web pages (no journal, no DOI, no PMID) are simply there: nothing is said.
    """
    entry = story.record.entry
    if entry.open_access or entry.identifier("pmcid"):
        return "Free to read", ""
    doi, pmid = entry.identifier("doi"), entry.identifier("pmid")
    if entry.open_access is None and not (doi or pmid or entry.journal):
        return "", ""
    wanted = {"{doi}": doi, "{pmid}": pmid}
    pattern = team.document_link
    if pattern and all(value for place, value in wanted.items() if place in pattern):
        for place, value in wanted.items():
            pattern = pattern.replace(place, quote(value, safe="/"))
        if address := web_address(pattern):
            return "Read through the library", address
    subject = quote(cut(f"Please send: {one_line(entry.title)}", 120), safe="")
    body = quote(reference(story), safe="")
    return "Ask the library for a copy", f"mailto:{quote(team.reply_to, safe='@')}?subject={subject}&body={body}"


def reference(story: Story) -> str:
    """Return the record as a short Vancouver reference, for a request to the library."""
    entry = story.record.entry
    authors = ", ".join(entry.authors[:3]) + (" et al" if len(entry.authors) > 3 else "")
    numbers = entry.volume + (f"({entry.issue})" if entry.issue else "") + (f":{entry.pages}" if entry.pages else "")
    when = entry.published or entry.updated
    year = str(when.year) if when else ""
    place = ";".join(part for part in (year, numbers) if part)
    pieces = (authors, cut(one_line(entry.title), TITLE_LENGTH), entry.journal or publisher_of(story), place)
    text = ". ".join(one_line(piece).rstrip(".") for piece in (*pieces, _identifier(story)) if piece)
    return f"{text}."
