"""What PubMed's history adds to a search: its table, whose rows are newest first, `Filters:` and `Sort by:`."""

from __future__ import annotations

import re

from alerts.search.dialects.cells import Cell, rows
from alerts.search.dialects.debris import Sheet
from alerts.search.dialects.lines import RawLine
from alerts.search.problems import Findings

_EXTRAS = re.compile(r"\s(?:(?P<filters>Filters?(?: applied)?)|Sort by):", re.IGNORECASE)
_NUMBER_COLUMNS = frozenset({"search number", "search", "search no", "#", "no", "line", "set"})
_QUERY_COLUMNS = frozenset({"query", "search query"})
_RESULT_COLUMNS = frozenset({"results", "items found", "result"})


_NUMBERED = re.compile(r"\s*#\s?(\d{1,4})(?=[.):\s#(\"])")


def oldest_first(sheet: Sheet) -> None:
    """Turn a history round whose lines all have a number and go down by one, as PubMed shows it."""
    lines = [line for line in sheet.lines if sheet.line_text(line).strip()]
    found = [_NUMBERED.match(sheet.line_text(line)) for line in lines]
    numbers = [int(each.group(1)) for each in found if each is not None]
    if len(lines) < 2 or numbers != list(range(numbers[0] if numbers else 0, 0, -1))[: len(lines)]:
        return
    if len(numbers) == len(lines):
        sheet.lines.reverse()
        sheet.findings.add(
            "S082",
            "The lines are listed newest first: read from the last to the first.",
            start=lines[0].start,
            end=lines[0].end,
        )


def without_filters(text: str, start: int, end: int, findings: Findings) -> int:
    """Return where a search ends without the filters and the order that PubMed shows behind it; both are noted."""
    cuts = list(_EXTRAS.finditer(text, start, end))
    if not cuts:
        return end
    for nth, found in enumerate(cuts):
        upto = cuts[nth + 1].start() if nth + 1 < len(cuts) else end
        written = " ".join(text[found.start() : upto].split())
        if found.group("filters"):
            findings.add(
                "S061",
                f"“{written}” is passed over: it counts as met.",
                "Use limits: in the profile where that fits.",
                start=found.start() + 1,
                end=upto,
            )
        else:
            findings.add("S065", f"“{written}” is passed over.", start=found.start() + 1, end=upto)
    return cuts[0].start()


def history_lines(sheet: Sheet) -> list[RawLine] | None:
    """Read PubMed's history as downloaded or copied: its searches in the order of their numbers, or `None` when the
    text is no such table. What is not a search is blanked and noted.
    """
    whole = sheet.text(0, sheet.lines[-1].end)
    begin = len(whole) - len(whole.lstrip())
    stop = whole.find("\n", begin)
    head = whole[begin : stop if stop >= 0 else len(whole)]
    mark = "\t" if "\t" in head else ","
    names = [re.sub(r"[\s.\"]+", " ", name).strip().casefold() for name in head.split(mark)]
    query = next((at for at, name in enumerate(names) if name in _QUERY_COLUMNS), -1)
    if stop < 0 or query < 1 or names[0] not in _NUMBER_COLUMNS or _RESULT_COLUMNS.isdisjoint(names):
        return None
    sheet.pass_over("S065", "The heading of a search history table is passed over.", begin, stop)
    filters = names.index("filters") if "filters" in names else -1
    lines: list[RawLine] = []
    for cells in rows(whole, stop + 1, mark):
        line = _line(sheet, whole, cells, query, filters)
        if line is not None:
            lines.append(line)
    return sorted(lines, key=lambda line: line.number)


def _line(sheet: Sheet, whole: str, cells: list[Cell], query: int, filters: int) -> RawLine | None:
    """Take the search out of one row; `None` when it has none."""
    first, last = cells[0], cells[-1]
    number = whole[first.start : first.end].strip().lstrip("#").strip()
    if not whole[first.start : last.end].strip():
        return None
    if not re.fullmatch(r"\d{1,4}", number) or len(cells) <= query:
        sheet.pass_over("S065", "A row without a number and a search is passed over.", first.start, last.end)
        return None
    cell = cells[query]
    if 0 <= filters < len(cells) and whole[cells[filters].start : cells[filters].end].strip():
        limit = cells[filters]
        sheet.findings.add(
            "S061",
            f"“Filters: {whole[limit.start : limit.end].strip()}” is passed over: it counts as met.",
            "Use limits: in the profile where that fits.",
            start=limit.start,
            end=limit.end,
        )
    for found in re.finditer('""', whole[cell.start : cell.end] if whole[cell.start - 1] == '"' else ""):
        sheet.blank(cell.start + found.start(), cell.start + found.start() + 1)
    sheet.blank(first.start - (whole[first.start - 1] == '"'), cell.start)
    if cell.end < last.end and not sheet.findings.has("S066"):
        sheet.pass_over("S066", "Details, results and time of a search history are passed over.", cell.end, last.end)
    sheet.blank(cell.end, last.end)
    return RawLine(int(number), cell.start, cell.end)
