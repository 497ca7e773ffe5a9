"""Text from strangers made safe to store, match and show (SAFETY 21)."""

from __future__ import annotations

import re
import unicodedata

TITLE_LIMIT = 1_000
SUMMARY_LIMIT = 20_000
KEY_LIMIT = 2_000
NAME_LIMIT = 300

# C1 controls are Windows-1252 letters that were declared as Latin-1 (as the HTML standard reads them too).
_WINDOWS = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
# Removed: controls, lone surrogates, bidi marks, invisible joiners of words, tag characters, non-characters.
_GONE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_SEPARATORS = re.compile("[\u2028\u2029]")
_ROUNDS = 8
_C1 = re.compile("[\x80-\x9f]")


# UTF-8 that was read as Windows-1252 and written again: "fÃ¼r", "Â£31", "Î±", "childâ€™s".
_MOJIBAKE = re.compile(
    "\u00c2[\u00a0-\u00bf]|[\u00c3-\u00c5\u00ce\u00cf][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
    "|\u00e2(?:\u20ac|\u0080)[\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)


def _bytes_of(text: str) -> bytes:
    return b"".join(bytes([ord(char)]) if ord(char) < 0x100 else char.encode("cp1252") for char in text)


def _read_again(text: str) -> str:
    try:
        return _bytes_of(text).decode("utf-8")
    except UnicodeError:
        return text


def _unspoilt(raw: str) -> str:
    """Return `raw` with text that was encoded twice read rightly: as a whole if it can be, else where it plainly is."""
    whole = _read_again(raw)
    return whole if whole != raw else _MOJIBAKE.sub(lambda found: _read_again(found.group()), raw)


def _once(raw: str) -> str:
    if _C1.search(raw):
        raw = raw.translate(_WINDOWS)
    if _MOJIBAKE.search(raw):
        raw = _unspoilt(raw)
    raw = _SEPARATORS.sub("\n", raw)
    return unicodedata.normalize("NFC", _GONE.sub("", raw))


def _without_hazards(raw: str) -> str:
    """Return `raw` cleaned until nothing changes any more: what is removed may bring new hazards together."""
    for _ in range(_ROUNDS):
        cleaned = _once(raw)
        if cleaned == raw:
            break
        raw = cleaned
    return raw


def line(raw: str, limit: int = TITLE_LIMIT) -> str:
    """Return `raw` as one clean line of at most `limit` code points: no controls, NFC, single spaces."""
    if not (raw.isascii() and raw.isprintable()):
        raw = _without_hazards(raw)
    return " ".join(raw.split())[:limit].rstrip()


def text(raw: str, limit: int = SUMMARY_LIMIT) -> str:
    """Return `raw` as clean text of at most `limit` code points: as `line`, but line breaks between blocks stay."""
    if "\r" in raw:
        raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    if not (raw.isascii() and raw.replace("\n", " ").isprintable()):
        raw = _without_hazards(raw)
    lines = (" ".join(line.split()) for line in raw.split("\n"))
    return "\n".join(line for line in lines if line)[:limit].rstrip()


def is_cut(raw: str, limit: int) -> bool:
    """Tell whether `raw` is longer than `limit` even when its white space is collapsed."""
    return len(raw) > limit and len(" ".join(raw.split())) > limit
