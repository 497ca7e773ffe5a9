"""Records: looked up, gone through, and two that turn out to be one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from alerts.model.decisions import Decision
from alerts.store import Connection, Stale, Store, catalogue, issues, matches, records, schema, sources
from tests.store import making as make


def test_recent_records_come_with_their_sources_and_in_order(store: Store) -> None:
    with store.write() as conn:
        old = make.add_record(conn, "old", at=make.NOW - 20 * make.DAY)
        first = make.add_record(conn, "first")
        second = make.add_record(conn, "second", source_id="nice")
        make.write_poll(conn, Decision(make.entry("s"), "duplicate", first, ""), source_id="nice")
    with store.read() as conn:
        assert [(each.id, found) for each, found in records.recent(conn, make.NOW)] == [
            (first, frozenset({"dhsc", "nice"})),
            (second, frozenset({"nice"})),
        ]
        assert [each.id for each, _ in records.recent(conn)] == [old, first, second]
        assert [each.id for each, _ in records.recent(conn, source_ids=["dhsc"])] == [old, first]
        assert [each.id for each, _ in records.recent(conn, source_ids=[])] == []


def test_more_records_than_fit_one_piece_are_all_gone_through(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "CHUNK", 3)
    with store.write() as conn:
        made = [make.add_record(conn, f"k{number}") for number in range(10)]
        assert [each.id for each, _ in records.recent(conn)] == made


def test_a_record_that_is_not_there_is_none(store: Store) -> None:
    with store.read() as conn:
        assert records.get(conn, 7) is None
        assert records.current(conn, 7) is None
        assert records.by_identifier(conn, make.doi("10.1/none")) is None
        assert records.events(conn, 7) == ()


def test_the_same_value_under_another_scheme_is_another_identifier(store: Store) -> None:
    with store.write() as conn:
        make.add_record(conn, "k", identifiers=[make.Identifier("pmid", "123")])
        assert records.by_identifier(conn, make.Identifier("document", "123")) is None


def test_counts_are_of_each_noun(store: Store) -> None:
    with store.write() as conn:
        keep, drop = make.add_record(conn, "a", "tobacco"), make.add_record(conn, "b")
        records.merge(conn, keep, drop, make.NOW)
        found = records.counts(conn)
    assert (found["records"], found["entries"], found["matches"], found["issues"]) == (1, 2, 1, 0)


def two(conn: Connection) -> tuple[int, int]:
    """Two records, each with an identifier, a match of its own and one in common, the second with a later event."""
    keep = make.add_record(conn, "a", "tobacco", "alcohol", identifiers=[make.doi("10.1/a")])
    drop = make.add_record(conn, "b", "alcohol", "obesity", source_id="nice", identifiers=[make.doi("10.1/b")])
    change = make.changed(drop, make.entry("b", summary="changed", identifiers=[make.doi("10.1/b")]))
    make.write_poll(conn, change, source_id="nice")
    return keep, drop


def test_merging_takes_everything_over(store: Store) -> None:
    with store.write() as conn:
        keep, drop = two(conn)
        mine = matches.of_record(conn, keep)[0]
        records.merge(conn, keep, drop, make.NOW, "same title, year and journal")
        dropped = records.get(conn, drop)
        assert dropped is not None
        assert dropped.merged_into == keep
        current = records.current(conn, drop)
        assert current is not None
        assert current.id == keep
        assert records.by_identifiers(conn, [make.doi("10.1/a"), make.doi("10.1/b")]) == {
            make.doi("10.1/a"): keep,
            make.doi("10.1/b"): keep,
        }
        assert {each.source_id for each in records.sightings_of(conn, keep)} == {"dhsc", "nice"}
        assert [each.profile_id for each in matches.of_record(conn, keep)] == ["alcohol", "obesity", "tobacco"]
        assert matches.of_record(conn, keep)[0] == mine
        assert [(each.n, each.kind) for each in records.events(conn, keep)] == [(1, "new"), (2, "updated")]
        assert [each.kind for each in records.events(conn, drop)] == ["new"]
        assert records.relations_of(conn, drop) == (("merged into", keep, "same title, year and journal"),)
        assert [each.id for each, _ in records.recent(conn)] == [keep]


def test_a_later_poll_knows_the_merged_record_by_the_keys_of_both(store: Store) -> None:
    with store.write() as conn:
        keep, drop = two(conn)
        records.merge(conn, keep, drop, make.NOW)
        known = sources.known(conn, "nice", make.Wanted(["b"], [make.doi("10.1/b")]))
        assert known.sightings["b"].record_id == keep
        assert set(known.records) == {keep}
        third = make.add_record(conn, "c")
        records.merge(conn, third, keep, make.NOW)
        assert sources.known(conn, "nice", make.Wanted(["b"])).sightings["b"].record_id == third


@pytest.mark.parametrize("issued_first", ["keep", "drop"])
def test_what_either_twin_was_to_a_bulletin_the_merged_record_has_been(store: Store, issued_first: str) -> None:
    weekly = make.bulletin("ph", "tobacco")
    book = make.catalogue(weekly)
    with store.write() as conn:
        catalogue.introduce(conn, book, make.NOW)
        keep, drop = make.add_record(conn, "a", "tobacco"), make.add_record(conn, "b", "tobacco")
        told = {each.record.id: each.event.id for each in issues.candidates(conn, weekly, book)}
        issues.publish(conn, make.new_issue(conn, [told[keep if issued_first == "keep" else drop]]))
        records.merge(conn, keep, drop, make.NOW)
        assert issues.candidates(conn, weekly, book) == ()
        assert [each.kind for each in issues.dispositions(conn, "ph", keep)] == ["issued"]


def test_twins_that_both_wait_become_one_candidate_with_both_sources(store: Store) -> None:
    weekly = make.bulletin("ph", "tobacco")
    book = make.catalogue(weekly)
    with store.write() as conn:
        catalogue.introduce(conn, book, make.NOW)
        keep = make.add_record(conn, "a", "tobacco")
        drop = make.add_record(conn, "b", "tobacco", source_id="nice")
        records.merge(conn, keep, drop, make.NOW)
        (found,) = issues.candidates(conn, weekly, book)
    assert found.record.id == keep
    assert {each.source_id for each in found.seen_in} == {"dhsc", "nice"}


def test_a_record_cannot_be_merged_twice_or_with_itself(store: Store) -> None:
    with store.write() as conn:
        keep, drop = two(conn)
        records.merge(conn, keep, drop, make.NOW)
    for pair in ((keep, drop), (keep, keep), (drop, keep), (keep, 999)):
        with pytest.raises(Stale), store.write() as conn:
            records.merge(conn, *pair, make.NOW)


def test_relations_follow_the_merged_record_and_never_point_to_itself(store: Store) -> None:
    with store.write() as conn:
        keep, drop = make.add_record(conn, "a"), make.add_record(conn, "b")
        linked = replace(make.new(-1, make.entry("c")), relation=("preprint of", drop))
        preprint = make.write_poll(conn, linked).records[-1]
        make.write_poll(conn, replace(make.changed(keep, make.entry("a", summary="x")), relation=("update of", drop)))
        records.merge(conn, keep, drop, make.NOW)
        assert [each[:2] for each in records.relations_of(conn, preprint)] == [("preprint of", keep)]
        assert records.relations_of(conn, keep) == ()


def test_an_edited_profile_goes_over_recent_waiting_and_matched_records_only(store: Store) -> None:
    weekly = make.bulletin("ph", "tobacco", "alcohol")
    long_ago = make.NOW - timedelta(days=40)
    with store.write() as conn:
        catalogue.introduce(conn, make.catalogue(weekly), long_ago)
        waiting = make.add_record(conn, "waiting", "alcohol", at=long_ago)
        matched = make.add_record(conn, "matched", "tobacco", at=long_ago)
        settled = make.add_record(conn, "settled", "alcohol", at=long_ago)
        make.add_record(conn, "none of ours", "knees", at=long_ago)
        recent = make.add_record(conn, "recent")
        (event,) = records.events(conn, settled)
        (other,) = records.events(conn, matched)
        issues.publish(conn, make.new_issue(conn, [event.id, other.id]))
        found = [each.id for each, _ in records.to_rematch(conn, "tobacco", make.NOW - timedelta(days=14))]
    assert found == [waiting, matched, recent]


def settled_as(conn: Connection, event_id: int) -> dict[str, str]:
    rows = conn.execute(select(schema.dispositions).where(schema.dispositions.c.event_id == event_id))
    return {row.bulletin_id: row.kind for row in rows}


def settle(conn: Connection, record_id: int, kind: str, bulletin_id: str = "ph") -> None:
    event = records.events(conn, record_id)[0]
    row = {"bulletin_id": bulletin_id, "event_id": event.id, "record_id": record_id, "kind": kind,
           "reason": "", "settled_at": make.NOW}  # fmt: skip
    conn.execute(insert(schema.dispositions), row)


@pytest.mark.parametrize("other", ["dropped", "backlog", "superseded", "remainder"])
def test_a_record_whose_twin_was_issued_has_been_issued(store: Store, other: str) -> None:
    """Else a later correction would not reach the readers who have had it."""
    weekly = make.bulletin("ph", "tobacco")
    with store.write() as conn:
        catalogue.introduce(conn, make.catalogue(weekly), make.NOW)
        keep, drop = make.add_record(conn, "a", "tobacco"), make.add_record(conn, "b", "tobacco")
        settle(conn, keep, other)
        settle(conn, drop, "issued")
        records.merge(conn, keep, drop, make.NOW)
        shown = settled_as(conn, records.events(conn, keep)[0].id)
        make.write_poll(conn, make.notice(-1, make.entry("notice"), keep, "retracted"))
        (told,) = issues.candidates(conn, weekly, make.catalogue(weekly))
    assert shown["ph"] in ("issued", "remainder")
    assert (told.record.id, told.event.kind) == (keep, "retracted")


@pytest.mark.parametrize("superseded", ["keep", "drop"])
def test_what_one_twin_waits_for_is_not_lost_because_a_profile_gave_up_the_other(store: Store, superseded: str) -> None:
    weekly = make.bulletin("ph", "tobacco")
    with store.write() as conn:
        catalogue.introduce(conn, make.catalogue(weekly), make.NOW)
        numbers = {each: make.add_record(conn, each) for each in ("keep", "drop")}
        settle(conn, numbers[superseded], "superseded")
        waiting = next(number for name, number in numbers.items() if name != superseded)
        matches.save(conn, [make.match(waiting)], make.NOW)
        records.merge(conn, numbers["keep"], numbers["drop"], make.NOW)
        found = issues.candidates(conn, weekly, make.catalogue(weekly))
    assert [(each.record.id, each.event.kind) for each in found] == [(numbers["keep"], "new")]


def test_a_retraction_that_both_twins_tell_of_is_told_once(store: Store) -> None:
    weekly = make.bulletin("ph", "tobacco")
    with store.write() as conn:
        catalogue.introduce(conn, make.catalogue(weekly), make.NOW)
        keep, drop = make.add_record(conn, "a", "tobacco"), make.add_record(conn, "b", "tobacco")
        settle(conn, keep, "issued")
        for key, number in (("a", keep), ("b", drop)):
            make.write_poll(conn, make.changed(number, make.entry(key, summary="gone"), "retracted"))
        records.merge(conn, keep, drop, make.NOW)
        told = issues.candidates(conn, weekly, make.catalogue(weekly))
        assert [each.kind for each in records.events(conn, keep)] == ["new", "retracted"]
    assert [each.event.kind for each in told] == ["retracted"]


def test_two_corrections_stay_two_and_one_notice_of_both_twins_is_told_once(store: Store) -> None:
    with store.write() as conn:
        keep, drop = make.add_record(conn, "a"), make.add_record(conn, "b")
        make.write_poll(conn, make.notice(-1, make.entry("first"), keep, "corrected"))
        second = make.write_poll(conn, make.notice(-1, make.entry("second"), drop, "corrected")).records[-1]
        third = make.write_poll(conn, make.notice(-1, make.entry("third"), keep, "corrected")).records[-1]
        records.merge(conn, second, third, make.NOW)
        records.merge(conn, keep, drop, make.NOW)
        assert [each.kind for each in records.events(conn, keep)] == ["new", "corrected", "corrected"]


def test_a_notice_that_waits_goes_on_waiting_when_it_is_merged(store: Store) -> None:
    wanted = make.Wanted(identifiers=[make.doi("10.1/a")])
    with store.write() as conn:
        first, second = (
            make.write_poll(conn, replace(make.new(-1, make.entry(key)), awaits=(("doi", "10.1/a"),))).records[-1]
            for key in ("first", "second")
        )
        assert sources.known(conn, "nice", wanted).waiting == {first, second}
        records.merge(conn, first, second, make.NOW)
        assert sources.known(conn, "nice", wanted).waiting == {first}
