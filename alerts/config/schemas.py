"""The forms as JSON Schema: editors complete keys and show descriptions while a librarian types."""

from __future__ import annotations

import json
from pathlib import Path

from alerts.config.drafts import FORMS
from alerts.config.files import KINDS, Kind

__all__ = ["KINDS", "schema", "write_schemas"]


def schema(kind: Kind) -> dict[str, object]:
    """Return the JSON Schema (2020-12) of one kind of file."""
    made = FORMS[kind].schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Write `<kind>.schema.json` for every kind of file into `folder`, which is made; existing ones are renewed."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in KINDS:
        path = folder / f"{kind}.schema.json"
        path.write_text(json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        written.append(path)
    return tuple(written)
