"""Every key of a file arrives in the noun that is made of it."""

from __future__ import annotations

from datetime import date, time

import pytest

from alerts.errors import Problem
from alerts.model.bulletins import Budget, Review, Schedule, Section
from alerts.model.sources import AbstractPolicy
from tests.config.folders import FILES, Folder


def test_every_key_of_a_bulletin_arrives(folder: Folder) -> None:
    folder.write(
        {
            "teams/board.yaml": FILES["teams/public-health.yaml"],
            "profiles/alcohol.yaml": FILES["profiles/tobacco.yaml"],
            "bulletins/monthly.yaml": (
                "id: digest\ntitle: Digest\nteam: public-health\nteams: [board, public-health, board]\n"
                "profiles: [alcohol, tobacco, alcohol]\n"
                "sections:\n  - {title: Data, types: [data, audit], limit: 3, empty: say}\n"
                "schedule: {every: month, on: last Friday, at: '16:05', zone: Europe/Dublin, calendar: wales,"
                " working_days_only: false}\n"
                "budget: {items: 7, html_kb: 60}\ngroup_by: publisher\nwhen_empty: notice\nfirst_run_days: 31\n"
                "places: [English]\nintroduction: Hello.\n"
                "formerly: [monthly-news]\n"
            ),
        }
    )
    bulletin = folder.load().catalogue.bulletins["digest"]
    assert (bulletin.title, bulletin.team) == ("Digest", "public-health")
    assert (bulletin.teams, bulletin.profiles) == (("board", "public-health"), ("alcohol", "tobacco"))
    assert bulletin.sections == (Section("Data", frozenset({"data", "audit"}), "", 3, "say"),)
    assert bulletin.schedule == Schedule("monthly", time(16, 5), "Europe/Dublin", 4, -1, None, "wales", False)
    assert bulletin.budget == Budget(7, 60_000)
    assert (bulletin.group_by, bulletin.when_empty, bulletin.first_run_days) == ("publisher", "notice", 31)
    assert (bulletin.places, bulletin.introduction) == (("England",), "Hello.")
    assert bulletin.formerly == ("monthly-news",)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("every: day, at: '06:00'", Schedule("daily", time(6), weekday=0)),
        ("every: week, on: Sunday, at: '06:00'", Schedule("weekly", time(6), weekday=6)),
        ("every: month, on: third Monday, at: '06:00'", Schedule("monthly", time(6), weekday=0, nth=3)),
        (
            "every: fortnight, starting: 2026-11-05, at: '06:00'",
            Schedule("fortnightly", time(6), weekday=3, starting=date(2026, 11, 5)),
        ),
        (
            "every: fortnight, on: thursday, starting: 2026-11-05, at: '06:00'",
            Schedule("fortnightly", time(6), weekday=3, starting=date(2026, 11, 5)),
        ),
    ],
)
def test_every_cadence_arrives(folder: Folder, written: str, expected: Schedule) -> None:
    folder.edit("bulletins/weekly.yaml", 'every: week, on: Tuesday, at: "07:30"', written)
    assert folder.load().catalogue.bulletins["weekly"].schedule == expected


def test_a_bulletin_that_wants_review_says_until_when_and_what_happens_then(folder: Folder) -> None:
    folder.edit("bulletins/weekly.yaml", "schedule:", "review: {deadline: 36 hours, then: send}\nschedule:")
    loaded = folder.load()
    assert loaded.catalogue.bulletins["weekly"].review == Review(36.0, "send")
    assert not loaded.problems


def test_a_deadline_after_the_next_issue_is_said_and_is_in_force(folder: Folder) -> None:
    folder.edit("bulletins/weekly.yaml", "schedule:", "review: {deadline: 8 days}\nschedule:")
    loaded = folder.load()
    assert [(each.code, each.severity) for each in loaded.problems] == [("C081", "warning")]
    assert loaded.catalogue.bulletins["weekly"].review == Review(192.0, "hold")


def test_a_kind_of_source_that_cannot_be_read_yet_is_refused(folder: Folder) -> None:
    folder.write(
        {"sources/more.yaml": "sources:\n  - {id: m, title: M, address: 'https://example.org/m', kind: pubmed}\n"}
    )
    assert "m" not in folder.load().catalogue.sources


