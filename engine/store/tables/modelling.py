"""Models under work: drafts of diagrams, rules and forms, what they were before, and who has them open."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.tables.types import METADATA, authority, identifier, instant, refers, words

model_drafts = sa.Table(
    "model_drafts",
    METADATA,
    identifier(),
    authority(),
    words("file", required=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("source", sa.LargeBinary, nullable=False),
    sa.Column("findings", sa.JSON, nullable=False),
    sa.Column("unkept", sa.JSON, nullable=False),
    refers("account_id", "accounts.id", required=False),
    refers("based_on_id", "definitions.id", required=False),
    instant("saved_at", required=True),
    sa.UniqueConstraint("authority_id", "file"),
)
"""Models that are not in force. `unkept` names the examples (`file: example`) that they would not keep.

`version` goes up with every change, and on from the last draft of the same name when one ends and another is begun.
`based_on_id` is the definition that the draft was begun from."""

model_draft_revisions = sa.Table(
    "model_draft_revisions",
    METADATA,
    identifier(),
    authority(),
    # No foreign key: a draft that is thrown away or in force is gone, and what it was stays.
    sa.Column("draft_id", sa.Uuid, nullable=False),
    words("file", required=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("source", sa.LargeBinary, nullable=False),
    refers("account_id", "accounts.id", required=False),
    instant("begun_at", required=True),
    instant("saved_at", required=True),
    sa.UniqueConstraint("authority_id", "file", "version"),
)
"""What drafts were. What one person saves within ten minutes of `begun_at` is one revision, written again."""

model_editors = sa.Table(
    "model_editors",
    METADATA,
    identifier(),
    authority(),
    words("file", required=True),
    refers("account_id", "accounts.id"),
    instant("seen_at", required=True),
    sa.UniqueConstraint("authority_id", "file", "account_id"),
)
"""Who had a model open in an editor, and when last."""
