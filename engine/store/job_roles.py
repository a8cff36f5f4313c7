"""The list of what practitioners of an authority can be, compared without capitals and accents."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.store.folding import folded
from engine.store.tables.people import job_roles

USUAL: Final = (
    "Children's centre worker",
    "Connexions adviser",
    "Drug and alcohol worker",
    "Education welfare officer",
    "Educational psychologist",
    "Family support worker",
    "General practitioner",
    "Headteacher",
    "Health visitor",
    "Housing officer",
    "Learning mentor",
    "Mental health worker",
    "Midwife",
    "Police officer",
    "School nurse",
    "Social worker",
    "Special educational needs coordinator",
    "Speech and language therapist",
    "Teacher",
    "Team manager",
    "Voluntary sector worker",
    "Youth justice worker",
    "Youth worker",
)
"""What a new authority's list begins with: who commonly sits round a child's table. It is changed as they like."""


def begin(connection: sa.Connection, authority_id: UUID) -> None:
    """Give a new authority the usual list."""
    connection.execute(sa.insert(job_roles), [{"authority_id": authority_id, "name": name} for name in USUAL])


def listed(connection: sa.Connection, authority_id: UUID, name: str) -> str:
    """Return a role as the list spells it, put on the list when it is not there; "" for none."""
    said = " ".join(name.split())
    if not said:
        return ""
    row = find(connection, authority_id, said)
    if row is not None:
        return str(row.name)
    connection.execute(sa.insert(job_roles).values(authority_id=authority_id, name=said))
    return said


def is_current(connection: sa.Connection, authority_id: UUID, name: str) -> bool:
    """Tell whether a role is on the list and somebody can still be given it."""
    row = find(connection, authority_id, name)
    return row is not None and row.retired_on is None


def find(connection: sa.Connection, authority_id: UUID, name: str) -> Any:
    """Return the row of a role, or None."""
    sought = folded(" ".join(name.split()))
    return next((row for row in every(connection, authority_id) if folded(row.name) == sought), None)


def every(connection: sa.Connection, authority_id: UUID) -> list[Any]:
    """Return the rows of an authority's list, by name."""
    query = sa.select(job_roles).where(job_roles.c.authority_id == authority_id).order_by(job_roles.c.name)
    return list(connection.execute(query))
