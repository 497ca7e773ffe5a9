"""Untrusted HTML to plain text that keeps words apart and together, and to a short allow-list of mark-up.

Block tags separate words, inline tags do not: `<p>alpha</p><p>beta</p>` is two lines, `PM<sub>2.5</sub>` one word.
Headings inside an abstract become labels: `<h4>Background</h4><p>Text` reads "Background: Text". nh3 (html5ever) does
the parsing, so that broken mark-up is read as a browser reads it; what it returns is simple enough to convert by
pattern.
"""

from __future__ import annotations

import html as entities
import re
from html.entities import html5

import nh3

from alerts.parse import clean, markup

HTML_LIMIT = 32_768
"""Characters of HTML that are looked at: nh3 is quadratic in depth (SAFETY, limits)."""

KEPT = frozenset(["b", "i", "em", "strong", "sub", "sup", "p", "br", "ul", "ol", "li"])
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_BLOCKS = (
    frozenset(
        re.findall(
            r"\S+",
            """
    address article aside blockquote caption center dd details dialog div dl dt fieldset figcaption figure
    footer form header hr legend main nav option pre section summary table tbody td tfoot th thead title tr
    """,
        )
    )
    | _HEADINGS
)
_DROPPED = frozenset(
    re.findall(
        r"\S+",
        """
    script style noscript iframe object embed svg template textarea select button head
    """,
    )
)
# MathML is shown by its own text; its annotation repeats it in TeX.
_CLEANER = nh3.Cleaner(
    tags=set(KEPT | _BLOCKS),
    clean_content_tags=set(_DROPPED | {"annotation", "annotation-xml"}),
    attributes={"div": {"class"}},
    link_rel=None,
)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^>]*)>")
_ANY_TAG = re.compile(
    r"</?(?:a|abbr|abs|article|b|big|bold|blockquote|br|center|cite|code|dd|div|dl|dt|em|figure|font|h[1-6]|hr|i|img|inf"
    r"|ins|italic|jats:[\w-]+|kbd|li|list|list-item|mml:\w+|math|nobr|ol|p|pre|q|s|scp|sec|section|small|span|st|strike"
    r"|strong|sub|sup|table|tbody|td|th|tr|tt|u|ul|var|wbr"
    r"|script|style|iframe|svg|video|audio|input|form|title|body|html)(?:\s[^<>]*|/)?>|<!--",
    re.IGNORECASE,
)
_TO_CHANGE = re.compile(rf"<(?!/?(?:{'|'.join(sorted(KEPT))})>)")
"""A tag that is not kept as it stands; simple HTML has no other `<`."""
_BLOCK_START = re.compile(r"(<(?:p|div|li|br|section|td)\b[^>]*>)\s*")
_EMPTY_PARAGRAPH = re.compile(r"<p>\s*</p>")
_SPACE = re.compile(r"\s{2,}|[^\S ]")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_FURTHER_LAYERS = 2
_MARKED = re.compile(r"<(i|em|b|strong|sub|sup|span)\b[^<>]*>[^<>]*</\1>", re.IGNORECASE)
_LABELS = re.findall(
    r"\S+",
    """
    aim aims background context introduction importance rationale purpose objective objectives hypothesis
    question questions design setting settings location participants patients population subjects sample
    intervention interventions exposure exposures method methods methodology results findings result discussion
    interpretation conclusion conclusions limitations funding implications relevance significance registration
    abstract summary
    """,
)
_LONE_LABEL = re.compile(r"^([A-Z][\w’'-]*(?:[ ,/&]+[\w’'-]+){0,5}:)\n(?=\S)", re.MULTILINE)
_BARE_LABELS = frozenset(
    re.split(
        r";\s*",
        "Background; Objective; Objectives; Aim; Aims; Method; Methods; Results; Findings; Methods and findings; "
        "Principal findings; Conclusion; Conclusions; Discussion; Introduction; Interpretation; Design; Setting; "
        "Participants; Intervention; Interventions; Main outcome measures",
    )
)
_BARE_LABEL = re.compile(rf"^({'|'.join(sorted(_BARE_LABELS))})\n(?=\S)", re.MULTILINE)
_LABEL = re.compile(
    r"^<(b|strong|em|i)>\s*((?:[A-Z][\w’'-]*)(?:[ ,/&]+[\w’'-]+){0,5})\s*[:.]?\s*</\1>\s*[:.]?\s*(?=\S)", re.MULTILINE
)


