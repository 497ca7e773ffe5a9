"""MeSH subheadings (qualifiers): Ovid's two-letter codes and their names.

Source: NLM, MeSH qualifiers with abbreviations, those that were removed since included; Ovid, Embase subheadings.
"""

from __future__ import annotations

_MESH = """
aa analogs & derivatives|ab abnormalities|ad administration & dosage|ae adverse effects|ag agonists
ah anatomy & histology|ai antagonists & inhibitors|an analysis|bi biosynthesis|bl blood|bs blood supply
cf cerebrospinal fluid|ch chemistry|ci chemically induced|cl classification|cn congenital|co complications
cs chemical synthesis|ct contraindications|cy cytology|de drug effects|df deficiency|dg diagnostic imaging
dh diet therapy|di diagnosis|dt drug therapy|ec economics|ed education|eh ethnology|em embryology|en enzymology
ep epidemiology|es ethics|et etiology|gd growth & development|ge genetics|hi history|im immunology|in injuries
ip isolation & purification|ir innervation|is instrumentation|lj legislation & jurisprudence|ma manpower
me metabolism|mi microbiology|mo mortality|mt methods|nu nursing|og organization & administration|pa pathology
pc prevention & control|pd pharmacology|ph physiology|pk pharmacokinetics|po poisoning|pp physiopathology
ps parasitology|px psychology|py pathogenicity|ra radiography|re radiation effects|rh rehabilitation
ri radionuclide imaging|rt radiotherapy|sc secondary|sd supply & distribution|se secretion
sn statistics & numerical data|st standards|su surgery|td trends|th therapy|tm transmission|to toxicity
tr transplantation|tu therapeutic use|ul ultrastructure|ur urine|us ultrasonography|ut utilization|ve veterinary
vi virology
"""
_EMBASE = """
bd buccal drug administration|cb drug combination|cm drug comparison|cr drug concentration
dd drug development|dm disease management|do drug dose|dr drug resistance|dv drug development|ia intraarterial
ih inhalational drug administration|it drug interaction|iv intravenous drug administration
na intranasal drug administration|pe pharmacoeconomics|pr pharmaceutics|si side effect
sm special situation for pharmacovigilance|tl intrathecal drug administration|tp topical drug administration
ve veterinary|va vaginal drug administration
"""

NAMES: dict[str, str] = {
    entry[:2]: entry[3:] for table in (_EMBASE, _MESH) for row in table.strip().splitlines() for entry in row.split("|")
}
"""Code to name. Where MeSH and Embase use one code for two things, the name is MeSH's."""

CODES = frozenset(NAMES)
"""The two-letter codes that may follow a heading's slash."""


def code_of(name: str) -> str:
    """Return the code of the subheading `name` (`prevention and control` counts as `prevention & control`), or
    nothing.
    """
    wanted = " ".join(name.casefold().replace(" and ", " & ").split())
    return next((code for code, known in NAMES.items() if known == wanted or code == wanted), "")
