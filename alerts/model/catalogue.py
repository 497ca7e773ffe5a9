"""Everything the librarians wrote, checked and frozen: what one run of the service works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from alerts.model.bulletins import Bulletin, Person, Section, Team
from alerts.model.profiles import Block, Profile
from alerts.model.sources import Source


@dataclass(frozen=True, slots=True)
class TypeRule:
    """One row of `types.yaml`: an entry for which every given condition holds is of this type; the first rule wins.

    Conditions are words and phrases, compared word by word without case, never regular expressions; `notice_any` asks
    what the entry says of a publication (corrected, withdrawn, retracted). `design` names the study design that the
    rule states, if any.
    """

    id: str
    type: str
    title_starts: tuple[str, ...] = ()
    title_any: tuple[str, ...] = ()
    notice_any: tuple[str, ...] = ()
    summary_any: tuple[str, ...] = ()
    publication_type_any: tuple[str, ...] = ()
    link_any: tuple[str, ...] = ()
    source_type_any: tuple[str, ...] = ()
    design: str = ""

    def __hash__(self) -> int:
        """A rule's name is enough to tell it apart, and quicker than all its words."""
        return hash(self.id)


@dataclass(frozen=True, slots=True)
class Place:
    """A nation, region, integrated care board or council; `also` are its other names, `within` the places around."""

    name: str
    kind: str
    within: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoSendDay:
    """A day on which nothing is sent, in the named calendars (none named: all)."""

    day: date
    reason: str
    calendars: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Service:
    """`service.yaml`: the name of the service and its foot, where a team says nothing else.

    The owner is who is told when something is the matter with a source; nobody is when none is named.
    """

    name: str = "Library alerts"
    contact_name: str = ""
    contact_address: str = ""
    foot: str = ""
    disclaimer: str = ""
    owner_name: str = ""
    owner_address: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All configuration in force. Mappings go from id to object; spelling groups list the variants of one word."""

    service: Service
    sources: Mapping[str, Source]
    profiles: Mapping[str, Profile]
    blocks: Mapping[str, Block]
    bulletins: Mapping[str, Bulletin]
    teams: Mapping[str, Team]
    people: tuple[Person, ...] = ()
    spelling: tuple[tuple[str, ...], ...] = ()
    type_rules: tuple[TypeRule, ...] = ()
    type_labels: Mapping[str, str] = field(default_factory=dict)
    section_presets: Mapping[str, tuple[Section, ...]] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    no_send_days: tuple[NoSendDay, ...] = ()

    def sources_of(self, profile: Profile) -> tuple[Source, ...]:
        """Return the sources that `profile` listens to, in the catalogue's order."""
        return tuple(each for each in self.sources.values() if profile.sources.includes(each.id, each.tags))

    def listeners(self, source: Source) -> tuple[Profile, ...]:
        """Return the profiles that listen to `source`, in the catalogue's order."""
        return tuple(each for each in self.profiles.values() if each.sources.includes(source.id, source.tags))
