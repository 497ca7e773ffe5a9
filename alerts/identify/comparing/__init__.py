"""Two entries compared: one publication, two versions of one work, or two works; each answer with its reason.

One set of rules for the stream of feeds and for files of references (docs/records.md). `traits` makes of an entry what
it is compared by: its titles as words (`titles`), whether it is a notice (`notices`), a preprint (`preprints`) or an
edition (`editions`), its `people` and its `places`. Then, in this order: `versions` (notices, preprints), `sharing`
(identifiers), `title_rules` (the `wording` of the titles, and what stands `beside` them). `same` is the door for two
entries and answers with a `verdict`; `clusters` is the one for many, and `blocks` names the pairs worth comparing.
"""
