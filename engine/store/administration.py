"""The chain of an authority's own acts: deployments, settings, accounts. It is a case without a child.

It is closed from the start, so that no board, sweep or search of cases ever meets it.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.errors import NotFound
from engine.store import locking
from engine.store.history import FIRST
from engine.store.locking import CaseLine
from engine.store.tables.record import cases

REFERENCE = "ADMINISTRATION"


def create(connection: sa.Connection, *, id_: UUID, authority_id: UUID, on: date) -> None:
    """Begin an authority's chain."""
    connection.execute(
        sa.insert(cases).values(
            id=id_,
            authority_id=authority_id,
            reference=REFERENCE,
            pathway="administration",
            opened_on=on,
            closed_on=on,
            closure_reason="administration",
            version=0,
            history_count=0,
            history_head=FIRST,
        )
    )


def lock(connection: sa.Connection, authority_id: UUID) -> CaseLine:
    """Read and lock an authority's chain. Raises `NotFound`."""
    found = connection.execute(
        sa.select(cases.c.id).where(cases.c.authority_id == authority_id, cases.c.reference == REFERENCE)
    ).scalar()
    if found is None:
        raise NotFound("There is no such authority", authority_id=authority_id)
    return locking.case(connection, found)
