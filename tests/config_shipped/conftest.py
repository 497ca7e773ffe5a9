"""The configuration as shipped, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.config import load_catalogue
from alerts.config.catalogue import Loaded
from alerts.model.catalogue import Catalogue

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture(scope="session")
def config_dir() -> Path:
    """The folder that ships."""
    return CONFIG


@pytest.fixture(scope="session")
def loaded(config_dir: Path) -> Loaded:
    """What the loader makes of it, with the sample readers and without a vocabulary."""
    return load_catalogue(config_dir, config_dir / "people.sample.csv")


@pytest.fixture(scope="session")
def catalogue(loaded: Loaded) -> Catalogue:
    """The shipped catalogue."""
    return loaded.catalogue
