"""A strategy in a file of its own, whatever program saved it: text as Notepad writes it, or a Word document."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from alerts.config.files import MAX_STRATEGY_BYTES, WORD_PROCESSORS, decode, read_bytes
from alerts.errors import Problem

_UNREADABLE = tuple(ending for ending in WORD_PROCESSORS if ending != ".docx")
_MARKS = {b"\xd0\xcf\x11\xe0": "an old Word document (.doc)", b"{\\rtf": "a rich text file (.rtf)", b"%PDF": "a PDF"}
_WORD = b"PK\x03\x04"
_REMEDY = "Save it as a Word document (.docx) or as plain text (.txt), and name that."


def read_strategy(path: Path, shown: str) -> tuple[str | None, list[Problem]]:
    """Read a strategy's file: its text, and what is to be said of it; None when it cannot be read."""
    if path.name.lower().endswith(_UNREADABLE):
        return None, [Problem("C038", "error", f"“{path.name}” is a word processor's file.", _REMEDY, file=shown)]
    body, problem = read_bytes(path, shown, _limit(path))
    return strategy_text(body, shown) if body is not None else (None, [problem] if problem else [])


def _limit(path: Path) -> int:
    if path.name.lower().endswith(".docx"):
        from alerts.config.word import MAX_PACKED

        return MAX_PACKED
    return MAX_STRATEGY_BYTES


def strategy_text(body: bytes, shown: str) -> tuple[str | None, list[Problem]]:
    """Return the text of a strategy's file, told by its content and not by its name."""
    if body.startswith(_WORD) or shown.lower().endswith(".docx"):
        from alerts.config.word import word_text

        return word_text(body, shown)
    for mark, kind in _MARKS.items():
        if body.startswith(mark):
            return None, [Problem("C038", "error", f"This is {kind}, and no text.", _REMEDY, file=shown)]
    text, problem = decode(body, shown)
    # what Notepad calls ANSI is a way of writing a strategy like the others
    return text, [replace(problem, severity="note") if text is not None else problem] if problem else []
