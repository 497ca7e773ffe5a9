"""Forms of small pages: what is asked, in which words, and what can be chosen. They work without any script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["text", "email", "date", "area", "select", "choice"]


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `most` is the longest answer in characters; `first` and `last` bound a date (ISO)."""

    name: str
    label: str
    kind: Kind = "text"
    hint: str = ""
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False
    most: int = 0
    first: str = ""
    last: str = ""
    complete: str = ""


@dataclass(frozen=True, slots=True)
class Submit:
    """A button of a form; with a name its value tells which one was used. `quiet` is the less wanted of two."""

    label: str
    name: str = ""
    value: str = ""
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class FormView:
    """A form: where it posts to, what it asks, and its buttons."""

    address: str
    fields: tuple[Field, ...]
    buttons: tuple[Submit, ...]
    title: str = ""


def pause_form(address: str, bulletin_title: str, *, first: date, last: date, given: str = "") -> FormView:
    """Return the form that asks until when nothing is to be sent, for one bulletin or for all."""
    until = Field(
        "until",
        "Send again from",
        "date",
        hint="What comes out before this day is not sent to you.",
        value=given,
        required=True,
        first=first.isoformat(),
        last=last.isoformat(),
    )
    buttons = (
        Submit(f"Pause {bulletin_title}", "scope", "one", quiet=True)  # beside the button that stops it
        if bulletin_title
        else Submit("Pause this bulletin", "scope", "one"),
        Submit("Pause every bulletin sent to this address", "scope", "all", quiet=True),
    )
    return FormView(address, (until,), buttons, title="Away for a while?")


USES: Mapping[str, str] = {
    "decision": "In a decision, plan or policy",
    "care": "In care or advice for a person",
    "teaching": "In teaching or training",
    "shared": "I passed it on to colleagues",
    "own": "For my own learning",
    "other": "Something else",
}
"""What readers may say that they used an item for."""
MOST_TOLD = 2_000
MOST_NAME = 120


def feedback_form(address: str, items: Sequence[tuple[str, str]], given: Mapping[str, str]) -> FormView:
    """Return the form that asks what was used and for what; `items` are (value, title)."""
    choices = (("", "All of it, or I do not know"), *items)
    uses = tuple(USES.items())
    return FormView(
        address,
        (
            Field("item", "Which item?", "select", value=given.get("item", ""), options=choices),
            Field("use", "What did you use it for?", "choice", value=given.get("use", ""), options=uses, required=True),
            Field("told", "What did it help you with? (if you like)", "area", most=MOST_TOLD,
                  value=given.get("told", ""), hint="Please leave out anything that could identify a patient."),
            Field("name", "Your name (if you like)", most=MOST_NAME, value=given.get("name", ""), complete="name",
                  hint="Without it, your answer is anonymous: nothing here tells the library who you are."),
        ),
        (Submit("Tell the library"),),
    )  # fmt: skip


def sign_up_form(address: str, domains: Sequence[str], given: Mapping[str, str]) -> FormView:
    """Return the form that asks for an address; `domains` are those whose people may have the bulletin, if not all."""
    at = " or ".join(domains)
    hint = f"It must end in {at}. You will get a message with a link to confirm it." if at else _CONFIRMED
    return FormView(
        address,
        (
            Field("address", "Your work email address", "email", hint=hint, value=given.get("address", ""),
                  required=True, most=254, complete="email"),
            Field("name", "Your name (if you like)", most=MOST_NAME, value=given.get("name", ""), complete="name"),
        ),
        (Submit("Send me the link"),),
    )  # fmt: skip


_CONFIRMED = "You will get a message with a link to confirm it."
