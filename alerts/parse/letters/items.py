"""Lines to items: which links of a letter are publications, what they are called, and which words belong to them.

Three shapes cover what newsletters do. A *headline* is a link that is its line: the lines that follow, up to the next,
are its summary. A paragraph under a heading with "Read more" takes the heading for its title. A link *within* a
paragraph is called by its own words where they say something, else by the heading, else by the sentence it stands in.
Images are items only where their link is nowhere else. The same link twice is one item, with the better title.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from alerts.parse import keys
from alerts.parse.letters.boilerplate import FOOTER, is_boilerplate
from alerts.parse.letters.lines import Line, Link
from alerts.parse.letters.redirects import Followed, decoded, is_personal

_GENERIC = re.compile(
    r"""^\W*(?:please\ )?(?:(?:click|tap|press|go|see|visit|follow)\ )?(?:on\ |to\ )?(?:the\ |this\ |our\ )?(?:
    (?:here|link|button|this|now|more|continue|next|go|open|see|view|read|watch|listen|download|details?|info|website|
      webpage|web\ page|page|site|article|report|full\ report|paper|study|story|blog|blog\ post|post|publication|
      document|
      guidance|guide|briefing|resource|resources|survey|video|podcast|webinar|event|register|book|apply|form|pdf|
      slides|
      summary|abstract|data|dataset|statistics|press\ release|news|source|website\ here|full\ text|plain\ text|
      evidence|consultation)
    | (?:read|find|learn|discover|see|view|watch|listen|get|explore|hear|tell\ me|show\ me|know)\ (?:out\ |on\ |
      all\ )?(?:more|all|on|now|here|further|less)\b.{0,60}
    | (?:read|view|see|download|access|open|get|watch|listen\ to|take|visit|explore|check\ out|complete|join|
      have\ your\ say)\ (?:on\ |in\ )?(?:the|this|our|your|their|it|its|a)?\ ?
      (?:full|whole|complete|entire|latest|new|short|executive|rest\ of\ the)?\ ?(?:\w+\ )?(?:article|report|
      story|paper|study|blog|post|guidance|guide|news|
      publication|document|briefing|resource|resources|summary|statement|letter|release|here|now|pdf|website|page|
      survey|video|podcast|webinar|tool|toolkit|
      slides|consultation|research|evidence|findings|review|framework|strategy|data|statistics|evaluation|text|
      recording|details|link|site)
    | (?:more|further|full|additional)\ (?:information|details|info|story|text|here|news|about\ this|
      on\ this)(?:\ here|\ and\ .{0,30})?
    | (?:for\ )?(?:more|further)\ (?:information|details)\b.{0,40}
    | (?:register|book|sign\ up|apply|reserve|enrol|subscribe|rsvp|respond|reply|contribute|take\ part|
      get\ involved)\b.{0,40}
    | continue\ reading | keep\ reading | full\ (?:article|story|report|text|paper|details) | darllen\ mwy |
      rhagor | mwy | weiterlesen | mehr | lire\ (?:la\ suite|plus)|leer\ m[aá]s
    )(?:\ (?:here|now|online|today|more|\(pdf.{0,20}\)|pdf))?\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
_URL = re.compile(
    r"^\W*(?:https?://|www\.)\S+\W*$|^\W*[\w.-]+\.(?:org|com|uk|gov|net|int|eu|scot|wales)(?:/\S*)?\W*$", re.I
)
_FILE = re.compile(
    r"^\S+\.(?:png|jpe?g|gif|svg|webp|bmp|pdf|docx?|xlsx?|pptx?)\W*$|^(?:img|image|dsc|photo|picture)[\W_\d]*$", re.I
)
_PICTURE = re.compile(
    r"^(?:an? )?(?:image|photo(?:graph)?|picture|screenshot|illustration|icon|graphic|thumbnail|logo)\b"
    r"|\b(?:logo|icon|banner|button)$",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"(])")
_BROKEN = re.compile(
    r"(?:,|\b(?:a|an|and|at|by|can|find|for|from|go|in|is|it|of|on|or|our|see|that|the|to|via|visit|with))\W*$", re.I
)
_SECTIONS = 60
_MOST_LINES = 6
_LONGEST_SUMMARY = 4_000
_LONGEST_HEADING = 200
_END_FROM = 0.5
HEADLINE, UNDER_HEADING, WITHIN, PICTURE = 4, 3, 2, 1


@dataclass(slots=True)
class Item:
    """One item: its title, where it leads, who alone knows (`tracker`), the words about it, the section it is in."""

    title: str
    address: str
    tracker: str
    rank: int
    summary: list[str] = field(default_factory=list)
    section: str = ""
    before: str = ""


