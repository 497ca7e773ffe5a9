"""The container image, without a container engine: its files exist, and its entry point runs as it would inside."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOBODY = 65534


def copied() -> list[str]:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    return [
        source for line in lines if line.startswith("COPY ") and "--from=" not in line for source in line.split()[1:-1]
    ]


def test_everything_the_image_copies_exists_and_is_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text()
    assert copied()
    for source in copied():
        assert (ROOT / source).exists(), source
        assert f"!{source}" in ignored, f"{source} is copied but .dockerignore leaves it out"


def test_the_image_runs_as_somebody_who_is_not_root() -> None:
    text = (ROOT / "Dockerfile").read_text()
    user = re.findall(r"^USER (\d+)", text, flags=re.MULTILINE)
    assert user
    assert user[-1] != "0"
    assert "HEALTHCHECK" in text


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_service_runs_with_a_read_only_home_answers_and_leaves_cleanly(tmp_path: Path) -> None:
    home = Path("/proc")  # read-only for everybody, root included
    data = tmp_path / "data"
    data.mkdir()
    config = tmp_path / "config"
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(home),
        "ALERTS_CONFIG_DIR": str(config),
        "ALERTS_DATA_DIR": str(data),
        "ALERTS_WEB_PORT": str(free_port()),
    }
    made = subprocess.run(
        [sys.executable, "-m", "alerts", "init"], env=env, cwd=tmp_path, check=True, capture_output=True
    )
    assert b"files written" in made.stdout
    for sources in (config / "sources").glob("*.yaml"):
        # This test is about the process, not about the net: nothing is fetched.
        sources.write_text(
            re.sub(r"^( +)(- id: .*)$", r"\1\2\n\1  enabled: false", sources.read_text(), flags=re.MULTILINE)
        )
    as_nobody: dict[str, Any] = {}
    if os.geteuid() == 0 and _reachable_by_others(ROOT, Path(sys.executable)):
        for path in (data, *data.rglob("*"), tmp_path):
            os.chown(path, NOBODY, NOBODY)
        _open_way_to(tmp_path)
        as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    service = subprocess.Popen(
        [sys.executable, "-m", "alerts", "run"], env=env, cwd=tmp_path, stderr=subprocess.PIPE, text=True, **as_nobody
    )
    try:
        health = _answer(service, f"http://127.0.0.1:{env['ALERTS_WEB_PORT']}/healthz")
        assert health["status"] in ("ok", "degraded"), health
        checked = subprocess.run(
            [sys.executable, "-m", "alerts", "healthcheck"], env=env, cwd=tmp_path, check=False, capture_output=True
        )
        assert checked.returncode == 0, checked.stderr
    finally:
        service.send_signal(signal.SIGTERM)
        _, said = service.communicate(timeout=45)
    assert service.returncode == 0, said


def _reachable_by_others(*paths: Path) -> bool:
    """Tell whether another user can read these (a checkout below a closed home cannot be)."""
    whole = [part for path in paths for each in {path, path.resolve()} for part in (each, *each.parents)]
    return all(each.stat().st_mode & 0o005 == 0o005 for each in whole if each.exists())


def _open_way_to(path: Path) -> None:
    for each in path.parents:
        if each.name.startswith("pytest-"):
            each.chmod(each.stat().st_mode | 0o055)


def _answer(service: subprocess.Popen[str], address: str) -> dict[str, Any]:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if service.poll() is not None:
            pytest.fail(f"the service left with {service.returncode}: {service.communicate()[1]}")
        try:
            with urlopen(address, timeout=2) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except OSError:
            time.sleep(0.1)
    service.kill()
    pytest.fail(f"the service did not answer within 30 s: {service.communicate()[1]}")
