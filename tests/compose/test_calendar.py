"""Days on which nothing goes out."""

from __future__ import annotations

from datetime import date, time

import pytest

from alerts.compose.calendar import CALENDARS, bank_holiday, closed_days
from alerts.model.bulletins import Schedule
from alerts.model.catalogue import NoSendDay

EVE = date(2026, 12, 24)


@pytest.mark.parametrize("calendar", ["england", "wales", "scotland", "northern-ireland"])
def test_christmas_is_a_holiday_in_every_nation(calendar: str) -> None:
    assert "Christmas" in (bank_holiday(date(2026, 12, 25), calendar) or "")


@pytest.mark.parametrize(
    ("day", "where"),
    [
        (date(2027, 1, 4), {"scotland"}),
        (date(2026, 8, 3), {"scotland"}),
        (date(2026, 8, 31), {"england", "wales", "northern-ireland"}),
        (date(2026, 7, 13), {"northern-ireland"}),
        (date(2026, 11, 17), set()),
    ],
)
def test_each_nation_has_its_own_days(day: date, where: set[str]) -> None:
    assert {each for each in CALENDARS if bank_holiday(day, each)} == where


def test_a_day_of_ones_own_counts_in_its_calendars_even_for_bulletins_that_go_out_on_sundays() -> None:
    own = [NoSendDay(EVE, "Library closed", frozenset({"england"}))]
    always = Schedule("daily", time(7), working_days_only=False)
    assert closed_days(always, own)(EVE) == "Library closed"
    assert closed_days(Schedule("daily", time(7), calendar="scotland"), own)(EVE) is None
    assert closed_days(always, own)(date(2026, 12, 25)) is None


def test_week_ends_close_a_working_day_bulletin() -> None:
    closed = closed_days(Schedule("daily", time(7), calendar="none"))
    assert (closed(date(2026, 11, 21)), closed(date(2026, 11, 22)), closed(date(2026, 12, 25))) == (
        "Saturday",
        "Sunday",
        None,
    )
