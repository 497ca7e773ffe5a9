"""Spelling variants: `paediatric*` also finds `pediatric*`, by groups that the library keeps in `spelling.yaml`.

A group lists the variants of one word; a trailing `*` means every word that begins so. A truncated term is expanded
only where the two variants part inside what is written, and where four letters are left (`oed*` never becomes `ed*`).
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts.search.patterns import is_prefix_only, is_wild
from alerts.search.tokens import words

_LEAST_STEM = 4
_MOST_KNOWN = 16_384
"""Patterns whose variants are remembered."""


class Spelling:
    """All groups, ready to be looked up by the beginning of a word."""

    __slots__ = ("_by_start", "_known")

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        self._by_start: dict[str, list[tuple[str, bool, tuple[tuple[str, bool], ...]]]] = {}
        self._known: dict[str, tuple[str, ...]] = {}
        for group in groups:
            variants = tuple(read for written in group if (read := _variant(written)) is not None)
            for variant in variants:
                others = tuple(other for other in variants if other != variant)
                self._by_start.setdefault(variant[0][:2], []).append((variant[0], variant[1], others))

    def variants(self, pattern: str) -> tuple[str, ...]:
        """Return `pattern` and every other way of spelling it, each once, itself first."""
        if not self._by_start:
            return (pattern,)
        known = self._known.get(pattern)
        if known is None:  # the same words stand in many strategies, and in every one that names a shared block
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[pattern] = self._variants(pattern)
        return known

    def _variants(self, pattern: str) -> tuple[str, ...]:
        found = [pattern]
        truncated = is_prefix_only(pattern)
        if is_wild(pattern) and not truncated:
            return (pattern,)
        bare = pattern[:-1] if truncated else pattern
        groups = self._by_start.get(bare[:2], ())
        # Where the list closes this very word ([labour, labor]), its other spelling begins other words: laboratory.
        whole = truncated and any(stem == bare and not opens for stem, _, others in groups for _, opens in others)
        for stem, open_ended, others in groups:
            for other, other_open in others:
                if whole and stem != bare and stem.startswith(bare):
                    variant: str | None = f"{other}*" if other_open else other
                else:
                    variant = _respelt(bare, truncated, stem, open_ended, other, other_open)
                if variant is not None and variant not in found:
                    found.append(variant)
        return tuple(found)


def _variant(written: str) -> tuple[str, bool] | None:
    """Read one variant: its letters, and whether every word that begins so is meant. Phrases are not variants."""
    folded = words(written)
    return (folded[0], written.rstrip().endswith("*")) if len(folded) == 1 else None


def _respelt(bare: str, truncated: bool, stem: str, open_ended: bool, other: str, other_open: bool) -> str | None:
    """Return `bare` respelt by one pair of variants, or `None` when the pair does not apply."""
    if bare.startswith(stem):
        rest = bare[len(stem) :]
        if rest and not (open_ended and other_open):
            return None
        if truncated and not other_open:
            return other  # a closed word stays whole: `labour*` finds labor, and never laboratory
        if truncated and len(other) + len(rest) < _LEAST_STEM:
            return None
        return other + rest + ("*" if truncated else "")
    if not truncated or not stem.startswith(bare):
        return None
    common = _common(stem, other)
    tail = _common(stem[common:][::-1], other[common:][::-1])
    parts_until = len(stem) - tail
    if len(bare) < parts_until or parts_until <= common - 1:
        return None
    respelt = other[: len(other) - tail] + bare[parts_until:]
    if len(respelt) < _LEAST_STEM:
        return None
    if not other_open:
        return other
    return respelt + "*" if respelt != bare else None


def _common(one: str, other: str) -> int:
    """Return how many characters two words share at their beginning."""
    shared = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        shared += 1
    return shared
