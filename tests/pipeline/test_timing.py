"""Every period of a bulletin once, whatever becomes of clocks, processes and schedules; asked of both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.pipeline.publish import publish
from alerts.pipeline.timing import coming, standing
from alerts.store import Store, issues
from tests.pipeline.one_bulletin import TUESDAYS, Library, local


@pytest.fixture
def library(sqlite_store: Store, tmp_path: Path) -> Library:
    found = Library(sqlite_store, tmp_path)
    found.schedule(TUESDAYS)
    return found


def test_a_period_is_published_at_its_minute_and_never_again(library: Library) -> None:
    assert library.tick("2026-11-24T07:29") == []
    assert library.tick("2026-11-24T07:30") == ["2026-11-24 issued"]
    assert library.tick("2026-11-24T07:31") == []
    assert library.told() == [("2026-11-24", "")]


def test_a_host_asleep_for_three_days_sends_one_late_issue_that_says_so(library: Library) -> None:
    assert library.tick("2026-11-27T10:00") == ["2026-11-24 issued"]
    assert library.told() == [("2026-11-24", "This issue is late: it was due on 24 November 2026.")]
    assert library.tick("2026-12-01T07:30") == ["2026-12-01 issued"]


def test_a_service_down_for_five_weeks_sends_one_late_issue_for_all_of_them(library: Library) -> None:
    library.tick("2026-11-24T07:30")
    assert library.tick("2026-12-30T10:00") == [
        "2026-12-01 collapsed", "2026-12-08 collapsed", "2026-12-15 collapsed", "2026-12-22 collapsed",
        "2026-12-29 issued",
    ]  # fmt: skip
    line = "This issue is late: it also covers 4 issues due from 1 to 22 December 2026."
    assert library.told()[1:] == [("2026-12-29", line)]
    assert library.tick("2027-01-05T07:30") == ["2027-01-05 issued"]
    assert library.told()[-1] == ("2027-01-05", "")


def test_a_clock_put_back_by_two_hours_publishes_nothing_again_and_loses_nothing(library: Library) -> None:
    library.tick("2026-11-24T07:30")
    for at in ("2026-11-24T05:30", "2026-11-24T07:30", "2026-11-24T09:00"):
        assert library.tick(at) == []
    assert library.tick("2026-12-01T07:30") == ["2026-12-01 issued"]


def test_a_clock_a_year_ahead_costs_one_issue_too_many_and_no_week_after_it_is_right_again(library: Library) -> None:
    library.tick("2026-11-24T07:30")
    library.tick("2027-11-26T09:00")
    assert [key for key, _ in library.told()] == ["2026-11-24", "2027-11-23"]
    library.now = local("2026-11-26T09:00")
    with library.store.read() as conn:
        stands = standing(conn, library.service.catalogue.bulletins["weekly"], library.now)
    soon = coming(library.service, library.service.catalogue.bulletins["weekly"], stands, library.now, 1)
    assert [each.period.key for each in soon] == ["2026-12-01"]
    weeks = ["2026-12-01", "2026-12-08", "2026-12-15"]
    for each in weeks:
        assert library.tick(f"{each}T07:30") == [f"{each} issued"]
    assert [key for key, _ in library.told()] == ["2026-11-24", "2027-11-23", *weeks]
    assert {line for key, line in library.told() if key in weeks} == {""}


def test_a_bulletin_that_began_under_a_clock_a_year_ahead_goes_out_once_it_is_right(library: Library) -> None:
    library.now = local("2027-11-26T09:00")
    library.schedule(TUESDAYS, id="weekly", more="formerly: []\n")
    with library.store.write() as conn:
        from alerts.store.schema import bulletins

        conn.execute(bulletins.update().values(introduced_at=library.now))
    assert library.tick("2026-12-01T07:30") == ["2026-12-01 issued"]


def test_replicas_with_clocks_apart_publish_each_period_once(library: Library) -> None:
    early, late = library.process(ahead=timedelta(minutes=10)), library.process(ahead=-timedelta(minutes=10))
    found = [
        library.tick(f"2026-11-24T07:{minute:02}", service)
        for minute in range(15, 45)
        for service in (late, early, library.service)
    ]
    assert [each for each in found if each] == [["2026-11-24 issued"]]


def test_a_day_that_moves_keeps_its_name_and_is_not_late(library: Library) -> None:
    library.schedule("{every: week, on: Friday, at: '07:30'}")
    library.tick("2026-12-18T07:30")
    assert library.tick("2026-12-25T07:30") == []
    assert library.tick("2026-12-29T07:30") == ["2026-12-25 issued"]
    assert library.told()[-1] == ("2026-12-25", "")


def test_an_edited_schedule_owes_nothing_from_before_the_edit(library: Library) -> None:
    library.schedule("{every: week, on: Thursday, at: '07:30'}")
    library.tick("2026-11-26T07:30")
    library.now = local("2026-12-02T10:00")
    library.schedule(TUESDAYS)
    assert library.tick("2026-12-02T10:01") == [], "the Tuesday before the edit was never promised"
    assert library.tick("2026-12-08T07:30") == ["2026-12-08 issued"]
    assert library.told()[-1] == ("2026-12-08", "")


def test_a_monthly_bulletin_made_daily_does_not_send_the_days_of_the_month(library: Library) -> None:
    library.schedule("{every: month, on: first Tuesday, at: '07:30'}")
    library.tick("2026-12-01T07:30")
    library.now = local("2026-12-16T08:00")
    library.schedule("{every: day, at: '09:00'}")
    assert library.tick("2026-12-16T08:01") == []
    assert library.tick("2026-12-16T09:00") == ["2026-12-16 issued"]
    assert library.told()[-1] == ("2026-12-16", "")


@pytest.mark.parametrize("later", ["06:00", "16:00"])
def test_a_time_that_is_changed_on_the_day_sends_that_days_issue_once(library: Library, later: str) -> None:
    """Whether it had gone out already or not."""
    library.now = local("2026-11-24T07:00")
    library.schedule(f"{{every: week, on: Tuesday, at: '{later}'}}")
    found = [library.tick(f"2026-11-24T{hour:02}:01") for hour in range(7, 18)]
    library.schedule("{every: week, on: Tuesday, at: '18:00'}")
    found.append(library.tick("2026-11-24T18:01"))
    assert [each for each in found if each] == [["2026-11-24 issued"]]


def test_what_was_missed_before_an_edit_still_goes_out_once(library: Library) -> None:
    """The service was down from 20 November; the file was edited meanwhile."""
    library.now = local("2026-12-10T10:00")
    library.schedule("{every: week, on: Wednesday, at: '07:30'}")
    library.tick()
    assert [key for key, _ in library.told()] == ["2026-12-09"]
    assert library.told()[0][1].startswith("This issue is late: it also covers")
    assert library.tick("2026-12-16T07:30") == ["2026-12-16 issued"]


def test_a_bulletin_that_is_renamed_keeps_its_periods_and_numbers(library: Library) -> None:
    library.tick("2026-11-24T07:30")
    library.schedule(TUESDAYS, id="update", more="formerly: [weekly]\n")
    assert publish(library.service)[0].outcome == "not due"
    library.now = local("2026-12-01T07:30")
    report = publish(library.service)[0]
    assert (report.outcome, report.number) == ("published", 2)


def test_periods_without_a_reader_are_over_and_make_nothing_late(library: Library) -> None:
    library.people("other@example.nhs.uk,,nobody,person\n")
    library.schedule(TUESDAYS)
    with library.store.write() as conn:
        from alerts.store.schema import subscriptions

        conn.execute(subscriptions.delete())
    for at in ("2026-11-24T07:30", "2026-12-01T07:30"):
        assert library.tick(at) == [f"{at[:10]} empty"]
    library.people("reader@example.nhs.uk,,ph,person\n")
    library.schedule(TUESDAYS)
    assert library.tick("2026-12-08T07:30") == ["2026-12-08 issued"]
    assert library.told() == [("2026-12-08", "")]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.floats(0.01, 40)),
        st.tuples(st.just("back"), st.floats(0.01, 0.1)),
        st.tuples(st.just("edit"), st.sampled_from(range(4))),
    ),
    min_size=1,
    max_size=12,
)
EDITS = (
    TUESDAYS,
    "{every: day, at: '16:00'}",
    "{every: fortnight, on: Friday, starting: 2026-11-27, at: '09:00', calendar: scotland}",
    "{every: month, on: last Friday, at: '09:00', zone: Pacific/Auckland}",
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_happens_no_period_is_published_twice_and_numbers_run_on(
    tmp_path_factory: pytest.TempPathFactory, made_store: Callable[[], Store], steps: list[tuple[str, float]]
) -> None:
    library = Library(made_store(), tmp_path_factory.mktemp("library"))
    library.schedule(TUESDAYS)
    for what, much in steps:
        if what == "edit":
            library.schedule(EDITS[int(much)])
        else:
            library.now += timedelta(days=much if what == "wait" else -much)
        library.tick()
        assert library.tick() == []
    with library.store.read() as conn:
        rows = {each.key: each for each in issues.periods(conn, "weekly")}
        listing = issues.listing(conn)
    keys = [each.period_key for each in listing]
    assert len(set(keys)) == len(keys)
    assert {key for key, row in rows.items() if row.outcome == "issued"} == set(keys)
    assert all(rows[row.collapsed_into].outcome == "issued" for row in rows.values() if row.collapsed_into)
    assert sorted(each.number for each in listing) == list(range(1, len(listing) + 1))
    library.store.close()


@pytest.fixture
def made_store(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Store]:
    """Return a maker of migrated stores without rows."""
    import shutil

    from alerts.store import open_store

    def make() -> Store:
        path = tmp_path_factory.mktemp("store") / "alerts.db"
        shutil.copy(sqlite_template, path)
        return open_store(f"sqlite:///{path}")

    return make
