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
