from __future__ import annotations

import gzip
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.fetch.failures import CutShort, SuspiciousCompression, TooLarge, UnknownCompression
from alerts.fetch.unpack import unpacker

FEED = (
    b"<rss><channel>" + b"".join(b"<item><title>Item %d</title></item>" % n for n in range(500)) + b"</channel></rss>"
)


def bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def unpack(encoding: str, body: bytes, *, step: int = 1000, limit: int = 15_000_000, max_ratio: int = 150) -> bytes:
    pieces = unpacker(encoding, limit=limit, max_ratio=max_ratio)
    for start in range(0, len(body), step):
        pieces.add(body[start : start + step])
    return pieces.finish()


@pytest.mark.parametrize("step", [1, 2, 3, 7, 100_000])
@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", FEED),
        ("identity", FEED),
        ("gzip", gzip.compress(FEED, mtime=0)),
        ("X-GZIP", gzip.compress(FEED, mtime=0)),
        ("identity, gzip", gzip.compress(FEED, mtime=0)),
        ("deflate", zlib.compress(FEED)),
        ("deflate", bare_deflate(FEED)),
        ("gzip", gzip.compress(FEED[:900], mtime=0) + gzip.compress(FEED[900:], mtime=0)),
        ("gzip", gzip.compress(FEED, mtime=0) + b"\0" * 700),
    ],
    ids=["plain", "identity", "gzip", "x-gzip", "with identity", "zlib", "bare deflate", "two members", "padded"],
)
def test_a_whole_body_comes_out_as_it_went_in(encoding: str, body: bytes, step: int) -> None:
    assert unpack(encoding, body, step=step) == FEED


@given(st.binary(max_size=5_000), st.integers(1, 600))
def test_any_bytes_survive_every_packing_in_pieces_of_any_size(body: bytes, step: int) -> None:
    for encoding, pack in (("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", bare_deflate)):
        assert unpack(encoding, pack(body), step=step) == body


@pytest.mark.parametrize("missing", [1, 4, 8, 100, 500])
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_cut_stream_is_a_failure_however_little_is_missing(encoding: str, missing: int) -> None:
    whole = gzip.compress(FEED, mtime=0) if encoding == "gzip" else zlib.compress(FEED)
    with pytest.raises(CutShort):
        unpack(encoding, whole[:-missing])


def test_a_second_member_that_is_cut_is_a_failure_too() -> None:
    with pytest.raises(CutShort):
        unpack("gzip", gzip.compress(FEED, mtime=0) + gzip.compress(FEED, mtime=0)[:-9])


def test_an_empty_answer_is_empty_not_cut() -> None:
    assert unpack("gzip", b"") == b""


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip,deflate", "compress", "gzip gzip"])
def test_only_one_known_packing_is_taken(encoding: str) -> None:
    with pytest.raises(UnknownCompression):
        unpack(encoding, gzip.compress(FEED, mtime=0))


@pytest.mark.parametrize(
    "damage",
    [b"<rss>not packed at all</rss>", gzip.compress(FEED, mtime=0)[:40] + b"\xff" * 400, b"\x1f\x8b\x08"],
    ids=["plain", "overwritten", "three bytes"],
)
def test_a_damaged_stream_is_a_failure(damage: bytes) -> None:
    with pytest.raises((UnknownCompression, CutShort)):
        unpack("gzip", damage)


def test_a_wrong_checksum_is_a_failure() -> None:
    packed = bytearray(gzip.compress(FEED, mtime=0))
    packed[-8] ^= 1
    with pytest.raises(UnknownCompression):
        unpack("gzip", bytes(packed))


def test_a_bomb_is_stopped_long_before_it_is_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000, compresslevel=9)
    pieces = unpacker("gzip", limit=10**10, max_ratio=150)
    with pytest.raises(SuspiciousCompression):
        pieces.add(bomb[:20_000])


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", gzip.compress(FEED, mtime=0)), ("deflate", zlib.compress(FEED)), ("", FEED)],
    ids=["gzip", "deflate", "plain"],
)
def test_the_limit_is_for_what_comes_out(encoding: str, body: bytes) -> None:
    assert unpack(encoding, body, limit=len(FEED)) == FEED
    with pytest.raises(TooLarge):
        unpack(encoding, body, limit=len(FEED) - 1)


def test_a_body_that_repeats_itself_honestly_is_no_bomb() -> None:
    dull = b"<item><title>Weekly report</title></item>" * 20_000
    assert unpack("gzip", gzip.compress(dull)) == dull


@given(st.sampled_from(["gzip", "deflate"]), st.binary(max_size=400))
def test_no_bytes_make_the_unpacker_raise_anything_but_its_own_failures(encoding: str, body: bytes) -> None:
    with suppress(CutShort, UnknownCompression):
        assert isinstance(unpack(encoding, body, step=50), bytes)
