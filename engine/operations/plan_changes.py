"""The plan looked at anew: what goes on, what changes, what is given up and why; never how long it has been stalled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Conflict, Invalid
from engine.operations.action_plans import add_to_plan, current_plan
from engine.operations.consent_cover import require_known
from engine.operations.overlaps import forget_overlaps, look_for_overlaps
from engine.operations.plan_versions import keep_version
from engine.operations.reading import as_id, optional_day, person, rows, text
from engine.operations.team import join_team
from engine.store.tables.changes import plan_changes
from engine.store.tables.record import plan_actions, plan_outcomes
from engine.work import Work

STAYS: Final = "stays"
_NO_PLAN: Final = "There is no plan yet that could be changed"
_NOTHING: Final = "Nothing is different yet. Change something, or say that the plan stays as it is"
_NO_ACTION: Final = "Nothing would be left to do. Add an action, or say at a review that the case closes"


def change_action_plan(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Change the plan as agreed with the family, or keep that it stays; gives back `plan_changed` as yes or no.

    An action whose date moves keeps its first one, from which its lateness counts. Raises `Invalid` naming the row for
    what is not of the plan, for what is given up without a reason, and when nothing changes or nothing is left to do;
    `Conflict` while there is no plan.
    """
    plan = current_plan(work)
    if plan is None:
        raise Conflict(_NO_PLAN, case_id=work.case.id)
    why, changed = text(answers, "why"), text(answers, "plan_changed") != "no"
    detail = _change(work, plan, answers) if changed else {}
    view = text(answers, "family_view")
    keep_look(work, plan, changed=changed, why=why, family_view=view)
    payload = {"why": why, "family_view": view}
    if changed:
        keep_version(work, plan)
        work.record("plan_changed", subject=plan, detail=detail, payload=payload)
    else:
        work.record("plan_kept", subject=plan, payload=payload)
    return {"plan_changed": "yes" if changed else "no"}


def keep_look(work: Work, plan: UUID, *, changed: bool, why: str, family_view: str) -> None:
    """Keep that the plan was looked at anew today."""
    work.connection.execute(
        sa.insert(plan_changes).values(
            id=work.engine.ids.new(),
            authority_id=work.authority.id,
            case_id=work.case.id,
            plan_id=plan,
            decided_by=work.actor.practitioner_id if work.actor else None,
            decided_on=work.today,
            changed=changed,
            why=why,
            family_view=family_view,
        )
    )
    work.changed()


def _change(work: Work, plan: UUID, answers: Mapping[str, Any]) -> dict[str, int]:
    """Apply every row; return how many outcomes and actions were added, changed, finished and given up."""
    outcomes = settle_outcomes(work, plan, rows(answers, "outcomes_now"))
    actions = settle_actions(work, plan, rows(answers, "actions_now"))
    _require_no_orphans(work, plan)
    added = add_to_plan(work, plan, answers)
    if not (outcomes.any or actions.any or added.actions or added.outcomes):
        raise Invalid(_NOTHING, field="plan_changed")
    if not _open(work, plan):
        raise Invalid(_NO_ACTION, field="actions")
    return {
        "added": added.actions,
        "changed": actions.changed,
        "done": actions.done + outcomes.done,
        "dropped": actions.dropped + outcomes.dropped,
    }


@dataclass(frozen=True, slots=True)
class Settled:
    """How many of what was on the plan changed, were done (or met) and were given up."""

    changed: int = 0
    done: int = 0
    dropped: int = 0

    @property
    def any(self) -> bool:
        """Whether anything is different."""
        return bool(self.changed or self.done or self.dropped)


