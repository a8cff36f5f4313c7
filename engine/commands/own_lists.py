"""What somebody arranges on their own list of work: put off until a day, brought back, a list saved by name."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.casework.lateness import PROTECTING
from engine.casework.permissions import Actor, may_do_task, may_read_case, may_see_case, may_see_task
from engine.clock import local_day
from engine.errors import Invalid, NotFound
from engine.process_engine import ProcessEngine
from engine.store import relations, resting
from engine.store.tables.people import authorities
from engine.store.tables.record import cases, plan_actions
from engine.store.tables.running import user_tasks
from engine.store.tables.worklists import put_off, saved_lists

FARTHEST: Final = timedelta(days=92)
"""How long something may be put off: to the next quarter's review at the longest."""
MOST_SAVED: Final = 30
LONGEST_NAME: Final = 60
LONGEST_QUERY: Final = 300


def put_off_until(
    engine: ProcessEngine,
    *,
    actor: Actor,
    until_on: date,
    task_id: UUID | None = None,
    action_id: UUID | None = None,
) -> None:
    """Keep a task or an action off the actor's own lists until a local day; nothing changes for anybody else.

    Raises `NotFound` when it is not theirs to do, `Invalid` (field `until_on`) for a day that is not to come, lies past
    the day it is due, or further away than `FARTHEST`, and for what protects a child: that stays in sight.
    """
    now = engine.clock.now()
    with engine.sessions.act() as connection:
        row = _own(connection, actor, task_id=task_id, action_id=action_id)
        own = sa.select(authorities.c.zone).where(authorities.c.id == actor.authority_id)
        today = local_day(now, ZoneInfo(connection.execute(own).scalar_one()))
        _require_day(row, until_on, today)
        column, id_ = (put_off.c.task_id, task_id) if task_id else (put_off.c.action_id, action_id)
        mine = (put_off.c.practitioner_id == actor.practitioner_id) & (column == id_)
        changed = connection.execute(sa.update(put_off).where(mine).values(until_on=until_on))
        if changed.rowcount == 0:
            kept = {"id": engine.ids.new(), "authority_id": actor.authority_id, "until_on": until_on}
            kept |= {"practitioner_id": actor.practitioner_id, column.name: id_}
            connection.execute(sa.insert(put_off).values(**kept))


def bring_back(
    engine: ProcessEngine, *, actor: Actor, task_id: UUID | None = None, action_id: UUID | None = None
) -> None:
    """Put something back on the actor's own lists; what was not put off stays as it is."""
    column, id_ = (put_off.c.task_id, task_id) if task_id else (put_off.c.action_id, action_id)
    mine = (put_off.c.practitioner_id == actor.practitioner_id) & (column == id_)
    with engine.sessions.act() as connection:
        connection.execute(sa.delete(put_off).where(mine))


def save(
    engine: ProcessEngine, *, actor: Actor, name: str, query: str, shared: bool = False, place: str = "tasks"
) -> None:
    """Keep a list (the end of its address) under a name, in place of one of that name; shared with one's first team.

    `place` is the page it is of: `tasks` or `overdue`.

    Raises `Invalid` naming the field: without a name, for a name or an address too long, past `MOST_SAVED` lists, or
    shared by somebody who is in no team.
    """
    name = " ".join(name.split())
    if not name:
        raise Invalid("Enter a name for this list", field="name")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"Use at most {LONGEST_NAME} characters for the name", field="name")
    if len(query) > LONGEST_QUERY:
        raise Invalid("This list cannot be saved", field="name")
    if shared and not actor.team_ids:
        raise Invalid("You are in no team that you could share this with", field="shared")
    team = min(actor.team_ids) if shared else None
    with engine.sessions.act() as connection:
        mine = saved_lists.c.practitioner_id == actor.practitioner_id
        named = mine & (saved_lists.c.name == name) & (saved_lists.c.place == place)
        values = {"query": query, "team_id": team, "saved_at": engine.clock.now()}
        if connection.execute(sa.update(saved_lists).where(named).values(**values)).rowcount:
            return
        if connection.execute(sa.select(sa.func.count()).where(mine)).scalar_one() >= MOST_SAVED:
            raise Invalid(f"You have {MOST_SAVED} lists already. Remove one first", field="name")
        kept = {"id": engine.ids.new(), "authority_id": actor.authority_id, "name": name, "place": place, **values}
        connection.execute(sa.insert(saved_lists).values(practitioner_id=actor.practitioner_id, **kept))


def remove(engine: ProcessEngine, *, actor: Actor, list_id: UUID) -> None:
    """Remove a list of one's own, for the team too. Raises `NotFound`."""
    with engine.sessions.act() as connection:
        mine = (saved_lists.c.id == list_id) & (saved_lists.c.practitioner_id == actor.practitioner_id)
        if connection.execute(sa.delete(saved_lists).where(mine)).rowcount == 0:
            raise NotFound("There is no such list", list_id=list_id)


def _own(connection: sa.Connection, actor: Actor, *, task_id: UUID | None, action_id: UUID | None) -> Any:
    """Return the due day and the process of what the actor has to do, where My work shows it. Raises `NotFound`."""
    if task_id is not None:
        row = connection.execute(_TASK, {"id": task_id, "authority": actor.authority_id}).first()
        if row and may_do_task(actor, assignee=row.who, groups=frozenset(), personal=row.personal):
            kept = row.who in actor.covers or resting.among_tasks(connection, [task_id], actor.practitioner_id)
            relation = relations.of(connection, actor, row.case_id) if kept else None
            asked = {"assignee": row.who, "groups": frozenset[str](), "personal": row.personal}
            if relation is None or may_read_case(actor, relation) or may_see_task(actor, relation, **asked):
                return row
    elif action_id is not None:
        row = connection.execute(_ACTION, {"id": action_id, "authority": actor.authority_id}).first()
        mine = (actor.practitioner_id, *actor.covers)
        if row and row.who in mine and may_see_case(actor, relations.of(connection, actor, row.case_id)):
            return row
    raise NotFound("There is no such work of yours")


_ID, _AUTHORITY = sa.bindparam("id", type_=sa.Uuid), sa.bindparam("authority", type_=sa.Uuid)
_TASK: Final = sa.select(
    user_tasks.c.assignee_id.label("who"), user_tasks.c.personal, user_tasks.c.due_on, user_tasks.c.case_id,
    user_tasks.c.process_key,
).where(user_tasks.c.id == _ID, user_tasks.c.authority_id == _AUTHORITY, user_tasks.c.state == "open")  # fmt: skip
_ACTION: Final = (
    sa.select(
        plan_actions.c.owner_id.label("who"), plan_actions.c.due_on, plan_actions.c.case_id,
        sa.literal("").label("process_key"),
    )
    .join(cases, cases.c.id == plan_actions.c.case_id)
    .where(plan_actions.c.id == _ID, plan_actions.c.authority_id == _AUTHORITY)
    .where(plan_actions.c.closed_on.is_(None), cases.c.closed_on.is_(None))
)  # fmt: skip


def _require_day(row: Any, until_on: date, today: date) -> None:
    if row.process_key in PROTECTING:
        raise Invalid("This protects a child, so it stays in sight", field="until_on")
    if until_on <= today:
        raise Invalid("Enter a day that is still to come", field="until_on")
    if row.due_on is not None and row.due_on < today:
        raise Invalid("This is late already. Say in a comment what is being done about it", field="until_on")
    if row.due_on is not None and until_on > row.due_on:
        raise Invalid("Enter a day no later than the day it is due", field="until_on")
    if until_on > today + FARTHEST:
        raise Invalid("Enter a day within the next three months", field="until_on")
