"""My work, and the page of one task: claim it, hand it back, give it away, save a draft, complete it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import comments, user_tasks
from engine.errors import Conflict, Invalid, KeyUsed, NotFound, NotPermitted
from engine.feel import Environment
from engine.forms import Form, InvalidAnswers
from engine.queries import case_file, guidance, people, task_drafts, worklist
from engine.queries.prefill import renewed, with_new_rows
from engine.queries.worklist import Asked, TaskPage
from web import access, my_work, said, task_files, task_forms
from web.current import actor, engine
from web.errors import SENT_BEFORE
from web.form_values import chosen_ids, me_first
from web.schemas import version_seen
from web.words import on_day

blueprint = Blueprint("tasks", __name__)

REFRESH: Final = "refresh:"
"""Begins the value of a button that shows a table of the form anew; the rest is the table's id."""


@blueprint.get("/")
@access.signed_in
def home() -> ResponseReturnValue:
    """Go to the first page of the day."""
    return redirect(url_for("tasks.mine"), 303)


@blueprint.get("/tasks")
@access.signed_in
def mine() -> ResponseReturnValue:
    """List the work that waits, by how late it is, soonest first."""
    return my_work.list_page()


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
    task = worklist.asked(engine(), actor=actor(), task_id=task_id)
    typed = task_forms.answers_from_post(task.form, request.form) if task.form else {}
    if task.gone:
        return _gone(task, typed)
    act = request.form.get("act", "draft")
    wrong = task_files.keep(task.form, task.case_id, typed, task_id=task_id) if task.form and task.known else {}
    if wrong:
        return _refused(task, typed, errors=wrong, status=422)
    if act == "complete":
        first = (_kept_aside(task, typed) or _filled_in_before(task, typed)) if task.known else None
        return first or _complete(task, typed)
    changed = task_forms.edit_rows(task.form, typed, act) if task.form else None
    if changed is not None:
        return _save_draft(task, changed, anchor=None)
    return _save_draft(task, typed, anchor=act.removeprefix(REFRESH) if act.startswith(REFRESH) else "saved")


@blueprint.post("/tasks/<uuid:task_id>/claim")
@access.signed_in
def claim(task_id: UUID) -> ResponseReturnValue:
    """Take the task; who comes second is told that it is gone, though with it went all that they saw of the case."""
    try:
        user_tasks.claim(engine(), actor=actor(), task_id=task_id)
    except NotFound:
        task = worklist.asked(engine(), actor=actor(), task_id=task_id)
        return render_template("tasks/gone.html", task=task, kept=None, questions=[]), 403
    return redirect(url_for("tasks.page", task_id=task_id), 303)


@blueprint.post("/tasks/<uuid:task_id>/hand-back")
@access.signed_in
def hand_back(task_id: UUID) -> ResponseReturnValue:
    """Give the task back to those who may take it."""
    user_tasks.release(engine(), actor=actor(), task_id=task_id)
    flash("You have handed the task back. What you had drafted is kept with it.")
    return redirect(url_for("tasks.mine"), 303)


@blueprint.post("/tasks/<uuid:task_id>/take-back")
@access.signed_in
def take_back(task_id: UUID) -> ResponseReturnValue:
    """Have a task again that was delegated."""
    user_tasks.take_back(engine(), actor=actor(), task_id=task_id)
    flash("The task is with you again. What was drafted meanwhile is kept with it.")
    return redirect(url_for("tasks.page", task_id=task_id), 303)


@blueprint.post("/tasks/<uuid:task_id>/comments")
@access.signed_in
def comment(task_id: UUID) -> ResponseReturnValue:
    """Keep what somebody says about the task, who may see its case."""
    worklist.asked(engine(), actor=actor(), task_id=task_id)
    task = worklist.task(engine(), actor=actor(), task_id=task_id)
    sent = {"text": request.form.get("comment", ""), "request_key": request.form.get("request_key", "")}
    try:
        comments.add(engine(), actor=actor(), case_id=task.case_id, about=task_id, **sent)
    except (Invalid, Conflict) as wrong:
        draft = task.prefill if task.draft is None else task.draft
        status = 422 if isinstance(wrong, Invalid) else 409
        return _page(task, answers=draft, errors={"comment": wrong.message}, status=status)
    flash("Your comment is kept. Everyone who sees the case can read it.")
    return redirect(url_for("tasks.page", task_id=task_id, _anchor="comments"), 303)


