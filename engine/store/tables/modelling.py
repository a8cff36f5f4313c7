"""Models under work: drafts of diagrams, rules and forms, what they were before, and who has them open."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.tables.types import METADATA, authority, identifier, instant, one_of, partial_index, refers, words

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
    sa.Column("original", sa.LargeBinary),
    instant("saved_at", required=True),
    sa.UniqueConstraint("authority_id", "file"),
)
"""Models that are not in force. `unkept` names the examples (`file: example`) that they would not keep.

`version` goes up with every change, and on from the last draft of the same name when one ends and another is begun.
`based_on_id` is the definition that the draft was begun from, `original` the text that came with the service up to
which it was brought, where somebody chose what to take of it."""

model_originals = sa.Table(
    "model_originals",
    METADATA,
    identifier(),
    authority(),
    words("file", required=True),
    sa.Column("source", sa.LargeBinary, nullable=False),
    instant("at", required=True),
    sa.UniqueConstraint("authority_id", "file"),
)
"""Up to which text that came with the service an authority's own copy of it was brought, by somebody's choice.

A copy without a row is based on the last version that came with the service before it was changed here."""

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

proposals = sa.Table(
    "proposals",
    METADATA,
    identifier(),
    authority(),
    refers("account_id", "accounts.id"),
    words("why", required=True),
    instant("at", required=True),
    instant("publish_at"),
    sa.Column("authors", sa.JSON, nullable=False),
    sa.Column("trial", sa.JSON(none_as_null=True)),
    sa.Column("state", sa.Text, nullable=False),
    refers("decided_by", "accounts.id", required=False),
    instant("decided_at"),
    words("answer"),
    refers("deployment_id", "deployments.id", required=False, index=True),
    words("problem"),
    one_of("state", "state", "waiting", "approved", "published", "sent_back", "withdrawn", "failed"),
    sa.CheckConstraint("(state = 'published') = (deployment_id IS NOT NULL)", name="published_when_deployed"),
    sa.CheckConstraint("state <> 'approved' OR publish_at IS NOT NULL", name="approved_for_a_time"),
    sa.CheckConstraint("state <> 'failed' OR problem <> ''", name="failed_for_a_reason"),
    sa.Index("ix_proposals_of_authority", "authority_id", "at"),
    partial_index("ix_proposals_due", "publish_at", "id", where="state = 'approved'"),
)
"""Changes that are proposed for publishing. `authors` are the accounts that wrote on the drafts: none of them approves.

One that is approved for a time waits for it; one that could not be published then has `failed`, `problem` says why. One
that was approved for at once, and could not be published, is `waiting` again with its `problem`.
`trial` says in figures what changed rules make of the caseload."""

proposal_files = sa.Table(
    "proposal_files",
    METADATA,
    refers("proposal_id", "proposals.id"),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("source", sa.LargeBinary, nullable=False),
    sa.Column("instead_of", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("proposal_id", "file"),
)
"""The texts of a proposal exactly as they were proposed. `instead_of` is the SHA-256 of the text in force under the
file's name when it was proposed, "" when there was none."""

model_plays = sa.Table(
    "model_plays",
    METADATA,
    identifier(),
    authority(),
    sa.Column("file", sa.Text, nullable=False),
    refers("account_id", "accounts.id"),
    sa.Column("source", sa.LargeBinary, nullable=False),
    instant("saved_at", required=True),
    sa.UniqueConstraint("authority_id", "file", "account_id"),
)
"""The play of a file that somebody has under way: its steps as a scenario's file has them, all that a play is."""

scenario_outcomes = sa.Table(
    "scenario_outcomes",
    METADATA,
    identifier(),
    authority(),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("problems", sa.JSON, nullable=False),
    sa.Column("flows", sa.JSON, nullable=False),
    instant("at", required=True),
    sa.UniqueConstraint("authority_id", "digest"),
)
"""How scenarios went, so that no process tries one twice on the same texts: `digest` is of the scenario and of all that
it was played on, `problems` are sentences, `flows` the sequence flows taken, by diagram."""
