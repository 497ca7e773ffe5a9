"""The review file: a draft as a file that a librarian edits and saves, and what a saved one says.

It is written for people who have an editor and nothing else. It is read as strictly as every other file here: all that
is wrong at once, each with its place; and only what *differs* from the text that the librarian began with counts as
said, so that a file saved late takes back nothing that was decided elsewhere meanwhile.

`approve` is required and stands on the last line: a file that an editor has written only half of can never approve.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from alerts.config.drafts import placed
from alerts.config.fields import EVIDENCE_TYPE, LINE, PROSE, parse_flag, whole
from alerts.config.nearest import did_you_mean
from alerts.config.reading import read_tree
from alerts.config.shape import Form, Listing, Part, Refused, Value, key
from alerts.config.tree import Mapping as Tree
from alerts.config.tree import Node
from alerts.errors import Problem
from alerts.model.drafts import Keep
from alerts.model.text import cut, one_line

SUBJECT_LENGTH = 150
"""A longer subject is cut by mail programs or refused by servers."""
MOST_LISTED = 300
"""So many items that are listed by title only are in the file; the commands reach the others."""


def _keep(text: str) -> Keep:
    said = text.lower()
    if said in ("later", "title"):
        return said  # type: ignore[return-value]  # one of two of Keep's own words
    try:
        return "yes" if parse_flag(text) else "no"
    except Refused:
        remedy = did_you_mean(said, ("yes", "no", "later", "title"), "Write one of: yes, title, no, later.")
        raise Refused(f"“{text[:80]}” cannot be used here.", remedy) from None


def _yes_or_no(text: str) -> bool:
    try:
        return parse_flag(text)
    except Refused:
        raise Refused(f"“{text[:80]}” is neither yes nor no.", "Write yes or no, and nothing else.") from None


def _subject(text: str) -> str:
    if len(text) > SUBJECT_LENGTH:
        raise Refused(f"The subject is longer than {SUBJECT_LENGTH} characters.", "A phone shows 40: make it shorter.")
    parsed: str = LINE.parse(text)
    return parsed


NUMBER = whole(1, 10**15)
YES_OR_NO = Value(_yes_or_no, {"type": "boolean"})
KEEP: Value[Keep] = Value(_keep, {"enum": ["yes", "title", "no", "later"]})


class ItemForm(Form):
    """One block of a review file."""

    id: int = key(NUMBER, "The item's number.")
    title: str | None = key(LINE, "Its title.", default=None)
    keep: Keep = key(KEEP, "What becomes of it.")
    pin: bool = key(YES_OR_NO, "First under its heading.", default=False)
    note: str | None = key(PROSE, "Words in place of its summary.", default=None)
    reason: str | None = key(LINE, "Why it is left out.", default=None)


class AddedForm(Form):
    """One item of the librarian's own."""

    title: str = key(LINE, "Its title.")
    publisher: str = key(LINE, "Who published it.")
    date: str = key(LINE, "The day of publication.")
    type: str = key(EVIDENCE_TYPE, "Its type of evidence.")
    link: str | None = key(LINE, "Its address.", default=None)
    closes: str | None = key(LINE, "The last day to answer.", default=None)
    note: str | None = key(PROSE, "Words in place of a summary.", default=None)


class ReviewForm(Form):
    """A review file."""

    draft: int = key(NUMBER, "The draft that it is about.")
    version: int = key(NUMBER, "Which of the files written for it.")
    subject: str | None = key(Value(_subject, {}), "The subject.", default=None)
    note: str | None = key(PROSE, "The librarian's note at the top.", default=None)
    items: tuple[ItemForm, ...] = key(Listing(Part(ItemForm)), "What is in the issue.", default=())
    more: tuple[ItemForm, ...] = key(Listing(Part(ItemForm)), "What is listed by title only.", default=())
    add: tuple[AddedForm, ...] = key(Listing(Part(AddedForm)), "Items of the librarian's own.", default=())
    approve: bool = key(YES_OR_NO, "yes: send it.")


