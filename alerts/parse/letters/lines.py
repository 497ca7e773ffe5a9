"""A letter as a reader sees it: one line after the other, with its links, and whether it stands out as a heading.

Newsletters are tables within tables; what belongs together can be told only from what follows what. So HTML is read in
one pass, without a tree, into lines; hidden text (the preview line, tracking pixels, Outlook's own comments) is left
out. Plain text becomes lines of the same kind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree  # type: ignore[import-untyped]

from alerts.parse import clean

MOST_LINES = 8_000
MOST_LINKS = 1_000
_MOST_ELEMENTS = 100_000
_LONGEST_LINE = 20_000
_LONGEST = 2_000_000
_BLOCKS = frozenset(
    re.findall(r"\S+", "address article aside blockquote body br center dd div dl dt figure footer form header hr li "
    "main nav ol p pre section table tbody td th tr ul h1 h2 h3 h4 h5 h6 title caption figcaption tfoot thead")
)  # fmt: skip
_SILENT = frozenset(
    {"script", "style", "head", "noscript", "template", "svg", "object", "iframe", "select", "textarea"}
)
_EMPTY = frozenset({"br", "hr", "img", "meta", "link", "input", "area", "base", "col", "wbr", "embed", "source"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BOLD = frozenset({"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6"})
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|max-height\s*:\s*0(?![.\d])|font-size\s*:\s*[01]px"
    r"|opacity\s*:\s*0(?![.\d])",
    re.IGNORECASE,
)
_HEAVY = re.compile(
    r"font-weight\s*:\s*(?:bold|[6-9]00)|font-size\s*:\s*(?:1[89]|[2-9]\d)(?:\.\d+)?p[xt]", re.IGNORECASE
)
_LIGHT = re.compile(r"font-weight\s*:\s*(?:normal|[1-4]00)", re.IGNORECASE)


@dataclass(slots=True)
class Link:
    """A link within a line: where it leads, its words, and the words of its images."""

    href: str
    words: str = ""
    images: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Line:
    """A line: its text, its links, and how much it stands out (1 to 6 as HTML has headings, 7 for bold, 0 for text)."""

    text: str = ""
    links: list[Link] = field(default_factory=list)
    level: int = 0


@dataclass(slots=True)
class Page:
    """The lines of a letter; `cut` when there was more of it than is looked at."""

    lines: list[Line] = field(default_factory=list)
    cut: bool = False


class _Reader:
    """Collects lines from the events of lxml's parser."""

    def __init__(self) -> None:
        self.page = Page()
        self._open: list[tuple[str, bool, bool]] = []
        self._hidden = self._bold = self._heading = 0
        self._text: list[str] = []
        self._size = self._bold_letters = self._letters = self._links_seen = 0
        self._links: list[Link] = []
        self._link: Link | None = None
        self._link_text: list[str] = []
        self._level = self._elements = 0

    def start(self, tag: str, told: dict[str, str]) -> None:
        """Take the beginning of an element; of a letter that has too much in it nothing more is taken."""
        self._elements += 1
        self.page.cut = self.page.cut or self._elements > _MOST_ELEMENTS
        if self.page.cut:
            return
        if tag in _BLOCKS:
            self._end_line()
        style = str(told.get("style", ""))
        hidden = tag in _SILENT or "hidden" in told or _HIDDEN.search(style) is not None
        bold = tag in _BOLD or _HEAVY.search(style) is not None or (tag != "a" and self._bold > 0)
        bold = bold and not _LIGHT.search(style)
        if tag == "img" and not self._hidden and not hidden:
            self._image(told)
        if tag in _EMPTY:
            return
        self._open.append((tag, hidden, bold or (tag == "a" and self._bold > 0)))
        self._hidden += hidden
        self._bold = self._bold + 1 if self._open[-1][2] else self._bold
        self._heading = _HEADINGS.get(tag, self._heading)
        if tag == "a" and told.get("href") and not self._hidden:
            self._begin_link(str(told["href"]))

    def end(self, tag: str) -> None:
        """Take the end of an element; those left open within it end with it."""
        if self.page.cut:
            return
        if tag == "a":
            self._end_link()
        if tag in _BLOCKS:
            self._end_line()
        if tag in _EMPTY or not any(each[0] == tag for each in self._open[-50:]):
            return
        while self._open:
            name, hidden, bold = self._open.pop()
            self._hidden -= hidden
            self._bold -= bold
            if name in _HEADINGS:
                self._heading = 0
            if name == tag:
                return

    def data(self, text: str) -> None:
        """Take text."""
        if self._hidden or self._size > _LONGEST_LINE or self.page.cut:
            return
        self._text.append(text)
        self._size += len(text)
        letters = sum(not each.isspace() for each in text)
        self._letters += letters
        if letters:
            self._level = self._level or self._heading
            self._bold_letters += letters if self._bold else 0
            if self._link is not None:
                self._link_text.append(text)
        elif self._link is not None:
            self._link_text.append(" ")

    def comment(self, text: str) -> None:
        """Leave comments out: Outlook's own mark-up stands in them."""

    def pi(self, target: str, data: str | None = None) -> None:
        """Leave processing instructions out."""

    def close(self) -> Page:
        """Return what was read."""
        self._end_line()
        return self.page

    def _image(self, told: dict[str, str]) -> None:
        if self._link is not None and len(self._link.images) < 10:
            self._link.images.append(clean.line(str(told.get("alt", "") or told.get("title", "")), 300))

    def _begin_link(self, href: str) -> None:
        self._end_link()
        self._links_seen += 1
        if self._links_seen > MOST_LINKS:
            self.page.cut = True
            return
        self._link = Link(href)
        self._links.append(self._link)

    def _end_link(self) -> None:
        if self._link is not None:
            self._link.words = clean.line(f"{self._link.words} {''.join(self._link_text)}")
        self._link, self._link_text = None, []

    def _end_line(self) -> None:
        if not self._text and not self._links:
            return
        carried = self._link
        self._end_link()
        text = clean.line("".join(self._text), _LONGEST_LINE)
        links = [each for each in self._links if each.words or each.images]
        if text or links:
            if len(self.page.lines) >= MOST_LINES:
                self.page.cut = True
            else:
                bold = self._bold_letters >= 0.8 * self._letters > 0
                self.page.lines.append(Line(text, links, self._level or (7 if bold else 0)))
        self._text, self._links, self._size, self._level = [], [], 0, 0
        self._letters = self._bold_letters = 0
        if carried is not None:  # a link around several lines: its first line with words has been taken
            self._link = Link(carried.href) if carried.words or carried.images else carried
            self._links = [self._link]


