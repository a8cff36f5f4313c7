"""What a task asks, for reading what was typed into its page, and whether somebody may know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotFound
from engine.forms import Form
from engine.process_engine import ProcessEngine
from engine.queries import visibility
from engine.queries.view import View, view_on
from engine.store import earlier_holders, relations
from engine.store.locking import NO_TASK
from engine.store.tables.people import authorities, practitioners
from engine.store.tables.running import user_tasks


@dataclass(frozen=True, slots=True)
class Asked:
    """What a task asks, for reading what was answered: nothing of the case's record.

    `gone` says, where it is not the actor's to do, who has it as far as they may know; else it is empty. `known` tells
    that its page is open to them: not of one that is done or called off, where it was all that showed them the case.
    """

    task_id: UUID
    case_id: UUID
    name: str
    form: Form | None
    gone: str
    known: bool


def asked(engine: ProcessEngine, *, actor: Actor, task_id: UUID) -> Asked:
    """Return what a task asks. Raises `NotFound` when the actor may not know of it and never had it.

    Of one that is not open any more too: whoever it showed the case until then may be sending its page again.
    """
    with engine.sessions.read() as connection:
        row, is_known = _read(connection, actor, task_id, _ASKED)
        theirs = is_known or (row is not None and row.state != "open" and _sees(connection, actor, row))
        if not theirs and not earlier_holders.had(connection, actor, task_id):
            raise _none(task_id)
        view = view_on(engine, connection, actor, version=row.authority_version)
        form = view.form(row.form_id) if row.form_id else None
        return Asked(row.id, row.case_id, view.said(row.name), form, _gone(view, row, theirs=theirs), is_known)


def _sees(connection: sa.Connection, actor: Actor, row: Any) -> bool:
    """Tell whether the actor would see a task if it were open."""
    relation = relations.of(connection, actor, row.case_id)
    groups = frozenset(row.candidate_groups)
    return permissions.may_see_task(actor, relation, assignee=row.assignee_id, groups=groups, personal=row.personal)


def _gone(view: View, row: Any, *, theirs: bool) -> str:
    groups = frozenset(row.candidate_groups)
    if not theirs:
        return "This task is not with you any more."
    if row.state != "open" or permissions.may_do_task(
        view.actor, assignee=row.assignee_id, groups=groups, personal=row.personal
    ):
        return ""
    who = sa.select(practitioners.c.name).where(practitioners.c.id == row.assignee_id)
    return f"{view.connection.execute(who).scalar() or 'Nobody'} has this task now."


def known(connection: sa.Connection, actor: Actor, task_id: UUID, query: sa.Select[Any]) -> Any:
    """Return what `query` reads of a task, which is at least whose it is.

    Raises `NotFound` when the actor may not know of it.
    """
    row, is_known = _read(connection, actor, task_id, query)
    if not is_known:
        raise _none(task_id)
    return row


def opened(connection: sa.Connection, actor: Actor, task_id: UUID, query: sa.Select[Any]) -> tuple[Any, bool]:
    """Return what `query` reads of a task, and whether it is alone the actor's to know, as they manage who has it.

    Raises `NotFound` as `known` does.
    """
    row, is_known = _read(connection, actor, task_id, query)
    if is_known:
        return row, False
    if row is not None and row.state == "open" and row.assignee_id in actor.manages:
        relation = relations.of(connection, actor, row.case_id)
        if permissions.may_put_right(actor, relation, assignee=row.assignee_id):
            return row, True
    raise _none(task_id)


def _read(connection: sa.Connection, actor: Actor, task_id: UUID, query: sa.Select[Any]) -> tuple[Any, bool]:
    """Return what `query` reads of a task, and whether the actor may know of it."""
    row = connection.execute(query, {"task_id": task_id, "authority_id": actor.authority_id}).first()
    if row is None:
        return None, False
    relation = relations.of(connection, actor, row.case_id)
    groups = frozenset(row.candidate_groups)
    known = permissions.may_see_task(
        actor, relation, assignee=row.assignee_id, groups=groups, personal=row.personal, closed=row.state != "open"
    )
    if known:
        visibility.require_purpose(actor, row.case_id, relation)
    return row, known


def _none(task_id: UUID) -> NotFound:
    return NotFound(NO_TASK, task_id=task_id)


OWN: Final = (
    user_tasks.c.id == sa.bindparam("task_id", type_=sa.Uuid),
    user_tasks.c.authority_id == sa.bindparam("authority_id", type_=sa.Uuid),
)
_ASKED: Final = sa.select(
    user_tasks.c.id, user_tasks.c.case_id, user_tasks.c.name, user_tasks.c.form_id, user_tasks.c.assignee_id,
    user_tasks.c.candidate_groups, user_tasks.c.personal, user_tasks.c.state,
    authorities.c.version.label("authority_version"),
).join(authorities, authorities.c.id == user_tasks.c.authority_id).where(*OWN)  # fmt: skip
