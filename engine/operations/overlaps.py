"""Find, when actions change, where two agencies give one family the same kind of help; nothing is stopped by it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine import decisions
from engine.casework.help_kinds import FOR_THE_FAMILY
from engine.dmn import DecisionModel, DecisionResult
from engine.feel import to_plain
from engine.store.tables.changes import overlaps
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, children, plan_actions
from engine.work import Work

DECISION: Final = "service_overlap"
TOLD: Final = ("same", "near")


def look_for_overlaps(work: Work, changed: Collection[UUID]) -> None:
    """Ask the rules about each pair of a changed action of the case and another open one of the family's open cases.

    Only actions whose kind of help is known are compared. What was found of the changed ones before is forgotten.
    """
    if not changed or ("decision", DECISION) not in work.authority.latest:
        return
    known = _open_help(work)
    if not any(each.id in changed for each in known):
        return
    rules_id, model = work.engine.library.decision(work.connection, work.authority, DECISION)
    found = []
    for first, second in _pairs(known, changed):
        result = _judged(work, model, first, second)
        said = to_plain(result.value)
        if said["overlap"] in TOLD:
            decisions.keep(work, rules_id, DECISION, result)
            found.append(_row(work, first, second, said))
    if found:
        work.connection.execute(sa.insert(overlaps), found)


def forget_overlaps(work: Work, action_id: UUID) -> None:
    """Forget what was found about an action whose kind of help changes."""
    of_it = sa.or_(overlaps.c.first_action_id == action_id, overlaps.c.second_action_id == action_id)
    work.connection.execute(sa.delete(overlaps).where(of_it))


def _open_help(work: Work) -> list[Any]:
    family = sa.select(children.c.family_id).where(children.c.id == work.case.child_id).scalar_subquery()
    rows = work.connection.execute(
        sa.select(
            plan_actions.c.id, plan_actions.c.case_id, plan_actions.c.help, cases.c.child_id, practitioners.c.agency_id
        )
        .join(cases, cases.c.id == plan_actions.c.case_id)
        .join(children, children.c.id == cases.c.child_id)
        .join(practitioners, practitioners.c.id == plan_actions.c.owner_id)
        .where(
            children.c.family_id == family,
            cases.c.closed_on.is_(None),
            plan_actions.c.closed_on.is_(None),
            plan_actions.c.help != "",
        )
        .order_by(cases.c.opened_on, plan_actions.c.due_on, plan_actions.c.action, plan_actions.c.id)
    )
    return list(rows)


def _pairs(known: list[Any], changed: Collection[UUID]) -> Iterator[tuple[Any, Any]]:
    for number, first in enumerate(known):
        for second in known[number + 1 :]:
            if first.id in changed or second.id in changed:
                yield first, second


def _judged(work: Work, model: DecisionModel, first: Any, second: Any) -> DecisionResult:
    return decisions.evaluate(work, model, DECISION, {**_named("first", first), **_named("second", second)})


def _named(which: str, row: Any) -> dict[str, Any]:
    person = None if row.help in FOR_THE_FAMILY else str(row.child_id)
    agency = None if row.agency_id is None else str(row.agency_id)
    return {f"{which}_help": row.help, f"{which}_agency": agency, f"{which}_person": person}


def _row(work: Work, first: Any, second: Any, said: Mapping[str, Any]) -> dict[str, Any]:
    work.record("overlap_found", subject=first.id, detail={"overlap": said["overlap"], "reason": said["reason"]})
    return {
        "id": work.engine.ids.new(),
        "authority_id": work.authority.id,
        "case_id": first.case_id,
        "other_case_id": second.case_id,
        "first_action_id": first.id,
        "second_action_id": second.id,
        "overlap": said["overlap"],
        "reason": said["reason"],
        "found_on": work.today,
    }
