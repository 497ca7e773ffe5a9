"""What can go wrong on the way to a mail server, each with what to do about it.

`TransportDown` and its children are raised by a transport when a conversation never got as far as naming a delivery:
nothing is known against any message, so everything waits. `held` tells the two ways of waiting apart: a relay that is
away or busy is tried again by itself; one that refuses us needs a person, and raises an alarm.
"""

from __future__ import annotations

from typing import ClassVar

from alerts.errors import AlertsError


class BadMailSettings(AlertsError):
    """The mail settings contradict themselves or would send something in the clear."""

    code: ClassVar[str] = "D100"
    exit_code: ClassVar[int] = 78
    remedy: str = "Correct the ALERTS_SMTP_… settings; `alerts config show` prints those in force."


class TransportDown(AlertsError):
    """No message could even be offered."""

    code: ClassVar[str] = "D110"
    held: ClassVar[bool] = False


class RelayUnreachable(TransportDown):
    """The mail server could not be reached, or did not speak in time."""

    code: ClassVar[str] = "D101"
    remedy: str = (
        "Nothing to do if it is short: mail waits and is sent when the server is back. If it lasts, check "
        "ALERTS_SMTP_HOST."
    )


class RelayBusy(TransportDown):
    """The mail server said that it is busy, before any message was offered."""

    code: ClassVar[str] = "D102"
    remedy: str = "Nothing to do if it is short: the service slows down and tries again by itself."


class NoTls(TransportDown):
    """The mail server offers no encryption, and clear text was not asked for."""

    code: ClassVar[str] = "D103"
    held: ClassVar[bool] = True
    remedy: str = (
        "Use the port where the server offers STARTTLS (often 587) or TLS (often 465); only for a server on the same "
        "machine set ALERTS_SMTP_TLS=none."
    )


class CertificateRefused(TransportDown):
    """The mail server's certificate could not be verified."""

    code: ClassVar[str] = "D104"
    held: ClassVar[bool] = True
    remedy: str = (
        "Use the name that the server's certificate carries, or give the certificate authority of your organisation."
    )


class AccountRefused(TransportDown):
    """The mail server did not let us sign in."""

    code: ClassVar[str] = "D105"
    held: ClassVar[bool] = True
    remedy: str = "Renew the password or token of the sending account; all mail is held until then and none is lost."


class RelayRefuses(TransportDown):
    """The mail server turned the service away as a whole."""

    code: ClassVar[str] = "D106"
    held: ClassVar[bool] = True
    remedy: str = (
        "Ask whoever runs the mail server to let this machine send; all mail is held until then and none is lost."
    )


class FolderUnwritable(TransportDown):
    """The folder that takes the mails cannot be written."""

    code: ClassVar[str] = "D107"
    held: ClassVar[bool] = True
    remedy: str = "Make room, or let the service write to the folder; the mails wait."


class BytesChanged(AlertsError):
    """A message no longer has the bytes that were frozen when its issue was published."""

    code: ClassVar[str] = "D201"
    remedy: str = "It is not sent. Restore the stored issue from a backup, or stop the delivery with `alerts delivery`."


class DeliveryExpired(AlertsError):
    """A message was put off by the mail server for five days and is given up."""

    code: ClassVar[str] = "D202"
    remedy: str = "Read the server's words with `alerts delivery show`; `alerts delivery retry` sends it after all."


class PerhapsDelivered(AlertsError):
    """The mail server never answered after the text of a message: it may have arrived; it is not sent again."""

    code: ClassVar[str] = "D203"
    remedy: str = "Ask the reader whether it came; `alerts delivery retry` sends it once more."


class RelayHolds(AlertsError):
    """The mail server refuses our messages whoever they are for: everything is held."""

    code: ClassVar[str] = "D204"
    remedy: str = (
        "Read the server's words; usually the sender's address, a block list or a limit. Nothing is lost: sending "
        "goes on by itself when the server agrees again."
    )


class MostRefused(AlertsError):
    """The mail server refused most recipients: that says more about us, or it, than about them. Everything is held."""

    code: ClassVar[str] = "D205"
    remedy: str = "Read the server's words; when they are wrong about the readers, mend the account. Nothing is lost."


class NotRecorded(AlertsError):
    """What became of a message could not be recorded, since another worker or a person had taken the row."""

    code: ClassVar[str] = "D206"
    remedy: str = (
        "Is a second service working on the same database, or did the machine's clock jump? See `alerts delivery list`."
    )


class MessageRefused(AlertsError):
    """The mail server refused the message itself."""

    code: ClassVar[str] = "D207"
    remedy: str = "Read the server's words: usually its size or something in its text."


class DeliveryBroke(AlertsError):
    """A message failed in a way the service does not know."""

    code: ClassVar[str] = "D208"
    remedy: str = "Only this message is held. Please report it with the log; `alerts delivery retry` tries again."


class BadKey(AlertsError):
    """A key for signing links is too short to be safe."""

    code: ClassVar[str] = "D301"
    remedy: str = "Use at least 32 random bytes."
