"""What a heading means for a record: its own indexing, or the words of its names."""

from __future__ import annotations

from dataclasses import dataclass, field

from alerts.search.headings.vocabulary import Descriptor, Vocabulary, key_of, natural_orders, surface
from alerts.search.leaves import HeadingLeaf, Key, PhraseSet


@dataclass(slots=True)
class HeadingMeaning:
    """The sets behind a heading: which own headings count, which phrases, and what was left out and why."""

    key: tuple[str, ...]
    keys: frozenset[Key]
    phrases: PhraseSet
    descriptor: Descriptor | None = None
    left_out: tuple[str, ...] = ()
    narrower: int = 0


@dataclass(slots=True)
class HeadingReader:
    """Finds the meaning of headings, each once per vocabulary."""

    vocabulary: Vocabulary | None
    _known: dict[tuple[Key, bool], HeadingMeaning] = field(default_factory=dict)

    def meaning(self, name: str, *, explode: bool) -> HeadingMeaning:
        """Return what the heading `name` means."""
        key = key_of(name)
        known = self._known.get((key, explode))
        if known is None:
            cache = self.vocabulary.meanings if self.vocabulary is not None else None
            known = cache.get((key, explode)) if cache is not None else None
            if known is None:
                known = self._make(name, key, explode)
                if cache is not None:
                    cache[(key, explode)] = known
            self._known[(key, explode)] = known
        return known

    def _make(self, name: str, key: Key, explode: bool) -> HeadingMeaning:
        """Work out one heading."""
        descriptor = self.vocabulary.find(name) if self.vocabulary is not None else None
        if descriptor is None or self.vocabulary is None:
            orders = natural_orders(name)
            return HeadingMeaning(("words", *key), frozenset({key}), PhraseSet(frozenset(orders)))
        members = self.vocabulary.below(descriptor) if explode else [descriptor]
        phrases: set[Key] = set(natural_orders(name))
        left_out: list[str] = []
        for nth, member in enumerate(members):
            more, out = surface(member, own=nth == 0)
            phrases |= more
            left_out.extend(out)
        keys = frozenset(key_of(member.name) for member in members) | {key}
        return HeadingMeaning(
            ("exploded" if explode else "single", self.vocabulary.revision, *key_of(descriptor.name), *key),
            keys,
            PhraseSet(frozenset(phrases)),
            descriptor,
            tuple(left_out),
            len(members) - 1,
        )

    def leaf(self, name: str, *, explode: bool, own_only: bool) -> HeadingLeaf:
        """Return the leaf for a heading; `own_only` under a NOT."""
        meaning = self.meaning(name, explode=explode)
        written = " ".join(name.split())
        return HeadingLeaf(meaning.key, own_only, written, meaning.keys, meaning.phrases, meaning.left_out)
