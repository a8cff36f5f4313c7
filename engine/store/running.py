"""Write what a step changed: instances, user tasks and timers. A conditional update is the referee."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Conflict, EngineError
from engine.progress import Progress
from engine.store.locking import InstanceLine, TaskLine
from engine.store.sets import among
from engine.store.tables.running import case_instances, instances, offered_groups, timers, user_tasks
from engine.store.writes import Change, Insertion

# Built once: building a statement costs as much as running it.
_INSERT = Insertion(instances)
_INSERT_LINK = Insertion(case_instances)
_INSERT_TASK = Insertion(user_tasks)
_INSERT_OFFER = Insertion(offered_groups)
_INSERT_TIMER = Insertion(timers)
_SAVE = Change(
    sa.update(instances)
    .where(instances.c.id == sa.bindparam("id_"), instances.c.version == sa.bindparam("was"))
    .values(
        state=sa.bindparam("bytes_"),
        status=sa.bindparam("status_"),
        current=sa.bindparam("current_"),
        messages=sa.bindparam("messages_"),
        version=sa.bindparam("was") + 1,
        ended_at=sa.bindparam("ended_"),
        end=sa.bindparam("end_"),
    )
)
OPEN_AS_READ: Final = (
    user_tasks.c.id == sa.bindparam("id_"),
    user_tasks.c.state == "open",
    user_tasks.c.version == sa.bindparam("was"),
)
"""That the task `id_` is open and at the version `was`: nobody has changed it since it was read."""
_CLOSE_TASK = Change(
    sa.update(user_tasks)
    .where(*OPEN_AS_READ)
    .values(
        state="completed",
        closed_at=sa.bindparam("at_"),
        closed_by=sa.bindparam("by_"),
        version=sa.bindparam("was") + 1,
    )
)
_REASSIGN = (
    sa.update(user_tasks)
    .where(*OPEN_AS_READ)
    .values(
        assignee_id=sa.bindparam("to"),
        queue=sa.bindparam("queue_"),
        meant_for_id=None,
        asked_because="",
        delegated_by=sa.bindparam("by_"),
        delegated_on=sa.bindparam("on_"),
        version=sa.bindparam("was") + 1,
    )
)
_CANCEL_TASKS = (
    sa.update(user_tasks)
    .where(among(user_tasks.c.id), user_tasks.c.state == "open")
    .values(state="cancelled", closed_at=sa.bindparam("at_"), version=user_tasks.c.version + 1)
    .returning(user_tasks.c.id, user_tasks.c.candidate_groups)
)
_WITHDRAW = sa.delete(offered_groups).where(among(offered_groups.c.task_id))
_REDATE = (
    sa.update(user_tasks)
    .where(*OPEN_AS_READ)
    .values(due_on=sa.bindparam("due", type_=sa.Date), version=sa.bindparam("was") + 1)
)
_REDATE_EACH = Change(_REDATE)
_DISARM = Change(
    sa.update(timers)
    .where(
        timers.c.instance_id == sa.bindparam("instance"),
        timers.c.task_id == sa.bindparam("task"),
        timers.c.fired_at.is_(None),
        timers.c.cancelled_at.is_(None),
    )
    .values(cancelled_at=sa.bindparam("at_"))
)


def counts(connection: sa.Connection, authority_id: UUID) -> dict[tuple[str, UUID], int]:
    """Return how many instances of an authority have not ended, by process key and definition."""
    own = sa.select(instances.c.process_key, instances.c.definition_id, sa.func.count().label("number"))
    own = own.where(instances.c.authority_id == authority_id, instances.c.status != "ended")
    rows = connection.execute(own.group_by(instances.c.process_key, instances.c.definition_id))
    return {(row.process_key, row.definition_id): row.number for row in rows}


def insert_instance(connection: sa.Connection, row: dict[str, Any], progress: Progress, *, at: datetime) -> None:
    """Write a new instance. `row` has id, authority_id, definition_id, case_id, process_key."""
    _INSERT.each(connection, [{**row, **_progress_columns(progress, at), "version": 1, "started_at": at}])
    _INSERT_LINK.each(connection, [{"case_id": row["case_id"], "instance_id": row["id"]}])


def save_instance(connection: sa.Connection, line: InstanceLine, progress: Progress, *, at: datetime) -> None:
    """Write an instance's new state. Raises `Conflict`, now or before the commit, when it moved since it was read."""
    columns = _progress_columns(progress, at)
    row = {
        "id_": line.id,
        "was": line.version,
        "bytes_": columns["state"],
        "status_": columns["status"],
        "current_": columns["current"],
        "messages_": columns["messages"],
        "ended_": columns["ended_at"],
        "end_": columns["end"],
    }
    _SAVE.each(connection, [row], otherwise=Conflict(_MOVED))


