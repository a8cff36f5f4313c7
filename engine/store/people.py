"""Find practitioners by what they do, and how they stand: here, away, gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import WORK_WITH_CASES
from engine.casework.standing import Standing
from engine.store.covers import COVER, cover_of, with_cover
from engine.store.sets import among
from engine.store.tables.people import absences, account_roles, accounts, line_managers, practitioners
from engine.store.tables.record import lead_professionals


def with_role(connection: sa.Connection, authority_id: UUID, role: str) -> list[UUID]:
    """Return the practitioners of an authority who can sign in and have `role` now."""
    return list(connection.execute(_WITH_ROLE, {"authority": authority_id, "role_": role}).scalars())


def contact(connection: sa.Connection, practitioner_id: UUID | None) -> str:
    """Return a practitioner's name and phone, as a sentence says them; empty for nobody."""
    known = sa.select(practitioners.c.name, practitioners.c.phone).where(practitioners.c.id == practitioner_id)
    return ", ".join(filter(None, connection.execute(known).first() or ()))


_WITH_ROLE = (
    sa.select(accounts.c.practitioner_id)
    .join(account_roles, account_roles.c.account_id == accounts.c.id)
    .where(
        accounts.c.authority_id == sa.bindparam("authority"),
        accounts.c.disabled_at.is_(None),
        account_roles.c.role == sa.bindparam("role_"),
        account_roles.c.to_on.is_(None),
    )
    .order_by(accounts.c.username)
)


def lasting_administrators(connection: sa.Connection, authority_id: UUID) -> list[UUID]:
    """Return who can sign in as an administrator now and has no last day, past or to come."""
    rows = connection.execute(
        sa.select(practitioners.c.id).where(
            practitioners.c.authority_id == authority_id,
            practitioners.c.left_on.is_(None),
            practitioners.c.leaves_on.is_(None),
            holds(practitioners.c.id, ("administrator",)),
        )
    )
    return list(rows.scalars())


def holds(practitioner_id: sa.ColumnElement[UUID], roles: Collection[str]) -> sa.ColumnElement[bool]:
    """Tell in SQL whether somebody can sign in and has one of `roles` now."""
    return sa.exists().where(
        accounts.c.practitioner_id == practitioner_id,
        accounts.c.disabled_at.is_(None),
        account_roles.c.account_id == accounts.c.id,
        account_roles.c.role.in_(sorted(roles)),
        account_roles.c.to_on.is_(None),
    )


