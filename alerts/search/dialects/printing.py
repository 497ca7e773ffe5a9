"""Printing a strategy back, in any dialect.

What a dialect cannot say is said as nearly as possible, with a note; without notes the printed text, read again,
matches exactly what the strategy matches. The text is printed from the tree, so debris is gone and brackets are
explicit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from itertools import product

from alerts.search.dialects.dates import read_date
from alerts.search.dialects.detect import Dialect
from alerts.search.dialects.subheadings import NAMES
from alerts.search.languages import language_words
from alerts.search.patterns import is_wild, literal_prefix
from alerts.search.text import ALL, BIT, DEFAULT
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

_RESERVED = re.compile(
    r"(?:and|or|not|adj\d*|exp|near|next|limit|use|search|hasabstract|pubmed|query|\d+"
    r"|ovid|medline|medall|embase|emcare|psycinfo|cinahl|hmic|cochrane|central|scopus|amed|assia|lilacs)$",
    re.IGNORECASE,
)
_OVID_TAGS = {
    "ti": "ti", "ab": "ab", "kw": "kf", "sh": "hw", "pt": "pt", "au": "au", "jn": "jn", "la": "la", "ui": "ui",
    "ad": "in",
}  # fmt: skip
_PUBMED_TAGS = {
    "ti": "ti", "ab": "ab", "kw": "ot", "pt": "pt", "au": "au", "jn": "ta", "la": "la", "ui": "pmid", "ad": "ad",
}  # fmt: skip
_TIABKW = BIT["ti"] | BIT["ab"] | BIT["kw"]
_TEXT_WORDS = DEFAULT | BIT["pt"]
_MOST_COMBINATIONS = 60
_FAR_FUTURE = "3000"


@dataclass(frozen=True, slots=True)
class Translated:
    """A strategy in another dialect, and what is not exactly the same there (nothing: it matches alike)."""

    text: str
    dialect: Dialect
    notes: tuple[str, ...] = ()


def translate(syntax: Syntax, to: Dialect) -> Translated:
    """Print the tree of a strategy in the dialect `to`."""
    printed, notes = lines_in(syntax, to)
    lines = [f"{number}. {text}" for number, text in printed] if len(printed) > 1 else [text for _, text in printed]
    return Translated("\n".join(lines), to, notes)


def lines_in(syntax: Syntax, to: Dialect, *, asked: bool = False) -> tuple[list[tuple[int, str]], tuple[str, ...]]:
    """Print each line by itself, with its number, in the dialect `to`; and what is not exactly the same there."""
    printer, printed = _Printer(to, asked), []
    for line in syntax.lines:
        if line.node is not None:
            printer.line = line.number
            printed.append((line.number, printer.line_text(line.node)))
    return printed, tuple(dict.fromkeys(printer.notes))


@dataclass(slots=True)
class _Printer:
    """Prints nodes; collects notes."""

    dialect: Dialect
    asked: bool = False
    notes: list[str] = field(default_factory=list)
    line: int = 0

    def line_text(self, node: Node) -> str:
        """Print the expression of one line, without brackets around it."""
        text = self._node(node, None)
        return text[1:-1] if _wrapped(text) else text

    def note(self, text: str) -> None:
        """Say what is not the same."""
        self.notes.append(f"line {self.line}: {text}")

    def _node(self, node: Node, fields: FieldSet | None) -> str:
        """Print one node; anything composite stands in brackets."""
        match node:
            case Term():
                return self._term(node, fields)
            case Heading():
                return self._heading(node)
            case Group():
                word = node.op if self.dialect == "ovid" else node.op.upper()
                return "(" + f" {word} ".join(self._node(child, fields) for child in node.children) + ")"
            case Not():
                word = "not" if self.dialect == "ovid" else "NOT"
                left = "" if node.left is None else self._node(node.left, fields) + " "
                return f"({left}{word} {self._node(node.right, fields)})"
            case Near():
                return self._near(node, fields)
            case Scoped():
                return self._scoped(node)
            case LineRef():
                if node.bare and fields is not None:
                    return self._term(Term((str(node.number),), str(node.number), 0, 0), fields)
                return str(node.number) if self.dialect == "ovid" else f"#{node.number}"
            case BlockRef():
                return f"#{node.id}"
            case Dates():
                return self._dates(node.first, node.last)
            case Limit():
                return self._limit(node, fields)

    def _scoped(self, node: Scoped) -> str:
        """Print a field tag: after a bracket in Ovid, before one in plain, at each term in PubMed."""
        if self.dialect == "ovid":
            return self._node_in_brackets(node.child, node.fields) + _ovid_tag(node.fields)
        if self.dialect == "pubmed" or node.fields.heading or node.fields.is_date or not node.fields.mask:
            return self._node(node.child, node.fields)
        return f"{_plain_tag(node.fields.mask)}:{self._node_in_brackets(node.child, None)}"

    def _node_in_brackets(self, node: Node, fields: FieldSet | None) -> str:
        """Print a node so that a tag binds to all of it."""
        text = self._node(node, fields)
        return text if isinstance(node, Term) or _wrapped(text) else f"({text})"

    def _words(self, node: Term) -> str:
        """Print the words of a term with the wildcards of the dialect."""
        if self.dialect == "ovid":
            return " ".join(node.words)
        return " ".join(self._wildcards(word) for word in node.words)

    def _wildcards(self, word: str) -> str:
        """Print one pattern outside Ovid, where fewer wildcards exist."""
        if not is_wild(word) or (word.endswith("*") and not is_wild(word[:-1])):
            return word
        if self.dialect == "plain":
            if "#" in word:
                self.note(f"# (exactly one letter) in {word} becomes ? (one or none)")
            return word.replace("#", "?")
        stem = literal_prefix(word)
        if not stem:
            self.note(f"{word} begins with a wildcard, which PubMed does not have")
            return re.sub(r"[*#?]+", "*", word)
        self.note(f"{word} becomes {stem}*, which is broader: PubMed truncates at the end only")
        return stem + "*"

    def _quoted(self, node: Term) -> str:
        """Print a term, quoted where it would be read otherwise."""
        text = self._words(node)
        simple = len(node.words) == 1 and not _RESERVED.match(text) and text[0] not in "#*?"
        return text if simple else f'"{text}"'

    def _term(self, node: Term, fields: FieldSet | None) -> str:
        """Print a term with the tag that applies to it."""
        if node.window is not None and len(node.words) > 1:
            return self._window(node, fields)
        if self.dialect == "ovid" and fields is not None and fields.is_date and not fields.mask:
            return node.written.strip('"')
        if self.dialect == "ovid" or fields is None:
            return self._quoted(node)
        return self._tagged(self._quoted(node), node, fields)

    def _tagged(self, text: str, node: Term, fields: FieldSet) -> str:
        """Print a tagged term in PubMed, or in plain where the tag is not one of plain's."""
        parts: list[str] = []
        if fields.heading and any(is_wild(word) for word in node.words):
            if self.dialect == "plain":
                self.note(f"a truncated heading ({text}) is printed as words, wherever they stand")
            return text if self.dialect == "plain" else f"{text}[mh]"
        if fields.heading:
            parts.append(self._heading(Heading(node.written.strip('"'), False, 0, 0)))
        if fields.is_date and not fields.mask:
            return self._date_term(node)
        if fields.mask:
            parts.extend(self._masked(text, fields.mask))
        if not parts:
            if fields.unanswerable and self.dialect == "pubmed":
                return f"{text}[nm]"
            if fields.unanswerable:
                self.note(f"{fields.written} is a field that no record has: printed as what never matches")
                return f"({text} NOT {text})"
            return text
        word = "or" if self.dialect == "ovid" else "OR"
        return parts[0] if len(parts) == 1 else "(" + f" {word} ".join(parts) + ")"

    def _masked(self, text: str, mask: int) -> list[str]:
        """Print a term in each field of `mask`."""
        if self.dialect == "plain":
            return [f"{_plain_tag(mask)}:{text}"]
        for whole, name in ((ALL, "all"), (_TEXT_WORDS, "tw"), (_TIABKW, "tiab")):
            if mask == whole:
                return [f"{text}[{name}]"]
        if mask == DEFAULT:
            return [text]
        parts: list[str] = []
        if mask & _TIABKW == _TIABKW:
            parts.append(f"{text}[tiab]")
            mask &= ~_TIABKW
        parts.extend(f"{text}[{tag}]" for name, tag in _PUBMED_TAGS.items() if mask & BIT[name])
        if mask & BIT["sh"]:
            self.note("a word in a heading has no tag in PubMed: printed as [tw], which is broader")
            parts.append(f"{text}[tw]")
        return parts

    def _date_term(self, node: Term) -> str:
        """Print `2015.yr.` elsewhere."""
        span = read_date(node.written)
        return self._dates(*span) if span is not None else self._quoted(node)

    def _window(self, node: Term, fields: FieldSet | None) -> str:
        """Print PubMed's proximity."""
        assert node.window is not None
        if fields is not None and not fields.mask and fields.unanswerable:
            return self._tagged(self._quoted(node), node, fields)
        if self.dialect == "pubmed":
            return self._window_in_pubmed(node, node.window, fields.mask if fields and fields.mask else DEFAULT)
        if len(node.words) > 2:
            self.note(
                f"“{node.written}” within {node.window} words becomes a chain of proximities, which is nearly the same"
            )
        singles = [self._quoted(Term((word,), word, 0, 0)) for word in node.words]
        operator = f"adj{node.window + 1}" if self.dialect == "ovid" else f"NEAR/{node.window}"
        text = singles[0]
        for single in singles[1:]:
            text = f"({text} {operator} {single})"
        if self.dialect == "plain" and fields is not None and fields.mask:
            return f"{_plain_tag(fields.mask)}:{text}"
        return text

    def _window_in_pubmed(self, node: Term, window: int, mask: int) -> str:
        """Print PubMed's proximity, which it has in title, title and abstract, and affiliation only."""
        text = f'"{" ".join(node.words)}"'
        for whole, name in ((BIT["ti"], "ti"), (_TIABKW, "tiab"), (BIT["ad"], "ad")):
            if mask == whole:
                return f"{text}[{name}:~{window}]"
        if not mask & (BIT["ti"] | BIT["ab"]):
            self.note("PubMed has no proximity in that field: the words are required, however far apart, broader")
            word = [self._tagged(f'"{each}"', node, FieldSet(mask)) for each in node.words]
            return "(" + " AND ".join(word) + ")"
        if mask & ~_TIABKW:
            self.note("PubMed has no proximity in headings and publication types: [tiab], which is narrower")
        if _TIABKW & ~mask:
            self.note("PubMed has no proximity in some of title, abstract and keywords: [tiab], which is broader")
        return f"{text}[tiab:~{window}]"

    def _near(self, node: Near, fields: FieldSet | None) -> str:
        """Print a proximity."""
        if self.dialect == "ovid":
            if node.ordered and node.gap:
                self.note("a proximity in a fixed order becomes adjN, which takes either order")
            operator = "adj" if node.ordered and not node.gap else f"adj{node.gap + 1}"
            return f"({self._node(node.left, fields)} {operator} {self._node(node.right, fields)})"
        if self.dialect == "plain":
            operator = f"NEXT/{node.gap}" if node.ordered else f"NEAR/{node.gap}"
            inside = f"({self._node(node.left, None)} {operator} {self._node(node.right, None)})"
            return f"{_plain_tag(fields.mask)}:{inside}" if fields is not None and fields.mask else inside
        return self._near_in_pubmed(node, fields)

    def _near_in_pubmed(self, node: Near, fields: FieldSet | None) -> str:
        """Print a proximity as PubMed's own, where its sides are words, else as AND."""
        left, right = _alternatives(node.left), _alternatives(node.right)
        if left is not None and right is not None and len(left) * len(right) <= _MOST_COMBINATIONS:
            pairs = list(product(left, right))
            if node.gap == 0:
                orders = [(*a, *b) for a, b in pairs] + [(*b, *a) for a, b in pairs if not node.ordered]
                return self._any_of(
                    [Term(words, " ".join(words), 0, 0, True) for words in dict.fromkeys(orders)], fields
                )
            single = all(len(a) == 1 == len(b) and not is_wild(a[0]) and not is_wild(b[0]) and a != b for a, b in pairs)
            if single and not node.ordered:
                terms = [Term((*a, *b), " ".join((*a, *b)), 0, 0, True, node.gap) for a, b in pairs]
                return self._any_of(terms, fields)
        self.note("PubMed has no such proximity: both sides are required, however far apart, which is broader")
        return f"({self._node(node.left, fields)} AND {self._node(node.right, fields)})"

    def _any_of(self, terms: list[Term], fields: FieldSet | None) -> str:
        """Print terms of which any is enough."""
        printed = [self._term(term, fields) for term in terms]
        return printed[0] if len(printed) == 1 else "(" + " OR ".join(printed) + ")"

    def _heading(self, node: Heading) -> str:
        """Print a heading."""
        bare = " ".join(re.sub(r"[\"\[\]{}]", " ", node.name).strip(" /*").split()) or "x"
        if self.dialect == "ovid":
            codes = ",".join(code for code in node.subheadings if code in NAMES)
            risky = re.search(r"\b(?:and|or|not|adj\d*|exp)\b|[()/.:;#]|^\d+$|--", bare, re.IGNORECASE)
            name = f'"{bare}"' if risky else bare
            return f"{'exp ' if node.explode else ''}{'*' if node.focus else ''}{name}/{codes}"
        if self.dialect == "pubmed":
            names = "".join("/" + NAMES.get(code, code) for code in node.subheadings)
            tag = ("majr" if node.focus else "mh") + ("" if node.explode else ":noexp")
            return f'"{bare.partition("/")[0]}{names}"[{tag}]'
        return f'mesh{"+" if node.explode else ""}:"{bare}"'

    def _dates(self, first: date | None, last: date | None) -> str:
        """Print a date range."""
        if first is None and last is None:
            self.note("what no item can answer, and counts as met, is printed as dates without bounds")
        if self.dialect == "ovid":
            begins = first.strftime("%Y%m%d") if first else "0001"
            return f'"{begins.rjust(4, "0")}-{last.strftime("%Y%m%d") if last else "current"}".dt.'
        begins = first.isoformat().replace("-", "/") if first else "0001"
        ends = last.isoformat().replace("-", "/") if last else _FAR_FUTURE
        return f"{begins}:{ends}[dp]" if self.dialect == "pubmed" else f'dp:"{begins}:{ends}"'

    def _limit(self, node: Limit, fields: FieldSet | None) -> str:
        """Print a limit."""
        if self.dialect == "ovid" and isinstance(node.child, LineRef):
            joined = (" or " if node.any_of else " and ").join(each.written for each in node.conditions)
            return f"limit {node.child.number} to {f'({joined})' if len(node.conditions) > 1 else joined}"
        child = self._node(node.child, fields)
        said = [(each.written, self._condition(each)) for each in node.conditions]
        kept, dropped = [text for _, text in said if text], [written for written, text in said if not text]
        if dropped:
            self.note(f"the limit to {', '.join(dropped)} is left out: use limits: in the profile")
        if not kept or (node.any_of and dropped):
            return child
        case = str.lower if self.dialect == "ovid" else str.upper
        limits = kept[0] if len(kept) == 1 else f"({case(' or ' if node.any_of else ' and ').join(kept)})"
        return f"({child}{case(' and ')}{limits})"

    def _condition(self, node: Condition) -> str:
        """Print one condition of a limit, or nothing: items may not tell, but PubMed's, if it is `asked`, all do."""
        if node.kind == "date":
            return self._dates(node.first, node.last)
        if not self.asked or node.kind not in ("language", "type"):
            return ""
        names = [language_words(each)[-1] if node.kind == "language" else each for each in node.values]
        tagged = [f'"{each}"[{"la" if node.kind == "language" else "pt"}]' for each in names]
        return tagged[0] if len(tagged) == 1 else f"({' OR '.join(tagged)})"


