"""A second reading of the search language: plain, slow, and written from the rule book alone.

It shares the tree with the matcher and nothing else. A record is its fields, each a list of words for every value; a
node is asked by itself, a line once; a term answers with every place where it stands. What a vocabulary looks for as
words (no everyday phrases, nothing very short) is the vocabulary's to say; what follows from it is worked out here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import permutations, product

from alerts.model.profiles import Block
from alerts.model.records import Entry
from alerts.search.headings.vocabulary import Descriptor, natural_orders, usable
from alerts.search.text import BIT
from alerts.search.tree import (
    BlockRef,
    Condition,
    Dates,
    FieldSet,
    Group,
    Heading,
    Limit,
    LineRef,
    Near,
    Node,
    Not,
    Scoped,
    Syntax,
    Term,
)

Words = list[str]
Place = tuple[str, int, int, int]
"""A field, which of its values, and the first and last word."""

INLINE = {"a", "b", "em", "i", "small", "span", "strong", "sub", "sup", "u"}
NO_TAG = ("ti", "ab", "kw", "sh")
OWN_WORDS = ("ti", "ab", "kw")
LANGUAGES = {"en": ["en", "eng", "english"], "de": ["de", "ger", "deu", "german"]}


def plain_words(text: str) -> Words:
    """Tokenise by the book: tags, format characters, NFKC, case, marks; then runs of letters and digits."""
    without_tags = re.sub(r"</?([a-zA-Z]+)[^<>]*>", lambda tag: "" if tag[1].lower() in INLINE else " ", text)
    kept = "".join(char for char in without_tags if unicodedata.category(char) != "Cf")
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", kept).casefold())
    bare = "".join(char for char in folded if not unicodedata.category(char).startswith("M"))
    return re.findall(r"[^\W_]+", bare)


@cache
def accepts(pattern: str, word: str) -> bool:
    """Try a pattern letter by letter."""
    if not pattern:
        return not word
    head, rest = pattern[0], pattern[1:]
    if head == "*":
        return any(accepts(rest, word[cut:]) for cut in range(len(word) + 1))
    if head == "?":
        return accepts(rest, word) or (bool(word) and accepts(rest, word[1:]))
    if head == "#":
        return bool(word) and accepts(rest, word[1:])
    return bool(word) and word[0] == head and accepts(rest, word[1:])


def fields_of(entry: Entry) -> dict[str, list[Words]]:
    """Return the words of every value of every field."""
    stored = {
        "ti": [entry.title],
        "ab": [entry.summary],
        "kw": entry.keywords,
        "sh": entry.headings,
        "pt": entry.publication_types,
        "au": entry.authors,
        "jn": [entry.journal, entry.publisher],
        "la": LANGUAGES.get(entry.language, []),
        "ui": [*(each.value for each in entry.identifiers), *entry.issn],
        "ad": entry.affiliations,
    }
    return {name: [plain_words(value) for value in values] for name, values in stored.items()}


@dataclass
class Rows:
    """A vocabulary as a list of headings, searched from end to end."""

    rows: Sequence[Descriptor]
    called: dict[tuple[str, ...], Descriptor] = field(default_factory=dict)
    known: dict[tuple[str, bool], tuple[set[tuple[str, ...]], set[tuple[str, ...]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.rows:
            for term in row.entry_terms:
                self.called.setdefault(tuple(plain_words(term)), row)
        self.called.update({tuple(plain_words(row.name)): row for row in self.rows})

    def meaning(self, name: str, explode: bool) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
        """Return the headings of a record that count, and the phrases of a text that do."""
        if (name, explode) not in self.known:
            self.known[(name, explode)] = self.worked_out(name, explode)
        return self.known[(name, explode)]

    def worked_out(self, name: str, explode: bool) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
        key = tuple(plain_words(name))
        written = {tuple(order) for order in natural_orders(name)}
        top = self.called.get(key)
        if top is None:
            return {key}, written
        family = [top]
        for row in self.rows if explode else ():
            if any(number.startswith(above + ".") for number in row.tree_numbers for above in top.tree_numbers):
                family.append(row)
        phrases = set(written)
        for row in family:
            for term in (row.name, *row.entry_terms):
                for order in natural_orders(term):
                    one_word = (
                        len(order) == 1 and order[0][:4] == plain_words(top.name)[0][:4] and len(top.name.split()) == 1
                    )
                    if usable(term, order) or (row is top and (term == top.name or one_word)):
                        phrases.add(order)
        return {tuple(plain_words(row.name)) for row in family} | {key}, phrases


@dataclass
class Reference:
    """Evaluates a tree on one entry, straight from the rule book."""

    syntax: Syntax
    entry: Entry
    vocabulary: Rows = field(default_factory=lambda: Rows([]))
    blocks: Mapping[str, tuple[Block, Syntax]] = field(default_factory=dict)
    places: frozenset[str] = frozenset()
    spellings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    values: dict[str, list[Words]] = field(init=False)
    lines: dict[tuple[int, int], bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = fields_of(self.entry)

    def result(self, number: int, nots: int = 0) -> bool:
        """Ask a line, standing under so many NOTs."""
        if (number, nots) not in self.lines:
            node = next(line.node for line in self.syntax.lines if line.number == number)
            assert node is not None
            self.lines[(number, nots)] = self.holds(node, None, nots)
        return self.lines[(number, nots)]

    def holds(self, node: Node, tag: FieldSet | None, nots: int) -> bool:
        match node:
            case Group():
                answers = [self.holds(child, tag, nots) for child in node.children]
                return any(answers) if node.op == "or" else all(answers)
            case Not():
                left = node.left is None or self.holds(node.left, tag, nots)
                return left and not self.holds(node.right, tag, nots + 1)
            case Scoped():
                return self.holds(node.child, node.fields, nots)
            case Term() if tag is not None and tag.is_date and not tag.mask:
                year = int(node.written.strip('"'))
                return self.dated(date(year, 1, 1), date(year, 12, 31), nots)
            case Term() if tag is not None and tag.heading and not any(char in "*?#" for char in "".join(node.words)):
                whole = self.heading(node.written, explode=False, nots=nots)
                return whole or bool(self.stands(node, names(tag.mask)))
            case LineRef() if not (node.bare and tag is not None):
                return self.result(node.number, nots)
            case BlockRef():
                block, syntax = self.blocks[node.id]
                inside = Reference(syntax, self.entry, self.vocabulary, self.blocks, self.places, self.spellings)
                return bool(block.met_by_places & self.places) or inside.result(syntax.lines[-1].number, nots)
            case Heading():
                return self.heading(node.name, explode=node.explode, nots=nots)
            case Dates():
                return self.dated(node.first, node.last, nots)
            case Limit():
                met = [self.meets(condition, nots) for condition in node.conditions]
                return self.holds(node.child, tag, nots) and (any(met) if node.any_of else all(met))
            case _:
                fields = None if tag is None else names(tag.mask)
                if tag is not None and tag.heading:
                    fields = [*names(tag.mask), "sh"] if nots else [*names(tag.mask), *NO_TAG]
                return bool(self.stands(node, fields))

    def dated(self, first: date | None, last: date | None, nots: int) -> bool:
        """A record without a date is neither left out for want of one, nor excluded."""
        if self.entry.published is None or (first is None and last is None):
            return nots % 2 == 0
        day = self.entry.published.date()
        return (first is None or first <= day) and (last is None or day <= last)

    def meets(self, condition: Condition, nots: int) -> bool:
        """What a record does not say neither leaves it out nor excludes it."""
        match condition.kind:
            case "date":
                return self.dated(condition.first, condition.last, nots)
            case "language" if self.values["la"]:
                return any([each] in self.values["la"] for each in condition.values)
            case "type" if self.values["pt"]:
                return any(plain_words(each) in self.values["pt"] for each in condition.values)
            case "heading" if self.values["sh"]:
                return any([each] in self.values["sh"] for each in condition.values)
            case "abstract" if self.entry.summary:
                return True
        return nots % 2 == 0

    def heading(self, name: str, *, explode: bool, nots: int) -> bool:
        """The record's own headings; but for under a NOT also the words of its text."""
        own, phrases = self.vocabulary.meaning(name, explode)
        if any(tuple(plain_words(each.split("/")[0])) in own for each in self.entry.headings):
            return True
        longest = max((len(phrase) for phrase in phrases), default=0)
        return nots == 0 and any(
            tuple(value[at : at + size]) in phrases
            for name in OWN_WORDS
            for value in self.values[name]
            for at in range(len(value))
            for size in range(1, longest + 1)
        )

    def stands(self, node: Node, fields: Sequence[str] | None) -> set[Place]:
        """Return every place where a term or a proximity stands."""
        match node:
            case LineRef(bare=True):
                return self.stands(Term((str(node.number),), "", 0, 0), fields)
            case Scoped():
                return self.stands(node.child, names(node.fields.mask))
            case Group(op="or"):
                return {place for child in node.children for place in self.stands(child, fields)}
            case Near():
                pairs = product(self.stands(node.left, fields), self.stands(node.right, fields))
                return {
                    (field, nth, min(a, c), max(b, d))
                    for (field, nth, a, b), (other, mth, c, d) in pairs
                    if (field, nth) == (other, mth)
                    and (0 <= c - b - 1 <= node.gap or (not node.ordered and 0 <= a - d - 1 <= node.gap))
                }
            case Term():
                return {
                    (name, nth, *span)
                    for name in (NO_TAG if fields is None else fields)
                    for nth, value in enumerate(self.values[name])
                    for span in self.spans(node, value)
                }
        raise AssertionError(node)

    def spans(self, term: Term, value: Words) -> list[tuple[int, int]]:
        """Return the first and last word of each place where a term stands in a value."""
        size = len(term.words)
        if term.window is None:
            return [
                (at, at + size - 1)
                for at in range(len(value) - size + 1)
                if all(self.fits(word, value[at + nth]) for nth, word in enumerate(term.words))
            ]
        width = size + term.window
        return [
            (min(chosen), max(chosen))
            for at in range(len(value))
            for chosen in permutations(range(at, min(at + width, len(value))), size)
            if all(self.fits(word, value[place]) for word, place in zip(term.words, chosen, strict=True))
        ]

    def fits(self, pattern: str, word: str) -> bool:
        """Tell whether a word satisfies a pattern in one of its spellings."""
        return any(accepts(each, word) for each in (pattern, *self.spellings.get(pattern, ())))


def names(mask: int) -> list[str]:
    """Return the fields that a tag asks for."""
    return [name for name, bit in BIT.items() if mask & bit]
