"""Times and long keys mean the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select

from alerts.store import Store
from alerts.store.columns import digest
from alerts.store.errors import StoreFailure
from alerts.store.schema import leases

ODD = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=1))),
    datetime(2026, 3, 29, 1, 30, 0, 1, tzinfo=UTC),
    datetime(9999, 12, 30, tzinfo=timezone(timedelta(hours=-3))),
]


def test_moments_come_back_in_utc_and_in_order(store: Store) -> None:
    with store.write() as conn:
        for number, moment in enumerate(reversed(ODD)):
            row = {"stage": str(number), "owner": "o", "taken_at": moment, "held_until": moment}
            conn.execute(insert(leases), row)
    with store.read() as conn:
        found = conn.scalars(select(leases.c.taken_at).order_by(leases.c.taken_at)).all()
    assert found == ODD
    assert {each.tzinfo for each in found} == {UTC}


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    moment = datetime(2026, 1, 1)  # noqa: DTZ001 - the fault that is being tested
    with pytest.raises(StoreFailure, match="without a zone"), store.write() as conn:
        conn.execute(insert(leases), {"stage": "s", "owner": "o", "taken_at": moment, "held_until": moment})


def test_a_digest_is_short_whatever_it_stands_for() -> None:
    assert len(digest("🙂" * 100_000)) == len(digest("")) == 32
    assert digest("a") != digest("b")
