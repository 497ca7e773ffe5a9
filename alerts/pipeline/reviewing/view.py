"""A draft as people look at it: what it comes to now, its items by their numbers, and what cannot be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.compose.review import DraftItem, items_of
from alerts.errors import AlertsError
from alerts.model.bulletins import Bulletin, Composed, IssueContent
from alerts.model.drafts import HeldDraft
from alerts.pipeline.composing import Ledger


class NoDraft(AlertsError):
    """A bulletin has no issue that is held for review."""

    code = "B040"


class NoSuchItem(AlertsError):
    """A draft has no item by the number that was given."""

    code = "B041"


class BadDecision(AlertsError):
    """What was decided about a draft cannot be done."""

    code = "B042"


class DraftChanged(AlertsError):
    """A draft is no longer what was shown: an item was corrected, retracted or closed, or the bulletin was edited."""

    code = "B043"
    remedy = "Look at it once more (“alerts issue show”), then approve it."


class NoReaders(AlertsError):
    """An issue was approved that nobody would get."""

    code = "B044"
    remedy = "Put somebody into people.csv whose team takes this bulletin; until then the draft stays held."


@dataclass(frozen=True, slots=True)
class View:
    """A draft and what it comes to now. `composed` is `None` when nothing is left to say.

    `changed` says what has happened to it since it was last shown, by itself.
    """

    held: HeldDraft
    bulletin: Bulletin
    ledger: Ledger
    composed: Composed | None
    changed: tuple[str, ...] = ()

    @property
    def content(self) -> IssueContent | None:
        """What readers would see."""
        return self.composed.content if self.composed else None

    @property
    def items(self) -> tuple[DraftItem, ...]:
        """Its items in the order of reading, with what was left out at the end."""
        return items_of(self.held.draft, self.composed)


def item_of(view: View, named: str | int) -> DraftItem:
    """Return the item that a person names: by its number (`3`), or by its record (`r345`). Raises `NoSuchItem`."""
    said = str(named).strip().lower()
    by_record = said.startswith("r")
    digits = said.removeprefix("r")
    wanted = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else -1
    for each in view.items:
        if wanted == (each.record_id if by_record else each.number):
            return each
    known = ", ".join(str(each.number) for each in view.items[:40])
    raise NoSuchItem(
        f"The draft of “{view.bulletin.title}” has no item {named}.",
        remedy=f"Its items are {known}; “alerts issue show {view.bulletin.id}” shows them." if known else "",
    )


def moved(view: View, item: DraftItem, other: DraftItem | None, *, is_before: bool) -> tuple[int, ...]:
    """Return the records that a draft shows in the order they have when an item is put before or after another one.

    `other` `None`: it is put first (or last) under its heading. Raises `BadDecision` for an item that is not shown or
    would come under another heading.
    """
    for each in (item, other):
        if each is not None and each.keep != "yes":
            remedy = "Pin it: then it is shown."
            if each.keep in ("no", "later"):
                remedy = f"Take it back first: alerts issue drop {view.bulletin.id} {each.number} --undo"
            raise BadDecision(f"Item {each.number} is not shown, so it has no place.", remedy=remedy)
    shown = [each for each in view.items if each.keep == "yes"]
    beside = [each for each in shown if each.heading == item.heading and each != item]
    if other is not None and other != item and other not in beside:
        raise BadDecision(
            f"Item {item.number} stands under “{item.heading}”, by its type, and item {other.number} does not.",
            remedy=f"It can be moved among {_numbers(beside)}." if beside else "It is the only one under its heading.",
        )
    if other == item:
        return tuple(each.record_id for each in shown)
    end = 0 if is_before else len(beside)
    at = end if other is None else beside.index(other) + (not is_before)
    order = [*beside[:at], item, *beside[at:]]
    _check_pins(view, item, order)
    mine = iter(order)
    return tuple((next(mine) if each.heading == item.heading else each).record_id for each in shown)


def _check_pins(view: View, item: DraftItem, order: Sequence[DraftItem]) -> None:
    """Refuse a place that would not be kept: what is pinned stands above what is not, wherever it is moved."""
    above = next((each for each in order if not each.is_pinned), None)
    below = next((each for each in reversed(order) if each.is_pinned), None)
    if above is None or below is None or order.index(above) > order.index(below):
        return
    pinned = item if item.is_pinned else below
    raise BadDecision(
        f"Item {pinned.number} is pinned: it stands above what is not pinned.",
        remedy=f"Take the pin back first: alerts issue pin {view.bulletin.id} {pinned.number} --undo",
    )


def _numbers(items: Sequence[DraftItem]) -> str:
    return ", ".join(str(each.number) for each in items)
