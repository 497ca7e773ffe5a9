"""What a mail server asks of us, as frozen settings; `model.mail_servers` has presets for those that libraries meet."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from alerts.deliver.errors import BadMailSettings
from alerts.model.mail_servers import PRESETS

Tls = Literal["starttls", "implicit", "none"]
LONGEST_S = 840.0
"""The longest conversation about one message: a lease lasts 900 s from DATA on, less a minute."""
TokenSource = Callable[[], Awaitable[str]]

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")
_DEFAULT_PORTS: Mapping[Tls, int] = {"starttls": 587, "implicit": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """How to reach one mail server. Times are in seconds; port 0 means the usual one for `tls`.

    `before_s` is the time for everything up to the final dot, `answer_s` for its answer (RFC 5321 4.5.3.2.6 asks for
    ten minutes): the lease of a delivery must outlive both together. `token` is asked for a fresh OAuth2 access token
    at every sign-in.
    """

    host: str
    port: int = 0
    tls: Tls = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    token: TokenSource | None = field(default=None, repr=False)
    helo: str = ""
    ca_file: Path | None = None
    sessions: int = 1
    per_minute: float = 25
    per_connection: int = 100
    connect_s: float = 30
    before_s: float = 120
    answer_s: float = 600

    def __post_init__(self) -> None:
        if _HOST.fullmatch(self.host) is None:
            raise BadMailSettings(f"The mail server's name is not usable: {self.host[:80]!a}.")
        if not 0 <= self.port < 65_536:
            raise BadMailSettings(f"There is no port {self.port}.")
        if self.tls not in _DEFAULT_PORTS:
            raise BadMailSettings(f"tls can be starttls, implicit or none, not {str(self.tls)[:40]!a}.")
        if (self.password or self.token) and self.tls == "none":
            raise BadMailSettings("A password or token is never sent without TLS.")
        if self.password and self.token:
            raise BadMailSettings("Give a password or a token, not both.")
        if bool(self.username) != bool(self.password or self.token):
            raise BadMailSettings(
                "Signing in needs a user name and a password or token; a relay without sign-in needs neither."
            )
        if self.sessions < 1 or self.per_connection < 1 or self.per_minute < 0:
            raise BadMailSettings("Sessions and messages a connection are at least 1, messages a minute at least 0.")
        if min(self.connect_s, self.before_s, self.answer_s) <= 0:
            raise BadMailSettings("The times allowed to the mail server must be more than nothing.")
        if self.before_s + self.answer_s > LONGEST_S:
            raise BadMailSettings(
                f"A message may take {LONGEST_S:g} seconds in all, {self.answer_s:g} of them for the last answer: "
                "another service would take it for lost after that, and send it again."
            )

    @property
    def effective_port(self) -> int:
        """Return the port that is connected to."""
        return self.port or _DEFAULT_PORTS[self.tls]

    @classmethod
    def from_preset(cls, name: str, **changes: Any) -> SmtpSettings:
        """Return the settings of a preset with `changes`, or raise `BadMailSettings` where the server forbids them."""
        preset = PRESETS.get(name)
        if preset is None:
            raise BadMailSettings(f"There is no preset {name[:40]!a}; there are {', '.join(PRESETS)}.")
        start: dict[str, Any] = {
            "host": preset.host, "port": preset.port, "tls": preset.tls,
            "sessions": preset.sessions, "per_minute": preset.per_minute,
        }  # fmt: skip
        if changes.get("tls", preset.tls) != preset.tls:
            start["port"] = 0
        settings = cls(**{**start, **changes})
        if preset.most_sessions and settings.sessions > preset.most_sessions:
            raise BadMailSettings(
                f"{name} takes at most {preset.most_sessions} sessions at once, not {settings.sessions}."
            )
        if preset.most_per_minute and not 0 < settings.per_minute <= preset.most_per_minute:
            raise BadMailSettings(f"{name} takes at most {preset.most_per_minute:g} messages a minute.")
        return settings

    def masked(self) -> SmtpSettings:
        """Return a copy that can be shown: no password, no token."""
        return replace(self, username="", password="", token=None)
