"""What changes on a case: who leads it, a disagreement, a move, a family that cannot be found, two cases become one."""

from __future__ import annotations

import sqlalchemy as sa

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
    words,
)

handovers = sa.Table(
    "handovers",
    METADATA,
    identifier(),
    authority(),
    of_case(),
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
    day("settled_on"),
    day("ended_on"),
    one_of("cause", "cause", "first", "planned", "left", "absent"),
    one_of("declined_by", "coalesce(declined_by, 'successor')", "successor", "family"),
    sa.CheckConstraint("(declined_on IS NULL) = (declined_by IS NULL)", name="who_declined"),
    sa.CheckConstraint("accepted_on IS NULL OR declined_on IS NULL", name="one_answer"),
    sa.CheckConstraint("declined_on IS NULL OR ended_on IS NOT NULL", name="over_when_declined"),
    sa.CheckConstraint("settled_on IS NULL OR declined_on IS NOT NULL", name="settled_when_declined"),
    one_current("handovers", "ended_on IS NULL"),
)
"""Proposals to hand over the lead, each to one successor for one day, one at a time; over when declined or done.

`settled_on` is the day it was agreed, after somebody declined, that the lead goes on."""

handover_summaries = sa.Table(
    "handover_summaries",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("handover_id", "handovers.id", index=True),
    sa.Column("version", sa.Integer, nullable=False),
    refers("written_by", "practitioners.id", required=False),
    instant("written_at", required=True),
    sa.Column("sections", sa.JSON, nullable=False),
    sa.UniqueConstraint("handover_id", "version"),
)
"""What a successor reads of a case before they say yes, every version kept. `sections` is part -> text, by
`engine.casework.handover_summaries`; `written_by` is empty where the service put it together from the record."""

disagreements = sa.Table(
    "disagreements",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("raised_by", "practitioners.id", required=False),
    refers("other_side_id", "practitioners.id", required=False),
    words("other_side"),
    day("raised_on", required=True),
    words("about", required=True),
    words("wanted"),
    sa.Column("stage", sa.Text, nullable=False, server_default="practitioners"),
    day("stage_on", required=True),
    words("outcome"),
    day("settled_on"),
    one_of("stage", "stage", "practitioners", "managers", "senior_officers"),
    one_current("disagreements", "settled_on IS NULL"),
)
"""Disagreements between professionals, one at a time: who raised each, and the other side.

`other_side` names, in words, somebody outside the team who has no part in the record."""

disagreement_answers = sa.Table(
    "disagreement_answers",
    METADATA,
    identifier(),
    refers("disagreement_id", "disagreements.id", index=True),
    authority(),
    of_case(),
    sa.Column("stage", sa.Text, nullable=False),
    refers("answered_by", "practitioners.id", required=False),
    sa.Column("settled", sa.Text, nullable=False),
    words("outcome"),
    day("answered_on", required=True),
    one_of("stage", "stage", "practitioners", "managers", "senior_officers"),
    one_of("settled", "settled", "yes", "no"),
)
"""What each side said at each stage of a disagreement."""

plan_changes = sa.Table(
    "plan_changes",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("plan_id", "action_plans.id", index=True),
    refers("decided_by", "practitioners.id", required=False),
    day("decided_on", required=True),
    sa.Column("changed", sa.Boolean, nullable=False),
    words("why", required=True),
    words("family_view"),
)
"""Days on which lead and family looked at the plan anew, and changed it or agreed that it stays as it is."""

plan_versions = sa.Table(
    "plan_versions",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("plan_id", "action_plans.id", index=True),
    sa.Column("number", sa.Integer, nullable=False),
    refers("made_by", "practitioners.id", required=False),
    day("made_on", required=True),
    sa.Column("outcomes", sa.JSON, nullable=False),
    sa.UniqueConstraint("case_id", "number"),
)
"""A plan as it stood after each act that agreed or changed it: never changed, so that two can be read side by side.

Numbered from 1 on each case, as two acts of one millisecond have ids in no order.
"""

contradictions = sa.Table(
    "contradictions",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("first_action_id", "plan_actions.id", index=True),
    refers("second_action_id", "plan_actions.id", index=True),
    refers("marked_by", "practitioners.id"),
    day("marked_on", required=True),
    words("note", required=True),
    refers("settled_by", "practitioners.id", required=False),
    day("settled_on"),
    words("settled_how"),
    sa.CheckConstraint("first_action_id < second_action_id", name="each_pair_one_way"),
    sa.CheckConstraint("(settled_on IS NULL) = (settled_by IS NULL)", name="settled_by_somebody"),
    sa.CheckConstraint("(settled_on IS NULL) = (settled_how = '')", name="settled_in_words"),
    partial_index(
        "uq_contradictions_current", "first_action_id", "second_action_id", where="settled_on IS NULL", unique=True
    ),
)
"""Two actions of a plan that somebody says work against each other, and how that was settled."""

