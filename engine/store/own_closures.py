"""Closures that wait for somebody else: nobody is offered the sign-off of what they wrote."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.changes import closures

SIGN_OFFS: Final = frozenset({"sign_off_closure", "sign_off_instead"})
"""The steps at which a closure is signed off. Whatever a step is called, its operation refuses the writer too."""


def written_by(connection: sa.Connection, practitioner_id: UUID, case_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return those of `case_ids` whose closure waits for its sign-off and is this person's own."""
    if not case_ids:
        return frozenset()
    waiting = closures.c.signed_on.is_(None) & closures.c.returned_on.is_(None)
    own = sa.select(closures.c.case_id).where(closures.c.agreed_by == practitioner_id, waiting)
    return frozenset(connection.execute(own.where(closures.c.case_id.in_(list(case_ids)))).scalars())


def is_own(connection: sa.Connection, practitioner_id: UUID, *, element_id: str, case_id: UUID) -> bool:
    """Say whether a task is the sign-off of what this person wrote."""
    return element_id in SIGN_OFFS and bool(written_by(connection, practitioner_id, [case_id]))
