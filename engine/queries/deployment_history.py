"""Every deployment of an authority with its files, to be kept outside of the database: a model holds nobody's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from engine.process_engine import ProcessEngine
from engine.store.tables.people import accounts, practitioners
from engine.store.tables.running import definitions, deployments


@dataclass(frozen=True, slots=True)
class PutInForce:
    """One deployment: when (aware UTC), by whom ("" for the command line), why, and the files it put in force.

    A file without a text is in force no longer.
    """

    id: UUID
    at: datetime
    by: str
    why: str
    files: dict[str, bytes]


def deployment_history(engine: ProcessEngine, *, authority_id: UUID) -> tuple[PutInForce, ...]:
    """Return every deployment, the oldest first, for the command line. Who made it is a name, never a user name."""
    query = (
        sa.select(
            deployments, practitioners.c.name, definitions.c.file, definitions.c.source, definitions.c.kind,
            definitions.c.key,
        )
        .join(definitions, definitions.c.deployment_id == deployments.c.id)
        .outerjoin(accounts, accounts.c.id == deployments.c.account_id)
        .outerjoin(practitioners, practitioners.c.id == accounts.c.practitioner_id)
        .where(deployments.c.authority_id == authority_id)
        .order_by(deployments.c.at, deployments.c.id, definitions.c.file)
    )
    found: dict[UUID, PutInForce] = {}
    homes: dict[tuple[str, str], str] = {}
    with engine.sessions.read() as connection:
        for row in connection.execute(query):
            put = found.setdefault(row.id, PutInForce(row.id, row.at, row.name or "", row.note, {}))
            put.files[row.file] = bytes(row.source) or put.files.get(row.file, b"")
            before = homes.get((row.kind, row.key), row.file)
            homes[row.kind, row.key] = row.file
            if before != row.file and before not in homes.values():  # it is called something else since
                put.files[before] = b""
    return tuple(found.values())
