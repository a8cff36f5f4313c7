"""What people arrange for themselves on their list of work: lists saved by name, what is put off, who was chased."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.tables.types import (
    METADATA,
    authority,
    day,
    identifier,
    instant,
    of_case,
    one_of,
    partial_index,
    refers,
    words,
)

saved_lists = sa.Table(
    "saved_lists",
    METADATA,
    identifier(),
    authority(),
    refers("practitioner_id", "practitioners.id"),
    refers("team_id", "teams.id", required=False, index=True),
    sa.Column("place", sa.Text, nullable=False, server_default="tasks"),
    words("name", required=True),
    words("query", required=True),
    instant("saved_at", required=True),
    one_of("place", "place", "tasks", "overdue"),
    sa.UniqueConstraint("practitioner_id", "place", "name"),
)
"""A list under its owner's name for it, shared with a team when one stands there. `place` is the page it is of: My work
or the overdue board. `query` is the end of its address: nothing personal is in it."""

put_off = sa.Table(
    "put_off",
    METADATA,
    identifier(),
    authority(),
    refers("practitioner_id", "practitioners.id"),
    refers("task_id", "user_tasks.id", required=False, index=True),
    refers("action_id", "plan_actions.id", required=False, index=True),
    day("until_on", required=True),
    sa.CheckConstraint("(task_id IS NULL) <> (action_id IS NULL)", name="one_thing"),
    sa.UniqueConstraint("practitioner_id", "task_id"),
    sa.UniqueConstraint("practitioner_id", "action_id"),
)
"""A task or an action that somebody does not want on their own list before a day; for others nothing changes."""

chases = sa.Table(
    "chases",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    sa.Column("subject_id", sa.Uuid, nullable=False, index=True),
    refers("chased_by", "practitioners.id"),
    refers("chased_id", "practitioners.id"),
    day("chased_on", required=True),
    sa.UniqueConstraint("subject_id", "chased_on"),
)
"""Who asked whom how a task or an action (`subject_id`) gets on; once a day at most, whoever asks."""

calendar_feeds = sa.Table(
    "calendar_feeds",
    METADATA,
    identifier(),
    authority(),
    refers("account_id", "accounts.id"),
    sa.Column("token_hash", sa.Text, nullable=False, unique=True),
    instant("made_at", required=True),
    instant("read_at"),
    instant("revoked_at"),
    partial_index("uq_calendar_feeds_current", "account_id", where="revoked_at IS NULL", unique=True),
)
"""Private addresses under which somebody's own calendar reads their meetings and reviews; `read_at`: when it last did.

Only the token's hash is kept."""
