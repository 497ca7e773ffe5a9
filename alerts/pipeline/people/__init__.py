"""Readers: what they do about their bulletins, what they tell, and what is kept of them.

`readers` is what readers do about their bulletins (leave, pause, come back), each act with its mail (`confirmations`);
`joining` lets them in by themselves, `feedback` keeps what they tell of use, `bounces` takes mail that came back, and
`persons` shows, erases and lets go what is kept of a person.
"""
