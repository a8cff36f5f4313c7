"""What was drafted for a task: every revision, one of them, and two that have to be brought together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.errors import NotFound
from engine.forms import Form, Option
from engine.process_engine import ProcessEngine
from engine.queries import task_page, worklist
from engine.queries.task_page import TaskPage
from engine.queries.view import View, viewing
from engine.store import task_drafts as drafts
from engine.store.tables.people import practitioners
from engine.store.tables.running import task_drafts


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a draft, by whom and when; `answers` as typed. `aside` did not become the draft."""

    revision: int
    who: str
    by_id: UUID
    saved_at: datetime
    answers: Mapping[str, Any]
    aside: bool


@dataclass(frozen=True, slots=True)
class Two:
    """The draft as it is now and what the actor typed on top of an older one; `base` names the draft."""

    task: TaskPage
    theirs: Revision
    mine: Revision
    base: str


@dataclass(frozen=True, slots=True)
class Fillable:
    """A task's form, the choices there are now, and what its conditions see besides the answers."""

    form: Form
    options: Mapping[str, list[Option]]
    shown: Mapping[str, Any]


def form_of(engine: ProcessEngine, *, actor: Actor, task_id: UUID) -> Fillable:
    """Return the form of a task, to read what is typed into a page that was opened before. Raises `NotFound`."""
    with viewing(engine, actor) as view:
        row = task_page.require(view, task_id)
        if row.form_id is None:
            raise NotFound("There is no draft to keep", task_id=task_id)
        form = view.form(row.form_id)
        return Fillable(form, task_page.options_of(view, form, row.case_id), task_page.shown_to(view, row, form))


def revisions(engine: ProcessEngine, *, actor: Actor, task_id: UUID) -> tuple[TaskPage, tuple[Revision, ...]]:
    """Return a task and all revisions of its draft, the newest first. Raises `NotFound` unless one may complete it."""
    task = _to_complete(engine, actor, task_id)
    with viewing(engine, actor) as view:
        return task, tuple(_read(view, task_id))


def two(engine: ProcessEngine, *, actor: Actor, task_id: UUID) -> Two:
    """Return the draft and what the actor typed aside. Raises `NotFound` when there is nothing to bring together."""
    task = _to_complete(engine, actor, task_id)
    with viewing(engine, actor) as view:
        found = _read(view, task_id)
        newest = drafts.newest(view.connection, task_id)
        mine = next((each for each in found if each.aside and each.by_id == actor.practitioner_id), None)
        theirs = next((each for each in found if newest is not None and each.revision == newest.revision), None)
        if mine is None or theirs is None or newest is None:
            raise NotFound("There is nothing to bring together", task_id=task_id)
        return Two(task, theirs, mine, newest.base)


def _to_complete(engine: ProcessEngine, actor: Actor, task_id: UUID) -> TaskPage:
    task = worklist.task(engine, actor=actor, task_id=task_id)
    if "complete" not in task.can or task.form is None:
        raise NotFound("There is no draft to see", task_id=task_id)
    return task


def _read(view: View, task_id: UUID) -> list[Revision]:
    rows = view.connection.execute(
        sa.select(task_drafts, practitioners.c.name)
        .join(practitioners, practitioners.c.id == task_drafts.c.practitioner_id)
        .where(task_drafts.c.task_id == task_id)
        .order_by(task_drafts.c.revision.desc())
    )
    return [
        Revision(row.revision, row.name, row.practitioner_id, row.saved_at, row.answers, row.aside) for row in rows
    ]
