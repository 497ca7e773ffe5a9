"""Mail settings that cannot work, told when they are read and not when the first bulletin should go out.

What a kind of mail server allows and forbids is in `model.mail_servers`. Whose name mail goes out in is known only with
the teams: `check_senders`; whether readers can join, with the bulletins: `check_joining`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from alerts.errors import Problem, Severity
from alerts.model.mail_servers import PRESETS

if TYPE_CHECKING:
    from alerts.config.settings import Settings
    from alerts.model.catalogue import Catalogue

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")
_OWN_MACHINE = ("localhost", "127.0.0.1", "::1")


class Contradiction(NamedTuple):
    """Settings that cannot both be meant."""

    severity: Severity
    sentence: str
    remedy: str


def contradictions(s: Settings) -> list[Contradiction]:
    """Return the mail settings that cannot both be meant, or that the kind of mail server forbids."""
    signature = _errors(_of_signature(s))
    if not s.smtp_host:
        return [*_without_server(s), *signature]
    return [*_errors(_of_sign_in(s)), *_errors(_of_preset(s)), *signature, *_doubts(s), *_of_bounces(s)]


def check_senders(s: Settings, catalogue: Catalogue) -> tuple[Problem, ...]:
    """Return the teams in whose name the mail server lets nobody send but the account itself."""
    if not _is_bound(s) or s.mail_from or not _is_address(s.smtp_user):
        return ()
    return tuple(
        Problem(
            "C005", "warning",
            f"Mail of this team would come from {each.sender_address}, but the account is {s.smtp_user}: "
            f"{s.mail_preset} refuses that, unless the account may send as it.",
            "Set ALERTS_MAIL_FROM to the account, or have the right to send as this address given to it.",
            file=each.file,
        )
        for each in catalogue.teams.values()
        if each.sender_address.casefold() != s.smtp_user.casefold()
    )  # fmt: skip


def check_joining(s: Settings, catalogue: Catalogue) -> tuple[Problem, ...]:
    """Return the bulletins that readers may join by themselves, where there is no page to do it on."""
    if s.public_url:
        return ()
    return tuple(
        Problem(
            "C006", "warning",
            "Readers may join this bulletin by themselves (sign_up), but there is no public address: "
            "the page to join on is not reachable, and no mail links to it.",
            "Set ALERTS_PUBLIC_ADDRESS, or take sign_up away: readers then come from people.csv alone.",
            file=each.file,
        )
        for each in catalogue.bulletins.values()
        if each.sign_up is not None
    )  # fmt: skip


def _errors(found: Iterable[tuple[bool, str, str]]) -> Iterator[Contradiction]:
    return (Contradiction("error", sentence, remedy) for wrong, sentence, remedy in found if wrong)


def _of_bounces(s: Settings) -> Iterator[Contradiction]:
    if s.bounce_address and not PRESETS[s.mail_preset].own_envelope_sender:
        yield Contradiction(
            "warning",
            "ALERTS_BOUNCE_ADDRESS is not used: this kind of mail server wants one sender for all messages.",
            "Take it away, or set ALERTS_MAIL_PRESET=relay if the server is one. Reports go to the sender.",
        )


def _without_server(s: Settings) -> Iterator[Contradiction]:
    if s.smtp_user or s.smtp_password or s.smtp_oauth_token_url:
        yield Contradiction(
            "warning",
            "There is a user or password for a mail server, but no ALERTS_SMTP_HOST: mails go to the mail folder.",
            "Set the mail server, or take user and password away.",
        )
    elif s.mail_preset != "other":
        usual = PRESETS[s.mail_preset].host
        yield Contradiction(
            "warning",
            f"ALERTS_MAIL_PRESET is {s.mail_preset}, but there is no ALERTS_SMTP_HOST: mails go to the mail folder.",
            f"Set ALERTS_SMTP_HOST{f'={usual}' if usual else ''}.",
        )


def _of_signature(s: Settings) -> Iterator[tuple[bool, str, str]]:
    dkim = (s.dkim_domain, s.dkim_selector, s.dkim_key)
    yield (
        any(dkim) and not all(dkim),
        "ALERTS_DKIM_DOMAIN, ALERTS_DKIM_SELECTOR and ALERTS_DKIM_KEY (or ALERTS_DKIM_KEY_FILE) belong together.",
        "Set all three, or none.",
    )


def _of_sign_in(s: Settings) -> Iterator[tuple[bool, str, str]]:
    oauth = bool(s.smtp_oauth_token_url)
    signs_in = bool(s.smtp_password) or oauth
    token_host = urlsplit(s.smtp_oauth_token_url)
    yield (
        s.smtp_tls == "none" and signs_in,
        "A password would go to the mail server in clear text (ALERTS_SMTP_TLS=none).",
        "Use TLS, or no password.",
    )
    yield (
        signs_in and not s.smtp_user,
        "There is a password or OAuth for the mail server, but no ALERTS_SMTP_USER.",
        "Set the user name.",
    )
    yield (
        bool(s.smtp_user) and not signs_in,
        "There is ALERTS_SMTP_USER, but neither a password nor OAuth to sign in with.",
        "Set ALERTS_SMTP_PASSWORD or the ALERTS_SMTP_OAUTH_… settings, or take the user name away.",
    )
    yield (
        oauth and not (s.smtp_oauth_client_id and s.smtp_oauth_client_secret),
        "OAuth needs ALERTS_SMTP_OAUTH_CLIENT_ID and ALERTS_SMTP_OAUTH_CLIENT_SECRET.",
        "Set both.",
    )
    yield (
        oauth and bool(s.smtp_password),
        "Both a password and OAuth are set for the mail server.",
        "Keep one of them.",
    )
    yield (
        token_host.scheme == "http" and token_host.hostname not in _OWN_MACHINE,
        "The OAuth client's secret would go out in clear text (ALERTS_SMTP_OAUTH_TOKEN_URL begins with http://).",
        "Write the address with https://.",
    )


def _of_preset(s: Settings) -> Iterator[tuple[bool, str, str]]:
    preset = PRESETS[s.mail_preset]
    signs_in = bool(s.smtp_password) or bool(s.smtp_oauth_token_url)
    yield (
        _HOST.fullmatch(s.smtp_host) is None,
        f"ALERTS_SMTP_HOST is not the name of a machine: {s.smtp_host[:80]!a}.",
        "Write only its name, such as smtp.example.nhs.uk; the port is ALERTS_SMTP_PORT.",
    )
    yield (
        preset.sign_in in ("oauth", "needed") and not signs_in and not s.smtp_user,
        f"{preset.name} takes mail only from an account that signs in, and none is set.",
        "Set ALERTS_SMTP_USER and the ALERTS_SMTP_OAUTH_… settings; for a relay that knows this machine say "
        "ALERTS_MAIL_PRESET=relay.",
    )
    yield (
        bool(preset.most_sessions) and (s.smtp_sessions or 0) > preset.most_sessions,
        f"{preset.name} takes at most {preset.most_sessions} connections at once, not {s.smtp_sessions}.",
        "Lower ALERTS_SMTP_SESSIONS or leave it out.",
    )
    yield (
        bool(preset.most_per_minute) and (s.mail_rate_per_minute or 0) > preset.most_per_minute,
        f"{preset.name} takes at most {preset.most_per_minute:g} messages a minute, not "
        f"{s.mail_rate_per_minute or 0:g}.",
        "Lower ALERTS_MAIL_RATE_PER_MINUTE or leave it out.",
    )
    yield (
        bool(preset.most_sessions) and s.smtp_tls == "none",
        f"{preset.name} takes no mail in clear text (ALERTS_SMTP_TLS=none).",
        "Leave ALERTS_SMTP_TLS out.",
    )


def _doubts(s: Settings) -> Iterator[Contradiction]:
    """Yield what most likely does not work."""
    if PRESETS[s.mail_preset].sign_in == "oauth" and s.smtp_password:
        yield Contradiction(
            "warning",
            f"{s.mail_preset} is giving up sign-in with a password.",
            "Have an application registered for OAuth and set ALERTS_SMTP_OAUTH_TOKEN_URL and its client instead.",
        )
    if _is_bound(s) and s.mail_from and _is_address(s.smtp_user) and s.mail_from.casefold() != s.smtp_user.casefold():
        yield Contradiction(
            "warning",
            f"Mail would come from {s.mail_from}, but the account is {s.smtp_user}: {s.mail_preset} refuses that, "
            "unless the account may send as it.",
            "Set ALERTS_MAIL_FROM to the account, or have the right to send as the other address given to it.",
        )
    for each in PRESETS.values():
        if each.host == s.smtp_host.casefold() and not PRESETS[s.mail_preset].per_day:
            yield Contradiction(
                "warning",
                f"{s.smtp_host} is what the preset {each.name} is for, but ALERTS_MAIL_PRESET is {s.mail_preset}: the "
                "limits of its owner are not kept to.",
                f"Set ALERTS_MAIL_PRESET={each.name} (or nhsmail, for an account there).",
            )
    usual = {"implicit": (465,), "starttls": (25, 587, 2525)}.get(s.smtp_tls, ())
    if s.smtp_port in {25, 465, 587} - set(usual) and usual:
        yield Contradiction(
            "warning",
            f"Port {s.smtp_port} is not where servers offer TLS of the kind {s.smtp_tls}.",
            "Leave ALERTS_SMTP_TLS out: the kind that goes with the port is then used, and verified.",
        )
    if _is_bound(s) and s.smtp_port == 465:
        yield Contradiction(
            "warning", f"{s.mail_preset} does not answer on port 465.", "Leave ALERTS_SMTP_PORT out: 587 with STARTTLS."
        )


def _is_bound(s: Settings) -> bool:
    """Tell whether mail has to come from the account that signs in."""
    preset = PRESETS[s.mail_preset]
    return bool(s.smtp_host) and preset.sign_in in ("oauth", "needed") and not preset.own_envelope_sender


def _is_address(text: str) -> bool:
    return "@" in text
