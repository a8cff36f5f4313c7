"""What somebody waits for others to do: who has it, since when, and when they were last asked how it gets on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.clock import local_day
from engine.process_engine import ProcessEngine
from engine.queries import my_work, words
from engine.queries.my_work import Row
from engine.queries.task_rows import TaskRow
from engine.queries.view import View, viewing
from engine.store import resting
from engine.store.tables.record import case_members, cases, lead_professionals, plan_actions
from engine.store.tables.running import user_tasks
from engine.store.tables.worklists import chases

MOST: Final = 200
"""How much is listed of each kind, what is due soonest first."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """Something others have to do. `who` are its holder or the groups it is offered to; `since` is a local day.

    `asked_on` is when somebody was last asked how it gets on; `can_ask` tells whether one may ask today, never of
    a case that is none of theirs while sharing rests; `delegated` that it is the actor's own, done by somebody else for
    them.
    """

    row: Row
    who: str
    since: date
    asked_on: date | None
    can_ask: bool
    delegated: bool


def read(engine: ProcessEngine, *, actor: Actor) -> tuple[Awaited, ...]:
    """Return what others have to do on the cases that the actor leads or assesses, or do in their place; soonest first.

    A task of the service's own managers is among them, as the case waits for it.
    """
    with viewing(engine, actor) as view:
        mine = _own_cases(actor)
        delegated = set(_ids(view, _open_tasks(actor).where(user_tasks.c.delegated_by == actor.practitioner_id)))
        tasks = _ids(view, _open_tasks(actor).where(user_tasks.c.case_id.in_(mine)))
        ids = [*dict.fromkeys([*tasks, *delegated]), *_ids(view, _open_actions(actor).where(cases.c.id.in_(mine)))]
        rows = my_work.rows(view, ids)
        asked = _asked(view, ids)
        since = _delegated_on(view, delegated)
        rests = resting.among_cases(view.connection, [row.case_id for row in rows])
        found = [_awaited(view, row, asked, since, row.case_id in rests and _is_kept_from(view, row)) for row in rows]
        return tuple(sorted(found, key=lambda each: (each.row.due_on or date.max, my_work.id_of(each.row))))


def _own_cases(actor: Actor) -> sa.CompoundSelect[Any]:
    me = actor.practitioner_id
    lead, member = lead_professionals, case_members
    return sa.union(
        sa.select(lead.c.case_id).where(lead.c.practitioner_id == me, lead.c.to_on.is_(None)),
        sa.select(member.c.case_id).where(
            member.c.practitioner_id == me, member.c.role == "assessor", member.c.to_on.is_(None)
        ),
    )


def _open_tasks(actor: Actor) -> sa.Select[Any]:
    others = sa.or_(user_tasks.c.assignee_id.is_(None), user_tasks.c.assignee_id != actor.practitioner_id)
    open_ = (user_tasks.c.state == sa.literal_column("'open'")) & (user_tasks.c.authority_id == actor.authority_id)
    return sa.select(user_tasks.c.id).where(open_, others).order_by(user_tasks.c.due_on, user_tasks.c.id).limit(MOST)


def _open_actions(actor: Actor) -> sa.Select[Any]:
    open_ = plan_actions.c.closed_on.is_(None) & cases.c.closed_on.is_(None)
    return (
        sa.select(plan_actions.c.id)
        .join(cases, cases.c.id == plan_actions.c.case_id)
        .where(open_, plan_actions.c.owner_id != actor.practitioner_id)
        .order_by(plan_actions.c.due_on, plan_actions.c.id)
        .limit(MOST)
    )


def _ids(view: View, query: sa.Select[Any]) -> Sequence[UUID]:
    return view.connection.execute(query).scalars().all()


def _asked(view: View, ids: Sequence[UUID]) -> dict[UUID, date]:
    if not ids:
        return {}
    last = sa.func.max(chases.c.chased_on).label("last_on")
    rows = view.connection.execute(
        sa.select(chases.c.subject_id, last).where(chases.c.subject_id.in_(ids)).group_by(chases.c.subject_id)
    )
    return {row.subject_id: row.last_on for row in rows}


def _delegated_on(view: View, ids: set[UUID]) -> dict[UUID, date]:
    if not ids:
        return {}
    rows = view.connection.execute(
        sa.select(user_tasks.c.id, user_tasks.c.delegated_on).where(user_tasks.c.id.in_(sorted(ids)))
    )
    return {row.id: row.delegated_on for row in rows}


def _awaited(view: View, row: Row, asked: dict[UUID, date], delegated: dict[UUID, date], kept_from: bool) -> Awaited:
    id_ = my_work.id_of(row)
    last = asked.get(id_)
    held = row.assignee_id is not None and row.assignee_id != view.actor.practitioner_id
    can_ask = held and last != view.today and not kept_from
    return Awaited(row, _who(row), _since(view, row, delegated), last, can_ask, id_ in delegated)


def _is_kept_from(view: View, row: Row) -> bool:
    """Tell whether the case of a row is none of who has it, as sharing rests on it."""
    groups = frozenset(row.groups) if isinstance(row, TaskRow) else frozenset()
    whose = row.assignee_id
    return whose is not None and resting.is_kept_from(
        view.connection, row.case_id, whose, today=view.today, groups=groups
    )


def _who(row: Row) -> str:
    if isinstance(row, TaskRow) and row.assignee_name is None:
        return f"the {words.groups(row.groups)}" if row.groups else "nobody yet"
    return row.assignee_name or ""


def _since(view: View, row: Row, delegated: dict[UUID, date]) -> date:
    if isinstance(row, TaskRow):
        return delegated.get(row.task_id) or local_day(row.opened_at, view.authority.zone)
    return row.since
