"""Preprints, recognised by server: the same work as its publication, but not the same record."""

from __future__ import annotations

import re

from alerts.model.records import Entry

# Registrant prefixes of preprint servers (Crossref and DataCite, 2026). 10.1101 is also Cold Spring Harbor's journals
# (`10.1101/gr.…`), so its preprints go by their numbers.
_PREFIXES = (
    "10.64898/", "10.48550/", "10.21203/rs.", "10.20944/preprints", "10.2139/ssrn", "10.26434/", "10.22541/",
    "10.36227/", "10.32388/", "10.2196/preprints", "10.35542/", "10.33774/", "10.55458/", "10.51094/", "10.47340/",
    "10.1590/scielopreprints", "10.5194/egusphere", "10.14293/s2199-1006", "10.1002/essoar", "10.31730/", "10.32942/",
    "10.12688/verixiv", "10.21467/preprints",
)  # fmt: skip
_NUMBERED = re.compile(
    r"10\.1101/(?:\d{4}\.\d\d\.\d\d\.|\d{5,6}(?:v\d+)?$)"
    r"|10\.312(?:19|2\d|3[0-7])/"  # the servers of the Open Science Framework
)
_VERSIONED = re.compile(r"10\.12688/(?!verixiv)\w+\.\d+\.\d+$|10\.7554/elife\.\d+\.\d+$")
_HOSTS = re.compile(
    r"^https?://(?:www\.|connect\.)?(?:biorxiv\.org|medrxiv\.org|arxiv\.org|researchsquare\.com|preprints\.org|ssrn\.com|papers\.ssrn\.com"
    r"|osf\.io/preprints|psyarxiv\.com|chemrxiv\.org|preprints\.jmir\.org|preprints\.scielo\.org)(?:/|$)",
    re.IGNORECASE,
)
_JOURNALS = re.compile(
    r"^(?:the )?(?:(?:bio|med|ar|chem|psy(?:ar)?|soc(?:ar)?|ed(?:ar)?|eng(?:r)?|earth(?:ar)?|ecoevo|tech|sport"
    r"|meta(?:ar)?|agri|africar|law(?:ar)?|nutri|mind|paleor|india|veri)r?xiv\b|ssrn\b|research square\b|authorea\b"
    r"|osf\b|corr$|qeios\b|cold spring harbor laboratory(?: preprints)?$)|\bpreprints?\b",
    re.IGNORECASE,
)


def is_preprint(entry: Entry) -> bool:
    """Tell whether an entry is a preprint: by the DOI's registrant, its page, its "journal" or its publication type.

    An item of a preprint server is one even when it names the DOI of the article that it became.
    """
    return (
        _HOSTS.match(entry.link) is not None
        or _is_preprint_doi(entry.identifier("doi"))
        or (bool(entry.journal) and _JOURNALS.search(entry.journal) is not None)
        or any(each.casefold() == "preprint" for each in entry.publication_types)
    )


def _is_preprint_doi(doi: str) -> bool:
    return doi.startswith(_PREFIXES) or _NUMBERED.match(doi) is not None


def without_version(doi: str) -> str:
    """Return a DOI without the number of its version: `/v2`, `.v1`, `_v1` of preprints, `.2` of F1000 and eLife."""
    if _is_preprint_doi(doi):
        return re.sub(r"(?<=[\da-z])(?:/v|[._-]v|(?<=\d)v)\d+(?:\.full(?:\.pdf)?)?$", "", doi)
    return doi.rpartition(".")[0] if _VERSIONED.match(doi) else doi
