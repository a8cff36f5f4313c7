"""Files kept with a case."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.tables.types import METADATA, authority, identifier, instant, refers, words

attachments = sa.Table(
    "attachments",
    METADATA,
    identifier(),
    authority(),
    refers("case_id", "cases.id", index=True),
    refers("task_id", "user_tasks.id", required=False),
    refers("action_id", "plan_actions.id", required=False),
    refers("added_by", "practitioners.id"),
    instant("added_at", required=True),
    words("name", required=True),
    words("media_type", required=True),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    instant("removed_at"),
)
"""Files kept with a case, in the database: inside its acts and its backup. `digest` is SHA-256 (hexadecimal).

`action_id` is of the action that a file shows something about."""

attachment_chunks = sa.Table(
    "attachment_chunks",
    METADATA,
    refers("attachment_id", "attachments.id"),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.PrimaryKeyConstraint("attachment_id", "seq"),
)
