"""Logs: JSON lines when nobody watches, readable ones on a terminal; never an address, a token or a query string."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_QUERY = re.compile(r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]+")
_USERINFO = re.compile(r"(\w+://)[^/\s@]+@")
_TOKEN = re.compile(r"(/leave/|/join/[^\s/\"'<>]+/)[^\s/\"'<>]+")


def redacted(text: str) -> str:
    """Return `text` without mail addresses, query strings, credentials in addresses, or unsubscribe tokens."""
    text = _USERINFO.sub(r"\1…@", text)
    text = _QUERY.sub(r"\1?…", text)
    text = _TOKEN.sub(r"\1…", text)
    return _ADDRESS.sub("<address>", text)


def _redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = redacted(value)
        elif isinstance(value, BaseException):
            event[key] = redacted(f"{type(value).__name__}: {value}")
    return event


def configure(*, form: str = "auto", level: str = "info", stream: TextIO | None = None) -> None:
    """Set logging up once for the process. `form` is "json", "console" or "auto" (JSON unless on a terminal)."""
    out = stream or sys.stderr
    as_json = form == "json" or (form == "auto" and not out.isatty())
    number = getattr(logging, level.upper())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact,
    ]
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=out.isatty())
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    plain = logging.StreamHandler(out)
    plain.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[_strip, *([last])]))
    root = logging.getLogger()
    root.handlers[:] = [plain]
    root.setLevel(max(number, logging.WARNING))
    # A tick that comes while the last one is still at work is passed over; the next asks the database again.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def _strip(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return structlog.stdlib.ProcessorFormatter.remove_processors_meta(logger, method, event)


log: structlog.typing.FilteringBoundLogger = structlog.get_logger("alerts")
"""The service's logger: `log.info("polled", source="dhsc", entries=12)`."""
