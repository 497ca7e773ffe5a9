"""The words of small pages and notices: what each says, and which values it takes. The look is `small.html.j2`'s.

Values are text unless said otherwise: `contact` (a mail address), `home` (address of the list of bulletins),
`masked_address`, `bulletin_title`, `state` (of a subscription, or "paused"), `until` (a day in words), `action`,
`action_all`, `action_undo` (addresses that take a POST), `message` (for `error`), `form` (of `forms`). A page uses
those it needs; all may be left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.render.addresses import mailto
from alerts.render.forms import FormView


@dataclass(frozen=True, slots=True)
class Button:
    """A form of one button: where it posts to, and its words. `quiet` is the less wanted of two."""

    address: str
    label: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class SmallPage:
    """A small page or notice, ready for its template."""

    title: str
    paragraphs: tuple[str, ...]
    buttons: tuple[Button, ...] = ()
    contact: str = ""
    contact_link: str = ""
    home: str = ""
    form: FormView | None = None


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """One thing that a notice lists: its heading, and what is said of it, a paragraph each."""

    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoticeSection:
    """A heading of a notice and the things below it; `more` says what was left out."""

    title: str
    items: tuple[NoticeItem, ...]
    more: str = ""


def small_page(name: str, values: Mapping[str, object]) -> SmallPage:
    """Return the page called `name`; an unknown name gives the page for failures, never an exception."""

    def said(key: str) -> str:
        value = values.get(key)
        return "" if value is None else str(value)

    title, told, wanted = _PAGES.get(name, _PAGES["failed"])
    bulletin = said("bulletin_title") or "this bulletin"
    filled = {
        "{bulletin}": bulletin,
        "{address}": said("masked_address") or "your address",
        "{message}": said("message"),
        "{until}": said("until"),
    }
    form = values.get("form")
    if name == "leave":
        title, told, wanted = _PAGES[_LEAVING.get(said("state"), "leave")]
        form = form if said("state") in {"", "active"} else None
    buttons = tuple(Button(said(key), _fill(label, filled), quiet) for key, label, quiet in wanted if said(key))
    contact = said("contact")
    return SmallPage(
        title=_fill(title, filled),
        paragraphs=tuple(text for each in told if (text := _fill(each, filled))),
        buttons=buttons,
        contact=contact,
        contact_link=mailto(contact) if contact else "",
        home=said("home"),
        form=form if isinstance(form, FormView) else None,
    )


def _fill(text: str, filled: Mapping[str, str]) -> str:
    """Replace the places of `text` in one go: a value is never searched for places itself."""
    pieces = [text]
    for place, value in filled.items():
        pieces = [part for piece in pieces for part in _split(piece, place, value)]
    return "".join(str(piece) for piece in pieces)


class _Value(str):
    """Text that came from outside, left alone by `_fill`."""

    __slots__ = ()


def _split(piece: str, place: str, value: str) -> list[str]:
    if isinstance(piece, _Value) or place not in piece:
        return [piece]
    cut = piece.split(place)
    return [part for index, text in enumerate(cut) for part in ([_Value(value)] if index else []) + [text]]


_Wanted = tuple[tuple[str, str, bool], ...]
_UNDO: tuple[str, str, bool] = ("action_undo", "Undo: keep sending it", True)
_UNDO_ALL: tuple[str, str, bool] = ("action_undo", "Undo: keep sending them", True)

_STOP_ALL: tuple[str, str, bool] = ("action_all", "Stop every bulletin sent to this address", True)
_ON_ITS_WAY = "A message that was already on its way may still arrive."
_BY_MISTAKE = "Done by mistake? You can take it back."

_LEAVING: Mapping[str, str] = {
    "left": "already_left", "paused": "paused", "suspended": "suspended", "removed": "removed",
}  # fmt: skip
"""Which page a link for leaving leads to, by the state of its subscription; any other: the one with all choices."""

_PAGES: Mapping[str, tuple[str, tuple[str, ...], _Wanted]] = {
    "leave": (
        "Change or stop {bulletin}",
        ("{address} receives {bulletin}. Nothing has changed yet: choose below.",),
        (("action", "Stop {bulletin}", False), _STOP_ALL),
    ),
    "already_left": (
        "You do not receive {bulletin}",
        ("{address} is not sent {bulletin} at present.",),
        (("action_undo", "Start sending it again", False),),
    ),
    "paused": (
        "You have paused {bulletin}",
        ("{address} is sent nothing of {bulletin} before {until}.",),
        (
            ("action_undo", "Start sending it again now", False),
            ("action", "Stop {bulletin}", True),
            _STOP_ALL,
        ),
    ),
    "suspended": (
        "{bulletin} does not reach you",
        ("Mail to {address} came back several times, so the library has stopped sending {bulletin} there.",),
        (("action_undo", "Try again: send it to me", False), ("action", "Stop {bulletin}", True)),
    ),
    "removed": (
        "You do not receive {bulletin}",
        (
            "{address} is no longer on the library’s list for {bulletin}, so nothing is sent.",
            "If you would like to have it again, write to the library.",
        ),
        (),
    ),
    "left": ("You will not be sent this bulletin again", (_ON_ITS_WAY, _BY_MISTAKE), (_UNDO, _STOP_ALL)),
    "left_all": ("You will not be sent any bulletin again", (_ON_ITS_WAY, _BY_MISTAKE), (_UNDO_ALL,)),
    "pause_set": (
        "Nothing will be sent to you before {until}",
        (
            "What comes out meanwhile is not sent later. The first mail after your break tells you where to find it.",
            _BY_MISTAKE,
        ),
        (("action_undo", "Undo: do not pause", True),),
    ),
    "pause_again": ("That date cannot be used", ("{message} Nothing has changed yet.",), ()),
    "feedback": (
        "Did you use something in {bulletin}?",
        (
            "It helps the library to know what was of use, and for what. This takes a minute.",
            "Nothing on this page says who you are.",
        ),
        (),
    ),
    "feedback_again": ("Something is missing", ("{message}",), ()),
    "thanks": ("Thank you", ("The library will see what you wrote.",), ()),
    "join": (
        "Get {bulletin} by email",
        ("Write your address below. You can stop at any time, with one click in any issue.",),
        (),
    ),
    "join_again": ("That address cannot be used", ("{message}",), ()),
    "join_asked": (
        "Look into your mailbox",
        (
            "If this address can have {bulletin}, a message is on its way with a link to confirm it.",
            "Nothing is sent to you until you have used that link. It works for a week.",
        ),
        (),
    ),
    "join_confirm": (
        "Get {bulletin} by email?",
        ("{address} was given to us. Nothing is sent until you confirm it.",),
        (("action", "Yes, send me {bulletin}", False),),
    ),
    "joined": (
        "You will be sent {bulletin}",
        ("The next issue comes to you. To stop it, use the link that every issue has.",),
        (),
    ),
    "old_request": (
        "This link does not work any more",
        ("It has been used already, or it is more than a week old. If {bulletin} does not come, ask for it again.",),
        (),
    ),
    "returned": (
        "Your bulletins will be sent again",
        ("The next issue comes to you as before, as long as the library has you on its list.",),
        (("action", "Stop after all", True),),
    ),
    "done": ("Done", ("Your choice has been recorded.",), ()),
    "unknown_link": (
        "This link does not work any more",
        (
            "It may be incomplete, or too old. Open the link in the newest issue that you have.",
            "If that does not help, write to the library and a person will do it for you.",
        ),
        (),
    ),
    "not_found": ("Page not found", ("Check the address, or start from the list of bulletins.",), ()),
    "not_allowed": ("That cannot be done here", ("Go back and use the button on the page.",), ()),
    "too_many": (
        "Please wait a moment",
        ("There were too many requests from your network. Try again in a minute.",),
        (),
    ),
    "failed": (
        "Something went wrong on our side",
        ("Nothing was changed. Please try again later, or write to the library.",),
        (),
    ),
    "error": ("This did not work", ("{message}", "If it keeps happening, write to the library."), ()),
    "mail_left": (
        "You have left {bulletin}",
        ("You asked us to stop sending {bulletin} to you, and we have. You need do nothing more.",),
        (),
    ),
    "mail_paused": (
        "You have paused {bulletin}",
        (
            "You asked us to send you nothing of {bulletin} before {until}. After that it comes as before.",
            "What comes out meanwhile is not sent later; the first mail after your break tells you where to find it.",
        ),
        (),
    ),
    "mail_returned": ("You will receive {bulletin} again", ("The next issue comes to you as before.",), ()),
    "mail_sign_up": (
        "Confirm that you would like {bulletin}",
        (
            "Somebody, probably you, asked for {bulletin} to be sent to this address. It is sent once you confirm it.",
            "If it was not you, do nothing: nothing is sent then, and this address is forgotten in a week.",
        ),
        (),
    ),
    "mail_staff": ("{message}", (), ()),
    "mail_test": (
        "Test message from the library’s bulletins",
        ("This message was sent to try the mail server. If you can read it, mail leaves and arrives.",),
        (),
    ),
}
