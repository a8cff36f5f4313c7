"""The team around the child: everybody invited to a meeting or with an action of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from engine.operations.consent_cover import require_covered
from engine.store.tables.record import case_members
from engine.store.writes import Insertion
from engine.work import Work


def join_team(
    work: Work, practitioners: Sequence[UUID], *, field: str | None = None, checked: bool = False
) -> None:
    """Make each practitioner a member of the team around the child, once.

    Raises `Invalid` for the answer `field` when the family's consent leaves one of them out; whoever has `checked`
    that already says so.
    """
    if not checked:
        require_covered(work, practitioners, field)
    known = set(work.connection.execute(_MEMBERS, {"case": work.case.id}).scalars())
    rows = [
        {
            "id": work.engine.ids.new(),
            "authority_id": work.authority.id,
            "case_id": work.case.id,
            "practitioner_id": practitioner,
            "role": "member",
            "from_on": work.today,
        }
        for practitioner in dict.fromkeys(practitioners)
        if practitioner not in known
    ]
    _INSERT.each(work.connection, rows)


_MEMBERS = sa.select(case_members.c.practitioner_id).where(
    case_members.c.case_id == sa.bindparam("case"), case_members.c.role == "member", case_members.c.to_on.is_(None)
)
_INSERT = Insertion(case_members)
