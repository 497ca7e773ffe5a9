"""The review file: a draft as a file that a librarian edits and saves, and what a saved one says.

It is written for people who have an editor and nothing else. It is read as strictly as every other file here: all that
is wrong at once, each with its place; and only what *differs* from the text that the librarian began with counts as
said, so that a file saved late takes back nothing that was decided elsewhere meanwhile.

`approve` is required and stands on the last line: a file that an editor has written only half of can never approve.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alerts.config.drafts import placed
from alerts.config.fields import EVIDENCE_TYPE, LINE, PROSE, parse_flag, whole
from alerts.config.nearest import did_you_mean
from alerts.config.reading import read_tree
from alerts.config.shape import Form, Listing, Part, Refused, Value, key
from alerts.config.tree import Mapping as Tree
from alerts.config.tree import Node
from alerts.errors import AlertsError, Problem
from alerts.model.drafts import Keep
from alerts.model.text import cut, one_line

SUBJECT_LENGTH = 150
"""A longer subject is cut by mail programs or refused by servers."""
SAMPLE = ("Title of the item", "Who published it", "https://www.example.nhs.uk/page")
"""What stands in the sample of an item of one's own; readers must not get it."""
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


def _filled(text: str) -> str:
    parsed: str = LINE.parse(text)
    if parsed in SAMPLE:
        raise Refused("This is still what the sample says.", "Fill it in, or put # before its lines again.")
    return parsed


FILLED = Value(_filled, {})
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

    title: str = key(FILLED, "Its title.")
    publisher: str = key(FILLED, "Who published it.")
    date: str = key(LINE, "The day of publication.")
    type: str = key(EVIDENCE_TYPE, "Its type of evidence.")
    link: str | None = key(FILLED, "Its address.", default=None)
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


def taken_back(saved: Saved, base: Saved) -> tuple[str, ...]:
    """Say which decisions that were taken in the file no longer holds, as a sentence for the owner, or nothing.

    Whether the librarian thought better of them, or a colleague saved a copy opened before, no file can tell.
    """
    before = {each.id: each for _, each in base.blocks()}
    gone: list[str] = []
    if base.form.subject and not saved.form.subject:
        gone.append("the subject")
    if base.form.note and not saved.form.note:
        gone.append("the note at the top")
    for _, each in saved.blocks():
        was = before.get(each.id)
        if was is None:
            continue
        if was.note and not each.note:
            gone.append(f"the note on “{each.title}”")
        if was.pin and not each.pin:
            gone.append(f"the pin of “{each.title}”")
        if was.keep in ("no", "later") and each.keep in ("yes", "title"):
            gone.append(f"leaving out “{each.title}”")
    if not gone:
        return ()
    most = 10
    named = "; ".join(gone[:most]) + (f"; {len(gone) - most} more" if len(gone) > most else "")
    advice = "If that was not meant, the file was open in two places: open it anew and decide that again."
    return (f"Taken back by what you saved: {named}. {advice}",)


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
    placed_under = [
        (path, now[each.id].heading)
        for path, each in saved.blocks()
        if path[0] == "items" and each.keep == "yes" and each.id in now and each.id in began
    ]
    known = [each for each in placed_under if each[1] in headings]
    problems: list[Problem] = []
    for at in _out_of_order([headings.index(heading) for _, heading in known]):
        path, heading = known[at]
        sentence = f"This item stands under “{heading}”, by its type, wherever its block is."
        remedy = f"Move the block back to the others of “{heading}”; within them any order will do."
        problems.append(saved.problem("C091", (*path, "id"), sentence, remedy))
    return problems


def _out_of_order(ranks: Sequence[int]) -> list[int]:
    """Return the fewest places whose going leaves the rest in ascending order: what was moved, not what it passed."""
    ends: list[int] = []  # of a row of each length: where it ends with the least rank
    before: list[int] = []
    for at, rank in enumerate(ranks):
        length = bisect_right([ranks[each] for each in ends], rank)
        before.append(ends[length - 1] if length else -1)
        ends[length : length + 1] = [at]
    kept: set[int] = set()
    at = ends[-1] if ends else -1
    while at >= 0:
        kept.add(at)
        at = before[at]
    return [each for each in range(len(ranks)) if each not in kept]


def added_values(form: AddedForm) -> dict[str, Any]:
    """Return an item of the librarian's own as `add_own_item` takes it."""
    return {
        "title": form.title, "publisher": form.publisher, "published": form.date, "kind": form.type,
        "link": form.link or "", "closes": form.closes or "", "note": form.note or "",
    }  # fmt: skip


_OPTION = re.compile(r"--(\w+)")
"""What a remedy calls an option of the command is a key in the file."""


def about_added(saved: Saved, at: int, failure: AlertsError) -> Problem:
    """Return what is wrong with an item of the librarian's own, at the value it names, as a finding in the file."""
    form = saved.form.add[at]
    told = (("link", form.link), ("date", form.date), ("closes", form.closes), ("type", form.type))
    named = next((name for name, value in told if value and value in failure.sentence), "title")
    return saved.problem(failure.code, ("add", at, named), failure.sentence, _OPTION.sub(r"\1:", failure.remedy))
