"""The cells of a table that was pasted or saved: with commas and quotation marks, with tabs, with bars."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: code points [start, end) of the sheet, without quotation marks around it."""

    start: int
    end: int


def rows(text: str, at: int, mark: str) -> list[list[Cell]]:
    """Split a table into rows of cells. A cell in quotation marks may hold the mark and line ends; quotation marks in
    it are doubled.
    """
    found_rows: list[list[Cell]] = []
    cells: list[Cell] = []
    while at <= len(text):
        cell, at = _cell(text, at, mark)
        cells.append(cell)
        if at >= len(text) or text[at] == "\n":
            found_rows.append(cells)
            cells = []
        at += 1
    return found_rows


def _cell(text: str, at: int, mark: str) -> tuple[Cell, int]:
    """Return the cell that begins at `at`, and where the mark or line end after it stands."""
    if text[at : at + 1] == '"':
        close = at + 1
        while (close := text.find('"', close)) >= 0 and text[close + 1 : close + 2] == '"':
            close += 2
        after = close + 1 if close >= 0 else -1
        while after > 0 and text[after : after + 1] == " ":
            after += 1
        if after > 0 and (after >= len(text) or text[after] in mark + "\n"):
            return Cell(at + 1, close), after
    found = re.compile(f"[{mark}\n]").search(text, at)
    end = found.start() if found else len(text)
    return Cell(at, end), end
