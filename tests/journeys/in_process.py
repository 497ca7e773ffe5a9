"""The command line without a process for each command: for journeys of many commands."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
from collections.abc import Mapping
from unittest import mock

import structlog

from alerts.cli import main
from tests.journeys.conftest import Library


class InProcess(Library):
    """An installation whose commands run in this process, as `alerts` would run them."""

    def run(
        self, *arguments: str, expect: int | None = 0, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; fail unless it leaves with `expect`."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        with (
            mock.patch.dict(os.environ, self.environment(env), clear=True),
            mock.patch("sys.argv", ["alerts", *arguments]),
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as left:
                code = left.code if isinstance(left.code, int) else int(left.code is not None)
            finally:
                structlog.reset_defaults()
        if expect is not None:
            assert code == expect, f"{arguments} left with {code}\n{out.getvalue()}\n{err.getvalue()}"
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())
