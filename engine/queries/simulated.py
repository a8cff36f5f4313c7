"""What pretend people look at before they act: everybody's worklists in one read. Never used by pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import WorkingCalendar
from engine.casework.permissions import Actor
from engine.feel import Environment
from engine.forms import Form, Option
from engine.options import options_for
from engine.process_engine import ProcessEngine
from engine.queries import task_rows
from engine.queries.prefill import prefill
from engine.queries.view import View, view_on, viewing
from engine.store.consent_cover import in_force
from engine.store.tables.people import account_roles, accounts, line_managers, practitioners
from engine.store.tables.record import (
    cases,
    children,
    consents,
    escalations,
    lead_professionals,
    plan_actions,
    reviews,
)
from engine.store.tables.running import instances, timers, user_tasks


@dataclass(frozen=True, slots=True)
class OfferedTask:
    """An open task on somebody's list; `form` is the key of its form, "" when it has none."""

    id: UUID
    case_id: UUID
    form: str
    assignee_id: UUID | None
    groups: frozenset[str]
    due_on: date | None
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class TaskInHand:
    """An open task with everything needed to answer its form.

    `variables` hold besides, as `review_due_on`, the day of the coming review, which people see on the case.
    """

    id: UUID
    case_id: UUID
    assignee_id: UUID | None
    groups: frozenset[str]
    version: int
    variables: Mapping[str, Any]
    form: Form | None
    options: Mapping[str, Sequence[Option]]
    known: Mapping[str, Any]
    environment: Environment


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """An open action of a plan."""

    id: UUID
    case_id: UUID
    owner_id: UUID
    due_on: date


