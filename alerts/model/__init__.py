"""The nouns of the service, frozen.

Data wears the name of the stage it has reached: a *Source* is asked, a *Response* comes back, it holds *Entries*; each
becomes (or joins) a *Record*, and a record that satisfies a profile has a *Match* with its *Evidence*. What is worth
telling about a record is an *Event*; what became of an event in one bulletin is a *Disposition*; what goes out is an
*Issue*, and an issue to one recipient is a *Delivery*. The words are those of `docs/architecture.md`: one thing, one
word.

Nothing here does I/O, reads the clock or imports another room than `alerts.errors`. Times are aware datetimes in UTC
unless a name says otherwise; `None` for a date means that the publisher gave none.
"""
