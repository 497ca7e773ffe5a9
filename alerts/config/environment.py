"""The environment → `Settings`: variables, files that hold secrets, and what the command line says.

This is not pydantic-settings: it imports asyncio, argparse and the clouds' secret stores, a quarter of a second for
every command, for a source of values that is fifty lines here and also knows where each value came from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from alerts.config.mailing import contradictions
from alerts.config.nearest import did_you_mean
from alerts.config.secret import Secret
from alerts.config.settings import Settings
from alerts.config.tree import Text
from alerts.errors import AlertsError, Problem

PREFIX = "ALERTS_"


class BadSettings(AlertsError):
    """Settings cannot be used; `problems` says which and why, all at once."""

    code: ClassVar[str] = "C001"
    remedy: str = "Mend the ALERTS_… variables named above; docs/settings.md lists them all."

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(" ".join(f"{problem.message} {problem.remedy}".rstrip() for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings, where each came from (a variable, a file, "command line"; absent: the default), and warnings."""

    settings: Settings
    origins: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """One setting as `alerts config show` prints it; the value of a secret is only whether it is set."""

    name: str
    variable: str
    value: str
    origin: str
    secret: bool
    description: str


def is_secret(name: str) -> bool:
    """Tell whether a setting is never shown, and may come from a file."""
    return isinstance(Settings.keys[name].default, Secret)


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.upper()


def load_settings(env: Mapping[str, str], *, overrides: Mapping[str, object] | None = None) -> LoadedSettings:
    """Read settings from `env`; `overrides` (from the command line, by setting name; None: not given) win.

    Raises `BadSettings` with every problem when any is an error; warnings come back with the settings.
    """
    texts: dict[str, str] = {}
    origins: dict[str, str] = {}
    problems: list[Problem] = []
    for variable_name in sorted(env):
        # An empty variable is how compose files say "not set".
        if variable_name.startswith(PREFIX) and env[variable_name].strip():
            _take(variable_name, env, texts, origins, problems)
    for name, value in (overrides or {}).items():
        if value is not None:
            texts[name], origins[name] = _as_text(value), "command line"
    values = {name: _read(name, text, problems) for name, text in texts.items()}
    if not any(problem.severity == "error" for problem in problems):
        settings = Settings(**values)
        problems += [Problem("C004", *each) for each in contradictions(settings)]
        if not any(problem.severity == "error" for problem in problems):
            return LoadedSettings(settings, origins, tuple(problems))
    raise BadSettings(tuple(problems))


def _as_text(value: object) -> str:
    """Return an override as it would stand in the environment."""
    if isinstance(value, Secret):
        return value.get_secret_value()
    if isinstance(value, (tuple, list)):
        return ",".join(map(str, value))
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _take(
    key: str, env: Mapping[str, str], texts: dict[str, str], origins: dict[str, str], problems: list[Problem]
) -> None:
    name = key.removeprefix(PREFIX).lower()
    if name in Settings.keys and key == variable(name):
        texts[name], origins[name] = env[key], key
        return
    holder = name.removesuffix("_file")
    if name != holder and key == f"{variable(holder)}_FILE" and holder in Settings.keys and is_secret(holder):
        problem = _from_file(key, holder, env, texts, origins)
        problems += [problem] if problem is not None else []
    elif not _FOREIGN.fullmatch(key):
        known = [variable(each) for each in Settings.keys]
        known += [f"{variable(each)}_FILE" for each in Settings.keys if is_secret(each)]
        remedy = did_you_mean(key, known, "docs/settings.md lists the settings there are.")
        problems.append(Problem("C002", "warning", f"{key} is no setting, and does nothing.", remedy))


_FOREIGN = re.compile(
    r"ALERTS_(TRACEBACK|TEST_\w+|(\w+_)?SERVICE_(HOST|PORT\w*)|(\w+_)?PORT(_\d+_(TCP|UDP)\w*)?)",
)
"""Variables that are not ours to judge: of the tests, and those Kubernetes makes for services called alerts or
alerts-…."""


def _from_file(
    key: str, name: str, env: Mapping[str, str], texts: dict[str, str], origins: dict[str, str]
) -> Problem | None:
    """Read a secret from the file that Docker or Kubernetes mounts for it."""
    if env.get(variable(name), "").strip():
        return Problem("C003", "error", f"{variable(name)} and {key} are both set.", "Keep one of them.")
    try:
        text = Path(env[key]).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as failure:
        reason = getattr(failure, "strerror", None) or "it is not text"
        sentence = f"The file named by {key} cannot be read: {reason}."
        return Problem("C003", "error", sentence, "Check its path and permissions.")
    if not text.strip():
        return Problem("C003", "error", f"The file named by {key} is empty.", "Write the secret into it.")
    texts[name], origins[name] = text.strip("\r\n"), f"{key} ({env[key]})"
    return None


def _read(name: str, text: str, problems: list[Problem]) -> Any:
    """Read the text of one setting; findings name its variable, and never the text of a secret."""
    if name not in Settings.keys:
        raise KeyError(name)
    found: list[Problem] = []
    value = Settings.keys[name].reader.read(Text(text, 0, 0, "double"), variable(name), found)
    problems += [
        replace(each, code="C001", message=f"{variable(name)}: {each.message}", line=0, column=0, length=0)
        for each in found
    ]
    return value


def show_settings(loaded: LoadedSettings) -> tuple[ShownSetting, ...]:
    """Return every setting with its value in force and where it came from; secrets only as set or not set."""
    return tuple(
        ShownSetting(
            name=name,
            variable=variable(name),
            value=_shown(getattr(loaded.settings, name)),
            origin=loaded.origins.get(name, "default"),
            secret=is_secret(name),
            description=each.description,
        )
        for name, each in Settings.keys.items()
    )


def _shown(value: object) -> str:
    if isinstance(value, Secret):
        return "(set)" if value else "(not set)"
    if value is None or value == "" or value == ():
        return "(not set)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return _as_text(value)


def settings_table() -> str:
    """Return the table of docs/settings.md: every setting, its default, and what it is for."""
    rows = ["| Variable | Default | Meaning |", "|---|---|---|"]
    for name, each in Settings.keys.items():
        default = _shown(each.default)
        shown = "" if default == "(not set)" else f"`{default}`"
        files = f" Or `{variable(name)}_FILE`: a file that holds it." if is_secret(name) else ""
        rows.append(f"| `{variable(name)}` | {shown} | {each.description}{files} |")
    return "\n".join(rows) + "\n"
