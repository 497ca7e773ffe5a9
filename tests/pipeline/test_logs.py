"""Logs are JSON lines without addresses, tokens or query strings."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from alerts.pipeline.logs import configure, redacted


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure(form="json", level="info", stream=stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("to ann.o'neill+x@example.nhs.uk", "ann"),
        ("https://api.example.org/x?api_key=s3cret&y=1 failed", "s3cret"),
        ("postgresql://user:pa55@db/alerts", "pa55"),
        ("POST /leave/AbC123xyz", "AbC123xyz"),
    ],
)
def test_what_is_private_never_reaches_a_log(text: str, hidden: str) -> None:
    assert hidden not in redacted(text)


def test_a_line_is_one_json_object(lines: io.StringIO) -> None:
    structlog.get_logger("alerts").info("polled", source="dhsc", message="mail to bob@example.nhs.uk")
    told = json.loads(lines.getvalue())
    assert (told["event"], told["source"], told["level"]) == ("polled", "dhsc", "info")
    assert "bob" not in told["message"]


def test_warnings_of_other_libraries_are_in_the_same_form(lines: io.StringIO) -> None:
    logging.getLogger("somebody.else").warning("cannot reach %s", "https://example.org/?token=abc")
    told = json.loads(lines.getvalue())
    assert told["level"] == "warning"
    assert "abc" not in told["event"]


def test_an_exception_is_told_without_addresses(lines: io.StringIO) -> None:
    try:
        raise ValueError("bad address ann@example.nhs.uk")
    except ValueError:
        structlog.get_logger("alerts").exception("it failed")
    assert "ann@" not in lines.getvalue()
    assert "ValueError" in lines.getvalue()
