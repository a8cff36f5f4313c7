"""The case record: families, children, cases and what is agreed about them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.store.tables.families import children as children  # noqa: PLC0414 - for who imports the record
from engine.store.tables.families import families as families  # noqa: PLC0414 - for who imports the record
from engine.store.tables.families import family_members as family_members  # noqa: PLC0414 - for who imports the record
from engine.store.tables.types import (
    METADATA,
    authority,
    day,
    identifier,
    instant,
    one_of,
    partial_index,
    refers,
    span,
    words,
)


def _case() -> sa.Column[Any]:
    return refers("case_id", "cases.id", index=True)


def _one_current(table: str, where: str, column: str = "case_id") -> sa.Index:
    """Make the unique index that lets one row of a table be the current one."""
    return partial_index(f"uq_{table}_current", column, where=where, unique=True)


cases = sa.Table(
    "cases",
    METADATA,
    identifier(),
    authority(),
    refers("child_id", "children.id", required=False, index=True),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("pathway", sa.Text, nullable=False, server_default="caf"),
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
    partial_index("ix_cases_unchecked", "id", where="checked_version <> version AND closed_on IS NULL"),
    partial_index("ix_cases_open", "authority_id", "id", where="closed_on IS NULL"),
)

case_members = sa.Table(
    "case_members",
    METADATA,
    identifier(),
    authority(),
    _case(),
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
    _case(),
    refers("practitioner_id", "practitioners.id", index=True),
    *span(),
    sa.Column("interim", sa.Boolean, nullable=False, server_default=sa.false()),
    day("planned_end_on"),
    words("family_wishes"),
    words("reasons"),
    _one_current("lead_professionals", "to_on IS NULL"),
)

handovers = sa.Table(
    "handovers",
    METADATA,
    identifier(),
    authority(),
    _case(),
    refers("proposed_by", "practitioners.id", required=False),
    refers("successor_id", "practitioners.id"),
    sa.Column("cause", sa.Text, nullable=False),
    words("reasons"),
    words("family_view"),
    day("planned_on", required=True),
    day("proposed_on", required=True),
    day("family_told_on"),
    day("accepted_on"),
    day("declined_on"),
    sa.Column("declined_by", sa.Text),
    words("decline_reason"),
    day("ended_on"),
    one_of("cause", "cause", "planned", "left", "absent"),
    one_of("declined_by", "coalesce(declined_by, 'successor')", "successor", "family"),
    sa.CheckConstraint("(declined_on IS NULL) = (declined_by IS NULL)", name="who_declined"),
    sa.CheckConstraint("accepted_on IS NULL OR declined_on IS NULL", name="one_answer"),
    sa.CheckConstraint("declined_on IS NULL OR ended_on IS NOT NULL", name="over_when_declined"),
    _one_current("handovers", "ended_on IS NULL"),
)
"""Proposals to hand over the lead, each to one successor for one day; one at a time. Over when declined, done or off."""

disagreements = sa.Table(
    "disagreements",
    METADATA,
    identifier(),
    authority(),
    _case(),
    refers("raised_by", "practitioners.id", required=False),
    day("raised_on", required=True),
    words("about", required=True),
    words("wanted"),
    sa.Column("stage", sa.Text, nullable=False, server_default="practitioners"),
    words("outcome"),
    day("settled_on"),
    one_of("stage", "stage", "practitioners", "managers", "senior_officers"),
    _one_current("disagreements", "settled_on IS NULL"),
)

transfers = sa.Table(
    "transfers",
    METADATA,
    identifier(),
    authority(),
    _case(),
    day("told_on", required=True),
    words("area", required=True),
    day("moves_on"),
    sa.Column("consent", sa.Text, nullable=False, server_default="not_asked"),
    words("consent_by"),
    words("reason"),
    day("asked_on"),
    day("sent_on"),
    words("sent_to"),
    words("sent_what"),
    day("received_on"),
    words("received_by"),
    sa.Column("decision", sa.Text),
    day("ended_on"),
    one_of("consent", "consent", "not_asked", "yes", "no"),
    one_of("decision", "coalesce(decision, 'stay')", "moved", "close", "stay"),
    sa.CheckConstraint("sent_on IS NULL OR consent = 'yes'", name="sent_with_consent"),
    sa.CheckConstraint("received_on IS NULL OR sent_on IS NOT NULL", name="received_when_sent"),
    _one_current("transfers", "ended_on IS NULL"),
)
"""Moves of a family to another area: nothing is sent without their own consent to that."""

family_searches = sa.Table(
    "family_searches",
    METADATA,
    identifier(),
    authority(),
    _case(),
    day("opened_on", required=True),
    day("last_contact_on"),
    words("tried"),
    sa.Column("decision", sa.Text),
    words("reason"),
    day("found_on"),
    day("ended_on"),
    one_of("decision", "coalesce(decision, 'keep_looking')", "keep_looking", "concern", "close"),
    _one_current("family_searches", "ended_on IS NULL"),
)
"""Times when a family could not be reached, and what was tried."""

case_links = sa.Table(
    "case_links",
    METADATA,
    identifier(),
    authority(),
    _case(),
    refers("linked_id", "cases.id", index=True),
    sa.Column("kind", sa.Text, nullable=False),
    day("linked_on", required=True),
    one_of("kind", "kind", "merged"),
    sa.UniqueConstraint("case_id", "linked_id", "kind"),
    sa.CheckConstraint("case_id <> linked_id", name="another_case"),
)
"""`merged`: the case that closed, and the one whose plan goes on."""

consents = sa.Table(
    "consents",
    METADATA,
    identifier(),
    authority(),
    _case(),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    words("given_by"),
    words("competence"),
    words("scope"),
    words("reason"),
    *span(),
    one_of("purpose", "purpose", "sharing", "mag"),
    one_of("answer", "answer", "given", "limited", "refused", "withdrawn", "yes", "no", "not_asked", "no_answer"),
    partial_index("uq_consents_current", "case_id", "purpose", where="to_on IS NULL", unique=True),
)

assessments = sa.Table(
    "assessments",
    METADATA,
    identifier(),
    authority(),
    _case(),
    refers("assessor_id", "practitioners.id", required=False),
    day("started_on", required=True),
    day("completed_on"),
    sa.Column("content", sa.JSON, nullable=False),
    _one_current("assessments", "completed_on IS NULL"),
)

tac_meetings = sa.Table(
    "tac_meetings",
    METADATA,
    identifier(),
    authority(),
    _case(),
    day("planned_on", required=True),
    sa.Column("starts_at", sa.Time),
    day("held_on"),
    words("venue"),
    words("agenda"),
    words("notes"),
)

invitations = sa.Table(
    "invitations",
    METADATA,
    identifier(),
    refers("meeting_id", "tac_meetings.id", index=True),
    authority(),
    _case(),
    refers("practitioner_id", "practitioners.id"),
    day("invited_on", required=True),
    sa.Column("reply", sa.Text, nullable=False, server_default="none"),
    words("report"),
    words("substitute"),
    sa.Column("attended", sa.Boolean),
    one_of("reply", "reply", "none", "attending", "apologies", "substitute"),
    sa.UniqueConstraint("meeting_id", "practitioner_id"),
)

action_plans = sa.Table(
    "action_plans",
    METADATA,
    identifier(),
    authority(),
    _case(),
    day("agreed_on", required=True),
    day("ended_on"),
    _one_current("action_plans", "ended_on IS NULL"),
)

plan_outcomes = sa.Table(
    "plan_outcomes",
    METADATA,
    identifier(),
    refers("plan_id", "action_plans.id", index=True),
    authority(),
    _case(),
    words("outcome", required=True),
    day("met_on"),
)

plan_actions = sa.Table(
    "plan_actions",
    METADATA,
    identifier(),
    refers("plan_id", "action_plans.id", index=True),
    refers("outcome_id", "plan_outcomes.id", required=False),
    authority(),
    _case(),
    words("action", required=True),
    refers("owner_id", "practitioners.id", index=True),
    day("due_on", required=True),
    day("first_due_on", required=True),
    words("progress"),
    day("progress_on"),
    day("closed_on"),
    partial_index("ix_plan_actions_open", "case_id", "due_on", where="closed_on IS NULL"),
)

reviews = sa.Table(
    "reviews",
    METADATA,
    identifier(),
    authority(),
    _case(),
    day("due_on", required=True),
    day("first_due_on", required=True),
    day("held_on"),
    sa.Column("missed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("outcome", sa.Text),
    words("next_step"),
    words("notes"),
    sa.CheckConstraint("(held_on IS NULL) = (outcome IS NULL)", name="outcome_when_held"),
    one_of("outcome", "coalesce(outcome, 'same')", "better", "same", "worse"),
    _one_current("reviews", "held_on IS NULL"),
)

manager_discussions = sa.Table(
    "manager_discussions",
    METADATA,
    identifier(),
    authority(),
    _case(),
    refers("manager_id", "practitioners.id", required=False),
    day("opened_on", required=True),
    day("discussed_on"),
    words("tried"),
    words("decision"),
    words("next_step"),
    day("next_step_on"),
    day("ended_on"),
    _one_current("manager_discussions", "ended_on IS NULL"),
)

mag_referrals = sa.Table(
    "mag_referrals",
    METADATA,
    identifier(),
    authority(),
    _case(),
    day("referred_on", required=True),
    words("reason"),
    words("tried"),
    day("papers_sent_on"),
    day("decided_on"),
    words("decision"),
    words("actions"),
    _one_current("mag_referrals", "decided_on IS NULL"),
)

concerns = sa.Table(
    "concerns",
    METADATA,
    identifier(),
    authority(),
    _case(),
    refers("raised_by", "practitioners.id"),
    instant("raised_at", required=True),
    words("harm"),
    sa.Column("immediate_danger", sa.Boolean, nullable=False, server_default=sa.false()),
    words("what_happened"),
    instant("acknowledged_at"),
    sa.Column("accepted", sa.Boolean),
    words("note"),
    day("ended_on"),
)

escalations = sa.Table(
    "escalations",
    METADATA,
    identifier(),
    authority(),
    _case(),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("addressee", sa.Text, nullable=False),
    words("sentence"),
    refers("instance_id", "instances.id", required=False),
    day("first_true_on", required=True),
    day("ended_on"),
    partial_index("uq_escalations_current", "case_id", "reason", where="ended_on IS NULL", unique=True),
)

case_facts = sa.Table(
    "case_facts",
    METADATA,
    identifier(),
    authority(),
    _case(),
    sa.Column("facts", sa.JSON, nullable=False),
    instant("valid_from", required=True),
    instant("valid_to"),
    _one_current("case_facts", "valid_to IS NULL"),
)

evaluations = sa.Table(
    "evaluations",
    METADATA,
    identifier(),
    authority(),
    _case(),
    refers("definition_id", "definitions.id"),
    sa.Column("decision", sa.Text, nullable=False),
    instant("at", required=True),
    sa.Column("result", sa.JSON, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Index("ix_evaluations_latest", "case_id", "decision", "at"),
)

