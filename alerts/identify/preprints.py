"""Preprints, recognised by server: the same work as its publication, but not the same record."""

from __future__ import annotations

import re

from alerts.model.records import Entry

# Registrant prefixes of preprint servers (Crossref and DataCite, 2026).
_PREFIXES = (
    "10.1101/", "10.64898/", "10.48550/", "10.21203/rs.", "10.20944/preprints", "10.2139/ssrn", "10.31234/",
    "10.31219/", "10.31235/", "10.26434/", "10.22541/", "10.36227/", "10.32388/", "10.2196/preprints", "10.35542/",
    "10.33774/", "10.55458/", "10.51094/", "10.47340/", "10.1590/scielopreprints", "10.5194/egusphere",
)  # fmt: skip
_HOSTS = re.compile(
    r"^https?://(?:www\.|connect\.)?(?:biorxiv\.org|medrxiv\.org|arxiv\.org|researchsquare\.com|preprints\.org|ssrn\.com|papers\.ssrn\.com"
    r"|osf\.io/preprints|psyarxiv\.com|chemrxiv\.org|preprints\.jmir\.org|preprints\.scielo\.org)(?:/|$)",
    re.IGNORECASE,
)
_JOURNALS = re.compile(r"^(?:bio|med|ar|chem|psyar|socar)xiv\b|preprint|^ssrn\b|research square", re.IGNORECASE)


def is_preprint(entry: Entry) -> bool:
    """Tell whether an entry is a preprint: by the DOI's registrant, its page, its "journal" or its publication type.

    An item of a preprint server is one even when it names the DOI of the article that it became.
    """
    return (
        _HOSTS.match(entry.link) is not None
        or entry.identifier("doi").startswith(_PREFIXES)
        or (bool(entry.journal) and _JOURNALS.search(entry.journal) is not None)
        or any(each.casefold() == "preprint" for each in entry.publication_types)
    )


def without_version(doi: str) -> str:
    """Return a DOI without the number of its version: `/v2`, `v2`, `.v1` of preprints, `.2` of F1000 and eLife."""
    if doi.startswith(("10.12688/", "10.7554/elife.")):
        return re.sub(r"(?<=\.\d{4})\.\d{1,2}$|(?<=\.\d{5})\.\d{1,2}$|(?<=\.\d{6})\.\d{1,2}$", "", doi)
    return re.sub(r"(?<=\d)(?:/v\d+|\.v\d+|v\d+)$", "", doi) if doi.startswith(_PREFIXES) else doi
