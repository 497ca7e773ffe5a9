"""Bank holidays against the official lists: the Banking and Financial Dealings Act 1971, and proclamations since.

The tables here were written from the rules and from GOV.UK's lists, not from the package that the service uses.
"""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from alerts.compose.calendar import KNOWN_UNTIL, bank_holiday, closed_days, reaches_beyond
from alerts.model.bulletins import Schedule
from alerts.model.catalogue import NoSendDay

# Good Friday, Easter Monday, early May, spring, summer (England, Wales, Northern Ireland), Christmas and Boxing Day or
# what stands for them, New Year's Day or what stands for it.
ENGLAND = {
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",  # 8 May: the coronation
    2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
    2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
    2028: "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
    2029: "01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26",
    2030: "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26",
}
# No Easter Monday; 2 January, the summer holiday on the first Monday of August, St Andrew's Day.
SCOTLAND = {
    2023: "01-02 01-03 04-07 05-01 05-08 05-29 08-07 11-30 12-25 12-26",
    2024: "01-01 01-02 03-29 05-06 05-27 08-05 12-02 12-25 12-26",
    2025: "01-01 01-02 04-18 05-05 05-26 08-04 12-01 12-25 12-26",
    2026: "01-01 01-02 04-03 05-04 05-25 06-15 08-03 11-30 12-25 12-28",  # 15 June: the World Cup
    2027: "01-01 01-04 03-26 05-03 05-31 08-02 11-30 12-27 12-28",
    2028: "01-03 01-04 04-14 05-01 05-29 08-07 11-30 12-25 12-26",
    2029: "01-01 01-02 03-30 05-07 05-28 08-06 11-30 12-25 12-26",
    2030: "01-01 01-02 04-19 05-06 05-27 08-05 12-02 12-25 12-26",
}
# As England, and St Patrick's Day and 12 July or what stands for them.
IRISH = {
    2023: "03-17 07-12", 2024: "03-18 07-12", 2025: "03-17 07-14", 2026: "03-17 07-13",
    2027: "03-17 07-12", 2028: "03-17 07-12", 2029: "03-19 07-12", 2030: "03-18 07-12",
}  # fmt: skip


def weekdays_closed(calendar: str, year: int) -> list[str]:
    """Return the Mondays to Fridays of a year that are bank holidays."""
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    return [f"{day:%m-%d}" for day in days if day.year == year and day.weekday() < 5 and bank_holiday(day, calendar)]


@pytest.mark.parametrize("year", ENGLAND)
def test_bank_holidays_are_the_official_ones(year: int) -> None:
    assert weekdays_closed("england", year) == ENGLAND[year].split()
    assert weekdays_closed("wales", year) == ENGLAND[year].split()
    assert weekdays_closed("scotland", year) == SCOTLAND[year].split()
    assert weekdays_closed("northern-ireland", year) == sorted([*ENGLAND[year].split(), *IRISH[year].split()])
    assert weekdays_closed("none", year) == []


@pytest.mark.parametrize(
    ("day", "calendar", "name"),
    [
        ("2026-12-28", "england", "Boxing Day (substitute day)"),
        ("2026-05-04", "wales", "Early May bank holiday"),
        ("2026-08-31", "england", "Summer bank holiday"),
        ("2027-01-04", "scotland", "2nd January (substitute day)"),
        ("2023-01-02", "scotland", "2nd January and New Year's Day (substitute day)"),
        ("2026-07-13", "northern-ireland", "Battle of the Boyne (substitute day)"),
        ("2023-05-08", "england", "Bank holiday for the coronation of King Charles III"),
    ],
)
def test_bank_holidays_are_called_what_readers_call_them(day: str, calendar: str, name: str) -> None:
    assert bank_holiday(date.fromisoformat(day), calendar) == name


def test_it_is_known_until_when_bank_holidays_had_been_announced() -> None:
    assert not reaches_beyond("scotland", KNOWN_UNTIL)
    assert reaches_beyond("scotland", KNOWN_UNTIL + timedelta(days=1))
    assert not reaches_beyond("none", date(2040, 1, 1)), "without a nation there is nothing to know"


def test_own_days_close_for_their_calendars_also_when_week_ends_do_not() -> None:
    own = [NoSendDay(date(2026, 11, 28), "Stocktaking"), NoSendDay(date(2026, 11, 29), "Fair", frozenset({"wales"}))]
    english = closed_days(Schedule("daily", at=time(7), working_days_only=False), own)
    assert english(date(2026, 11, 28)) == "Stocktaking"
    assert english(date(2026, 11, 29)) is None
