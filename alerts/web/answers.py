"""How the pages answer: drawn by the renderer, each with a policy that allows its own styles and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from alerts.web.guard import PRIVATE_HEADERS, page_policy
from alerts.web.service import Pages, Service


class Answers:
    """Small pages under the path of the public address; nothing is ever taken from the Host header."""

    def __init__(self, service: Service, pages: Pages) -> None:
        self._service, self._pages = service, pages
        self.base = urlsplit(service.public_address).path.rstrip("/")
        self.home = f"{self.base}/"

    def small(
        self,
        name: str,
        values: Mapping[str, object] | None = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return a small page, which nobody keeps and no search engine lists."""
        everywhere: dict[str, object] = {"contact": self._service.contact, "home": self.home}
        page = self._pages.small_page(name, **{**everywhere, **(values or {})})
        return drawn(page, status, {**(headers or {}), **PRIVATE_HEADERS})


def drawn(page: str | bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a page with the policy that goes with it."""
    body = page.encode() if isinstance(page, str) else page
    policy = {"Content-Security-Policy": page_policy(body)}
    return Response(body, status, {**(headers or {}), **policy}, "text/html; charset=utf-8")


async def fields_of(request: Request) -> dict[str, str]:
    """Return the fields of a form of ours, the first of each name; none of anything else."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return {}
    try:
        fields = parse_qs((await request.body()).decode("ascii"), max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def client_of(request: Request) -> str:
    """Return the address of the client, as the proxies that are trusted tell it."""
    return request.client.host if request.client else ""


_DAY_FIRST = re.compile(r"(\d{1,2})[./\s-]+(\d{1,2})[./\s-]+(\d{4})")


def day_of(given: str) -> date | None:
    """Return the day that somebody wrote: as a date field sends it, or day, month and year where there is none."""
    text = given.strip()[:40]
    found = _DAY_FIRST.fullmatch(text)
    try:
        return date(*(int(part) for part in reversed(found.groups()))) if found else date.fromisoformat(text)
    except ValueError:
        return None
