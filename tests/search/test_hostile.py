"""Hostile strategies: bounded time, bounded findings, never a traceback."""

from __future__ import annotations

import time

import pytest

from alerts.model.records import Entry
from alerts.search import Index, compile_text, searchable

HOSTILE = {
    "truncations": " or ".join(["a*"] * 10_000),
    "brackets": "(" * 10_000 + "a" + ")" * 10_000,
    "open brackets": "(" * 200_000,
    "closing brackets": ")" * 200_000,
    "square brackets": "[" * 200_000,
    "braces": "{" * 200_000,
    "quotation marks": '"' * 199_999,
    "new lines": "\n" * 200_000,
    "spaces": "2020" + " " * 199_000 + "x",
    "wildcards": "a?" * 100_000,
    "stars": "a*" * 100_000,
    "slashes": "a/" * 100_000,
    "tags": "a.ti." * 40_000,
    "lists of lines": " or ".join(["or/1-500"] * 16_000),
    "proximities": " adj2 ".join(["ab"] * 30_000),
    "exclusions": " not ".join(["ab"] * 30_000),
    "mixtures": "ab and cd or " * 15_000 + "ef",
    "possible headings": "Aa and " * 25_000 + "Bb/",
    "unknown tags": "a [b] " * 30_000,
    "limits": "limit 1 to " + "(" * 100_000,
    "limit of spaces": "limit 1 to yr=" + " " * 190_000 + "2",
    "entities": "&amp;" * 40_000,
    "accents": "e" + "\u0301" * 199_990,
    "dates": "2020:" * 40_000,
    "table": "1" + "\t" * 190_000,
    "brackets on lines": ")\n" * 100_000,
    "bracketed numbers": "(1" * 100_000,
    "tags without end": ".ti. ab " * 25_000,
    "tags apart": ". ti" * 50_000,
    "headings in brackets": "(a/dt) " * 28_000,
    "truncations with numbers": "a*9" * 66_000,
    "limits in lines": "1 and limit 1 to " * 11_000,
    "bullets": "\u2022 " * 100_000,
    "bracketed labels": "(1) a\n" * 33_000,
    "fields": "ti," * 66_000,
    "single quotation marks": "'a b" * 50_000,
    "history": "Search number,Query,Results\n" + '1,"a""b",3\n' * 18_000,
    "history in one cell": 'Search number,Query,Results\n1,"' + '""' * 99_000,
}
TEXT = searchable(Entry(key="1", title="ab ac ad " * 50, summary="a " * 3000))
MOST_SECONDS = 30.0
"""Of processor time: far more than any of these takes; what is exponential or quadratic takes hours."""


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(
    ("dialect", "length"), [("ovid", 200_000), ("pubmed", 30_000), ("plain", 30_000), (None, 60_000)]
)
def test_hostile_text_is_read_and_matched_in_bounded_time(text: str, dialect: str | None, length: int) -> None:
    started = time.process_time()
    compiled = compile_text(text[:length], dialect=dialect)  # type: ignore[arg-type]  # one of the dialects
    if compiled.strategy is not None:
        found = compiled.strategy.find(TEXT)
        assert (found is not None) is compiled.strategy.matches(TEXT)
    assert time.process_time() - started < MOST_SECONDS
    assert len(compiled.problems) <= 1500


def test_lines_that_name_one_line_of_many_words_are_entered_quickly() -> None:
    long_line = " or ".join(f"word{nth}" for nth in range(15_000))
    lines = [long_line, *(f"1 and other{nth}" for nth in range(2, 500)), "or/1-499"]
    compiled = compile_text("\n".join(f"{nth}. {line}" for nth, line in enumerate(lines, 1)), dialect="ovid")
    assert compiled.strategy is not None
    started = time.process_time()
    assert Index({"a": compiled.strategy}).matching_many([TEXT]) == [[]]
    assert time.process_time() - started < 10


def test_a_wildcard_that_would_make_a_backtracking_engine_slow_is_quick() -> None:
    pattern = "a?" * 40 + "b"
    text = searchable(Entry(key="1", title="a" * 60 + " " + "a" * 40 + "b"))
    compiled = compile_text(f"{pattern}.ti.", dialect="ovid")
    assert compiled.strategy is not None
    started = time.process_time()
    assert compiled.strategy.matches(text)
    assert time.process_time() - started < 5
