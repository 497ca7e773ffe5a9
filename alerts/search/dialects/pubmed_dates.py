"""PubMed's dates: `2015:2024[dp]`, `"2015/01/01"[Date - Entry] : "3000"[Date - Entry]`, `"last 5 years"[dp]`."""

from __future__ import annotations

import re
from datetime import date

from alerts.search.dialects.dates import read_range
from alerts.search.dialects.limits import note_past
from alerts.search.dialects.tags import pubmed_fields, pubmed_tag
from alerts.search.problems import Findings
from alerts.search.tree import Dates

_DAY = r"\d{4}(?:/\d{1,2}){0,2}"
_TAG = r"(?:\s{0,9}\[([^\[\]]{0,60})\])?"
_RANGE = re.compile(
    rf"\"?\s?({_DAY})\s?\"?{_TAG}\s{{0,9}}:\s{{0,9}}\"?\s?({_DAY}|present|current)\s?\"?{_TAG}", re.IGNORECASE
)
_LAST_YEARS = re.compile(r"(?:in )?(?:the )?last\s+\d+\s+(?:year|month|week|day)s?", re.IGNORECASE)


def date_range_at(text: str, at: int, end: int, findings: Findings) -> Dates | None:
    """Read a range that begins at `at`, either side tagged or both; `None` when there is none."""
    found = _RANGE.match(text, at, end)
    if found is None:
        return None
    tags = [pubmed_fields(pubmed_tag(tag)[0]) for tag in (found.group(2), found.group(4)) if tag is not None]
    if not tags or not all(fields is not None and fields.is_date for fields in tags):
        return None
    span = read_range(f"{found.group(1)}:{found.group(3)}")
    if span is None or (span[0] is not None and span[1] is not None and span[0] > span[1]):
        findings.add(
            "S018",
            f"“{found.group()}” is not a date range.",
            "Write 2015:2024[dp].",
            start=found.start(),
            end=found.end(),
        )
        return Dates(None, None, found.group(), found.start(), found.end())
    return _dates(*span, found.group(), found.start(), found.end(), findings)


def single_date(written: str, start: int, end: int, findings: Findings) -> Dates | None:
    """Read what stands before a date tag: `2020`, `2018-2020`, `last 5 years`; `None` (reported) when it is no date."""
    if _LAST_YEARS.fullmatch(written):
        findings.add("S061", f"“{written}” counts as met: alerts look forward.", start=start, end=end)
        return Dates(None, None, written, start, end)
    span = read_range(written)
    if span is None or (span[0] is not None and span[1] is not None and span[0] > span[1]):
        findings.add("S018", f"“{written}” is not a date.", "Write 2015:2024[dp].", start=start, end=end)
        return None
    return _dates(*span, written, start, end, findings)


def _dates(first: date | None, last: date | None, written: str, start: int, end: int, findings: Findings) -> Dates:
    """Make a date range, with what is to be said of it."""
    if last is not None:
        note_past(last.isoformat(), written, start, end, findings)
    findings.add("S061", f"The dates {written} count as met where a record has none.", start=start, end=end)
    return Dates(first, last, written, start, end)
