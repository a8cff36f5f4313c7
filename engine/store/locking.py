"""Read and lock what an act is about: the case row first, always, so that acts on one case queue.

On PostgreSQL the rows read are locked (`FOR UPDATE`), the case row first because it stands first in FROM;
locking all of them, not the case alone, makes PostgreSQL give their newest versions after a wait. On SQLite
the write transaction itself is the lock.

An act on several cases locks them in the order of their ids, whatever it does with them: two such acts then queue, and
never stand in each other's way. One that learns of a smaller one too late is carried out anew (`in_order`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Conflict, NotFound
from engine.store import consent_cover
from engine.store.history import Head
from engine.store.sets import among
from engine.store.tables.access import case_restrictions
from engine.store.tables.people import authorities
from engine.store.tables.record import cases
from engine.store.tables.running import instances, timer_leases, timers, user_tasks
from engine.store.turns import BUSY

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class CaseLine:
    """The case row of an act: its version and the end of its history. `restricted`: nobody works on it by office."""

    id: UUID
    authority_id: UUID
    authority_version: int
    child_id: UUID | None
    closed: bool
    version: int
    head: Head
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class InstanceLine:
    """A process instance as stored; `messages` are the names of those it waits for."""

    id: UUID
    definition_id: UUID
    status: str
    state: bytes
    version: int
    messages: Sequence[str]


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A user task as stored. `variables` are those it was opened with.

    `may_be_kept`: the family's consent may keep its case from who has it (`consent_cover.may_be_kept_from`).
    """

    id: UUID
    process_key: str
    element_id: str
    name: str
    state: str
    form_id: UUID | None
    assignee_id: UUID | None
    groups: frozenset[str]
    variables: Mapping[str, Any]
    closed_by: UUID | None
    closed_at: Any
    version: int
    personal: bool
    delegated_by: UUID | None = None
    may_be_kept: bool = False


_CASE = (
    cases.c.id.label("of_case"), cases.c.authority_id.label("case_authority"), cases.c.child_id, cases.c.closed_on,
    cases.c.version.label("case_version"), cases.c.history_count, cases.c.history_head,
    authorities.c.version.label("authority_version"),
    sa.exists()
    .where(case_restrictions.c.case_id == cases.c.id, case_restrictions.c.lifted_at.is_(None))
    .label("restricted"),
)  # fmt: skip
_INSTANCE = (
    instances.c.id.label("of_instance"), instances.c.definition_id, instances.c.status,
    instances.c.state.label("instance_state"),
    instances.c.version.label("instance_version"), instances.c.messages.label("instance_messages"),
)  # fmt: skip
_CASE_QUERY = (
    sa.select(*_CASE)
    .select_from(cases.join(authorities, authorities.c.id == cases.c.authority_id))
    .where(cases.c.id == sa.bindparam("case_id"))
    .with_for_update(of=cases)
)
_FREE_CASE_QUERY = _CASE_QUERY.with_for_update(of=cases, skip_locked=True)
_CASES_QUERY = (
    sa.select(*_CASE)
    .select_from(cases.join(authorities, authorities.c.id == cases.c.authority_id))
    .where(among(cases.c.id))
    .order_by(cases.c.id)
    .with_for_update(of=cases)
)
_FREE_CASES_QUERY = _CASES_QUERY.with_for_update(of=cases, skip_locked=True)
_INSTANCE_QUERY = sa.select(*_INSTANCE).where(instances.c.id == sa.bindparam("instance_id"))
_TASK = (
    user_tasks.c.id, user_tasks.c.process_key, user_tasks.c.element_id, user_tasks.c.name, user_tasks.c.state,
    user_tasks.c.form_id, user_tasks.c.assignee_id, user_tasks.c.candidate_groups, user_tasks.c.variables,
    user_tasks.c.closed_by, user_tasks.c.closed_at, user_tasks.c.version, user_tasks.c.delegated_by,
    user_tasks.c.personal,
    consent_cover.may_be_kept_from(cases.c.id, user_tasks.c.assignee_id).label("may_be_kept"),
)  # fmt: skip
_TASK_QUERY = (
    sa.select(*_TASK, *_CASE, *_INSTANCE)
    .select_from(
        cases.join(user_tasks, user_tasks.c.case_id == cases.c.id)
        .join(instances, instances.c.id == user_tasks.c.instance_id)
        .join(authorities, authorities.c.id == cases.c.authority_id)
    )
    .where(user_tasks.c.id == sa.bindparam("task_id"))
    .with_for_update(of=(cases, user_tasks, instances))
)


def case(connection: sa.Connection, case_id: UUID) -> CaseLine:
    """Read and lock a case. Raises `NotFound`."""
    row = connection.execute(_CASE_QUERY, {"case_id": case_id}).first()
    if row is None:
        raise NotFound("There is no such case", case_id=case_id)
    return _case_line(row)


class OutOfOrder(Conflict):
    """A case that stands before the one already locked is somebody else's now; `first` are the ids to begin with."""

    def __init__(self, *first: UUID) -> None:
        super().__init__(BUSY, case_id=first[0])
        self.first = first


