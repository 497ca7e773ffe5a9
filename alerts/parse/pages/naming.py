"""Selectors for an element, as a librarian would write them: an id or a class that says what it is, or its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from alerts.parse.pages import selectors

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_UNSTABLE = re.compile(
    r"^(?:active|current|selected|open|closed|show|hide|hidden|in|on|row|clearfix|container|wow|status-.*|format-.*"
    r"|js-.*|is-.*|has-.*|ng-.*|col|col-.*|fade.*|animat.*|lazy.*|[dmp][trblxy]?-.*|text-.*|flex.*|bg-.*|css-.*|sc-.*"
    r"|jsx-.*)$|(?:^|[-_])(?:first|last|odd|even)$|[^A-Za-z_-]",
    re.IGNORECASE,
)
_HASHED = re.compile(r"__[A-Za-z-]*[a-z][A-Z]|^[a-z]{1,3}[A-Z]\w{3,}_")


def ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """Yield what an element stands in, from the inside outwards, up to the body."""
    above = node.parent
    while above is not None and above.tag not in ("html", "-undef"):
        yield above
        above = above.parent


def classes(node: LexborNode) -> list[str]:
    """Return the classes of an element that say what it is, and not how it looks at the moment or which one it is."""
    return [
        each
        for each in (node.attributes.get("class") or "").split()
        if not (_UNSTABLE.search(each) or _HASHED.search(each))
    ][:4]


def stable_id(node: LexborNode) -> str:
    """Return the id of an element if it looks like one that somebody chose."""
    name = node.attributes.get("id") or ""
    return name if re.fullmatch(r"[A-Za-z][A-Za-z_-]{1,40}", name) else ""


def step(node: LexborNode) -> str:
    """Return tag and classes of an element as one step of a selector."""
    return ".".join([node.tag or "*", *classes(node)])


def ways_to(node: LexborNode, shared: Sequence[str]) -> Iterator[str]:
    """Yield selectors for an element, from the shortest to the most exact; `shared` are the classes that all have."""
    bare = node.tag or "*"
    own = ".".join([bare, *shared])
    above = list(ancestors(node))[:8]
    for name in shared:
        yield f"{bare}.{name}"
    if len(shared) > 1:
        yield own
    for each in above:
        if stable_id(each):
            yield f"#{stable_id(each)} {bare}"
            yield f"#{stable_id(each)} {own}"
        if classes(each):
            yield f"{step(each)} {own}"
            yield f"{step(each)} > {own}"
        elif each.tag in ("main", "article"):
            yield f"{each.tag} {own}"
    path = own
    for each in above:
        path = f"{step(each)} > {path}"
        yield path
        if stable_id(each):
            yield f"#{stable_id(each)} > {path.partition(' > ')[2]}"
    if "." not in own:
        yield own


def ways_within(node: LexborNode, item: LexborNode) -> Iterator[str]:
    """Yield selectors of an element within its item, the plainest that finds it first."""
    own = step(node)
    ways = [f"{node.tag}.{name}" for name in classes(node)]
    ways += [own] if len(ways) > 1 else []
    parent = node.parent
    if parent is not None and parent.mem_id != item.mem_id and classes(parent):
        ways += [f"{parent.tag}.{name} {each}" for name in reversed(classes(parent)) for each in (node.tag, own)]
        ways += [f"{parent.tag}.{name} {each}" for name in reversed(classes(parent)) for each in (node.tag, own)]
    if node.tag == "td" or node.tag == "th":
        ways.append(f"{node.tag}:nth-child({place(node)})")
    elif parent is not None and parent.tag in ("td", "th"):
        ways.append(f"{parent.tag}:nth-child({place(parent)}) {own}")
    ways.append(own)
    if node.tag not in ("a", "td", "th"):
        ways.append(f"{node.tag}:nth-of-type({place(node, node.tag)})")
    for way in ways:
        try:
            selectors.check(way)
        except selectors.BadSelector:
            continue
        first = item.css_first(way)
        if first is not None and first.mem_id == node.mem_id:
            yield way


def place(node: LexborNode, tag: str | None = None) -> int:
    """Return which child of its parent an element is, from 1; with `tag`, which of that tag."""
    place, before = 1, node.prev
    while before is not None:
        place += before.is_element_node and tag in (None, before.tag)
        before = before.prev
    return place
