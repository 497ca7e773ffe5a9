"""A small configuration that is right in every part, for tests to make wrong in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from alerts.config import Loaded, load_catalogue

FILES = {
    "service.yaml": "name: Anytown alerts\ncontact: Anytown Library <library@example.nhs.uk>\n",
    "teams/public-health.yaml": (
        "title: Public health\nlibrary: Anytown Library\nowner: Robin Sample <robin@example.nhs.uk>\n"
    ),
    "sources/national.yaml": (
        "defaults: {publisher: GOV.UK, type: policy, place: England, tags: [government]}\n"
        "sources:\n"
        "  - id: dhsc\n"
        "    title: Department of Health and Social Care\n"
        "    address: https://www.gov.uk/dhsc.atom\n"
        "    tags: [policy]\n"
        "  - id: bmj\n"
        "    title: BMJ\n"
        "    address: https://www.bmj.com/feed.xml\n"
        "    type: study\n"
        "    every: 6 hours\n"
        "    rhythm: 2 days\n"
    ),
    "blocks/uk-filter.yaml": "search: |\n  1. (uk or england).ti,ab.\nmet_by: {source_place: [England]}\n",
    "profiles/tobacco.yaml": (
        "title: Tobacco\n"
        "team: public-health\n"
        "sources: {tags: [policy], ids: [bmj]}\n"
        "search: |\n"
        "  1. (smok* or vap*).ti,ab.\n"
        "  2. (rat or rats).ti.\n"
        "  3. 1 not 2\n"
        "examples:\n"
        "  must_match:\n"
        "    - title: Adult smoking habits\n"
        "  must_not_match:\n"
        "    - title: Nicotine vaping in rats\n"
    ),
    "bulletins/weekly.yaml": (
        "title: Weekly update\n"
        "team: public-health\n"
        "profiles: [tobacco]\n"
        "sections: standard\n"
        'schedule: {every: week, on: Tuesday, at: "07:30"}\n'
        "places: [England]\n"
    ),
    "types.yaml": (
        "labels: {audit: audit or inspection}\n"
        "rules:\n"
        "  - {id: review-title, type: review, title_any: [systematic review]}\n"
        "sections:\n"
        "  standard:\n"
        "    - {title: Guidance, types: [guidance]}\n"
        "    - {title: Local, lens: local}\n"
    ),
    "places.yaml": "as_of: 2026-11-01\nplaces:\n  - {name: England, kind: nation, also: [English]}\n",
    "spelling.yaml": "groups:\n  - [tumour*, tumor*]\n",
    "calendar.yaml": "no_send:\n  - {day: 2026-12-24, reason: Christmas Eve}\n",
}


@dataclass(frozen=True, slots=True)
class Folder:
    """A configuration folder in the making."""

    path: Path

    def write(self, files: Mapping[str, str | bytes | None]) -> Folder:
        """Write files by their path; None takes one away."""
        for name, text in files.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                target.unlink()
            else:
                target.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self

    def edit(self, name: str, old: str, new: str) -> Folder:
        """Replace a part of a file that must be there."""
        text = (self.path / name).read_text(encoding="utf-8")
        assert old in text
        return self.write({name: text.replace(old, new, 1)})

    def load(self, people: Path | None = None, last_good: Mapping[str, str] | None = None) -> Loaded:
        """Load the folder."""
        return load_catalogue(self.path, people, last_good=last_good)

    def said(self, last_good: Mapping[str, str] | None = None) -> list[str]:
        """Load the folder and return the findings above notes as `file:line:column code` and the sentence."""
        loaded = self.load(last_good=last_good)
        root = f"{self.path}/"
        return [
            f"{problem.file.removeprefix(root)}:{problem.line}:{problem.column} {problem.code} {problem.message}"
            for problem in loaded.problems
            if problem.severity != "note"
        ]
