"""A day, as people write it on the command line."""

from __future__ import annotations

from datetime import datetime

import click


class Day(click.ParamType[datetime]):
    """A day: 2026-12-24, 24 December 2026 or 24/12/2026."""

    name = "day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the first moment of the day in UTC."""
        if isinstance(value, datetime):
            return value
        from alerts.parse import dates

        found = dates.read(str(value))
        if found is None:
            self.fail(f"“{value}” is not a day. Write it as 2026-12-24 or “24 December 2026”.", param, ctx)
        return found.replace(hour=0, minute=0, second=0, microsecond=0)