def another(connection: sa.Connection, case_id: UUID, *, after: UUID) -> CaseLine:
    """Read and lock a further case in an act that has locked the case `after`. Raises `NotFound`, `OutOfOrder`."""
    if case_id > after:
        return case(connection, case_id)
    row = connection.execute(_FREE_CASE_QUERY, {"case_id": case_id}).first()
    if row is not None:
        return _case_line(row)
    if connection.execute(sa.select(cases.c.id).where(cases.c.id == case_id)).first() is None:
        raise NotFound("There is no such case", case_id=case_id)
    raise OutOfOrder(case_id)


def others(connection: sa.Connection, case_ids: Iterable[UUID], *, after: UUID) -> list[CaseLine]:
    """Read and lock further cases in an act that has locked the case `after`, in one order. Raises `OutOfOrder`."""
    wanted = sorted(set(case_ids))
    before = [each for each in wanted if each < after]
    free = {row.of_case: _case_line(row) for row in connection.execute(_FREE_CASES_QUERY, {"ids": before})}
    if len(free) < len(before):
        raise OutOfOrder(*before)
    later = cases_of(connection, [each for each in wanted if each > after])
    return [*free.values(), *later.values()]


def in_order(act: Callable[[tuple[UUID, ...]], _T]) -> _T:
    """Carry out an act that may come to need another case; give it the ids of those it is to lock first.

    They are none, and when it meets `OutOfOrder` it is carried out once more, with those that were not free.
    """
    try:
        return act(())
    except OutOfOrder as met:
        first = met.first
    return act(first)


def cases_of(connection: sa.Connection, case_ids: Iterable[UUID]) -> dict[UUID, CaseLine]:
    """Read and lock several cases, always in one order; those that are not there are left out."""
    return {row.of_case: _case_line(row) for row in connection.execute(_CASES_QUERY, {"ids": list(case_ids)})}


NO_TASK: Final = (
    "There is no such task, or it is not open to you any more: it may have been withdrawn, it may be somebody else’s "
    "now, or its case may have been closed to you. Who leads the case can say more"
)
"""Said alike of a task that never was: nobody learns that there is one."""


def task(connection: sa.Connection, task_id: UUID) -> tuple[TaskLine, InstanceLine, CaseLine]:
    """Read a user task with its instance and case, and lock the case. Raises `NotFound`."""
    row = connection.execute(_TASK_QUERY, {"task_id": task_id}).first()
    if row is None:
        raise NotFound(NO_TASK, task_id=task_id)
    line = TaskLine(
        id=row.id,
        process_key=row.process_key,
        element_id=row.element_id,
        name=row.name,
        state=row.state,
        form_id=row.form_id,
        assignee_id=row.assignee_id,
        groups=frozenset(row.candidate_groups),
        variables=row.variables,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        version=row.version,
        delegated_by=row.delegated_by,
        personal=row.personal,
        may_be_kept=bool(row.may_be_kept),
    )
    return line, _instance_line(row), _case_line(row)


def instance(connection: sa.Connection, instance_id: UUID) -> InstanceLine:
    """Read an instance whose case is already locked. Raises `NotFound`."""
    row = connection.execute(_INSTANCE_QUERY, {"instance_id": instance_id}).first()
    if row is None:
        raise NotFound("There is no such process instance", instance_id=instance_id)
    return _instance_line(row)


@dataclass(frozen=True, slots=True)
class TimerLine:
    """A timer as stored."""

    id: UUID
    task_id: UUID
    element_id: str
    due_at: Any
    tries: int


_TIMER = (timers.c.id, timers.c.task_id, timers.c.element_id, timers.c.due_at, timers.c.tries)
_TIMER_QUERY = (
    sa.select(*_TIMER, *_CASE, *_INSTANCE)
    .select_from(
        cases.join(instances, instances.c.case_id == cases.c.id)
        .join(timers, timers.c.instance_id == instances.c.id)
        .join(timer_leases, timer_leases.c.timer_id == timers.c.id)
        .join(authorities, authorities.c.id == cases.c.authority_id)
    )
    .where(
        timers.c.id == sa.bindparam("timer_id"),
        timer_leases.c.claim_id == sa.bindparam("claim_id"),
        timers.c.fired_at.is_(None),
        timers.c.cancelled_at.is_(None),
    )
    .with_for_update(of=(cases, instances, timers, timer_leases))
)


def timer(
    connection: sa.Connection, timer_id: UUID, *, claim_id: UUID
) -> tuple[TimerLine, InstanceLine, CaseLine] | None:
    """Read a timer with its instance and case, and lock them; None unless it waits and is this claim's to fire."""
    row = connection.execute(_TIMER_QUERY, {"timer_id": timer_id, "claim_id": claim_id}).first()
    if row is None:
        return None
    line = TimerLine(row.id, row.task_id, row.element_id, row.due_at, row.tries)
    return line, _instance_line(row), _case_line(row)


def _case_line(row: Any) -> CaseLine:
    return CaseLine(
        id=row.of_case,
        authority_id=row.case_authority,
        authority_version=row.authority_version,
        child_id=row.child_id,
        closed=row.closed_on is not None,
        version=row.case_version,
        head=Head(row.history_count, row.history_head),
        restricted=bool(row.restricted),
    )


def _instance_line(row: Any) -> InstanceLine:
    return InstanceLine(
        row.of_instance,
        row.definition_id,
        row.status,
        row.instance_state,
        row.instance_version,
        row.instance_messages,
    )
