"""What is new, changed or renamed in the librarians' files, and what an edit means for stored records."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.model.bulletins import Bulletin
from alerts.model.decisions import Known
from alerts.model.profiles import SourceSelection
from alerts.store import Connection, Store, catalogue, issues, matches, polls, records, sources, subscriptions
from alerts.store.matches import Edited
from tests.store import making as make

OLD = make.NOW - timedelta(days=20)
WEEKLY = make.bulletin("ph", "tobacco", "alcohol")


def waiting(conn: Connection, bulletin: Bulletin = WEEKLY) -> list[int]:
    return [each.record.id for each in issues.candidates(conn, bulletin, make.catalogue(bulletin))]


def test_the_first_catalogue_is_all_new_and_the_second_time_nothing_is(store: Store) -> None:
    with store.write() as conn:
        first = catalogue.introduce(conn, make.catalogue(WEEKLY), make.NOW)
        second = catalogue.introduce(conn, make.catalogue(WEEKLY), make.NOW)
    assert first.new_profiles == first.to_rematch[::-1] == ("tobacco", "alcohol")
    assert first.new_bulletins == ("ph",)
    assert first.new_pairings == (("ph", "alcohol"), ("ph", "tobacco"))
    assert second == catalogue.Introduced(to_rematch=("alcohol", "tobacco"))


def test_a_profile_waits_for_rematching_until_it_is_done(store: Store) -> None:
    """A crash between noting a change and running the profile over the records loses nothing."""
    with store.write() as conn:
        catalogue.introduce(conn, make.catalogue(WEEKLY), make.NOW)
        for each in WEEKLY.profiles:
            catalogue.rematched(conn, each, make.NOW)
        edited = make.profile("tobacco", search="vaping.ti.")
        book = make.catalogue(WEEKLY, profiles=[edited, make.profile("alcohol")])
        assert catalogue.introduce(conn, book, make.NOW).changed_profiles == ("tobacco",)
        again = catalogue.introduce(conn, book, make.NOW)
        assert (again.changed_profiles, again.to_rematch) == ((), ("tobacco",))
        catalogue.rematched(conn, "tobacco", make.NOW)
        assert catalogue.introduce(conn, book, make.NOW).to_rematch == ()


def test_a_poll_that_was_matched_with_an_older_profile_has_it_run_over_the_records_again(store: Store) -> None:
    """The catalogue changes while a poll is on its way: its records must not miss the new profile for good."""
    with store.write() as conn:
        before = make.catalogue(WEEKLY)
        catalogue.introduce(conn, before, make.NOW)
        edited = make.catalogue(WEEKLY, profiles=[make.profile("tobacco", search="x"), make.profile("alcohol")])
        assert catalogue.introduce(conn, edited, make.NOW).to_rematch == ("alcohol", "tobacco")
        late = replace(make.poll(Known(), make.new(-1, make.entry("late"))), profiles=catalogue.revisions(before))
        polls.write(conn, late, make.Wanted(["late"]))
        for each in WEEKLY.profiles:
            catalogue.rematched(conn, each, make.NOW)  # the run had read the records before the poll came
        assert catalogue.introduce(conn, edited, make.NOW).to_rematch == ("tobacco",)
        catalogue.rematched(conn, "tobacco", make.NOW)
        assert catalogue.introduce(conn, edited, make.NOW).to_rematch == ()
        same = replace(make.poll(Known(), make.new(-1, make.entry("b"))), profiles=catalogue.revisions(edited))
        polls.write(conn, same, make.Wanted(["b"]))
        assert catalogue.introduce(conn, edited, make.NOW).to_rematch == ()


def test_a_catalogue_waits_for_a_poll_that_is_being_written(pg_store: Store) -> None:
    book = make.catalogue(WEEKLY)
    with ThreadPoolExecutor(1) as pool:
        with pg_store.write() as conn:
            late = replace(make.poll(Known(), make.new(-1, make.entry("late"))), profiles={"old": "1"})
            polls.write(conn, late, make.Wanted(["late"]))
            introducing = pool.submit(pg_store.replay, lambda conn: catalogue.introduce(conn, book, make.NOW))
            assert wait([introducing], timeout=0.3).not_done
        assert len(introducing.result(timeout=10).to_rematch) == 2


@pytest.mark.parametrize(
    ("change", "decides"),
    [
        ({"search": "x"}, True),
        ({"result_brief": 3}, True),
        ({"languages": frozenset({"en"})}, True),
        ({"sources": SourceSelection(tags=frozenset({"data"}))}, True),
        ({"revision": "another block"}, True),
        ({"title": "Other title"}, False),
        ({"file": "elsewhere.yaml"}, False),
        ({"places": ("England",)}, False),
    ],
)
def test_only_what_decides_matches_makes_a_new_revision(change: dict[str, object], decides: bool) -> None:
    before, after = make.profile("p"), make.profile("p", **change)
    assert (catalogue.revision_of(before) != catalogue.revision_of(after)) is decides


def test_a_new_pairing_offers_recent_records_and_settles_older_ones(store: Store) -> None:
    with store.write() as conn:
        catalogue.introduce(conn, make.catalogue(make.bulletin("other", "tobacco", "alcohol")), OLD)
        old = make.add_record(conn, "old", "tobacco", at=OLD)
        both = make.add_record(conn, "both", "tobacco", "alcohol", at=OLD)
        new = make.add_record(conn, "new", "tobacco")
        only = make.bulletin("ph", "alcohol")
        catalogue.introduce(conn, make.catalogue(only), OLD)
        introduced = catalogue.introduce(conn, make.catalogue(WEEKLY), make.NOW)
        assert introduced.backlog == 1
        assert waiting(conn) == [both, new]
        assert [each.kind for each in issues.dispositions(conn, "ph", old)] == ["backlog"]


def test_first_run_days_are_the_bulletins_own(store: Store) -> None:
    patient = make.bulletin("ph", "tobacco", first_run_days=30)
    with store.write() as conn:
        record_id = make.add_record(conn, "old", "tobacco", at=OLD)
        assert catalogue.introduce(conn, make.catalogue(patient), make.NOW).backlog == 0
        assert waiting(conn, patient) == [record_id]


def test_a_bulletin_that_goes_and_comes_back_does_not_send_its_old_items(store: Store) -> None:
    with store.write() as conn:
        catalogue.introduce(conn, make.catalogue(WEEKLY), OLD)
        make.add_record(conn, "while away", "tobacco", at=OLD)
        catalogue.introduce(conn, make.catalogue(), OLD)
        introduced = catalogue.introduce(conn, make.catalogue(WEEKLY), make.NOW)
        assert len(introduced.new_pairings) == 2
        assert waiting(conn) == []


def test_renaming_carries_everything_over(store: Store) -> None:
    with store.write() as conn:
        people = [make.person("a@example.nhs.uk")]
        book = make.catalogue(WEEKLY, people=people)
        catalogue.introduce(conn, book, make.NOW)
        subscriptions.sync(conn, book, make.NOW)
        told = make.add_record(conn, "told", "tobacco")
        later = make.add_record(conn, "later", "tobacco")
        (event,) = records.events(conn, told)
        issues.publish(conn, make.new_issue(conn, [event.id], of=make.period()))
        for each in WEEKLY.profiles:
            catalogue.rematched(conn, each, make.NOW)

        weekly = replace(WEEKLY, id="public", profiles=("smoking", "alcohol"), formerly=("ph",))
        profiles = [make.profile("smoking", formerly=("tobacco",)), make.profile("alcohol")]
        named = make.catalogue(
            weekly, profiles=profiles, people=people, sources=[make.source("gov", formerly=("dhsc",))]
        )
        introduced = catalogue.introduce(conn, named, make.NOW)
        assert introduced.renamed == (
            ("source", "dhsc", "gov"),
            ("profile", "tobacco", "smoking"),
            ("bulletin", "ph", "public"),
        )
        assert (introduced.new_profiles, introduced.new_bulletins, introduced.new_pairings) == ((), (), ())
        assert introduced.to_rematch == ()
        (candidate,) = issues.candidates(conn, weekly, named)
        assert candidate.record.id == later
        assert candidate.reasons[0].profile_id == "smoking"
        assert candidate.seen_in[0].title == "GOV"
        assert issues.next_number(conn, "public") == 2
        assert [each.key for each in issues.periods(conn, "public")] == ["2026-11-17"]
        assert len(subscriptions.active(conn, "public", make.NOW)) == 1
        assert sources.state(conn, "gov").etag == '"1"'
        assert sources.known(conn, "gov", make.Wanted(["told"])).sightings["told"].record_id == told
        assert catalogue.introduce(conn, named, make.NOW).renamed == ()


def test_a_name_that_is_in_use_is_not_taken_over(store: Store) -> None:
    with store.write() as conn:
        catalogue.introduce(conn, make.catalogue(WEEKLY), make.NOW)
        both = [
            make.profile("tobacco"),
            make.profile("alcohol"),
            make.profile("smoking", formerly=("tobacco", "nicotine")),
        ]
        assert catalogue.introduce(conn, make.catalogue(WEEKLY, profiles=both), make.NOW).renamed == ()
        gone = [make.profile("alcohol", formerly=("tobacco",))]
        assert catalogue.introduce(conn, make.catalogue(profiles=gone), make.NOW).renamed == ()


def test_the_last_good_texts_are_those_of_the_last_good_files(store: Store) -> None:
    with store.write() as conn:
        assert catalogue.last_good(conn) == {}
        catalogue.keep_good(conn, {"a.yaml": "é: 1", "b.yaml": "x"}, make.NOW)
        catalogue.keep_good(conn, {"a.yaml": "é: 2", "c.yaml": "🙂"}, make.NOW)
        assert catalogue.last_good(conn) == {"a.yaml": "é: 2", "c.yaml": "🙂"}


# --- edits ------------------------------------------------------------------------------------------------------------


def introduced(conn: Connection, *bulletins: Bulletin) -> None:
    catalogue.introduce(conn, make.catalogue(*(bulletins or (WEEKLY,))), OLD)


def edit(conn: Connection, found: list[int], lost: list[int], profile_id: str = "tobacco") -> Edited:
    return matches.apply_edit(conn, profile_id, [make.match(each, profile_id) for each in found], lost, make.NOW)


def test_what_an_edit_rejects_is_superseded(store: Store) -> None:
    with store.write() as conn:
        introduced(conn)
        record_id = make.add_record(conn, "k", "tobacco")
        assert edit(conn, [], [record_id]) == Edited(lost=1, superseded=1)
        assert waiting(conn) == []
        assert matches.of_record(conn, record_id) == ()
        (disposition,) = issues.dispositions(conn, "ph", record_id)
        assert (disposition.kind, disposition.reason) == ("superseded", "no longer found by tobacco")


def test_what_a_profile_never_found_is_left_for_others_to_find(store: Store) -> None:
    """Re-matching goes over all recent records; what it does not find there, it did not lose."""
    with store.write() as conn:
        introduced(conn)
        record_id = make.add_record(conn, "k")
        assert edit(conn, [], [record_id]) == Edited()
        assert issues.dispositions(conn, "ph") == ()
        make.write_poll(conn, matches=[make.match(record_id, "alcohol")])
        assert waiting(conn) == [record_id]


def test_what_another_profile_of_the_bulletin_finds_stays(store: Store) -> None:
    with store.write() as conn:
        introduced(conn, WEEKLY, make.bulletin("solo", "tobacco"))
        record_id = make.add_record(conn, "k", "tobacco", "alcohol")
        assert edit(conn, [], [record_id]).superseded == 1
        assert waiting(conn) == [record_id]
        assert [each.kind for each in issues.dispositions(conn, "solo")] == ["superseded"]


def test_what_was_issued_stays_issued(store: Store) -> None:
    with store.write() as conn:
        introduced(conn)
        record_id = make.add_record(conn, "k", "tobacco")
        (event,) = records.events(conn, record_id)
        issues.publish(conn, make.new_issue(conn, [event.id]))
        assert edit(conn, [], [record_id]).superseded == 0
        assert [each.kind for each in issues.dispositions(conn, "ph")] == ["issued"]


def test_a_retraction_reaches_past_readers_though_the_profile_no_longer_finds_the_record(store: Store) -> None:
    with store.write() as conn:
        introduced(conn)
        record_id = make.add_record(conn, "k", "tobacco")
        (event,) = records.events(conn, record_id)
        issues.publish(conn, make.new_issue(conn, [event.id]))
        make.write_poll(conn, make.changed(record_id, make.entry("k", summary="Retracted"), "retracted"))
        edit(conn, [], [record_id])
        (found,) = issues.candidates(conn, WEEKLY, make.catalogue(WEEKLY))
        assert (found.event.kind, found.reasons) == ("retracted", ())


def test_what_an_edit_newly_finds_waits_when_recent_and_is_backlog_when_old(store: Store) -> None:
    with store.write() as conn:
        introduced(conn)
        old, new = make.add_record(conn, "old", at=OLD), make.add_record(conn, "new")
        assert edit(conn, [old, new], []) == Edited(found=2, backlog=1)
        assert waiting(conn) == [new]
        assert [each.kind for each in issues.dispositions(conn, "ph", old)] == ["backlog"]


def test_an_old_record_that_already_waits_goes_on_waiting(store: Store) -> None:
    """Found by this profile before the edit, or waiting for another one: neither may be lost to the backlog."""
    with store.write() as conn:
        introduced(conn)
        mine = make.add_record(conn, "mine", "tobacco", at=OLD)
        theirs = make.add_record(conn, "theirs", "alcohol", at=OLD)
        assert edit(conn, [mine, theirs], []).backlog == 0
        assert waiting(conn) == [mine, theirs]


def test_a_mistaken_edit_that_is_taken_back_loses_nothing(store: Store) -> None:
    with store.write() as conn:
        introduced(conn)
        record_id = make.add_record(conn, "k", "tobacco")
        edit(conn, [], [record_id])
        assert waiting(conn) == []
        edit(conn, [record_id], [])
        assert waiting(conn) == [record_id]


def test_an_edit_applied_twice_is_as_good_as_once(store: Store) -> None:
    with store.write() as conn:
        introduced(conn)
        old, lost = make.add_record(conn, "old", at=OLD), make.add_record(conn, "lost", "tobacco")
        edit(conn, [old], [lost])
        before = issues.dispositions(conn, "ph")
        again = edit(conn, [old], [lost])
        assert (again.backlog, again.superseded) == (0, 0)
        assert issues.dispositions(conn, "ph") == before


def test_a_profile_in_no_bulletin_has_matches_and_no_dispositions(store: Store) -> None:
    with store.write() as conn:
        introduced(conn)
        record_id = make.add_record(conn, "k", at=OLD)
        assert edit(conn, [record_id], [], "unpaired") == Edited(found=1)
        assert [each.profile_id for each in matches.of_record(conn, record_id)] == ["unpaired"]


def test_no_edit_takes_away_what_a_librarian_added_by_hand(store: Store) -> None:
    with store.write() as conn:
        introduced(conn)
        record_id = make.add_record(conn, "k", "tobacco", identifiers=[make.doi("10.1/k")])
        entry = make.entry("", title="By hand", identifiers=[make.doi("10.1/k")])
        issues.add_own_item(conn, "ph", entry, now=make.NOW, evidence_type="news")
        assert edit(conn, [], [record_id]).superseded == 0
        assert waiting(conn) == [record_id]
