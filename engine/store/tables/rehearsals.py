"""Rehearsals of a release: every running case tried on the new versions, what came of each, and what was chosen."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.tables.types import (
    METADATA,
    authority,
    identifier,
    instant,
    of_case,
    one_of,
    partial_index,
    refers,
    words,
)

rehearsals = sa.Table(
    "rehearsals",
    METADATA,
    identifier(),
    authority(),
    refers("account_id", "accounts.id"),
    sa.Column("wanted", sa.JSON, nullable=False),
    sa.Column("process_keys", sa.JSON, nullable=False),
    sa.Column("steps", sa.JSON, nullable=False),
    sa.Column("targets", sa.JSON, nullable=False),
    words("choice", required=True),
    words("state", required=True),
    words("said"),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("seen", sa.Integer, nullable=False, server_default="0"),
    sa.Column("seen_until", sa.Uuid),
    instant("begun_at", required=True),
    instant("ended_at"),
    instant("moved_at"),
    refers("batch_id", "batches.id", required=False),
    refers("back_of", "rehearsals.id", required=False),
    one_of("choice", "choice", "stay", "move"),
    one_of("state", "state", "running", "done", "failed"),
    sa.CheckConstraint("(state = 'running') = (ended_at IS NULL)", name="ended_unless_running"),
    partial_index("ix_rehearsals_running", "begun_at", "id", where="state = 'running'"),
    partial_index("ix_rehearsals_unmoved", "ended_at", "id", where="state = 'done' AND moved_at IS NULL"),
    sa.Index("ix_rehearsals_of", "authority_id", "begun_at"),
)
"""`wanted` names each definition of the release (`kind key`) with the SHA-256 of its text; once all are in force, the
cases move as was chosen, in the batch `batch_id`. `process_keys` are the diagrams that it concerns, `steps` what it
changes of them. `targets`, by process key, say which element is meant now instead of which. `choice` is what happens
to cases that can move as long as nobody chooses otherwise. `seen_until` is the last instance that was tried, `said`
why a rehearsal failed. With `back_of` only the cases that moved with that one are tried: they go back."""

rehearsal_files = sa.Table(
    "rehearsal_files",
    METADATA,
    refers("rehearsal_id", "rehearsals.id"),
    words("file", required=True),
    sa.Column("source", sa.LargeBinary, nullable=False),
    sa.PrimaryKeyConstraint("rehearsal_id", "file"),
)
"""The texts that are rehearsed; none where running cases are tried on what is in force already."""

rehearsal_kinds = sa.Table(
    "rehearsal_kinds",
    METADATA,
    identifier(),
    authority(),
    refers("rehearsal_id", "rehearsals.id", index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("process_key", sa.Text, nullable=False),
    words("verdict", required=True),
    words("meets", required=True),
    sa.Column("remarks", sa.JSON, nullable=False),
    words("choice"),
    sa.Column("targets", sa.JSON, nullable=False),
    one_of("verdict", "verdict", "unharmed", "changes", "stays", "decide"),
    one_of("meets", "meets", "at", "ahead", "again", "past"),
    one_of("choice", "choice", "", "stay", "move"),
    sa.UniqueConstraint("rehearsal_id", "number"),
)
"""Cases of which the same came: what is remarked, whether they stand at a changed step, before one, come to
one only if their way leads back, or are past all, and what was chosen for all of them ("" when nothing was)."""

rehearsal_cases = sa.Table(
    "rehearsal_cases",
    METADATA,
    identifier(),
    authority(),
    refers("kind_id", "rehearsal_kinds.id", index=True),
    of_case(),
    refers("instance_id", "instances.id"),
    words("choice"),
    sa.Column("targets", sa.JSON, nullable=False),
    refers("chosen_by", "practitioners.id", required=False),
    one_of("choice", "choice", "", "stay", "move", "later"),
    sa.UniqueConstraint("kind_id", "instance_id"),
)
"""One running instance that was tried, and what was chosen for it alone ("" when its kind decides, "later" when it
stays until somebody does)."""
