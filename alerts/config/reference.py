"""The tables of docs/configuration.md, made of the forms themselves; a test holds that page to them."""

from __future__ import annotations

from alerts.config.codes import CODES
from alerts.config.shape import Form


def keys_table(form: type[Form]) -> str:
    """Return the Markdown table of a form's keys: whether each is needed, its default, and what it says."""
    rows = ["| Key | Needed | Meaning |", "|---|---|---|"]
    for name, each in form.keys.items():
        rows.append(f"| `{name}` | {'yes' if each.required else _default(each.default)} | {_cell(each.description)} |")
    return "\n".join(rows) + "\n"


def codes_table() -> str:
    """Return the Markdown table of the C… codes."""
    return (
        "\n".join(["| Code | Meaning |", "|---|---|", *(f"| {code} | {said} |" for code, said in CODES.items())]) + "\n"
    )


def _default(value: object) -> str:
    if value is None or value == () or value == {} or isinstance(value, Form):
        return "no"
    if isinstance(value, bool):
        return f"no: `{str(value).lower()}`"
    return f"no: `{_span(value) if isinstance(value, int) and value >= 3600 else value}`"


def _span(seconds: int) -> str:
    from alerts.config.fields import in_words

    return in_words(seconds)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")
