"""MeSH subheadings (qualifiers): Ovid's two-letter codes and their names. Source: NLM, MeSH qualifiers with
abbreviations.
"""

from __future__ import annotations

_TABLE = """
ab abnormalities|ad administration & dosage|ae adverse effects|ag agonists|aa analogs & derivatives|an analysis ah
anatomy & histology|ai antagonists & inhibitors|bi biosynthesis|bs blood supply|bl blood|cf cerebrospinal fluid ch
chemistry|ci chemically induced|cl classification|co complications|cn congenital|cs chemical synthesis|cy cytology ct
contraindications|df deficiency|di diagnosis|dg diagnostic imaging|dh diet therapy|de drug effects|dt drug therapy ec
economics|ed education|es ethics|eh ethnology|et etiology|em embryology|en enzymology|ep epidemiology ge genetics|gd
growth & development|hi history|im immunology|in injuries|ir innervation|is instrumentation ip isolation &
purification|lj legislation & jurisprudence|me metabolism|mt methods|mi microbiology|mo mortality nu nursing|og
organization & administration|ps parasitology|py pathogenicity|pa pathology|pk pharmacokinetics pd pharmacology|ph
physiology|pp physiopathology|po poisoning|pc prevention & control|px psychology|ra radiography ri radionuclide
imaging|rt radiotherapy|rh rehabilitation|re radiation effects|se secretion|st standards sn statistics & numerical
data|sd supply & distribution|su surgery|sc secondary|tu therapeutic use|th therapy|to toxicity td trends|tm
transmission|tr transplantation|ul ultrastructure|us ultrasonography|ut utilization|ur urine|ve veterinary vi
virology|ma manufacturers|ec economics|al analysis|cr chemical residue|cm comparative study|dm disease management dr
drug resistance|si side effect|sm special situation for pharmacovigilance|va drug administration|do drug dose dd drug
development|it drug interaction|cb drug combination|pr pharmaceutics|pe pharmacoeconomics|cd drug concentration
"""

NAMES: dict[str, str] = {
    row.strip()[:2]: row.strip()[3:] for line in _TABLE.strip().splitlines() for row in line.split("|")
}
"""Code to name; Embase's own codes are among them."""

CODES = frozenset(NAMES)
"""Every two-letter code that may follow a heading's slash."""


def code_of(name: str) -> str:
    """Return the code of the subheading `name` (`prevention and control` counts as `prevention & control`), or
    nothing.
    """
    wanted = " ".join(name.casefold().replace(" and ", " & ").split())
    return next((code for code, known in NAMES.items() if known == wanted or code == wanted), "")
