"""A bulletin that is reviewed makes a draft first, which its librarian decides about.

`review` holds, changes, approves and reopens it; `view` is how people look at it; `files` reads and writes its review
file (which lies in `folder`); `letters` writes to its owner; `attend` sees to all of that at every tick, deadlines
included.
"""
