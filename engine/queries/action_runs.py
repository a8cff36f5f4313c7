"""Which open actions of plans stand on a list, soonest first: one run along an index for each owner, merged."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from uuid import UUID

import sqlalchemy as sa

from engine.queries.task_runs import Place
from engine.store.tables.record import cases, plan_actions

# Written out as the index's own condition is, which SQLite compares word by word.
OPEN = plan_actions.c.closed_on.is_(None)


@dataclass(frozen=True, slots=True)
class ActionRuns:
    """The open actions of `owners` on open cases. `until` keeps those due up to that day, `besides` some of them."""

    owners: Sequence[UUID]
    until: date | None = None
    besides: Sequence[sa.ColumnElement[bool]] = ()

    def page(self, connection: sa.Connection, *, after: Place | None, limit: int) -> list[Place]:
        """Return the places of the next `limit` actions after `after`."""
        if after is not None and not after.dated:
            return []
        walked = [self._walk(connection, owner, after, limit) for owner in self.owners]
        return list(islice(heapq.merge(*walked), limit))

    def _walk(self, connection: sa.Connection, owner: UUID, after: Place | None, limit: int) -> list[Place]:
        query = (
            sa.select(plan_actions.c.due_on, plan_actions.c.id)
            .join(cases, cases.c.id == plan_actions.c.case_id)
            .where(plan_actions.c.owner_id == owner, OPEN, cases.c.closed_on.is_(None), *self.besides)
            .order_by(plan_actions.c.due_on, plan_actions.c.id)
            .limit(limit)
        )
        if self.until is not None:
            query = query.where(plan_actions.c.due_on <= self.until)
        if after is not None:
            here = sa.tuple_(sa.literal(after.due_on, sa.Date), sa.literal(after.id, sa.Uuid))
            query = query.where(sa.tuple_(plan_actions.c.due_on, plan_actions.c.id) > here)
        return [Place(row.due_on, row.id) for row in connection.execute(query)]
