"""The people of an authority with what an administrator or a manager keeps of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import visibility
from engine.queries.people import Practitioner
from engine.queries.view import View, viewing
from engine.store.covers import COVER, cover_of, with_cover
from engine.store.tables.people import (
    absences,
    account_roles,
    accounts,
    agencies,
    line_managers,
    practitioners,
    sessions,
    team_memberships,
    teams,
)
from engine.store.tables.record import cases, lead_professionals
from engine.store.tables.running import user_tasks


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody away from `from_on`; `expected_to_on` None when its end is not known, `covered_by` a name or empty.

    `cover_away` says so where who covers is away then too.
    """

    absence_id: UUID
    from_on: date
    expected_to_on: date | None
    covered_by: str
    cover_away: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember(Practitioner):
    """Somebody of the authority. `username` is empty without an open account; `last_day` is past or to come.

    `may` holds what the actor may do for them: `away` (record leaving and absence), `stays` (who has left), `account`.
    """

    email: str
    phone: str
    team: str
    manager_id: UUID | None
    manager: str
    username: str
    password_once: bool
    roles: tuple[str, ...]
    last_day: date | None
    has_left: bool
    absences: tuple[Absence, ...]
    may: frozenset[str]


@dataclass(frozen=True, slots=True)
class Workload:
    """What somebody has open: plans they lead, tasks they have."""

    leads: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Session:
    """Where somebody is signed in: since when, until when at the latest."""

    started_at: datetime
    expires_at: datetime


def members(engine: ProcessEngine, *, actor: Actor) -> tuple[StaffMember, ...]:
    """Return the people the actor keeps, by name: all for coordinators and administrators, else whom they manage.

    Raises `NotPermitted`.
    """
    if not permissions.may_see_people(actor):
        raise NotPermitted("Managers, coordinators and administrators see this list")
    with viewing(engine, actor) as view:
        return _members(view, None)


def member(engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID) -> tuple[StaffMember, Workload]:
    """Return somebody the actor keeps, with what they have open. Raises `NotFound`, `NotPermitted`."""
    if not permissions.may_see_people(actor):
        raise NotPermitted("Managers, coordinators and administrators see this page")
    with viewing(engine, actor) as view:
        found = _members(view, practitioner_id)
        if not found:
            raise NotFound("There is no such person", practitioner_id=practitioner_id)
        return found[0], _workload(view, practitioner_id)


def own_sessions(engine: ProcessEngine, *, actor: Actor) -> tuple[Session, ...]:
    """Return where the actor is signed in now, the latest first."""
    with viewing(engine, actor) as view:
        rows = view.connection.execute(
            sa.select(sessions.c.started_at, sessions.c.expires_at)
            .where(
                sessions.c.account_id == actor.account_id,
                sessions.c.ended_at.is_(None),
                sessions.c.code_due.is_(False),
                sessions.c.expires_at > view.now,
            )
            .order_by(sessions.c.started_at.desc())
        )
        return tuple(Session(*row) for row in rows)


_manager = practitioners.alias("manager")
_MEMBERS = (
    sa.select(
        practitioners,
        agencies.c.name.label("agency"),
        accounts.c.id.label("account_id"),
        accounts.c.username,
        accounts.c.password_once,
        _manager.c.id.label("manager_id"),
        _manager.c.name.label("manager"),
    )
    .select_from(
        practitioners.outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
        .outerjoin(accounts, (accounts.c.practitioner_id == practitioners.c.id) & accounts.c.disabled_at.is_(None))
        .outerjoin(
            line_managers,
            (line_managers.c.practitioner_id == practitioners.c.id) & line_managers.c.to_on.is_(None),
        )
        .outerjoin(_manager, (_manager.c.id == line_managers.c.manager_id) & _manager.c.left_on.is_(None))
    )
    .order_by(practitioners.c.name, practitioners.c.id)
)


def _members(view: View, only: UUID | None) -> tuple[StaffMember, ...]:
    query = _MEMBERS.where(practitioners.c.authority_id == view.actor.authority_id)
    if not view.actor.roles & {"coordinator", "administrator"}:
        query = query.where(practitioners.c.id.in_(view.actor.manages))
    if only is not None:
        query = query.where(practitioners.c.id == only)
    rows = view.connection.execute(query).all()
    roles, team, away = _roles(view), _teams(view), _away(view)
    return tuple(_member(view, row, roles, team, away) for row in rows)


