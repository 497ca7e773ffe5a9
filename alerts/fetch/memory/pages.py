"""What a source of GOV.UK remembers: which page was listed under which date, and which are still to be asked about."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from alerts.fetch.memory import remembered
from alerts.model.text import cut

KNOWN_LIMIT = 1_000
WAITING_LIMIT = 2_000
_TITLE = 120
_PATH = 1_000
_LONG_AGO = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Known:
    """A page that needs no asking under this date; `title` is empty when nothing was told of it."""

    dated: str
    title: str = ""
    looked: date = _LONG_AGO


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page that is to be asked about, under the title that its list gives it, and how often that failed."""

    date: str
    tries: int = 0
    title: str = ""


@dataclass(slots=True)
class Memory:
    """The pages by path, those that became known last at the end."""

    known: dict[str, Known] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    today: date = _LONG_AGO

    @classmethod
    def read(cls, text: str, asked_at: datetime | None) -> Memory:
        """Return what `text` says, as far as it can be understood; pages of the last poll were looked at then."""
        memory = cls(today=asked_at.date() if asked_at else _LONG_AGO)
        found = remembered(text)
        for path, values in _pairs(found, "known"):
            when, title, looked = _three(values)
            memory.known[path] = Known(when, cut(title, _TITLE), _day(looked) or memory.today)
        for path, values in _pairs(found, "waiting"):
            when, tries, title = _three(values)
            failed = int(tries) if tries.isdecimal() and len(tries) < 4 else 0
            memory.waiting[path] = Waiting(when, failed, cut(title, _TITLE))
        return memory

    def now_known(self, path: str, when: str, title: str) -> None:
        """Take a page down as asked about."""
        before = self.known.pop(path, None)
        self.waiting.pop(path, None)
        self.known[path] = Known(when, cut(title or (before.title if before else ""), _TITLE), self.today)

    def text(self) -> str:
        """Return it as text; the pages that have been known longest are forgotten."""
        known = list(self.known.items())[-KNOWN_LIMIT:]
        waiting = list(self.waiting.items())[:WAITING_LIMIT]
        return json.dumps(
            {
                "known": {path: [each.dated, each.title, _said(each.looked)] for path, each in known},
                "waiting": {path: [each.date, str(each.tries), cut(each.title, _TITLE)] for path, each in waiting},
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )


def _said(looked: date) -> str:
    """Return a day as text; of a page that was asked about just now the next poll knows when that was."""
    return "" if looked == _LONG_AGO else looked.isoformat()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _pairs(found: dict[str, Any], name: str) -> list[tuple[str, Any]]:
    part = found.get(name)
    pairs = part.items() if isinstance(part, dict) else ()
    return [(path, values) for path, values in pairs if path.startswith("/") and len(path) <= _PATH]


def _three(values: Any) -> tuple[str, str, str]:
    texts = [each if isinstance(each, str) else "" for each in values] if isinstance(values, list) else []
    first, second, third, *_ = (*texts, "", "", "")
    return first, second, third
