"""Work that is shared out in one go: what is to be moved, from whom to whom, and what came of each."""

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

batches = sa.Table(
    "batches",
    METADATA,
    identifier(),
    authority(),
    refers("account_id", "accounts.id"),
    sa.Column("kind", sa.Text, nullable=False),
    refers("undoes_id", "batches.id", required=False),
    words("why"),
    sa.Column("state", sa.Text, nullable=False),
    instant("planned_at", required=True),
    instant("begun_at"),
    instant("ended_at"),
    one_of("kind", "kind", "tasks", "interim", "handovers", "versions"),
    one_of("state", "state", "planned", "running", "paused", "done"),
    sa.CheckConstraint("(state = 'planned') = (begun_at IS NULL)", name="begun_unless_planned"),
    sa.CheckConstraint("(state = 'done') = (ended_at IS NOT NULL)", name="ended_when_done"),
    partial_index("ix_batches_running", "begun_at", "id", where="state = 'running'"),
    partial_index("uq_batches_undone", "undoes_id", where="undoes_id IS NOT NULL", unique=True),
    sa.Index("ix_batches_of", "authority_id", "account_id", "planned_at"),
)
"""What somebody (`account_id`) shares out: open `tasks`, who leads in `interim`, or `handovers` to be proposed; or the
cases that move to other `versions` of their diagrams.

`planned` is a preview, of which nothing is done. `undoes_id` is the batch that this one takes back."""

batch_items = sa.Table(
    "batch_items",
    METADATA,
    identifier(),
    authority(),
    refers("batch_id", "batches.id"),
    sa.Column("number", sa.Integer, nullable=False),
    of_case(),
    refers("task_id", "user_tasks.id", required=False),
    refers("from_id", "practitioners.id", required=False),
    refers("to_id", "practitioners.id", required=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("state", sa.Text, nullable=False),
    words("said"),
    # None is SQL's NULL, not JSON's null, which would be a value.
    sa.Column("particulars", sa.JSON(none_as_null=True)),
    instant("done_at"),
    one_of("state", "state", "waiting", "done", "refused"),
    sa.CheckConstraint("state <> 'done' OR done_at IS NOT NULL", name="done_at_an_instant"),
    sa.UniqueConstraint("batch_id", "number"),
    sa.UniqueConstraint("batch_id", "task_id"),
    partial_index("ix_batch_items_waiting", "batch_id", "case_id", where="state = 'waiting'"),
)
"""One task or one plan of a batch, done or refused once; `said` is why it was refused, in words.

`from_id` had it when the batch was planned, None for a queue. `version` is the task's: as it was shown, and once it is
done as it was left, so that whether anybody has touched it since can be told. `particulars` are what a handover is to
be asked with, and once it is done how it was before."""
