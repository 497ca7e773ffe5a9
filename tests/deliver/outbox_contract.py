"""What every outbox must keep, whatever it is made of. Subclass `OutboxContract` and give `desk`.

The desk puts deliveries in and lets readers leave; the store's version does it with its own functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from alerts.deliver import Outbox
from alerts.model.deliveries import Delivery, Outcome

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)
LEASE_S = 900.0


class Desk(Protocol):
    """An outbox, and what the tests must do around it."""

    @property
    def outbox(self) -> Outbox: ...

    def queue(self, count: int) -> Sequence[int]:
        """Queue `count` deliveries of one issue to as many readers; return their ids, oldest first."""
        ...

    def see(self, delivery_id: int) -> Delivery: ...

    def reader_leaves(self, delivery_id: int) -> None: ...

    def stop_sending(self, reason: str) -> None: ...

    def sweep(self, now: datetime) -> None: ...


class OutboxContract:
    """The contract. `desk` is a fixture of the subclass."""

    @staticmethod
    def claim(desk: Desk, owner: str = "one", *, now: datetime = NOW, limit: int = 10) -> list[Delivery]:
        return list(desk.outbox.claim(owner, now, lease_s=LEASE_S, limit=limit, transport="folder"))

    def test_what_is_claimed_is_claimed_once(self, desk: Desk) -> None:
        ids = desk.queue(3)
        first, second = self.claim(desk, "one", limit=2), self.claim(desk, "two")
        assert [each.id for each in first] == list(ids[:2])
        assert [each.id for each in second] == list(ids[2:])
        assert self.claim(desk, "three") == []

    def test_a_claim_says_whose_it_is_until_when_by_which_transport_and_counts_an_attempt(self, desk: Desk) -> None:
        desk.queue(1)
        [claimed] = self.claim(desk)
        assert (claimed.state, claimed.owner, claimed.transport) == ("claimed", "one", "folder")
        assert claimed.attempts == 1
        assert claimed.unanswered == 0
        assert claimed.lease_until == NOW + timedelta(seconds=LEASE_S)

    def test_the_message_is_the_one_whose_hash_was_frozen(self, desk: Desk) -> None:
        import hashlib

        desk.queue(1)
        [claimed] = self.claim(desk)
        message = desk.outbox.message(claimed)
        assert hashlib.sha256(message).hexdigest() == claimed.sha256
        assert desk.outbox.message(claimed) == message

    def test_only_the_owner_enters_data_and_only_once(self, desk: Desk) -> None:
        desk.queue(1)
        [claimed] = self.claim(desk)
        assert desk.outbox.enter_data(claimed.id, "two", NOW) is False
        assert desk.outbox.enter_data(claimed.id, "one", NOW) is True
        assert desk.outbox.enter_data(claimed.id, "one", NOW) is False
        assert desk.see(claimed.id).state == "in_data"

    def test_only_the_owner_settles_and_only_once(self, desk: Desk) -> None:
        desk.queue(1)
        [claimed] = self.claim(desk)
        desk.outbox.enter_data(claimed.id, "one", NOW)
        assert desk.outbox.settle(claimed.id, "two", Outcome("failed"), NOW) is False
        assert desk.outbox.settle(claimed.id, "one", Outcome("sent"), NOW) is True
        assert desk.outbox.settle(claimed.id, "one", Outcome("failed"), NOW) is False
        assert desk.see(claimed.id).state == "sent"
        assert desk.see(claimed.id).sent_at == NOW

    @pytest.mark.parametrize("outcome", [Outcome("sent"), Outcome("failed", scope="recipient"), Outcome("expired")])
    def test_what_is_final_is_never_claimed_again(self, desk: Desk, outcome: Outcome) -> None:
        desk.queue(1)
        [claimed] = self.claim(desk)
        desk.outbox.settle(claimed.id, "one", outcome, NOW)
        desk.sweep(NOW + timedelta(days=30))
        assert self.claim(desk, now=NOW + timedelta(days=30)) == []
        assert desk.see(claimed.id).state == outcome.state

    @pytest.mark.parametrize(("state", "attempts"), [("deferred", 2), ("held", 1)])
    def test_what_is_put_off_comes_back_when_its_time_has_come_and_only_its_own_fault_counts(
        self, desk: Desk, state: str, attempts: int
    ) -> None:
        desk.queue(1)
        [claimed] = self.claim(desk)
        put_off = Outcome("deferred" if state == "deferred" else "held", "try later", 451, retry_at=LATER)
        assert desk.outbox.settle(claimed.id, "one", put_off, NOW) is True
        assert self.claim(desk, now=LATER - timedelta(seconds=1)) == []
        [again] = self.claim(desk, now=LATER)
        assert again.attempts == attempts
        assert again.sha256 == claimed.sha256
        assert again.message_id == claimed.message_id
        assert desk.outbox.message(again) == desk.outbox.message(claimed)

    def test_what_is_held_with_no_time_waits_for_a_person_and_says_why(self, desk: Desk) -> None:
        desk.queue(1)
        [claimed] = self.claim(desk)
        desk.outbox.settle(claimed.id, "one", Outcome("held", "D201 the bytes changed", scope="message"), NOW)
        assert self.claim(desk, now=NOW + timedelta(days=30)) == []
        assert desk.see(claimed.id).state == "stopped"
        assert "D201" in desk.see(claimed.id).state_reason

    def test_release_gives_back_what_was_not_begun_and_takes_the_attempt_back(self, desk: Desk) -> None:
        desk.queue(3)
        begun, *others = self.claim(desk)
        desk.outbox.enter_data(begun.id, "one", NOW)
        assert desk.outbox.release("two", NOW) == 0
        assert desk.outbox.release("one", NOW) == 2
        assert desk.see(begun.id).state == "in_data"
        again = self.claim(desk, "two")
        assert [each.id for each in again] == [each.id for each in others]
        assert {each.attempts for each in again} == {1}

    def test_what_a_dead_owner_claimed_comes_back_when_the_lease_is_over(self, desk: Desk) -> None:
        desk.queue(1)
        self.claim(desk, "dead")
        desk.sweep(NOW + timedelta(seconds=LEASE_S - 1))
        assert self.claim(desk, "two", now=NOW + timedelta(seconds=LEASE_S - 1)) == []
        over = NOW + timedelta(seconds=LEASE_S + 1)
        desk.sweep(over)
        [again] = self.claim(desk, "two", now=over)
        assert again.unanswered == 0
        assert desk.outbox.settle(again.id, "dead", Outcome("sent"), over) is False

    def test_a_death_in_data_is_counted_and_sent_again_three_times_at_most(self, desk: Desk) -> None:
        desk.queue(1)
        now = NOW
        for deaths in range(4):
            [claimed] = self.claim(desk, f"owner {deaths}", now=now)
            assert claimed.unanswered == deaths
            assert desk.outbox.enter_data(claimed.id, f"owner {deaths}", now) is True
            now += timedelta(seconds=2 * LEASE_S + 1)
            desk.sweep(now)
        assert self.claim(desk, "last", now=now) == []
        assert desk.see(claimed.id).state == "failed"

    def test_a_silence_is_counted_and_an_answer_is_not(self, desk: Desk) -> None:
        desk.queue(1)
        [claimed] = self.claim(desk)
        desk.outbox.enter_data(claimed.id, "one", NOW)
        desk.outbox.settle(claimed.id, "one", Outcome("deferred", "451 later", 451, retry_at=LATER), NOW)
        [claimed] = self.claim(desk, now=LATER)
        assert claimed.unanswered == 0
        desk.outbox.enter_data(claimed.id, "one", LATER)
        silent = Outcome("deferred", "no answer", retry_at=LATER + timedelta(minutes=15), unanswered=True)
        desk.outbox.settle(claimed.id, "one", silent, LATER)
        [claimed] = self.claim(desk, now=LATER + timedelta(minutes=15))
        assert claimed.unanswered == 1

    def test_a_reader_who_left_before_the_claim_gets_nothing(self, desk: Desk) -> None:
        ids = desk.queue(2)
        desk.reader_leaves(ids[0])
        assert [each.id for each in self.claim(desk)] == [ids[1]]
        assert desk.see(ids[0]).state == "stopped"

    def test_a_reader_who_left_between_claim_and_data_gets_nothing(self, desk: Desk) -> None:
        [wanted] = desk.queue(1)
        self.claim(desk)
        desk.reader_leaves(wanted)
        assert desk.outbox.enter_data(wanted, "one", NOW) is False
        desk.outbox.release("one", NOW)
        assert self.claim(desk, now=NOW + timedelta(days=1)) == []
        assert desk.see(wanted).state == "stopped"

    def test_the_panic_switch_stops_claims_and_data(self, desk: Desk) -> None:
        desk.queue(2)
        [claimed] = self.claim(desk, limit=1)
        assert desk.outbox.stopped() == ""
        desk.stop_sending("wrong issue")
        assert desk.outbox.stopped() == "wrong issue"
        assert desk.outbox.enter_data(claimed.id, "one", NOW) is False
        assert self.claim(desk, "two") == []
