"""The answer on two entries, with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Answer = Literal["same", "linked", "apart", "unsure"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, its plain reason, and for two versions how the first stands to the second.

    `strength` orders what is the same: 3 by an identifier, 2 by the place, 1 by title and witness, less where a slip in
    volume or pages must be forgiven (of three such places none is a slip). `is_firm`: this "apart" forbids that others
    bring the two together.
    """

    answer: Answer
    reason: str
    relation: str = ""
    strength: float = 0
    is_firm: bool = False
