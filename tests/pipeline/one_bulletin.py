"""A library with one bulletin, for tests of what happens to it over time."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.config import load_settings
from alerts.pipeline.adopt import adopt
from alerts.pipeline.publish import publish
from alerts.pipeline.restored import note
from alerts.pipeline.service import Service, read_catalogue
from alerts.store import Store, issues

LONDON = ZoneInfo("Europe/London")
TUESDAYS = "{every: week, on: Tuesday, at: '07:30'}"


def local(text: str) -> datetime:
    """Return a moment in London as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


class Library:
    """A library with one bulletin that always goes out, a clock that can be set, and any number of processes."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.config, self.data = store, folder / "config", folder / "data"
        self.now = local("2026-11-20T09:00")
        for name in ("sources", "profiles", "bulletins", "teams"):
            (self.config / name).mkdir(parents=True)
        self.data.mkdir()
        self.people("reader@example.nhs.uk,,ph,person\n")
        self.write("service.yaml", "name: Library\n")
        self.write(
            "teams/ph.yaml",
            "title: Public health\nlibrary: Library\nowner: Pat <pat@example.nhs.uk>\nsender: library@example.nhs.uk\n",
        )
        self.write("teams/nobody.yaml", (self.config / "teams" / "ph.yaml").read_text())
        self.write(
            "sources/all.yaml", "sources:\n  - {id: a, title: A, type: news, address: 'https://a.example.org/f'}\n"
        )
        self.write("profiles/p.yaml", "title: Smoking\nteam: ph\nsearch: smoking.ti.\n")
        self.service = self.process()

    def write(self, path: str, text: str) -> None:
        (self.config / path).write_text(text, encoding="utf-8")

    def people(self, rows: str) -> None:
        (self.data / "people.csv").write_text("address,name,teams,kind\n" + rows, encoding="utf-8")

    def schedule(self, text: str, *, id: str = "weekly", more: str = "") -> None:
        """Edit the bulletin's schedule, which every process takes into force at once."""
        for old in (self.config / "bulletins").iterdir():
            old.unlink()
        self.write(
            f"bulletins/{id}.yaml",
            "title: Weekly\nteam: ph\nteams: [ph]\nprofiles: [p]\nwhen_empty: notice\n"
            f"sections:\n  - {{title: News, types: [news]}}\nschedule: {text}\n{more}",
        )
        self.service.reload()
        assert not self.service.loaded.errors, self.service.loaded.problems
        adopt(self.service)

    def process(self, env: Mapping[str, str] | None = None, *, ahead: timedelta = timedelta(0)) -> Service:
        """Return another process over the same rows, with a clock and settings of its own."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ALERTS_")}
        own = {"ALERTS_CONFIG_DIR": str(self.config), "ALERTS_DATA_DIR": str(self.data)}
        own["ALERTS_CORRECTIONS_ADDRESS"] = "none"
        named = {f"ALERTS_{name}": value for name, value in (env or {}).items()}
        set_up = load_settings({**kept, **own, **named}).settings
        return Service(set_up, lambda: self.now + ahead, self.store, read_catalogue(set_up, self.store))

    def tick(self, at: str = "", service: Service | None = None) -> list[str]:
        """Look at what is due; return the keys of the periods that were settled by it, a late issue's marked."""
        if at:
            self.now = local(at)
        before = set(self.rows())
        for report in publish(service or self.service):
            assert report.outcome in {"published", "not due", "no reader"}, report
        note(self.service)  # as sending does: the issues were not restored from a copy
        return sorted(set(self.rows()) - before)

    def rows(self) -> list[str]:
        with self.store.read() as conn:
            return [f"{each.key} {each.outcome}" for each in issues.periods(conn, "weekly")]

    def told(self) -> list[tuple[str, str]]:
        """Return the period and the line about lateness of every issue, first to last."""
        with self.store.read() as conn:
            lines = reversed(issues.listing(conn))
            found = [issues.by_id(conn, each.id) for each in lines]
        return [(each.period_key or "", each.content.late_line) for each in found if each is not None]
