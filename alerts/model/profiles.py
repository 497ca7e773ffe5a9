"""Topics: a saved search strategy with the sources it listens to, its examples and its team."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Dialect = Literal["ovid", "pubmed", "plain"]


@dataclass(frozen=True, slots=True)
class SourceSelection:
    """The sources a profile listens to: the union of `tags` and `ids`; `exclude` wins; nothing given means all."""

    tags: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()

    def includes(self, source_id: str, tags: frozenset[str]) -> bool:
        """Tell whether a source with these `tags` is listened to."""
        if source_id in self.exclude:
            return False
        if not self.tags and not self.ids:
            return True
        return source_id in self.ids or bool(self.tags & tags)


@dataclass(frozen=True, slots=True)
class Example:
    """A title (or DOI, or PMID) that a profile must or must not find: the profile's own unit test."""

    title: str = ""
    summary: str = ""
    doi: str = ""
    pmid: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A shared search block, named `#block-id` in strategies; a source of `met_by_places` meets it without words."""

    id: str
    search: str
    title: str = ""
    dialect: Dialect | None = None
    met_by_places: frozenset[str] = frozenset()
    file: str = ""
    search_line: int = 1
    search_column: int = 1
    search_file: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """A topic. `result_full` and `result_brief` are line numbers of the strategy, 0 for its last line.

    `search_line` and `search_column` say where the strategy's text begins in `file` (or in `search_file`, where the
    strategy has a file of its own), so that a finding at line 3 of the strategy can be shown at its place. `database`
    is the one it was written for, where said; `revision` changes with everything that decides what the profile finds.
    """

    id: str
    title: str
    search: str
    team: str = ""
    owner: str = ""
    dialect: Dialect | None = None
    sources: SourceSelection = SourceSelection()
    result_full: int = 0
    result_brief: int = 0
    spelling: Literal["variants", "exact"] = "variants"
    languages: frozenset[str] = frozenset()
    places: tuple[str, ...] = ()
    must_match: tuple[Example, ...] = ()
    must_not_match: tuple[Example, ...] = ()
    formerly: tuple[str, ...] = ()
    file: str = ""
    search_line: int = 1
    search_column: int = 1
    search_file: str = ""
    database: str = ""
    revision: str = ""
