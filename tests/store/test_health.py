"""Health of a source as rows: said once when it begins and once when it ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from alerts.store import Store, sources
from tests.store import making as make

NOW, LATER = make.NOW, make.NOW + make.DAY


def test_what_begins_is_new_once_and_ends_once(store: Store) -> None:
    with store.write() as conn:
        assert sources.begin_health(conn, "dhsc", "failing", NOW, "F503", "The server is overloaded.")
        assert not sources.begin_health(conn, "dhsc", "failing", LATER, "F503", "Still.")
        assert sources.begin_health(conn, "dhsc", "quiet", NOW)
        assert sources.begin_health(conn, "nice", "failing", NOW)
        assert sources.end_health(conn, "dhsc", "failing", LATER)
        assert not sources.end_health(conn, "dhsc", "failing", LATER)
        assert sources.begin_health(conn, "dhsc", "failing", LATER)
        found = sources.health(conn, "dhsc")
        assert [(each.kind, each.began_at, each.ended_at) for each in found] == [
            ("failing", LATER, None),
            ("quiet", NOW, None),
            ("failing", NOW, LATER),
        ]
        assert found[2].message == "The server is overloaded."
        assert len(sources.health(conn, open_only=True)) == 3


def test_what_was_reported_is_remembered(store: Store) -> None:
    with store.write() as conn:
        sources.begin_health(conn, "dhsc", "failing", NOW)
        (one,) = sources.health(conn)
        assert (one.began_reported, one.ended_reported) == (False, False)
        sources.mark_reported(conn, one.id, ended=False)
        sources.end_health(conn, "dhsc", "failing", LATER)
        sources.mark_reported(conn, one.id, ended=True)
        (one,) = sources.health(conn)
        assert (one.began_reported, one.ended_reported) == (True, True)


def test_two_that_see_a_failure_at_once_make_one_row(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: store.replay(lambda conn: sources.begin_health(conn, "d", "failing", NOW)), range(8)))
    with store.read() as conn:
        assert len(sources.health(conn)) == 1
