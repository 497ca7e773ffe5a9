"""Bounded unpacking of gzip and deflate bodies (SAFETY 23).

aiohttp's own decompression reports no error for a gzip stream that was cut, and the next 304 would then lose the
missing items for ever. Ours checks the end-of-stream mark, the size and the ratio, and never holds more than one piece
beyond the limit. Sources: RFC 9110 8.4.1, RFC 1950 (zlib), RFC 1951 (deflate), RFC 1952 (gzip).
"""

from __future__ import annotations

import zlib
from typing import Protocol

from alerts.fetch.failures import CutShort, SuspiciousCompression, TooLarge, UnknownCompression

_GZIP, _ZLIB, _RAW = 31, 15, -15  # window bits, as zlib numbers its wrappings
_PIECE = 262_144
_RATIO_FLOOR = 1_000_000  # small bodies may repeat themselves as much as they like
_MOST_MEMBERS = 1_000  # a packer that flushes often makes a few dozen; each one costs time


class Unpacker(Protocol):
    """Takes the pieces of a body as they arrive."""

    def add(self, piece: bytes) -> None:
        """Take the next piece; raises TooLarge, SuspiciousCompression or UnknownCompression."""

    def finish(self) -> bytes:
        """Return the whole body; raises CutShort when its end never came."""


def unpacker(encoding: str, *, limit: int, max_ratio: int) -> Unpacker:
    """Return the unpacker for a Content-Encoding header; raises UnknownCompression for any but one known encoding."""
    names = [name.strip().lower() for name in encoding.split(",") if name.strip()]
    names = [name for name in names if name != "identity"]
    if not names:
        return Plain(limit)
    if len(names) == 1 and names[0] in ("gzip", "x-gzip"):
        return Packed(_GZIP, limit, max_ratio)
    if len(names) == 1 and names[0] == "deflate":
        return Packed(_ZLIB, limit, max_ratio)
    raise UnknownCompression(
        "The answer is packed in a way that was not asked for.", cause=f"Content-Encoding: {encoding[:80]}"
    )


def _too_large(limit: int, size: int) -> TooLarge:
    return TooLarge(
        f"The answer is larger than {limit / 1_000_000:g} MB, the most that is taken.",
        cause=f"{size} bytes and more, unpacked",
    )


def _is_zlib(head: bytes) -> bool:
    """Tell zlib (RFC 1950 2.2) from the bare deflate that some servers have always sent under the same name."""
    return head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0


class Plain:
    """A body that was not packed."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._body = bytearray()

    def add(self, piece: bytes) -> None:
        """Keep `piece`."""
        self._body += piece
        if len(self._body) > self._limit:
            raise _too_large(self._limit, len(self._body))

    def finish(self) -> bytes:
        """Return the body."""
        return bytes(self._body)


class Packed:
    """A gzip or deflate body: one stream, or several gzip members one after the other."""

    def __init__(self, wrapping: int, limit: int, max_ratio: int) -> None:
        self._wrapping = wrapping
        self._limit = limit
        self._max_ratio = max_ratio
        self._stream = zlib.decompressobj(wrapping)
        self._taken = 0
        self._head = b""
        self._undecided = wrapping == _ZLIB
        self._over = False
        self._members = 1
        self._body = bytearray()

    def add(self, piece: bytes) -> None:
        """Unpack `piece`, at most 256 kB at a time, checking size and ratio after each."""
        self._taken += len(piece)
        if self._undecided or self._stream.eof:  # two bytes tell what follows
            self._head += piece
            if len(self._head) < 2:
                return
            piece, self._head = self._head, b""
        if self._undecided and not _is_zlib(piece):
            self._wrapping = _RAW
            self._stream = zlib.decompressobj(_RAW)
        self._undecided = False
        try:
            self._unpack(piece)
        except zlib.error as damage:
            raise UnknownCompression("The answer is packed and damaged.", cause=f"zlib: {damage}") from None

    def _unpack(self, rest: bytes) -> None:
        more = not self._over
        while more:
            if self._stream.eof:
                if len(rest) < 2:
                    self._head = rest
                    return
                if self._wrapping != _GZIP or not rest.startswith(b"\x1f\x8b"):
                    self._over = True  # padding after the end, which every browser ignores as well
                    return
                self._members += 1
                if self._members > _MOST_MEMBERS:
                    raise SuspiciousCompression(
                        "The answer is packed in more parts than any feed would be.",
                        cause=f"more than {_MOST_MEMBERS} gzip members",
                    )
                self._stream = zlib.decompressobj(_GZIP)
            unpacked = self._stream.decompress(rest, _PIECE)
            self._body += unpacked
            self._check()
            rest = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            more = bool(rest) or len(unpacked) == _PIECE  # a full piece: more may wait inside, all input taken

    def _check(self) -> None:
        size = len(self._body)
        if size > _RATIO_FLOOR and size > self._taken * self._max_ratio:
            raise SuspiciousCompression(
                "The answer unpacks to far more than any feed would.", cause=f"{self._taken} bytes gave {size} and more"
            )
        if size > self._limit:
            raise _too_large(self._limit, size)

    def finish(self) -> bytes:
        """Return the body, if the stream said that it is complete."""
        if not self._stream.eof and self._taken:
            raise CutShort("The answer ended before it was complete.", cause="packed stream without its end")
        return bytes(self._body)
