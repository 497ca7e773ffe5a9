"""What stands above an issue that is shown to the librarian before it is sent.

It is put into the finished mail and not drawn by the templates, so that an operator's own templates show it as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from textwrap import wrap

_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_BOX = (
    "max-width:600px;margin:0 auto 16px;padding:16px;border:4px solid #ffb81c;background-color:#fff9e5;color:#212b32;"
    "font-family:Arial,sans-serif;font-size:16px;line-height:24px;"
)
_LINE = "margin:0 0 8px;color:#212b32 !important;"
"""The box keeps its light ground, so its words keep their colour against what a mail says of dark screens."""


def html_with(page: str, lines: Sequence[str]) -> str:
    """Return an HTML mail with these lines above everything that readers see."""
    told = "".join(f'<p style="{_LINE}">{escape(each)}</p>' for each in lines)
    box = f'<div role="complementary" aria-label="Draft for review" style="{_BOX}">{told}</div>'
    found = _BODY.search(page)
    at = found.end() if found else 0
    return page[:at] + box + page[at:]


def text_with(text: str, lines: Sequence[str]) -> str:
    """Return a text mail with these lines above everything that readers see."""
    told = "\n\n".join("\n".join(wrap(each, 72, break_long_words=False, break_on_hyphens=False)) for each in lines)
    rule = "=" * 72
    return f"{rule}\n{told}\n{rule}\n\n{text}"