def change_definition(connection: sa.Connection, instance_id: UUID, definition_id: UUID) -> None:
    """Let an instance run by another version of its diagram from now on."""
    connection.execute(
        sa.update(instances).where(instances.c.id == instance_id).values(definition_id=definition_id)
    )


def rename_timers(
    connection: sa.Connection, instance_id: UUID, renamed: Mapping[UUID, tuple[str, int]]
) -> None:
    """Let timers that wait, by task id, stand under another element and number of their instance."""
    rows = [
        {"instance": instance_id, "task": task_id, "element_": element_id, "number": occurrence}
        for task_id, (element_id, occurrence) in sorted(renamed.items())
    ]
    _RENAME.each(connection, rows)


_RENAME = Change(
    sa.update(timers)
    .where(
        timers.c.instance_id == sa.bindparam("instance"),
        timers.c.task_id == sa.bindparam("task"),
        timers.c.fired_at.is_(None),
        timers.c.cancelled_at.is_(None),
    )
    .values(element_id=sa.bindparam("element_"), occurrence=sa.bindparam("number"))
)


_MOVED = "The case moved on while this was being done. Look again before you go on."


def mark_incident(connection: sa.Connection, instance_id: UUID, *, broken: bool) -> None:
    """Show on a running instance whether an incident holds it up."""
    was, now = ("running", "incident") if broken else ("incident", "running")
    connection.execute(
        sa.update(instances).where(instances.c.id == instance_id, instances.c.status == was).values(status=now)
    )


def close_task(
    connection: sa.Connection, task: TaskLine, *, at: datetime, by: UUID | None, otherwise: EngineError
) -> None:
    """Complete a task; raise `otherwise`, now or before the commit, when it is no longer as it was read."""
    row = {"id_": task.id, "was": task.version, "at_": at, "by_": by}
    _CLOSE_TASK.each(connection, [row], otherwise=otherwise)
    if len(task.groups) > 1:
        connection.execute(_WITHDRAW, {"ids": [task.id]})


def cancel_tasks(connection: sa.Connection, task_ids: Sequence[UUID], *, at: datetime) -> None:
    """Close tasks that the process took away."""
    if task_ids:
        closed = connection.execute(_CANCEL_TASKS, {"ids": list(task_ids), "at_": at}).all()
        _withdraw(connection, closed)


