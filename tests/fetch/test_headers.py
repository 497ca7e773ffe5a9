from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alerts.fetch.headers import max_age_s, pause_s, plain, retry_after_s, validator

DATE = "Sun, 22 Nov 2026 12:00:00 GMT"
CAME = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", 120.0),
        ("0", 60.0),
        ("5", 60.0),
        ("999999999999", 86_400.0),
        ("1.5", 60.0),
        ("Sun, 22 Nov 2026 12:10:00 GMT", 600.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 60.0),
        ("Tue, 24 Nov 2026 12:00:00 GMT", 86_400.0),
        ("Sunday, 22-Nov-26 12:10:00 GMT", 600.0),
        ("9" * 400, 86_400.0),
        ("120, 600", 600.0),
        ("soon", 900.0),
        ("-5", 900.0),
        ("٣٠٠", 900.0),
        ("", None),
    ],
)  # fmt: skip
def test_retry_after_is_honoured_within_a_minute_and_a_day(said: str, wait: float | None) -> None:
    assert retry_after_s({"retry-after": said, "date": DATE}) == wait


def test_a_date_is_counted_from_the_servers_clock_and_only_without_one_from_ours() -> None:
    then = {"retry-after": "Sun, 22 Nov 2026 12:10:00 GMT"}
    assert retry_after_s(then, CAME) == 600.0
    assert retry_after_s({**then, "date": "Sun, 22 Nov 2026 12:05:00 GMT"}, CAME) == 300.0
    assert retry_after_s(then) == 900.0
    assert max_age_s({"expires": "Sun, 22 Nov 2026 14:00:00 GMT"}, CAME) == 7200.0


@pytest.mark.parametrize(
    ("headers", "fresh"),
    [
        ({"Cache-Control": "max-age=7200"}, 7200.0),
        ({"Cache-Control": 'public, MAX-AGE="7200", must-revalidate'}, 7200.0),
        ({"Cache-Control": "max-age=7200", "Age": "200"}, 7000.0),
        ({"Cache-Control": "max-age=100", "Age": "200"}, None),
        ({"Cache-Control": "s-maxage=7200"}, None),
        ({"Cache-Control": "max-age=7200, no-cache"}, None),
        ({"Cache-Control": "no-store"}, None),
        ({"Cache-Control": "max-age=often"}, None),
        ({"Cache-Control": "max-age=0"}, None),
        ({"Expires": "Sun, 22 Nov 2026 14:00:00 GMT", "Date": DATE}, 7200.0),
        ({"Expires": "0", "Date": DATE}, None),
        ({"Expires": "Sun, 22 Nov 2026 14:00:00 GMT"}, None),
        ({"Cache-Control": "max-age=60", "Expires": "Sun, 22 Nov 2026 14:00:00 GMT", "Date": DATE}, 60.0),
        ({}, None),
    ],
)  # fmt: skip
def test_freshness_is_what_cache_control_says_else_expires(headers: dict[str, str], fresh: float | None) -> None:
    assert max_age_s(plain(headers.items())) == fresh


def test_what_comes_in_several_lines_is_read_as_one() -> None:
    lines = [("Cache-Control", "private"), ("cache-control", "max-age=7200"), ("Date", DATE), ("Date", "another")]
    assert max_age_s(plain(lines)) == 7200.0
    assert plain(lines)["date"] == DATE
    assert plain([("Content-Encoding", "identity"), ("CONTENT-ENCODING", "gzip")]) == {
        "content-encoding": "identity, gzip"
    }


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ('"1"', '"1"'),
        (' W/"x y" ', 'W/"x y"'),
        ('"caf\udce9"', ""),
        ('"a\tb"', ""),
        ('"' + "x" * 1000 + '"', ""),
        ("", ""),
    ],
)
def test_a_validator_is_kept_only_if_it_can_be_sent_back_as_it_came(said: str, kept: str) -> None:
    assert validator(said) == kept


@pytest.mark.parametrize(
    ("limit", "interval", "pause"),
    [
        ("3", "1s", 1 / 3),
        ("1", "1s", 1.0),
        ("50", "1s", 0.02),
        ("10", "60s", 6.0),
        ("1", "3600s", 30.0),
        ("0", "1s", 0.0),
        ("3", "", 0.0),
        ("", "1s", 0.0),
        ("many", "1s", 0.0),
        ("3", "-1s", 0.0),
        ("9" * 400, "1s", 0.0),
    ],
)
def test_a_rate_that_an_answer_names_becomes_a_pause(limit: str, interval: str, pause: float) -> None:
    told = {"x-rate-limit-limit": limit, "x-rate-limit-interval": interval}
    assert pause_s(told) == pytest.approx(pause)
