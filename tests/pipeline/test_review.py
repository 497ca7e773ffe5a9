"""A draft from the moment it is held to the moment it is sent, on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from alerts.config import load_catalogue
from alerts.model.drafts import Change, Changes
from alerts.pipeline.own_items import Typed, add_own_item
from alerts.pipeline.publish import publish
from alerts.pipeline.reviewing import attend, review
from alerts.pipeline.reviewing.view import (
    BadDecision,
    DraftChanged,
    NoDraft,
    NoReaders,
    NoSuchItem,
    View,
    item_of,
    moved,
)
from alerts.pipeline.service import Service, StageBusy
from alerts.store import Stale, Store, deliveries, drafts, issues, marker, open_store, records, subscriptions
from alerts.store.errors import OnItsWay
from alerts.store.schema import dispositions
from alerts.store.schema import records as record_rows
from alerts.web.pages import PublicPages
from tests.pipeline.reviewing import DAY, HOUR, TUESDAY, WEEK, House

A, B, C = "Tobacco at work", "Snuff and health", "Vaping in schools"


RULE = "{deadline: 48 hours, then: hold}"


@pytest.fixture
def house(sqlite_store: Store, tmp_path: Path) -> House:
    return House(sqlite_store, tmp_path, RULE)


@pytest.fixture
def either(store: Store, tmp_path: Path) -> House:
    """The same on both databases, for what the databases have to hold."""
    return House(store, tmp_path, RULE)


def decide(house: House, title: str, **what: object) -> None:
    def said(view: View) -> Changes:
        record_id = next(each.record_id for each in view.items if each.title == title)
        return Changes((Change(record_id, **what),))  # type: ignore[arg-type]

    review.decide(house.service, house.chosen, said)


def approve(house: House) -> review.Approved:
    return review.approve(house.service, house.chosen)


def ledger(house: House) -> dict[str, str]:
    """Return what became of each title in the bulletin."""
    rows = select(record_rows.c.title, dispositions.c.kind).join(
        record_rows, record_rows.c.id == dispositions.c.record_id
    )
    with house.service.store.read() as conn:
        return {row.title: row.kind for row in conn.execute(rows.order_by(dispositions.c.event_id))}


# --- holding ----------------------------------------------------------------------------------------------------------


def test_what_is_due_is_held_and_nobody_gets_anything(house: House) -> None:
    view = house.held(A, B)
    assert sorted(house.shown()) == sorted([A, B])
    assert house.issues() == []
    assert house.queued() == []
    assert view.held.deadline_at == TUESDAY + 48 * HOUR
    assert house.subjects() == [f"Draft for review: {view.content.subject if view.content else ''}"]


def test_a_draft_is_shown_as_it_was_held_without_being_changed_by_looking(house: House) -> None:
    first = house.held(A, B)
    house.clock.now += 5 * HOUR
    for _ in range(3):
        house.publish()
    assert house.look().held.revision == first.held.revision == 1
    assert len(house.staff()) == 1


def test_where_the_configuration_lies_on_another_machine_changes_no_draft(house: House, tmp_path: Path) -> None:
    house.held(A, B)
    shutil.copytree(house.config, tmp_path / "elsewhere" / "config")
    loaded = load_catalogue(tmp_path / "elsewhere" / "config", house.service.settings.people_file)
    other = Service(house.service.settings, house.clock, house.service.store, loaded)
    assert review.look(other, other.bulletin("update")).changed == ()
    assert len(house.staff()) == 1


def test_one_bulletin_has_one_draft_however_often_it_is_published(house: House) -> None:
    house.held(A)
    house.found(B)
    assert house.publish().outcome == "held"
    assert house.publish(extra=True).outcome == "held"
    with house.service.store.read() as conn:
        assert len(drafts.all_held(conn)) == 1
    assert house.shown() == [A], "what comes later waits for the next issue"


def test_replicas_that_publish_at_once_hold_one_draft_and_write_one_mail(either: House) -> None:
    either.found(A, B)
    either.clock.now = TUESDAY
    services = [either.another() for _ in range(4)]

    def at_once(service: Service) -> None:
        with suppress(StageBusy):
            publish(service)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(at_once, services))
    with either.service.store.read() as conn:
        assert len(drafts.all_held(conn)) == 1
    assert len(either.staff()) == 1


def test_what_a_draft_reserves_no_other_path_takes(either: House) -> None:
    either.held(A)
    assert ledger(either) == {A: "reserved"}
    either.write("profiles/tobacco.yaml", "title: Tobacco\nteam: ph\nsearch: nothing.ti.\n")
    either.reload()  # the edit no longer finds it: what was shown is sent all the same
    assert ledger(either) == {A: "reserved"}
    assert either.shown() == [A]
    approve(either)
    assert ledger(either) == {A: "issued"}


def test_with_nothing_new_nothing_is_held_and_the_period_is_settled(house: House) -> None:
    house.clock.now = TUESDAY
    assert house.publish().outcome == "nothing new"
    house.found(A)
    assert house.publish().outcome == "not due"


def test_a_rehearsal_holds_nothing_and_writes_to_nobody(house: House) -> None:
    house.found(A)
    house.clock.now = TUESDAY
    (report,) = publish(house.service, dry_run=True)
    assert (report.outcome, report.items) == ("would hold", 1)
    assert house.staff() == []
    assert not house.file.exists()
    assert house.publish().outcome == "held"


# --- deciding ---------------------------------------------------------------------------------------------------------


def test_an_approved_draft_is_an_issue_like_any_other(either: House) -> None:
    either.held(A, B)
    approved = approve(either)
    assert (approved.number, approved.items, approved.readers) == (1, 2, 2)
    (issue,) = either.issues()
    assert issue.period_key == "2026-11-17"
    assert either.queued() == ["ann@example.nhs.uk", "bob@example.nhs.uk"]
    assert ledger(either) == {A: "issued", B: "issued"}
    either.clock.now += HOUR
    assert either.publish().outcome == "not due", "the period is settled"


def test_dropped_is_dropped_for_good(either: House) -> None:
    either.held(A, B)
    decide(either, A, keep="no", reason="old news")
    assert either.shown() == [B]
    approve(either)
    assert either.titles() == [B]
    assert ledger(either) == {A: "dropped", B: "issued"}
    either.found(C)
    either.clock.now += WEEK
    either.publish()
    assert either.shown() == [C]


def test_later_comes_back_with_the_next_issue(either: House) -> None:
    either.held(A, B)
    decide(either, A, keep="later")
    approve(either)
    assert either.titles() == [B]
    either.clock.now += WEEK
    either.publish()
    assert either.shown() == [A]


def test_what_was_left_out_can_be_taken_back_until_the_issue_is_sent(house: House) -> None:
    house.held(A, B)
    decide(house, A, keep="no")
    decide(house, A, keep="yes")
    approve(house)
    assert sorted(house.titles()) == sorted([A, B])


def test_leaving_an_item_out_lets_no_other_in_unseen(house: House) -> None:
    house.bulletin("{deadline: 48 hours}", budget=2)
    house.reload()
    house.held(A, B, C)
    (left,) = [each for each in (A, B, C) if each not in house.shown()]
    shown = house.shown()
    decide(house, shown[0], keep="no")
    assert house.shown() == [shown[1]]
    content = house.look().content
    assert content is not None
    assert [each.title for each in content.remainder] == [left]
    decide(house, left, keep="yes")
    assert sorted(house.shown()) == sorted([shown[1], left])
    decide(house, shown[1], keep="title")
    assert house.shown() == [left]
    approve(house)
    assert ledger(house) == {shown[0]: "dropped", shown[1]: "remainder", left: "issued"}


def test_a_pin_comes_first_and_a_move_is_under_the_heading(house: House) -> None:
    house.found("Tobacco: a trial", kind="study")
    view = house.held(A, B, C)
    first, second, third = house.shown()[:3]
    decide(house, third, pin=True)
    assert house.shown()[:3] == [third, first, second]
    view = house.look()
    named = {each.title: each for each in view.items}
    for item, other, is_before in ((third, first, False), (second, None, True), (second, third, True)):
        with pytest.raises(BadDecision, match=f"Item {named[third].number} is pinned") as refused:
            moved(view, named[item], named[other] if other else None, is_before=is_before)
        assert f"issue pin {view.bulletin.id} {named[third].number} --undo" in str(refused.value.remedy)
    assert moved(view, named[second], named[third], is_before=False), "below what is pinned it may stand"
    decide(house, third, pin=False)
    view = house.look()
    named = {each.title: each for each in view.items}
    order = moved(view, named[first], named[third], is_before=False)
    review.decide(house.service, house.chosen, lambda _: Changes(order=order))
    assert house.shown()[:3] == [second, third, first]
    view = house.look()
    named = {each.title: each for each in view.items}
    with pytest.raises(BadDecision, match="Guidance"):
        moved(view, named[first], named["Tobacco: a trial"], is_before=True)
    decide(house, first, keep="later")
    view = house.look()
    dropped = next(each for each in view.items if each.title == first)
    with pytest.raises(BadDecision) as refused:
        moved(view, dropped, None, is_before=True)
    assert f"issue drop {view.bulletin.id} {dropped.number} --undo" in str(refused.value.remedy)


def test_the_librarians_own_words_stand_in_place_of_a_summary(house: House) -> None:
    house.held(A, B)
    decide(house, A, note="Read this one.")
    review.decide(house.service, house.chosen, lambda _: Changes(subject="Two to read", note="Good morning."))
    approve(house)
    (issue,) = house.issues()
    items = {each.title: each for section in issue.content.sections for each in section.items}
    assert (items[A].note, items[B].note) == ("Read this one.", "")
    assert (issue.subject, issue.content.note) == ("Two to read", "Good morning.")


def test_an_item_of_ones_own_comes_into_the_draft_that_is_held(either: House) -> None:
    either.bulletin("{deadline: 48 hours}", budget=1)
    either.reload()
    either.held(A)
    added = add_own_item(either.service, "update", Typed("Our own audit", "Council", "2026-11-10", "study"))
    assert added.in_draft
    assert either.shown() == [A, "Our own audit"]
    approve(either)
    assert either.titles() == [A, "Our own audit"]
    assert len(either.issues()) == 1


def test_items_are_named_by_number_or_record_and_others_are_refused(house: House) -> None:
    view = house.held(A, B)
    one = view.items[1]
    assert item_of(view, "2") == item_of(view, f"r{one.record_id}") == one
    for wrong in ("0", "3", "r0", "-1", "two", "", "٣", "1" * 400):
        with pytest.raises(NoSuchItem):
            item_of(view, wrong)


def test_readers_are_those_of_the_moment_of_approving(house: House) -> None:
    house.held(A)
    house.people("bob@example.nhs.uk", "cy@example.nhs.uk")
    house.reload()
    approve(house)
    assert house.queued() == ["bob@example.nhs.uk", "cy@example.nhs.uk"]


def test_an_issue_that_nobody_would_get_stays_held(house: House) -> None:
    house.held(A)
    with house.service.store.write() as conn:
        for each in subscriptions.active(conn, "update", house.clock.now):
            subscriptions.leave(conn, each.id, house.clock.now)
    with pytest.raises(NoReaders):
        approve(house)
    assert house.shown() == [A]


def test_nothing_held_says_what_became_of_the_last_draft(house: House) -> None:
    with pytest.raises(NoDraft) as early:
        house.look()
    assert "when it is due" in early.value.remedy
    house.held(A)
    approve(house)
    with pytest.raises(NoDraft) as late:
        approve(house)
    assert "issue 1" in late.value.remedy


def test_of_two_who_approve_at_once_one_sends(either: House) -> None:
    either.held(A, B)

    def try_it(service: Service) -> str:
        try:
            return str(review.approve(service, either.chosen).number)
        except (NoDraft, Stale) as refused:
            return refused.code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(try_it, [either.another() for _ in range(4)]))
    assert answers == ["1", "B040", "B040", "B040"]
    assert len(either.issues()) == 1
    assert len(either.queued()) == 2


def test_a_draft_with_everything_dropped_is_closed_without_an_issue(either: House) -> None:
    either.held(A)
    decide(either, A, keep="no")
    assert approve(either).number == 0
    assert either.issues() == []
    assert ledger(either) == {A: "dropped"}
    assert either.publish().outcome == "not due"
    either.found(B)
    either.clock.now += WEEK
    either.publish()
    assert either.shown() == [B]


# --- what happens meanwhile -------------------------------------------------------------------------------------------


def test_what_is_retracted_meanwhile_is_left_out_and_the_owner_is_told(either: House) -> None:
    (record_id, _) = either.found(A, B)
    either.held()
    either.happened(record_id, A, "retracted")
    with pytest.raises(DraftChanged, match="Tobacco at work"):
        approve(either)
    assert either.shown() == [B]
    assert len(either.staff()) == 2
    assert "retracted" in either.said()
    approve(either)
    assert either.titles() == [B]
    assert ledger(either) == {A: "dropped", B: "issued"}


def test_what_is_corrected_meanwhile_is_sent_corrected_and_told_once(house: House) -> None:
    (record_id,) = house.found(A)
    house.held()
    house.happened(record_id, A, "corrected", summary="The corrected numbers.")
    house.publish()
    assert len(house.staff()) == 2
    approve(house)
    (issue,) = house.issues()
    assert "The corrected numbers." in issue.content.sections[0].items[0].summary
    house.clock.now += WEEK
    assert house.publish().outcome == "nothing new", "nobody had the wrong one, so there is nothing to correct"


def test_what_is_only_updated_is_sent_as_it_was_shown_and_the_update_comes_next(house: House) -> None:
    (record_id,) = house.found(A)
    house.held()
    house.happened(record_id, A, "updated", summary="Other words.")
    house.publish()
    assert len(house.staff()) == 1
    approve(house)
    assert "Other words" not in house.issues()[0].content.sections[0].items[0].summary
    house.clock.now += WEEK
    house.publish()
    assert house.shown() == [A]


def test_two_records_that_turn_out_to_be_one_are_one_item_of_the_draft(either: House) -> None:
    keep, drop = either.found(A, B)
    either.held()
    with either.service.store.write() as conn:
        records.merge(conn, keep, drop, either.clock.now)
    either.publish()
    assert either.shown() == [A]
    approve(either)
    assert either.titles() == [A]


def test_a_record_that_was_merged_into_one_that_readers_had_is_left_out(either: House) -> None:
    (old,) = either.found(A)
    either.held()
    approve(either)
    either.clock.now += WEEK
    new, _ = either.found(B, C)
    either.publish()
    with either.service.store.write() as conn:
        records.merge(conn, old, new, either.clock.now)
    either.publish()
    assert either.shown() == [C]
    approve(either)
    assert either.titles() == [C]


def test_a_bulletin_that_is_edited_is_shown_again(house: House) -> None:
    house.held(A)
    house.write(
        "teams/ph.yaml", (house.config / "teams/ph.yaml").read_text().replace("library: Library", "library: New")
    )
    house.reload()
    house.publish()
    assert len(house.staff()) == 2
    house.bulletin("")
    house.reload()  # no review any more: what is held stays held
    house.publish()
    assert house.shown() == [A]
    approve(house)
    assert len(house.issues()) == 1


def test_an_issue_tells_the_days_up_to_which_it_looked(house: House) -> None:
    house.held(A)
    house.found(B)
    house.clock.now += DAY
    approve(house)
    (issue,) = house.issues()
    assert issue.content.date_line == "18 November 2026"
    assert issue.content.period_line == "Up to 17 November 2026"
    house.clock.now = TUESDAY + WEEK
    house.publish()
    content = house.look().content
    assert content is not None
    assert content.period_line == "17 to 24 November 2026"


# --- the next period --------------------------------------------------------------------------------------------------


def test_a_draft_that_is_still_held_takes_the_next_period_in(either: House) -> None:
    either.held(A, B)
    decide(either, A, keep="no")
    decide(either, B, note="Our words.")
    either.found(C)
    either.clock.now += WEEK
    report = either.publish()
    assert (report.outcome, report.late) == ("held", True)
    assert sorted(either.shown()) == sorted([B, C])
    assert len(either.staff()) == 3, "held, its deadline, and held again"
    approve(either)
    (issue,) = either.issues()
    assert issue.period_key == "2026-11-24"
    assert "17 November 2026" in issue.content.late_line
    assert ledger(either) == {A: "dropped", B: "issued", C: "issued"}
    either.clock.now += HOUR
    assert either.publish().outcome == "not due", "both periods are settled"
    with either.service.store.read() as conn:
        assert [(each.key, each.outcome) for each in issues.periods(conn, "update")] == [
            ("2026-11-17", "collapsed"),
            ("2026-11-24", "issued"),
        ]


def test_an_extra_draft_uses_no_period_up_and_takes_in_the_one_that_comes(house: House) -> None:
    house.found(A)
    house.publish(extra=True)
    assert house.look().held.period is None
    house.clock.now = TUESDAY
    house.publish()
    period = house.look().held.period
    assert period is not None
    assert (period.key, period.collapsed) == ("2026-11-17", ())
    approve(house)
    assert house.issues()[0].period_key == "2026-11-17"


def test_a_number_stays_an_items_own_when_more_come(house: House) -> None:
    house.held(A, B)
    before = house.numbers()
    house.found(C)
    house.clock.now += WEEK
    house.publish()
    after = house.numbers()
    assert {title: after[title] for title in before} == before
    assert len(set(after.values())) == 3


# --- the deadline -----------------------------------------------------------------------------------------------------


def rule(house: House, then: str, hours: int = 48) -> None:
    house.bulletin(f"{{deadline: {hours} hours, then: {then}}}")
    house.reload()


def test_send_sends_at_the_deadline_and_not_before(house: House) -> None:
    rule(house, "send")
    house.held(A)
    house.clock.now += 47 * HOUR
    house.publish()
    assert house.issues() == []
    house.clock.now += HOUR
    assert house.publish().outcome == "published"
    assert house.queued() == ["ann@example.nhs.uk", "bob@example.nhs.uk"]
    assert "deadline" in house.said()
    house.publish()
    assert len(house.issues()) == 1
    assert len(house.staff()) == 2


def test_hold_tells_once_at_the_deadline_and_holds(house: House) -> None:
    house.held(A)
    house.clock.now += 40 * HOUR
    house.publish()
    assert len(house.staff()) == 1
    house.clock.now += 8 * HOUR
    for _ in range(3):
        house.publish()
    assert house.subjects()[1:] == ["Held after its deadline: Tobacco update"]
    assert house.issues() == []
    approve(house)
    assert len(house.issues()) == 1


def test_warn_reminds_before_and_tells_at_the_deadline(house: House) -> None:
    rule(house, "warn")
    house.held(A)
    house.clock.now += 36 * HOUR
    for _ in range(3):
        house.publish()
    house.clock.now += 12 * HOUR
    for _ in range(3):
        house.publish()
    assert house.subjects()[1:] == ["Still to be reviewed: Tobacco update", "Held after its deadline: Tobacco update"]
    assert house.issues() == []


@pytest.mark.parametrize(("then", "status"), [("hold", "ok"), ("warn", "degraded")])
def test_after_its_deadline_a_held_issue_is_on_the_health_page(house: House, then: str, status: str) -> None:
    rule(house, then)
    house.held(A)
    pages = PublicPages(house.service)

    def told() -> list[str]:
        return [each for each in pages.health().warnings if "update" in each]

    assert (pages.health().status, told()) == ("ok", [])
    house.clock.now += timedelta(minutes=1)  # the mail itself has not waited for long
    with house.service.store.write() as conn:
        held = drafts.held(conn, "update")
        assert held is not None
        drafts.save(conn, held, held.draft, house.clock.now, shown=held.shown, deadline_at=house.clock.now)
    assert (pages.health().status, len(told())) == (status, 1)
    approve(house)
    assert (pages.health().status, told()) == ("ok", [])


def test_a_host_that_slept_over_the_deadline_and_the_next_issue_sends_first_and_holds_then(house: House) -> None:
    rule(house, "send")
    house.held(A)
    house.found(B)
    house.clock.now += WEEK + DAY
    assert house.publish().outcome == "held"
    assert house.titles() == [A]
    assert house.shown() == [B]


def test_a_daily_bulletin_with_a_deadline_of_two_days_is_sent_one_day(house: House) -> None:
    rule(house, "send")
    house.write("bulletins/update.yaml", (house.config / "bulletins/update.yaml").read_text().replace(
        "{every: week, on: Tuesday, at: '07:30'}", "{every: day, at: '07:30'}"))  # fmt: skip
    house.reload()
    house.held(A)
    for title in (B, C):
        house.clock.now += DAY
        house.found(title)
        house.publish()
    assert house.titles() == [A, B] or sorted(house.titles()) == sorted([A, B])
    assert house.shown() == [C]


def test_while_all_sending_is_stopped_no_deadline_sends(house: House) -> None:
    rule(house, "send")
    house.held(A)
    house.service.store.replay(lambda conn: deliveries.stop(conn, "wrong list", house.clock.now))
    house.clock.now += 50 * HOUR
    house.publish()
    assert house.issues() == []
    house.service.store.replay(deliveries.resume)
    house.publish()
    assert len(house.issues()) == 1


def test_a_restored_database_sends_no_draft(house: House) -> None:
    rule(house, "send")
    house.held(A)
    folder = house.service.settings.state_folder
    marker.write(folder, marker.Numbers(99, 99))
    house.clock.now += 50 * HOUR
    assert attend.attend(house.service) == ()
    assert house.issues() == []
    with pytest.raises(Exception, match="older than what was sent"):
        approve(house)


# --- reopening --------------------------------------------------------------------------------------------------------


def test_reopened_an_issue_is_a_draft_again_and_its_number_comes_again(either: House) -> None:
    either.held(A, B)
    decide(either, A, note="Our words.")
    approve(either)
    held = review.reopen(either.service, either.chosen)
    assert either.issues() == []
    assert either.queued() == []
    assert sorted(either.shown()) == sorted([A, B])
    assert ledger(either) == {A: "reserved", B: "reserved"}
    assert held.deadline_at == TUESDAY + 48 * HOUR
    decide(either, A, keep="no")
    approved = approve(either)
    assert approved.number == 1
    assert either.titles() == [B]
    assert len(either.queued()) == 2


def test_reopening_gives_the_period_back_and_send_gives_time_anew(house: House) -> None:
    rule(house, "send")
    house.held(A)
    house.clock.now += 48 * HOUR
    house.publish()
    review.reopen(house.service, house.chosen, 1)
    house.publish()
    assert house.issues() == [], "the deadline is set anew"
    assert house.look().held.period is not None
    house.clock.now += 48 * HOUR
    house.publish()
    assert [each.number for each in house.issues()] == [1]


def test_reopening_is_no_restored_database(either: House) -> None:
    either.held(A)
    approve(either)
    with either.service.store.read() as conn:
        before = deliveries.last_numbers(conn)
    marker.write(either.service.settings.state_folder, before)
    review.reopen(either.service, either.chosen)
    with either.service.store.read() as conn:
        assert deliveries.last_numbers(conn) == before
    approve(either)
    with either.service.store.read() as conn:
        after = deliveries.last_numbers(conn)
    assert after.issue > before.issue
    assert after.delivery > before.delivery


@pytest.mark.parametrize("taken", ["claimed", "sent"])
def test_nothing_is_reopened_that_anybody_may_have_had(either: House, taken: str) -> None:
    either.held(A)
    approve(either)
    with either.service.store.write() as conn:
        (one,) = deliveries.claim(conn, "me", either.clock.now, 900, 1, "smtp")
        if one.kind != "delivery":  # the draft's own mail comes first
            (_, one) = (one, *deliveries.claim(conn, "me", either.clock.now, 900, 1, "smtp"))
    with pytest.raises(OnItsWay, match="1 of its 2 messages"):
        review.reopen(either.service, either.chosen)
    assert len(either.issues()) == 1


def test_only_the_newest_issue_that_was_held_is_reopened(house: House) -> None:
    with pytest.raises(NoDraft, match="has no issue yet"):
        review.reopen(house.service, house.chosen)
    house.held(A)
    approve(house)
    house.found(B)
    house.clock.now += WEEK
    house.publish()
    with pytest.raises(OnItsWay, match="Another draft"):
        review.reopen(house.service, house.chosen, 1)
    approve(house)
    with pytest.raises(OnItsWay, match="Issue 2 has come after"):
        review.reopen(house.service, house.chosen, 1)
    house.bulletin("")
    house.reload()
    house.found(C)
    house.clock.now += WEEK
    house.publish()
    with pytest.raises(NoDraft, match="was not held"):
        review.reopen(house.service, house.chosen)


# --- dying ------------------------------------------------------------------------------------------------------------


class Died(BaseException):
    """The process is gone."""


@contextmanager
def dying_at(instant: int) -> Iterator[list[int]]:
    """Let the process die before or after the `instant`-th statement or commit (0: it lives), and count them."""
    count = [0]

    def tick(*_: object) -> None:
        count[0] += 1
        if instant and count[0] >= instant:  # whoever is dead tidies nothing up
            raise Died

    names = ("before_cursor_execute", "after_cursor_execute", "commit")
    for name in names:
        event.listen(Engine, name, tick)
    try:
        yield count
    finally:
        for name in names:
            event.remove(Engine, name, tick)


@pytest.mark.parametrize(
    "step",
    [
        "approved by file",
        *(pytest.param(each, marks=pytest.mark.thorough) for each in ("held", "decided", "sent at the deadline")),
    ],
)
def test_died_at_any_instant_and_run_again_nothing_is_lost_or_done_twice(
    sqlite_store: Store, sqlite_template: Path, tmp_path: Path, step: str
) -> None:
    def prepared(at: int) -> House:
        (tmp_path / str(at)).mkdir()
        path = shutil.copy(sqlite_template, tmp_path / str(at) / "alerts.db")
        house = House(open_store(f"sqlite:///{path}"), tmp_path / str(at), "{deadline: 48 hours, then: send}")
        house.found(A, B)
        house.clock.now = TUESDAY
        if step == "held":
            return house
        house.publish()
        if step == "sent at the deadline":
            house.clock.now += 48 * HOUR
            return house
        house.change(A, "keep: yes", "keep: no")
        if step == "approved by file":
            house.save(("approve: no", "approve: yes"))
        return house

    def finished(house: House) -> tuple[object, ...]:
        house.clock.now += 5 * timedelta(minutes=1)  # the stage of the process that died is free again
        house.publish()
        if house.file.exists():
            house.rest()
        house.publish()
        kinds = [each.split(":")[0] for each in house.subjects()]
        return (ledger(house), house.queued(), [house.titles(at) for at in range(len(house.issues()))], kinds,
                house.file.exists())  # fmt: skip

    whole = prepared(0)
    with dying_at(0) as count:
        whole.publish()
    expected = finished(whole)
    assert count[0] > 20
    for instant in range(1, count[0], max(1, count[0] // 3)):
        house = prepared(instant)
        with suppress(Died), dying_at(instant):
            house.publish()
        house.service.store.close()
        house.service = replace(house.another(), store=open_store(house.service.store.url))
        assert finished(house) == expected, f"instant {instant} of {count[0]}"
        house.service.store.close()
    whole.service.store.close()
