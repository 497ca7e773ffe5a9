"""A configuration to start from: the shipped one, copied with its comments, and a list of people to replace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alerts.config.package_files import shipped
from alerts.config.schemas import write_schemas

SAMPLE = "people.sample.csv"
_IGNORED = (
    "# Readers' addresses and everything the service makes stay out of version control.\n"
    "/data/\npeople.csv\n/config/review/\n"
)


@dataclass(frozen=True, slots=True)
class Starter:
    """What was written, and what was there already and kept as it was."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def write_starter(target: Path, *, config_dir: Path | None = None, data_dir: Path | None = None) -> Starter:
    """Write `config/`, `data/people.csv` and `.gitignore` into `target`; a file that is there is never overwritten.

    `config_dir` and `data_dir` say where those two go when it is not below `target` (a container's two volumes).
    """
    config_dir, data_dir = config_dir or target / "config", data_dir or target / "data"
    source = shipped("config")
    wanted: dict[Path, bytes] = {}
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if (
            path.is_file()
            and path.name != SAMPLE
            and inside.parts[0] != "schema"
            and not any(part.startswith(".") for part in inside.parts)
        ):
            wanted[config_dir / inside] = path.read_bytes()
    wanted[data_dir / "people.csv"] = (source / SAMPLE).read_bytes()
    wanted[target / ".gitignore"] = _IGNORED.encode()
    written: list[Path] = []
    kept: list[Path] = []
    for path, body in wanted.items():
        (kept if path.exists() else written).append(path)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
    return Starter((*written, *write_schemas(config_dir / "schema")), tuple(kept))
