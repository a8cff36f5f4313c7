"""Drafts of tasks: save themselves, every revision to look at and take back, two brought together field by field."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from engine.commands import user_tasks
from engine.errors import Conflict, NotFound
from engine.feel import Environment
from engine.queries import task_drafts
from engine.queries.task_drafts import Fillable, Revision, Two
from engine.queries.task_page import TaskPage
from web import access, said, task_forms
from web.current import actor, engine
from web.words import clock_time

blueprint = Blueprint("task_drafts", __name__)

BESIDE: Final = "What you typed is kept with the task under your name, for whoever has it."


@blueprint.get("/tasks/<uuid:task_id>/draft")
@access.signed_in
def state(task_id: UUID) -> ResponseReturnValue:
    """Return, for the script of a page, the token to send forms with; who is signed out is sent to sign in."""
    task_drafts.form_of(engine(), actor=actor(), task_id=task_id)
    return jsonify(token=generate_csrf())


@blueprint.post("/tasks/<uuid:task_id>/draft")
@access.signed_in
def keep(task_id: UUID) -> ResponseReturnValue:
    """Keep what is typed, for the script of the page: as the draft, or aside when somebody saved another meanwhile."""
    filled = task_drafts.form_of(engine(), actor=actor(), task_id=task_id)
    typed = task_forms.answers_from_post(filled.form, request.form)
    base = request.form.get("draft_base") or None
    try:
        kept = user_tasks.save_draft(
            engine(), actor=actor(), task_id=task_id, answers=typed, base=base, by_itself=True, beside=True
        )
    except Conflict as conflict:
        return jsonify(closed=conflict.message), 409
    if not kept.theirs:
        return jsonify(saved=clock_time(kept.saved_at), base=base, merge="", hidden=[], gone=f"{filled.gone} {BESIDE}")
    merge = url_for("task_drafts.merge", task_id=task_id) if kept.aside else ""
    base = base if kept.aside else kept.base
    return jsonify(saved=clock_time(kept.saved_at), base=base, merge=merge, hidden=_hidden(filled, typed))


def _hidden(filled: Fillable, typed: Mapping[str, Any]) -> list[str]:
    """Return the conditions of the page that hide something, with these answers."""
    environment = Environment(now=g.now, zone=g.zone, warnings=[], host=None)
    raw = task_forms.raw_answers(filled.form, typed, zone=g.zone)
    view = task_forms.form_view(
        filled.form, raw, environment=environment, options=filled.options, variables=filled.shown
    )
    return view.hidden


@blueprint.get("/tasks/<uuid:task_id>/drafts")
@access.signed_in
def index(task_id: UUID) -> ResponseReturnValue:
    """List what was drafted for a task, by whom and when."""
    task, found = task_drafts.revisions(engine(), actor=actor(), task_id=task_id)
    counts = {each.revision: sum(bool(one.answer) for one in _questions(task, each.answers)) for each in found}
    return render_template("tasks/drafts.html", task=task, revisions=found, counts=counts)


@blueprint.get("/tasks/<uuid:task_id>/drafts/<revision>")
@access.signed_in
def look(task_id: UUID, revision: str) -> ResponseReturnValue:
    """Show one revision."""
    task, found = _revision(task_id, revision)
    return render_template("tasks/draft.html", task=task, found=found, questions=_questions(task, found.answers))


@blueprint.post("/tasks/<uuid:task_id>/drafts/<revision>")
@access.signed_in
def take_back(task_id: UUID, revision: str) -> ResponseReturnValue:
    """Go back to a revision: it becomes the newest, and those since stay."""
    task, found = _revision(task_id, revision)
    whose = found.by_id if found.aside else None
    user_tasks.save_draft(engine(), actor=actor(), task_id=task_id, answers=found.answers, settles=whose)
    flash("The draft is as it was then. What was typed since is kept among the earlier drafts.")
    return redirect(url_for("tasks.page", task_id=task.task_id), 303)


@blueprint.get("/tasks/<uuid:task_id>/merge")
@access.signed_in
def merge(task_id: UUID) -> ResponseReturnValue:
    """Show what two people typed, question by question, to choose from."""
    try:
        return _merge_page(task_drafts.two(engine(), actor=actor(), task_id=task_id))
    except NotFound:
        return redirect(url_for("tasks.page", task_id=task_id), 303)


@blueprint.post("/tasks/<uuid:task_id>/merge")
@access.signed_in
def bring_together(task_id: UUID) -> ResponseReturnValue:
    """Keep what was chosen as the draft; both of the two stay among the earlier ones."""
    two = task_drafts.two(engine(), actor=actor(), task_id=task_id)
    if request.form.get("base") != two.base:
        return _merge_page(two, "Somebody saved more meanwhile. Look again at what differs."), 409
    theirs, mine = _raw(two.task, two.theirs.answers), _raw(two.task, two.mine.answers)
    chosen = deepcopy(theirs)
    for question, *_ in _different(two):
        take = request.form.get(question.name, "theirs")
        if take == "both" and question.text:
            both = f"{said.at(theirs, question.path)}\n\n{said.at(mine, question.path)}"
            said.put(chosen, question.path, both)
        elif take == "mine":
            said.put(chosen, question.path, said.at(mine, question.path))
    kept = user_tasks.save_draft(
        engine(), actor=actor(), task_id=task_id, answers=chosen, base=two.base, settles=two.mine.by_id
    )
    if kept.aside:
        return redirect(url_for("task_drafts.merge", task_id=task_id), 303)
    flash("The two are one draft now. Both are kept among the earlier drafts.")
    return redirect(url_for("tasks.page", task_id=task_id), 303)


def _merge_page(two: Two, problem: str = "") -> str:
    return render_template("tasks/merge.html", two=two, different=_different(two), problem=problem)


def _different(two: Two) -> list[tuple[said.Question, said.Question]]:
    """Return the questions that the two answer differently: theirs, mine."""
    theirs, mine = _questions(two.task, two.theirs.answers), _questions(two.task, two.mine.answers)
    return [(one, other) for one, other in zip(theirs, mine, strict=True) if one.answer != other.answer]


def _revision(task_id: UUID, revision: str) -> tuple[TaskPage, Revision]:
    task, found = task_drafts.revisions(engine(), actor=actor(), task_id=task_id)
    for each in found:
        if str(each.revision) == revision:
            return task, each
    raise NotFound("There is no such draft", task_id=task_id)


def _questions(task: TaskPage, answers: Mapping[str, Any]) -> list[said.Question]:
    if task.form is None:
        return []
    return said.questions(task.form, _raw(task, answers), task.options)


def _raw(task: TaskPage, answers: Mapping[str, Any]) -> dict[str, Any]:
    return task_forms.raw_answers(task.form, answers, zone=g.zone) if task.form else dict(answers)
