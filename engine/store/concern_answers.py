"""Which tasks wait for social care's answer on one concern that names several children."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor, Relation, may_do_task, may_read_case
from engine.store import relations
from engine.store.sets import among
from engine.store.tables.record import cases, children, concerns
from engine.store.tables.running import definitions, user_tasks


@dataclass(frozen=True, slots=True)
class WaitingTask:
    """An open task on another child's case that asks what social care answers on the same concern."""

    task_id: UUID
    case_id: UUID
    child_name: str
    assignee_id: UUID | None
    groups: frozenset[str]


def waiting_beside(connection: sa.Connection, case_id: UUID, *, form_hash: str | None = None) -> list[WaitingTask]:
    """Return the tasks that wait for the answer on what was raised in one act with a concern open on this case.

    With `form_hash`, those alone that ask exactly the same questions. In the order in which the children were named.
    """
    acts = set(connection.execute(_ACTS, {"case": case_id}).scalars())
    if not acts:
        return []
    rows = connection.execute(_BESIDE, {"case": case_id, "acts": sorted(acts)})
    return [
        WaitingTask(
            task_id=row.task_id,
            case_id=row.case_id,
            child_name=f"{row.known_as or row.given_name} {row.family_name}".strip(),
            assignee_id=row.assignee_id,
            groups=frozenset(row.candidate_groups),
        )
        for row in rows
        if row.variables.get("concern") == str(row.concern_id) and form_hash in (None, row.hash)
    ]


def answerable_beside(
    connection: sa.Connection, actor: Actor, case_id: UUID, *, form_hash: str
) -> list[WaitingTask]:
    """Return those of `waiting_beside` that the actor may answer, on cases whose record they may read."""
    found = waiting_beside(connection, case_id, form_hash=form_hash)
    stands = relations.of_many(connection, actor, [each.case_id for each in found]) if found else {}
    return [
        each
        for each in found
        if may_read_case(actor, stands.get(each.case_id, Relation()))
        and may_do_task(actor, assignee=each.assignee_id, groups=each.groups)
    ]


_ACT = sa.func.coalesce(concerns.c.raised_with, concerns.c.id)
_CASE: sa.BindParameter[UUID] = sa.bindparam("case", type_=sa.Uuid)
_ACTS: Final = sa.select(_ACT).where(concerns.c.case_id == _CASE, concerns.c.ended_on.is_(None))
_BESIDE: Final = (
    sa.select(
        user_tasks.c.id.label("task_id"), user_tasks.c.case_id, user_tasks.c.assignee_id,
        user_tasks.c.candidate_groups, user_tasks.c.variables, definitions.c.hash, concerns.c.id.label("concern_id"),
        children.c.given_name, children.c.family_name, children.c.known_as,
    )
    .join(user_tasks, user_tasks.c.case_id == concerns.c.case_id)
    .join(definitions, definitions.c.id == user_tasks.c.form_id)
    .join(cases, cases.c.id == concerns.c.case_id)
    .join(children, children.c.id == cases.c.child_id)
    .where(
        sa.or_(among(concerns.c.id, "acts"), among(concerns.c.raised_with, "acts")),
        concerns.c.case_id != _CASE,
        concerns.c.ended_on.is_(None),
        user_tasks.c.state == "open",
    )
    .order_by(concerns.c.id, user_tasks.c.id)
)  # fmt: skip
