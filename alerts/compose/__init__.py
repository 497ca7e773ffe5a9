"""Compose: what a bulletin's profiles found becomes an issue that somebody wants to read.

Everything here is pure: the moment, the ledger's candidates and the calendar are arguments, the answer is data that
says why.

`stories` collapses the candidates of one record (new, then updated; three profiles; two sources) into one story.
`sections` finds its heading, or the reason why it has none; `places` is the lens that finds local items; `ranking`
puts the stories under a heading in an order that can be explained and shares the budget among the headings. `items`
turns a story into the text that is shown, with `summaries` deciding how much of a publisher's words may be, and
`words` the dates and the subject. `issue.compose` ties them together and gives every event that it settled a
disposition: issued, remainder or dropped, never silence. What has no disposition comes again.

`review` applies what a librarian decides about a draft, and composes it again from what it was made of.

`schedule` says when: the period that is due, those to come, and local times that no bulletin should have; `calendar`
knows the days on which nothing goes out.
"""

from __future__ import annotations

from alerts.compose import calendar, schedule
from alerts.compose.issue import Setting, compose

__all__ = ["Setting", "calendar", "compose", "schedule"]
