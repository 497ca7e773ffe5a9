"""Commands about issues: what went out, what is held for review, and deciding about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from alerts.cli.opening import service
from alerts.cli.output import as_json, counted, say, table
from alerts.model.sources import EVIDENCE_TYPES

if TYPE_CHECKING:
    from alerts.model.drafts import Change, Changes
    from alerts.pipeline.reviewing.view import View
    from alerts.pipeline.service import Service

json_option = click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
bulletin_argument = click.argument("bulletin")
item_argument = click.argument("item")


@click.group()
def issue() -> None:
    """List issues; show, change, approve and reopen what is held for review; add items of your own."""


@issue.command("list")
@click.argument("bulletin", required=False)
@json_option
def issue_list(bulletin: str | None, json_: bool) -> None:
    """List the issues of BULLETIN (or of all), newest first; above them what is held for review."""
    from alerts.store import drafts, issues

    with service() as opened:
        if bulletin:
            opened.bulletin(bulletin)
        with opened.store.read() as conn:
            lines = issues.listing(conn, bulletin)
            held = [each for each in drafts.all_held(conn) if bulletin in (None, each.bulletin_id)]
    if json_:
        waiting = [
            {
                "bulletin_id": each.bulletin_id, "state": "held", "draft": each.id, "made_at": each.made_at,
                "deadline_at": each.deadline_at, "then": each.then,
                "period_key": each.period.key if each.period else None,
            }
            for each in held
        ]  # fmt: skip
        sent = [
            {
                "bulletin_id": each.bulletin_id, "state": "published", "id": each.id, "number": each.number,
                "period_key": each.period_key, "published_at": each.published_at, "subject": each.subject,
                "item_count": each.item_count,
            }
            for each in lines
        ]  # fmt: skip
        say(as_json([*waiting, *sent]))
        return
    rows = [(each.bulletin_id, "draft", "held for review", "", f"until {_moment(each.deadline_at)}") for each in held]
    rows += [
        (each.bulletin_id, str(each.number), _moment(each.published_at), str(each.item_count), each.subject)
        for each in lines
    ]
    say(table(rows, ("bulletin", "number", "published (UTC)", "items", "subject")) if rows else "No issue yet.")


def _moment(when: object) -> str:
    return f"{when:%Y-%m-%d %H:%M}"


@issue.command("show")
@bulletin_argument
@click.option("--text", is_flag=True, help="Print the mail as its readers would get it, in text.")
@json_option
def issue_show(bulletin: str, text: bool, json_: bool) -> None:
    """Show what is held of BULLETIN, item by item, with the numbers that the other commands take."""
    from alerts.pipeline.reviewing import review

    with service(adopting=True) as opened:
        view = review.look(opened, opened.bulletin(bulletin))
        if json_:
            say(as_json(_mapping(view)))
        elif text and view.content is not None:
            say(opened.renderer.text(view.content))
        else:
            _tell(opened, view)


def _tell(opened: Service, view: View) -> None:
    """Print a draft for its librarian."""
    from alerts.pipeline.reviewing import letters

    held, content = view.held, view.content
    say(f"{view.bulletin.title}: draft for review")
    say(letters.deadline_line(opened, view.bulletin, held, opened.clock()))
    for line in view.changed:
        say(line)
    if content is None:
        say("Nothing is left in it: whoever approves it closes it, and nothing is sent.")
    else:
        said = "the library’s own" if held.draft.subject else "by itself"
        say(f"Subject ({said}): {content.subject}")
        for line in letters.squeezed(view.bulletin, held, content):
            say(line)
    if held.draft.note:
        say(f"Note: {held.draft.note}")
    heading = None
    for each in view.items:
        named = {"title": "Listed by title only", "no": "Left out for good", "later": "Offered again next time"}.get(
            each.keep, each.heading
        )
        if named != heading:
            heading = named
            say(f"\n{heading}")
        pinned = " [pinned]" if each.is_pinned else ""
        say(f"  {each.number:>3}  {each.title}{pinned}  (r{each.record_id})")
        for words in (each.note and f"Note: {each.note}", each.reason and f"Why: {each.reason}"):
            if words:
                say(f"       {words}")


def _mapping(view: View) -> dict[str, object]:
    held, content = view.held, view.content
    return {
        "bulletin": view.bulletin.id,
        "draft": held.id,
        "revision": held.revision,
        "made_at": held.made_at,
        "deadline_at": held.deadline_at,
        "then": held.then,
        "period_key": held.period.key if held.period else None,
        "collapsed": held.period.collapsed if held.period else (),
        "subject": content.subject if content else "",
        "note": held.draft.note,
        "changed": view.changed,
        "items": [
            {
                "number": each.number, "record": each.record_id, "title": each.title, "heading": each.heading,
                "keep": each.keep, "pinned": each.is_pinned, "note": each.note, "reason": each.reason,
                "correction": each.is_correction,
            }
            for each in view.items
        ],
    }  # fmt: skip


def _decided(bulletin: str, say_what: Callable[[View], Changes], done: str, json_: bool) -> None:
    """Change a draft, write its file anew, and say what was done."""
    from alerts.pipeline.reviewing import files, review

    with service(adopting=True) as opened:
        chosen = opened.bulletin(bulletin)
        view = review.decide(opened, chosen, say_what)
        files.write(opened, chosen)
        if json_:
            say(as_json(_mapping(view)))
        else:
            say(done)


def _about(item: str, change: Callable[[int], Change], *, pins: bool = False) -> Callable[[View], Changes]:
    """Return what says one thing of one item."""
    from alerts.model.drafts import Changes
    from alerts.pipeline.reviewing.view import BadDecision, item_of

    def said(view: View) -> Changes:
        found = item_of(view, item)
        made = change(found.record_id)
        if found.is_correction and made.keep not in (None, "yes"):
            raise BadDecision(
                f"Item {found.number} is a correction of what readers have had: it is always told.",
                remedy="Put your own words to it with “alerts issue note”.",
            )
        if pins and made.pin and found.keep in ("no", "later"):
            raise BadDecision(
                f"Item {found.number} is left out, so it cannot be pinned.",
                remedy=f"Take it back first: alerts issue drop {view.bulletin.id} {found.number} --undo",
            )
        return Changes((made,))

    return said


@issue.command("drop")
@bulletin_argument
@item_argument
@click.option("--reason", default="", help="Why, for whoever asks later.")
@click.option("--later", is_flag=True, help="Leave it out now and offer it again for the next issue.")
@click.option("--undo", is_flag=True, help="Take it back into the issue.")
@json_option
def issue_drop(bulletin: str, item: str, reason: str, later: bool, undo: bool, json_: bool) -> None:
    """Leave ITEM out of the draft of BULLETIN: for good once the issue is sent, unless --later."""
    from alerts.model.drafts import Change

    if undo and (later or reason):
        raise click.UsageError("--undo takes no --later and no --reason.")
    if later and reason:
        raise click.UsageError("A reason goes with what is left out for good.")
    words = _line(reason)
    keep = "yes" if undo else "later" if later else "no"
    done = {
        "yes": f"Item {item} is in the issue.",
        "later": f"Item {item} is left out now and offered again for the next issue.",
        "no": f"Item {item} is left out. (“--undo” takes it back until the issue is sent.)",
    }[keep]
    _decided(bulletin, _about(item, lambda one: Change(one, keep, reason=words)), done, json_)  # type: ignore[arg-type]  # one of Keep's own words


@issue.command("pin")
@bulletin_argument
@item_argument
@click.option("--undo", is_flag=True, help="Let it stand where it stands by itself.")
@json_option
def issue_pin(bulletin: str, item: str, undo: bool, json_: bool) -> None:
    """Put ITEM first under its heading; one that is listed by title only comes into the issue."""
    from alerts.model.drafts import Change

    done = f"Item {item} is no longer pinned." if undo else f"Item {item} comes first under its heading."
    _decided(bulletin, _about(item, lambda one: Change(one, pin=not undo), pins=True), done, json_)


@issue.command("move")
@bulletin_argument
@item_argument
@click.option("--before", help="Put it right before this item.")
@click.option("--after", help="Put it right after this item.")
@click.option("--first", is_flag=True, help="Put it first under its heading.")
@click.option("--last", is_flag=True, help="Put it last under its heading.")
@json_option
def issue_move(bulletin: str, item: str, before: str | None, after: str | None, first: bool, last: bool,
               json_: bool) -> None:  # fmt: skip
    """Move ITEM to another place under its heading."""
    from alerts.model.drafts import Changes
    from alerts.pipeline.reviewing.view import item_of, moved

    if sum((before is not None, after is not None, first, last)) != 1:
        raise click.UsageError("Say where to: one of --before ITEM, --after ITEM, --first, --last.")

    def said(view: View) -> Changes:
        beside = before if before is not None else after
        other = item_of(view, beside) if beside is not None else None
        return Changes(order=moved(view, item_of(view, item), other, is_before=before is not None or first))

    _decided(bulletin, said, f"Item {item} has been moved.", json_)


@issue.command("note")
@bulletin_argument
@click.argument("words")
@click.option("--item", help="Show the words with this item, in place of its summary.")
@click.option("--subject", is_flag=True, help="They are the subject of the mail.")
@json_option
def issue_note(bulletin: str, words: str, item: str | None, subject: bool, json_: bool) -> None:
    """Put WORDS at the top of the draft of BULLETIN, or (with --item) in place of a summary; "" takes them away."""
    from alerts.config.review_file import SUBJECT_LENGTH
    from alerts.model.drafts import Change, Changes

    said = _line(words, SUBJECT_LENGTH if subject else 4000)
    if item is not None and subject:
        raise click.UsageError("The subject is that of the whole issue: leave --item out.")
    gone = "taken away" if not said else "noted"
    if item is not None:
        _decided(bulletin, _about(item, lambda one: Change(one, note=said)), f"Item {item}: {gone}.", json_)
    elif subject:
        _decided(bulletin, lambda _: Changes(subject=said), f"The subject: {gone}.", json_)
    else:
        _decided(bulletin, lambda _: Changes(note=said), f"The note: {gone}.", json_)


def _line(words: str, longest: int = 4000) -> str:
    """Return what somebody typed on one line, or refuse it for its length."""
    from alerts.model.text import one_line

    said = one_line(words)
    if len(said) > longest:
        raise click.UsageError(f"That is {len(said):,} characters; {longest:,} are the most.")
    return said


@issue.command("approve")
@bulletin_argument
@json_option
def issue_approve(bulletin: str, json_: bool) -> None:
    """Send the draft of BULLETIN as it stands, to those who take it now."""
    from alerts.pipeline.reviewing import attend, review

    with service(adopting=True) as opened:
        chosen = opened.bulletin(bulletin)
        approved = review.approve(opened, chosen)
        attend.attend(opened, [chosen])  # the file of what was sent goes
    if json_:
        say(as_json({"bulletin": approved.bulletin_id, "number": approved.number or None, "items": approved.items,
                     "deliveries": approved.readers}))  # fmt: skip
    elif approved.number:
        say(
            f"Issue {approved.number} of “{approved.title}” is on its way: {counted(approved.items, 'item')}, "
            f"{counted(approved.readers, 'reader')}."
        )
    else:
        say(f"Nothing was left in the draft of “{approved.title}”: it is closed, and nothing is sent.")


@issue.command("reopen")
@bulletin_argument
@click.argument("number", type=click.IntRange(1, 2**31 - 1), required=False)
@json_option
def issue_reopen(bulletin: str, number: int | None, json_: bool) -> None:
    """Make the newest issue of BULLETIN a draft again, while none of its messages has been taken up."""
    from alerts.pipeline.reviewing import files, review

    with service(adopting=True) as opened:
        chosen = opened.bulletin(bulletin)
        held = review.reopen(opened, chosen, number)
        files.write(opened, chosen)
    if json_:
        say(as_json({"bulletin": held.bulletin_id, "draft": held.id, "deadline_at": held.deadline_at}))
    else:
        say(f"It is a draft again, held until {_moment(held.deadline_at)} UTC; nobody gets what was queued.")


@issue.command("add")
@bulletin_argument
@click.option("--title", required=True, help="Title of the item.")
@click.option("--link", default="", help="Address of the item; leave it out for paper or a login.")
@click.option("--publisher", required=True, help="Who published it.")
@click.option("--date", "published", required=True, help="Date of publication: 2026-11-02 or 2 November 2026.")
@click.option(
    "--type",
    "kind",
    required=True,
    type=click.Choice(EVIDENCE_TYPES),
    metavar="TYPE",
    help=f"Type of evidence, decides the section: {', '.join(EVIDENCE_TYPES)}.",
)
@click.option("--closes", default="", help="Last day to answer, for a consultation or a call.")
@click.option("--note", default="", help="Your own line about it, shown in place of a summary.")
@json_option
def issue_add(
    bulletin: str, title: str, link: str, publisher: str, published: str, kind: str, closes: str, note: str, json_: bool
) -> None:
    """Add an item of your own to the draft of BULLETIN, or to its next issue. Nothing is fetched."""
    from alerts.pipeline.own_items import Typed, add_own_item
    from alerts.pipeline.reviewing import files, review
    from alerts.pipeline.reviewing.view import item_of

    with service(adopting=True) as opened:
        added = add_own_item(opened, bulletin, Typed(title, publisher, published, kind, link, note, closes))
        number = added.item_id
        if added.in_draft:
            held = opened.bulletin(bulletin)
            files.write(opened, held)
            number = item_of(review.look(opened, held), f"r{added.record_id}").number
    if json_:
        say(as_json(added))
    elif added.in_draft:
        say(f"“{added.title}” is in the draft of {added.bulletin_title}, as item {number}.")
    else:
        say(f"“{added.title}” will be in the next issue of {added.bulletin_title}.")