def insert_tasks(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write newly opened tasks, all with the same columns, and the further groups they are offered to."""
    _INSERT_TASK.each(connection, rows)
    offers = [
        {"task_id": row["id"], "authority_id": row["authority_id"], "queue": group}
        for row in rows
        for group in sorted(row["candidate_groups"])[1:]
    ]
    _INSERT_OFFER.each(connection, offers)


def _withdraw(connection: sa.Connection, closed: Sequence[sa.Row[Any]]) -> None:
    """Take closed tasks off the lists of their further groups; those of one group stand on none."""
    ids = [row.id for row in closed if len(row.candidate_groups) > 1]
    if ids:
        connection.execute(_WITHDRAW, {"ids": ids})


def move_timers(
    connection: sa.Connection, instance_id: UUID, progress: Progress, *, ids: Sequence[UUID], zone: str, at: datetime
) -> None:
    """Arm and disarm the timers of a step; `ids` are fresh ids, one for each armed timer."""
    tasks = sorted({task_id for task_id, _ in progress.disarmed})
    _DISARM.each(connection, [{"instance": instance_id, "task": task_id, "at_": at} for task_id in tasks])
    armed_rows = [
        {
            "id": id_,
            "instance_id": instance_id,
            "task_id": armed.task_id,
            "element_id": armed.element_id,
            "occurrence": armed.occurrence,
            "zone": zone,
            "rule": armed.rule,
            "armed_at": at,
            "due_at": armed.due_at,
        }
        for id_, armed in zip(ids, progress.armed, strict=True)
    ]
    _INSERT_TIMER.each(connection, armed_rows)


def reassign(
    connection: sa.Connection,
    task_id: UUID,
    *,
    was: int,
    to: UUID | None,
    queue: str | None,
    delegated: tuple[UUID, date] | None = None,
) -> bool:
    """Give an open task at version `was` to `to` (or back to its group); False when somebody was faster.

    `delegated` says for whom it is done from now on, and since which local day.
    """
    by, on = delegated or (None, None)
    given = {"id_": task_id, "was": was, "to": to, "queue_": queue, "by_": by, "on_": on}
    return connection.execute(_REASSIGN, given).rowcount == 1


def redate(connection: sa.Connection, task_id: UUID, *, was: int, due_on: date | None) -> bool:
    """Move an open task's due date; False when somebody was faster."""
    return connection.execute(_REDATE, {"id_": task_id, "was": was, "due": due_on}).rowcount == 1


def redate_all(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Move the due dates of open tasks, each `id_` to the day `due` unless it is no longer at its version `was`."""
    _REDATE_EACH.each(connection, rows)


def _progress_columns(progress: Progress, at: datetime) -> dict[str, Any]:
    return {
        "state": progress.state,
        "status": "ended" if progress.ended else "running",
        "current": list(progress.current),
        "messages": sorted({wait.message for wait in progress.waits}),
        "ended_at": at if progress.ended else None,
        "end": progress.end or "",
    }


def on_case(connection: sa.Connection, case_id: UUID) -> list[UUID]:
    """Return the ids of what runs on a case."""
    return list(connection.execute(_RUNNING, {"case": case_id}).scalars())


def open_steps(connection: sa.Connection, case_id: UUID) -> list[tuple[UUID, str, str]]:
    """Return the steps at which a case waits for somebody: each definition's id, process key and element id."""
    return [tuple(row) for row in connection.execute(_OPEN_STEPS, {"case": case_id})]


def is_awaited(connection: sa.Connection, case_id: UUID, message: str) -> bool:
    """Tell whether something that runs on a case waits for a message."""
    return message in awaited(connection, case_id)


def awaited(connection: sa.Connection, case_id: UUID) -> frozenset[str]:
    """Return the messages for which something that runs on a case waits."""
    return frozenset(name for names in connection.execute(_AWAITED, {"case": case_id}).scalars() for name in names)


_ON_CASE = (instances.c.case_id == sa.bindparam("case")) & (instances.c.status != "ended")
_RUNNING = sa.select(instances.c.id).where(_ON_CASE)
_AWAITED = sa.select(instances.c.messages).where(_ON_CASE)
BY_CASE: Final = (_AWAITED,)
_OPEN_STEPS = (
    sa.select(instances.c.definition_id, user_tasks.c.process_key, user_tasks.c.element_id)
    .join(instances, instances.c.id == user_tasks.c.instance_id)
    .where(user_tasks.c.case_id == sa.bindparam("case"), user_tasks.c.state == "open")
)
