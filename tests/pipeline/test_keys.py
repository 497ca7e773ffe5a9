"""The key that signs unsubscribe links."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from alerts.config import load_settings
from alerts.pipeline.keys import NoSecretKey, signing_keys


def test_a_key_is_made_once_and_kept_for_the_owner_alone(tmp_path: Path) -> None:
    settings = load_settings({"ALERTS_DATA_DIR": str(tmp_path)}).settings
    first = signing_keys(settings)
    assert signing_keys(settings) == first
    assert len(first[0]) >= 32
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["secret.key"]


def test_the_administrators_key_wins_and_the_previous_one_is_still_accepted(tmp_path: Path) -> None:
    env = {"ALERTS_DATA_DIR": str(tmp_path), "ALERTS_SECRET_KEY": "n" * 40, "ALERTS_SECRET_KEY_PREVIOUS": "o" * 40}
    assert signing_keys(load_settings(env).settings) == (b"n" * 40, b"o" * 40)
    assert not (tmp_path / "secret.key").exists()


def test_a_damaged_key_is_refused_rather_than_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("short")
    with pytest.raises(NoSecretKey, match="damaged"):
        signing_keys(load_settings({"ALERTS_DATA_DIR": str(tmp_path)}).settings)
