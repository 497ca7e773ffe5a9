"""What was built apart, together: drafts and renamed files, reopening and retrying, pauses and tidying."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event
from structlog.testing import capture_logs

from alerts.deliver import FolderTransport
from alerts.model.deliveries import Outcome
from alerts.pipeline.deliver import deliver
from alerts.pipeline.publish import publish
from alerts.pipeline.restored import note
from alerts.pipeline.reviewing import attend, files, review
from alerts.store import Store, deliveries, issues, marker, retention, subscriptions
from alerts.store.errors import DiskFull, OnItsWay
from tests.pipeline.reviewing import DAY, WEEK, House

RULE = "{deadline: 48 hours, then: hold}"
A, B = "Tobacco at work", "Snuff and health"


@pytest.fixture
def either(store: Store, tmp_path: Path) -> House:
    return House(store, tmp_path, RULE)


def rename(house: House, new: str) -> None:
    """Give the bulletin's file another name, as a librarian does who knows of `formerly:`."""
    old = house.config / "bulletins" / "update.yaml"
    text = old.read_text(encoding="utf-8") + "formerly: [update]\n"
    old.unlink()
    house.write(f"bulletins/{new}.yaml", text)
    house.reload()


def test_a_bulletin_renamed_while_its_issue_is_held_sends_it_once_and_settles_its_period(either: House) -> None:
    either.held(A)
    rename(either, "tobacco-news")
    bulletin = either.service.bulletin("tobacco-news")
    review.look(either.service, bulletin)  # its links have the new name: that is a change, and the owner is told
    assert review.approve(either.service, bulletin).number == 1
    note(either.service)
    (report,) = publish(either.service)
    assert report.outcome == "not due", report
    with either.service.store.read() as conn:
        assert [each.key for each in issues.periods(conn, "tobacco-news")] == ["2026-11-17"]
        assert issues.periods(conn, "update") == ()
    either.found(B)
    either.clock.now += WEEK
    (report,) = publish(either.service)
    assert report.outcome == "held", report
    assert report.late is False


def test_the_review_file_of_a_bulletin_that_was_renamed_goes_over_to_its_new_name(either: House) -> None:
    either.held(A)
    untouched = either.file
    assert untouched.exists()
    either.rest()
    rename(either, "tobacco-news")
    attend.attend(either.service)
    assert not untouched.exists()
    assert (untouched.parent / "tobacco-news.yaml").exists()


def test_decisions_saved_under_the_name_a_bulletin_had_are_not_passed_over_in_silence(either: House) -> None:
    either.held(A, B)
    either.change(A, "keep: yes", "keep: no")
    rename(either, "tobacco-news")
    for _ in range(3):
        attend.attend(either.service)
    assert either.file.exists()
    assert [each for each in either.subjects() if "mistake" in each] == ["Review file of Tobacco update: 1 mistake"]
    assert "decide in tobacco-news.yaml" in either.said().replace("\n", " ")


def first_delivery(house: House) -> int:
    with house.service.store.read() as conn:
        return min(each.id for each in deliveries.listing(conn) if each.kind == "delivery")


def take(house: House, one: int, outcome: Outcome) -> None:
    with house.service.store.write() as conn:
        (mine,) = deliveries.claim(conn, "me", house.clock.now, 900, 1, "smtp", only=one)
        assert deliveries.enter_data(conn, mine.id, "me", house.clock.now)
        assert deliveries.settle(conn, mine.id, "me", outcome, house.clock.now)


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome("held", "554 5.7.1 Refused for policy", scope="message", code=554),
        Outcome("failed", "perhaps sent, four times", scope="message"),
    ],
)
def test_an_issue_that_was_tried_and_put_back_into_the_queue_is_not_reopened(either: House, outcome: Outcome) -> None:
    either.held(A)
    review.approve(either.service, either.chosen)
    take(either, first_delivery(either), outcome)
    with either.service.store.write() as conn:
        assert deliveries.retry(conn, first_delivery(either), either.clock.now)
    with pytest.raises(OnItsWay):
        review.reopen(either.service, either.chosen)


def test_an_issue_set_aside_since_readers_had_it_before_a_copy_was_restored_is_not_reopened(either: House) -> None:
    either.held(A)
    review.approve(either.service, either.chosen)
    with either.service.store.write() as conn:
        marker.set_aside(conn)
    with pytest.raises(OnItsWay):
        review.reopen(either.service, either.chosen)


def test_a_reader_who_thinks_better_of_it_is_not_sent_what_was_tidied_away_meanwhile(either: House) -> None:
    either.held(A)
    review.approve(either.service, either.chosen)
    with either.service.store.write() as conn:
        ann = subscriptions.of_address(conn, "ann@example.nhs.uk")[0]
        subscriptions.leave(conn, ann.id, either.clock.now)
    either.clock.now += 3 * DAY
    one_day = retention.Limits(*[either.clock.now - DAY] * 4)  # ALERTS_KEEP_MAILS_DAYS=1
    with either.service.store.write() as conn:
        assert retention.tidy(conn, one_day, either.service.seal, either.clock.now)
        subscriptions.undo(conn, ann.id, either.clock.now)
    note(either.service)
    report = asyncio.run(deliver(either.service, FolderTransport(either.folder / "mail")))
    assert (report.sent, report.alarms) == (2, ()), "Bob's, and the draft for the owner"


@contextmanager
def asked(store: Store) -> Iterator[list[str]]:
    """Collect the statements that the database is asked meanwhile."""
    found: list[str] = []

    def note_it(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    event.listen(store.engine, "before_cursor_execute", note_it)
    try:
        yield found
    finally:
        event.remove(store.engine, "before_cursor_execute", note_it)


def test_a_tick_at_which_nothing_is_due_does_not_go_through_all_that_was_ever_matched(either: House) -> None:
    either.held(A)
    with asked(either.service.store) as held:
        assert either.publish().outcome == "held"
    review.approve(either.service, either.chosen)
    note(either.service)
    with asked(either.service.store) as quiet:
        assert either.publish().outcome == "not due"
    assert held
    assert quiet
    assert not [each for each in (*held, *quiet) if "FROM matches" in each]
    either.clock.now += WEEK
    with asked(either.service.store) as busy:
        either.publish()
    assert [each for each in busy if "FROM matches" in each]


def test_a_draft_that_cannot_be_seen_to_is_logged_once_and_stays_on_the_health_page(
    either: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    either.held(A)
    calm = files.take_in

    def breaks(*_: object) -> None:
        raise DiskFull("There is no room.")

    monkeypatch.setattr(files, "take_in", breaks)
    with capture_logs() as logged:
        for _ in range(3):
            attend.attend(either.service)
    assert [each["event"] for each in logged] == ["review failed"]
    assert either.service.failing == {"review update": DiskFull.code}
    monkeypatch.setattr(files, "take_in", calm)
    attend.attend(either.service)
    assert either.service.failing == {}
