"""One poll, one transaction: all of it, once, or nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select

from alerts.model.decisions import Decision, Known, KnownSighting, Noticed
from alerts.model.records import Entry
from alerts.store import Connection, Stale, Store, catalogue, issues, matches, polls, records, schema, sources
from alerts.store.errors import StoreFailure
from tests.store import making as make


def count(store: Store, table: str) -> int:
    with store.read() as conn:
        return conn.scalar(select(func.count()).select_from(schema.metadata.tables[table])) or 0


def test_a_new_record_has_all_that_was_decided_about_it(store: Store) -> None:
    entry = replace(
        make.entry("k", summary="A longer text", identifiers=[make.doi("10.1/a"), make.doi("10.1/b")]),
        authors=("Ada", "Bob"),
        open_access=False,
        published=make.NOW,
    )
    with store.write() as conn:
        written = make.write_poll(conn, make.new(-1, entry), matches=[make.match(-1)])
    record_id = written.records[-1]
    assert (written.entries, written.new_records, written.revised, written.events, written.matches) == (1, 1, 0, 1, 1)
    with store.read() as conn:
        record = records.get(conn, record_id)
        assert record is not None
        assert record.entry == entry
        assert (record.evidence_type, record.evidence_type_rule, record.revision) == ("guidance", "rule", 1)
        assert record.first_seen_at == make.NOW
        assert records.by_identifier(conn, make.doi("10.1/b")) == record
        (event,) = records.events(conn, record_id)
        assert (event.kind, event.n, event.source_id, event.backlog) == ("new", 1, "dhsc", False)
        (sighting,) = records.sightings_of(conn, record_id)
        assert (sighting.source_id, sighting.entry_key, sighting.link) == ("dhsc", "k", "https://example.org/k")
        assert matches.of_record(conn, record_id) == (replace(make.match(1), record_id=record_id),)
        assert sources.state(conn, "dhsc").etag == '"1"'


def test_what_is_known_is_what_was_written(store: Store) -> None:
    entry = make.entry("k", title="Adult smoking habits in the UK", identifiers=[make.doi("10.1/a")])
    wanted = make.Wanted(
        ["k", "other"], [make.doi("10.1/a"), make.doi("10.1/z")], make.wanted_for([make.new(-1, entry)]).title_keys
    )
    with store.write() as conn:
        record_id = make.write_poll(conn, make.new(-1, entry)).records[-1]
    with store.read() as conn:
        known = sources.known(conn, "dhsc", wanted)
        elsewhere = sources.known(conn, "nice", wanted)
    assert known.sightings == {"k": KnownSighting(record_id, entry.fingerprint)}
    assert known.by_identifier == {make.doi("10.1/a"): record_id}
    assert list(known.by_title.values()) == [(record_id,)]
    assert known.records[record_id].entry == entry
    assert known.sources_of == {record_id: frozenset({"dhsc"})}
    assert [each.kind for each in known.events_of[record_id]] == ["new"]
    assert elsewhere == replace(known, sightings={})


def test_the_same_poll_again_changes_nothing(store: Store) -> None:
    with store.write() as conn:
        record_id = make.add_record(conn, "k", "tobacco")
    tables = ("records", "entries", "sightings", "events", "matches", "identifiers")
    before = [count(store, each) for each in tables]
    with store.write() as conn:
        same = Decision(make.entry("k"), "same", record_id, "seen before")
        written = make.write_poll(conn, same, matches=[make.match(record_id)], at=make.NOW + make.DAY)
    assert (written.entries, written.events) == (0, 0)
    assert [count(store, each) for each in tables] == before


def test_a_changed_text_is_a_new_revision_and_the_old_entry_stays(store: Store) -> None:
    with store.write() as conn:
        record_id = make.add_record(conn, "k")
    later = make.entry("k", summary="Now with an abstract")
    with store.write() as conn:
        written = make.write_poll(conn, make.changed(record_id, later), at=make.NOW + make.DAY)
    assert (written.revised, written.events) == (1, 1)
    with store.read() as conn:
        record = records.get(conn, record_id)
        assert record is not None
        assert (record.revision, record.entry.summary) == (2, "Now with an abstract")
        assert record.first_seen_at == make.NOW
        assert record.evidence_type == "guidance"
        assert [(each.n, each.kind) for each in records.events(conn, record_id)] == [(1, "new"), (2, "updated")]
        assert sources.known(conn, "dhsc", make.Wanted(["k"])).sightings["k"].fingerprint == later.fingerprint
        assert records.sightings_of(conn, record_id)[0].first_seen_at == make.NOW
    assert count(store, "entries") == 2


def test_enrichment_revises_without_an_event(store: Store) -> None:
    with store.write() as conn:
        record_id = make.add_record(conn, "k")
        rich = make.entry("k", summary="abstract", identifiers=[make.doi("10.1/late")])
        make.write_poll(conn, make.changed(record_id, rich, None))
        assert len(records.events(conn, record_id)) == 1
        found = records.by_identifier(conn, make.doi("10.1/late"))
    assert found is not None
    assert found.id == record_id


def test_entries_of_one_poll_may_be_one_record_and_point_to_each_other(store: Store) -> None:
    first, second = make.entry("a", title="One"), make.entry("b", title="Two")
    notice = make.entry("c", title="Retraction: One")
    with store.write() as conn:
        written = make.write_poll(
            conn,
            make.new(-1, first),
            Decision(second, "duplicate", -1, "same DOI"),
            make.notice(-2, notice, -1, "retracted", "why"),
        )
        paper, letter = written.records[-1], written.records[-2]
        assert [each.entry_key for each in records.sightings_of(conn, paper)] == sorted(
            ["a", "b"], key=lambda key: make.digest(key)
        )
        retracted = records.events(conn, paper)[1]
        assert (retracted.kind, retracted.notice_record_id, retracted.note) == ("retracted", letter, "why")
        assert records.relations_of(conn, letter) == (("retracted by", paper, "it names its title"),)


def test_matches_are_put_in_place_of_former_ones_and_taken_away(store: Store) -> None:
    with store.write() as conn:
        record_id = make.add_record(conn, "k", "tobacco", "alcohol")
        better = replace(make.match(record_id), evidence=make.evidence("vaping"), record_revision=2)
        make.write_poll(conn, matches=[better], unmatched=[(record_id, "alcohol")])
        assert matches.of_record(conn, record_id) == (better,)
        assert [each.record_id for each in matches.of_profile(conn, "tobacco")] == [record_id]


def test_an_identifier_stays_with_its_first_record(store: Store) -> None:
    """A publisher that gives two papers one DOI: kept apart by decision, and the second has it in its text only."""
    shared = make.doi("10.1/shared")
    with store.write() as conn:
        first = make.add_record(conn, "a", identifiers=[shared])
        second = make.add_record(conn, "b", identifiers=[shared])
        assert records.by_identifiers(conn, [shared]) == {shared: first}
        found = records.get(conn, second)
    assert found is not None
    assert found.entry.identifiers == (shared,)


def test_very_long_keys_and_titles_are_stored_and_found(store: Store) -> None:
    """PostgreSQL refuses index rows beyond 2,704 bytes; 2,000 characters can be 8,000."""
    key, title = "🙂" * 2000, "Ünï " * 250
    link = make.Identifier("link", "https://example.org/" + "ü" * 1980)
    with store.write() as conn:
        written = make.write_poll(conn, make.new(-1, make.entry(key, title=title, identifiers=[link])))
        known = sources.known(conn, "dhsc", make.Wanted([key], [link]))
    assert known.sightings[key].record_id == known.by_identifier[link] == written.records[-1]


@pytest.mark.parametrize("what", ["event", "identifier", "revision", "sighting", "merge", "title"])
def test_a_poll_whose_ground_has_shifted_is_refused_and_writes_nothing(store: Store, what: str) -> None:
    entry = make.entry("k", title="Title of the entry k", summary="changed", identifiers=[make.doi("10.1/k")])
    with store.write() as conn:
        record_id = make.add_record(conn, "k")
        other = make.add_record(conn, "other")
    decision = make.changed(record_id, entry)
    wanted = make.wanted_for([decision])
    with store.read() as conn:
        known = sources.known(conn, "dhsc", wanted)
    with store.write() as conn:
        match what:
            case "event":
                make.write_poll(conn, make.changed(record_id, make.entry("k", summary="theirs")), source_id="nice")
            case "identifier":
                make.add_record(conn, "x", source_id="nice", identifiers=[make.doi("10.1/k")])
            case "revision":
                make.write_poll(conn, make.changed(record_id, make.entry("k", summary="theirs"), None))
            case "sighting":
                make.write_poll(conn, Decision(make.entry("k"), "duplicate", record_id, ""), source_id="nice")
            case "merge":
                records.merge(conn, other, record_id, make.NOW)
            case "title":
                make.write_poll(conn, make.new(-1, make.entry("y", title=entry.title)), source_id="nice")
    before = count(store, "entries")
    with pytest.raises(Stale), store.write() as conn:
        polls.write(conn, make.poll(known, decision), wanted)
    assert count(store, "entries") == before
    with store.write() as conn:  # decided again on fresh ground, it is written
        fresh = sources.known(conn, "dhsc", wanted)
        polls.write(conn, make.poll(fresh, make.changed(fresh.sightings["k"].record_id, entry)), wanted)


def test_two_replicas_that_find_the_same_publication_at_once_make_one_record(store: Store) -> None:
    """Both read "unknown"; the unique key of the identifier lets one through and the other decides again."""
    entry = make.entry("k", identifiers=[make.doi("10.1/k")])
    met = Barrier(2, timeout=10)

    def collect(source_id: str) -> int:
        wanted = make.wanted_for([make.new(-1, entry)])
        is_first = True
        while True:
            with store.read() as conn:
                known = sources.known(conn, source_id, wanted)
            if is_first:
                met.wait()
                is_first = False
            owner = known.by_identifier.get(make.doi("10.1/k"))
            decision = make.new(-1, entry) if owner is None else Decision(entry, "duplicate", owner, "same DOI")
            one = make.poll(known, decision, source_id=source_id)
            try:
                written = store.replay(lambda conn, one=one: polls.write(conn, one, wanted))  # type: ignore[misc]
            except Stale:
                continue
            return written.records.get(-1) or owner or 0

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(collect, ["dhsc", "nice"])
    assert first == second
    assert count(store, "records") == 1
    with store.read() as conn:
        assert {each.source_id for each in records.sightings_of(conn, first)} == {"dhsc", "nice"}


@pytest.mark.parametrize("what", ["sighting", "identifier"])
def test_what_happens_between_reading_again_and_writing_meets_the_unique_keys(
    store: Store, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gap is too small to hit, so the second reading is made to see what the first one saw."""
    key = "k" if what == "sighting" else "other"
    mine = make.new(-1, make.entry("k", identifiers=[make.doi("10.1/k")] if what == "identifier" else []))
    one = make.poll(Known(), mine)
    with store.write() as conn:
        make.add_record(conn, key, identifiers=mine.entry.identifiers)
    monkeypatch.setattr(polls, "known", lambda *_, **__: Known())
    with pytest.raises(Stale), store.write() as conn:
        polls.write(conn, one, make.wanted_for([mine]))


