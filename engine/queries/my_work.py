"""What waits for somebody: tasks and the actions of plans in one list, soonest first, and what others owe them."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final, Literal
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Invalid, NotFound
from engine.process_engine import ProcessEngine
from engine.queries import action_rows, saved_lists, task_rows, visibility, worklist
from engine.queries.action_rows import ActionRow
from engine.queries.action_runs import ActionRuns
from engine.queries.due_states import SOON_WITHIN, last_overdue_day
from engine.queries.saved_lists import SavedList
from engine.queries.task_rows import TaskRow
from engine.queries.task_runs import Place, Runs, late_until
from engine.queries.view import View, viewing
from engine.store import relations
from engine.store.tables.record import cases, plan_actions
from engine.store.tables.running import user_tasks
from engine.store.tables.worklists import put_off

Whose = Literal["mine", "all", "team", "unclaimed", "overdue"]
VIEWS: Final[tuple[Whose, ...]] = ("mine", "all", "team", "unclaimed", "overdue")
WHAT: Final = ("", "tasks", "actions")
DUE: Final = ("", "late", "week")
PAGE: Final = 50

Row = TaskRow | ActionRow


@dataclass(frozen=True, slots=True)
class Choice:
    """Which work to list: whose (`VIEWS`), of what kind (`WHAT`), by when (`DUE`), of one process only.

    Raises `Invalid` for another list, kind or time.
    """

    whose: str = "mine"
    what: str = ""
    due: str = ""
    process: str = ""

    def __post_init__(self) -> None:
        for name, given, known in (
            ("whose", self.whose, VIEWS), ("what", self.what, WHAT), ("due", self.due, DUE),
        ):  # fmt: skip
            if given not in known:
                raise Invalid(f"There is no list '{given}' to choose", field=name)

    @property
    def tasks(self) -> bool:
        """Tell whether tasks are on the list."""
        return self.what != "actions"

    @property
    def actions(self) -> bool:
        """Tell whether actions are: nobody's are never among them, as every action has an owner."""
        return self.what != "tasks" and not self.process and self.whose != "unclaimed"


@dataclass(frozen=True, slots=True)
class MyWork:
    """A page of work, soonest first. `next` starts the page after; `later` is how much the actor has put off.

    `saved` are the lists saved by name, `processes` the keys and names of those one may ask for, by name.
    """

    rows: tuple[Row, ...]
    next: str | None
    later: int
    saved: tuple[SavedList, ...]
    processes: tuple[tuple[str, str], ...]


def read(
    engine: ProcessEngine, *, actor: Actor, choice: Choice, after: str | None = None, limit: int = PAGE
) -> MyWork:
    """Return a page of the open work of one choice: what the actor has put off is not on their own lists.

    `mine` and `all` hold what was given to the actor or to somebody away whom they cover, `all` what waits in their
    groups' queues too. Raises `Invalid` for a place or a limit that is none.
    """
    if not 1 <= limit <= worklist.LONGEST_PAGE:
        raise Invalid(f"A page holds 1 to {worklist.LONGEST_PAGE} rows", field="limit")
    start = Place.read(after) if after else None
    with viewing(engine, actor) as view:
        later = _put_off(view) if choice.whose in ("mine", "all") else {}
        found = places(view, choice, later=list(later), after=start, limit=limit + 1)
        following = found[limit - 1].text() if len(found) > limit else None
        return MyWork(
            rows=tuple(rows(view, [place.id for place in found[:limit]])),
            next=following,
            later=len(later),
            saved=saved_lists.of_actor(view),
            processes=_processes(view),
        )


def rows(view: View, ids: Sequence[UUID]) -> list[Row]:
    """Return the rows of tasks and actions, in the order of `ids`; what the actor may not see is left out."""
    tasks = task_rows.read(view, ids)
    permitted = worklist.permitted(view, tasks)
    if len(tasks) == len(ids):
        return list(permitted)
    known = {row.task_id for row in tasks}
    found: dict[UUID, Row] = {row.task_id: row for row in permitted}
    found |= {row.action_id: row for row in _actions(view, [id_ for id_ in ids if id_ not in known])}
    return [found[id_] for id_ in ids if id_ in found]


def _actions(view: View, ids: Sequence[UUID]) -> list[ActionRow]:
    """Return the rows of actions: one's own, and others' only where one is more than one of the team.

    What a family lets its team know of each other's part is for the case's page, which knows what consent covers.
    """
    actions = action_rows.read(view, ids)
    stands = relations.of_many(view.connection, view.actor, [row.case_id for row in actions])
    own = {view.actor.practitioner_id, *view.actor.covers}
    return [
        row
        for row in actions
        if row.case_id in stands
        and permissions.may_see_case(view.actor, stands[row.case_id])
        and (row.assignee_id in own or not permissions.reads_as_team(view.actor, stands[row.case_id]))
    ]


