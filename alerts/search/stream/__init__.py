"""Many strategies, one stream: which of them a record satisfies, without asking each.

What a strategy `demands` is a few clauses, whose alternatives are entered under words (`anchors`, `tables`, `entries`).
A record (`single`) or several (`batch`) lead to the clauses that they meet, and the `index` to the strategies.
"""