def test_two_replicas_that_enrich_one_record_do_so_one_after_the_other(pg_store: Store) -> None:
    """Neither makes an event, so no unique key would notice: the second waits for the record, and decides again."""
    with pg_store.write() as conn:
        record_id = make.add_record(conn, "k")
    mine = make.changed(record_id, make.entry("k", summary="mine"), None)
    theirs = make.changed(record_id, make.entry("k", summary="theirs"), None)
    with pg_store.read() as conn:
        known = sources.known(conn, "dhsc", make.wanted_for([mine]))

    def write(conn: Connection) -> None:
        polls.write(conn, make.poll(known, theirs), make.wanted_for([theirs]))

    with ThreadPoolExecutor(1) as pool:
        with pg_store.write() as conn:
            polls.write(conn, make.poll(known, mine), make.wanted_for([mine]))
            second = pool.submit(pg_store.replay, write)
            assert wait([second], timeout=0.3).not_done
        with pytest.raises(Stale):
            second.result(timeout=10)


def test_a_poll_that_fails_half_way_leaves_nothing(store: Store) -> None:
    broken = make.match(99_999)  # a match of a record that does not exist
    with pytest.raises(StoreFailure), store.write() as conn:
        make.write_poll(conn, make.new(-1, make.entry("k")), matches=[broken])
    assert [count(store, each) for each in ("records", "entries", "sightings", "events", "source_states")] == [0] * 5