def places(
    view: View, choice: Choice, *, later: Sequence[UUID] = (), after: Place | None = None, limit: int = PAGE
) -> list[Place]:
    """Return where the next `limit` tasks and actions of a choice stand, without what was put off (`later`)."""
    until = _until(view, choice)
    tasks: list[Place] = []
    if choice.tasks:
        besides: list[sa.ColumnElement[bool]] = [user_tasks.c.id.not_in(later)] if later else []
        if choice.process:
            besides.append(user_tasks.c.process_key == choice.process)
        due_by, also = (until, []) if until is None or until > view.today else late_until(view.today, until)
        found = Runs(worklist.runs_of(view, choice.whose), due_by, [*besides, *also])
        tasks = found.page(view.connection, after=after, limit=limit)
    if not choice.actions:
        return tasks
    actions = _action_runs(view, choice, later, until).page(view.connection, after=after, limit=limit)
    return list(islice(heapq.merge(tasks, actions), limit))


def _until(view: View, choice: Choice) -> date | None:
    calendar = view.authority.calendar
    if choice.whose == "overdue" or choice.due == "late":
        return last_overdue_day(view.today, calendar)
    return calendar.add_working_days(view.today, SOON_WITHIN) if choice.due == "week" else None


def _action_runs(view: View, choice: Choice, later: Sequence[UUID], until: date | None) -> ActionRuns:
    """Return the runs over actions; of colleagues, those on cases within the actor's reach."""
    oneself = [view.actor.practitioner_id, *sorted(view.actor.covers)]
    besides: list[sa.ColumnElement[bool]] = [plan_actions.c.id.not_in(later)] if later else []
    if choice.whose in ("mine", "all"):
        return ActionRuns(oneself, until, besides)
    others = worklist.colleagues(view)
    if choice.whose == "overdue":
        others = [*oneself, *others]
    if not permissions.sees_whole_authority(view.actor):
        besides.append(visibility.reaches(view.actor, cases.c.id))
    return ActionRuns(others, until, besides)


def _processes(view: View) -> tuple[tuple[str, str], ...]:
    names = view.engine.library.process_names(view.connection, view.authority)
    return tuple(sorted(((key, view.said(name)) for key, name in names.items()), key=lambda each: each[1]))


def _put_off(view: View) -> dict[UUID, date]:
    """Return what the actor has put off to a day still to come, by the id of the task or action."""
    found = view.connection.execute(_PUT_OFF, {"me": view.actor.practitioner_id, "today": view.today})
    return {row.task_id or row.action_id: row.until_on for row in found}


MOST_PUT_OFF: Final = 200
"""How much somebody may put off at a time."""
_PUT_OFF = (
    sa.select(put_off.c.task_id, put_off.c.action_id, put_off.c.until_on)
    .select_from(
        put_off.outerjoin(user_tasks, user_tasks.c.id == put_off.c.task_id).outerjoin(
            plan_actions, plan_actions.c.id == put_off.c.action_id
        )
    )
    .where(
        put_off.c.practitioner_id == sa.bindparam("me", type_=sa.Uuid),
        put_off.c.until_on > sa.bindparam("today", type_=sa.Date),
        sa.or_(user_tasks.c.state == "open", plan_actions.c.id.is_not(None) & plan_actions.c.closed_on.is_(None)),
    )
    .order_by(put_off.c.until_on)
    .limit(MOST_PUT_OFF)
)


@dataclass(frozen=True, slots=True)
class Later:
    """Something put off, and until which day."""

    row: Row
    until: date


def later(engine: ProcessEngine, *, actor: Actor) -> tuple[Later, ...]:
    """Return what the actor has put off and still has, what comes back soonest first."""
    with viewing(engine, actor) as view:
        until = _put_off(view)
        found = rows(view, list(until))
        mine = {actor.practitioner_id, *actor.covers}
        return tuple(Later(row, until[id_of(row)]) for row in found if row.assignee_id in mine)


def one(engine: ProcessEngine, *, actor: Actor, id_: UUID) -> Row:
    """Return the row of a task or an action. Raises `NotFound` when the actor may not see it, or not its case."""
    with viewing(engine, actor) as view:
        found = rows(view, [id_])
    if not found or (isinstance(found[0], TaskRow) and found[0].alone):
        raise NotFound("There is no such work")
    return found[0]


def working_day(engine: ProcessEngine, *, actor: Actor, ahead: int) -> date:
    """Return the local day that lies so many working days ahead of today."""
    with viewing(engine, actor) as view:
        return view.authority.calendar.add_working_days(view.today, ahead)


def id_of(row: Row) -> UUID:
    """Return the id of the task or the action."""
    return row.task_id if isinstance(row, TaskRow) else row.action_id
