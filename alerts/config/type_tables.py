"""The table of types in force: the library's own rules, labels and presets, then those that come with the service."""

from __future__ import annotations

from functools import lru_cache

from alerts.config import forms
from alerts.config.package_files import shipped
from alerts.config.reading import read_tree
from alerts.config.tree import Mapping


@lru_cache(maxsize=1)
def _shipped_text() -> str:
    return (shipped("config") / "types.yaml").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _shipped_table() -> forms.TypesForm:
    root, _ = read_tree(_shipped_text())
    table = forms.TypesForm.read(root, []) if isinstance(root, Mapping) else None
    if table is None:
        raise RuntimeError("The types.yaml that comes with the service cannot be read.")
    return table


def in_force(own: forms.TypesForm | None, text: str = "") -> forms.TypesForm:
    """Return what counts: `own` alone where it says `replace: true`, else with the shipped table behind it.

    A shipped rule, label or preset of the same name gives way. `text` is that of the own file: an unchanged copy of the
    shipped one need not be read twice.
    """
    if own is not None and (own.replace or text == _shipped_text()):
        return own
    table = _shipped_table()
    if own is None:
        return table
    named = {rule.id for rule in own.rules}
    return forms.TypesForm(
        replace=False,
        labels={**table.labels, **own.labels},
        rules=(*own.rules, *(rule for rule in table.rules if rule.id not in named)),
        sections={**table.sections, **own.sections},
    )
