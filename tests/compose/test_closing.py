"""What readers had before and can soon no longer answer."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from alerts.compose.closing import timely
from tests.compose.builders import NOW, candidate
from tests.compose.test_issue import composed, fates, titles

SOON = NOW + timedelta(days=9)


def test_it_stands_where_it_is_answered_and_says_that_it_was_there_before() -> None:
    answer = composed([candidate(1, "Displays", kind="consultation", event="closing", n=2, closes=SOON)])
    assert titles(answer.content)["To answer or decide"] == ["Displays"]
    item = next(each for section in answer.content.sections for each in section.items)
    assert (item.event, item.closes) == ("closing", "Closes 26 November")
    assert item.change == "Closing soon: you had this before"
    assert answer.content.subject.startswith("Displays (closes 26 November)")


def test_with_news_of_it_the_news_are_told_and_the_reminder_is_settled_with_them() -> None:
    answer = composed(
        [
            candidate(1, "Displays", kind="consultation", event="closing", n=2, closes=SOON),
            candidate(1, "Displays", kind="consultation", event="updated", n=3, note="Now with Wales.", closes=SOON),
        ]
    )
    item = next(each for section in answer.content.sections for each in section.items)
    assert (item.event, item.change.partition(": ")[2]) == ("updated", "Now with Wales.")
    assert {fates(answer)[each][0] for each in (12, 13)} == {"issued"}


@pytest.mark.parametrize(
    ("closes", "fate"),
    [(NOW - timedelta(days=1), "closed on 2026-11-16"), (None, "it has no closing date any more")],
)
def test_what_has_closed_meanwhile_is_not_told(closes: datetime | None, fate: str) -> None:
    both = [candidate(1, kind="policy", event="closing", n=2, closes=closes), candidate(2)]
    assert fates(composed(both))[12] == ("dropped", fate)


def test_what_was_put_off_waits_until_its_new_date_comes_near() -> None:
    later = candidate(1, event="closing", n=2, closes=NOW + timedelta(days=40))
    others = (candidate(2, event="closing", n=2, closes=SOON), candidate(3, closes=NOW + timedelta(days=40)))
    assert timely((later, *others), NOW) == others
    assert timely((later,), NOW + timedelta(days=30)) == (later,)
