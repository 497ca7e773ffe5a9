"""Jinja2 as we use it: everything in an immutable sandbox, undefined names are errors, escaping cannot be switched off.

The templates that ship and an operator's own run under the same rules, so that a template which works here works there.
Feed text is only ever a value. HTML templates escape every value; `safe`, and blocks that turn escaping off, do not
exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from textwrap import wrap
from typing import ClassVar

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from alerts.errors import AlertsError

_REFERENCE = re.compile(r" (\[\d+\])$")
_JOIN = "\ue000"

COLUMNS = 72
"""Width of the text part, but for links, which are never broken."""


class TemplateFailure(AlertsError):
    """A template cannot be used: it does not parse, names something that is not there, or turns escaping off."""

    code: ClassVar[str] = "B021"
    remedy = "Correct the file in config/templates/, or remove it to use the one that ships."


class _Unsafe(jinja2.TemplateSyntaxError):
    """An operator's template tries to switch escaping off."""


class OperatorLoader(jinja2.BaseLoader):
    """The operator's own templates, refused when they would let text through unescaped."""

    def __init__(self, inner: jinja2.BaseLoader) -> None:
        self._inner = inner

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Return the source as the inner loader gives it, once it is known to keep escaping on."""
        source, filename, uptodate = self._inner.get_source(environment, template)
        for node in environment.parse(source, template, filename).find_all(nodes.EvalContextModifier):
            raise _Unsafe("escaping cannot be switched off", node.lineno, template, filename)
        return source, filename, uptodate

    def list_templates(self) -> list[str]:
        """Return the names of the operator's templates."""
        return self._inner.list_templates()


def environment(
    loader: jinja2.BaseLoader, overrides: jinja2.BaseLoader | None, *, escape: bool
) -> ImmutableSandboxedEnvironment:
    """Return the environment for HTML (`escape`) or for plain text."""
    chain: list[jinja2.BaseLoader] = [OperatorLoader(overrides)] if overrides else []
    made = ImmutableSandboxedEnvironment(
        loader=jinja2.ChoiceLoader([*chain, loader]),
        autoescape=escape,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.filters.pop("safe")
    made.filters["columns"] = columns
    made.filters["underlined"] = underlined
    return made


def columns(text: str, indent: int = 0, hanging: int | None = None) -> str:
    """Return `text` wrapped at 72 columns, indented by `indent` and, from its second line on, by `hanging`.

    The number of a link at its end stays with the last word.
    """
    rest = indent if hanging is None else hanging
    lines = wrap(
        _REFERENCE.sub(f"{_JOIN}\\1", text),
        COLUMNS,
        initial_indent=" " * indent,
        subsequent_indent=" " * rest,
        break_long_words="://" not in text,  # Chinese and Japanese have no spaces to break at
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace(_JOIN, " ")


def underlined(text: str, mark: str = "-") -> str:
    """Return a heading of the text part: the words, and a line below them."""
    shown = columns(text)
    return f"{shown}\n{mark * min(COLUMNS, max(map(len, shown.splitlines()), default=0))}"
