"""Actions of a plan that somebody says work against each other, until it is settled or one of the two is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Relation
from engine.queries.view import View
from engine.store.tables.changes import contradictions
from engine.store.tables.people import practitioners
from engine.store.tables.record import plan_actions


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two actions with who does each, who said when that they work against each other, and how (`note`).

    `may_settle` tells whether the reader may say how it was settled.
    """

    contradiction_id: UUID
    first_id: UUID
    first: str
    second_id: UUID
    second: str
    marked_by: str
    marked_on: date
    note: str
    may_settle: bool


_one, _two = plan_actions.alias("one"), plan_actions.alias("two")
_owner, _other = practitioners.alias("owner"), practitioners.alias("other_owner")
_marker = practitioners.alias("marker")
_QUERY: Final = (
    sa.select(
        contradictions.c.id, contradictions.c.marked_on, contradictions.c.note, _marker.c.name.label("marked_by"),
        _one.c.id.label("first_id"), _one.c.action.label("first"), _one.c.owner_id.label("first_owner_id"),
        _two.c.id.label("second_id"), _two.c.action.label("second"), _two.c.owner_id.label("second_owner_id"),
        _owner.c.name.label("first_owner"), _other.c.name.label("second_owner"),
    )
    .join(_one, (_one.c.id == contradictions.c.first_action_id) & _one.c.closed_on.is_(None))
    .join(_two, (_two.c.id == contradictions.c.second_action_id) & _two.c.closed_on.is_(None))
    .join(_owner, _owner.c.id == _one.c.owner_id)
    .join(_other, _other.c.id == _two.c.owner_id)
    .join(_marker, _marker.c.id == contradictions.c.marked_by)
    .where(contradictions.c.case_id == sa.bindparam("case"), contradictions.c.settled_on.is_(None))
    .order_by(contradictions.c.marked_on, contradictions.c.id)
)  # fmt: skip
BY_CASE: Final = (_QUERY,)


def of_case(view: View, case_id: UUID, relation: Relation) -> tuple[Contradiction, ...]:
    """Return what of a case's plan works against each other; the caller has looked whether the reader may see it."""
    close = permissions.may_keep_in_touch(view.actor, relation)
    me = view.actor.practitioner_id
    return tuple(
        Contradiction(
            contradiction_id=row.id,
            first_id=row.first_id,
            first=_whose(row.first, row.first_owner),
            second_id=row.second_id,
            second=_whose(row.second, row.second_owner),
            marked_by=row.marked_by,
            marked_on=row.marked_on,
            note=row.note,
            may_settle=close or me in (row.first_owner_id, row.second_owner_id),
        )
        for row in view.connection.execute(_QUERY, {"case": case_id})
    )


def _whose(action: str, owner: str) -> str:
    return f"“{action.rstrip('.')}” ({owner})"
