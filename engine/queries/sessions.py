"""Who a session's token belongs to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.casework.profiles import SECOND_FACTOR_ROLES
from engine.clock import local_day
from engine.errors import NotFound, shown
from engine.process_engine import ProcessEngine
from engine.store.sessions import token_hash
from engine.store.tables.access import emergency_openings, second_factors
from engine.store.tables.people import (
    absences,
    account_roles,
    accounts,
    authorities,
    line_managers,
    practitioners,
    sessions,
    team_memberships,
)

_NOW = sa.bindparam("now", type_=sessions.c.expires_at.type)
_ACCOUNT = (
    sa.select(
        accounts.c.id,
        accounts.c.practitioner_id,
        accounts.c.authority_id,
        practitioners.c.name,
        accounts.c.password_once,
        sa.func.coalesce(practitioners.c.left_on, practitioners.c.leaves_on).label("last_day"),
        authorities.c.zone,
        authorities.c.profile[SECOND_FACTOR_ROLES].label("factor_roles"),
        sa.or_(sessions.c.outside, second_factors.c.confirmed_at.is_not(None)).label("factor_given"),
    )
    .select_from(
        sessions.join(accounts, accounts.c.id == sessions.c.account_id)
        .join(practitioners, practitioners.c.id == accounts.c.practitioner_id)
        .join(authorities, authorities.c.id == accounts.c.authority_id)
        .outerjoin(second_factors, second_factors.c.account_id == accounts.c.id)
    )
    .where(
        sessions.c.token_hash == sa.bindparam("hash"),
        sessions.c.code_due.is_(False),
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > _NOW,
        accounts.c.disabled_at.is_(None),
    )
)


_NAMED = (
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
    .where(
        accounts.c.username == sa.bindparam("username"),
        accounts.c.authority_id == sa.bindparam("authority", type_=sa.Uuid),
        accounts.c.disabled_at.is_(None),
    )
)
"""Somebody whom the command line names, which asks for no password: who runs it reads the database anyhow."""


def somebody_named(engine: ProcessEngine, *, authority_id: UUID, username: str) -> Actor:
    """Return whoever has an open account with this user name at the authority, for the command line.

    Raises `NotFound` when nobody has, as when they have left.
    """
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        account = connection.execute(_NAMED, {"username": username.strip().lower(), "authority": authority_id}).first()
        today = None if account is None else local_day(now, ZoneInfo(account.zone))
        if account is None or today is None or (account.last_day is not None and account.last_day < today):
            raise NotFound(f"Nobody at this authority has an account with the user name '{shown(username)}'")
        return _actor(connection, account, today, now)


def actor_of(engine: ProcessEngine, token: str) -> Actor | None:
    """Return who is signed in with `token`; None when it is unknown, ended or expired, or the account is closed."""
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        account = connection.execute(_ACCOUNT, {"hash": token_hash(token), "now": now}).first()
        if account is None:
            return None
        today = local_day(now, ZoneInfo(account.zone))
        if account.last_day is not None and account.last_day < today:
            return None
        return _actor(connection, account, today, now)


def _actor(connection: sa.Connection, account: Any, today: date, now: datetime) -> Actor:
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
