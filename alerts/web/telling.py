"""The page "Did you use something here? Tell us": asks what was used, and for what. Its link carries no person."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from alerts.model.text import cut
from alerts.render.forms import feedback_form
from alerts.web.answers import Answers, client_of, fields_of
from alerts.web.guard import Guesses
from alerts.web.service import IssueAsked, Service


class Telling:
    """The page, and what it answers."""

    def __init__(self, service: Service, answers: Answers, taken: Guesses) -> None:
        self._service, self._answers, self._taken = service, answers, taken

    def routes(self) -> list[Route]:
        """Return where the page is."""
        return [Route("/feedback/{bulletin_id}/{number:int}", self.tell, methods=["GET", "POST"])]

    async def tell(self, request: Request) -> Response:
        """Show the form, or keep what was written into it."""
        bulletin_id, number = request.path_params["bulletin_id"], request.path_params["number"]
        asked = await run_in_threadpool(self._service.asked, bulletin_id, number)
        if asked is None:
            raise HTTPException(404)
        path = f"{self._answers.base}{request.url.path}"
        if request.method != "POST":
            return self._form("feedback", asked, path, {})
        client, given = client_of(request), await fields_of(request)
        wait_s = self._taken.wait_s(client)
        if wait_s:
            return self._answers.small("too_many", status=429, headers={"Retry-After": str(wait_s)})
        self._taken.count(client)
        wrong = await run_in_threadpool(self._service.tell, bulletin_id, number, given)
        if wrong:
            return self._form("feedback_again", asked, path, given, message=wrong, status=400)
        return self._answers.small("thanks")

    def _form(
        self, name: str, asked: IssueAsked, path: str, given: Mapping[str, str], *, message: str = "", status: int = 200
    ) -> Response:
        items = [(str(number), cut(title, 100)) for number, title in asked.items]
        values = {"bulletin_title": asked.bulletin_title, "message": message, "form": feedback_form(path, items, given)}
        return self._answers.small(name, values, status=status)
