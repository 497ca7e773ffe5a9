"""`alerts preview`: what a profile finds in the stored records, with reasons, mailing nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from alerts.cli.opening import service
from alerts.cli.output import as_json, say

if TYPE_CHECKING:
    from alerts.pipeline.preview import Preview


@click.command()
@click.argument("profile")
@click.option("--days", type=click.FloatRange(min=0, min_open=True), default=90, show_default=True,
              help="How far back to look, by when a record was first seen.")  # fmt: skip
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of lines for people.")
def preview(profile: str, days: float, json_: bool) -> None:
    """Show what PROFILE finds in the stored records, and why; nothing is written or mailed."""
    from alerts.pipeline.preview import preview as run

    with service() as opened:
        result = run(opened, profile, days=days)
        words = opened.searches.strategies[profile].vocabulary
    if json_:
        say(as_json({"vocabulary": words, **_as_mapping(result)}))
        return
    say(f"{result.title}: {len(result.found)} records first seen since {result.since:%d %B %Y}")
    say(
        f"  full items: {result.found_full} of {result.asked_full}; brief items: {result.found_brief} of "
        f"{result.asked_brief}; hidden by limits: {result.hidden_by_limits}"
    )
    for found in result.found:
        entry = found.record.entry
        say()
        say(f"  {entry.title}")
        say(f"    {', '.join(found.source_ids)} · {found.record.evidence_type} · {entry.link}")
        words = ", ".join(f"{term} ({field})" for term, field in found.evidence.words())
        lines = ", ".join(str(line) for line in found.evidence.lines)
        say(f"    matched: {words or 'by place'} · lines {lines}")


def _as_mapping(result: Preview) -> dict[str, object]:
    return {
        "profile": result.profile_id,
        "since": result.since,
        "full": {"asked": result.asked_full, "found": result.found_full},
        "brief": {"asked": result.asked_brief, "found": result.found_brief},
        "hidden_by_limits": result.hidden_by_limits,
        "found": [
            {
                "record": each.record.id,
                "title": each.record.title,
                "link": each.record.entry.link,
                "sources": each.source_ids,
                "type": each.record.evidence_type,
                "lines": each.evidence.lines,
                "words": [{"term": term, "field": field} for term, field in each.evidence.words()],
            }
            for each in result.found
        ],
    }
