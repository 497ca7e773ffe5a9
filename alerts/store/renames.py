"""Ids that changed: `formerly: [old-id]` carries ledger, choices and history over to the new id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Column, Connection, exists, select, update

from alerts.model.bulletins import Bulletin
from alerts.model.catalogue import Catalogue
from alerts.model.profiles import Profile
from alerts.model.sources import Source
from alerts.store import schema

Renamed = tuple[str, str, str]
Named = Mapping[str, Source] | Mapping[str, Profile] | Mapping[str, Bulletin]

# Every column that holds such an id; the first of each is the one that tells whether an id is known.
COLUMNS: dict[str, tuple[Column[Any], ...]] = {
    "source": (
        schema.source_states.c.source_id,
        schema.sightings.c.source_id,
        schema.entries.c.source_id,
        schema.events.c.source_id,
        schema.batches.c.source_id,
        schema.source_health.c.source_id,
        schema.arrivals.c.source_id,
    ),
    "profile": (schema.profiles.c.id, schema.matches.c.profile_id, schema.pairings.c.profile_id),
    "bulletin": (
        schema.bulletins.c.id,
        schema.pairings.c.bulletin_id,
        schema.dispositions.c.bulletin_id,
        schema.issues.c.bulletin_id,
        schema.periods.c.bulletin_id,
        schema.drafts.c.bulletin_id,
        schema.own_items.c.bulletin_id,
        schema.subscriptions.c.bulletin_id,
        schema.sign_ups.c.bulletin_id,
        schema.suppressions.c.bulletin_id,
        schema.feedback.c.bulletin_id,
    ),
}


def rename(conn: Connection, catalogue: Catalogue) -> list[Renamed]:
    """Rename every id that `formerly` names, where the old one is known, out of use, and the new one unknown."""
    done: list[Renamed] = []
    everything: Iterable[tuple[str, Named]] = (
        ("source", catalogue.sources),
        ("profile", catalogue.profiles),
        ("bulletin", catalogue.bulletins),
    )
    for kind, found in everything:
        for each in found.values():
            for old in each.formerly:
                if old not in found and _is_known(conn, kind, old) and not _is_known(conn, kind, each.id):
                    _rename(conn, kind, old, each.id)
                    done.append((kind, old, each.id))
    return done


def _is_known(conn: Connection, kind: str, name: str) -> bool:
    return bool(conn.scalar(select(exists().where(COLUMNS[kind][0] == name))))


def _rename(conn: Connection, kind: str, old: str, new: str) -> None:
    for column in COLUMNS[kind]:
        conn.execute(update(column.table).where(column == old), {column.name: new})