def settle_outcomes(work: Work, plan: UUID, given: Sequence[Mapping[str, Any]]) -> Settled:
    """Keep which outcomes are met and which given up. Raises `Invalid` naming the row."""
    counts = {"met": 0, "dropped": 0}
    for number, row in enumerate(given):
        becomes, where = text(row, "becomes"), f"outcomes_now[{number}]"
        if becomes not in counts:
            continue
        found = as_id(row.get("outcome_id"), f"{where}.outcome_id")
        values: dict[str, Any] = {"met_on": work.today}
        if becomes == "dropped":
            values = {"dropped_on": work.today, "dropped_why": _why(row, f"{where}.why")}
        unsettled = plan_outcomes.c.met_on.is_(None) & plan_outcomes.c.dropped_on.is_(None)
        mine = (plan_outcomes.c.id == found) & (plan_outcomes.c.plan_id == plan) & unsettled
        counts[becomes] += work.connection.execute(sa.update(plan_outcomes).where(mine).values(**values)).rowcount
    return Settled(done=counts["met"], dropped=counts["dropped"])


def settle_actions(work: Work, plan: UUID, given: Sequence[Mapping[str, Any]]) -> Settled:
    """Keep which actions go on otherwise, are done or are given up; one finished meanwhile stays as it is.

    Raises `Invalid` naming the row.
    """
    counts = {"changed": 0, "done": 0, "dropped": 0}
    still_open = _open(work, plan)
    for number, row in enumerate(given):
        becomes, where = text(row, "becomes"), f"actions_now[{number}]"
        found = as_id(row.get("action_id"), f"{where}.action_id")
        if becomes not in counts or found not in still_open:
            continue
        values = _values(work, row, becomes, where)
        if values.get("owner_id", still_open[found]) != still_open[found]:
            require_known(work, {f"{where}.owner": values["owner_id"]})
        work.connection.execute(sa.update(plan_actions).where(plan_actions.c.id == found).values(**values))
        counts[becomes] += 1
        if "owner_id" in values:
            join_team(work, [values["owner_id"]], field=f"{where}.owner")
            forget_overlaps(work, found)
            look_for_overlaps(work, {found})
    work.changed()
    return Settled(**counts)


def _values(work: Work, row: Mapping[str, Any], becomes: str, where: str) -> dict[str, Any]:
    """Return the columns that a row changes. `first_due_on` is never one of them."""
    if becomes == "done":
        return {"closed_on": work.today, "progress_on": work.today} | _said(row)
    if becomes == "dropped":
        return {"closed_on": work.today, "dropped_why": _why(row, f"{where}.why")}
    values: dict[str, Any] = {}
    if text(row, "owner"):
        values["owner_id"] = person(work, row, "owner")
    if optional_day(row, "due_on") is not None:
        values["due_on"] = optional_day(row, "due_on")
    if not values:
        raise Invalid("Say who does it now, or by when", field=f"{where}.owner")
    return values


def _said(row: Mapping[str, Any]) -> dict[str, str]:
    return {"progress": text(row, "why")} if text(row, "why") else {}


def _why(row: Mapping[str, Any], field: str) -> str:
    why = text(row, "why")
    if not why:
        raise Invalid("Say why it is given up", field=field)
    return why


def _open(work: Work, plan: UUID) -> dict[UUID, UUID]:
    """Return who owns each action that is open, by its id."""
    mine = (plan_actions.c.plan_id == plan) & plan_actions.c.closed_on.is_(None)
    query = sa.select(plan_actions.c.id, plan_actions.c.owner_id).where(mine)
    return {row.id: row.owner_id for row in work.connection.execute(query)}


def _require_no_orphans(work: Work, plan: UUID) -> None:
    """Let no action go on for an outcome that is given up."""
    orphan = work.connection.execute(
        sa.select(plan_actions.c.action)
        .join(plan_outcomes, plan_outcomes.c.id == plan_actions.c.outcome_id)
        .where(
            plan_actions.c.plan_id == plan, plan_actions.c.closed_on.is_(None), plan_outcomes.c.dropped_on.is_not(None)
        )
        .limit(1)
    ).scalar()
    if orphan is not None:
        raise Invalid(
            f"“{orphan.rstrip('.')}” is for an outcome that is given up: give it up too, or keep the outcome",
            field="actions_now",
        )
