"""The pages behind the link in a reader's mail: leave, pause, and think better of it.

The same answer to a link of ours and to one that nobody signed, so that nobody learns which addresses read what.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from alerts.render.forms import FormView, pause_form
from alerts.web.answers import Answers, client_of, day_of, fields_of
from alerts.web.guard import PRIVATE_HEADERS, Guesses
from alerts.web.service import Service

LONGEST_PAUSE_DAYS = 366


class Leaving:
    """The pages, one method each."""

    def __init__(self, service: Service, answers: Answers, guesses: Guesses) -> None:
        self._service, self._answers, self._guesses = service, answers, guesses

    def routes(self) -> list[Route]:
        """Return where the pages are."""
        return [
            Route("/leave/{token}", self.leave, methods=["GET", "POST"]),
            Route("/leave/{token}/all", self.leave_all, methods=["POST"]),
            Route("/leave/{token}/pause", self.pause, methods=["POST"]),
            Route("/leave/{token}/undo", self.undo, methods=["POST"]),
        ]

    async def leave(self, request: Request) -> Response:
        """Show the choices, or do what a mail service's button asks."""
        if request.method == "POST":
            return await self._change(request, self._service.leave, "left")
        token = request.path_params["token"]
        leaving = await run_in_threadpool(self._service.leaving, token)
        if leaving is None:
            return self._answers.small("unknown_link", status=404)
        values: dict[str, object] = {
            "masked_address": leaving.masked_address,
            "bulletin_title": leaving.bulletin_title,
            "state": leaving.state,
            "until": leaving.until,
            "contact": leaving.contact or self._service.contact,
            "form": self._form(token, leaving.bulletin_title),
        }
        return self._answers.small("leave", {**values, **self._actions(token)})

    async def leave_all(self, request: Request) -> Response:
        """End every subscription of the address."""
        return await self._change(request, self._service.leave_all, "left_all")

    async def undo(self, request: Request) -> Response:
        """Take back what the link did."""
        return await self._change(request, self._service.undo, "returned")

    async def pause(self, request: Request) -> Response:
        """Send nothing before a day, or say why that day cannot be."""
        token, fields = request.path_params["token"], await fields_of(request)
        given = fields.get("until", "")
        until, today = day_of(given), self._service.today()
        if until is None or not today < until <= today + timedelta(days=LONGEST_PAUSE_DAYS):
            wrong = "That is no date." if until is None else "Choose a day after today and within a year."
            values = {"message": wrong, "form": self._form(token, "", given if until else "")}
            return self._answers.small("pause_again", values, status=400)
        everything = fields.get("scope") == "all"

        def change(known: str) -> bool:
            return self._service.pause(known, until, everything=everything)

        return await self._change(request, change, "pause_set", until=f"{until.day} {until:%B %Y}")

    def _form(self, token: str, bulletin_title: str, given: str = "") -> FormView:
        today = self._service.today()
        return pause_form(
            f"{self._answers.base}/leave/{token}/pause",
            bulletin_title,
            first=today + timedelta(days=1),
            last=today + timedelta(days=LONGEST_PAUSE_DAYS),
            given=given,
        )

    async def _change(self, request: Request, change: Callable[[str], bool], page: str, **values: object) -> Response:
        """Do what a POST asks and answer the same for a known and an unknown link.

        RFC 8058: the one-click request of a mail service carries no cookie and follows no redirect; whatever its body
        and encoding, the link is the authority. Our own form adds `page=1` and is answered with a page.
        """
        token, client = request.path_params["token"], client_of(request)
        is_ours = (await fields_of(request)).get("page") == "1"
        if not await run_in_threadpool(change, token):  # only now: a reader behind a guesser's proxy must get through
            wait_s = self._guesses.wait_s(client)
            if wait_s:
                return self._answers.small("too_many", status=429, headers={"Retry-After": str(wait_s)})
            self._guesses.count(client)
        if not is_ours:
            return PlainTextResponse("Done.\n", headers=dict(PRIVATE_HEADERS))
        return self._answers.small(page, {**values, **self._actions(token)})

    def _actions(self, token: str) -> dict[str, str]:
        own = f"{self._answers.base}/leave/{token}"
        return {"action": own, "action_all": f"{own}/all", "action_undo": f"{own}/undo"}
