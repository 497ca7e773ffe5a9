"""Access tokens for the mail server, from a sign-in service on loopback."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from alerts.pipeline.oauth import NoToken, SignInAway, token_source


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
    httpserver.expect_request("/token").respond_with_data(
        '{"error": "invalid_client, not s3cret-of-the-client"}', status=401
    )
    with pytest.raises(NoToken, match="invalid_client") as refusal:
        await token_source(httpserver.url_for("/token"), "client", "s3cret-of-the-client", "s")()
    assert "s3cret" not in str(refusal.value)


async def test_an_answer_without_a_token_is_an_error(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/token").respond_with_data("<html>portal</html>")
    with pytest.raises(NoToken):
        await token_source(httpserver.url_for("/token"), "client", "secret", "s")()


async def test_microsofts_answer_is_cut_to_the_sentence_that_helps(httpserver: HTTPServer) -> None:
    said = {
        "error": "invalid_client",
        "error_description": "AADSTS7000222: The client secret keys are expired. Trace ID: 1 Correlation ID: 2",
        "correlation_id": "2",
    }
    httpserver.expect_request("/token").respond_with_json(said, status=401)
    with pytest.raises(NoToken) as refusal:
        await token_source(httpserver.url_for("/token"), "client", "secret", "s")()
    assert refusal.value.sentence.endswith(
        "(HTTP 401): invalid_client: AADSTS7000222: The client secret keys are expired."
    )
    assert refusal.value.held, "a person must act: everything is held, with an alarm"


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_sign_in_service_in_trouble_is_tried_again(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/token").respond_with_data("later", status=status)
    with pytest.raises(SignInAway) as away:
        await token_source(httpserver.url_for("/token"), "client", "secret", "s")()
    assert not away.value.held


async def test_a_sign_in_service_that_is_not_there_is_tried_again() -> None:
    with pytest.raises(SignInAway, match="cannot be reached"):
        await token_source("http://127.0.0.1:9/token", "client", "secret", "s")()


@pytest.mark.parametrize(
    "answer", [{"access_token": None}, {"access_token": ""}, {"access_token": "two\r\nlines"}, {"token": "t"}, ["t"]]
)
async def test_what_is_no_token_is_not_sent_as_one(httpserver: HTTPServer, answer: object) -> None:
    httpserver.expect_request("/token").respond_with_json(answer)
    with pytest.raises(NoToken):
        await token_source(httpserver.url_for("/token"), "client", "secret", "s")()


@pytest.mark.parametrize("lasts", ["soon", None, "NaN", -5, "3600"])
async def test_a_strange_life_span_does_no_harm(httpserver: HTTPServer, lasts: object) -> None:
    httpserver.expect_request("/token").respond_with_json({"access_token": "t", "expires_in": lasts})
    assert await token_source(httpserver.url_for("/token"), "client", "secret", "s")() == "t"


async def test_the_services_own_proxy_is_used(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/token").respond_with_json({"access_token": "through the proxy".replace(" ", "-")})
    proxy = httpserver.url_for("").rstrip("/")
    assert await token_source("http://login.invalid/token", "c", "s", "s", proxy=proxy)() == "through-the-proxy"