def test_backlog_is_settled_everywhere_and_a_flood_waits(store: Store) -> None:
    with store.write() as conn:
        old = make.add_record(conn, "old", backlog=True, held=True)
        new = make.add_record(conn, "new", held=True)
        assert [each.backlog for each in records.events(conn, old)] == [True]
        (batch,) = sources.held(conn)
        assert (batch.source_id, batch.records) == ("dhsc", 1)
        assert sources.release(conn, "dhsc", make.NOW) == 1
        assert sources.held(conn) == ()
        assert [each.backlog for each in records.events(conn, new)] == [False]
        assert sources.release(conn, "dhsc", make.NOW) == 0


def test_a_discarded_flood_is_backlog(store: Store) -> None:
    with store.write() as conn:
        record_id = make.add_record(conn, "new", held=True)
        other = make.add_record(conn, "theirs", source_id="nice", held=True)
        assert sources.discard(conn, "dhsc", make.NOW) == 1
        assert [each.backlog for each in records.events(conn, record_id)] == [True]
        assert [each.backlog for each in records.events(conn, other)] == [False]
        assert [each.source_id for each in sources.held(conn)] == ["nice"]


def test_a_thousand_entries_of_one_poll_are_one_record_each(store: Store) -> None:
    decisions = [make.new(-number, make.entry(f"k{number}")) for number in range(1, 1001)]
    with store.write() as conn:
        written = make.write_poll(conn, *decisions)
        titles = {row.title: row.id for row in conn.execute(select(schema.records.c.title, schema.records.c.id))}
    assert {f"Title of k{-number}": each for number, each in written.records.items()} == titles


