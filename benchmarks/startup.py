"""How fast commands start, against a bare click program started in the same run.

`alerts --help` ≤ 1.5 × a bare click program; `alerts check` on the shipped configuration ≤ 4 × that, plus reading the
files: the time that ruamel.yaml needs in a process of its own to read the very same files, its start not counted.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.timing import interleaved, row

ROOT = Path(__file__).resolve().parent.parent

BARE = """
import click

@click.group()
def cli() -> None:
    "A bare program."

@cli.command()
def one() -> None:
    "One command."

cli()
"""

READING = """
import sys, time
from pathlib import Path
from ruamel.yaml import YAML
files = sorted(Path(sys.argv[1]).rglob("*.yaml"))
started = time.perf_counter()
for each in files:
    YAML().load(each.read_text(encoding="utf-8"))
print(time.perf_counter() - started)
"""


def main() -> None:
    """Measure and print the table."""
    with TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        reading = Path(folder) / "reading.py"
        reading.write_text(READING)
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ALERTS_")},
            "PYTHONPATH": str(ROOT),
            "ALERTS_CONFIG_DIR": str(ROOT / "config"),
            "ALERTS_DATA_DIR": folder,
        }

        def run(*command: str, code: int = 0) -> str:
            done = subprocess.run(
                [sys.executable, *command], env=env, cwd=folder, capture_output=True, text=True, check=False
            )
            assert done.returncode == code, done.stdout + done.stderr
            return done.stdout

        assert "collect" in run("-m", "alerts", "--help")
        assert "\n0 errors, " in run("-m", "alerts", "check")
        files_s = min(float(run(str(reading), str(ROOT / "config"))) for _ in range(5))
        base, helped, checked = interleaved(
            lambda: run(str(bare), "--help"),
            lambda: run("-m", "alerts", "--help"),
            lambda: run("-m", "alerts", "check"),
        )
    print(f"bare click program --help   {base}")
    print(f"alerts --help               {helped}")
    print(f"alerts check                {checked}")
    print(f"reading the files (ruamel)  {files_s * 1000:.0f} ms")
    print(row("alerts --help / bare click", helped.median / base.median, 1.5, at_most=True))
    beyond = (checked.median - files_s) / base.median
    print(row("(alerts check − reading the files) / bare click", beyond, 4, at_most=True))
