"""One item's whole way through the store, on both databases."""

from __future__ import annotations

from alerts.model.deliveries import Outcome
from alerts.store import Store, catalogue, deliveries, issues, records, subscriptions
from tests.store import making as make


def test_an_item_goes_from_poll_to_sent_mail_once(store: Store) -> None:
    weekly = make.bulletin("ph", "tobacco")
    book = make.catalogue(weekly, people=[make.person("a@example.nhs.uk"), make.person("b@example.nhs.uk")])
    with store.write() as conn:
        introduced = catalogue.introduce(conn, book, make.NOW)
        subscriptions.sync(conn, book, make.NOW)
    assert introduced.new_pairings == (("ph", "tobacco"),)
    with store.write() as conn:
        record_id = make.add_record(conn, "vaping", "tobacco", identifiers=[make.doi("10.1000/1")])
    with store.read() as conn:
        (candidate,) = issues.candidates(conn, weekly, book)
    assert candidate.record.id == record_id
    assert candidate.reasons[0].evidence == make.evidence()
    assert [each.source_id for each in candidate.seen_in] == ["dhsc"]
    with store.write() as conn:
        issue_id = issues.publish(conn, make.new_issue(conn, [candidate.event.id], of=make.period()))
    with store.read() as conn:
        assert issues.candidates(conn, weekly, book) == ()
        stored = issues.get(conn, "ph", 1)
        assert stored is not None
        assert stored.id == issue_id
        assert stored.content == make.content(1)
        assert issues.skeleton(conn, issue_id) == b"Subject: x\r\n\r\n\x00\xff{{token}}"
    with store.write() as conn:
        claimed = deliveries.claim(conn, "me", make.NOW, 900, 10, "folder")
    assert [each.fields[0] for each in claimed] == [("to_name", "Zoë"), ("to_name", "Zoë")]
    with store.write() as conn:
        for each in claimed:
            assert deliveries.enter_data(conn, each.id, "me", make.NOW)
            assert deliveries.settle(conn, each.id, "me", Outcome("sent", "250 OK", 250), make.NOW)
    with store.read() as conn:
        assert deliveries.counts(conn) == {"sent": 2}
        assert records.counts(conn)["records"] == 1
    with store.write() as conn:
        assert deliveries.claim(conn, "me", make.NOW, 900, 10, "folder") == ()
