"""What an operator sets: every `ALERTS_…` setting with its default and what it is for.

The service reads them once (`environment`), and hands them on: nothing else looks at the environment.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from alerts.config.fields import FLAG, choice, number, parse_address, parse_web_address, whole
from alerts.config.secret import Secret
from alerts.config.shape import Form, Refused, Value, key

LONGEST_PUBLIC_ADDRESS = 200


def _path(text: str) -> Path:
    return Path(text).expanduser()


def _line(text: str) -> str:
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise Refused("The value has a line break or another control character in it.", "Write it on one line.")
    return text


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _line(text).split(",") if part.strip())


def _ports(text: str) -> tuple[int, ...]:
    words = _words(text)
    if not all(re.fullmatch(r"\d{1,5}", word, re.ASCII) and 0 < int(word) < 65536 for word in words):
        raise Refused(f"“{text}” is not a list of ports.", "Write numbers with commas between: 8080,8443.")
    return tuple(int(word) for word in words)


def _pauses(text: str) -> tuple[str, ...]:
    found = []
    for word in _words(text):
        host, _, seconds = word.partition("=")
        if not re.fullmatch(r"\.?[A-Za-z0-9_.-]+", host.strip()) or not re.fullmatch(
            r"\d{1,4}(\.\d+)?", seconds.strip()
        ):
            raise Refused(
                f"“{word}” is not a host and its pause.", "Write them as api.example.org=0.5,.example.com=10 (seconds)."
            )
        found.append(f"{host.strip().lower()}={seconds.strip()}")
    return tuple(found)


def _proxies(text: str) -> tuple[str, ...]:
    # ipaddress costs a few milliseconds that no other command should pay.
    from ipaddress import ip_network

    words = _words(text)
    for word in words:
        try:
            ip_network(word)
        except ValueError:
            raise Refused(
                f"“{word}” is not the address of a proxy.", "Write addresses or networks: 127.0.0.1,10.0.0.0/8."
            ) from None
    return words


def _public_address(text: str) -> str:
    address = text.rstrip("/")
    if address.casefold() == "none":
        return "none"
    parse_web_address(address)
    if "?" in address or "#" in address:
        raise Refused("The public address has a ? or # in it.", "Give only scheme, host and, if need be, a path.")
    if not address.isascii():
        raise Refused("The public address has letters beyond plain ASCII.", "Write the host in its xn-- form.")
    if len(address) > LONGEST_PUBLIC_ADDRESS:
        raise Refused(
            f"The public address has {len(address)} characters.",
            f"Use one of at most {LONGEST_PUBLIC_ADDRESS}: longer ones break the line by which readers leave.",
        )
    return address


def _address_or_none(text: str) -> str:
    return "none" if text.casefold() == "none" else parse_web_address(text).rstrip("/")


def _database(text: str) -> Secret:
    if not re.match(r"(sqlite|postgres(ql)?)(\+\w+)?://", text):
        raise Refused("The database is neither SQLite nor PostgreSQL.", "Write sqlite:///… or postgresql://….")
    return Secret(text)


def _signing_key(text: str) -> Secret:
    if len(text) < 32:
        raise Refused("The key is shorter than 32 characters.", "Make one with: openssl rand -hex 32.")
    return Secret(text)


def _bounce_address(text: str) -> str:
    address = parse_address(text)
    if len(address.rpartition("@")[0]) > 31:
        raise Refused(
            "The part before the @ is longer than 31 characters.", "Take a shorter one: 33 are added for each message."
        )
    return address


def _folder(text: str) -> str:
    if not re.fullmatch(r"[ !#-\[\]-~]+", text):  # what an IMAP string may hold between quotes
        raise Refused(f"“{text}” cannot be the name of a folder here.", "Use plain letters, digits and / or . only.")
    return text


def _mailboxes(text: str) -> Secret:
    for nth, line in enumerate(filter(None, map(str.strip, text.splitlines())), 1):
        account, _, secret = line.partition(" ")
        user, _, host = account.rpartition("@")
        if not (user and host and secret.strip()):
            raise Refused(
                f"Line {nth} is not a mailbox with its password.", "Write user@host, a space, and the password."
            )
    return Secret(text)


def _domain(text: str) -> str:
    if not re.fullmatch(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+", text):
        raise Refused(f"“{text}” is not a domain.", "Write it in small letters, like example.nhs.uk.")
    return text


def _selector(text: str) -> str:
    if not re.fullmatch(r"(?=.{1,63}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", text):
        raise Refused(f"“{text}” is not a selector.", "Write a word such as alerts2026: it is part of a DNS name.")
    return text


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"“{text}” is not a moment.", "Write it like 2026-11-03T07:30:00Z.") from None
    if moment.tzinfo is None:
        raise Refused("The moment has no time zone.", "End it with Z: 2026-11-03T07:30:00Z.")
    return moment.astimezone(UTC)


def _proxy(text: str) -> Secret:
    # Proxies are the one address that may carry a password; it is kept secret whole.
    if not re.fullmatch(r"https?://[^\s/]+/?", text):
        raise Refused("The proxy is not an address such as http://proxy:8080.", "Write scheme, host and port.")
    return Secret(text)


def _is(*allowed: str) -> Value[str]:
    return choice(*allowed)


_TEXT = {"type": "string"}
FOLDER = Value(_path, _TEXT)
LINE = Value(_line, _TEXT)
WORDS = Value(_words, _TEXT)
PORTS = Value(_ports, _TEXT)
PAUSES = Value(_pauses, _TEXT)
PROXIES = Value(_proxies, _TEXT)
SECRET = Value(Secret, _TEXT, whole=True)
SECONDS = number(0.001, 86_400)


class Settings(Form):
    """Every setting with its default. Lengths of time are seconds, sizes bytes, unless the name says otherwise."""

    config_dir: Path = key(FOLDER, "Folder of the librarians' files.", default=Path("config"))
    data_dir: Path = key(
        FOLDER, "Folder for the database, mail written to files and the list of people.", default=Path("data")
    )
    state_dir: Path | None = key(
        FOLDER, "Folder for the marker that tells a restored database; left out: the data folder.", default=None
    )
    review_dir: Path | None = key(
        FOLDER,
        "Folder of the review files; left out: review in the configuration folder, in the data folder if that is read "
        "only.",
        default=None,
    )
    people: Path | None = key(FOLDER, "The list of people; left out: people.csv in the data folder.", default=None)
    database_url: Secret = key(
        Value(_database, _TEXT),
        "The database, as sqlite:///… or postgresql://…; left out: alerts.sqlite3 in the data folder.",
        default=Secret(),
    )
    public_address: str = key(
        Value(_public_address, _TEXT),
        "Where readers reach the web pages, beginning with https://; none: there are no pages for them.",
        default="none",
    )
    secret_key: Secret = key(
        Value(_signing_key, _TEXT),
        "Key that signs the links in mails, 32 characters or more; left out: made once, kept in the data folder.",
        default=Secret(),
    )
    secret_key_previous: Secret = key(
        Value(_signing_key, _TEXT), "The key before it, whose links still work.", default=Secret()
    )

    mail_folder: Path | None = key(
        FOLDER,
        "Folder that mails are written to while no mail server is set; left out: mail in the data folder.",
        default=None,
    )
    mail_preset: Literal["exchange-online", "nhsmail", "relay", "other"] = key(
        _is("exchange-online", "nhsmail", "relay", "other"),
        "The kind of mail server, which decides sessions and rate: exchange-online, nhsmail, relay or other.",
        default="other",
    )
    mail_from: str = key(
        Value(parse_address, _TEXT),
        "Address that every mail comes from, whatever teams say: the account's own, where the server insists.",
        default="",
    )
    mail_rate_per_minute: float | None = key(
        number(0.1, 60_000), "Most messages a minute; left out: as the preset says.", default=None
    )
    smtp_host: str = key(LINE, "The mail server; left out: nothing is sent, mails go to the mail folder.", default="")
    smtp_port: int | None = key(
        whole(1, 65535),
        "Its port; left out: 465 with implicit TLS, 25 for a relay or in clear text, else 587.",
        default=None,
    )
    smtp_tls: Literal["required", "implicit", "starttls", "none"] = key(
        _is("required", "implicit", "starttls", "none"),
        "required: verified TLS of either kind; implicit, starttls: that kind; none: clear text, without a password.",
        default="required",
    )
    smtp_user: str = key(LINE, "User name at the mail server; left out: no signing in.", default="")
    smtp_password: Secret = key(SECRET, "Password at the mail server.", default=Secret())
    smtp_oauth_token_url: str = key(
        Value(parse_web_address, _TEXT), "Where OAuth tokens come from, for servers that take no passwords.", default=""
    )
    smtp_oauth_client_id: str = key(LINE, "OAuth client.", default="")
    smtp_oauth_client_secret: Secret = key(SECRET, "OAuth client's secret.", default=Secret())
    smtp_oauth_scope: str = key(LINE, "OAuth scope.", default="https://outlook.office365.com/.default")
    smtp_sessions: int | None = key(
        whole(1, 50), "Connections to the mail server at once; left out: as the preset says.", default=None
    )
    smtp_local_hostname: str = key(LINE, "Name we greet the mail server with; left out: this machine's.", default="")
    smtp_timeout_s: float = key(
        number(0.001, 240),  # with the ten minutes for the last answer it must end before the lease of a delivery
        "Longest wait for an answer of the mail server before the final dot of a message.",
        default=120.0,
    )

    bounce_address: str = key(
        Value(_bounce_address, _TEXT),
        "Address that what comes back goes to, with +… before the @ for each message; only where the server allows it.",
        default="",
    )
    corrections_address: str = key(
        Value(_address_or_none, _TEXT),
        "Where it is looked up every night what became of the DOIs sent in the last two years; “none” switches it off.",
        default="https://api.crossref.org",
    )
    bounce_imap_host: str = key(LINE, "Mailbox to read reports of failed mail from, by IMAP over TLS.", default="")
    bounce_imap_port: int = key(whole(1, 65535), "Its port.", default=993)
    bounce_imap_user: str = key(LINE, "User name there; left out: that of the mail server.", default="")
    bounce_imap_password: Secret = key(
        SECRET, "Password there; left out: signed in by OAuth, as at the mail server.", default=Secret()
    )
    bounce_imap_folder: str = key(Value(_folder, _TEXT), "The folder that is read.", default="INBOX")
    mailboxes: Secret = key(
        Value(_mailboxes, _TEXT, whole=True),
        "Mailboxes that newsletters are read from, one on a line: user@host, a space, and the password; or, in its "
        "place, the word oauth: signed in as at the mail server.",
        default=Secret(),
    )
    dkim_domain: str = key(
        Value(_domain, _TEXT),
        "Domain in whose name mails are signed (DKIM), that of the sender; left out: they are not signed here.",
        default="",
    )
    dkim_selector: str = key(
        Value(_selector, _TEXT), "Selector of the DKIM key: its public half stands in the DNS under it.", default=""
    )
    dkim_key: Secret = key(SECRET, "The DKIM key, an RSA private key in PEM form.", default=Secret())

    contact: str = key(
        Value(parse_address, _TEXT),
        "Mail address in our User-Agent, for publishers; left out: the contact of service.yaml.",
        default="",
    )
    user_agent: str = key(LINE, "The User-Agent altogether; left out: alerts, its version and the contact.", default="")
    allow_hosts: tuple[str, ...] = key(
        WORDS, "Hosts on our own network that may be fetched from, with commas between.", default=()
    )
    allow_ports: tuple[int, ...] = key(
        PORTS, "Ports besides 80 and 443 that may be fetched from, with commas between.", default=()
    )
    allow_loopback: bool = key(FLAG, "Fetch from this machine too: for demonstrations and tests.", default=False)
    host_pause_s: float = key(number(0, 3600), "Pause between two requests to one host.", default=2.0)
    host_pauses: tuple[str, ...] = key(
        PAUSES,
        "Pauses of single hosts, as api.example.org=0.5,.example.com=10; with a leading dot of all hosts below.",
        default=(),
    )
    ncbi_key: Secret = key(
        SECRET, "API key of NCBI, for sources of the kind pubmed: ten requests a second, not three.", default=Secret()
    )
    proxy: Secret = key(
        Value(_proxy, _TEXT),
        "Web proxy for fetching, as http://proxy:8080; the address guard is then its duty.",
        default=Secret(),
    )
    ca_bundle: Path | None = key(FOLDER, "Certificates to trust besides the system's, a PEM file.", default=None)
    connect_timeout_s: float = key(SECONDS, "Longest wait for a connection.", default=10.0)
    read_timeout_s: float = key(SECONDS, "Longest wait for the next bytes.", default=20.0)
    total_timeout_s: float = key(SECONDS, "Longest time for one address altogether.", default=60.0)
    max_wire_bytes: int = key(whole(1000, 1_000_000_000), "Largest body as it comes over the wire.", default=10_000_000)
    max_body_bytes: int = key(whole(1000, 1_000_000_000), "Largest body unpacked.", default=15_000_000)
    max_entries: int = key(whole(1, 100_000), "Most entries taken from one body.", default=2000)
    fetch_concurrency: int = key(whole(1, 200), "Sources fetched at once.", default=16)
    parser_workers: int | None = key(
        whole(1, 64), "Child processes that parse; left out: one for each core.", default=None
    )
    parser_memory_mb: int = key(whole(128, 65_536), "Most memory of one of them.", default=512)
    parser_cpu_s: float = key(SECONDS, "Most processor time for one body.", default=20.0)
    parser_wall_s: float = key(SECONDS, "Longest time for one body.", default=30.0)

    web_host: str = key(LINE, "Address the web part listens on.", default="127.0.0.1")
    web_port: int = key(whole(0, 65535), "Port the web part listens on; 0: any free one.", default=8000)
    trusted_proxies: tuple[str, ...] = key(
        PROXIES,
        "Addresses or networks of the proxies in front of the web part, with commas between; theirs is the word on "
        "who asks (X-Forwarded-For).",
        default=(),
    )
    keep_mails_days: int = key(whole(1, 3650), "Days that a mail is kept as it was sent.", default=30)
    keep_attempts_days: int = key(
        whole(1, 3650), "Days that each attempt to send is kept; then they are counts.", default=90
    )
    keep_addresses_days: int = key(
        whole(1, 3650), "Days that an address is kept after its last subscription ended.", default=28
    )
    tick_s: float = key(SECONDS, "How often the service looks at what is due.", default=30.0)
    look_up_address: str = key(
        Value(parse_web_address, _TEXT),
        "Europe PMC's search, where sources with enrich: true have their items looked up; another one for tests.",
        default="https://www.ebi.ac.uk/europepmc/webservices/rest/search",
    )
    clock: datetime | None = key(
        Value(_moment, _TEXT),
        "Moment at which the clock starts, as 2026-11-03T07:30:00Z: for tests and rehearsals.",
        default=None,
    )
    log_format: Literal["auto", "json", "console"] = key(
        _is("auto", "json", "console"), "json, console, or auto: console on a terminal.", default="auto"
    )
    log_level: Literal["debug", "info", "warning", "error"] = key(
        _is("debug", "info", "warning", "error"), "debug, info, warning or error.", default="info"
    )

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
