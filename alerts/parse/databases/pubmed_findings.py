"""What can be said about a search of PubMed and its records: the findings P112 to P116."""

from __future__ import annotations

from collections.abc import Iterable

from alerts.errors import Problem


def not_known(phrases: Iterable[str], *, translated: bool) -> Problem:
    """P112: words or field tags of the query that PubMed does not know; a translation adds spellings."""
    return Problem(
        "P112",
        "note" if translated else "warning",
        f"PubMed does not know part of the search: {', '.join(phrases)}.",
        "Nothing to do where it is another spelling that your table adds; else check the strategy’s words."
        if translated
        else "Check the spelling and the field tags of the query: records may be missing.",
    )


def taken_apart(phrases: Iterable[str]) -> Problem:
    """P113: quoted phrases that PubMed's list of phrases does not have."""
    return Problem(
        "P113",
        "note",
        f"PubMed has no such phrase, and searched its words one by one or not at all: {', '.join(phrases)}.",
        'Look whether the query finds too much; "two words"[tiab:~0] finds them side by side.',
    )


def not_looked_at(many: str) -> Problem:
    """P114: so many records changed on one day that they are not read again."""
    return Problem(
        "P114",
        "warning",
        f"PubMed changed {many}, as at its yearly revision; those were not looked at again.",
        "Nothing to do: what is new is not concerned.",
    )


def too_large() -> Problem:
    """P115: a single record that is larger than any answer may be."""
    return Problem(
        "P115",
        "warning",
        "A record of PubMed is larger than what is taken, and was left out.",
        "Raise ALERTS_MAX_WIRE_BYTES and ALERTS_MAX_BODY_BYTES if it should be there.",
    )


def not_given(count: int, given: int) -> Problem:
    """P116: records that a search found and that were not given."""
    return Problem(
        "P116",
        "note",
        f"PubMed found {count:,} records and gave {given:,}.",
        "Nothing to do: those of the last days are asked for again at the next polls.",
    )