clean = some.text(some.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(some.lists(some.builds(Entry, key=clean, title=clean, summary=clean, fingerprint=clean), max_size=4))
def test_whatever_the_entries_say_they_are_known_again(store: Store, entries: list[Entry]) -> None:
    distinct = list({each.key: each for each in entries}.values())
    with store.write() as conn:
        known = sources.known(conn, "h", make.Wanted([each.key for each in distinct]))
        fresh = [each for each in distinct if each.key not in known.sightings]
        decisions = [make.new(-n, each) for n, each in enumerate(fresh, 1)]
        make.write_poll(conn, *decisions, source_id="h")
        again = sources.known(conn, "h", make.Wanted([each.key for each in fresh]))
    assert {key: each.fingerprint for key, each in again.sightings.items()} == {e.key: e.fingerprint for e in fresh}
    assert {again.records[each.record_id].entry for each in again.sightings.values()} == set(fresh)


def test_whatever_a_server_says_of_itself_its_state_is_kept(store: Store) -> None:
    odd = make.poll(Known()).state._replace(etag='"\udcff"', failure_message="half \ud800 and \x00 nothing")
    with store.write() as conn:
        sources.save_state(conn, odd)
        found = sources.state(conn, "dhsc")
    assert (found.etag, found.failure_message) == ('"?"', "half ? and  nothing")


def test_half_a_character_in_a_title_is_refused_in_a_sentence(store: Store) -> None:
    with pytest.raises(StoreFailure), store.write() as conn:
        make.write_poll(conn, make.new(-1, make.entry("k", title="half \ud800")))


def test_nothing_wanted_is_nothing_known(store: Store) -> None:
    with store.read() as conn:
        assert sources.known(conn, "dhsc", make.Wanted()) == Known()


def test_states_come_back_whole(store: Store) -> None:
    late = make.NOW + timedelta(hours=1)
    first = make.poll(Known()).state._replace(next_due_at=late, failures=3, failure_code="F410", moved_to="https://x")
    second = first._replace(source_id="nice", failing_since=make.NOW, entry_count=30, degraded="malformed")
    with store.write() as conn:
        sources.save_states(conn, [first, second])
        sources.save_state(conn, first._replace(failures=4))
        assert sources.states(conn) == {"dhsc": first._replace(failures=4), "nice": second}
        assert sources.state(conn, "unknown").source_id == "unknown"


@pytest.mark.parametrize(("scheme", "value"), [("doi", "10.1/a"), ("title", "adultsmokinghabitsintheuk")])
def test_a_notice_waits_until_its_publication_comes(store: Store, scheme: str, value: str) -> None:
    found = make.entry("a", title="Adult smoking habits in the UK", identifiers=[make.doi("10.1/a")])
    wanted = make.Wanted(["a"], [make.doi("10.1/a")], ["adultsmokinghabitsintheuk"])
    with store.write() as conn:
        notice = replace(make.new(-1, make.entry("n", title="Erratum")), awaits=((scheme, value),))
        number = make.write_poll(conn, notice).records[-1]
    with store.write() as conn:
        known = sources.known(conn, "nice", wanted)
        assert known.waiting == {number}
        assert number in known.records
        pair = Noticed(number, -1, "corrected", "erratum of", "Erratum published", "it names the DOI")
        article = replace(make.new(-1, found), noticed=(pair,))
        written = polls.write(conn, make.poll(known, article, source_id="nice"), wanted)
        record_id = written.records[-1]
    with store.read() as conn:
        assert sources.known(conn, "nice", wanted).waiting == frozenset()
        told = records.events(conn, record_id)
        assert [(each.kind, each.notice_record_id) for each in told] == [("new", None), ("corrected", number)]
        assert records.relations_of(conn, number) == (("erratum of", record_id, "it names the DOI"),)


def test_a_poll_that_relied_on_no_notice_waiting_is_decided_again_when_one_came(store: Store) -> None:
    found = make.entry("a", identifiers=[make.doi("10.1/a")])
    wanted = make.wanted_for([make.new(-1, found)])
    with store.read() as conn:
        known = sources.known(conn, "nice", wanted)
    with store.write() as conn:
        make.write_poll(conn, replace(make.new(-1, make.entry("n")), awaits=(("doi", "10.1/a"),)))
    with pytest.raises(Stale), store.write() as conn:
        polls.write(conn, make.poll(known, make.new(-1, found), source_id="nice"), wanted)


def test_records_that_turn_out_to_be_one_are_merged_in_the_poll_that_shows_it(store: Store) -> None:
    both = make.entry("c", identifiers=[make.doi("10.1/a"), make.Identifier("pmid", "7")])
    with store.write() as conn:
        keep = make.add_record(conn, "a", "tobacco", identifiers=[make.doi("10.1/a")])
        drop = make.add_record(conn, "b", "alcohol", source_id="nice", identifiers=[make.Identifier("pmid", "7")])
        shown = replace(make.changed(keep, both, None), merges=((drop, "it has the same PMID, 7"),))
        make.write_poll(conn, shown, source_id="index", matches=[make.match(keep, "obesity")])
    with store.read() as conn:
        found = records.current(conn, drop)
        assert found is not None
        assert (found.id, found.entry, found.revision) == (keep, both, 2)
        assert {each.source_id for each in records.sightings_of(conn, keep)} == {"dhsc", "nice", "index"}
        assert [each.profile_id for each in matches.of_record(conn, keep)] == ["alcohol", "obesity", "tobacco"]
        assert records.relations_of(conn, drop) == (("merged into", keep, "it has the same PMID, 7"),)


def test_records_that_one_poll_makes_and_merges_are_one_and_told_once(store: Store) -> None:
    first, second = make.entry("a", identifiers=[make.doi("10.1/a")]), make.entry("b", title="Other")
    third = replace(make.changed(-1, make.entry("c"), None), merges=((-2, "why"),))
    with store.write() as conn:
        written = make.write_poll(conn, make.new(-1, first), make.new(-2, second), third, matches=[make.match(-1)])
        assert records.counts(conn)["records"] == 1
        kept = written.records[-1]
        assert [each.kind for each in records.events(conn, kept)] == ["new"]
        assert len(records.sightings_of(conn, kept)) == 3
        assert [each.record_id for each in matches.of_record(conn, kept)] == [kept]


def test_a_merging_that_another_process_did_first_is_decided_again(store: Store) -> None:
    with store.write() as conn:
        keep = make.add_record(conn, "a", identifiers=[make.doi("10.1/a")])
        drop = make.add_record(conn, "b", identifiers=[make.doi("10.1/b")])
    both = make.entry("c", identifiers=[make.doi("10.1/a"), make.doi("10.1/b")])
    shown = replace(make.changed(keep, both, None), merges=((drop, "why"),))
    wanted = make.wanted_for([shown])
    with store.read() as conn:
        known = sources.known(conn, "index", wanted)
    with store.write() as conn:
        records.merge(conn, keep, drop, make.NOW)
    with pytest.raises(Stale), store.write() as conn:
        polls.write(conn, make.poll(known, shown, source_id="index"), wanted)


def test_a_flood_holds_what_is_new_but_no_correction(store: Store) -> None:
    weekly = make.bulletin("ph", "tobacco")
    with store.write() as conn:
        catalogue.introduce(conn, make.catalogue(weekly), make.NOW)
        paper = make.add_record(conn, "paper", "tobacco")
        issues.publish(conn, make.new_issue(conn, [records.events(conn, paper)[0].id]))
        retraction = make.notice(-1, make.entry("notice"), paper, "retracted")
        more = make.new(-2, make.entry("more"))
        make.write_poll(conn, retraction, more, matches=[make.match(-2)], held=True)
        told = issues.candidates(conn, weekly, make.catalogue(weekly))
        assert [(each.record.id, each.event.kind) for each in told] == [(paper, "retracted")]
        assert [each.records for each in sources.held(conn)] == [2]