def looks_like_html(raw: str) -> bool:
    """Tell whether `raw` holds mark-up that a publisher means as HTML (`p < 0.05` is text)."""
    return "<" in raw and _ANY_TAG.search(raw) is not None


def _parsed(raw: str) -> str:
    """Return `raw` as simple, balanced HTML of known tags."""
    cut = raw[:HTML_LIMIT]
    if len(raw) > HTML_LIMIT:
        cut = cut[: cut.rfind("<")] if cut.rfind("<") > cut.rfind(">") else cut
    cleaned = _CLEANER.clean(markup.in_html(cut)).replace("&nbsp;", " ")
    return _SPACE.sub(" ", cleaned) if "  " in cleaned or not cleaned.isprintable() else cleaned


def _label_of_bold(found: re.Match[str]) -> str:
    words = found.group(2)
    return f"{words}: " if words.split()[0].strip(",").lower() in _LABELS else found.group()


def _lines_of(parsed: str) -> str:
    """Return simple HTML as text with a line for each block."""
    out: list[str] = []
    at = 0
    heading_from = -1
    glue = ""
    for tag in _TAG.finditer(parsed):
        piece = parsed[at : tag.start()]
        if glue and piece.strip():
            out.append(glue)
            glue = ""
        out.append(piece)
        at = tag.end()
        closing, name, rest = tag.groups()
        if not closing and (name in _HEADINGS or (name == "div" and "boxTitle" in rest)):
            out.append("\n")
            heading_from = len(out)
            glue = ""
            continue
        if heading_from >= 0 and closing and (name in _HEADINGS or name == "div"):
            words = "".join(out[heading_from:]).strip()
            del out[heading_from:]
            heading_from = -1
            out.append(words)
            glue = " " if words.endswith((":", ".", "?", "!")) else ": "
            glue = glue if words and len(words) <= 80 else "\n"
        elif glue and glue != "\n":
            continue
        elif name == "br" or name == "p" or name == "li" or name in _BLOCKS or name in ("ul", "ol"):
            out.append("\n")
    out.append(glue if parsed[at:].strip() or glue == "\n" else "")
    out.append(parsed[at:])
    return "".join(out)


def _as_text(parsed: str) -> str:
    flat = parsed
    if "<b>" in parsed or "<strong>" in parsed:
        flat = _LABEL.sub(_label_of_bold, _unwrapped(parsed))
    text = clean.text(spelt_out(entities.unescape(_lines_of(flat))))
    if ":\n" in text:
        text = _LONE_LABEL.sub(r"\1 ", text)
    if "\n" in text and not _BARE_LABELS.isdisjoint(text.split("\n")):
        text = _BARE_LABEL.sub(r"\1: ", text)
    return text


def _character(found: re.Match[str]) -> str:
    """Return the character that an entity names; one that HTML does not know stays as it is ("AT&T;")."""
    whole = found.group()
    return entities.unescape(whole) if whole[1] == "#" or whole[1:] in html5 else whole


def spelt_out(text: str) -> str:
    """Return text whose mark-up is gone already with the entities that are left in it read, at most two layers.

    Some publishers escape twice or three times: "Medicare &amp;amp; Medicaid", "&amp;lt;32 weeks". What comes of it is
    text and is never read as mark-up again, even where it looks like a tag.
    """
    for _ in range(_FURTHER_LAYERS):
        if "&" not in text or not _ENTITY.search(text):
            break
        text = _ENTITY.sub(_character, text)
    return text


def _unwrapped(parsed: str) -> str:
    """Put every block on its own line, so that a bold label at its start can be seen."""
    return _BLOCK_START.sub(r"\1\n", parsed)


def plain(raw: str) -> str:
    """Return text without mark-up as clean text; blank lines separate blocks, single line ends are only wrapping."""
    if "&" in raw and _ENTITY.search(raw):
        raw = spelt_out(entities.unescape(raw))
    if "\n" not in raw and "\r" not in raw:
        return clean.text(raw)
    blocks = _PARAGRAPH.split(raw.replace("\r\n", "\n").replace("\r", "\n"))
    return clean.text("\n".join(" ".join(block.split()) for block in blocks))


def to_text(raw: str, base: str = "") -> str:
    """Return HTML (or plain text) as clean text, each block on a line of its own.

    `base` is accepted for symmetry with links and not needed: no address survives in text.
    """
    return _as_text(_parsed(raw)) if looks_like_html(raw) else plain(raw)


