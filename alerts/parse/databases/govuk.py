"""A page of GOV.UK as its content API gives it: one body, one entry, or where the page went.

The page goes through `entry` like an item of a feed, so that cleaning, dates and identifiers are those of all sources;
what only GOV.UK says (organisations, closing dates, change notes, withdrawal, titles of attachments) is put on it here.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from alerts.model.records import Entry
from alerts.parse import clean, dates, html, keys, links
from alerts.parse.body import Parsed
from alerts.parse.entry import Noticed, entry_of
from alerts.parse.problems import NotContent
from alerts.parse.raw import RawItem, Value

_LONDON = ZoneInfo("Europe/London")
_GONE = "gone"
_MOVED = "redirect"
_ATTACHMENTS = 60
"""So many titles of attachments are searched; statistical releases have hundreds of tables."""
_BODY = 600
"""A page without a description is described by so much of its text."""
_NAMED = {"foi_release": "FOI release", "correspondence": "Official correspondence", "hmrc_manual": "HMRC manual"}
"""Document types in words where their own would not do: journals' "Correspondence" are letters to the editor."""
_FIRST = re.compile(r"\W*(?:this (?:page|guidance|document) was )?first published\b[^.]{0,40}\.?\s*$", re.IGNORECASE)
_KINDS = {
    "consultation": "consultation", "guidance": "guidance", "guide": "guidance", "guideline": "guidance",
    "report": "report", "statement": "statement", "collection": "collection", "release": "release",
}  # fmt: skip
"""What a withdrawn page is called: the last word of its document type, where readers would call it that."""


def parse_page(
    body: bytes, *, address: str, content_type: str = "", limit: int = 1, language: str = "en", title: str = ""
) -> Parsed:
    """Return the page that the content API gave in `body`, as one entry.

    `language` is the one that is wanted of a page's translations; `title` the title under which the page was told
    before, empty when it was not. A page that lives on elsewhere, or is a translation of one in the wanted language,
    gives no entry but that path as `link`. A page that was removed gives an entry only if it was told before. Raises
    `NotContent` when the body is no page.
    """
    page = _object(body)
    kind = _text(page.get("schema_name"))
    if kind == _MOVED:
        return Parsed("json", kind, _destination(page), (), may_be_empty=True)
    if kind == _GONE:
        told = (_removed(page, address, title),) if title else ()
        return Parsed("json", kind, "", told, may_be_empty=True)
    path = _path(page.get("base_path"))
    document_type = _text(page.get("document_type")) or kind
    if not (path and document_type and _text(page.get("title"))):
        raise NotContent("The content API answered with something that has no title, path or document type.")
    locale = _text(page.get("locale")) or "en"
    if locale != language and (original := _translation(page, language)) not in ("", path):
        return Parsed("json", document_type, original, (), may_be_empty=True)
    return Parsed("json", document_type, "", (_entry(page, links.canonical(path, address), document_type, locale),))