def works(practitioner_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Tell in SQL whether somebody may be given a part in a child's case: their role says so."""
    return holds(practitioner_id, WORK_WITH_CASES)


def sits_round_tables(practitioner_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Tell in SQL whether somebody may be of a team: who `works`, or has no account and comes as a guest."""
    signs_in = sa.exists().where(accounts.c.practitioner_id == practitioner_id, accounts.c.disabled_at.is_(None))
    return sa.or_(works(practitioner_id), ~signs_in)


def has_role(connection: sa.Connection, practitioner_id: UUID, roles: Collection[str]) -> bool:
    """Tell whether somebody can sign in and has one of `roles` now."""
    own = practitioners.c.id == practitioner_id
    return connection.execute(sa.select(holds(practitioners.c.id, roles)).where(own)).scalar() or False


def roles_of(connection: sa.Connection, practitioner_id: UUID) -> frozenset[str]:
    """Return the roles that somebody can sign in with now."""
    return frozenset(connection.execute(_ROLES, {"who": practitioner_id}).scalars())


_ROLES = (
    sa.select(account_roles.c.role)
    .join(accounts, accounts.c.id == account_roles.c.account_id)
    .where(
        accounts.c.practitioner_id == sa.bindparam("who"),
        accounts.c.disabled_at.is_(None),
        account_roles.c.to_on.is_(None),
    )
)


def roles_of_many(connection: sa.Connection, ids: Sequence[UUID]) -> dict[UUID, frozenset[str]]:
    """Return `roles_of` for each of `ids`."""
    found: dict[UUID, set[str]] = {each: set() for each in ids}
    for who, role in connection.execute(_ROLES_OF_MANY, {"ids": list(ids)}):
        found[who].add(role)
    return {who: frozenset(roles) for who, roles in found.items()}


_ROLES_OF_MANY = (
    sa.select(accounts.c.practitioner_id, account_roles.c.role)
    .join(accounts, accounts.c.id == account_roles.c.account_id)
    .where(among(accounts.c.practitioner_id), accounts.c.disabled_at.is_(None), account_roles.c.to_on.is_(None))
)


def standings(
    connection: sa.Connection, authority_id: UUID, ids: Sequence[UUID], *, today: date
) -> dict[UUID, Standing]:
    """Return how each of `ids` who belongs to the authority stands on `today`, by id."""
    given = {"ids": list(ids), "authority": authority_id, "today": today}
    return _standings(connection.execute(_STANDINGS, given))


def standings_of_leads(
    connection: sa.Connection, authority_id: UUID, case_id: UUID, *, today: date
) -> dict[UUID, Standing]:
    """Return how everybody who ever led a case stands on `today`, as `standings` does."""
    given = {"case": case_id, "authority": authority_id, "today": today}
    return _standings(connection.execute(_OF_LEADS, given))


def _standings(rows: Iterable[Any]) -> dict[UUID, Standing]:
    found: dict[UUID, Standing] = {}
    for row in rows:
        found.setdefault(
            row.id,
            Standing(
                name=row.name,
                last_day=row.last_day,
                has_account=row.account is not None,
                away_from=row.from_on,
                away_to=row.expected_to_on,
                cover=cover_of(row),
            ),
        )
    return found


_ANYBODY = (
    sa.select(
        practitioners.c.id,
        practitioners.c.name,
        sa.func.coalesce(practitioners.c.left_on, practitioners.c.leaves_on).label("last_day"),
        accounts.c.id.label("account"),
        absences.c.from_on,
        absences.c.expected_to_on,
        *COVER,
    )
    .select_from(
        with_cover(
            practitioners.outerjoin(
                accounts, (accounts.c.practitioner_id == practitioners.c.id) & accounts.c.disabled_at.is_(None)
            ).outerjoin(
                absences,
                (absences.c.practitioner_id == practitioners.c.id)
                & absences.c.to_on.is_(None)
                & sa.or_(
                    absences.c.expected_to_on.is_(None),
                    absences.c.expected_to_on >= sa.bindparam("today", type_=sa.Date),
                ),
            )
        )
    )
    .where(practitioners.c.authority_id == sa.bindparam("authority", type_=sa.Uuid))
    .order_by(practitioners.c.id, absences.c.from_on)
)
_STANDINGS = _ANYBODY.where(among(practitioners.c.id))
_OF_LEADS = _ANYBODY.where(
    practitioners.c.id.in_(
        sa.select(lead_professionals.c.practitioner_id).where(lead_professionals.c.case_id == sa.bindparam("case"))
    )
)
BY_CASE: Final = (_OF_LEADS,)


def manager_of(connection: sa.Connection, practitioner_id: UUID) -> UUID | None:
    """Return who manages somebody and can sign in; None when nobody does."""
    return connection.execute(_MANAGER, {"who": practitioner_id}).scalar()


_MANAGER = (
    sa.select(line_managers.c.manager_id)
    .join(practitioners, practitioners.c.id == line_managers.c.manager_id)
    .join(accounts, accounts.c.practitioner_id == line_managers.c.manager_id)
    .where(
        line_managers.c.practitioner_id == sa.bindparam("who"),
        line_managers.c.to_on.is_(None),
        practitioners.c.left_on.is_(None),
        accounts.c.disabled_at.is_(None),
    )
    .limit(1)
)
