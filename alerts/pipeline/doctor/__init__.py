"""`alerts doctor`: everything that mail needs to reach its readers, looked at once, each with what to do about it.

Nothing is changed: the database is opened for reading (and not migrated), no sender or recipient is named to the mail
server, and a file that tries the disk is gone again. Every check runs beside the others, in a time of its own; one that
fails or takes too long costs only itself.

`ground` is what they look at, `finding` what they answer; `machine`, `mail`, `names`, `public` and `content` hold the
checks; `examine` runs them.
"""

from __future__ import annotations

from alerts.pipeline.doctor.examine import examine
from alerts.pipeline.doctor.finding import Finding, Status, of_problem
from alerts.pipeline.doctor.ground import Ground, look

__all__ = ["Finding", "Ground", "Status", "examine", "look", "of_problem"]
