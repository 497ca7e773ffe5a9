"""What an operator sets: `ALERTS_…` environment variables, secrets also as files (`ALERTS_…_FILE`).

Settings are read once, by whoever starts a command, and handed on: nothing else in the service looks at the environment.
This is pydantic over a plain mapping. pydantic-settings would add a tenth of a second to every command (it imports
asyncio, argparse and the clouds' secret stores) for a source of values that is forty lines here; see docs/adr.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, field_validator

from alerts.config.fields import check_web_address, refused
from alerts.config.nearest import did_you_mean
from alerts.config.sentences import problem_of
from alerts.config.tree import Text
from alerts.errors import AlertsError, Problem

PREFIX = "ALERTS_"


def _parts(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_parts)]
Ports = Annotated[tuple[int, ...], BeforeValidator(_parts)]
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Settings(BaseModel):
    """Every setting with its default. Lengths of time are seconds, sizes bytes, unless the name says otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    config_dir: Path = Field(default=Path("config"), description="Folder of the librarians' files.")
    data_dir: Path = Field(
        default=Path("data"), description="Folder for the database, mail written to files and the list of people."
    )
    state_dir: Path | None = Field(
        default=None, description="Folder for the marker that tells a restored database; left out: the data folder."
    )
    people: Path | None = Field(
        default=None, description="The list of people; left out: people.csv in the data folder."
    )
    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="The database, as sqlite:///… or postgresql://…; left out: alerts.sqlite3 in the data folder.",
    )
    public_address: str = Field(
        default="none",
        description="Where readers reach the web pages, beginning with https://; none: there are no pages for them.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key that signs the links in mails, 32 characters or more; left out: made once, kept in the data folder.",
    )
    secret_key_previous: SecretStr = Field(
        default=SecretStr(""), description="The key before it, whose links still work."
    )

    mail_folder: Path | None = Field(
        default=None,
        description="Folder that mails are written to while no mail server is set; left out: mail in the data folder.",
    )
    mail_preset: Literal["exchange-online", "nhsmail", "relay", "other"] = Field(
        default="other",
        description="The kind of mail server, which decides sessions and rate: exchange-online, nhsmail, relay or other.",
    )
    mail_from: str = Field(
        default="",
        description="Address that every mail comes from, whatever teams say: the account's own, where the server insists.",
    )
    mail_rate_per_minute: float | None = Field(
        default=None, gt=0, le=60_000, description="Most messages a minute; left out: as the preset says."
    )
    smtp_host: str = Field(
        default="", description="The mail server; left out: nothing is sent, mails go to the mail folder."
    )
    smtp_port: Port | None = Field(default=None, description="Its port; left out: 465 with implicit TLS, else 587.")
    smtp_tls: Literal["required", "implicit", "starttls", "none"] = Field(
        default="required",
        description="required: verified TLS of either kind; implicit, starttls: that kind; none: clear text, never with a password.",
    )
    smtp_user: str = Field(default="", description="User name at the mail server; left out: no signing in.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Password at the mail server.")
    smtp_oauth_token_url: str = Field(
        default="", description="Where OAuth tokens come from, for servers that take no passwords."
    )
    smtp_oauth_client_id: str = Field(default="", description="OAuth client.")
    smtp_oauth_client_secret: SecretStr = Field(default=SecretStr(""), description="OAuth client's secret.")
    smtp_oauth_scope: str = Field(default="https://outlook.office365.com/.default", description="OAuth scope.")
    smtp_sessions: int | None = Field(
        default=None, ge=1, le=50, description="Connections to the mail server at once; left out: as the preset says."
    )
    smtp_local_hostname: str = Field(
        default="", description="Name we greet the mail server with; left out: this machine's."
    )
    smtp_timeout_s: Seconds = Field(
        default=120, description="Longest wait for an answer of the mail server before the final dot of a message."
    )

    contact: str = Field(
        default="", description="Mail address in our User-Agent, for publishers; left out: the contact of service.yaml."
    )
    user_agent: str = Field(
        default="", description="The User-Agent altogether; left out: alerts, its version and the contact."
    )
    allow_hosts: Words = Field(
        default=(), description="Hosts on our own network that may be fetched from, with commas between."
    )
    allow_ports: Ports = Field(
        default=(), description="Ports besides 80 and 443 that may be fetched from, with commas between."
    )
    allow_loopback: bool = Field(
        default=False, description="Fetch from this machine too: for demonstrations and tests."
    )
    host_pause_s: float = Field(default=2, ge=0, le=3600, description="Pause between two requests to one host.")
    proxy: SecretStr = Field(
        default=SecretStr(""),
        description="Web proxy for fetching, as http://proxy:8080; the address guard is then its duty.",
    )
    ca_bundle: Path | None = Field(default=None, description="Certificates to trust besides the system's, a PEM file.")
    connect_timeout_s: Seconds = Field(default=10, description="Longest wait for a connection.")
    read_timeout_s: Seconds = Field(default=20, description="Longest wait for the next bytes.")
    total_timeout_s: Seconds = Field(default=60, description="Longest time for one address altogether.")
    max_wire_bytes: int = Field(default=10_000_000, ge=1000, description="Largest body as it comes over the wire.")
    max_body_bytes: int = Field(default=15_000_000, ge=1000, description="Largest body unpacked.")
    max_entries: int = Field(default=2000, ge=1, description="Most entries taken from one body.")
    fetch_concurrency: int = Field(default=16, ge=1, le=200, description="Sources fetched at once.")
    parser_workers: int | None = Field(
        default=None, ge=1, le=64, description="Child processes that parse; left out: one for each core."
    )
    parser_memory_mb: int = Field(default=512, ge=128, description="Most memory of one of them.")
    parser_cpu_s: Seconds = Field(default=20, description="Most processor time for one body.")
    parser_wall_s: Seconds = Field(default=30, description="Longest time for one body.")

    web_host: str = Field(default="127.0.0.1", description="Address the web part listens on.")
    web_port: Port = Field(default=8000, description="Port the web part listens on.")
    tick_s: Seconds = Field(default=30, description="How often the service looks at what is due.")
    sweep_s: Seconds = Field(default=300, description="How often it looks for what a crash has left.")
    clock: datetime | None = Field(
        default=None, description="Moment at which the clock starts, as 2026-11-03T07:30:00Z: for tests and rehearsals."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="json, console, or auto: console on a terminal."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error."
    )

    @field_validator("public_address")
    @classmethod
    def _an_address_or_none(cls, value: str) -> str:
        text = value.strip().rstrip("/")
        if text.casefold() == "none":
            return "none"
        check_web_address(text)
        if "?" in text or "#" in text:
            raise refused("The public address has a ? or # in it.", "Give only scheme, host and, if need be, a path.")
        return text

    @field_validator("mail_from", "contact")
    @classmethod
    def _a_mail_address(cls, value: str) -> str:
        from alerts.config.fields import check_address

        return check_address(value.strip()) if value.strip() else ""

    @field_validator("smtp_oauth_token_url")
    @classmethod
    def _a_web_address(cls, value: str) -> str:
        return check_web_address(value.strip()) if value.strip() else ""

    @field_validator("database_url")
    @classmethod
    def _a_database_we_know(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value().strip()
        if text and not re.match(r"(sqlite|postgres(ql)?)(\+\w+)?://", text):
            raise refused("The database is neither SQLite nor PostgreSQL.", "Write sqlite:///… or postgresql://….")
        return SecretStr(text)

    @field_validator("secret_key", "secret_key_previous")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < 32:
            raise refused("The key is shorter than 32 characters.", "Make one with: openssl rand -hex 32.")
        return value

    @field_validator("smtp_host", "smtp_local_hostname", "user_agent", "web_host")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if re.search(r"[\x00-\x1f\x7f]", value):
            raise refused("The value has a line break or another control character in it.", "Write it on one line.")
        return value.strip()

    @field_validator("clock")
    @classmethod
    def _in_utc(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise refused("The moment has no time zone.", "End it with Z: 2026-11-03T07:30:00Z.")
        return value.astimezone(UTC) if value is not None else None

    @property
    def database(self) -> str:
        """The URL of the database in force; it may hold a password."""
        return self.database_url.get_secret_value() or f"sqlite:///{(self.data_dir / 'alerts.sqlite3').absolute()}"

    @property
    def people_file(self) -> Path:
        """Where the list of people is."""
        return self.people or self.data_dir / "people.csv"

    @property
    def state_folder(self) -> Path:
        """Where the marker outside the database is."""
        return self.state_dir or self.data_dir

    @property
    def mail_directory(self) -> Path:
        """Where mails are written while no mail server is set."""
        return self.mail_folder or self.data_dir / "mail"

    @property
    def public_url(self) -> str:
        """The public address, or an empty string where there is none."""
        return "" if self.public_address == "none" else self.public_address


class BadSettings(AlertsError):
    """Settings cannot be used; `problems` says which and why, all at once."""

    code: ClassVar[str] = "C001"
    remedy: str = "Mend the ALERTS_… variables named above; docs/settings.md lists them all."

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(" ".join(str(problem) for problem in problems))
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
    return Settings.model_fields[name].annotation is SecretStr


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.upper()


def load_settings(env: Mapping[str, str], *, overrides: Mapping[str, object] | None = None) -> LoadedSettings:
    """Read settings from `env`; `overrides` (from the command line, by setting name; None: not given) win.

    Raises `BadSettings` with every problem when any is an error; warnings come back with the settings.
    """
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    problems = _from_environment(env, values, origins)
    for name, value in (overrides or {}).items():
        if value is not None:
            values[name], origins[name] = value, "command line"
    settings = _validated(values, problems)
    if settings is not None:
        problems += _contradictions(settings)
    if settings is None or any(problem.severity == "error" for problem in problems):
        raise BadSettings(tuple(problems))
    return LoadedSettings(settings, origins, tuple(problems))


def _from_environment(env: Mapping[str, str], values: dict[str, object], origins: dict[str, str]) -> list[Problem]:
    problems: list[Problem] = []
    for key in sorted(env):
        if not key.startswith(PREFIX) or not env[key].strip():  # an empty variable is how compose files say "not set"
            continue
        name = key.removeprefix(PREFIX).lower()
        if name in Settings.model_fields and key == variable(name):
            values[name], origins[name] = env[key], key
        elif not (name.endswith("_file") and key == variable(name) and _from_file(key, env, values, origins, problems)):
            problems += _unknown(key)
    return problems


def _from_file(
    key: str, env: Mapping[str, str], values: dict[str, object], origins: dict[str, str], problems: list[Problem]
) -> bool:
    """Read a secret from its file (Docker and Kubernetes secrets); False when `key` is no such setting."""
    name = key.removeprefix(PREFIX).removesuffix("_FILE").lower()
    if name not in Settings.model_fields or not is_secret(name):
        return False
    if env.get(variable(name), "").strip():
        sentence = f"{variable(name)} and {key} are both set."
        problems.append(Problem("C003", "error", sentence, "Keep one of them."))
        return True
    try:
        text = Path(env[key]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        reason = getattr(failure, "strerror", None) or "it is not text"
        problems.append(
            Problem(
                "C003", "error", f"The file named by {key} cannot be read: {reason}.", "Check path and permissions."
            )
        )
        return True
    values[name], origins[name] = text.strip("\r\n\ufeff"), f"{key} ({env[key]})"
    return True


_FOREIGN = re.compile(
    r"ALERTS_(TEST_\w+|SERVICE_(HOST|PORT\w*)|PORT(_\d+_(TCP|UDP)\w*)?|\w+_(SERVICE_(HOST|PORT\w*)|PORT_\d+_(TCP|UDP)\w*))"
)
"""Variables that are not ours to judge: of the tests, and those Kubernetes makes for a service called alerts."""


def _unknown(key: str) -> list[Problem]:
    if _FOREIGN.fullmatch(key):
        return []
    known = [variable(name) for name in Settings.model_fields]
    known += [f"{variable(name)}_FILE" for name in Settings.model_fields if is_secret(name)]
    remedy = did_you_mean(key, known, "docs/settings.md lists the settings there are.")
    return [Problem("C002", "warning", f"{key} is no setting, and does nothing.", remedy)]


def _validated(values: dict[str, object], problems: list[Problem]) -> Settings | None:
    try:
        return Settings.model_validate(values)
    except ValidationError as failure:
        for found in failure.errors(include_url=False, include_input=False):
            problems.append(_said(dict(found), values))
    return None


def _said(found: dict[str, Any], values: dict[str, object]) -> Problem:
    """Return a finding with the variable's name; the value itself is shown unless it is a secret."""
    name = str(found["loc"][0])
    hidden = name not in Settings.model_fields or is_secret(name)
    written = "(hidden)" if hidden else str(values.get(name, ""))
    found["loc"] = (variable(name),)
    problem = problem_of(found, Settings, Text(written, 0, 0), ())
    sentence = problem.message if variable(name) in problem.message else f"{variable(name)}: {problem.message}"
    return Problem("C001", "error", sentence, problem.remedy)


def _contradictions(settings: Settings) -> list[Problem]:
    """Return settings that cannot both be meant."""
    problems: list[Problem] = []
    signs_in = bool(settings.smtp_password.get_secret_value() or settings.smtp_oauth_token_url)

    def say(sentence: str, remedy: str) -> None:
        problems.append(Problem("C004", "error", sentence, remedy))

    if settings.smtp_tls == "none" and signs_in:
        say("A password would go to the mail server in clear text (ALERTS_SMTP_TLS=none).", "Use TLS, or no password.")
    if signs_in and not settings.smtp_user:
        say("There is a password or OAuth for the mail server, but no ALERTS_SMTP_USER.", "Set the user name.")
    if settings.smtp_oauth_token_url and not (
        settings.smtp_oauth_client_id and settings.smtp_oauth_client_secret.get_secret_value()
    ):
        say("OAuth needs ALERTS_SMTP_OAUTH_CLIENT_ID and ALERTS_SMTP_OAUTH_CLIENT_SECRET.", "Set both.")
    if settings.smtp_oauth_token_url and settings.smtp_password.get_secret_value():
        say("Both a password and OAuth are set for the mail server.", "Keep one of them.")
    if (settings.smtp_user or signs_in) and not settings.smtp_host:
        say(
            "There is a user for the mail server, but no ALERTS_SMTP_HOST.",
            "Set the mail server, or take the user away.",
        )
    return problems


def show_settings(loaded: LoadedSettings) -> tuple[ShownSetting, ...]:
    """Return every setting with its value in force and where it came from; secrets only as set or not set."""
    return tuple(
        ShownSetting(
            name=name,
            variable=variable(name),
            value=_shown_value(getattr(loaded.settings, name)),
            origin=loaded.origins.get(name, "default"),
            secret=is_secret(name),
            description=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    )


def _shown_value(value: object) -> str:
    if isinstance(value, SecretStr):
        return "(set)" if value.get_secret_value() else "(not set)"
    if value is None or value == "" or value == ():
        return "(not set)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return value.isoformat() if isinstance(value, datetime) else str(value)


def settings_table() -> str:
    """Return the table of docs/settings.md: every setting, its default, and what it is for."""
    rows = ["| Variable | Default | Meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = _shown_value(field.default)
        shown = "" if default == "(not set)" else f"`{default}`"
        files = f" Or `{variable(name)}_FILE`: a file that holds it." if is_secret(name) else ""
        rows.append(f"| `{variable(name)}` | {shown} | {field.description}{files} |")
    return "\n".join(rows) + "\n"
