"""What a hostile, broken or tired server answers, and what must come of it: the list of cases, as data.

Played by the loopback servers of `tests/fetch` (on the fetcher itself) and `tests/journeys` (on the real command).
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat
from random import Random

TITLE = b"Smoking cessation in hostile surroundings"
FEED = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>Hostile</title><link>https://www.example.org/</link>'
    b"<item><title>%s</title><link>https://www.example.org/1</link><guid>1</guid></item></channel></rss>" % TITLE
)
OK = b'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nETag: "of-this-answer"\r\n'
PAUSE_S = 0.05
"""Between two pieces of a drip; a drip lasts for longer than `LIMITS` allow."""
LIMITS = {"read_timeout_s": 1.5, "total_timeout_s": 3.0, "max_wire_bytes": 3_000_000}


@dataclass(frozen=True)
class Case:
    """What is sent (at once, or a drip), whether the server then hangs up, and the code of the failure ("": none)."""

    outcome: str
    pieces: Callable[[], Iterable[bytes]]
    pause_s: float = 0.0
    hangs: bool = False


def whole(body: bytes = FEED, *lines: bytes) -> bytes:
    """Return an answer with a body and the headers `lines`."""
    return OK + b"".join(line + b"\r\n" for line in lines) + b"Content-Length: %d\r\n\r\n" % len(body) + body


def status(line: bytes, *lines: bytes, body: bytes = b"") -> bytes:
    """Return an answer with another status."""
    head = b"".join(each + b"\r\n" for each in lines)
    return b'HTTP/1.1 %s\r\nETag: "of-this-answer"\r\n%sContent-Length: %d\r\n\r\n%s' % (line, head, len(body), body)


def to(address: bytes) -> bytes:
    """Return a redirect."""
    return status(b"302 Found", b"Location: " + address)


def says(outcome: str, answer: bytes, *, hangs: bool = False) -> Case:
    """Return the case of a server that sends `answer` and hangs up."""
    return Case(outcome, lambda: [answer], hangs=hangs)


def never_ends(outcome: str, head: bytes, piece: bytes) -> Case:
    """Return the case of a server that sends `piece` for ever."""
    return Case(outcome, lambda: chain([head], repeat(piece)))


def drips(outcome: str, head: bytes, piece: bytes) -> Case:
    """Return the case of a server that sends a piece now and then, always in time for the next read."""

    def pieces() -> Iterator[bytes]:
        yield head
        yield from repeat(piece, 1_000)

    return Case(outcome, pieces, pause_s=PAUSE_S)


def chunked(body: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """Return a chunked answer."""
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[i : i + 50]), body[i : i + 50]) for i in range(0, len(body), 50))
    return OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + end


def raw_deflate(body: bytes) -> bytes:
    """Return bare deflate, which servers have always sent under the name of deflate too."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def sparse(size: int) -> bytes:
    """Return bytes that pack to about a tenth: no more than an honest feed."""
    rng = Random(1)
    return b"".join(rng.randbytes(48) + bytes(464) for _ in range(size // 512))


GZIP, DEFLATE = b"Content-Encoding: gzip", b"Content-Encoding: deflate"
PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body><form><input type=password></form></body></html>"
PACKED = gzip.compress(FEED, mtime=0)

HONEST: dict[str, Case] = {
    "an honest feed": says("", whole()),
    "a chunked feed": says("", chunked(FEED)),
    "a feed by HTTP/1.0, its end told by hanging up": says("", b"HTTP/1.0 200 OK\r\n\r\n" + FEED),
    "line feeds without carriage returns": says("", whole().replace(b"\r\n", b"\n")),
    "gzip": says("", whole(PACKED, GZIP)),
    "gzip in two members": says("", whole(gzip.compress(FEED[:99]) + gzip.compress(FEED[99:]), GZIP)),
    "gzip with padding after its end": says("", whole(PACKED + b"\0" * 512, GZIP)),
    "gzip with rubbish after its end": says("", whole(PACKED + b"rubbish", GZIP)),
    "deflate in zlib": says("", whole(zlib.compress(FEED), DEFLATE)),
    "deflate, bare": says("", whole(raw_deflate(FEED), DEFLATE)),
    "a 100 Continue first": says("", b"HTTP/1.1 100 Continue\r\n\r\n" + whole()),
    "an ETag that is no text": says("", whole(FEED, b'ETag: "caf\xe9"')),
    "large headers": says("", whole(FEED, b"Content-Security-Policy: " + b"x" * 30_000)),
    "a second answer behind the first": says("", whole() + status(b"500 No")),
}

CUT: dict[str, Case] = {
    "hangs up without a word": says("F040", b""),
    "hangs up in the headers": says("F040", OK),
    "Content-Length not reached": says("F040", OK + b"Content-Length: 9999\r\n\r\n" + FEED),
    "chunked without its last chunk": says("F040", chunked(FEED, end=b"")),
    "chunked, cut in a chunk": says("F040", chunked(FEED, end=b"fff\r\n<item>")),
    "gzip cut in a complete answer": says("F040", whole(PACKED[:-9], GZIP)),
    "gzip without its check sum": says("F040", whole(PACKED[:-8], GZIP)),
    "deflate cut in a complete answer": says("F040", whole(zlib.compress(FEED)[:-3], DEFLATE)),
    "the second gzip member cut": says("F040", whole(PACKED + PACKED[:-9], GZIP)),
}

PACKING: dict[str, Case] = {
    "gzip that is none": says("F041", whole(FEED, GZIP)),
    "gzip with a wrong check sum": says("F041", whole(PACKED[:-8] + b"\1\2\3\4" + PACKED[-4:], GZIP)),
    "brotli that nobody asked for": says("F041", whole(b"\x0b\x02\x80", b"Content-Encoding: br")),
    "zstd that nobody asked for": says("F041", whole(b"\x28\xb5\x2f\xfd", b"Content-Encoding: zstd")),
    "gzip twice": says("F041", whole(gzip.compress(PACKED), b"Content-Encoding: gzip, gzip")),
    "gzip in a second header line": says("F041", whole(gzip.compress(PACKED), GZIP, GZIP)),
    "fifty packings": says("F041", whole(PACKED, b"Content-Encoding: " + b", ".join([b"gzip"] * 50))),
    "gzip as Transfer-Encoding": says("F041", OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
    "a gzip bomb": Case("F031", cache(lambda: [whole(gzip.compress(b"\0" * 50_000_000), GZIP)])),
    "a deflate bomb": Case("F031", cache(lambda: [whole(zlib.compress(b"\0" * 50_000_000), DEFLATE)])),
    "a gzip bomb in small steps": Case("F030", cache(lambda: [whole(gzip.compress(sparse(16_000_000), 1), GZIP)])),
    "thousands of empty gzip members": says("F031", whole(gzip.compress(b"") * 20_000, GZIP)),
    "endless empty deflate blocks": never_ends("F030", OK + DEFLATE + b"\r\n\r\n\x78\x9c", b"\0\0\0\xff\xff" * 5_000),
}

SIZE_AND_TIME: dict[str, Case] = {
    "Content-Length beyond the limit": says("F030", OK + b"Content-Length: 99999999999\r\n\r\n<rss>"),
    "a body without end": never_ends("F030", OK + b"\r\n", b"x" * 65_536),
    "headers without end": never_ends("F042", b"HTTP/1.1 200 OK\r\n", b"X-A: y\r\n" * 1_000),
    "a header line without end": never_ends("F042", b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65_536),
    "a status line without end": never_ends("F042", b"HTTP/1.1 200 ", b"x" * 65_536),
    "three thousand headers": says("F042", OK + b"".join(b"X-%d: y\r\n" % n for n in range(3_000)) + b"\r\n"),
    "trailers without end": never_ends("F042", chunked(FEED, end=b"0\r\n"), b"X: y\r\n" * 1_000),
    "a flood of 100 Continue": never_ends("F022", b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50),
    "a chunk extension without end": never_ends("F022", OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x" * 4_096),
    "headers byte by byte": drips("F022", b"HTTP/1.1 200 OK\r\nX: ", b"y"),
    "a body byte by byte": drips("F022", OK + b"Content-Length: 9999\r\n\r\n", b"x"),
    "chunks byte by byte": drips("F022", OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "silence from the start": says("F021", b"", hangs=True),
    "silence in the headers": says("F021", OK, hangs=True),
    "silence in the body": says("F021", OK + b"Content-Length: 9999\r\n\r\n<rss>", hangs=True),
}

NOT_HTTP: dict[str, Case] = {
    "HTTP/0.9": says("F042", FEED),
    "another protocol": says("F042", b"SSH-2.0-OpenSSH_9.2\r\n"),
    "HTTP/2 in clear": says("F042", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "a status that is no number": says("F042", b"HTTP/1.1 two hundred\r\n\r\n"),
    "a header with NUL in it": says("F042", b"HTTP/1.1 200 OK\r\nBad Header\0: x\r\n\r\n"),
    "Content-Length and Transfer-Encoding": says(
        "F042", chunked(FEED).replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n", 1)
    ),
    "two Content-Lengths": says("F042", OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n<"),
    "a negative Content-Length": says("F042", OK + b"Content-Length: -1\r\n\r\n"),
    "a chunk size that is none": says("F042", chunked(b"", end=b"zz\r\n<rss>\r\n")),
    "a chunk size beyond all numbers": says("F042", chunked(b"", end=b"f" * 40 + b"\r\n<rss>\r\n")),
}

REDIRECTS: dict[str, Case] = {
    "a redirect to itself": says("F050", to(b"?again")),
    "a redirect to a mere fragment": says("F050", to(b"#top")),
    "a redirect without a place": says("F051", status(b"301 Moved")),
    "a redirect to an address without end": says("F051", to(b"/" + b"a" * 30_000)),
    "a redirect to brackets": says("F051", to(b"http://[")),
    "a redirect to cloud metadata": says("F002", to(b"http://169.254.169.254/latest/meta-data/")),
    "a redirect to a decimal loopback": says("F002", to(b"http://2130706433/")),
    "a redirect to the inside by IPv6": says("F002", to(b"http://[::ffff:10.0.0.1]/")),
    "a redirect without a scheme to the inside": says("F002", to(b"//192.168.1.1/")),
    "a redirect to a file": says("F001", to(b"file:///etc/passwd")),
    "a redirect to ftp": says("F001", to(b"ftp://example.org/feed")),
    "a redirect to gopher": says("F001", to(b"gopher://127.0.0.1:6379/_x")),
    "a redirect into data": says("F001", to(b"data:text/xml,<rss/>")),
    "a redirect with a tab in its host": says("F051", to(b"http://exa\tmple.org/")),
    "a redirect with a backslash": says("F001", to(b"http://example.org\\@127.0.0.1/")),
    "a redirect to another service's port": says("F003", to(b"http://example.org:6379/")),
    "a redirect with a password": says("F004", to(b"http://user:word@example.org/")),
    "a redirect with a host in front of another": says("F004", to(b"http://example.org@127.0.0.1/")),
}

STATUSES: dict[str, Case] = {
    "304 though nobody asked": says("F400", status(b"304 Not Modified")),
    "204 No Content": says("F400", status(b"204 No Content")),
    "206 Partial Content": says("F400", status(b"206 Partial Content", body=FEED)),
    "101 Switching Protocols": says("F400", b"HTTP/1.1 101 Up\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    "401": says("F401", status(b"401 Unauthorized", b'WWW-Authenticate: Basic realm="x"')),
    "403": says("F403", status(b"403 Forbidden", body=PAGE)),
    "403 of a web filter": says("F014", status(b"403 Forbidden", b"X-Squid-Error: ERR_ACCESS_DENIED 0", body=PAGE)),
    "404": says("F404", status(b"404 Not Found", body=PAGE)),
    "410": says("F410", status(b"410 Gone")),
    "429": says("F429", status(b"429 Too Many Requests")),
    "500": says("F500", status(b"500 Internal Server Error", body=FEED)),
    "503": says("F500", status(b"503 Service Unavailable")),
    "999": says("F400", status(b"999 Request Denied")),
}

NO_FEEDS: dict[str, Case] = {
    "a sign-in page with status 200": says("P001", whole(PAGE)),
    "an empty body with status 200": says("P001", whole(b"")),
    "an empty gzip with status 200": says("P001", whole(gzip.compress(b""), GZIP)),
    "a picture with status 200": says("P001", whole(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)),
    "XML of another kind": says("P001", whole(b"<?xml version='1.0'?><sitemap><url/></sitemap>")),
    "a gzip file without saying so": says("P001", whole(PACKED)),
}

FETCHED: dict[str, Case] = {**CUT, **PACKING, **SIZE_AND_TIME, **NOT_HTTP, **REDIRECTS, **STATUSES}
"""Every case that fails before there is a body."""
