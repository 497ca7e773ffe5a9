"""The pages for joining a bulletin by oneself: ask with an address, confirm by the link in the mail."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from alerts.render.forms import sign_up_form
from alerts.web import service as nouns
from alerts.web.answers import Answers, client_of, fields_of
from alerts.web.guard import Guesses
from alerts.web.service import Service


class Joining:
    """The pages, one method each."""

    def __init__(self, service: Service, answers: Answers, taken: Guesses) -> None:
        self._service, self._answers, self._taken = service, answers, taken

    def routes(self) -> list[Route]:
        """Return where the pages are."""
        return [
            Route("/join/{bulletin_id}", self.ask, methods=["GET", "POST"]),
            Route("/join/{bulletin_id}/{token}", self.confirm, methods=["GET", "POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Show the form, or write to the address that was given; the answer tells nothing about it."""
        bulletin_id = request.path_params["bulletin_id"]
        joining = await run_in_threadpool(self._service.joining, bulletin_id)
        if joining is None:
            raise HTTPException(404)
        path = f"{self._answers.base}{request.url.path}"
        if request.method != "POST":
            return self._form("join", joining, path, {})
        client, given = client_of(request), await fields_of(request)
        wait_s = self._taken.wait_s(client)
        if wait_s:
            return self._answers.small("too_many", status=429, headers={"Retry-After": str(wait_s)})
        self._taken.count(client)
        address, name = given.get("address", ""), given.get("name", "")
        wrong = await run_in_threadpool(self._service.ask_to_join, bulletin_id, address, name)
        if wrong:
            return self._form("join_again", joining, path, given, message=wrong, status=400)
        return self._answers.small("join_asked", {"bulletin_title": joining.bulletin_title})

    async def confirm(self, request: Request) -> Response:
        """Show what the link is about, or subscribe."""
        bulletin_id, token = request.path_params["bulletin_id"], request.path_params["token"]
        known = await run_in_threadpool(self._service.joining, bulletin_id)
        asked = await run_in_threadpool(self._service.join_request, bulletin_id, token)
        title = {"bulletin_title": known.bulletin_title if known is not None else ""}
        if asked is None:
            return self._answers.small("old_request", title, status=404)
        if request.method != "POST":
            path = f"{self._answers.base}{request.url.path}"
            return self._answers.small(
                "join_confirm", {**title, "masked_address": asked.masked_address, "action": path}
            )
        if not await run_in_threadpool(self._service.join, bulletin_id, token):
            return self._answers.small("old_request", title, status=404)
        return self._answers.small("joined", title)

    def _form(
        self,
        name: str,
        joining: nouns.Joining,
        path: str,
        given: Mapping[str, str],
        *,
        message: str = "",
        status: int = 200,
    ) -> Response:
        form = sign_up_form(path, joining.domains, given)
        values = {"bulletin_title": joining.bulletin_title, "message": message, "form": form}
        return self._answers.small(name, values, status=status)
