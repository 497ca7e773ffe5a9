"""CSS selectors that a librarian writes: whether one can be used, and what it finds.

The page is read, and the selectors are tried, by Lexbor (through selectolax), which reads HTML as browsers do: what a
browser's own tools copy as a selector finds the same here, `tbody` that nobody wrote included. Its parser of selectors
says only that one is wrong, and nonsense can bring it down; so every selector first has to satisfy cssselect, which is
plain Python and says what is wrong and where.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

LONGEST = 300
_KNOWN = (
    "any-link", "empty", "first-child", "first-of-type", "has", "is", "last-child", "last-of-type", "link", "not",
    "nth-child", "nth-last-child", "nth-last-of-type", "nth-of-type", "only-child", "only-of-type", "root", "where",
)  # fmt: skip
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_BRACKETED = re.compile(r"\[[^\]]*\]")
_PSEUDO = re.compile(r"(?<!\\)(::?)([A-Za-z-]+)")
_AFTER = re.compile(r"([+~])\s*(?=\S)")


class BadSelector(ValueError):
    """A selector that cannot be used: what is wrong with it, and how to mend it."""

    def __init__(self, sentence: str, remedy: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.remedy = remedy


def check(selector: str, *, inside: bool = False) -> None:
    """Raise BadSelector unless `selector` can be used; `inside` an item it may begin with `+` or `~`."""
    if len(selector) > LONGEST:
        raise BadSelector(f"The selector is longer than {LONGEST} characters.", "Find a shorter one.")
    after = _AFTER.match(selector) if inside else None
    bare = selector[after.end() :] if after else selector
    _check_pseudo(bare)
    _check_grammar(bare, selector)


def _check_pseudo(selector: str) -> None:
    """Refuse what browsers and other tools know and a page that stands still does not."""
    if selector.startswith(("/", "(/", "./")):
        raise BadSelector(
            f"“{selector}” looks like XPath, not like a CSS selector.",
            "Write it as CSS: //div[@class='news']//a is div.news a.",
        )
    for colons, name in _PSEUDO.findall(_BRACKETED.sub("", _QUOTED.sub("", selector))):
        if colons == "::":
            raise BadSelector(
                f"“{selector}” selects no element: ::{name} is none.",
                "Leave it out; links and dates are taken from the element's href and datetime by themselves.",
            )
        if name.lower() not in _KNOWN:
            raise BadSelector(
                f"The selector “{selector}” uses “:{name}”, which cannot be used here.",
                f"Leave it out, or use one of: {', '.join(f':{each}' for each in _KNOWN)}.",
            )


def _check_grammar(bare: str, selector: str) -> None:
    from cssselect import SelectorError, parse
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    try:
        parse(bare)
        LexborHTMLParser("").css(bare)
    except SelectorError as wrong:
        why = re.sub(r"<(?:DELIM|IDENT|NUMBER|STRING|HASH) ('.*?') at (\d+)>", r"\1", str(wrong))
        why = re.sub(r"<EOF at \d+>", "its end", why).replace("ident", "a name").replace(", got ", " but found ")
        raise BadSelector(
            f"“{selector}” is no CSS selector: {why[:1].lower()}{why[1:]}.",
            "Write it like: ul.news > li, table.papers tr, #content h3 a.",
        ) from None
    except (SelectolaxError, UnicodeError, RecursionError):
        raise BadSelector(
            f"“{selector}” is a CSS selector that cannot be used here.", "Write it in a simpler way: ul.news > li."
        ) from None


def each(page: LexborHTMLParser, selector: str) -> list[LexborNode]:
    """Return the elements of a page that `selector` selects, in the order of the page, each once."""
    found = {node.mem_id: node for node in page.css(selector)}
    if "," not in selector:
        return list(found.values())
    return [node for node in page.css("*") if node.mem_id in found]  # a list of selectors answers one after the other


def within(item: LexborNode, selector: str, starts: frozenset[int] | set[int]) -> list[LexborNode]:
    """Return what `selector` finds in an item: itself or below, or after it up to the next of the items `starts`."""
    after = _AFTER.match(selector)
    if after is None:
        return item.css(selector)
    bare = selector[after.end() :]
    found: list[LexborNode] = []
    for sibling in _following(item, starts):
        found += sibling.css(bare)
        if after.group(1) == "+":
            break
    return found


def _following(item: LexborNode, starts: frozenset[int] | set[int]) -> Iterator[LexborNode]:
    sibling = item.next
    while sibling is not None and sibling.mem_id not in starts:
        if sibling.is_element_node:
            yield sibling
        sibling = sibling.next
