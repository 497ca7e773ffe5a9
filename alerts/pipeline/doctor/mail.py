"""The way out: the mail server as it answers now, and what waits to go to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

from alerts.config import check_senders
from alerts.deliver import ServerFacts, SmtpTransport, TransportDown, probe
from alerts.model.mail_servers import PRESETS
from alerts.pipeline.deliver import mail_folder, transport_of
from alerts.pipeline.doctor.finding import Finding, failure, of_problem
from alerts.pipeline.doctor.ground import Ground
from alerts.store import deliveries, subscriptions

ABOUT = "mail server"
PROBE_S = 40.0
EXPIRES_SOON = timedelta(days=21)
WAITS_LONG = timedelta(hours=6)


def server(ground: Ground) -> Iterator[Finding]:
    """Ask the mail server how it is, without naming a sender or a reader."""
    s = ground.settings
    transport = transport_of(s)
    if not isinstance(transport, SmtpTransport):
        sentence = f"No mail server is set: mail goes to the folder {mail_folder(s)}, and reaches nobody."
        yield Finding(ABOUT, "warning", sentence, "Set ALERTS_SMTP_HOST when readers should have it.")
        return
    for each in check_senders(s, ground.loaded.catalogue) if ground.loaded else ():
        yield of_problem(ABOUT, each)
    place = f"{transport.settings.host}:{transport.settings.effective_port}"
    try:
        facts = asyncio.run(probe(transport.settings, within_s=PROBE_S))
    except TransportDown as down:
        if down.held or down.code == "D101":
            yield failure(ABOUT, down)
        else:
            yield Finding(ABOUT, "warning", f"{down.code} {down.sentence}", down.remedy)
        return
    yield from _answer(ground, place, facts)


def _answer(ground: Ground, place: str, facts: ServerFacts) -> Iterator[Finding]:
    s = ground.settings
    signed = f"{s.smtp_user} is signed in" if facts.signed_in else "nobody signs in"
    how = f"encrypted ({facts.tls})" if facts.tls else "in clear text"
    offers = ", ".join(sorted(facts.offers)) or "nothing more"
    yield Finding(ABOUT, "ok", f"{place} answers, {how}; {signed}. It offers: {offers}.")
    if not facts.tls:
        sentence = f"Mail goes to {place} in clear text."
        yield Finding(ABOUT, "warning", sentence, "Leave ALERTS_SMTP_TLS out, unless the server is on this machine.")
    if facts.certificate is not None and facts.certificate.until is not None:
        yield _expiry(ground, place, facts)
    yield from _size(ground, facts)
    preset = PRESETS[s.mail_preset]
    sessions = s.smtp_sessions or preset.sessions
    rate = s.mail_rate_per_minute or preset.per_minute
    day = f", {preset.per_day:,} recipients a day" if preset.per_day else ""
    yield Finding(ABOUT, "ok", f"As {preset.name}: {sessions} at once, {rate:g} messages a minute{day}.")


def _expiry(ground: Ground, place: str, facts: ServerFacts) -> Finding:
    assert facts.certificate is not None
    assert facts.certificate.until is not None
    until = facts.certificate.until
    sentence = f"The certificate of {place} ({', '.join(facts.certificate.names[:4])}) is good until "
    sentence += f"{until.day} {until:%B %Y}."
    if until - ground.now < EXPIRES_SOON:
        remedy = "Ask whoever runs the mail server to renew it; when it is over all mail is held."
        return Finding(ABOUT, "warning", sentence, remedy)
    return Finding(ABOUT, "ok", sentence)


def _size(ground: Ground, facts: ServerFacts) -> Iterator[Finding]:
    largest = facts.offers.get("SIZE", "").strip()
    if not largest.isdecimal() or int(largest) == 0 or ground.loaded is None:
        return
    budgets = [each.budget.html_bytes for each in ground.loaded.catalogue.bulletins.values()]
    needed = 2 * max(budgets, default=0)  # the text beside the HTML, and quoting
    if int(largest) < needed:
        sentence = f"It takes messages of {int(largest):,} bytes at most; bulletins may have {needed:,}."
        yield Finding(ABOUT, "failure", sentence, "Have its limit raised, or lower html_kb of the bulletins' budget.")


def outbox(ground: Ground) -> Iterator[Finding]:
    """Look at what waits, what was given up, and who is suspended."""
    if ground.store is None:
        return
    with ground.store.read() as conn:
        stopped = deliveries.stopped(conn)
        counts = deliveries.counts(conn)
        oldest = deliveries.oldest_pending(conn)
        by_transport = deliveries.counts_by_transport(conn)
        suspended = subscriptions.count(conn, "suspended")
    if stopped is not None:
        yield Finding("outbox", "warning", f"All sending is stopped: {stopped}", "“alerts delivery resume” goes on.")
    waiting = sum(counts.get(state, 0) for state in ("pending", "deferred", "claimed", "in_data"))
    if oldest is not None and ground.now - oldest > WAITS_LONG:
        yield Finding(
            "outbox", "warning", f"{waiting} messages wait, the oldest since {oldest:%d %B %H:%M} UTC.",
            "Is “alerts run” running? “alerts delivery list” shows what the mail server said.",
        )  # fmt: skip
    for state, words in (("failed", "were refused"), ("expired", "were given up after five days")):
        if counts.get(state):
            remedy = f"“alerts delivery list --state {state}” shows why; “alerts delivery retry” sends one again."
            yield Finding("outbox", "warning", f"{counts[state]} messages {words}.", remedy)
    if suspended:
        remedy = "Look at their addresses in people.csv: three issues in a row were refused."
        yield Finding("outbox", "warning", f"{suspended} subscriptions are suspended.", remedy)
    if ground.settings.smtp_host and by_transport.get("folder"):
        sentence = f"{by_transport['folder']} messages were written into a folder before a mail server was set."
        yield Finding("outbox", "warning", sentence, "Nobody has had those; nothing sends them again.")
    yield Finding("outbox", "ok", f"{waiting} messages wait, {counts.get('sent', 0)} were sent.")
