"""Field tags: what each vendor's tags ask for, which real ones no feed item can answer, and the nearest to a wrong one.

Sources: Ovid's field guide for MEDLINE ALL and Embase (field labels), NLM's PubMed user guide (search field tags).
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache

from alerts.search.text import ALL, BIT, DEFAULT
from alerts.search.tree import FieldSet

_TI, _AB, _KW, _SH, _PT = (BIT[name] for name in ("ti", "ab", "kw", "sh", "pt"))
_MP = DEFAULT | _PT

_NAMES = re.compile(r"[a-z]+")

_OVID: dict[str, int] = {
    "ti": _TI,
    "ab": _AB,
    "kw": _KW,
    "kf": _KW,
    "hw": _SH,
    "tw": _TI | _AB,
    "mp": _MP,
    "af": ALL,
    "au": BIT["au"],
    "jn": BIT["jn"],
    "jw": BIT["jn"],
    "so": BIT["jn"],
    "ta": BIT["jn"],
    "jx": BIT["jn"],
    "ja": BIT["jn"],
    "pt": _PT,
    "la": BIT["la"],
    "lg": BIT["la"],
    "ui": BIT["ui"],
    "pm": BIT["ui"],
    "an": BIT["ui"],
    "do": BIT["ui"],
    "is": BIT["ui"],
    "in": BIT["ad"],
    "ad": BIT["ad"],
    "cs": BIT["ad"],
    "ia": BIT["ad"],
    "m_titl": _TI,
    "ot": _TI,
    "tt": _TI,
    "bt": _TI,
    "dq": _KW,
    "id": _KW,
    "de": _SH,
    "mh": _SH,
    "su": _SH,
    "as": BIT["jn"],
    "ax": BIT["au"],
    "fa": BIT["au"],
}
_NEAR_OVID = {
    "ot": "title",
    "tt": "title",
    "bt": "title",
    "dq": "keywords",
    "id": "keywords",
    "de": "headings",
    "mh": "headings",
    "su": "headings",
}
_NEAR_PUBMED = {"tt": "title", "transliterated title": "title", "bti": "title", "book title": "title"}

_OVID_DATES = frozenset(["dt", "dp", "yr", "ed", "ez", "ep", "em", "da", "dc", "up", "rd", "sa_year"])
_OVID_UNANSWERABLE = frozenset(
    str.split(
        "fs nm rn xs gs ac ag ai ar be bn ca cc cd cf ci cl cm cn co cp cq cr cw cy db dg dj dm dr dv dw ec ei"
        " er es fe fo fx gc gi gl gn go gr gw ib if il io ip ir iv jc lm lu md mf mj ml mv mx nj nl no nr nt nw oa"
        " og on os ow ox oy pa pb pg ph pi pl pn po pp ps pu px rf rg ri rm ro rp rr rs rw rx ry sb sd si sl sp"
        " sq st sy tc td tm tn tx ur ux vi vo",
        " ",
    )
)

_PUBMED: dict[str, int] = {
    "ti": _TI,
    "title": _TI,
    "ab": _AB,
    "abstract": _AB,
    "tiab": _TI | _AB | _KW,
    "title/abstract": _TI | _AB | _KW,
    "tw": _MP,
    "text word": _MP,
    "text words": _MP,
    "textword": _MP,
    "word": _MP,
    "ot": _KW,
    "other term": _KW,
    "other terms": _KW,
    "all": ALL,
    "all fields": ALL,
    "all field": ALL,
    "au": BIT["au"],
    "author": BIT["au"],
    "1au": BIT["au"],
    "author - first": BIT["au"],
    "first author name": BIT["au"],
    "first author": BIT["au"],
    "lastau": BIT["au"],
    "author - last": BIT["au"],
    "last author name": BIT["au"],
    "last author": BIT["au"],
    "fau": BIT["au"],
    "full author name": BIT["au"],
    "author - full": BIT["au"],
    "ta": BIT["jn"],
    "jour": BIT["jn"],
    "journal": BIT["jn"],
    "journal title": BIT["jn"],
    "journal title abbreviation": BIT["jn"],
    "pt": _PT,
    "ptyp": _PT,
    "publication type": _PT,
    "la": BIT["la"],
    "lang": BIT["la"],
    "language": BIT["la"],
    "pmid": BIT["ui"],
    "uid": BIT["ui"],
    "doi": BIT["ui"],
    "aid": BIT["ui"],
    "lid": BIT["ui"],
    "location id": BIT["ui"],
    "pii": BIT["ui"],
    "pmcid": BIT["ui"],
    "mid": BIT["ui"],
    "manuscript id": BIT["ui"],
    "article identifier": BIT["ui"],
    "pmc": BIT["ui"],
    "is": BIT["ui"],
    "issn": BIT["ui"],
    "ad": BIT["ad"],
    "affl": BIT["ad"],
    "affiliation": BIT["ad"],
    "tt": _TI,
    "transliterated title": _TI,
    "bti": _TI,
    "book title": _TI,
}
_PUBMED_DATES = frozenset(
    str.split(
        "dp|pdat|date - publication|publication date|ppdat|ppd|epdat|epd|edat|date - entry|date - entrez"
        "|entry date|entrez date|entrez|crdt|date - create|create date|date - created|dcom|date - completion"
        "|completion date|mhda|date - mesh|mesh date|lr|date - modification|modification date|last revision"
        "|dlr|print publication date|electronic publication date",
        "|",
    )
)
PUBMED_HEADINGS = {
    "mesh": (True, False),
    "mh": (True, False),
    "mesh terms": (True, False),
    "mesh term": (True, False),
    "majr": (True, True),
    "mesh major topic": (True, True),
    "majr topic": (True, True),
    "mesh:noexp": (False, False),
    "mh:noexp": (False, False),
    "mesh terms:noexp": (False, False),
    "majr:noexp": (False, True),
    "mesh major topic:noexp": (False, True),
    "mesh:exp": (True, False),
    "mh:exp": (True, False),
    "mesh terms:exp": (True, False),
    "majr:exp": (True, True),
}
"""PubMed heading tags: (exploded, focused)."""

_PUBMED_UNANSWERABLE = frozenset(
    str.split(
        "text|nm|supplementary concept|substance name|sh|subheading|mesh subheading|mesh subheadings|sb|subset"
        "|filter|gr|grant number|grants and funding|rn|ec/rn number|registry number|ec/rn|si"
        "|secondary source id|pa|pharmacological action|pharmacological actions|cn|corporate author|corp|ps"
        "|personal name as subject|subject - personal name|ir|investigator|investigator - full|fir"
        "|full investigator name|ip|issue|vi|volume|pg|pagination|page|pl|place of publication|pubn|publisher"
        "|ed|editor|isbn|jid|nlm unique id|nlmid|cois|conflict of interest statements|orcid|auid"
        "|author - identifier|author identifier|own|owner|stat|status|ci|copyright information|cited|book"
        "|mhda:noexp|sh:noexp|subheading:noexp|all fields:noexp|ssn|space flight mission|affiliation:noexp"
        "|other|author - corporate|nm:noexp|supplementary concept:noexp",
        "|",
    )
)
_PLAIN = {
    "ti": _TI,
    "title": _TI,
    "ab": _AB,
    "abstract": _AB,
    "kw": _KW,
    "keyword": _KW,
    "tiab": _TI | _AB,
    "sh": _SH,
    "au": BIT["au"],
    "author": BIT["au"],
    "jn": BIT["jn"],
    "journal": BIT["jn"],
    "pt": _PT,
    "la": BIT["la"],
    "ui": BIT["ui"],
    "doi": BIT["ui"],
    "pmid": BIT["ui"],
    "ad": BIT["ad"],
    "all": ALL,
}
_PLAIN_DATES = frozenset({"dp", "date"})


_MEANT_IN_PUBMED = {
    "kw": "ot",
    "kf": "ot",
    "keyword": "ot",
    "keywords": "ot",
    "mp": "tw",
    "af": "all",
    "subject": "mh",
    "mesh headings": "mh",
    "mesh heading": "mh",
    "date": "dp",
    "year": "dp",
    "tit": "ti",
}
_MEANT_IN_PLAIN = {
    "subject": "mesh",
    "heading": "mesh",
    "tw": "tiab",
    "mp": "tiab",
    "year": "dp",
    "yr": "dp",
    "so": "jn",
}
"""Names from elsewhere that no spelling leads to."""


def ovid_fields(tags: list[str], written: str) -> tuple[FieldSet, list[str]]:
    """Read Ovid tags (`ti,ab`) as one field set, and the tags that no vendor has."""
    mask, heading, is_date = 0, False, False
    unanswerable: list[str] = []
    unknown: list[str] = []
    for tag in tags:
        name = tag.casefold()
        if name == "sh":
            heading = True
        elif name in _OVID:
            mask |= _OVID[name]
        elif name in _OVID_DATES:
            is_date = True
        elif name in _OVID_UNANSWERABLE:
            unanswerable.append(name)
        else:
            unknown.append(tag)
    return FieldSet(mask, heading, is_date, tuple(unanswerable), written), unknown


def is_ovid_tag(name: str) -> bool:
    """Tell whether Ovid has this tag."""
    name = name.casefold()
    return name == "sh" or name in _OVID or name in _OVID_DATES or name in _OVID_UNANSWERABLE


def _tight(name: str) -> str:
    """Return the name of a PubMed tag without the spaces that PubMed does not care about."""
    return re.sub(r" ?([/:~-]) ?", r"\1", " ".join(name.casefold().split()))


_PUBMED_NAMES = {
    _tight(name): name for name in (*_PUBMED, *sorted(_PUBMED_DATES), *PUBMED_HEADINGS, *sorted(_PUBMED_UNANSWERABLE))
}
_WINDOW = re.compile(r"(.+?):~(\d{1,4})")


def pubmed_tag(written: str) -> tuple[str, int | None]:
    """Read what stands in a PubMed tag: its name as `pubmed_fields` and `PUBMED_HEADINGS` know it, and the words of a
    proximity (`tiab:~3`).
    """
    name = _tight(written)
    window = _WINDOW.fullmatch(name)
    bare = window.group(1) if window else name
    return _PUBMED_NAMES.get(bare, bare), int(window.group(2)) if window else None


def is_pubmed_tag(name: str) -> bool:
    """Tell whether PubMed has a tag of this name."""
    return name in PUBMED_HEADINGS or pubmed_fields(name) is not None


def pubmed_fields(name: str) -> FieldSet | None:
    """Read one PubMed tag (a name as `pubmed_tag` gives it), or `None` when PubMed has no such tag."""
    written = f"[{name}]"
    if name in _PUBMED:
        return FieldSet(_PUBMED[name], written=written)
    if name in _PUBMED_DATES:
        return FieldSet(is_date=True, written=written)
    if name in _PUBMED_UNANSWERABLE:
        return FieldSet(unanswerable=(name,), written=written)
    return None


def pubmed_field_list(name: str) -> FieldSet | None:
    """Read several PubMed tags in one bracket (`ti,ab`, `ti/ab`), which PubMed itself does not know; `None` when one of
    them is no tag for words.
    """
    names = [_PUBMED_NAMES.get(each.strip(), "") for each in re.split(r"[,;/]", name)]
    if len(names) < 2 or any(each not in _PUBMED for each in names):
        return None
    mask = 0
    for each in names:
        mask |= _PUBMED[each]
    return FieldSet(mask, written=f"[{name}]")


def plain_fields(names: list[str], written: str) -> FieldSet | None:
    """Read the fields before a colon in a plain strategy, or `None` when one of them is unknown."""
    mask, is_date = 0, False
    for name in names:
        if name in _PLAIN:
            mask |= _PLAIN[name]
        elif name in _PLAIN_DATES:
            is_date = True
        else:
            return None
    return FieldSet(mask, is_date=is_date, written=written)


@lru_cache(maxsize=1024)
def nearest(name: str, dialect: str) -> str:
    """Return the tag of `dialect` that is nearest to `name`, as it is written there, or an empty text."""
    name = name.casefold()
    if dialect == "ovid":
        known = ["ti", "ab", "tw", "mp", "kw", "kf", "sh", "hw", "af", "pt", "au", "jn", "la", "yr", "fs"]
        long_names = {"title": "ti", "abstract": "ab", "tiab": "ti,ab", "keyword": "kw", "keywords": "kw", "mesh": "sh"}
        if name in long_names:
            return f".{long_names[name]}."
        best = _closest(name, known)
        return f".{best}." if best else ""
    if dialect == "pubmed":
        best = _MEANT_IN_PUBMED.get(name) or _closest(
            name, sorted(_PUBMED.keys() | _PUBMED_DATES | PUBMED_HEADINGS.keys() | _PUBMED_UNANSWERABLE)
        )
        return f"[{best}]" if best else ""
    best = _MEANT_IN_PLAIN.get(name) or _closest(name, sorted(_PLAIN.keys() | _PLAIN_DATES | {"mesh", "mesh+"}))
    return f"{best}:" if best else ""


def _closest(name: str, known: list[str]) -> str:
    """Return the closest of `known` to `name`; two transposed letters count as very close."""
    swapped = [each for each in known if sorted(each) == sorted(name)]
    if swapped:
        return swapped[0]
    close = difflib.get_close_matches(name[:40], known, n=1, cutoff=0.3)
    return close[0] if close else ""


def tag_help(fields: FieldSet) -> str:
    """Say in words which tags of a field set no feed item can answer."""
    return ", ".join(fields.unanswerable)


def near_fields(fields: FieldSet) -> list[tuple[str, str]]:
    """Return the tags of a field set that are answered by a field which is near, not the same, each with that field."""
    written = fields.written.casefold()
    if written.startswith("["):
        name = written.strip("[]")
        return [(name, _NEAR_PUBMED[name])] if name in _NEAR_PUBMED else []
    return [(tag, _NEAR_OVID[tag]) for tag in _NAMES.findall(written) if tag in _NEAR_OVID]