def _alternatives(node: Node) -> list[tuple[str, ...]] | None:
    """Return the phrases of one side of a proximity, or `None` when it is more than words and OR."""
    if isinstance(node, Term):
        return [node.words] if node.window is None else None
    if isinstance(node, LineRef) and node.bare:
        return [(str(node.number),)]
    if isinstance(node, Group) and node.op == "or":
        found: list[tuple[str, ...]] = []
        for child in node.children:
            inner = _alternatives(child)
            if inner is None:
                return None
            found.extend(inner)
        return found
    return None


def _wrapped(text: str) -> bool:
    """Tell whether one pair of brackets holds all of `text`."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth, quoted = 0, False
    for at, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif not quoted:
            depth += (char == "(") - (char == ")")
            if depth == 0:
                return at == len(text) - 1
    return False


def _ovid_tag(fields: FieldSet) -> str:
    """Print a field set as Ovid's tag."""
    if fields.mask == ALL:
        names = ["af"]
    elif fields.mask == _TEXT_WORDS:
        names = ["mp"]
    else:
        names = [tag for name, tag in _OVID_TAGS.items() if fields.mask & BIT[name]]
    if fields.heading:
        names.append("sh")
    if fields.is_date:
        names.append("dt")
    if fields.unanswerable:
        names.append("fs")
    return f".{','.join(names)}." if names else ""


def _plain_tag(mask: int) -> str:
    """Print a field set as plain's fields."""
    return "all" if mask == ALL else ",".join(name for name in BIT if mask & BIT[name])
