"""Europe PMC's answers to a search: JSON, `resultType=core` (Articles RESTful API, version 6.9).

One body is one page of results. Errors come with status 200 too, as `errCode` and `errMsg`. Records are PubMed's
(source MED), PubMed Central's (PMC), preprints (PPR), Agricola's, patents, theses and others, named by source and id
within it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from alerts.model.identifiers import (
    Identifier,
    find_doi,
    normalise_doi,
    normalise_issn,
    normalise_pmcid,
    normalise_pmid,
)
from alerts.model.records import Entry, Relation, RelationKind
from alerts.parse import clean, dates, html, keys, links, names, problems, words
from alerts.parse.body import Page, Parsed
from alerts.parse.databases import api
from alerts.parse.problems import NotAsDocumented, QuestionRefused, ServiceTrouble

SERVICE = "Europe PMC"
LARGEST_PAGE = 1_000
_ARTICLE = "https://europepmc.org/article"
_SOURCE = re.compile(r"[A-Z]{2,5}")
_ID = re.compile(r"[\w.()/:;-]{1,100}", re.ASCII)
_RELATIONS: dict[str, RelationKind] = {
    "retraction in": "retracted by",
    "partial retraction in": "retracted by",
    "retracted and republished in": "retracted by",
    "retraction of": "retraction of",
    "partial retraction of": "retraction of",
    "retracted and republished from": "update of",
    "erratum in": "corrected by",
    "correction in": "corrected by",
    "corrected and republished in": "corrected by",
    "erratum for": "correction of",
    "erratum of": "correction of",
    "correction for": "correction of",
    "correction of": "correction of",
    "corrected and republished from": "update of",
    "expression of concern in": "concern told by",
    "expression of concern for": "concern about",
    "update in": "updated by",
    "update of": "update of",
    "preprint of": "preprint of",
}
"""Types of `commentCorrection`, which are MEDLINE's "Comments/Corrections" in words, and Europe PMC's own of preprints.

