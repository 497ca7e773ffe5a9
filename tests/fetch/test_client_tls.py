"""Who a server says it is: the system's trust store, the operator's bundle, and a plain sentence for what is wrong."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from alerts.fetch import Fetcher, FetchSettings
from alerts.fetch.failures import ForbiddenAddress, TlsFailure, TooSlow
from alerts.model.sources import Response, Source, SourceState
from tests.fetch.hostile import FEED, whole

_AUTHORITY = """
[ca]
default_ca = own
[own]
database = index.txt
serial = serial
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""


class Authority:
    """A certificate authority of the tests' own."""

    def __init__(self, folder: Path, openssl: str) -> None:
        self._folder = folder
        self._openssl = openssl
        self.bundle = folder / "ca.pem"
        (folder / "ca.cnf").write_text(_AUTHORITY)
        (folder / "index.txt").touch()
        (folder / "serial").write_text("01\n")
        self._run("req -x509 -days 2 -keyout ca.key -out ca.pem", *_NEW_KEY, "-subj", "/CN=Own authority")

    def server(self, name: str, *, until: str = "20991231235959Z", since: str = "20200101000000Z") -> ssl.SSLContext:
        """Issue a certificate for `name` (as in IP:127.0.0.1) and return the context of a server that shows it."""
        self._run("req -keyout x.key -out x.csr -subj /CN=x -addext", f"subjectAltName={name}", *_NEW_KEY)
        dates = ("-startdate", since, "-enddate", until)
        self._run("ca -batch -notext -config ca.cnf -in x.csr -out x.pem", *dates)
        return self._context("x")

    def selfmade(self) -> ssl.SSLContext:
        """Return the context of a server that vouches for itself."""
        name = ("-addext", "subjectAltName=IP:127.0.0.1")
        self._run("req -x509", *_NEW_KEY, "-days", "2", "-subj", "/CN=x", *name, "-keyout", "s.key", "-out", "s.pem")
        return self._context("s")

    def _context(self, stem: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._folder / f"{stem}.pem", self._folder / f"{stem}.key")
        return context

    def _run(self, order: str, *more: str) -> None:
        subprocess.run([self._openssl, *order.split(), *more], check=True, capture_output=True, cwd=self._folder)


_NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("making certificates needs the openssl command")
    return Authority(tmp_path_factory.mktemp("authority"), openssl)


def trusting(authority: Authority | None = None, **more: Any) -> FetchSettings:
    bundle = authority.bundle if authority else None
    return FetchSettings(allow_loopback=True, host_pause_s=0, ca_bundle=bundle, **more)


async def get(address: str, settings: FetchSettings, **more: Any) -> Response:
    async with Fetcher(settings, **more) as fetcher:
        return await fetcher.get(Source("s", "S", address), SourceState("s"))


async def at_home(*_: object) -> Sequence[str]:
    return ["127.0.0.1"]


async def test_a_certificate_of_the_operators_own_authority_is_trusted_by_the_bundle(
    serve: Any, authority: Authority
) -> None:
    base, _ = await serve({"/": whole()}, tls=authority.server("IP:127.0.0.1"))
    assert (await get(base + "/", trusting(authority))).body == FEED


async def test_an_authority_that_nobody_told_us_of_is_said(serve: Any, authority: Authority) -> None:
    base, requests = await serve({"/": whole()}, tls=authority.server("IP:127.0.0.1"))
    with pytest.raises(TlsFailure, match="from an authority that this machine does not know") as caught:
        await get(base + "/", trusting())
    assert "ALERTS_CA_BUNDLE" in caught.value.remedy
    assert "certificate" in caught.value.cause.lower()
    assert requests == []


async def test_an_expired_certificate_is_said(serve: Any, authority: Authority) -> None:
    base, _ = await serve({"/": whole()}, tls=authority.server("IP:127.0.0.1", until="20210101000000Z"))
    with pytest.raises(TlsFailure, match="has expired"):
        await get(base + "/", trusting(authority))


async def test_a_certificate_that_is_not_valid_yet_is_said(serve: Any, authority: Authority) -> None:
    base, _ = await serve({"/": whole()}, tls=authority.server("IP:127.0.0.1", since="20980101000000Z"))
    with pytest.raises(TlsFailure, match="not valid yet"):
        await get(base + "/", trusting(authority))


