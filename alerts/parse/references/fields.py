"""What the columns and tags of reference files are called, and what stands in them: people, pages, numbers, DOIs.

Databases and reference managers name one thing in many ways ("Article Title", "TI", "Source title", "primary_title")
and write people in as many ("Baird, J. K.", "Baird JK", "Baird, J. K., Walker, L. A."). Names are looked up by
`plain_name`; what R, Excel and Python write for nothing ("NA", "nan") is nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from typing import Any

from alerts.model.identifiers import find_doi, normalise_issn

IDS = (
    *("id", "record_id", "recordid", "ref_id", "refid", "reference_id", "record_number", "record_no", "rec_number"),
    *("key", "item_id", "article_id", "citation_id", "uid", "covidence", "lens_id", "nct_number", "trialid"),
    *("pmid", "pubmed_id", "eid"),
)
"""What files call the names of their own records."""
TITLES = (
    *("title", "ti", "article_title", "primary_title", "document_title", "item_title", "t1"),
    *("study_title", "brief_title", "public_title", "scientific_title"),  # registers of trials
    *("titel", "titre", "título", "titulo", "titolo"),
)
ABSTRACTS = (
    *("abstract", "ab", "summary", "abstract_note", "abstracttext", "notes_abstract", "n2", "brief_summary"),
    *("zusammenfassung", "résumé", "resume", "resumen", "resumo", "riassunto"),
)
JOURNALS = (
    *("journal", "jt", "journal_book", "source_title", "publication_title", "secondary_title", "journaltitle", "so"),
    *("journal_name", "journal_title", "full_journal", "pubtitle", "container_title", "periodical", "jo", "jf", "t2"),
    *("zeitschrift", "revue", "revista", "rivista"),
    *("source", "journal_abbreviation", "journal_abbrev", "ta", "j9", "ji"),
)
DATES = (
    *("published", "date", "publication_date", "year", "dp", "py", "publication_year", "published_year", "pubyear"),
    *("pub_year", "year_published", "date_published", "pubdate", "issued", "y1", "da", "entry_date"),
    *("date_registration", "start_date", "jahr", "année", "annee", "año", "ano", "anno"),
)
AUTHORS = (
    *("authors", "author", "au", "authorstring", "author_names", "author_name", "author_s", "author_full_names", "af"),
    *(
        "a1",
        "first_author",
        "creator",
        "creators",
        "autor",
        "autoren",
        "auteur",
        "auteurs",
        "autores",
        "autore",
        "autori",
    ),
)
DOIS = ("doi", "di", "do", "doi_link", "digitalobjectidentifier", "digital_object_identifier", "article_doi")
PMIDS = ("pmid", "pubmed_id", "pm", "medline_pmid", "pubmedid", "pubmed_pmid")
VOLUMES = ("volume", "vl", "vi", "vol", "journal_volume", "band", "volumen")
ISSUES = ("issue", "number", "ip", "is", "issue_number", "no", "num", "heft", "numéro", "número", "numero")
PAGES = ("pages", "pg", "page", "page_range", "pagination", "page_s", "page_numbers", "seiten", "páginas", "pagine")
_FIRST_PAGES = ("start_page", "first_page", "page_start", "startpage", "bp", "sp", "spage")
_LAST_PAGES = ("end_page", "last_page", "page_end", "endpage", "ep", "epage")
_ARTICLE_NUMBERS = ("art_no", "article_number", "ar", "article_no", "elocation_id", "elocation", "e_location_id")
ISSNS = (
    "issn",
    "isbn",
    "issns",
    "eissn",
    "e_issn",
    "sn",
    "ei",
    "isbn_issn",
    "issn_isbn",
    "print_issn",
    "electronic_issn",
)
LINKS = ("link", "url", "urls", "ur", "doi_url", "source_url", "full_text_url")
DATABASES = ("name_of_database", "database", "db", "library_catalog", "database_name", "database_provider")

NOTHING = frozenset({"na", "n/a", "nan", "none", "null", "<na>", "#n/a", "nil", "[not available]"})
_DATABASE = re.compile(
    r"^(?:(?:ovid|ebsco\w*+|proquest|elsevier|via|and|the)\W++)*+(?:medline|pubmed|embase|scopus|cinahl|wos|isi|biosis"
    r"|web of (?:science|knowledge)|cochrane(?: library)?|central|psych?info|amed|lilacs|proquest|google scholar|eric"
    r"|crossref|dimensions)"
    r"(?:\W*+(?:plus|all|core collection|complete|classic|medline|pubmed|embase|ovid|r|\d++))*+\W*+$",
    re.IGNORECASE,
)


def plain_name(name: object) -> str:
    """Return the name of a column as it is looked up: small letters and `_` ("Art. No." → `art_no`)."""
    text = str(name).strip().lstrip("\ufeff").casefold()
    return re.sub(r"[^\w]+", "_", text).strip("_") or text


def is_nothing(text: str) -> bool:
    """Tell whether a cell says that it has nothing to say."""
    return text.strip().casefold() in NOTHING


def is_database(text: str) -> bool:
    """Tell whether a "source" is where the record was found, not the journal."""
    return _DATABASE.match(text.strip()[:200]) is not None


_OLD_DOI = re.compile(r"10\.\d{4,9}/(?:\(sici\)|[a-z0-9.()-]+:)[^\s\"<]+<[^\s\"<>]+>[^\s\",]*[^\s\",;.]", re.IGNORECASE)
"""A DOI of Wiley's old kind, with `<` and `>` in it."""
_LANDING = re.compile(r"/(?:full|abstract|pdf|epdf|meta|html|fulltext|references|pubmed)$")


