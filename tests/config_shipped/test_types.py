"""The shipped rules give an item the type that a librarian would write beside it."""

from __future__ import annotations

import pytest

from alerts.identify import evidence_type
from alerts.model.catalogue import Catalogue
from alerts.model.records import Entry


@pytest.mark.parametrize(
    ("source", "title", "expected"),
    [
        ("bmc-public-health", "Correction: Walking groups and mood", "correction"),
        ("bmc-public-health", "Correction to: Walking groups and mood", "correction"),
        ("lancet", "Department of Error", "correction"),
        ("nejm", "Correction of severe hyponatraemia", "study"),
        ("jama", "Notice of Retraction: walking groups and mood", "retraction"),
        ("lancet", "Retraction—Walking groups and mood", "retraction"),
        ("nejm", "Retractions in surgery", "study"),
        ("lancet", "Removal notice to “Walking groups: a randomised trial” [J. Health 3 (2026) 1]", "retraction"),
        ("bmj-open", "Walking groups and mood: a cohort study – CORRIGENDUM", "correction"),
        ("lancet", "Editorial Notice of Concern: walking groups and mood", "correction"),
        ("bmj-open", "Retracted tympanic membranes in children", "study"),
        ("bmj-open", "Retraction of public health papers: a bibliometric study", "study"),
        ("bmj-open", "Erratum rates in journals", "study"),
        ("nhs-statistics", "Correction: cancer waiting times, October 2026", "correction"),
        ("medrxiv", "Vaccine uptake in a cohort study", "preprint"),
        ("bmj-open", "Effect of walking groups: study protocol for a randomised controlled trial", "protocol"),
        ("bmj-open", "Exploring access: a qualitative study", "study"),
        ("bmj-open", "Virtual wards: a systematic review and meta-analysis", "review"),
        ("bmc-health-services-research", "Hospital at home: a scoping review", "review"),
        ("bmc-health-services-research", "A service evaluation of virtual wards", "evaluation"),
        ("bmj", "Editorial: what waiting costs", "news"),
        ("lancet", "Baseline imbalance in a trial – Authors' reply", "news"),
        ("lancet", "Baseline imbalance in a trial – Author's reply", "news"),
        ("bmj", "Asthma: summary of updated NICE guidance", "guidance"),
        ("dhsc", "Consultation on the NHS constitution", "consultation"),
        ("dhsc", "Low and no alcohol drinks: call for evidence", "consultation"),
        ("dhsc", "Calorie labelling: government response", "policy"),
        ("dhsc", "Tobacco and Vapes Bill: impact assessment", "policy"),
        ("dhsc", "Adult social care discharge funding: grant conditions", "funding"),
        ("dhsc", "Neighbourhood health services: guidance", "guidance"),
        ("dhsc", "Family hubs: evaluation report", "evaluation"),
        ("nhs-england-govuk", "Online consultation tools: a guide", "guidance"),
        ("nhs-england", "Community pharmacy: case studies", "example"),
        ("ukhsa", "Quarterly vaccination coverage statistics", "data"),
        ("ukhsa", "Influenza: the green book, chapter 19", "guidance"),
        ("ukhsa", "Heat and health: a rapid evidence review", "review"),
        ("ons-releases", "Alcohol-specific deaths in the UK", "data"),
        ("ons-upcoming", "Suicides in England and Wales statistics", "event"),
        ("nao", "Progress with urgent care", "audit"),
        ("coroners-pfd", "A name: prevention of future deaths report", "audit"),
        ("commons-library", "Tobacco and vapes: progress of the bill", "briefing"),
        ("legislation", "The Food Regulations 2026", "legislation"),
        ("mhra-alerts", "Class 2 medicines recall: tablets", "safety alert"),
        ("digital-health-news", "Trust goes live with new record", "news"),
        ("digital-health-news", "Webinar: records and neighbourhoods", "event"),
        ("dhsc", "Drug treatment funding: guidance for councils", "funding"),
        ("ukhsa", "Vaccine uptake in the general population: guideline", "guidance"),
        ("ukhsa", "Surveillance of infections after surgery: quality standard", "guidance"),
        ("ukhsa", "Epidemiology of measles: guidance for health protection teams", "guidance"),
        ("ukhsa", "Vaccine uptake in older people: monthly report", "data"),
        ("dhsc", "Neighbourhood health plan for Greater Manchester: consultation", "consultation"),
        ("dhsc", "Neighbourhood health plan – consultation", "consultation"),
        ("dhsc", "Neighbourhood health plan: consultation response", "policy"),
        ("dhsc", "Longer GP consultation: plan for practices", "policy"),
        ("dhsc", "Stockport joint strategic needs assessment", "data"),
        ("dhsc", "Health needs assessment: a practical guide", "guidance"),
        ("ukhsa", "Vaping in England: evidence update", "review"),
        ("ukhsa", "Hepatitis C elimination: progress report", "policy"),
        ("jama", "Errors in Abstract, Results, and Table", "correction"),
        ("jama", "Error in the Author Affiliations", "correction"),
        ("jama", "Errors in medication administration on wards", "study"),
        ("jama", "School smartphone bans—Reply", "news"),
        ("health-affairs", "Hospital rate caps: The Authors Reply", "news"),
        ("lancet-public-health", "Welcome to this month’s issue", "news"),
        ("jama", "Mastheads", "news"),
        ("bmj-open", "Walking in towns: a review", "review"),
        ("bmj-open", "Living with pain: a qualitative evidence synthesis", "review"),
        ("ukhsa", "Confirmed cases of mpox clade Ib in England", "data"),
        ("ukhsa", "Heat mortality monitoring report: 2026", "data"),
        ("ukhsa", "Research and evaluation strategy", "policy"),
        ("nhs-england", "NHS staff survey 2026 results", "data"),
        ("nhs-england", "National learning report", "audit"),
    ],
)
def test_a_title_gets_its_type(catalogue: Catalogue, source: str, title: str, expected: str) -> None:
    decision = evidence_type(Entry(key="1", title=title), catalogue.sources[source], catalogue.type_rules)
    assert (decision.type, decision.rule) == (expected, decision.rule)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://www.gov.uk/government/statistics/alcohol-profile", "data"),
        ("https://www.gov.uk/government/consultations/vapes", "consultation"),
        ("https://www.gov.uk/government/news/minister-opens-centre", "news"),
        ("https://www.gov.uk/government/publications/plan", "policy"),
        ("https://www.legislation.gov.uk/uksi/2026/1/made", "legislation"),
        ("https://www.medrxiv.org/content/10.1101/2026.11.01.26312345v1", "preprint"),
    ],
)
def test_an_address_gives_a_type(catalogue: Catalogue, link: str, expected: str) -> None:
    entry = Entry(key="1", title="A plain title", link=link)
    assert evidence_type(entry, catalogue.sources["dhsc"], catalogue.type_rules).type == expected


