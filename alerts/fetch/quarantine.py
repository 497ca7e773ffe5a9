"""Bodies that bring the parser down: counted by name, refused after the third time until they change (SAFETY 26).

The name of a body is its hash, together with this version of the service, the limits that it was read within, and what
was looked for in it: a newer parser, more memory given by the operator, or another selector of the librarian's tries
again. Counts outlive the process in the sources' states.
"""

from __future__ import annotations

import hashlib
import threading

import alerts
from alerts.fetch.failures import Quarantined

TIMES = 3
_REMEMBERED = 1_000


class Quarantine:
    """How often each body has brought its child down. `within` says what limits it was read within."""

    def __init__(self, within: str) -> None:
        self._salt = f"{alerts.__version__} {within}\n".encode()
        self._times: dict[str, int] = {}
        self._lock = threading.Lock()

    def recall(self, name: str, times: int) -> None:
        """Take over what an earlier run counted."""
        with self._lock:
            self._put(name, max(times, self._times.get(name, 0)))

    def count(self, body: bytes, options: object = None) -> tuple[str, int]:
        """Count a body that brought its child down; return its name and how often it has done so."""
        name = self._name(body, options)
        with self._lock:
            times = self._times.get(name, 0) + 1
            self._put(name, times)
        return name, times

    def refuse(self, body: bytes, options: object = None) -> None:
        """Raise Quarantined for a body that has done so too often."""
        if self._times and self._times.get(self._name(body, options), 0) >= TIMES:
            raise Quarantined(
                f"This very content has brought the parser down {TIMES} times; it is not tried again until it changes."
            )

    def _put(self, name: str, times: int) -> None:
        while len(self._times) >= _REMEMBERED and name not in self._times:
            self._times.pop(next(iter(self._times)))
        self._times[name] = times

    def _name(self, body: bytes, options: object) -> str:
        asked = f"{options!r}\n".encode("utf-8", "surrogatepass") if options else b""
        return hashlib.sha256(self._salt + asked + body).hexdigest()
