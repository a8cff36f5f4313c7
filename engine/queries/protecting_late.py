"""Cases on which a task is late only as it protects a child: of a day off, when no other promise of it is late yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.queries.view import View
from engine.store.late_tasks import late_by_protecting
from engine.store.sets import among
from engine.store.tables.boards import standings
from engine.store.tables.running import user_tasks


def cases_of(view: View) -> sa.Select[Any] | None:
    """Select the cases of the actor's authority with such a task; None on a day on which there is none."""
    late = late_by_protecting(view.today, view.authority.calendar)
    if late is None:
        return None
    own = (user_tasks.c.authority_id == view.actor.authority_id) & (user_tasks.c.state == sa.literal_column("'open'"))
    return sa.select(user_tasks.c.case_id).where(own, late).distinct()


def joined_to(view: View, source: sa.FromClause) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
    """Return a source that reads `standings` with those cases joined to it, and the condition that one is of them."""
    late = cases_of(view)
    if late is None:
        return source, sa.false()
    those = late.subquery("protecting")
    return source.outerjoin(those, those.c.case_id == standings.c.case_id), those.c.case_id.is_not(None)


def among_cases(view: View, case_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return those of `case_ids` that are such cases."""
    late = cases_of(view) if case_ids else None
    if late is None:
        return frozenset()
    asked = late.where(among(user_tasks.c.case_id))
    return frozenset(view.connection.execute(asked, {"ids": list(case_ids)}).scalars())
