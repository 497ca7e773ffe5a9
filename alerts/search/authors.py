"""An author as strategies and records write one: `Smith JA`, `Smith J A`, `Smith, J. A.`, `John A. Smith`."""

from __future__ import annotations

Form = tuple[tuple[str, ...], ...]
"""The words of a name in their order, each with the ways in which it may be written."""

_MOST_INITIALS = 4


def author_forms(words: tuple[str, ...]) -> list[Form]:
    """Return the other forms of a surname that initials follow; none of a name without initials.

    An initial stands for any name that begins with it: `smith ja` finds John A. Smith, but not Smith JB.
    """
    at = len(words)
    while at > 1 and len(words[at - 1].rstrip("*")) <= 2 and words[at - 1].rstrip("*").isalpha():
        at -= 1
    letters = "".join(word.rstrip("*") for word in words[at:])
    if not letters or len(letters) > _MOST_INITIALS:
        return []
    surname: Form = tuple((word,) for word in words[:at])
    apart: Form = tuple((letter + "*",) for letter in letters)
    together: Form = ((letters + ("*" if words[-1].endswith("*") else ""),),)
    forms = (surname + apart, apart + surname, surname + together, together + surname)
    return list(dict.fromkeys(forms))
