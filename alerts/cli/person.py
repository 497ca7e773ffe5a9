"""Commands about readers: who reads what, leaving and coming back for those who asked by mail, and what is kept."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING

import click

from alerts.cli.days import Day
from alerts.cli.opening import service
from alerts.cli.output import as_json, counted, say, table, warn
from alerts.model.addresses import key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from alerts.model.bulletins import Subscription
    from alerts.pipeline.service import Service
    from alerts.store import Connection

BY_LIBRARIAN = "by the librarian"
json_option = click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
quiet_option = click.option("--no-mail", is_flag=True, help="Do not write to the reader about it.")


@click.group()
def person() -> None:
    """Show readers; leave, pause and come back for those who asked by mail; export and erase what is kept of one."""


@person.command("list")
@click.argument("bulletin", required=False)
@click.option(
    "--state",
    type=click.Choice(["active", "paused", "left", "suspended", "removed"]),
    help="Only readers in this state.",
)
@json_option
def person_list(bulletin: str | None, state: str | None, json_: bool) -> None:
    """List the readers of BULLETIN (or of all), whatever their state."""
    from alerts.store import subscriptions

    with service(adopting=True) as opened:
        if bulletin:
            opened.bulletin(bulletin)
        now = opened.clock()
        with opened.store.read() as conn:
            every = subscriptions.listing(conn, bulletin)
    shown = [each for each in every if state in (None, _state(each, now))]
    if json_:
        say(as_json([_mapping(each, now) for each in shown]))
    elif not shown:
        say("There is no such reader.")
    else:
        say(table([_row(each, now) for each in shown], _HEADS))


@person.command("show")
@click.argument("address")
@json_option
def person_show(address: str, json_: bool) -> None:
    """Show what goes to ADDRESS, why it does or does not, and what became of the last message."""
    from alerts.store import subscriptions

    with service(adopting=True) as opened:
        now = opened.clock()
        with opened.store.read() as conn:
            theirs = _known(opened, conn, address)
            last = {each.id: subscriptions.last_message(conn, each.id) for each in theirs}
    if json_:
        say(as_json([{**_mapping(each, now), "last": last[each.id]} for each in theirs]))
        return
    for each in theirs:
        say(f"{each.bulletin_id}: {_told(each, now)}")
        result = last[each.id]
        if result is not None:
            of = f"{result['kind']} of {result['created_at']:%d %B %Y}"
            say(f"  last: {of}, {result['state']} {result['words']}".rstrip())


@person.command("leave")
@click.argument("address")
@click.argument("bulletin", required=False)
@quiet_option
@json_option
def person_leave(address: str, bulletin: str | None, no_mail: bool, json_: bool) -> None:
    """Stop BULLETIN (or all bulletins) for ADDRESS, as its reader asked; no edit of the list brings them back."""
    from alerts.pipeline.people import readers

    with service(adopting=True) as opened:
        now = opened.clock()

        def unit(conn: Connection) -> Sequence[Subscription]:
            theirs = _known(opened, conn, address, bulletin)
            readers.leave(opened, conn, theirs, now, BY_LIBRARIAN, tell=not no_mail)
            return _again(conn, theirs)

        _report(opened.store.replay(unit), now, json_)


@person.command("return")
@click.argument("address")
@click.argument("bulletin", required=False)
@quiet_option
@json_option
def person_return(address: str, bulletin: str | None, no_mail: bool, json_: bool) -> None:
    """Send BULLETIN (or all bulletins) to ADDRESS again after leaving, a pause, a suspension, or being erased."""
    from alerts.pipeline.adopt import adopt
    from alerts.pipeline.people import readers
    from alerts.store import suppressions

    with service(adopting=True) as opened:
        now = opened.clock()
        lifted = opened.store.replay(lambda conn: suppressions.lift(conn, opened.seal, key(address)))
        if lifted:
            adopt(opened)  # the list of people may give the subscription again

        def unit(conn: Connection) -> Sequence[Subscription]:
            theirs = _known(opened, conn, address, bulletin)
            readers.come_back(opened, conn, theirs, now, tell=not no_mail)
            return _again(conn, theirs)

        after = opened.store.replay(unit)
        _report(after, now, json_)
    if any(each.state == "removed" for each in after):
        warn("alerts: “removed” means that the list of people does not give it: add the person to people.csv.")


@person.command("pause")
@click.argument("address")
@click.argument("until", type=Day(), metavar="UNTIL")
@click.argument("bulletin", required=False)
@quiet_option
@json_option
def person_pause(address: str, until: datetime, bulletin: str | None, no_mail: bool, json_: bool) -> None:
    """Send ADDRESS nothing of BULLETIN (or of any) before the day UNTIL (2026-12-24)."""
    from alerts.pipeline.people import readers

    with service(adopting=True) as opened:
        now = opened.clock()
        day: date = until.date()
        readers.check_pause(day, now.astimezone(readers.zone_of(opened, bulletin or "")).date())

        def unit(conn: Connection) -> Sequence[Subscription]:
            theirs = _known(opened, conn, address, bulletin)
            readers.pause(opened, conn, theirs, day, now, tell=not no_mail)
            return _again(conn, theirs)

        _report(opened.store.replay(unit), now, json_)


@person.command("new-links")
@click.argument("address")
@click.argument("bulletin", required=False)
def person_new_links(address: str, bulletin: str | None) -> None:
    """Make the links in all mails sent to ADDRESS so far useless, for instance when one was passed round."""
    from alerts.store import subscriptions

    with service(adopting=True) as opened:

        def unit(conn: Connection) -> int:
            theirs = _known(opened, conn, address, bulletin)
            return sum(subscriptions.new_generation(conn, each.id) is not None for each in theirs)

        done = opened.store.replay(unit)
    say(f"The links in earlier mails are useless now ({counted(done, 'subscription')}); the next mail brings new ones.")


@person.command("export")
@click.argument("address")
def person_export(address: str) -> None:
    """Print everything that is kept of ADDRESS, as JSON."""
    from alerts.store import persons

    with service() as opened, opened.store.read() as conn:
        kept = persons.export(conn, address)
    say(as_json(kept))
    if not (kept["subscriptions"] or kept["requests"] or kept["messages"]):
        warn("alerts: nothing is kept of this address.")
        sys.exit(1)


@person.command("erase")
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@json_option
def person_erase(address: str, yes: bool, json_: bool) -> None:
    """Erase everything that is kept of ADDRESS, and let no edit of the list bring the person back."""
    from alerts.pipeline.people.persons import erase

    if not yes:
        click.confirm(f"Erase everything that is kept of {address}?", abort=True, err=True)
    with service() as opened:
        done = erase(opened, address)
    if json_:
        say(as_json({"found": done.found, "rows": done.rows, "mails": done.mails, "still_in": done.still_in}))
    elif done.found:
        say(
            f"Erased: {counted(done.rows.subscriptions, 'subscription')}, {counted(done.rows.messages, 'message')}, "
            f"{counted(done.mails, 'file')} of the mail folder. No edit of people.csv brings this address back."
        )
    else:
        say("Nothing was kept of this address. No edit of people.csv will add it.")
    for place in done.still_in:
        warn(f"alerts: the address still stands in {place}: delete it there yourself.")
    warn("alerts: copies of the database that you made, and the mail server’s own logs, are yours to clear.")


_HEADS = ("bulletin", "address", "name", "state", "from", "why")


def _known(opened: Service, conn: Connection, address: str, bulletin: str | None = None) -> tuple[Subscription, ...]:
    """Return the subscriptions of an address, or say that there are none."""
    from alerts.store import subscriptions, suppressions

    if bulletin:
        opened.bulletin(bulletin)
    theirs = [each for each in subscriptions.of_address(conn, address) if bulletin in (None, each.bulletin_id)]
    if not theirs:
        if suppressions.stands(conn, opened.seal, key(address)):
            said = f"{address} left or was erased, and nothing more is kept: no edit of people.csv brings it back."
            raise click.ClickException(f"{said} “alerts person return {address}” allows it again.")
        which = f"“{bulletin}” does not go" if bulletin else "No bulletin goes"
        raise click.ClickException(f"{which} to {address}, and never did as far as is kept.")
    return tuple(theirs)


def _again(conn: Connection, theirs: Sequence[Subscription]) -> Sequence[Subscription]:
    from alerts.store import subscriptions

    return [after for each in theirs if (after := subscriptions.get(conn, each.id)) is not None]


def _report(theirs: Sequence[Subscription], now: datetime, json_: bool) -> None:
    if json_:
        say(as_json([_mapping(each, now) for each in theirs]))
        return
    for each in theirs:
        say(f"{each.bulletin_id}: {_told(each, now)}")


def _state(each: Subscription, now: datetime) -> str:
    return "paused" if each.state == "active" and each.is_away(now) else each.state


def _told(each: Subscription, now: datetime) -> str:
    state = _state(each, now)
    until = f" until {each.paused_until:%d %B %Y}" if state == "paused" and each.paused_until else ""
    reason = f" ({each.state_reason})" if each.state_reason else ""
    return f"{state}{until}{reason}"


def _from(each: Subscription) -> str:
    return " and ".join(part for part in ("list" * each.listed, "sign-up" * each.signed_up) if part) or "-"


def _row(each: Subscription, now: datetime) -> tuple[object, ...]:
    return (each.bulletin_id, each.address, each.name, _state(each, now), _from(each), each.state_reason)


def _mapping(each: Subscription, now: datetime) -> dict[str, object]:
    return {
        "bulletin": each.bulletin_id, "address": each.address, "name": each.name, "kind": each.kind,
        "team": each.team, "state": _state(each, now), "why": each.state_reason, "listed": each.listed,
        "signed_up": each.signed_up, "paused_until": each.paused_until, "began_at": each.began_at,
        "ended_at": each.ended_at,
    }  # fmt: skip