@blueprint.post("/tasks/<uuid:task_id>/give")
@access.signed_in
def give(task_id: UUID) -> ResponseReturnValue:
    """Give the task to somebody else, or ask them to do it in one's place."""
    task = worklist.task(engine(), actor=actor(), task_id=task_id)
    chosen = next((person for person in task.people if str(person.practitioner_id) == request.form.get("to")), None)
    draft = task.prefill if task.draft is None else task.draft
    if chosen is None:
        return _page(task, answers=draft, errors={"to": "Choose who to give this to"}, status=422)
    try:
        how: dict[str, Any] = {"to": chosen.practitioner_id, "why": request.form.get("why", "").strip()}
        how["delegate"] = request.form.get("delegate") == "yes" and "delegate" in task.can
        warning = user_tasks.reassign(engine(), actor=actor(), task_id=task_id, **how)
    except Invalid as wrong:
        return _page(task, answers=draft, errors={"to": wrong.message}, status=422)
    flash(f"{chosen.name} now has “{task.name}”. {warning}".strip())
    return redirect(url_for("tasks.mine"), 303)


def _complete(task: Asked, typed: Mapping[str, Any]) -> ResponseReturnValue:
    try:
        seen = version_seen(request.form, "expected_version")
    except Invalid as wrong:
        return _refused(task, typed, conflict=wrong.message, status=422)
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
        return _refused(task, typed, errors=wrong.errors, status=422)
    except Invalid as wrong:
        errors = {str(wrong.details.get("field") or "form"): wrong.message}
        return _refused(task, typed, errors=errors, status=422)
    except Conflict as conflict:
        said = SENT_BEFORE if isinstance(conflict, KeyUsed) else conflict.message
        return _refused(task, typed, conflict=said, status=409)
    flash(f"“{task.name}” is finished.")
    # This task may have been all that let the person see the case.
    if case_file.may_open(engine(), actor=actor(), case_id=done.case_id):
        return redirect(url_for("cases.page", case_id=done.case_id), 303)
    return redirect(url_for("tasks.mine"), 303)


def _kept_aside(task: Asked, typed: Mapping[str, Any]) -> ResponseReturnValue | None:
    """Lead to where two drafts are brought together when somebody saved other answers since this page was made."""
    base = request.form.get("draft_base")
    now = worklist.task(engine(), actor=actor(), task_id=task.task_id) if base else None
    if now is None or "complete" not in now.can:
        return None
    unseen = (
        now.aside and now.aside.by_id != actor().practitioner_id and request.form.get("draft_beside") != now.aside.base
    )
    if base == now.draft_base and not unseen:
        return None
    kept = user_tasks.save_draft(engine(), actor=actor(), task_id=task.task_id, answers=typed, base=base)
    return redirect(url_for("task_drafts.merge", task_id=task.task_id), 303) if kept.aside or unseen else None


def _filled_in_before(task: Asked, typed: Mapping[str, Any]) -> ResponseReturnValue | None:
    """Ask once whether a day is right that was filled in as today when the page was opened, on an earlier day."""
    opened = request.form.get("made_on", "")
    if task.form is None or opened in ("", g.today.isoformat()):
        return None
    try:
        opened_on = date.fromisoformat(opened)
    except ValueError:
        return None
    known = worklist.task(engine(), actor=actor(), task_id=task.task_id).prefill
    now = renewed(task.form, typed, known, saved_on=opened_on, today=g.today)
    asks = f"This day was filled in when you opened the page, {on_day(opened_on)}. Leave or change it, then save again"
    errors = {key: asks for key, value in typed.items() if now[key] != value}
    return _refused(task, typed, errors=errors, status=422) if errors else None


def _save_draft(task: Asked, typed: Mapping[str, Any], *, anchor: str | None) -> ResponseReturnValue:
    base = request.form.get("draft_base") or None
    try:
        kept = user_tasks.save_draft(engine(), actor=actor(), task_id=task.task_id, answers=typed, base=base)
    except Conflict as conflict:
        return _again(task, answers=typed, conflict=conflict.message, status=409)
    if kept.aside:
        return redirect(url_for("task_drafts.merge", task_id=task.task_id), 303)
    return redirect(url_for("tasks.page", task_id=task.task_id, _anchor=anchor), 303)


