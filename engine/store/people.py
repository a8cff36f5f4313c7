"""Find practitioners by what they do."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.people import account_roles, accounts


def with_role(connection: sa.Connection, authority_id: UUID, role: str) -> list[UUID]:
    """Return the practitioners of an authority who can sign in and have `role` now."""
    rows = connection.execute(
        sa.select(accounts.c.practitioner_id)
        .join(account_roles, account_roles.c.account_id == accounts.c.id)
        .where(
            accounts.c.authority_id == authority_id,
            accounts.c.disabled_at.is_(None),
            account_roles.c.role == role,
            account_roles.c.to_on.is_(None),
        )
        .order_by(accounts.c.username)
    )
    return list(rows.scalars())
