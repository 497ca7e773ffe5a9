from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import alerts.search as search
from alerts.config import load_catalogue
from alerts.demo.samples import Samples, SampleSource
from alerts.demo.samples.publications import slug
from alerts.model.profiles import Profile
from alerts.model.records import Entry
from alerts.model.sources import PageItems
from alerts.parse import Parsed, parse

ANCHOR = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SHIPPED = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture(scope="module")
def samples() -> Samples:
    return Samples(ANCHOR)


@pytest.fixture(scope="module")
def parsed(samples: Samples) -> dict[str, Parsed]:
    cards = PageItems("article.card", date=".card__date", summary=".card__text")
    return {
        source.id: parse(
            feed.body,
            kind="feed" if source.form == "govuk" else source.kind,
            address=f"http://127.0.0.1{feed.path}",
            content_type=feed.content_type,
            **({"items": cards} if source.kind == "page" else {}),
        )
        for source in samples.sources
        if (feed := samples.feeds[source.id]).status == 200
    }


def test_there_are_as_many_sources_and_items_as_the_demo_promises(samples: Samples) -> None:
    assert len(samples.sources) >= 16
    assert samples.entry_count > 170
    assert len({source.id for source in samples.sources}) == len(samples.sources)


def test_every_make_of_feed_is_there(parsed: dict[str, Parsed]) -> None:
    assert {each.format.split()[0].lower() for each in parsed.values()} >= {"rss", "rdf", "atom", "json"}


def test_every_kind_of_publisher_is_there(samples: Samples) -> None:
    assert {source.type for source in samples.sources} >= {"study", "preprint", "policy", "guidance", "data", "news"}


def test_every_item_of_every_source_that_is_up_comes_out_of_the_parser(
    samples: Samples, parsed: dict[str, Parsed]
) -> None:
    for source in samples.sources:
        if source.id in parsed:
            titles = [entry.title for entry in parsed[source.id].entries]
            assert titles == [item.title for item in source.items], source.id


def test_every_doi_comes_out_of_the_parser_wherever_its_source_hides_it(
    samples: Samples, parsed: dict[str, Parsed]
) -> None:
    for source in samples.sources:
        for item, entry in zip(source.items, parsed[source.id].entries if source.id in parsed else (), strict=False):
            if item.doi:
                assert entry.identifier("doi") == item.doi


def test_dates_fall_within_the_last_fortnight_or_clearly_before_it(samples: Samples) -> None:
    ages = [ANCHOR - item.published for source in samples.sources for item in source.items]
    assert min(ages) > timedelta(0)
    fresh = [age for age in ages if age < timedelta(days=14)]
    assert len(fresh) >= 0.6 * len(ages)
    assert len(ages) - len(fresh) >= 10  # a backlog, so that the first run has something to hold back
    assert not [age for age in ages if timedelta(days=13, hours=12) < age < timedelta(days=14, hours=12)]


def test_the_same_anchor_gives_the_same_bytes_and_another_the_same_names(samples: Samples) -> None:
    again, later = Samples(ANCHOR), Samples(ANCHOR + timedelta(days=40))
    assert again.feeds == samples.feeds
    names = [[item.key for item in source.items] for source in samples.sources]
    assert [[item.key for item in source.items] for source in later.sources] == names
    assert later.feeds["jech"].body != samples.feeds["jech"].body


def test_no_two_items_of_a_source_share_a_name(samples: Samples) -> None:
    for source in samples.sources:
        assert not [key for key, times in Counter(item.key for item in source.items).items() if times > 1], source.id


def test_articles_appear_in_several_sources(samples: Samples) -> None:
    carried = Counter(item.doi for source in samples.sources for item in source.items if item.doi)
    assert sum(times > 1 for times in carried.values()) >= 15
    titles = {item.title for source in samples.sources if source.form != "rdf-preprint" for item in source.items}
    preprints = next(source for source in samples.sources if source.form == "rdf-preprint")
    assert sum(item.title in titles for item in preprints.items) >= 2


def test_a_retraction_notice_names_another_sample_by_its_doi(parsed: dict[str, Parsed]) -> None:
    entries = parsed["open-studies"].entries
    notice = next(entry for entry in entries if entry.title.startswith("Retraction"))
    named = [entry for entry in entries if entry.identifier("doi") in notice.summary and entry is not notice]
    assert [entry.title for entry in named] == ["Community vaping clinics and smoking cessation in a coastal town"]


def test_nobody_real_is_said_to_have_retracted_or_decided_anything(samples: Samples) -> None:
    for source in samples.sources:
        for item in source.items:
            if not item.doi or item.doi.startswith("10.5555/"):
                assert ".example.org/" in item.link
                assert re.match("(Sample|Nobody)", source.publisher), source.publisher
                assert all("Sample" in name for name in item.authors) or source.form == "rdf-preprint"
            if re.match("Retract", item.title):
                assert item.doi.startswith("10.5555/")