def _refused(task: Asked, typed: Mapping[str, Any], **shown: Any) -> ResponseReturnValue:
    """Show the page of a task as it stands now, and what is wrong; what was typed is kept as any draft is."""
    base = request.form.get("draft_base") or None
    kept = None
    if task.form:
        with suppress(Conflict):
            kept = user_tasks.save_draft(
                engine(), actor=actor(), task_id=task.task_id, answers=typed, base=base, by_itself=True
            )
    return _again(task, answers=typed, base=kept.base if kept and not kept.aside else base, kept=bool(kept), **shown)


def _gone(task: Asked, typed: Mapping[str, Any]) -> ResponseReturnValue:
    """Show what was typed into a task that is somebody else's now; for who had it, it is kept beside their draft."""
    kept = None
    if task.form:
        base = request.form.get("draft_base") or None
        how: dict[str, Any] = {"answers": typed, "base": base, "by_itself": True, "beside": True}
        with suppress(NotFound, NotPermitted, Conflict):
            kept = user_tasks.save_draft(engine(), actor=actor(), task_id=task.task_id, **how)
    return render_template("tasks/gone.html", task=task, kept=kept, questions=_said(task, typed)), 403


def _said(task: Asked, typed: Mapping[str, Any]) -> list[said.Question]:
    """Return what was typed, question by question, with the choices' names as far as the person may see the task."""
    if task.form is None:
        return []
    options = task_drafts.form_of(engine(), actor=actor(), task_id=task.task_id).options
    raw = task_forms.raw_answers(task.form, typed, zone=g.zone)
    names = people.names(engine(), actor=actor(), ids=chosen_ids(raw))
    found = said.questions(task.form, raw, options, {str(id_): name for id_, name in names.items()})
    return [each for each in found if each.answer]


def _again(task: Asked, **shown: Any) -> ResponseReturnValue:
    """Show the page of a task as it stands now, with what was typed; that alone, where the page is open no more."""
    if not task.known:
        return _gone(replace(task, gone=shown["conflict"]), shown["answers"])
    return _page(worklist.task(engine(), actor=actor(), task_id=task.task_id), **shown)


def _page(
    task: TaskPage,
    *,
    answers: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
    conflict: str = "",
    base: str | None = None,
    kept: bool = False,
    status: int = 200,
) -> ResponseReturnValue:
    view = None
    if task.form:
        view = _view(task.form, task, with_new_rows(task.form, answers, task.prefill), errors or {})
    page = render_template(
        "tasks/task.html",
        task=task,
        fields=task_forms.render(view) if view else "",
        answered=_answered(task),
        guidance=guidance.at(engine(), actor=actor(), place=task.guidance),
        takes_files=view is not None and view.takes_files,
        errors={**(errors or {}), **(view.errors if view else {})},
        error_targets=view.targets if view else {},
        conflict=conflict,
        request_key=(not conflict and request.form.get("request_key")) or secrets.token_urlsafe(16),
        draft_base=base or task.draft_base,
        kept=kept,
        comment=request.form.get("comment", ""),
        # After a refusal the page stays what the person was looking at: its version is the one they judged by.
        version=request.form.get("expected_version", task.version) if errors else task.version,
    )
    return page, status


def _answered(task: TaskPage) -> list[said.Question]:
    """Return what the person themselves answered, question by question."""
    if task.form is None or not task.answered:
        return []
    raw = task_forms.raw_answers(task.form, task.answered, zone=g.zone)
    names = people.names(engine(), actor=actor(), ids=chosen_ids(raw))
    by_id = {str(id_): name for id_, name in names.items()}
    return [each for each in said.questions(task.form, raw, task.options, by_id) if each.answer]


def _view(form: Form, task: TaskPage, answers: Mapping[str, Any], errors: Mapping[str, str]) -> task_forms.FormView:
    environment = Environment(now=g.now, zone=g.zone, warnings=[], host=None)
    raw = task_forms.raw_answers(form, answers, zone=g.zone)
    known = {path: text for path, text in errors.items() if path not in ("to", "comment")}
    offered = {source: me_first(choices, actor().practitioner_id) for source, choices in task.options.items()}
    there = {option.value for choices in offered.values() for option in choices}
    gone = {each for each in chosen_ids(raw) if str(each) not in there}
    names = people.names(engine(), actor=actor(), ids=gone)
    return task_forms.form_view(
        form, raw, environment=environment, errors=known, options=offered, variables=task.shown, names=names
    )
