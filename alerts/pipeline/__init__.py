"""The stages put together: one module per stage, and the one place that names concrete classes.

`service` opens everything a stage needs: settings, clock, store, configuration in force, searches, renderer, keys.
`adopt` takes a configuration into force before anything is written with it. `collecting` holds the first stage, which
polls the sources that are due (fetch, parse, identify, match, store: one transaction per source), and all else about
sources; `matching` says which profiles are asked about what. `publish` composes the bulletins that are due from the
ledger and writes issue, dispositions and deliveries in one transaction (`composing` reads what it is made of, `issuing`
makes the bytes, `closing` notes what closes soon); `deliver` is the outbox that the transports send from. `run` ticks
all of them as one process.

A bulletin that is reviewed makes a draft instead: `reviewing`. `doctor` looks whether all is well.

What readers do about their bulletins, and what is kept of them: `people`.

`preview`, `own_items`, `places` and `archive` are what commands ask for beside the stages. `clock` alone reads the
clock; `keys` keeps the signing key; `logs` sets logging up.

Everything slow happens outside a transaction. What was decided on is read again inside it, and when it has changed
meanwhile (`alerts.store.Stale`) the stage decides again. So a stage may be killed anywhere, run twice, or run by two
replicas at once: the rows decide what is still to be done.
"""
