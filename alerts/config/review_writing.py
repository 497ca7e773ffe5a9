"""A draft written as its review file: what a librarian finds there, and how it explains itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from alerts.config.review_file import SAMPLE, Block
from alerts.model.text import one_line


@dataclass(frozen=True, slots=True)
class Page:
    """What a review file is written from. `deadline` is a whole sentence; `automatic` the subject it has by itself."""

    title: str
    draft: int
    version: int
    deadline: str
    automatic: str
    subject: str
    note: str
    items: tuple[Block, ...]
    more: tuple[Block, ...] = ()
    left_over: int = 0


_GUIDE = """\
Change what you like in this file and save it. Saving is the decision: within a minute
the new draft comes to you by mail, or a mail that says in which line something is wrong.
When the draft is right, write yes after “approve:” on the last line and save.
Nothing goes to readers before.

  keep:  yes    it is in the issue
         title  only its title is listed, at the end of the issue
         no     it is left out, for good
         later  it is left out now and offered again for the next issue
  pin:   yes    it comes first under its heading
  note:         your own words, shown in place of the summary; where they hold a colon,
                put the whole text "in quotation marks: like this"
  order         move whole blocks up or down; each stays under its heading

Lines that begin with # are for you: they say nothing. If the file is beyond mending,
delete it: it is written anew."""

_OWN = f"""\
# An item of your own: take the # away from these lines and fill them in. Copy them for a second one.
#  - title: {SAMPLE[0]}
#    publisher: {SAMPLE[1]}
#    date: 2 November 2026
#    type: guidance
#    link: {SAMPLE[2]}
#    closes:
#    note:
"""


def review_text(page: Page) -> str:
    """Return a draft as the text of its review file; the same draft gives the same text."""
    lines = [f"# {one_line(page.title)}: draft for review", "#"]
    lines += [f"# {each}".rstrip() for each in _GUIDE.splitlines()]
    lines += ["#", f"# {page.deadline}", ""]
    lines += [
        f"draft: {page.draft}      # this line and the next are the service's own: leave them",
        f"version: {page.version}",
    ]
    lines += [
        "",
        "# The subject of the mail; empty: as it is by itself, which is now:",
        f"#   {one_line(page.automatic)}",
    ]
    lines += [_pair("subject", page.subject), "", "# A note from the library, at the top of the issue."]
    lines += [_pair("note", page.note), "", "items:"]
    lines += _blocks(page.items)
    if page.more:
        lines += [
            "",
            "# These are listed by title only, since there was no room. keep: yes puts one into the issue.",
            "more:",
        ]
        lines += _blocks(page.more)
    if page.left_over:
        lines += [f"# {page.left_over} more are listed by title; they are too many for this file."]
    lines += ["", _OWN.rstrip().replace("#  - title", "add:\n#  - title", 1), ""]
    lines += ["# Write yes here when the issue is right, and save: it is sent to its readers.", "approve: no", ""]
    return "\n".join(lines)


def _blocks(blocks: Sequence[Block]) -> list[str]:
    lines: list[str] = []
    heading = None
    for each in blocks:
        if each.heading != heading:
            heading = each.heading
            lines += ["", f"  # ---- {one_line(heading) or 'Left out'} ----"]
        lines += ["", f"  - id: {each.number}", f"    title: {_quoted(each.title)}", f"    keep: {each.keep}"]
        if each.keep in ("yes", "title") and not each.is_fixed:
            lines.append(f"    pin: {'yes' if each.pin else 'no'}")
        lines.append(f"    {_pair('note', each.note)}")
        if each.keep == "no" and each.reason:
            lines.append(f"    {_pair('reason', each.reason)}")
    return lines


def _pair(name: Literal["subject", "note", "reason"], text: str) -> str:
    return f"{name}: {_quoted(text)}" if text else f"{name}:"


def _quoted(text: str) -> str:
    """Return a text between double quotes, as YAML and JSON both read it."""
    return json.dumps(one_line(text), ensure_ascii=False)