def _member(
    view: View,
    row: Any,
    roles: dict[UUID, tuple[str, ...]],
    team: dict[UUID, str],
    away: dict[UUID, tuple[Absence, ...]],
) -> StaffMember:
    may = {"away"} if permissions.may_record_away(view.actor, row.id) and row.left_on is None else set()
    if permissions.may_record_away(view.actor, row.id) and row.left_on is not None:
        may.add("stays")
    if permissions.may_keep_accounts(view.actor):
        may |= {"account"} if row.id != view.actor.practitioner_id else {"own_account"}
    return StaffMember(
        practitioner_id=row.id,
        name=row.name,
        job_title=row.job_title,
        agency=row.agency or "",
        email=row.email,
        phone=row.phone,
        team=team.get(row.id, ""),
        manager_id=row.manager_id,
        manager=row.manager or "",
        username=row.username or "",
        password_once=bool(row.password_once),
        roles=roles.get(row.account_id, ()),
        last_day=row.left_on or row.leaves_on,
        has_left=row.left_on is not None,
        absences=away.get(row.id, ()),
        may=frozenset(may),
    )


def _roles(view: View) -> dict[UUID, tuple[str, ...]]:
    rows = view.connection.execute(
        sa.select(account_roles.c.account_id, account_roles.c.role)
        .where(account_roles.c.authority_id == view.actor.authority_id, account_roles.c.to_on.is_(None))
        .order_by(account_roles.c.role)
    )
    found: dict[UUID, tuple[str, ...]] = {}
    for account_id, role in rows:
        found[account_id] = (*found.get(account_id, ()), role)
    return found


def _teams(view: View) -> dict[UUID, str]:
    rows = view.connection.execute(
        sa.select(team_memberships.c.practitioner_id, teams.c.name)
        .join(teams, teams.c.id == team_memberships.c.team_id)
        .where(team_memberships.c.authority_id == view.actor.authority_id, team_memberships.c.to_on.is_(None))
        .order_by(teams.c.name)
    )
    found: dict[UUID, str] = {}
    for practitioner_id, name in rows:
        found[practitioner_id] = f"{found[practitioner_id]}, {name}" if practitioner_id in found else name
    return found


def _away(view: View) -> dict[UUID, tuple[Absence, ...]]:
    """Return the absences of each person that last or are to come: one whose day has passed is ended in the night."""
    rows = view.connection.execute(
        sa.select(absences, *COVER)
        .select_from(with_cover(absences))
        .where(
            absences.c.authority_id == view.actor.authority_id,
            absences.c.to_on.is_(None),
            sa.func.coalesce(absences.c.expected_to_on, view.today) >= view.today,
        )
        .order_by(absences.c.from_on),
        {"today": view.today},
    )
    found: dict[UUID, tuple[Absence, ...]] = {}
    for row in rows:
        cover = cover_of(row)
        one = Absence(row.id, row.from_on, row.expected_to_on, cover.here, cover.away)
        found[row.practitioner_id] = (*found.get(row.practitioner_id, ()), one)
    return found


def _workload(view: View, practitioner_id: UUID) -> Workload:
    """Count what somebody has open; without restricted cases for who does not coordinate, not even by a number."""
    whole = permissions.may_restrict(view.actor)
    led, held = (
        sa.true() if whole else visibility.unrestricted(table.c.case_id) for table in (lead_professionals, user_tasks)
    )
    leads = (
        sa.select(sa.func.count())
        .select_from(lead_professionals.join(cases, cases.c.id == lead_professionals.c.case_id))
        .where(
            lead_professionals.c.practitioner_id == practitioner_id,
            lead_professionals.c.to_on.is_(None),
            cases.c.closed_on.is_(None),
            led,
        )
    )
    tasks = sa.select(sa.func.count()).where(
        user_tasks.c.assignee_id == practitioner_id, user_tasks.c.state == sa.literal_column("'open'"), held
    )
    return Workload(view.connection.execute(leads).scalar_one(), view.connection.execute(tasks).scalar_one())