def test_excluding_a_source_that_is_not_there_is_only_a_warning(folder: Folder) -> None:
    folder.edit("profiles/tobacco.yaml", "ids: [bmj]}", "ids: [bmj], exclude: [gone]}")
    loaded = folder.load()
    assert "tobacco" in loaded.catalogue.profiles
    assert [each.severity for each in loaded.problems if "gone" in each.message] == ["warning"]


def test_a_fortnight_that_starts_on_another_day_is_refused(folder: Folder) -> None:
    folder.edit(
        "bulletins/weekly.yaml", "every: week, on: Tuesday", "every: fortnight, on: Tuesday, starting: 2026-11-05"
    )
    assert any("C042 2026-11-05 is a Thursday, not a Tuesday." in each for each in folder.said())


def test_every_key_of_a_profile_arrives(folder: Folder) -> None:
    folder.write(
        {
            "profiles/vaping.yaml": (
                "id: vapes\ntitle: Vaping\nteam: public-health\nowner: Jo <jo@example.nhs.uk>\n"
                "sources: {tags: [policy], ids: [bmj], exclude: [dhsc]}\ndialect: ovid\ndatabase: Embase\n"
                "search: vap*.ti.\nresult: {full: 1, brief: 1}\nlimits: {language: [EN, cy]}\nspelling: exact\n"
                "places: [england]\nformerly: [e-cigarettes]\n"
                "examples:\n  must_match:\n    - {title: Vaping, summary: In schools}\n"
                "  must_not_match:\n    - {doi: 10.1000/x}\n    - {pmid: '7'}\n"
            )
        }
    )
    profile = folder.load().catalogue.profiles["vapes"]
    assert (profile.title, profile.team, profile.owner) == ("Vaping", "public-health", "Jo <jo@example.nhs.uk>")
    assert (profile.sources.tags, profile.sources.ids, profile.sources.exclude) == (
        frozenset({"policy"}),
        frozenset({"bmj"}),
        frozenset({"dhsc"}),
    )
    assert (profile.dialect, profile.database, profile.spelling) == ("ovid", "Embase", "exact")
    assert (profile.languages, profile.places, profile.formerly) == (
        frozenset({"en", "cy"}),
        ("England",),
        ("e-cigarettes",),
    )
    assert [(each.title, each.summary) for each in profile.must_match] == [("Vaping", "In schools")]
    assert [(each.doi, each.pmid) for each in profile.must_not_match] == [("10.1000/x", ""), ("", "7")]
    assert profile.file == str(folder.path / "profiles" / "vaping.yaml")


def test_every_key_of_a_source_arrives(folder: Folder) -> None:
    folder.write(
        {
            "sources/one.yaml": (
                "defaults: {abstracts: {mail: none, web: full}, flood: 50}\n"
                "sources:\n  - {id: one, title: One, address: 'https://example.org/x', publisher: P, kind: feed,"
                " type: data, place: england, tags: [a, b], language: CY, abstracts: {web: none}, updates: date,"
                " every: 30 minutes, rhythm: 12 hours, first_run_days: 3, sure: A, checked: 2026-09-17,"
                " enabled: false, note: Why, formerly: [uno]}\n"
            )
        }
    )
    source = folder.load().catalogue.sources["one"]
    assert (source.title, source.address, source.publisher) == ("One", "https://example.org/x", "P")
    assert (source.kind, source.evidence_type, source.place) == ("feed", "data", "England")
    assert (source.tags, source.language, source.abstracts) == (
        frozenset({"a", "b"}),
        "cy",
        AbstractPolicy("none", "none"),
    )
    assert (source.updates, source.every_s, source.rhythm_days) == ("date", 1800, 0.5)
    assert (source.first_run_days, source.flood, source.sure) == (3, 50, "A")
    assert (source.note, source.enabled, source.formerly) == ("Why", False, ("uno",))


