"""Who had a task, by name or in their group, before it went to somebody else: they may be typing into it still."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import NARROWED, Actor, may_see_task
from engine.store import relations
from engine.store.standing_in import stands_in
from engine.store.tables.access import case_restrictions
from engine.store.tables.keeping import history
from engine.store.tables.running import user_tasks


def had(connection: sa.Connection, actor: Actor, task_id: UUID) -> bool:
    """Tell whether a task went to somebody else from the actor, whom they stand in for, or a group it was offered to.

    One still in their name has not gone from them: where its case is kept from them now, as by the family's consent,
    they find nothing of it, nor is anything kept that they type.
    """
    task = connection.execute(_TASK, {"task_id": task_id, "authority_id": actor.authority_id}).first()
    if task is None:
        return False
    me, covers = actor.practitioner_id, () if task.personal else actor.covers
    mine = {me, *(each for each in covers if stands_in(connection, task.case_id, me, each))}
    if task.assignee_id in mine:
        return False
    moves = connection.execute(_EVENTS, {"case_id": task.case_id, "task_id": task_id}).scalars()
    left = {detail["from"] for detail in moves if "from" in detail and "to" in detail}
    return bool(left & {str(each) for each in mine}) or (None in left and _was_offered(connection, actor, task))


def _was_offered(connection: sa.Connection, actor: Actor, task: Any) -> bool:
    # Who of the line managers and of the multi-agency group was asked is known with how they stand to the case.
    groups = frozenset(task.candidate_groups)
    if task.restricted or not (groups - NARROWED) & actor.groups:
        return False
    relation = relations.of(connection, actor, task.case_id)
    return may_see_task(actor, relation, assignee=None, groups=groups, personal=task.personal)


_TASK: Final = (
    sa.select(
        user_tasks.c.case_id, user_tasks.c.assignee_id, user_tasks.c.candidate_groups, user_tasks.c.personal,
        sa.exists()
        .where(case_restrictions.c.case_id == user_tasks.c.case_id, case_restrictions.c.lifted_at.is_(None))
        .label("restricted"),
    )
    .where(
        user_tasks.c.id == sa.bindparam("task_id", type_=sa.Uuid),
        user_tasks.c.authority_id == sa.bindparam("authority_id", type_=sa.Uuid),
    )
)  # fmt: skip
_EVENTS: Final = sa.select(history.c.detail).where(
    history.c.case_id == sa.bindparam("case_id", type_=sa.Uuid),
    history.c.subject_id == sa.bindparam("task_id", type_=sa.Uuid),
)
