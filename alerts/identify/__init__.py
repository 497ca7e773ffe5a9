"""Entries to decisions: one record per publication, however many sources list it, and every choice with its reason.

`decide` is the door: a pure function of a poll's entries, of what the store knows about them (`Known`, read for what
`looks_up` names), of the source and the moment. For each entry it asks, in this order:

1. Was this key seen in this source before? Same fingerprint: *same*. Else `changes` says whether the difference
   enriches the record, tidies it, or is news (`updates: text | date | never`).
2. Does a record share an identifier: DOI, PMID, PMCID, document number, link? `same.by_identifier` believes it unless
   the titles speak against it, since publishers paste wrong DOIs and reuse links.
3. Does a record share its title (blocked by `titles.title_key`)? `same.by_title` wants a date and an author or journal
   beside it, since titles repeat: "Editorial", "Part 2", last year's annual report.
4. Else it is *new*. A correction or retraction notice (`notices`) becomes a record of its own with an event on the
   record that it is about; a preprint and its publication (`preprints`) are linked, never merged.

`comparing` holds the rules behind 2 to 4: one set, for the stream and for files of references, whose door is `cluster`.
`renamed` knows what a source gave another key or link, `about` what a notice is about, `twins` the records that turn
out to be one.

`types` finds the type of evidence by the librarians' table and names the rule. `view` lets later entries of a poll see
what earlier ones became, so that a feed that lists an item twice makes one record.
"""

from __future__ import annotations

from alerts.identify.comparing.clusters import Cluster, Clusters, Pair, cluster
from alerts.identify.comparing.titles import title_key
from alerts.identify.decide import decide
from alerts.identify.types import TypeDecision, evidence_type
from alerts.identify.wanted import Wanted, looks_up

__all__ = [
    "Cluster",
    "Clusters",
    "Pair",
    "TypeDecision",
    "Wanted",
    "cluster",
    "decide",
    "evidence_type",
    "looks_up",
    "title_key",
]
