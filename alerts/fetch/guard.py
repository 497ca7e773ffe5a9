"""The address guard: which addresses may be asked at all, and which machines may be connected to.

Pure judgement, in two steps that a request passes both (SAFETY 22):

1. `target(address)` reads an address as text: scheme, credentials, port, host, literal forms. It refuses what is
   wrong in itself, and gives a `Target`.
2. `judge(target, socket address)` is asked for every machine that is about to be connected to, literal or resolved,
   at the moment the socket is made. A name that resolves to a forbidden address is caught here, whatever the text was.

An address is public when Python's `ipaddress` calls it global, it is neither multicast nor reserved, it is in none of
`FORBIDDEN`, and the IPv4 address that it may carry inside (IPv4-mapped, IPv4-compatible, 6to4, Teredo, NAT64, ISATAP)
is public as well. Sources: IANA special-purpose registries (RFC 6890 and successors), RFC 4291, 3056, 4380, 5214, 6052,
8215. Behind a proxy nobody here sees what a name leads to; names that cannot be public ones (RFC 6761, 6762) are
refused then unless they are on the allow-list.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from alerts.fetch.failures import AddressRefused, CredentialsInAddress, ForbiddenAddress, PortRefused
from alerts.fetch.settings import FetchSettings
from alerts.model.mailboxes import IMAPS_PORT

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

FORBIDDEN: tuple[IPNetwork, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "64:ff9b::/96",  # NAT64: reaches any IPv4 address, private ones too
        "64:ff9b:1::/48",  # NAT64 for local use
        "2002::/16",  # 6to4
        "2001::/23",  # IETF protocols: Teredo, benchmarking, ORCHID; which of them are global differs between Pythons
        "fec0::/10",  # site-local, deprecated and still routed by some
        "3fff::/20",  # documentation (RFC 9637), newer than some Pythons
        "5f00::/16",  # segment routing (RFC 9602)
        "::/96",  # IPv4-compatible, the unspecified address and ::1
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays, withdrawn (RFC 7526)
        "100.64.0.0/10",  # carrier-grade NAT, where some clouds keep their own services
        "168.63.129.16/32",  # Azure's platform address: public by number, private by nature
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_ISATAP = 0x5EFE  # RFC 5214 6.1: an interface that is called 0:5efe, or 200:5efe, and its IPv4 address
_NEVER = (
    ipaddress.ip_network("169.254.0.0/16"),  # cloud metadata lives here
    ipaddress.ip_network("fe80::/10"),
    ipaddress.ip_network("168.63.129.16/32"),
    ipaddress.ip_network("fd00:ec2::254/128"),  # Amazon's metadata in unique-local space
)
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # urlsplit would silently drop some of them
_TARGETS = 10_000
"""How many addresses a guard remembers as allowed: those of the sources, asked again and again."""
_NO_HOST = re.compile(r"[\s\\]")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LOCAL_NAME = re.compile(
    r"[^.]+|.+\.(?:localhost|local|localdomain|internal|intranet|private|lan|home|corp|home\.arpa)"
)
_DOTS = str.maketrans("。．｡", "...")


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be asked: its text as we rebuilt it, the host in ASCII lower case, the port.

    `literal` is the host when it is an IP address. `allowed` says that the host is on the allow-list, `trusted` that
    the operator named it (a proxy): then no judgement is passed on where it lies.
    """

    address: str
    scheme: str
    host: str
    port: int
    literal: IPAddress | None = None
    allowed: bool = False
    trusted: bool = False


