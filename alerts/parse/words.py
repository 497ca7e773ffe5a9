"""Small vocabularies: kinds of publication, languages, licences, closing dates."""

from __future__ import annotations

import re
from datetime import datetime

from alerts.parse import dates

PUBLICATION_TYPES = frozenset(
    " ".join(each.split())
    for each in re.split(
        ";",
        """
    research article; original article; original research; original investigation; original paper;
    research paper; research letter; review article; mini review; systematic review;
    scoping review; meta-analysis; editorial; commentary; comment; letter; letter to the editor; letters;
    correspondence; correction; corrigendum; erratum; addendum; retraction; retraction notice;
    expression of concern; case report; case series; case study; perspective; viewpoint; protocol;
    study protocol; short communication; brief report; book review; obituary; news; guideline;
    practice guideline; preprint; data paper; clinical trial; randomized controlled trial;
    randomised controlled trial; consultation; open consultation; closed consultation; consultation outcome;
    guidance; statutory guidance; policy paper; press release; news story; briefing paper;
     official statistics; national statistics; research and analysis; independent report;
    impact assessment; corporate report; transparency data; detailed guide; call for evidence;
    drug safety update; safety alert
    """,
    )
)
_DULL_TYPES = frozenset(
    {"text", "article", "journal article", "journal-article", "dataset", "sound", "collection", "post", "page"}
)
_ISO_639_2 = {
    "eng": "en", "fre": "fr", "fra": "fr", "ger": "de", "deu": "de", "spa": "es", "por": "pt", "ita": "it", "wel": "cy",
    "cym": "cy", "gle": "ga", "gla": "gd", "chi": "zh", "zho": "zh", "jpn": "ja", "rus": "ru", "pol": "pl",
}  # fmt: skip
_NAMED = {
    "english": "en",
    "french": "fr",
    "german": "de",
    "spanish": "es",
    "welsh": "cy",
    "portuguese": "pt",
    "italian": "it",
}
_SUBTAGS = re.compile(r"[-_,; ]")
_LICENCE = re.compile(r"https?://(?:www\.)?creativecommons\.org/(?:licenses|publicdomain)/[\w./-]+", re.IGNORECASE)
_CC_NAME = re.compile(r"\b(CC[ -](?:BY|0)(?:[ -](?:NC|ND|SA))*(?: \d\.\d)?)\b")
_OGL = re.compile(r"nationalarchives\.gov\.uk/doc/open-government-licence|\bOpen Government Licence\b", re.IGNORECASE)
_CLOSES = re.compile(
    r"\b(?:clos(?:es|ing)(?: date)?|deadline(?: for \w+(?: \w+)?)?|respond by|responses? (?:are due |due )?by"
    r"|submissions? by"
    r"|(?:consultation|call for evidence) (?:ends|runs until|is open until|open until))\b"
    r"(?: (?:is|at|on|by|of|for|:|midnight|midday|noon|\d{1,2}(?:[:.]\d\d)? ?[ap]m|\w+day,?))*"
    r"\s*:?\s*(?:on )?(?:\w+day,? )?"
    r"(?P<date>\d{1,2}(?:st|nd|rd|th)? (?:of )?[A-Z][a-z]{2,8}(?:,? \d{4})?|\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d\d-\d\d)",
    re.IGNORECASE,
)


def publication_type(text: str) -> str:
    """Return a `dc:type` or section as words, or an empty string when it says nothing (`Text`, a URI of "article")."""
    words = text.rpartition("/")[2] if "://" in text or text.startswith("info:") else text
    words = " ".join(words.replace("_", " ").split())
    return "" if words.lower() in _DULL_TYPES or len(words) > 80 else words


def is_publication_type(text: str) -> bool:
    """Tell whether a category is really a type of publication."""
    return " ".join(text.lower().split()) in PUBLICATION_TYPES


def language(text: str) -> str:
    """Return the primary subtag of a language (BCP 47) in lower case: `en` for `en-GB`, `eng`, `English`."""
    word = _SUBTAGS.split(text.strip().lower(), maxsplit=1)[0]
    word = _NAMED.get(word, _ISO_639_2.get(word, word))
    return word if len(word) in (2, 3) and word.isascii() and word.isalpha() and word != "und" else ""


def licence(texts: list[str]) -> str:
    """Return the open licence that some rights statements name, as its address or short name; else an empty string."""
    for text in texts:
        found = _LICENCE.search(text)
        if found:
            return found.group().replace("http://", "https://").replace("//www.", "//").rstrip("/.")
        named = _CC_NAME.search(text)
        if named:
            return named.group(1).replace("CC-", "CC ")
        if _OGL.search(text):
            return "Open Government Licence"
    return ""


def open_access(texts: list[str], licence_found: str) -> bool | None:
    """Return whether the item says that it is open to read; `None` when it says nothing."""
    if licence_found:
        return True
    joined = " ".join(texts).lower()
    if re.search(r"\bopen[ -]?access\b|\bfree access\b", joined):
        return True
    return False if re.search(r"\b(?:restricted|closed) ?access\b", joined) else None


_CLOSING_WORDS = ("clos", "deadline", "respond by", "response by", "responses by", "due by", "submission by",
                  "submissions by", "consultation ", "call for evidence ")  # fmt: skip
"""One of these stands in every text that `_CLOSES` finds something in; looking for them first is much quicker."""


def closing_date(text: str, dated: datetime | None) -> datetime | None:
    """Return the day by which a consultation or call wants answers, if the text names one.

    A day without a year is the next such day after the item's own date; without that there is no honest answer.
    """
    lowered = text.lower()
    found = _CLOSES.search(text) if any(each in lowered for each in _CLOSING_WORDS) else None
    if found is None:
        return None
    named = found.group("date")
    if re.search(r"\d{4}", named):
        return dates.read(named)
    if dated is None:
        return None
    for year in (dated.year, dated.year + 1):
        moment = dates.read(f"{named} {year}")
        if moment is not None and moment.date() >= dated.date():
            return moment
    return None
