"""Drafts in the store: one per bulletin, their events nobody else's, every change names what it was decided on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.model.bulletins import Disposition
from alerts.model.drafts import Draft, HeldDraft
from alerts.store import Connection, Stale, Store, candidates, deliveries, drafts, issues, records, switches
from alerts.store.errors import OnItsWay
from alerts.store.marker import REOPENED, Numbers
from tests.store import making as make

WEEKLY = make.bulletin("ph", "tobacco")
BOOK = make.catalogue(WEEKLY)


def new_draft(conn: Connection, *, of: bool = True, at: int = 0) -> HeldDraft:
    """A draft of everything that waits, not stored yet."""
    made = make.NOW + at * make.DAY
    draft = Draft(issues.candidates(conn, WEEKLY, BOOK), made.date())
    period = make.period() if of else None
    return HeldDraft(0, "ph", period, made, made + timedelta(hours=48), "hold", draft)


def held(conn: Connection, *keys: str) -> HeldDraft:
    """Store records under these keys and hold them."""
    for each in keys:
        make.add_record(conn, each, "tobacco")
    return drafts.hold(conn, new_draft(conn))


def approve(conn: Connection, before: HeldDraft) -> int:
    drafts.claim(conn, before)
    drafts.release(conn, "ph")
    events = sorted(before.draft.events)
    issue_id = issues.publish(conn, make.new_issue(conn, events, of=before.period))
    drafts.end(conn, before, "issued", make.NOW, issue_id)
    return issue_id


def test_a_draft_comes_back_as_it_was_stored(store: Store) -> None:
    with store.write() as conn:
        made = held(conn, "a", "b")
    with store.read() as conn:
        assert drafts.held(conn, "ph") == made == drafts.get(conn, made.id) == drafts.last(conn, "ph")
        assert drafts.held_period(conn, "ph") == made.period
        assert drafts.held(conn, "other") is None
        assert [each.record.title for each in made.draft.candidates] == ["Title of a", "Title of b"]


def test_what_is_reserved_is_no_candidate_until_it_is_given_back(store: Store) -> None:
    with store.write() as conn:
        made = held(conn, "a")
        assert issues.candidates(conn, WEEKLY, BOOK) == ()
        late = make.add_record(conn, "late", "tobacco")
        assert [each.record.id for each in issues.candidates(conn, WEEKLY, BOOK)] == [late]
        drafts.release(conn, "ph")
        assert len(issues.candidates(conn, WEEKLY, BOOK)) == 2
        assert made.draft.events


def test_an_event_is_reserved_once(store: Store) -> None:
    with store.write() as conn:
        made = held(conn, "a")
        with pytest.raises(Stale, match="settled meanwhile"):
            drafts.reserve(conn, "ph", made.draft.events, make.NOW)


def test_of_many_that_hold_at_once_one_does(store: Store) -> None:
    with store.write() as conn:
        make.add_record(conn, "a", "tobacco")
        new = new_draft(conn)

    def hold(_: int) -> bool:
        try:
            store.replay(lambda conn: drafts.hold(conn, new))
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(hold, range(6))) == 1
    with store.read() as conn:
        assert len(drafts.all_held(conn)) == 1


def test_a_period_that_is_settled_is_not_held(store: Store) -> None:
    with store.write() as conn:
        issues.settle_period(conn, make.period(), "empty", make.NOW)
        make.add_record(conn, "a", "tobacco")
        with pytest.raises(Stale, match="settled already"):
            drafts.hold(conn, new_draft(conn))


def test_a_change_names_the_revision_it_was_decided_on(store: Store) -> None:
    with store.write() as conn:
        first = held(conn, "a")
        second = drafts.save(conn, first, replace(first.draft, note="Hello"), make.NOW, shown="x")
        assert (second.revision, second.shown, second.draft.note) == (2, "x", "Hello")
        for stale in (first, replace(first, id=99)):
            with pytest.raises(Stale):
                drafts.save(conn, stale, first.draft, make.NOW, shown="y")
        assert not drafts.tell(conn, first, "deadline")
        assert drafts.tell(conn, second, "deadline")
        assert not drafts.tell(conn, second, "deadline"), "told once"


def test_a_changed_draft_reserves_what_it_has_and_gives_back_what_it_has_not(store: Store) -> None:
    with store.write() as conn:
        first = held(conn, "a", "b")
        one, two = first.draft.candidates
        make.add_record(conn, "c", "tobacco")
        (three,) = issues.candidates(conn, WEEKLY, BOOK)
        drafts.save(conn, first, replace(first.draft, candidates=(two, three)), make.NOW, shown="")
        assert drafts.reserved(conn, "ph") == {two.event.id, three.event.id}
        assert issues.candidates(conn, WEEKLY, BOOK) == (one,)


def test_a_draft_that_is_decided_is_held_no_more_and_another_may_be(store: Store) -> None:
    make.with_readers(store, 2)
    with store.write() as conn:
        first = held(conn, "a")
        approve(conn, first)
        assert drafts.held(conn, "ph") is None
        with pytest.raises(Stale):
            drafts.claim(conn, first)
        make.add_record(conn, "b", "tobacco")
        second = drafts.hold(conn, replace(new_draft(conn, of=False), period=make.period("2026-11-24")))
        ended = drafts.get(conn, first.id)
        assert ended is not None
        assert (ended.ended, ended.issue_number) == ("issued", 1)
        assert ended.draft.candidates == (), "it can never be reopened"
        assert second.draft.candidates != ()


def test_closed_without_an_issue_what_was_dropped_is_dropped_and_the_rest_waits(store: Store) -> None:
    with store.write() as conn:
        made = held(conn, "a", "b")
        one, two = made.draft.candidates
        dropped = Disposition("ph", one.event.id, "dropped", "old")
        drafts.end_empty(conn, made, [dropped], make.NOW)
        assert issues.dispositions(conn, "ph") == (dropped,)
        assert issues.candidates(conn, WEEKLY, BOOK) == (two,)
        assert [(each.key, each.outcome) for each in issues.periods(conn, "ph")] == [("2026-11-17", "empty")]


def test_reopened_everything_is_as_before_and_the_ids_are_not_forgotten(store: Store) -> None:
    make.with_readers(store, 2)
    with store.write() as conn:
        made = held(conn, "a", "b")
        approve(conn, made)
        ended = drafts.get(conn, made.id)
        assert ended is not None
        before = deliveries.last_numbers(conn)
        again = drafts.reopen(conn, ended, make.NOW, make.NOW + make.DAY)
        assert (again.ended, again.issue_id, again.draft) == ("", None, made.draft)
        assert drafts.reserved(conn, "ph") == made.draft.events
        assert issues.periods(conn, "ph") == ()
        assert issues.next_number(conn, "ph") == 1
        assert deliveries.listing(conn) == ()
        assert deliveries.last_numbers(conn) == before
        approve(conn, again)
        assert deliveries.last_numbers(conn).delivery > before.delivery
        assert len(deliveries.listing(conn)) == 2


def test_an_issue_that_was_taken_up_stays_one(store: Store) -> None:
    make.with_readers(store, 2)
    with store.write() as conn:
        made = held(conn, "a")
        approve(conn, made)
        ended = drafts.get(conn, made.id)
        assert ended is not None
        deliveries.claim(conn, "me", make.NOW, 900, 1, "smtp")
        with pytest.raises(OnItsWay, match="1 of its 2"):
            drafts.reopen(conn, ended, make.NOW, make.NOW)
        with pytest.raises(OnItsWay, match="no issue that came from a draft"):
            drafts.reopen(conn, made, make.NOW, make.NOW)


def test_a_merged_record_is_noticed_and_so_is_a_correction(store: Store) -> None:
    with store.write() as conn:
        made = held(conn, "a", "b", "c")
        one, two, three = (each.record.id for each in made.draft.candidates)
        assert not candidates.standing(conn, made).stale
        records.merge(conn, one, two, make.NOW)
        make.write_poll(conn, make.changed(three, make.entry("c", summary="x"), "corrected"))
        found = candidates.standing(conn, made)
        assert dict(found.merged) == {two: one}
        assert sorted(found.stale) == [one, three]


def test_versions_of_a_review_file_are_counted_and_one_process_writes_each(store: Store) -> None:
    with store.write() as conn:
        made = held(conn, "a")
        first = drafts.write_text(conn, made, "text")
        assert (first.version, first.revision, first.text) == (1, 1, "text")
        with pytest.raises(Stale, match="Another process"):
            drafts.write_text(conn, made, "text")
        drafts.accept_text(conn, made.id, 1, "edited", 2)
        kept = drafts.text(conn, made.id, 1)
        assert kept is not None
        assert (kept.text, kept.revision) == ("edited", 2)
        assert drafts.text(conn, made.id, 2) is None


@pytest.mark.parametrize("wrong", [0, -1, 2**70])
def test_a_number_that_no_draft_has_is_none(store: Store, wrong: int) -> None:
    with store.read() as conn:
        assert drafts.get(conn, wrong) is None
        assert drafts.text(conn, wrong, wrong) is None


def test_numbers_are_kept_as_a_switch_and_the_furthest_count(store: Store) -> None:
    with store.write() as conn:
        switches.set_value(conn, REOPENED, str(Numbers(7, 9, 2)), make.NOW)
        assert deliveries.last_numbers(conn) == Numbers(7, 9, 2)
    assert Numbers.of_text("") == Numbers(0, 0)
    assert Numbers(1, 9).furthest(Numbers(3, 2, 1)) == Numbers(3, 9, 1)