consultations = sa.Table(
    "consultations",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    sa.Column("consent", sa.Text, nullable=False),
    words("consent_by"),
    words("family_view"),
    day("family_asked_on"),
    sa.Column("way", sa.Text),
    words("asked_whom"),
    day("asked_on"),
    refers("recorded_by", "practitioners.id", required=False),
    words("advice"),
    sa.Column("next_kind", sa.Text),
    words("next_step"),
    day("next_step_on"),
    day("ended_on"),
    one_of("consent", "consent", "yes", "no", "not_asked"),
    one_of("way", "coalesce(way, 'anonymous')", "named", "anonymous"),
    one_of("next_kind", "coalesce(next_kind, 'goes_on')", "goes_on", "change_plan", "refer"),
    sa.CheckConstraint("coalesce(way, 'anonymous') <> 'named' OR consent = 'yes'", name="named_with_consent"),
    sa.CheckConstraint("(asked_on IS NULL) = (way IS NULL)", name="way_when_asked"),
    one_current("consultations", "asked_on IS NULL AND ended_on IS NULL"),
)
"""Advice asked of social care: with the family's yes, or without their names; never a referral."""

transfers = sa.Table(
    "transfers",
    METADATA,
    identifier(),
    authority(),
    of_case(),
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
    one_current("transfers", "ended_on IS NULL"),
)
"""Moves of a family to another area: nothing is sent without their own consent to that."""

family_searches = sa.Table(
    "family_searches",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    day("opened_on", required=True),
    day("last_contact_on"),
    words("tried"),
    sa.Column("decision", sa.Text),
    words("reason"),
    day("found_on"),
    day("ended_on"),
    one_of("decision", "coalesce(decision, 'keep_looking')", "keep_looking", "concern", "close"),
    one_current("family_searches", "ended_on IS NULL"),
)
"""Times when a family could not be reached, and what was tried."""

case_pauses = sa.Table(
    "case_pauses",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("agreed_by", "practitioners.id", required=False),
    day("paused_on", required=True),
    day("until_on", required=True),
    words("reason", required=True),
    day("ended_on"),
    words("ended_why"),
    sa.CheckConstraint("until_on > paused_on", name="in_order"),
    one_current("case_pauses", "ended_on IS NULL"),
)
"""Times in which the work with a family rests, each until a fixed day, one at a time."""

closures = sa.Table(
    "closures",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("agreed_by", "practitioners.id", required=False),
    day("agreed_on", required=True),
    words("reason", required=True),
    words("summary"),
    sa.Column("family_told", sa.Text, nullable=False, server_default="yes"),
    words("next_support"),
    refers("answered_by", "practitioners.id", required=False),
    day("signed_on"),
    day("returned_on"),
    words("return_reason"),
    one_of("family_told", "family_told", "yes", "not_reached"),
    sa.CheckConstraint("signed_on IS NULL OR returned_on IS NULL", name="one_answer"),
    sa.CheckConstraint("return_reason = '' OR returned_on IS NOT NULL", name="reason_when_returned"),
    one_current("closures", "signed_on IS NULL AND returned_on IS NULL"),
)
"""Closures that a lead professional has written: each waits for its sign-off, or was signed off or sent back."""

case_links = sa.Table(
    "case_links",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("linked_id", "cases.id", index=True),
    sa.Column("kind", sa.Text, nullable=False),
    day("linked_on", required=True),
    one_of("kind", "kind", "merged"),
    sa.UniqueConstraint("case_id", "linked_id", "kind"),
    sa.CheckConstraint("case_id <> linked_id", name="another_case"),
)
"""`merged`: the case that closed, and the one whose plan goes on."""

overlaps = sa.Table(
    "overlaps",
    METADATA,
    identifier(),
    authority(),
    of_case(),
    refers("other_case_id", "cases.id", index=True),
    refers("first_action_id", "plan_actions.id"),
    refers("second_action_id", "plan_actions.id", index=True),
    sa.Column("overlap", sa.Text, nullable=False),
    words("reason"),
    day("found_on", required=True),
    one_of("overlap", "overlap", "same", "near"),
    sa.UniqueConstraint("first_action_id", "second_action_id"),
    sa.Index("ix_overlaps_of_authority", "authority_id"),
)
"""Two open actions of one family in which the rules saw the same or nearly the same help from two agencies."""
