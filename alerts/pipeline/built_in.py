"""The one source that no file configures: what became of what was sent, looked up at Crossref (`corrections`)."""

from __future__ import annotations

from alerts.config import Settings
from alerts.model.sources import LOOKED_UP, Source


def corrections_source(settings: Settings) -> Source | None:
    """Return the source that the look-up is to all that is not matching, unless it is switched off."""
    if settings.corrections_address == "none":
        return None
    return Source(
        LOOKED_UP,
        "Corrections and retractions, looked up at Crossref",
        settings.corrections_address,
        publisher="Crossref",
        kind="crossref",
        evidence_type="correction",
        updates="never",
        every_s=86_400,
        first_run_days=30,
        flood=1_000_000,
        sure="B",
        note="Built in; ALERTS_CORRECTIONS_ADDRESS=none switches it off.",
    )
