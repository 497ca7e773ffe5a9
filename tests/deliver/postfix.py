"""A real mail server for a while: Debian's postfix on loopback, which takes mail and throws it away.

    python -m tests.deliver.postfix [--readers 100]

sends an issue to so many readers through it and prints the conversation, as it was on the wire, shortened; the one in
docs/conversation.md was made so. It needs postfix (`apt-get install postfix`; the installed one is not touched: this
one has its own configuration, queue and port) and root, without which postfix does not start.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from alerts.deliver import SmtpSettings, SmtpTransport, deliver_pending
from alerts.pipeline.deliver import StoredOutbox
from alerts.store import Store, open_store
from benchmarks import mailing
from benchmarks.invented import NOW
from tests.deliver.relay import CERTIFICATE, KEY

HOST = "127.0.0.1"
STARTING_S = 30.0
SHOWN_TEXT = 28
MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = {commands}
daemon_directory = {daemons}
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
myhostname = relay.example.org
mydestination =
local_recipient_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
default_transport = discard
relay_transport = discard
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_cert_file = {folder}/localhost.pem
smtpd_tls_key_file = {folder}/localhost.key
"""
MASTER = """\
{port}    inet  n - n - - smtpd
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
proxymap  unix  - - n - - proxymap
anvil     unix  - - n - 1 anvil
discard   unix  - - n - - discard
retry     unix  - - n - - error
error     unix  - - n - - error
postlog   unix-dgram n - n - 1 postlogd
"""


class NoPostfix(Exception):
    """Postfix cannot be run here; the message says why."""


@dataclass(frozen=True)
class Postfix:
    """The server while it runs."""

    port: int
    folder: Path

    def forget(self) -> None:
        """Begin the server's own log anew."""
        (self.folder / "mail.log").write_text("", encoding="utf-8")

    def delivered(self, wanted: int) -> set[str]:
        """Return the recipients that the server's own log says it delivered to; wait for so many, a minute at most."""
        end = time.monotonic() + 60
        while True:
            log = (self.folder / "mail.log").read_text(encoding="utf-8")
            found = re.findall(r"postfix/discard\[\d+\]: \w+: to=<([^>]+)>.* status=sent", log)
            assert len(found) == len(set(found)), "the server delivered something twice"
            if len(found) >= wanted or time.monotonic() > end:
                return set(found)
            time.sleep(0.2)


@contextlib.contextmanager
def running() -> Iterator[Postfix]:
    """Run postfix with a configuration of its own. Raises `NoPostfix`."""
    command = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if command is None:
        raise NoPostfix("postfix is not installed (apt-get install postfix)")
    if os.geteuid() != 0:
        raise NoPostfix("postfix starts as root only")
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="alerts-postfix-"))
    folder.chmod(0o755)  # its processes run as another user
    for name in ("conf", "queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    for each in (CERTIFICATE, KEY):
        shutil.copy(each, folder / each.name)
    daemons = subprocess.run(["postconf", "-dh", "daemon_directory"], capture_output=True, text=True, check=True)
    values = {"folder": folder, "commands": Path(command).parent, "daemons": daemons.stdout.strip(), "port": port}
    (folder / "conf" / "main.cf").write_text(MAIN.format(**values))
    (folder / "conf" / "master.cf").write_text(MASTER.format(**values))
    postfix = [command, "-c", str(folder / "conf")]
    try:
        started = subprocess.run([*postfix, "start"], capture_output=True, text=True, check=False)
        if started.returncode:
            raise NoPostfix(f"postfix did not start: {started.stderr.strip()} {_tail(folder / 'mail.log')}")
        _wait_for(port)
        yield Postfix(port, folder)
    finally:
        subprocess.run([*postfix, "stop"], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8").splitlines()[-1] if log.exists() else ""


def _wait_for(port: int) -> None:
    end = time.monotonic() + STARTING_S
    while True:
        try:
            socket.create_connection((HOST, port), timeout=5).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


@dataclass
class Recorder:
    """A relay of bytes between us and the server, which writes down what either says."""

    to_port: int
    port: int = 0
    said: list[tuple[str, str]] = field(default_factory=list)
    connections: int = 0

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen while the block runs."""
        server = await asyncio.start_server(self._relay, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            await server.wait_closed()

    async def _relay(self, ours: asyncio.StreamReader, to_us: asyncio.StreamWriter) -> None:
        self.connections += 1
        theirs, to_them = await asyncio.open_connection(HOST, self.to_port)
        await asyncio.gather(self._pass("C", ours, to_them), self._pass("S", theirs, to_us))

    async def _pass(self, who: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            self.said.append((who, line.decode("ascii").rstrip("\r\n")))
            writer.write(line)
            await writer.drain()
        writer.close()


def shortened(said: Sequence[tuple[str, str]], messages: int) -> list[str]:
    """Return the conversation as lines: the texts cut, and only the first two messages and the last."""
    lines: list[str] = []
    in_text, text, message = False, 0, 0
    for who, line in said:
        if who == "C" and line.startswith("MAIL "):
            message += 1
        is_shown = message <= 2 or message == messages or line == "QUIT" or line.startswith("221")
        if message == 3 and who == "C" and line.startswith("MAIL "):
            lines.append(f"   … {messages - 3} more messages, one after the other, on the same connection …")
        if in_text and who == "C":
            text += 1
            in_text = line != "."
            if in_text and text > (SHOWN_TEXT if message == 1 else 0):
                is_shown = False
                if text == (SHOWN_TEXT if message == 1 else 0) + 1 and (message <= 2 or message == messages):
                    lines.append("C: … the rest of the message …" if message == 1 else "C: … the message …")
        if who == "S" and line.startswith("354"):
            in_text, text = True, 0
        if is_shown:
            lines.append(f"{who}: {line}")
    return lines


async def send(store: Store, port: int, *, tls: bool = False) -> int:
    """Send what waits in the store over one connection; return how many were accepted."""
    settings = SmtpSettings(
        "localhost" if tls else HOST, port, tls="starttls" if tls else "none", per_minute=0, helo="alerts.example.org",
        ca_file=CERTIFICATE if tls else None,
    )  # fmt: skip
    transport = SmtpTransport(settings)
    report = await deliver_pending(
        StoredOutbox(store), transport, clock=lambda: NOW, stop=asyncio.Event(), owner="conversation"
    )
    assert report.alarms == (), report
    return report.sent


async def recorded(store: Store, postfix: Postfix) -> tuple[int, Recorder]:
    """Send what waits in the store, and write down the conversation."""
    recorder = Recorder(postfix.port)
    async with recorder.listening():
        return await send(store, recorder.port), recorder


def main() -> None:
    """Send, and print the conversation."""
    parser = argparse.ArgumentParser(description="Send an issue through postfix and print the conversation.")
    parser.add_argument("--readers", type=int, default=100)
    readers = parser.parse_args().readers
    with tempfile.TemporaryDirectory() as name, running() as postfix:
        store = open_store(f"sqlite:///{name}/alerts.sqlite3")
        mailing.publish(store, mailing.draw(3), readers)
        sent, recorder = asyncio.run(recorded(store, postfix))
        delivered = postfix.delivered(readers)
        store.close()
    print("\n".join(shortened(recorder.said, readers)))
    print(f"{sent} accepted, {len(delivered)} delivered by the server's own log, {recorder.connections} connection(s)")
    sys.exit(not sent == len(delivered) == readers)


if __name__ == "__main__":
    main()
