"""Sample sources for the demo: what journals, governments and think tanks publish, as they publish it.

`journals.yaml`, `official.yaml` and `searches.yaml` hold the items, `publications` reads them and gives them dates that
count back from the day of the first run (the *anchor*), and `feeds` renders each source in the make its kind of
publisher uses: RSS 2.0, RDF with Dublin Core and PRISM, Atom, JSON Feed, what a database answers (`searches`); undated,
and malformed, on purpose. The same anchor gives the same bytes, so that a second run of the demo finds nothing new. The
articles are real, with their DOIs; every other item is made up.

`Samples` is all of it under one name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from alerts.demo.samples.config import sources_file
from alerts.demo.samples.feeds import Feed, feed_of, pages_of
from alerts.demo.samples.publications import Publication, SampleSource, read_sources

__all__ = ["Feed", "Publication", "SampleSource", "Samples"]


class Samples:
    """Every sample source, dated back from `anchor` (an aware datetime).

    `edition` 2 is what the same sources say a day later: one document in a second version, for tests of updates.
    """

    def __init__(self, anchor: datetime, edition: int = 1) -> None:
        self.anchor = anchor
        self.edition = edition
        self.sources: tuple[SampleSource, ...] = read_sources(anchor, edition)
        self._feeds = {source.id: feed_of(source) for source in self.sources}

    @property
    def feeds(self) -> Mapping[str, Feed]:
        """What each source answers, by source id."""
        return dict(self._feeds)

    @property
    def pages(self) -> tuple[Feed, ...]:
        """What is answered beside the feeds: the pages of GOV.UK that a feed lists."""
        return tuple(page for source in self.sources for page in pages_of(source))

    @property
    def entry_count(self) -> int:
        """How many items the sources publish altogether; an item in two sources counts twice."""
        return sum(len(source.items) for source in self.sources)

    def write_config(self, config_dir: Path, base_address: str) -> Path:
        """Make the samples the only sources of the configuration in `config_dir`; return the file that says so.

        `config_dir` is a demo's own copy: other files in its `sources/` are removed, so that nothing asks the network.
        """
        folder = config_dir / "sources"
        folder.mkdir(parents=True, exist_ok=True)
        for other in sorted(folder.glob("*.yaml")):
            other.unlink()
        written = folder / "samples.yaml"
        written.write_text(sources_file(self.sources, base_address.rstrip("/")), encoding="utf-8")
        return written
