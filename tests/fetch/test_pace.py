from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.errors import AlertsError
from alerts.fetch import pace
from alerts.fetch.failures import (
    HostResting,
    ParserCrashed,
    ParserUnavailable,
    ServerTrouble,
    SourceGone,
    TooManyRequests,
)
from alerts.model.sources import Response, Source, SourceState

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SOURCE = Source("lancet", "The Lancet", "https://example.org/lancet.xml")
NEW = SourceState("lancet")
BODY = Response(SOURCE.address, body=b"<rss/>", etag='"1"', last_modified="yesterday")
SAME = Response(SOURCE.address, not_modified=True, status=304, etag='"other"')
OLD = NEW._replace(
    etag='"0"',
    last_modified="long ago",
    body_hash="0" * 64,
    first_success_at=NOW - timedelta(days=9),
    last_success_at=NOW - timedelta(hours=1),
    last_change_at=NOW - timedelta(days=2),
    entry_count=30,
    address=SOURCE.address,
)


def wait_s(state: SourceState) -> float:
    assert state.next_due_at is not None
    return (state.next_due_at - NOW).total_seconds()


def success(
    response: Response = BODY, state: SourceState = OLD, source: Source = SOURCE, **more: object
) -> SourceState:
    return pace.after_success(source, state, response, NOW, Random(1), **more)  # type: ignore[arg-type]  # test's shorthand


def failure(error: AlertsError, state: SourceState = OLD, source: Source = SOURCE) -> SourceState:
    return pace.after_failure(source, state, error, NOW, Random(1))


def test_a_source_that_was_asked_by_a_clock_that_ran_ahead_is_due_once_it_is_right() -> None:
    ahead = NOW + timedelta(days=365)
    state = SourceState("s", last_attempt_at=ahead, next_due_at=ahead + timedelta(hours=1))
    assert pace.is_due(SOURCE, state, NOW)
    minutes = SourceState("s", last_attempt_at=NOW + timedelta(minutes=5), next_due_at=NOW + timedelta(hours=1))
    assert not pace.is_due(SOURCE, minutes, NOW), "replicas' clocks are never quite alike"


def test_a_healthy_source_is_asked_hourly_give_or_take_a_minute() -> None:
    assert 3600 <= wait_s(success(entry_count=30)) <= 3672
    assert 3600 <= wait_s(pace.after_not_modified(SOURCE, OLD, SAME, NOW, Random(1))) <= 3672


def test_a_source_never_asked_is_due_and_a_disabled_one_is_not() -> None:
    assert pace.is_due(SOURCE, NEW, NOW)
    assert not pace.is_due(replace(SOURCE, enabled=False), NEW, NOW)
    assert not pace.is_due(SOURCE, OLD._replace(next_due_at=NOW + timedelta(seconds=1)), NOW)
    assert pace.is_due(SOURCE, OLD._replace(next_due_at=NOW), NOW)


@pytest.mark.parametrize(
    ("max_age", "ttl", "least"),
    [
        (7200.0, None, 7200),
        (None, 10_800.0, 10_800),
        (7200.0, 10_800.0, 10_800),
        (60.0, 300.0, 3600),
        (1e9, None, 86_400),
    ],
)
def test_what_the_publisher_says_lengthens_the_wait_up_to_a_day_and_never_shortens_it(
    max_age: float | None, ttl: float | None, least: float
) -> None:
    state = success(replace(BODY, max_age_s=max_age), ttl_s=ttl)
    assert least <= wait_s(state) <= least * 1.02


def test_a_source_polled_weekly_stays_weekly() -> None:
    weekly = replace(SOURCE, every_s=604_800)
    assert wait_s(success(source=weekly)) >= 604_800
    assert wait_s(failure(ServerTrouble("x"), source=weekly)) == 604_800


def test_hours_the_publisher_asks_to_skip_are_skipped() -> None:
    state = success(skip_hours={13, 14, 15})
    assert state.next_due_at == datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    assert wait_s(success(skip_hours=range(24))) < 3700


def test_what_a_feed_asks_for_holds_after_it_was_not_modified_too() -> None:
    state = success(ttl_s=10_800, skip_hours={16, 17})
    assert 10_800 <= wait_s(state) <= 10_800 * 1.02
    again = pace.after_not_modified(SOURCE, state, SAME, NOW + timedelta(minutes=30), Random(1))
    assert again.next_due_at is not None
    assert again.next_due_at >= NOW + timedelta(hours=3.5)
    skipped = pace.after_not_modified(SOURCE, state, SAME, NOW + timedelta(hours=1), Random(1))
    assert skipped.next_due_at == datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
    failed = pace.after_failure(
        SOURCE, state._replace(failures=0), ServerTrouble("x"), NOW + timedelta(hours=2.5), Random(1)
    )
    assert failed.next_due_at == datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
    assert 3600 <= wait_s(success(state=state)) <= 3672, "and no longer than the feed says it"


