"""Gather the recorded facts of many cases set-wise: a fixed number of queries whatever the number of cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.facts import RecordedFacts
from engine.store.tables.changes import disagreements, family_searches, handovers
from engine.store.tables.people import absences, authorities, line_managers, practitioners
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

_Rows = Mapping[UUID, list[Any]]


def gather(connection: sa.Connection, case_ids: Sequence[UUID]) -> dict[UUID, RecordedFacts]:
    """Return the recorded facts of each case in `case_ids` (best at most 1,000), as the record is now."""
    found = Gathered(connection, list(case_ids))
    found.load(GROUPS)
    return {row.id: found.assemble(row) for row in found.cases}


PEOPLE = frozenset({"lead_professional", "assessor", "line_manager", "child"})


def people(connection: sa.Connection, case_id: UUID) -> dict[str, Any]:
    """Return the facts of `PEOPLE` of one case, with one query."""
    row = connection.execute(_CASES, {"ids": [case_id]}).one()
    return {
        "lead_professional": _text(_leading(row)),
        "assessor": _text(_assessing(row)),
        "line_manager": _text(_managing(row)),
        "child": _text(row.child_id),
    }


class Gathered:
    """The rows that say something about the cases, by case id: the case rows, and the groups that were loaded."""

    def __init__(self, connection: sa.Connection, ids: list[UUID]) -> None:
        self._connection, self._ids = connection, ids
        self.cases = connection.execute(_CASES, {"ids": ids}).all()
        self.loaded: set[str] = set()
        self.consents: _Rows = {}
        self.assessments: _Rows = {}
        self.meetings: _Rows = {}
        self.invitations: _Rows = {}
        self.plans: _Rows = {}
        self.actions: _Rows = {}
        self.reviews: _Rows = {}
        self.leads: _Rows = {}
        self.discussions: _Rows = {}
        self.concerns: _Rows = {}
        self.disagreements: _Rows = {}
        self.searches: _Rows = {}
        self.handovers: _Rows = {}

    def load(self, groups: Iterable[str]) -> None:
        """Read those of `GROUPS`, one query each, that were not read before."""
        for name in groups:
            if name not in self.loaded:
                setattr(self, name, self._by_case(GROUPS[name]))
                self.loaded.add(name)

    def assemble(self, row: Any) -> RecordedFacts:
        """Return the facts of the case `row`; those that come from groups not loaded are as if nothing were there."""
        return _assemble(row, self)

    def _by_case(self, query: sa.Select[Any]) -> _Rows:
        rows: dict[UUID, list[Any]] = defaultdict(list)
        for row in self._connection.execute(query, {"ids": self._ids}):
            rows[row.case_id].append(row)
        return rows


def _among(column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    return column.in_(sa.bindparam("ids", expanding=True))


_lead = lead_professionals.alias("lead")
_assessor = case_members.alias("assessor")
_manager = line_managers.alias("manager")
_leader, _examiner, _boss = (practitioners.alias(name) for name in ("leader", "examiner", "boss"))
_own, _theirs = absences.alias("own"), absences.alias("theirs")
_UNCOVERED = (
    sa.select(sa.func.min(sa.case((_theirs.c.from_on > _own.c.from_on, _theirs.c.from_on), else_=_own.c.from_on)))
    .select_from(
        _own.outerjoin(
            _theirs,
            (_theirs.c.practitioner_id == _own.c.covered_by)
            & _theirs.c.to_on.is_(None)
            & (_theirs.c.from_on <= sa.func.coalesce(_own.c.expected_to_on, _theirs.c.from_on))
            & (_own.c.from_on <= sa.func.coalesce(_theirs.c.expected_to_on, _own.c.from_on)),
        )
    )
    .where(
        _own.c.practitioner_id == _lead.c.practitioner_id,
        _own.c.to_on.is_(None),
        sa.or_(_own.c.covered_by.is_(None), _theirs.c.id.is_not(None)),
    )
)
"""Since when somebody is away and nobody does their work: who covers and is away too does not cover, nor does their
own cover, who sees only the work of whom they were asked to cover."""
_CASES = (
    sa.select(
        cases.c.id, cases.c.child_id, cases.c.pathway, cases.c.linked_plan, cases.c.opened_on, cases.c.closed_on,
        authorities.c.key,
        _lead.c.practitioner_id.label("lead"), _assessor.c.practitioner_id.label("assessor"),
        _manager.c.manager_id.label("manager"), _leader.c.left_on.label("lead_left_on"),
        _boss.c.left_on.label("manager_left_on"), _examiner.c.left_on.label("assessor_left_on"),
        _UNCOVERED.correlate(_lead).scalar_subquery().label("lead_absent_since"),
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
            & _manager.c.to_on.is_(None),
        )
        .outerjoin(_examiner, _examiner.c.id == _assessor.c.practitioner_id)
        .outerjoin(_boss, _boss.c.id == _manager.c.manager_id)
    )
    .where(_among(cases.c.id))
)  # fmt: skip
_CONSENTS = sa.select(consents.c.case_id, consents.c.purpose, consents.c.answer, consents.c.from_on).where(
    _among(consents.c.case_id), consents.c.to_on.is_(None)
)
_ASSESSMENTS = (
    sa.select(assessments.c.case_id, assessments.c.started_on, assessments.c.completed_on)
    .where(_among(assessments.c.case_id))
    .order_by(assessments.c.started_on)
)
_MEETINGS = (
    sa.select(tac_meetings.c.case_id, tac_meetings.c.id, tac_meetings.c.planned_on, tac_meetings.c.held_on)
    .where(_among(tac_meetings.c.case_id))
    .order_by(tac_meetings.c.planned_on)
)
_INVITATIONS = (
    sa.select(
        invitations.c.case_id, invitations.c.meeting_id, invitations.c.invited_on, invitations.c.attended,
        invitations.c.report, practitioners.c.agency_id, tac_meetings.c.held_on,
    )
    .join(tac_meetings, tac_meetings.c.id == invitations.c.meeting_id)
    .join(practitioners, practitioners.c.id == invitations.c.practitioner_id)
    .where(_among(invitations.c.case_id))
    .order_by(tac_meetings.c.planned_on)
)  # fmt: skip
_PLANS = (
    sa.select(
        action_plans.c.case_id,
        action_plans.c.agreed_on,
        sa.func.count(plan_outcomes.c.id).filter(plan_outcomes.c.met_on.is_(None)).label("outcomes_open"),
    )
    .outerjoin(plan_outcomes, plan_outcomes.c.plan_id == action_plans.c.id)
    .where(_among(action_plans.c.case_id), action_plans.c.ended_on.is_(None))
    .group_by(action_plans.c.case_id, action_plans.c.agreed_on)
)
_ACTIONS = sa.select(
    plan_actions.c.case_id, plan_actions.c.first_due_on, plan_actions.c.closed_on, plan_actions.c.progress_on
).where(_among(plan_actions.c.case_id))
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
    )
    .where(_among(reviews.c.case_id))
    .order_by(reviews.c.due_on)
)
_PAST_LEADS = (
    sa.select(lead_professionals.c.case_id, sa.func.max(lead_professionals.c.to_on).label("to_on"))
    .where(_among(lead_professionals.c.case_id), lead_professionals.c.to_on.is_not(None))
    .group_by(lead_professionals.c.case_id)
)
_DISCUSSIONS = sa.select(manager_discussions.c.case_id, manager_discussions.c.opened_on).where(
    _among(manager_discussions.c.case_id), manager_discussions.c.ended_on.is_(None)
)
_CONCERNS = sa.select(concerns.c.case_id, concerns.c.immediate_danger).where(
    _among(concerns.c.case_id), concerns.c.ended_on.is_(None)
)


_DISAGREEMENTS = sa.select(disagreements.c.case_id, disagreements.c.stage, disagreements.c.stage_on).where(
    _among(disagreements.c.case_id), disagreements.c.settled_on.is_(None)
)
_SEARCHES = sa.select(family_searches.c.case_id).where(
    _among(family_searches.c.case_id), family_searches.c.ended_on.is_(None)
)
_HANDOVERS = sa.select(
    handovers.c.case_id,
    handovers.c.accepted_on,
    handovers.c.declined_on,
    handovers.c.declined_by,
    handovers.c.settled_on,
    handovers.c.ended_on,
).where(_among(handovers.c.case_id))


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


def _assemble(row: Any, found: Gathered) -> RecordedFacts:
    case_id = row.id
    agreed = {consent.purpose: consent.answer for consent in found.consents.get(case_id, ())}
    plan = _last(found.plans.get(case_id))
    discussion = _last(found.discussions.get(case_id))
    alarms = found.concerns.get(case_id, ())
    reviewed = found.reviews.get(case_id, ())
    disagreement = _last(found.disagreements.get(case_id))
    return RecordedFacts(
        authority=row.key,
        opened_on=row.opened_on,
        pathway=row.pathway,
        linked_plan=row.linked_plan,
        consent=agreed.get("sharing", "not_asked"),
        mag_consent=agreed.get("mag", "not_asked"),
        closed=row.closed_on is not None,
        concern_open=bool(alarms),
        immediate_danger=any(alarm.immediate_danger for alarm in alarms),
        lead_professional=_text(_leading(row)),
        assessor=_text(_assessing(row)),
        line_manager=_text(_managing(row)),
        child=_text(row.child_id),
        plan_agreed_on=plan.agreed_on if plan else None,
        outcomes_open=plan.outcomes_open if plan else None,
        manager_stage_since=discussion.opened_on if discussion else None,
        lead_vacant_since=_vacant_since(row, found),
        lead_absent_since=row.lead_absent_since,
        lead_declined_since=_declined_since(found.handovers.get(case_id, ())),
        family_not_found=bool(found.searches.get(case_id)),
        disagreement_stage=disagreement.stage if disagreement else "none",
        disagreement_since=disagreement.stage_on if disagreement else None,
        last_progress_on=_last_contact(case_id, found),
        open_actions_due=tuple(
            action.first_due_on for action in found.actions.get(case_id, ()) if action.closed_on is None
        ),
        **_assessment(found.assessments.get(case_id, ())),
        **_meetings(found.meetings.get(case_id, ()), found.invitations.get(case_id, ()), reviewed),
        **_reviews(reviewed),
    )


def _declined_since(proposals: Sequence[Any]) -> date | None:
    """Return the day on which the last successor declined, None when somebody is asked, accepted or it is settled."""
    declined = [row.declined_on for row in proposals if row.declined_by == "successor" and row.settled_on is None]
    since = max(declined, default=None)
    if since is None or any(row.ended_on is None for row in proposals):
        return None
    accepted = [row.accepted_on for row in proposals if row.accepted_on is not None]
    return None if max(accepted, default=date.min) >= since else since


def _assessment(rows: Sequence[Any]) -> dict[str, Any]:
    latest = _last(rows)
    return {
        "assessment_started_on": latest.started_on if latest else None,
        "assessment_completed_on": latest.completed_on if latest else None,
    }


def _meetings(rows: Sequence[Any], invited: Sequence[Any], planned: Sequence[Any]) -> dict[str, Any]:
    held = sorted(row.held_on for row in rows if row.held_on)
    coming = next((row for row in rows if row.held_on is None), None)
    sent = [row.invited_on for row in invited if coming is not None and row.meeting_id == coming.id]
    # A review's meeting may be over before the review is written up, and updates are asked for without a meeting.
    sent += [row.asked_on for row in planned if row.held_on is None and row.asked_on is not None]
    return {
        "first_tac_on": rows[0].planned_on if rows else None,
        "first_tac_held_on": held[0] if held else None,
        "next_tac_on": coming.planned_on if coming else None,
        "invitations_sent_on": min(sent, default=None),
        "agency_meetings_missed": max(_missed_in_a_row(invited), default=0),
    }


def _missed_in_a_row(invited: Sequence[Any]) -> Iterator[int]:
    """Count, for each agency, its latest held meetings in a row without attendance or a report."""
    by_agency: dict[Any, dict[UUID, bool]] = defaultdict(dict)
    for row in invited:
        if row.held_on is not None:
            there = bool(row.attended) or bool(row.report)
            by_agency[row.agency_id][row.meeting_id] = by_agency[row.agency_id].get(row.meeting_id, False) or there
    for meetings in by_agency.values():
        count = 0
        for there in meetings.values():
            count = 0 if there else count + 1
        yield count


def _reviews(rows: Sequence[Any]) -> dict[str, Any]:
    held = sorted((row for row in rows if row.held_on), key=lambda row: row.held_on)
    coming = next((row for row in rows if row.held_on is None), None)
    without = 0
    for row in reversed(held):
        if row.outcome == "better":
            break
        without += 1
    return {
        "next_review_on": coming.due_on if coming else None,
        "review_first_due_on": coming.first_due_on if coming else None,
        "reviews_missed": coming.missed if coming else 0,
        "last_review_on": held[-1].held_on if held else None,
        "reviews_held": len(held),
        "reviews_without_progress": without,
        "closing_agreed": coming is None and bool(held) and held[-1].next_step == "close",
    }


def _last_contact(case_id: UUID, found: Gathered) -> date | None:
    """Say when the plan last moved or the family was last spoken with, whether over consent or an assessment."""
    days = [day for row in found.actions.get(case_id, ()) for day in (row.progress_on, row.closed_on)]
    days += [row.held_on for row in found.meetings.get(case_id, ())]
    days += [row.held_on for row in found.reviews.get(case_id, ())]
    days += [row.from_on for row in found.consents.get(case_id, ()) if row.answer not in ("not_asked", "no_answer")]
    days += [row.completed_on for row in found.assessments.get(case_id, ())]
    return max((day for day in days if day), default=None)


def _leading(row: Any) -> UUID | None:
    """Return who leads: nobody, when the lead professional has left the service."""
    return row.lead if row.lead_left_on is None else None


def _assessing(row: Any) -> UUID | None:
    return row.assessor if row.assessor_left_on is None else None


def _managing(row: Any) -> UUID | None:
    return row.manager if row.manager_left_on is None else None


def _vacant_since(row: Any, found: Gathered) -> date | None:
    """Say since when nobody leads: the day the lead left, the last lead's end, or the assessment's."""
    if row.lead_left_on is not None:
        return row.lead_left_on  # type: ignore[no-any-return]
    if row.lead is not None or row.closed_on is not None:
        return None
    ended = _last(found.leads.get(row.id))
    if ended:
        return ended.to_on  # type: ignore[no-any-return]
    assessed = _last(found.assessments.get(row.id))
    return assessed.completed_on if assessed else None


def _last(rows: Sequence[Any] | None) -> Any:
    return rows[-1] if rows else None


def _text(id_: UUID | None) -> str | None:
    return None if id_ is None else str(id_)
