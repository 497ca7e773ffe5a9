"""Headings that MeSH has renamed and no longer lists as entry terms, as older strategies still have them.

NLM's own files say what a heading is called, seldom what it was called: this short list, kept by hand, holds what
published strategies use. A table of changes loaded beside the vocabulary goes before it.
"""

from __future__ import annotations

from alerts.search.tokens import words

_RENAMED = """
african americans: Black or African American
african continental ancestry group: Black People
asian continental ancestry group: Asian People
byelarus: Republic of Belarus
clinical trials: Clinical Trials as Topic
continental population groups: Racial Groups
controlled clinical trials: Controlled Clinical Trials as Topic
eating disorders: Feeding and Eating Disorders
electronic cigarettes: Electronic Nicotine Delivery Systems
ethnic groups: Ethnicity
european continental ancestry group: White People
great britain: United Kingdom
guidelines: Guidelines as Topic
heart failure, congestive: Heart Failure
hispanic americans: Hispanic or Latino
interviews: Interviews as Topic
kidney failure: Renal Insufficiency
kidney failure, acute: Acute Kidney Injury
nurses' aides: Nursing Assistants
oceanic ancestry group: Native Hawaiian or Other Pacific Islander
practice guidelines: Practice Guidelines as Topic
questionnaires: Surveys and Questionnaires
randomized controlled trials: Randomized Controlled Trials as Topic
respiratory distress syndrome, adult: Respiratory Distress Syndrome
review literature: Review Literature as Topic
street drugs: Illicit Drugs
substance abuse: Substance-Related Disorders
tobacco use cessation products: Tobacco Use Cessation Devices
"""

RENAMED = {
    tuple(words(old)): new.strip() for old, new in (line.split(":", 1) for line in _RENAMED.strip().splitlines())
}
"""Old names, as words, and the headings that took their place."""
