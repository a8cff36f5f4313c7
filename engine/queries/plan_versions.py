"""A case's plan as it stood after each act that agreed or changed it, and two of these side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.queries import people
from engine.queries.case_plan import OTHER
from engine.queries.view import View
from engine.store.tables.changes import plan_versions


@dataclass(frozen=True, slots=True)
class StoodAction:
    """An action as it stood then; `closed_on` when it was over by then, `dropped_why` when it was given up."""

    action_id: UUID
    action: str
    owner: str
    due_on: date
    closed_on: date | None
    dropped_why: str


@dataclass(frozen=True, slots=True)
class StoodOutcome:
    """What was to be better, as it stood then, with its actions; None for those of no outcome."""

    outcome_id: UUID | None
    outcome: str
    met_on: date | None
    dropped_on: date | None
    dropped_why: str
    actions: tuple[StoodAction, ...]


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """The plan after one act, `number` 1 being as it was first agreed."""

    number: int
    made_on: date
    made_by: str
    outcomes: tuple[StoodOutcome, ...]


@dataclass(frozen=True, slots=True)
class ComparedAction:
    """One action of two versions; None where it did not stand yet, or not any more."""

    action: str
    before: StoodAction | None
    after: StoodAction | None
    changed: bool


@dataclass(frozen=True, slots=True)
class ComparedOutcome:
    """One outcome of two versions, with its actions; `new` when only the later one has it."""

    outcome: str
    before: StoodOutcome | None
    after: StoodOutcome | None
    new: bool
    actions: tuple[ComparedAction, ...]


def of_case(view: View, case_id: UUID) -> tuple[PlanVersion, ...]:
    """Return the versions of a case's plans, the first first; the caller has looked whether the reader may see them."""
    rows = view.connection.execute(
        sa.select(plan_versions).where(plan_versions.c.case_id == case_id).order_by(plan_versions.c.number)
    ).all()
    ids = {UUID(action["owner_id"]) for row in rows for each in row.outcomes for action in each["actions"]}
    names = people.names_in(view, ids | {row.made_by for row in rows if row.made_by})
    return tuple(
        PlanVersion(row.number, row.made_on, names.get(row.made_by, ""), _outcomes(row.outcomes, names))
        for row in rows
    )


def side_by_side(before: PlanVersion, after: PlanVersion) -> tuple[ComparedOutcome, ...]:
    """Return the outcomes that either version has, those of the earlier first, each action beside itself."""
    first = {each.outcome_id: each for each in before.outcomes}
    second = {each.outcome_id: each for each in after.outcomes}
    return tuple(_compared(first.get(key), second.get(key)) for key in dict.fromkeys((*first, *second)))


def _compared(before: StoodOutcome | None, after: StoodOutcome | None) -> ComparedOutcome:
    either = after or before
    first = {each.action_id: each for each in (before.actions if before else ())}
    second = {each.action_id: each for each in (after.actions if after else ())}
    actions = tuple(_beside(first.get(key), second.get(key)) for key in dict.fromkeys((*first, *second)))
    return ComparedOutcome(either.outcome if either else "", before, after, before is None, actions)


def _beside(before: StoodAction | None, after: StoodAction | None) -> ComparedAction:
    either = after or before
    return ComparedAction(either.action if either else "", before, after, before != after)


def _outcomes(kept: Sequence[Mapping[str, Any]], names: Mapping[UUID, str]) -> tuple[StoodOutcome, ...]:
    return tuple(_outcome(each, names) for each in kept)


def _outcome(kept: Mapping[str, Any], names: Mapping[UUID, str]) -> StoodOutcome:
    actions: Sequence[Mapping[str, Any]] = kept["actions"]
    return StoodOutcome(
        outcome_id=UUID(kept["id"]) if kept["id"] else None,
        outcome=kept["outcome"] or OTHER,
        met_on=_day(kept.get("met_on")),
        dropped_on=_day(kept.get("dropped_on")),
        dropped_why=kept.get("dropped_why") or "",
        actions=tuple(_action(each, names) for each in actions),
    )


def _action(kept: Mapping[str, Any], names: Mapping[UUID, str]) -> StoodAction:
    return StoodAction(
        action_id=UUID(kept["id"]),
        action=kept["action"],
        owner=names.get(UUID(kept["owner_id"]), ""),
        due_on=date.fromisoformat(kept["due_on"]),
        closed_on=_day(kept["closed_on"]),
        dropped_why=kept["dropped_why"],
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