@pytest.mark.parametrize(
    ("source", "summary", "expected"),
    [
        ("dhsc", "Have your say on where clinics should open.", "consultation"),
        ("dhsc", "We’re seeking views on the price of low-strength drinks.", "consultation"),
        ("dhsc", "This call for evidence closes at noon.", "consultation"),
        ("dhsc", "What people told us in the call for evidence on vapes.", "policy"),
        ("dhsc", "Practices should let patients have their say.", "policy"),
        ("lancet", "Have your say: readers on walking groups.", "study"),
    ],
)
def test_a_summary_that_asks_the_reader_makes_a_consultation(
    catalogue: Catalogue, source: str, summary: str, expected: str
) -> None:
    entry = Entry(key="1", title="A plain title", summary=summary)
    assert evidence_type(entry, catalogue.sources[source], catalogue.type_rules).type == expected


@pytest.mark.parametrize(
    ("title", "summary", "design"),
    [
        ("Oral drops after birth: a randomized phase 3 trial", "", "randomised trial"),
        ("Group sessions compared with usual care: a non-randomised study", "", "non-randomised comparison"),
        ("Birth weight and later height: the Anytown birth cohort", "", "cohort or case-control study"),
        ("Vaping at school: a repeated cross-sectional analysis", "", "cross-sectional study"),
        ("A language index: a mixed-methods analysis", "", "mixed methods study"),
        ("A new vaccine: a phase 1 trial", "", "clinical trial"),
        ("Swelling after a sting: case report", "", "case report"),
        (
            "Accuracy of a strip",
            "We assessed it. This cohort study followed 900 people.",
            "cohort or case-control study",
        ),
        ("Menu labels", "Importance: Labels. In this randomized clinical trial, labels worked.", "randomised trial"),
        ("Menu labels", "Patients were randomly assigned to labels.", "randomised trial"),
        ("Private clinics", "A difference in cost. This cross-sectional study used claims.", "cross-sectional study"),
        ("Views of carers", "We held semi-structured interviews with 20 carers.", "qualitative study"),
        ("Menu labels", "Earlier cohort studies and randomised trials disagreed.", ""),
        ("Menu labels", "We call for a cohort study.", ""),
    ],
)
def test_a_study_has_the_design_that_its_title_or_abstract_states(
    catalogue: Catalogue, title: str, summary: str, design: str
) -> None:
    decision = evidence_type(
        Entry(key="1", title=title, summary=summary), catalogue.sources["jama"], catalogue.type_rules
    )
    assert (decision.type, decision.design) == ("study", design)


