"""Lists on pages that have no feed, by the selectors a librarian gives.

`page` reads such a list, `propose` finds selectors for a page nobody has described yet, by the ways that `naming`
knows; `selectors` is the CSS that is understood, `findings` what is said about a page.
"""
