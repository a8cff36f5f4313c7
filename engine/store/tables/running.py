"""What is deployed and what runs: definitions, instances, user tasks, timers, incidents."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.tables.types import (
    METADATA,
    authority,
    day,
    identifier,
    instant,
    one_of,
    partial_index,
    refers,
    words,
)

deployments = sa.Table(
    "deployments",
    METADATA,
    identifier(),
    authority(),
    refers("account_id", "accounts.id", required=False),
    instant("at", required=True),
    words("note"),
    words("login"),
    # None is SQL's NULL, not JSON's null, which would be a value.
    sa.Column("trial", sa.JSON(none_as_null=True)),
)
"""`login` is the name in the operating system of who deployed on the command line and named nobody; "" otherwise.
`trial` says in figures what changed rules would have changed of the caseload as they were deployed; see
`engine.whatif`."""

definitions = sa.Table(
    "definitions",
    METADATA,
    identifier(),
    authority(),
    refers("deployment_id", "deployments.id", index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    words("name"),
    words("file", required=True),
    sa.Column("source", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("uses", sa.JSON, nullable=False),
    one_of("kind", "kind", "process", "rules", "form", "examples", "scenario"),
    sa.UniqueConstraint("authority_id", "kind", "key", "version"),
)

rule_approvals = sa.Table(
    "rule_approvals",
    METADATA,
    identifier(),
    authority(),
    words("file", required=True),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("row_ids", sa.JSON, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    refers("approver_id", "practitioners.id"),
    instant("at", required=True),
    words("reason"),
    sa.Index("ix_rule_approvals_text", "authority_id", "hash"),
)
"""Who agreed, in the role named, that exactly this text of a rule file (its SHA-256) may come into force.

`row_ids` are those of the guarded rows that it changes; of a `second_person` the examples it may leave unkept, for
`reason`. Nothing here is ever changed: who agrees again is a new row."""

instances = sa.Table(
    "instances",
    METADATA,
    identifier(),
    authority(),
    refers("definition_id", "definitions.id"),
    refers("case_id", "cases.id", index=True),
    sa.Column("process_key", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.Column("current", sa.JSON, nullable=False),
    sa.Column("messages", sa.JSON, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    instant("started_at", required=True),
    instant("ended_at"),
    words("end"),
    one_of("status", "status", "running", "ended", "incident"),
    sa.CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ended_when_ended"),
)

case_instances = sa.Table(
    "case_instances",
    METADATA,
    refers("case_id", "cases.id"),
    refers("instance_id", "instances.id", index=True),
    sa.PrimaryKeyConstraint("case_id", "instance_id"),
)

user_tasks = sa.Table(
    "user_tasks",
    METADATA,
    identifier(),
    authority(),
    refers("instance_id", "instances.id", index=True),
    refers("case_id", "cases.id", index=True),
    sa.Column("process_key", sa.Text, nullable=False),
    sa.Column("element_id", sa.Text, nullable=False),
    words("name"),
    sa.Column("state", sa.Text, nullable=False),
    refers("form_id", "definitions.id", required=False),
    refers("assignee_id", "practitioners.id", required=False),
    sa.Column("candidate_groups", sa.JSON, nullable=False),
    sa.Column("queue", sa.Text),
    sa.Column("variables", sa.JSON, nullable=False),
    day("due_on"),
    day("follow_up_on"),
    instant("opened_at", required=True),
    instant("closed_at"),
    refers("closed_by", "practitioners.id", required=False),
    refers("meant_for_id", "practitioners.id", required=False),
    words("asked_because"),
    refers("delegated_by", "practitioners.id", required=False),
    day("delegated_on"),
    sa.Column("personal", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("version", sa.Integer, nullable=False),
    one_of("state", "state", "open", "completed", "cancelled"),
    sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_when_not_open"),
    # With the state that they ask about, lists are read from their index alone on SQLite too; with the case, so is
    # whose cases somebody or their manager reaches.
    partial_index("ix_user_tasks_mine", "assignee_id", "due_on", "id", "state", "case_id", where="state = 'open'"),
    partial_index("ix_user_tasks_queue", "authority_id", "queue", "due_on", "id", "state", where="state = 'open'"),
    partial_index("ix_user_tasks_due", "authority_id", "due_on", "id", "state", where="state = 'open'"),
    partial_index("ix_user_tasks_meant_for", "meant_for_id", where="state = 'open' AND meant_for_id IS NOT NULL"),
    partial_index("ix_user_tasks_delegated", "delegated_by", where="state = 'open' AND delegated_by IS NOT NULL"),
    sa.CheckConstraint("(delegated_by IS NULL) = (delegated_on IS NULL)", name="delegated_on_a_day"),
)
"""`meant_for_id` is who would be asked if they were here, `asked_because` the rule's sentence why somebody else is.
`delegated_by` is who asked the assignee to do it for them and still answers for it. `personal` tells that
only who has it may answer, and nobody who stands in for them."""

offered_groups = sa.Table(
    "offered_groups",
    METADATA,
    refers("task_id", "user_tasks.id"),
    authority(),
    sa.Column("queue", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("task_id", "queue"),
    sa.Index("ix_offered_groups_queue", "authority_id", "queue", "task_id"),
)
"""The further groups of an open task offered to more than one: it stands in the queue of the first by name."""

task_drafts = sa.Table(
    "task_drafts",
    METADATA,
    identifier(),
    authority(),
    refers("task_id", "user_tasks.id"),
    refers("practitioner_id", "practitioners.id"),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("answers", sa.JSON, nullable=False),
    instant("begun_at"),
    instant("saved_at", required=True),
    sa.Column("saves", sa.Integer, nullable=False, server_default="1"),
    sa.Column("aside", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("task_id", "revision"),
)
"""Revisions of what somebody typed into a task's form; the newest that is not `aside` is the draft.

