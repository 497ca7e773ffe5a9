"""Publication identifiers in one canonical form: DOI, PMID, PMCID, ISSN and the canonical link.

Sources: DOI Handbook 2.2 (case-insensitive, prefix `10.`), NLM's PMID and PMCID formats, ISO 3297 for ISSN.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

Scheme = Literal["doi", "pmid", "pmcid", "link", "document"]

# Angle brackets end a DOI, but for those that hold a SICI (ANSI/NISO Z39.56), of the 1990s: "…<1661::AID>3.0.CO;2-2".
_DOI = re.compile(
    r"10\.\d{4,9}(?:\.\d+)*/(?:[^\s\"<>\u2028\u2029]{1,200}<[^\s\"<>/]{1,80}>\d\.\d\.[a-z]{2};\d(?:-[a-z\d#](?![a-z\d]))?"
    r"|[^\s\"<>\u2028\u2029]+)",
    re.IGNORECASE,
)
_BEFORE_DOI = re.compile(
    r"(?:https?:)?//(?:dx\.|www\.)?doi\.org/|doi\.org/|(?:info|urn):doi[/:]|doi\s*:?\s*", re.IGNORECASE
)
_TRAILING = ".,;:'\"!?>*"
_TRAILING_OF_TEXT = ".,; "
_BRACKETS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """One identifier of a publication: a scheme and its canonical value."""

    scheme: Scheme
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


def _trimmed(text: str) -> str:
    """Drop punctuation after a DOI, and a closing bracket that the DOI itself never opened."""
    while text:
        last = text[-1]
        if last in _TRAILING or (last in _BRACKETS and text.count(last) > text.count(_BRACKETS[last])):
            text = text[:-1]
            continue
        return text
    return text


def find_doi(text: str) -> str | None:
    """Return the first DOI in `text`, in canonical form (lower case, no resolver, no trailing punctuation)."""
    found = _DOI.search(unquote(text)) if "%" in text else _DOI.search(text)
    if found is None:
        return None
    doi = _trimmed(found.group().lower())
    return doi if "/" in doi and not doi.endswith("/") else None


def normalise_doi(text: str) -> str | None:
    """Return `text` as a canonical DOI if it *is* one (`doi:10.…`, `https://doi.org/10.…`, `10.…`), else `None`.

    Unlike `find_doi` this refuses running text that merely mentions a DOI.
    """
    cleaned = text.strip()
    before = _BEFORE_DOI.match(cleaned)
    bare = cleaned[before.end() :] if before else cleaned
    bare = unquote(bare) if "%" in bare else bare
    found = _DOI.fullmatch(bare.rstrip(_TRAILING_OF_TEXT))
    if found is None:
        return None
    doi = _trimmed(found.group().lower())
    return doi if not doi.endswith("/") else None


def normalise_pmid(text: str) -> str | None:
    """Return a PMID as bare digits without leading zeros, from digits, `PMID: …`, `pubmed:…` or a PubMed link."""
    found = re.fullmatch(
        r"\s*(?:pmid\s*:?\s*|pubmed\s*:\s*"
        r"|https?://(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/|europepmc\.org/(?:article|abstract)/med/))?"
        r"0*([1-9]\d{0,8})/?(?:\?.*)?\s*",
        text,
        flags=re.IGNORECASE,
    )
    return found.group(1) if found else None


def normalise_pmcid(text: str) -> str | None:
    """Return a PMCID as `PMC` and digits, from `PMC123`, `pmc:123` or a PMC link."""
    found = re.search(r"\bPMC\s*:?\s*(\d{1,9})\b", text, flags=re.IGNORECASE)
    return f"PMC{int(found.group(1))}" if found else None


def normalise_issn(text: str) -> str | None:
    """Return an ISSN as `NNNN-NNNX` when its check digit (ISO 3297) is right, else `None`."""
    found = re.search(r"(?<!\d)(\d{4})-?(\d{3})([\dXx])(?![\dXx])", text)
    if found is None:
        return None
    digits = found.group(1) + found.group(2)
    check = (11 - sum(int(digit) * weight for digit, weight in zip(digits, range(8, 1, -1), strict=True)) % 11) % 11
    if ("X" if check == 10 else str(check)) != found.group(3).upper():
        return None
    return f"{digits[:4]}-{digits[4:]}{found.group(3).upper()}"
