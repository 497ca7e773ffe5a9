"""An issue out of candidates: what it shows, what it leaves, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.compose import compose
from alerts.compose.issue import LISTED_IN_MAIL
from alerts.model.bulletins import Budget, Bulletin, Candidate, Composed, IssueContent, Section, SeenIn
from alerts.model.records import EventKind
from alerts.model.sources import EVIDENCE_TYPES
from tests.compose.builders import bulletin, candidate, hit, reason, setting, small


def composed(candidates: list[Candidate], made: Bulletin | None = None, **changes: object) -> Composed:
    answer = compose(made or bulletin(), candidates, setting=setting(**changes), measure=small)
    assert answer is not None
    return answer


def titles(content: IssueContent) -> dict[str, list[str]]:
    return {section.title: [each.title for each in section.items] for section in content.sections}


def fates(answer: Composed) -> dict[int, tuple[str, str]]:
    return {each.event_id: (each.kind, each.reason) for each in answer.dispositions}


def test_items_stand_under_the_sections_of_their_type_in_the_bulletins_order() -> None:
    answer = composed(
        [candidate(1, "A study", kind="study"), candidate(2, "A policy", kind="policy"), candidate(3, "A guideline")]
    )
    assert titles(answer.content) == {"Policy": ["A policy"], "Guidance": ["A guideline"], "Studies": ["A study"]}


def test_an_empty_section_says_so_only_where_the_bulletin_asks_for_it() -> None:
    answer = composed([candidate(1, "A policy", kind="policy")])
    said = {section.title: section.empty_text for section in answer.content.sections}
    assert said == {"Policy": "", "Guidance": "Nothing new."}


@pytest.mark.parametrize("kind", ["news", "event", "safety alert", "preprint", "correction", "retraction", "data"])
def test_a_type_that_nobody_asked_for_is_dropped_with_a_reason(kind: str) -> None:
    answer = composed([candidate(1), candidate(2, kind=kind)])
    assert fates(answer)[21][0] == "dropped"
    assert fates(answer)[21][1] in {
        f"type “{kind}” is not asked for in this bulletin",
        f"no section of this bulletin takes the type “{kind}”",
    }


@pytest.mark.parametrize("kind", ["news", "preprint", "safety alert"])
def test_a_type_that_a_section_names_is_carried(kind: str) -> None:
    asked = bulletin(sections=(Section("Also", frozenset({kind})),))
    assert fates(composed([candidate(1, kind=kind)], asked))[11] == ("issued", "Also")


def test_what_can_still_be_answered_comes_under_the_dated_lens_and_what_has_closed_is_dropped() -> None:
    closing, later = datetime(2026, 12, 4, tzinfo=UTC), datetime(2027, 1, 9, tzinfo=UTC)
    answer = composed(
        [
            candidate(1, "Later", kind="consultation", closes=later),
            candidate(2, "Sooner", kind="policy", closes=closing),
            candidate(3, "Undated", kind="consultation"),
            candidate(4, "Closed", kind="consultation", closes=datetime(2026, 11, 2, tzinfo=UTC)),
        ]
    )
    assert titles(answer.content)["To answer or decide"] == ["Sooner", "Later", "Undated"]
    assert fates(answer)[41] == ("dropped", "closed on 2026-11-02")


def test_what_closes_today_can_still_be_answered() -> None:
    today = datetime(2026, 11, 17, 17, tzinfo=UTC)
    answer = composed([candidate(1, kind="consultation", closes=today), candidate(2, "P", kind="policy", closes=today)])
    assert len(titles(answer.content)["To answer or decide"]) == 2
    assert answer.content.sections[0].items[0].closes == "Closes 17 November"


def test_the_local_lens_lifts_and_hides_nothing() -> None:
    here = [SeenIn("c", "Council", place="Wigan")]
    answer = composed(
        [candidate(1, "Near", seen_in=here), candidate(2, "Far", seen_in=[SeenIn("s", "S", place="Scotland")])]
    )
    assert titles(answer.content) == {"Local": ["Near"], "Guidance": ["Far"]}
    news = composed([candidate(1), candidate(2, kind="news", seen_in=here)])
    assert fates(news)[21][0] == "dropped", "a lens brings in no type that nobody asked for"


def test_a_bulletin_without_places_looks_through_those_of_its_profiles() -> None:
    near = candidate(1, "Near", seen_in=[SeenIn("c", "Council", place="Wigan")])
    places = {"tobacco": ("England", "Wigan"), "of another bulletin": ("Kent",)}
    assert titles(composed([near], bulletin(places=()), profile_places=places).content)["Local"] == ["Near"]
    assert "Local" not in titles(composed([near], bulletin(places=())).content)


def test_one_record_is_one_item_whatever_the_number_of_profiles_sources_and_events() -> None:
    twice = [
        candidate(1, reasons=[reason("alcohol")], seen_in=[SeenIn("a", "Feed A")]),
        candidate(1, n=2, event="updated", note="x", reasons=[reason("tobacco")], seen_in=[SeenIn("b", "Feed B")]),
    ]
    answer = composed(twice)
    (shown,) = answer.content.sections[0].items
    assert shown.profiles == ("Tobacco", "Alcohol"), "in the bulletin's order"
    assert shown.also_in == ("Feed B",)
    assert shown.event == "new"
    assert fates(answer) == {11: ("issued", "Guidance"), 12: ("issued", "Guidance")}


def test_a_correction_is_told_whatever_the_limits_and_types() -> None:
    gone = [candidate(each, f"Paper {each}", kind="news", event="retracted", n=2) for each in range(1, 30)]
    answer = composed(gone, bulletin(budget=Budget(items=1)))
    assert len(answer.content.corrections) == 29
    assert {kind for kind, _ in fates(answer).values()} == {"issued"}
    assert answer.content.subject.startswith("Paper 1 retracted")


def test_the_gravest_of_several_corrections_is_told() -> None:
    answer = composed([candidate(1, n=2, event="corrected"), candidate(1, n=3, event="retracted")])
    assert answer.content.corrections[0].event == "retracted"


def test_corrections_are_in_order_of_gravity() -> None:
    answer = composed(
        [
            candidate(1, "C", n=2, event="corrected"),
            candidate(2, "W", n=2, event="withdrawn"),
            candidate(3, "R", n=2, event="retracted"),
        ]
    )
    assert [each.title for each in answer.content.corrections] == ["R", "W", "C"]


@pytest.mark.parametrize("kind", ["retracted", "withdrawn"])
def test_something_retracted_before_it_was_carried_is_not_offered_as_new(kind: EventKind) -> None:
    answer = composed([candidate(1), candidate(2), candidate(2, n=2, event=kind)])
    assert fates(answer)[21] == fates(answer)[22] == ("dropped", f"{kind} before it was ever carried")


def test_a_new_record_that_was_corrected_says_so() -> None:
    answer = composed([candidate(1), candidate(1, n=2, event="corrected", note="table 2")])
    (shown,) = answer.content.sections[0].items
    assert shown.change == "Corrected 16 November: table 2"


def test_the_budget_is_shared_among_the_sections_and_the_rest_is_the_remainder() -> None:
    many = [candidate(each, f"Guideline {each}", days_ago=each) for each in range(1, 8)]
    many += [candidate(10 + each, f"Study {each}", kind="study") for each in range(1, 8)]
    answer = composed(many, bulletin(budget=Budget(items=5)))
    assert titles(answer.content) == {
        "Guidance": ["Guideline 1", "Guideline 2", "Guideline 3"],
        "Studies": ["Study 1", "Study 2"],
    }
    assert len(answer.content.remainder) == 9
    assert Counter(kind for kind, _ in fates(answer).values()) == {"issued": 5, "remainder": 9}
    assert answer.content.waiting == 0


def _closing_on(number: int, day: int, title: str = "", kind: str = "policy") -> Candidate:
    return candidate(number, title or f"Closing {day}", kind=kind, closes=datetime(2026, 12, day, 12, tzinfo=UTC))


def test_what_can_still_be_answered_takes_up_to_half_of_the_places_before_sections_share() -> None:
    many = [_closing_on(each, 20 - each) for each in range(1, 9)]
    many += [candidate(20 + each, f"Guideline {each}", days_ago=each) for each in range(1, 4)]
    many += [candidate(30 + each, f"Study {each}", kind="study", days_ago=each) for each in range(1, 4)]
    answer = composed(many, bulletin(budget=Budget(items=6)))
    assert titles(answer.content) == {
        "To answer or decide": ["Closing 12", "Closing 13", "Closing 14"],
        "Guidance": ["Guideline 1", "Guideline 2"],
        "Studies": ["Study 1"],
    }


def test_a_consultation_is_in_the_mail_before_a_study_where_both_have_a_heading() -> None:
    many = [_closing_on(1, 16), _closing_on(2, 20), candidate(3, "Study", kind="study"), candidate(4, "Guideline")]
    many.append(candidate(5, "Policy", kind="policy"))
    answer = composed(many, bulletin(budget=Budget(items=4)))
    assert fates(answer)[21][0] == "issued", "the second consultation too"
    assert fates(answer)[31] == ("remainder", "over budget: Studies")


def test_closing_dates_hold_places_in_a_bulletin_that_groups_by_topic_too_and_what_has_closed_does_not() -> None:
    made = bulletin(group_by="profile", budget=Budget(items=2))
    many = [candidate(each, f"Guideline {each}", days_ago=each / 9) for each in range(1, 5)]
    late = candidate(8, "Closed", kind="policy", closes=datetime(2026, 11, 1, tzinfo=UTC), days_ago=30)
    answer = composed([*many, _closing_on(9, 9), late], made)
    assert titles(answer.content) == {"Tobacco": ["Closing 9", "Guideline 1"]}


def test_no_limit_of_a_section_is_broken_by_what_closes() -> None:
    sections = (Section("Policy", frozenset({"policy"}), limit=1), Section("Guidance", frozenset({"guidance"})))
    answer = composed([*(_closing_on(each, each) for each in range(1, 5)), candidate(9)], bulletin(sections=sections))
    assert titles(answer.content)["Policy"] == ["Closing 1"]


def test_the_remainder_is_counted_by_heading() -> None:
    many = [_closing_on(each, each) for each in range(1, 4)]
    many += [candidate(20 + each, kind="study") for each in range(1, 9)] + [candidate(40), candidate(41)]
    content = composed(many, bulletin(budget=Budget(items=2)), public_address="").content
    assert content.remainder_line == "8 studies, 2 to answer or decide, 1 guidance"
    assert [each.heading for each in content.remainder][:3] == ["To answer or decide"] * 2 + ["Guidance"]
    by_topic = composed(many, bulletin(budget=Budget(items=2), group_by="profile")).content
    assert by_topic.remainder_line == "11 on Tobacco", "topics and publishers are names and keep their capitals"
    assert composed([candidate(1)]).content.remainder_line == ""


def test_the_remainder_reads_as_words_by_topic_and_by_publisher() -> None:
    few = Budget(items=1)
    publishers = [candidate(each, f"Z {each}", seen_in=[SeenIn("z", "Zed", "Zed Institute")]) for each in (1, 2, 3)]
    nameless = [candidate(each, f"N {each}", seen_in=[]) for each in (4, 5, 6)]
    made = bulletin(budget=few, group_by="publisher")
    assert composed(publishers, made).content.remainder_line == "2 from Zed Institute"
    assert composed(nameless, made).content.remainder_line == "2 from other publishers"


def test_headings_with_a_comma_are_parted_by_semicolons_and_one_alone_is_named_by_its_type() -> None:
    policy = Section("Policy, planning and finance", frozenset({"policy"}))
    sections = (policy, Section("Studies", frozenset({"study"})))
    many = [candidate(each, kind="policy") for each in (1, 2, 3)]
    many += [candidate(each, kind="study") for each in (4, 5)]
    content = composed(many, bulletin(sections=sections, budget=Budget(items=2))).content
    assert content.remainder_line == "2 policy, planning and finance; 1 study"


def test_with_no_web_address_a_closing_date_never_waits() -> None:
    made = bulletin(group_by="publisher", budget=Budget(items=1))
    many = [candidate(each, f"A {each}", seen_in=[SeenIn("a", "A")]) for each in range(1, 61)]
    late = [replace(_closing_on(100 + each, 9), seen_in=(SeenIn("z", "Z"),)) for each in range(1, 4)]
    content = composed([*many, *late], made, public_address="").content
    assert [each.heading for each in content.remainder] == ["A"] * (LISTED_IN_MAIL - 2) + ["Z"] * 2
    assert content.waiting == 63 - 1 - LISTED_IN_MAIL


def test_an_item_is_credited_to_a_source_that_the_bulletin_follows() -> None:
    seen = [SeenIn("late", "Late", "Late Publisher"), SeenIn("own", "Own feed", "Own Publisher")]
    one = [candidate(1, seen_in=seen)]
    (shown,) = composed(one, followed=frozenset({"own", "other"})).content.sections[0].items
    assert (shown.publisher, shown.also_in) == ("Own Publisher", ("Late",))
    (plain,) = composed(one).content.sections[0].items
    assert plain.publisher == "Late Publisher", "nothing said of what is followed: the first to have it"


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("RETRACTED: Vaping and quitting in England", "Vaping and quitting in England retracted"),
        ("Retracted Article: Vaping and quitting", "Vaping and quitting retracted"),
        ("[Retracted] Vaping and quitting", "Vaping and quitting retracted"),
        ("Vaping and quitting [RETRACTED]", "Vaping and quitting retracted"),
        ("WITHDRAWN: Vaping and quitting", "Vaping and quitting retracted"),
        ("Retracted papers in public health: a count", "Retracted papers in public health: a count retracted"),
        ("RETRACTED:", "RETRACTED: retracted"),
    ],
)
def test_a_subject_never_says_twice_that_something_was_retracted(title: str, subject: str) -> None:
    answer = composed([candidate(1, title, event="retracted", n=2)])
    assert answer.content.subject == subject
    assert answer.content.corrections[0].title == title, "the item has the publisher's own title"


def test_a_section_holds_no_more_than_its_own_limit() -> None:
    answer = composed([candidate(each, f"Study {each}", kind="study") for each in range(1, 6)])
    assert len(titles(answer.content)["Studies"]) == 3
    assert fates(answer)[51] == ("remainder", "over budget: Studies")


def test_pins_and_the_librarians_own_items_come_first_and_no_limit_stops_them() -> None:
    many = [candidate(each, f"Study {each}", kind="study", days_ago=each) for each in range(1, 9)]
    own = candidate(20, "Our own", kind="news", is_own=True)
    answer = composed([*many, own], bulletin(budget=Budget(items=2)), pins=(8, 7, 6, 5))
    assert titles(answer.content)["Studies"] == ["Study 8", "Study 7", "Study 6", "Study 5"]
    assert fates(answer)[201][0] == "issued"


def test_a_pin_counts_towards_the_limit_of_its_section() -> None:
    many = [candidate(each, f"Study {each}", kind="study", days_ago=each) for each in range(1, 9)]
    answer = composed(many, pins=(8,))
    assert titles(answer.content)["Studies"] == ["Study 8", "Study 1", "Study 2"]


def test_what_the_librarian_drops_is_dropped_for_their_reason() -> None:
    answer = composed([candidate(1), candidate(2)], drops={2: "not for us"})
    assert fates(answer)[21] == ("dropped", "not for us")


def test_the_byte_budget_keeps_whole_items_and_at_least_one() -> None:
    many = [candidate(each, f"Guideline {each}") for each in range(1, 10)]

    def heavy(content: IssueContent) -> int:
        return 5_000 + 10_000 * sum(len(section.items) for section in content.sections)

    for room, kept in ((100_000, 9), (44_999, 3), (45_000, 4), (10, 1)):
        made = bulletin(budget=Budget(items=10, html_bytes=room))
        answer = compose(made, many, setting=setting(), measure=heavy)
        assert answer is not None
        assert (answer.content.item_count, len(answer.content.remainder)) == (kept, 9 - kept)


def test_with_no_web_address_what_cannot_be_listed_waits_for_the_next_issue() -> None:
    many = [candidate(each, f"Guideline {each}") for each in range(1, 61)]
    answer = composed(many, public_address="")
    assert len(answer.content.remainder) == LISTED_IN_MAIL
    assert answer.content.waiting == 60 - 10 - LISTED_IN_MAIL
    assert len(answer.dispositions) == 10 + LISTED_IN_MAIL


def test_ranking_is_local_then_title_then_lines_then_newest() -> None:
    title = "Vaping and smoking"
    here = [SeenIn("c", "Council", place="Wigan")]
    plain = bulletin(sections=(Section("All", frozenset({"guidance"})),))
    strong = reason("tobacco", hit("Vaping", title), hit("smoking", title))
    lines = reason("tobacco", hit("Vaping", title, "keywords", 1), hit("smoking", title, "keywords", 2))
    answer = composed(
        [
            candidate(1, "Newest", days_ago=0.1),
            candidate(2, "Older", days_ago=3),
            candidate(3, "Lines", days_ago=9, reasons=[lines]),
            candidate(4, title, days_ago=9, reasons=[strong]),
            candidate(5, "Local", days_ago=30, seen_in=here),
        ],
        plain,
    )
    assert titles(answer.content)["All"] == ["Local", title, "Lines", "Newest", "Older"]
    first, second = answer.content.sections[0].items[:2]
    assert first.ranking.startswith("local (Wigan); 0 terms in the title")
    assert "2 terms in the title" in second.ranking


def test_a_date_in_the_future_does_not_lead_for_ever() -> None:
    answer = composed([candidate(1, "Next year", days_ago=-200), candidate(2, "Just now", days_ago=0)])
    assert sorted(titles(answer.content)["Guidance"]) == ["Just now", "Next year"]


def test_a_bulletin_may_group_by_profile() -> None:
    made = bulletin(group_by="profile", sections=())
    both = candidate(1, "Both", reasons=[reason("alcohol"), reason("tobacco")])
    answer = composed(
        [candidate(2, "Only alcohol", reasons=[reason("alcohol")]), both, candidate(3, "Own", is_own=True, reasons=[])],
        made,
    )
    assert titles(answer.content) == {"Tobacco": ["Both"], "Alcohol": ["Only alcohol"], "Added by the library": ["Own"]}


def test_a_bulletin_may_group_by_publisher() -> None:
    made = bulletin(group_by="publisher")
    others = [SeenIn("z", "Zed", "Zed Institute")]
    answer = composed([candidate(1, "Z", seen_in=others), candidate(2, "P"), candidate(3, kind="news")], made)
    assert titles(answer.content) == {"Publisher": ["P"], "Zed Institute": ["Z"]}


def test_nothing_to_say_makes_no_issue_unless_the_bulletin_asks_for_a_notice() -> None:
    only_news = [candidate(1, kind="news")]
    assert compose(bulletin(), only_news, setting=setting(), measure=small) is None
    notice = composed(only_news, bulletin(when_empty="notice"))
    assert notice.content.item_count == 0
    assert notice.content.subject == "Public health update: nothing new"
    assert fates(notice)[11][0] == "dropped"


def test_a_late_issue_says_which_it_stands_for() -> None:
    late = composed([candidate(1)], missed=("2026-11-03", "2026-11-10")).content.late_line
    assert (
        late == "This issue is late: it also covers the issues that were due on 3 November 2026 and 10 November 2026."
    )
    assert composed([candidate(1)]).content.late_line == ""
    many = composed([candidate(1)], missed=("2026-10-20", "2026-10-27", "2026-11-03", "2026-11-10")).content.late_line
    assert many == "This issue is late: it also covers 4 issues due from 20 October to 10 November 2026."


def test_the_subject_and_preheader_lead_with_the_thing() -> None:
    answer = composed(
        [candidate(1, "Virtual wards guidance", event="updated", n=2), candidate(2, "A study", kind="study")]
    )
    assert answer.content.subject == "Virtual wards guidance updated + 1 more"
    assert answer.content.preheader == "Public health update, 10 to 17 November 2026: Guidance (1), Studies (1)"
    assert composed([candidate(1)], subject="Our choice").content.subject == "Our choice"


def test_a_first_issue_says_up_to_when_it_reaches() -> None:
    assert composed([candidate(1)], since=None).content.period_line == "Up to 17 November 2026"


@st.composite
def _candidates(draw: st.DrawFn) -> list[Candidate]:
    """Up to 25 candidates of up to 12 records, of any type and event, some of them the librarian's own."""
    made: dict[tuple[int, int], Candidate] = {}
    for _ in range(draw(st.integers(0, 25))):
        number, n = draw(st.integers(1, 12)), draw(st.integers(1, 3))
        kind = draw(st.sampled_from(EVIDENCE_TYPES))
        later: list[EventKind] = ["updated", "corrected", "withdrawn", "retracted"]
        event: EventKind = "new" if n == 1 else draw(st.sampled_from(later))
        made[number, n] = candidate(number, kind=kind, event=event, n=n, is_own=draw(st.booleans()))
    return list(made.values())


