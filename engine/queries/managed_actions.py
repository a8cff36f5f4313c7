"""Late actions and tasks of the people somebody manages, on cases that are not open to them: these, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.lateness import PROTECTING
from engine.casework.permissions import Actor, Relation
from engine.process_engine import ProcessEngine
from engine.queries import visibility
from engine.queries.due_states import last_overdue_day
from engine.queries.view import View, viewing
from engine.store import kept_addresses, relations
from engine.store.consent_cover import outside, rests
from engine.store.late_tasks import late_on
from engine.store.sets import among
from engine.store.tables.people import practitioners
from engine.store.tables.record import case_members, cases, lead_professionals, plan_actions
from engine.store.tables.running import user_tasks

LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class ManagedAction:
    """An action or a task that is late: what was promised or asked, of whom, for which day, `days` working days ago.

    The case is named by its `reference`, and neither child nor plan: the manager answers for the work of their own
    people, and the plan is the team's. A task (`task_id`, else `action_id`) is theirs to give to somebody else.
    """

    action_id: UUID | None
    task_id: UUID | None
    reference: str
    action: str
    owner: str
    due_on: date
    days: int


def late(engine: ProcessEngine, *, actor: Actor) -> tuple[ManagedAction, ...]:
    """Return the late actions and tasks of whom the actor manages, the latest first, on cases they may not see.

    Those of a case that they see stand on it, and on the overdue board. Of a restricted case nothing is here; nor is an
    action while sharing rests, or when the family's consent leaves out its owner or the actor.
    """
    with viewing(engine, actor) as view:
        return late_in(view)


def late_in(view: View) -> tuple[ManagedAction, ...]:
    """Return the same on a view that is open."""
    actor = view.actor
    if not actor.manages:
        return ()
    today, calendar = view.today, view.authority.calendar
    given = {"authority": actor.authority_id, "ids": sorted(actor.manages)}
    actions = view.connection.execute(
        _ACTIONS.where(plan_actions.c.due_on <= last_overdue_day(today, calendar)), given
    ).all()
    tasks = view.connection.execute(_TASKS.where(late_on(today, calendar)), given).all()
    stands = relations.of_many(view.connection, actor, [row.case_id for row in (*actions, *tasks)])
    found = []
    for each in actions:
        relation = stands.get(each.case_id, Relation())
        if not relation.outside and not permissions.may_read_case(actor, relation):
            said = kept_addresses.left_out(view, each.case_id, each.action, relation)
            found.append(_managed(view, each, said, protecting=False, action=each.id))
    for row in tasks:
        relation = stands.get(row.case_id, Relation())
        if permissions.may_put_right(actor, relation, assignee=row.assignee_id) and not permissions.may_read_case(
            actor, relation
        ):
            protecting = row.process_key in PROTECTING
            found.append(_managed(view, row, view.said(row.name), protecting=protecting, task=row.id))
    return tuple(sorted(found, key=lambda each: (each.due_on, each.owner, each.action))[:LONGEST])


def _managed(
    view: View, row: Any, what: str, *, protecting: bool, action: UUID | None = None, task: UUID | None = None
) -> ManagedAction:
    days = view.due(row.due_on, protecting=protecting).days or 0
    return ManagedAction(action, task, row.reference, what, row.owner, row.due_on, days)


_AUTHORITY: Final = sa.bindparam("authority", type_=sa.Uuid)
_ACTIONS: Final = (
    sa.select(
        plan_actions.c.id, plan_actions.c.case_id, plan_actions.c.action, plan_actions.c.due_on, cases.c.reference,
        practitioners.c.name.label("owner"),
    )
    .join(practitioners, practitioners.c.id == plan_actions.c.owner_id)
    .join(cases, cases.c.id == plan_actions.c.case_id)
    .where(
        plan_actions.c.authority_id == _AUTHORITY,
        among(plan_actions.c.owner_id),
        plan_actions.c.closed_on.is_(None),
        cases.c.closed_on.is_(None),
        ~rests(plan_actions.c.case_id),
        ~outside(plan_actions.c.case_id, plan_actions.c.owner_id),
        visibility.unrestricted(plan_actions.c.case_id),
    )
    .order_by(plan_actions.c.due_on, plan_actions.c.id)
    .limit(LONGEST)
)  # fmt: skip
def _of_theirs(held: sa.Table, *which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    own = (held.c.case_id == user_tasks.c.case_id) & among(held.c.practitioner_id)
    return sa.exists().where(own, *which).correlate_except(held)


_TASKS: Final = (
    sa.select(
        user_tasks.c.id, user_tasks.c.case_id, user_tasks.c.name, user_tasks.c.due_on, user_tasks.c.process_key,
        user_tasks.c.assignee_id, cases.c.reference, practitioners.c.name.label("owner"),
    )
    .join(practitioners, practitioners.c.id == user_tasks.c.assignee_id)
    .join(cases, cases.c.id == user_tasks.c.case_id)
    .where(
        user_tasks.c.authority_id == _AUTHORITY,
        among(user_tasks.c.assignee_id),
        user_tasks.c.state == sa.literal_column("'open'"),
        visibility.unrestricted(user_tasks.c.case_id),
        # What somebody of theirs leads or assesses is open to them, and stands on the board.
        ~_of_theirs(lead_professionals, lead_professionals.c.to_on.is_(None)),
        ~_of_theirs(case_members, case_members.c.role == "assessor", case_members.c.to_on.is_(None)),
    )
    .order_by(user_tasks.c.due_on, user_tasks.c.id)
    .limit(LONGEST)
)  # fmt: skip
