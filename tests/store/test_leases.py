"""Who works at a stage."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import Connection, event

from alerts.store import Store, leases
from alerts.store.leases import Holder
from tests.store import making as make

NOW = make.NOW
LATER = NOW + timedelta(seconds=61)


def test_a_lease_that_a_clock_took_a_year_ahead_is_nobodys_once_it_is_right(store: Store) -> None:
    ahead = NOW + timedelta(days=365)
    with store.write() as conn:
        assert leases.take(conn, "publish", "dead", ahead, 120) is None
        assert leases.take(conn, "publish", "me", NOW, 120) is None
        assert leases.take(conn, "publish", "you", NOW, 120) is not None, "a lease of today is kept"


def test_a_lease_is_one_owners_until_it_is_dropped(store: Store) -> None:
    with store.write() as conn:
        assert leases.take(conn, "collect", "me", NOW, 60) is None
        holder = Holder("collect", "me", NOW, NOW + timedelta(seconds=60))
        assert leases.take(conn, "collect", "you", NOW, 60) == holder
        assert leases.holders(conn, NOW) == (holder,)
        assert leases.take(conn, "publish", "you", NOW, 60) is None
        assert not leases.drop(conn, "collect", "you")
        assert leases.drop(conn, "collect", "me")
        assert leases.take(conn, "collect", "you", NOW, 60) is None


def test_a_lease_that_ran_out_is_anybodys_and_cannot_be_renewed_once_taken(store: Store) -> None:
    with store.write() as conn:
        leases.take(conn, "deliver", "crashed", NOW, 60)
        assert leases.holders(conn, LATER) == ()
        assert leases.take(conn, "deliver", "me", LATER, 60) is None
        assert not leases.renew(conn, "deliver", "crashed", LATER, 60)


def test_renewing_and_taking_again_hold_on(store: Store) -> None:
    with store.write() as conn:
        leases.take(conn, "deliver", "me", NOW, 60)
        assert leases.renew(conn, "deliver", "me", NOW, 120)
        assert leases.take(conn, "deliver", "you", LATER, 60) is not None
        assert leases.take(conn, "deliver", "me", LATER, 60) is None


def test_of_many_that_want_a_lease_at_once_one_gets_it(store: Store) -> None:
    def take(number: int) -> bool:
        return store.replay(lambda conn: leases.take(conn, "collect", f"owner {number}", NOW, 60)) is None

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(take, range(12))) == [False] * 11 + [True]


def test_leases_of_owners_known_to_be_dead_are_given_back_and_no_others(store: Store) -> None:
    with store.write() as conn:
        leases.take(conn, "collect", "run:dead", NOW, 900)
        leases.take(conn, "publish", "at:work", NOW, 900)
        leases.take(conn, "deliver", "rune:alive", NOW, 900)
        assert leases.drop_all(conn, "run:") == 1
        assert [each.owner for each in leases.holders(conn, NOW)] == ["rune:alive", "at:work"]
        assert leases.drop_all(conn, "run_") == 0, "what begins the name is no pattern"


def test_a_lease_that_is_given_back_while_it_is_asked_for_is_had(pg_store: Store) -> None:
    with pg_store.write() as conn:
        leases.take(conn, "collect", "other", NOW, 60)
    given_back: list[bool] = []

    def give_back(conn: Connection, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT leases") and not given_back:
            given_back.append(True)
            with pg_store.write() as another:
                leases.drop(another, "collect", "other")

    event.listen(pg_store.engine, "before_cursor_execute", give_back)
    with pg_store.write() as conn:
        assert leases.take(conn, "collect", "me", NOW, 60) is None
        assert [each.owner for each in leases.holders(conn, NOW)] == ["me"]
    assert given_back
