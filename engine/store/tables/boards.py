"""What boards read instead of the whole record: how each open case stands, and what is done about what is late."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.tables.types import METADATA, authority, day, identifier, of_case, one_current, partial_index, refers

standings = sa.Table(
    "standings",
    METADATA,
    sa.Column("case_id", sa.Uuid, sa.ForeignKey("cases.id"), primary_key=True),
    authority(),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    refers("holder_id", "practitioners.id", required=False, index=True),
    sa.Column("harm", sa.Integer, nullable=False),
    sa.Column("escalated", sa.Integer, nullable=False),
    day("escalated_on"),
    day("due_on"),
    sa.Column("vacant", sa.Boolean, nullable=False),
    sa.Column("worse", sa.Boolean, nullable=False),
    sa.Column("silent", sa.Boolean, nullable=False),
    sa.Index("ix_standings_of_authority", "authority_id", "stage"),
)
"""How an open case stood when it was last judged, at `version` of it: what can be said of it on any day without looking
at its tasks, actions and escalations. Nothing here depends on the day: `due_on` is the earliest promise that is open
(a task's, or the first one made for an action), `escalated` the place in `severity.STATES` of the loudest escalation,
`escalated_on` the day the first of them began, `harm` as `severity.harm_of`. `holder_id` leads, or assesses while
nobody leads. All of it is worked out of the record again whenever the case is judged."""

stage_spells = sa.Table(
    "stage_spells",
    METADATA,
    refers("case_id", "cases.id"),
    sa.Column("number", sa.Integer, nullable=False),
    authority(),
    sa.Column("stage", sa.Text, nullable=False),
    day("from_on", required=True),
    day("to_on"),
    sa.PrimaryKeyConstraint("case_id", "number"),
    sa.CheckConstraint("to_on >= from_on", name="in_order"),
    partial_index("uq_stage_spells_current", "case_id", where="to_on IS NULL", unique=True),
    sa.Index("ix_stage_spells_ended", "authority_id", "to_on", "stage", "from_on"),
)
"""How long each case was at each stage of its episode; the last one lasts until another begins or the case closes."""

late_answers = sa.Table(
    "late_answers",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("practitioner_id", "practitioners.id"),
    refers("event_id", "history.id"),
    day("written_on", required=True),
    day("by_on"),
    day("replaced_on"),
    one_current("late_answers", "replaced_on IS NULL"),
)
"""Why something is late, or what is being done about it, as somebody said on the board; `by_on` is when it should be
put right. The words are the event's, which can be erased as any other. The newest has no `replaced_on`."""
