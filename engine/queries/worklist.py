"""The lists of tasks that wait, and the page of one task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import GROUP_ROLES, MAG_GROUP, MANAGERS, NARROWED, Actor, Relation
from engine.errors import Invalid
from engine.process_engine import ProcessEngine
from engine.queries import task_rows, visibility
from engine.queries.due_states import last_overdue_day
from engine.queries.task_asked import Asked, asked
from engine.queries.task_page import TaskPage, task
from engine.queries.task_rows import TaskRow
from engine.queries.task_runs import (
    AlsoAsksManager,
    AsksManager,
    Covered,
    Offered,
    OfPerson,
    OfQueue,
    Place,
    Run,
    Runs,
    late_until,
)
from engine.queries.view import View, viewing
from engine.store import offers, own_closures, relations, resting
from engine.store.tables.people import team_memberships
from engine.store.tables.running import user_tasks

__all__ = ["VIEWS", "Asked", "TaskPage", "TaskRow", "Worklist", "asked", "task", "tasks"]

Whose = Literal["mine", "team", "unclaimed", "overdue"]
VIEWS: Final[tuple[Whose, ...]] = ("mine", "team", "unclaimed", "overdue")
LONGEST_PAGE = 200
MOST_OFFERED: Final = 50
"""How many tasks that wait for a group are counted beside one's own list: a page of them, which is as far as one looks.
To count a thousand takes longer than to show the page."""


@dataclass(frozen=True, slots=True)
class Worklist:
    """A page of tasks, soonest first. `next` starts the page after; `count` stops at 1,000."""

    rows: tuple[TaskRow, ...]
    next: str | None
    count: int


def tasks(
    engine: ProcessEngine, *, actor: Actor, whose: str = "mine", after: str | None = None, limit: int = 50
) -> Worklist:
    """Return a page of the open tasks on one list.

    `mine` are those given to the actor, or to somebody away whom they cover but for what is personal; `unclaimed` those
    that wait in their groups' queues (in all, for a coordinator); `team` those of their teams and of whom they manage;
    `overdue` what is late of all these (in the whole authority, for a coordinator). Only tasks whose case or work is
    the actor's to see are on any of them.
    Raises `Invalid` for another list, page or limit.
    """
    if whose not in VIEWS:
        raise Invalid(f"There is no list '{whose}'; lists are {', '.join(VIEWS)}", field="whose")
    if not 1 <= limit <= LONGEST_PAGE:
        raise Invalid(f"A page holds 1 to {LONGEST_PAGE} tasks", field="limit")
    start = Place.read(after) if after else None
    with viewing(engine, actor) as view:
        late = last_overdue_day(view.today, view.authority.calendar)
        runs = Runs(runs_of(view, whose), *(late_until(view.today, late) if whose == "overdue" else ()))
        places = runs.page(view.connection, after=start, limit=limit + 1)
        rows = permitted(view, task_rows.read(view, [place.id for place in places[:limit]]))
        following = places[limit - 1].text() if len(places) > limit else None
        return Worklist(tuple(rows), following, runs.count(view.connection))


def offered(engine: ProcessEngine, *, actor: Actor) -> int:
    """Return how many open tasks wait in the actor's groups' queues; `MOST_OFFERED` + 1 when there are more."""
    with viewing(engine, actor) as view:
        waiting = Runs(_of_queues(view))
        return len(waiting.page(view.connection, after=None, limit=MOST_OFFERED + 1))


def runs_of(view: View, whose: str) -> list[Run]:
    """Return the runs that make up one of `VIEWS`, or `all`: one's own and those of one's groups' queues.

    Of what is overdue they are those of everybody; the caller says until which day.
    """
    if whose == "mine":
        return _of_oneself(view)
    if whose == "unclaimed":
        return _of_queues(view)
    if whose == "team":
        return _of_team(view)
    if whose == "all":
        return [*_of_oneself(view), *_of_queues(view)]
    if permissions.sees_whole_authority(view.actor):
        return [Run(user_tasks.c.authority_id == view.actor.authority_id)]
    return [*_of_oneself(view), *_of_queues(view), *_of_team(view)]


def _of_oneself(view: View) -> list[Run]:
    """Return one run for the actor's own tasks, and one for each whom they cover: where they stand in for them."""
    shut = visibility.not_theirs_to_cover(view)
    here = user_tasks.c.case_id.not_in(shut) if shut else None
    covered = [Covered(person=person, only=here) for person in sorted(view.actor.covers)]
    return [OfPerson(person=view.actor.practitioner_id), *covered]


