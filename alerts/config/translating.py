"""Sources that ask a profile's own strategy: what PubMed is asked, and where that is not quite the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.config import forms
from alerts.errors import Severity
from alerts.model.profiles import Block, Profile
from alerts.model.sources import Source

if TYPE_CHECKING:
    from alerts.config.crossing import Crossing


def translated(
    crossing: Crossing, sources: dict[str, Source], profiles: Mapping[str, Profile], blocks: Mapping[str, Block]
) -> dict[str, Source]:
    """Return the sources, those that ask a profile's strategy with that strategy as their query.

    What is not the same there is said. A source whose profile cannot be used asks nothing, and is left out.
    """
    for draft, form, path in crossing.of_kind("sources", forms.SourceForm):
        source, name, here = sources.get(form.id), form.strategy, (*path, "strategy")
        if source is None or not name or source.file != draft.found.shown:
            continue
        profile, compiled = profiles.get(name), crossing.compiled.get(name)
        if not crossing.known(draft, "profile", here, name) or profile is None or compiled is None:
            del sources[form.id]
            continue
        spelling = crossing.spelling if profile.spelling != "exact" else ()
        asked = compiled.strategy.pubmed_query(blocks=blocks, spelling=spelling) if compiled.strategy else None
        if asked is None:
            sentence = f"The strategy of “{name}” is too long for one query of PubMed."
            crossing.say(draft, "C045", here, sentence, "Give the source a shorter query: of its own.")
            del sources[form.id]
            continue
        for note in asked.notes:
            sentence = f"PubMed is not asked quite what the strategy of “{name}” says: {note}."
            severity: Severity = "warning" if "narrower" in note else "note"
            crossing.say(draft, "C046", here, sentence, "Records are still matched by the strategy itself.", severity)
        sources[form.id] = replace(source, query=asked.text, query_notes=asked.notes, question=f"query={asked.text!r}")
    return sources
