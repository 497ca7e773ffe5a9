"""What a bulletin has yet to tell, and telling it exactly once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from alerts.model.bulletins import Disposition, DispositionKind
from alerts.model.decisions import Decision
from alerts.model.records import EventKind
from alerts.store import Connection, Stale, Store, deliveries, issues, records, sources, subscriptions
from alerts.store.errors import AlreadyIssued
from tests.store import making as make

WEEKLY = make.bulletin("ph", "tobacco", "alcohol")
BOOK = make.catalogue(WEEKLY, sources=[make.source("dhsc", publisher="DHSC", place="England"), make.source("nice")])


def waiting(conn: Connection) -> list[tuple[int, str]]:
    return [(each.record.id, each.event.kind) for each in issues.candidates(conn, WEEKLY, BOOK)]


def settle(conn: Connection, *event_ids: int, kind: DispositionKind = "issued") -> None:
    """Publish an issue that settles these events as `kind`."""
    new = make.new_issue(conn, event_ids)
    settled = tuple(replace(each, kind=kind) for each in new.dispositions)
    issues.publish(conn, replace(new, dispositions=settled))


def event_of(conn: Connection, record_id: int, n: int = 1) -> int:
    return records.events(conn, record_id)[n - 1].id


def test_a_candidate_names_all_its_profiles_and_sources(store: Store) -> None:
    with store.write() as conn:
        record_id = make.add_record(conn, "k", "alcohol", "tobacco", "unrelated")
        again = Decision(make.entry("n"), "duplicate", record_id, "")
        make.write_poll(conn, again, source_id="nice", at=make.NOW + make.DAY)
        make.write_poll(conn, replace(again, entry=make.entry("g")), source_id="gone", at=make.NOW + 2 * make.DAY)
        (found,) = issues.candidates(conn, WEEKLY, BOOK)
    assert [each.profile_id for each in found.reasons] == ["tobacco", "alcohol"]
    assert found.reasons[0].profile_title == "Tobacco"
    assert [(each.source_id, each.title) for each in found.seen_in] == [
        ("dhsc", "DHSC"),
        ("nice", "NICE"),
        ("gone", "gone"),
    ]
    assert (found.seen_in[0].publisher, found.seen_in[0].place) == ("DHSC", "England")
    assert found.seen_in[1].link == "https://example.org/n"
    assert not found.is_own


def test_what_no_profile_matches_is_no_candidate(store: Store) -> None:
    with store.write() as conn:
        make.add_record(conn, "a")
        make.add_record(conn, "b", "unrelated")
        assert waiting(conn) == []


@pytest.mark.parametrize("kind", ["issued", "remainder", "dropped", "backlog", "superseded"])
def test_a_settled_event_is_never_a_candidate_again(store: Store, kind: DispositionKind) -> None:
    with store.write() as conn:
        record_id = make.add_record(conn, "k", "tobacco")
        settle(conn, event_of(conn, record_id), kind=kind)
        make.write_poll(conn, matches=[make.match(record_id, "alcohol")])  # found by another profile later
        assert waiting(conn) == []


def test_a_late_match_of_an_old_record_is_a_candidate(store: Store) -> None:
    """Between two issues, by another source, or months later: selection is by ledger, never by time."""
    with store.write() as conn:
        record_id = make.add_record(conn, "k", at=make.NOW - timedelta(days=300))
        later = make.add_record(conn, "later", "tobacco")
        settle(conn, event_of(conn, later))
        make.write_poll(conn, matches=[make.match(record_id)])
        assert waiting(conn) == [(record_id, "new")]


def test_backlog_and_held_records_are_no_candidates_until_released(store: Store) -> None:
    with store.write() as conn:
        make.add_record(conn, "old", "tobacco", backlog=True)
        held = make.add_record(conn, "held", "tobacco", held=True)
        make.write_poll(conn, make.changed(held, make.entry("held", summary="changed")))
        assert waiting(conn) == []
        sources.release(conn, "dhsc", make.NOW)
        assert waiting(conn) == [(held, "new"), (held, "updated")]


def test_each_bulletin_has_a_ledger_of_its_own(store: Store) -> None:
    with store.write() as conn:
        record_id = make.add_record(conn, "k", "tobacco")
        issues.publish(conn, make.new_issue(conn, [event_of(conn, record_id)], bulletin_id="other"))
        assert waiting(conn) == [(record_id, "new")]


@pytest.mark.parametrize("kind", ["corrected", "withdrawn", "retracted"])
@pytest.mark.parametrize("shown_as", ["issued", "remainder"])
def test_a_correction_goes_to_the_bulletins_that_had_the_record_matched_or_not(
    store: Store, kind: EventKind, shown_as: DispositionKind
) -> None:
    with store.write() as conn:
        record_id = make.add_record(conn, "k", "tobacco")
        settle(conn, event_of(conn, record_id), kind=shown_as)
        notice = make.notice(-1, make.entry("notice"), record_id, kind)
        make.write_poll(conn, notice, unmatched=[(record_id, "tobacco")])
        assert waiting(conn) == [(record_id, kind)]
        settle(conn, event_of(conn, record_id, 2))
        assert waiting(conn) == []


@pytest.mark.parametrize("not_shown_as", ["dropped", "backlog", "superseded"])
def test_a_correction_of_what_readers_never_saw_is_not_told(store: Store, not_shown_as: DispositionKind) -> None:
    with store.write() as conn:
        record_id = make.add_record(conn, "k", "tobacco")
        settle(conn, event_of(conn, record_id), kind=not_shown_as)
        make.write_poll(conn, make.changed(record_id, make.entry("k", summary="x"), "corrected"))
        assert waiting(conn) == []


def test_a_record_that_is_retracted_before_it_was_told_comes_with_both_events(store: Store) -> None:
    with store.write() as conn:
        record_id = make.add_record(conn, "k", "tobacco")
        make.write_poll(conn, make.changed(record_id, make.entry("k", summary="x"), "retracted"))
        assert waiting(conn) == [(record_id, "new"), (record_id, "retracted")]


# --- own items --------------------------------------------------------------------------------------------------------


def add_own(conn: Connection, title: str = "A paper behind a login", **more: object) -> issues.OwnItem:
    entry = replace(make.entry("", title=title), publisher="Our council", **more)  # type: ignore[arg-type]
    return issues.add_own_item(
        conn, "ph", entry, now=make.NOW, evidence_type="briefing", note="Read this", added_by="Ann"
    )


def test_a_librarians_own_item_is_a_candidate_of_one_bulletin_without_any_match(store: Store) -> None:
    with store.write() as conn:
        own = add_own(conn)
        (found,) = issues.candidates(conn, WEEKLY, BOOK)
        assert (found.is_own, found.own_note, found.reasons) == (True, "Read this", ())
        assert found.record.evidence_type == "briefing"
        assert [(each.title, each.publisher) for each in found.seen_in] == [("Our council", "Our council")]
        assert issues.own_items(conn, "ph") == (own,)
        assert issues.own_items(conn, "other") == ()
        settle(conn, own.event_id)
        assert issues.own_items(conn, "ph") == ()
        assert waiting(conn) == []


def test_adding_an_own_item_twice_changes_its_note(store: Store) -> None:
    with store.write() as conn:
        first, second = add_own(conn), add_own(conn)
        assert first == second
        assert add_own(conn, "Another").record_id != first.record_id
        assert len(waiting(conn)) == 2


def test_an_own_item_about_a_known_publication_is_that_record(store: Store) -> None:
    known = make.doi("10.1/known")
    with store.write() as conn:
        record_id = make.add_record(conn, "k", "unrelated", identifiers=[known], backlog=True)
        own = add_own(conn, identifiers=(make.doi("10.1/unknown"), known))
        assert own.record_id == record_id
        (found,) = issues.candidates(conn, WEEKLY, BOOK)
        assert [each.source_id for each in found.seen_in] == ["dhsc"]


@pytest.mark.parametrize("kind", ["dropped", "backlog", "superseded"])
def test_adding_by_hand_opens_again_what_was_not_shown(store: Store, kind: DispositionKind) -> None:
    with store.write() as conn:
        record_id = make.add_record(conn, "k", "tobacco", identifiers=[make.doi("10.1/k")])
        settle(conn, event_of(conn, record_id), kind=kind)
        add_own(conn, identifiers=(make.doi("10.1/k"),))
        assert waiting(conn) == [(record_id, "new")]


@pytest.mark.parametrize("kind", ["issued", "remainder"])
def test_adding_by_hand_what_readers_have_had_is_refused(store: Store, kind: DispositionKind) -> None:
    with store.write() as conn:
        record_id = make.add_record(conn, "k", "tobacco", identifiers=[make.doi("10.1/k")])
        settle(conn, event_of(conn, record_id), kind=kind)
    with pytest.raises(AlreadyIssued), store.write() as conn:
        add_own(conn, identifiers=(make.doi("10.1/k"),))


def test_an_own_item_whose_record_was_merged_away_follows_it(store: Store) -> None:
    with store.write() as conn:
        own = add_own(conn)
        keep = make.add_record(conn, "k")
        records.merge(conn, keep, own.record_id, make.NOW)
        assert waiting(conn) == [(keep, "new")]
        assert [each.record_id for each in issues.own_items(conn, "ph")] == [keep]


# --- publishing -------------------------------------------------------------------------------------------------------


def test_an_issue_its_period_ledger_and_deliveries_are_written_together(store: Store) -> None:
    make.with_readers(store, 3)
    with store.write() as conn:
        record_id = make.add_record(conn, "k", "tobacco")
        new = make.new_issue(
            conn, [event_of(conn, record_id)], of=make.period("2026-11-17", "ph", "2026-11-03", "2026-11-10")
        )
        issue_id = issues.publish(conn, new)
        stored = issues.by_id(conn, issue_id)
        assert stored == issues.get(conn, "ph", 1)
        assert stored is not None
        assert (stored.content, stored.page_html, stored.period_key) == (new.content, "<p>page</p>", "2026-11-17")
        rows = [(each.key, each.outcome, each.collapsed_into, each.issue_id) for each in issues.periods(conn, "ph")]
        assert rows == [
            ("2026-11-03", "collapsed", "2026-11-17", issue_id),
            ("2026-11-10", "collapsed", "2026-11-17", issue_id),
            ("2026-11-17", "issued", None, issue_id),
        ]
        assert [each.issue_id for each in issues.listing(conn, "ph") if hasattr(each, "issue_id")] == []
        assert [(each.id, each.number, each.subject) for each in issues.listing(conn)] == [
            (issue_id, 1, new.content.subject)
        ]
        found = deliveries.listing(conn, issue_id=issue_id)
        assert [each.state for each in found] == ["pending"] * 3
        assert {each.dedupe_key for each in found} == {f"ph/1/{each.subscription_id}" for each in found}
        assert {each.sha256 for each in found} == {each.sha256 for each in new.deliveries}
        assert issues.dispositions(conn, "ph", record_id) == (
            Disposition("ph", event_of(conn, record_id), "issued", "shown"),
        )


@pytest.mark.parametrize(
    "what",
    [
        "number",
        "gap",
        "period",
        "collapsed",
        "event",
        "left",
        "joined",
        "moved",
        "merged",
        "unknown event",
        "missing delivery",
    ],
)
def test_an_issue_whose_ground_has_shifted_is_refused_and_writes_nothing(store: Store, what: str) -> None:
    make.with_readers(store, 2)
    with store.write() as conn:
        record_id, other = make.add_record(conn, "k", "tobacco"), make.add_record(conn, "o", "tobacco")
        new = make.new_issue(conn, [event_of(conn, record_id)], of=make.period("2026-11-17", "ph", "2026-11-10"))
    with store.write() as conn:
        match what:
            case "number":
                settle(conn, event_of(conn, other))
            case "gap":
                new = replace(new, number=3)
            case "period":
                issues.settle_period(conn, make.period(), "empty", make.NOW)
                new = replace(new, number=1)
            case "collapsed":
                issues.settle_period(conn, make.period("2026-11-10"), "empty", make.NOW)
            case "event":
                settle(conn, event_of(conn, record_id))
                new = replace(new, number=2)
            case "left":
                subscriptions.leave(conn, new.deliveries[0].subscription_id, make.NOW)
            case "joined":
                people = [make.person(f"reader{each}@example.nhs.uk") for each in range(3)]
                subscriptions.sync(conn, make.catalogue(WEEKLY, people=people), make.NOW)
            case "moved":
                people = [make.person(f"Reader{each}@example.nhs.uk") for each in range(2)]
                subscriptions.sync(conn, make.catalogue(WEEKLY, people=people), make.NOW)
            case "merged":
                records.merge(conn, other, record_id, make.NOW)
            case "unknown event":
                new = replace(new, dispositions=(*new.dispositions, Disposition("ph", 9999, "issued")))
            case "missing delivery":
                new = replace(new, deliveries=new.deliveries[:1])
    with store.read() as conn:
        before = (
            issues.listing(conn),
            issues.periods(conn, "ph"),
            issues.dispositions(conn, "ph"),
            deliveries.counts(conn),
        )
    with pytest.raises(Stale), store.write() as conn:
        issues.publish(conn, new)
    with store.read() as conn:
        after = (
            issues.listing(conn),
            issues.periods(conn, "ph"),
            issues.dispositions(conn, "ph"),
            deliveries.counts(conn),
        )
    assert after == before


def test_of_two_that_publish_at_once_one_does(store: Store) -> None:
    make.with_readers(store, 2)
    with store.write() as conn:
        make.add_record(conn, "k", "tobacco")
    with store.read() as conn:
        event = issues.candidates(conn, WEEKLY, BOOK)[0].event.id
        new = make.new_issue(conn, [event], of=make.period())
    met = Barrier(2, timeout=10)

    def publish() -> bool:
        met.wait()
        try:
            return bool(store.replay(lambda conn: issues.publish(conn, new)))
        except Stale:
            return False

    with ThreadPoolExecutor(2) as pool:
        results = [each.result() for each in [pool.submit(publish), pool.submit(publish)]]
    assert sorted(results) == [False, True]
    with store.read() as conn:
        assert deliveries.counts(conn) == {"pending": 2}


def test_an_extra_issue_takes_no_period(store: Store) -> None:
    with store.write() as conn:
        issues.publish(conn, make.new_issue(conn))
        issues.publish(conn, make.new_issue(conn))
        assert issues.periods(conn, "ph") == ()
        assert [each.period_key for each in issues.listing(conn, "ph")] == [None, None]


def test_an_empty_period_is_settled_once(store: Store) -> None:
    with store.write() as conn:
        issues.settle_period(conn, make.period(), "empty", make.NOW, "nothing new")
        (row,) = issues.periods(conn, "ph")
        assert (row.outcome, row.note, row.issue_id) == ("empty", "nothing new", None)
    with pytest.raises(Stale), store.write() as conn:
        issues.settle_period(conn, make.period(), "empty", make.NOW)


def test_an_issue_that_reached_nobody_though_somebody_waited_is_found(store: Store) -> None:
    make.with_readers(store, 1)
    with store.write() as conn:
        issues.publish(conn, make.new_issue(conn, bulletin_id="unread"))
        issue_id = issues.publish(conn, make.new_issue(conn, at=make.NOW + make.DAY))
        assert issues.without_deliveries(conn, make.NOW - make.DAY) == ()
        conn.exec_driver_sql("DELETE FROM deliveries")
        assert [each.id for each in issues.without_deliveries(conn, make.NOW - make.DAY)] == [issue_id]
        assert issues.without_deliveries(conn, make.NOW + 2 * make.DAY) == ()


def test_an_issue_that_is_not_there_is_none(store: Store) -> None:
    with store.read() as conn:
        assert issues.get(conn, "ph", 1) is None
        assert issues.by_id(conn, 1) is None
        assert issues.next_number(conn, "ph") == 1
        with pytest.raises(Stale):
            issues.skeleton(conn, 1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
@given(some.lists(some.sampled_from(["find", "late", "publish", "change"]), max_size=12))
def test_whatever_the_order_every_matched_event_is_issued_exactly_once(store: Store, steps: list[str]) -> None:
    """Finds, late matches, changes and issues in any order; a last issue settles what is left, nothing comes twice."""
    with store.write() as conn:
        seen: list[int] = []
        made: list[int] = []
        unmatched: list[int] = []
        start = len(records.counts(conn))
        for number, step in enumerate([*steps, "late", "late", "publish"]):
            key = f"{conn.exec_driver_sql('SELECT count(*) FROM records').scalar()}-{number}-{start}"
            match step:
                case "find":
                    made.append(make.add_record(conn, key, "tobacco"))
                    unmatched.append(make.add_record(conn, f"{key}u"))
                case "late" if unmatched:
                    made.append(unmatched.pop())
                    make.write_poll(conn, matches=[make.match(made[-1], "alcohol")])
                case "change" if made:
                    record = records.get(conn, made[-1])
                    assert record is not None
                    make.write_poll(conn, make.changed(record.id, make.entry(record.entry.key, summary=key)))
                case "publish":
                    told = [each.event.id for each in issues.candidates(conn, WEEKLY, BOOK)]
                    settle(conn, *told)
                    seen += told
        expected = [each.id for record_id in made for each in records.events(conn, record_id)]
        assert sorted(seen) == sorted(expected)
        assert issues.candidates(conn, WEEKLY, BOOK) == ()


MERGING = some.lists(some.tuples(some.sampled_from(["find", "merge", "publish"]), some.integers(0, 9)), max_size=14)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(steps=MERGING)
def test_however_twins_are_found_nobody_misses_a_publication_or_gets_an_event_twice(
    sqlite_store: Store, steps: list[tuple[str, int]]
) -> None:
    told: list[int] = []
    groups: list[set[int]] = []
    with sqlite_store.write() as conn:
        settle(conn, *(each.event.id for each in issues.candidates(conn, WEEKLY, BOOK)))  # of the example before
        for number, (step, pick) in enumerate([*steps, ("publish", 0)]):
            if step == "find":
                key = f"{conn.exec_driver_sql('SELECT count(*) FROM entries').scalar()}-{number}"
                groups.append({make.add_record(conn, key, "tobacco")})
            elif step == "merge" and len(groups) > 1:
                keep, drop = groups[pick % len(groups)], groups.pop(pick % len(groups) - 1)
                first, second = (records.current(conn, min(each)) for each in (keep, drop))
                assert first is not None
                assert second is not None
                records.merge(conn, first.id, second.id, make.NOW)
                keep |= drop
            elif step == "publish":
                found = issues.candidates(conn, WEEKLY, BOOK)
                settle(conn, *(each.event.id for each in found))
                news = [each.record.id for each in found]
                assert not any(group & set(told) for group in groups if group & set(news))
                told += news
        assert issues.candidates(conn, WEEKLY, BOOK) == ()
    assert len(told) == len(set(told))
    for group in groups:
        assert group & set(told)
