"""What waits on a case for a group, when it becomes a restricted one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.store.sets import among
from engine.store.tables.access import case_restrictions
from engine.store.tables.running import offered_groups, user_tasks

KEEPERS: Final = "coordinators"
"""The group that decides who works on a restricted case."""


def among_cases(connection: sa.Connection, case_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return those of `case_ids` that are restricted."""
    return frozenset(connection.execute(_RESTRICTED, {"ids": list(case_ids)}).scalars()) if case_ids else frozenset()


_RESTRICTED = sa.select(case_restrictions.c.case_id).where(
    among(case_restrictions.c.case_id), case_restrictions.c.lifted_at.is_(None)
)


def to_coordinators(connection: sa.Connection, case_id: UUID) -> int:
    """Let every open task of a case wait for the coordinators once nobody has it; return how many waited elsewhere.

    Their dates stay, and who has one keeps it.
    """
    own = (user_tasks.c.case_id == case_id) & (user_tasks.c.state == "open")
    rows = connection.execute(sa.select(user_tasks.c.id, user_tasks.c.assignee_id, user_tasks.c.queue).where(own)).all()
    ids = [row.id for row in rows]
    if not ids:
        return 0
    connection.execute(sa.delete(offered_groups).where(offered_groups.c.task_id.in_(ids)))
    connection.execute(
        sa.update(user_tasks)
        .where(user_tasks.c.id.in_(ids))
        .values(
            candidate_groups=[KEEPERS],
            queue=sa.case((user_tasks.c.assignee_id.is_(None), KEEPERS), else_=None),
            version=user_tasks.c.version + 1,
        )
    )
    return sum(row.assignee_id is None and row.queue != KEEPERS for row in rows)
