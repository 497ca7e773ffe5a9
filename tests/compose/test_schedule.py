"""When a bulletin is due: every cadence, moved days, clock changes, absences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.compose import schedule
from alerts.compose.calendar import closed_days
from alerts.model.bulletins import Bulletin, Period, Schedule
from tests.compose.builders import bulletin

LONDON = ZoneInfo("Europe/London")
WEEKLY = Schedule("weekly", time(7, 30), weekday=1)


def of(made: Schedule) -> Bulletin:
    return bulletin(schedule=made)


def open_always(day: date) -> str | None:
    return None


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def due(made: Schedule, after: str, now: str, settled: tuple[str, ...] = ()) -> Period | None:
    return schedule.due(of(made), after=local(after), settled=settled, now=local(now), holidays=closed_days(made))


def days(made: Schedule, first: str, count: int) -> list[str]:
    return [each.isoformat() for each in islice(schedule.nominal_days(made, date.fromisoformat(first)), count)]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (Schedule("daily", time(7)), ["2026-10-30", "2026-11-02", "2026-11-03"]),
        (Schedule("daily", time(7), working_days_only=False), ["2026-10-30", "2026-10-31", "2026-11-01"]),
        (Schedule("weekly", time(7), weekday=1), ["2026-11-03", "2026-11-10", "2026-11-17"]),
        (
            Schedule("fortnightly", time(7), weekday=1, starting=date(2026, 10, 20)),
            ["2026-11-03", "2026-11-17", "2026-12-01"],
        ),
        (
            Schedule("fortnightly", time(7), weekday=3, starting=date(2026, 12, 1)),
            ["2026-12-03", "2026-12-17", "2026-12-31"],
        ),
        (Schedule("monthly", time(7), weekday=1, nth=1), ["2026-11-03", "2026-12-01", "2027-01-05"]),
        (Schedule("monthly", time(7), weekday=4, nth=-1), ["2026-10-30", "2026-11-27", "2026-12-25"]),
        (Schedule("monthly", time(7), weekday=6, nth=4), ["2026-11-22", "2026-12-27", "2027-01-24"]),
    ],
)
def test_a_cadence_falls_on_its_days(made: Schedule, expected: list[str]) -> None:
    assert days(made, "2026-10-30", 3) == expected


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_fortnights_are_the_same_whenever_one_starts_to_count(starting: date, first: date) -> None:
    made = Schedule("fortnightly", time(7), weekday=2, starting=starting)
    found = next(schedule.nominal_days(made, first))
    anchor = starting + timedelta(days=(2 - starting.weekday()) % 7)
    assert found.weekday() == 2
    assert (found - anchor).days % 14 == 0
    assert found >= max(first, anchor)
    assert (found - max(first, anchor)).days < 14


@pytest.mark.parametrize(
    ("nominal", "calendar", "goes_out", "why"),
    [
        ("2026-12-25", "england", "2026-12-29", "Christmas Day"),
        ("2026-12-28", "england", "2026-12-29", "Boxing Day"),
        ("2026-11-30", "scotland", "2026-12-01", "St Andrew's Day"),
        ("2026-11-30", "england", "2026-11-30", ""),
        ("2026-03-17", "northern-ireland", "2026-03-18", "St Patrick's Day"),
        ("2026-04-03", "england", "2026-04-07", "Good Friday"),
        ("2026-04-06", "scotland", "2026-04-06", ""),
        ("2026-11-22", "england", "2026-11-23", "Sunday"),
    ],
)
def test_an_issue_moves_to_the_next_working_day_of_its_nation(
    nominal: str, calendar: str, goes_out: str, why: str
) -> None:
    made = replace(WEEKLY, calendar=calendar)
    day, moved_by = schedule.moved(date.fromisoformat(nominal), made, closed_days(made))
    assert day.isoformat() == goes_out
    assert (why in moved_by) if why else (moved_by == "")


def test_the_key_is_the_nominal_day_however_far_the_issue_moved() -> None:
    made = Schedule("monthly", time(9), weekday=4, nth=-1)
    period = due(made, "2026-12-01", "2026-12-29T09:00")
    assert period is not None
    assert (period.key, period.due_at) == ("2026-12-25", local("2026-12-29T09:00"))
    assert due(made, "2026-12-01", "2026-12-29T08:59") is None


def test_an_issue_is_due_at_its_minute_and_once() -> None:
    assert due(WEEKLY, "2026-11-11", "2026-11-17T07:29") is None
    period = due(WEEKLY, "2026-11-11", "2026-11-17T07:30")
    assert period is not None
    assert (period.key, period.collapsed) == ("2026-11-17", ())
    assert due(WEEKLY, "2026-11-11", "2026-11-17T07:31", settled=("2026-11-17",)) is None


def test_what_was_missed_makes_one_late_issue() -> None:
    period = due(WEEKLY, "2026-10-27T08:00", "2026-11-18T10:00")
    assert period is not None
    assert period.key == "2026-11-17"
    assert period.collapsed == ("2026-11-03", "2026-11-10")


def test_a_host_asleep_for_three_days_sends_one_daily_issue() -> None:
    daily = Schedule("daily", time(7))
    period = due(daily, "2026-11-16T07:00", "2026-11-19T12:00", settled=("2026-11-16",))
    assert period is not None
    assert (period.key, period.collapsed) == ("2026-11-19", ("2026-11-17", "2026-11-18"))


def test_a_clock_that_jumps_back_publishes_nothing_again() -> None:
    settled = ("2026-11-17",)
    assert due(WEEKLY, "2026-11-17T07:30", "2026-11-17T05:30", settled) is None
    assert due(WEEKLY, "2026-11-17T07:30", "2026-11-17T07:30", settled) is None
    assert due(WEEKLY, "2026-11-10T07:30", "2026-11-17T07:30", settled) is None


def test_nothing_from_before_a_bulletin_began_is_due() -> None:
    assert due(WEEKLY, "2026-11-17T07:30", "2026-11-20T07:30") is None


@pytest.mark.parametrize(("first", "last"), [("2026-03-25", "2026-04-01"), ("2026-10-21", "2026-10-28")])
def test_each_day_has_one_issue_at_the_same_local_time_through_a_clock_change(first: str, last: str) -> None:
    made = Schedule("daily", time(0, 30), working_days_only=False)
    now, end = local(f"{first}T00:00"), local(f"{last}T00:00")
    after, settled, sent = now, list[str](), list[datetime]()
    while now < end:
        period = schedule.due(of(made), after=after, settled=settled, now=now, holidays=open_always)
        if period:
            assert period.collapsed == ()
            settled.append(period.key)
            sent.append(period.due_at.astimezone(LONDON))
            after = period.due_at
        now += timedelta(minutes=30)
    assert len(sent) == (date.fromisoformat(last) - date.fromisoformat(first)).days
    assert {each.time() for each in sent} == {time(0, 30)}
    assert len({each.date() for each in sent}) == len(sent)


SCHEDULES = st.builds(
    Schedule,
    cadence=st.sampled_from(["daily", "weekly", "fortnightly", "monthly"]),
    at=st.sampled_from([time(0, 30), time(9), time(23, 59)]),
    zone=st.sampled_from(
        ["Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Pacific/Kiritimati"]
    ),
    weekday=st.integers(0, 6),
    nth=st.sampled_from([1, 2, 3, 4, -1]),
    starting=st.dates(date(2025, 6, 1), date(2026, 12, 31)),
    calendar=st.sampled_from(["england", "wales", "scotland", "northern-ireland", "none"]),
    working_days_only=st.booleans(),
)


@given(SCHEDULES, st.lists(st.floats(-2, 40), min_size=1, max_size=25), st.integers(0, 700))
def test_whenever_the_service_looks_every_period_is_settled_once(made: Schedule, waits: list[float], day: int) -> None:
    """Waits of up to forty days, and clocks that are put back by up to two."""
    plan = of(made)
    closed = closed_days(made)
    begun = now = latest = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
    after, settled = begun, list[str]()
    for wait in waits:
        now += timedelta(days=wait)
        latest = max(latest, now)
        period = schedule.due(plan, after=after, settled=settled, now=now, holidays=closed)
        if period:
            assert period.key not in settled
            assert set(period.missed) <= set(period.collapsed)
            settled += [*period.collapsed, period.key]
            after = period.due_at
    listing = schedule.next_periods(plan, after=begun, count=len(waits) * 40 + 2, holidays=closed)
    owed = (each.period for each in listing if each.period.due_at <= latest)
    assert settled == [key for period in owed for key in (*period.collapsed, period.key)]


@given(SCHEDULES)
def test_a_service_that_is_always_awake_is_never_late(made: Schedule) -> None:
    plan = of(made)
    closed = closed_days(made)
    begun = after = datetime(2026, 12, 1, tzinfo=UTC)
    settled = list[str]()
    for each in schedule.next_periods(plan, after=begun, count=12, holidays=closed):
        period = schedule.due(plan, after=after, settled=settled, now=each.period.due_at, holidays=closed)
        assert period is not None
        assert (period.key, period.missed) == (each.period.key, ())
        assert each.period.due_at.astimezone(ZoneInfo(made.zone)).time() == made.at
        settled += [*period.collapsed, period.key]
        after = period.due_at


def test_days_that_a_closure_moves_together_are_one_issue_and_none_of_them_is_late() -> None:
    daily = Schedule("daily", time(7))
    period = due(daily, "2026-04-02T07:00", "2026-04-07T07:00", settled=("2026-04-02",))
    assert period is not None
    assert (period.key, period.collapsed, period.missed) == ("2026-04-07", ("2026-04-03", "2026-04-06"), ())
    listing = schedule.next_periods(of(daily), after=local("2026-04-02T07:00"), count=2, holidays=closed_days(daily))
    assert [each.period.key for each in listing] == ["2026-04-07", "2026-04-08"]


def closed_between(first: date, last: date, made: Schedule) -> schedule.Holidays:
    bank = closed_days(made)
    return lambda day: "Closed" if first <= day <= last else bank(day)


def test_an_issue_that_a_closure_moves_to_the_day_before_the_next_is_one_with_it() -> None:
    christmas = closed_between(date(2026, 12, 24), date(2027, 1, 3), WEEKLY)  # open again on Monday 4 January
    listing = schedule.next_periods(of(WEEKLY), after=local("2026-12-22T08:00"), count=2, holidays=christmas)
    assert [(each.period.key, each.period.collapsed, each.moved) for each in listing] == [
        ("2027-01-05", ("2026-12-29",), ""),
        ("2027-01-12", (), ""),
    ]

    def on(now: str) -> Period | None:
        return schedule.due(of(WEEKLY), after=local("2026-12-22T07:30"), settled=("2026-12-22",), now=local(now),
                            holidays=christmas)  # fmt: skip

    assert on("2027-01-04T09:00") is None
    period = on("2027-01-05T07:30")
    assert period is not None
    assert (period.key, period.collapsed, period.missed) == ("2027-01-05", ("2026-12-29",), ()), "it is not late"


def test_an_issue_that_a_closure_moves_two_days_before_the_next_goes_out_by_itself() -> None:
    wednesdays = Schedule("weekly", time(7, 30), weekday=2)
    christmas = closed_between(date(2026, 12, 24), date(2027, 1, 3), wednesdays)
    listing = schedule.next_periods(of(wednesdays), after=local("2026-12-23T08:00"), count=2, holidays=christmas)
    assert [(each.period.key, each.period.due_at.astimezone(LONDON).day) for each in listing] == [
        ("2026-12-30", 4), ("2027-01-06", 6),
    ]  # fmt: skip


def test_a_bulletin_for_every_day_goes_out_on_the_day_after_a_closure_too() -> None:
    daily = Schedule("daily", time(7))
    closed = closed_between(date(2026, 11, 3), date(2026, 11, 3), daily)
    listing = schedule.next_periods(of(daily), after=local("2026-11-02T08:00"), count=3, holidays=closed)
    assert [each.period.key for each in listing] == ["2026-11-04", "2026-11-05", "2026-11-06"]
    assert listing[0].period.collapsed == ("2026-11-03",)


def test_what_an_edited_schedule_would_have_sent_before_the_edit_is_not_owed() -> None:
    tuesdays = Schedule("weekly", time(7, 30), weekday=1)

    def on_wednesday(edited: date) -> Period | None:
        return schedule.due(
            of(tuesdays), after=local("2026-11-19T07:30"), settled=(), now=local("2026-11-25T10:00"),
            holidays=open_always, not_before=edited,
        )  # fmt: skip

    assert on_wednesday(date(2026, 11, 25)) is None
    owed = on_wednesday(date(2026, 11, 24))
    assert owed is not None
    assert owed.key == "2026-11-24", "a time that is moved on the very day still goes out"


def test_the_listing_says_what_goes_out_when_and_what_moved_it() -> None:
    made = Schedule("weekly", time(7, 30), weekday=4)
    listing = schedule.next_periods(of(made), after=local("2026-12-17"), count=3, holidays=closed_days(made))
    assert [(each.period.key, each.moved) for each in listing] == [
        ("2026-12-18", ""),
        ("2026-12-25", "Christmas Day"),
        ("2027-01-01", "New Year's Day"),
    ]
    assert [each.period.due_at.astimezone(LONDON).date().isoformat() for each in listing] == [
        "2026-12-18",
        "2026-12-29",
        "2027-01-04",
    ]


def test_the_listing_begins_after_the_moment_given() -> None:
    first = schedule.next_periods(of(WEEKLY), after=local("2026-11-17T07:30"), count=1, holidays=open_always)
    assert first[0].period.key == "2026-11-24"


def test_a_closure_without_end_does_not_hang() -> None:
    assert schedule.moved(date(2026, 11, 17), WEEKLY, lambda day: "Closed")[0] == date(2026, 11, 17)
