"""Search: strategies that librarians write for Ovid and PubMed, matched against a stream of items.

A strategy is *read* (`dialects`): whatever was pasted, in whichever dialect, becomes one `tree`. The tree is *bound*
(`bind`): line references, blocks, field tags, headings (`headings`) and spelling variants are resolved into a flat
`plan` of `leaves`, in which what stands under a NOT is read more strictly. The plan is asked of records, each tokenised
once (`text`, with the one tokeniser of `tokens`), and answers with `evidence` or, for a miss, with an explanation
(`explain`). `strategy` does all of that for one; a plan is kept packed (`packing`). Many strategies are asked at once
in `stream`, which gives exactly their answers.

Nothing is ignored in silence: every part reports to one collector (`problems`), in codes that `docs/search-problems.md`
explains, with places in the strategy's own text: what is blanked or replaced keeps its length.

The room does no I/O, reads no clock, and depends on nothing but the model.
"""

from __future__ import annotations

from alerts.search.headings.vocabulary import Descriptor, Vocabulary
from alerts.search.problems import CODES
from alerts.search.strategy import Compiled, Strategy, compile, compile_text
from alerts.search.stream.index import Index
from alerts.search.text import SearchText, searchable
from alerts.search.tokens import fold, words

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
    "fold",
    "searchable",
    "words",
]
