"""A library with one bulletin that is reviewed, on either database, with a clock that a test sets."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from sqlalchemy import select

from alerts.config import load_catalogue, load_settings
from alerts.model.bulletins import Bulletin
from alerts.model.decisions import Decision
from alerts.model.records import Entry
from alerts.pipeline.adopt import adopt
from alerts.pipeline.publish import BulletinReport, publish
from alerts.pipeline.restored import note
from alerts.pipeline.reviewing import review
from alerts.pipeline.reviewing.view import View
from alerts.pipeline.service import Service
from alerts.store import Store, deliveries, issues
from alerts.store.schema import deliveries as rows
from tests.store import making as make

MONDAY = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 17, 7, 30, tzinfo=UTC)
"""When the bulletin is due, every week."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)

SECTIONS = "  - {title: Guidance, types: [guidance]}\n  - {title: Studies, types: [study]}\n"


class At:
    """A clock that a test sets."""

    now = MONDAY

    def __call__(self) -> datetime:
        return self.now


class House:
    """The library: its service, its clock, and what a librarian and a reader would see of it."""

    def __init__(self, store: Store, folder: Path, review_rule: str) -> None:
        self.folder = folder
        self.clock = At()
        self.config = folder / "config"
        for name in ("sources", "profiles", "teams", "bulletins"):
            (self.config / name).mkdir(parents=True)
        self.write("service.yaml", "name: Library\ncontact: Pat <pat@example.nhs.uk>\n")
        self.write(
            "sources/all.yaml",
            "sources:\n  - {id: dhsc, title: DHSC, publisher: DHSC, type: guidance, address: 'https://d.example.org/f'}\n",
        )
        self.write("profiles/tobacco.yaml", "title: Tobacco\nteam: ph\nsearch: tobacco.ti.\n")
        self.write(
            "teams/ph.yaml",
            "title: Public health\nlibrary: Library\nowner: Pat <pat@example.nhs.uk>\n"
            "sender: Library <alerts@example.nhs.uk>\n",
        )
        self.bulletin(review_rule)
        self.people("ann@example.nhs.uk", "bob@example.nhs.uk")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ALERTS_")}
        own = {
            "ALERTS_CONFIG_DIR": str(self.config),
            "ALERTS_DATA_DIR": str(folder),
            "ALERTS_PUBLIC_ADDRESS": "https://alerts.example.nhs.uk",
        }
        settings = load_settings({**kept, **own}).settings
        loaded = load_catalogue(self.config, settings.people_file)
        assert not [each for each in loaded.problems if each.severity == "error"], loaded.problems
        self.service = Service(settings, self.clock, store, loaded)
        adopt(self.service)

    def write(self, path: str, text: str) -> None:
        (self.config / path).write_text(text, encoding="utf-8")

    def bulletin(self, review_rule: str, *, budget: int = 10) -> None:
        """Write the bulletin's file."""
        self.write(
            "bulletins/update.yaml",
            "title: Tobacco update\nteam: ph\nprofiles: [tobacco]\n"
            f"sections:\n{SECTIONS}budget: {{items: {budget}}}\n"
            "schedule: {every: week, on: Tuesday, at: '07:30'}\n"
            f"{f'review: {review_rule}' if review_rule else ''}\n",
        )

    def people(self, *addresses: str) -> None:
        """Write the list of readers."""
        lines = [f"{each},,ph,person" for each in addresses]
        (self.folder / "people.csv").write_text("\n".join(["address,name,teams,kind", *lines, ""]), encoding="utf-8")

    def reload(self) -> None:
        """Take the files as they are now into force."""
        self.service.reload()
        adopt(self.service)

    def another(self) -> Service:
        """Return another process of the same library."""
        return Service(self.service.settings, self.clock, self.service.store, self.service.loaded)

    def found(self, *titles: str, kind: str = "guidance") -> list[int]:
        """Store new records that the bulletin's profile matches; return their ids."""
        ids = []
        with self.service.store.write() as conn:
            for title in titles:
                entry = Entry(
                    key=title, title=title, link=f"https://d.example.org/{len(title)}-{title[:1]}",
                    summary=f"What “{title}” says.", published=self.clock.now, fingerprint=title,
                )  # fmt: skip
                decision = Decision(entry, "new", -1, "nothing like it", entry, kind, "rule", "new")
                written = make.write_poll(conn, decision, matches=[make.match(-1)], at=self.clock.now)
                ids.append(written.records[-1])
        return ids

    def happened(self, record_id: int, title: str, event: str, *, summary: str = "Changed.") -> None:
        """Let a record be corrected, retracted, withdrawn or updated."""
        entry = Entry(
            key=title, title=title, link="https://d.example.org/x", summary=summary, published=self.clock.now,
            fingerprint=f"{title} {event}",
        )  # fmt: skip
        with self.service.store.write() as conn:
            make.write_poll(conn, make.changed(record_id, entry, event), at=self.clock.now)  # type: ignore[arg-type]

    def publish(self, *, extra: bool = False) -> BulletinReport:
        """Run publish, as a tick does, after mail was sent as far as it goes."""
        note(self.service)
        (report,) = publish(self.service, extra=extra)
        return report

    def held(self, *titles: str, kind: str = "guidance") -> View:
        """Let the period come with these items, and be held."""
        self.found(*titles, kind=kind)
        self.clock.now = max(self.clock.now, TUESDAY)
        report = self.publish()
        assert report.outcome == "held", report
        return self.look()

    @property
    def chosen(self) -> Bulletin:
        return self.service.bulletin("update")

    def look(self) -> View:
        return review.look(self.service, self.chosen)

    def shown(self) -> list[str]:
        """Return the titles that readers would see, in their order."""
        content = self.look().content
        return [each.title for section in content.sections for each in section.items] if content else []

    def numbers(self) -> dict[str, int]:
        return {each.title: each.number for each in self.look().items}

    @property
    def file(self) -> Path:
        return self.config / "review" / "update.yaml"

    def save(self, *changes: tuple[str, str], text: str | bytes | None = None) -> None:
        """Save the review file as an editor does, with these replacements, and let it come to rest."""
        if text is None:
            text = self.file.read_text(encoding="utf-8")
            for before, after in changes:
                assert before in text, f"{before!r} is not in\n{text}"
                text = text.replace(before, after, 1)
        self.file.write_bytes(text.encode() if isinstance(text, str) else text)
        self.rest()

    def rest(self) -> None:
        old = time.time() - 5
        os.utime(self.file, (old, old))

    def block(self, title: str) -> str:
        """Return the block of an item as it stands in the file."""
        text = self.file.read_text(encoding="utf-8")
        start = text.rindex("  - id:", 0, text.index(f'title: "{title}"'))
        lines = text[start:].split("\n")
        end = next(at for at, line in enumerate(lines) if at and not line.startswith("    "))
        return "\n".join(lines[:end]) + "\n"

    def change(self, title: str, before: str, after: str) -> None:
        """Save the file with a change in one block."""
        old = self.block(title)
        assert before in old
        self.save((old, old.replace(before, after, 1)))

    def staff(self) -> list[EmailMessage]:
        """Return what was written to the owner, the oldest first."""
        with self.service.store.read() as conn:
            found = conn.scalars(select(rows.c.body).where(rows.c.kind == "staff").order_by(rows.c.id)).all()
        return [BytesParser(policy=policy.default).parsebytes(bytes(each)) for each in found if each]

    def subjects(self) -> list[str]:
        return [str(each["Subject"]) for each in self.staff()]

    def said(self) -> str:
        """Return the text of the last message to the owner."""
        part = self.staff()[-1].get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    def queued(self) -> list[str]:
        """Return the addresses that an issue is queued for."""
        with self.service.store.read() as conn:
            return sorted(each.address for each in deliveries.listing(conn) if each.kind == "delivery")

    def issues(self) -> Sequence[issues.StoredIssue]:
        """Return the issues there are, the oldest first."""
        with self.service.store.read() as conn:
            lines = issues.listing(conn, "update")
            return [found for each in reversed(lines) if (found := issues.get(conn, "update", each.number))]

    def titles(self, number: int = -1) -> list[str]:
        """Return the titles under the headings of an issue."""
        content = self.issues()[number].content
        return [each.title for section in content.sections for each in section.items]