@dataclass(slots=True)
class _Found:
    """A usable link of a line."""

    link: Link
    where: Followed

    @property
    def words(self) -> str:
        return self.link.words


def items_of(lines: list[Line], leave_out: Iterable[str] = ()) -> list[Item]:
    """Return the items of a letter, in its order, each once."""
    maker = _Maker(tuple(leave_out))
    for line in lines[: _end_of(lines)]:
        maker.take(line)
    return _each_once(maker.items)


def _end_of(lines: list[Line]) -> int:
    """Return where the letter's end begins: what explains the mailing, in its last part; nothing there is an item."""
    first = int(len(lines) * _END_FROM)
    return next((at for at, line in enumerate(lines) if at >= first and FOOTER.search(line.text[:300])), len(lines))


def is_generic(words: str) -> bool:
    """Tell whether the words of a link say nothing of what it leads to: "Read more", "here", an address, a file."""
    plain = " ".join(words.split())[:300]
    return not any(each.isalpha() for each in plain) or any(form.match(plain) for form in (_GENERIC, _URL, _FILE))


def _is_title(words: str) -> bool:
    return not is_generic(words) and (len(words.split()) > 1 or len(words) >= 10)


def _says_much(words: str) -> bool:
    return _is_title(words) and (len(words.split()) >= 4 or len(words) >= 25)


def _shortened(text: str, most: int = 160) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"


class _Maker:
    """Goes through the lines, remembering the heading above and the item that a line may still belong to."""

    def __init__(self, leave_out: tuple[str, ...]) -> None:
        self.items: list[Item] = []
        self._leave_out = leave_out
        self._heading = ""
        self._heading_used = True
        self._level = 0
        self._section = ""
        self._paragraphs: list[str] = []
        self._open: Item | None = None
        self._picture: Item | None = None

    def take(self, line: Line) -> None:
        """Take the next line."""
        found = [each for each in map(self._usable, line.links) if each is not None]
        if found:
            self._with_links(line, found)
        elif not line.links or not self._is_dull(line):
            self._without_links(line)

    def _usable(self, link: Link) -> _Found | None:
        where = decoded(link.href)
        named = link.words or next((each for each in link.images if each), "")
        if not where.address or is_boilerplate(named, where.address, self._leave_out):
            return None
        return _Found(link, where)

    def _is_dull(self, line: Line) -> bool:
        """Tell whether a line is no more than its links, none of which is an item."""
        return sum(len(each.words) for each in line.links) >= 0.6 * len(line.text)

    def _without_links(self, line: Line) -> None:
        text = line.text
        if self._picture is not None and not self._picture.title and _is_title(text):
            self._picture.title = _shortened(text)
        if line.level and len(text) <= _LONGEST_HEADING and not is_generic(text):
            if not self._heading_used and not self._paragraphs and line.level >= self._level:
                self._section = self._heading
            elif line.level < self._level or len(text) <= _SECTIONS:
                self._section = ""
            self._heading, self._heading_used, self._level = text, False, line.level
            self._open, self._paragraphs, self._picture = None, [], None
        elif self._open is not None:
            if len(self._open.summary) < _MOST_LINES and sum(map(len, self._open.summary)) < _LONGEST_SUMMARY:
                self._open.summary.append(text)
        else:
            self._paragraphs = [*self._paragraphs[-_MOST_LINES:], text]

    def _with_links(self, line: Line, found: list[_Found]) -> None:
        named = any(_says_much(each.words) for each in found)
        of_links = not _said_beside(line.text, line.links)
        for each in found:
            if not each.words:
                self._image(each)
            elif of_links and len(found) > 1 and _says_much(each.words):
                self._headline(each, Line(each.words))
            elif _is_title(each.words) and len(each.words) >= 0.6 * len(line.text):
                self._headline(each, line)
            elif is_generic(each.words):
                if not named:  # else it is about what the line names
                    self._more(each, line)
            else:
                self._within(each, line)

    def _add(self, each: _Found, title: str, rank: int, summary: list[str]) -> Item:
        made = Item(title, each.where.address, each.where.tracker, rank, summary, self._section)
        self.items.append(made)
        return made

    def _headline(self, each: _Found, line: Line) -> None:
        if not self._heading_used and not self._paragraphs and self._heading != each.words:
            self._section = self._heading
        made = self._add(each, each.words, HEADLINE, [])
        made.before = self._paragraphs[-1] if self._paragraphs else ""
        rest = line.text.replace(each.words, "", 1).strip(" -–—|:·()[]")
        if len(rest) > 1:
            made.summary.append(rest)
        self._open, self._paragraphs, self._heading_used, self._picture = made, [], True, None

    def _more(self, each: _Found, line: Line) -> None:
        """Take "Read more": of the item above, or of the heading, or of the paragraph before it."""
        text = line.text
        told = _without(text, each.words)
        if self._open is not None and self._heading_used:
            if told and told not in self._open.summary and len(self._open.summary) < _MOST_LINES:
                self._open.summary.append(told)
            if not self._open.address:
                self._open.address, self._open.tracker = each.where
            return
        paragraphs = [*self._paragraphs, *([text] if told else [])]
        title = self._heading if not self._heading_used else ""
        if not title and paragraphs:
            title = _shortened(_first_sentence(paragraphs[0], each.words).rstrip(" :-–"))
        if is_generic(title) or is_boilerplate(title, each.where.address, self._leave_out):
            return
        made = self._add(each, title, UNDER_HEADING, paragraphs)
        self._open, self._paragraphs, self._heading_used, self._picture = made, [], True, None

    def _within(self, each: _Found, line: Line) -> None:
        if _says_much(each.words):
            if not self._heading_used and len(self._heading) <= _SECTIONS:
                self._section = self._heading
            self._add(each, each.words[0].upper() + each.words[1:], WITHIN, [line.text])
            self._open, self._paragraphs, self._heading_used = None, [], True
            return
        if not self._heading_used:
            made = self._add(each, self._heading, UNDER_HEADING, [*self._paragraphs, line.text])
            self._open, self._paragraphs, self._heading_used = made, [], True
            return
        if self._open is not None and self._open.rank == HEADLINE:
            self._open.summary.append(line.text) if line.text not in self._open.summary else None
            return
        sentence = next((part for part in _SENTENCE.split(line.text) if each.words in part), line.text)
        if self._open is not None and len(line.links) > 1 and not _said_beside(sentence, line.links):
            return  # one more way to the item above: "Full text | PDF | Library catalogue"
        title = each.words if len(line.text) <= len(each.words) + 20 else _shortened(sentence)
        if _is_title(title):
            self._add(each, title, WITHIN, [line.text])

    def _image(self, each: _Found) -> None:
        alt = next((words for words in each.link.images if _says_much(words) and not _PICTURE.search(words)), "")
        self._picture = self._add(each, alt, PICTURE, [])


