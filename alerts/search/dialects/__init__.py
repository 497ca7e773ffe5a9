"""How strategies are written: Ovid, PubMed and plain, read into one tree and printed back.

Debris is blanked in place (`source`, `debris`, `cells`, `export_headers`), the text is split into lines (`lines`), the
dialect is said or detected (`detect`), and one reader per dialect (`ovid`, `pubmed`, `plain`, with what belongs to each
beside it) walks each line and drives the one `builder`. What one dialect's writers borrow from another is read with a
warning (`foreign`, `other_ways`, `mixing`). `reading` puts all of that together; `printing` goes the other way.
"""
