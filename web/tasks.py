"""My tasks, and the page of one task: claim it, hand it back, give it away, save a draft, complete it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import user_tasks
from engine.errors import Conflict, Invalid, KeyUsed
from engine.feel import Environment
from engine.forms import Form, InvalidAnswers
from engine.queries import case_file, people, worklist
from engine.queries.worklist import TaskPage
from web import access, task_forms
from web.current import actor, engine
from web.errors import SENT_BEFORE
from web.form_views import chosen_ids
from web.schemas import version_seen

blueprint = Blueprint("tasks", __name__)

REFRESH: Final = "refresh:"
"""Begins the value of a button that shows a table of the form anew; the rest is the table's id."""

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
    offered = worklist.tasks(engine(), actor=actor(), whose="unclaimed", limit=1).count if whose == "mine" else 0
    shown = [each for each in groups if each[1]]
    return render_template("tasks/list.html", whose=whose, views=VIEWS, groups=shown, found=found, offered=offered)


@blueprint.get("/tasks/<uuid:task_id>")
@access.signed_in
def page(task_id: UUID) -> ResponseReturnValue:
    """Show one task: why, by when, what happens next, and its form."""
    task = worklist.task(engine(), actor=actor(), task_id=task_id)
    return _page(task, answers=task.prefill if task.draft is None else task.draft)


@blueprint.post("/tasks/<uuid:task_id>")
@access.signed_in
def answer(task_id: UUID) -> ResponseReturnValue:
    """Keep what was typed: as a draft however incomplete, as the answer, or with a row more or less."""
    task = worklist.task(engine(), actor=actor(), task_id=task_id)
    typed = task_forms.answers_from_post(task.form, request.form) if task.form else {}
    act = request.form.get("act", "draft")
    if act == "complete":
        return _complete(task, typed)
    changed = task_forms.edit_rows(task.form, typed, act) if task.form else None
    if changed is not None:
        return _save_draft(task, changed, anchor=None)
    return _save_draft(task, typed, anchor=act.removeprefix(REFRESH) if act.startswith(REFRESH) else "saved")


@blueprint.post("/tasks/<uuid:task_id>/claim")
@access.signed_in
def claim(task_id: UUID) -> ResponseReturnValue:
    """Take the task."""
    user_tasks.claim(engine(), actor=actor(), task_id=task_id)
    return redirect(url_for("tasks.page", task_id=task_id), 303)


@blueprint.post("/tasks/<uuid:task_id>/hand-back")
@access.signed_in
def hand_back(task_id: UUID) -> ResponseReturnValue:
    """Give the task back to those who may take it."""
    user_tasks.release(engine(), actor=actor(), task_id=task_id)
    flash("You have handed the task back. What you had drafted is kept with it.")
    return redirect(url_for("tasks.mine"), 303)


@blueprint.post("/tasks/<uuid:task_id>/give")
@access.signed_in
def give(task_id: UUID) -> ResponseReturnValue:
    """Give the task to somebody else."""
    task = worklist.task(engine(), actor=actor(), task_id=task_id)
    chosen = next((person for person in task.people if str(person.practitioner_id) == request.form.get("to")), None)
    draft = task.prefill if task.draft is None else task.draft
    if chosen is None:
        return _page(task, answers=draft, errors={"to": "Choose who to give this to"}, status=422)
    try:
        warning = user_tasks.reassign(engine(), actor=actor(), task_id=task_id, to=chosen.practitioner_id)
    except Invalid as wrong:
        return _page(task, answers=draft, errors={"to": wrong.message}, status=422)
    flash(f"{chosen.name} now has “{task.name}”. {warning}".strip())
    return redirect(url_for("tasks.mine"), 303)


def _complete(task: TaskPage, typed: Mapping[str, Any]) -> ResponseReturnValue:
    try:
        seen = version_seen(request.form, "expected_version")
    except Invalid as wrong:
        return _page(task, answers=typed, conflict=wrong.message, status=422)
    try:
        done = user_tasks.complete(
            engine(),
            actor=actor(),
            task_id=task.task_id,
            answers=typed,
            expected_version=seen,
            request_key=request.form.get("request_key", ""),
        )
    except InvalidAnswers as wrong:
        return _page(task, answers=typed, errors=wrong.errors, status=422)
    except Invalid as wrong:
        errors = {str(wrong.details.get("field") or "form"): wrong.message}
        return _page(task, answers=typed, errors=errors, status=422)
    except Conflict as conflict:
        now = worklist.task(engine(), actor=actor(), task_id=task.task_id)
        said = SENT_BEFORE if isinstance(conflict, KeyUsed) else conflict.message
        return _page(now, answers=typed, conflict=said, status=409)
    flash(f"“{task.name}” is finished.")
    # This task may have been all that let the person see the case.
    if case_file.may_open(engine(), actor=actor(), case_id=done.case_id):
        return redirect(url_for("cases.page", case_id=done.case_id), 303)
    return redirect(url_for("tasks.mine"), 303)


def _save_draft(task: TaskPage, typed: Mapping[str, Any], *, anchor: str | None) -> ResponseReturnValue:
    try:
        user_tasks.save_draft(engine(), actor=actor(), task_id=task.task_id, answers=typed)
    except Conflict as conflict:
        now = worklist.task(engine(), actor=actor(), task_id=task.task_id)
        return _page(now, answers=typed, conflict=conflict.message, status=409)
    return redirect(url_for("tasks.page", task_id=task.task_id, _anchor=anchor), 303)


def _page(
    task: TaskPage,
    *,
    answers: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
    conflict: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    view = _view(task.form, task, answers, errors or {}) if task.form else None
    page = render_template(
        "tasks/task.html",
        task=task,
        fields=task_forms.render(view) if view else "",
        errors={**(errors or {}), **(view.errors if view else {})},
        error_targets=view.targets if view else {},
        conflict=conflict,
        request_key=(not conflict and request.form.get("request_key")) or secrets.token_urlsafe(16),
        # After a refusal the page stays what the person was looking at: its version is the one they judged by.
        version=request.form.get("expected_version", task.version) if errors else task.version,
    )
    return page, status


def _view(form: Form, task: TaskPage, answers: Mapping[str, Any], errors: Mapping[str, str]) -> task_forms.FormView:
    environment = Environment(now=g.now, zone=g.zone, warnings=[], host=None)
    raw = task_forms.raw_answers(form, answers, zone=g.zone)
    known = {path: text for path, text in errors.items() if path != "to"}
    offered = {option.value for choices in task.options.values() for option in choices}
    gone = {each for each in chosen_ids(raw) if str(each) not in offered}
    names = people.names(engine(), actor=actor(), ids=gone)
    return task_forms.form_view(
        form, raw, environment=environment, errors=known, options=task.options, variables=task.shown, names=names
    )
