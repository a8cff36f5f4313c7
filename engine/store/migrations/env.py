"""How Alembic reaches the database: on the connection of the act that asked for it."""

from __future__ import annotations

from alembic import context

from engine.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