def actors(engine: ProcessEngine, authority_id: UUID) -> dict[UUID, Actor]:
    """Return everybody with an account, by practitioner id, in the order in which they were added."""
    with engine.sessions.read() as connection:
        rows = connection.execute(
            sa.select(accounts.c.id, accounts.c.practitioner_id, practitioners.c.name)
            .join(practitioners, practitioners.c.id == accounts.c.practitioner_id)
            .where(accounts.c.authority_id == authority_id)
            .order_by(accounts.c.username)
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


def everybody(engine: ProcessEngine, authority_id: UUID) -> tuple[UUID, ...]:
    """Return every practitioner of an authority, with or without an account, by name."""
    with engine.sessions.read() as connection:
        found = sa.select(practitioners.c.id).where(practitioners.c.authority_id == authority_id)
        return tuple(connection.execute(found.order_by(practitioners.c.name, practitioners.c.id)).scalars())


def environment_of(engine: ProcessEngine, reader: Actor) -> Environment:
    """Return what the expressions of a form may ask of somebody's authority today."""
    with viewing(engine, reader) as view:
        return _environment(view)


def calendar_of(engine: ProcessEngine, reader: Actor) -> WorkingCalendar:
    """Return the working calendar of somebody's authority."""
    with viewing(engine, reader) as view:
        return view.authority.calendar


_OFFERED = (
    sa.select(
        user_tasks.c.id, user_tasks.c.case_id, user_tasks.c.form_id, user_tasks.c.assignee_id,
        user_tasks.c.candidate_groups, user_tasks.c.due_on, user_tasks.c.opened_at,
    )
    .where(
        user_tasks.c.state == sa.literal_column("'open'"),
        user_tasks.c.authority_id == sa.bindparam("authority", type_=sa.Uuid),
        user_tasks.c.opened_at > sa.bindparam("since", type_=user_tasks.c.opened_at.type),
    )
    .order_by(user_tasks.c.opened_at, user_tasks.c.id)
)  # fmt: skip


def offered_since(engine: ProcessEngine, authority_id: UUID, since: datetime) -> list[OfferedTask]:
    """Return the open tasks of everybody that opened after `since` (aware UTC), the oldest first."""
    with engine.sessions.read() as connection:
        rows = connection.execute(_OFFERED, {"authority": authority_id, "since": since}).all()
        return [
            OfferedTask(
                row.id,
                row.case_id,
                engine.library.form(connection, row.form_id).key if row.form_id else "",
                row.assignee_id,
                frozenset(row.candidate_groups),
                row.due_on,
                row.opened_at,
            )
            for row in rows
        ]


_REVIEW = sa.select(reviews.c.due_on).where(
    reviews.c.case_id == sa.bindparam("case", type_=sa.Uuid), reviews.c.held_on.is_(None)
)
_IN_HAND = (
    sa.select(user_tasks, instances.c.definition_id)
    .join(instances, instances.c.id == user_tasks.c.instance_id)
    .where(user_tasks.c.id == sa.bindparam("task_id", type_=sa.Uuid), user_tasks.c.state == sa.literal_column("'open'"))
)


def task_in_hand(engine: ProcessEngine, *, reader: Actor, task_id: UUID) -> TaskInHand | None:
    """Return an open task with its form, what the form offers and what the record knows; None when it is not open.

    `reader` is anybody of the authority: the form does not depend on who fills it in.
    """
    with engine.sessions.read() as connection:
        row = connection.execute(_IN_HAND, {"task_id": task_id}).first()
        if row is None:
            return None
        view = view_on(engine, connection, reader)
        form = engine.library.form(connection, row.form_id) if row.form_id else None
        return TaskInHand(
            id=row.id,
            case_id=row.case_id,
            assignee_id=row.assignee_id,
            groups=frozenset(row.candidate_groups),
            version=row.version,
            variables=_shown(view, row, form),
            form=form,
            options=_options(view, row, form),
            known=_known(view, row, form),
            environment=_environment(view),
        )


def _shown(view: View, row: Any, form: Form | None) -> Mapping[str, Any]:
    known = {} if form is None else view.facts_for(form, row.case_id)
    beside = {**_coming_review(view.connection, row.case_id), **_in_hand(view.connection, row.case_id)}
    return {**row.variables, **known, **beside}


def _coming_review(connection: sa.Connection, case_id: UUID) -> Mapping[str, Any]:
    due_on = connection.execute(_REVIEW, {"case": case_id}).scalar()
    return {"review_due_on": due_on} if due_on else {}


def _in_hand(connection: sa.Connection, case_id: UUID) -> Mapping[str, Any]:
    """Tell whether an action of the plan is still open: who reviews a plan looks at that first."""
    return {"open_actions": "some" if connection.execute(_OPEN_ACTION, {"case": case_id}).first() else "none"}


def _options(view: View, row: Any, form: Form | None) -> Mapping[str, Sequence[Option]]:
    if form is None:
        return {}
    return options_for(
        view.connection, form, authority_id=view.actor.authority_id, case_id=row.case_id, actor=view.actor
    )


def _known(view: View, row: Any, form: Form | None) -> Mapping[str, Any]:
    info = task_rows.element(view, row)
    if form is None or info is None:
        return {}
    return prefill(view, form=form, operation=info.operation, case_id=row.case_id, variables=row.variables)


def _environment(view: View) -> Environment:
    host = view.engine.library.host(view.connection, view.authority)
    return Environment(now=view.now, zone=view.authority.zone, warnings=[], host=host)


_ACTIONS = (
    sa.select(plan_actions.c.id, plan_actions.c.case_id, plan_actions.c.owner_id, plan_actions.c.due_on)
    .where(plan_actions.c.id > sa.bindparam("after", type_=sa.Uuid), plan_actions.c.closed_on.is_(None))
    .order_by(plan_actions.c.id)
)


def actions_after(engine: ProcessEngine, after: UUID) -> list[PlannedAction]:
    """Return the open actions made after the one with the id `after`, in order; ids grow with time."""
    with engine.sessions.read() as connection:
        return [PlannedAction(*row) for row in connection.execute(_ACTIONS, {"after": after})]


_ID: Final = sa.Uuid()
_OWNER = (
    sa.select(plan_actions.c.owner_id, plan_actions.c.due_on)
    .join(cases, cases.c.id == plan_actions.c.case_id)
    .where(
        plan_actions.c.id == sa.bindparam("action", type_=_ID),
        plan_actions.c.closed_on.is_(None),
        cases.c.closed_on.is_(None),
    )
)
_OPEN_ACTION = (
    sa.select(plan_actions.c.id)
    .where(plan_actions.c.case_id == sa.bindparam("case", type_=_ID), plan_actions.c.closed_on.is_(None))
    .limit(1)
)
_OPEN_CASES = (
    sa.select(cases.c.id)
    .where(
        cases.c.authority_id == sa.bindparam("authority", type_=_ID),
        cases.c.closed_on.is_(None),
        cases.c.child_id.is_not(None),
    )
    .order_by(cases.c.id)
)
_LEAD = sa.select(lead_professionals.c.practitioner_id).where(
    lead_professionals.c.case_id == sa.bindparam("case", type_=_ID), lead_professionals.c.to_on.is_(None)
)
_SHARING = sa.select(consents.c.answer, consents.c.whose).where(in_force(sa.bindparam("case", type_=_ID)))
_FAMILY = (
    sa.select(children.c.family_id)
    .join(cases, cases.c.child_id == children.c.id)
    .where(cases.c.id == sa.bindparam("case", type_=_ID))
)
_CHASED = (
    sa.select(escalations.c.case_id)
    .where(escalations.c.first_true_on >= sa.bindparam("since", type_=sa.Date()))
    .distinct()
    .order_by(escalations.c.case_id)
)
_TIMERS = (
    sa.select(timers.c.due_at)
    .where(
        timers.c.fired_at.is_(None),
        timers.c.cancelled_at.is_(None),
        timers.c.due_at <= sa.bindparam("until", type_=timers.c.due_at.type),
    )
    .distinct()
    .order_by(timers.c.due_at)
)


def owner_and_day(engine: ProcessEngine, action_id: UUID) -> tuple[UUID, date] | None:
    """Return who owns an action that is still open on an open case, and when it is due; None when it is not."""
    with engine.sessions.read() as connection:
        found = connection.execute(_OWNER, {"action": action_id}).first()
        return None if found is None else (found.owner_id, found.due_on)


def open_cases(engine: ProcessEngine, authority_id: UUID) -> list[UUID]:
    """Return the open cases of children, the oldest first."""
    with engine.sessions.read() as connection:
        return list(connection.execute(_OPEN_CASES, {"authority": authority_id}).scalars())


def lead_of(engine: ProcessEngine, case_id: UUID) -> UUID | None:
    """Return who leads a case now, or None."""
    with engine.sessions.read() as connection:
        return connection.execute(_LEAD, {"case": case_id}).scalar()


def sharing_of(engine: ProcessEngine, case_id: UUID) -> tuple[str, str]:
    """Return the answer on sharing in force and whose it is; `not_asked` of nobody while there is none."""
    with engine.sessions.read() as connection:
        found = connection.execute(_SHARING, {"case": case_id}).first()
        return ("not_asked", "") if found is None else (found.answer, found.whose)


def family_of(engine: ProcessEngine, case_id: UUID) -> UUID:
    """Return the family of a case's child."""
    with engine.sessions.read() as connection:
        family_id: UUID = connection.execute(_FAMILY, {"case": case_id}).scalar_one()
        return family_id


def chased_since(engine: ProcessEngine, since: date) -> list[UUID]:
    """Return the cases on which an escalation began on the day `since` or later."""
    with engine.sessions.read() as connection:
        return list(connection.execute(_CHASED, {"since": since}).scalars())


def timers_until(engine: ProcessEngine, until: datetime) -> list[datetime]:
    """Return the instants (aware UTC) up to `until` at which timers are due, in order."""
    with engine.sessions.read() as connection:
        return list(connection.execute(_TIMERS, {"until": until}).scalars())
