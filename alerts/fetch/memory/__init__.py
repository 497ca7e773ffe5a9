"""What kinds of source find again at their next poll (`SourceState.memory`): small JSON, read with care.

`windows` and `days` say up to where a search has been read, `likeness` what a watched page listed, `pages` what a
search of GOV.UK knows and still has to ask about, `letters` which newsletters were read. Whatever else stands in a
memory is taken for nothing: the kind then begins as at its first poll. Nothing here asks anybody.
"""
