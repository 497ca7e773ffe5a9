"""The public pages: issues, leaving a bulletin, and health. GET shows, POST changes.

Links are root-relative under the path of the configured public address; nothing is ever taken from the Host header.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from alerts.errors import AlertsError
from alerts.web.answers import Answers, drawn
from alerts.web.guard import SECURITY_HEADERS, Crowd, Guesses, RequestLimits, SecurityHeaders
from alerts.web.joining import Joining
from alerts.web.leaving import Leaving
from alerts.web.service import Health, Pages, Service
from alerts.web.telling import Telling

_FAILURE_PAGES = {404: "not_found", 405: "not_allowed"}


def app(service: Service, pages: Pages, *, monotonic: Callable[[], float] = time.monotonic) -> Starlette:
    """Return the application that serves the public pages of `service`, drawn by `pages`."""
    answers = Answers(service, pages)
    site = _Site(service, pages, answers)
    leaving = Leaving(service, answers, Guesses(monotonic))
    application = Starlette(
        routes=[
            Route("/healthz", site.health, name="health"),
            Route("/", site.index),
            Route("/bulletins/", site.index),
            Route("/bulletins/{bulletin_id}", site.bulletin),
            Route("/bulletins/{bulletin_id}/", site.bulletin),
            Route("/bulletins/{bulletin_id}/{number:int}", site.issue),
            *leaving.routes(),
            *Telling(service, answers, Guesses(monotonic, allowed=10)).routes(),
            *Joining(service, answers, Guesses(monotonic, allowed=10)).routes(),
        ],
        middleware=[Middleware(SecurityHeaders), Middleware(Crowd), Middleware(RequestLimits)],
        exception_handlers={HTTPException: site.refused, AlertsError: site.failed, Exception: site.failed},
    )
    application.router.redirect_slashes = False  # Starlette would build the address from the Host header
    return application


class _Site:
    """The pages, one method each."""

    def __init__(self, service: Service, pages: Pages, answers: Answers) -> None:
        self._service, self._pages, self._answers = service, pages, answers

    async def health(self, request: Request) -> Response:
        try:
            health = await run_in_threadpool(self._service.health)
        except Exception:  # noqa: BLE001 (a monitor wants an answer whatever is broken)
            health = Health("failing", database="unavailable")
        status = 503 if health.status == "failing" else 200
        return JSONResponse(health.as_json(), status, {"Cache-Control": "no-store"})

    async def index(self, request: Request) -> Response:
        listings = await run_in_threadpool(self._service.bulletins)
        page = self._pages.archive(tuple(listings), home=self._answers.home, base=self._answers.base)
        return drawn(page, headers={"Cache-Control": "no-cache"})

    async def bulletin(self, request: Request) -> Response:
        listing = await run_in_threadpool(self._service.bulletin, request.path_params["bulletin_id"])
        if listing is None:
            raise HTTPException(404)
        page = self._pages.archive((listing,), home=self._answers.home, base=self._answers.base)
        return drawn(page, headers={"Cache-Control": "no-cache"})

    async def issue(self, request: Request) -> Response:
        wanted = request.path_params
        stored = await run_in_threadpool(self._service.issue_page, wanted["bulletin_id"], wanted["number"])
        if stored is None:
            raise HTTPException(404)
        return drawn(stored, headers={"Cache-Control": "public, max-age=3600"})

    async def refused(self, request: Request, exception: Exception) -> Response:
        """Answer 404 and 405 with a plain, kind page; other refusals with their status alone."""
        assert isinstance(exception, HTTPException)
        name = _FAILURE_PAGES.get(exception.status_code)
        if name is None:
            return PlainTextResponse("The request was not understood.\n", exception.status_code)
        return self._answers.small(name, status=exception.status_code, headers=exception.headers or {})

    async def failed(self, request: Request, exception: Exception) -> Response:
        """Answer 500 without a word of what went wrong inside; the server logs the exception."""
        try:
            return self._answers.small("failed", status=500, headers=SECURITY_HEADERS)
        except Exception:  # noqa: BLE001 (the page for failures may itself be what fails)
            return PlainTextResponse("Something went wrong. Please try again later.\n", 500, dict(SECURITY_HEADERS))