def faces(address: IPAddress) -> Iterator[IPAddress]:
    """Yield the address as it acts on the network, then every IPv4 address that is hidden in it."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
        return
    if address.ipv4_mapped is not None:  # the kernel connects to the IPv4 address: only that one counts
        yield address.ipv4_mapped
        return
    yield address
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    is_isatap = (int(address) >> 32) & 0xFDFF_FFFF == _ISATAP
    if address in _NAT64 or address in _COMPATIBLE or is_isatap:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def is_public(address: IPAddress) -> bool:
    """Tell whether `address` is one of the public internet, in every form it can be read as."""
    return all(_is_public(face) for face in faces(address))


def _is_public(address: IPAddress) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not any(address in network for network in FORBIDDEN if network.version == address.version)


def _is_local(address: IPAddress) -> bool:
    """Tell whether an allow-listed name may lie here: private space, but nothing that only a trick would reach."""
    if any(address in network for network in _NEVER if network.version == address.version):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return address in ipaddress.IPv6Network("fc00::/7")
    return address.is_private and not (address.is_loopback or address.is_unspecified or address.is_reserved)


@dataclass(frozen=True, slots=True)
class _Allowance:
    """One entry of the allow-list: a name (with a leading dot: all below it) or a network, and a port of its own."""

    name: str
    network: IPNetwork | None
    port: int | None

    @classmethod
    def read(cls, entry: str) -> _Allowance:
        """Read `host`, `.domain`, `host:port`, `10.0.0.0/8`, `[v6]:port` or a bare IPv6 address."""
        text, port = entry.strip().lower(), None
        found = re.fullmatch(r"\[(.+)\](?::(\d+))?|([^:]+):(\d+)", text)
        if found is not None:
            text, port = found[1] or found[3], found[2] or found[4]
        try:
            return cls("", ipaddress.ip_network(text, strict=False), int(port) if port else None)
        except ValueError:
            return cls(text.rstrip("."), None, int(port) if port else None)

    def holds(self, host: str) -> bool:
        """Tell whether a host name is meant."""
        return bool(self.name) and (host == self.name or (self.name[0] == "." and host.endswith(self.name)))

    def covers(self, address: IPAddress) -> bool:
        """Tell whether a machine is meant."""
        return self.network is not None and address.version == self.network.version and address in self.network


class Guard:
    """The judgement, with the operator's allowances: intranet hosts, loopback, ports, a proxy."""

    def __init__(self, settings: FetchSettings) -> None:
        self._ports = settings.allow_ports | {80, 443}
        self._loopback = settings.allow_loopback
        self._proxied = bool(settings.proxy)
        self._allowances = tuple(_Allowance.read(entry) for entry in sorted(settings.allow_hosts))
        self._targets: dict[str, Target] = {}

    def target(self, address: str) -> Target:
        """Read `address` as text and refuse what is wrong in itself; what was allowed is read once.

        Raises AddressRefused, CredentialsInAddress, PortRefused or ForbiddenAddress (a literal that is not public).
        """
        found = self._targets.get(address)
        if found is None:
            if len(self._targets) >= _TARGETS:
                self._targets.clear()
            found = self._targets[address] = self._read(address)
        return found

    def _read(self, address: str) -> Target:
        scheme, host, port, path, query = _parts(address)
        literal = _literal(host)
        shown = f"[{host}]" if isinstance(literal, ipaddress.IPv6Address) else host
        netloc = shown if port == _DEFAULT_PORTS[scheme] else f"{shown}:{port}"
        allowed = literal is None and any(each.holds(host) for each in self._allowances)
        found = Target(urlunsplit((scheme, netloc, path, query, "")), scheme, host, port, literal, allowed)
        if literal is not None:
            self.judge(found, str(literal))
        if not self._may_use_port(found):
            raise PortRefused(f"The address of {host} names port {port}, which is not allowed.", cause=f"port {port}")
        if self._proxied and literal is None and not allowed and _LOCAL_NAME.fullmatch(host):
            raise ForbiddenAddress(
                f"The name {host} belongs to no machine of the public internet, so the proxy was not asked for it.",
                cause=f"{host} behind a proxy",
            )
        return found

    def mail_host(self, host: str, port: int) -> Target:
        """Read the host of a mailbox as `target` reads that of an address; 993 is allowed besides the other ports."""
        name = _ascii_host(host)
        literal = _literal(name)
        allowed = literal is None and any(each.holds(name) for each in self._allowances)
        found = Target("", "imaps", name, port, literal, allowed)
        if literal is not None:
            self.judge(found, str(literal))
        if port != IMAPS_PORT and not self._may_use_port(found):
            raise PortRefused(f"The address of {name} names port {port}, which is not allowed.", cause=f"port {port}")
        return found

    def proxy(self, address: str) -> Target:
        """Read the operator's own proxy address: it may lie anywhere, on any port, and may carry credentials."""
        parts = urlsplit(address)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise AddressRefused(
                "The proxy setting is not an address.", remedy="Write it as http://proxy.example.nhs.uk:8080."
            )
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
        return Target(address, parts.scheme, parts.hostname, port, trusted=True)

    def judge(self, target: Target, machine: str) -> None:
        """Refuse (ForbiddenAddress) unless `machine`, an IP address as text, may be connected to for `target`."""
        if target.trusted:
            return
        try:
            address = ipaddress.ip_address(machine)
        except ValueError:
            raise _forbidden(target.host, machine) from None
        if not (is_public(address) or self._is_excepted(target, address)):
            raise _forbidden(target.host, str(address))

    def _is_excepted(self, target: Target, address: IPAddress) -> bool:
        if address.is_loopback:  # before the tunnels: ::1 looks IPv4-compatible
            return self._loopback or any(each.covers(address) for each in self._allowances)
        shapes = tuple(faces(address))
        if len(shapes) > 1:  # a tunnel is no way into an intranet
            return False
        face = shapes[0]
        if face.is_loopback:
            return self._loopback
        return any(each.covers(face) for each in self._allowances) or (target.allowed and _is_local(face))

    def _may_use_port(self, target: Target) -> bool:
        if target.port in self._ports:
            return True
        if self._loopback and (target.host == "localhost" or _leads_home(target.literal)):
            return True
        return any(
            each.port == target.port
            and (each.holds(target.host) or (target.literal is not None and each.covers(target.literal)))
            for each in self._allowances
        )


