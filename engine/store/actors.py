"""Who acts, and what they hold: their roles, teams, whom they manage and stand in for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.clock import local_day
from engine.store.tables.access import emergency_openings, office_readings
from engine.store.tables.oversight import audit_cases, audits
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
    return held_by(connection.execute(_OF_ID, {"account": account_id, "now": now}).all(), now=now)


def of_username(connection: sa.Connection, authority_id: UUID, username: str, *, now: datetime) -> Actor | None:
    """Return whoever has an account under a user name (small letters) at an authority, as `of_account` does."""
    who = {"username": username, "authority": authority_id, "now": now}
    return held_by(connection.execute(_OF_NAME, who).all(), now=now)


def of_practitioner(connection: sa.Connection, practitioner_id: UUID, *, now: datetime) -> Actor | None:
    """Return somebody who may have an account, as `of_account` does."""
    who = {"practitioner": practitioner_id, "now": now}
    return held_by(connection.execute(_OF_PRACTITIONER, who).all(), now=now)


def held_by(rows: Sequence[Any], *, now: datetime) -> Actor | None:
    """Return who has an account (rows of `with_what_they_hold`), with what they hold on the local day of `now`.

    None when there is no such account, or their last day is over.
    """
    account = rows[0] if rows else None
    today = None if account is None else local_day(now, ZoneInfo(account.zone))
    if account is None or today is None or (account.last_day is not None and account.last_day < today):
        return None
    held = [row for row in rows if _holds(row, today)]
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
        looks_into=_ids(row.looked for row in held),
    )


def _holds(row: Any, today: date) -> bool:
    """Tell whether what a row says is held on `today`, which SQL cannot tell: each authority has its own."""
    return (row.from_on is None or row.from_on <= today) and (row.until_on is None or row.until_on >= today)


def _ids(values: Any) -> frozenset[UUID]:
    return frozenset(value for value in values if value is not None)


_NOW = sa.bindparam("now", type_=emergency_openings.c.until_at.type)


def with_what_they_hold(account: sa.Select[Any]) -> sa.Select[Any]:
    """Return an account's query with a row for each thing that its holder has, and one at least; `held_by` reads them.

    It is asked with `now` too.
    """
    who = account.cte("who")
    opened, said = emergency_openings.c, office_readings.c
    drawn = audit_cases.join(audits, audits.c.id == audit_cases.c.audit_id)
    held = sa.union_all(
        _held(account_roles, who.c.id == account_roles.c.account_id, role=account_roles.c.role),
        _held(team_memberships, who.c.practitioner_id == team_memberships.c.practitioner_id,
              team=team_memberships.c.team_id),
        _held(line_managers, who.c.practitioner_id == line_managers.c.manager_id,
              managed=line_managers.c.practitioner_id),
        _held(absences, who.c.practitioner_id == absences.c.covered_by, covered=absences.c.practitioner_id,
              until_on=absences.c.expected_to_on),
        _columns(opened=opened.case_id).where(
            opened.practitioner_id == who.c.practitioner_id, opened.from_at <= _NOW, opened.until_at > _NOW
        ),
        _columns(looked=said.case_id).where(
            said.practitioner_id == who.c.practitioner_id, said.from_at <= _NOW, said.until_at > _NOW
        ),
        _columns(looked=audit_cases.c.case_id).select_from(drawn).where(
            audits.c.made_by == who.c.practitioner_id, audit_cases.c.judged_on.is_(None)
        ),
    ).subquery("held")  # fmt: skip
    return sa.select(who, held).select_from(who.outerjoin(held, sa.true()))


def _held(table: sa.Table, whose: sa.ColumnElement[bool], **given: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Select one kind of what somebody holds, from a day on, with no end yet."""
    return _columns(from_on=table.c.from_on, **given).where(whose, table.c.to_on.is_(None))


def _columns(**given: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Select these columns; every other one of what is held is empty."""
    return sa.select(*(given.get(name, empty).label(name) for name, empty in _EMPTY.items()))


_NO_ID, _NO_DAY = sa.cast(sa.null(), sa.Uuid), sa.cast(sa.null(), sa.Date)
_EMPTY: Final = {
    "role": sa.cast(sa.null(), sa.Text), "team": _NO_ID, "managed": _NO_ID, "covered": _NO_ID, "opened": _NO_ID,
    "looked": _NO_ID,
    "from_on": _NO_DAY, "until_on": _NO_DAY,
}  # fmt: skip
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
_OF_ID = with_what_they_hold(_OPEN.where(accounts.c.id == sa.bindparam("account")))
_OF_PRACTITIONER = with_what_they_hold(
    _OPEN.where(accounts.c.practitioner_id == sa.bindparam("practitioner", type_=sa.Uuid)).limit(1)
)
_OF_NAME = with_what_they_hold(
    _OPEN.where(
        accounts.c.username == sa.bindparam("username"),
        accounts.c.authority_id == sa.bindparam("authority", type_=sa.Uuid),
    )
)
