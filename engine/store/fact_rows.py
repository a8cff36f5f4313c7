"""The statements that read what is recorded of many cases: the case rows, and each group of rows besides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from engine.store.interim_leads import first_until_on
from engine.store.pauses import paused_until
from engine.store.sets import among
from engine.store.standing_in import may_stand_in
from engine.store.tables.access import case_restrictions
from engine.store.tables.between_meetings import reports_back
from engine.store.tables.changes import consultations, disagreements, family_searches, handovers, plan_changes
from engine.store.tables.people import absences, accounts, agencies, authorities, line_managers, practitioners
from engine.store.tables.record import (
    action_plans,
    assessments,
    case_members,
    cases,
    concerns,
    consents,
    invitations,
    lead_professionals,
    manager_discussions,
    plan_actions,
    plan_outcomes,
    reviews,
    tac_meetings,
)

_lead = lead_professionals.alias("lead")
_assessor = case_members.alias("assessor")
_manager = line_managers.alias("manager")
_leader, _examiner, _boss = (practitioners.alias(name) for name in ("leader", "examiner", "boss"))
_own, _theirs = absences.alias("own"), absences.alias("theirs")
_STANDS_IN = may_stand_in(cases.c.id, _own.c.covered_by, _own.c.practitioner_id)
_ALONE_FROM = sa.case(
    (sa.or_(_own.c.covered_by.is_(None), ~_STANDS_IN), _own.c.from_on),
    (_theirs.c.from_on > _own.c.from_on, _theirs.c.from_on),
    (_theirs.c.id.is_not(None), _own.c.from_on),
)
_UNCOVERED = (
    sa.select(sa.func.min(_ALONE_FROM))
    .select_from(
        _own.outerjoin(
            _theirs,
            (_theirs.c.practitioner_id == _own.c.covered_by)
            & _theirs.c.to_on.is_(None)
            & (_theirs.c.from_on <= sa.func.coalesce(_own.c.expected_to_on, _theirs.c.from_on))
            & (_own.c.from_on <= sa.func.coalesce(_theirs.c.expected_to_on, _own.c.from_on)),
        )
    )
    .where(_own.c.practitioner_id == _lead.c.practitioner_id, _own.c.to_on.is_(None))
)
"""Since when somebody is away and nobody does their work: who covers and is away too does not cover, nor does their
own cover, who sees only the work of whom they were asked to cover; nor whoever the family or a restriction keeps the
case from."""


def _latest_of_case(column: sa.Column[Any], name: str) -> sa.Label[Any]:
    """Select the latest of the days in `column` that belong to the case."""
    latest = sa.select(sa.func.max(column)).where(column.table.c.case_id == cases.c.id)
    return latest.correlate(cases).scalar_subquery().label(name)


CASES: Final = (
    sa.select(
        cases.c.id, cases.c.child_id, cases.c.pathway, cases.c.linked_plan, cases.c.opened_on, cases.c.closed_on,
        authorities.c.key,
        _lead.c.practitioner_id.label("lead"), _assessor.c.practitioner_id.label("assessor"),
        _manager.c.manager_id.label("manager"), _leader.c.left_on.label("lead_left_on"),
        _boss.c.left_on.label("manager_left_on"), _examiner.c.left_on.label("assessor_left_on"),
        _UNCOVERED.correlate(_lead, cases).scalar_subquery().label("lead_absent_since"),
        sa.case((_lead.c.interim, _lead.c.planned_end_on)).label("interim_until_on"),
        sa.case((_lead.c.interim, first_until_on())).label("interim_first_until_on"),
        _latest_of_case(plan_changes.c.decided_on, "plan_changed_on"),
        _latest_of_case(consultations.c.asked_on, "consulted_on"),
        _latest_of_case(reports_back.c.written_at, "reported_back_at"), authorities.c.zone,
        paused_until(),
    )
    .select_from(
        cases.join(authorities, authorities.c.id == cases.c.authority_id)
        .outerjoin(_lead, (_lead.c.case_id == cases.c.id) & _lead.c.to_on.is_(None))
        .outerjoin(_leader, _leader.c.id == _lead.c.practitioner_id)
        .outerjoin(
            _assessor,
            (_assessor.c.case_id == cases.c.id) & (_assessor.c.role == "assessor") & _assessor.c.to_on.is_(None),
        )
        .outerjoin(
            _manager,
            (_manager.c.practitioner_id == sa.func.coalesce(_lead.c.practitioner_id, _assessor.c.practitioner_id))
            & _manager.c.to_on.is_(None)
            # Nobody works on a restricted case by their office: what a manager would be asked, the coordinators are.
            & ~sa.exists().where(case_restrictions.c.case_id == cases.c.id, case_restrictions.c.lifted_at.is_(None)),
        )
        .outerjoin(_examiner, _examiner.c.id == _assessor.c.practitioner_id)
        .outerjoin(_boss, _boss.c.id == _manager.c.manager_id)
    )
    .where(among(cases.c.id))
)  # fmt: skip
"""A row for each case, with who leads, assesses and manages."""
_these = practitioners.alias("these")
_THREE: Final = (_lead.c.practitioner_id, _assessor.c.practitioner_id, _manager.c.manager_id)
ONE_CASE: Final = CASES.add_columns(
    sa.or_(
        sa.exists()
        .where(absences.c.to_on.is_(None), absences.c.practitioner_id.in_(_THREE))
        .correlate(_lead, _assessor, _manager),
        sa.exists()
        .where(
            _these.c.id.in_(_THREE),
            ~sa.exists().where(accounts.c.practitioner_id == _these.c.id, accounts.c.disabled_at.is_(None)),
        )
        .correlate(_lead, _assessor, _manager),
    ).label("people_away")
)
"""The same, telling whether one of them has an absence that is not over, or no account; of one case at a time."""
_earlier = consents.alias("earlier")
_FIRST_YES = sa.select(sa.func.min(_earlier.c.from_on)).where(
    _earlier.c.case_id == consents.c.case_id,
    _earlier.c.purpose == "sharing",
    _earlier.c.answer.in_(("given", "limited")),
)
_CONSENTS = sa.select(
    consents.c.case_id, consents.c.purpose, consents.c.answer, consents.c.from_on, consents.c.until_on,
    sa.case((consents.c.purpose == "sharing", _FIRST_YES.correlate(consents).scalar_subquery())).label("first_yes_on"),
).where(among(consents.c.case_id), consents.c.to_on.is_(None))  # fmt: skip
_ASSESSMENTS = (
    sa.select(assessments.c.case_id, assessments.c.started_on, assessments.c.completed_on)
    .where(among(assessments.c.case_id))
    .order_by(assessments.c.started_on, assessments.c.id)
)
_MEETINGS = (
    sa.select(tac_meetings.c.case_id, tac_meetings.c.id, tac_meetings.c.planned_on, tac_meetings.c.held_on)
    .where(among(tac_meetings.c.case_id), tac_meetings.c.called_off_on.is_(None))
    .order_by(tac_meetings.c.planned_on)
)
_led_then = lead_professionals.alias("led_then")
_leader_then = practitioners.alias("leader_then")
# Who leads is at the meeting without being invited to it.
_LED_BY_AGENCY = sa.exists().where(
    _led_then.c.case_id == invitations.c.case_id,
    _led_then.c.from_on <= tac_meetings.c.held_on,
    sa.or_(_led_then.c.to_on.is_(None), _led_then.c.to_on >= tac_meetings.c.held_on),
    _leader_then.c.id == _led_then.c.practitioner_id,
    _leader_then.c.agency_id == practitioners.c.agency_id,
)
_INVITATIONS = (
    sa.select(
        invitations.c.case_id, invitations.c.meeting_id, invitations.c.invited_on, invitations.c.report,
        practitioners.c.agency_id, agencies.c.name.label("agency"), tac_meetings.c.held_on,
        sa.case((invitations.c.attended, sa.true()), else_=_LED_BY_AGENCY).label("attended"),
    )
    .join(tac_meetings, tac_meetings.c.id == invitations.c.meeting_id)
    .join(practitioners, practitioners.c.id == invitations.c.practitioner_id)
    .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
    .where(
        among(invitations.c.case_id), tac_meetings.c.called_off_on.is_(None), invitations.c.called_off_on.is_(None)
    )
    .order_by(tac_meetings.c.planned_on)
)  # fmt: skip
_PLANS = (
    sa.select(
        action_plans.c.case_id,
        action_plans.c.agreed_on,
        sa.func.count(plan_outcomes.c.id)
        .filter(plan_outcomes.c.met_on.is_(None), plan_outcomes.c.dropped_on.is_(None))
        .label("outcomes_open"),
    )
    .outerjoin(plan_outcomes, plan_outcomes.c.plan_id == action_plans.c.id)
    .where(among(action_plans.c.case_id), action_plans.c.ended_on.is_(None))
    .group_by(action_plans.c.case_id, action_plans.c.agreed_on)
)
_ACTIONS = sa.select(
    plan_actions.c.case_id, plan_actions.c.first_due_on, plan_actions.c.closed_on, plan_actions.c.progress_on
).where(among(plan_actions.c.case_id))
_REVIEWS = (
    sa.select(
        reviews.c.case_id,
        reviews.c.due_on,
        reviews.c.first_due_on,
        reviews.c.held_on,
        reviews.c.outcome,
        reviews.c.next_step,
        reviews.c.missed,
        reviews.c.asked_on,
        reviews.c.way,
    )
    .where(among(reviews.c.case_id))
    .order_by(reviews.c.due_on)
)
_PAST_LEADS = (
    sa.select(lead_professionals.c.case_id, sa.func.max(lead_professionals.c.to_on).label("to_on"))
    .where(among(lead_professionals.c.case_id), lead_professionals.c.to_on.is_not(None))
    .group_by(lead_professionals.c.case_id)
)
_DISCUSSIONS = sa.select(manager_discussions.c.case_id, manager_discussions.c.opened_on).where(
    among(manager_discussions.c.case_id), manager_discussions.c.ended_on.is_(None)
)
_CONCERNS = sa.select(concerns.c.case_id, concerns.c.immediate_danger).where(
    among(concerns.c.case_id), concerns.c.ended_on.is_(None)
)
_DISAGREEMENTS = sa.select(disagreements.c.case_id, disagreements.c.stage, disagreements.c.stage_on).where(
    among(disagreements.c.case_id), disagreements.c.settled_on.is_(None)
)
_SEARCHES = sa.select(family_searches.c.case_id).where(
    among(family_searches.c.case_id), family_searches.c.ended_on.is_(None)
)
_HANDOVERS = sa.select(
    handovers.c.case_id,
    handovers.c.accepted_on,
    handovers.c.declined_on,
    handovers.c.declined_by,
    handovers.c.settled_on,
    handovers.c.ended_on,
).where(among(handovers.c.case_id))

GROUPS: Final[Mapping[str, sa.Select[Any]]] = {
    "consents": _CONSENTS,
    "assessments": _ASSESSMENTS,
    "meetings": _MEETINGS,
    "invitations": _INVITATIONS,
    "plans": _PLANS,
    "actions": _ACTIONS,
    "reviews": _REVIEWS,
    "leads": _PAST_LEADS,
    "discussions": _DISCUSSIONS,
    "concerns": _CONCERNS,
    "disagreements": _DISAGREEMENTS,
    "searches": _SEARCHES,
    "handovers": _HANDOVERS,
}
"""What is read besides the case rows, each group with one query."""
