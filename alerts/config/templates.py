"""Where templates come from: the shipped ones, and the operator's overrides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alerts.config.package_files import shipped

if TYPE_CHECKING:
    from jinja2 import BaseLoader


def template_loader(config_dir: Path) -> tuple[BaseLoader, BaseLoader | None]:
    """Return a loader of the shipped templates and, where `config/templates/` is there, one of the overrides.

    The two are kept apart since overrides are run in a sandbox (SAFETY 31). Symbolic links are not followed out of
    them.
    """
    from jinja2 import FileSystemLoader  # a tenth of a second that only rendering needs

    own = config_dir / "templates"
    return FileSystemLoader(shipped("templates")), FileSystemLoader(own) if own.is_dir() else None