def test_days_the_publisher_asks_to_skip_are_skipped_but_nothing_is_hidden_for_longer_than_a_day() -> None:
    assert f"{NOW:%A}" == "Sunday"
    sunday = success(skip_days=("sunday",))
    assert sunday.next_due_at == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    work_days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    hostile = success(skip_days=(*work_days, "sunday"))
    assert hostile.next_due_at == NOW + timedelta(days=1)
    assert wait_s(success(skip_days=(*work_days, "saturday", "sunday"))) < 3700, "all days: nothing was said"
    weekly = success(skip_days=("sunday",), source=replace(SOURCE, every_s=604_800))
    assert wait_s(weekly) >= 604_800


def test_a_source_whose_address_was_edited_is_due_at_once_and_begins_anew() -> None:
    failing = OLD
    for _ in range(5):
        failing = failure(ServerTrouble("down"), failing)
    edited = replace(SOURCE, address="https://example.org/new.xml")
    assert not pace.is_due(SOURCE, failing, NOW)
    assert pace.is_due(edited, failing, NOW)
    still = pace.after_failure(edited, failing, ServerTrouble("down"), NOW, Random(1))
    assert still.failures == 1
    assert not pace.is_due(edited, still, NOW), "tried once, it waits its time like any other"
    resting = pace.after_failure(edited, failing, HostResting("wait", retry_after_s=600.0), NOW, Random(1))
    assert not pace.is_due(edited, resting, NOW)
    moved = OLD._replace(asked=SOURCE.address, moved_to="https://example.org/3", moved_times=3)
    assert pace.proposed_address(moved)
    assert not pace.proposed_address(pace.after_failure(edited, moved, ServerTrouble("x"), NOW, Random(1)))


def test_since_when_a_source_fails_alike_is_remembered() -> None:
    down = failure(ServerTrouble("down"))._replace(failing_since=NOW - timedelta(days=30))
    gone = failure(SourceGone("gone"), down)
    assert (gone.failing_since, gone.failing_alike_since) == (NOW - timedelta(days=30), NOW)
    for day in range(1, 8):
        gone = pace.after_failure(SOURCE, gone, SourceGone("gone"), NOW + timedelta(days=day), Random(1))
    assert gone.failing_alike_since == NOW
    other = pace.after_failure(SOURCE, gone, ServerTrouble("down"), NOW + timedelta(days=8), Random(1))
    assert other.failing_alike_since == NOW + timedelta(days=8)
    assert pace.after_not_modified(SOURCE, gone, SAME, NOW, Random(1)).failing_alike_since is None


def test_a_host_that_asked_for_rest_is_remembered_with_the_source_that_heard_it() -> None:
    busy = TooManyRequests("slow down", retry_after_s=7200.0)
    busy.resting_host = "example.org"
    state = failure(busy)
    assert (state.resting_host, state.rests_until) == ("example.org", NOW + timedelta(hours=2))
    kept = pace.after_failure(SOURCE, state, HostResting("wait", retry_after_s=600.0), NOW, Random(1))
    assert kept.rests_until == state.rests_until


def test_the_technical_cause_of_a_failure_is_kept_beside_the_librarians_sentence_until_it_works_again() -> None:
    state = failure(ServerTrouble("It has a fault.", cause="HTTP status 500", status=500))
    assert (state.failure_message, state.failure_cause) == ("It has a fault.", "HTTP status 500")
    assert success(state=state).failure_cause == ""


def test_validators_and_hash_enter_the_state_only_with_a_parsed_body() -> None:
    parsed = success(entry_count=12)
    assert (parsed.etag, parsed.last_modified, parsed.address) == ('"1"', "yesterday", SOURCE.address)
    assert pace.is_unchanged(parsed, BODY)
    failed = failure(ParserCrashed("x"))
    assert (failed.etag, failed.last_modified, failed.body_hash) == (OLD.etag, OLD.last_modified, OLD.body_hash)
    same = pace.after_not_modified(SOURCE, OLD, SAME, NOW, Random(1))
    assert (same.etag, same.last_modified, same.body_hash) == (OLD.etag, OLD.last_modified, OLD.body_hash)


def test_the_same_bytes_under_new_validators_keep_the_new_validators() -> None:
    state = pace.after_not_modified(SOURCE, success(), replace(BODY, etag='"2"'), NOW, Random(1))
    assert state.etag == '"2"'
    assert state.body_hash == success().body_hash


def test_an_answer_is_unchanged_by_status_or_by_its_bytes() -> None:
    assert pace.is_unchanged(NEW, SAME)
    assert not pace.is_unchanged(NEW, replace(BODY, body=b""))
    assert not pace.is_unchanged(success(), replace(BODY, body=b"<rss> </rss>"))


def test_the_first_success_is_the_first_that_gave_entries() -> None:
    empty = success(state=NEW, entry_count=0)
    assert empty.first_success_at is None
    assert success(state=empty, entry_count=3).first_success_at == NOW
    assert success(state=OLD, entry_count=3).first_success_at == OLD.first_success_at


def test_how_much_a_source_used_to_list_is_kept_while_it_lists_nothing() -> None:
    empty = success(entry_count=0)
    assert empty.entry_count == 30
    assert success(state=empty, entry_count=5).entry_count == 5


