"""Who acts, and what they hold: their roles, teams, whom they manage and stand in for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.clock import local_day
from engine.store.tables.access import emergency_openings
from engine.store.tables.people import (
    absences,
    account_roles,
    accounts,
    authorities,
    line_managers,
    practitioners,
    team_memberships,
)


def of_account(connection: sa.Connection, account_id: UUID, *, now: datetime) -> Actor | None:
    """Return whoever has an account at the instant `now` (aware UTC), for acts of theirs that go on by themselves.

    None when the account is closed or their last day is over.
    """
    return held_by(connection, connection.execute(_OF_ID, {"account": account_id}).first(), now=now)


def of_username(connection: sa.Connection, authority_id: UUID, username: str, *, now: datetime) -> Actor | None:
    """Return whoever has an account under a user name (small letters) at an authority, as `of_account` does."""
    who = {"username": username, "authority": authority_id}
    return held_by(connection, connection.execute(_OF_NAME, who).first(), now=now)


_OPEN = (
    sa.select(
        accounts.c.id,
        accounts.c.practitioner_id,
        accounts.c.authority_id,
        practitioners.c.name,
        accounts.c.password_once,
        sa.func.coalesce(practitioners.c.left_on, practitioners.c.leaves_on).label("last_day"),
        authorities.c.zone,
        sa.null().label("factor_roles"),
        sa.true().label("factor_given"),
    )
    .select_from(
        accounts.join(practitioners, practitioners.c.id == accounts.c.practitioner_id).join(
            authorities, authorities.c.id == accounts.c.authority_id
        )
    )
    .where(accounts.c.disabled_at.is_(None))
)
_OF_ID = _OPEN.where(accounts.c.id == sa.bindparam("account"))
_OF_NAME = _OPEN.where(
    accounts.c.username == sa.bindparam("username"),
    accounts.c.authority_id == sa.bindparam("authority", type_=sa.Uuid),
)


def held_by(connection: sa.Connection, account: Any, *, now: datetime) -> Actor | None:
    """Return who has an account (a row as `of_account` reads it), with what they hold on the local day of `now`.

    None when there is no such account, or their last day is over.
    """
    today = None if account is None else local_day(now, ZoneInfo(account.zone))
    if today is None or (account.last_day is not None and account.last_day < today):
        return None
    who = {"account": account.id, "me": account.practitioner_id, "today": today, "now": now}
    held = connection.execute(_HELD, who).all()
    roles = frozenset(row.role for row in held if row.role is not None)
    return Actor(
        account_id=account.id,
        practitioner_id=account.practitioner_id,
        authority_id=account.authority_id,
        name=account.name,
        roles=roles,
        team_ids=_ids(row.team for row in held),
        manages=_ids(row.managed for row in held),
        covers=_ids(row.covered for row in held),
        password_once=account.password_once,
        factor_due=not account.factor_given and bool(roles.intersection(account.factor_roles or ())),
        opened=_ids(row.opened for row in held),
    )


def _ids(values: Any) -> frozenset[UUID]:
    return frozenset(value for value in values if value is not None)


def _current(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.to_on.is_(None) & (table.c.from_on <= sa.bindparam("today", type_=sa.Date))


_NOW = sa.bindparam("now", type_=emergency_openings.c.until_at.type)
_ME = sa.bindparam("me", type_=sa.Uuid)
_NO_TEXT = sa.cast(sa.null(), sa.Text)
_NO_ID = sa.cast(sa.null(), sa.Uuid)
_TODAY: sa.BindParameter[date] = sa.bindparam("today", type_=sa.Date)


def _held(**given: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Select one kind of what somebody holds; every other column is empty."""
    empty = {"role": _NO_TEXT, "team": _NO_ID, "managed": _NO_ID, "covered": _NO_ID, "opened": _NO_ID}
    return sa.select(*(column.label(name) for name, column in {**empty, **given}.items()))


_HELD = sa.union_all(
    _held(role=account_roles.c.role).where(
        account_roles.c.account_id == sa.bindparam("account", type_=sa.Uuid), _current(account_roles)
    ),
    _held(team=team_memberships.c.team_id).where(
        team_memberships.c.practitioner_id == _ME, _current(team_memberships)
    ),
    _held(managed=line_managers.c.practitioner_id).where(line_managers.c.manager_id == _ME, _current(line_managers)),
    _held(covered=absences.c.practitioner_id).where(
        absences.c.covered_by == _ME,
        _current(absences),
        sa.func.coalesce(absences.c.expected_to_on, _TODAY) >= _TODAY,
    ),
    _held(opened=emergency_openings.c.case_id).where(
        emergency_openings.c.practitioner_id == _ME,
        emergency_openings.c.from_at <= _NOW,
        emergency_openings.c.until_at > _NOW,
    ),
)
