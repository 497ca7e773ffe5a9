"""Subject headings: the vocabulary, its files, and what a heading means for items that nobody has indexed.

A `vocabulary` maps every name of a heading to it and a heading to those below; `meanings` turns a heading into the
record's own headings and the words that count, less those that are everyday words (`everyday`). Names that MeSH has
given up long ago are in `old_headings`.
"""
