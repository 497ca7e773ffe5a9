"""A small configuration that is right in every part, for tests to make wrong in one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.folders import FILES, Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """The small configuration, on disk."""
    return Folder(tmp_path / "config").write(FILES)
