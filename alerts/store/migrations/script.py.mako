"""${message}"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alerts.store.columns import Instant

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    ${upgrades if upgrades else "pass"}