@dataclass(frozen=True, slots=True)
class Block:
    """One item as a review file says it."""

    number: int
    title: str
    keep: Keep
    heading: str = ""
    pin: bool = False
    note: str = ""
    reason: str = ""
    is_fixed: bool = False
    """A correction: it is always told."""


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


@dataclass(frozen=True, slots=True)
class Saved:
    """What a review file says, as far as it could be read."""

    form: ReviewForm
    root: Tree
    shown: str

    def problem(self, code: str, path: tuple[str | int, ...], sentence: str, remedy: str = "") -> Problem:
        """Return a finding at the value that `path` leads to."""
        return placed(code, self.root, path, sentence, remedy).at(self.shown)

    def blocks(self) -> list[tuple[tuple[str | int, ...], ItemForm]]:
        """Return every block with its path, in the order of the file."""
        both = (("items", self.form.items), ("more", self.form.more))
        return [((name, at), each) for name, blocks in both for at, each in enumerate(blocks)]


@dataclass(frozen=True, slots=True)
class Said:
    """What a saved file says that the text it began with did not; items by their numbers."""

    keep: Mapping[int, tuple[Keep, str]]
    pins: Mapping[int, bool]
    notes: Mapping[int, str]
    order: tuple[int, ...] | None
    subject: str | None
    note: str | None
    added: tuple[AddedForm, ...]
    approve: bool


def read_review(text: str, shown: str) -> tuple[Saved | None, tuple[Problem, ...]]:
    """Read a review file; what is wrong with it by itself is said at its place, all at once."""
    root, problems = read_tree(text)
    if not isinstance(root, Tree):
        return None, tuple(each.at(shown) for each in problems or (_not_ours(root),))
    found = list(problems)
    form = ReviewForm.read(root, found) if all(each.code == "C017" for each in found) else None
    if form is None or found:
        whole = [_half(root, text) if each.code == "C021" and "approve" in each.message else each for each in found]
        return None, tuple(each.at(shown) for each in whole)
    return Saved(form, root, shown), ()


def _half(root: Tree, text: str) -> Problem:
    """Return the finding that the last line of a file is not there: it may have been saved by half."""
    named = root.key("approve")
    end = named.line if named is not None else text.count("\n", 0, len(text.rstrip())) + 1
    sentence = "The last line, “approve: yes” or “approve: no”, is missing or says nothing: is the file whole?"
    remedy = "If it is, write “approve: no” as its last line. If not, delete the file: it is written anew."
    return Problem("C021", "error", sentence, remedy, line=end, column=1)


def _not_ours(root: Node | None) -> Problem:
    line, column = (root.line, root.column) if root is not None else (0, 0)
    remedy = "Delete the file: it is written anew, as the draft is now."
    return Problem("C018", "error", "This is no review file.", remedy, line=line, column=column)


def foreign(saved: Saved) -> Problem:
    """Return the finding that a file is about no draft that its bulletin ever had."""
    remedy = "Delete the file: it is written anew when an issue is held."
    return saved.problem("C092", ("draft",), "This file is about no draft that its bulletin ever had.", remedy)


def compared(saved: Saved, base: Saved, blocks: Iterable[Block]) -> tuple[Said, tuple[Problem, ...]]:
    """Return what `saved` says that `base` did not, and what in it nobody can do.

    `blocks` are the items of the draft as it is now.
    """
    now = {each.number: each for each in blocks}
    before = {each.id: each for _, each in base.blocks()}
    problems = [*_of_blocks(saved, before, now), *_of_order(saved, base, now)]
    keep: dict[int, tuple[Keep, str]] = {}
    pins: dict[int, bool] = {}
    notes: dict[int, str] = {}
    for _, each in saved.blocks():
        was = before.get(each.id)
        if was is None:
            continue
        if (each.keep, each.reason) != (was.keep, was.reason):
            keep[each.id] = (each.keep, each.reason or "")
        if each.pin != was.pin:
            pins[each.id] = each.pin
        if (each.note or "") != (was.note or ""):
            notes[each.id] = one_line(each.note or "")
    order, began = _order(saved), _order(base)
    is_moved = [each for each in order if each in began] != [each for each in began if each in order]
    form, old = saved.form, base.form
    return (
        Said(
            keep=keep,
            pins=pins,
            notes=notes,
            order=order if is_moved else None,
            subject=(form.subject or "") if form.subject != old.subject else None,
            note=one_line(form.note or "") if form.note != old.note else None,
            added=tuple(each for each in form.add if each not in old.add),
            approve=form.approve,
        ),
        tuple(problems),
    )


