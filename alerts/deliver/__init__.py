"""Mail on its way out: from a delivery that waits to a server that has taken it, once and only once.

The *outbox* (`outbox.py`) is what this room needs of the store, and the pipeline gives it: claim, enter DATA, settle,
release, each one short committed transaction. The *worker* (`worker.py`) walks through them in the one safe order: it
claims and commits, talks with no transaction open, has "in DATA" committed before the command that may send, and
settles and commits before it claims again. A crash anywhere leaves a row that says what may have happened; the next
run goes on from there. At most the messages in flight can go out twice, and then with the same bytes and the same
Message-ID: the worker compares their SHA-256 with the one that was frozen when the issue was published, and sends
nothing else.

A *transport* (`transport.py`) hands over finished bytes and says what happened: accepted, refused (surely not sent),
silent (perhaps sent), withdrawn. `FolderTransport` writes one file a message and is what is used while no mail server
is set; `SmtpTransport` speaks SMTP through `Session`, command by command, over verified TLS unless clear text was
spelled out. When the conversation never got as far as naming a delivery, it raises a `TransportDown`: nothing is
known against the message.

What an answer *means* is decided apart, by pure functions (`decisions.py`): is a refusal the recipient's, the
message's, the relay's or the account's; when to try again; when to give up. `Settlement` acts on it: a recipient's
refusal is final only once the server has shown that it takes our mail at all, and what is about us holds everything
with an alarm and makes nothing final. `Pace` belongs to a transport and remembers between runs how fast it may go and
when it must rest.

`bounces.py` reads reports of mail that came back, `mailbox.py` the mailbox they come to. `tokens.py` makes and reads
the short signed tokens in links for leaving and joining a bulletin. Addresses are checked on entry by
`alerts.model.addresses`, offered here too. Nothing in this room reads the clock: time is an argument or a callable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alerts.deliver import tokens
    from alerts.deliver.decisions import after_refusal, after_silence, decide
    from alerts.deliver.errors import BadKey, BadMailSettings, TransportDown
    from alerts.deliver.folder import FolderTransport
    from alerts.deliver.outbox import Outbox
    from alerts.deliver.pace import Pace
    from alerts.deliver.probing import ServerFacts, probe
    from alerts.deliver.report import DeliverReport
    from alerts.deliver.settings import SmtpSettings
    from alerts.deliver.smtp import SmtpTransport
    from alerts.deliver.transport import Accepted, Answer, BeforeData, Refusal, Silence, Transport, Withdrawn
    from alerts.deliver.words import without_addresses
    from alerts.deliver.worker import deliver_pending
    from alerts.model import addresses

_HOMES = {
    "Accepted": "alerts.deliver.transport",
    "Answer": "alerts.deliver.transport",
    "BadKey": "alerts.deliver.errors",
    "BadMailSettings": "alerts.deliver.errors",
    "BeforeData": "alerts.deliver.transport",
    "DeliverReport": "alerts.deliver.report",
    "FolderTransport": "alerts.deliver.folder",
    "Outbox": "alerts.deliver.outbox",
    "Pace": "alerts.deliver.pace",
    "Refusal": "alerts.deliver.transport",
    "ServerFacts": "alerts.deliver.probing",
    "Silence": "alerts.deliver.transport",
    "SmtpSettings": "alerts.deliver.settings",
    "SmtpTransport": "alerts.deliver.smtp",
    "Transport": "alerts.deliver.transport",
    "TransportDown": "alerts.deliver.errors",
    "Withdrawn": "alerts.deliver.transport",
    "after_refusal": "alerts.deliver.decisions",
    "after_silence": "alerts.deliver.decisions",
    "decide": "alerts.deliver.decisions",
    "deliver_pending": "alerts.deliver.worker",
    "probe": "alerts.deliver.probing",
    "without_addresses": "alerts.deliver.words",
}
_MODULES = {"addresses": "alerts.model.addresses", "tokens": "alerts.deliver.tokens"}

__all__ = [
    "Accepted",
    "Answer",
    "BadKey",
    "BadMailSettings",
    "BeforeData",
    "DeliverReport",
    "FolderTransport",
    "Outbox",
    "Pace",
    "Refusal",
    "ServerFacts",
    "Silence",
    "SmtpSettings",
    "SmtpTransport",
    "Transport",
    "TransportDown",
    "Withdrawn",
    "addresses",
    "after_refusal",
    "after_silence",
    "decide",
    "deliver_pending",
    "probe",
    "tokens",
    "without_addresses",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: commands that send nothing never load asyncio's SMTP client."""
    from importlib import import_module

    if name in _MODULES:
        return import_module(_MODULES[name])
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
