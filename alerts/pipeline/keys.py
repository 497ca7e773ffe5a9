"""The key that signs unsubscribe links: set by the administrator, or made once in the data folder.

The first key signs; every key is accepted, so that links in mails already sent go on working after a rotation.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from alerts.config import Settings
from alerts.errors import AlertsError


class NoSecretKey(AlertsError):
    """The signing key can be neither read nor made."""

    code = "C040"
    remedy = "Set ALERTS_SECRET_KEY_FILE, or make the data folder writable for the service."


def signing_keys(settings: Settings) -> tuple[bytes, ...]:
    """Return the signing keys, the one in use first."""
    current = settings.secret_key.get_secret_value() or _kept_key(settings.data_dir / "secret.key")
    previous = settings.secret_key_previous.get_secret_value()
    return tuple(each.encode() for each in (current, previous) if each)


def _kept_key(path: Path) -> str:
    """Read the key kept in the data folder; make it on the first run, in one step that two processes cannot both do."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            made = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
            made.touch(mode=0o600)
            made.write_text(secrets.token_urlsafe(32), encoding="ascii")
            try:
                os.link(made, path)
            except FileExistsError:
                pass  # another process was first: its key is the key
            finally:
                made.unlink()
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NoSecretKey(f"The signing key {path} cannot be used: {error}.") from error
    if len(key) < 32:
        raise NoSecretKey(f"The signing key in {path} is damaged: it has {len(key)} characters.")
    return key
