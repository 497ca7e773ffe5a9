"""A strategy's revision is the same in every process, or each start would match every profile again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
from alerts.model.profiles import Block
from alerts.search import compile_text
uk = Block("uk", "(england or wales).ti,ab.", met_by_places=frozenset({"England", "Wales", "UK", "Scotland"}))
text = "1. exp Smoking/ or (smok* adj3 (quit* or cessation)).ti,ab,kf.\\n2. limit 1 to english language\\n3. 2 and #uk"
compiled = compile_text(text, blocks={"uk": uk}, spelling=(("tumour*", "tumor*"),))
print(compiled.strategy.revision)
"""


def test_a_strategy_has_the_same_revision_in_every_process() -> None:
    revisions = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={"PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in (1, 2, 3)
    }
    assert len(revisions) == 1