def _of_queues(view: View) -> list[Run]:
    """Return one run for each queue of the actor's groups, and one over what other queues offer to them too.

    What is offered to line managers and to multi-agency groups is narrowed to those it asks.
    """
    own, whole = view.actor.authority_id, permissions.sees_whole_authority(view.actor)
    groups = GROUP_ROLES.keys() if whole else view.actor.groups - NARROWED
    runs: list[Run] = [OfQueue(authority=own, queue=group) for group in sorted(groups)]
    others = tuple(sorted(GROUP_ROLES.keys() - groups))
    if groups and others:
        runs.append(Offered(authority=own, groups=tuple(sorted(groups)), others=others))
    me = view.actor.practitioner_id
    if MAG_GROUP in view.actor.groups - groups:
        theirs = relations.asks_group(me, own) & user_tasks.c.id.not_in(offers.to_groups(own, groups))
        runs.append(OfQueue(authority=own, queue=MAG_GROUP, only=theirs))
        runs.append(Offered(authority=own, groups=(MAG_GROUP,), others=others, only=theirs))
    if MANAGERS in view.actor.groups - groups:
        runs.append(AsksManager(authority=own, queue=MANAGERS, manager=me))
        runs.append(AlsoAsksManager(authority=own, groups=(MANAGERS,), others=others, manager=me))
    return runs


def _of_team(view: View) -> list[Run]:
    """Return one run for each colleague, over the cases within the actor's reach."""
    seen = visibility.reaches(view.actor, user_tasks.c.case_id)
    found: list[Run] = [OfPerson(person=person, only=seen) for person in colleagues(view)]
    # Of whom they manage and cover: what they may put right, on a case on which they do not stand in.
    if both := sorted(view.actor.manages & view.actor.covers):
        alone = user_tasks.c.case_id.in_(visibility.not_theirs_to_cover(view)) & seen
        found += [OfPerson(person=person, only=alone) for person in both]
    return found


def colleagues(view: View) -> list[UUID]:
    """Return whom the actor manages and who is of one of their teams, without those they cover."""
    found = set(view.actor.manages)
    if view.actor.team_ids:
        found |= set(
            view.connection.execute(
                sa.select(team_memberships.c.practitioner_id).where(
                    team_memberships.c.team_id.in_(view.actor.team_ids), team_memberships.c.to_on.is_(None)
                )
            ).scalars()
        )
    return sorted(found - {view.actor.practitioner_id, *view.actor.covers})


def permitted(view: View, rows: Sequence[TaskRow]) -> list[TaskRow]:
    """Keep the rows that the actor may see; the runs already narrow to them, this is what decides.

    One's own too stands on no list while its page is closed to who has it, as the family lets nothing be shared. A task
    of somebody whom the actor manages stands there without its case, where that is not theirs to see.
    """
    rows = _without_own_closures(view, rows)
    own = [row.task_id for row in rows if _own(view.actor, row)]
    doubtful = resting.among_tasks(view.connection, own, view.actor.practitioner_id)
    sure = set(own) - doubtful
    asked = [row.case_id for row in rows if row.task_id not in sure]
    stands = relations.of_many(view.connection, view.actor, asked)
    found, stranger = [], Relation()
    for row in rows:
        relation = stands.get(row.case_id, stranger)
        mine = row.task_id in sure or (row.task_id in doubtful and _may_see(view.actor, relation, row))
        if mine or permissions.may_read_case(view.actor, relation):
            found.append(row)
        elif permissions.may_put_right(view.actor, relation, assignee=row.assignee_id):
            found.append(task_rows.without_case(row))
    return found


def _may_see(actor: Actor, relation: Relation, row: TaskRow) -> bool:
    return permissions.may_see_task(actor, relation, assignee=row.assignee_id, groups=row.groups, personal=row.personal)


def _without_own_closures(view: View, rows: Sequence[TaskRow]) -> list[TaskRow]:
    """Leave out what nobody has yet and the actor may not take: the sign-off of what they wrote."""
    free = {row.case_id for row in rows if row.assignee_id is None and row.element_id in own_closures.SIGN_OFFS}
    own = own_closures.written_by(view.connection, view.actor.practitioner_id, free)
    return [
        row
        for row in rows
        if row.assignee_id is not None or row.element_id not in own_closures.SIGN_OFFS or row.case_id not in own
    ]


def _own(actor: Actor, row: TaskRow) -> bool:
    # Which multi-agency group a case waits for, who manages its people, and whether somebody stands in on it, is known
    # with how they stand to it.
    if row.assignee_id in actor.covers:
        return False
    groups = row.groups - permissions.NARROWED
    return permissions.may_do_task(actor, assignee=row.assignee_id, groups=groups, personal=row.personal)