"Preprint in" (on an article, naming a preprint by a number that nobody else uses) is left to the preprint's own record.
"""
_NOTICES = frozenset({"retracted by", "corrected by", "concern told by", "retraction of", "correction of",
                      "concern about", "updated by", "preprint of", "published as"})  # fmt: skip
_LICENCE = re.compile(r"cc[ -]?(by(?:[ -](?:nc|nd|sa))*|0)", re.IGNORECASE)


def parse_page(
    body: bytes, *, address: str, content_type: str = "", limit: int = LARGEST_PAGE, since: str = ""
) -> Parsed:
    """Return the records of one page of results; raises `QuestionRefused`, `ServiceTrouble` or `NotAsDocumented`.

    `since` is the day (ISO 8601) since which the search is followed. What Europe PMC had before that is its past: only
    what is said to be retracted, corrected or published since is given at all, as backlog. A page has the records that
    were asked for; one with more than the service ever gives is refused as a whole, whatever the `limit` for feeds.
    """
    answer = api.document(body, content_type, SERVICE)
    _refuse(answer)
    results = api.inside(answer, "resultList", "result")
    if results is None and api.inside(answer, "resultList") in ({}, None) and api.text(answer, "hitCount") == "0":
        results = []
    is_counted = api.text(answer, "hitCount").isdecimal()
    if not (isinstance(results, list) and is_counted) or len(results) > max(limit, LARGEST_PAGE):
        raise NotAsDocumented(f"{SERVICE} answered with JSON of another shape than its documentation says.")
    entries: dict[str, Entry] = {}
    past: set[str] = set()
    failures: list[str] = []
    for result in results:
        try:
            entry = _entry(result)
            is_past = _is_past(result, since)
        except Exception as error:  # noqa: BLE001  one bad record costs only itself, whatever is wrong with it
            failures.append(str(error) if isinstance(error, _Unreadable) else type(error).__name__)
            continue
        if is_past and not _is_told_of(entry):
            continue
        entries[entry.key] = entry
        if is_past:
            past.add(entry.key)
    if failures and len(failures) == len(results):
        raise NotAsDocumented(f"{SERVICE} answered with records that have {failures[0]}.")
    return Parsed(
        format="europepmc",
        title=SERVICE,
        link="https://europepmc.org/",
        entries=tuple(entries.values()),
        problems=(problems.unreadable_records(len(failures), SERVICE, failures[0]),) if failures else (),
        may_be_empty=True,
        past=frozenset(past),
        page=Page(api.text(answer, "nextCursorMark")[:2_000], api.number(answer, "hitCount"), len(results)),
    )


def _is_told_of(entry: Entry) -> bool:
    """Tell whether something happened to an entry that those must hear of who had it."""
    is_marked = any(each.casefold() == "retracted publication" for each in entry.publication_types)
    return is_marked or any(each.kind in _NOTICES for each in entry.relations)


class _Unreadable(Exception):
    """A record without what makes it one; says what it has not."""


def _refuse(answer: dict[str, object]) -> None:
    """Raise what an error of the service means."""
    code, said = api.number(answer, "errCode"), html.to_line(api.text(answer, "errMsg"), 200).rstrip(".")
    if not code and not said:
        return
    if code >= 500 or code == 429:
        raise ServiceTrouble(f"{SERVICE} says that it cannot answer at present ({said or code}).")
    raise QuestionRefused(f"{SERVICE} does not take the search: {said or f'error {code}'}.")


def _is_past(result: object, since: str) -> bool:
    """Tell whether Europe PMC had a record before `since`; without a date it is new."""
    days = [day for name in ("firstIndexDate", "firstPublicationDate") if _DAY.fullmatch(day := api.text(result, name))]
    return bool(since) and bool(days) and max(days) < since


_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _entry(result: object) -> Entry:
    """Return the entry that a result stands for."""
    source, id_ = api.text(result, "source"), api.text(result, "id")
    if not (_SOURCE.fullmatch(source) and _ID.fullmatch(id_)):
        raise _Unreadable("no source and id")
    title = _without_stop(html.to_line(api.text(result, "title")))
    summary, marked = html.both(api.text(result, "abstractText")[: html.HTML_LIMIT])
    if not (title or summary):
        raise _Unreadable("no title")
    title = title or "Untitled item"
    if summary.casefold().rstrip(".") == title.casefold():
        summary = marked = ""
    link = links.canonical(f"{_ARTICLE}/{source}/{id_}")
    licence = _licence(api.text(result, "license"))
    published, is_issue = _published(result)
    entry = Entry(
        key=f"{source}/{id_}",
        title=title,
        link=link,
        summary=summary,
        summary_html=html.without_abstract_heading(marked),
        authors=_authors(result),
        journal=_line(_journal(result)),
        publisher=_line(api.text(result, "bookOrReportDetails", "publisher")),
        volume=clean.line(api.text(result, "journalInfo", "volume"), 40),
        issue=clean.line(api.text(result, "journalInfo", "issue"), 40),
        pages=clean.line(api.text(result, "pageInfo"), 40),
        published=published,
        date_kind="" if published is None else "issue" if is_issue else "published",
        language=words.language(api.text(result, "language")),
        keywords=_lines(api.texts(result, "keywordList", "keyword")),
        headings=_lines(_headings(result), 200),
        publication_types=_types(result, source),
        affiliations=_lines(_affiliations(result)),
        identifiers=tuple(_identifiers(result, source, id_, link)),
        issn=_issns(result),
        licence=licence,
        open_access=_open_access(result, licence),
        relations=tuple(dict.fromkeys(_relations(result))),
    )
    return replace(entry, fingerprint=keys.fingerprint(entry))


def _without_stop(title: str) -> str:
    """Return a title without the full stop that MEDLINE puts behind every one, but not without that of "U.S."."""
    bare = title[:-1]
    return bare if title.endswith(".") and not re.search(r"(?:\.|\b[A-Za-z]\.[A-Za-z]|\betc)$", bare) else title


def _line(raw: str) -> str:
    return html.to_line(raw, clean.NAME_LIMIT)


def _lines(raw: Iterable[str], limit: int = 100) -> tuple[str, ...]:
    """Return texts as clean lines, each once, at most `limit` of them."""
    found: dict[str, None] = {}
    for each in raw:
        if len(found) == limit:
            break
        if line := _line(each):
            found.setdefault(line)
    return tuple(found)


def _identifiers(result: object, source: str, id_: str, link: str) -> Iterator[Identifier]:
    doi = normalise_doi(api.text(result, "doi"))
    if doi:
        yield Identifier("doi", doi)
    pmid = normalise_pmid(api.text(result, "pmid") or (id_ if source == "MED" else ""))
    if pmid:
        yield Identifier("pmid", pmid)
    pmcid = normalise_pmcid(api.text(result, "pmcid") or (id_ if source == "PMC" else ""))
    if pmcid:
        yield Identifier("pmcid", pmcid)
    if page := links.identity(link):
        yield Identifier("link", page)


def _authors(result: object) -> tuple[str, ...]:
    listed = api.many(result, "authorList", "author")
    found = [api.text(each, "fullName") or api.text(each, "collectiveName") or _full_name(each) for each in listed]
    if not any(found):
        found = api.text(result, "authorString").rstrip(".")[:30_000].split(",")
    return _lines(found, names.LIMIT)


def _full_name(author: object) -> str:
    return f"{api.text(author, 'lastName')} {api.text(author, 'initials')}".strip()


def _journal(result: object) -> str:
    """Return where a record appeared: the journal, or of a chapter the book."""
    return (
        api.text(result, "journalInfo", "journal", "title")
        or api.text(result, "journalTitle")
        or api.text(result, "bookOrReportDetails", "comprisingTitle")
    )


def _published(result: object) -> tuple[datetime | None, bool]:
    """Return when a record was first published, and whether only its month or year is known."""
    for name in ("firstPublicationDate", "electronicPublicationDate"):
        if (day := dates.read(api.text(result, name))) is not None:
            return day, False
    printed = dates.read(api.text(result, "journalInfo", "printPublicationDate"))
    if printed is not None:
        return printed, True
    year = re.fullmatch(r"(?:1[5-9]|20)\d\d", api.text(result, "pubYear"))
    return (dates.read(f"{year.group()}-01-01"), True) if year else (None, False)


def _headings(result: object) -> Iterator[str]:
    """Yield headings as MEDLINE writes them: once for each subheading, focus marked with `*`."""
    for each in api.many(result, "meshHeadingList", "meshHeading"):
        name = api.text(each, "descriptorName")
        if not name:
            continue
        is_major = api.text(each, "majorTopic_YN") == "Y"
        qualifiers = api.many(each, "meshQualifierList", "meshQualifier")
        if not any(api.text(one, "qualifierName") for one in qualifiers):
            yield f"*{name}" if is_major else name
        for one in qualifiers:
            if qualifier := api.text(one, "qualifierName"):
                yield f"{'*' if is_major or api.text(one, 'majorTopic_YN') == 'Y' else ''}{name}/{qualifier}"


def _types(result: object, source: str) -> tuple[str, ...]:
    """Return the types of publication, PubMed Central's ("review-article") in words; a preprint says that it is one."""
    told = api.texts(result, "pubTypeList", "pubType") or api.texts(result, "pubType")
    found = {each.casefold(): each for each in _lines((_in_words(one) for one in reversed(told)), 30)}
    if source == "PPR":
        found.setdefault("preprint", "Preprint")
    return tuple(reversed(found.values()))


