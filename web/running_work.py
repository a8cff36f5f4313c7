"""What runs on a case, and putting it right: another day for a task or a timer, a diagram stopped, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import running_work as acts
from engine.errors import Conflict, Invalid, NotFound
from engine.queries import case_file, moving_on, running_work
from engine.queries.moving_on import MovableProcess, Preview
from engine.queries.running_work import RunningProcess, RunningTask, RunningTimer
from web import access
from web.current import actor, engine
from web.day_fields import day_needed

blueprint = Blueprint("running_work", __name__)

What = RunningTask | RunningTimer | RunningProcess


@blueprint.get("/cases/<uuid:case_id>/running")
@access.signed_in
def page(case_id: UUID) -> ResponseReturnValue:
    """Show what runs on a case."""
    found = running_work.of_case(engine(), actor=actor(), case_id=case_id)
    return render_template("cases/running.html", case=_case(case_id), found=found)


@blueprint.route("/cases/<uuid:case_id>/running/<uuid:what_id>", methods=["GET", "POST"])
@access.signed_in
def change(case_id: UUID, what_id: UUID) -> ResponseReturnValue:
    """Ask for another day or whether a diagram is to stop, after showing what ends with it, and why; then do it."""
    what, process = _found(case_id, what_id)
    if request.method == "GET":
        return _change_page(case_id, what, process, {}, {})
    typed = request.form
    try:
        said = _change(case_id, what, typed)
    except (Invalid, Conflict) as wrong:
        errors = {str(wrong.details.get("field") or "why"): wrong.message}
        return _change_page(case_id, what, process, typed, errors), 422 if isinstance(wrong, Invalid) else 409
    flash(said)
    return redirect(url_for("running_work.page", case_id=case_id), 303)


@blueprint.route("/cases/<uuid:case_id>/running/<uuid:instance_id>/move", methods=["GET", "POST"])
@access.signed_in
def move(case_id: UUID, instance_id: UUID) -> ResponseReturnValue:
    """Ask at which step a diagram is to go on, show what would end and begin with it, ask why; then do it."""
    asked: dict[str, Any] = {"actor": actor(), "case_id": case_id, "instance_id": instance_id}
    found = moving_on.movable(engine(), **asked)
    chosen = _chosen(request.values)
    if chosen is None:
        errors = {"step": "Choose where it is to go on"} if "step" in request.values else {}
        return _move_page(case_id, found, None, request.values, errors), 422 if errors else 200
    token_id, to = chosen
    try:
        preview = moving_on.preview(engine(), **asked, token_id=token_id, to=to)
    except (Invalid, Conflict, NotFound) as wrong:
        return _move_page(case_id, found, None, request.values, {"step": wrong.message}), 422
    if request.method == "GET":
        return _move_page(case_id, found, preview, request.values, {})
    try:
        acts.move_process(engine(), **asked, token_id=token_id, to=to, why=request.form.get("why", ""))
    except (Invalid, Conflict) as wrong:
        errors = {str(wrong.details.get("field") or "why"): wrong.message}
        status = 422 if isinstance(wrong, Invalid) else 409
        return _move_page(case_id, found, preview, request.values, errors), status
    flash(f"“{preview.process}” goes on at “{preview.goes_on_at}”. Whoever had a task that ended is told.")
    return redirect(url_for("running_work.page", case_id=case_id), 303)


def _chosen(values: Mapping[str, str]) -> tuple[UUID, str] | None:
    """Return where a diagram waits and the step at which it is to go on, as one choice of a page names both."""
    token, _, to = values.get("step", "").partition(":")
    try:
        return (UUID(token), to) if to else None
    except ValueError:
        return None


def _move_page(
    case_id: UUID, found: MovableProcess, preview: Preview | None, values: Mapping[str, Any], errors: Mapping[str, str]
) -> str:
    return render_template(
        "cases/running_move.html",
        case=_case(case_id), found=found, preview=preview, values=values, errors=errors,
    )  # fmt: skip


def _change(case_id: UUID, what: What, typed: Mapping[str, str]) -> str:
    asked: dict[str, Any] = {"actor": actor(), "case_id": case_id, "why": typed.get("why", "")}
    if isinstance(what, RunningProcess):
        acts.cancel_process(engine(), **asked, instance_id=what.instance_id)
        return f"“{what.name}” is stopped."
    on = day_needed(typed, "on", "Enter the new day")
    if isinstance(what, RunningTimer):
        acts.move_timer(engine(), **asked, timer_id=what.timer_id, on=on)
        return f"“{what.name}” has another day."
    acts.move_due_date(engine(), **asked, task_id=what.task_id, due_on=on, version=what.version)
    return f"“{what.name}” has another day. Whoever has it is told."


def _found(case_id: UUID, what_id: UUID) -> tuple[What, RunningProcess]:
    for process in running_work.of_case(engine(), actor=actor(), case_id=case_id):
        for task in process.tasks:
            if task.task_id == what_id:
                return task, process
        for timer in process.timers:
            if timer.timer_id == what_id:
                return timer, process
        if process.instance_id == what_id:
            return process, process
    raise NotFound("This does not run on the case any more", case_id=case_id)


def _case(case_id: UUID) -> Any:
    return case_file.read(engine(), actor=actor(), case_id=case_id)


def _change_page(
    case_id: UUID, what: What, process: RunningProcess, values: Mapping[str, Any], errors: Mapping[str, str]
) -> str:
    kind = {RunningTask: "task", RunningTimer: "timer", RunningProcess: "process"}[type(what)]
    return render_template(
        "cases/running_change.html",
        case=_case(case_id), what=what, kind=kind, process=process, values=values, errors=errors,
        what_id=getattr(what, f"{kind}_id" if kind != "process" else "instance_id"),
    )  # fmt: skip
