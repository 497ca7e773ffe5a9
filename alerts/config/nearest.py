"""Did you mean …? The known name nearest to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the name of `known` that looks most like `word`, or an empty string when none does."""
    import difflib  # not needed where nothing is wrong

    choices = {name.casefold(): name for name in known}
    wanted = word.casefold().replace("_", "-")
    alike = difflib.get_close_matches(wanted, [choice.replace("_", "-") for choice in choices], n=1, cutoff=0.6)
    if not alike:
        return ""
    return next(name for choice, name in choices.items() if choice.replace("_", "-") == alike[0])


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return a remedy that names the nearest known name, or lists them all when they are few, or says `otherwise`."""
    names = sorted(known)
    near = nearest(word, names)
    if near:
        return f"Did you mean “{near}”?"
    if names and len(names) <= 12:
        return f"Known are: {', '.join(names)}."
    return otherwise
