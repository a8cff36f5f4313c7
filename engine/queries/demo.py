"""What pretend people look at before they act: everybody's open tasks and actions. Never used by pages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.store.tables.keeping import history
from engine.store.tables.people import account_roles, accounts, line_managers, practitioners
from engine.store.tables.record import action_plans, cases, children, plan_actions
from engine.store.tables.running import definitions, user_tasks


@dataclass(frozen=True, slots=True)
class OpenTask:
    """An open task and who has it."""

    id: UUID
    case_id: UUID
    element_id: str
    assignee_id: UUID | None
    due_on: date | None
    opened_at: datetime
    candidate_groups: list[str]


@dataclass(frozen=True, slots=True)
class OpenAction:
    """An open action of a plan; `since` is the day the plan was agreed, `told_on` that of the last report on it."""

    id: UUID
    case_id: UUID
    due_on: date
    since: date
    told_on: date | None


ChildKey = tuple[str, str, date | None]
"""The given name, family name and birthday of a child."""


def has_people(engine: ProcessEngine, authority_id: UUID) -> bool:
    """Tell whether an authority has any practitioner."""
    with engine.sessions.read() as connection:
        found = sa.select(practitioners.c.id).where(practitioners.c.authority_id == authority_id).limit(1)
        return connection.execute(found).first() is not None


def has_process(engine: ProcessEngine, authority_id: UUID, key: str) -> bool:
    """Tell whether an authority has deployed a process."""
    own = (definitions.c.authority_id == authority_id) & (definitions.c.kind == "process") & (definitions.c.key == key)
    with engine.sessions.read() as connection:
        return connection.execute(sa.select(definitions.c.id).where(own).limit(1)).first() is not None


def actors(engine: ProcessEngine, authority_id: UUID) -> dict[UUID, Actor]:
    """Return everybody with an account, by practitioner id."""
    with engine.sessions.read() as connection:
        rows = connection.execute(
            sa.select(accounts.c.id, accounts.c.practitioner_id, practitioners.c.name)
            .join(practitioners, practitioners.c.id == accounts.c.practitioner_id)
            .where(accounts.c.authority_id == authority_id)
        ).all()
        roles = connection.execute(sa.select(account_roles.c.account_id, account_roles.c.role)).all()
        managed = connection.execute(sa.select(line_managers.c.manager_id, line_managers.c.practitioner_id)).all()
    return {
        row.practitioner_id: Actor(
            account_id=row.id,
            practitioner_id=row.practitioner_id,
            authority_id=authority_id,
            name=row.name,
            roles=frozenset(role for account_id, role in roles if account_id == row.id),
            manages=frozenset(who for manager, who in managed if manager == row.practitioner_id),
        )
        for row in rows
    }


def open_tasks(engine: ProcessEngine) -> list[OpenTask]:
    """Return every open task, the oldest first."""
    columns = [user_tasks.c[name] for name in OpenTask.__dataclass_fields__]
    with engine.sessions.read() as connection:
        rows = connection.execute(
            sa.select(*columns).where(user_tasks.c.state == "open").order_by(user_tasks.c.opened_at, user_tasks.c.id)
        )
        return [OpenTask(*row) for row in rows]


def open_actions(engine: ProcessEngine) -> list[OpenAction]:
    """Return every open action of a plan."""
    with engine.sessions.read() as connection:
        rows = connection.execute(
            sa.select(
                plan_actions.c.id,
                plan_actions.c.case_id,
                plan_actions.c.due_on,
                action_plans.c.agreed_on,
                plan_actions.c.progress_on,
            )
            .join(action_plans, action_plans.c.id == plan_actions.c.plan_id)
            .where(plan_actions.c.closed_on.is_(None), action_plans.c.ended_on.is_(None))
        )
        return [OpenAction(*row) for row in rows]


def practitioners_by_name(engine: ProcessEngine, authority_id: UUID) -> dict[str, UUID]:
    """Return the id of every practitioner of an authority by name."""
    with engine.sessions.read() as connection:
        found = sa.select(practitioners.c.name, practitioners.c.id).where(practitioners.c.authority_id == authority_id)
        return {row.name: row.id for row in connection.execute(found)}


def cases_by_child(engine: ProcessEngine) -> dict[ChildKey, UUID]:
    """Return the case of every child there is, in any authority."""
    with engine.sessions.read() as connection:
        rows = connection.execute(
            sa.select(children.c.given_name, children.c.family_name, children.c.born_on, cases.c.id).join(
                cases, cases.c.child_id == children.c.id
            )
        )
        return {(row.given_name, row.family_name, row.born_on): row.id for row in rows}


def answered(engine: ProcessEngine) -> dict[tuple[UUID, str], int]:
    """Return how often each task (case, element id) has been completed."""
    task = user_tasks.c
    with engine.sessions.read() as connection:
        rows = connection.execute(
            sa.select(task.case_id, task.element_id, sa.func.count())
            .where(task.state == "completed")
            .group_by(task.case_id, task.element_id)
        )
        return {(case_id, element_id): count for case_id, element_id, count in rows}


def last_event_at(engine: ProcessEngine, case_ids: Collection[UUID]) -> datetime | None:
    """Return when the newest event of these cases was recorded (aware UTC), or None."""
    with engine.sessions.read() as connection:
        found = sa.select(sa.func.max(history.c.recorded_at)).where(history.c.case_id.in_(case_ids))
        return connection.execute(found).scalar()