def test_a_failing_source_is_asked_ever_less_often_up_to_daily_and_for_ever() -> None:
    state, waits = OLD, []
    for _ in range(60):
        state = failure(ServerTrouble("down"), state)
        waits.append(wait_s(state))
    expected = [7200, 14_400, 28_800, 57_600, 86_400]
    assert all(abs(wait - want) <= want * 0.1 for wait, want in zip(waits, expected, strict=False))
    assert all(77_760 <= wait <= 86_400 for wait in waits[5:])
    assert state.failures == 60
    assert state.failing_since == NOW


def test_two_sources_failing_together_do_not_come_back_together() -> None:
    due = {pace.after_failure(SOURCE, OLD, ServerTrouble("x"), NOW, Random(seed)).next_due_at for seed in range(20)}
    assert len(due) == 20


def test_a_failure_is_remembered_with_its_code_and_sentence_and_forgotten_by_success() -> None:
    state = failure(SourceGone("It is gone."))
    assert (state.failure_code, state.failure_message, state.failures) == ("F410", "It is gone.", 1)
    later = failure(SourceGone("It is gone."), state._replace(failing_since=NOW - timedelta(days=3)))
    assert later.failing_since == NOW - timedelta(days=3)
    well = success(state=later)
    assert (well.failures, well.failing_since, well.failure_code, well.failure_message) == (0, None, "", "")


def test_a_source_that_is_gone_is_asked_daily_at_once() -> None:
    assert wait_s(failure(SourceGone("gone"))) >= 77_760


@pytest.mark.parametrize(("asked", "least"), [(60.0, 6480), (30_000.0, 30_000), (86_400.0, 86_400), (1e9, 86_400)])
def test_retry_after_is_a_floor_under_the_next_try(asked: float, least: float) -> None:
    assert wait_s(failure(TooManyRequests("slow down", retry_after_s=asked))) >= least
    assert wait_s(failure(TooManyRequests("slow down", retry_after_s=asked))) <= max(least, 7920)


@pytest.mark.parametrize("error", [HostResting("wait", retry_after_s=600.0), ParserUnavailable("no memory")])
def test_what_is_not_the_sources_fault_does_not_count_as_its_failure(error: AlertsError) -> None:
    state = failure(error)
    assert (state.failures, state.failing_since, state.failure_code) == (0, None, "")
    assert wait_s(state) == (600.0 if isinstance(error, HostResting) else 3600.0)


def test_a_new_address_is_proposed_after_three_identical_answers() -> None:
    state = OLD
    moved = replace(BODY, permanent_address="https://new.example.org/feed")
    for answer, proposed in [
        (moved, ""),
        (replace(moved, permanent_address="https://x.org/"), ""),
        (moved, ""),
        (moved, ""),
    ]:
        state = success(answer, state)
        assert pace.proposed_address(state) == proposed
    state = failure(ServerTrouble("down"), state)
    state = pace.after_not_modified(
        SOURCE, state, replace(SAME, permanent_address=moved.permanent_address), NOW, Random(1)
    )
    assert pace.proposed_address(state) == "https://new.example.org/feed"
    assert pace.proposed_address(success(BODY, state)) == ""


@given(
    st.integers(300, 700_000),
    st.integers(0, 5_000),
    st.one_of(st.none(), st.floats(0, 1e12)),
    st.one_of(st.none(), st.floats(0, 1e12)),
    st.sets(st.integers(-1, 30)),
    st.integers(),
)
def test_every_source_is_asked_again_after_its_interval_and_within_a_day_or_two(
    every_s: int, failures: int, max_age: float | None, retry: float | None, skipped: set[int], seed: int
) -> None:
    source = replace(SOURCE, every_s=every_s)
    state = OLD._replace(failures=failures)
    well = pace.after_success(
        source, state, replace(BODY, max_age_s=max_age), NOW, Random(seed), ttl_s=retry, skip_hours=skipped
    )
    ill = pace.after_failure(source, state, ServerTrouble("x", retry_after_s=retry), NOW, Random(seed))
    longest = max(every_s, 86_400)
    assert every_s <= wait_s(well) <= longest * 1.02 + 86_400
    assert min(every_s, 86_400) <= wait_s(ill) <= longest


def test_a_source_is_asked_for_four_weeks_after_its_body_has_ended_and_then_no_more() -> None:
    ended = replace(SOURCE, ends=date(2026, 11, 1))
    known = SourceState(SOURCE.id, asked=SOURCE.asks)
    assert pace.is_due(ended, known, datetime(2026, 11, 29, 23, 59, tzinfo=UTC))
    assert not pace.is_due(ended, known, datetime(2026, 11, 30, tzinfo=UTC))


def test_another_question_at_the_same_address_is_asked_at_once() -> None:
    known = SourceState(SOURCE.id, asked=SOURCE.asks, next_due_at=NOW + timedelta(days=1), failures=3)
    assert not pace.is_due(SOURCE, known, NOW)
    assert pace.is_due(replace(SOURCE, question="query='vaping'"), known, NOW)
