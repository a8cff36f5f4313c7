"""User tasks: list, open, claim, hand back, reassign, draft, complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, url_for
from marshmallow import fields, validate

from engine.commands import comments, user_tasks
from engine.errors import NotFound
from engine.queries import worklist
from engine.queries.worklist import TaskPage
from web import access
from web.api.described import schema_of
from web.api.forms import described
from web.api.routes import Routes, with_link
from web.current import actor, engine
from web.schemas import NewComment, Sent, request_key

routes = Routes("tasks", under="/api/tasks", about="User tasks")


class Which(Sent):
    """Which tasks to list."""

    whose = fields.String(load_default="mine", validate=validate.OneOf(("mine", "team", "unclaimed", "overdue")))
    after = fields.String(load_default=None, metadata={"description": "`next` of the page before"})
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class Task(schema_of(TaskPage, without=frozenset({"form", "options", "shown"}), name="TaskRecord")):  # type: ignore[misc]
    """One task in full."""

    answers_schema = fields.Function(
        lambda page: url_for("api-tasks.read_answers_schema", task_id=page.task_id) if page.form else None,
        metadata={
            "type": ["string", "null"],
            "description": "Where the JSON Schema of its answers is; null when it has no form",
        },
    )


class Answers(Sent):
    """Answers of the task's form, by its keys."""

    answers = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "By the keys of the form: as the JSON Schema at the task's `answers_schema` says"},
    )


class Draft(Sent):
    """Answers kept as typed, valid or not, and when."""

    answers = fields.Dict(keys=fields.String())
    saved_at = fields.AwareDateTime()


class Completion(Answers):
    """The answers, and the version of the task they were given to."""

    expected_version = fields.Integer(required=True, strict=True)
    request_key = request_key()


class Reassignment(Sent):
    """Who is to have the task."""

    to = fields.UUID(required=True, metadata={"description": "A practitioner's id"})


@routes.route("GET", "", takes=Which, place="query", gives=schema_of(worklist.Worklist))
@access.signed_in
def list_tasks(which: Mapping[str, Any]) -> Any:
    """List open tasks, soonest first. `next`, and the header Link, lead to the page after."""
    return with_link(worklist.tasks(engine(), actor=actor(), **which))


@routes.route("GET", "/<uuid:task_id>", gives=Task)
@access.signed_in
def read_task(task_id: UUID) -> Any:
    """Read one task."""
    return worklist.task(engine(), actor=actor(), task_id=task_id)


@routes.route("GET", "/<uuid:task_id>/schema")
@access.signed_in
def read_answers_schema(task_id: UUID) -> Response:
    """Return the JSON Schema of the answers a task asks for, with the choices there are now."""
    task = worklist.task(engine(), actor=actor(), task_id=task_id)
    if task.form is None:
        raise NotFound("This task has no form; it takes any plain values as answers")
    return described(task.form, options=task.options)


@routes.route("POST", "/<uuid:task_id>/claim", status=204)
@access.signed_in
def claim_task(task_id: UUID) -> None:
    """Take an unclaimed task. One that is yours already stays yours."""
    user_tasks.claim(engine(), actor=actor(), task_id=task_id)


@routes.route("POST", "/<uuid:task_id>/release", status=204)
@access.signed_in
def release_task(task_id: UUID) -> None:
    """Hand a task back."""
    user_tasks.release(engine(), actor=actor(), task_id=task_id)


@routes.route("POST", "/<uuid:task_id>/reassign", takes=Reassignment, status=204)
@access.signed_in
def reassign_task(sent: Mapping[str, Any], task_id: UUID) -> None:
    """Give a task to somebody else."""
    user_tasks.reassign(engine(), actor=actor(), task_id=task_id, to=sent["to"])


@routes.route("POST", "/<uuid:task_id>/comments", takes=NewComment, status=204)
@access.signed_in
def comment_on_task(sent: Mapping[str, Any], task_id: UUID) -> None:
    """Say something about a task, open or done; everyone who sees the case can read it."""
    task = worklist.asked(engine(), actor=actor(), task_id=task_id)
    comments.add(engine(), actor=actor(), case_id=task.case_id, about=task_id, **sent)


@routes.route("PUT", "/<uuid:task_id>/draft", takes=Answers, status=204)
@access.signed_in
def save_draft(sent: Mapping[str, Any], task_id: UUID) -> None:
    """Keep answers as a draft, however incomplete."""
    user_tasks.save_draft(engine(), actor=actor(), task_id=task_id, answers=sent["answers"])


@routes.route("GET", "/<uuid:task_id>/draft", gives=Draft)
@access.signed_in
def read_draft(task_id: UUID) -> Mapping[str, Any]:
    """Read the draft of a task that you may complete; 404 when there is none, or it was thrown away."""
    found = worklist.task(engine(), actor=actor(), task_id=task_id)
    if not found.draft:
        raise NotFound("This task has no draft", task_id=task_id)
    return {"answers": found.draft, "saved_at": found.saved_at}


@routes.route("DELETE", "/<uuid:task_id>/draft", status=204)
@access.signed_in
def discard_draft(task_id: UUID) -> None:
    """Begin again with empty answers. What was drafted before stays in the record, where nobody is shown it."""
    user_tasks.save_draft(engine(), actor=actor(), task_id=task_id, answers={})


@routes.route("POST", "/<uuid:task_id>/complete", takes=Completion, gives=schema_of(user_tasks.Completed))
@access.signed_in
def complete_task(sent: Mapping[str, Any], task_id: UUID) -> Any:
    """Complete a task; 422 lists what each answer lacks, 409 says who came first."""
    return user_tasks.complete(engine(), actor=actor(), task_id=task_id, **sent)
