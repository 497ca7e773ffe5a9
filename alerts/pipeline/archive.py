"""The archive as static HTML: every issue's page and an index, for those who have no web address or want a copy."""

from __future__ import annotations

from pathlib import Path

from alerts.pipeline.service import Service
from alerts.render import ArchiveLine
from alerts.store import issues


def write_archive(service: Service, folder: Path) -> tuple[Path, ...]:
    """Write the pages of all issues into `folder`, and an index; return the paths, the index last."""
    folder.mkdir(parents=True, exist_ok=True)
    with service.store.read() as conn:
        lines = issues.listing(conn)
        stored = [issues.get(conn, each.bulletin_id, each.number) for each in lines]
    written: list[Path] = []
    entries: list[ArchiveLine] = []
    for issue in stored:
        if issue is None:
            continue
        name = f"{issue.bulletin_id}-{issue.number}.html"
        (folder / name).write_text(issue.page_html, encoding="utf-8")
        written.append(folder / name)
        content = issue.content
        entries.append(ArchiveLine(f"{content.bulletin_title}: {issue.subject}", name, content.date_line))
    index = folder / "index.html"
    index.write_text(service.renderer.archive(service.catalogue.service.name, entries), encoding="utf-8")
    return (*written, index)
