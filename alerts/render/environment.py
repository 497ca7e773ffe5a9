"""Jinja2 as we use it: everything in an immutable sandbox, undefined names are errors, escaping cannot be switched off.

The templates that ship and an operator's own run under the same rules, so that a template which works here works there.
Feed text is only ever a value. HTML templates escape every value; `safe`, and blocks that turn escaping off, do not
exist. What a template may do is counted: one that repeats without end, or grows without end, is stopped and named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from textwrap import wrap
from typing import Any, ClassVar

import jinja2
from jinja2 import meta, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from alerts.errors import AlertsError, Problem

_REFERENCE = re.compile(r" (\[\d+\])$")
_JOIN = "\ue000"

MOST_STEPS = 500_000
"""Rounds of loops, calls and includes in one drawing: a page that lists 20,000 items takes about 300,000."""
LONGEST_TEXT = 20_000_000
"""Characters of one drawing."""
_LONGEST_PRODUCT = 10_000

COLUMNS = 72
"""Width of the text part, but for links, which are never broken."""


class TemplateFailure(AlertsError):
    """A template cannot be used: it does not parse, names something that is not there, or turns escaping off."""

    code: ClassVar[str] = "B021"
    remedy = "Correct the file in config/templates/, or remove it to use the one that ships."

    def __init__(self, what: str, *, template: str = "", line: int = 0) -> None:
        place = ":".join(str(part) for part in (template, line) if part)
        super().__init__(f"{place}: {what}." if place else f"{what}.")
        self.what, self.template, self.line = what, template, line


class _Unsafe(jinja2.TemplateSyntaxError):
    """An operator's template tries to switch escaping off, or is no text."""


class OperatorLoader(jinja2.BaseLoader):
    """The operator's own templates, refused when they would let text through unescaped."""

    def __init__(self, inner: jinja2.BaseLoader) -> None:
        self._inner = inner

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Return the source as the inner loader gives it, once it is known to keep escaping on."""
        try:
            source, filename, uptodate = self._inner.get_source(environment, template)
        except UnicodeDecodeError:
            raise _Unsafe("the file is not UTF-8 text", 1, template) from None
        for node in environment.parse(source, template, filename).find_all(nodes.EvalContextModifier):
            raise _Unsafe("escaping cannot be switched off", node.lineno, template, filename)
        return source, filename, uptodate

    def list_templates(self) -> list[str]:
        """Return the names of the operator's templates."""
        return self._inner.list_templates()


OWN = "config/templates"
"""Where an operator's own templates lie, as findings say it."""


def told(failure: TemplateFailure, own: frozenset[str]) -> Problem:
    """Return a failure as a finding in the operator's file, where it lies in one of theirs."""
    if failure.template in own:
        return Problem(
            failure.code, "error", f"{failure.what}.", failure.remedy, f"{OWN}/{failure.template}", failure.line
        )
    return Problem(failure.code, "error", failure.sentence, failure.remedy, OWN)


def unused(where: Counting, own: frozenset[str]) -> Iterator[Problem]:
    """Yield a warning for each file that takes no template's place and that none of the operator's own includes."""
    wanted: set[str | None] = set()
    for name in own:
        try:
            wanted |= set(meta.find_referenced_templates(where.parse(where.loader_source(name))))
        except (jinja2.TemplateError, UnicodeError):
            continue  # told when it is drawn
    for name in sorted(own - where.shipped_templates() - {each for each in wanted if each}):
        remedy = f"The templates are: {', '.join(sorted(where.shipped_templates()))}."
        yield Problem("B024", "warning", "No template has this name: nothing uses the file.", remedy, f"{OWN}/{name}")


_steps: ContextVar[int] = ContextVar("steps", default=0)


def _step() -> None:
    taken = _steps.get() + 1
    if taken > MOST_STEPS:
        raise SecurityError(f"it repeats more than {MOST_STEPS:,} times")
    _steps.set(taken)


@jinja2.pass_context
def _counted(_context: object, values: Iterable[Any]) -> Iterator[Any]:
    """Give `values` out one by one, each a step."""
    for value in values:
        _step()
        yield value


class Counting(ImmutableSandboxedEnvironment):
    """A sandbox in which every round of a loop, call and include is a step, and steps are not endless."""

    intercepted_binops = frozenset({"*", "**"})
    overrides: jinja2.BaseLoader | None = None
    ships: jinja2.BaseLoader | None = None

    def own_templates(self) -> frozenset[str]:
        """Return the names of the operator's own templates."""
        return frozenset(self.overrides.list_templates() if self.overrides else ())

    def shipped_templates(self) -> frozenset[str]:
        """Return the names of the templates that ship."""
        return frozenset(self.ships.list_templates() if self.ships else ())

    def loader_source(self, name: str) -> str:
        """Return the text of a template."""
        return self.loader.get_source(self, name)[0] if self.loader else ""

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        """Have every loop counted (Jinja2's own hook for another way of generating code)."""
        for loop in list(source.find_all(nodes.For)):
            loop.iter = nodes.Filter(loop.iter, "counted", [], [], None, None, lineno=loop.lineno)
        return super()._generate(source, *args, **kwargs)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Multiply small things only: `"x" * 10 ** 9` fills the memory in one step."""
        if operator == "**":
            raise SecurityError("powers are not for templates")
        sizes = [len(each) if hasattr(each, "__len__") else 0 for each in (left, right)]
        times = next((each for each in (left, right) if isinstance(each, int)), 1)
        if max(sizes) * times > _LONGEST_PRODUCT:
            raise SecurityError("it makes a text too long")
        return super().call_binop(context, operator, left, right)

    def call(self, context: Any, called: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a macro or function: a step."""
        _step()
        return super().call(context, called, *args, **kwargs)

    def get_template(self, *args: Any, **kwargs: Any) -> jinja2.Template:
        """Return a template, also for an include: a step."""
        _step()
        return super().get_template(*args, **kwargs)

    def draw(self, name: str, values: dict[str, object]) -> str:
        """Return template `name` drawn with `values`; raises `SecurityError` for one that does not come to an end."""
        token = _steps.set(0)
        try:
            pieces: list[str] = []
            length = 0
            for piece in self.get_template(name).generate(values):
                length += len(piece)
                if length > LONGEST_TEXT:
                    raise SecurityError(f"it writes more than {LONGEST_TEXT:,} characters")
                pieces.append(piece)
            return "".join(pieces)
        finally:
            _steps.reset(token)


def environment(loader: jinja2.BaseLoader, overrides: jinja2.BaseLoader | None, *, escape: bool) -> Counting:
    """Return the environment for HTML (`escape`) or for plain text."""
    chain: list[jinja2.BaseLoader] = [OperatorLoader(overrides)] if overrides else []
    made = Counting(
        loader=jinja2.ChoiceLoader([*chain, loader]),
        autoescape=escape,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.overrides, made.ships = overrides, loader
    made.filters.pop("safe")
    made.globals.pop("lipsum")
    made.filters["counted"] = _counted
    made.filters["columns"] = columns
    made.filters["direction"] = direction
    made.filters["underlined"] = underlined
    return made


def direction(text: str) -> Markup:
    """Return ` dir="rtl"` for words whose first letter is of a script that runs from right to left, else nothing.

    Said outright since Outlook's Word engine does not know `auto`; for a block or a span, as it mistakes it on a link.
    """
    letters = (found for each in text if (found := unicodedata.bidirectional(each)) in {"L", "R", "AL"})
    return Markup("" if next(letters, "L") == "L" else ' dir="rtl"')  # noqa: S704 - one of two texts of our own


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