@pytest.mark.parametrize(
    ("summary", "type_"),
    [
        ("Objective: To see. This systematic review and meta-analysis found 12 trials.", "review"),
        ("This scoping review maps what is known.", "review"),
        ("Following an earlier systematic review, we asked 900 people.", "study"),
    ],
)
def test_an_abstract_that_calls_itself_a_review_is_one(catalogue: Catalogue, summary: str, type_: str) -> None:
    entry = Entry(key="1", title="Late outcomes in children", summary=summary)
    assert evidence_type(entry, catalogue.sources["jama"], catalogue.type_rules).type == type_


def test_publication_types_count_before_words(catalogue: Catalogue) -> None:
    entry = Entry(key="1", title="Statistics on walking", publication_types=("Journal Article", "Meta-Analysis"))
    decision = evidence_type(entry, catalogue.sources["lancet"], catalogue.type_rules)
    assert (decision.type, decision.design) == ("review", "systematic review")


def test_every_rule_has_a_name_of_its_own(catalogue: Catalogue) -> None:
    names = [rule.id for rule in catalogue.type_rules]
    assert len(names) == len(set(names))


def test_every_type_that_a_source_can_have_goes_under_a_heading_or_is_off_on_purpose(catalogue: Catalogue) -> None:
    off = {"news", "event", "safety alert", "preprint", "protocol", "correction", "retraction", "consultation"}
    for name, sections in catalogue.section_presets.items():
        taken = {each for section in sections for each in section.types}
        for source in catalogue.sources.values():
            assert source.evidence_type in taken | off, (name, source.id)


@pytest.mark.parametrize(
    ("publication_type", "expected"),
    [
        ("Review Article", "review"),
        ("Systematic Review", "review"),
        ("Commentary", "news"),
        ("Book Review", "news"),
        ("Letter to the Editor", "news"),
        ("Study Protocol", "protocol"),
        ("Published Erratum", "correction"),
        ("Retraction of Publication", "retraction"),
        ("Retracted Publication", "retraction"),
        ("Research Letter", "study"),
        ("Original Article", "study"),
    ],
)
def test_what_the_publisher_calls_an_item_gives_its_type(
    catalogue: Catalogue, publication_type: str, expected: str
) -> None:
    entry = Entry(key="1", title="A plain title", publication_types=(publication_type,))
    assert evidence_type(entry, catalogue.sources["bmj-open"], catalogue.type_rules).type == expected
