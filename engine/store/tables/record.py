"""The case record: families, children, cases and what is agreed about them."""

from __future__ import annotations

import sqlalchemy as sa

from engine.casework.facts import LINKED_PLANS
from engine.casework.help_kinds import HELP_KINDS
from engine.store.tables.consents import consent_parties as consent_parties  # noqa: PLC0414 - for who imports the record
from engine.store.tables.consents import consents as consents  # noqa: PLC0414 - for who imports the record
from engine.store.tables.families import children as children  # noqa: PLC0414 - for who imports the record
from engine.store.tables.families import families as families  # noqa: PLC0414 - for who imports the record
from engine.store.tables.families import family_members as family_members  # noqa: PLC0414 - for who imports the record
from engine.store.tables.families import family_sharing as family_sharing  # noqa: PLC0414 - for who imports the record
from engine.store.tables.meetings import family_invitations as family_invitations  # noqa: PLC0414 - the same
from engine.store.tables.meetings import invitations as invitations  # noqa: PLC0414 - the same
from engine.store.tables.meetings import letters as letters  # noqa: PLC0414 - the same
from engine.store.tables.meetings import meeting_actions as meeting_actions  # noqa: PLC0414 - the same
from engine.store.tables.meetings import tac_meetings as tac_meetings  # noqa: PLC0414 - the same
from engine.store.tables.types import (
    METADATA,
    authority,
    day,
    identifier,
    instant,
    of_case,
    one_current,
    one_of,
    partial_index,
    refers,
    span,
    words,
)

