"""Access tokens for the mail server, from a sign-in service on loopback."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from alerts.pipeline.oauth import NoToken, token_source


async def test_a_token_is_asked_for_once_and_kept_while_it_lasts(httpserver: HTTPServer) -> None:
    forms: list[dict[str, list[str]]] = []

    def answer(request: Request) -> Response:
        forms.append(parse_qs(request.get_data(as_text=True)))
        return Response(f'{{"access_token": "t{len(forms)}", "expires_in": 3600}}')

    httpserver.expect_request("/token", method="POST").respond_with_handler(answer)
    token = token_source(httpserver.url_for("/token"), "client", "secret", "smtp/.default")
    assert [await token(), await token()] == ["t1", "t1"]
    assert forms == [
        {
            "grant_type": ["client_credentials"],
            "client_id": ["client"],
            "client_secret": ["secret"],
            "scope": ["smtp/.default"],
        }
    ]


async def test_a_token_that_is_ending_is_renewed(httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/token").respond_with_json({"access_token": "old", "expires_in": 60})
    httpserver.expect_ordered_request("/token").respond_with_json({"access_token": "new", "expires_in": 3600})
    token = token_source(httpserver.url_for("/token"), "client", "secret", "s")
    assert [await token(), await token(), await token()] == ["old", "new", "new"]


async def test_a_refusal_is_told_in_the_services_words_without_the_secret(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/token").respond_with_data('{"error": "invalid_client"}', status=401)
    with pytest.raises(NoToken, match="invalid_client") as refusal:
        await token_source(httpserver.url_for("/token"), "client", "s3cret", "s")()
    assert "s3cret" not in str(refusal.value)


async def test_an_answer_without_a_token_is_an_error(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/token").respond_with_data("<html>portal</html>")
    with pytest.raises(NoToken):
        await token_source(httpserver.url_for("/token"), "client", "secret", "s")()
