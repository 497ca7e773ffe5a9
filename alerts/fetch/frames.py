"""The wire between the parser pool and its children: frames of eight bytes of length and a pickle.

What a child answers is not trusted: it has read hostile bytes. So the answer may be made of plain values, dates, and
the frozen dataclasses and errors of this project, and of nothing else; a pickle that names any other thing is refused.
"""

from __future__ import annotations

import io
import pickle
import struct
from dataclasses import dataclass, is_dataclass
from datetime import date, datetime, timedelta, timezone
from enum import Enum

from alerts.errors import AlertsError

HEAD = struct.Struct(">Q")
LARGEST_ANSWER = 64 * 1024 * 1024
_DATES = {"datetime": datetime, "date": date, "timedelta": timedelta, "timezone": timezone}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An AlertsError on its way between processes: its class by name, and what it says.

    Errors are not pickled themselves, because their classes may say how they are to be rebuilt, by any function.
    """

    module: str
    name: str
    sentence: str
    remedy: str

    @classmethod
    def of(cls, error: AlertsError) -> Refusal:
        """Take an error down."""
        return cls(type(error).__module__, type(error).__qualname__, error.sentence, error.remedy)

    def error(self) -> AlertsError:
        """Raise it up again on the other side; raises FrameRefused if its class is not one of ours."""
        try:
            kind = _Reader(io.BytesIO()).find_class(self.module, self.name)
        except (AttributeError, ImportError):
            kind = None
        if not (isinstance(kind, type) and issubclass(kind, AlertsError)):
            raise FrameRefused(f"an answer named {self.module}.{self.name} as an error")
        error = kind.__new__(kind)
        AlertsError.__init__(error, self.sentence, remedy=self.remedy)
        return error


class FrameRefused(ValueError):
    """A child's answer was too large, or named something that no answer is made of."""


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> object:
        if module == "datetime" and name in _DATES:
            return _DATES[name]
        if module.partition(".")[0] == "alerts" and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and (is_dataclass(found) or issubclass(found, AlertsError | Enum)):
                return found
        raise FrameRefused(f"an answer named {module}.{name}")


def packed(value: object) -> bytes:
    """Return `value` as a frame."""
    body = pickle.dumps(value, protocol=5)
    return HEAD.pack(len(body)) + body


def unpacked(body: bytes) -> object:
    """Read a child's answer; raises FrameRefused."""
    try:
        return _Reader(io.BytesIO(body)).load()
    except FrameRefused:
        raise
    except Exception as damage:  # noqa: BLE001 - hostile bytes can make a pickle raise anything
        raise FrameRefused(f"{type(damage).__name__}: {damage}") from None
