"""Commands about mail on its way: what waits, what became of it, and the switch that stops all sending."""

from __future__ import annotations

import sys
from typing import get_args

import click

from alerts.cli.opening import service
from alerts.cli.output import as_json, say, table
from alerts.model.addresses import mask
from alerts.model.deliveries import Delivery, DeliveryState

json_option = click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")


@click.group()
def delivery() -> None:
    """Show mail on its way; retry it; stop and resume all sending."""


@delivery.command("list")
@click.option("--state", type=click.Choice(get_args(DeliveryState)), help="Only messages in this state.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many, newest first.")
@json_option
def delivery_list(state: DeliveryState | None, limit: int, json_: bool) -> None:
    """List messages, newest first, with what the mail server said. Addresses are masked."""
    from alerts.store import deliveries

    with service() as opened, opened.store.read() as conn:
        found = deliveries.listing(conn, state=state, limit=limit)
        counts = deliveries.counts(conn)
        stopped = deliveries.stopped(conn)
    if json_:
        say(as_json({"stopped": stopped, "counts": counts, "messages": [_mapping(each) for each in found]}))
        return
    if stopped:
        say(f"All sending is stopped: {stopped}")
    say(", ".join(f"{count} {name}" for name, count in counts.items()) or "No message yet.")
    if found:
        rows = [(e.id, e.kind, e.state, masked(e.address), e.attempts, e.transport, e.state_reason) for e in found]
        say(table(rows, ("id", "kind", "state", "to", "attempts", "by", "why")))


@delivery.command("show")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@json_option
def delivery_show(number: int, json_: bool) -> None:
    """Show message NUMBER and every attempt to send it."""
    from alerts.store import deliveries

    with service() as opened, opened.store.read() as conn:
        found = deliveries.get(conn, number)
        attempts = deliveries.attempts(conn, number)
    if found is None:
        raise _no_such(number)
    if json_:
        say(as_json({**_mapping(found), "address": found.address, "attempts": attempts}))
        return
    say(f"{found.kind} {found.id} to {found.address}: {found.state} {found.state_reason}".rstrip())
    say(f"Message-ID {found.message_id}")
    for each in attempts:
        say(f"  {as_json(each, indent=None)}")


@delivery.command("retry")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@json_option
def delivery_retry(number: int, json_: bool) -> None:
    """Send message NUMBER again though it was refused, given up or stopped: the same bytes, the same Message-ID."""
    from alerts.store import deliveries

    with service() as opened:
        now = opened.clock()
        again = opened.store.replay(lambda conn: deliveries.retry(conn, number, now))
        with opened.store.read() as conn:
            found = deliveries.get(conn, number)
    if found is None:
        raise _no_such(number)
    if json_:
        say(as_json({"retried": again, **_mapping(found)}))
    elif again:
        say(f"Message {number} waits to be sent again.")
    else:
        say(f"Message {number} is not sent again: {_WHY_NOT.get(found.state, _NOT_KEPT)}")
    if not again:
        sys.exit(1)


_NOT_KEPT = "its address is not kept any more, so nobody could be sent it."
_WAITS = "it waits to be sent as it is."
_WHY_NOT = {
    "sent": "it was sent. “alerts bulletin send-test --issue” sends a marked copy of an issue to one address.",
    "claimed": "it is on its way now.",
    "in_data": "it is on its way now.",
    "pending": _WAITS,
    "deferred": _WAITS,
}


def _no_such(number: int) -> click.UsageError:
    return click.UsageError(f"There is no message {number}. “alerts delivery list” shows them with their numbers.")


@delivery.command("stop")
@click.argument("reason")
@json_option
def delivery_stop(reason: str, json_: bool) -> None:
    """Stop all sending at once, saying REASON; nothing that waits is lost."""
    from alerts.store import deliveries

    reason = reason.strip()
    if not reason:
        raise click.UsageError("Say why, for whoever finds it stopped.")
    with service() as opened:
        now = opened.clock()
        opened.store.replay(lambda conn: deliveries.stop(conn, reason, now))
    if json_:
        say(as_json({"stopped": reason}))
    else:
        say("All sending is stopped. Run “alerts delivery resume” to go on.")


@delivery.command("resume")
@click.option("--restored", is_flag=True, help="This restored database is right: publish and send from it.")
@click.option(
    "--drop-pending", is_flag=True, help="With --restored: do not send what waits in it; readers have had it."
)
@json_option
def delivery_resume(restored: bool, drop_pending: bool, json_: bool) -> None:
    """Go on sending after a stop, or (with --restored) from a restored database."""
    from alerts.pipeline.restored import concern, note, set_aside
    from alerts.store import deliveries

    if drop_pending and not restored:
        raise click.UsageError("--drop-pending goes with --restored only.")
    with service() as opened:
        doubt = concern(opened)
        if restored and doubt is None:
            raise click.UsageError("Nothing looks restored here, so nothing was changed. Leave --restored out.")
        dropped = set_aside(opened) if drop_pending else 0
        opened.store.replay(deliveries.resume)
        if restored:
            note(opened)
    waits = "" if restored or doubt is None else str(doubt)
    if json_:
        say(as_json({"stopped": None, "waits_because": waits, "set_aside": dropped}))
    elif waits:
        say(f"The switch is off, but nothing goes out yet: {waits} See “alerts delivery resume --help”.")
    else:
        if drop_pending:
            say(f"{dropped} messages that waited are stopped (“alerts delivery retry” sends one after all).")
        say("Sending goes on." if not restored else "Sending goes on, from this database as it is.")


def masked(address: str) -> str:
    """Return whom a message is to, masked; after a while that is not kept."""
    return mask(address) if address else "—"


def _mapping(message: Delivery) -> dict[str, object]:
    return {
        "id": message.id,
        "kind": message.kind,
        "state": message.state,
        "to": masked(message.address),
        "issue_id": message.issue_id,
        "attempts": message.attempts,
        "transport": message.transport,
        "message_id": message.message_id,
        "next_try_at": message.next_try_at,
        "sent_at": message.sent_at,
        "why": message.state_reason,
    }