def _said_beside(text: str, links: Iterable[Link]) -> bool:
    """Tell whether a line says anything beside the words of its links."""
    for each in sorted(links, key=lambda link: -len(link.words)):
        if each.words:
            text = text.replace(each.words, " ", 1)
    return any(each.isalnum() for each in text)


def _first_sentence(text: str, words: str) -> str:
    """Return the first sentence of a paragraph that says something; the words of its link only where they end it."""
    sentences = _SENTENCE.split(text)
    first = next((each for each in sentences if not is_generic(each)), sentences[0])
    bare = _without(first, words)
    return bare if bare and first.rstrip(" .»›>→)]").endswith(words) and not _BROKEN.search(bare) else first


def _without(text: str, words: str) -> str:
    """Return a line without the words of its link and the signs around them."""
    at = text.rfind(words)
    return (text[:at] + text[at + len(words) :]).strip(" -–—|:·>»→›[]()") if at >= 0 else text


def _each_once(items: list[Item]) -> list[Item]:
    """Return items without the second, third … place of the same link or, where links are numbers, the same title."""
    kept = _merged(items, lambda item: "" if is_personal(item.tracker) else item.address)
    titled = [each for each in kept if each.title]
    kept = _merged(titled, lambda item: " ".join(keys.folded(item.title)), plain_only=False)
    near = {id(first) for first, then in pairwise(titled) if first.rank == PICTURE and then.rank > PICTURE
            and is_personal(first.tracker)}  # fmt: skip
    return [each for each in kept if id(each) not in near]


def _merged(items: list[Item], name_of: Callable[[Item], str], *, plain_only: bool = True) -> list[Item]:
    first: dict[str, Item] = {}
    out: list[Item] = []
    for item in items:
        name = name_of(item)
        known = first.get(name) if name else None
        if known is None or (not plain_only and not _may_be_one(known, item)):
            first.setdefault(name, item)
            out.append(item)
        else:
            _join(known, item)
    return out


def _may_be_one(known: Item, item: Item) -> bool:
    """Tell whether two items of one title may be one: unless both lead to plain and different places."""
    return bool(known.tracker or item.tracker) or known.address == item.address or PICTURE in (known.rank, item.rank)


def _join(known: Item, item: Item) -> None:
    """Let the better of two places of one item say its title, the longer its summary."""
    if known.title == "" or (item.title and item.rank > known.rank):
        known.title, known.rank = item.title, item.rank
        known.section = item.section or known.section
    if known.tracker and not item.tracker:
        known.address, known.tracker = item.address, item.tracker
    if sum(map(len, item.summary)) > sum(map(len, known.summary)):
        known.summary = item.summary
    known.before = known.before or item.before
