"""robots.txt as RFC 9309 reads it, and kept to before a watched page is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.fetch import Fetcher, FetchSettings
from alerts.fetch.failures import CannotConnect, RobotsForbid, RobotsUnknown
from alerts.fetch.robots import fits, must_allow, read
from tests.fetch.conftest import Serve

SITE = "https://www.example.org"


def allows(robots: str, path: str) -> bool:
    return read(robots.encode()).allow(SITE + path)


@pytest.mark.parametrize(
    ("robots", "path", "allowed"),
    [
        ("", "/news", True),
        ("User-agent: *\nDisallow: /", "/news", False),
        ("User-agent: *\nDisallow:", "/news", True),
        ("User-agent: *\nDisallow: /admin", "/news", True),
        ("User-agent: *\nDisallow: /news\nAllow: /news/public", "/news/public/1", True),
        ("User-agent: *\nAllow: /news/public\nDisallow: /news", "/news/private", False),
        ("User-agent: *\nDisallow: /news\nAllow: /news", "/news", True),
        ("User-agent: alerts\nDisallow: /\n\nUser-agent: *\nAllow: /", "/news", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Alerts/2.0\nAllow: /", "/news", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: alerts\n", "/news", True),
        ("User-agent: alertsbot\nDisallow: /", "/news", True),
        ("User-agent: a\nUser-agent: *\nDisallow: /x\nUser-agent: b\nDisallow: /news", "/news", True),
        ("User-agent: *\nDisallow: /x\n\nUser-agent: *\nDisallow: /news", "/news", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x", True),
        ("User-agent: *\nDisallow: /*?page=", "/list?page=2", False),
        ("User-agent: *\nDisallow: /a%3cd", "/a%3Cd", False),
        ("User-agent: *\nDisallow: /caf%C3%A9", "/café", False),
        ("User-agent: *\nDisallow: /b%61r", "/bar", False),
        ("user-agent:*\ndisallow : /news # all of it", "/news", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("\ufeffUser-agent: *\r\nSitemap: x\r\nDisallow: /news\r\n", "/news", False),
        ("Disallow: /news", "/news", True),
        ("<html><body>Not found</body></html>", "/news", True),
        ("\x00\xff\x01", "/news", True),
    ],
)
def test_who_may_read_what(robots: str, path: str, *, allowed: bool) -> None:
    assert allows(robots, path) is allowed


def test_no_rule_takes_long() -> None:
    assert not fits("/" + "*a" * 2_000 + "*b$", "/" + "a" * 10_000)
    assert read(b"User-agent: *\n" + b"Disallow: /*a*a*a*a*a*a*b$\n" * 100_000).allow(SITE + "/" + "a" * 2_000)


@pytest.mark.parametrize(
    ("said", "pause_s"), [("5", 5), ("0.5", 0.5), ("3600", 60), ("-1", 0), ("soon", 0), ("nan", 0)]
)
def test_the_pause_that_a_site_asks_for_is_kept_within_a_minute(said: str, pause_s: float) -> None:
    assert read(f"User-agent: *\nCrawl-delay: {said}".encode()).delay_s == pause_s


def answer(status: str, body: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


SETTINGS = FetchSettings(allow_loopback=True, host_pause_s=0)


@pytest.mark.parametrize("status", ["404 Not Found", "401 Unauthorized", "403 Forbidden", "410 Gone"])
async def test_a_site_without_rules_may_be_read(serve: Serve, status: str) -> None:
    site, _ = await serve({"/robots.txt": answer(status)})
    async with Fetcher(SETTINGS) as fetcher:
        await must_allow(fetcher, f"{site}/news")


@pytest.mark.parametrize("status", ["500 Oops", "503 Busy", "429 Too Many"])
async def test_a_site_whose_rules_cannot_be_had_is_not_read_now_and_asked_again(serve: Serve, status: str) -> None:
    answers = {"/robots.txt": answer(status)}
    site, asked = await serve(answers)
    async with Fetcher(SETTINGS) as fetcher:
        with pytest.raises(RobotsUnknown) as failure:
            await must_allow(fetcher, f"{site}/news")
        assert failure.value.status == int(status[:3])
        answers["/robots.txt"] = answer("200 OK")
        await must_allow(fetcher, f"{site}/news")
    assert len(asked) == 2


async def test_a_site_that_cannot_be_reached_is_told_as_that() -> None:
    async with Fetcher(SETTINGS) as fetcher:
        with pytest.raises(CannotConnect):
            await must_allow(fetcher, "http://127.0.0.1:9/news")


async def test_the_rules_are_asked_for_once_a_day(serve: Serve) -> None:
    site, asked = await serve({"/robots.txt": answer("200 OK", "User-agent: *\nDisallow: /private")})
    async with Fetcher(SETTINGS) as fetcher:
        await must_allow(fetcher, f"{site}/news")
        with pytest.raises(RobotsForbid) as refused:
            await must_allow(fetcher, f"{site}/private/1?key=secret")
        assert "secret" not in refused.value.sentence + refused.value.cause
        assert len(asked) == 1
        (place,) = fetcher.robots
        fetcher.robots[place] = replace(fetcher.robots[place], read_at=fetcher.robots[place].read_at - 86_401)
        await must_allow(fetcher, f"{site}/news")
        assert len(asked) == 2
