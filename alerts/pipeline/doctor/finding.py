"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from alerts.errors import AlertsError, Problem

Status = Literal["ok", "warning", "failure", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, or (`unknown`) could not be: what is found, and what to do about it."""

    about: str
    status: Status
    sentence: str
    remedy: str = ""


def failure(about: str, error: AlertsError) -> Finding:
    """Return an error as a finding."""
    return Finding(about, "failure", f"{error.code} {error.sentence}", error.remedy)


def of_problem(about: str, problem: Problem) -> Finding:
    """Return what was found in somebody's text or settings as a finding."""
    status: Status = "failure" if problem.severity == "error" else "warning"
    return Finding(about, status, f"{problem.code} {problem.message}", problem.remedy)