def _leads_home(address: IPAddress | None) -> bool:
    return address is not None and (address.is_loopback or next(faces(address)).is_loopback)


def _forbidden(host: str, machine: str) -> ForbiddenAddress:
    return ForbiddenAddress(
        f"The address {host} does not lead to the public internet, so it was not asked.",
        cause=f"{host} is {machine}, which is not a public address",
    )


def _parts(address: str) -> tuple[str, str, int, str, str]:
    """Take an address apart: scheme, host (ASCII), port, path, query."""
    text = address.strip()
    if _CONTROLS.search(text) or _NO_HOST.search(re.split(r"[/?#]", text.partition("//")[2], maxsplit=1)[0]):
        raise AddressRefused(
            "The address has characters in it that no address may have.", cause="control character, space or backslash"
        )
    try:
        parts = urlsplit(text)
        port = parts.port
        host = parts.hostname or ""
    except ValueError as wrong:
        raise AddressRefused("The address cannot be read as one.", cause=str(wrong)) from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise AddressRefused("The address begins with neither https:// nor http://.", cause=f"scheme {parts.scheme!r}")
    if "@" in parts.netloc:
        raise CredentialsInAddress("The address carries a user name or password, which is not allowed.", cause="@")
    if "[" in parts.netloc and ":" not in host:
        raise AddressRefused(
            "The address has brackets around something that is no IPv6 address.", cause=f"host {host!r}"
        )
    if port == 0:
        raise PortRefused("The address names port 0, which does not exist.", cause="port 0")
    return parts.scheme, _ascii_host(host), port or _DEFAULT_PORTS[parts.scheme], parts.path or "/", parts.query


def _ascii_host(host: str) -> str:
    """Return the host as the network will see it: IDNA, lower case, without a final dot."""
    if ":" in host:
        return host
    dotted = host.translate(_DOTS).removesuffix(".")
    try:
        plain = dotted if dotted.isascii() else dotted.encode("idna").decode("ascii")
    except UnicodeError as wrong:
        raise AddressRefused("The host name in the address is not one.", cause=str(wrong)) from None
    plain = plain.lower()
    if not _HOST.fullmatch(plain):
        raise AddressRefused("The host name in the address is not one.", cause=f"host {plain[:80]!r}")
    return plain


def _literal(host: str) -> IPAddress | None:
    """Return the IP address that `host` spells, or None for a name; refuse the spellings nobody writes honestly.

    The C library also reads `2130706433`, `0x7f.1`, `0177.0.0.1` and `127.1` as IPv4 addresses: all refused, whatever
    address they stand for. So are IPv6 zones.
    """
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    if ":" in host or "%" in host:
        raise AddressRefused("The address is not a well-formed IPv6 address.", cause=f"host {host[:80]!r}")
    last = host.rpartition(".")[2]
    if last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last) or _is_legacy_literal(host):
        raise ForbiddenAddress(
            "The address is a number written in an unusual way, so it was not asked.",
            cause=f"host {host[:80]!r} is not a canonical IPv4 address",
        )
    return None


def _is_legacy_literal(host: str) -> bool:
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True