@pytest.mark.parametrize("name", ["DNS:other.example.org", "IP:127.0.0.9"])
async def test_a_certificate_for_another_name_is_said(serve: Any, authority: Authority, name: str) -> None:
    base, _ = await serve({"/": whole()}, tls=authority.server(name))
    named = base.replace("127.0.0.1", "localhost")
    for address in (base, named):
        with pytest.raises(TlsFailure, match="is for another name"):
            await get(address + "/", trusting(authority), resolve=at_home)


async def test_a_certificate_signed_by_itself_is_said(serve: Any, authority: Authority) -> None:
    base, _ = await serve({"/": whole()}, tls=authority.selfmade())
    with pytest.raises(TlsFailure, match="signed by itself"):
        await get(base + "/", trusting())


async def test_a_name_is_asked_at_the_checked_address_with_its_own_name_in_the_handshake(
    serve: Any, authority: Authority
) -> None:
    context = authority.server("DNS:localhost")
    asked: list[object] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    base, requests = await serve({"/": whole()}, tls=context)
    address = base.replace("127.0.0.1", "localhost")
    assert (await get(address + "/", trusting(authority), resolve=at_home)).body == FEED
    assert asked == ["localhost"]
    assert b"Host: localhost:" in requests[0]


async def test_through_a_proxy_with_a_sign_in_the_certificate_is_still_the_publishers_to_show(
    serve: Any, authority: Authority
) -> None:
    base, requests = await serve({"/": whole()}, tls=authority.server("DNS:feeds.example.org"))
    signed_in: list[bytes] = []

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        signed_in.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        there_reader, there = await asyncio.open_connection("127.0.0.1", int(base.rpartition(":")[2]))

        async def carry(one: asyncio.StreamReader, other: asyncio.StreamWriter) -> None:
            while piece := await one.read(65_536):
                other.write(piece)
            other.close()

        await asyncio.gather(carry(reader, there), carry(there_reader, writer), return_exceptions=True)

    async with await asyncio.start_server(tunnel, "127.0.0.1", 0) as proxy:
        address = f"http://user:word@127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
        settings = trusting(authority, proxy=address)
        assert (await get("https://feeds.example.org/", settings)).body == FEED
        with pytest.raises(TlsFailure, match="another name"):
            await get("https://evil.example.org/", settings)
        with pytest.raises(ForbiddenAddress):
            await get("https://10.0.0.1/", settings)
        await asyncio.sleep(0.2)  # lets the tunnels end
    assert [head.split(b" ")[1] for head in signed_in] == [b"feeds.example.org:443", b"evil.example.org:443"]
    assert all(b"Proxy-Authorization: Basic dXNlcjp3b3Jk" in head for head in signed_in)
    assert b"Proxy-Authorization" not in requests[0]


async def test_no_redirect_leads_past_the_check_of_a_certificate(serve: Any, authority: Authority) -> None:
    there, asked = await serve({"/": whole()}, tls=authority.selfmade())
    here, _ = await serve({"/": b"HTTP/1.1 302 F\r\nLocation: %s/\r\nContent-Length: 0\r\n\r\n" % there.encode()})
    with pytest.raises(TlsFailure):
        await get(here + "/", trusting())
    assert asked == []


async def test_a_ca_bundle_that_is_none_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    for name in ("missing.pem", "empty.pem"):
        with pytest.raises(TlsFailure, match="cannot be read") as caught:
            await get("https://example.org/", FetchSettings(ca_bundle=tmp_path / name))
        assert caught.value.exit_code == 78


async def test_a_server_that_speaks_plain_http_on_a_tls_address_is_a_tls_failure() -> None:
    async def blurt(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(blurt, "127.0.0.1", 0) as server:
        with pytest.raises(TlsFailure):
            await get(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/", trusting())


async def test_a_server_that_never_ends_the_handshake_is_given_up(serve: Any) -> None:
    base, _ = await serve({})  # waits for a request in clear, which never comes
    with pytest.raises(TooSlow):
        await get(base.replace("http:", "https:") + "/", trusting(total_timeout_s=0.5))
