"""Who is concerned by a word: keys entered under words and under beginnings of words."""

from __future__ import annotations

from typing import Generic, TypeVar

from alerts.search.anchors import Anchors
from alerts.search.text import SearchText

K = TypeVar("K", str, int)


class Postings(Generic[K]):
    """Keys by anchor word. A key without any word to go by concerns every record."""

    __slots__ = ("_by_prefix", "_by_word", "always")

    def __init__(self) -> None:
        self._by_word: dict[str, list[K]] = {}
        self._by_prefix: dict[str, list[K]] = {}
        self.always: dict[K, None] = {}

    def add(self, key: K, anchors: Anchors) -> None:
        """Enter a key under its anchors."""
        if anchors is None:
            self.always[key] = None
            return
        for word in anchors:
            if word.endswith("*"):
                self._by_prefix.setdefault(word[:-1], []).append(key)
            else:
                self._by_word.setdefault(word, []).append(key)

    def remove(self, key: K, anchors: Anchors) -> None:
        """Take a key out; `anchors` are those it was entered under."""
        if anchors is None:
            self.always.pop(key, None)
            return
        for word in anchors:
            table, name = (self._by_prefix, word[:-1]) if word.endswith("*") else (self._by_word, word)
            table[name].remove(key)
            if not table[name]:
                del table[name]

    def concerned(self, text: SearchText) -> set[K]:
        """Return every key with an anchor in the record, and those that have none."""
        found: set[K] = set(self.always)
        for word in text.vocabulary & self._by_word.keys():
            found.update(self._by_word[word])
        if self._by_prefix:
            for prefix in text.beginnings & self._by_prefix.keys():
                found.update(self._by_prefix[prefix])
        return found
