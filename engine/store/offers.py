"""Tasks offered to several groups: where they wait besides the queue of the first group by name."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.running import offered_groups


def to_groups(
    authority_id: UUID | sa.ColumnElement[UUID], groups: Collection[str] | sa.BindParameter[str]
) -> sa.Select[tuple[UUID]]:
    """Select the ids of the tasks that are offered to any of `groups` though they stand in another one's queue.

    Some may have been claimed since: who reads this asks for those that nobody has.
    """
    wanted = groups if isinstance(groups, sa.BindParameter) else sorted(groups)
    return sa.select(offered_groups.c.task_id).where(
        offered_groups.c.authority_id == authority_id, offered_groups.c.queue.in_(wanted)
    )
