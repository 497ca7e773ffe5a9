"""Which records of a file are known to be relevant: those of a field, of a list of ids, or of a file of ids."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alerts.errors import AlertsError

if TYPE_CHECKING:
    from alerts.parse.references import Reference

_NO = frozenset(
    {"", "-", "no", "n", "false", "f", "none", "null", "na", "n/a", "nan", "out", "exclude", "excluded", "reject"}
    | {"rejected", "irrelevant", "not relevant", "not included", "not_relevant", "not_included"}
)
_YES = frozenset({"yes", "y", "true", "t", "include", "included", "relevant", "x"})


class NothingRelevant(AlertsError):
    """A strategy cannot be judged on records of which none is known to be relevant."""

    code = "A025"


@dataclass(frozen=True, slots=True)
class Relevant:
    """The places of the relevant records in the file, how they were told, and ids that no record has."""

    places: frozenset[int]
    told_by: str
    unknown: tuple[str, ...] = ()


def relevant(known: Sequence[Reference], wanted: str) -> Relevant:
    """Return which records are relevant.

    `wanted` is the name of a field that says so (`included`), a field and its value (`label=1`), a file with one id a
    line, or ids between commas. Raises `NothingRelevant` when that is no record.
    """
    name, equals, value = wanted.partition("=")
    fields = {_plain(each) for record in known for each in record.fields}
    if _plain(name) in fields:
        places = frozenset(n for n, each in enumerate(known) if _says(each.fields, name, value if equals else None))
        if not places:
            raise NothingRelevant(
                f"No record has {wanted} in its fields.",
                remedy=f"The values of {name} are: {', '.join(_values(known, name))}.",
            )
        return Relevant(places, f"the field {wanted}{'' if equals else _unusual(known, name, places)}")
    by_id: dict[str, set[int]] = {}
    for nth, each in enumerate(known):
        for own in (each.id, *(identifier.value for identifier in each.entry.identifiers)):
            by_id.setdefault(own.casefold(), set()).add(nth)
    ids = _ids(wanted, by_id)
    places = frozenset(nth for each in ids for nth in by_id.get(each.casefold(), ()))
    unknown = tuple(each for each in ids if each.casefold() not in by_id)
    if not places:
        raise NothingRelevant(
            f"“{wanted[:60]}” is no field of the records, and none of them has such an id.",
            remedy=f"The fields are: {', '.join(sorted(fields))}; ids look like {known[0].id}." if known else "",
        )
    return Relevant(places, "a list of ids", unknown)


def _ids(wanted: str, known: Collection[str]) -> list[str]:
    """Return the ids of a list, or of the file that it names: one a line, or the ids of its records."""
    text = wanted
    path = Path(wanted)
    if len(wanted) < 4000 and path.is_file():
        from alerts.cli.strategy_files import read_bytes, text_of
        from alerts.parse.problems import NotReferences
        from alerts.parse.references import read_references

        body = read_bytes(path)
        try:
            return list(dict.fromkeys(each.id for each in read_references(body).records))
        except NotReferences:
            text = text_of(body, path)
    found: list[str] = []
    for line in text.splitlines():
        whole = line.strip().strip('"')
        found += [whole] if whole.casefold() in known else re.split(r"[\s,;]+", line)
    return list(dict.fromkeys(each for each in found if each))


def _plain(name: object) -> str:
    return str(name).strip().casefold().replace(" ", "_")


def _says(fields: Mapping[str, Any], name: str, value: str | None) -> bool:
    """Tell whether a record's field says yes, or has this value."""
    for own, found in fields.items():
        if _plain(own) == _plain(name):
            several = found if isinstance(found, list) else [found]
            if value is not None:
                return value.strip().casefold() in {_word(each) for each in several}
            return any(_is_yes(each) for each in several)
    return False


def _word(value: object) -> str:
    return "" if value is None else str(value).strip().casefold()


def _is_yes(value: object) -> bool:
    """Tell whether a value says yes: anything but nothing, zero and the words for no."""
    word = _word(value)
    try:
        return float(word) not in {0.0} and word not in _NO
    except ValueError:
        return word not in _NO


def _unusual(known: Sequence[Reference], name: str, places: Collection[int]) -> str:
    """Return the values that counted as yes, where they are not the usual ones."""
    said = {_word(found) for nth in places for own, found in known[nth].fields.items() if _plain(own) == _plain(name)}
    odd = sorted(each for each in said - _YES if not each.replace(".", "", 1).isdigit())
    return f" ({', '.join(odd[:5])}{' …' if len(odd) > 5 else ''})" if odd else ""


def _values(known: Sequence[Reference], name: str) -> list[str]:
    """Return some of the values that a field has."""
    found = {
        str(value)
        for each in known
        for own, value in each.fields.items()
        if _plain(own) == _plain(name) and value != ""
    }
    return sorted(found)[:10] or ["nothing"]
