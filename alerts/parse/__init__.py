"""Bytes to entries: whatever a publisher sends, as clean text, aware dates and own identifiers.

    body ── encoding ──► text ──► strict ──► RawFeed ──► entry ──► Entry … ── keys ──► Parsed
                           │        │ not well-formed        ▲
                           │        └► salvage ─► lenient ───┤   (feedparser, damaged items only)
                           └ JSON ──► jsonfeed ──────────────┘

`parse` is the door, with one reader for each kind of source: `body.parse_body` is that of feeds, drawn above; the
others live in `databases`, `pages` and `letters`, and hand on what they found in the same ways. `encoding` believes the
bytes before any declaration and takes away the document type declaration, so that no entity ever expands. `strict`
reads well-formed RSS, RDF and Atom with expat; what is broken goes through `salvage`, which mends small things and else
reads item by item, so that one bad item costs only itself.
Every reader hands on the same `raw` bags of named values, and `entry` understands them: the one place that knows where
publishers hide what. It asks `labels` for facts written as text in the description, `own` for identifiers, `names` for
authors, `dates` and `words` for the rest. `clean` and `html` make text safe to keep (no controls, NFC, limits; block
tags separate words, inline tags do not), `links` makes addresses comparable. `keys` names entries within their source
and fingerprints what a reader would see.

Everything here is pure: no clock, no network, no files. It still belongs in a child process with limits, since the
text is hostile and the libraries below are C and Rust.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from alerts.parse.body import ENTRY_LIMIT, Parsed, parse_body
from alerts.parse.keys import fingerprint
from alerts.parse.problems import NotAFeed

__all__ = ["ENTRY_LIMIT", "READERS", "NotAFeed", "Parsed", "fingerprint", "parse", "parse_body"]

READERS = {
    "feed": "alerts.parse.body:parse_body",
    "page": "alerts.parse.pages.page:read_page",
    "proposals": "alerts.parse.pages.propose:read_proposals",
    "mailbox": "alerts.parse.letters:parse_letter",
    "europepmc": "alerts.parse.databases.europepmc:parse_page",
    "pubmed": "alerts.parse.databases.pubmed:parse_body",
    "crossref": "alerts.parse.databases.crossref:works",
    "govuk": "alerts.parse.databases.govuk:parse_page",
}
"""Which function reads the bodies of which kind of source; each is called as `parse_body` is, with its own options."""


def parse(body: bytes, *, kind: str = "feed", **options: Any) -> Parsed:
    """Return what `body` says by the reader of `kind`; raises the reader's own AlertsError when it is nothing of it."""
    module, _, function = READERS[kind].partition(":")
    parsed: Parsed = getattr(import_module(module), function)(body, **options)
    return parsed
