"""Gather the recorded facts of many cases set-wise: a fixed number of queries whatever the number of cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.casework.facts import RecordedFacts
from engine.clock import local_day
from engine.store.fact_rows import CASES, GROUPS, ONE_CASE

_Rows = Mapping[UUID, list[Any]]
_COMMON_ASSESSMENT: Final = "caf"
_ASSESSED: Final = (_COMMON_ASSESSMENT, "step_down")
"""Pathways on which an assessor holds the case until an assessment, or what takes its place, is there."""


def gather(connection: sa.Connection, case_ids: Sequence[UUID]) -> dict[UUID, RecordedFacts]:
    """Return the recorded facts of each case in `case_ids` (best at most 1,000), as the record is now."""
    found = Gathered(connection, list(case_ids))
    found.load(GROUPS)
    return {row.id: found.assemble(row) for row in found.cases}


PEOPLE = frozenset({"lead_professional", "assessor", "line_manager", "child"})


def people(connection: sa.Connection, case_id: UUID) -> dict[str, Any]:
    """Return the facts of `PEOPLE` of one case, and whether any of them is away (`people_away`), with one query."""
    row = connection.execute(ONE_CASE, {"ids": [case_id]}).one()
    return {
        "lead_professional": _text(_leading(row)),
        "assessor": _text(_assessing(row)),
        "line_manager": _text(_managing(row)),
        "child": _text(row.child_id),
        "people_away": row.people_away,
    }


class Gathered:
    """The rows that say something about the cases, by case id: the case rows, and the groups that were loaded."""

    def __init__(self, connection: sa.Connection, ids: list[UUID]) -> None:
        self._connection, self._ids = connection, ids
        self.cases = connection.execute(ONE_CASE if len(ids) == 1 else CASES, {"ids": ids}).all()
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


def _assemble(row: Any, found: Gathered) -> RecordedFacts:
    case_id = row.id
    agreed = {consent.purpose: consent for consent in found.consents.get(case_id, ())}
    sharing, to_mag = agreed.get("sharing"), agreed.get("mag")
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
        consent=sharing.answer if sharing else "not_asked",
        mag_consent=to_mag.answer if to_mag else "not_asked",
        consent_until_on=sharing.until_on if sharing else None,
        consent_lapsed_since=sharing.from_on if sharing and sharing.answer == "lapsed" else None,
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
        paused_until=row.paused_until,
        family_not_found=bool(found.searches.get(case_id)),
        disagreement_stage=disagreement.stage if disagreement else "none",
        disagreement_since=disagreement.stage_on if disagreement else None,
        last_progress_on=_last_contact(row, found),
        plan_changed_on=row.plan_changed_on,
        consulted_on=row.consulted_on,
        open_actions_due=tuple(
            action.first_due_on for action in found.actions.get(case_id, ()) if action.closed_on is None
        ),
        **_without_lead(row, found),
        **_assessment(found.assessments.get(case_id, ()), row.pathway),
        **_meetings(found.meetings.get(case_id, ()), found.invitations.get(case_id, ()), reviewed),
        **_reviews(reviewed, row.consulted_on),
        review_met_on=_met_for_review(reviewed, found.meetings.get(case_id, ())),
    )


def _without_lead(row: Any, found: Gathered) -> dict[str, Any]:
    return {
        "lead_vacant_since": _vacant_since(row, found),
        "lead_absent_since": row.lead_absent_since,
        "interim_until_on": row.interim_until_on,
        "interim_first_until_on": row.interim_first_until_on,
        "lead_declined_since": _declined_since(found.handovers.get(row.id, ())),
    }


def _declined_since(proposals: Sequence[Any]) -> date | None:
    """Return the day on which the last successor declined, None when somebody is asked, accepted or it is settled."""
    declined = [row.declined_on for row in proposals if row.declined_by == "successor" and row.settled_on is None]
    since = max(declined, default=None)
    if since is None or any(row.ended_on is None for row in proposals):
        return None
    accepted = [row.accepted_on for row in proposals if row.accepted_on is not None]
    return None if max(accepted, default=date.min) >= since else since


def _assessment(rows: Sequence[Any], pathway: str) -> dict[str, Any]:
    """Say how the first assessment stands, from which the steps of a new case count, and when it was last made anew."""
    first = rows[0] if rows else None
    # Support that began without the common assessment has none before the one that is asked for after a year.
    later = rows[1:] if pathway == _COMMON_ASSESSMENT else rows
    again = [row.completed_on for row in later if row.completed_on is not None]
    return {
        "assessment_started_on": first.started_on if first else None,
        "assessment_completed_on": first.completed_on if first else None,
        "reassessed_on": max(again, default=None),
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
        **_most_absent(invited),
    }


def _most_absent(invited: Sequence[Any]) -> dict[str, Any]:
    """Say how many meetings in a row were missed most, and by which agency or agencies."""
    missed = _missed_in_a_row(invited)
    most = max(missed.values(), default=0)
    names = {row.agency for row in invited if most and missed.get(row.agency_id) == most and row.agency}
    return {"agency_meetings_missed": most, "absent_agency": " and ".join(sorted(names))}


def _missed_in_a_row(invited: Sequence[Any]) -> dict[Any, int]:
    """Count, for each agency, its latest held meetings in a row without attendance or a report.

    The rows of `invited` tell of an agency whose person led the meeting that it attended.
    """
    by_agency: dict[Any, dict[UUID, bool]] = defaultdict(dict)
    for row in invited:
        if row.held_on is not None:
            there = bool(row.attended) or bool(row.report)
            by_agency[row.agency_id][row.meeting_id] = by_agency[row.agency_id].get(row.meeting_id, False) or there
    counts = dict.fromkeys(by_agency, 0)
    for agency, meetings in by_agency.items():
        for there in meetings.values():
            counts[agency] = 0 if there else counts[agency] + 1
    return counts


def _reviews(rows: Sequence[Any], consulted_on: date | None) -> dict[str, Any]:
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
        "reviews_since_consultation": sum(consulted_on is None or row.held_on > consulted_on for row in held),
        "closing_agreed": coming is None and bool(held) and held[-1].next_step == "close",
    }


def _met_for_review(rows: Sequence[Any], meetings: Sequence[Any]) -> date | None:
    """Say when the team met for the coming review, if that is over: since people were asked to it, or the last one.

    The first meeting of all is the one from which the plan came, unless it was the review that people were asked to.
    """
    coming = next((row for row in rows if row.held_on is None), None)
    held = sorted(row.held_on for row in meetings if row.held_on)
    if coming is None or coming.way != "meeting" or len(held) < len(meetings) or not held:
        return None
    since = max((row.held_on for row in rows if row.held_on), default=held[0])
    asked = coming.asked_on or date.max
    return held[-1] if held[-1] > since or held[-1] >= asked else None


def _last_contact(case: Any, found: Gathered) -> date | None:
    """Say when the plan last moved, the family was last spoken with, over consent or an assessment, or any reported."""
    case_id = case.id
    days = [day for row in found.actions.get(case_id, ()) for day in (row.progress_on, row.closed_on)]
    days += [row.held_on for row in found.meetings.get(case_id, ())]
    days += [row.held_on for row in found.reviews.get(case_id, ())]
    days += [row.from_on for row in found.consents.get(case_id, ()) if row.answer not in ("not_asked", "no_answer")]
    days += [row.completed_on for row in found.assessments.get(case_id, ())]
    days.append(case.plan_changed_on)
    if case.reported_back_at is not None:
        days.append(local_day(case.reported_back_at, ZoneInfo(case.zone)))
    return max((day for day in days if day), default=None)


def _leading(row: Any) -> UUID | None:
    """Return who leads: nobody, when the lead professional has left the service."""
    return row.lead if row.lead_left_on is None else None


def _assessing(row: Any) -> UUID | None:
    return row.assessor if row.assessor_left_on is None else None


def _managing(row: Any) -> UUID | None:
    return row.manager if row.manager_left_on is None else None


def _vacant_since(row: Any, found: Gathered) -> date | None:
    """Say since when nobody leads: the day the lead left, the last lead's end, the assessment's, or the first yes.

    Support that begins without an assessment begins with the family's yes: nobody holds it until somebody leads.
    """
    if row.lead_left_on is not None:
        return row.lead_left_on  # type: ignore[no-any-return]
    if row.lead is not None or row.closed_on is not None:
        return None
    ended = _last(found.leads.get(row.id))
    if ended:
        return ended.to_on  # type: ignore[no-any-return]
    assessed = _last(found.assessments.get(row.id))
    if assessed or row.pathway in _ASSESSED:
        return assessed.completed_on if assessed else None
    agreed = (each for each in found.consents.get(row.id, ()) if each.purpose == "sharing")
    return next((each.first_yes_on for each in agreed if each.answer in ("given", "limited")), None)


def _last(rows: Sequence[Any] | None) -> Any:
    return rows[-1] if rows else None


def _text(id_: UUID | None) -> str | None:
    return None if id_ is None else str(id_)
