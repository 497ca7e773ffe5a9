"""What kinds of source find again at their next poll (`SourceState.memory`): small JSON, read with care.

`windows` and `days` say up to where a search has been read, `likeness` what a watched page listed, `pages` what a
search of GOV.UK knows and still has to ask about, `letters` which newsletters were read. Whatever else stands in a
memory is taken for nothing: the kind then begins as at its first poll. Nothing here asks anybody.
"""

from __future__ import annotations

import json
from typing import Any


def remembered(text: str) -> dict[str, Any]:
    """Return the JSON object that a memory is, an empty one for anything else that stands there."""
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
