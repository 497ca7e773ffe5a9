"""Health of a source as rows: said once when it begins and once when it ends; and the days on which something came."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from alerts.store import Store, health
from tests.store import making as make

NOW, LATER = make.NOW, make.NOW + make.DAY


def test_what_begins_is_new_once_and_ends_once(store: Store) -> None:
    with store.write() as conn:
        assert health.begin(conn, "dhsc", "failing", NOW, code="F503", message="The server is overloaded.", cause="503")
        assert not health.begin(conn, "dhsc", "failing", LATER, message="Still.")
        assert health.begin(conn, "dhsc", "quiet", NOW)
        assert health.begin(conn, "nice", "failing", NOW)
        assert health.end(conn, "dhsc", "failing", LATER)
        assert not health.end(conn, "dhsc", "failing", LATER)
        assert health.begin(conn, "dhsc", "failing", LATER)
        found = health.history(conn, "dhsc")
        assert [(each.kind, each.began_at, each.ended_at) for each in found] == [
            ("failing", LATER, None),
            ("quiet", NOW, None),
            ("failing", NOW, LATER),
        ]
        assert (found[2].message, found[2].cause) == ("The server is overloaded.", "503")
        assert [(each.source_id, each.kind) for each in health.open_events(conn)] == [
            ("dhsc", "quiet"), ("nice", "failing"), ("dhsc", "failing"),
        ]  # fmt: skip
        recent = health.history(conn, "dhsc", since=LATER + timedelta(seconds=1))
        assert [each.kind for each in recent] == ["failing", "quiet"], "what ended before is left out"


def test_what_was_told_is_told_to_nobody_again(store: Store) -> None:
    with store.write() as conn:
        health.begin(conn, "dhsc", "failing", NOW)
        (one,) = health.open_events(conn)
        assert (one.began_reported, one.ended_reported) == (False, False)
        assert health.told(conn, [one.id], ended=False) == {one.id}
        assert health.told(conn, [one.id], ended=False) == frozenset()
        health.end(conn, "dhsc", "failing", LATER)
        assert health.told(conn, [one.id], ended=True) == {one.id}
        (one,) = health.history(conn, "dhsc")
        assert (one.began_reported, one.ended_reported) == (True, True)


def test_two_that_see_a_failure_at_once_make_one_row_and_one_of_them_tells(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: store.replay(lambda conn: health.begin(conn, "d", "failing", NOW)), range(8)))
        with store.read() as conn:
            (one,) = health.open_events(conn)
        told = list(pool.map(lambda _: store.replay(lambda conn: health.told(conn, [one.id], ended=False)), range(8)))
    assert sorted(map(len, told)) == [0, 0, 0, 0, 0, 0, 0, 1]


def test_the_words_of_a_strangers_server_can_always_be_stored(store: Store) -> None:
    with store.write() as conn:
        health.begin(conn, "d", "failing", NOW, message="zero\x00 half\ud800", cause="\x00")
        (one,) = health.open_events(conn)
    assert "zero" in one.message


def test_a_day_counts_once_and_is_forgotten_after_a_little_more_than_two_years(store: Store) -> None:
    today = date(2026, 11, 2)
    with store.write() as conn:
        health.arrived(conn, "dhsc", [date(2024, 1, 1), today - timedelta(days=3)])
        health.arrived(conn, "dhsc", [today])
        health.arrived(conn, "dhsc", [today])
        health.arrived(conn, "nice", [today])
        found = health.arrivals(conn, ["dhsc", "who"])
    assert found == {"dhsc": (today - timedelta(days=3), today)}
    with store.write() as conn:
        assert health.arrivals(conn, []) == {}
