"""Lists on pages that have no feed, by the selectors a librarian gives.

`page` reads such a list, with `titles` as they should be called; `propose` finds selectors for a page nobody has
described yet, by the ways that `naming` knows, and `describing` those within an item. `instead` says what a page is
that holds no list; `selectors` is the CSS that is understood, `findings` what is said about a page.
"""
