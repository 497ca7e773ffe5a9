from __future__ import annotations

import pytest

from alerts.fetch.headers import max_age_s, retry_after_s

DATE = "Sun, 22 Nov 2026 12:00:00 GMT"


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
        ("soon", 900.0),
        ("-5", 900.0),
        ("٣٠٠", 900.0),
        ("", None),
    ],
)  # fmt: skip
def test_retry_after_is_honoured_within_a_minute_and_a_day(said: str, wait: float | None) -> None:
    assert retry_after_s({"Retry-After": said, "Date": DATE}) == wait


def test_a_retry_date_without_a_date_to_count_from_is_not_guessed_by_our_clock() -> None:
    assert retry_after_s({"Retry-After": "Sun, 22 Nov 2026 12:10:00 GMT"}) == 900.0


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
    assert max_age_s(headers) == fresh