One that saves itself is written again while it is young, `saves` times in all. One `aside` was typed on top of an older
draft than the newest: it waits for somebody to bring the two together."""

timers = sa.Table(
    "timers",
    METADATA,
    identifier(),
    refers("instance_id", "instances.id"),  # found by the unique constraint below, which begins with it
    sa.Column("task_id", sa.Uuid, nullable=False),
    sa.Column("element_id", sa.Text, nullable=False),
    sa.Column("occurrence", sa.Integer, nullable=False),
    sa.Column("zone", sa.Text, nullable=False),
    words("rule"),
    instant("armed_at"),
    instant("due_at", required=True),
    instant("retry_at"),
    instant("fired_at"),
    instant("cancelled_at"),
    sa.Column("late_seconds", sa.Integer),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("instance_id", "element_id", "occurrence"),
    sa.CheckConstraint("fired_at IS NULL OR cancelled_at IS NULL", name="fired_or_cancelled"),
    # All that a claim reads: SQLite takes a row's answer from an index only when every column asked about is in it.
    partial_index(
        "ix_timers_waiting", "due_at", "id", "retry_at", "fired_at", "cancelled_at",
        where="fired_at IS NULL AND cancelled_at IS NULL",
    ),
    # Fired timers stay in the index of waiting ones until a vacuum; by default that waits for a fifth of the table.
    postgresql_with={"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 2000},
)  # fmt: skip

timer_leases = sa.Table(
    "timer_leases",
    METADATA,
    # No foreign key: to check one, PostgreSQL would lock, and so write, the row of each timer claimed.
    sa.Column("timer_id", sa.Uuid, primary_key=True),
    sa.Column("claim_id", sa.Uuid, nullable=False),
    instant("due_at", required=True),
    instant("until", required=True),
    postgresql_with={"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 2000},
)
"""Which due timers are being fired, and by which claim, until when at the longest.

Apart from the timers, because a hundred of a million of them stand on a hundred pages, and these on three."""

incidents = sa.Table(
    "incidents",
    METADATA,
    identifier(),
    authority(),
    refers("case_id", "cases.id", required=False, index=True),
    refers("instance_id", "instances.id", required=False, index=True),
    refers("timer_id", "timers.id", required=False),
    refers("outbox_id", "outbox.id", required=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("element_id", sa.Text),
    words("message", required=True),
    sa.Column("tries", sa.Integer, nullable=False, server_default="1"),
    instant("opened_at", required=True),
    instant("next_try_at"),
    instant("resolved_at"),
    one_of("kind", "kind", "timer", "step", "start", "rule", "outbox", "effect", "service", "publish"),
)

heartbeats = sa.Table(
    "heartbeats", METADATA, sa.Column("name", sa.Text, primary_key=True), instant("at", required=True)
)