def test_every_key_of_a_team_arrives(folder: Folder) -> None:
    folder.write(
        {
            "teams/board.yaml": (
                "title: Board\nlibrary: Our Library\nowner: robin@example.nhs.uk\nsender: Lib <lib@example.nhs.uk>\n"
                "reply_to: Help <help@example.nhs.uk>\nfoot: Foot.\ndisclaimer: Disclaimer.\n"
                "document_link: https://example.org/{doi}\ndocument_help: Ask.\nfeedback: tell@example.nhs.uk\n"
                "phone: 01632 960123\n"
            )
        }
    )
    team = folder.load().catalogue.teams["board"]
    assert (team.title, team.library, team.owner_name) == ("Board", "Our Library", "")
    assert (team.owner_address, team.sender_name) == ("robin@example.nhs.uk", "Lib")
    assert (team.sender_address, team.reply_to) == ("lib@example.nhs.uk", "help@example.nhs.uk")
    assert (team.foot, team.disclaimer, team.document_help) == ("Foot.", "Disclaimer.", "Ask.")
    assert (team.document_link, team.feedback_address) == ("https://example.org/{doi}", "tell@example.nhs.uk")
    assert team.phone == "01632 960123"


def test_a_sender_without_a_name_is_the_library(folder: Folder) -> None:
    folder.edit("teams/public-health.yaml", "Robin Sample <robin@example.nhs.uk>", "robin@example.nhs.uk")
    assert folder.load().catalogue.teams["public-health"].sender_name == "Anytown Library"


def test_every_condition_of_a_rule_arrives(folder: Folder) -> None:
    folder.write(
        {
            "types.yaml": FILES["types.yaml"].replace(
                "rules:\n",
                "rules:\n  - {id: all, type: study, title_starts: [a], title_any: [b], summary_any: [c],"
                " notice_any: [retracted],"
                " publication_type_any: [d], link_any: [e], source_type_any: [data], design: cohort}\n",
            )
        }
    )
    rule = folder.load().catalogue.type_rules[0]
    assert (rule.id, rule.type, rule.design) == ("all", "study", "cohort")
    assert (rule.title_starts, rule.title_any, rule.summary_any) == (("a",), ("b",), ("c",))
    assert (rule.publication_type_any, rule.link_any, rule.source_type_any) == (("d",), ("e",), ("data",))
    assert rule.notice_any == ("retracted",)


def test_a_librarys_own_rules_come_before_the_shipped_ones(folder: Folder) -> None:
    own = (
        "rules:\n  - {id: consultation, type: news, title_any: [our survey]}\n"
        "  - {id: ours, type: audit, title_any: [board]}\n"
    )
    folder.write(
        {
            "types.yaml": own,
            "bulletins/weekly.yaml": FILES["bulletins/weekly.yaml"].replace("standard", "commissioning"),
        }
    )
    loaded = folder.load()
    names = [rule.id for rule in loaded.catalogue.type_rules]
    assert loaded.errors == 0
    assert names[:2] == ["consultation", "ours"]
    assert "systematic-review" in names
    assert len(names) == len(set(names))  # the shipped "consultation" gave way
    assert loaded.catalogue.type_labels["audit"] == "Audit or inspection"


def test_a_table_of_types_that_replaces_stands_alone(folder: Folder) -> None:
    folder.write({"types.yaml": "replace: true\n" + FILES["types.yaml"]})
    catalogue = folder.load().catalogue
    assert [rule.id for rule in catalogue.type_rules] == ["review-title"]
    assert set(catalogue.section_presets) == {"standard"}


def test_without_a_table_of_types_the_shipped_one_counts(folder: Folder) -> None:
    folder.write({"types.yaml": None})
    assert "systematic-review" in [rule.id for rule in folder.load().catalogue.type_rules]


def test_days_and_places_arrive_whole(folder: Folder) -> None:
    folder.write(
        {
            "calendar.yaml": "no_send:\n  - {day: 2026-12-24, reason: Closed, calendars: [wales, scotland]}\n",
            "places.yaml": FILES["places.yaml"] + "  - {name: Anytown, kind: council, within: [England]}\n",
            "service.yaml": FILES["service.yaml"] + "foot: Foot.\ndisclaimer: Disclaimer.\n",
        }
    )
    catalogue = folder.load().catalogue
    assert catalogue.no_send_days[0].calendars == {"wales", "scotland"}
    assert [(each.name, each.kind, each.within, each.also) for each in catalogue.places] == [
        ("England", "nation", (), ("English",)),
        ("Anytown", "council", ("England",), ()),
    ]
    assert (catalogue.service.foot, catalogue.service.disclaimer) == ("Foot.", "Disclaimer.")


