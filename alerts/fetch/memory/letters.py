"""What is remembered of the letters of a source from poll to poll: small, and read with care, whatever is found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from alerts.fetch.memory import remembered
from alerts.parse.letters.boilerplate import LETTERS_REMEMBERED

MOST_FILES = 2_000
_MOST_MARKS = 100
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Memory:
    """Up to which UID a mailbox was looked at, or which files of a folder; and the marks of the last letters' links.

    `since`: letters of a folder that are older are none of it (ISO 8601).
    """

    validity: int = 0
    uid: int = 0
    files: frozenset[str] = frozenset()
    letters: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    since: str = ""

    @classmethod
    def read(cls, text: str) -> Memory:
        """Read what `text` wrote; what is not of its form counts as not remembered."""
        told = remembered(text)
        letters = told.get("letters")
        pairs = letters.items() if isinstance(letters, dict) else ()
        return cls(
            validity=_number(told.get("validity")),
            uid=_number(told.get("uid")),
            files=_names(told.get("files"), MOST_FILES),
            letters={id[:_LONGEST_NAME]: _names(marks, _MOST_MARKS) for id, marks in list(pairs)[-LETTERS_REMEMBERED:]},
            since=_moment(told.get("since")),
        )

    def text(self) -> str:
        """Return what is remembered as JSON."""
        told: dict[str, object] = {
            "validity": self.validity,
            "uid": self.uid,
            "files": sorted(self.files),
            "letters": {id: sorted(marks) for id, marks in self.letters.items()},
            "since": self.since,
        }
        return json.dumps({name: value for name, value in told.items() if value}) if any(told.values()) else "{}"

    def with_letter(self, id: str, marks: Set[str]) -> Memory:
        """Return the memory with the marks of one letter more; the oldest letter goes when there are too many."""
        others = {known: had for known, had in self.letters.items() if known != id}
        kept = {**others, id: frozenset(sorted(marks)[:_MOST_MARKS])}
        return replace(self, letters=dict(list(kept.items())[-LETTERS_REMEMBERED:]))


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**32 else 0


def _moment(value: object) -> str:
    try:
        return value if isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None else ""
    except ValueError:
        return ""


def _names(value: object, most: int) -> frozenset[str]:
    if not isinstance(value, list):
        return frozenset()
    return frozenset(each[:_LONGEST_NAME] for each in value[:most] if isinstance(each, str))
