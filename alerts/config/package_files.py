"""Files that come with the service: in a wheel below `alerts/_shipped`, in a checkout at its top."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal


def shipped(name: Literal["config", "templates"]) -> Path:
    """Return the folder of shipped files called `name`."""
    package = Path(str(files("alerts")))
    inside = package / "_shipped" / name
    return inside if inside.is_dir() else package.parent / name
