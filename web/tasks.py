"""My tasks, and the page of one task: claim it, hand it back, give it away, save a draft, complete it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import user_tasks
from engine.errors import Conflict
from engine.forms import InvalidAnswers
from engine.queries import worklist
from web import access, task_forms
from web.current import actor, engine

blueprint = Blueprint("tasks", __name__)

VIEWS: Final = {"mine": "Mine", "team": "My team's", "unclaimed": "Nobody's yet", "overdue": "Overdue"}
GROUPS: Final = {
    "critically_overdue": "Critically overdue",
    "overdue": "Overdue",
    "due_soon": "Due soon",
    "not_due": "Not due yet",
}


@blueprint.get("/")
@access.signed_in
def home() -> ResponseReturnValue:
    """Go to the first page of the day."""
    return redirect(url_for("tasks.mine"), 303)


@blueprint.get("/tasks")
@access.signed_in
def mine() -> ResponseReturnValue:
    """List the tasks that wait, by how late they are, soonest first."""
    whose = request.args.get("whose", "mine")
    if whose not in VIEWS:
        return redirect(url_for("tasks.mine"), 303)
    found = worklist.tasks(engine(), actor=actor(), whose=whose, after=request.args.get("after"))
    groups = [(words, [row for row in found.rows if row.due_state == state]) for state, words in GROUPS.items()]
    return render_template(
        "tasks/list.html", whose=whose, views=VIEWS, groups=[each for each in groups if each[1]], found=found
    )


@blueprint.get("/tasks/<uuid:task_id>")
@access.signed_in
def page(task_id: UUID) -> ResponseReturnValue:
    """Show one task: why, by when, what happens next, and its form."""
    task = worklist.task(engine(), actor=actor(), task_id=task_id)
    return _task_page(task, answers=task.draft if task.draft is not None else task.prefill)
