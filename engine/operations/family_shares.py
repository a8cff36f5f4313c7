"""Keeps what each of a child's family may be told of one case; earlier decisions stay, with their days."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework.family_sharing import Sharing
from engine.store.tables.record import family_sharing
from engine.work import Work


def share(work: Work, member_id: UUID, sharing: Sharing) -> bool:
    """Keep what somebody of the family may be told from today; tell whether that is anything new."""
    current = _current(work, member_id)
    said = asdict(sharing)
    before = decided(work, member_id)
    if before == sharing:
        return False
    work.connection.execute(sa.update(family_sharing).where(current).values(to_on=work.today))
    row = {
        "id": work.engine.ids.new(),
        "authority_id": work.authority.id,
        "case_id": work.case.id,
        "member_id": member_id,
        "recorded_by": work.actor.practitioner_id if work.actor else None,
        "from_on": work.today,
    }
    work.connection.execute(sa.insert(family_sharing).values(**row, **said))
    return True


def decided(work: Work, member_id: UUID) -> Sharing | None:
    """Return what was decided about somebody of the family, None while nothing was."""
    columns: list[Any] = [family_sharing.c[name] for name in asdict(Sharing())]
    found = work.connection.execute(sa.select(*columns).where(_current(work, member_id))).first()
    return None if found is None else Sharing(**found._mapping)


def _current(work: Work, member_id: UUID) -> sa.ColumnElement[bool]:
    return (
        (family_sharing.c.case_id == work.case.id)
        & (family_sharing.c.member_id == member_id)
        & family_sharing.c.to_on.is_(None)
    )
