"""Values: what each kind accepts, and that what it refuses is refused in words."""

from __future__ import annotations

import contextlib
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.config import fields, read_mailbox, valid_address
from alerts.config.nearest import nearest
from alerts.config.schedules import skipped_or_repeated
from alerts.config.shape import Form, Refused, Value, key


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30 minutes", 1800), ("1 hour", 3600), ("1.5 hours", 5400), ("2 days", 172_800), ("1 Week", 604_800),
     ("1 month", 2_592_000), ("6hours", 21_600)],
)  # fmt: skip
def test_lengths_of_time_are_read_as_people_write_them(text: str, seconds: int) -> None:
    assert fields.parse_span(text) == seconds


@pytest.mark.parametrize("text", ["", "hour", "1", "1 fortnight", "-1 day", "1 day 2 hours", "١ day", "1e3 days"])
def test_other_lengths_of_time_are_refused(text: str) -> None:
    with pytest.raises(Refused, match="length of time"):
        fields.parse_span(text)


@given(st.integers(1, 10_000), st.sampled_from(["minute", "hour", "day", "week", "month"]))
def test_a_length_of_time_put_into_words_is_read_back(number: int, unit: str) -> None:
    seconds = fields.parse_span(f"{number} {unit}s")
    assert fields.parse_span(fields.in_words(seconds)) == seconds


@pytest.mark.parametrize(("text", "read"), [("07:30", time(7, 30)), ("7.30", time(7, 30)), ("23:59", time(23, 59))])
def test_times_of_day_are_read(text: str, read: time) -> None:
    assert fields.parse_time(text) == read


@pytest.mark.parametrize("text", ["24:00", "7:60", "7", "7:30 pm", "07:30:00", "٠٧:٣٠"])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(Refused, match="time of day"):
        fields.parse_time(text)


def test_days_are_read_and_impossible_ones_refused() -> None:
    assert fields.parse_day("2028-02-29") == date(2028, 2, 29)
    for text in ("2026-02-29", "29/02/2028", "2026-1-1", "20261101", "0000-01-01"):
        with pytest.raises(Refused, match="not a date"):
            fields.parse_day(text)


@pytest.mark.parametrize(
    "text", ["https://www.gov.uk/x.atom?a%5B%5D=b&c=d", "http://127.0.0.1:8000/f", "HTTPS://X.org"]
)
def test_web_addresses_are_read(text: str) -> None:
    assert fields.parse_web_address(text) == text


@pytest.mark.parametrize(
    "text",
    ["www.gov.uk", "ftp://x.org/f", "https://", "https:///path", "https://user:pass@x.org", "https://x.org/a b",
     "file:///etc/passwd", "javascript:alert(1)", "https://x.org:99999/", "https://[::1/", "https://x.org/\r\nHost: y",
     "https://x.org/" + "a" * 2000],
)  # fmt: skip
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(Refused):
        fields.parse_web_address(text)


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("Robin Sample <robin@example.nhs.uk>", "Robin Sample", "robin@example.nhs.uk"),
        ('"Sample, Robin" <robin@example.nhs.uk>', "Sample, Robin", "robin@example.nhs.uk"),
        ("robin@example.nhs.uk", "", "robin@example.nhs.uk"),
        ("  Robin   <robin@Example.NHS.uk> ", "Robin", "robin@example.nhs.uk"),
    ],
)
def test_a_name_with_an_address_is_read(text: str, name: str, address: str) -> None:
    mailbox = read_mailbox(text)
    assert mailbox is not None
    assert (mailbox.name, mailbox.address) == (name, address)


@pytest.mark.parametrize(
    "text",
    ["", "Robin", "Robin robin@example.nhs.uk", "Robin <robin@example>", "<a@b.org> <c@d.org>", "a@b.org, c@d.org",
     "Robin\r\nBcc: x <robin@example.nhs.uk>", "Robin <x@y.org\r\nRCPT TO:<evil@z.org>>", "Robin <a@b.org> x"],
)  # fmt: skip
def test_anything_else_is_no_name_with_an_address(text: str) -> None:
    assert read_mailbox(text) is None


