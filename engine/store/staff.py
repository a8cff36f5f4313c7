"""Write practitioners, their teams, managers, accounts and roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Invalid
from engine.ids import IdSource
from engine.store import job_roles
from engine.store.tables import people


@dataclass(frozen=True, slots=True)
class Writing:
    """Writes people of one authority, as of the local day `on`."""

    connection: sa.Connection
    ids: IdSource
    authority_id: UUID
    on: date

    def practitioner(self, *, agency: str, job_title: str, team: str = "", **values: Any) -> UUID:
        """Write somebody with their agency, role and team, found by name or made, and return their id."""
        agency_id = self._named(people.agencies, agency)
        role = job_roles.listed(self.connection, self.authority_id, job_title)
        id_ = self._insert(people.practitioners, agency_id=agency_id, job_title=role, **values)
        if team:
            team_id = self._named(people.teams, team, agency_id=agency_id)
            self._insert(people.team_memberships, practitioner_id=id_, team_id=team_id, from_on=self.on)
        return id_

    def manager(self, practitioner_id: UUID, manager_id: UUID | None) -> None:
        """Make `manager_id` somebody's line manager from today, nobody when it is None."""
        table = people.line_managers
        current = (table.c.practitioner_id == practitioner_id) & table.c.to_on.is_(None)
        self.connection.execute(sa.update(table).where(current).values(to_on=self.on))
        if manager_id is not None:
            self._insert(table, practitioner_id=practitioner_id, manager_id=manager_id, from_on=self.on)

    def account(self, practitioner_id: UUID, username: str, password_hash: str, roles: Sequence[str]) -> bool:
        """Open an account whose password has to be changed first; False when the user name is taken.

        User names are one space across authorities: people sign in without naming theirs.
        """
        taken = sa.select(people.accounts.c.id).where(people.accounts.c.username == username)
        if self.connection.execute(taken).first() is not None:
            return False
        id_ = self._insert(
            people.accounts,
            practitioner_id=practitioner_id,
            username=username,
            password_hash=password_hash,
            password_once=True,
        )
        self.roles(id_, roles)
        return True

    def roles(self, account_id: UUID, roles: Sequence[str]) -> None:
        """Give an account exactly `roles` from today."""
        table = people.account_roles
        current = (table.c.account_id == account_id) & table.c.to_on.is_(None)
        held = set(self.connection.execute(sa.select(table.c.role).where(current)).scalars())
        gone = held - set(roles)
        if gone:
            self.connection.execute(sa.update(table).where(current, table.c.role.in_(gone)).values(to_on=self.on))
        for role in sorted(set(roles) - held):
            self._insert(table, account_id=account_id, role=role, from_on=self.on)

    def _named(self, table: sa.Table, name: str, **values: Any) -> UUID:
        found = open_named(self.connection, self.authority_id, table, name)
        return found or self._insert(table, name=name, **values)

    def _insert(self, table: sa.Table, **values: Any) -> UUID:
        id_ = self.ids.new()
        self.connection.execute(sa.insert(table).values(id=id_, authority_id=self.authority_id, **values))
        return id_


def open_named(connection: sa.Connection, authority_id: UUID, table: sa.Table, name: str) -> UUID | None:
    """Return the id of the team or the agency of a name, None when there is none. Raises `Invalid` for a closed one."""
    same = (table.c.authority_id == authority_id) & (table.c.name == name)
    row = connection.execute(sa.select(table.c.id, table.c.closed_on).where(same)).first()
    if row is not None and row.closed_on is not None:
        field = "team" if table is people.teams else "agency"
        raise Invalid(f"“{name}” is closed: open it again under Agencies and teams, or name another", field=field)
    return None if row is None else row.id
