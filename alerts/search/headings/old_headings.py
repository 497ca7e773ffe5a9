"""Headings that MeSH has renamed or replaced and that older strategies still name: a short reviewed list.

NLM's yearly tables of changes can be loaded beside the descriptors (`docs/vocabulary.md`); this list stands in for
those of many years ago, and only where the vocabulary has the new name. Source: NLM, MeSH history notes and previous
indexing.
"""

from __future__ import annotations

from alerts.search.tokens import words

_LIST = """
African Americans > Black or African American
African Continental Ancestry Group > Black People
Antibiotics > Anti-Bacterial Agents
Asian Continental Ancestry Group > Asian People
Byelarus > Republic of Belarus
Clinical Trials > Clinical Trials as Topic
Consensus Development Conferences > Consensus Development Conferences as Topic
Consumer Participation > Community Participation
Continental Population Groups > Racial Groups
Controlled Clinical Trials > Controlled Clinical Trials as Topic
Delirium, Dementia, Amnestic, Cognitive Disorders > Neurocognitive Disorders
Eating Disorders > Feeding and Eating Disorders
Electronic Cigarettes > Electronic Nicotine Delivery Systems
Ethnic Groups > Ethnicity
European Continental Ancestry Group > White People
Exertion > Physical Exertion
Food Habits > Feeding Behavior
Great Britain > United Kingdom
Guidelines > Guidelines as Topic
Handwashing > Hand Disinfection
Heart Failure, Congestive > Heart Failure
Hispanic Americans > Hispanic or Latino
Interviews > Interviews as Topic
Kidney Failure > Renal Insufficiency
Kidney Failure, Acute > Acute Kidney Injury
Mental Retardation > Intellectual Disability
Nurses' Aides > Nursing Assistants
Oceanic Ancestry Group > Native Hawaiian or Other Pacific Islander
Practice Guidelines > Practice Guidelines as Topic
Questionnaires > Surveys and Questionnaires
Randomized Controlled Trials > Randomized Controlled Trials as Topic
Respiratory Distress Syndrome, Acute > Respiratory Distress Syndrome
Respiratory Distress Syndrome, Adult > Respiratory Distress Syndrome
Review Literature > Review Literature as Topic
Serodiagnosis > Serologic Tests
Serotonin Uptake Inhibitors > Selective Serotonin Reuptake Inhibitors
Street Drugs > Illicit Drugs
Substance Abuse > Substance-Related Disorders
Tobacco Use Cessation Products > Tobacco Use Cessation Devices
World Health > Global Health
"""

OLD_HEADINGS: dict[tuple[str, ...], str] = {
    tuple(words(old)): new for old, _, new in (line.partition(" > ") for line in _LIST.strip().splitlines())
}
"""The words of each old name, with the new name."""