@given(
    _candidates(),
    st.integers(0, 6),
    st.sampled_from(["type", "profile", "publisher"]),
    st.sampled_from(["", "https://alerts.example.nhs.uk"]),
)
def test_every_event_has_exactly_one_fate_and_every_issued_record_is_shown_once(
    candidates: list[Candidate], items: int, group_by: str, public: str
) -> None:
    made = bulletin(budget=Budget(items=items), group_by=group_by)
    answer = compose(made, candidates, setting=setting(public_address=public), measure=small)
    if answer is None:
        return
    settled = [each.event_id for each in answer.dispositions]
    assert sorted(settled) == sorted({each.event.id for each in candidates}), "none lost, none twice"
    content = answer.content
    shown = [each.record_id for section in content.sections for each in section.items]
    shown += [each.record_id for each in (*content.corrections, *content.remainder)]
    assert len(shown) == len(set(shown))
    kept = {each.event_id // 10 for each in answer.dispositions if each.kind != "dropped"}
    assert set(shown) == kept
    assert all(each.reason for each in answer.dispositions)


def test_the_same_candidates_in_another_order_make_the_same_issue() -> None:
    many = [candidate(each, f"Guideline {each % 3}", days_ago=each % 2) for each in range(1, 14)]
    forth, back = composed(many).content, composed(many[::-1]).content
    assert forth == replace(back)