def to_line(raw: str, limit: int = clean.TITLE_LIMIT) -> str:
    """Return a title, which may or may not be HTML and may be escaped twice, as one clean line."""
    for _ in range(2):
        if looks_like_html(raw):
            raw = _as_text(_parsed(raw))
        elif "&" in raw and _ENTITY.search(raw):
            raw = entities.unescape(raw)
        else:
            break
        if not (_MARKED.search(raw) or _ENTITY.search(raw)):
            break
    return clean.line(spelt_out(raw), limit)


def _once_escaped(parsed: str) -> str:
    """Return simple HTML whose text, where it was escaped again and again, is escaped once."""
    if "&amp;" not in parsed:
        return parsed
    pieces: list[str] = []
    at = 0
    for tag in _TAG.finditer(parsed):
        pieces += [_escaped_again(parsed[at : tag.start()]), tag.group()]
        at = tag.end()
    return "".join([*pieces, _escaped_again(parsed[at:])])


def _escaped_again(piece: str) -> str:
    return entities.escape(spelt_out(entities.unescape(piece)), quote=False) if "&amp;" in piece else piece


def _kept(parsed: str) -> str:
    """Return simple HTML with only the allow-listed tags, other blocks turned into breaks."""

    def keep(tag: re.Match[str]) -> str:
        closing, name, _ = tag.groups()
        if name in KEPT:
            return f"<{closing}{name}>"
        if name in _HEADINGS:
            return "</strong></p>" if closing else "<p><strong>"
        return "<br>"

    marked = _once_escaped(parsed)
    if _TO_CHANGE.search(marked):
        marked = _TAG.sub(keep, marked)
    if "<br>" in marked:
        marked = re.sub(r"(?:<br>\s*)+(?=</?(?:p|ul|ol|li)>|$)|^(?:\s*<br>)+", "", marked)
        marked = re.sub(r"(</?(?:p|ul|ol|li)>)(?:\s*<br>)+", r"\1", marked)
        marked = re.sub(r"<br>(?:\s*<br>)+", "<br>", marked)
    return _EMPTY_PARAGRAPH.sub("", marked).strip()


def _escaped(text: str) -> str:
    return entities.escape(text, quote=False).replace("\n", "<br>")


def allow_listed(raw: str) -> str:
    """Return HTML with nothing but `b i em strong sub sup p br ul ol li`, no attributes, clean characters."""
    return clean.text(_kept(_parsed(raw)), HTML_LIMIT) if looks_like_html(raw) else _escaped(plain(raw))


def both(raw: str) -> tuple[str, str]:
    """Return (`to_text`, `allow_listed`) of `raw`, parsed once."""
    if not looks_like_html(raw):
        twice = entities.unescape(raw) if "&lt;/" in raw else ""
        if not looks_like_html(twice):
            text = plain(raw)
            return text, _escaped(text)
        raw = twice  # HTML that was escaped once too often
    parsed = _parsed(raw)
    return _as_text(parsed), clean.text(_kept(parsed), HTML_LIMIT)


_ABSTRACT = re.compile(
    r"^(<p>)?\s*(?:<(strong|b)>)?\s*(?:abstract|summary)\s*:?\s*(?:</\2>)?\s*:?\s*(?:</p>|<br>)?", re.I
)
_EDGES = re.compile(r"(</?(?:p|ul|ol|li)>|<br>)")


def without_lines(marked: str, dropped: list[str]) -> str:
    """Return allow-listed HTML without the blocks whose text is one of `dropped`."""
    gone = {line.rstrip(" :.") for line in dropped}
    pieces = _EDGES.split(marked)
    kept = [
        ""
        if number % 2 == 0
        and piece.strip()
        and clean.line(entities.unescape(_TAG.sub("", piece)), HTML_LIMIT).rstrip(" :.") in gone
        else piece
        for number, piece in enumerate(pieces)
    ]
    joined = re.sub(r"<br>(?:\s*<br>)+", "<br>", re.sub(r"<(p|li)>\s*</\1>", "", "".join(kept)))
    return re.sub(r"^(?:\s*<br>)+|(?:<br>\s*)+$", "", joined).strip()


def without_abstract_heading(marked: str) -> str:
    """Return allow-listed HTML without the word "Abstract" at its head."""
    found = _ABSTRACT.match(marked)
    return (found.group(1) or "") * (not found.group().endswith("</p>")) + marked[found.end() :] if found else marked
