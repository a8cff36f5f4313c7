"""User tasks: list, open, claim, hand back, reassign, draft, complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE, fields, validate

from engine.commands import user_tasks
from engine.queries import worklist
from web import access
from web.current import actor, engine
from web.schemas import Sent, request_key

blueprint = Blueprint("api-tasks", __name__, url_prefix="/api/tasks", description="User tasks")


class Which(Sent):
    """Which tasks to list."""

    whose = fields.String(
        load_default="mine", validate=validate.OneOf(("mine", "team", "unclaimed", "overdue"))
    )
    after = fields.String(load_default=None, metadata={"description": "`next` of the page before"})
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class TaskRow(Sent):
    """One open task."""

    task_id = fields.UUID()
    case_id = fields.UUID()
    name = fields.String()
    element_id = fields.String()
    child_name = fields.String()
    why = fields.String()
    assignee_name = fields.String(allow_none=True)
    due_on = fields.Date(allow_none=True)
    due_state = fields.String()
    days = fields.Integer(allow_none=True, metadata={"description": "Working days late or left, as due_state says"})
    opened_at = fields.AwareDateTime()


class TaskList(Sent):
    """A page of tasks, soonest first."""

    rows = fields.List(fields.Nested(TaskRow))
    next = fields.String(allow_none=True)


class Task(TaskRow):
    """One task with its form's answers so far."""

    documentation = fields.String()
    state = fields.String()
    version = fields.Integer()
    form = fields.Function(lambda task: task.form.key if task.form else None, metadata={"type": "string"})
    draft = fields.Dict(allow_none=True)
    saved_at = fields.AwareDateTime(allow_none=True)
    prefill = fields.Dict()
    can = fields.Function(lambda task: sorted(task.can), metadata={"type": "array", "items": {"type": "string"}})


class Answers(Sent):
    """Answers of the task's form, by its keys."""

    answers = fields.Dict(keys=fields.String(), required=True)


class Completion(Answers):
    """The answers, and the version of the task they were given to."""

    expected_version = fields.Integer(required=True, strict=True)
    request_key = request_key()


class Reassignment(Sent):
    """Who is to have the task."""

    to = fields.UUID(required=True, metadata={"description": "A practitioner's id"})


class Completed(Sent):
    """What completing led to."""

    case_id = fields.UUID()


@blueprint.route("", methods=["GET"])
@access.signed_in
@blueprint.arguments(Which, location="query", unknown=RAISE)
@blueprint.response(200, TaskList)
def list_tasks(which: Mapping[str, Any]) -> Any:
    """List open tasks, soonest first."""
    return worklist.tasks(engine(), actor=actor(), **which)


@blueprint.route("/<uuid:task_id>", methods=["GET"])
@access.signed_in
@blueprint.response(200, Task)
def read_task(task_id: UUID) -> Any:
    """Read one task."""
    return worklist.task(engine(), actor=actor(), task_id=task_id)


@blueprint.route("/<uuid:task_id>/claim", methods=["POST"])
@access.signed_in
@blueprint.response(204)
def claim(task_id: UUID) -> None:
    """Take an unclaimed task."""
    user_tasks.claim(engine(), actor=actor(), task_id=task_id)


@blueprint.route("/<uuid:task_id>/release", methods=["POST"])
@access.signed_in
@blueprint.response(204)
def release(task_id: UUID) -> None:
    """Hand a task back."""
    user_tasks.release(engine(), actor=actor(), task_id=task_id)


@blueprint.route("/<uuid:task_id>/reassign", methods=["POST"])
@access.signed_in
@blueprint.arguments(Reassignment)
@blueprint.response(204)
def reassign(sent: Mapping[str, Any], task_id: UUID) -> None:
    """Give a task to somebody else."""
    user_tasks.reassign(engine(), actor=actor(), task_id=task_id, to=sent["to"])


@blueprint.route("/<uuid:task_id>/draft", methods=["PUT"])
@access.signed_in
@blueprint.arguments(Answers)
@blueprint.response(204)
def save_draft(sent: Mapping[str, Any], task_id: UUID) -> None:
    """Keep answers as a draft, however incomplete."""
    user_tasks.save_draft(engine(), actor=actor(), task_id=task_id, answers=sent["answers"])


@blueprint.route("/<uuid:task_id>/complete", methods=["POST"])
@access.signed_in
@blueprint.arguments(Completion)
@blueprint.response(200, Completed)
def complete(sent: Mapping[str, Any], task_id: UUID) -> Any:
    """Complete a task; 422 lists what each answer lacks, 409 says who came first."""
    return user_tasks.complete(engine(), actor=actor(), task_id=task_id, **sent)
