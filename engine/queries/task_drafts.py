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
from engine.queries import task_asked, task_page, worklist
from engine.queries.task_page import TaskPage
from engine.queries.view import View, viewing
from engine.store import kept_addresses
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
    """The draft as it is now and what was typed beside it, by the actor (`mine`) or before the task came to them.

    `base` names the draft; while there is none, `theirs` is what the form is filled in with and nobody's revision 0.
    """

    task: TaskPage
    theirs: Revision
    mine: Revision
    base: str


@dataclass(frozen=True, slots=True)
class Fillable:
    """A task's form, the choices there are now, and what its conditions see besides the answers.

    `gone` is that of `task_asked.Asked`; there are no choices for whom the page is not open to any more.
    """

    form: Form
    options: Mapping[str, list[Option]]
    shown: Mapping[str, Any]
    gone: str = ""


def form_of(engine: ProcessEngine, *, actor: Actor, task_id: UUID) -> Fillable:
    """Return the form of a task, to read what is typed into a page that was opened before. Raises `NotFound`."""
    asked = task_asked.asked(engine, actor=actor, task_id=task_id)
    if asked.form is None:
        raise NotFound("There is no draft to keep", task_id=task_id)
    if not asked.known:
        return Fillable(asked.form, {}, {}, asked.gone)
    with viewing(engine, actor) as view:
        row, form = task_page.require(view, task_id), asked.form
        options, shown = task_page.options_of(view, form, row.case_id), task_page.shown_to(view, row, form)
        return Fillable(form, options, shown, asked.gone)


def revisions(engine: ProcessEngine, *, actor: Actor, task_id: UUID) -> tuple[TaskPage, tuple[Revision, ...]]:
    """Return a task and all revisions of its draft, the newest first. Raises `NotFound` unless one may complete it."""
    task = _to_complete(engine, actor, task_id)
    with viewing(engine, actor) as view:
        return task, tuple(_read(view, task))


def two(engine: ProcessEngine, *, actor: Actor, task_id: UUID) -> Two:
    """Return the draft and what the actor typed aside. Raises `NotFound` when there is nothing to bring together."""
    task = _to_complete(engine, actor, task_id)
    with viewing(engine, actor) as view:
        newest, aside = drafts.newest(view.connection, task_id), task_page.beside(view, task_id, task.assignee_id)
        if aside is None:
            raise NotFound("There is nothing to bring together", task_id=task_id)
        found = {each.revision: each for each in _read(view, task)}
        mine = found[aside.revision]
        if newest is None:
            form = Revision(0, "", actor.practitioner_id, mine.saved_at, task.prefill, aside=False)
            return Two(task, form, mine, drafts.NOTHING)
        return Two(task, found[newest.revision], mine, newest.base)


def _to_complete(engine: ProcessEngine, actor: Actor, task_id: UUID) -> TaskPage:
    task = worklist.task(engine, actor=actor, task_id=task_id)
    if "complete" not in task.can or task.form is None:
        raise NotFound("There is no draft to see", task_id=task_id)
    return task


def _read(view: View, task: TaskPage) -> list[Revision]:
    rows = view.connection.execute(
        sa.select(task_drafts, practitioners.c.name)
        .join(practitioners, practitioners.c.id == task_drafts.c.practitioner_id)
        .where(task_drafts.c.task_id == task.task_id)
        .order_by(task_drafts.c.revision.desc())
    )
    found = [
        Revision(row.revision, row.name, row.practitioner_id, row.saved_at, row.answers, row.aside) for row in rows
    ]
    return kept_addresses.left_out(view, task.case_id, found, typed=True)
