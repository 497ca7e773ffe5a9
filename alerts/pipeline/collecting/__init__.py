"""Everything between a source and the ledger, and what is told of sources.

`collect` is the stage: the sources that are due, each fetched, parsed, decided, matched and written in one transaction,
with the `tools` it is done with. `looking_up` asks Europe PMC for abstracts, for the sources that want it;
`corrections` asks Crossref every night what became of what readers had. `health` says what is the matter with sources,
`overview` shows how they all are now. `reading` and `trying` read one source and store nothing; `subscriptions` are
lists of feeds in and out.
"""