def _in_words(type_: str) -> str:
    return type_.replace("-", " ") if type_.islower() else type_


def _affiliations(result: object) -> Iterator[str]:
    for author in api.many(result, "authorList", "author"):
        for each in api.many(author, "authorAffiliationDetailsList", "authorAffiliation"):
            yield api.text(each, "affiliation")
        yield api.text(author, "affiliation")
    yield api.text(result, "affiliation")


def _issns(result: object) -> tuple[str, ...]:
    found = (normalise_issn(api.text(result, "journalInfo", "journal", name)) for name in ("essn", "issn"))
    return tuple(dict.fromkeys(each for each in found if each))


def _licence(said: str) -> str:
    """Return an open licence by its short name ("cc by-nc" is CC BY-NC); that of a publisher is none."""
    found = _LICENCE.fullmatch(said)
    return f"CC {found.group(1).upper().replace(' ', '-')}" if found else words.licence([said])


def _open_access(result: object, licence: str) -> bool | None:
    """Return whether everybody may read the article: it is open, or free somewhere; `None` when nothing is said."""
    codes = {api.text(each, "availabilityCode") for each in api.many(result, "fullTextUrlList", "fullTextUrl")}
    if api.text(result, "isOpenAccess") == "Y" or licence or codes & {"OA", "F"}:
        return True
    return False if api.text(result, "isOpenAccess") == "N" else None


def _relations(result: object) -> Iterator[Relation]:
    """Yield what is said of this and another publication, by its PMID and by the DOI of its reference."""
    for each in api.many(result, "commentCorrectionList", "commentCorrection")[:200]:
        kind = _RELATIONS.get(" ".join(api.text(each, "type").casefold().split()))
        if kind is None:
            continue
        if kind == "updated by" and api.text(result, "source") == "PPR":
            kind = "published as"
        source, id_ = api.text(each, "source"), api.text(each, "id")
        if source == "MED" and (pmid := normalise_pmid(id_)):
            yield Relation(kind, Identifier("pmid", pmid))
        elif source == "PMC" and (pmcid := normalise_pmcid(id_)):
            yield Relation(kind, Identifier("pmcid", pmcid))
        elif _SOURCE.fullmatch(source) and _ID.fullmatch(id_):
            yield Relation(kind, Identifier("link", links.identity(links.canonical(f"{_ARTICLE}/{source}/{id_}"))))
        if doi := find_doi(api.text(each, "reference")[:2_000]):
            yield Relation(kind, Identifier("doi", doi))