cases = sa.Table(
    "cases",
    METADATA,
    identifier(),
    authority(),
    refers("child_id", "children.id", required=False, index=True),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("pathway", sa.Text, nullable=False, server_default="caf"),
    sa.Column("linked_plan", sa.Text, nullable=False, server_default="none"),
    words("key_worker"),
    day("opened_on", required=True),
    day("closed_on"),
    words("closure_reason"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("checked_version", sa.Integer, nullable=False, server_default="0"),
    day("judged_on"),
    day("judge_on"),
    sa.Column("judged_with", sa.Integer),
    sa.Column("history_count", sa.Integer, nullable=False),
    sa.Column("history_head", sa.Text, nullable=False),
    sa.Column("anchored_count", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("authority_id", "reference"),
    sa.CheckConstraint("closed_on IS NOT NULL OR closure_reason = ''", name="reason_only_when_closed"),
    one_of("linked_plan", "linked_plan", *LINKED_PLANS),
    sa.CheckConstraint("key_worker = '' OR linked_plan <> 'none'", name="key_worker_of_a_plan"),
    partial_index("ix_cases_unchecked", "id", where="checked_version <> version AND closed_on IS NULL"),
    partial_index("ix_cases_open", "authority_id", "id", where="closed_on IS NULL"),
)
"""`linked_plan` says which other plan leads for the child, `key_worker` who coordinates that one, in words."""

case_members = sa.Table(
    "case_members",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("practitioner_id", "practitioners.id", index=True),
    sa.Column("role", sa.Text, nullable=False),
    *span(),
    one_of("role", "role", "assessor", "member", "mag"),
    partial_index("uq_case_members_current", "case_id", "practitioner_id", "role", where="to_on IS NULL", unique=True),
)

lead_professionals = sa.Table(
    "lead_professionals",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("practitioner_id", "practitioners.id", index=True),
    *span(),
    sa.Column("interim", sa.Boolean, nullable=False, server_default=sa.false()),
    day("planned_end_on"),
    words("family_wishes"),
    words("reasons"),
    one_current("lead_professionals", "to_on IS NULL"),
)

assessments = sa.Table(
    "assessments",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("assessor_id", "practitioners.id", required=False),
    day("started_on", required=True),
    day("completed_on"),
    sa.Column("content", sa.JSON, nullable=False),
    one_current("assessments", "completed_on IS NULL"),
)

action_plans = sa.Table(
    "action_plans",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    day("agreed_on", required=True),
    day("ended_on"),
    one_current("action_plans", "ended_on IS NULL"),
)

plan_outcomes = sa.Table(
    "plan_outcomes",
    METADATA,
    identifier(),
    refers("plan_id", "action_plans.id", index=True),
    authority(),
    of_case(),
    words("outcome", required=True),
    day("met_on"),
    day("dropped_on"),
    words("dropped_why"),
    sa.CheckConstraint("met_on IS NULL OR dropped_on IS NULL", name="met_or_dropped"),
    sa.CheckConstraint("dropped_why = '' OR dropped_on IS NOT NULL", name="why_when_dropped"),
)

plan_actions = sa.Table(
    "plan_actions",
    METADATA,
    identifier(),
    refers("plan_id", "action_plans.id", index=True),
    refers("outcome_id", "plan_outcomes.id", required=False),
    authority(),
    of_case(),
    words("action", required=True),
    words("help"),
    refers("owner_id", "practitioners.id", index=True),
    day("due_on", required=True),
    day("first_due_on", required=True),
    words("progress"),
    day("progress_on"),
    day("closed_on"),
    words("dropped_why"),
    one_of("help", "help", "", *HELP_KINDS),
    sa.CheckConstraint("dropped_why = '' OR closed_on IS NOT NULL", name="dropped_is_closed"),
    partial_index("ix_plan_actions_open", "case_id", "due_on", where="closed_on IS NULL"),
    partial_index("ix_plan_actions_owner", "owner_id", "due_on", "id", where="closed_on IS NULL"),
)
"""`help` is the kind of help that an action gives, empty while nobody has said.

`dropped_why` says why one was given up without having been done, empty when it was done."""

reviews = sa.Table(
    "reviews",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    day("due_on", required=True),
    day("first_due_on", required=True),
    day("held_on"),
    sa.Column("missed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("outcome", sa.Text),
    words("next_step"),
    words("notes"),
    day("asked_on"),
    sa.Column("way", sa.Text),
    one_of("way", "coalesce(way, 'meeting')", "meeting", "updates"),
    sa.CheckConstraint("(held_on IS NULL) = (outcome IS NULL)", name="outcome_when_held"),
    one_of("outcome", "coalesce(outcome, 'same')", "better", "same", "worse"),
    one_current("reviews", "held_on IS NULL"),
)
"""`asked_on` is the day on which people were invited to a review's meeting, or asked for their updates; `way` says
which of the two it is to be, None before that is chosen."""

manager_discussions = sa.Table(
    "manager_discussions",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("manager_id", "practitioners.id", required=False),
    day("opened_on", required=True),
    day("discussed_on"),
    words("tried"),
    words("decision"),
    words("next_step"),
    day("next_step_on"),
    day("ended_on"),
    one_current("manager_discussions", "ended_on IS NULL"),
)

mag_referrals = sa.Table(
    "mag_referrals",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    day("referred_on", required=True),
    words("reason"),
    words("tried"),
    words("asked"),
    day("discussed_on"),
    day("papers_sent_on"),
    words("missing"),
    day("screened_on"),
    words("mag"),
    day("meeting_on"),
    sa.Column("put_off", sa.Integer, nullable=False, server_default="0"),
    day("decided_on"),
    words("decision"),
    day("ended_on"),
    sa.CheckConstraint("decided_on IS NULL OR ended_on IS NOT NULL", name="decided_is_ended"),
    one_current("mag_referrals", "ended_on IS NULL"),
)

concerns = sa.Table(
    "concerns",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("raised_by", "practitioners.id"),
    instant("raised_at", required=True),
    words("harm"),
    sa.Column("immediate_danger", sa.Boolean, nullable=False, server_default=sa.false()),
    words("what_happened"),
    words("other_children"),
    refers("raised_with", "concerns.id", required=False, index=True),
    instant("acknowledged_at"),
    sa.Column("accepted", sa.Boolean),
    words("note"),
    day("ended_on"),
)
"""A concern that names several children is a row on each one's case, written in one act: all but the first have been
`raised_with` the first. `other_children` are named in words, as they have no case here."""

escalations = sa.Table(
    "escalations",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("addressee", sa.Text, nullable=False),
    words("sentence"),
    sa.Column("waiting", sa.Boolean, nullable=False, server_default=sa.false()),
    refers("instance_id", "instances.id", required=False),
    sa.Column("process_key", sa.Text),
    day("first_true_on", required=True),
    day("since_on"),
    day("ended_on"),
    sa.CheckConstraint("(instance_id IS NULL) = (process_key IS NULL)", name="process_of_instance"),
    partial_index("uq_escalations_current", "case_id", "reason", where="ended_on IS NULL", unique=True),
)
"""Reasons that hold. One that is `waiting` is kept and shown, but nobody is told yet: the case is paused.
One that goes on from a lesser reason is late since that began, `since_on`, and what says a review is overdue since the
review's day; else since `first_true_on`.

`process_key` is the process that deals with it in the instance: its own, or one that its diagram calls."""

case_facts = sa.Table(
    "case_facts",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    sa.Column("facts", sa.JSON, nullable=False),
    instant("valid_from", required=True),
    instant("valid_to"),
    one_current("case_facts", "valid_to IS NULL"),
)

evaluations = sa.Table(
    "evaluations",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("definition_id", "definitions.id"),
    sa.Column("decision", sa.Text, nullable=False),
    instant("at", required=True),
    sa.Column("result", sa.JSON, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Index("ix_evaluations_latest", "case_id", "decision", "at"),
)

