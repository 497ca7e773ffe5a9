"""Fixtures that every room's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine makes no test fail; each run tries other examples than the one before.
settings.register_profile("untimed", deadline=None, max_examples=40)
settings.load_profile("untimed")

pytest_plugins = ["tests.databases"]

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real material beside the checkout, or a skip where it is not there."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real sample material (../shared/data) is not beside this checkout")
    return folder