def _searching(folder: Folder, query: str) -> list[str]:
    """Return what is said of a source of Europe PMC with this query, as it is written in YAML."""
    folder.write(
        {"sources/more.yaml": f"sources:\n  - id: m\n    title: M\n    kind: europepmc\n    type: study\n{query}"}
    )
    return [each for each in folder.said() if "more.yaml" in each]


def test_a_search_of_europe_pmc_needs_a_query_and_no_address(folder: Folder) -> None:
    assert _searching(folder, "    query: >-\n      (vaping OR\n      smoking)  AND SRC:MED\n") == []
    source = folder.load().catalogue.sources["m"]
    assert source.address == "https://www.ebi.ac.uk/europepmc/webservices/rest/search"
    assert source.query == "(vaping OR smoking) AND SRC:MED"
    assert source.asks != folder.load().catalogue.sources["bmj"].asks
    assert any("A source of the kind europepmc needs query." in each for each in _searching(folder, ""))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("'(vaping OR smoking'", "A bracket of the query has no partner."),
        ("')vaping('", "A bracket of the query has no partner."),
        ("'vaping[tiab'", "A bracket of the query has no partner."),
        ("'TITLE:\"vaping'", "A quotation mark of the query has no partner."),
        ("'TITLE:“vaping”'", "The query has curly quotation marks (“), which databases do not read."),
        ("vaping sort_date:y", "The query says how to sort (sort_date:y), which the service does itself."),
    ],
)
def test_a_query_that_cannot_work_is_told_at_its_place(folder: Folder, query: str, sentence: str) -> None:
    said = _searching(folder, f"    query: {query}\n")
    assert any(sentence in each for each in said), said
    assert "m" not in folder.load().catalogue.sources


@pytest.mark.parametrize(
    "query",
    [
        "'FIRST_PDATE:[2026-01-01 TO 2026-02-01} AND vaping'",
        "'TITLE:\"a (bracket\" AND vaping'",
        "'(vaping OR (smoking AND \"quit (now)\"))'",
    ],
)
def test_brackets_within_quotation_marks_are_words(folder: Folder, query: str) -> None:
    assert _searching(folder, f"    query: {query}\n") == []


def test_a_feed_has_no_query(folder: Folder) -> None:
    folder.write(
        {
            "sources/more.yaml": "sources:\n  - {id: m, title: M, address: 'https://example.org/m', type: study,"
            " query: vaping}\n"
        }
    )
    assert any(
        "The key query is one of sources of the kind europepmc or pubmed, and this one is feed." in each
        for each in folder.said()
    )


def _errors(folder: Folder) -> list[Problem]:
    return [each for each in folder.load().problems if each.severity == "error"]


def _crossref(keys: str) -> str:
    return f"sources:\n  - {{id: j, title: J, type: study, kind: crossref{keys}}}\n"


@pytest.mark.parametrize(
    ("written", "issn"),
    [("2044-6055", ("2044-6055",)), ("[2044-6055, '00284793', 20446055]", ("2044-6055", "0028-4793"))],
)
def test_a_journal_is_asked_of_crossref_by_one_issn_or_several(
    folder: Folder, written: str, issn: tuple[str, ...]
) -> None:
    source = folder.write({"sources/more.yaml": _crossref(f", issn: {written}")}).load().catalogue.sources["j"]
    assert (source.issn, source.address) == (issn, "https://api.crossref.org")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("", "needs issn"),
        (", issn: 2044-6056", "The check digit of the ISSN 2044-6056 is wrong"),
        (", issn: [2044-6055, Lancet]", "“Lancet” is not an ISSN"),
        (", issn: []", "needs issn"),
    ],
)
def test_a_journal_without_a_right_issn_is_refused_with_its_place(folder: Folder, keys: str, said: str) -> None:
    (problem,) = _errors(folder.write({"sources/more.yaml": _crossref(keys)}))
    assert said in problem.message
    assert (problem.line, bool(problem.remedy)) == (2, True)


def test_an_issn_is_no_key_of_a_feed(folder: Folder) -> None:
    text = "sources:\n  - {id: j, title: J, type: study, address: 'https://example.org/x', issn: 2044-6055}\n"
    (problem,) = _errors(folder.write({"sources/more.yaml": text}))
    assert problem.message == "The key issn is one of sources of the kind crossref, and this one is feed."
