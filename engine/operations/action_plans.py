"""The action plan: outcomes, and actions that each have an owner and a date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Invalid
from engine.operations import reviews
from engine.operations.consent_cover import require_all_covered, require_known
from engine.operations.overlaps import look_for_overlaps
from engine.operations.plan_versions import keep_version
from engine.operations.reading import as_person, day, optional_day, people, rows, text
from engine.operations.team import join_team
from engine.store.meeting_options import latest_held
from engine.store.tables.record import action_plans, plan_actions, plan_outcomes
from engine.store.writes import Insertion
from engine.work import Work


@dataclass(frozen=True, slots=True)
class Added:
    """How many outcomes the answers name, and how many actions they add."""

    outcomes: int
    actions: int


def agree_action_plan(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Agree the plan, or add to it; the first agreement opens it. Gives back `next_review_on` when a date was chosen.

    Where none is chosen for the first agreement, the date to come that the meeting agreed with the family holds. An
    action's owner joins the team, so that they can see the case and report. Two agencies that give the family the same
    kind of help are noticed. Raises `Invalid` when an action has no owner or date.
    """
    current = current_plan(work)
    plan = current or open_plan(work)
    added = add_to_plan(work, plan, answers, new=current is None)
    keep_version(work, plan)
    work.record("action_plan_agreed", subject=plan, detail={"outcomes": added.outcomes, "actions": added.actions})
    review_on = optional_day(answers, "next_review_on")
    if review_on is None and current is None:
        review_on = _agreed_by_the_meeting(work)
    if review_on is None:
        return {}
    reviews.plan_review(work, review_on)
    return {"next_review_on": review_on}


def _agreed_by_the_meeting(work: Work) -> date | None:
    """Return the next date that the meeting agreed, or the working day after it; None without one to come."""
    meeting = latest_held(work.connection, work.case.id)
    ahead = meeting is not None and meeting.next_on is not None and meeting.next_on > work.today
    return work.authority.calendar.next_working_day(meeting.next_on) if ahead else None


def add_to_plan(work: Work, plan: UUID, answers: Mapping[str, Any], *, new: bool = False) -> Added:
    """Add the `outcomes` and `actions` of the answers to a plan, a `new` one or another; who acts joins the team.

    Raises `Invalid` naming the row when an action has no owner or date.
    """
    outcomes = _add_outcomes(work, plan, answers, known={} if new else _outcomes(work, plan))
    added = [_action(work, plan, outcomes, row, number) for number, row in enumerate(rows(answers, "actions"))]
    owners = people(work, {"owner": [row["owner_id"] for row in added]}, "owner")
    named = {f"actions[{number}].owner": row["owner_id"] for number, row in enumerate(added)}
    require_all_covered(work, named)
    require_known(work, named)
    if added:
        _INSERT_ACTION.each(work.connection, added)
    join_team(work, owners, checked=True)
    work.changed()
    look_for_overlaps(work, {row["id"] for row in added if row["help"]})
    return Added(len(outcomes), len(added))


def current_plan(work: Work) -> UUID | None:
    """Return the id of the plan in force, or None."""
    return work.connection.execute(
        sa.select(action_plans.c.id).where(action_plans.c.case_id == work.case.id, action_plans.c.ended_on.is_(None))
    ).scalar()


def open_plan(work: Work) -> UUID:
    """Open a plan from today on and return its id."""
    plan = work.engine.ids.new()
    row = {"id": plan, "authority_id": work.authority.id, "case_id": work.case.id, "agreed_on": work.today}
    work.connection.execute(sa.insert(action_plans), row)
    return plan


def _add_outcomes(work: Work, plan: UUID, answers: Mapping[str, Any], *, known: Mapping[str, UUID]) -> dict[str, UUID]:
    """Add the outcomes named in their own rows and in the actions, but `known` ones; return all ids by `same` text."""
    named = [text(row, "outcome") for row in (*rows(answers, "outcomes"), *rows(answers, "actions"))]
    spelt = {same(name): name for name in reversed(named) if name}
    ids = {key: known.get(key) or work.engine.ids.new() for key in dict.fromkeys(map(same, named)) if key}
    added = [
        {"id": id_, "authority_id": work.authority.id, "plan_id": plan, "case_id": work.case.id, "outcome": spelt[key]}
        for key, id_ in ids.items()
        if key not in known
    ]
    if added:
        work.connection.execute(sa.insert(plan_outcomes), added)
    return ids


def _outcomes(work: Work, plan: UUID) -> dict[str, UUID]:
    """Return the ids of a plan's outcomes by `same` text; of several with one text, the latest not given up."""
    found = work.connection.execute(
        sa.select(plan_outcomes.c.outcome, plan_outcomes.c.id)
        .where(plan_outcomes.c.plan_id == plan, plan_outcomes.c.dropped_on.is_(None))
        .order_by(plan_outcomes.c.id)
    )
    return {same(row.outcome): row.id for row in found}


def same(outcome: str) -> str:
    """Return what two spellings of one outcome share: capitals, spaces and a full stop make no second outcome."""
    return " ".join(outcome.split()).rstrip(".").casefold()


def _action(
    work: Work, plan: UUID, outcomes: Mapping[str, UUID], row: Mapping[str, Any], number: int
) -> dict[str, Any]:
    if not text(row, "owner"):
        raise Invalid("Choose who will do this action", field=f"actions[{number}].owner")
    due_on = day(row, "due_on", date.max)
    if due_on == date.max:
        raise Invalid("Enter the date the action is due", field=f"actions[{number}].due_on")
    return {
        "id": work.engine.ids.new(),
        "plan_id": plan,
        "outcome_id": outcomes.get(same(text(row, "outcome"))),
        "authority_id": work.authority.id,
        "case_id": work.case.id,
        "action": text(row, "action"),
        "help": text(row, "help"),
        "owner_id": as_person(row.get("owner"), f"actions[{number}].owner"),
        "due_on": due_on,
        "first_due_on": due_on,
    }


_INSERT_ACTION = Insertion(plan_actions)
