"""Where the review files lie: beside the configuration where the service may write there, else in the data folder."""

from __future__ import annotations

import os
from pathlib import Path

from alerts.pipeline.service import Service


def folder(service: Service) -> Path:
    """Return the folder of the review files; it may have to be made."""
    settings = service.settings
    if settings.review_dir is not None:
        return settings.review_dir
    beside = settings.config_dir / "review"
    writable = os.access(beside if beside.is_dir() else settings.config_dir, os.W_OK | os.X_OK)
    return beside if writable else settings.data_dir / "review"


def path_of(service: Service, bulletin_id: str) -> str:
    """Return where the review file of a bulletin is, as a person would type it; empty where none can be written."""
    where = folder(service)
    try:
        where.mkdir(parents=True, exist_ok=True)
    except OSError:
        return ""
    return str(where / f"{bulletin_id}.yaml") if os.access(where, os.W_OK | os.X_OK) else ""
