"""The first schema.

While this version has not been released it is made from `engine.store.tables`; from the first release on it
is written out and never changes again.
"""

from __future__ import annotations

from alembic import op

from engine.store.tables import METADATA

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    METADATA.create_all(op.get_bind())
