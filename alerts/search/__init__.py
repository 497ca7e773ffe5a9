"""Search: strategies that librarians write for Ovid and PubMed, matched against a stream of items.

A strategy is *read* (`reading`): debris is blanked in place (`debris`), the text is split into lines (`lines`), the
dialect is said or detected (`detect`), and one reader per dialect (`ovid`, `pubmed`, `plain`) walks each line and
drives the one `builder`, so that all three make the same `tree`. The tree is *bound* (`bind`): line references,
blocks, field tags, headings and spelling variants are resolved into a flat `plan` of `leaves`, in which what stands
under a NOT is read more strictly. The plan is asked of records, each tokenised once (`text`, with the one tokeniser
of `tokens`), and answers with `evidence` or, for a miss, with an explanation. A plan is kept packed (`packing`). The
`index` asks many strategies at once and gives exactly their answers: their `demands` are `entries` under words
(`anchors`, `tables`), and a `single` record, or a `batch` of them, leads to what it meets.

Nothing is ignored in silence: every part reports to one collector (`problems`), in codes that `docs/search-problems.md`
explains, with places in the strategy's own text: what is blanked or replaced keeps its length.

The room does no I/O, reads no clock, and depends on nothing but the model.
"""

from __future__ import annotations

from alerts.search.index import Index
from alerts.search.problems import CODES
from alerts.search.source import decode
from alerts.search.strategy import Compiled, Strategy, compile, compile_text
from alerts.search.text import SearchText, searchable
from alerts.search.tokens import fold, words
from alerts.search.vocabulary import Descriptor, Vocabulary

__all__ = [
    "CODES",
    "Compiled",
    "Descriptor",
    "Index",
    "SearchText",
    "Strategy",
    "Vocabulary",
    "compile",
    "compile_text",
    "decode",
    "fold",
    "searchable",
    "words",
]
