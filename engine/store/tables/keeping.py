"""What proves and what leaves: history, its personal payloads, reads of records, the outbox."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.tables.types import (
    METADATA,
    Instant,
    authority,
    day,
    identifier,
    instant,
    one_of,
    partial_index,
    refers,
    words,
)

history = sa.Table(
    "history",
    METADATA,
    identifier(),
    authority(),
    refers("case_id", "cases.id"),
    sa.Column("seq", sa.Integer, nullable=False),
    instant("recorded_at", required=True),
    day("effective_on", required=True),
    refers("practitioner_id", "practitioners.id", required=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("form", sa.Integer, nullable=False, server_default="1"),
    sa.Column("subject_id", sa.Uuid),
    sa.Column("detail", sa.JSON, nullable=False),
    words("why"),
    sa.Column("payload_digest", sa.Text),
    sa.Column("request_key", sa.Text),
    sa.Column("request_asks", sa.Text),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.UniqueConstraint("case_id", "seq"),
    sa.UniqueConstraint("authority_id", "practitioner_id", "request_key"),
)

history_payloads = sa.Table(
    "history_payloads",
    METADATA,
    sa.Column("event_id", sa.Uuid, sa.ForeignKey("history.id"), primary_key=True),
    sa.Column("salt", sa.Text, nullable=False),
    sa.Column("form_id", sa.Uuid, sa.ForeignKey("definitions.id")),
    # An erased payload is SQL's NULL, not JSON's null, which would be a value.
    sa.Column("body", sa.JSON(none_as_null=True)),
    instant("erased_at"),
    sa.CheckConstraint("erased_at IS NULL OR body IS NULL", name="erased_is_empty"),
)

history_anchors = sa.Table(
    "history_anchors",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    instant("at", required=True),
    sa.Column("reads", sa.Integer, nullable=False),
    sa.Column("reads_digest", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

history_anchor_heads = sa.Table(
    "history_anchor_heads",
    METADATA,
    sa.Column("anchor_seq", sa.Integer, sa.ForeignKey("history_anchors.seq"), nullable=False),
    refers("case_id", "cases.id"),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("head", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("anchor_seq", "case_id"),
)

record_reads = sa.Table(
    "record_reads",
    METADATA,
    identifier(),
    authority(),
    refers("case_id", "cases.id", index=True),
    refers("practitioner_id", "practitioners.id", index=True),
    instant("at", required=True),
    words("what", required=True),
    # No foreign key: an anchor is made of the readings it fixes, so they are marked before it is there.
    sa.Column("anchor_seq", sa.Integer, index=True),
)

case_messages = sa.Table(
    "case_messages",
    METADATA,
    identifier(),
    authority(),
    refers("case_id", "cases.id", index=True),
    words("name", required=True),
    sa.Column("starts", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("variables", sa.JSON, nullable=False),
    refers("queued_by", "practitioners.id", required=False),
    instant("queued_at", required=True),
    sa.Column("next_try_at", Instant, nullable=False, index=True),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
)
"""Messages that the diagrams of a case have not been given yet; a row goes with the act that gives it.

One that `starts` is no message: `name` is the key of a diagram that is still to be started on the case. `queued_by` is
whose act they follow; none when the service itself acted."""

outbox = sa.Table(
    "outbox",
    METADATA,
    identifier(),
    authority(),
    refers("case_id", "cases.id", required=False),
    refers("practitioner_id", "practitioners.id", required=False),
    sa.Column("dedupe_key", sa.Text, nullable=False, unique=True),
    words("recipient", required=True),
    words("subject", required=True),
    words("body", required=True),
    words("calendar"),
    sa.Column("state", sa.Text, nullable=False),
    instant("queued_at", required=True),
    instant("next_try_at", required=True),
    instant("lease_until"),
    sa.Column("epoch", sa.Integer, nullable=False, server_default="0"),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    instant("sent_at"),
    words("problem"),
    one_of("state", "state", "waiting", "sent", "failed"),
    partial_index("ix_outbox_waiting", "next_try_at", "id", where="state = 'waiting'"),
)
