"""The two ways of saying that something is wrong.

`AlertsError` is raised when work cannot go on: it carries a stable code, a plain sentence and a remedy, and is written
for the person who must act. `Problem` is a finding in text that a librarian wrote (a strategy, a profile, a list of
people) or that a publisher sent: problems are collected and reported all at once, never raised one by one.

Codes are stable and documented: C… configuration, S… search, F… fetching, P… parsing, I… identity, B… bulletins,
D… delivery, T… storage.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

Severity = Literal["error", "warning", "note"]


class AlertsError(Exception):
    """Something went wrong that a person must know of.

    Subclasses set `code` and `remedy`; the sentence is given when raised. `cause` is what a technician would ask for,
    where there is more to say than the sentence does.
    """

    code: ClassVar[str] = "A000"
    exit_code: ClassVar[int] = 1
    """What a command that meets it leaves with; 78 (`EX_CONFIG`) when a setting is to blame."""
    remedy: str = ""
    cause: str = ""

    def __init__(self, sentence: str, *, remedy: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        if remedy is not None:
            self.remedy = remedy

    def __str__(self) -> str:
        return self.sentence

    def as_json(self) -> dict[str, str]:
        """Return the error as `{"code", "message", "remedy"}`."""
        return {"code": self.code, "message": self.sentence, "remedy": self.remedy}


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding in somebody's text, with its place and how to mend it.

    `line` and `column` count from 1 within `file`; 0 means "the whole file". `length` is in code points.
    """

    code: str
    severity: Severity
    message: str
    remedy: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    length: int = 0

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        text = f"{place}: {self.code} {self.message}" if place else f"{self.code} {self.message}"
        return f"{text} {self.remedy}".rstrip()

    def at(self, file: str, line: int = 0, column: int = 0) -> Problem:
        """Return the problem moved into `file`, its own place counted from (`line`, `column`) when those are given."""
        if not line:
            return replace(self, file=file)
        first_line = self.line <= 1
        return replace(
            self,
            file=file,
            line=line + max(self.line, 1) - 1,
            column=(self.column + column - 1) if first_line and column and self.column else (self.column or column),
        )

    def as_json(self) -> dict[str, str | int]:
        """Return the problem as a flat mapping for `--json`."""
        return {
            "code": self.code,
            "severity": self.severity,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "length": self.length,
            "message": self.message,
            "remedy": self.remedy,
        }
