"""Journeys drive only the command line, a loopback feed server and a loopback SMTP server."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.journeys.feed_server import FeedServer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def feeds() -> Iterator[FeedServer]:
    """A feed server of this journey's own."""
    with FeedServer() as server:
        yield server


@dataclass
class Mailbox:
    """An SMTP server on loopback that keeps what it accepts."""

    messages: list[tuple[str, bytes]] = field(default_factory=list)
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    port: int = 0
    slow_s: float = 0.0
    begun: int = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.begun += 1
        await asyncio.sleep(self.slow_s)
        with self.lock:
            self.messages += [(address, envelope.content) for address in envelope.rcpt_tos]
            self.envelopes += [(envelope.mail_from or "", address) for address in envelope.rcpt_tos]
        return "250 2.0.0 accepted"

    def parsed(self) -> list[tuple[str, EmailMessage]]:
        """Return (recipient, message) of everything that was accepted."""
        return [(address, BytesParser(policy=policy.default).parsebytes(body)) for address, body in self.messages]


class OnAnyPort(Controller):
    """A controller that lets the system choose the port."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call] # aiosmtpd declares no types


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """An SMTP server of this journey's own."""
    box = Mailbox()
    controller = OnAnyPort(box, hostname="127.0.0.1", port=0)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()


@dataclass
class Library:
    """One installation: its folder, its settings, and the `alerts` command run in it."""

    folder: Path
    env: dict[str, str]

    def write(self, path: str, text: str) -> Path:
        """Write a file of the installation."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment that commands run in."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ALERTS_")}
        return {**kept, "PYTHONPATH": str(ROOT), **self.env, **(extra or {})}

    def start(self, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start a command and return its process."""
        return subprocess.Popen(
            [sys.executable, "-m", "alerts", *arguments],
            cwd=self.folder,
            env=self.environment(env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, *arguments: str, expect: int | None = 0, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; fail unless it leaves with `expect`."""
        done = subprocess.run(
            [sys.executable, "-m", "alerts", *arguments],
            cwd=self.folder,
            env=self.environment(env),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if expect is not None:
            assert done.returncode == expect, f"{arguments} left with {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def json(self, *arguments: str, expect: int | None = 0, env: Mapping[str, str] | None = None) -> Any:
        """Run a command with `--json` and return what it printed."""
        return self.json_of(*arguments, "--json", expect=expect, env=env)

    def json_of(self, *arguments: str, expect: int | None = 0, env: Mapping[str, str] | None = None) -> Any:
        """Run a command that always prints JSON and return what it printed."""
        return json.loads(self.run(*arguments, expect=expect, env=env).stdout)


@pytest.fixture
def library(tmp_path: Path, feeds: FeedServer, mailbox: Mailbox) -> Library:
    """A small library: one journal, one profile, one bulletin, two readers, and a mail server."""
    made = Library(
        tmp_path,
        {
            "ALERTS_CONFIG_DIR": str(tmp_path / "config"),
            "ALERTS_DATA_DIR": str(tmp_path / "data"),
            "ALERTS_PUBLIC_ADDRESS": "https://alerts.example.nhs.uk",
            "ALERTS_ALLOW_LOOPBACK": "true",
            "ALERTS_ALLOW_PORTS": str(feeds.port),
            "ALERTS_HOST_PAUSE_S": "0",
            "ALERTS_SMTP_HOST": "127.0.0.1",
            "ALERTS_SMTP_PORT": str(mailbox.port),
            "ALERTS_SMTP_TLS": "none",
            "ALERTS_MAIL_PRESET": "relay",
            "ALERTS_LOG_LEVEL": "warning",
            "ALERTS_CORRECTIONS_ADDRESS": "none",
        },
    )
    made.write("config/service.yaml", "name: Anytown library alerts\ncontact: Library <library@example.nhs.uk>\n")
    made.write(
        "config/sources/journals.yaml",
        "sources:\n"
        "  - id: journal\n"
        "    title: Journal of Examples\n"
        "    publisher: Example Press\n"
        f"    address: {feeds.address('/journal.xml')}\n"
        "    type: study\n"
        "    place: England\n"
        "    tags: [journals]\n"
        "    sure: A\n",
    )
    made.write(
        "config/profiles/smoking.yaml",
        "title: Smoking and vaping\n"
        "team: public-health\n"
        "owner: Library <library@example.nhs.uk>\n"
        "search: |\n"
        "  1. (smok* adj2 (cessation or quit*)).ti,ab,kf.\n"
        "  2. vaping.ti,ab,kf.\n"
        "  3. or/1-2\n",
    )
    made.write(
        "config/teams/public-health.yaml",
        "title: Public health\n"
        "library: Anytown Library\n"
        "owner: Pat Reader <library@example.nhs.uk>\n"
        "sender: Anytown Library <alerts@example.nhs.uk>\n"
        "reply_to: library@example.nhs.uk\n",
    )
    made.write(
        "config/bulletins/update.yaml",
        "title: Smoking update\n"
        "team: public-health\n"
        "profiles: [smoking]\n"
        "sections:\n"
        "  - {title: Reviews, types: [review]}\n"
        "  - {title: Studies, types: [study, preprint, protocol]}\n"
        "  - {title: Guidance, types: [guidance, policy]}\n"
        "schedule: {every: day, at: '07:30'}\n",
    )
    made.write(
        "data/people.csv",
        "address,name,teams,kind\n"
        "ann@example.nhs.uk,Ann Reader,public-health,person\n"
        "bob@example.nhs.uk,Bob Reader,public-health,person\n",
    )
    return made
