"""A value that is never shown."""

from __future__ import annotations


class Secret:
    """A secret text: it has to be asked for by name, so that no log, table or traceback prints it by chance."""

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value

    def get_secret_value(self) -> str:
        """Return the text itself; empty when none is set."""
        return self._value

    def __bool__(self) -> bool:
        """Tell whether there is a secret."""
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        """Tell whether another secret is the same."""
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        """Return a hash of the text."""
        return hash(self._value)

    def __repr__(self) -> str:
        """Show only whether there is one."""
        return "Secret(set)" if self._value else "Secret(not set)"

    __str__ = __repr__