def of_html(html: str) -> Page:
    """Return the lines of HTML."""
    reader = _Reader()
    is_cut = len(html) > _LONGEST
    parser = etree.HTMLParser(target=reader, encoding="utf-8", no_network=True, huge_tree=False)
    text = clean_of_surrogates(html[:_LONGEST])
    if not text.strip():
        return reader.page
    try:
        parser.feed(text.encode("utf-8"))
        parser.close()
    except etree.LxmlError:
        reader.close()
    reader.page.cut = reader.page.cut or is_cut
    return reader.page


def clean_of_surrogates(text: str) -> str:
    """Return text that can be encoded: lone surrogates and NULs are nothing to show."""
    return re.sub("[\x00\ud800-\udfff]", "", text)


_ADDRESS = re.compile(
    r"(?P<open>[<\[(]\s*)?(?P<url>https?://[^\s<>\[\]\"]{3,2000})(?P<close>\s*[>\])])?", re.IGNORECASE
)
_RULE = re.compile(r"^\s*([-=_*~#+])\1{3,}\s*$")
_BULLET = re.compile(r"^\s*(?:[*•·▪–—-]|\d{1,2}[.)])\s+")
_WRAPPED_FROM = 58


def of_text(text: str) -> Page:
    """Return the lines of plain text: wrapped lines joined, lines underlined or in capitals taken for headings."""
    page = Page(cut=len(text) > _LONGEST)
    seen = 0
    for paragraph in re.split(r"\n[ \t]*\n", clean_of_surrogates(text[:_LONGEST]).replace("\r\n", "\n")):
        lines = _unwrapped(paragraph.split("\n"))
        for at, told in enumerate(lines):
            if _RULE.match(told):
                if page.lines and at and not page.lines[-1].links:
                    page.lines[-1].level = page.lines[-1].level or 2
                continue
            line = _line_of(told)
            seen += len(line.links)
            if len(page.lines) >= MOST_LINES or seen > MOST_LINKS:
                page.cut = True
                return page
            if line.text or line.links:
                line.level = _level_of(line, at, len(lines))
                page.lines.append(line)
    return page


def _unwrapped(lines: list[str]) -> list[str]:
    """Join lines that were broken at the margin: one that is nearly full goes on in the next."""
    out: list[str] = []
    before = ""
    for told in (each.rstrip() for each in lines):
        full = len(before) >= _WRAPPED_FROM and "://" not in before and not _RULE.match(before)
        if out and full and told.strip() and not _BULLET.match(told) and not _RULE.match(told):
            out[-1] = f"{out[-1]} {told.strip()}"
        else:
            out.append(told)
        before = told
    return [each for each in out if each.strip()]


def _line_of(told: str) -> Line:
    links: list[Link] = []
    shown: list[str] = []
    at = 0
    for found in _ADDRESS.finditer(told):
        before = _BULLET.sub("", told[at : found.start()]).strip()
        href = found["url"] if found["open"] else found["url"].rstrip(".,;:!?)'")
        links.append(Link(href, clean.line(before.rstrip(" :-–")) or href))
        shown.append(before)
        at = found.end() if found["open"] else found.start("url") + len(href)
    shown.append(_BULLET.sub("", told[at:]) if not links else told[at:])
    return Line(clean.line(" ".join(shown), _LONGEST_LINE), links)


def _level_of(line: Line, at: int, lines: int) -> int:
    letters = [each for each in line.text if each.isalpha()]
    if line.links or len(line.text) > 120 or len(letters) < 3:
        return 0
    if all(each.isupper() for each in letters):
        return 3
    return 7 if at == 0 and lines > 1 and not line.text.endswith((".", ",", ";")) else 0