def test_one_source_has_no_dates_one_is_down_and_one_is_malformed(samples: Samples, parsed: dict[str, Parsed]) -> None:
    assert not [entry for entry in parsed["ssm-population-health"].entries if entry.published or entry.updated]
    assert [name for name, feed in samples.feeds.items() if feed.status == 503] == ["incident-alerts"]
    assert [name for name, each in parsed.items() if each.problems] == ["observatory"]


def test_consultations_say_when_they_close(parsed: dict[str, Parsed]) -> None:
    closing = [entry.closes for each in parsed.values() for entry in each.entries if entry.closes]
    assert len(closing) >= 4
    assert all(ANCHOR < each < ANCHOR + timedelta(days=60) for each in closing)


def test_an_updated_document_says_what_changed(parsed: dict[str, Parsed]) -> None:
    updated = [entry for each in parsed.values() for entry in each.entries if entry.change_note]
    assert len(updated) >= 3
    assert all(entry.updated and entry.published and entry.updated > entry.published for entry in updated)


def test_the_second_edition_changes_one_document_and_nothing_else(samples: Samples) -> None:
    later = Samples(ANCHOR, edition=2)
    assert [name for name in samples.feeds if later.feeds[name] != samples.feeds[name]] == ["policy-papers"]
    first, second = (
        next(item for source in each.sources for item in source.items if item.key.startswith("neighbourhood-health"))
        for each in (samples, later)
    )
    assert first.link == second.link
    assert (second.summary, second.updated) != (first.summary, first.updated)
    assert second.change_note == second.summary


@pytest.mark.parametrize("anchor", [datetime(2026, 1, 3, 0, 5, tzinfo=UTC), datetime(2028, 2, 29, 23, 59, tzinfo=UTC)])
def test_any_day_can_be_the_first(anchor: datetime) -> None:
    bodies = b"".join(feed.body for feed in Samples(anchor).feeds.values()).decode()
    assert not re.search(r"\{(\+\d+|month)", bodies)


def test_a_title_becomes_a_short_name() -> None:
    assert slug("A&E attendances – {month-1}: “what’s new?”") == "a-e-attendances-what-s-new"
    assert slug("long words " * 50) == "long-words-long-words-long-words-long-words-long-words-long"


def found(profile: Profile, samples: Samples, parsed: dict[str, Parsed], **parts: object) -> list[Entry]:
    strategy = search.compile(profile, **parts).strategy  # type: ignore[arg-type]  # passed on as they come
    assert strategy is not None
    return [
        entry
        for source in samples.sources
        if source.id in parsed and profile.sources.includes(source.id, frozenset(source.tags))
        for entry in parsed[source.id].entries
        if strategy.find(search.searchable(entry, source_places=frozenset({source.place} - {""})))
    ]


def test_every_shipped_profile_finds_several_fresh_items_and_not_everything(
    samples: Samples, parsed: dict[str, Parsed]
) -> None:
    catalogue = load_catalogue(SHIPPED, None).catalogue
    assert len(catalogue.profiles) >= 16
    for profile in catalogue.profiles.values():
        entries = found(profile, samples, parsed, blocks=catalogue.blocks, spelling=catalogue.spelling)
        fresh = [each for each in entries if each.published and ANCHOR - each.published < timedelta(days=14)]
        assert 4 <= len(fresh) <= 60, (profile.id, len(fresh))


def test_noise_stays_noise(samples: Samples, parsed: dict[str, Parsed]) -> None:
    catalogue = load_catalogue(SHIPPED, None).catalogue
    noise = {entry.title for entry in parsed["health-news"].entries}
    caught = {
        entry.title
        for profile in catalogue.profiles.values()
        for entry in found(profile, samples, parsed, blocks=catalogue.blocks, spelling=catalogue.spelling)
        if entry.title in noise
    }
    assert caught <= {"Minister visits new urgent treatment centre"}


def test_the_configuration_of_the_samples_loads_and_replaces_every_other_source(
    samples: Samples, tmp_path: Path
) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "journals.yaml").write_text("sources: []\n", encoding="utf-8")
    written = samples.write_config(tmp_path, "http://127.0.0.1:8123/")
    assert [each.name for each in (tmp_path / "sources").iterdir()] == ["samples.yaml"]
    loaded = load_catalogue(tmp_path, None)
    assert not [each for each in loaded.problems if each.severity == "error" and each.file.endswith(written.name)]
    sources = loaded.catalogue.sources
    assert set(sources) == {source.id for source in samples.sources}
    for source in samples.sources:
        configured = sources[source.id]
        served = f"http://127.0.0.1:8123{samples.feeds[source.id].path}"
        asked = configured.address.partition("?")[0]
        assert asked == served.partition("/journals/")[0], "Crossref is asked below its own address"
        assert (configured.evidence_type, configured.place) == (source.type, source.place)
        assert configured.tags == frozenset(source.tags)
        assert configured.title.endswith("(sample)")


def test_a_source_can_be_told_from_its_neighbours(samples: Samples) -> None:
    by_path: dict[str, SampleSource] = {samples.feeds[source.id].path: source for source in samples.sources}
    assert len(by_path) == len(samples.sources)
