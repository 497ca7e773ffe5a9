"""Bytes to text: believed before any declaration, and never slow."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.parse.encoding import decode, without_doctype

WORDS = "Café Málaga — naïve"


@pytest.mark.parametrize(
    ("body", "content_type", "codes"),
    [
        (WORDS.encode(), "", []),
        (b"\xef\xbb\xbf" + WORDS.encode(), "", []),
        (WORDS.encode("utf-16"), "", []),
        (f'<?xml version="1.0" encoding="utf-8"?>{WORDS}'.encode(), "", []),
        (f'<?xml version="1.0" encoding="ISO-8859-1"?>{WORDS}'.encode(), "", ["P003"]),
        (f'<?xml version="1.0" encoding="iso-8859-1"?>{WORDS}'.encode("cp1252"), "", []),
        (f'<?xml version="1.0" encoding="windows-1252"?>{WORDS}'.encode("cp1252"), "", []),
        (f'<?xml version="1.0" encoding="utf-8"?>{WORDS}'.encode("cp1252"), "", ["P003"]),
        (f'<?xml version="1.0" encoding="no-such"?>{WORDS}'.encode(), "", ["P003"]),
        (WORDS.encode("cp1252"), "text/xml; charset=ISO-8859-1", []),
        (WORDS.encode(), "text/xml; charset=ISO-8859-1", ["P003"]),
        (f'<?xml version="1.0" encoding="iso-8859-1"?>{WORDS}'.encode("cp1252"), "text/xml; charset=utf-8", []),
    ],
)
def test_words_come_out_right_whatever_was_declared(body: bytes, content_type: str, codes: list[str]) -> None:
    decoded = decode(body, content_type)
    assert decoded.text.endswith(WORDS)
    assert [each.code for each in decoded.problems] == codes


def test_japanese_in_seven_bits_needs_its_declaration() -> None:
    body = '<?xml version="1.0" encoding="iso-2022-jp"?>日本'.encode("iso-2022-jp")
    assert decode(body).text.endswith("日本")


def test_chinese_in_its_own_encoding() -> None:
    assert decode('<?xml version="1.0" encoding="gb2312"?>中国'.encode("gb18030")).text.endswith("中国")


def test_a_few_broken_bytes_are_said_and_the_rest_is_kept() -> None:
    decoded = decode(("é" * 5_000).encode() + b"\xff" + b"end")
    assert decoded.text.endswith("\ufffdend")
    assert [each.code for each in decoded.problems] == ["P004"]


@pytest.mark.parametrize("text", ["Café owners and £5", "a – b", "“Ready”"])
def test_a_few_windows_letters_in_plain_text_are_read_as_such(text: str) -> None:
    decoded = decode(b'<?xml version="1.0" encoding="UTF-8"?>' + text.encode("cp1252"))
    assert decoded.text.endswith(text)
    assert [each.code for each in decoded.problems] == ["P003"]


def test_a_letter_cut_in_two_is_not_taken_for_windows_letters() -> None:
    assert [each.code for each in decode(b"One \xe2\x82 two").problems] == ["P004"]


@given(st.binary(max_size=300), st.text(max_size=40))
def test_no_bytes_raise(body: bytes, content_type: str) -> None:
    decode(body, content_type)


@pytest.mark.parametrize(
    "name", ["utf-7", "idna", "rot13", "base64", "unicode_escape", "punycode", "zlib", "undefined"]
)
def test_a_codec_that_is_no_encoding_is_not_used(name: str) -> None:
    assert decode(f'<?xml version="1.0" encoding="{name}"?>\\u0041+AEE-'.encode()).text.endswith("\\u0041+AEE-")


def test_endless_declarations_take_no_time() -> None:
    begun = time.perf_counter()
    decode(b"<?xml " + b"encoding='x' " * 10_000 + b"\xe9")
    decode(b"<?xml " + b" " * 500_000 + b"\xe9")
    without_doctype("<!DOCTYPE " + "[" * 200_000)
    without_doctype("<!DOCTYPE x " + "'" * 200_001)
    without_doctype("<!-- " * 100_000)
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize(
    ("text", "rest", "had_subset"),
    [
        ("<!DOCTYPE rss><rss/>", "<rss/>", False),
        ('<!DOCTYPE rss PUBLIC "-//N//DTD 0.91//EN" "http://x/rss.dtd"><rss/>', "<rss/>", False),
        ('<!DOCTYPE rss [<!ENTITY a "x]>"><!-- it\'s --> ]><rss/>', "<rss/>", True),
        ("<rss>&lt;!DOCTYPE x [</rss>", "<rss>&lt;!DOCTYPE x [</rss>", False),
        ("no markup", "no markup", False),
    ],
)
def test_the_document_type_is_taken_away(text: str, rest: str, had_subset: bool) -> None:
    assert without_doctype(text) == (rest, had_subset)


def test_one_item_of_broken_bytes_does_not_spoil_the_letters_of_the_others() -> None:
    text = "".join(f"<item><title>caf\u00e9 \u2265 {n}</title></item>" for n in range(20)).encode()
    body = (
        b"<rss><channel>" + text + b"<item><title>" + b"a\xff\xfe b\xc0\x80 " * 10 + b"</title></item></channel></rss>"
    )
    decoded = decode(body)
    assert decoded.text.count("caf\u00e9 \u2265") == 20
    assert [each.code for each in decoded.problems] == ["P004"]
