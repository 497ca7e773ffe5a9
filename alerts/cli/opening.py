"""Opening the service for a command: settings from the environment, logs set up, the database closed afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from alerts.cli.output import counted, warn

if TYPE_CHECKING:
    from alerts.config import LoadedSettings
    from alerts.pipeline.service import Service


def settings(overrides: Mapping[str, object] | None = None) -> LoadedSettings:
    """Read the settings; what is suspicious in them is said on standard error."""
    from alerts.config import load_settings

    loaded = load_settings(os.environ, overrides=overrides)
    for problem in loaded.problems:
        warn(f"alerts: {problem}")
    return loaded


@contextmanager
def service(overrides: Mapping[str, object] | None = None, *, adopting: bool = False) -> Iterator[Service]:
    """Open the service for one command; with `adopting`, take the configuration into force first."""
    from alerts.pipeline.logs import configure
    from alerts.pipeline.service import open_service

    loaded = settings(overrides).settings
    configure(form=loaded.log_format, level="debug" if loaded.log_level == "debug" else "warning")
    with open_service(loaded) as opened:
        if adopting:
            from alerts.pipeline.adopt import adopt

            adopt(opened)
        broken = [each for each in opened.loaded.problems if each.severity == "error"]
        for problem in broken[:5]:
            warn(f"alerts: {problem}")
        if broken:
            errors = counted(len(broken), "error")
            warn(f"alerts: the configuration has {errors} (“alerts check” tells all); the rest goes on.")
        yield opened
