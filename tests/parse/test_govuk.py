"""Pages of GOV.UK, as its content API gives them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.identify.comparing.notices import mark_of
from alerts.model.identifiers import Identifier
from alerts.model.records import Entry
from alerts.parse import Parsed, parse
from alerts.parse.problems import NotContent

PATH = "/government/consultations/labels-on-drinks"
ID = "0a1b2c3d-1111-4222-8333-444455556666"


def a_page(**changed: Any) -> dict[str, Any]:
    page: dict[str, Any] = {
        "base_path": PATH,
        "content_id": ID,
        "schema_name": "consultation",
        "document_type": "open_consultation",
        "title": "Labels on drinks",
        "description": "We want your views on labels for alcohol.",
        "first_published_at": "2026-11-02T09:30:00.000+00:00",
        "public_updated_at": "2026-11-09T12:00:00.000+00:00",
        "locale": "en",
        "withdrawn_notice": {},
        "details": {
            "closing_date": "2026-12-14T23:59:00.000+00:00",
            "change_history": [
                {"public_timestamp": "2026-11-02T09:30:01.000+00:00", "note": "First published."},
                {"public_timestamp": "2026-11-09T12:00:00.000+00:00", "note": "Added a Welsh <b>version</b>."},
            ],
            "attachments": [{"title": "Impact assessment"}, {"title": "Labels on drinks"}, {"no": "title"}, 7],
        },
        "links": {
            "organisations": [{"title": "Office for Examples"}, {"title": "Department of Samples"}],
            "primary_publishing_organisation": [{"title": "Department of Samples"}],
        },
    }
    details = changed.pop("details", None)
    if details is not None:
        page["details"] = {**page["details"], **details}
    return {**page, **changed}


def read(page: object, **options: Any) -> Parsed:
    body = page if isinstance(page, bytes) else json.dumps(page).encode()
    return parse(body, kind="govuk", address=f"https://www.gov.uk{PATH}", **options)


def entry_of(page: object, **options: Any) -> Entry:
    (entry,) = read(page, **options).entries
    return entry


def test_what_the_page_says_becomes_the_entry() -> None:
    entry = entry_of(a_page())
    assert entry.key == f"gov.uk:{ID}"
    assert entry.link == f"https://www.gov.uk{PATH}"
    assert (entry.title, entry.summary) == ("Labels on drinks", "We want your views on labels for alcohol.")
    assert entry.publisher == "Department of Samples and Office for Examples"
    assert entry.published == datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    assert entry.updated == datetime(2026, 11, 9, 12, tzinfo=UTC)
    assert entry.closes == datetime(2026, 12, 14, 23, 59, tzinfo=UTC)
    assert entry.change_note == "Added a Welsh version."
    assert entry.publication_types == ("Open consultation",)
    assert entry.keywords == ("Impact assessment",)
    assert entry.language == "en"
    assert Identifier("document", "gov.uk:government/consultations/labels-on-drinks") in entry.identifiers


def test_attachments_are_searched_and_leave_the_summary_brief() -> None:
    many = [{"title": f"Annex {number} on elective care, with tables for every trust"} for number in range(500)]
    entry = entry_of(a_page(details={"attachments": many}))
    assert len(entry.keywords) == 60
    assert "Annex" not in entry.summary


def test_where_it_is_not_said_when_a_page_was_first_published_its_own_date_stands() -> None:
    entry = entry_of(a_page(first_published_at=None, details={"first_public_at": "2012-05-01T10:00:00.000+01:00"}))
    assert entry.published == datetime(2012, 5, 1, 9, 0, tzinfo=UTC)


def test_a_statistical_release_that_was_cancelled_says_so_and_why() -> None:
    details = {"state": "cancelled", "cancellation_reason": "Too few replies."}
    entry = entry_of(a_page(document_type="official_statistics_announcement", details=details))
    assert entry.change_note == "This release was cancelled: Too few replies."


@pytest.mark.parametrize(
    ("history", "note", "updated"),
    [
        ([("2026-11-02T09:30:00Z", "First published.")], "", None),
        ([("2026-11-09T12:00:00Z", "Newer."), ("2026-11-02T09:30:00Z", "First published.")], "Newer.", 9),
        ([("2026-11-02T09:30:00Z", "First published."), ("not a date", "Lost."), (None, None)], "", None),
        ([], "", 9),
    ],
    ids=["never changed", "newest first", "damaged", "no history"],
)
def test_the_last_change_is_the_update_whatever_date_the_page_carries(
    history: list[tuple[str, str]], note: str, updated: int | None
) -> None:
    told = [{"public_timestamp": when, "note": what} for when, what in history]
    entry = entry_of(a_page(details={"change_history": told}))
    assert (entry.change_note, entry.updated.day if entry.updated else None) == (note, updated)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-12-15T00:00:00.000+00:00", datetime(2026, 12, 14, 23, 59, tzinfo=UTC)),
        ("2026-07-01T00:00:00.000+01:00", datetime(2026, 6, 30, 22, 59, tzinfo=UTC)),
        ("2026-07-01T00:00:00.000+00:00", datetime(2026, 7, 1, 0, 0, tzinfo=UTC)),
        ("2026-12-16T16:00:00+01:00", datetime(2026, 12, 16, 15, 0, tzinfo=UTC)),
        ("soon", None),
        (None, None),
        (20261216, None),
    ],
)
def test_midnight_ends_the_day_before(said: object, meant: datetime | None) -> None:
    assert entry_of(a_page(details={"closing_date": said})).closes == meant


@pytest.mark.parametrize(
    ("document_type", "words"),
    [("policy_paper", "Policy paper"), ("foi_release", "FOI release"), ("press_release", "Press release"),
     ("consultation_outcome", "Consultation outcome"), ("correspondence", "Official correspondence")],
)  # fmt: skip
def test_the_document_type_is_said_in_words(document_type: str, words: str) -> None:
    assert entry_of(a_page(document_type=document_type)).publication_types == (words,)


def test_a_withdrawn_page_says_so_and_why() -> None:
    notice = {"explanation": '<div class="govspeak"><p>See <a href="/x">the new one</a>.</p></div>',
              "withdrawn_at": "2026-11-20T23:30:00Z"}  # fmt: skip
    entry = entry_of(a_page(withdrawn_notice=notice))
    assert entry.change_note == "This consultation was withdrawn on 20 November 2026: See the new one."
    mark = mark_of(entry)
    assert mark is not None
    assert mark.event == "withdrawn"
    assert entry.evidence_type == "retraction", "it is no news to anybody who did not have it"


@pytest.mark.parametrize("kind", ["guidance", "detailed_guide", "official_statistics", "form", "policy_paper"])
def test_whatever_is_withdrawn_is_understood_as_withdrawn(kind: str) -> None:
    entry = entry_of(a_page(document_type=kind, withdrawn_notice={"withdrawn_at": "2026-11-20T12:00:00Z"}))
    mark = mark_of(entry)
    assert mark is not None
    assert mark.event == "withdrawn"


def test_a_page_that_was_removed_is_told_to_those_who_had_it_and_to_nobody_else() -> None:
    gone = {"base_path": PATH, "content_id": ID, "schema_name": "gone", "document_type": "gone", "title": None,
            "details": {"explanation": "<p>Published in error</p>"}}  # fmt: skip
    assert read(gone).entries == ()
    entry = entry_of(gone, title="Labels on drinks")
    assert (entry.key, entry.title) == (f"gov.uk:{ID}", "Labels on drinks")
    assert entry.change_note == "This page was withdrawn: it was removed from GOV.UK (Published in error)"
    mark = mark_of(entry)
    assert mark is not None
    assert mark.event == "withdrawn"


def test_a_page_that_moved_says_where_to() -> None:
    moved = {"base_path": "/old", "schema_name": "redirect", "document_type": "redirect", "redirects": [
        {"path": "/old/part", "destination": "/elsewhere"}, {"path": "/old", "destination": "/guidance/new?query=a#b"}
    ]}  # fmt: skip
    parsed = read(moved)
    assert (parsed.entries, parsed.link) == ((), "/guidance/new")
    assert read({**moved, "redirects": [{"path": "/old", "destination": "https://evil.example/x"}]}).link == ""
    assert read({**moved, "redirects": [{"path": "/old", "destination": "//evil.example/x"}]}).link == ""


def test_a_translation_points_to_the_page_in_the_wanted_language() -> None:
    links = {
        "available_translations": [{"base_path": f"{PATH}.cy", "locale": "cy"}, {"base_path": PATH, "locale": "en"}]
    }
    welsh = a_page(base_path=f"{PATH}.cy", locale="cy", title="Labeli ar ddiodydd", links=links)
    assert (read(welsh).entries, read(welsh).link) == ((), PATH)
    assert entry_of(welsh, language="cy").title == "Labeli ar ddiodydd"
    only_welsh = {**welsh, "links": {}}
    assert (entry_of(only_welsh).title, entry_of(only_welsh).language) == ("Labeli ar ddiodydd", "cy")


@pytest.mark.parametrize(
    "body",
    [b"", b"<html></html>", b"[]", b"null", b'"page"', b'{"title": "x"', b"[" * 50_000, b'{"errors": {"code": "403"}}',
     b'{"schema_name": "publication", "document_type": "guidance", "base_path": "/x"}',
     b'{"schema_name": "publication", "document_type": "guidance", "title": "x", "base_path": "//evil"}'],
    ids=["nothing", "a page", "a list", "null", "a text", "cut short", "deep", "an error", "no title", "elsewhere"],
)  # fmt: skip
def test_what_is_no_page_is_refused_and_never_nothing_new(body: bytes) -> None:
    with pytest.raises(NotContent):
        read(body)


@pytest.mark.parametrize("wrong", [None, 7, [], {}, "x", [None], [[]], {"a": 1}, True, 1e400])
@pytest.mark.parametrize(
    "name", ["content_id", "description", "first_published_at", "public_updated_at", "locale", "withdrawn_notice",
             "details", "links"],
)  # fmt: skip
def test_parts_of_another_shape_cost_only_themselves(name: str, wrong: object) -> None:
    assert entry_of({**a_page(), name: wrong}).title == "Labels on drinks"


def test_hostile_text_is_cleaned_and_bounded() -> None:
    entry = entry_of(
        a_page(
            title="Labels\x00 on \u202edrinks<script>alert(1)</script>",
            description="<img src=x onerror=alert(1)>We want views." + "x" * 1_000_000,
            details={"change_history": [{"public_timestamp": "2026-11-09T12:00:00Z", "note": "n" * 1_000_000}] * 9},
        )
    )
    assert "\x00" not in entry.title
    assert "\u202e" not in entry.title
    assert "onerror" not in entry.summary_html
    assert len(entry.summary) <= 20_000
    assert len(entry.change_note) <= 1_000