@given(st.text(max_size=40))
def test_no_accepted_address_can_break_a_line(text: str) -> None:
    for address in (f"{text}@example.nhs.uk", f"reader@{text}.uk", text):
        if valid_address(address):
            checked = fields.parse_address(address)
            assert checked.isascii()
            assert checked.isprintable()
            assert not set(checked) & set(" \r\n<>,;:")


@given(st.text(max_size=60))
def test_no_text_makes_a_field_fail_but_by_refusing_it(text: str) -> None:
    readers = [value for value in vars(fields).values() if isinstance(value, Value)]
    readers += [fields.choice("a", "b"), fields.whole(0, 9), fields.number(0, 9), fields.span(60, 99)]
    assert len(readers) > 15
    for reader in readers:
        with contextlib.suppress(Refused):
            reader.parse(text)


def test_numbers_beyond_their_limits_are_told_which() -> None:
    for text, words in (("0", "too small"), ("11", "too large"), ("x", "not a whole number"), ("1.5", "whole number")):
        with pytest.raises(Refused, match=words):
            fields.whole(1, 10).parse(text)


@pytest.mark.parametrize(
    ("zone", "at", "once"),
    [
        ("Europe/London", time(0, 59), True),
        ("Europe/London", time(1, 0), False),
        ("Europe/London", time(1, 59), False),
        ("Europe/London", time(2, 0), True),
        ("Europe/Berlin", time(2, 30), False),
        ("Europe/Berlin", time(3, 0), True),
        ("America/New_York", time(2, 30), False),
        ("Africa/Cairo", time(0, 0), False),
        ("Australia/Lord_Howe", time(2, 15), False),
        ("America/Nuuk", time(23, 30), False),
        ("Asia/Kolkata", time(1, 30), True),
        ("UTC", time(1, 30), True),
    ],
)
def test_times_that_the_clock_change_skips_or_repeats_are_known(zone: str, at: time, once: bool) -> None:
    assert (skipped_or_repeated(zone, at) is None) is once


@pytest.mark.parametrize(
    ("word", "near"), [("titel", "title"), ("group-by", "group_by"), ("Title", "title"), ("xyzzy", "")]
)
def test_the_nearest_name_is_found_or_none(word: str, near: str) -> None:
    assert nearest(word, ["title", "team", "group_by"]) == near


class Small(Form):
    """A form."""

    name: str = key(fields.LINE, "A name.")
    size: int = key(fields.whole(0, 9), "A size.", default=1)


def test_a_form_has_its_defaults_and_compares_by_what_it_says() -> None:
    assert Small(name="a").size == 1
    assert Small(name="a") == Small(name="a", size=1)
    assert Small(name="a") != Small(name="b")
    assert repr(Small(name="a")) == "Small(name='a', size=1)"


def test_a_form_is_made_of_its_own_keys_only() -> None:
    with pytest.raises(TypeError, match="needs name"):
        Small()  # type: ignore[call-arg]  # what a type checker refuses is refused at run time too
    with pytest.raises(TypeError, match="has no colour"):
        Small(name="a", colour="red")  # type: ignore[call-arg]  # likewise


@pytest.mark.parametrize(
    ("written", "issn"),
    [("2044-6055", "2044-6055"), ("20446055", "2044-6055"), ("1234-567x", None), ("ISSN 2044-6055", "2044-6055"),
     ("eISSN: 0028-4793", "0028-4793"), ("1050-124x", "1050-124X"), ("2044–6055", "2044-6055")],
)  # fmt: skip
def test_an_issn_is_read_however_it_is_copied(written: str, issn: str | None) -> None:
    if issn is None:
        with pytest.raises(Refused, match="check digit of the ISSN 1234-567x is wrong"):
            fields.parse_issn(written)
    else:
        assert fields.parse_issn(written) == issn


@pytest.mark.parametrize("text", ["", "2044", "2044-60555", "Journal of Samples", "2044-605-5x", "10.5555/1"])
def test_what_is_no_issn_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Refused, match="is not an ISSN") as told:
        fields.parse_issn(text)
    assert "2044-6055" in told.value.remedy