def _order(saved: Saved) -> tuple[int, ...]:
    """Return the numbers of what is to be shown, in the order of the file."""
    return tuple(each.id for _, each in saved.blocks() if each.keep == "yes")


def _of_blocks(saved: Saved, before: Mapping[int, ItemForm], now: Mapping[int, Block]) -> list[Problem]:
    """Return blocks that are missing, doubled, foreign, or changed in what is not the librarian's to change."""
    problems: list[Problem] = []
    seen: set[int] = set()
    for path, each in saved.blocks():
        if each.id in seen:
            problems.append(saved.problem("C090", (*path, "id"), f"Item {each.id} is here twice.", "Keep one of them."))
        elif each.id not in before:
            sentence = f"There is no item {each.id} in this draft."
            problems.append(
                saved.problem("C090", (*path, "id"), sentence, "Take the block away; use add: for your own.")
            )
        elif each.title is not None and each.title != before[each.id].title:
            remedy = f"Write your own words after note:; the title is: {before[each.id].title}"
            problems.append(saved.problem("C091", (*path, "title"), "A title is the publisher's and stays.", remedy))
        seen.add(each.id)
        there = now.get(each.id)
        was = before.get(each.id)
        if there is not None and there.is_fixed and each.keep != "yes" and was is not None and was.keep == "yes":
            remedy = "Write keep: yes; your own words about it go after note:."
            problems.append(saved.problem("C091", (*path, "keep"), "A correction is always told.", remedy))
        if each.pin and each.keep != "yes" and was is not None and not was.pin:
            remedy = "Write keep: yes, or pin: no."
            problems.append(saved.problem("C091", (*path, "pin"), "Only what is in the issue can be pinned.", remedy))
    for number, was in before.items():
        if number not in seen:
            remedy = f"To leave it out, write a block of two lines: “- id: {number}” and below it “keep: no”."
            sentence = f"Item {number}, “{cut(was.title or '', 60)}”, is missing."
            problems.append(saved.problem("C090", ("items",), sentence, remedy))
    return problems


def _of_order(saved: Saved, base: Saved, now: Mapping[int, Block]) -> list[Problem]:
    """Return blocks that were moved under another heading: that follows from an item's type."""
    began = {each.id for _, each in base.blocks()}
    headings = list(dict.fromkeys(now[each].heading for each in _order(base) if each in now))
    problems: list[Problem] = []
    furthest = 0
    for path, each in saved.blocks():
        there = now.get(each.id)
        if path[0] != "items" or each.keep != "yes" or there is None or each.id not in began or not there.heading:
            continue
        place = headings.index(there.heading) if there.heading in headings else furthest
        if place < furthest:
            sentence = f"This item stands under “{there.heading}”, by its type, wherever its block is."
            remedy = f"Move the block back up to the others of “{there.heading}”; within them any order will do."
            problems.append(saved.problem("C091", (*path, "id"), sentence, remedy))
        furthest = max(furthest, place)
    return problems


# --- writing ----------------------------------------------------------------------------------------------------------

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
  note:         your own words, shown in place of the summary
  order         move whole blocks up or down; each stays under its heading

Lines that begin with # are for you: they say nothing. If the file is beyond mending,
delete it: it is written anew."""

_OWN = """\
# An item of your own: take the # away from these lines and fill them in. Copy them for a second one.
#  - title: Title of the item
#    publisher: Who published it
#    date: 2 November 2026
#    type: guidance
#    link: https://www.example.nhs.uk/page
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


def added_values(form: AddedForm) -> dict[str, Any]:
    """Return an item of the librarian's own as `add_own_item` takes it."""
    return {
        "title": form.title, "publisher": form.publisher, "published": form.date, "kind": form.type,
        "link": form.link or "", "closes": form.closes or "", "note": form.note or "",
    }  # fmt: skip