def _object(body: bytes) -> dict[str, Any]:
    """Return the page in `body`, all of whose parts are looked at with care afterwards."""
    try:
        page = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        raise NotContent("The content API answered with something that is not JSON.") from None
    if not isinstance(page, dict) or not ("schema_name" in page or "document_type" in page):
        raise NotContent("The content API answered with JSON that is not a page.")
    return page


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _part(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _parts(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _path(value: object) -> str:
    """Return a path on GOV.UK without what follows it, empty when it is none."""
    path = _text(value).partition("#")[0].partition("?")[0]
    return path if path.startswith("/") and not path.startswith("//") and len(path) < clean.KEY_LIMIT else ""


def _destination(page: dict[str, Any]) -> str:
    """Return where a page went: the redirect of its own path, else the first; other hosts are not followed."""
    redirects = _parts(page.get("redirects"))
    own = [each for each in redirects if each.get("path") == page.get("base_path")]
    return next((path for each in (*own, *redirects) if (path := _path(each.get("destination")))), "")


def _translation(page: dict[str, Any], language: str) -> str:
    translations = _parts(_part(page.get("links")).get("available_translations"))
    return next((_path(each.get("base_path")) for each in translations if each.get("locale") == language), "")


def _key(page: dict[str, Any], link: str) -> str:
    """Return what names a page: GOV.UK's own id, which stays when its path changes and is that of its translations."""
    own = _text(page.get("content_id"))
    return f"gov.uk:{own.lower()}" if re.fullmatch(r"[0-9a-fA-F-]{36}", own) else keys.key("", link, "")


def _entry(page: dict[str, Any], link: str, document_type: str, locale: str) -> Entry:
    details = _part(page.get("details"))
    history = _history(details)
    published = _text(page.get("first_published_at")) or _text(details.get("first_public_at"))
    updated = history[-1][0].isoformat() if len(history) > 1 else ""
    if not history:
        updated = _text(page.get("public_updated_at"))
    item = RawItem()
    for name, text in (
        ("title", _text(page.get("title"))),
        ("description", _text(page.get("description")) or _beginning(details)),
        ("link", link),
        ("issued", published),
        ("updated", "" if dates.read(updated) == dates.read(published) else updated),
        ("x:document_type", _in_words(document_type)),
        ("language", locale),
    ):
        if text:
            item.add(name, Value(text, "html" if "<" in text and name == "description" else ""))
    entry = entry_of(item, RawItem(), set(), Noticed())
    withdrawn = _withdrawal(page, document_type)
    note = withdrawn or _note(details, history)
    closing = _closing(details) if _has_dates(document_type) else None
    entry = replace(
        entry,
        key=_key(page, link),
        publisher=_publisher(_part(page.get("links"))),
        keywords=_attachments(details, entry.title),
        closes=closing or entry.closes,
        change_note=note,
        evidence_type="retraction" if withdrawn else "",
        evidence_type_rule="withdrawn from GOV.UK" if withdrawn else "",
    )
    return replace(entry, fingerprint=keys.fingerprint(entry))


def _in_words(document_type: str) -> str:
    words = clean.line(_NAMED.get(document_type, document_type.replace("_", " ")), 60)
    return words[:1].upper() + words[1:]


def _beginning(details: dict[str, Any]) -> str:
    """Return the beginning of a page's own text, for the few pages that nobody described."""
    text = " ".join(html.plain(_text(details.get("body"))[: html.HTML_LIMIT]).split())
    return text if len(text) <= _BODY else text[:_BODY].rpartition(" ")[0] + "…"


def _history(details: dict[str, Any]) -> list[tuple[datetime, str]]:
    """Return the changes that the publisher tells of, oldest first; GOV.UK lists them in no certain order."""
    found = []
    for each in _parts(details.get("change_history"))[:2_000]:
        when = dates.read(_text(each.get("public_timestamp")))
        if when is not None:
            found.append((when, html.to_line(_text(each.get("note")))))
    return sorted(found, key=lambda change: change[0])


def _note(details: dict[str, Any], history: list[tuple[datetime, str]]) -> str:
    """Return what the last change was, in its publisher's words; that a page was first published is no change."""
    if details.get("state") == "cancelled":
        why = html.to_line(_text(details.get("cancellation_reason")))
        return f"This release was cancelled{f': {why}' if why else ''}"
    note = history[-1][1] if history else html.to_line(_text(details.get("change_note")))
    return "" if _FIRST.match(note) else note


def _has_dates(document_type: str) -> bool:
    return "consultation" in document_type or "call_for_evidence" in document_type


def _closing(details: dict[str, Any]) -> datetime | None:
    """Return when a consultation closes. Midnight is the end of the day before, as GOV.UK's own pages show it."""
    closes = dates.read(_text(details.get("closing_date")))
    if closes is None or dates.is_impossible(closes):
        return None
    local = closes.astimezone(_LONDON)
    return closes - timedelta(minutes=1) if (local.hour, local.minute) == (0, 0) else closes


def _publisher(linked: dict[str, Any]) -> str:
    """Return the organisations that publish a page, the one responsible first."""
    named = [
        html.to_line(_text(each.get("title")), clean.NAME_LIMIT)
        for name in ("primary_publishing_organisation", "organisations")
        for each in _parts(linked.get(name))
    ]
    names = list(dict.fromkeys(each for each in named if each))
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} others"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _attachments(details: dict[str, Any], title: str) -> tuple[str, ...]:
    """Return the titles of the files and pages that hang on a page.

    As keywords: they are searched like them, and stay out of the summary, which would no longer be brief with them.
    """
    titles = (html.to_line(_text(each.get("title")), clean.NAME_LIMIT) for each in _parts(details.get("attachments")))
    return tuple(dict.fromkeys(each for each in titles if each and each.casefold() != title.casefold()))[:_ATTACHMENTS]


def _withdrawal(page: dict[str, Any], document_type: str) -> str:
    """Return what is said of a page that was withdrawn but left standing, empty when it was not."""
    notice = _part(page.get("withdrawn_notice"))
    when = dates.read(_text(notice.get("withdrawn_at")))
    why = html.to_line(_text(notice.get("explanation")))
    if when is None and not why:
        return ""
    named = _KINDS.get(document_type.rpartition("_")[2], "page")
    on = f" on {_day(when)}" if when is not None else ""
    return f"This {named} was withdrawn{on}{f': {why}' if why else ''}"


def _day(when: datetime) -> str:
    local = when.astimezone(_LONDON)
    return f"{local.day} {local:%B %Y}"


def as_listed(path: str, title: str, date: str, address: str) -> Entry:
    """Return a page of which nothing is known but what a list of an earlier poll said of it."""
    item = RawItem()
    item.add("title", Value(title, "text"))
    item.add("link", Value(links.canonical(path, address)))
    item.add("updated", Value(date))
    return entry_of(item, RawItem(), set(), Noticed())


def _removed(page: dict[str, Any], address: str, title: str) -> Entry:
    """Return a page that was told before and is no more, marked as withdrawn."""
    path = _path(page.get("base_path"))
    link = links.canonical(path, address) if path else ""
    why = html.to_line(_text(_part(page.get("details")).get("explanation")))
    item = RawItem()
    item.add("title", Value(title, "text"))
    if link:
        item.add("link", Value(link))
    entry = replace(
        entry_of(item, RawItem(), set(), Noticed()),
        key=_key(page, link),
        change_note=f"This page was withdrawn: it was removed from GOV.UK{f' ({why})' if why else ''}",
        evidence_type="retraction",
        evidence_type_rule="removed from GOV.UK",
    )
    return replace(entry, fingerprint=keys.fingerprint(entry))