def doi_in(*texts: str) -> str:
    """Return the first DOI of a publication; the one that CENTRAL gives its own record is none."""
    for text in texts:
        plain = unescape(text[:2000]).strip()
        old = _OLD_DOI.search(plain)
        found = old.group().lower() if old else find_doi(plain)
        if found and not found.startswith("10.1002/central/"):
            return found
    return ""


def doi_of_links(links: Iterable[str]) -> str:
    """Return the DOI that a link leads to by the resolver or by its path (`/doi/10.…`)."""
    for link in links:
        if re.search(r"doi\.org/|/doi/|[?&]doi=", link, re.IGNORECASE):
            found = doi_in(link if "doi=" in link else re.split(r"[?#]", link, maxsplit=1)[0])
            if found:
                return _LANDING.sub("", found)
    return ""


def issns_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the right ISSNs of cells such as `0951-7375 (Print) 0951-7375`, `1234567X`, `1234-5679; 2345-6780`."""
    found: dict[str, None] = {}
    for text in texts:
        for piece in re.findall(r"(?<![\dXx-])\d{4}-?\d{3}[\dXx](?![\dXx-])", text):
            issn = normalise_issn(piece)
            if issn:
                found.setdefault(issn)
    return tuple(found)


def pages_of(found: Mapping[str, Any]) -> str:
    """Return the pages, from one cell or from first and last page, else the number of the article."""
    whole = _first(found, PAGES)
    first, last = _first(found, _FIRST_PAGES), _first(found, _LAST_PAGES)
    if not whole and first:
        whole = first if not last or last == first or "-" in first else f"{first}-{last}"
    return whole or _first(found, _ARTICLE_NUMBERS)


def _first(found: Mapping[str, Any], names: Sequence[str]) -> str:
    for name in names:
        value = found.get(name)
        if value is None or isinstance(value, list | Mapping):
            continue
        text = str(value).strip()
        if text and not is_nothing(text) and "no pagination" not in text.casefold():
            return text.removesuffix(".0") if text.endswith(".0") and text[:-2].isdigit() else text
    return ""


def short_number(found: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return a volume or issue; what is longer than such a number is something else in its place (an address)."""
    text = _first(found, names)
    return text if len(text) <= 40 else ""


_LONGEST_AUTHORS = 50_000
_INITIALS = re.compile(r"^(?:[A-Z]\.?[ -]?){1,5}$")
_SUFFIX = re.compile(r"^(?:jr|sr|ii|iii|iv|md|phd|m\.d|ph\.d)\.?$", re.IGNORECASE)


def author_names(text: str) -> tuple[str, ...]:
    """Return the people of one cell, one each, however they are strung together."""
    text = re.sub(r"\s+", " ", text[:_LONGEST_AUTHORS].replace("\n", "; "))
    text = re.sub(r" ?(?:\[[^\[\]]*\]|\(\d+\))", "", text).strip(" ;,")
    text = re.sub(r"[,;]?\s*\bet al\.?$|\.{3}$|…$", "", text).strip()
    for separator in (r"\s*;\s*", r"\s*(?:\||//|\\\\)\s*", r"\s*,?\s+(?:and|&)\s+"):
        parts = [part.strip(" ,") for part in re.split(separator, text) if part.strip(" ,")]
        if len(parts) > 1:
            return tuple(name for part in parts for name in _by_commas(part))
    return _by_commas(text)


def _by_commas(text: str) -> tuple[str, ...]:
    """Return the people of a list divided by commas only, which also divide a name from its initials."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    parts = [part for at, part in enumerate(parts) if at == 0 or not _SUFFIX.match(part)]
    if len(parts) < 2:
        return tuple(parts)
    initials = [bool(_INITIALS.match(part)) for part in parts]
    if len(parts) == 2:
        both_whole = not initials[1] and all(len(part.split()) > 1 and _ends_in_initials(part) for part in parts)
        return tuple(parts) if both_whole else (f"{parts[0]}, {parts[1]}",)
    if not any(initials) and (
        any(_ends_in_initials(part) for part in parts) or len(parts) % 2 or all(len(part.split()) > 1 for part in parts)
    ):
        return tuple(parts)  # Scopus: Baird J.K., Walker L.A.
    names: list[str] = []
    at = 0
    while at < len(parts):
        has_given = at + 1 < len(parts) and (initials[at + 1] or (not any(initials)))
        names.append(f"{parts[at]}, {parts[at + 1]}" if has_given else parts[at])
        at += 2 if has_given else 1
    return tuple(names)


def _ends_in_initials(name: str) -> bool:
    last = name.split()[-1]
    return len(name.split()) > 1 and re.fullmatch(r"(?:[A-Z]\.?-?){1,4}", last) is not None
