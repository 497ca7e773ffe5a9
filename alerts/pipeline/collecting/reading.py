"""What the service makes of one feed: a file or an address, read once, stored nowhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from alerts.config import Settings, load_catalogue, shipped
from alerts.errors import AlertsError, Problem
from alerts.fetch.unpack import unpacker
from alerts.identify import TypeDecision, evidence_type
from alerts.model.catalogue import Catalogue
from alerts.model.mailboxes import FOLDER
from alerts.model.records import Entry
from alerts.model.sources import Source, SourceState
from alerts.parse import Parsed
from alerts.pipeline.collecting.overview import nearest_source
from alerts.pipeline.collecting.tools import Tools, open_tools

MOST_BYTES = 15_000_000
_GZIP = b"\x1f\x8b"
_MOST_RATIO = 150


class NoSuchFile(AlertsError):
    """A file that was named cannot be read."""

    code = "P091"
    remedy = "Name a file that is there, an address that begins with https://, or the id of a configured source."


@dataclass(frozen=True, slots=True)
class Reading:
    """One feed as the service reads it. `failure` is set when nothing could be made of it."""

    target: str
    source: Source
    format: str = ""
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    failure: AlertsError | None = None
    designs: Mapping[str, str] = field(default_factory=dict)
    """Study designs by the entries' keys, where the rule for the type of evidence states one."""

    def all_problems(self) -> tuple[Problem, ...]:
        """Return the problems found, the failure among them as an error."""
        if self.failure is None:
            return self.problems
        failed = Problem(self.failure.code, "error", self.failure.sentence, self.failure.remedy)
        return (failed, *self.problems)


async def read_sources(settings: Settings, targets: Sequence[str]) -> AsyncIterator[Reading]:
    """Read each target (file, address or id of a configured source) and say what the service makes of it."""
    config_dir = settings.config_dir if settings.config_dir.is_dir() else shipped("config")
    catalogue = load_catalogue(config_dir, None).catalogue
    async with open_tools(settings, catalogue) as tools:
        for target in targets:
            source = _source(target, catalogue)
            try:
                parsed = await _parsed(target, source, tools)
            except AlertsError as failure:
                yield Reading(target, source, failure=_with_nearest(failure, target, catalogue))
                continue
            if not source.title:
                source = replace(source, title=parsed.title, evidence_type=_usual_type(parsed.entries))
            decided = [evidence_type(each, source, catalogue.type_rules) for each in parsed.entries]
            typed = tuple(map(_typed, parsed.entries, decided))
            designs = {entry.key: each.design for entry, each in zip(typed, decided, strict=True) if each.design}
            yield Reading(target, source, parsed.format, typed, parsed.problems, designs=designs)


def _with_nearest(failure: AlertsError, target: str, catalogue: Catalogue) -> AlertsError:
    """Name the configured source that was most likely meant, where what was named is no file."""
    if not isinstance(failure, NoSuchFile) or "/" in target or Path(target).exists():
        return failure
    return NoSuchFile(failure.sentence, remedy=f"{nearest_source(target, catalogue.sources)} {failure.remedy}")


def _source(target: str, catalogue: Catalogue) -> Source:
    known = catalogue.sources.get(target)
    if known is not None:
        return known
    by_address = {each.address: each for each in catalogue.sources.values()}
    return by_address.get(target) or Source(id=Path(target).stem or "source", title="", address=target)


def _usual_type(entries: Sequence[Entry]) -> str:
    """Return the type that a source which nobody described most likely has: studies where most items have a DOI."""
    articles = sum(bool(entry.identifier("doi") or entry.identifier("pmid")) for entry in entries)
    return "study" if 2 * articles > len(entries) else "news"


async def _parsed(target: str, source: Source, tools: Tools) -> Parsed:
    if source.address.startswith(("http://", "https://", "imaps://", FOLDER)):
        parsed = (await tools.read(source, SourceState(source.id))).parsed
        assert parsed is not None, "a source that nothing is known of has nothing unchanged"
        return parsed
    try:
        with Path(target).open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NoSuchFile(f"{target} cannot be read: {reason}.") from error
    if len(body) > MOST_BYTES:
        raise NoSuchFile(f"{target} is larger than {MOST_BYTES // 1_000_000} MB.", remedy="No feed is so large.")
    if body.startswith(_GZIP):
        packed = unpacker("gzip", limit=MOST_BYTES, max_ratio=_MOST_RATIO)
        packed.add(body)
        body = packed.finish()
    return await tools.parsers.parse(body, "")


def _typed(entry: Entry, decided: TypeDecision) -> Entry:
    return replace(entry, evidence_type=decided.type, evidence_type_rule=decided.rule)
