"""What can be said about a search of PubMed and its records: the findings P110 to P115."""

from __future__ import annotations

from collections.abc import Iterable

from alerts.errors import Problem


def unreadable(count: int, why: str) -> Problem:
    """P110: records that could not be understood at all."""
    return Problem(
        "P110",
        "warning",
        f"{count} record{'s' if count != 1 else ''} of PubMed could not be read ({why}).",
        "Please report it to whoever runs this service.",
    )


def goes_on(most: int) -> Problem:
    """P111: a search finds more than one poll takes; nothing is skipped."""
    return Problem(
        "P111",
        "note",
        f"PubMed has more for this search than the {most:,} records of one poll; the next poll goes on.",
        "Nothing to do; if it is always so, narrow the query.",
    )


def not_known(phrases: Iterable[str]) -> Problem:
    """P112: words or field tags of the query that PubMed does not know."""
    return Problem(
        "P112",
        "warning",
        f"PubMed does not know part of the search: {', '.join(phrases)}.",
        "Check the spelling and the field tags of the query: records may be missing.",
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
