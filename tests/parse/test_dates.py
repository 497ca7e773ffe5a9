"""Dates as publishers write them, in UTC; nothing invented where none can be read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.parse import dates


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Fri, 05 Nov 2021 06:00:00 -0400", (2021, 11, 5, 10)),
        ("Tue, 7 Jul 2026 09:00:00 BST", (2026, 7, 7, 8)),
        ("Mon, 02 Nov 2026 09:00:00 GMT", (2026, 11, 2, 9)),
        ("Wed, 5 Nov 2025 13:48:21  EST", (2025, 11, 5, 18, 48, 21)),
        ("02/11/2026", (2026, 11, 2)),
        ("02/11/2026 14:30", (2026, 11, 2, 14, 30)),
        ("2.11.2026", (2026, 11, 2)),
        ("11/25/2026", (2026, 11, 25)),
        ("2 November 2026", (2026, 11, 2)),
        ("2nd of November 2026", (2026, 11, 2)),
        ("Monday, 2 November 2026 at 9am", (2026, 11, 2, 9)),
        ("November 2, 2026 9:15 PM", (2026, 11, 2, 21, 15)),
        ("2026-11-02", (2026, 11, 2)),
        ("2026-11-02T09:00:00Z", (2026, 11, 2, 9)),
        ("2026-11-02T09:00:00+01:00", (2026, 11, 2, 8)),
        ("2013-09-13T23:45:36.972031-05:00", (2013, 9, 14, 4, 45, 36, 972031)),
        ("2021/11/9 16:41:56", (2021, 11, 9, 16, 41, 56)),
        ("20261102", (2026, 11, 2)),
        ("2021 Nov 5", (2021, 11, 5)),
        ("November 2026", (2026, 11, 1)),
        ("Nov-Dec 2026", (2026, 11, 1)),
        ("2026-11", (2026, 11, 1)),
        ("02-Nov-26", (2026, 11, 2)),
        ("Thu, 01 Jan 2026 24:00:00 GMT", (2026, 1, 2)),
        ("Mon Nov  2 09:00:00 2026", (2026, 11, 2, 9)),
        ("2026-W45-1", (2026, 11, 2)),
        ("Κυρ, 11 Ιούλ 2004 12:00:00 EST", (2004, 7, 11, 17)),
        ("2 novembre 2026", (2026, 11, 2)),
        ("2. November 2026", (2026, 11, 2)),
        ("2 de noviembre de 2026", (2026, 11, 2)),
        ("08 déc. 2026", (2026, 12, 8)),
        ("2 Tachwedd 2026", (2026, 11, 2)),
        ("Mo, 02 Nov 2026 10:00:00 +0100", (2026, 11, 2, 9)),
        ("Nov  1 2026 12:00:00:000AM", (2026, 11, 1)),
        ("2026-11-02+01:00", (2026, 11, 2)),
        ("2026-11-02-05:00", (2026, 11, 2)),
        ("12:00am 2 November 2026", None),
        ("9am", None),
        ("-1130", None),
    ],
)
def test_a_date_is_read_as_its_publisher_meant_it(text: str, moment: tuple[int, ...] | None) -> None:
    assert dates.read(text) == (datetime(*moment, tzinfo=UTC) if moment else None)  # type: ignore[misc,arg-type]  # a tuple of parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026",
        "13/13/2026",
        "30 February 2026",
        "2026-02-30",
        "2026-13-01",
        "2026-00-00",
        "Spring 2026",
        "Winter 2025/26",
        "Q3 2026",
        "1762074000",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "0207 123 4567",
        "x" * 500,
        "1.2.3",
    ],
)
def test_what_is_no_whole_date_is_none_and_never_filled_in_from_the_clock(text: str) -> None:
    assert dates.read(text) is None


@pytest.mark.parametrize(
    ("text", "edge"),
    [
        ("9999-12-31T23:59:59Z", dates.LATEST),
        ("0001-01-01T00:00:00Z", dates.EARLIEST),
        ("0000-00-00", dates.EARLIEST),
        ("9999-12-31T23:59:59-12:00", dates.LATEST),
        ("Mon, 01 Jan 0001 00:00:00 GMT", dates.EARLIEST),
    ],
)
def test_impossible_years_are_clamped_for_sorting(text: str, edge: datetime) -> None:
    assert dates.read(text) == edge
    assert dates.is_impossible(edge)


def test_a_month_alone_is_known_as_one() -> None:
    assert dates.is_month_only("November 2026")
    assert dates.is_month_only("2026-11")
    assert not dates.is_month_only("2 November 2026")


@given(st.text(max_size=60) | st.from_regex(r"[0-9 :/.,+TZ-]{1,40}", fullmatch=True))
def test_no_text_raises_and_every_date_is_aware_and_possible(text: str) -> None:
    moment = dates.read(text)
    assert moment is None or (moment.tzinfo is UTC and dates.EARLIEST <= moment <= dates.LATEST)


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2090, 1, 1)))  # noqa: DTZ001  hypothesis wants naive bounds
def test_the_common_forms_come_back(naive: datetime) -> None:
    moment = naive.replace(microsecond=0, tzinfo=UTC)
    assert dates.read(moment.isoformat()) == moment
    assert dates.read(f"{moment:%a, %d %b %Y %H:%M:%S} +0000") == moment
    assert dates.read(f"{moment:%d/%m/%Y}") == moment.replace(hour=0, minute=0, second=0)
    assert dates.read(f"{moment.day} {moment:%B %Y}") == moment.replace(hour=0, minute=0, second=0)
