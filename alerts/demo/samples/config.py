"""The samples as a file of the librarians' configuration: config/sources/samples.yaml of a demo."""

from __future__ import annotations

import json
from collections.abc import Iterable

from alerts.demo.samples.feeds import path_of
from alerts.demo.samples.publications import SampleSource

_HEAD = """\
# The demo's sample sources, served from this machine only while the demo runs. Written by the demo: edit a copy.
defaults:
  kind: feed
  abstracts: {mail: snippet, web: snippet}
  every: 1 hour
sources:
"""


def sources_file(sources: Iterable[SampleSource], base_address: str) -> str:
    """Return the YAML of the sources, with addresses under `base_address`."""
    return _HEAD + "\n".join(_entry(source, base_address) for source in sources)


def _entry(source: SampleSource, base_address: str) -> str:
    # JSON strings are YAML strings
    lines = [
        f"  - id: {source.id}",
        f"    title: {json.dumps(_title(source), ensure_ascii=False)}",
        f"    publisher: {json.dumps(source.publisher, ensure_ascii=False)}",
        f"    address: {base_address}{path_of(source)}",
        f"    type: {source.type}",
        f"    tags: [{', '.join(source.tags)}]",
        "    sure: A",
    ]
    lines += [f"    {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in source.keys]
    if source.place:
        lines.append(f"    place: {source.place}")
    if source.form == "atom":
        lines.append("    updates: date")
    if source.note:
        lines.append(f"    note: {json.dumps(source.note, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def _title(source: SampleSource) -> str:
    return f"{source.title} (sample)"
