"""Strategies compiled by the search room, each once however often the files are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alerts.model.profiles import Block, Profile

if TYPE_CHECKING:
    from alerts.search import Compiled, Vocabulary


@dataclass(slots=True)
class Compiler:
    """Compiles strategies, each once however often the files are looked at."""

    vocabulary: Vocabulary | None
    done: dict[object, Compiled] = field(default_factory=dict)

    def profile(self, profile: Profile, blocks: Mapping[str, Block], spelling: tuple[tuple[str, ...], ...]) -> Compiled:
        """Compile a profile's strategy."""
        from alerts.search import compile as compile_profile

        key = (profile, tuple(blocks.items()), spelling)
        if key not in self.done:
            self.done[key] = compile_profile(profile, blocks=blocks, spelling=spelling, vocabulary=self.vocabulary)
        return self.done[key]

    def block(self, block: Block, blocks: Mapping[str, Block], spelling: tuple[tuple[str, ...], ...]) -> Compiled:
        """Compile a block by itself, to find what is wrong in it."""
        from alerts.search import compile_text

        key = (block, tuple(blocks.items()), spelling)
        if key not in self.done:
            self.done[key] = compile_text(
                block.search, dialect=block.dialect, blocks=blocks, spelling=spelling, vocabulary=self.vocabulary
            )
        return self.done[key]
