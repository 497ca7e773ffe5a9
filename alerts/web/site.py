"""The public pages: issues, leaving a bulletin, and health. GET shows, POST changes.

Links are root-relative under the path of the configured public address; nothing is ever taken from the Host header.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from alerts.errors import AlertsError
from alerts.web.guard import (
    PRIVATE_HEADERS,
    SECURITY_HEADERS,
    Crowd,
    Guesses,
    RequestLimits,
    SecurityHeaders,
    page_policy,
)
from alerts.web.service import Health, Pages, Service

_FAILURE_PAGES = {404: "not_found", 405: "not_allowed"}


def app(service: Service, pages: Pages, *, monotonic: Callable[[], float] = time.monotonic) -> Starlette:
    """Return the application that serves the public pages of `service`, drawn by `pages`."""
    site = _Site(service, pages, Guesses(monotonic))
    application = Starlette(
        routes=[
            Route("/healthz", site.health, name="health"),
            Route("/", site.index),
            Route("/bulletins/", site.index),
            Route("/bulletins/{bulletin_id}", site.bulletin),
            Route("/bulletins/{bulletin_id}/", site.bulletin),
            Route("/bulletins/{bulletin_id}/{number:int}", site.issue),
            Route("/leave/{token}", site.leave, methods=["GET", "POST"]),
            Route("/leave/{token}/all", site.leave_all, methods=["POST"]),
            Route("/leave/{token}/undo", site.undo, methods=["POST"]),
        ],
        middleware=[Middleware(SecurityHeaders), Middleware(Crowd), Middleware(RequestLimits)],
        exception_handlers={HTTPException: site.refused, AlertsError: site.failed, Exception: site.failed},
    )
    application.router.redirect_slashes = False  # Starlette would build the address from the Host header
    return application


class _Site:
    """The pages, one method each."""

    def __init__(self, service: Service, pages: Pages, guesses: Guesses) -> None:
        self._service, self._pages, self._guesses = service, pages, guesses
        self._base = urlsplit(service.public_address).path.rstrip("/")

    async def health(self, request: Request) -> Response:
        try:
            health = await run_in_threadpool(self._service.health)
        except Exception:  # noqa: BLE001 (a monitor wants an answer whatever is broken)
            health = Health("failing", database="unavailable")
        status = 503 if health.status == "failing" else 200
        return JSONResponse(health.as_json(), status, {"Cache-Control": "no-store"})

    async def index(self, request: Request) -> Response:
        listings = await run_in_threadpool(self._service.bulletins)
        page = self._pages.archive(tuple(listings), home=self._home, base=self._base)
        return _page(page, headers={"Cache-Control": "no-cache"})

    async def bulletin(self, request: Request) -> Response:
        listing = await run_in_threadpool(self._service.bulletin, request.path_params["bulletin_id"])
        if listing is None:
            raise HTTPException(404)
        page = self._pages.archive((listing,), home=self._home, base=self._base)
        return _page(page, headers={"Cache-Control": "no-cache"})

    async def issue(self, request: Request) -> Response:
        wanted = request.path_params
        stored = await run_in_threadpool(self._service.issue_page, wanted["bulletin_id"], wanted["number"])
        if stored is None:
            raise HTTPException(404)
        return _page(stored, headers={"Cache-Control": "public, max-age=3600"})

    async def leave(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._change(request, self._service.leave, "left")
        token = request.path_params["token"]
        leaving = await run_in_threadpool(self._service.leaving, token)
        if leaving is None:
            return self._small("unknown_link", status=404)
        values = {
            "masked_address": leaving.masked_address,
            "bulletin_title": leaving.bulletin_title,
            "state": leaving.state,
            "contact": leaving.contact or self._service.contact,
        }
        return self._small("leave", {**values, **self._actions(token)})

    async def leave_all(self, request: Request) -> Response:
        return await self._change(request, self._service.leave_all, "left_all")

    async def undo(self, request: Request) -> Response:
        return await self._change(request, self._service.undo, "returned")

    async def _change(self, request: Request, change: Callable[[str], bool], page: str) -> Response:
        """Do what a POST asks and answer the same for a known and an unknown link.

        RFC 8058: the one-click request of a mail service carries no cookie and follows no redirect; whatever its body
        and encoding, the link is the authority. Our own form adds `page=1` and is answered with a page.
        """
        token, client = request.path_params["token"], request.client.host if request.client else ""
        is_ours = await _is_from_our_page(request)
        if not await run_in_threadpool(change, token):  # only now: a reader behind a guesser's proxy must get through
            wait_s = self._guesses.wait_s(client)
            if wait_s:
                return self._small("too_many", status=429, headers={"Retry-After": str(wait_s)})
            self._guesses.count(client)
        if not is_ours:
            return PlainTextResponse("Done.\n", headers=dict(PRIVATE_HEADERS))
        return self._small(page, self._actions(token))

    async def refused(self, request: Request, exception: Exception) -> Response:
        """Answer 404 and 405 with a plain, kind page; other refusals with their status alone."""
        assert isinstance(exception, HTTPException)
        name = _FAILURE_PAGES.get(exception.status_code)
        if name is None:
            return PlainTextResponse("The request was not understood.\n", exception.status_code)
        return self._small(name, status=exception.status_code, headers=exception.headers or {})

    async def failed(self, request: Request, exception: Exception) -> Response:
        """Answer 500 without a word of what went wrong inside; the server logs the exception."""
        try:
            return self._small("failed", status=500, headers=SECURITY_HEADERS)
        except Exception:  # noqa: BLE001 (the page for failures may itself be what fails)
            return PlainTextResponse("Something went wrong. Please try again later.\n", 500, dict(SECURITY_HEADERS))

    @property
    def _home(self) -> str:
        return f"{self._base}/"

    def _actions(self, token: str) -> dict[str, str]:
        own = f"{self._base}/leave/{token}"
        return {"action": own, "action_all": f"{own}/all", "action_undo": f"{own}/undo"}

    def _small(
        self,
        name: str,
        values: Mapping[str, str] | None = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        everywhere = {"contact": self._service.contact, "home": self._home}
        page = self._pages.small_page(name, **{**everywhere, **(values or {})})
        return _page(page, status, {**(headers or {}), **PRIVATE_HEADERS})


def _page(page: str | bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    body = page.encode() if isinstance(page, str) else page
    policy = {"Content-Security-Policy": page_policy(body)}
    return Response(body, status, {**(headers or {}), **policy}, "text/html; charset=utf-8")


async def _is_from_our_page(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return False
    try:
        fields = parse_qs((await request.body()).decode("ascii"), max_num_fields=20)
    except ValueError:
        return False
    return fields.get("page") == ["1"]
