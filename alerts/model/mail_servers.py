"""The mail servers that libraries meet: what to start from, what their owners allow at most, and what they forbid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class Preset:
    """A kind of mail server: what to start from, what its owner allows at most, and what it forbids.

    `own_envelope_sender` tells whether each delivery may carry an envelope sender of its own (for reading bounces);
    where it may not, the envelope sender and `From` must be the account. `per_day` counts recipients; 0 means no known
    limit. `sign_in` is "needed", "oauth" (needed, and passwords are going), "none" (this machine is known) or "any".
    """

    name: str
    host: str = ""
    port: int = 587
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    sessions: int = 1
    per_minute: float = 25
    per_day: int = 0
    most_sessions: int = 0
    most_per_minute: float = 0
    own_envelope_sender: bool = False
    sign_in: Literal["oauth", "needed", "none", "any"] = "any"
    note: str = ""


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        preset.name: preset
        for preset in (
            Preset(
                "exchange-online",
                host="smtp.office365.com",
                per_day=10_000,
                most_sessions=3,
                most_per_minute=30,
                sign_in="oauth",
                note="From must be the account that signs in; beyond 3 connections or 30 messages a minute: 432 4.3.2.",
            ),
            Preset(
                "nhsmail",
                per_day=10_000,
                most_sessions=3,
                most_per_minute=30,
                sign_in="needed",
                note="Ask for an application account; From must be that account. The limits are Exchange Online's.",
            ),
            Preset(
                "relay",
                port=25,
                sessions=4,
                per_minute=600,
                own_envelope_sender=True,
                sign_in="none",
                note="A relay of your own organisation that knows this machine: no sign-in, STARTTLS, four sessions.",
            ),
            Preset("other", note="Any other server: one session and 25 messages a minute until you know its limits."),
        )
    }
)
"""Presets by name. Limits of Exchange Online: learn.microsoft.com, "Exchange Online limits", sending limits."""
